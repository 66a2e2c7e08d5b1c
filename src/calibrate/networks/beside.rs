//! What errors of groups say of other groups.

use std::collections::BTreeMap;

use super::fit::HeadFit;
use super::radii::{LeftOut, Missed};
use crate::record::{GroupName, LARGEST_ERROR, NetworkNeighbours, NetworkSupport, NetworksSeen};
use crate::stats::mean;

fn hundredth(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

/// Mean errors of groups by fits without them, as a pack keeps them: to a hundredth. Errors of points whose group had not
/// been seen lose what the errors of other groups say of them, since a prediction has it too.
///
/// # Assumptions
///
/// The errors of other groups come from fits of which most had seen the point's group; a prediction's come from fits that had not.
pub fn errors_of_groups(
    fit: &HeadFit<'_>,
    missed: &mut [Missed],
) -> BTreeMap<GroupName, Option<f64>> {
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
    let groups: BTreeMap<GroupName, Option<f64>> = errors
        .into_iter()
        .map(|(group, errors)| (group, mean(&errors).map(hundredth)))
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
        if one.support == NetworkSupport::Both {
            one.residual -= expected.get(&group(one)).copied().unwrap_or(0.0);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::NetworkPoint;
    use super::*;
    use crate::catalog::Catalog;
    use crate::perf::network_testing::call;
    use crate::perf::{NetworkHeadName, network_shape};
    use crate::record::{Column, Metric, NetworkDefaults, Sample};

    const DEVICES: [&str; 2] = ["rtx-4090-24gb", "rtx-3090-24gb"];

    /// A run of a network on each device.
    fn points() -> Vec<NetworkPoint> {
        let point = |network: u32, device: &str| {
            let mut call = call();
            let device = Catalog::embedded().device(device).expect("it is there");
            call.device = Arc::clone(device);
            call.names.network = format!("n{network}");
            NetworkPoint {
                shape: network_shape(&call, &NetworkDefaults::default()),
                call,
                column: Column::of(Metric::SamplesPerSecond),
                head: NetworkHeadName::Time,
                log: 0.0,
                source: "s".to_owned(),
                id: format!("{network}"),
                sample: Sample::InSample,
                doubt: None,
            }
        };
        let networks = 0..40;
        networks
            .flat_map(|network| DEVICES.map(|device| point(network, device)))
            .collect()
    }

    /// Both devices miss each network alike, the last one by more than counts.
    fn missed() -> Vec<Missed> {
        let error = |network: usize| {
            if network == 39 {
                2.0
            } else {
                0.1 * (network % 9) as f64 - 0.4
            }
        };
        (0..80)
            .map(|row| Missed {
                row,
                residual: error(row / 2),
                support: NetworkSupport::Both,
                left_out: LeftOut::Groups,
            })
            .collect()
    }

    #[test]
    fn errors_lose_what_others_say_of_them() {
        let points = points();
        let fit = HeadFit::new(NetworkHeadName::Time, points.iter().collect());
        let mut errors = missed();
        // A row whose group other rows had shown, and one of a group that none had.
        let of_rows = |support| Missed {
            row: 0,
            residual: -0.4,
            support,
            left_out: LeftOut::Rows,
        };
        errors.push(of_rows(NetworkSupport::Group));
        errors.push(of_rows(NetworkSupport::Both));
        let groups = errors_of_groups(&fit, &mut errors);
        assert_eq!(groups.len(), 80);
        let kept = |device: &str, network: &str| {
            let names = [device, network, "pytorch-timm"].map(str::to_owned);
            groups[&GroupName::from(names)].expect("it was measured")
        };
        assert!((kept(DEVICES[0], "n3") + 0.1).abs() < 1e-12);
        assert!((kept(DEVICES[0], "n39") - LARGEST_ERROR).abs() < 1e-12);
        assert!((0.0..0.3).contains(&-errors[0].residual), "{:?}", errors[0]);
        assert!((errors[80].residual + 0.4).abs() < 1e-12);
        assert!((errors[81].residual - errors[0].residual).abs() < 1e-12);
    }
}
