//! `phantom golden`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::compare::{self, taken};
use super::outputs::{chain, failed, hashes};
use super::{calibration, report, review, scenarios};
use crate::cli::Exit;
use crate::cli::args::Golden as Arguments;
use crate::cli::context::Context;
use crate::cli::files::{self, Batch};
use crate::diag::Severity;
use crate::golden::{self, Strictness};
use crate::pipeline::{self, Flow, Observer, Request, Stopped};
use crate::record::PointResult;
use crate::scenario::{self, Loaded};
use crate::source::World;

/// Checks, reviews, accepts, rejects, lists or prunes golden files.
pub fn golden(context: &Context, arguments: &Arguments) -> Exit {
    let ended = match arguments {
        Arguments::Check { scenarios } => check(context, scenarios),
        Arguments::Review { scenario } => review_changes(context, scenario),
        Arguments::Accept { scenario, only } => accept(context, scenario, only.as_deref()),
        Arguments::Reject { scenario } => reject(context, scenario),
        Arguments::List => Ok(list(context)),
        Arguments::Prune => prune(context),
    };
    ended.unwrap_or_else(|exit| exit)
}

struct Silent;

impl Observer for Silent {
    fn points(&mut self, _: &[PointResult]) -> Flow {
        Flow::Continue
    }
}

fn check(context: &Context, paths: &[PathBuf]) -> Result<Exit, Exit> {
    let catalog = scenarios::catalog(context)?;
    let mut exit = Exit::Done;
    for path in scenarios::files(context, paths) {
        let (sources, loaded) = scenarios::load(context, &catalog, &path, &[])?;
        let name = &loaded.scenario.name;
        let file = loaded.root.join(&loaded.scenario.golden.file);
        let Some(accepted) = compare::read(context, &file)? else {
            context.complain(&format!(
                "{name}: there is no {}; `phantom run --accept` makes it",
                file.display()
            ));
            exit = exit.and(Exit::BadInput);
            continue;
        };
        if let Some(diagnostic) = scenario::not_modelled(&loaded.plan) {
            return Err(scenarios::refuse(context, diagnostic.into(), &sources));
        }
        let pack = calibration::choose(context, None, &loaded.scenario)?;
        let (scenario, plan) = (&loaded.scenario, &loaded.plan);
        let request = Request {
            scenario,
            plan,
            catalog: &catalog,
            pack: &pack,
            sources: &sources,
            overlay: None,
            // A check of predictions makes them.
            memo: None,
        };
        let results = pipeline::predict(request, &mut Silent).map_err(|stopped| match stopped {
            Stopped::NotModelled(diagnostics) => scenarios::refuse(context, diagnostics, &sources),
            Stopped::ByObserver(_) => Exit::Incomplete,
        })?;
        let files = hashes(context, &loaded, &results)?;
        let new = golden::from_results(taken(&results, &files));
        let comparison = golden::compare(&new, &accepted, &scenario.golden, Strictness::Ci);
        let outcome = &comparison.outcome;
        context.print(&format!(
            "{name}: {} of {} points differ from {}\n",
            outcome.differing, outcome.compared, outcome.file
        ));
        if comparison
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
        {
            for finding in comparison.findings.iter().take(20) {
                context.print(&format!("  {}\n", finding.message));
            }
            context.print(&golden::changed_lines(outcome, 20));
            exit = exit.and(Exit::Findings);
        }
    }
    Ok(exit)
}

/// The golden file of a scenario named by name or path.
fn file_of(context: &Context, scenario: &str) -> Result<PathBuf, Exit> {
    let named = || {
        context
            .root()
            .join(format!("golden/{scenario}.golden.json"))
    };
    let loaded = scenario_of(context, scenario)?;
    Ok(loaded.map_or_else(named, |loaded| {
        loaded.root.join(&loaded.scenario.golden.file)
    }))
}

/// The scenario of that name or path, where its file stands.
fn scenario_of(context: &Context, scenario: &str) -> Result<Option<Loaded>, Exit> {
    let path = scenario_path(context, scenario);
    if !context.world.exists(&path) {
        return Ok(None);
    }
    let catalog = scenarios::catalog(context)?;
    let (_, loaded) = scenarios::load(context, &catalog, &path, &[])?;
    Ok(Some(loaded))
}

fn scenario_path(context: &Context, scenario: &str) -> PathBuf {
    let named = context
        .root()
        .join("scenarios")
        .join(format!("{scenario}.yaml"));
    if context.world.exists(&named) {
        named
    } else {
        PathBuf::from(scenario)
    }
}

