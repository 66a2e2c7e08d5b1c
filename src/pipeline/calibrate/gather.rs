//! Rows of files of runs as rows of a regression.

use std::collections::{BTreeSet, HashSet};

use super::CalibrateRequest;
use super::unused::UnusedRows;
use crate::calibrate::effects::{RunRow, RunRows};
use crate::catalog::Catalog;
use crate::perf::{evidence_sizes, place};
use crate::pipeline::validate::{LlmCases, Outcome, ReadFile, Resolved, doubted, is_new, selected};
use crate::record::rows::{Family, GivenRates, Include, Skip};
use crate::record::{Metric, PackInput, RowGroup, Sample, Sizes, Split, Stat};
use crate::scenario::LoadMode;
use crate::stats::math;

/// Sources without a licence, which are for validation alone.
const UNLICENSED: &str = "ml-energy";

/// One file with its cases; the row of the regression that each of its rows became.
pub(super) struct FileCases<'a> {
    pub file: &'a ReadFile,
    pub cases: LlmCases<'a>,
    pub rows: Vec<Option<usize>>,
    /// Positions of the rows in the table.
    pub lines: Vec<usize>,
    pub skipped: UnusedRows,
}

/// The rows of all files of runs that can be fitted.
pub(super) fn gathered<'a>(
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
            let mut skipped = UnusedRows::default();
            lines.retain(|place| {
                if let Some(Outcome::Skipped { reason, detail, .. }) = doubted.get(place) {
                    let detail = detail.as_deref().unwrap_or_default();
                    skipped.add((table, *place), reason.to_string(), unplaced(detail));
                    return false;
                }
                let line = &table.lines[*place];
                let is_new = is_new(&mut seen, table, line);
                if !is_new {
                    skipped.skip((table, *place), &Skip::DuplicateRow);
                }
                let is_licensed = !table.field(line, "source_id").starts_with(UNLICENSED);
                if is_new && !is_licensed {
                    skipped.doubt((table, *place), "unlicensed");
                }
                is_new && is_licensed
            });
            let include = Include {
                given_rates: GivenRates::KeptUp,
                ..Include::default()
            };
            let cases = LlmCases::of(catalog, table, &lines, include);
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
                        skipped.skip((table, *line), &unresolved.reason);
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

/// A detail without the place before it, `m.csv:5: `.
fn unplaced(detail: &str) -> &str {
    detail.split_once(": ").map_or(detail, |(_, what)| what)
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
    let column = resolved.case.measured.column;
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
        column,
        source: source.to_owned(),
        quality: trust(quality) * says(resolved),
        group,
        load: load(&evidence_sizes(system, &resolved.case.workload)),
        program: at.program.to_owned(),
        is_load: resolved.is_load,
        sample,
    });
    rows.rows.len() - 1
}

/// A load to a tenth of its sizes' logarithms; empty where requests in flight are not stated.
fn load(sizes: &Sizes) -> String {
    let [Some(flight), input, output, ..] = *sizes else {
        return String::new();
    };
    let about = |size: f64| (10.0 * math::ln(size.max(1.0))).round();
    let sizes = [Some(flight), input, output].map(|size| size.map(about));
    format!("{sizes:?}")
}

/// What a source weighs: audited numbers most, those of a community least.
fn trust(quality: &str) -> f64 {
    match quality {
        "audited" => 1.0,
        "vendor" => 0.7,
        _ => 0.5,
    }
}

/// How much a number says of steps. Nobody knows how many guessed tokens were right, so steps with such say nothing. Percentiles other than the median are left to what follows from steps: one queue decides them.
/// A rate that an open loop sustained says most: below it there is no latency to speak of.
fn says(resolved: &Resolved<'_>) -> f64 {
    if resolved.system().speculation.is_some() {
        return 0.0;
    }
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
    /// Names rows that cannot be what they claim.
    pub fn doubt(&mut self, reason: &str, doubted: &[bool]) {
        for (row, line) in self.rows.iter().zip(&self.lines) {
            if row.is_some_and(|row| doubted[row]) {
                self.skipped.doubt((&self.file.table, *line), reason);
            }
        }
    }

    /// The file, and why none of it is fitted.
    pub fn unused(&self, usable: usize, fewest: usize) -> (String, String) {
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

    pub fn input(&self, rows: &RunRows, weights: &[f64], whole: bool) -> PackInput {
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
            skipped: self.skipped.counts(),
            whole,
        }
    }
}
