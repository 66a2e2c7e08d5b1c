//! Variants of a model side by side with the point as it is.

use super::changes::option;
use super::choice::Choices;
use super::keys::KeyColumns;
use super::label;
use super::number::{Shown, percent};
use super::rests;
use super::view::{Cell, Head, Row, Table};
use crate::record::{Column, Metric, PointResult, StatedQuality, WhatIf, WhatIfVariant};

/// What stands where no score is stated.
const UNKNOWN: &str = "not predicted; measure it";

const NOTE: &str = "The same hardware, software and load; changes are against the first row. Quality is no prediction of this program.";

/// One table for each point whose model is varied.
pub fn what_if(choices: &Choices, keys: &KeyColumns) -> Vec<Table> {
    let all = choices.results.what_if.iter().enumerate();
    all.filter_map(|(index, one)| table(choices, keys, (index, one)))
        .collect()
}

fn table(choices: &Choices, keys: &KeyColumns, (index, one): (usize, &WhatIf)) -> Option<Table> {
    let mut points = choices.results.points.iter();
    let base = points.find(|point| point.key == one.base)?;
    let columns = columns(keys, base);
    let mut head = vec![Head::text("Variant"), Head::text("Quality")];
    for column in &columns {
        head.push(Head::number(
            label::column(*column),
            scale(*column, base).unit,
        ));
    }
    let mut table = Table::new(
        format!("what-if-{}", index + 1),
        format!(
            "What if: variants of the model of {}",
            option(choices, &one.base)
        ),
        head,
    );
    // A variant that changes nothing states the score of the point as it is.
    let (same, varied): (Vec<_>, Vec<_>) = one
        .variants
        .iter()
        .partition(|variant| variant.about.is_empty());
    let own = same.first();
    let name = own.map_or("as it is", |variant| variant.name.as_str());
    let quality = own.and_then(|variant| variant.quality.as_ref());
    table.rows.push(Row {
        mark: "baseline",
        rests: rests::plain(base),
        cells: row(name_cell(name, ""), &columns, (base, base), quality),
        ..Row::default()
    });
    for variant in varied {
        table.rows.push(Row {
            rests: variant.point.as_ref().map(rests::text).unwrap_or_default(),
            cells: of_variant(variant, &columns, base),
            ..Row::default()
        });
    }
    NOTE.clone_into(&mut table.note);
    Some(table)
}

/// Latency, throughput, cost, memory and energy, as far as the point has them.
fn columns(keys: &KeyColumns, base: &PointResult) -> Vec<Column> {
    let has = |column: &Column| base.predicted(*column).is_some();
    [
        keys.latency,
        keys.throughput,
        keys.cost,
        Some(Column::of(Metric::CostPerMonth)),
        Some(Column::of(Metric::MemoryTotal)),
        keys.energy,
    ]
    .into_iter()
    .flatten()
    .filter(has)
    .collect()
}

fn scale(column: Column, base: &PointResult) -> Shown {
    base.predicted(column).map_or_else(
        || Shown::of(column, "", 1.0),
        |entry| Shown::of_entry(column, entry),
    )
}

fn name_cell(name: &str, about: &str) -> Cell {
    Cell {
        text: name.to_owned(),
        interval: if about == name { "" } else { about }.to_owned(),
        ..Cell::default()
    }
}

fn of_variant(variant: &WhatIfVariant, columns: &[Column], base: &PointResult) -> Vec<Cell> {
    let quality = variant.quality.as_ref();
    if let Some(point) = &variant.point {
        let name = name_cell(&variant.name, &variant.about);
        return row(name, columns, (point, base), quality);
    }
    let why = variant.refused.as_deref().unwrap_or("no numbers");
    let mut cells = vec![name_cell(&variant.name, why), stated(quality)];
    cells.extend(columns.iter().map(|_| Cell::none()));
    cells
}

fn row(
    name: Cell,
    columns: &[Column],
    (point, base): (&PointResult, &PointResult),
    quality: Option<&StatedQuality>,
) -> Vec<Cell> {
    let mut cells = vec![name, stated(quality)];
    for column in columns {
        cells.push(number(*column, point, base));
    }
    cells
}

/// A number in the scale of the point as it is, with its range and by how much it differs.
fn number(column: Column, point: &PointResult, base: &PointResult) -> Cell {
    let Some(entry) = point.predicted(column) else {
        return Cell::none();
    };
    let shown = scale(column, base);
    let before = base.predicted(column).map(|entry| entry.value);
    let change = before
        .filter(|before| point.key != base.key && *before > 0.0)
        .map_or_else(String::new, |before| change(entry.value / before - 1.0));
    let range = entry
        .interval
        .filter(|(lo, hi, _)| lo < hi)
        .map_or_else(String::new, |(lo, hi, _)| shown.interval(lo, hi));
    let text = shown.number(entry.value);
    Cell {
        text: if change.is_empty() {
            text
        } else {
            format!("{text} ({change})")
        },
        raw: Some(entry.value),
        interval: range,
        verdict: "",
    }
}

/// `+12 %`, `−38 %`; nothing where nothing that is shown changes.
fn change(share: f64) -> String {
    const SHOWN: f64 = 0.0005;
    if share.abs() < SHOWN {
        return String::new();
    }
    let text = percent(share);
    if share > 0.0 {
        format!("+{text}")
    } else {
        text
    }
}

fn stated(quality: Option<&StatedQuality>) -> Cell {
    quality.map_or_else(
        || Cell::text(UNKNOWN),
        |quality| Cell {
            text: format!("{} {}", quality.score, quality.metric),
            interval: format!("stated: {}", quality.source),
            ..Cell::default()
        },
    )
}
