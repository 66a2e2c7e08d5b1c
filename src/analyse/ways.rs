//! Every way to pay for one point: rents, spot with its interruptions, and owning, with payback, break-even use and return.
//!
//! All of them are computed from the same bill as the cost columns of the point, so that the numbers here and there are one. Rents
//! are compared with owning for the hours in which the owned machine is used.

use super::fleet::{HOURS_PER_MONTH, Wanted};
use super::money::{Bill, Served, nodes_in_use};
use super::point::Context;
use super::power::{electricity, scoped_power};
use super::ranged::Ranged;
use crate::record::{Against, Estimate, Metric, Owning, Payment, PointResult, Spanned, WayToPay};
use crate::scenario::{OwnedRate, Paid, Pricing, Purchase, Rate, RunPoint, Scenario};

const SECONDS_PER_MONTH: f64 = HOURS_PER_MONTH * 3600.0;
const PER_MILLION: f64 = 1e6;

/// Work that has a price, as columns name it, with its rate.
const UNITS: [(Metric, Metric); 2] = [
    (Metric::CostPerMtokOutput, Metric::OutputThroughput),
    (Metric::CostPerMsample, Metric::SamplesPerSecond),
];

/// What every purchase option comes to at a point; `None` where fewer than two have a price.
pub fn payment(
    context: Context<'_>,
    (point, result): (&RunPoint, &PointResult),
    estimate: &Estimate,
) -> Option<Payment> {
    let Context { scenario, facts } = context;
    let pricing = scenario.pricing_of(point)?;
    let energy = scenario.energy_at(point.terms);
    let rate = rate(scenario, point)?;
    let number = |metric: Metric| Ranged::predicted(result, metric);
    let power = scoped_power(&estimate.power, energy);
    let served = Served {
        system: &point.system,
        electricity: power.and_then(|power| electricity(&power, energy, facts)),
        wanted: Wanted::of(scenario.demand(), point, &number),
    };
    let bills: Vec<(Bill, Paid<'_>)> = Purchase::ALL
        .iter()
        .filter_map(|purchase| {
            let paid = priced(&rate, *purchase)?;
            let bill = Bill::of(pricing, served, (*purchase, paid))?;
            (bill.availability > 0.0).then_some((bill, paid))
        })
        .collect();
    if bills.len() < 2 {
        return None;
    }
    let unit = UNITS
        .into_iter()
        .find_map(|(cost, rate)| Some((cost, number(rate).filter(|rate| rate.lo > 0.0)?)));
    let ways = bills
        .iter()
        .map(|(bill, paid)| way(bill, *paid, unit.map(|unit| unit.1), pricing));
    Some(Payment {
        key: point.key.clone(),
        currency: pricing.currency.clone(),
        unit_column: unit.map(|(cost, _)| cost.name().to_owned()),
        ways: ways.collect(),
        owning: owning(served, &bills),
    })
}

/// The price under exactly this purchase option.
fn priced(rate: &Rate, purchase: Purchase) -> Option<Paid<'_>> {
    match purchase {
        Purchase::Owned => rate.owned.as_ref().map(Paid::Owned),
        Purchase::OnDemand | Purchase::Spot | Purchase::Reserved1y | Purchase::Reserved3y => {
            rate.prices.get(&purchase).map(Paid::Rented)
        }
    }
}

/// The prices of a point's hardware under all purchase options that the scenario lists for its place.
fn rate(scenario: &Scenario, point: &RunPoint) -> Option<Rate> {
    let alias = &point.system.hardware_alias;
    let mut all = scenario.pricing_of(point)?.rates.get(alias)?.clone();
    let here = scenario.energy_at(point.terms);
    let others = scenario.terms.iter().filter(|terms| terms.energy == *here);
    for pricing in others.filter_map(|terms| terms.pricing.as_ref()) {
        if let Some(rate) = pricing.rates.get(alias) {
            for (purchase, source) in &rate.prices {
                all.prices
                    .entry(*purchase)
                    .or_insert_with(|| source.clone());
            }
            all.owned = all.owned.or(rate.owned);
        }
    }
    Some(all)
}

