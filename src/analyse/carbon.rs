//! Grams of `CO2e`: energy times facility overhead times grid intensity, and the share of making the device.

use super::columns::{Columns, Label};
use super::facts::Facts;
use super::fleet::HOURS_PER_MONTH;
use super::money::accelerators;
use super::power::{ScopedPower, overhead};
use super::ranged::Ranged;
use crate::diag::Code;
use crate::record::Metric;
use crate::scenario::{Embodied, Energy, System};

const PER_MILLION: f64 = 1e6;
const SECONDS_PER_HOUR: f64 = 3600.0;

/// Adds carbon columns, a month's of so many replicas: those that are paid, a node that starts again drawing what one draws that
/// serves. Nothing without a grid intensity, and nothing but a note where the embodied share was asked for and is
/// not known.
pub(super) fn add_carbon(
    columns: &mut Columns<'_>,
    power: &ScopedPower,
    (system, replicas): (&System, Option<Ranged>),
    (energy, facts): (&Energy, &Facts),
    notes: &mut Vec<Code>,
) {
    if grid_intensity(energy, facts).is_none() {
        return;
    }
    let Some(second) = grams_per_second(power, system, energy, facts) else {
        return notes.push(Code::EmbodiedUnknown);
    };
    let label = || Label {
        scope: Some(power.scope.clone()),
        purchase: None,
    };
    for (carbon, throughput) in [
        (Metric::CarbonPerMtok, Metric::OutputThroughput),
        (Metric::CarbonPerMsample, Metric::SamplesPerSecond),
    ] {
        if let Some(rate) = columns.rate(throughput) {
            columns.derive(carbon, second.over(rate).scaled(PER_MILLION), label());
        }
    }
    if let Some(replicas) = replicas {
        let month = second.scaled(SECONDS_PER_HOUR * HOURS_PER_MONTH);
        columns.derive(Metric::CarbonPerMonth, month.times(replicas), label());
    }
    if let Some(wall_clock) = columns.get(Metric::WallClock) {
        columns.derive(Metric::CarbonTotal, second.times(wall_clock), label());
    }
}

/// Grams per joule of the grid: the scenario's, else the region's.
pub(super) fn grid_intensity<'a>(
    energy: &'a Energy,
    facts: &'a Facts,
) -> Option<&'a (f64, String)> {
    energy
        .carbon
        .as_ref()
        .or_else(|| facts.grid.as_ref()?.carbon.as_ref())
}

fn grams_per_second(
    power: &ScopedPower,
    system: &System,
    energy: &Energy,
    facts: &Facts,
) -> Option<Ranged> {
    let (intensity, _) = grid_intensity(energy, facts)?;
    let operation = power
        .watts
        .scaled(overhead(power, energy, facts) * intensity);
    match energy.embodied {
        Embodied::None => Some(operation),
        Embodied::Catalog => {
            let device = facts.embodied.get(&system.hardware.device.id)?;
            let devices = accelerators(system) as f64;
            let share = devices * device.carbon.get() / device.life.get();
            Some(operation.plus(Ranged::exact(share)))
        }
    }
}
