//! Rows of runs become shifts of terms.

use std::sync::Arc;

use super::CalibrateRequest;
use super::doubt::{doubt, far_columns};
use super::evidence::{EvidenceGroups, EvidenceRow};
use super::gather::{FileCases, gathered};
use super::run::FEWEST_ROWS;
use super::unused::Unused;
use super::widths::{Left, widths};
use crate::calibrate::effects::{
    self, CrossFit, Denied, Fitted, Folds, LeftOut, RunRows, Runs, RunsAccount,
};
use crate::calibrate::own_points::FEWEST;
use crate::catalog::Catalog;
use crate::perf::{evidence_sizes, place};
use crate::pipeline::parallel;
use crate::pipeline::validate::{LlmCases, ReadFile};
use crate::record::{Calibration, Effects, EvidenceKind, PackInput, Sample, Split, Widths};
use crate::scenario::Method;
use crate::stats::math;

/// What a fit to runs found.
pub(super) struct FittedRuns {
    pub account: Option<RunsAccount>,
    pub effects: Effects,
    pub widths: Option<Widths>,
    /// Shifts and widths of the same fit without held-out groups; `None` where nothing was held out. The widths of both are the same:
    /// those of the fit whose errors on unseen groups are known.
    pub blind: Option<(Effects, Option<Widths>)>,
    pub inputs: Vec<PackInput>,
    pub evidence: EvidenceGroups,
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
    /// What is predicted for the wanted rows, with intervals where there are widths.
    pub fn ask(
        &self,
        effects: &Effects,
        widths: Option<Arc<Widths>>,
        (method, wanted): (Method, &[bool]),
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
            let is_wanted = |place: &Option<usize>| place.is_some_and(|place| wanted[place]);
            let of_file: Vec<bool> = rows.iter().map(is_wanted).collect();
            let estimates = cases.estimates_of(&pack, &asked, &of_file);
            for (row, place) in cases.rows.iter().zip(rows) {
                if let (Ok(resolved), Some(place)) = (row, place)
                    && wanted[*place]
                    && !self.impossible[*place]
                {
                    found[*place] = resolved
                        .wanted_estimate(&estimates)
                        .and_then(|estimate| resolved.answer(estimate))
                        .map(|number| (number.value, number.lo, number.hi));
                }
            }
        }
        found
    }

    /// Logarithms of what is predicted for every row.
    pub fn logs(&self, effects: &Effects, method: Method) -> Vec<Option<f64>> {
        self.logs_of(effects, (method, &vec![true; self.rows]))
    }

    fn logs_of(&self, effects: &Effects, asked: (Method, &[bool])) -> Vec<Option<f64>> {
        let found = self.ask(effects, None, asked);
        found
            .into_iter()
            .map(|number| Some(math::ln(number?.0)))
            .collect()
    }
}

impl Runs for Equations<'_> {
    fn predict(&self, effects: &Effects, wanted: &[bool]) -> Vec<Option<f64>> {
        self.logs_of(effects, (Method::Auto, wanted))
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
    skipped: &mut Unused,
) -> Option<FittedRuns> {
    let mut rows = RunRows::default();
    let mut files = gathered(catalog, files, (request, split), &mut rows);
    let impossible = doubt(&rows, &mut files, request.base.as_ref());
    skipped.of_runs(&files);
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
        pack: request.base.clone().unwrap_or_else(Calibration::cited),
        impossible,
    };
    if let Some(base) = &request.base {
        return Some(moved(base, (&rows, &files), &equations));
    }
    let known = Calibration::fitted();
    skipped.notes.extend(far_columns((&rows, &files), &known));
    let about = |weights: &[f64]| about(&files, &rows, weights, false);
    let fit = effects::fit(&rows, &equations);
    let effects = effects::effects_of(&rows, &fit);
    let (account, widths) = judged((&rows, &equations), (&fit, &effects), request.account);
    let Some(everything) = rows.all_fitted() else {
        let (inputs, evidence) = about(&fit.weights);
        return Some(FittedRuns {
            account,
            effects,
            widths,
            blind: None,
            inputs,
            evidence,
        });
    };
    let whole = effects::fit(&everything, &equations);
    let (inputs, evidence) = about(&whole.weights);
    Some(FittedRuns {
        account,
        effects: effects::effects_of(&everything, &whole),
        widths: widths.clone(),
        blind: Some((effects, widths)),
        inputs,
        evidence,
    })
}

/// The shifts of a base, moved by rows of one's own.
fn moved(
    base: &Calibration,
    (rows, files): (&RunRows, &[FileCases<'_>]),
    equations: &Equations<'_>,
) -> FittedRuns {
    let fit = effects::fit_own(rows, equations, &base.effects);
    let (inputs, evidence) = about(files, rows, &fit.weights, true);
    let evidence = evidence.of_at_least(FEWEST);
    FittedRuns {
        account: None,
        effects: base
            .effects
            .plus(&effects::own_effects(rows, &fit, &base.effects)),
        widths: base.widths.as_deref().cloned(),
        blind: None,
        inputs,
        evidence,
    }
}

/// How far off a fit is on what it has not seen: the account where it is asked for, and widths.
fn judged(
    (rows, equations): (&RunRows, &Equations<'_>),
    (fit, effects): (&Fitted, &Effects),
    wants_account: bool,
) -> (Option<RunsAccount>, Option<Widths>) {
    let left = [Folds::Loads, Folds::Groups, Folds::Devices, Folds::Programs].map(|folds| {
        let fits = CrossFit::new(rows, equations, fit, Denied::parts_of(folds));
        let parts: Vec<usize> = (0..fits.count).collect();
        fits.residuals(parallel::map(&parts, |part| fits.without(*part)))
    });
    let [_, groups, devices, _] = &left;
    let account =
        wants_account.then(|| RunsAccount::of(rows, equations, fit, LeftOut { groups, devices }));
    let all = vec![true; equations.rows];
    let ends = |widths: Widths| {
        let asked = (Method::Auto, all.as_slice());
        equations.ask(effects, Some(Arc::new(widths)), asked)
    };
    (account, widths(rows, &Left::new(left), ends))
}

/// The files that a fit used and what it rests on.
fn about(
    files: &[FileCases<'_>],
    rows: &RunRows,
    weights: &[f64],
    all_of_each: bool,
) -> (Vec<PackInput>, EvidenceGroups) {
    let inputs = files.iter();
    let inputs = inputs.map(|file| file.input(rows, weights, all_of_each));
    let used = inputs.filter(|input| input.rows_used > 0).collect();
    (used, evidence(files, weights))
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
            // That the server kept up is no measurement of its steps.
            if weight > 0.0 && !resolved.is_load {
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
