//! Rows of the vision and edge family become models of networks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::evidence::{EvidenceGroups, EvidenceRow, sizes};
use super::network_account::{Seen, account};
use super::network_draws::{draws, is_draw};
use super::unused::{Unused, UnusedRows};
use crate::calibrate::{
    Fold, HeadFit, Missed, NetworkAccount, NetworkPoint, NetworkSuspect, Weights, errors_of_groups,
    far_points, missed, network_defaults, network_draw, network_suspects, radii,
};
use crate::catalog::Catalog;
use crate::perf::{NetworkHeadName, class_name, network_shape, network_target, stated_machine};
use crate::pipeline::parallel;
use crate::pipeline::validate::{ReadFile, is_new};
use crate::record::rows::{Include, Line, Skip, Table, network_call, network_row, scores_words};
use crate::record::{
    Column, EvidenceKind, GroupName, Metric, NetworkCall, NetworkDefaults, NetworkHead,
    NetworkModels, NetworkNeighbours, PackInput, RowGroup, Sample, Split, TermPlace,
};

/// Sources without a licence: they test, and teach nothing.
const TESTS_ONLY: &str = "ml-energy";

/// A row that can be used.
pub(super) struct Run {
    pub call: NetworkCall,
    pub column: Column,
    pub value: f64,
    pub source: String,
    pub id: String,
    pub date: String,
    pub sample: Sample,
    /// What is wrong with it, as far as the row tells.
    pub doubt: Option<NetworkSuspect>,
}

/// Rows of one file.
pub(super) struct NetworkRows<'a> {
    pub file: &'a ReadFile,
    pub runs: Vec<Run>,
    /// Position of each run in the table.
    pub places: Vec<usize>,
    pub skipped: UnusedRows,
}

impl NetworkRows<'_> {
    /// The file, and why none of it is fitted.
    pub fn unused(&self) -> (String, String) {
        let counts = self.skipped.iter();
        let counts: Vec<String> = counts
            .map(|(reason, rows)| format!(", {rows} {reason}"))
            .collect();
        let usable = self.runs.len();
        let reason = format!(
            "too few of its rows can be fitted: {usable}{}",
            counts.concat()
        );
        (self.file.path.clone(), reason)
    }
}

/// What came of the rows.
pub(super) struct FittedNetworks {
    pub models: NetworkModels,
    /// The same fit without held-out groups; `None` where nothing was held out.
    pub blind: Option<NetworkModels>,
    /// Its errors; `None` where a base was moved.
    pub account: Option<NetworkAccount>,
    pub evidence: EvidenceGroups,
    pub inputs: Vec<PackInput>,
}

/// Reads the chosen lines of a file, in their order.
pub(super) fn runs<'a>(
    catalog: &Catalog,
    file: &'a ReadFile,
    lines: &[usize],
    (split, seen): (&Split, &mut HashSet<blake3::Hash>),
) -> NetworkRows<'a> {
    let table = &file.table;
    let mut skipped = UnusedRows::default();
    let (fresh, repeated): (Vec<usize>, Vec<usize>) = lines
        .iter()
        .partition(|line| is_new(seen, table, &table.lines[**line]));
    for line in repeated {
        skipped.skip((table, line), &Skip::DuplicateRow);
    }
    let read = parallel::map(&fresh, |line| {
        run_of(catalog, table, &table.lines[*line], split)
    });
    let mut runs = Vec::with_capacity(read.len());
    let mut places = Vec::with_capacity(read.len());
    for (line, run) in fresh.into_iter().zip(read) {
        match run {
            Ok(mut run) => {
                // What is doubted is told by id: one that is empty or taken makes way.
                if run.id.is_empty()
                    || !seen.insert(blake3::hash(format!("id {}", run.id).as_bytes()))
                {
                    run.id = format!("{}:{}", file.path, table.lines[line].number);
                }
                runs.push(run);
                places.push(line);
            }
            Err(reason) => skipped.skip((table, line), &reason),
        }
    }
    NetworkRows {
        file,
        runs,
        places,
        skipped,
    }
}

