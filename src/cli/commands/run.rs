//! `phantom run`: the main job.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::outputs::{self, Made, Sinks};
use super::{calibration, compare, only, redact, scenarios};
use crate::catalog::Catalog;
use crate::cli::Exit;
use crate::cli::args::{Format, Run};
use crate::cli::cache::Cache;
use crate::cli::choices::{FailOn, Only};
use crate::cli::context::Context;
use crate::cli::progress::{Progress, Stopwatch};
use crate::cli::signals::Signals;
use crate::pipeline::{self, Flow, Memo, Observer, Request, Stopped};
use crate::record::{Calibration, FindingClass, PointResult, Results};
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
    let loaded = scenarios::select(context, loaded, arguments.points.as_deref())?;
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
        pack: &pack,
        cache: cache.as_ref(),
    };
    let (mut results, found) = predict(job, &inputs, &mut sinks)?;
    only::mark(&arguments.only, &mut results);
    timings.stage("predict");
    finish(job, &loaded, results, (sinks, folder), (timings, found))
}

/// Where simulated points are kept; nowhere for sweeps so large that the cache would be a copy of the results.
fn cache(job: &Job<'_>, loaded: &Loaded) -> Option<Cache> {
    let wanted = !job.arguments.no_cache && loaded.plan.len() <= pipeline::KEPT_POINTS;
    let folder = wanted.then(|| job.context.cache()).flatten()?;
    Some(Cache::open(&folder))
}

fn finish(
    job: &Job<'_>,
    loaded: &Loaded,
    mut results: Results,
    (sinks, folder): (Sinks, PathBuf),
    (mut timings, found): (Timings, u64),
) -> Result<Exit, Exit> {
    let (context, arguments) = (job.context, job.arguments);
    let golden = compare::compare(context, arguments, loaded, &mut results)?;
    timings.stage("compare");
    let results = redact::redacted(context, loaded, results)?;
    let rendered = outputs::render(context, loaded, &results, sinks, &folder)?;
    timings.stage("render");
    let view = rendered.view;
    let mut batch = rendered.batch;
    golden
        .write(&mut batch)
        .and_then(|()| batch.commit())
        .map_err(|error| outputs::failed(context, &error))?;
    timings.stage("write");
    let made = Made {
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

/// What a scenario is predicted from.
struct Inputs<'a> {
    loaded: &'a Loaded,
    sources: &'a Sources,
    pack: &'a Calibration,
    cache: Option<&'a Cache>,
}

/// Predicts all points, streaming rows into the columnar files; also says how many of the points were kept from before.
fn predict(job: &Job<'_>, inputs: &Inputs<'_>, sinks: &mut Sinks) -> Result<(Results, u64), Exit> {
    let context = job.context;
    let (loaded, sources) = (inputs.loaded, inputs.sources);
    let overlay = context.overlay().map(|folder| folder.display().to_string());
    let request = Request {
        scenario: &loaded.scenario,
        plan: &loaded.plan,
        catalog: job.catalog,
        pack: inputs.pack,
        sources,
        overlay: overlay.as_deref(),
        memo: inputs.cache.map(|cache| cache as &dyn Memo),
    };
    let progress = Progress::new(context, loaded.plan.len(), "predicting");
    let mut observer = Recorder {
        context,
        progress: &progress,
        signals: job.signals,
        sinks,
        cache: inputs.cache,
        found: 0,
        failed: None,
    };
    let outcome = pipeline::predict(request, &mut observer);
    progress.finish();
    if let Some(error) = observer.failed {
        return Err(outputs::failed(context, &error));
    }
    match outcome {
        Ok(results) => Ok((results, observer.found)),
        Err(Stopped::NotModelled(diagnostics)) => {
            Err(scenarios::refuse(context, diagnostics, sources))
        }
        Err(Stopped::ByObserver(points)) => {
            let planned = loaded.plan.len();
            context.complain(&format!(
                "interrupted after {points} of {planned} points; nothing was written"
            ));
            Err(job.signals.exit().unwrap_or(Exit::Incomplete))
        }
    }
}

/// Passes finished points to progress and files.
struct Recorder<'a> {
    context: &'a Context,
    progress: &'a Progress,
    signals: &'a Signals,
    sinks: &'a mut Sinks,
    cache: Option<&'a Cache>,
    /// Points found in the cache; what searches find there is not counted.
    found: u64,
    failed: Option<outputs::OutputError>,
}

impl Observer for Recorder<'_> {
    fn points(&mut self, points: &[PointResult]) -> Flow {
        self.progress.advance(points.len() as u64, self.context);
        if !points.is_empty() {
            self.found = self.cache.map_or(0, Cache::found);
        }
        if let Err(error) = self.sinks.points(points) {
            self.failed = Some(error);
            return Flow::Stop;
        }
        if self.signals.exit().is_some() {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }
}

fn output_folder(arguments: &Run, loaded: &Loaded) -> PathBuf {
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
fn verdict(arguments: &Run, results: &Results) -> Exit {
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
