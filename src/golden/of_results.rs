//! Results become what a golden file holds of them.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Golden, GoldenPoint, GoldenValue, MadeBy};
use crate::record::{Answer, PointResult, Results, Source, ValueEntry, Verdict};

/// What a golden is made of.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// The results.
    pub results: &'a Results,
    /// Aliases of hardware that differs between machines (`probe: local`): points on it are left out, and answers that
    /// could rest on them.
    pub local: &'a BTreeSet<String>,
    /// blake3 of the output files that the scenario's `golden.files` names, by name.
    pub files: &'a BTreeMap<String, String>,
}

/// Predictions, verdicts, bounds and answers of results.
pub fn from_results(taken: Taken<'_>) -> Golden {
    let Taken {
        results,
        local,
        files,
    } = taken;
    let inputs = &results.inputs;
    let kept = || {
        results
            .points
            .iter()
            .filter(|point| !local.contains(&point.system.hardware))
    };
    Golden {
        scenario: inputs.scenario_name.clone(),
        scenario_blake3: inputs.scenario_blake3.clone(),
        made_by: MadeBy {
            phantom_version: inputs.phantom_version.clone(),
            predictor_version: inputs.predictor_version,
            calibration: format!("{}@{}", inputs.calibration_name, inputs.calibration_blake3),
            catalog: inputs.catalog_blake3.clone(),
        },
        units: kept().flat_map(units).collect(),
        answers: results
            .answers
            .iter()
            .filter(|answer| !rests_on(answer, &results.points, local))
            .map(accepted_answer)
            .collect(),
        points: kept()
            .map(|point| (point.key.clone(), accepted_point(point, results)))
            .collect(),
        files: files.clone(),
    }
}

/// True when a point on such hardware belongs to the answer's group.
fn rests_on(answer: &Answer, points: &[PointResult], local: &BTreeSet<String>) -> bool {
    let in_group = |point: &PointResult| answer.group.iter().all(|pair| point.axes.contains(pair));
    points
        .iter()
        .any(|point| local.contains(&point.system.hardware) && in_group(point))
}

/// `question` or `question/axis=value,…`, and the key of the chosen point.
fn accepted_answer(answer: &Answer) -> (String, String) {
    let group: Vec<_> = answer
        .group
        .iter()
        .map(|(axis, value)| format!("{axis}={value}"))
        .collect();
    let name = if group.is_empty() {
        answer.question.clone()
    } else {
        format!("{}/{}", answer.question, group.join(","))
    };
    let key = answer.key.clone().unwrap_or_else(|| "none".to_owned());
    (name, key)
}

fn predicted(entries: &[ValueEntry]) -> impl Iterator<Item = &ValueEntry> {
    entries
        .iter()
        .filter(|entry| entry.source == Source::Predicted)
}

fn units(point: &PointResult) -> impl Iterator<Item = (String, String)> {
    point.metrics.iter().filter_map(|(column, entries)| {
        let entry = predicted(entries).next()?;
        Some((column.to_string(), entry.unit.clone()))
    })
}

fn accepted_point(point: &PointResult, results: &Results) -> GoldenPoint {
    let mut values = BTreeMap::new();
    for (column, entries) in &point.metrics {
        for entry in predicted(entries) {
            let name = named(&column.to_string(), entry, results);
            values.insert(name, accepted_value(entry));
        }
    }
    for (phase, bound) in &point.bound {
        let text = GoldenValue::Text((*bound).to_owned());
        values.insert(format!("bound.{phase}"), text);
    }
    for (slo, entries) in &point.verdicts {
        let predicted = entries
            .iter()
            .find(|entry| entry.source == Source::Predicted);
        if let Some(entry) = predicted {
            let verdict: Verdict = entry.verdict;
            let text = GoldenValue::Text(verdict.name().to_owned());
            values.insert(format!("verdict.{slo}"), text);
        }
    }
    GoldenPoint {
        id: point.id.clone(),
        values,
    }
}

/// The column, with the purchase where it is not the reference.
pub(super) fn named(column: &str, entry: &ValueEntry, results: &Results) -> String {
    /// An owned machine has one price, whatever purchases the scenario lists.
    const OWNED: &str = "owned";
    let pricing = results.presentation.pricing.as_ref();
    let reference = pricing.and_then(|pricing| pricing.purchase.first());
    // Where owning is one of several purchases it has a name like the others.
    let listed = pricing.is_some_and(|pricing| pricing.purchase.iter().any(|name| name == OWNED));
    match entry.purchase {
        None => column.to_owned(),
        Some(OWNED) if !listed => column.to_owned(),
        Some(purchase) if reference.is_some_and(|name| name == purchase) => column.to_owned(),
        Some(purchase) => format!("{column}.{purchase}"),
    }
}

fn accepted_value(entry: &ValueEntry) -> GoldenValue {
    if entry.unit == "bool" {
        GoldenValue::Flag(entry.value > 0.0)
    } else {
        GoldenValue::rounded(entry.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn a_point_holds_values_bounds_and_verdicts() {
        let mut results = sample::results(1);
        results.presentation.pricing = Some(crate::record::PricingSummary {
            currency: "USD".to_owned(),
            as_of: None,
            purchase: vec!["on_demand".to_owned(), "spot".to_owned()],
            utilization: 1.0,
            compare_api: Vec::new(),
        });
        let golden = from_results(Taken {
            results: &results,
            local: &BTreeSet::new(),
            files: &BTreeMap::new(),
        });
        let point = &golden.points["hardware=h100,concurrency=1"];
        let text = |name: &str| point.values[name].to_string();
        assert_eq!(text("output_throughput"), "100.5");
        assert_eq!(
            (text("cost_per_hour"), text("cost_per_hour.spot")),
            ("7.25".to_owned(), "2.5".to_owned())
        );
        assert_eq!(text("memory_fits"), "true");
        assert_eq!(text("bound.decode"), "memory-bandwidth");
        assert_eq!(text("verdict.chat"), "pass");
        assert_eq!(golden.units["p99_ttft"], "s");
        assert_eq!(
            golden.answers["1/hardware=h100"],
            "hardware=h100,concurrency=1"
        );
    }

    #[test]
    fn hardware_of_this_machine_is_left_out_with_answers_that_could_rest_on_it() {
        let results = sample::results(2);
        let golden = from_results(Taken {
            results: &results,
            local: &BTreeSet::from(["h100".to_owned()]),
            files: &BTreeMap::new(),
        });
        assert!(golden.points.is_empty() && golden.answers.is_empty());
    }
}
