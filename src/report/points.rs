//! All points: a table for readers without a script, columnar data for the script.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::answer::anchor;
use super::choice::Choices;
use super::label;
use super::number::Shown;
use super::view::{Cell, Head, PointsView, Row, Table};
use crate::record::{Column, Metric, PointResult, Results, Stat};

/// Points that a static table shows; above, the script makes the table.
const STATIC_ROWS: usize = 200;

/// Points that are embedded at all.
const MOST_POINTS: usize = 10_000;

/// Bytes that the embedded data may take, so that the page stays below 1.5 MB.
const MOST_BYTES: usize = 820_000;

/// Columns in order of interest: what is left out first comes last.
const INTEREST: [Metric; 14] = [
    Metric::CostPerMtokOutput,
    Metric::Ttft,
    Metric::Tpot,
    Metric::OutputThroughput,
    Metric::CostPerMsample,
    Metric::SamplesPerSecond,
    Metric::Latency,
    Metric::E2el,
    Metric::EnergyPerOutputToken,
    Metric::EnergyPerSample,
    Metric::MemoryTotal,
    Metric::OutputThroughputPerAccelerator,
    Metric::CostPerHour,
    Metric::CarbonPerMtok,
];

/// All points.
pub fn points(choices: &Choices) -> PointsView {
    let results = choices.results;
    let n = results.points.len();
    let columns = columns(results);
    let mut note = match results.planned as usize {
        planned if planned > n => format!(
            "{} of {} planned are kept: those that answers and frontiers name.",
            label::counted(n, "point"),
            crate::units::count(results.planned)
        ),
        _ => String::new(),
    };
    let mut json = String::new();
    if n > MOST_POINTS {
        note +=
            " There are too many points for a page; they are in results.parquet and results.csv.";
    } else {
        let (text, kept) = fitting(choices, &columns);
        json = text;
        if kept < columns.len() {
            note +=
                " The embedded data keeps the columns of most interest; all are in results.csv.";
        }
    }
    let table = if n <= STATIC_ROWS {
        table(choices, &columns)
    } else {
        Table::new("points", caption(n), Vec::new())
    };
    PointsView {
        planned: results.planned,
        n,
        note: note.trim().to_owned(),
        table,
        json,
    }
}

fn caption(n: usize) -> String {
    format!("Predicted values of {}", label::counted(n, "point"))
}

/// Columns that points carry, of most interest first.
fn columns(results: &Results) -> Vec<Column> {
    let carried: BTreeSet<Column> = results
        .points
        .iter()
        .flat_map(|point| point.metrics.keys().copied())
        .collect();
    let rank = |column: &Column| {
        let metric = INTEREST
            .iter()
            .position(|metric| *metric == column.metric)
            .unwrap_or(INTEREST.len());
        // Of the statistics of one metric the tail is read first.
        let stat = match column.stat {
            Some(Stat::P99) | None => 0,
            Some(Stat::Mean) => 1,
            Some(Stat::P50) => 2,
            Some(Stat::P90 | Stat::P95 | Stat::P99_9 | Stat::Min | Stat::Max | Stat::Std) => 3,
        };
        (stat > 1, metric, stat)
    };
    let mut columns: Vec<Column> = carried
        .into_iter()
        .filter(|column| column.metric != Metric::MemoryFits)
        .collect();
    columns.sort_by_key(|column| (rank(column), *column));
    columns
}

/// The scale of a column, from its smallest positive value.
fn scale(results: &Results, column: Column) -> Shown {
    let entries = || {
        results
            .points
            .iter()
            .filter_map(|point| point.predicted(column))
    };
    let typical = entries()
        .map(|entry| entry.value)
        .filter(|value| *value > 0.0)
        .fold(f64::INFINITY, f64::min);
    let unit = entries().next().map_or("", |entry| entry.unit.as_str());
    Shown::of(
        column,
        unit,
        if typical.is_finite() { typical } else { 1.0 },
    )
}

fn table(choices: &Choices, columns: &[Column]) -> Table {
    const MOST_COLUMNS: usize = 9;
    let results = choices.results;
    let shown: Vec<(Column, Shown)> = columns
        .iter()
        .take(MOST_COLUMNS)
        .map(|column| (*column, scale(results, *column)))
        .collect();
    let mut table = Table::new("points", caption(results.points.len()), Vec::new());
    table.head.extend(
        results
            .axes
            .iter()
            .map(|axis| Head::text(axis.rsplit('.').next().unwrap_or(axis).replace('_', " "))),
    );
    if results.axes.is_empty() {
        table.head.push(Head::text("Point"));
    }
    table.head.extend(
        shown
            .iter()
            .map(|(column, shown)| Head::number(label::column(*column), shown.unit.clone())),
    );
    table.head.push(Head::text("Verdict"));
    table.rows = results
        .points
        .iter()
        .map(|point| Row {
            id: anchor(point),
            mark: "",
            cells: cells(choices, point, &shown),
        })
        .collect();
    table
}

