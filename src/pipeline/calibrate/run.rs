//! The whole of a calibration.

use std::collections::HashSet;

use serde_json::Value;

use super::evidence::EvidenceGroups;
use super::networks::{self, FittedNetworks, NetworkRows};
use super::operators::{self, Operators};
use super::own_networks;
use super::pack::{self, Parts};
use super::runs::FittedRuns;
use super::unused::Unused;
use super::{CalibrateRequest, Calibrated};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::pipeline::validate::{ReadFile, read, selected};
use crate::record::rows::Family;
use crate::record::{Blind, Calibration, Effects, Evidence, NetworkModels, PackInput, Split};
use crate::source::World;

/// The level of the intervals, that of the terms of `datasheet`.
pub(super) const LEVEL: f64 = 0.9;

/// Fewer rows of a family than this are not fitted: they could not be told from chance.
pub(super) const FEWEST_ROWS: usize = 20;

/// Fits a pack to the measurements of a request: operators to kernel tables, networks to their rows, terms to runs.
///
/// # Errors
///
/// Every file that cannot be read or is named directly and holds no measurements; a share of held-out groups outside 0 to 1.
pub fn run(
    world: &dyn World,
    catalog: &Catalog,
    request: &CalibrateRequest,
) -> Result<Calibrated, Diagnostics> {
    let split = split(request)?;
    let mut sources = read(world, &request.paths)?;
    let mut skipped = Unused::default();
    let unread = sources.skipped.iter();
    skipped.extend(unread.map(|file| (file.path.clone(), file.reason.clone())));
    if let Some(base) = &request.base {
        without_known(base, &mut sources.files, &mut skipped);
    }
    let operators = match &request.base {
        Some(base) => Operators::moved(base, (catalog, &sources.files), request, &mut skipped),
        None => operators::fitted(catalog, &sources.files, (request, &split), &mut skipped),
    };
    let networks = match &request.base {
        Some(base) => moved(base, (catalog, &sources.files), request, &mut skipped),
        None => networks(catalog, &sources.files, (request, &split), &mut skipped),
    };
    let runs = super::runs::runs(catalog, &sources.files, (request, &split), &mut skipped);
    let of_runs = runs.iter().flat_map(|runs| runs.inputs.iter().cloned());
    let of_networks = networks
        .iter()
        .flat_map(|fitted| fitted.inputs.iter().cloned());
    let of_operators = operators.inputs.iter().cloned();
    let inputs: Vec<PackInput> = of_operators.chain(of_runs).chain(of_networks).collect();
    explain_silence(&sources.files, &inputs, &mut skipped);
    let kept = request.base.as_ref().and_then(networks_of);
    let base = match (&request.base, &runs) {
        (Some(base), _) => base.clone(),
        (None, Some(_)) => Calibration::cited(),
        (None, None) => Calibration::embedded(),
    };
    let earlier = request.base.iter().flat_map(|base| &base.inputs);
    let of_pack: Vec<PackInput> = earlier.chain(&inputs).cloned().collect();
    // A twin would know nothing of a base's own rows, so a pack with a base has none.
    let blind = match &request.base {
        Some(_) => None,
        None => blind(runs.as_ref(), networks.as_ref()),
    };
    let pack = pack::text(&Parts {
        blind,
        evidence: &evidence(request, &operators, (runs.as_ref(), networks.as_ref())),
        name: &request.name,
        models: &operators.models,
        accounts: &operators.accounts,
        inputs: &of_pack,
        split: &split,
        networks: networks.as_ref().map(|fitted| &fitted.models).or(kept),
        runs: runs.as_ref(),
        pack: &base,
    });
    Ok(Calibrated {
        pack,
        runs: runs.and_then(|runs| runs.account),
        accounts: operators.accounts,
        networks: networks.and_then(|fitted| fitted.account),
        inputs,
        skipped: skipped.whole,
        left_out: skipped.rows,
        notes: skipped.notes,
    })
}

/// Every file says what became of it: of one that gave nothing and has no reason yet, that no row of it could be used.
fn explain_silence(files: &[ReadFile], inputs: &[PackInput], skipped: &mut Unused) {
    for file in files {
        let is_used = inputs
            .iter()
            .any(|input| input.path == file.path && input.rows_used > 0);
        if !is_used && skipped.is_silent_of(&file.path) {
            let reason = "no row of it can be fitted here".to_owned();
            skipped.push((file.path.clone(), reason));
        }
    }
}

