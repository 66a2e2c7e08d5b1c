//! All points: a table for readers without a script, columnar data for the script.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::json;

use super::answer::anchor;
use super::carried;
use super::choice::Choices;
use super::label;
use super::number::Shown;
use super::rests::Rests;
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
    let columns = columns(choices);
    let mut note = match results.planned as usize {
        planned if planned > n => format!(
            "{} of {} planned are kept: those that answers and frontiers name.",
            label::counted(n, "point"),
            crate::units::count(results.planned)
        ),
        _ => String::new(),
    };
    let mut json = String::new();
    let rests = Rests::of(&results.points);
    if n <= MOST_POINTS {
        note = format!("{note} {}", rests.legend(choices));
    }
    if n > MOST_POINTS {
        note +=
            " There are too many points for a page; they are in results.parquet and results.csv.";
    } else {
        let (text, kept) = fitting(choices, &columns, &rests);
        json = text;
        if kept < columns.len() {
            note +=
                " The embedded data keeps the columns of most interest; all are in results.csv.";
        }
    }
    let table = if n <= STATIC_ROWS {
        table(choices, &columns, &rests)
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
fn columns(choices: &Choices) -> Vec<Column> {
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
    let carried = choices.carried.columns();
    let mut columns: Vec<Column> = carried
        .filter(|column| column.metric != Metric::MemoryFits)
        .collect();
    columns.sort_by_key(|column| (rank(column), *column));
    columns
}

/// The scale of a column, from its smallest positive value.
fn scale(choices: &Choices, column: Column) -> Shown {
    let typical = choices.carried.typical(column);
    Shown::of(column, typical.unit, typical.smallest.unwrap_or(1.0))
}

fn table(choices: &Choices, columns: &[Column], rests: &Rests) -> Table {
    const MOST_COLUMNS: usize = 9;
    let results = choices.results;
    let shown: Vec<(Column, Shown)> = columns
        .iter()
        .take(MOST_COLUMNS)
        .map(|column| (*column, scale(choices, *column)))
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
    table.head.push(Head::text("Rests on"));
    let points = results.points.iter().zip(&rests.values);
    table.rows = points
        .map(|(point, place)| {
            let mut cells = cells(choices, point, &shown);
            cells.push(Cell::text(&rests.texts[*place]));
            Row {
                id: anchor(point),
                cells,
                ..Row::default()
            }
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

/// The data with as many columns as fit, four at least, and how many those are.
fn fitting(choices: &Choices, columns: &[Column], rests: &Rests) -> (String, usize) {
    let values = carried::values(choices.results, columns);
    let columns = columns.iter().zip(&values);
    let texts: Vec<String> = columns
        .map(|(column, values)| column_data(choices, *column, values))
        .collect();
    let (before, after) = around(choices, rests);
    let mut size = before.len() + after.len();
    let fits = |(at, text): &(usize, &String)| {
        size += text.len() + 1;
        size <= MOST_BYTES || *at < 4
    };
    let kept = texts.iter().enumerate().take_while(fits).count();
    (before + &texts[..kept].join(",") + &after, kept)
}

/// Columnar JSON less the columns, which stand between the two parts: axis values as indices into their distinct texts.
fn around(choices: &Choices, rests: &Rests) -> (String, String) {
    let results = choices.results;
    let axes: Vec<_> = results
        .axes
        .iter()
        .map(|axis| axis_data(results, axis))
        .collect();
    let points = || results.points.iter();
    let ids: Vec<&str> = points().map(|point| point.id.as_str()).collect();
    let verdicts: Vec<Option<&str>> = points()
        .map(|point| choices.verdict(point).map(label::verdict_class))
        .collect();
    let name = &results.inputs.scenario_name;
    let before = format!("{{\"axes\":{},\"columns\":[", json!(axes));
    let after = format!(
        "],\"ids\":{},\"name\":{},\"rests\":{},\"verdicts\":{}}}",
        json!(ids),
        json!(name),
        json!({"texts": rests.texts, "values": rests.values}),
        json!(verdicts)
    );
    (script_safe(&before), script_safe(&after))
}

/// A column with its numbers at five significant digits.
fn column_data(choices: &Choices, column: Column, values: &[Option<f64>]) -> String {
    let shown = scale(choices, column);
    let (name, label) = (json!(column.to_string()), json!(label::column(column)));
    let head = format!(
        "{{\"label\":{label},\"name\":{name},\"unit\":{},\"values\":[",
        json!(shown.unit)
    );
    let mut text = script_safe(&head);
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        match value {
            Some(value) => five_digits(value / shown.factor, &mut text),
            None => text.push_str("null"),
        }
    }
    text + "]}"
}

fn axis_data(results: &Results, axis: &str) -> serde_json::Value {
    let mut texts: Vec<String> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let place = |point: &PointResult| {
        let mut own = point.axes.iter().filter(|(name, _)| name == axis);
        let text = own.next().map(|(_, value)| value.to_string());
        let text = text.unwrap_or_default();
        places.get(&text).copied().unwrap_or_else(|| {
            texts.push(text.clone());
            places.insert(text, texts.len() - 1);
            texts.len() - 1
        })
    };
    let indices: Vec<usize> = results.points.iter().map(place).collect();
    json!({"name": axis, "texts": texts, "values": indices})
}

/// A number of JSON with at most five significant digits; `null` for what is none.
fn five_digits(value: f64, text: &mut String) {
    if !value.is_finite() {
        return text.push_str("null");
    }
    let size = value.abs();
    if size.trunc().to_bits() == size.to_bits() && size < 1e5 {
        let _ = write!(text, "{}", value as i64);
        return;
    }
    let Some((digits, power)) = rounded_to_five(size) else {
        // Sizes that no report shows.
        let _ = write!(text, "{value:.4e}");
        return;
    };
    if value < 0.0 {
        text.push('-');
    }
    plain(digits, power, text);
}

/// Powers of ten that are exact.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Five digits and the power of ten of the last of them; `None` beyond what powers of ten are exact for.
fn rounded_to_five(size: f64) -> Option<(u64, i32)> {
    let scaled = |power: i32| {
        let factor = POWERS[power.unsigned_abs() as usize];
        libm::rint(if power < 0 {
            size * factor
        } else {
            size / factor
        })
    };
    let mut power = libm::floor(libm::log10(size)) as i32 - 4;
    // Rounding up may ask for one more.
    if power.unsigned_abs() as usize + 1 >= POWERS.len() {
        return None;
    }
    // The logarithm may be off by one at powers of ten, and rounding up makes a sixth digit.
    let mut digits = scaled(power);
    if digits >= 99_999.5 {
        power += 1;
        digits = scaled(power);
    }
    (digits > 0.0).then_some((digits as u64, power))
}

/// `digits · 10^power` without an exponent, and without zeros at its end.
fn plain(mut digits: u64, mut power: i32, text: &mut String) {
    while digits.is_multiple_of(10) {
        digits /= 10;
        power += 1;
    }
    let written = digits.to_string();
    let places = written.len() as i32 + power;
    if power >= 0 {
        text.push_str(&written);
        (0..power).for_each(|_| text.push('0'));
    } else if places > 0 {
        text.push_str(&written[..places as usize]);
        text.push('.');
        text.push_str(&written[places as usize..]);
    } else if places > -5 {
        text.push_str("0.");
        (places..0).for_each(|_| text.push('0'));
        text.push_str(&written);
    } else {
        let _ = write!(text, "{written}e{power}");
    }
}

/// JSON that no HTML parser reads as markup inside a `script` element.
fn script_safe(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_five_digits_and_are_json() {
        for (value, expected) in [
            (0.0, "0"),
            (12.0, "12"),
            (-99_999.0, "-99999"),
            (123_456.0, "123460"),
            (1.234_56, "1.2346"),
            (0.5, "0.5"),
            (99.999_9, "100"),
            (0.000_123_456, "0.00012346"),
            (-0.000_05, "-0.00005"),
            (1.5e-9, "15e-10"),
            (-2.5e8, "-250000000"),
            (1e-30, "1.0000e-30"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
        ] {
            let mut text = String::new();
            five_digits(value, &mut text);
            assert_eq!(text, expected);
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        }
    }
}