/// Reads one line.
pub(super) fn run_of(
    catalog: &Catalog,
    table: &Table,
    line: &Line,
    split: &Split,
) -> Result<Run, Skip> {
    let row = network_row(table, line, Include::default())?;
    let call = network_call(&row, catalog)?;
    let column = row.measured.column;
    if column.metric == Metric::MemoryTotal {
        return Err(Skip::NoEstimate);
    }
    let source = table.field(line, "source_id");
    let group = RowGroup::Run {
        hardware: &call.device.id,
        model: &call.names.network,
        framework: &call.names.software,
    };
    let sample = if source.starts_with(TESTS_ONLY) {
        Sample::HeldOut
    } else {
        split.sample(&group)
    };
    Ok(Run {
        sample,
        column,
        value: row.measured.value,
        source: source.to_owned(),
        id: table.field(line, "id").to_owned(),
        date: table.field(line, "date").to_owned(),
        doubt: scores_words(catalog, &row).then_some(NetworkSuspect::MoreThanItsNetwork),
        call,
    })
}

/// Fits the rows of all files; `None` where fewer than `fewest` can be, and why is added to `skipped`.
pub(super) fn fitted(
    files: &[NetworkRows<'_>],
    (level, fewest): (f64, usize),
    skipped: &mut Unused,
) -> Option<FittedNetworks> {
    let runs: Vec<(usize, &Run)> = files
        .iter()
        .enumerate()
        .flat_map(|(file, rows)| rows.runs.iter().map(move |run| (file, run)))
        .collect();
    let is_taught = |(_, run): &&(usize, &Run)| run.sample == Sample::InSample;
    let teaching = runs.iter().filter(is_taught);
    let calls: Vec<&NetworkCall> = teaching.map(|(_, run)| &run.call).collect();
    if calls.len() < fewest {
        skipped.of_networks(files, &BTreeMap::new());
        skipped.extend(files.iter().map(NetworkRows::unused));
        return None;
    }
    let defaults = network_defaults(&calls, stated_machine);
    let points = parallel::map(&runs, |(_, run)| point(run, &defaults));
    let mut suspects = BTreeMap::<&str, BTreeSet<&str>>::new();
    let mut models = NetworkModels {
        defaults,
        ..NetworkModels::default()
    };
    let mut left_out = BTreeMap::new();
    for name in NetworkHeadName::ALL {
        let of_head = points.iter().flatten().filter(|point| point.head == name);
        let outcome = head(name, of_head.collect(), level, &mut suspects);
        let seen = outcome.fitted.into_iter();
        seen.for_each(|call| models.seen.add(call));
        models.seen.groups.extend(outcome.groups);
        left_out.extend(outcome.left_out);
        match name {
            NetworkHeadName::Time => models.time = outcome.head,
            NetworkHeadName::Bounded => models.bounded = outcome.head,
            NetworkHeadName::Power => models.power = outcome.head,
        }
    }
    models.neighbours = NetworkNeighbours::of(&models.seen);
    models.draw = network_draw(&draws(&runs, &models, &mut suspects), level);
    let inputs = inputs(files, &suspects);
    skipped.of_networks(files, &suspects);
    let evidence = evidence(files, &suspects);
    let mut account = account(files, &runs, &models);
    account.left_out = left_out;
    account.fitted = inputs.iter().map(|input| input.rows_used).sum();
    let suspects = suspects.into_iter();
    account.suspects = suspects
        .map(|(reason, ids)| {
            let ids = ids.into_iter().map(str::to_owned);
            (reason.to_owned(), ids.collect())
        })
        .collect();
    Some(FittedNetworks {
        models,
        blind: None,
        account: Some(account),
        evidence,
        inputs,
    })
}

/// A run that teaches a head, or tests it.
pub(super) fn point(run: &Run, defaults: &NetworkDefaults) -> Option<NetworkPoint> {
    Some(NetworkPoint {
        head: NetworkHeadName::of(&run.call, run.column)?,
        shape: network_shape(&run.call, defaults),
        log: network_target(&run.call, run.column, run.value)?,
        call: run.call.clone(),
        column: run.column,
        source: run.source.clone(),
        id: run.id.clone(),
        sample: run.sample,
        doubt: run.doubt,
    })
}

/// What came of one head.
struct Outcome<'a> {
    head: NetworkHead,
    fitted: Vec<&'a NetworkCall>,
    /// Errors of groups by fits without them.
    groups: BTreeMap<GroupName, Option<f64>>,
    left_out: Seen,
}

