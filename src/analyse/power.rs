//! Power of the counted scopes, and energy.

use super::columns::{Columns, Label};
use super::facts::Facts;
use super::ranged::Ranged;
use crate::record::{Metric, PowerParts};
use crate::scenario::{Energy, EnergyScope};

/// Mean power of the counted scopes together.
pub(super) struct ScopedPower {
    pub(super) watts: Ranged,
    /// `accelerator+host`.
    pub(super) scope: String,
    /// True for machines in a data centre, whose energy the facility's overhead multiplies; false for whole boards.
    pub(super) in_data_centre: bool,
}

/// The power of the scopes the scenario counts; `None` when one of them is not known, as a part of the sum would be a
/// number of another scope.
pub(super) fn scoped_power(parts: &PowerParts, energy: &Energy) -> Option<ScopedPower> {
    let mut total: Option<Ranged> = None;
    for scope in &energy.scope {
        let watts = scope_power(*scope, parts, energy)?;
        total = Some(total.map_or(watts, |sum| sum.plus(watts)));
    }
    let names: Vec<_> = energy.scope.iter().map(|scope| scope.name()).collect();
    Some(ScopedPower {
        watts: total?,
        scope: names.join("+"),
        in_data_centre: parts.board.is_none(),
    })
}

fn scope_power(scope: EnergyScope, parts: &PowerParts, energy: &Energy) -> Option<Ranged> {
    match scope {
        EnergyScope::Accelerator => parts.accelerator.map(Ranged::from),
        EnergyScope::Host => parts.host.map(Ranged::from),
        EnergyScope::Network => parts.network.map(Ranged::from),
        EnergyScope::Board => parts.board.map(Ranged::from),
        EnergyScope::Wall => {
            let efficiency = energy.psu_efficiency?;
            Some(direct_current(parts)?.scaled(1.0 / efficiency))
        }
    }
}

/// What the power supply delivers: a whole board, or accelerators, host and the network devices where there are some.
fn direct_current(parts: &PowerParts) -> Option<Ranged> {
    if let Some(board) = parts.board {
        return Some(board.into());
    }
    let machine = Ranged::from(parts.accelerator?).plus(parts.host?.into());
    Some(
        parts
            .network
            .map_or(machine, |network| machine.plus(network.into())),
    )
}

/// Power usage effectiveness: the scenario's, else the region's, else 1 (listed as an assumption). Never of a board.
pub(super) fn overhead(power: &ScopedPower, energy: &Energy, facts: &Facts) -> f64 {
    if power.in_data_centre {
        stated_pue(energy, facts).unwrap_or(1.0)
    } else {
        1.0
    }
}

pub(super) fn stated_pue(energy: &Energy, facts: &Facts) -> Option<f64> {
    let region = || facts.grid.as_ref()?.pue.as_ref().map(|(pue, _)| *pue);
    energy.pue.or_else(region)
}

/// Money of one second of the deployment's electricity, facility included.
pub(super) fn electricity(power: &ScopedPower, energy: &Energy, facts: &Facts) -> Option<Ranged> {
    let region = || facts.grid.as_ref()?.price.as_ref().map(|(price, _)| *price);
    let per_joule = energy.price.or_else(region)?;
    Some(
        power
            .watts
            .scaled(overhead(power, energy, facts) * per_joule.get()),
    )
}

/// Adds power and energy columns.
pub(super) fn add_energy(columns: &mut Columns<'_>, power: &ScopedPower) {
    const BY_RATE: [(Metric, Metric); 3] = [
        (Metric::EnergyPerOutputToken, Metric::OutputThroughput),
        (Metric::EnergyPerRequest, Metric::RequestThroughput),
        (Metric::EnergyPerSample, Metric::SamplesPerSecond),
    ];
    let label = || Label {
        scope: Some(power.scope.clone()),
        purchase: None,
    };
    columns.derive(Metric::Power, power.watts, label());
    for (energy, throughput) in BY_RATE {
        if let Some(rate) = columns.rate(throughput) {
            columns.derive(energy, power.watts.over(rate), label());
        }
    }
    if let Some(wall_clock) = columns.get(Metric::WallClock) {
        columns.derive(Metric::EnergyTotal, power.watts.times(wall_clock), label());
    }
}
