//! One estimate becomes the result of its point.

use std::collections::BTreeMap;

use super::attainment::attainment;
use super::battery::add_battery;
use super::carbon::add_carbon;
use super::columns::{Columns, Label, MoneyNames};
use super::facts::Facts;
use super::fleet::{Wanted, reference_availability};
use super::money::{Served, add_costs, reference_purchase};
use super::power::{add_energy, electricity, scoped_power};
use super::verdict::verdict;
use crate::diag::Code;
use crate::record::{Column, Estimate, Metric, PointResult, PointSystem, VerdictEntry};
use crate::scenario::{Pricing, RunPoint, Scenario};
use crate::units::Bytes;

/// What all points of a scenario are analysed with.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Prices, objectives, what energy is counted.
    pub scenario: &'a Scenario,
    /// Catalogue facts beside it.
    pub facts: &'a Facts,
}

/// Everything that follows from the estimate of one point; `id` is the hash of its inputs.
pub fn point(
    context: Context<'_>,
    point: &RunPoint,
    id: String,
    estimate: &Estimate,
) -> PointResult {
    let scenario = context.scenario;
    let mut notes = estimate.notes.clone();
    let mut columns = Columns::new(estimate, money_names(scenario, point));
    add_physical_and_money(&mut columns, context, point, estimate, &mut notes);
    add_attainment(&mut columns, scenario, point, estimate);
    let verdicts = verdicts(&columns, scenario, point, estimate);
    notes.sort();
    notes.dedup();
    PointResult {
        key: point.key.clone(),
        id,
        axes: point.axes.clone(),
        system: PointSystem::of(point, usable(estimate)),
        metrics: columns.into_metrics(),
        verdicts,
        bound: bounds(estimate),
        notes,
        evidence: None,
    }
}

/// Memory that may be used, where the capacity is known and the estimate therefore says whether the point fits.
fn usable(estimate: &Estimate) -> Option<Bytes> {
    estimate
        .get(Column::of(Metric::MemoryFits))
        .map(|_| estimate.memory.usable)
}

fn money_names<'a>(scenario: &'a Scenario, point: &RunPoint) -> MoneyNames<'a> {
    let of = |pricing: &'a Pricing| MoneyNames {
        currency: &pricing.currency,
        reference: reference_purchase(pricing, &point.system.hardware_alias),
    };
    scenario.pricing_of(point).map(of).unwrap_or_default()
}

fn add_physical_and_money(
    columns: &mut Columns<'_>,
    context: Context<'_>,
    point: &RunPoint,
    estimate: &Estimate,
    notes: &mut Vec<Code>,
) {
    let Context { scenario, facts } = context;
    let (energy, system) = (scenario.energy_at(point.terms), point.system.as_ref());
    let power = scoped_power(&estimate.power, energy);
    let number = |metric| columns.get(metric);
    let wanted = Wanted::of(scenario.demand(), point, &number);
    let pricing = scenario.pricing_of(point);
    match &power {
        Some(power) => {
            add_energy(columns, power);
            let replicas = wanted.replicas(reference_availability(pricing, system));
            add_carbon(columns, power, (system, replicas), (energy, facts), notes);
            add_battery(columns, power, &estimate.power, energy, &point.workload);
        }
        None if energy.scope.is_empty() => {}
        None => notes.push(Code::PowerUnknown),
    }
    if let Some(pricing) = pricing {
        let served = Served {
            system,
            electricity: power.and_then(|power| electricity(&power, energy, facts)),
            wanted,
        };
        add_costs(columns, pricing, served, notes);
    }
}

/// Attainment and goodput of the first objective with per-request limits.
fn add_attainment(
    columns: &mut Columns<'_>,
    scenario: &Scenario,
    point: &RunPoint,
    estimate: &Estimate,
) {
    let slo = scenario.slos.iter().find(|slo| !slo.per_request.is_empty());
    let Some(share) = slo.and_then(|slo| attainment(estimate, slo, point)) else {
        return;
    };
    columns.derive(Metric::SloAttainment, share, Label::default());
    if let Some(rate) = columns.get(Metric::RequestThroughput) {
        columns.derive(Metric::Goodput, share.times(rate), Label::default());
    }
}

fn verdicts(
    columns: &Columns<'_>,
    scenario: &Scenario,
    point: &RunPoint,
    estimate: &Estimate,
) -> BTreeMap<String, Vec<VerdictEntry>> {
    scenario
        .slos
        .iter()
        .filter_map(|slo| {
            let entry = verdict(columns, estimate, slo, point)?;
            Some((slo.name.clone(), vec![entry]))
        })
        .collect()
}

