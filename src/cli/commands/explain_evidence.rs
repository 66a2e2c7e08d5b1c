//! What `phantom explain` says of the rows behind a number: how well its place is known, the nearest rows, the terms with what was
//! fitted of them.

use crate::catalog::Catalog;
use crate::perf::{ExplainLine, term_lines};
use crate::pipeline::Known;
use crate::record::{Calibration, Column, EvidenceAxis, EvidenceGroup, TermName};
use crate::scenario::{LlmWorkload, System};
use crate::units::{count, significant};

/// The nearest measured rows, and what of the point is outside of those that support its place; empty under a pack that was not fitted.
pub fn known(pack: &Calibration, system: &System, workload: &LlmWorkload) -> String {
    let Some(known) = Known::of(system, pack) else {
        return "\nevidence\n  the pack was not fitted on runs\n".to_owned();
    };
    let at = known.at(system, workload);
    let mut text = format!("\nevidence\n  {}\n", at.support.meaning());
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

/// Everything that the pack `default` was fitted on for a device of the catalogue, by source; `None` where no device has that name, or
/// the pack does not say.
pub fn of_device(name: &str) -> Option<String> {
    let device = Catalog::embedded().device(name)?;
    let pack = Calibration::fitted();
    let evidence = pack.evidence.as_ref()?.read().ok()?;
    let groups = evidence.groups.iter();
    let groups: Vec<&EvidenceGroup> = groups.filter(|group| *group.device == *device.id).collect();
    let rows: u64 = groups.iter().map(|group| u64::from(group.rows)).sum();
    let mut text = format!(
        "{}\n  {}; the pack {} was fitted on {} rows of it\n",
        device.id,
        device.name,
        pack.name,
        count(rows)
    );
    for group in groups {
        text.push_str(&format!("  {} {}\n", group.kind.name(), described(group)));
    }
    Some(text)
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
