//! The answer to one question, group by group.

use std::collections::BTreeMap;

use super::candidate::{BestTwo, Ranked};
use super::money::{accelerators, reference_purchase};
use super::objective::{distance, judged};
use crate::record::{
    Answer, AnswerSize, Column, Metric, NearestMiss, PointResult, Source, ValueEntry, Verdict,
};
use crate::scenario::{AxisValue, Goal, LoadMode, Pricing, Question, RunPoint, SizeFor, Workload};

/// Hours of a mean month: 8 760 hours of a year over twelve.
const HOURS_PER_MONTH: f64 = 730.0;

/// One point that may be the answer.
#[derive(Debug, Clone, PartialEq)]
struct Chosen {
    key: String,
    value: (f64, Option<f64>, Option<f64>),
    unit: String,
    size: Option<AnswerSize>,
}

/// The candidates of one group.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    /// First position in the plan; groups are answered in that order.
    first: u64,
    values: Vec<(String, AxisValue)>,
    passing: BestTwo<Chosen>,
    inconclusive: BestTwo<Chosen>,
    misses: BestTwo<NearestMiss>,
}

/// What was seen for one question.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Candidates {
    groups: BTreeMap<Vec<String>, Group>,
}

impl Candidates {
    /// Sees one point.
    pub(super) fn observe(
        &mut self,
        question: &Question,
        pricing: Option<&Pricing>,
        point: &RunPoint,
        result: &PointResult,
    ) {
        let group = self.group(question, point);
        match standing(question, result) {
            Standing::Misses(distance, miss) => {
                group.misses.offer(distance, point.index, || miss);
            }
            Standing::Eligible(verdict) => {
                let reference = pricing
                    .and_then(|pricing| reference_purchase(pricing, &point.system.hardware_alias));
                let Some(objective) = objective(question, result, reference) else {
                    return;
                };
                let score = match question.goal {
                    Goal::Minimize => objective.0.0,
                    Goal::Maximize => -objective.0.0,
                };
                let two = match verdict {
                    Verdict::Pass => &mut group.passing,
                    Verdict::Inconclusive | Verdict::Fail => &mut group.inconclusive,
                };
                two.offer(score, point.index, || Chosen {
                    key: result.key.clone(),
                    value: objective.0,
                    unit: objective.1.to_owned(),
                    size: question
                        .size_for
                        .and_then(|demand| size(demand, point, result, reference)),
                });
            }
        }
    }

    fn group(&mut self, question: &Question, point: &RunPoint) -> &mut Group {
        let values: Vec<_> = question
            .per
            .iter()
            .filter_map(|axis| point.axes.iter().find(|(name, _)| name == axis))
            .cloned()
            .collect();
        let name = values.iter().map(|(_, value)| value.to_string()).collect();
        let group = self.groups.entry(name).or_insert_with(|| Group {
            first: point.index,
            values,
            passing: BestTwo::default(),
            inconclusive: BestTwo::default(),
            misses: BestTwo::default(),
        });
        group.first = group.first.min(point.index);
        group
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (name, theirs) in other.groups {
            match self.groups.get_mut(&name) {
                None => {
                    self.groups.insert(name, theirs);
                }
                Some(ours) => {
                    ours.first = ours.first.min(theirs.first);
                    ours.passing.merge(theirs.passing);
                    ours.inconclusive.merge(theirs.inconclusive);
                    ours.misses.merge(theirs.misses);
                }
            }
        }
    }

    /// The points that answers name.
    pub(super) fn points(&self) -> impl Iterator<Item = (u64, &str)> {
        fn name(ranked: &Ranked<Chosen>) -> (u64, &str) {
            (ranked.index, ranked.item.key.as_str())
        }
        self.groups.values().flat_map(|group| {
            let (two, _) = group.deciding();
            let miss = group.misses.best();
            [
                two.best().map(name),
                two.second().map(name),
                miss.map(|ranked| (ranked.index, ranked.item.key.as_str())),
            ]
            .into_iter()
            .flatten()
        })
    }