fn way(bill: &Bill, paid: Paid<'_>, rate: Option<Ranged>, pricing: &Pricing) -> WayToPay {
    let served = bill
        .second
        .scaled(PER_MILLION / pricing.utilization / bill.availability);
    let (source, as_of) = match paid {
        Paid::Rented(source) => (source.source.clone(), source.as_of.clone()),
        Paid::Owned(_) => ("the scenario".to_owned(), pricing.as_of.clone()),
    };
    WayToPay {
        purchase: bill.purchase.name().to_owned(),
        availability: bill.availability,
        replicas: bill.replicas.map(spanned),
        cost_per_hour: spanned(bill.second.scaled(3600.0)),
        cost_per_month: bill.month().map(spanned),
        cost_per_unit: rate.map(|rate| spanned(served.over(rate))),
        source,
        as_of,
    }
}

fn spanned(number: Ranged) -> Spanned {
    let end = |end: f64| (!number.is_exact() && end.is_finite()).then_some(end);
    Spanned {
        value: number.value,
        lo: end(number.lo),
        hi: end(number.hi),
    }
}

/// A fleet that is owned: money of all its machines, and of a second.
struct Fleet {
    capex: f64,
    /// What is not got back when it is sold.
    lost: f64,
    /// Upkeep of a second, used or not.
    upkeep: f64,
    /// Electricity of a second of use.
    electricity: Ranged,
    months: f64,
}

impl Fleet {
    fn of(served: Served<'_>, owned: &OwnedRate, replicas: f64) -> Option<Self> {
        let nodes = nodes_in_use(served.system) as f64 * replicas;
        Some(Self {
            capex: owned.capex.get() * nodes,
            lost: (owned.capex.get() - owned.resale.get()) * nodes,
            upkeep: owned.upkeep.get() * nodes,
            electricity: served.electricity?.scaled(replicas),
            months: owned.life.get() / SECONDS_PER_MONTH,
        })
    }

    /// Money of running it for a month of which it is used a share.
    fn running(&self, used: f64) -> Ranged {
        let upkeep = Ranged::exact(self.upkeep * SECONDS_PER_MONTH);
        upkeep.plus(self.electricity.scaled(used * SECONDS_PER_MONTH))
    }

    /// `capex / (rent − running)`, months.
    fn payback(&self, rent: f64, used: f64) -> Option<Spanned> {
        let running = self.running(used);
        let of = |running: f64| (rent > running).then(|| self.capex / (rent - running));
        Some(Spanned {
            value: of(running.value)?,
            lo: of(running.lo),
            hi: of(running.hi),
        })
    }

    /// The share of use at which renting by the second of use and owning cost the same over the life:
    /// `(lost / life + upkeep) / (rent − electricity)`, all of a second.
    fn break_even(&self, rent: f64) -> Option<Spanned> {
        let kept = self.lost / (self.months * SECONDS_PER_MONTH) + self.upkeep;
        let of = |electricity: f64| {
            let use_of = kept / (rent - electricity);
            (rent > electricity && use_of <= 1.0).then_some(use_of)
        };
        Some(Spanned {
            value: of(self.electricity.value)?,
            lo: of(self.electricity.lo),
            hi: of(self.electricity.hi),
        })
    }

    /// `(rent − running − lost / life) · life / capex`.
    fn roi(&self, rent: f64, used: f64) -> Spanned {
        let of = |running: f64| ((rent - running) * self.months - self.lost) / self.capex;
        let running = self.running(used);
        Spanned {
            value: of(running.value),
            lo: Some(of(running.hi)),
            hi: Some(of(running.lo)),
        }
    }
}

