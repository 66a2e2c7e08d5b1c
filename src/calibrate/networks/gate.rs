//! Points that cannot be what they claim.

use std::collections::BTreeMap;

use super::super::own_points::{FEWEST, OUTSIDE, is_doubtful};
use super::NetworkPoint;
use super::fit::HeadFit;
use crate::perf::NetworkHeadName;
use crate::stats::math::{exp, ln};
use crate::stats::quantile;

/// Why a point is not fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkSuspect {
    /// Far faster than the fastest dense peak of its device allows.
    FasterThanItsDevice,
    /// Far from what its device, its network and its software do elsewhere: mixed-up units, swapped columns.
    FarFromItsGroup,
    /// Far from what a base says of it.
    FarFromTheBase,
    /// Most of the numbers of its column in its source are doubtful: a whole column in another unit.
    Implausible,
    /// A number of it is not finite.
    NotFinite,
    /// It ran a part that the multiply-adds of its network leave out and that is larger than them.
    MoreThanItsNetwork,
}

impl NetworkSuspect {
    /// Whether the number itself is doubted, and not what it is compared with.
    const fn is_of_number(self) -> bool {
        match self {
            Self::FasterThanItsDevice
            | Self::FarFromItsGroup
            | Self::FarFromTheBase
            | Self::Implausible
            | Self::NotFinite => true,
            Self::MoreThanItsNetwork => false,
        }
    }

    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FasterThanItsDevice => "faster-than-its-device",
            Self::FarFromItsGroup => "far-from-its-group",
            Self::FarFromTheBase => "far-from-the-base",
            Self::Implausible => "implausible-as-a-whole",
            Self::NotFinite => "not-finite",
            Self::MoreThanItsNetwork => "more-than-its-network",
        }
    }
}

/// How many times the fastest dense peak may be beaten: sparse peaks give two, fast convolutions five
/// (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, table 1).
const FASTER: f64 = 10.0;

/// How far a point may be from its groups; mixed-up units are a thousand times.
const FAR: f64 = 30.0;

/// How many times longer than arithmetic at the peak of their device the samples of a column of a source may take in the middle; of
/// published ones the slowest take 2 300 times as long.
const SLOWEST: f64 = 1e4;

/// What is wrong with each point; `None`: nothing is.
pub fn network_suspects(points: &[&NetworkPoint]) -> Vec<Option<NetworkSuspect>> {
    let mut found: Vec<_> = points.iter().map(|point| network_suspect(point)).collect();
    doubt_columns(points, &mut found);
    found
}

/// Adds those that miss what a base says of them, the logarithm of measured over predicted and the half-width of its interval, by far.
pub fn doubt_by_base(
    points: &[&NetworkPoint],
    missed: &[(f64, f64)],
    found: &mut [Option<NetworkSuspect>],
) {
    for (found, (left, radius)) in found.iter_mut().zip(missed) {
        let is_far = left.abs() > radius + ln(OUTSIDE);
        *found = found.or(is_far.then_some(NetworkSuspect::FarFromTheBase));
    }
    doubt_columns(points, found);
}

/// Adds whole columns of sources: those of which half the points are doubted, and those of which the middle is slower than plausible.
fn doubt_columns(points: &[&NetworkPoint], found: &mut [Option<NetworkSuspect>]) {
    let mut columns = BTreeMap::<_, Vec<usize>>::new();
    for (place, point) in points.iter().enumerate() {
        let column = (&point.source, point.column, point.call.engine);
        columns.entry(column).or_default().push(place);
    }
    for places in columns
        .into_values()
        .filter(|places| places.len() >= FEWEST)
    {
        let is_doubted = |place: &&usize| found[**place].is_some_and(NetworkSuspect::is_of_number);
        let doubted = places.iter().filter(is_doubted).count();
        let over: Vec<f64> = places
            .iter()
            .filter(|place| points[**place].head == NetworkHeadName::Time)
            .map(|place| points[*place].target())
            .collect();
        let middle = quantile(&over, 0.5).unwrap_or_default();
        let most = is_doubtful(doubted, places.len());
        if most || middle > ln(SLOWEST) {
            for place in places {
                found[place] = found[place].or(Some(NetworkSuspect::Implausible));
            }
        }
    }
}

/// What is wrong with each point, as far as one can see from it alone.
pub fn network_suspect(point: &NetworkPoint) -> Option<NetworkSuspect> {
    if point.doubt.is_some() {
        return point.doubt;
    }
    let shape = &point.shape;
    let numbers = [point.log, shape.reference, shape.bound];
    let finite = numbers
        .iter()
        .chain(&shape.features)
        .all(|number| number.is_finite());
    if !finite {
        return Some(NetworkSuspect::NotFinite);
    }
    let is_time = point.head == NetworkHeadName::Time;
    (is_time && exp(point.log) * FASTER < shape.bound)
        .then_some(NetworkSuspect::FasterThanItsDevice)
}

/// The fitted points that are far from a fit of all of them.
pub fn far_points(fit: &HeadFit<'_>, coefficients: &[f64], rows: &[usize]) -> Vec<usize> {
    let is_far = |row: &&usize| fit.residual(coefficients, **row).abs() > ln(FAR);
    rows.iter().filter(is_far).copied().collect()
}
