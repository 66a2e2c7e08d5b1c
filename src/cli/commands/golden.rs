//! `phantom golden`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::compare::{self, Pending, taken, waiting_of};
use super::golden_files::{self, Files};
use super::outputs::{chain, failed};
use super::{golden_accuracy, golden_check, report, review, scenarios};
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::files::{self, Batch};
use crate::cli::golden_args::Golden as Arguments;
use crate::golden;
use crate::record::Results;
use crate::scenario::Loaded;
use crate::source::World;

/// Checks, reviews, accepts, rejects, lists or prunes golden files.
pub fn golden(context: &Context, arguments: &Arguments) -> Exit {
    let ended = match arguments {
        Arguments::Check { scenarios } => golden_check::check(context, scenarios),
        Arguments::Review { scenario } => review_changes(context, scenario),
        Arguments::Accept { scenario, only } => accept(context, scenario, only.as_deref()),
        Arguments::Reject { scenario } => reject(context, scenario),
        Arguments::List => Ok(list(context)),
        Arguments::Prune { dry_run } => prune(context, *dry_run),
    };
    ended.unwrap_or_else(|exit| exit)
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

fn review_changes(context: &Context, scenario: &str) -> Result<Exit, Exit> {
    if let Some(file) = golden_accuracy::file_of(context, scenario) {
        return golden_accuracy::review(context, &file);
    }
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
        let beside = Files::waiting(context, &file);
        return review::ask(
            context,
            (&new, &accepted),
            (&loaded.scenario.golden, &beside),
            files,
        );
    }
    let text = |path: &Path| {
        let bytes = context
            .world
            .read(path)
            .map_err(|error| failed(context, &error).and(Exit::BadInput))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    context.print(&golden::file_lines(&text(&file)?, &text(&waiting)?));
    if let Some(accepted) = compare::read(context, &file)? {
        let beside = Files::waiting(context, &file);
        for lines in beside.differences(context, &file, &accepted).values() {
            context.print(lines);
        }
    }
    context.print(&format!("accept with `phantom golden accept {scenario}`, drop with `phantom golden reject {scenario}`\n"));
    Ok(Exit::Findings)
}

fn accept(context: &Context, scenario: &str, only: Option<&str>) -> Result<Exit, Exit> {
    if let Some(file) = golden_accuracy::file_of(context, scenario) {
        return golden_accuracy::accept(context, &file, only);
    }
    let file = file_of(context, scenario)?;
    let results = report::read_results(context, scenario)?;
    let before = compare::read(context, &file)?;
    let files = match scenario_of(context, scenario)? {
        Some(loaded) => {
            is_of_today(&results, &loaded).map_err(|problem| {
                context.complain(&format!("error: {problem}"));
                Exit::Failed
            })?;
            Files::of(context, &loaded, &results)?
        }
        None => Files::default(),
    };
    let accepted = golden::accept(taken(&results, &files.hashes), before.as_ref(), only).map_err(
        |refused| {
            context.complain(&format!("error: {refused}"));
            Exit::Failed
        },
    )?;
    let mut pending = Pending::default();
    files.keep(context, &file, &accepted, &mut pending);
    pending.add(file.clone(), golden::write(&accepted));
    if only.is_none() {
        pending.settle(waiting_of(&file));
    }
    pending
        .write(Batch::default())
        .map_err(|error| failed(context, &error))?;
    context.print(&format!(
        "accepted {} points into {}\n",
        accepted.points.len(),
        file.display()
    ));
    Ok(Exit::Done)
}

/// Results of another text of the scenario, or of some of its points, are not what the scenario says today.
fn is_of_today(results: &Results, loaded: &Loaded) -> Result<(), String> {
    let name = &loaded.scenario.name;
    let again = format!("`phantom run {}` makes them anew", loaded.scenario.path);
    let mut own = loaded.scenario.files.iter();
    let text = own.find(|file| file.path == loaded.scenario.path);
    if text.is_some_and(|text| text.blake3 != results.inputs.scenario_blake3) {
        return Err(format!(
            "the results of `{name}` are older than its text; {again}"
        ));
    }
    let planned = loaded.plan.len();
    if results.planned != planned {
        return Err(format!(
            "the results of `{name}` were made of {} of its {planned} points; {again}",
            results.planned
        ));
    }
    Ok(())
}

fn reject(context: &Context, scenario: &str) -> Result<Exit, Exit> {
    let file = match golden_accuracy::file_of(context, scenario) {
        Some(file) => file,
        None => file_of(context, scenario)?,
    };
    let waiting = waiting_of(&file);
    if !context.world.exists(&waiting) {
        context.print(&format!("there is no {}\n", waiting.display()));
        return Ok(Exit::Done);
    }
    let mut pending = Pending::default();
    pending.settle(waiting.clone());
    golden_files::settled(context, &file, &mut pending);
    pending
        .write(Batch::default())
        .map_err(|error| failed(context, &error))?;
    context.print(&format!("removed {}\n", waiting.display()));
    Ok(Exit::Done)
}

/// The files below `golden/` whose name, less `.new`, ends so.
fn golden_files(context: &Context, ending: &str) -> Vec<PathBuf> {
    let is_golden = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.strip_suffix(".new").unwrap_or(&name).ends_with(ending)
    };
    let mut files = context.world.list(&context.root().join("golden"));
    files.retain(is_golden);
    files
}

fn list(context: &Context) -> Exit {
    for path in golden_files(context, ".json") {
        let state = if path.extension().is_some_and(|ending| ending == "new") {
            "waits for review"
        } else {
            "accepted"
        };
        context.print(&format!("{}  {state}\n", path.display()));
    }
    Exit::Done
}

/// Scenarios of `scenarios/` and of the folders in it.
fn all_scenarios(context: &Context) -> Vec<PathBuf> {
    let mut folders = vec![context.root().join("scenarios")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        found.extend(scenarios::files(context, std::slice::from_ref(&folder)));
        let inside = context.world.list(&folder);
        folders.extend(
            inside
                .into_iter()
                .filter(|path| context.world.is_folder(path)),
        );
    }
    found
}

fn prune(context: &Context, dry: bool) -> Result<Exit, Exit> {
    let catalog = scenarios::catalog(context)?;
    let mut referred = BTreeSet::new();
    for path in all_scenarios(context) {
        let (_, loaded) = scenarios::load(context, &catalog, &path, &[])?;
        referred.insert(loaded.scenario.golden.file);
    }
    let root = context.root();
    let below = |path: &PathBuf| {
        let inside = path.strip_prefix(&root).unwrap_or(path);
        inside.display().to_string().replace('\\', "/")
    };
    let names: Vec<String> = golden_files(context, ".golden.json")
        .iter()
        .map(below)
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let referred: BTreeSet<&str> = referred.iter().map(String::as_str).collect();
    for orphan in golden::orphans(&names, &referred) {
        let verb = if dry { "would remove" } else { "removed" };
        if !dry {
            let orphan = root.join(orphan);
            let beside = context.world.list(&golden_files::folder(&orphan));
            for path in beside.iter().chain([&orphan]) {
                files::remove(path).map_err(|error| failed(context, &error))?;
            }
        }
        context.print(&format!("{verb} {orphan}\n"));
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