/// What the base and all parts of a fit rest on.
fn evidence(
    request: &CalibrateRequest,
    operators: &Operators,
    (runs, networks): (Option<&FittedRuns>, Option<&FittedNetworks>),
) -> Evidence {
    let base = request.base.as_ref().map(EvidenceGroups::of);
    let mut evidence = base.unwrap_or_default();
    let of_runs = runs.map(|runs| &runs.evidence);
    let of_networks = networks.map(|networks| &networks.evidence);
    let parts = [Some(&operators.evidence), of_runs, of_networks];
    for part in parts.into_iter().flatten() {
        evidence.extend(part.clone());
    }
    evidence.finish()
}

fn split(request: &CalibrateRequest) -> Result<Split, Diagnostics> {
    if let Some(split) = request.base.as_ref().and_then(|base| base.split.clone()) {
        return Ok(split);
    }
    let split = Split::new(request.seed, request.holdout);
    if !split.is_known() {
        let message = format!(
            "the held-out share {} is not from 0 to below 1",
            request.holdout
        );
        return Err(Diagnostic::error(Code::BadValue, message, None).into());
    }
    Ok(split)
}

/// Takes files away that a base was fitted on: their rows would count twice.
fn without_known(base: &Calibration, files: &mut Vec<ReadFile>, skipped: &mut Unused) {
    files.retain(|file| {
        let is_known = base.inputs.iter().any(|input| input.blake3 == file.blake3);
        if is_known {
            let reason = "the base was fitted on this file";
            skipped.push((file.path.clone(), reason.to_owned()));
        }
        !is_known
    });
}

/// The models of networks of a base, moved by rows, all of which count.
fn moved(
    base: &Calibration,
    (catalog, files): (&Catalog, &[ReadFile]),
    request: &CalibrateRequest,
    skipped: &mut Unused,
) -> Option<FittedNetworks> {
    let everything = Split::new(request.seed, 0.0);
    let rows = network_rows(catalog, files, (request, &everything));
    if rows.is_empty() {
        return None;
    }
    let Some(models) = networks_of(base) else {
        let files = rows.iter().map(|rows| rows.file.path.clone());
        let reason = "the base has no models of networks";
        skipped.extend(files.map(|file| (file, reason.to_owned())));
        return None;
    };
    own_networks::moved(models, &rows, skipped)
}

/// The models of networks that a pack has.
fn networks_of(pack: &Calibration) -> Option<&NetworkModels> {
    let networks = pack.networks.as_ref()?;
    networks.models().ok().map(AsRef::as_ref)
}

/// What the fits say without held-out groups; `None` where nothing was held out.
fn blind(runs: Option<&FittedRuns>, networks: Option<&FittedNetworks>) -> Option<Value> {
    let of_runs = runs.and_then(|runs| runs.blind.as_ref());
    let of_networks = networks.and_then(|networks| networks.blind.as_ref());
    if of_runs.is_none() && of_networks.is_none() {
        return None;
    }
    // Where nothing of a part was held out, the whole fit is the twin's.
    let nothing = Effects::default();
    let (effects, widths) = match (of_runs, runs) {
        (Some((effects, widths)), _) => (effects, widths.as_ref()),
        (None, Some(runs)) => (&runs.effects, runs.widths.as_ref()),
        (None, None) => (&nothing, None),
    };
    let of_networks = of_networks.or_else(|| networks.map(|networks| &networks.models));
    let whole = runs.map_or(&nothing, |runs| &runs.effects);
    Some(Blind::to_json((effects, whole), widths, of_networks))
}

/// Models of networks fitted to all groups, with errors and a twin of those that have not seen held-out ones.
fn networks(
    catalog: &Catalog,
    files: &[ReadFile],
    (request, split): (&CalibrateRequest, &Split),
    skipped: &mut Unused,
) -> Option<FittedNetworks> {
    let least = (LEVEL, FEWEST_ROWS);
    let rows = network_rows(catalog, files, (request, split));
    let judged = networks::fitted(&rows, least, skipped)?;
    if split.holdout <= 0.0 {
        return Some(judged);
    }
    let everything = Split::new(split.seed, 0.0);
    let rows = network_rows(catalog, files, (request, &everything));
    let whole = networks::fitted(&rows, least, skipped)?;
    Some(FittedNetworks {
        account: judged.account,
        blind: Some(judged.models),
        ..whole
    })
}

/// Rows of networks by file.
fn network_rows<'a>(
    catalog: &Catalog,
    files: &'a [ReadFile],
    (request, split): (&CalibrateRequest, &Split),
) -> Vec<NetworkRows<'a>> {
    let mut seen = HashSet::new();
    let files = files.iter();
    let files = files.filter(|file| file.table.family == Family::Vision);
    files
        .map(|file| {
            let lines = selected(&file.table, request.filter.as_ref());
            networks::runs(catalog, file, &lines, (split, &mut seen))
        })
        .collect()
}
