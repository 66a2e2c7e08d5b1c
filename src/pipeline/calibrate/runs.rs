//! Rows of runs become shifts of terms.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use super::CalibrateRequest;
use super::doubt::doubt;
use super::evidence::{EvidenceGroups, EvidenceRow};
use super::run::FEWEST_ROWS;
use super::widths::{Left, widths};
use crate::calibrate::effects::{self, Denied, Folds, RunRow, RunRows, Runs, RunsAccount};
use crate::catalog::Catalog;
use crate::perf::{evidence_sizes, place};
use crate::pipeline::validate::{LlmCases, Outcome, ReadFile, Resolved, doubted, is_new, selected};
use crate::record::rows::{Family, Include, Skip};
use crate::record::{
    Calibration, Effects, EvidenceKind, Metric, PackInput, RowGroup, Sample, Split, Stat, Widths,
};
use crate::scenario::{LoadMode, Method};
use crate::stats::math;

/// Sources without a licence, which are for validation alone.
const UNLICENSED: &str = "ml-energy";

/// What a fit to runs found.
pub(super) struct FittedRuns {
    pub account: Option<RunsAccount>,
    pub effects: Effects,
    pub widths: Option<Widths>,
    pub inputs: Vec<PackInput>,
    pub evidence: EvidenceGroups,
}

/// One file with its cases; the row of the regression that each of its rows became.
pub(super) struct FileCases<'a> {
    file: &'a ReadFile,
    cases: LlmCases<'a>,
    rows: Vec<Option<usize>>,
    /// Positions of the rows in the table.
    lines: Vec<usize>,
    skipped: BTreeMap<String, u64>,
}

/// The equations under shifts of the terms that documents state.
pub(super) struct Equations<'a> {
    pub files: &'a [FileCases<'a>],
    pub rows: usize,
    pub pack: Calibration,
    /// Rows that cannot be what they claim; they have no prediction.
    pub impossible: Vec<bool>,
}

impl Equations<'_> {
    fn ask(
        &self,
        effects: &Effects,
        widths: Option<Arc<Widths>>,
        method: Method,
    ) -> Vec<Option<(f64, f64, f64)>> {
        let level = widths.as_ref().and(self.pack.level);
        let pack = Calibration {
            effects: Arc::new(self.pack.effects.plus(effects)),
            level,
            widths,
            ..self.pack.clone()
        };
        let asked = LlmCases::asked(&pack, method);
        let mut found = vec![None; self.rows];
        for FileCases { cases, rows, .. } in self.files {
            let estimates = cases.estimates(&pack, &asked);
            for (row, place) in cases.rows.iter().zip(rows) {
                if let (Ok(resolved), Some(place)) = (row, place)
                    && !self.impossible[*place]
                {
                    let estimate = resolved.estimate(&estimates).as_ref().ok();
                    found[*place] = estimate
                        .and_then(|estimate| resolved.answer(estimate))
                        .map(|number| (number.value, number.lo, number.hi));
                }
            }
        }
        found
    }

    pub fn logs(&self, effects: &Effects, method: Method) -> Vec<Option<f64>> {
        let found = self.ask(effects, None, method);
        found
            .into_iter()
            .map(|number| Some(math::ln(number?.0)))
            .collect()
    }
}

impl Runs for Equations<'_> {
    fn predict(&self, effects: &Effects) -> Vec<Option<f64>> {
        self.logs(effects, Method::Auto)
    }

    fn sketch(&self, effects: &Effects) -> Vec<Option<f64>> {
        self.logs(effects, Method::Analytic)
    }
}

