//! What a deployment costs: nodes in use, the price of a second, and cost columns by purchase.

use super::columns::{Columns, Label};
use super::fleet::{HOURS_PER_MONTH, MONTHS_PER_YEAR, Wanted, availability, used};
use super::ranged::Ranged;
use crate::diag::Code;
use crate::record::Metric;
use crate::scenario::{OwnedRate, Paid, Pricing, Purchase, System};

pub(super) const SECONDS_PER_HOUR: f64 = 3600.0;
const PER_MILLION: f64 = 1e6;
/// A catalogue price older than this at the date of the question is noted.
const OLD_AFTER_DAYS: i64 = 90;

/// Accelerators of all replicas.
pub(super) fn accelerators(system: &System) -> u64 {
    system.deployment.accelerators()
}

/// The nodes that a deployment occupies.
pub(super) fn nodes_in_use(system: &System) -> u64 {
    system.deployment.nodes(u64::from(system.hardware.count))
}

/// What costs rest on beside prices.
#[derive(Clone, Copy)]
pub(super) struct Served<'a> {
    pub(super) system: &'a System,
    /// Money of one second of the deployment's power, which an owned machine adds.
    pub(super) electricity: Option<Ranged>,
    /// Copies of it that are meant.
    pub(super) wanted: Wanted,
}

/// What one purchase option of a deployment comes to.
pub(super) struct Bill {
    pub(super) purchase: Purchase,
    /// Money of a second of use of the deployment.
    pub(super) second: Ranged,
    /// Share of the time in which the deployment serves.
    pub(super) availability: f64,
    /// Money of a second where it is used all the time: an owned machine then costs less for each.
    pub(super) always: Ranged,
    /// Copies for the demand; `None` where they cannot be told.
    pub(super) replicas: Option<Ranged>,
    /// Share of a month in which it is used.
    pub(super) used: f64,
}

impl Bill {
    /// Money of a second of use under a purchase option that has a price.
    pub(super) fn of(
        pricing: &Pricing,
        served: Served<'_>,
        (purchase, paid): (Purchase, Paid<'_>),
    ) -> Option<Self> {
        let nodes = nodes_in_use(served.system) as f64;
        let (second, owned) = match paid {
            Paid::Rented(source) => (Ranged::exact(source.per_second.get() * nodes), None),
            Paid::Owned(owned) => {
                let bought = Ranged::exact(owned_second(*owned) * nodes);
                (bought.plus(served.electricity?), Some(owned))
            }
        };
        let availability = availability(pricing, served.system, purchase);
        Some(Self {
            purchase,
            always: second.plus(Ranged::exact(-idle_second(owned) * nodes)),
            second,
            availability,
            replicas: served.wanted.replicas(availability),
            used: used(owned),
        })
    }

    /// Money of a month of 730 h of the fleet at full load, whoever owns it.
    pub(super) fn month(&self) -> Option<Ranged> {
        let one = self.always.scaled(SECONDS_PER_HOUR * HOURS_PER_MONTH);
        Some(one.times(self.replicas?))
    }
}

/// Adds the cost columns of every purchase.
pub(super) fn add_costs(
    columns: &mut Columns<'_>,
    pricing: &Pricing,
    served: Served<'_>,
    notes: &mut Vec<Code>,
) {
    let Some(rate) = pricing.rates.get(&served.system.hardware_alias) else {
        return notes.push(Code::PriceMissing);
    };
    for (purchase, paid) in rate.among(&pricing.purchase) {
        let bill = paid.and_then(|paid| Bill::of(pricing, served, (purchase, paid)));
        let (Some(paid), Some(bill)) = (paid, bill) else {
            notes.push(Code::PriceMissing);
            continue;
        };
        if let Paid::Rented(source) = paid
            && is_old(source.as_of.as_deref(), pricing.as_of.as_deref())
        {
            notes.push(Code::PriceOld);
        }
        add_purchase(columns, &bill, pricing.utilization);
    }
}

/// The name under which the reference price of a point's hardware is listed.
pub(super) fn reference_purchase(pricing: &Pricing, hardware_alias: &str) -> Option<&'static str> {
    let rate = pricing.rates.get(hardware_alias)?;
    let (purchase, _) = rate.among(&pricing.purchase).next()?;
    Some(purchase.name())
}

