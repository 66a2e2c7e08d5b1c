//! Points that cannot be what they claim.

use super::NetworkPoint;
use super::fit::HeadFit;
use crate::perf::NetworkHeadName;
use crate::stats::math::{exp, ln};

/// Why a point is not fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkSuspect {
    /// Far faster than the fastest dense peak of its device allows.
    FasterThanItsDevice,
    /// Far from what its device, its network and its software do elsewhere: mixed-up units, swapped columns.
    FarFromItsGroup,
    /// A number of it is not finite.
    NotFinite,
    /// It ran a part that the multiply-adds of its network leave out and that is larger than them.
    MoreThanItsNetwork,
}

impl NetworkSuspect {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FasterThanItsDevice => "faster-than-its-device",
            Self::FarFromItsGroup => "far-from-its-group",
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
