//! The sections that list: verdicts, golden drift, findings, assumptions, what was not measured.

use std::collections::{BTreeMap, BTreeSet};

use super::choice::{Choice, Choices, predicted_verdict};
use super::label;
use super::number::{rounded, trimmed};
use super::view::{Cell, GoldenView, Head, Row, Table};
use crate::diag::{Code, Severity};
use crate::record::{Basis, Column, Finding, FindingClass, GoldenOutcome, Results};

/// Options that all tables of verdicts together have room for, so that a page of many options stays small.
const MOST_ROWS: usize = 120;

/// Loads that a table of verdicts has columns for.
const MOST_LOADS: usize = 14;

/// Verdicts by option and load, one table for each objective.
pub fn verdicts(choices: &Choices) -> Vec<Table> {
    let slos = &choices.results.presentation.slos;
    slos.iter()
        .map(|slo| {
            let id = format!("verdict-{}", label::slug(&slo.name));
            let caption = format!("{}: {}", slo.name, slo.text);
            let loads = loads(choices);
            let mut table = if loads.len() > 1 && loads.len() <= MOST_LOADS {
                by_load(
                    choices,
                    &slo.name,
                    Table::new(id, caption, Vec::new()),
                    &loads,
                )
            } else {
                counted(choices, &slo.name, Table::new(id, caption, Vec::new()))
            };
            table.cap((MOST_ROWS / slos.len()).max(1));
            table
        })
        .filter(|table| !table.rows.is_empty())
        .collect()
}

fn loads(choices: &Choices) -> Vec<f64> {
    let mut loads: Vec<f64> = choices
        .results
        .points
        .iter()
        .filter_map(|point| point.system.load)
        .collect();
    loads.sort_by(f64::total_cmp);
    loads.dedup();
    loads
}

fn by_load(choices: &Choices, slo: &str, mut table: Table, loads: &[f64]) -> Table {
    table.head.push(Head::text("Option"));
    let unit = &choices.results.presentation.load_unit;
    table.note = format!("Columns are {unit}.");
    table
        .head
        .extend(loads.iter().map(|load| Head::number(trimmed(*load, 4), "")));
    for option in &choices.options {
        let mut cells = vec![Cell::text(option.full_name())];
        cells.extend(loads.iter().map(|load| {
            let point = option
                .points
                .iter()
                .find(|point| point.system.load == Some(*load));
            let verdict = point.and_then(|point| predicted_verdict(point, slo));
            verdict.map_or_else(Cell::default, |verdict| Cell {
                text: label::verdict(verdict).to_owned(),
                verdict: label::verdict_class(verdict),
                ..Cell::default()
            })
        }));
        table.push(cells);
    }
    table
}

fn counted(choices: &Choices, slo: &str, mut table: Table) -> Table {
    use crate::record::Verdict::{Fail, Inconclusive, Pass};
    table.head = vec![
        Head::text("Option"),
        Head::number("Points that meet it", ""),
        Head::number("Cannot tell yet", ""),
        Head::number("Points that miss it", ""),
    ];
    for option in &choices.options {
        let count = |wanted| {
            let points = option.points.iter();
            let n = points
                .filter(|point| predicted_verdict(point, slo) == Some(wanted))
                .count();
            Cell::number(n.to_string(), n as f64)
        };
        table.push(vec![
            Cell::text(option.full_name()),
            count(Pass),
            count(Inconclusive),
            count(Fail),
        ]);
    }
    table
}

/// The golden comparison.
pub fn golden(outcome: &GoldenOutcome) -> GoldenView {
    let mut changes = Table::new(
        "golden-changes",
        "Changed values, worst first",
        vec![
            Head::text("Point"),
            Head::text("Value"),
            Head::number("Accepted", ""),
            Head::number("Now", ""),
            Head::number("Change", "%"),
            Head::text("Tolerance"),
        ],
    );
    for change in &outcome.changes {
        let absent = || "absent".to_owned();
        changes.push(vec![
            Cell::text(&change.key),
            Cell::text(&change.column),
            Cell::text(change.old.clone().unwrap_or_else(absent)),
            Cell::text(change.new.clone().unwrap_or_else(absent)),
            change.change.map_or_else(Cell::none, |share| {
                let sign = if share > 0.0 { "+" } else { "" };
                Cell::number(format!("{sign}{}", rounded(share * 100.0, 2)), share)
            }),
            Cell::text(&change.tolerance),
        ]);
    }
    let compared = label::counted(outcome.compared as usize, "point");
    let sentence = match outcome.differing {
        0 => format!("{compared} compared with {}, none differs.", outcome.file),
        n => format!("{n} of {compared} differ from {}.", outcome.file),
    };
    GoldenView {
        state: outcome.state,
        sentence,
        changes,
    }
}

