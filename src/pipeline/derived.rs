//! How what follows from an estimate came about: cost, energy, carbon, battery life, shares within objectives.
//!
//! The formulas are those of [`analyse::point`]; each input says where it comes from: the scenario, the catalogue with its
//! date, or another line.

use super::facts::facts;
use crate::analyse::{self, Context};
use crate::catalog::Catalog;
use crate::perf::{ExplainInput, ExplainLine};
use crate::record::{
    Column, Estimate, IntervalKind, Metric, PointResult, Source, Stat, ValueEntry,
};
use crate::scenario::{Loaded, Paid, RunPoint};
use crate::units::{count, percent, si, significant};

/// Columns that are made of others alone: the formula with the names of columns as symbols, and these columns.
const MADE: [(Metric, &str, &[Metric]); 25] = [
    (
        Metric::OutputThroughput,
        "request_throughput · output tokens of a request",
        &[Metric::RequestThroughput],
    ),
    (
        Metric::InputThroughput,
        "request_throughput · prompt tokens of a request",
        &[Metric::RequestThroughput],
    ),
    (
        Metric::TotalTokenThroughput,
        "input_throughput + output_throughput",
        &[Metric::InputThroughput, Metric::OutputThroughput],
    ),
    (
        Metric::OutputThroughputPerAccelerator,
        "output_throughput / accelerators of all replicas",
        &[Metric::OutputThroughput],
    ),
    (
        Metric::Interactivity,
        "1 / tpot of each request",
        &[Metric::Tpot],
    ),
    (
        Metric::Ntpot,
        "e2el / output tokens of each request",
        &[Metric::E2el],
    ),
    (
        Metric::MemoryTotal,
        "memory_weights + memory_kv + memory_activations + memory_overhead",
        &[
            Metric::MemoryWeights,
            Metric::MemoryKv,
            Metric::MemoryActivations,
            Metric::MemoryOverhead,
        ],
    ),
    (
        Metric::MemoryFits,
        "memory_total ≤ capacity · share that the runtime may use",
        &[Metric::MemoryTotal],
    ),
    (
        Metric::Goodput,
        "slo_attainment · request_throughput",
        &[Metric::SloAttainment, Metric::RequestThroughput],
    ),
    (
        Metric::EnergyPerOutputToken,
        "power / output_throughput",
        &[Metric::Power, Metric::OutputThroughput],
    ),
    (
        Metric::EnergyPerRequest,
        "power / request_throughput",
        &[Metric::Power, Metric::RequestThroughput],
    ),
    (
        Metric::EnergyPerSample,
        "power / samples_per_second",
        &[Metric::Power, Metric::SamplesPerSecond],
    ),
    (
        Metric::EnergyTotal,
        "power · wall_clock",
        &[Metric::Power, Metric::WallClock],
    ),
    (
        Metric::CarbonPerMtok,
        "(power · PUE · intensity + embodied) / output_throughput · 10⁶",
        &[Metric::Power, Metric::OutputThroughput],
    ),
    (
        Metric::CarbonPerMsample,
        "(power · PUE · intensity + embodied) / samples_per_second · 10⁶",
        &[Metric::Power, Metric::SamplesPerSecond],
    ),
    (
        Metric::CarbonTotal,
        "(power · PUE · intensity + embodied) · wall_clock",
        &[Metric::Power, Metric::WallClock],
    ),
    (
        Metric::CostPerMtokOutput,
        "cost_per_hour / 3600 s / utilization / availability / output_throughput · 10⁶",
        &[Metric::CostPerHour, Metric::OutputThroughput],
    ),
    (
        Metric::CostPerMtokInput,
        "cost_per_hour / 3600 s / utilization / availability / input_throughput · 10⁶",
        &[Metric::CostPerHour, Metric::InputThroughput],
    ),
    (
        Metric::CostPerMtokTotal,
        "cost_per_hour / 3600 s / utilization / availability / total_token_throughput · 10⁶",
        &[Metric::CostPerHour, Metric::TotalTokenThroughput],
    ),
    (
        Metric::CostPerMsample,
        "cost_per_hour / 3600 s / utilization / availability / samples_per_second · 10⁶",
        &[Metric::CostPerHour, Metric::SamplesPerSecond],
    ),
    (
        Metric::CostPerMonth,
        "copies · cost_per_hour · 730 h, owned machines at a duty of 100 %",
        &[Metric::CostPerHour],
    ),
    (
        Metric::CostPerYear,
        "12 · cost_per_month",
        &[Metric::CostPerMonth],
    ),
    (
        Metric::CarbonPerMonth,
        "copies · (power · PUE · intensity + embodied) · 730 h",
        &[Metric::Power],
    ),
    (
        Metric::CostTotal,
        "cost_per_hour / 3600 s / utilization / availability · wall_clock",
        &[Metric::CostPerHour, Metric::WallClock],
    ),
    (
        Metric::RequestsPerCharge,
        "battery_life · min(asked, 1 / e2el)",
        &[Metric::BatteryLife, Metric::E2el],
    ),
];

