//! What errors of groups say of other groups.

use std::collections::BTreeMap;

use super::fit::HeadFit;
use super::radii::{LeftOut, Missed};
use crate::record::{GroupName, LARGEST_ERROR, NetworkNeighbours, NetworkSupport, NetworksSeen};
use crate::stats::mean;

/// Mean errors of groups by fits without them, as a pack keeps them: to a hundredth. Errors of points of such groups lose what the
/// errors of other groups say of them, since a prediction will have it too.
pub fn errors_of_groups(fit: &HeadFit<'_>, missed: &mut [Missed]) -> BTreeMap<GroupName, f64> {
    let group = |one: &Missed| {
        let call = &fit.points()[one.row].call;
        let names = &call.names;
        (
            call.device.id.clone(),
            names.network.clone(),
            names.software.clone(),
        )
    };
    let mut errors = BTreeMap::<GroupName, Vec<f64>>::new();
    for one in missed.iter().filter(|one| one.left_out == LeftOut::Groups) {
        let kept = one.residual.clamp(-LARGEST_ERROR, LARGEST_ERROR);
        errors.entry(group(one)).or_default().push(kept);
    }
    let groups: BTreeMap<GroupName, f64> = errors
        .into_iter()
        .filter_map(|(group, errors)| Some((group, (mean(&errors)? * 100.0).round() / 100.0)))
        .collect();
    let neighbours = NetworkNeighbours::of(&NetworksSeen {
        groups: groups.clone(),
        ..NetworksSeen::default()
    });
    let expected: BTreeMap<&GroupName, f64> = groups
        .keys()
        .map(|group| (group, neighbours.expected_of(group)))
        .collect();
    for one in missed.iter_mut() {
        if one.left_out == LeftOut::Groups && one.support == NetworkSupport::Both {
            one.residual -= expected[&group(one)];
        }
    }
    groups
}
