//! Which charts are drawn, and why others are not.

use super::super::choice::Choices;
use super::super::keys::KeyColumns;
use super::super::view::{ChartView, Omitted};
use super::{
    Palette, batch_sweep, battery, cost, energy, fleet, heatmap, heatmap_grid, latency, measured,
    memory, offload, pareto, pareto_axis, roofline, surface, tornado,
};
use crate::scenario::Chart;

/// Width of all pictures; a page and a PDF column scale it.
pub(super) const WIDTH: f64 = 480.0;

/// Rows of the table behind a chart.
const MOST_ROWS: usize = 100;

/// What a chart draws from.
pub struct Canvas<'a> {
    /// Options and their points.
    pub choices: &'a Choices<'a>,
    /// The columns that matter.
    pub keys: &'a KeyColumns,
    /// Colours by name.
    pub palette: &'a Palette,
}

/// Charts asked for, or those of the workload: drawn ones, and those that are not with the reason.
pub fn charts(choices: &Choices, keys: &KeyColumns) -> (Vec<ChartView>, Vec<Omitted>) {
    let palette = Palette::of(choices);
    let canvas = Canvas {
        choices,
        keys,
        palette: &palette,
    };
    let mut drawn = Vec::new();
    let mut omitted = Vec::new();
    for chart in asked(&canvas) {
        match draw(&canvas, chart) {
            Ok(mut view) => {
                view.table.cap(MOST_ROWS);
                drawn.push(view);
            }
            Err(why) => omitted.push(Omitted {
                id: chart.name(),
                title: purpose(chart),
                why,
            }),
        }
    }
    (drawn, omitted)
}

fn asked(canvas: &Canvas) -> Vec<Chart> {
    let choices = canvas.choices;
    let presentation = &choices.results.presentation;
    let named = presentation
        .charts
        .as_ref()
        .map(|ids| ids.iter().filter_map(|id| Chart::from_name(id)).collect());
    let mut charts: Vec<Chart> = named.unwrap_or_else(|| {
        let mut charts = by_workload(choices);
        charts.extend(by_data(canvas));
        charts
    });
    if measured::any(choices) && !charts.contains(&Chart::PredictedVsMeasured) {
        charts.push(Chart::PredictedVsMeasured);
    }
    charts
}

fn by_workload(choices: &Choices) -> Vec<Chart> {
    let presentation = &choices.results.presentation;
    match presentation.workload.as_str() {
        "embedding" | "vision" => {
            vec![
                Chart::BatchSweep,
                Chart::Cost,
                Chart::Memory,
                Chart::Energy,
                Chart::Roofline,
                Chart::Tornado,
            ]
        }
        "training" => vec![
            Chart::StepBreakdown,
            Chart::Scaling,
            Chart::CostDeadline,
            Chart::Memory,
            Chart::Energy,
            Chart::Tornado,
        ],
        "kernel" => vec![Chart::Roofline],
        _ => {
            let mut charts = vec![
                Chart::Pareto,
                Chart::LatencyLoad,
                Chart::Cost,
                Chart::Memory,
                Chart::Energy,
                Chart::Roofline,
                Chart::Tornado,
            ];
            if choices
                .question
                .is_some_and(|question| question.demand.is_some())
            {
                charts.push(Chart::FleetSize);
            }
            charts
        }
    }
}

/// Charts that are added where there is something to draw, and not missed where there is not.
fn by_data(canvas: &Canvas) -> Vec<Chart> {
    let mut charts = Vec::new();
    let sweeps = || by_workload(canvas.choices).contains(&Chart::BatchSweep);
    if batch_sweep::any(canvas) && !sweeps() {
        charts.push(Chart::BatchSweep);
    }
    if battery::any(canvas) {
        charts.push(Chart::Battery);
    }
    if offload::axis(canvas).is_some() {
        charts.push(Chart::Offload);
    }
    if heatmap_grid::plane(canvas.choices).is_some() {
        charts.push(Chart::Heatmap);
    }
    if surface::any(canvas) {
        charts.push(Chart::Surface);
    }
    charts
}

fn draw(canvas: &Canvas, chart: Chart) -> Result<ChartView, String> {
    let no_data = |what: &str| Err(format!("results do not carry {what} yet"));
    match chart {
        Chart::Pareto
        | Chart::ParetoLatency
        | Chart::Cost
        | Chart::Memory
        | Chart::Energy
        | Chart::Roofline
        | Chart::Heatmap
            if canvas.choices.stands_beside_the_answer() =>
        {
            Err("results stand at the load of the points, not at the load found".to_owned())
        }
        Chart::Pareto => pareto::draw(canvas, pareto_axis::First::Interactivity),
        Chart::ParetoLatency => pareto::draw(canvas, pareto_axis::First::Latency),
        Chart::LatencyLoad => latency::draw(canvas),
        Chart::Cost => cost::draw(canvas),
        Chart::Memory => memory::draw(canvas),
        Chart::Energy => energy::draw(canvas),
        Chart::FleetSize => fleet::draw(canvas),
        Chart::PredictedVsMeasured => measured::draw(canvas),
        Chart::Roofline => roofline::draw(canvas),
        Chart::Tornado => tornado::draw(canvas),
        Chart::BatchSweep => batch_sweep::draw(canvas),
        Chart::Battery => battery::draw(canvas),
        Chart::Offload => offload::draw(canvas),
        Chart::Heatmap => heatmap::draw(canvas),
        Chart::Surface => surface::draw(canvas),
        Chart::StepBreakdown => no_data("the parts of a training step"),
        Chart::Scaling => no_data("the efficiency of more nodes"),
        Chart::CostDeadline => no_data("the cost of a job by its duration"),
    }
}

/// The name of a chart by its id: what it shows, whatever it finds.
#[cfg(feature = "pdf")]
pub fn chart_name(id: &str) -> &'static str {
    Chart::from_name(id).map_or("", purpose)
}

/// What a chart would show, for readers who miss it.
const fn purpose(chart: Chart) -> &'static str {
    match chart {
        Chart::Pareto => "Throughput against interactivity",
        Chart::ParetoLatency => "Throughput against end-to-end latency",
        Chart::LatencyLoad => "Latency under load",
        Chart::Cost => "Cost of each option",
        Chart::Memory => "Memory of each option",
        Chart::Roofline => "Roofline of prefill and decode",
        Chart::PredictedVsMeasured => "Predicted against measured",
        Chart::Tornado => "What would change the answer",
        Chart::Energy => "Energy and carbon of each option",
        Chart::FleetSize => "Fleet size by load",
        Chart::BatchSweep => "Throughput and latency by batch size",
        Chart::Battery => "Hours of a charge",
        Chart::Offload => "Speed by layers on the accelerator",
        Chart::Heatmap => "One number over two axes",
        Chart::Surface => "One number over two axes of numbers, in three dimensions",
        Chart::StepBreakdown => "Parts of a training step",
        Chart::Scaling => "Efficiency of more nodes",
        Chart::CostDeadline => "Cost against the deadline",
    }
}
