//! What a question makes of one point, by values alone.

use super::answer::{objective, out_of_memory};
use super::money::reference_purchase;
use super::objective::judged;
use crate::record::{PointResult, Verdict};
use crate::scenario::{Goal, Pricing, Question};

/// What decides about a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The number that is sought; lower is better where the question minimizes.
    pub value: f64,
    /// The first objective of the question that the point misses by value, whatever its intervals.
    pub misses: Option<String>,
}

impl Decided {
    /// True where this point answers the question and better than another: it meets the objectives and its number is
    /// strictly better.
    pub fn beats(&self, other: &Self, goal: Goal) -> bool {
        self.misses.is_none()
            && match goal {
                Goal::Minimize => self.value < other.value,
                Goal::Maximize => self.value > other.value,
            }
    }
}

/// The number that a question seeks at a point and whether its objectives are met; `None` where the point has no such number.
///
/// An interval that spans a limit decides nothing here: its value does.
pub fn decided(
    question: &Question,
    pricing: Option<&Pricing>,
    result: &PointResult,
) -> Option<Decided> {
    let reference =
        pricing.and_then(|pricing| reference_purchase(pricing, &result.system.hardware));
    let ((value, ..), _) = objective(question, result, reference)?;
    let missed = question.subject_to.iter().find(|slo| {
        let entry = result
            .verdicts
            .get(*slo)
            .and_then(|entries| judged(entries));
        entry.is_some_and(|entry| match entry.margin {
            Some(margin) => margin < 0.0,
            None => entry.verdict == Verdict::Fail,
        })
    });
    let misses = missed
        .cloned()
        .or_else(|| out_of_memory(result).map(|(_, miss)| miss.slo));
    Some(Decided { value, misses })
}

/// True where a point may answer a question as well as another that was found to `meet` it so: one that surely meets the
/// objectives gives way to no point that may miss them.
pub fn stands_with(question: &Question, result: &PointResult, meets: Option<Verdict>) -> bool {
    let mut entries = question.subject_to.iter().filter_map(|slo| {
        let entries = result.verdicts.get(slo)?;
        judged(entries)
    });
    meets != Some(Verdict::Pass) || entries.all(|entry| entry.verdict == Verdict::Pass)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_that_misses_an_objective_beats_nothing() {
        let of = |value, misses: Option<&str>| Decided {
            value,
            misses: misses.map(str::to_owned),
        };
        let (cheap, dear) = (of(1.0, None), of(2.0, None));
        assert!(cheap.beats(&dear, Goal::Minimize));
        assert!(dear.beats(&cheap, Goal::Maximize));
        assert!(!of(1.0, Some("chat")).beats(&dear, Goal::Minimize));
        assert!(!cheap.beats(&cheap, Goal::Minimize));
    }
}