fn bounds(estimate: &Estimate) -> BTreeMap<&'static str, &'static str> {
    [
        ("prefill", estimate.bound_prefill),
        ("decode", estimate.bound_decode),
    ]
    .into_iter()
    .filter_map(|(phase, bound)| Some((phase, bound?.name())))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::sample;
    use crate::record::{Estimated, LatencyModel, Verdict};
    use crate::scenario::{EnergyScope, PerRequest};
    use crate::stats::math;

    fn result_of(hardware: &str, change: impl FnOnce(&mut Scenario, &mut Estimate)) -> PointResult {
        let mut scenario = sample::scenario();
        let mut estimate = sample::estimate(100.0);
        change(&mut scenario, &mut estimate);
        let context = Context {
            scenario: &scenario,
            facts: &Facts::default(),
        };
        point(
            context,
            &sample::point(0, hardware, 8),
            "id".to_owned(),
            &estimate,
        )
    }

    fn numbers(result: &PointResult, metric: Metric) -> Option<(f64, f64, f64)> {
        let entry = result.predicted(Column::of(metric))?;
        let (lo, hi) = entry
            .interval
            .map_or((entry.value, entry.value), |(lo, hi, _)| (lo, hi));
        Some((entry.value, lo, hi))
    }

    fn close(found: Option<(f64, f64, f64)>, expected: (f64, f64, f64)) {
        let found = found.expect("the column is there");
        for (found, expected) in [
            (found.0, expected.0),
            (found.1, expected.1),
            (found.2, expected.2),
        ] {
            assert!((found / expected - 1.0).abs() < 1e-9, "{found} {expected}");
        }
    }

    #[test]
    fn a_rented_token_costs_price_over_utilization_and_throughput() {
        let result = result_of("rented", |_, _| ());
        close(numbers(&result, Metric::CostPerHour), (7.2, 7.2, 7.2));
        // 0.002 USD/s / 0.5 / 100 tok/s × 10⁶, and the interval of the throughput turned round.
        let expected = (40.0, 40.0 / 1.1, 40.0 / 0.9);
        close(numbers(&result, Metric::CostPerMtokOutput), expected);
        let entry = result.predicted(Column::of(Metric::CostPerMtokOutput));
        assert_eq!(entry.and_then(|entry| entry.purchase), Some("on_demand"));
        assert_eq!(
            result.notes,
            [Code::PriceMissing, Code::PriceOld],
            "no spot"
        );
    }

    #[test]
    fn an_owned_machine_adds_electricity_of_the_whole_facility() {
        let result = result_of("owned", |_, _| ());
        // 7 200 USD / (7.2e6 s × 0.5), and 400 W × 1.25 at 0.1 USD/kWh.
        let hour = |watts: f64| 7.2 + watts * 1.25 / 1e3 * 0.1;
        close(
            numbers(&result, Metric::CostPerHour),
            (hour(400.0), hour(300.0), hour(500.0)),
        );
    }

    #[test]
    fn without_a_price_cost_is_absent_and_noted() {
        let result = result_of("unpriced", |_, _| ());
        assert_eq!(result.predicted(Column::of(Metric::CostPerHour)), None);
        assert_eq!(result.notes, [Code::PriceMissing]);
    }

    #[test]
    fn energy_is_of_the_scope_and_carbon_of_the_facility() {
        let result = result_of("rented", |_, _| ());
        // Power of 300 to 500 W around 400, 90 to 110 tokens a second around 100, in squares.
        let squares = |one: f64, other: f64| math::exp(math::ln(one).hypot(math::ln(other)));
        let (least, most) = (1.0 / squares(0.75, 1.1), squares(1.25, 0.9));
        close(
            numbers(&result, Metric::EnergyPerOutputToken),
            (4.0, 4.0 * least, 4.0 * most),
        );
        close(
            numbers(&result, Metric::CarbonPerMtok),
            (500.0, 500.0 * least, 500.0 * most),
        );
        let entry = result.predicted(Column::of(Metric::Power));
        assert_eq!(
            entry.and_then(|entry| entry.scope.as_deref()),
            Some("accelerator")
        );
    }

    #[test]
    fn a_scope_without_known_power_has_no_energy() {
        let result = result_of("rented", |scenario, _| {
            scenario.energy.scope.push(EnergyScope::Host);
        });
        assert_eq!(result.predicted(Column::of(Metric::Power)), None);
        assert!(result.notes.contains(&Code::PowerUnknown));
    }

    #[test]
    fn infinite_latency_is_never_written_and_fails() {
        let result = result_of("rented", |scenario, estimate| {
            let column = Column::of(Metric::Ttft);
            estimate.values.push(Estimated {
                column,
                value: f64::INFINITY,
                lo: f64::INFINITY,
                hi: f64::INFINITY,
            });
            let limit = sample::limit(Metric::Ttft, crate::scenario::Comparison::AtMost, 1.0);
            scenario.slos[0].aggregate.push(limit);
        });
        assert_eq!(result.predicted(Column::of(Metric::Ttft)), None);
        assert_eq!(result.verdicts["chat"][0].verdict, Verdict::Fail);
    }

    #[test]
    fn goodput_is_the_attained_share_of_requests() {
        let result = result_of("rented", |scenario, estimate| {
            scenario.slos[0].per_request = vec![PerRequest {
                metric: Metric::Ttft,
                limit: 2.0,
            }];
            estimate.latencies = vec![LatencyModel {
                metric: Metric::Ttft,
                quantiles: vec![(0.5, 1.0, 0.9, 1.1), (0.99, 4.0, 3.0, 5.0)],
            }];
        });
        let share = numbers(&result, Metric::SloAttainment).expect("attainment");
        let goodput = numbers(&result, Metric::Goodput).expect("goodput");
        close(Some(goodput), (share.0 * 2.0, share.1 * 2.0, share.2 * 2.0));
        assert_eq!(result.verdicts["chat"][0].verdict, Verdict::Fail);
        assert_eq!(result.verdicts["chat"][0].limiting.as_deref(), Some("ttft"));
    }
}