/// A point that is explained, with everything that it is made of.
pub(super) struct Subject<'a> {
    pub context: Context<'a>,
    pub point: &'a RunPoint,
    pub estimate: &'a Estimate,
    result: PointResult,
}

/// Adds a line for every number of the point that the lines of its estimate do not explain, and the inputs of those that name none.
pub fn explain_derived(
    (loaded, catalog): (&Loaded, &Catalog),
    point: &RunPoint,
    estimate: &Estimate,
    lines: &mut Vec<ExplainLine>,
) {
    let facts = facts(&loaded.scenario, &loaded.plan, catalog);
    let context = Context {
        scenario: &loaded.scenario,
        facts: &facts,
    };
    let subject = Subject {
        context,
        point,
        estimate,
        result: analyse::point(context, point, point.id(), estimate),
    };
    for (column, entries) in &subject.result.metrics {
        for entry in entries {
            let name = subject.name(*column, entry);
            let known = lines.iter().position(|line| line.name == name);
            let at = known.unwrap_or_else(|| {
                lines.push(subject.line(name, *column, entry));
                lines.len() - 1
            });
            let line = &mut lines[at];
            if known.is_some() && line.formula == column.metric.definition() {
                let known = std::mem::take(&mut line.inputs);
                line.formula = formula(*column);
                line.inputs = subject.inputs(*column, entry);
                line.inputs.extend(known);
            }
            let basis = entry.basis;
            let basis = input(ExplainLine::BASIS, basis.name().to_owned(), basis.meaning());
            line.inputs.insert(0, basis);
        }
    }
    lines.extend(subject.fleet_lines());
}

/// The formula of a column; of a statistic over requests, how it is taken.
fn formula(column: Column) -> String {
    let made = MADE.iter().find(|(metric, ..)| *metric == column.metric);
    let formula = made.map_or(column.metric.definition(), |(_, formula, _)| formula);
    match column.stat {
        None | Some(Stat::Mean) => formula.to_owned(),
        Some(stat) => format!(
            "{} over requests, straight between the middles of what their lengths and waits give: {formula}",
            stat.name()
        ),
    }
}

/// Where both ends of an interval come from.
const fn origin(kind: IntervalKind) -> &'static str {
    match kind {
        IntervalKind::Carried => "both ends of what it is made of, as if the worst came together",
        IntervalKind::CalibratedResidual => {
            "the terms' ends, widened by how far predictions missed rows that the fit had not seen"
        }
        IntervalKind::TermBounds => "all terms at their fast and at their slow ends",
        IntervalKind::StudentT
        | IntervalKind::EffectiveN
        | IntervalKind::OrderStatistic
        | IntervalKind::Wilson
        | IntervalKind::None => "of the sample",
    }
}

/// An input of an equation.
pub(super) fn input(label: &str, value: String, source: impl Into<String>) -> ExplainInput {
    ExplainInput {
        label: label.to_owned(),
        value,
        source: source.into(),
    }
}

