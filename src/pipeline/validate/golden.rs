//! Accuracy as a golden: accepted groups, and what has become worse.

use std::collections::BTreeMap;

use super::accepted::{Accepted, Accuracy, SCHEMA};
use super::account::{Group, Validation};
use crate::analyse::FEW;
use crate::diag::{Code, Diagnostic, Diagnostics, Severity};
use crate::record::{Finding, FindingClass};

/// A median error may rise by this share of itself …
const RELATIVE: f64 = 0.05;
/// … and by this much; both must be exceeded.
const ABSOLUTE: f64 = 0.005;
/// The coverage of the 90 % interval may fall by this much.
const COVERAGE: f64 = 0.03;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// Groups in both.
    pub compared: usize,
    /// Groups that are worse or gone, worst first.
    pub findings: Vec<Finding>,
}

/// The text to accept: one group on a line, numbers rounded to six digits; groups of fewer than five rows are left out.
///
/// # Panics
///
/// Never: plain data has a JSON form.
pub fn accept(validation: &Validation) -> String {
    let groups = groups(validation).map(|(by, group)| Accepted {
        by,
        coverage_90: coverage_90(group).map(rounded),
        median_ape: rounded(group.accuracy.median_ape),
        n: group.accuracy.n,
    });
    let accuracy = Accuracy {
        calibration: validation.calibration.clone(),
        groups: groups.collect(),
        predictor_version: validation.predictor_version,
        schema: SCHEMA.to_owned(),
    };
    accuracy.write()
}

/// Compares with accepted accuracy.
///
/// A group whose `median_ape` rises by more than 5 % of its value and 0.5 points, whose `coverage_90` falls by more than
/// 3 points, or that is gone, is the finding `accuracy-drift`. New groups are none.
///
/// # Errors
///
/// A diagnostic when the text is not accepted accuracy.
pub fn compare(validation: &Validation, accepted: &str) -> Result<Drift, Diagnostics> {
    let bad = |why: String| Diagnostics::from(Diagnostic::error(Code::BadResults, why, None));
    let document = Accuracy::read(accepted).map_err(bad)?;
    let found: BTreeMap<BTreeMap<String, String>, &Group> = groups(validation).collect();
    let mut compared = 0;
    let mut findings = Vec::new();
    for old in &document.groups {
        let new = found.get(&old.by);
        compared += usize::from(new.is_some());
        findings.extend(drift(old, new.copied()));
    }
    let rise =
        |finding: &Finding| finding.new.unwrap_or(f64::INFINITY) - finding.old.unwrap_or(0.0);
    findings.sort_by(|a, b| rise(b).total_cmp(&rise(a)).then(a.key.cmp(&b.key)));
    Ok(Drift { compared, findings })
}

fn drift(old: &Accepted, new: Option<&Group>) -> Vec<Finding> {
    let key = old.key();
    let finding = |column: &str, numbers: (f64, Option<f64>), message: String| Finding {
        class: FindingClass::Accuracy,
        code: Code::AccuracyDrift,
        severity: Severity::Error,
        key: Some(key.clone()),
        column: Some(column.to_owned()),
        message,
        place: None,
        old: Some(numbers.0),
        new: numbers.1,
    };
    let Some(new) = new else {
        let message = format!("{key}: the accepted group of {} rows is gone", old.n);
        return vec![finding("n", (old.n as f64, None), message)];
    };
    let mut found = Vec::new();
    let median = new.accuracy.median_ape;
    let rise = median - old.median_ape;
    if rise > RELATIVE * old.median_ape && rise > ABSOLUTE {
        let message = format!(
            "{key}: median error {:.1} % was {:.1} %",
            median * 100.0,
            old.median_ape * 100.0
        );
        found.push(finding(
            "median_ape",
            (old.median_ape, Some(median)),
            message,
        ));
    }
    if let Some((numbers, words)) = coverage_drift(old.coverage_90, coverage_90(new)) {
        found.push(finding("coverage_90", numbers, format!("{key}: {words}")));
    }
    found
}

/// A 90 % interval that covers less than it did, or is gone: both numbers, and what happened.
fn coverage_drift(old: Option<f64>, new: Option<f64>) -> Option<((f64, Option<f64>), String)> {
    let old = old?;
    let was = format!("{:.1} %", old * 100.0);
    match new {
        Some(new) if old - new > COVERAGE => {
            let now = new * 100.0;
            let words = format!("the 90 % interval covers {now:.1} %, it was {was}");
            Some(((old, Some(new)), words))
        }
        Some(_) => None,
        None => Some((
            (old, None),
            format!("there is no interval; the accepted one covered {was}"),
        )),
    }
}

fn coverage_90(group: &Group) -> Option<f64> {
    Some(group.accuracy.intervals?.coverage[1])
}

/// The groups of all tables of held-out rows that are large enough, by their keys.
fn groups(validation: &Validation) -> impl Iterator<Item = (BTreeMap<String, String>, &Group)> {
    let tables = &validation.held_out;
    tables.usual.iter().chain(&tables.asked).flat_map(|table| {
        let large = table.groups.iter().filter(|group| group.accuracy.n >= FEW);
        large.map(|group| {
            let keys = table.keys.iter().cloned();
            (keys.zip(group.values.iter().cloned()).collect(), group)
        })
    })
}

fn rounded(value: f64) -> f64 {
    let text = format!("{value:.5e}");
    text.parse().expect("a printed number reads back")
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation;
    use super::*;

    /// The accepted text with one number of every group changed.
    fn changed(accepted: &str, column: &str, by: f64) -> String {
        let mut document: serde_json::Value = serde_json::from_str(accepted).expect("JSON");
        for group in document["groups"].as_array_mut().expect("a list") {
            let value = group[column].as_f64().expect("a number");
            group[column] = serde_json::json!(value + by);
        }
        document.to_string()
    }

    #[test]
    fn accepted_accuracy_has_not_drifted() {
        let validation = validation();
        let drift = compare(&validation, &accept(&validation)).expect("accepted");
        assert!(drift.compared > 0);
        assert_eq!(drift.findings, []);
    }

    #[test]
    fn worse_groups_are_findings_and_better_ones_are_not() {
        let validation = validation();
        let accepted = accept(&validation);
        let worse =
            compare(&validation, &changed(&accepted, "median_ape", -0.05)).expect("accepted");
        assert_eq!(worse.findings.len(), worse.compared);
        assert!(
            worse
                .findings
                .iter()
                .all(|found| found.code == Code::AccuracyDrift)
        );
        let better =
            compare(&validation, &changed(&accepted, "median_ape", 0.05)).expect("accepted");
        assert_eq!(better.findings, []);
        let uncovered =
            compare(&validation, &changed(&accepted, "coverage_90", 0.04)).expect("accepted");
        assert_eq!(uncovered.findings.len(), uncovered.compared);
    }

    #[test]
    fn a_group_that_is_gone_is_a_finding() {
        let validation = validation();
        let accepted = accept(&validation).replace("kernel_latency", "another_metric");
        let drift = compare(&validation, &accepted).expect("accepted");
        assert!(drift.findings.iter().any(|found| found.new.is_none()));
    }

    #[test]
    fn other_text_is_refused() {
        let validation = validation();
        for text in [
            "",
            "{}",
            "[1]",
            r#"{"calibration":"x","groups":[],"predictor_version":1,"schema":"other"}"#,
        ] {
            let refused = compare(&validation, text).expect_err("not accepted accuracy");
            assert!(refused.iter().all(|one| one.code == Code::BadResults));
        }
    }
}
