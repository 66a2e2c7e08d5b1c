//! Intervals from errors of fits that have not seen the points.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::{HeadFit, Weights};
use crate::record::{NetworkSupport, NetworksSeen, radius_keys};
use crate::stats::math::sqrt;

/// What is left out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// Rows.
    Rows,
    /// Device, network and software.
    Groups,
    /// Networks.
    Networks,
    /// Devices.
    Devices,
}

/// A part of the points that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fold {
    /// What is left out together.
    pub kind: LeftOut,
    /// Which part.
    pub number: u8,
}

/// Parts of each kind.
const PARTS: [(LeftOut, u8); 4] = [
    (LeftOut::Rows, 3),
    (LeftOut::Groups, 5),
    (LeftOut::Networks, 4),
    (LeftOut::Devices, 6),
];

impl Fold {
    /// All parts of all kinds.
    pub fn all() -> Vec<Self> {
        let parts = PARTS.into_iter();
        parts
            .flat_map(|(kind, parts)| (0..parts).map(move |number| Self { kind, number }))
            .collect()
    }

    fn holds(self, fit: &HeadFit<'_>, row: usize) -> bool {
        let point = fit.points()[row];
        let names = &point.call.names;
        let device = &point.call.device.id;
        let name = match self.kind {
            LeftOut::Rows => format!("row {}", point.id),
            LeftOut::Groups => format!("{device} {} {}", names.network, names.software),
            LeftOut::Networks => format!("network {}", names.network),
            LeftOut::Devices => format!("device {device}"),
        };
        let parts = PARTS.iter().find(|(kind, _)| *kind == self.kind);
        let parts = parts.map_or(1, |(_, parts)| *parts);
        super::NetworkPoint::fold(&name, parts) == self.number
    }
}

/// The error of a point by a fit without it, and what that fit had seen of its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Missed {
    /// The point.
    pub row: usize,
    /// `ln(measured / predicted)`.
    pub residual: f64,
    /// What was seen.
    pub support: NetworkSupport,
    /// What was left out with it.
    pub left_out: LeftOut,
}

/// Errors of the points of a part by a fit of the others.
pub fn missed(fit: &HeadFit<'_>, rows: &[usize], weights: &Weights, fold: Fold) -> Vec<Missed> {
    let (test, teach): (Vec<usize>, Vec<usize>) =
        rows.iter().partition(|row| fold.holds(fit, **row));
    if test.is_empty() || teach.is_empty() {
        return Vec::new();
    }
    let coefficients = fit.refit(&teach, weights);
    let mut seen = NetworksSeen::default();
    for row in &teach {
        seen.add(&fit.points()[*row].call);
    }
    let test = test.into_iter().map(|row| Missed {
        row,
        residual: fit.residual(&coefficients, row),
        support: seen.support(&fit.points()[row].call),
        left_out: fold.kind,
    });
    test.collect()
}

/// Errors of the points of a device by a fit of the others.
pub fn without_device(
    fit: &HeadFit<'_>,
    rows: &[usize],
    weights: &Weights,
    device: &str,
) -> Vec<f64> {
    let is_on = |row: &&usize| fit.points()[**row].call.device.id == device;
    let (test, teach): (Vec<usize>, Vec<usize>) = rows.iter().partition(is_on);
    let coefficients = fit.refit(&teach, weights);
    test.into_iter()
        .map(|row| fit.error(&coefficients, row))
        .collect()
}

/// Errors of fewer points, or of points of fewer groups, make no interval of their own.
const FEWEST: usize = 30;

/// Points of one group miss alike.
const FEWEST_GROUPS: usize = 8;

/// Errors of one set of runs.
#[derive(Default)]
struct Set<'a> {
    /// Absolute errors with the software they were made in.
    errors: Vec<(f64, &'a str)>,
    groups: BTreeSet<(&'a str, &'a str)>,
}

impl Set<'_> {
    fn is_enough(&self) -> bool {
        self.errors.len() >= FEWEST && self.groups.len() >= FEWEST_GROUPS
    }

    /// The `level` quantile of absolute errors with the correction for few of them, `(n + 1) level / n` (Lei et al.,
    /// "Distribution-Free Predictive Inference for Regression", 2018, section 2.2). All software has the same weight: what is
    /// read where software has no interval of its own must not be that of the largest source.
    fn quantile(&self, level: f64) -> Option<f64> {
        let mut counts = BTreeMap::<&str, f64>::new();
        for (_, software) in &self.errors {
            *counts.entry(software).or_default() += 1.0;
        }
        let mut errors = self.errors.clone();
        errors.sort_by(|one, other| one.0.total_cmp(&other.0));
        let count = errors.len() as f64;
        let wanted = ((count + 1.0) * level / count).min(1.0) * counts.len() as f64;
        let mut below = 0.0;
        for (error, software) in &errors {
            below += 1.0 / counts[software];
            if below >= wanted - 1e-9 {
                return Some(*error);
            }
        }
        errors.last().map(|(error, _)| *error)
    }
}

/// Half-widths of the logarithm by [`radius_keys`].
pub fn radii(fit: &HeadFit<'_>, missed: &[Missed], level: f64) -> BTreeMap<String, f64> {
    let mut found = BTreeMap::<String, Set<'_>>::new();
    for point in missed {
        let call = &fit.points()[point.row].call;
        for key in radius_keys(point.support, call) {
            let set = found.entry(key).or_default();
            set.errors
                .push((point.residual.abs(), &call.names.software));
            set.groups.insert((&call.device.id, &call.names.network));
        }
    }
    let kept = found
        .iter()
        .filter(|(key, set)| set.is_enough() || !key.contains('|'));
    let mut radii: BTreeMap<String, f64> = kept
        .filter_map(|(key, set)| Some((key.clone(), set.quantile(level)?)))
        .collect();
    complete(&mut radii);
    radii
}

/// Levels that no part has tried: what is known less is not known better, and what neither device nor network tells is missed by
/// both.
fn complete(radii: &mut BTreeMap<String, f64>) {
    let of =
        |radii: &BTreeMap<String, f64>, level: NetworkSupport| radii.get(level.name()).copied();
    let mut least = 0.0_f64;
    for level in NetworkSupport::ALL {
        least = of(radii, level).map_or(least, |radius| radius.max(least));
        if of(radii, level).is_none() && least > 0.0 {
            radii.insert(level.name().to_owned(), least);
        }
    }
    let device = of(radii, NetworkSupport::Device).unwrap_or(least);
    let network = of(radii, NetworkSupport::Network).unwrap_or(least);
    let both = sqrt(device * device + network * network);
    let nothing = NetworkSupport::Nothing.name().to_owned();
    let known = radii.get(&nothing).copied().unwrap_or(0.0);
    radii.insert(nothing, known.max(both));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_source_does_not_rule_what_others_read() {
        let mut set = Set::default();
        set.errors.extend((0..900).map(|_| (0.1, "large")));
        set.errors.extend((0..10).map(|_| (1.0, "small")));
        assert_eq!(set.quantile(0.9), Some(1.0));
        assert_eq!(set.quantile(0.4), Some(0.1));
    }

    #[test]
    fn what_is_known_less_is_not_known_better() {
        let mut radii = BTreeMap::from([
            ("both".to_owned(), 0.3),
            ("device".to_owned(), 0.4),
            ("network".to_owned(), 0.3),
        ]);
        complete(&mut radii);
        assert!(radii["nothing"] >= 0.5 - 1e-9);
        assert!(
            NetworkSupport::ALL[1..]
                .iter()
                .all(|level| radii.contains_key(level.name()))
        );
    }
}