fn cells(choices: &Choices, point: &PointResult, shown: &[(Column, Shown)]) -> Vec<Cell> {
    let axes = &choices.results.axes;
    let mut cells: Vec<Cell> = axes
        .iter()
        .map(|axis| {
            let value = point
                .axes
                .iter()
                .find(|(name, _)| name == axis)
                .map(|(_, value)| value.to_string());
            let text = value.unwrap_or_default();
            Cell {
                raw: text.parse().ok(),
                text,
                ..Cell::default()
            }
        })
        .collect();
    if axes.is_empty() {
        cells.push(Cell::text(&point.key));
    }
    cells.extend(shown.iter().map(|(column, shown)| {
        point.predicted(*column).map_or_else(Cell::none, |entry| {
            Cell::number(shown.number(entry.value), entry.value)
        })
    }));
    cells.push(
        choices
            .verdict(point)
            .map_or_else(Cell::none, |verdict| Cell {
                text: label::verdict(verdict).to_owned(),
                verdict: label::verdict_class(verdict),
                ..Cell::default()
            }),
    );
    cells
}

/// The data with as many columns as fit, and how many those are.
fn fitting(choices: &Choices, columns: &[Column]) -> (String, usize) {
    let mut keep = columns.len();
    loop {
        let text = data(choices, &columns[..keep]);
        if text.len() <= MOST_BYTES || keep <= 4 {
            return (text, keep);
        }
        keep = keep * MOST_BYTES / text.len().max(MOST_BYTES + 1);
        keep = keep.max(4);
    }
}

/// Columnar JSON: axis values as indices into their distinct texts, numbers at five significant digits.
fn data(choices: &Choices, columns: &[Column]) -> String {
    let results = choices.results;
    let axes: Vec<Value> = results
        .axes
        .iter()
        .map(|axis| axis_data(results, axis))
        .collect();
    let values: Vec<Value> = columns
        .iter()
        .map(|column| {
            let shown = scale(results, *column);
            let numbers: Vec<Value> = results
                .points
                .iter()
                .map(|point| point.predicted(*column).map_or(Value::Null, |entry| five_digits(entry.value / shown.factor)))
                .collect();
            json!({"name": column.to_string(), "label": label::column(*column), "unit": shown.unit, "values": numbers})
        })
        .collect();
    let verdicts: Vec<Value> = results
        .points
        .iter()
        .map(|point| {
            choices
                .verdict(point)
                .map_or(Value::Null, |verdict| json!(label::verdict_class(verdict)))
        })
        .collect();
    let mut document = Map::new();
    document.insert("name".to_owned(), json!(results.inputs.scenario_name));
    document.insert("axes".to_owned(), Value::Array(axes));
    document.insert("columns".to_owned(), Value::Array(values));
    document.insert("verdicts".to_owned(), Value::Array(verdicts));
    let ids: Vec<&str> = results
        .points
        .iter()
        .map(|point| point.id.as_str())
        .collect();
    document.insert("ids".to_owned(), json!(ids));
    script_safe(&Value::Object(document).to_string())
}

fn axis_data(results: &Results, axis: &str) -> Value {
    let mut texts: Vec<String> = Vec::new();
    let indices: Vec<usize> = results
        .points
        .iter()
        .map(|point| {
            let value = point
                .axes
                .iter()
                .find(|(name, _)| name == axis)
                .map(|(_, value)| value.to_string());
            let text = value.unwrap_or_default();
            texts
                .iter()
                .position(|known| *known == text)
                .unwrap_or_else(|| {
                    texts.push(text);
                    texts.len() - 1
                })
        })
        .collect();
    json!({"name": axis, "texts": texts, "values": indices})
}

fn five_digits(value: f64) -> Value {
    let text = format!("{value:.4e}");
    text.parse::<f64>()
        .ok()
        .and_then(serde_json::Number::from_f64)
        .map_or(Value::Null, Value::Number)
}

/// JSON that no HTML parser reads as markup inside a `script` element.
fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