/// Findings of the run, but for changed values, which stand with the golden comparison.
pub fn findings(results: &Results) -> Table {
    let mut table = Table::new(
        "findings",
        "Findings of this run",
        vec![
            Head::text("Severity"),
            Head::text("Code"),
            Head::text("Finding"),
            Head::text("Point"),
        ],
    );
    let changes = results.golden.iter().flat_map(|golden| &golden.changes);
    let listed: BTreeSet<(&str, &str)> = changes
        .map(|change| (change.key.as_str(), change.column.as_str()))
        .collect();
    let stands_as_drift = |one: &&Finding| {
        let place = one.key.as_deref().zip(one.column.as_deref());
        one.class == FindingClass::Golden && place.is_some_and(|place| listed.contains(&place))
    };
    for finding in results.findings.iter().filter(|one| !stands_as_drift(one)) {
        let (severity, class) = match finding.severity {
            Severity::Error => ("error", "fail"),
            Severity::Warning => ("warning", "unsure"),
            Severity::Note => ("note", ""),
        };
        table.push(vec![
            Cell {
                text: severity.to_owned(),
                verdict: class,
                ..Cell::default()
            },
            Cell::text(finding.code.name()),
            Cell::text(&finding.message),
            Cell::text(finding.key.clone().unwrap_or_default()),
        ]);
    }
    table
}

/// Defaults, overrides and catalogue entries, assumptions first.
pub fn assumptions(results: &Results) -> Table {
    let mut table = Table::new(
        "assumptions",
        "Every default, override and catalogue entry used",
        vec![
            Head::text("Fact"),
            Head::text("Value taken"),
            Head::text("Basis"),
            Head::text("Source"),
            Head::text("Date"),
        ],
    );
    let mut assumptions: Vec<_> = results.assumptions.iter().collect();
    assumptions
        .sort_by_key(|assumption| (assumption.basis != Basis::Assumed, assumption.path.clone()));
    table.rows = assumptions
        .into_iter()
        .map(|assumption| Row {
            mark: if assumption.basis == Basis::Assumed {
                "assumed"
            } else {
                ""
            },
            cells: vec![
                Cell::text(&assumption.path),
                Cell::text(&assumption.value),
                Cell::text(basis(assumption.basis)),
                Cell::text(&assumption.source),
                Cell::text(assumption.as_of.clone().unwrap_or_else(|| "–".to_owned())),
            ],
            ..Row::default()
        })
        .collect();
    table
}

/// The first assumptions with their dates, for a page of paper.
pub fn brief_assumptions(results: &Results) -> Table {
    const MOST: usize = 8;
    let mut table = assumptions(results);
    let more = table.rows.len().saturating_sub(MOST);
    table.rows.truncate(MOST);
    if more > 0 {
        table.note = format!(
            "{} in the HTML report.",
            label::counted(more, "further fact")
        );
    }
    table
}

/// A basis in words.
pub const fn basis(basis: Basis) -> &'static str {
    match basis {
        Basis::Datasheet => "datasheet",
        Basis::Fitted => "fitted",
        Basis::Measured => "measured",
        Basis::Assumed => "assumed",
        Basis::Mixed => "mixed",
    }
}

/// Executors that did not run.
pub fn skipped(results: &Results) -> Table {
    let mut table = Table::new(
        "skipped",
        "Executors that did not run",
        vec![
            Head::text("Executor"),
            Head::number("Points", ""),
            Head::text("Reason"),
            Head::text("It would have used"),
        ],
    );
    for skip in &results.skipped {
        table.push(vec![
            Cell::text(&skip.executor),
            Cell::number(skip.points.to_string(), skip.points as f64),
            Cell::text(skip.code.replace('-', " ")),
            Cell::text(&skip.target),
        ]);
    }
    table
}

/// Notes of points, counted.
pub fn notes(results: &Results) -> Table {
    let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
    for code in results.points.iter().flat_map(|point| &point.notes) {
        *counts.entry(*code).or_default() += 1;
    }
    let mut table = Table::new(
        "notes",
        "Notes on points",
        vec![
            Head::text("Note"),
            Head::number("Points", ""),
            Head::text("What it means"),
        ],
    );
    for (code, n) in counts {
        table.push(vec![
            Cell::text(code.name()),
            Cell::number(n.to_string(), n as f64),
            Cell::text(code.meaning()),
        ]);
    }
    table
}

/// The option with the least memory to spare, with its free share of the usable memory.
pub fn tightest<'c, 'a>(options: &[&'c Choice<'a>]) -> Option<(&'c Choice<'a>, f64)> {
    use crate::record::Metric;
    options
        .iter()
        .filter_map(|option| {
            let usable = option.chosen.system.memory_usable_b?;
            let total = option
                .chosen
                .predicted(Column::of(Metric::MemoryTotal))?
                .value;
            Some((*option, 1.0 - total / usable))
        })
        .min_by(|(_, a), (_, b)| a.total_cmp(b))
}