/// Fits shifts to the runs of a request; `None` where there are too few, and why is added to `skipped`.
pub(super) fn runs(
    catalog: &Catalog,
    files: &[ReadFile],
    (request, split): (&CalibrateRequest, &Split),
    skipped: &mut Vec<(String, String)>,
) -> Option<FittedRuns> {
    let mut rows = RunRows::default();
    let mut files = gathered(catalog, files, (request, split), &mut rows);
    let impossible = doubt(&rows, &mut files);
    let doubted = rows.rows.iter_mut().zip(&impossible);
    doubted
        .filter(|(_, impossible)| **impossible)
        .for_each(|(row, _)| row.quality = 0.0);
    let fitted = rows
        .rows
        .iter()
        .filter(|row| row.sample == Sample::InSample);
    let fewest = request.base.as_ref().map_or(FEWEST_ROWS, |_| 1);
    let usable = fitted.filter(|row| row.quality > 0.0).count();
    if usable < fewest {
        skipped.extend(files.iter().map(|file| file.unused(usable, fewest)));
        return None;
    }
    let equations = Equations {
        files: &files,
        rows: rows.rows.len(),
        pack: request.base.clone().unwrap_or_else(start),
        impossible,
    };
    let whole = effects::fit(&rows, &equations);
    let effects = effects::effects_of(&rows, &whole);
    let inputs: Vec<PackInput> = files
        .iter()
        .map(|file| file.input(&rows, &whole.weights, request.base.is_some()))
        .filter(|input| input.rows_used > 0)
        .collect();
    let evidence = evidence(&files, &whole.weights);
    if let Some(base) = &request.base {
        return Some(FittedRuns {
            account: None,
            effects: base.effects.plus(&effects),
            widths: base.widths.as_deref().cloned(),
            inputs,
            evidence,
        });
    }
    let left = [Folds::Groups, Folds::Devices, Folds::Programs]
        .map(|folds| effects::cross_fit(&rows, &equations, &whole, Denied::parts_of(folds)));
    let [_, devices, _] = &left;
    let account = request
        .account
        .then(|| RunsAccount::of(&rows, &equations, &whole, devices));
    let ends = |widths: Widths| equations.ask(&effects, Some(Arc::new(widths)), Method::Auto);
    let widths = widths(&rows, &Left::new(left), ends);
    Some(FittedRuns {
        account,
        effects,
        widths,
        inputs,
        evidence,
    })
}

/// What rows that weigh something are about.
fn evidence(files: &[FileCases<'_>], weights: &[f64]) -> EvidenceGroups {
    let mut gathered = EvidenceGroups::default();
    for FileCases {
        file,
        cases,
        rows,
        lines,
        ..
    } in files
    {
        let table = &file.table;
        for ((row, at), line) in cases.rows.iter().zip(rows).zip(lines) {
            let (Ok(resolved), Some(weight)) = (row, at.map(|at| weights[at])) else {
                continue;
            };
            if weight > 0.0 {
                let system = resolved.system();
                let line = &table.lines[*line];
                gathered.add(&EvidenceRow {
                    kind: EvidenceKind::Run,
                    place: place(&system.hardware.device, system),
                    source: table.field(line, "source_id"),
                    stated: ["id", "date"].map(|column| table.field(line, column)),
                    column: Some(resolved.case.measured.column),
                    sizes: evidence_sizes(system, &resolved.case.workload),
                });
            }
        }
    }
    gathered
}

/// The pack that a fit starts from.
pub(super) fn start() -> Calibration {
    let mut pack = Calibration::embedded();
    for term in Calibration::starting_terms() {
        pack.terms.entry(term.name).or_default().push(term);
    }
    pack
}

fn gathered<'a>(
    catalog: &Catalog,
    files: &'a [ReadFile],
    (request, split): (&CalibrateRequest, &Split),
    rows: &mut RunRows,
) -> Vec<FileCases<'a>> {
    let mut seen = HashSet::new();
    let of_runs = files.iter().filter(|file| file.table.family == Family::Llm);
    of_runs
        .map(|file| {
            let table = &file.table;
            let mut lines = selected(table, request.filter.as_ref());
            let doubted = doubted(file);
            let mut skipped = BTreeMap::new();
            lines.retain(|place| {
                if let Some(Outcome::Skipped { reason, .. }) = doubted.get(place) {
                    *skipped.entry(reason.to_string()).or_default() += 1;
                    return false;
                }
                let line = &table.lines[*place];
                let is_new = is_new(&mut seen, table, line);
                if !is_new {
                    let reason = Skip::DuplicateRow.to_string();
                    *skipped.entry(reason).or_default() += 1;
                }
                is_new && !table.field(line, "source_id").starts_with(UNLICENSED)
            });
            let cases = LlmCases::of(catalog, table, &lines, Include::default());
            let mut places = Vec::with_capacity(lines.len());
            for (row, line) in cases.rows.iter().zip(&lines) {
                places.push(match row {
                    Ok(resolved) => {
                        let line = &table.lines[*line];
                        let about = (table.field(line, "source_id"), table.field(line, "quality"));
                        let split = request.base.is_none().then_some(split);
                        Some(add(rows, resolved, about, split))
                    }
                    Err(unresolved) => {
                        *skipped.entry(unresolved.reason.to_string()).or_default() += 1;
                        None
                    }
                });
            }
            FileCases {
                file,
                cases,
                rows: places,
                lines,
                skipped,
            }
        })
        .collect()
}

