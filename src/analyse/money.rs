//! What a deployment costs: nodes in use, the price of a second, and cost columns by purchase.

use super::columns::{Columns, Label};
use super::ranged::Ranged;
use crate::diag::Code;
use crate::record::Metric;
use crate::scenario::{OwnedRate, Pricing, Rate, System};

const SECONDS_PER_HOUR: f64 = 3600.0;
const PER_MILLION: f64 = 1e6;
/// A catalogue price older than this at the date of the question is noted.
const OLD_AFTER_DAYS: i64 = 90;

/// The purchase name of a machine that was bought.
const OWNED: &str = "owned";

/// Accelerators of all replicas.
pub(super) fn accelerators(system: &System) -> u64 {
    system.deployment.accelerators()
}

/// The nodes that a deployment occupies.
pub(super) fn nodes_in_use(system: &System) -> u64 {
    system.deployment.nodes(u64::from(system.hardware.count))
}

/// Adds the cost columns of every purchase; `electricity` is the money of one second of an owned deployment's power.
pub(super) fn add_costs(
    columns: &mut Columns<'_>,
    pricing: &Pricing,
    system: &System,
    electricity: Option<Ranged>,
    notes: &mut Vec<Code>,
) {
    let nodes = nodes_in_use(system) as f64;
    match pricing.rates.get(&system.hardware_alias) {
        None => notes.push(Code::PriceMissing),
        Some(Rate::Owned(owned)) => match electricity {
            Some(electricity) => {
                let second = Ranged::exact(owned_second(*owned) * nodes).plus(electricity);
                add_purchase(columns, second, pricing.utilization, OWNED);
            }
            None => notes.push(Code::PriceMissing),
        },
        Some(Rate::Rented { prices }) => {
            for purchase in &pricing.purchase {
                let Some(source) = prices.get(purchase) else {
                    notes.push(Code::PriceMissing);
                    continue;
                };
                if is_old(source.as_of.as_deref(), pricing.as_of.as_deref()) {
                    notes.push(Code::PriceOld);
                }
                let second = Ranged::exact(source.per_second.get() * nodes);
                add_purchase(columns, second, pricing.utilization, purchase.name());
            }
        }
    }
}

/// The name under which the reference price of a point's hardware is listed.
pub(super) fn reference_purchase(pricing: &Pricing, hardware_alias: &str) -> Option<&'static str> {
    match pricing.rates.get(hardware_alias)? {
        Rate::Owned(_) => Some(OWNED),
        Rate::Rented { .. } => pricing.purchase.first().map(|purchase| purchase.name()),
    }
}

/// Price of a second of use of one owned node: the price spread over the time in which it is used.
fn owned_second(owned: OwnedRate) -> f64 {
    owned.capex.get() / (owned.life.get() * owned.duty)
}

/// `price per second / utilization / throughput × 10⁶` for every throughput the estimate has (metric table).
fn add_purchase(
    columns: &mut Columns<'_>,
    second: Ranged,
    utilization: f64,
    purchase: &'static str,
) {
    const BY_RATE: [(Metric, Metric); 4] = [
        (Metric::CostPerMtokOutput, Metric::OutputThroughput),
        (Metric::CostPerMtokInput, Metric::InputThroughput),
        (Metric::CostPerMtokTotal, Metric::TotalTokenThroughput),
        (Metric::CostPerMsample, Metric::SamplesPerSecond),
    ];
    let label = || Label {
        scope: None,
        purchase: Some(purchase),
    };
    columns.derive(
        Metric::CostPerHour,
        second.scaled(SECONDS_PER_HOUR),
        label(),
    );
    let served = second.scaled(1.0 / utilization);
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
