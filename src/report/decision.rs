//! The decision table and the tiles: the numbers that a choice rests on.

use super::choice::{Choice, Choices};
use super::label;
use super::number::{NBSP, Shown, rounded};
use super::view::{Cell, Head, Row, Table, Tile, TileLine};
use crate::record::{Column, Metric, PointResult, Stat};

/// Options that a decision table has room for on a page of a screen.
pub const MOST_OPTIONS: usize = 8;
/// Options that it has room for on paper: the best three and the baseline.
pub const FEW_OPTIONS: usize = 4;

/// Hours of a month in all costs.
const HOURS_PER_MONTH: f64 = 730.0;

/// The cost, latency, throughput and energy columns that this document speaks of.
pub struct KeyColumns {
    /// Cost of a unit of work.
    pub cost: Option<Column>,
    /// The latency that objectives limit.
    pub latency: Option<Column>,
    /// Work done in a second.
    pub throughput: Option<Column>,
    /// Energy of a unit of work.
    pub energy: Option<Column>,
}

impl KeyColumns {
    /// The first of each kind that a point carries.
    pub fn of(choices: &Choices) -> Self {
        let here = |column: &Column| {
            let has = |option: &Choice| option.chosen.predicted(*column).is_some();
            choices.options.iter().any(has)
        };
        let first =
            |metrics: &[Metric]| metrics.iter().map(|metric| Column::of(*metric)).find(here);
        let asked = choices
            .objective
            .filter(|column| column.metric.name().starts_with("cost_per_m"));
        Self {
            cost: asked.filter(here).or_else(|| {
                first(&[
                    Metric::CostPerMtokOutput,
                    Metric::CostPerMtokTotal,
                    Metric::CostPerMsample,
                    Metric::CostTotal,
                ])
            }),
            latency: limited_latencies(choices)
                .into_iter()
                .find(here)
                .or_else(|| {
                    let fallback = [
                        Metric::Ttft,
                        Metric::E2el,
                        Metric::Latency,
                        Metric::StepTime,
                    ];
                    fallback
                        .iter()
                        .flat_map(|metric| [Column::stat(Stat::P99, *metric), Column::of(*metric)])
                        .find(here)
                }),
            throughput: first(&[
                Metric::OutputThroughput,
                Metric::SamplesPerSecond,
                Metric::TokensPerSecondPerAccelerator,
            ]),
            energy: first(&[
                Metric::EnergyPerOutputToken,
                Metric::EnergyPerSample,
                Metric::EnergyTotal,
            ]),
        }
    }
}

