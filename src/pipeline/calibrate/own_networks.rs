//! Models of networks that a base has, moved by a few runs of one's own.

use std::collections::{BTreeMap, BTreeSet};

use super::network_draws::is_draw;
use super::networks::{FittedNetworks, NetworkRows, evidence, inputs, point};
use super::operators::whole;
use super::unused::Unused;
use crate::calibrate::{NetworkPoint, doubt_by_base, move_head, network_suspects};
use crate::perf::{NetworkHeadName, network_estimate, network_target};
use crate::pipeline::parallel;
use crate::record::{NetworkModels, Sample};
use crate::stats::math::ln;

/// Moves the models of a base by rows of networks; `None` where none can be used, and why is added to `skipped`.
pub(super) fn moved(
    base: &NetworkModels,
    files: &[NetworkRows<'_>],
    skipped: &mut Unused,
) -> Option<FittedNetworks> {
    let runs: Vec<_> = files.iter().flat_map(|rows| &rows.runs).collect();
    let points = parallel::map(&runs, |run| point(run, &base.defaults));
    let points: Vec<&NetworkPoint> = points
        .iter()
        .flatten()
        .filter(|point| point.sample == Sample::InSample)
        .collect();
    let missed = parallel::map(&points, |point| missed(base, point));
    let mut found = network_suspects(&points);
    doubt_by_base(&points, &missed, &mut found);
    let mut suspects = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (point, suspect) in points.iter().zip(&found) {
        if let Some(suspect) = suspect {
            let of_reason = suspects.entry(suspect.name()).or_default();
            of_reason.insert(&point.id);
        }
    }
    // What cards draw is one law for all of them.
    let draws = runs.iter().filter(|run| is_draw(run));
    let draws: BTreeSet<&str> = draws.map(|run| run.id.as_str()).collect();
    if !draws.is_empty() {
        suspects.insert("power-of-cards-alone", draws);
    }
    skipped.of_networks(files, &suspects);
    let inputs = inputs(files, &suspects);
    if inputs.is_empty() {
        skipped.extend(files.iter().map(|rows| unused(rows, &suspects)));
        return None;
    }
    let mut models = base.clone();
    for name in NetworkHeadName::ALL {
        let of_head: Vec<(&NetworkPoint, f64)> = points
            .iter()
            .zip(&missed)
            .zip(&found)
            .filter(|((point, _), suspect)| suspect.is_none() && point.head == name)
            .map(|((point, (left, _)), _)| (*point, *left))
            .collect();
        let head = match name {
            NetworkHeadName::Time => &mut models.time,
            NetworkHeadName::Bounded => &mut models.bounded,
            NetworkHeadName::Power => &mut models.power,
        };
        move_head(head, name, (&of_head, &base.seen));
    }
    let evidence = evidence(files, &suspects);
    Some(FittedNetworks {
        models,
        blind: None,
        account: None,
        inputs: whole(inputs).collect(),
        evidence,
    })
}

/// The logarithm of measured over predicted, and the half-width of the interval; both zero where nothing is predicted.
fn missed(base: &NetworkModels, point: &NetworkPoint) -> (f64, f64) {
    let Some((found, _)) = network_estimate(base, &point.call, point.column) else {
        return (0.0, 0.0);
    };
    let expected = network_target(&point.call, point.column, found.value);
    let left = expected.map_or(0.0, |expected| point.log - expected);
    (
        left,
        ln(found.hi / found.value).max(ln(found.value / found.lo)),
    )
}

/// A file, and why none of it moves anything.
fn unused(
    rows: &NetworkRows<'_>,
    suspects: &BTreeMap<&'static str, BTreeSet<&str>>,
) -> (String, String) {
    let (path, mut reason) = rows.unused();
    for (name, ids) in suspects {
        let of_file = rows.runs.iter();
        let count = of_file.filter(|run| ids.contains(run.id.as_str())).count();
        if count > 0 {
            reason.push_str(&format!(", {count} {name}"));
        }
    }
    (path, reason)
}
