//! What a month of each option takes: accelerators, money, carbon.

use super::choice::{Choice, Choices};
use super::number::rounded;
use super::view::{Cell, Head};
use crate::record::{Column, Metric};

/// Hours of a mean month: 8 760 hours of a year over twelve.
const HOURS_PER_MONTH: f64 = 730.0;

/// Cost, accelerators and carbon of a month, for the stated demand where there is one.
pub fn monthly(choices: &Choices, options: &[&Choice]) -> Vec<(Head, Vec<Cell>)> {
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
    let count = |fleet: &Fleet| {
        fleet.accelerators.map_or_else(Cell::none, |count| {
            Cell::number(count.to_string(), count as f64)
        })
    };
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
struct Fleet {
    /// Accelerators of all of them; unknown where loads were searched and none was found.
    accelerators: Option<u64>,
    /// Money of a month.
    cost_per_month: Option<f64>,
    /// Kilograms of carbon dioxide equivalent of a month at full load.
    kg_per_month: Option<f64>,
}

impl Fleet {
    /// The fleet of an option at its chosen point.
    fn of(choices: &Choices, option: &Choice) -> Self {
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
        // A month's cost counts the copies that are paid, more than those that serve where spot machines are taken away.
        let paid = value(Metric::CostPerMonth)
            .zip(value(Metric::CostPerHour).filter(|hour| *hour > 0.0))
            .map(|(month, hour)| month / hour / HOURS_PER_MONTH)
            .filter(|copies| *copies >= 0.5 && (copies - libm::round(*copies)).abs() < 1e-6)
            .map(|copies| libm::round(copies) as u64)
            // Of an owned machine the hour is one of use: the ratio then counts its share of the time as well.
            .filter(|paid| by_load.or(by_rate).is_none_or(|serving| *paid >= serving));
        let replicas = paid.or(by_load).or(by_rate).unwrap_or(1);
        let answered = choices
            .answers()
            .find(|answer| answer.point() == Some(point.key.as_str()));
        let sized = answered.and_then(|answer| answer.size.as_ref());
        // What an option does at the load of its point says nothing of what it could do.
        let demanded = question.is_some_and(|question| question.demand.is_some());
        if demanded && choices.searched() && sized.is_none() {
            return Self {
                accelerators: None,
                cost_per_month: None,
                kg_per_month: None,
            };
        }
        // Documents of before there was a column of a month have the price of an hour.
        let hourly = value(Metric::CostPerMonth).or_else(|| {
            value(Metric::CostPerHour).map(|hour| hour * HOURS_PER_MONTH * replicas as f64)
        });
        let carbon = value(Metric::CarbonPerMtok)
            .zip(value(Metric::OutputThroughput))
            .map(|(grams, rate)| {
                // Grams of a million tokens, times the millions of a month, in kilograms.
                grams * rate * 3600.0 * HOURS_PER_MONTH * replicas as f64 / 1e9
            });
        let carbon = value(Metric::CarbonPerMonth)
            .map(|grams| grams / 1e3)
            .or(carbon);
        Self {
            accelerators: Some(
                sized.map_or(u64::from(point.system.accelerators) * replicas, |size| {
                    size.accelerators
                }),
            ),
            cost_per_month: sized.and_then(|size| size.cost_per_month).or(hourly),
            kg_per_month: carbon,
        }
    }
}
