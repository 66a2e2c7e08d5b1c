//! `phantom run`: the main job.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::outputs::{self, Made};
use super::predict::{self, Ended, Inputs};
use super::sinks::Sinks;
use super::{calibration, compare, only, redact, scenarios};
use crate::catalog::Catalog;
use crate::cli::Exit;
use crate::cli::args::{Format, Run};
use crate::cli::cache::{Cache, Kept};
use crate::cli::choices::{FailOn, Only};
use crate::cli::context::Context;
use crate::cli::progress::Stopwatch;
use crate::cli::signals::Signals;
use crate::pipeline;
use crate::record::{FindingClass, Results};
use crate::scenario::{self, ExecutorKind, Loaded};
use crate::source::Sources;

/// What all scenarios of one invocation share.
struct Job<'a> {
    context: &'a Context,
    arguments: &'a Run,
    catalog: &'a Catalog,
    signals: &'a Signals,
}

/// Runs every scenario named, one after another; the strongest code wins.
pub fn run(context: &Context, arguments: &Run) -> Exit {
    #[cfg(feature = "watch")]
    if arguments.watch {
        return super::watch::run(context, arguments);
    }
    match prepared(context, arguments) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn prepared(context: &Context, arguments: &Run) -> Result<Exit, Exit> {
    only::check(context, &arguments.only)?;
    let catalog = scenarios::catalog(context)?;
    let signals = Signals::listen().map_err(|error| {
        context.complain(&format!("error: signals cannot be handled: {error}"));
        Exit::Failed
    })?;
    pipeline::use_threads(arguments.jobs);
    let job = Job {
        context,
        arguments,
        catalog: &catalog,
        signals: &signals,
    };
    let mut names = BTreeSet::new();
    let mut exit = Exit::Done;
    for path in scenarios::files(context, &arguments.scenarios) {
        let ended = one(&job, &path, &mut names).unwrap_or_else(|failed| failed);
        exit = exit.and(ended);
        if signals.exit().is_some() {
            break;
        }
    }
    Ok(exit)
}

fn one(job: &Job<'_>, path: &Path, names: &mut BTreeSet<String>) -> Result<Exit, Exit> {
    let mut timings = Timings::start();
    let (context, arguments) = (job.context, job.arguments);
    let (sources, loaded) = scenarios::load(context, job.catalog, path, &arguments.overrides.set)?;
    let name = &loaded.scenario.name;
    if !names.insert(name.clone()) {
        context.complain(&format!(
            "error: two scenarios are named `{name}`; their outputs would overwrite each other"
        ));
        return Err(Exit::BadInput);
    }
    if let Some(diagnostic) = scenario::not_modelled(&loaded.plan) {
        return Err(scenarios::refuse(context, diagnostic.into(), &sources));
    }
    let mut loaded = scenarios::select(context, loaded, arguments.points.as_deref())?;
    outputs::add(&mut loaded.scenario.report.outputs, &arguments.also);
    if arguments.dry_run {
        dry_run(context, arguments, &loaded);
        return Ok(Exit::Done);
    }
    timings.stage("read");
    let pack = calibration::choose(context, arguments.calibration.as_deref(), &loaded.scenario)?;
    let folder = output_folder(arguments, &loaded);
    let mut sinks =
        Sinks::open(&loaded.scenario, &folder).map_err(|error| outputs::failed(context, &error))?;
    let cache = cache(job, &loaded);
    let inputs = Inputs {
        loaded: &loaded,
        sources: &sources,
        catalog: job.catalog,
        pack: &pack,
        memo: cache.as_ref().map(|cache| cache as &dyn Kept),
    };
    let stop = || job.signals.exit().is_some();
    let predicted = predict::predict(context, &inputs, &stop, Some(&mut sinks));
    let (mut results, found) = predicted.map_err(|ended| stopped(job, &loaded, ended))?;
    only::mark(&arguments.only, &mut results);
    timings.stage("predict");
    finish(
        job,
        (&loaded, &sources),
        results,
        (sinks, folder),
        (timings, found),
    )
}

/// Where simulated points are kept; nowhere for sweeps so large that the cache would be a copy of the results.
fn cache(job: &Job<'_>, loaded: &Loaded) -> Option<Cache> {
    let wanted = !job.arguments.no_cache && loaded.plan.len() <= pipeline::KEPT_POINTS;
    let folder = wanted.then(|| job.context.cache()).flatten()?;
    Some(Cache::open(&folder))
}

fn finish(
    job: &Job<'_>,
    (loaded, sources): (&Loaded, &Sources),
    mut results: Results,
    (sinks, folder): (Sinks, PathBuf),
    (mut timings, found): (Timings, u64),
) -> Result<Exit, Exit> {
    let (context, arguments) = (job.context, job.arguments);
    let golden = compare::compare(context, arguments, (loaded, sources), &mut results)?;
    timings.stage("compare");
    let results = redact::redacted(context, loaded, results)?;
    let rendered = outputs::render(context, loaded, &results, sinks, &folder)?;
    timings.stage("render");
    let view = rendered.view;
    let batch = rendered.batch;
    let differences = golden.differences.clone();
    golden
        .write(batch)
        .map_err(|error| outputs::failed(context, &error))?;
    keep(context, arguments, loaded, &results);
    timings.stage("write");
    let made = Made {
        differences: &differences,
        folder: &folder,
        seconds: timings.total(),
        from_cache: found,
    };
    outputs::announce(context, &results, &view, &made);
    if arguments.timings {
        context.complain(&timings.text());
    }
    Ok(verdict(arguments, &results))
}

/// Keeps the results of a whole run for `phantom history`; a disk that refuses spoils no run.
#[cfg(feature = "parquet")]
fn keep(context: &Context, arguments: &Run, loaded: &Loaded, results: &Results) {
    if arguments.no_history || arguments.points.is_some() {
        return;
    }
    if let Err(error) = crate::cli::history::keep(context, &loaded.root, results) {
        context.say(&format!("warning: {}", outputs::chain(&error)));
    }
}

/// Without Parquet nothing is kept.
#[cfg(not(feature = "parquet"))]
fn keep(_: &Context, _: &Run, _: &Loaded, _: &Results) {}

/// The exit code of a prediction that did not come to its end.
fn stopped(job: &Job<'_>, loaded: &Loaded, ended: Ended) -> Exit {
    match ended {
        Ended::Refused(exit) => exit,
        Ended::Stopped { points } => {
            let planned = loaded.plan.len();
            job.context.complain(&format!(
                "interrupted after {points} of {planned} points; nothing was written"
            ));
            job.signals.exit().unwrap_or(Exit::Incomplete)
        }
    }
}

/// Where the files of a scenario go.
pub fn output_folder(arguments: &Run, loaded: &Loaded) -> PathBuf {
    let below_root = || loaded.root.join("reports").join(&loaded.scenario.name);
    arguments.out.clone().unwrap_or_else(below_root)
}

fn dry_run(context: &Context, arguments: &Run, loaded: &Loaded) {
    let scenario = &loaded.scenario;
    let executor_text = |kind| executor_text(kind, &arguments.only);
    match context.format {
        Format::Json | Format::Jsonl => {
            let executors: Vec<String> = scenario
                .run
                .iter()
                .map(|entry| executor_text(&entry.kind))
                .collect();
            let document = serde_json::json!({ "scenario": scenario.name, "points": loaded.plan.len(), "run": executors });
            context.print(&format!("{document}\n"));
        }
        Format::Human | Format::Markdown | Format::Github => {
            context.print(&format!(
                "{}: {} points\n",
                scenario.name,
                loaded.plan.len()
            ));
            for entry in &scenario.run {
                context.print(&format!("  {}\n", executor_text(&entry.kind)));
            }
        }
    }
}

fn executor_text(kind: &ExecutorKind, only: &[Only]) -> String {
    match kind {
        ExecutorKind::Predict { .. } => "predict".to_owned(),
        ExecutorKind::Measured { name, target } if !only::takes_executor(only, name) => {
            format!("{name} {target}: not selected, skipped")
        }
        ExecutorKind::Measured { name, target } => {
            format!("{name} {target}: not in this version, skipped")
        }
    }
}

/// Findings of the chosen classes end with code 1.
pub fn verdict(arguments: &Run, results: &Results) -> Exit {
    let counts = |class: FindingClass| {
        arguments
            .fail_on
            .iter()
            .any(|chosen| class_of(*chosen) == class)
    };
    let found = results
        .findings
        .iter()
        .any(|finding| counts(finding.class) && finding.severity == crate::diag::Severity::Error);
    if found && !arguments.exit_zero {
        Exit::Findings
    } else {
        Exit::Done
    }
}

const fn class_of(chosen: FailOn) -> FindingClass {
    match chosen {
        FailOn::Golden => FindingClass::Golden,
        FailOn::Slo => FindingClass::Slo,
        FailOn::Regression => FindingClass::Regression,
        FailOn::Validity => FindingClass::Validity,
        FailOn::Inconclusive => FindingClass::Inconclusive,
        FailOn::Skip => FindingClass::Skip,
        FailOn::Accuracy => FindingClass::Accuracy,
    }
}

/// Where the time went, for `--timings`; never part of a result.
struct Timings {
    start: Stopwatch,
    stages: Vec<(&'static str, f64)>,
}

impl Timings {
    fn start() -> Self {
        Self {
            start: Stopwatch::start(),
            stages: Vec::new(),
        }
    }

    fn stage(&mut self, name: &'static str) {
        let before: f64 = self.stages.iter().map(|(_, seconds)| seconds).sum();
        self.stages.push((name, self.total() - before));
    }

    fn total(&self) -> f64 {
        self.start.seconds()
    }

    fn text(&self) -> String {
        let parts = self
            .stages
            .iter()
            .map(|(name, seconds)| format!("{name} {:.1} ms", seconds * 1e3));
        parts.collect::<Vec<_>>().join(", ")
    }
}
