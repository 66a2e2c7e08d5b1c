//! Predicted against measured, as a share of the measured value.

use super::axis::{AxisNames, Panel};
use super::scale::Scale;
use super::svg::{Anchor, GREY, MUTED, SERIES, Svg, TEXT};
use super::{Canvas, WIDTH};
use crate::record::{Column, Source, ValueEntry};
use crate::report::choice::Choices;
use crate::report::label;
use crate::report::number::{percent, rounded};
use crate::report::view::{Cell, ChartView, Head, Table};

struct Pair<'a> {
    key: &'a str,
    id: &'a str,
    column: Column,
    predicted: &'a ValueEntry,
    measured: &'a ValueEntry,
}

/// True when a point has a prediction and a measurement of one column.
pub fn any(choices: &Choices) -> bool {
    !pairs(choices).is_empty()
}

fn pairs<'a>(choices: &'a Choices) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    if !choices.carried.measured {
        return pairs;
    }
    for point in &choices.results.points {
        for (column, entries) in &point.metrics {
            let Some(predicted) = entries
                .iter()
                .find(|entry| entry.source == Source::Predicted && entry.value > 0.0)
            else {
                continue;
            };
            let measured = entries
                .iter()
                .filter(|entry| entry.source != Source::Predicted && entry.value > 0.0);
            pairs.extend(measured.map(|measured| Pair {
                key: &point.key,
                id: &point.id,
                column: *column,
                predicted,
                measured,
            }));
        }
    }
    pairs
}

/// The chart: all columns share the plane in base units, where only the distance to the diagonal matters.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let pairs = pairs(canvas.choices);
    if pairs.is_empty() {
        return Err("no point is both predicted and measured".to_owned());
    }
    let errors: Vec<f64> = pairs
        .iter()
        .map(|pair| pair.predicted.value / pair.measured.value - 1.0)
        .collect();
    let n = pairs.len();
    let mape = errors.iter().map(|error| error.abs()).sum::<f64>() / n as f64;
    let inside = pairs
        .iter()
        .filter(|pair| {
            pair.predicted
                .interval
                .is_some_and(|(lo, hi, _)| lo <= pair.measured.value && pair.measured.value <= hi)
        })
        .count();
    let title = format!(
        "Predictions miss measurements by {} on average; {inside} of {n} lie inside their interval",
        percent(mape)
    );
    let alt = format!("{title}. Scatter of predicted against measured values with the diagonal.");
    Ok(ChartView {
        id: "predicted_vs_measured",
        section: "accuracy",
        subtitle: "Each point one value in base units, both axes logarithmic".to_owned(),
        svg: picture(&pairs).finish("chart-predicted_vs_measured", &title, &alt),
        alt,
        n,
        note: "● measured here, △ imported. The line is equality, the bands ±10 % and ±25 %."
            .to_owned(),
        table: table(&pairs),
        title,
    })
}

fn picture(pairs: &[Pair]) -> Svg {
    let mut svg = Svg::new(WIDTH, 340.0);
    let values = || {
        pairs
            .iter()
            .flat_map(|pair| [pair.predicted.value, pair.measured.value])
    };
    let (lo, hi) = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(0.0, f64::max),
    );
    let (left, right, top, bottom) = (60.0, WIDTH - 20.0, 30.0, 280.0);
    let panel = Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::log10(lo, hi, left, right),
        y: Scale::log10(lo, hi, bottom, top),
    };
    panel.draw(
        &mut svg,
        &AxisNames {
            x: "Measured, base units",
            y: "Predicted, base units",
            panel: "",
        },
    );
    let (lo, hi) = (panel.x.ticks[0], panel.x.ticks[panel.x.ticks.len() - 1]);
    for band in [0.25, 0.1] {
        let corners = [
            (lo, lo * (1.0 + band)),
            (hi, hi * (1.0 + band)),
            (hi, hi * (1.0 - band)),
            (lo, lo * (1.0 - band)),
        ];
        svg.area(&corners.map(|(x, y)| panel.at(x, y)), GREY, 0.22);
    }
    svg.line(panel.at(lo, lo), panel.at(hi, hi), TEXT, 1.2);
    svg.small(
        (right - 4.0, bottom - 8.0),
        Anchor::End,
        MUTED,
        "predicted too low",
    );
    svg.small(
        (left + 4.0, top + 12.0),
        Anchor::Start,
        MUTED,
        "predicted too high",
    );
    draw_pairs(&mut svg, &panel, pairs);
    svg
}

fn draw_pairs(svg: &mut Svg, panel: &Panel, pairs: &[Pair]) {
    for pair in pairs {
        let at = panel.at(pair.measured.value, pair.predicted.value);
        let tip = format!(
            "{} of {}: predicted {}, measured {}",
            label::column(pair.column),
            pair.key,
            crate::report::number::amount(pair.column, pair.predicted),
            crate::report::number::amount(pair.column, pair.measured)
        );
        svg.begin_mark(&tip, "", &[pair.id]);
        match pair.measured.source {
            Source::Measured | Source::Predicted => svg.disc(at, 3.4, SERIES[0]),
            Source::Imported => svg.triangle(at, 4.0, SERIES[1]),
        }
        svg.end();
    }
}

fn table(pairs: &[Pair]) -> Table {
    const MOST_ROWS: usize = 100;
    let mut table = Table::new(
        "table-measured",
        "Predicted and measured values",
        vec![
            Head::text("Point"),
            Head::text("Value"),
            Head::number("Predicted", ""),
            Head::number("Measured", ""),
            Head::number("Error", "% of measured"),
        ],
    );
    for pair in pairs.iter().take(MOST_ROWS) {
        let error = pair.predicted.value / pair.measured.value - 1.0;
        table.push(vec![
            Cell::text(pair.key),
            Cell::text(label::column(pair.column)),
            Cell::number(
                crate::report::number::amount(pair.column, pair.predicted),
                pair.predicted.value,
            ),
            Cell::number(
                crate::report::number::amount(pair.column, pair.measured),
                pair.measured.value,
            ),
            Cell::number(rounded(error * 100.0, 2), error),
        ]);
    }
    table
}
