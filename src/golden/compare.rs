//! New results against accepted ones.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, direction, number};
use super::document::{Golden, GoldenPoint};
use super::exact::{
    answers, changed_inputs, drift, files, keys, missing_points, new_points, note, shown,
};
use super::keys::Renaming;
use crate::record::{Finding, GoldenOutcome};
use crate::scenario::GoldenRules;
use crate::units::percent;

/// Rows of changes that an outcome holds; the counts hold all.
const ROWS: usize = 1000;

/// Whether somebody is there to accept what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// Nobody: with `on_new: auto` a new point is a finding.
    Ci,
    /// A person: with `on_new: auto` a new point waits for acceptance.
    Desk,
}

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// For the results document.
    pub outcome: GoldenOutcome,
    /// Drift is of severity `error`; what only waits for acceptance is a warning.
    pub findings: Vec<Finding>,
}

impl Comparison {
    /// True when the new results should be offered for acceptance.
    pub fn differs(&self) -> bool {
        self.outcome.state != "match"
    }
}

/// Compares new results with accepted ones; both are [`Golden`]s, so that both are rounded alike.
///
/// Accepted points and new ones are joined by key. When no key agrees because one axis was renamed or moved, that is
/// reported once and the values are compared. A scenario whose points were selected by a filter is compared with
/// [`Golden::restricted_to`] of its accepted results.
pub fn compare(
    new: &Golden,
    old: &Golden,
    rules: &GoldenRules,
    strictness: Strictness,
) -> Comparison {
    let renaming = Renaming::between(&keys(old), &keys(new));
    let renamed = renaming.as_ref().map(|renaming| old.renamed(renaming));
    let old = renamed.as_ref().unwrap_or(old);
    let mut rows = Vec::new();
    let mut findings = Vec::new();
    if let Some(renaming) = &renaming {
        let row = note("axes", &renaming.old.join(","), &renaming.new.join(","));
        findings.push(drift(&row, "the axes were renamed or moved".to_owned()));
        rows.push(row);
    }
    rows.extend(changed_inputs(new, old));
    let changes = changes(new, old, rules);
    findings.extend(drift_findings(&changes));
    findings.extend(new_points(new, old, rules.on_new, strictness, &mut rows));
    findings.extend(missing_points(new, old, rules.on_missing, &mut rows));
    findings.extend(answers(new, old, &mut rows));
    findings.extend(files(new, old, &mut rows));
    let differing: BTreeSet<_> = changes.iter().map(|change| change.key.as_str()).collect();
    let compared = old
        .points
        .keys()
        .filter(|key| new.points.contains_key(*key));
    let state = if findings.is_empty() {
        "match"
    } else {
        "differs"
    };
    rows.extend(changes.iter().map(Change::row));
    rows.truncate(ROWS);
    Comparison {
        outcome: GoldenOutcome {
            file: rules.file.clone(),
            state,
            compared: compared.count() as u64,
            differing: differing.len() as u64,
            changes: rows,
        },
        findings,
    }
}

impl Golden {
    /// The accepted points of those keys, without answers, which a selection of points cannot give.
    #[must_use]
    pub fn restricted_to(&self, keys: &BTreeSet<String>) -> Self {
        let points = self.points.iter().filter(|(key, _)| keys.contains(*key));
        Self {
            points: points
                .map(|(key, point)| (key.clone(), point.clone()))
                .collect(),
            answers: BTreeMap::new(),
            ..self.clone()
        }
    }

    fn renamed(&self, renaming: &Renaming) -> Self {
        let rename = |key: &String| renaming.apply(key).unwrap_or_else(|| key.clone());
        Self {
            points: self
                .points
                .iter()
                .map(|(key, point)| (rename(key), point.clone()))
                .collect(),
            answers: self
                .answers
                .iter()
                .map(|(question, key)| (question.clone(), rename(key)))
                .collect(),
            ..self.clone()
        }
    }
}