impl Subject<'_> {
    /// What the analysis makes of the point.
    pub(super) fn result(&self) -> &PointResult {
        &self.result
    }

    /// The column; of other than the reference purchase with its name.
    fn name(&self, column: Column, entry: &ValueEntry) -> String {
        let reference = self.result.predicted(column);
        let other = reference.filter(|reference| reference.purchase != entry.purchase);
        match (other, entry.purchase) {
            (Some(_), Some(purchase)) => format!("{column} ({purchase})"),
            (Some(_) | None, _) => column.to_string(),
        }
    }

    fn line(&self, name: String, column: Column, entry: &ValueEntry) -> ExplainLine {
        let mut inputs = Vec::new();
        if let Some((lo, hi, level)) = entry.interval {
            inputs.push(input(
                "interval",
                format!("{} to {}", shown(lo, &entry.unit), shown(hi, &entry.unit)),
                format!("at {}: {}", percent(level, 3), origin(entry.interval_kind)),
            ));
        }
        inputs.extend(self.inputs(column, entry));
        ExplainLine {
            name,
            value: entry.value,
            unit: column.metric.unit(),
            formula: self.formula(column, entry),
            inputs,
        }
    }

    fn formula(&self, column: Column, entry: &ValueEntry) -> String {
        let metric = column.metric;
        if metric == Metric::CostPerHour {
            return match self.paid(entry) {
                Some(Paid::Owned(_)) => {
                    "nodes · ((capex − resale) / life + upkeep) / duty + power · PUE · electricity"
                        .to_owned()
                }
                Some(Paid::Rented(_)) | None => "nodes · price of a node".to_owned(),
            };
        }
        if metric == Metric::Power {
            let scope = entry.scope.as_deref().unwrap_or_default();
            return format!("sum over {scope}");
        }
        if metric == Metric::BatteryLife {
            return "capacity · usable · ageing · converter / (base + u · power + (1 − u) · rest)"
                .to_owned();
        }
        formula(column)
    }

    /// What a number is made of: other lines first, then facts.
    fn inputs(&self, column: Column, entry: &ValueEntry) -> Vec<ExplainInput> {
        let metric = column.metric;
        let made = MADE.iter().find(|(made, ..)| *made == metric);
        let of = made.map_or(&[][..], |(_, _, of)| of);
        let mut inputs: Vec<ExplainInput> = of
            .iter()
            .filter_map(|metric| self.under(*metric, entry.purchase))
            .collect();
        if column.stat.is_some_and(|stat| stat != Stat::Mean) {
            inputs.extend(self.other(metric));
        }
        let name = metric.name();
        if metric == Metric::CostPerHour {
            inputs.extend(self.price(entry));
        } else if metric == Metric::CostPerMonth {
            inputs.push(self.copies(entry.purchase));
        } else if metric != Metric::CostPerYear && name.starts_with("cost_") {
            inputs.extend(self.utilization());
            inputs.push(self.availability(entry.purchase));
        } else if metric == Metric::Power {
            inputs.extend(self.scopes());
        } else if name.starts_with("carbon_") {
            inputs.extend(self.grid());
            if metric == Metric::CarbonPerMonth {
                inputs.push(self.copies(None));
            }
        } else if metric == Metric::BatteryLife || metric == Metric::RequestsPerCharge {
            inputs.extend(self.battery(metric));
        } else if metric == Metric::SloAttainment {
            inputs.extend(self.limits());
        } else if [
            Metric::MemoryWeights,
            Metric::MemoryKv,
            Metric::MemoryActivations,
        ]
        .contains(&metric)
        {
            inputs.extend(self.kept());
        } else if metric == Metric::MemoryFits {
            let memory = &self.estimate.memory;
            inputs.push(input(
                "capacity",
                si(memory.capacity.get(), "B", 4),
                self.device(),
            ));
            inputs.push(input(
                "may be used",
                si(memory.usable.get(), "B", 4),
                "the runtime's share of it",
            ));
        } else if metric == Metric::OutputThroughputPerAccelerator {
            let devices = count(u64::from(self.estimate.accelerators));
            inputs.push(input("accelerators", devices, "the deployment"));
        }
        inputs
    }

    /// Another number of the point as an input.
    pub fn other(&self, metric: Metric) -> Option<ExplainInput> {
        self.under(metric, None)
    }

    /// The same under a purchase option, where it has one.
    fn under(&self, metric: Metric, purchase: Option<&str>) -> Option<ExplainInput> {
        let column = Column::of(metric);
        let entries = self.result.metrics.get(&column)?.iter();
        let mut predicted = entries.filter(|entry| entry.source == Source::Predicted);
        let entry = predicted
            .find(|entry| entry.purchase.is_some() && entry.purchase == purchase)
            .or_else(|| self.result.predicted(column))?;
        let value = match entry.interval {
            Some((lo, hi, _)) => format!(
                "{} [{}, {}]",
                shown(entry.value, &entry.unit),
                shown(lo, &entry.unit),
                shown(hi, &entry.unit)
            ),
            None => shown(entry.value, &entry.unit),
        };
        let name = self.name(column, entry);
        Some(input(&name, value, format!("line {name}")))
    }
}

/// A number with its unit; a number without one stays bare.
fn shown(value: f64, unit: &str) -> String {
    match unit {
        "1" | "bool" => significant(value, 3),
        "s" | "B" | "W" | "J" | "tok/s" | "req/s" | "sample/s" => si(value, unit, 3),
        unit => format!("{} {unit}", significant(value, 3)),
    }
}