/// Latency columns of the objectives: aggregate limits as written, per-request limits at the 99th percentile.
fn limited_latencies(choices: &Choices) -> Vec<Column> {
    let wanted = choices.objectives();
    let slos = choices.results.presentation.slos.iter();
    let limits = slos
        .filter(|slo| wanted.contains(&slo.name))
        .flat_map(|slo| &slo.limits);
    let mut columns: Vec<(bool, Column)> = limits
        .filter_map(|limit| {
            let column: Column = limit.name.parse().ok()?;
            let per_request = limit.attainment.is_some();
            let is_time = column.metric.unit() == "s";
            let column = if per_request {
                Column::stat(Stat::P99, column.metric)
            } else {
                column
            };
            is_time.then_some((per_request, column))
        })
        .collect();
    columns.sort_by_key(|(per_request, _)| *per_request);
    columns.into_iter().map(|(_, column)| column).collect()
}

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
    for column in [keys.cost, keys.latency].into_iter().flatten() {
        let numbers = column_of(&shortlist, column);
        table.head.push(numbers.0);
        cells
            .iter_mut()
            .zip(numbers.1)
            .for_each(|(row, cell)| row.push(cell));
    }
    for (head, column) in monthly(choices, &shortlist) {
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

/// Cost, accelerators and carbon of a month, for the stated demand where there is one.
fn monthly(choices: &Choices, options: &[&Choice]) -> Vec<(Head, Vec<Cell>)> {
    let currency = choices.results.inputs.currency.clone().unwrap_or_default();
    let fleets: Vec<Fleet> = options
        .iter()
        .map(|option| Fleet::of(choices, option))
        .collect();
    let mut columns = Vec::new();
    let optional = |value: Option<f64>| {
        value.map_or_else(Cell::none, |value| Cell::number(rounded(value, 3), value))
    };
    if fleets.iter().any(|fleet| fleet.cost_per_month.is_some()) {
        let cells = fleets
            .iter()
            .map(|fleet| optional(fleet.cost_per_month))
            .collect();
        columns.push((Head::number("Cost per month", currency), cells));
    }
    let count =
        |fleet: &Fleet| Cell::number(fleet.accelerators.to_string(), fleet.accelerators as f64);
    columns.push((
        Head::number("Accelerators", ""),
        fleets.iter().map(count).collect(),
    ));
    if fleets.iter().any(|fleet| fleet.kg_per_month.is_some()) {
        let cells = fleets
            .iter()
            .map(|fleet| optional(fleet.kg_per_month))
            .collect();
        columns.push((Head::number("Carbon per month", "kgCO2e"), cells));
    }
    columns
}

/// What serves the stated demand with one option, or one deployment where no demand is stated.
pub struct Fleet {
    /// Accelerators of all of them.
    pub accelerators: u64,
    /// Money of a month.
    pub cost_per_month: Option<f64>,
    /// Kilograms of CO2e of a month at full load.
    pub kg_per_month: Option<f64>,
}

impl Fleet {
    /// The fleet of an option at its chosen point.
    pub fn of(choices: &Choices, option: &Choice) -> Self {
        let point = option.chosen;
        let value = |metric: Metric| point.predicted(Column::of(metric)).map(|entry| entry.value);
        let question = choices.question;
        let capacity_for = |demand: Option<f64>, capacity: Option<f64>| {
            let replicas = libm::ceil(demand? / capacity.filter(|capacity| *capacity > 0.0)?);
            Some(replicas.max(1.0) as u64)
        };
        let by_load = capacity_for(
            question.and_then(|question| question.demand_concurrency),
            point.system.load,
        );
        let by_rate = capacity_for(
            question.and_then(|question| question.demand_request_rate),
            value(Metric::RequestThroughput),
        );
        let replicas = by_load.or(by_rate).unwrap_or(1);
        let answered = choices
            .answers()
            .find(|answer| answer.key.as_deref() == Some(point.key.as_str()));
        let sized = answered.and_then(|answer| answer.size.as_ref());
        let hourly =
            value(Metric::CostPerHour).map(|hour| hour * HOURS_PER_MONTH * replicas as f64);
        let carbon = value(Metric::CarbonPerMtok)
            .zip(value(Metric::OutputThroughput))
            .map(|(grams, rate)| {
                // Grams of a million tokens, times the millions of a month, in kilograms.
                grams * rate * 3600.0 * HOURS_PER_MONTH * replicas as f64 / 1e9
            });
        Self {
            accelerators: sized.map_or(u64::from(point.system.accelerators) * replicas, |size| {
                size.accelerators
            }),
            cost_per_month: sized.and_then(|size| size.cost_per_month).or(hourly),
            kg_per_month: carbon,
        }
    }
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
    format!(
        "All numbers are predicted; ranges hold with {} confidence. A month is 730{NBSP}h of full load, {fleet}. Each option stands at its best load that meets the objectives.{hidden}",
        super::number::percent(choices.results.presentation.confidence)
    )
}

/// Cost, latency, throughput and energy of the answers.
pub fn tiles(choices: &Choices, keys: &KeyColumns) -> Vec<Tile> {
    let answered: Vec<&Choice> = choices
        .options
        .iter()
        .filter(|option| option.recommended)
        .take(3)
        .collect();
    let best: Vec<&Choice> = if answered.is_empty() {
        choices
            .groups
            .iter()
            .filter_map(|group| choices.of_group(group).next())
            .take(3)
            .collect()
    } else {
        answered
    };
    let named = [
        ("cost", keys.cost),
        ("latency", keys.latency),
        ("throughput", keys.throughput),
        ("energy", keys.energy),
    ];
    named
        .into_iter()
        .filter_map(|(id, column)| Some((id, column?)))
        .map(|(id, column)| Tile {
            id,
            label: label::column(column),
            lines: best
                .iter()
                .filter_map(|option| tile_line(option, column))
                .collect(),
            note: tile_note(choices, column),
            help: column.metric.definition().to_owned(),
        })
        .filter(|tile| !tile.lines.is_empty())
        .collect()
}

fn tile_line(option: &Choice, column: Column) -> Option<TileLine> {
    let entry = option.chosen.predicted(column)?;
    let shown = Shown::of_entry(column, entry);
    Some(TileLine {
        group: option.group.clone(),
        value: shown.number(entry.value),
        unit: shown.unit.clone(),
        interval: entry
            .interval
            .filter(|(lo, hi, _)| lo < hi)
            .map_or_else(String::new, |(lo, hi, _)| shown.interval(lo, hi)),
    })
}

/// What a reader must know to compare the number: the limit, the utilisation, the scope.
fn tile_note(choices: &Choices, column: Column) -> String {
    let presentation = &choices.results.presentation;
    let name = column.metric.name();
    if name.starts_with("cost") {
        return presentation
            .pricing
            .as_ref()
            .map_or_else(String::new, |pricing| {
                let purchase = pricing
                    .purchase
                    .first()
                    .map_or_else(String::new, |purchase| label::purchase(purchase));
                format!(
                    "{purchase}, {} utilisation",
                    super::number::percent(pricing.utilization)
                )
            });
    }
    if name.starts_with("energy") {
        return presentation.energy_scope.clone();
    }
    let wanted = choices.objectives();
    let slos = presentation
        .slos
        .iter()
        .filter(|slo| wanted.contains(&slo.name));
    let column_name = column.to_string();
    let mut limits = slos.flat_map(|slo| &slo.limits);
    limits
        .find(|limit| limit.name == column_name || limit.name == name)
        .map_or_else(String::new, |limit| format!("limit: {}", limit.text))
}