fn waiting_of(file: &Path) -> PathBuf {
    PathBuf::from(golden::pending(&file.display().to_string()))
}

fn review_changes(context: &Context, scenario: &str) -> Result<Exit, Exit> {
    let file = file_of(context, scenario)?;
    let waiting = waiting_of(&file);
    if !context.world.exists(&waiting) {
        context.print(&format!("nothing waits beside {}\n", file.display()));
        return Ok(Exit::Done);
    }
    if review::can_ask()
        && let Some(loaded) = scenario_of(context, scenario)?
        && let Some(accepted) = compare::read(context, &file)?
        && let Some(new) = compare::read(context, &waiting)?
    {
        let files = review::Files {
            accepted: &file,
            waiting: &waiting,
        };
        return review::ask(context, (&new, &accepted), &loaded.scenario.golden, files);
    }
    let text = |path: &Path| {
        let bytes = context
            .world
            .read(path)
            .map_err(|error| failed(context, &error).and(Exit::BadInput))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    context.print(&golden::file_lines(&text(&file)?, &text(&waiting)?));
    context.print(&format!("accept with `phantom golden accept {scenario}`, drop with `phantom golden reject {scenario}`\n"));
    Ok(Exit::Findings)
}

fn accept(context: &Context, scenario: &str, only: Option<&str>) -> Result<Exit, Exit> {
    let file = file_of(context, scenario)?;
    let results = report::read_results(context, scenario)?;
    let before = compare::read(context, &file)?;
    let files = match scenario_of(context, scenario)? {
        Some(loaded) => hashes(context, &loaded, &results)?,
        None => BTreeMap::new(),
    };
    let accepted =
        golden::accept(taken(&results, &files), before.as_ref(), only).map_err(|refused| {
            context.complain(&format!("error: {refused}"));
            Exit::Failed
        })?;
    let mut batch = Batch::default();
    batch
        .add(&file, golden::write(&accepted).as_bytes())
        .and_then(|()| batch.commit())
        .map_err(|error| failed(context, &error))?;
    if only.is_none() {
        files::remove(&waiting_of(&file)).map_err(|error| failed(context, &error))?;
    }
    context.print(&format!(
        "accepted {} points into {}\n",
        accepted.points.len(),
        file.display()
    ));
    Ok(Exit::Done)
}

fn reject(context: &Context, scenario: &str) -> Result<Exit, Exit> {
    let waiting = waiting_of(&file_of(context, scenario)?);
    if !context.world.exists(&waiting) {
        context.print(&format!("there is no {}\n", waiting.display()));
        return Ok(Exit::Done);
    }
    files::remove(&waiting).map_err(|error| failed(context, &error))?;
    context.print(&format!("removed {}\n", waiting.display()));
    Ok(Exit::Done)
}

/// The golden files below the root, accepted and waiting.
fn golden_files(context: &Context) -> Vec<PathBuf> {
    let is_golden = |path: &PathBuf| {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        name.ends_with(".golden.json") || name.ends_with(".golden.json.new")
    };
    context
        .world
        .list(&context.root().join("golden"))
        .into_iter()
        .filter(is_golden)
        .collect()
}

fn list(context: &Context) -> Exit {
    for path in golden_files(context) {
        let state = if path.extension().is_some_and(|ending| ending == "new") {
            "waits for review"
        } else {
            "accepted"
        };
        context.print(&format!("{}  {state}\n", path.display()));
    }
    Exit::Done
}

fn prune(context: &Context) -> Result<Exit, Exit> {
    let catalog = scenarios::catalog(context)?;
    let mut referred = BTreeSet::new();
    for path in scenarios::files(context, &[context.root().join("scenarios")]) {
        let (_, loaded) = scenarios::load(context, &catalog, &path, &[])?;
        referred.insert(
            loaded
                .root
                .join(&loaded.scenario.golden.file)
                .display()
                .to_string(),
        );
    }
    let names: Vec<String> = golden_files(context)
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let referred: BTreeSet<&str> = referred.iter().map(String::as_str).collect();
    for orphan in golden::orphans(&names, &referred) {
        files::remove(Path::new(orphan)).map_err(|error| failed(context, &error))?;
        context.print(&format!("removed {orphan}\n"));
    }
    Ok(Exit::Done)
}

/// Reads a golden file or says what is wrong with it.
///
/// # Errors
///
/// The words to show.
pub fn parse(text: &str) -> Result<golden::Golden, String> {
    golden::read(text).map_err(|error| chain(&error))
}
