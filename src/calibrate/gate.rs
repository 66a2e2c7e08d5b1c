//! Points that cannot be what they claim: wrong units, swapped columns, a broken run.

use super::FitPoint;
use super::family::floors;
use super::groups::members;
use crate::perf::IMPLAUSIBLE;
use crate::record::OPERATOR_LEVELS;
use crate::stats::math::ln;
use crate::stats::quantile;

/// Why a point is not fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suspect {
    /// Less than half of the time that arithmetic at the peak, or all traffic from the cache, takes.
    FasterThanPossible,
    /// Its group differs from other groups of the operator by more than [`FAR`]: as a wrong unit does.
    FarGroup,
    /// It differs from its group by more than [`FAR`].
    FarFromGroup,
    /// Far from what a base says of it.
    FarFromTheBase,
    /// The calls of its operator and software are, in the middle, more than [`IMPLAUSIBLE`] times off what datasheets and a launch
    /// allow: a whole table in another unit.
    Implausible,
}

impl Suspect {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FasterThanPossible => "faster-than-possible",
            Self::FarGroup => "group-far-from-others",
            Self::FarFromGroup => "far-from-its-group",
            Self::FarFromTheBase => "far-from-the-base",
            Self::Implausible => "implausible-as-a-whole",
        }
    }
}

/// How far is far: thirty times.
const FAR: f64 = 30.0;

/// What is wrong with each point; `None`: nothing is.
pub fn suspects(points: &[FitPoint]) -> Vec<Option<Suspect>> {
    let refs: Vec<&FitPoint> = points.iter().collect();
    let mut found: Vec<Option<Suspect>> = points
        .iter()
        .map(|point| (point.time < 0.5 * point.shape.bound).then_some(Suspect::FasterThanPossible))
        .collect();
    let floors = floors(&refs);
    let over = |place: usize, floor: f64| {
        ln(points[place].time / (floor + points[place].shape.roofline()))
    };
    let middle = |values: Vec<f64>| quantile(&values, 0.5).unwrap_or_default();
    for places in members(&refs, 0).into_values() {
        // Floors come from the groups themselves, so groups are compared by a floor they share.
        let shared = floors.shared.get(&points[places[0]].keys[0]);
        let shared = shared.copied().unwrap_or(floors.anywhere);
        let inside: Vec<&FitPoint> = places.iter().map(|place| &points[*place]).collect();
        let groups: Vec<Vec<usize>> = members(&inside, OPERATOR_LEVELS - 1)
            .into_values()
            .map(|group| group.into_iter().map(|place| places[place]).collect())
            .collect();
        let middles: Vec<f64> = groups
            .iter()
            .map(|group| middle(group.iter().map(|place| over(*place, shared)).collect()))
            .collect();
        let usual = middle(middles.clone());
        let plain = |place: &usize| ln(points[*place].time / points[*place].shape.plain());
        let is_implausible = middle(places.iter().map(plain).collect()).abs() > ln(IMPLAUSIBLE);
        for place in places.iter().filter(|_| is_implausible) {
            found[*place] = found[*place].or(Some(Suspect::Implausible));
        }
        for (group, its) in groups.iter().zip(&middles) {
            let is_far = groups.len() > 2 && (its - usual).abs() > ln(FAR);
            let own = |place: usize| over(place, floors.at(&points[place].keys));
            let centre = middle(group.iter().map(|place| own(*place)).collect());
            for place in group.iter().copied().filter(|_| group.len() > 2 || is_far) {
                let verdict = if is_far {
                    Some(Suspect::FarGroup)
                } else {
                    ((own(place) - centre).abs() > ln(FAR)).then_some(Suspect::FarFromGroup)
                };
                found[place] = found[place].or(verdict);
            }
        }
    }
    found
}
