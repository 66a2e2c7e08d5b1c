//! The decision table: options side by side.

use super::choice::{Choice, Choices};
use super::fleet::monthly;
use super::keys::KeyColumns;
use super::label;
use super::number::{NBSP, Shown};
use super::rests;
use super::view::{Cell, Head, Row, Table};
use crate::record::{Column, Metric, PointResult};

/// Options that a decision table has room for on a page of a screen.
pub const MOST_OPTIONS: usize = 8;
/// Options that a document of many pages has room for.
pub const ALL_OPTIONS: usize = 100;
/// Options that it has room for on two pages: the best three and the baseline.
pub const FEW_OPTIONS: usize = 4;

/// Options side by side.
pub fn decision(choices: &Choices, keys: &KeyColumns, most: usize) -> Table {
    let shortlist = choices.shortlist(most);
    let mut table = Table::new(
        "decision",
        "Options, the best of each group first",
        vec![Head::text("Option")],
    );
    let mut cells: Vec<Vec<Cell>> = shortlist
        .iter()
        .map(|option| vec![name_cell(choices, option)])
        .collect();
    if !choices.objectives().is_empty() {
        table.head.push(Head::text(format!(
            "Meets {}",
            label::list(choices.objectives())
        )));
        for (row, option) in cells.iter_mut().zip(&shortlist) {
            row.push(verdict_cell(option));
        }
    }
    // What is sought stands in the table too, where it is neither money, which is there already, nor the latency.
    let sought = choices.objective.filter(|column| {
        column.metric.name().starts_with("carbon_per_m")
            && *column != Column::of(Metric::CarbonPerMonth)
    });
    for column in [keys.cost, sought, keys.latency].into_iter().flatten() {
        let numbers = column_of(&shortlist, column);
        table.head.push(numbers.0);
        cells
            .iter_mut()
            .zip(numbers.1)
            .for_each(|(row, cell)| row.push(cell));
    }
    // A month's cost that is sought stands there with its range already.
    let month = Column::of(Metric::CostPerMonth);
    let stands = |head: &Head| keys.cost == Some(month) && head.label == label::column(month);
    for (head, column) in monthly(choices, &shortlist) {
        if stands(&head) {
            continue;
        }
        table.head.push(head);
        cells
            .iter_mut()
            .zip(column)
            .for_each(|(row, cell)| row.push(cell));
    }
    table.note = note(choices, shortlist.len());
    table.rows = cells
        .into_iter()
        .zip(&shortlist)
        .map(|(cells, option)| Row {
            id: format!("option-{}", label::slug(&option.full_name())),
            mark: mark(option),
            rests: rests::plain(option.chosen),
            cells,
        })
        .collect();
    table
}

fn mark(option: &Choice) -> &'static str {
    match (option.recommended, option.baseline) {
        (true, true) => "recommended baseline",
        (true, false) => "recommended",
        (false, true) => "baseline",
        (false, false) => "",
    }
}

fn name_cell(choices: &Choices, option: &Choice) -> Cell {
    let load = choices.load_text(option.chosen);
    Cell {
        text: option.full_name(),
        interval: load,
        ..Cell::default()
    }
}

fn verdict_cell(option: &Choice) -> Cell {
    option.verdict.map_or_else(Cell::none, |verdict| Cell {
        text: label::verdict(verdict).to_owned(),
        verdict: label::verdict_class(verdict),
        ..Cell::default()
    })
}

/// The table behind a chart: options with those of some columns that any of them has.
pub fn columns_table(table: Table, options: &[&Choice], columns: &[Column]) -> Table {
    let mut table = table;
    table.head.push(Head::text("Option"));
    let mut rows: Vec<Vec<Cell>> = options
        .iter()
        .map(|option| vec![Cell::text(option.full_name())])
        .collect();
    for column in columns {
        let carried = |option: &&Choice| option.chosen.predicted(*column).is_some();
        if options.iter().any(carried) {
            let (head, cells) = column_of(options, *column);
            table.head.push(head);
            rows.iter_mut()
                .zip(cells)
                .for_each(|(row, cell)| row.push(cell));
        }
    }
    for row in rows {
        table.push(row);
    }
    table
}

/// A column of predicted numbers in one scale, the smallest deciding it so that all can be compared.
pub fn column_of(options: &[&Choice], column: Column) -> (Head, Vec<Cell>) {
    let points: Vec<&PointResult> = options.iter().map(|option| option.chosen).collect();
    let entries: Vec<_> = points.iter().map(|point| point.predicted(column)).collect();
    let smallest = entries
        .iter()
        .flatten()
        .map(|entry| entry.value)
        .fold(f64::INFINITY, f64::min);
    let unit = entries
        .iter()
        .flatten()
        .next()
        .map_or("", |entry| entry.unit.as_str());
    let shown = Shown::of(
        column,
        unit,
        if smallest.is_finite() { smallest } else { 1.0 },
    );
    let cells = entries
        .iter()
        .map(|entry| {
            entry.map_or_else(Cell::none, |entry| Cell {
                text: shown.number(entry.value),
                raw: Some(entry.value),
                interval: entry
                    .interval
                    .filter(|(lo, hi, _)| lo < hi)
                    .map_or_else(String::new, |(lo, hi, _)| shown.interval(lo, hi)),
                verdict: "",
            })
        })
        .collect();
    (Head::number(label::column(column), shown.unit), cells)
}

fn note(choices: &Choices, shown: usize) -> String {
    let demand = choices
        .question
        .and_then(|question| question.demand.as_deref());
    let fleet = demand.map_or_else(
        || "for one deployment".to_owned(),
        |demand| format!("for {demand}"),
    );
    let hidden = match choices.options.len() - shown {
        0 => String::new(),
        n => format!(" {} not shown here.", label::counted(n, "further option")),
    };
    let stands = if choices.searched() {
        "Each option stands at the load of its point; the loads found by search stand with the answers."
    } else {
        "Each option stands at its best load that meets the objectives."
    };
    format!(
        "All numbers are predicted; ranges hold with {} confidence. A month is 730{NBSP}h of full load, {fleet}. {stands}{hidden}",
        super::number::percent(choices.results.presentation.confidence)
    )
}