/// Every value that differs by more than its tolerance, worst first.
pub(super) fn changes(new: &Golden, old: &Golden, rules: &GoldenRules) -> Vec<Change> {
    let mut all: Vec<_> = old
        .points
        .iter()
        .filter_map(|(key, old)| Some((key, old, new.points.get(key)?)))
        .flat_map(|(key, old, new)| point_changes(rules, key, old, new))
        .collect();
    all.sort_by(|a, b| {
        a.rank()
            .total_cmp(&b.rank())
            .then_with(|| (&a.key, &a.column).cmp(&(&b.key, &b.column)))
    });
    all
}

fn point_changes<'a>(
    rules: &'a GoldenRules,
    key: &'a str,
    old: &'a GoldenPoint,
    new: &'a GoldenPoint,
) -> impl Iterator<Item = Change> + 'a {
    let columns: BTreeSet<_> = old.values.keys().chain(new.values.keys()).collect();
    columns.into_iter().filter_map(move |column| {
        Change::of(
            rules,
            key,
            column,
            old.values.get(column),
            new.values.get(column),
        )
    })
}

/// One finding for each column, with its worst point.
fn drift_findings(changes: &[Change]) -> Vec<Finding> {
    let mut columns: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in changes {
        columns.entry(&change.column).or_default().push(change);
    }
    let finding = |(column, changes): (&str, Vec<&Change>)| {
        let worst = *changes.first().expect("a column with a change");
        let row = worst.row();
        let (old, new) = (shown(row.old.as_deref()), shown(row.new.as_deref()));
        let by = row.change.map_or_else(String::new, |share| {
            let sign = if share < 0.0 { "−" } else { "+" };
            let direction =
                direction(column, share).map_or_else(String::new, |word| format!(", {word}"));
            format!(" ({sign}{}{direction})", percent(share.abs(), 2))
        });
        let tolerance = &row.tolerance;
        let count = changes.len();
        let of = if count == 1 {
            String::new()
        } else {
            format!("; {count} points differ")
        };
        let key = &worst.key;
        let message = format!("{column} of {key}: {old} → {new}{by}, tolerance {tolerance}{of}");
        Finding {
            old: number(worst.old.as_ref()),
            new: number(worst.new.as_ref()),
            ..drift(&row, message)
        }
    };
    columns.into_iter().map(finding).collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::GoldenValue;
    use super::*;
    use crate::diag::{Code, Severity};
    use crate::scenario::Tolerance;

    fn golden(points: &[(&str, f64)]) -> Golden {
        let point = |ttft: f64| GoldenPoint {
            id: "1".to_owned(),
            values: BTreeMap::from([
                ("mean_ttft".to_owned(), GoldenValue::rounded(ttft)),
                (
                    "verdict.chat".to_owned(),
                    GoldenValue::Text("pass".to_owned()),
                ),
            ]),
        };
        Golden {
            points: points
                .iter()
                .map(|(key, ttft)| ((*key).to_owned(), point(*ttft)))
                .collect(),
            answers: BTreeMap::from([("1".to_owned(), "users=1".to_owned())]),
            ..Golden::default()
        }
    }

    fn codes(comparison: &Comparison) -> Vec<Code> {
        comparison
            .findings
            .iter()
            .map(|finding| finding.code)
            .collect()
    }

    #[test]
    fn equal_results_match() {
        let one = golden(&[("users=1", 0.1)]);
        let comparison = compare(&one, &one, &GoldenRules::sample(), Strictness::Ci);
        assert!(!comparison.differs());
        assert_eq!(comparison.outcome.compared, 1);
        assert_eq!(comparison.outcome.changes, []);
    }

    #[test]
    fn an_improvement_beyond_tolerance_is_a_finding_too() {
        let old = golden(&[("users=1", 0.1), ("users=2", 0.2)]);
        let new = golden(&[("users=1", 0.09), ("users=2", 0.2009)]);
        let comparison = compare(&new, &old, &GoldenRules::sample(), Strictness::Ci);
        assert_eq!(codes(&comparison), [Code::GoldenDrift]);
        assert_eq!(
            comparison.findings[0].message,
            "mean_ttft of users=1: 0.1 → 0.09 (−10 %, better), tolerance 0.50 %"
        );
        assert_eq!(
            (comparison.outcome.compared, comparison.outcome.differing),
            (2, 1)
        );
        let mut wide = GoldenRules::sample();
        wide.tolerance.push((
            "mean_*".to_owned(),
            Tolerance::Within { rel: 0.2, abs: 0.0 },
        ));
        assert!(!compare(&new, &old, &wide, Strictness::Ci).differs());
    }

    #[test]
    fn present_against_absent_is_a_difference() {
        let old = golden(&[("users=1", 0.1)]);
        let mut new = old.clone();
        let point = new.points.get_mut("users=1").expect("it is there");
        point.values.remove("mean_ttft");
        point
            .values
            .insert("power".to_owned(), GoldenValue::Number(1.0));
        let comparison = compare(&new, &old, &GoldenRules::sample(), Strictness::Ci);
        let columns: Vec<_> = comparison
            .outcome
            .changes
            .iter()
            .map(|change| {
                (
                    change.column.as_str(),
                    change.old.as_deref(),
                    change.new.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            columns,
            [("mean_ttft", Some("0.1"), None), ("power", None, Some("1"))]
        );
    }

    #[test]
    fn a_new_point_fails_in_ci_and_waits_at_the_desk() {
        let old = golden(&[("users=1", 0.1)]);
        let new = golden(&[("users=1", 0.1), ("users=2", 0.2)]);
        for (strictness, severity) in [
            (Strictness::Ci, Severity::Error),
            (Strictness::Desk, Severity::Warning),
        ] {
            let comparison = compare(&new, &old, &GoldenRules::sample(), strictness);
            assert_eq!(codes(&comparison), [Code::GoldenNewPoint]);
            assert_eq!(comparison.findings[0].severity, severity);
        }
        let gone = compare(&old, &new, &GoldenRules::sample(), Strictness::Desk);
        assert_eq!(codes(&gone), [Code::GoldenMissingPoint]);
        assert_eq!(gone.findings[0].severity, Severity::Error);
        let keys = BTreeSet::from(["users=1".to_owned()]);
        let selected = new.restricted_to(&keys);
        assert!(!compare(&old, &selected, &GoldenRules::sample(), Strictness::Ci).differs());
    }

    #[test]
    fn another_winner_is_a_finding() {
        let old = golden(&[("users=1", 0.1)]);
        let mut new = old.clone();
        new.answers.insert("1".to_owned(), "none".to_owned());
        let comparison = compare(&new, &old, &GoldenRules::sample(), Strictness::Ci);
        assert_eq!(codes(&comparison), [Code::GoldenAnswerChanged]);
    }

    #[test]
    fn a_renamed_axis_is_reported_once_and_values_are_compared() {
        let old = golden(&[("load=1", 0.1), ("load=2", 0.2)]);
        let mut new = golden(&[("users=1", 0.1), ("users=2", 0.25)]);
        new.answers.insert("1".to_owned(), "users=1".to_owned());
        let comparison = compare(&new, &old, &GoldenRules::sample(), Strictness::Ci);
        assert_eq!(
            codes(&comparison),
            [Code::GoldenDrift, Code::GoldenDrift],
            "the axes once, and one value"
        );
        assert_eq!(comparison.findings[0].column.as_deref(), Some("axes"));
        assert_eq!(comparison.outcome.differing, 1);
    }

    #[test]
    fn changed_inputs_are_said_once() {
        let old = golden(&[("users=1", 0.1), ("users=2", 0.2)]);
        let mut new = old.clone();
        for point in new.points.values_mut() {
            point.id = "2".to_owned();
        }
        let comparison = compare(&new, &old, &GoldenRules::sample(), Strictness::Ci);
        assert!(!comparison.differs(), "the values agree");
        assert_eq!(comparison.outcome.changes[0].column, "inputs");
    }

    #[test]
    fn an_accepted_file_must_keep_its_hash() {
        let mut old = golden(&[("users=1", 0.1)]);
        old.files.insert("report.pdf".to_owned(), "00".to_owned());
        let mut new = old.clone();
        new.files.insert("report.pdf".to_owned(), "11".to_owned());
        let comparison = compare(&new, &old, &GoldenRules::sample(), Strictness::Ci);
        assert_eq!(codes(&comparison), [Code::GoldenFileChanged]);
    }
}
