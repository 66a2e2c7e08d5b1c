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
    let Some(latency) = columns.column(Column::of(Metric::E2el)) else {
        return;
    };
    let busy = busy_share(latency, duty);
    let Some(life) = battery_life(power, parts, (battery, duty), busy) else {
        return;
    };
    let label = || Label {
        scope: Some(power.scope.clone()),
        purchase: None,
    };
    columns.derive(Metric::BatteryLife, life, label());
    columns.derive(
        Metric::RequestsPerCharge,
        life.times(served(latency, duty)),
        label(),
    );
}

/// Requests a second: what is asked, or what one after another allows.
fn served(latency: Ranged, duty: Duty) -> Ranged {
    let asked = duty.requests_per_hour / SECONDS_PER_HOUR;
    Ranged {
        value: asked.min(1.0 / latency.value),
        lo: asked.min(1.0 / latency.hi),
        hi: asked.min(1.0 / latency.lo),
    }
}

fn duty(workload: &Workload) -> Option<Duty> {
    match workload {
        Workload::Llm(llm) => llm.duty,
        Workload::Unmodelled(_) => None,
    }
}

fn battery_life(
    power: &ScopedPower,
    parts: &PowerParts,
    (battery, duty): (Battery, Duty),
    busy: Ranged,
) -> Option<Ranged> {
    let rest = if duty.suspends {
        battery
            .suspend_power
            .map(|watts| Ranged::exact(watts.get()))
    } else {
        parts.idle.map(Ranged::from)
    }?;
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

    /// 40 requests an hour on 72 kJ, a board of 15 W and 4 W beside it.
    fn columns_at(seconds: (f64, f64)) -> (f64, f64, f64, f64) {
        let mut estimate = sample::estimate(100.0);
        let column = Column::of(Metric::E2el);
        estimate.values.push(Estimated {
            column,
            value: seconds.0,
            lo: seconds.0,
            hi: seconds.1,
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
        let life = columns.get(Metric::BatteryLife).expect("all is known");
        let requests = columns.get(Metric::RequestsPerCharge).expect("it is known");
        (life.value, life.lo, requests.value, requests.lo)
    }

    #[test]
    fn a_charge_lasts_as_long_as_mean_drain_takes_to_empty_it() {
        let (life, shortest, requests, _) = columns_at((9.0, 18.0));
        // 72 kJ over 4 + 0.1 · 15 + 0.9 · 5 = 10 W; a slower answer and a warmer rest drain more.
        assert!((life - 7200.0).abs() < 1e-6);
        assert!((shortest - 72_000.0 / (4.0 + 0.2 * 15.0 + 0.8 * 6.0)).abs() < 1e-6);
        assert!((requests - 80.0).abs() < 1e-6);
    }

    #[test]
    fn a_device_that_is_never_done_answers_fewer_requests_than_asked() {
        let (life, _, requests, fewest) = columns_at((180.0, 360.0));
        // 72 kJ over 4 + 15 W, one request every 180 s where one every 90 s is asked.
        assert!((life - 72_000.0 / 19.0).abs() < 1e-6);
        assert!((requests - life / 180.0).abs() < 1e-6);
        assert!((fewest - life / 360.0).abs() < 1e-6);
    }
}
