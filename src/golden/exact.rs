//! What is compared exactly: which points there are, which answer, which files; and what concerns all points at once.

use std::collections::{BTreeMap, BTreeSet};

use super::compare::Strictness;
use super::document::Golden;
use crate::diag::{Code, Severity};
use crate::record::{Finding, FindingClass, GoldenChange};
use crate::scenario::{OnMissing, OnNew};

/// Points that one message names.
const NAMED: usize = 3;
/// What stands for the key where all points are meant.
const ALL_POINTS: &str = "all points";

pub(super) fn keys(golden: &Golden) -> BTreeSet<&str> {
    golden.points.keys().map(String::as_str).collect()
}

/// All points have other ids under the same keys: said once, beside the comparison of values.
pub(super) fn changed_inputs(new: &Golden, old: &Golden) -> Option<GoldenChange> {
    let pairs = || {
        old.points
            .iter()
            .filter_map(|(key, old)| Some((old, new.points.get(key)?)))
    };
    let all_changed = pairs().next().is_some() && pairs().all(|(old, new)| old.id != new.id);
    all_changed.then(|| note("inputs", "as accepted", "changed"))
}

/// A row about all points.
pub(super) fn note(column: &str, old: &str, new: &str) -> GoldenChange {
    GoldenChange {
        key: ALL_POINTS.to_owned(),
        ..exact_row("", column, Some(old), Some(new))
    }
}

fn exact_row(key: &str, column: &str, old: Option<&str>, new: Option<&str>) -> GoldenChange {
    GoldenChange {
        key: key.to_owned(),
        column: column.to_owned(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        change: None,
        tolerance: "exact".to_owned(),
    }
}

pub(super) fn new_points(
    new: &Golden,
    old: &Golden,
    on_new: OnNew,
    strictness: Strictness,
    rows: &mut Vec<GoldenChange>,
) -> Option<Finding> {
    let added: Vec<_> = keys(new).difference(&keys(old)).copied().collect();
    rows.extend(
        added
            .iter()
            .map(|key| exact_row(key, "point", None, Some("new"))),
    );
    let severity = match (on_new, strictness) {
        (OnNew::Fail, _) | (OnNew::Auto, Strictness::Ci) => Severity::Error,
        (OnNew::Warn, _) | (OnNew::Auto, Strictness::Desk) => Severity::Warning,
    };
    let message = format!("not in the accepted results: {}", named(&added)?);
    Some(point_finding(
        Code::GoldenNewPoint,
        severity,
        &added,
        message,
    ))
}

pub(super) fn missing_points(
    new: &Golden,
    old: &Golden,
    on_missing: OnMissing,
    rows: &mut Vec<GoldenChange>,
) -> Option<Finding> {
    let gone: Vec<_> = keys(old).difference(&keys(new)).copied().collect();
    rows.extend(
        gone.iter()
            .map(|key| exact_row(key, "point", Some("accepted"), None)),
    );
    let severity = match on_missing {
        OnMissing::Fail => Severity::Error,
        OnMissing::Warn => Severity::Warning,
    };
    let message = format!("accepted and gone: {}", named(&gone)?);
    Some(point_finding(
        Code::GoldenMissingPoint,
        severity,
        &gone,
        message,
    ))
}

/// The first few keys and the number of the rest; nothing for none.
fn named(keys: &[&str]) -> Option<String> {
    if keys.is_empty() {
        return None;
    }
    let shown = keys[..keys.len().min(NAMED)].join("; ");
    Some(match keys.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    })
}

fn point_finding(code: Code, severity: Severity, keys: &[&str], message: String) -> Finding {
    Finding {
        class: FindingClass::Golden,
        code,
        severity,
        key: keys.first().map(|key| (*key).to_owned()),
        column: None,
        message,
        place: None,
        old: None,
        new: None,
    }
}

/// Which point won is compared exactly. A selection of points gives no answers and has none to compare.
pub(super) fn answers(new: &Golden, old: &Golden, rows: &mut Vec<GoldenChange>) -> Vec<Finding> {
    if old.answers.is_empty() {
        return Vec::new();
    }
    let row = |question: &str, old: Option<&str>, new: Option<&str>| {
        exact_row(question, "answer", old, new)
    };
    let changed = exact_changes(&old.answers, &new.answers, row);
    rows.extend(changed.iter().cloned());
    changed
        .iter()
        .map(|row| {
            let (old, new) = (shown(row.old.as_deref()), shown(row.new.as_deref()));
            let message = format!(
                "question `{}` is answered by {new} instead of {old}",
                row.key
            );
            Finding {
                code: Code::GoldenAnswerChanged,
                key: row.new.clone(),
                column: Some(row.key.clone()),
                ..drift(row, message)
            }
        })
        .collect()
}

/// Output files whose hash is accepted too.
pub(super) fn files(new: &Golden, old: &Golden, rows: &mut Vec<GoldenChange>) -> Vec<Finding> {
    let row = |file: &str, old: Option<&str>, new: Option<&str>| exact_row(file, "file", old, new);
    let changed = exact_changes(&old.files, &new.files, row);
    rows.extend(changed.iter().cloned());
    changed
        .iter()
        .map(|row| Finding {
            code: Code::GoldenFileChanged,
            key: None,
            column: Some(row.key.clone()),
            ..drift(row, format!("{} has another hash than accepted", row.key))
        })
        .collect()
}

fn exact_changes(
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
    row: impl Fn(&str, Option<&str>, Option<&str>) -> GoldenChange,
) -> Vec<GoldenChange> {
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| {
            let text = |map: &BTreeMap<String, String>| map.get(name).cloned();
            row(name, text(old).as_deref(), text(new).as_deref())
        })
        .collect()
}

pub(super) fn drift(row: &GoldenChange, message: String) -> Finding {
    Finding {
        class: FindingClass::Golden,
        code: Code::GoldenDrift,
        severity: Severity::Error,
        key: (row.key != ALL_POINTS).then(|| row.key.clone()),
        column: Some(row.column.clone()),
        message,
        place: None,
        old: None,
        new: None,
    }
}

/// A value as a message names it.
pub(super) fn shown(value: Option<&str>) -> &str {
    value.unwrap_or("absent")
}