    /// One answer for each group, in plan order; one that says "none" where no point was seen.
    pub(super) fn answers(&self, question: &Question) -> Vec<Answer> {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by_key(|group| group.first);
        if groups.is_empty() {
            return vec![no_answer(question)];
        }
        groups
            .into_iter()
            .map(|group| group.answer(question))
            .collect()
    }
}

impl Group {
    /// Passing points decide; where there is none, those that cannot be judged for sure.
    fn deciding(&self) -> (&BestTwo<Chosen>, Verdict) {
        if self.passing.best().is_some() {
            (&self.passing, Verdict::Pass)
        } else {
            (&self.inconclusive, Verdict::Inconclusive)
        }
    }

    fn answer(&self, question: &Question) -> Answer {
        let (two, verdict) = self.deciding();
        let none = Answer {
            group: self.values.clone(),
            ..no_answer(question)
        };
        match two.best() {
            None => Answer {
                nearest_miss: self.misses.best().map(|ranked| ranked.item.clone()),
                ..none
            },
            Some(best) => Answer {
                key: Some(best.item.key.clone()),
                value: Some(best.item.value),
                unit: best.item.unit.clone(),
                verdict: Some(verdict),
                runner_up: two.second().map(|second| second.item.key.clone()),
                size: best.item.size.clone(),
                ..none
            },
        }
    }
}

pub(super) fn no_answer(question: &Question) -> Answer {
    Answer {
        question: question.name.clone(),
        group: Vec::new(),
        headline: question.headline,
        key: None,
        objective: question.objective.clone(),
        value: None,
        unit: String::new(),
        verdict: None,
        runner_up: None,
        size: None,
        nearest_miss: None,
        search: None,
    }
}

enum Standing {
    Eligible(Verdict),
    /// With the distance to what is missed.
    Misses(f64, NearestMiss),
}

/// The worst verdict of the objectives that a question names; a point that does not fit is never eligible.
fn standing(question: &Question, result: &PointResult) -> Standing {
    let mut worst = Verdict::Pass;
    let mut farthest: Option<(f64, NearestMiss)> = None;
    for slo in &question.subject_to {
        let Some(entry) = result.verdicts.get(slo).and_then(|entries| judged(entries)) else {
            continue;
        };
        worst = worst.max(entry.verdict);
        let far = distance(entry);
        let is_farther = farthest.as_ref().is_none_or(|(other, _)| far > *other);
        if entry.verdict == Verdict::Fail && is_farther {
            let miss = NearestMiss {
                key: result.key.clone(),
                slo: slo.clone(),
                margin: entry.margin,
            };
            farthest = Some((far, miss));
        }
    }
    match farthest.or_else(|| out_of_memory(result)) {
        Some((distance, miss)) => Standing::Misses(distance, miss),
        None => Standing::Eligible(worst),
    }
}

/// The load's peak does not fit, although no objective fails.
pub(super) fn out_of_memory(result: &PointResult) -> Option<(f64, NearestMiss)> {
    let number = |metric| {
        result
            .predicted(Column::of(metric))
            .map(|entry| entry.value)
    };
    if number(Metric::MemoryFits)? > 0.0 {
        return None;
    }
    let share = || Some(1.0 - number(Metric::MemoryTotal)? / result.system.memory_usable_b?);
    let margin = share().filter(|share| share.is_finite());
    let miss = NearestMiss {
        key: result.key.clone(),
        slo: Metric::MemoryFits.name().to_owned(),
        margin,
    };
    Some((margin.map_or(f64::INFINITY, |margin| -margin), miss))
}

pub(super) type Objective<'a> = ((f64, Option<f64>, Option<f64>), &'a str);

