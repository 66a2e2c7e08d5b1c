//! What the numbers of points rest on, and how well the pack knows their places: `fitted · device`.

use std::collections::{BTreeMap, BTreeSet};

use super::choice::Choices;
use super::label;
use crate::record::{Basis, EffectSupport, PointResult, Source};

/// What a point rests on: the basis of its numbers, and how much of its place the fit has seen.
type Both = (Option<Basis>, Option<EffectSupport>);

/// What the points of a table rest on.
#[derive(Debug, Default)]
pub struct Rests {
    /// Distinct texts, in the order of the points.
    pub texts: Vec<String>,
    /// Positions in [`Self::texts`], one for each point.
    pub values: Vec<usize>,
    /// Where what was found stands in [`Self::texts`].
    places: BTreeMap<Both, usize>,
}

impl Rests {
    /// What the points rest on.
    pub fn of(points: &[PointResult]) -> Self {
        let mut rests = Self::default();
        for point in points {
            let both = both(point);
            let place = *rests.places.entry(both).or_insert_with(|| {
                rests.texts.push(shown(both));
                rests.texts.len() - 1
            });
            rests.values.push(place);
        }
        rests
    }

    /// The words of the texts, in sentences; empty where no point has a number.
    pub fn legend(&self, choices: &Choices) -> String {
        let found = || self.places.keys();
        let bases: BTreeSet<Basis> = found().filter_map(|(basis, _)| *basis).collect();
        let supports: BTreeSet<EffectSupport> = found().filter_map(|(_, one)| *one).collect();
        if bases.is_empty() {
            return String::new();
        }
        let told = bases
            .iter()
            .map(|basis| format!("{}: {}", basis.name(), basis.meaning()));
        let told: Vec<String> = told.collect();
        let mut text = format!(
            "The last column says what a point's numbers rest on ({})",
            told.join("; ")
        );
        if !supports.is_empty() {
            let told = supports
                .iter()
                .map(|support| format!("{}: {}", support.name(), support.meaning()));
            let told: Vec<String> = told.collect();
            text.push_str(&format!(
                " and how well the pack knows its place ({})",
                told.join("; ")
            ));
        }
        text.push('.');
        let stated: Vec<String> = choices.carried.stated().map(label::column).collect();
        if !stated.is_empty() && bases.iter().any(|basis| *basis != Basis::Datasheet) {
            text.push_str(&format!(
                " On stated facts alone: {}.",
                label::list(&stated)
            ));
        }
        text
    }
}

/// What a point rests on, `fitted · device`; the basis alone under a pack that was not fitted.
pub fn text(point: &PointResult) -> String {
    shown(both(point))
}

/// The same in words, for those who choose: `calibrated on this device`; the basis alone under a pack that was not fitted.
pub fn plain(point: &PointResult) -> String {
    let (basis, support) = both(point);
    let words = match support {
        Some(EffectSupport::Group) => "calibrated on this model, device and software",
        Some(EffectSupport::Pair) => "calibrated on this device and software",
        Some(EffectSupport::Device) => "calibrated on this device",
        Some(EffectSupport::Family) => "calibrated on devices like it",
        Some(EffectSupport::Nothing) => "calibrated on nothing like it",
        None => return shown((basis, None)),
    };
    words.to_owned()
}

fn shown(both: Both) -> String {
    match both {
        (Some(basis), Some(support)) => format!("{} · {}", basis.name(), support.name()),
        (Some(basis), None) => basis.name().to_owned(),
        (None, _) => "–".to_owned(),
    }
}

fn both(point: &PointResult) -> Both {
    let support = point.evidence.as_ref().map(|known| known.support);
    (basis(point), support)
}

/// What predicted numbers of a point rest on beside stated facts, which every point has; `None` without a number.
fn basis(point: &PointResult) -> Option<Basis> {
    let entries = point.metrics.values().flatten();
    let predicted = entries.filter(|entry| entry.source == Source::Predicted);
    predicted
        .map(|entry| entry.basis)
        .reduce(|known, other| match (known, other) {
            (Basis::Datasheet, other) => other,
            (known, Basis::Datasheet) => known,
            (known, other) if known == other => known,
            (_, _) => Basis::Mixed,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Column, Metric, Results};
    use crate::report::fixture;

    fn set(results: &mut Results, metric: Metric, basis: Basis) {
        for point in &mut results.points {
            let entries = point.metrics.get_mut(&Column::of(metric));
            let entries = entries.expect("points have it");
            for entry in entries {
                entry.basis = basis;
            }
        }
    }

    #[test]
    fn a_point_rests_on_what_its_numbers_do_beside_facts() {
        let mut results = fixture::results();
        assert_eq!(text(&results.points[0]), "fitted · pair");
        let words = plain(&results.points[0]);
        assert_eq!(words, "calibrated on this device and software");
        set(&mut results, Metric::MemoryWeights, Basis::Datasheet);
        assert_eq!(text(&results.points[0]), "fitted · pair");
        set(&mut results, Metric::CostPerHour, Basis::Assumed);
        assert_eq!(text(&results.points[0]), "mixed · pair");
        let point = &mut results.points[0];
        point.evidence = None;
        let entries = point.metrics.values_mut().flatten();
        entries.for_each(|entry| entry.basis = Basis::Datasheet);
        assert_eq!(text(point), "datasheet");
        point.metrics.clear();
        assert_eq!(text(point), "–");
    }

    #[test]
    fn the_words_that_stand_there_are_explained() {
        let mut results = fixture::results();
        set(&mut results, Metric::MemoryWeights, Basis::Datasheet);
        results.points[3].evidence = None;
        let rests = Rests::of(&results.points);
        assert_eq!(rests.texts, ["fitted · pair", "fitted"]);
        assert_eq!(rests.values.len(), results.points.len());
        assert_eq!(rests.values[..5], [0, 0, 0, 1, 0]);
        assert_eq!(
            rests.legend(&Choices::of(&results)),
            "The last column says what a point's numbers rest on (fitted: equations with terms that were fitted on measurements) and how well the pack knows its place (pair: fitted on this device under this software). On stated facts alone: Memory weights."
        );
    }
}