fn head<'a>(
    name: NetworkHeadName,
    points: Vec<&'a NetworkPoint>,
    level: f64,
    suspects: &mut BTreeMap<&'static str, BTreeSet<&'a str>>,
) -> Outcome<'a> {
    let mut sound = Vec::new();
    let points = points.into_iter();
    let teaching: Vec<&NetworkPoint> = points
        .filter(|point| point.sample == Sample::InSample)
        .collect();
    for (point, suspect) in teaching.iter().zip(network_suspects(&teaching)) {
        match suspect {
            None => sound.push(*point),
            Some(suspect) => {
                suspects
                    .entry(suspect.name())
                    .or_default()
                    .insert(&point.id);
            }
        }
    }
    let mut rows: Vec<usize> = (0..sound.len()).collect();
    let fit = HeadFit::new(name, sound);
    let (mut coefficients, mut weights) = fit.fit(&rows);
    let far: HashSet<usize> = far_points(&fit, &coefficients, &rows).into_iter().collect();
    if !far.is_empty() {
        let reason = NetworkSuspect::FarFromItsGroup.name();
        let ids = suspects.entry(reason).or_default();
        rows.iter().filter(|row| far.contains(row)).for_each(|row| {
            ids.insert(&fit.points()[*row].id);
        });
        rows.retain(|row| !far.contains(row));
        (coefficients, weights) = fit.fit(&rows);
    }
    let mut head = fit.head(&coefficients, &rows, &weights);
    let mut errors = crossed(&fit, &rows, &weights);
    let groups = match name {
        NetworkHeadName::Time => errors_of_groups(&fit, &mut errors),
        NetworkHeadName::Bounded | NetworkHeadName::Power => BTreeMap::new(),
    };
    if !rows.is_empty() {
        head.radii = radii(&fit, &errors, level);
    }
    let left_out = if name == NetworkHeadName::Time {
        super::network_account::left_out(&fit, &rows, &weights)
    } else {
        Seen::new()
    };
    let fitted = rows.iter().map(|row| &fit.points()[*row].call).collect();
    Outcome {
        head,
        fitted,
        groups,
        left_out,
    }
}

/// Errors of all parts, each by a fit of the others.
fn crossed(fit: &HeadFit<'_>, rows: &[usize], weights: &Weights) -> Vec<Missed> {
    let folds = Fold::all();
    let errors = parallel::map(&folds, |fold| missed(fit, rows, weights, *fold));
    errors.into_iter().flatten().collect()
}

impl Run {
    /// True where a fit may use it.
    pub fn teaches(&self) -> bool {
        is_draw(self)
            || self.sample == Sample::InSample
                && NetworkHeadName::of(&self.call, self.column).is_some()
    }

    fn evidence(&self) -> EvidenceRow<'_> {
        let call = &self.call;
        EvidenceRow {
            kind: EvidenceKind::Network,
            place: TermPlace {
                device: &call.device.id,
                class: class_name(call.device.class),
                architecture: &call.device.architecture,
                program: &call.names.software,
                precision: &call.names.precision,
                ..TermPlace::ANY
            },
            source: &self.source,
            stated: [&self.id, &self.date],
            column: Some(self.column),
            sizes: sizes(
                call.load.batch,
                Some(f64::from(call.load.devices)),
                call.facts.params.map(|params| 1e-6 * params),
            ),
        }
    }
}

/// What rows that a fit used are about.
pub(super) fn evidence(
    files: &[NetworkRows<'_>],
    suspects: &BTreeMap<&str, BTreeSet<&str>>,
) -> EvidenceGroups {
    let mut gathered = EvidenceGroups::default();
    let runs = files.iter().flat_map(|file| &file.runs);
    for run in runs.filter(|run| run.teaches()) {
        if !suspects.values().any(|ids| ids.contains(run.id.as_str())) {
            gathered.add(&run.evidence());
        }
    }
    gathered
}

/// What each file gave.
pub(super) fn inputs(
    files: &[NetworkRows<'_>],
    suspects: &BTreeMap<&'static str, BTreeSet<&str>>,
) -> Vec<PackInput> {
    let of = |rows: &NetworkRows<'_>| {
        let mut skipped = rows.skipped.counts();
        let mut used: Vec<&Run> = rows.runs.iter().filter(|run| run.teaches()).collect();
        for (reason, ids) in suspects {
            let before = used.len();
            used.retain(|run| !ids.contains(run.id.as_str()));
            if used.len() < before {
                skipped.insert((*reason).to_owned(), (before - used.len()) as u64);
            }
        }
        let sources: BTreeSet<&String> = used.iter().map(|run| &run.source).collect();
        PackInput {
            path: rows.file.path.clone(),
            blake3: rows.file.blake3.clone(),
            sources: sources.into_iter().cloned().collect(),
            rows_used: used.len() as u64,
            skipped,
            whole: false,
        }
    };
    files
        .iter()
        .map(of)
        .filter(|input| input.rows_used > 0)
        .collect()
}
