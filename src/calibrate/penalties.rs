//! How strongly coefficients are shrunk, chosen by leaving out devices.

use std::collections::BTreeMap;

use super::FitPoint;
use super::family::{Settings, fit_family};
use super::judge::logs;
use super::near::Choice;
use crate::record::SHARED_LEVELS;
use crate::stats::mean;

/// Penalties of a fit, in points: a coefficient of one costs as much as errors of one at that many points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Penalties {
    /// Of the efficiency that all calls share.
    pub shared: f64,
    /// Of the device's features in it, before they are taken at a tenth ([`crate::perf::machine_features`]).
    pub machine: f64,
    /// Of corrections that devices share.
    pub groups: f64,
}

impl Penalties {
    /// Those where fewer than three devices could be left out: in the middle of what is tried.
    pub const USUAL: Self = Self {
        shared: 10.0,
        machine: 10.0,
        groups: 3.0,
    };

    /// All that are tried.
    fn tried() -> Vec<Self> {
        let mut tried = Vec::new();
        for shared in [1.0, 10.0, 100.0] {
            for machine in [1.0, 100.0] {
                for groups in [3.0, 30.0] {
                    tried.push(Self {
                        shared,
                        machine,
                        groups,
                    });
                }
            }
        }
        tried
    }

    /// Of a column of the efficiency: of the call, or of the device.
    pub(super) const fn of_column(self, is_of_call: bool) -> f64 {
        if is_of_call {
            self.shared
        } else {
            self.machine
        }
    }

    /// Of corrections of a level. Those of a device and of the narrowest groups are not tested by leaving out devices; they keep
    /// what they had at first.
    pub(super) const fn of_level(self, level: usize) -> f64 {
        if level < SHARED_LEVELS {
            self.groups
        } else if level == SHARED_LEVELS {
            3.0
        } else {
            1.0
        }
    }
}

/// Errors beyond this count as this, so that a few calls do not choose.
const MOST_ERROR: f64 = 1.5;

/// Errors of the logarithm on each device by models that have not seen it.
pub(super) type LeftOut<'a> = BTreeMap<&'a str, Vec<f64>>;

/// Penalties, and errors on devices left out.
pub(super) struct Chosen<'a> {
    /// Those with the least mean error on devices left out, each device counting the same.
    pub penalties: Penalties,
    /// Those that the other devices choose for each device: the device itself has no say.
    pub of_devices: BTreeMap<&'a str, Penalties>,
}

impl Chosen<'_> {
    /// Errors on each device by a model of the others, with what devices share of shapes as it was chosen with all; nothing of a
    /// single device.
    pub fn left_out(&self, points: &[&FitPoint], common: Option<Choice>) -> LeftOut<'_> {
        if self.of_devices.len() < 2 {
            return LeftOut::new();
        }
        let settings = common.map_or(Settings::WithoutLocal, Settings::Common);
        let of_devices = self.of_devices.iter();
        of_devices
            .map(|(name, penalties)| (*name, without_device(points, name, (*penalties, settings))))
            .collect()
    }
}

/// Leaves out each device under all penalties that are tried.
pub(super) fn chosen<'a>(points: &[&'a FitPoint]) -> Chosen<'a> {
    let mut names: Vec<&str> = points.iter().map(|point| point.device.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let tried = if names.len() < 3 {
        vec![Penalties::USUAL]
    } else {
        Penalties::tried()
    };
    let tables: Vec<LeftOut<'a>> = tried
        .iter()
        .map(|penalties| without_devices(points, &names, *penalties))
        .collect();
    let best = |but: &str| {
        let scores = tables.iter().map(|table| score(table, but));
        let mut best = (0, f64::INFINITY);
        for (place, score) in scores.enumerate() {
            if score < best.1 {
                best = (place, score);
            }
        }
        best.0
    };
    let of_devices = names.iter().map(|name| (*name, tried[best(name)]));
    Chosen {
        penalties: tried[best("")],
        of_devices: of_devices.collect(),
    }
}

/// The mean over devices of their mean absolute error, without one of them.
fn score(table: &LeftOut<'_>, but: &str) -> f64 {
    let devices = table.iter().filter(|(name, _)| **name != but);
    let means: Vec<f64> = devices
        .filter_map(|(_, errors)| {
            let errors: Vec<f64> = errors
                .iter()
                .map(|error| error.abs().min(MOST_ERROR))
                .collect();
            mean(&errors)
        })
        .collect();
    mean(&means).unwrap_or(f64::INFINITY)
}

/// Every device predicted by a model that has not seen it; nothing for a single device.
fn without_devices<'a>(
    points: &[&'a FitPoint],
    names: &[&'a str],
    penalties: Penalties,
) -> LeftOut<'a> {
    if names.len() < 2 {
        return LeftOut::new();
    }
    let settings = (penalties, Settings::WithoutLocal);
    names
        .iter()
        .map(|name| (*name, without_device(points, name, settings)))
        .collect()
}

/// Errors on a device by a model that has not seen it.
fn without_device(
    points: &[&FitPoint],
    name: &str,
    (penalties, settings): (Penalties, Settings),
) -> Vec<f64> {
    let (test, teach): (Vec<&FitPoint>, Vec<&FitPoint>) =
        points.iter().partition(|point| point.device == name);
    logs(&fit_family(&teach, penalties, settings), &test)
}
