//! How long a battery lasts.

use super::columns::{Columns, Label};
use super::power::ScopedPower;
use super::ranged::Ranged;
use crate::record::{Column, Metric, PowerParts};
use crate::scenario::{Battery, Duty, Energy, Workload};

const SECONDS_PER_HOUR: f64 = 3600.0;

/// Adds battery life and requests per charge, where a battery, a duty and all powers are known.
///
/// Usable energy is `capacity × usable × ageing × converter efficiency`; mean drain is the base load, the duty share of
/// the busy power, and the rest of the idle (or suspend) power. The busy power is that of the counted scopes.
pub(super) fn add_battery(
    columns: &mut Columns<'_>,
    power: &ScopedPower,
    parts: &PowerParts,
    energy: &Energy,
    workload: &Workload,
) {
    let (Some(battery), Some(duty)) = (energy.battery, duty(workload)) else {
        return;
    };
    let Some(life) = battery_life(columns, power, parts, battery, duty) else {
        return;
    };
    let label = || Label {
        scope: Some(power.scope.clone()),
        purchase: None,
    };
    columns.derive(Metric::BatteryLife, life, label());
    let requests = life.scaled(duty.requests_per_hour / SECONDS_PER_HOUR);
    columns.derive(Metric::RequestsPerCharge, requests, label());
}

fn duty(workload: &Workload) -> Option<Duty> {
    match workload {
        Workload::Llm(llm) => llm.duty,
        Workload::Unmodelled(_) => None,
    }
}

fn battery_life(
    columns: &Columns<'_>,
    power: &ScopedPower,
    parts: &PowerParts,
    battery: Battery,
    duty: Duty,
) -> Option<Ranged> {
    let rest = if duty.suspends {
        battery
            .suspend_power
            .map(|watts| Ranged::exact(watts.get()))
    } else {
        parts.idle.map(Ranged::from)
    }?;
    let latency = columns.column(Column::of(Metric::E2el))?;
    let busy = busy_share(latency, duty);
    let drain = |share: f64, watts: f64, rest: f64| {
        battery.base_load.get() + share * watts + (1.0 - share) * rest
    };
    Some(Ranged::exact(usable_joules(&battery)).over(Ranged {
        value: drain(busy.value, power.watts.value, rest.value),
        lo: drain(busy.lo, power.watts.lo, rest.lo),
        hi: drain(busy.hi, power.watts.hi, rest.hi),
    }))
}

/// Share of the time in which a request is served, one after another.
fn busy_share(latency: Ranged, duty: Duty) -> Ranged {
    let share =
        |seconds: f64| (seconds * duty.requests_per_hour / SECONDS_PER_HOUR).clamp(0.0, 1.0);
    Ranged {
        value: share(latency.value),
        lo: share(latency.lo),
        hi: share(latency.hi),
    }
}

fn usable_joules(battery: &Battery) -> f64 {
    battery.capacity.get() * battery.usable * battery.ageing * battery.converter_efficiency
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::columns::MoneyNames;
    use crate::analyse::sample;
    use crate::record::Estimated;
    use crate::units::{Joules, Watts};

    #[test]
    fn a_charge_lasts_as_long_as_mean_drain_takes_to_empty_it() {
        let mut estimate = sample::estimate(100.0);
        let column = Column::of(Metric::E2el);
        estimate.values.push(Estimated {
            column,
            value: 9.0,
            lo: 9.0,
            hi: 18.0,
        });
        let parts = PowerParts {
            board: Some((15.0, 15.0, 15.0)),
            idle: Some((5.0, 4.0, 6.0)),
            ..PowerParts::default()
        };
        let power = ScopedPower {
            watts: Ranged::exact(15.0),
            scope: "board".to_owned(),
            in_data_centre: false,
        };
        let mut energy = sample::scenario().energy;
        energy.battery = Some(Battery {
            capacity: Joules::new(180_000.0),
            usable: 0.5,
            converter_efficiency: 1.0,
            ageing: 0.8,
            base_load: Watts::new(4.0),
            suspend_power: None,
        });
        let mut workload = sample::point(0, "h", 1).workload;
        if let Workload::Llm(llm) = &mut workload {
            llm.duty = Some(Duty {
                requests_per_hour: 40.0,
                suspends: false,
                day: None,
            });
        }
        let mut columns = Columns::new(&estimate, MoneyNames::default());
        add_battery(&mut columns, &power, &parts, &energy, &workload);
        // 72 kJ over 4 + 0.1 · 15 + 0.9 · 5 = 10 W; a slower answer and a warmer rest drain more.
        let life = columns.get(Metric::BatteryLife).expect("all is known");
        assert!((life.value - 7200.0).abs() < 1e-6);
        assert!((life.lo - 72_000.0 / (4.0 + 0.2 * 15.0 + 0.8 * 6.0)).abs() < 1e-6);
        let requests = columns.get(Metric::RequestsPerCharge).expect("it is known");
        assert!((requests.value - 80.0).abs() < 1e-6);
    }
}