/// The number that is sought: a column's predicted value, or a numeric axis.
pub(super) fn objective<'a>(
    question: &Question,
    result: &'a PointResult,
    reference: Option<&str>,
) -> Option<Objective<'a>> {
    if let Some(column) = question.column {
        let entry = reference_entry(result, column, reference)?;
        let (lo, hi) = entry
            .interval
            .map_or((None, None), |(lo, hi, _)| (Some(lo), Some(hi)));
        return Some(((entry.value, lo, hi), &entry.unit));
    }
    let (_, value) = result
        .axes
        .iter()
        .find(|(name, _)| *name == question.objective)?;
    let number = match value {
        AxisValue::Int(count) => *count as f64,
        AxisValue::Float(number) => *number,
        AxisValue::Bool(_) | AxisValue::Text(_) => return None,
    };
    Some(((number, None, None), "1"))
}

/// The predicted entry of a column at the reference purchase.
fn reference_entry<'a>(
    result: &'a PointResult,
    column: Column,
    reference: Option<&str>,
) -> Option<&'a ValueEntry> {
    result.metrics.get(&column)?.iter().find(|entry| {
        entry.source == Source::Predicted
            && (entry.purchase.is_none() || entry.purchase == reference)
    })
}

/// Copies of the point's deployment for a demand.
pub(super) fn size(
    demand: SizeFor,
    point: &RunPoint,
    result: &PointResult,
    reference: Option<&str>,
) -> Option<AnswerSize> {
    let (wanted, capacity) = match demand {
        SizeFor::Concurrency(wanted) => (wanted, in_flight(point, result)?),
        SizeFor::RequestRate(wanted) => {
            let column = Column::of(Metric::RequestThroughput);
            (wanted, result.predicted(column)?.value)
        }
    };
    fleet((wanted, capacity), point, result, reference)
}

/// Copies of the point's deployment, each of which does so much of what is wanted.
pub(super) fn fleet(
    (wanted, capacity): (f64, f64),
    point: &RunPoint,
    result: &PointResult,
    reference: Option<&str>,
) -> Option<AnswerSize> {
    let replicas = replicas(wanted, capacity)?;
    let hour = reference_entry(result, Column::of(Metric::CostPerHour), reference);
    Some(AnswerSize {
        replicas,
        accelerators: replicas * accelerators(&point.system),
        cost_per_month: hour.map(|hour| hour.value * HOURS_PER_MONTH * replicas as f64),
    })
}

/// `⌈wanted / capacity⌉`, forgiving the last bits of a quotient that should be whole.
fn replicas(wanted: f64, capacity: f64) -> Option<u64> {
    const ROUNDING: f64 = 1e-9;
    let copies = wanted / capacity;
    (copies.is_finite() && copies >= 0.0)
        .then(|| ((copies * (1.0 - ROUNDING)).ceil() as u64).max(1))
}

/// Requests in flight at a point: those of its load, or by Little's law (J. D. C. Little, Operations Research 9(3), 1961)
/// throughput times latency where the load is a rate.
fn in_flight(point: &RunPoint, result: &PointResult) -> Option<f64> {
    let Workload::Llm(llm) = &point.workload else {
        return None;
    };
    match &llm.load.mode {
        LoadMode::Concurrency(users)
        | LoadMode::BatchSize(users)
        | LoadMode::MultiStream(users) => Some(*users as f64),
        LoadMode::SingleStream => Some(1.0),
        LoadMode::RequestRate { .. }
        | LoadMode::Ramp { .. }
        | LoadMode::Offline
        | LoadMode::Trace(_) => {
            let rate = result.predicted(Column::of(Metric::RequestThroughput))?;
            let latency = result.predicted(Column::of(Metric::E2el))?;
            Some(rate.value * latency.value)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_is_rounded_up_and_never_by_a_rounding_error() {
        assert_eq!(replicas(100.0, 32.0), Some(4));
        assert_eq!(replicas(0.3, 0.1), Some(3));
        assert_eq!(replicas(1.0, 0.0), None);
    }
}