/// What a second of use of an owned node costs more because the node stands idle for a part of its life; nothing for a rent.
pub(super) fn idle_second(owned: Option<&OwnedRate>) -> f64 {
    owned.map_or(0.0, |owned| {
        let always = OwnedRate {
            duty: 1.0,
            ..*owned
        };
        owned_second(*owned) - owned_second(always)
    })
}

/// Price of a second of use of one owned node: what is not got back, and upkeep, spread over the time in which it is used.
fn owned_second(owned: OwnedRate) -> f64 {
    let lost = owned.capex.get() - owned.resale.get();
    (lost / owned.life.get() + owned.upkeep.get()) / owned.duty
}

/// `price per second / utilization / availability / throughput × 10⁶` for every throughput the estimate has (metric table), and
/// what a month of the fleet is.
fn add_purchase(columns: &mut Columns<'_>, bill: &Bill, utilization: f64) {
    const BY_RATE: [(Metric, Metric); 4] = [
        (Metric::CostPerMtokOutput, Metric::OutputThroughput),
        (Metric::CostPerMtokInput, Metric::InputThroughput),
        (Metric::CostPerMtokTotal, Metric::TotalTokenThroughput),
        (Metric::CostPerMsample, Metric::SamplesPerSecond),
    ];
    let label = || Label {
        scope: None,
        purchase: Some(bill.purchase.name()),
    };
    columns.derive(
        Metric::CostPerHour,
        bill.second.scaled(SECONDS_PER_HOUR),
        label(),
    );
    if let Some(month) = bill.month() {
        columns.derive(Metric::CostPerMonth, month, label());
        let year = month.scaled(MONTHS_PER_YEAR);
        columns.derive(Metric::CostPerYear, year, label());
    }
    let served = bill.second.scaled(1.0 / utilization / bill.availability);
    for (cost, throughput) in BY_RATE {
        if let Some(rate) = columns.rate(throughput) {
            columns.derive(cost, served.over(rate).scaled(PER_MILLION), label());
        }
    }
    if let Some(wall_clock) = columns.get(Metric::WallClock) {
        columns.derive(Metric::CostTotal, served.times(wall_clock), label());
    }
}

fn is_old(price: Option<&str>, question: Option<&str>) -> bool {
    match (price.and_then(day_number), question.and_then(day_number)) {
        (Some(price), Some(question)) => question - price > OLD_AFTER_DAYS,
        (None, _) | (_, None) => false,
    }
}

/// Days since 1970-01-01 of `YYYY-MM-DD` in the Gregorian calendar (H. Hinnant, "chrono-compatible low-level date
/// algorithms", `days_from_civil`).
fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (
        parts.next()?.ok()?,
        parts.next()?.ok()?,
        parts.next()?.ok()?,
    );
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::sample;

    fn nodes(tp: u32, replicas: u32) -> u64 {
        let mut system = sample::system("h");
        system.deployment.parallel.tp = tp;
        system.deployment.replicas = replicas;
        nodes_in_use(&system)
    }

    #[test]
    fn replicas_share_a_node_of_eight_only_where_they_fit_whole() {
        assert_eq!(nodes(1, 8), 1);
        assert_eq!(nodes(1, 9), 2);
        assert_eq!(nodes(5, 3), 3);
        assert_eq!(nodes(16, 2), 4);
    }

    #[test]
    fn a_price_is_old_after_ninety_days() {
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("2000-03-01"), Some(11_017));
        assert!(!is_old(Some("2026-08-03"), Some("2026-11-01")));
        assert!(is_old(Some("2026-08-02"), Some("2026-11-01")));
        assert!(!is_old(None, Some("2026-11-01")));
        assert!(!is_old(Some("2026-08"), Some("2026-11-01")));
    }
}
