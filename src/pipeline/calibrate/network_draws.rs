//! Runs that teach what accelerators alone draw.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::networks::Run;
use crate::calibrate::{DrawPoint, NetworkSuspect};
use crate::perf::{network_utilisation, power_limit};
use crate::record::{Metric, NetworkModels, Sample};

/// Shares of the limit that cards may draw: none rests at a fiftieth of it, and none passes it by half.
const PLAUSIBLE_SHARES: RangeInclusive<f64> = 0.02..=1.5;

/// True where a run teaches what accelerators alone draw.
pub(super) fn is_draw(run: &Run) -> bool {
    let is_power = run.column.metric == Metric::Power && run.call.cards_alone;
    is_power && run.sample == Sample::InSample
}

/// What runs teach; those that draw what no card can are named.
pub(super) fn draws<'a>(
    runs: &[(usize, &'a Run)],
    models: &NetworkModels,
    suspects: &mut BTreeMap<&'static str, BTreeSet<&'a str>>,
) -> Vec<DrawPoint> {
    let mut found = Vec::new();
    for (_, run) in runs.iter().filter(|(_, run)| is_draw(run)) {
        match point(run, models) {
            Some(point) if PLAUSIBLE_SHARES.contains(&point.share) => found.push(point),
            Some(_) => {
                let reason = NetworkSuspect::FarFromItsGroup.name();
                suspects.entry(reason).or_default().insert(&run.id);
            }
            None => {}
        }
    }
    found
}

/// `None` where neither a limit nor multiply-adds are known.
fn point(run: &Run, models: &NetworkModels) -> Option<DrawPoint> {
    Some(DrawPoint {
        network: run.call.names.network.clone(),
        utilisation: network_utilisation(models, &run.call)?,
        share: run.value / power_limit(&run.call)?,
    })
}