/// Adds a row to a regression and returns its place there.
fn add(
    rows: &mut RunRows,
    resolved: &Resolved<'_>,
    (source, quality): (&str, &str),
    split: Option<&Split>,
) -> usize {
    let system = resolved.system();
    let at = place(&system.hardware.device, system);
    let scopes = rows.scopes_of(at);
    let group = [
        system.hardware.device.id.clone(),
        system.model.model.id.clone(),
        resolved.framework().to_owned(),
    ];
    let sample = split.map_or(Sample::InSample, |split| {
        split.sample(&RowGroup::Run {
            hardware: &group[0],
            model: &group[1],
            framework: &group[2],
        })
    });
    rows.rows.push(RunRow {
        scopes,
        measured: math::ln(resolved.case.measured.value),
        column: resolved.case.measured.column,
        source: source.to_owned(),
        quality: trust(quality) * says(resolved),
        group,
        program: at.program.to_owned(),
        sample,
    });
    rows.rows.len() - 1
}

/// What a source weighs: audited numbers most, those of a community least.
fn trust(quality: &str) -> f64 {
    match quality {
        "audited" => 1.0,
        "vendor" => 0.7,
        _ => 0.5,
    }
}

/// How much a number says of steps. Percentiles other than the median are left to what follows from steps: one queue decides them.
/// A rate that an open loop sustained says most: below it there is no latency to speak of.
fn says(resolved: &Resolved<'_>) -> f64 {
    let column = resolved.case.measured.column;
    let open = matches!(
        resolved.case.workload.load.mode,
        LoadMode::RequestRate { .. }
    );
    let is_of_the_middle = matches!(column.stat, None | Some(Stat::Mean | Stat::P50));
    match (
        is_of_the_middle,
        open && column.metric == Metric::RequestThroughput,
    ) {
        (false, _) => 0.0,
        (true, true) => 3.0,
        (true, false) => 1.0,
    }
}

impl FileCases<'_> {
    /// Counts rows that cannot be what they claim.
    pub fn doubt(&mut self, reason: &str, doubted: &[bool]) {
        let rows = self.rows.iter().flatten();
        let count = rows.filter(|row| doubted[**row]).count() as u64;
        if count > 0 {
            self.skipped.insert(reason.to_owned(), count);
        }
    }

    /// The file, and why none of it is fitted.
    fn unused(&self, usable: usize, fewest: usize) -> (String, String) {
        let counts = self.skipped.iter();
        let counts: Vec<String> = counts
            .map(|(reason, rows)| format!(", {rows} {reason}"))
            .collect();
        let reason = format!(
            "{usable} rows of runs can be fitted, fewer than {fewest}{}",
            counts.concat()
        );
        (self.file.path.clone(), reason)
    }

    fn input(&self, rows: &RunRows, weights: &[f64], whole: bool) -> PackInput {
        let used = self
            .rows
            .iter()
            .flatten()
            .filter(|row| weights[**row] > 0.0);
        let used: Vec<usize> = used.copied().collect();
        let sources: BTreeSet<&String> = used.iter().map(|row| &rows.rows[*row].source).collect();
        PackInput {
            path: self.file.path.clone(),
            blake3: self.file.blake3.clone(),
            sources: sources.into_iter().cloned().collect(),
            rows_used: used.len() as u64,
            skipped: self.skipped.clone(),
            whole,
        }
    }
}
