//! What `phantom explain` says of the rows behind a number: what it rests on, how well its place is known, the nearest rows, the terms
//! with what was fitted of them; and what a device, a row or a source stands for in a pack.

use crate::catalog::Catalog;
use crate::perf::{ExplainLine, term_lines};
use crate::pipeline::Known;
use crate::record::{Basis, Calibration, Column, EvidenceAxis, EvidenceGroup, TermName};
use crate::scenario::{LlmWorkload, System};
use crate::units::{count, significant};

/// What some lines of a point rest on, how well the pack knows its place, the nearest measured rows, and what of the point is outside
/// of those that support its place.
pub fn known(
    pack: &Calibration,
    (system, workload): (&System, &LlmWorkload),
    lines: &[&ExplainLine],
) -> String {
    let mut text = format!("\nevidence\n{}", rests_on(lines));
    let Some(known) = Known::of(system, pack) else {
        text.push_str("  the pack was not fitted on runs\n");
        return text;
    };
    let at = known.at(system, workload);
    text.push_str(&format!(
        "  support {}: {}\n",
        at.support.name(),
        at.support.meaning()
    ));
    for beyond in &at.beyond {
        text.push_str(&format!("  {beyond}\n"));
    }
    for near in &at.nearest {
        let group = &known.groups()[near.group];
        text.push_str(&format!(
            "  distance {}: {}\n",
            significant(near.distance, 3),
            described(group)
        ));
    }
    if at.nearest.is_empty() {
        text.push_str("  this pack does not say which rows it was fitted on\n");
    }
    text
}

/// Every basis that the numbers have, that of most of them first, and which have the others.
fn rests_on(lines: &[&ExplainLine]) -> String {
    let of = |basis: &Basis| {
        let has = |line: &&&ExplainLine| line.basis() == Some(*basis);
        let names: Vec<&str> = lines.iter().filter(has).map(|line| &*line.name).collect();
        (!names.is_empty()).then_some((*basis, names))
    };
    let mut found: Vec<(Basis, Vec<&str>)> = Basis::ALL.iter().filter_map(of).collect();
    found.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let line = |(at, (basis, names)): (usize, &(Basis, Vec<&str>))| {
        let which = match at {
            0 => String::new(),
            _ => format!("; {} alone", names.join(", ")),
        };
        format!("  basis {}: {}{which}\n", basis.name(), basis.meaning())
    };
    found.iter().enumerate().map(line).collect()
}

/// Everything that a pack was fitted on for a device of the catalogue, by source; `None` where no device has that name, or the pack
/// does not say.
pub fn of_device(pack: &Calibration, name: &str) -> Option<String> {
    let device = Catalog::embedded().device(name)?;
    let evidence = pack.evidence.as_ref()?.read().ok()?;
    let groups = evidence.groups.iter();
    let groups: Vec<&EvidenceGroup> = groups.filter(|group| *group.device == *device.id).collect();
    let mut text = format!(
        "{}\n  {}; the pack {} was fitted on {} rows of it\n",
        device.id,
        device.name,
        pack.name,
        count(rows(&groups))
    );
    text.extend(groups.iter().map(|group| listed(group)));
    Some(text)
}

/// What the id of a row or the name of a source stands for in a pack: the row's entry in full, or every entry of the source on a line;
/// `None` where the pack has neither.
pub fn of_rows(pack: &Calibration, name: &str) -> Option<String> {
    let evidence = pack.evidence.as_ref()?.read().ok()?;
    let entries: Vec<&EvidenceGroup> = evidence.of_row(name).collect();
    if !entries.is_empty() {
        let parts = entries.iter().map(|group| in_full(pack, group));
        return Some(parts.collect::<Vec<_>>().join("\n"));
    }
    let groups = evidence.groups.iter();
    let groups: Vec<&EvidenceGroup> = groups.filter(|group| *group.source == *name).collect();
    if groups.is_empty() {
        return None;
    }
    let mut text = format!(
        "{name}\n  a source; the pack {} was fitted on {} rows of it\n",
        pack.name,
        count(rows(&groups))
    );
    text.extend(groups.iter().map(|group| listed(group)));
    Some(text)
}

fn rows(groups: &[&EvidenceGroup]) -> u64 {
    groups.iter().map(|group| u64::from(group.rows)).sum()
}

fn listed(group: &EvidenceGroup) -> String {
    format!("  {} {}\n", group.kind.name(), described(group))
}

/// An entry that a row stands for, one fact on a line.
fn in_full(pack: &Calibration, group: &EvidenceGroup) -> String {
    let sizes: Vec<String> = EvidenceAxis::ALL
        .iter()
        .filter_map(|axis| group.span(*axis))
        .collect();
    let columns: Vec<String> = group.columns.iter().map(Column::to_string).collect();
    let (sizes, columns) = (sizes.join(", "), columns.join(", "));
    let rows = count(u64::from(group.rows));
    let mut text = format!(
        "{}\n  stands for the rows of this kind that the pack {} was fitted on\n",
        group.example, pack.name
    );
    let facts: [(&str, &str); 10] = [
        ("timed", group.kind.meaning()),
        ("device", &group.device),
        ("model", &group.model),
        ("software", &group.program),
        ("format", &group.format),
        ("source", &group.source),
        ("rows", &rows),
        ("sizes", &sizes),
        ("columns", &columns),
        ("date", &group.date),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        text.push_str(&format!("    {name:12} {value}\n"));
    }
    text
}

/// A group on one line.
pub fn described(group: &EvidenceGroup) -> String {
    let mut text = format!("{}: {} rows", group.text(), count(u64::from(group.rows)));
    let sizes = EvidenceAxis::ALL[..4].iter();
    for size in sizes.filter_map(|axis| group.span(*axis)) {
        text.push_str(&format!(", {size}"));
    }
    let columns: Vec<String> = group.columns.iter().map(Column::to_string).collect();
    text.push_str(&format!("; {}; {}", columns.join(", "), group.source));
    if !group.example.is_empty() {
        text.push_str(&format!(", such as {}", group.example));
    }
    if !group.date.is_empty() {
        text.push_str(&format!(", {}", group.date));
    }
    text
}

/// The terms that some lines name, each with the shifts that made it and the rows behind them.
pub fn terms(pack: &Calibration, system: &System, lines: &[&ExplainLine]) -> Vec<ExplainLine> {
    let sources = lines.iter().flat_map(|line| &line.inputs);
    let named = |term: &TermName| {
        let start = format!("term {}:", term.name());
        sources
            .clone()
            .any(|input| input.source.starts_with(&start))
    };
    let names: Vec<TermName> = TermName::ALL.iter().copied().filter(named).collect();
    term_lines(pack, system, &names)
}
