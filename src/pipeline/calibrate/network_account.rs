//! Errors of models of networks, by source and by device left out.

use std::collections::BTreeMap;

use super::networks::{NetworkRows, Run};
use crate::calibrate::{
    HeadFit, NetworkAccount, SourceErrors, StageErrors, Weights, without_device,
};
use crate::perf::network_estimate;
use crate::pipeline::parallel;
use crate::record::{Metric, NetworkModels, Sample};
use crate::stats::math::sqrt;
use crate::stats::quantile;

/// Errors by device.
pub(super) type Seen = BTreeMap<String, StageErrors>;

/// Devices that are left out one by one.
const DEVICES: usize = 12;

/// Errors on the devices with most rows, each by a fit of the others.
pub(super) fn left_out(fit: &HeadFit<'_>, rows: &[usize], weights: &Weights) -> Seen {
    let mut counts = BTreeMap::<&str, usize>::new();
    for row in rows {
        *counts
            .entry(&fit.points()[*row].call.device.id)
            .or_default() += 1;
    }
    let mut devices: Vec<(&str, usize)> = counts.into_iter().collect();
    devices.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    devices.truncate(DEVICES);
    if devices.len() < 2 {
        return Seen::new();
    }
    let errors = parallel::map(&devices, |(device, _)| {
        StageErrors::of(without_device(fit, rows, weights, device))
    });
    let found = devices.iter().zip(errors);
    found
        .filter_map(|((device, _), errors)| Some(((*device).to_owned(), errors?)))
        .collect()
}

/// The error of a run, whether its interval holds it, and the factor of that interval.
struct Judged {
    name: String,
    sample: Sample,
    error: f64,
    inside: bool,
    factor: f64,
}

fn kind(metric: Metric) -> &'static str {
    if metric == Metric::Power {
        "power"
    } else if metric == Metric::EnergyPerSample {
        "energy"
    } else {
        "time"
    }
}

fn judged(path: &str, run: &Run, models: &NetworkModels) -> Option<Judged> {
    let (found, _) = network_estimate(models, &run.call, run.column)?;
    let mut parts = path.trim_end_matches(".csv").rsplit('/');
    let (file, folder) = (parts.next().unwrap_or_default(), parts.next());
    let file = folder.map_or(file.to_owned(), |folder| format!("{folder}/{file}"));
    Some(Judged {
        name: format!("{} {file}", kind(run.column.metric)),
        sample: run.sample,
        error: found.value / run.value - 1.0,
        inside: (found.lo..=found.hi).contains(&run.value),
        factor: sqrt(found.hi / found.lo),
    })
}

/// Errors by what was measured and the file it stands in, as a pack gives them.
pub(super) fn account(
    files: &[NetworkRows<'_>],
    runs: &[(usize, &Run)],
    models: &NetworkModels,
) -> NetworkAccount {
    let found = parallel::map(runs, |(file, run)| {
        judged(&files[*file].file.path, run, models)
    });
    let mut sources = BTreeMap::<String, Vec<Judged>>::new();
    for judged in found.into_iter().flatten() {
        sources.entry(judged.name.clone()).or_default().push(judged);
    }
    let sources = sources.into_iter();
    NetworkAccount {
        sources: sources.map(|(name, rows)| (name, summary(&rows))).collect(),
        ..NetworkAccount::default()
    }
}

fn summary(rows: &[Judged]) -> SourceErrors {
    let of = |sample: Sample| {
        let errors = rows.iter().filter(|row| row.sample == sample);
        StageErrors::of(errors.map(|row| row.error).collect())
    };
    let unseen: Vec<&Judged> = rows
        .iter()
        .filter(|row| row.sample == Sample::HeldOut)
        .collect();
    let inside = unseen.iter().filter(|row| row.inside).count() as f64;
    let factors: Vec<f64> = unseen.iter().map(|row| row.factor).collect();
    SourceErrors {
        in_sample: of(Sample::InSample),
        held_out: of(Sample::HeldOut),
        coverage: (!unseen.is_empty()).then(|| inside / unseen.len() as f64),
        factor: quantile(&factors, 0.5),
    }
}
