//! The columns that a choice rests on.

use super::choice::{Choice, Choices};
use crate::record::{Column, Metric, Stat};

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
