//! What a unit of work costs with each option.

use super::Canvas;
use super::bars::{self, Bar, BarPanel, Reference};
use crate::record::{Column, Metric, PointResult, Source, ValueEntry};
use crate::report::choice::Choice;
use crate::report::label;
use crate::report::number::{Shown, percent, rounded};
use crate::report::payments::purchase_of;
use crate::report::view::{Cell, ChartView, Head, Table};

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let column = canvas.keys.cost.ok_or("no price given")?;
    let groups = bars::by_name(canvas);
    let panels: Vec<BarPanel> = groups
        .iter()
        .map(|(group, options)| BarPanel {
            group: (*group).to_owned(),
            bars: options
                .iter()
                .filter_map(|option| bar(canvas, option, column))
                .collect(),
            references: references(canvas, options, column),
        })
        .filter(|panel| !panel.bars.is_empty())
        .collect();
    let n = panels.iter().map(|panel| panel.bars.len()).sum();
    if n == 0 {
        return Err("no price given".to_owned());
    }
    let currency = canvas
        .choices
        .results
        .inputs
        .currency
        .as_deref()
        .unwrap_or("currency");
    let unit = Shown::of(column, currency, 1.0).unit;
    let svg = bars::draw(&panels, &format!("{}, {unit}", label::column(column)));
    let title = title(canvas, &groups, column);
    let alt = format!(
        "{title}. Bars of {} for each option with intervals.",
        label::column(column).to_lowercase()
    );
    Ok(ChartView {
        id: "cost",
        section: "cost",
        subtitle: subtitle(canvas, column),
        svg: svg.finish("chart-cost", &title, &alt),
        alt,
        n,
        note: note(canvas),
        table: table(&groups, column, &unit),
        title,
    })
}

fn predicted(point: &PointResult, column: Column) -> impl Iterator<Item = &ValueEntry> {
    let entries = point.metrics.get(&column).map_or(&[][..], Vec::as_slice);
    entries
        .iter()
        .filter(|entry| entry.source == Source::Predicted)
}

fn bar(canvas: &Canvas, option: &Choice, column: Column) -> Option<Bar> {
    let reference = option.chosen.predicted(column)?;
    let values = || predicted(option.chosen, column).map(|entry| entry.value);
    let range = (
        values().fold(f64::INFINITY, f64::min),
        values().fold(0.0, f64::max),
    );
    Some(Bar {
        name: option.name.clone(),
        brief: option.brief.clone(),
        ink: canvas.palette.ink(&option.name),
        value: reference.value,
        interval: reference.interval.map(|(lo, hi, _)| (lo, hi)),
        range: (range.0 < range.1).then_some(range),
        text: if option.eligible() {
            rounded(reference.value, 3)
        } else {
            format!("{} (misses)", rounded(reference.value, 3))
        },
        marked: option.recommended,
        point: option.chosen.id.clone(),
        tip: bars::tip(canvas, option, column),
    })
}

/// Hosted prices at the mix of prompt and output tokens of the group's points.
fn references(canvas: &Canvas, options: &[&Choice], column: Column) -> Vec<Reference> {
    let Some(pricing) = &canvas.choices.results.presentation.pricing else {
        return Vec::new();
    };
    if column.metric != Metric::CostPerMtokOutput {
        return Vec::new();
    }
    let rate =
        |point: &PointResult, metric: Metric| Some(point.predicted(Column::of(metric))?.value);
    let mix = options.iter().find_map(|option| {
        let output = rate(option.chosen, Metric::OutputThroughput).filter(|rate| *rate > 0.0)?;
        Some(rate(option.chosen, Metric::InputThroughput)? / output)
    });
    let Some(mix) = mix else {
        return Vec::new();
    };
    pricing
        .compare_api
        .iter()
        .map(|api| {
            let value = mix * api.input_per_mtok + api.output_per_mtok;
            Reference {
                name: format!("{} {}", api.name, rounded(value, 3)),
                value,
            }
        })
        .collect()
}

fn title(canvas: &Canvas, groups: &[(&str, Vec<&Choice>)], column: Column) -> String {
    match bars::least(groups, column, "is cheapest").as_slice() {
        [] => format!(
            "No priced option meets {}",
            label::list(canvas.choices.objectives())
        ),
        some => some.join("; "),
    }
}

fn subtitle(canvas: &Canvas, column: Column) -> String {
    let pricing = canvas.choices.results.presentation.pricing.as_ref();
    let utilization = pricing.map_or_else(String::new, |pricing| {
        let options: Vec<&Choice> = canvas.choices.options.iter().collect();
        let purchase =
            purchase_of(&options, column).map_or_else(String::new, |name| format!(", {name}"));
        format!("{purchase}, {} utilisation", percent(pricing.utilization))
    });
    let kind = if column.metric == Metric::CostPerMtokOutput {
        "Whole deployment charged to output tokens"
    } else if column.metric == Metric::CostPerMtokInput {
        "Whole deployment charged to prompt tokens"
    } else {
        "Whole deployment charged"
    };
    format!("{kind}{utilization}")
}

fn note(canvas: &Canvas) -> String {
    let pricing = canvas.choices.results.presentation.pricing.as_ref();
    let others = pricing
        .filter(|pricing| pricing.purchase.len() > 1)
        .map_or_else(String::new, |pricing| {
            let names: Vec<String> = pricing
                .purchase
                .iter()
                .map(|name| label::purchase(name))
                .collect();
            format!(
                " The thin line below a bar spans the prices of {}.",
                label::list(&names)
            )
        });
    let hosted = pricing
        .filter(|pricing| !pricing.compare_api.is_empty())
        .map_or(
            "",
            |_| " Dotted lines are hosted prices at the same mix of prompt and output tokens.",
        );
    format!(
        "Predicted. Whiskers are the interval of throughput.{others}{hosted} The recommended option is in full colour."
    )
}

fn table(groups: &[(&str, Vec<&Choice>)], column: Column, unit: &str) -> Table {
    let mut table = Table::new(
        "table-cost",
        label::column(column),
        vec![
            Head::text("Option"),
            Head::text("Purchase"),
            Head::number(label::column(column), unit),
        ],
    );
    for option in groups.iter().flat_map(|(_, options)| options) {
        for entry in predicted(option.chosen, column) {
            let shown = Shown::of_entry(column, entry);
            table.push(vec![
                Cell::text(option.full_name()),
                Cell::text(
                    entry
                        .purchase
                        .map_or_else(|| "–".to_owned(), label::purchase),
                ),
                Cell {
                    text: shown.number(entry.value),
                    raw: Some(entry.value),
                    interval: entry
                        .interval
                        .map_or_else(String::new, |(lo, hi, _)| shown.interval(lo, hi)),
                    verdict: "",
                },
            ]);
        }
    }
    table
}
