//! How long a battery lasts.

use super::columns::{Columns, Label};
use super::power::ScopedPower;
use super::ranged::Ranged;
use crate::record::{Column, Metric};
use crate::scenario::{Battery, Duty, Energy, System, Workload};

const SECONDS_PER_HOUR: f64 = 3600.0;

/// Adds battery life and requests per charge, where a battery, a duty and all powers are known.
///
/// Usable energy is `capacity × usable × ageing × converter efficiency`; mean drain is the base load, the duty share of
/// the busy power, and the rest of the idle (or suspend) power. The busy power is that of the counted scopes.
pub(super) fn add_battery(
    columns: &mut Columns<'_>,
    power: &ScopedPower,
    system: &System,
    energy: &Energy,
    workload: &Workload,
) {
    let Some(life) = battery_life(columns, power, system, energy, workload) else {
        return;
    };
    let Some(duty) = duty(workload) else { return };
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
    system: &System,
    energy: &Energy,
    workload: &Workload,
) -> Option<Ranged> {
    let battery = energy.battery?;
    let duty = duty(workload)?;
    let rest = if duty.suspends {
        battery.suspend_power
    } else {
        system.hardware.device.idle_power
    }?;
    let latency = columns.column(Column::of(Metric::E2el))?;
    let busy = busy_share(latency, duty);
    let drain = |share: f64, watts: f64| {
        battery.base_load.get() + share * watts + (1.0 - share) * rest.get()
    };
    Some(Ranged::exact(usable_joules(&battery)).over(Ranged {
        value: drain(busy.value, power.watts.value),
        lo: drain(busy.lo, power.watts.lo),
        hi: drain(busy.hi, power.watts.hi),
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