/// Owning held against every rent, at the replicas that each needs.
fn owning(served: Served<'_>, bills: &[(Bill, Paid<'_>)]) -> Option<Owning> {
    let (bill, owned) = bills.iter().find_map(|(bill, paid)| match paid {
        Paid::Owned(owned) => Some((bill, *owned)),
        Paid::Rented(_) => None,
    })?;
    let fleet = Fleet::of(served, owned, bill.replicas?.value)?;
    // What was paid for long ago has nothing to pay back.
    if fleet.capex <= 0.0 {
        return None;
    }
    let against = bills.iter().filter_map(|(rented, _)| {
        if rented.purchase == Purchase::Owned {
            return None;
        }
        let second = rented.second.value * rented.replicas?.value;
        let month = second * SECONDS_PER_MONTH * bill.used;
        Some(Against {
            purchase: rented.purchase.name().to_owned(),
            payback_months: fleet.payback(month, bill.used),
            break_even_use: fleet.break_even(second),
            roi: fleet.roi(month, bill.used),
        })
    });
    Some(Owning {
        capex: fleet.capex,
        life_months: fleet.months,
        used: bill.used,
        running_per_month: spanned(fleet.running(bill.used)),
        against: against.collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::facts::Facts;
    use super::super::point::point;
    use super::super::sample;
    use super::*;
    use crate::scenario::{RateSource, Spot};
    use crate::units::{Money, Seconds};

    /// A machine for 43 800 USD that lasts five years of 8 760 h and is used half of them, or a rent of 2 USD/h; 500 W of the
    /// facility at 0.1 USD/kWh.
    fn scenario() -> Scenario {
        let mut scenario = sample::scenario();
        let pricing = scenario.pricing.as_mut().expect("the sample has prices");
        let rate = pricing
            .rates
            .get_mut("rented")
            .expect("the sample rents it");
        let rented = |per_hour: f64| RateSource {
            per_second: Money::new(per_hour / 3600.0),
            source: "quote".to_owned(),
            as_of: None,
        };
        rate.prices.insert(Purchase::OnDemand, rented(2.0));
        rate.prices.insert(Purchase::Spot, rented(1.0));
        rate.owned = Some(OwnedRate {
            capex: Money::new(43_800.0),
            resale: Money::new(8_760.0),
            upkeep: Money::new(0.1 / 3600.0),
            life: Seconds::new(43_800.0 * 3600.0),
            duty: 0.5,
        });
        scenario
    }

    fn paid(scenario: &Scenario) -> Payment {
        let facts = Facts::default();
        let context = Context {
            scenario,
            facts: &facts,
        };
        let run = sample::point(0, "rented", 8);
        let estimate = sample::estimate(100.0);
        let result = point(context, &run, String::new(), &estimate);
        payment(context, (&run, &result), &estimate).expect("three ways have a price")
    }

    #[test]
    fn payback_and_return_follow_from_what_a_month_costs() {
        let payment = paid(&scenario());
        let names: Vec<&str> = payment
            .ways
            .iter()
            .map(|way| way.purchase.as_str())
            .collect();
        assert_eq!(names, ["on_demand", "spot", "owned"]);
        let owning = payment.owning.expect("it is owned and rented");
        let against = &owning.against[0];
        // 365 h of use: rent 730 USD, electricity 365 × 0.05 USD, upkeep 73 USD.
        let running = 365.0 * 0.05 + 73.0;
        let months = 43_800.0 / (730.0 - running);
        let close = |found: f64, expected: f64| (found / expected - 1.0).abs() < 1e-9;
        let payback = against.payback_months.expect("it pays back");
        assert!(close(payback.value, months), "{payback:?} {months}");
        assert!(payback.lo < Some(months) && payback.hi > Some(months));
        let roi = ((730.0 - running) * 60.0 - 35_040.0) / 43_800.0;
        assert!(close(against.roi.value, roi), "{} {roi}", against.roi.value);
    }

    #[test]
    fn at_the_break_even_use_a_month_costs_the_same_either_way() {
        let mut scenario = scenario();
        let owning = paid(&scenario).owning.expect("it is owned and rented");
        let even = owning.against[0].break_even_use.expect("it breaks even");
        let pricing = scenario.pricing.as_mut().expect("the sample has prices");
        let rate = pricing
            .rates
            .get_mut("rented")
            .expect("the sample rents it");
        rate.owned.as_mut().expect("it is owned").duty = even.value;
        let payment = paid(&scenario);
        let (rent, own) = (&payment.ways[0], &payment.ways[2]);
        // A month of full load: what is lost in it, upkeep, electricity.
        let month = own.cost_per_month.expect("one deployment").value;
        let full = 35_040.0 / 60.0 + 73.0 + 730.0 * 0.05;
        assert!((month / full - 1.0).abs() < 1e-9, "{month} {full}");
        assert!((rent.cost_per_hour.value / own.cost_per_hour.value - 1.0).abs() < 1e-9);
    }

    #[test]
    fn interruptions_make_spot_dearer_by_the_time_they_take() {
        let mut scenario = scenario();
        let before = paid(&scenario);
        let pricing = scenario.pricing.as_mut().expect("the sample has prices");
        pricing.spot = Some(Spot {
            interruptions_per_node_day: 24.0,
            restart: Some(Seconds::new(3600.0)),
        });
        let after = paid(&scenario);
        let unit = |payment: &Payment| payment.ways[1].cost_per_unit.expect("tokens").value;
        assert!((after.ways[1].availability - 0.5).abs() < 1e-12);
        assert!((unit(&after) / unit(&before) - 2.0).abs() < 1e-9);
    }
}
