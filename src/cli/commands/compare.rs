//! The golden comparison of a run: what is compared, what waits for acceptance, what is written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::golden_files::{self, Files};
use super::outputs::{chain, failed};
use crate::cli::Exit;
use crate::cli::args::Run;
use crate::cli::choices::GoldenMode;
use crate::cli::context::Context;
use crate::cli::files::{self, Batch, WriteError};
use crate::golden::{self, Golden, Strictness, Taken};
use crate::record::{GoldenOutcome, Results};
use crate::scenario::Loaded;
use crate::source::{Sources, World};

/// What a comparison leaves to be written and said.
#[derive(Debug, Default)]
pub struct Pending {
    /// Files with their texts: a golden and what is accepted with it, or what waits beside them.
    files: Vec<(PathBuf, String)>,
    /// Files that waited and do so no more.
    settles: Vec<PathBuf>,
    /// Differences of accepted texts, for a terminal.
    pub differences: String,
}

impl Pending {
    /// Adds a file to be written.
    pub fn add(&mut self, path: PathBuf, text: String) {
        self.files.push((path, text));
    }

    /// Adds a file to be removed.
    pub fn settle(&mut self, path: PathBuf) {
        self.settles.push(path);
    }

    /// Writes with the files of the run; what waited is removed once all of them stand.
    ///
    /// # Errors
    ///
    /// [`WriteError`] when the disk refuses.
    pub fn write(self, mut batch: Batch) -> Result<(), WriteError> {
        for (path, text) in &self.files {
            batch.add(path, text.as_bytes())?;
        }
        batch.commit()?;
        for path in &self.settles {
            files::remove(path)?;
        }
        Ok(())
    }
}

/// Compares the results with the accepted ones, as the mode says, and notes outcome and findings in the results.
///
/// # Errors
///
/// The exit code after the problem was shown.
pub fn compare(
    context: &Context,
    arguments: &Run,
    (loaded, sources): (&Loaded, &Sources),
    results: &mut Results,
) -> Result<Pending, Exit> {
    let mode = match (arguments.accept, arguments.golden) {
        (true, _) => GoldenMode::Update,
        (false, Some(mode)) => mode,
        (false, None) if context.ci => GoldenMode::Check,
        (false, None) => GoldenMode::Auto,
    };
    let path = loaded.root.join(&loaded.scenario.golden.file);
    let accepted = match mode {
        GoldenMode::Off => return Ok(Pending::default()),
        GoldenMode::Auto | GoldenMode::Check | GoldenMode::Update => read(context, &path)?,
    };
    if mode == GoldenMode::Update {
        return accept(context, (arguments, loaded), results, accepted.as_ref());
    }
    let Some(accepted) = accepted else {
        return Ok(Pending::default());
    };
    let files = Files::of(context, loaded, results)?;
    let new = golden::from_results(taken(results, &files.hashes));
    let accepted = if arguments.points.is_some() {
        accepted.restricted_to(
            &results
                .points
                .iter()
                .map(|point| point.key.clone())
                .collect(),
        )
    } else {
        accepted
    };
    let strictness = if context.ci {
        Strictness::Ci
    } else {
        Strictness::Desk
    };
    let rules = &loaded.scenario.golden;
    let mut comparison = golden::compare(&new, &accepted, rules, strictness);
    golden::place(&mut comparison.findings, rules, sources);
    let differs = comparison.differs();
    results.golden = Some(comparison.outcome);
    results.findings.extend(comparison.findings);
    let mut pending = Pending::default();
    let differences = files.differences(context, &path, &accepted);
    pending.differences = differences.into_values().collect();
    if mode == GoldenMode::Auto && arguments.points.is_none() {
        let waiting = waiting_of(&path);
        if differs {
            files.wait(&path, &accepted, &mut pending);
            pending.add(waiting, golden::write(&new));
        } else {
            golden_files::settled(context, &path, &mut pending);
            if context.world.exists(&waiting) {
                pending.settle(waiting);
            }
        }
    }
    Ok(pending)
}

/// Where changes to a golden file wait.
pub fn waiting_of(path: &Path) -> PathBuf {
    PathBuf::from(golden::pending(&path.display().to_string()))
}

/// Takes the results as accepted, whatever the flags say.
///
/// # Errors
///
/// The exit code after the problem was shown.
pub fn accept_now(
    context: &Context,
    arguments: &Run,
    loaded: &Loaded,
    results: &mut Results,
) -> Result<Pending, Exit> {
    let before = read(context, &loaded.root.join(&loaded.scenario.golden.file))?;
    accept(context, (arguments, loaded), results, before.as_ref())
}

fn accept(
    context: &Context,
    (arguments, loaded): (&Run, &Loaded),
    results: &mut Results,
    before: Option<&Golden>,
) -> Result<Pending, Exit> {
    let file = loaded.scenario.golden.file.clone();
    let files = Files::of(context, loaded, results)?;
    let taken = taken(results, &files.hashes);
    let accepted = if arguments.points.is_some() {
        golden::accept_selected(taken, before)
    } else {
        golden::accept(taken, before, None)
    };
    let accepted = accepted.map_err(|refused| {
        context.complain(&format!("error: {refused}"));
        Exit::Failed
    })?;
    let compared = results.points.len() as u64;
    results.golden = Some(GoldenOutcome {
        file: file.clone(),
        state: "accepted",
        compared,
        differing: 0,
        changes: Vec::new(),
    });
    let path = loaded.root.join(file);
    let mut pending = Pending::default();
    files.keep(context, &path, &accepted, &mut pending);
    pending.add(path.clone(), golden::write(&accepted));
    // Of selected points the others may still wait.
    if arguments.points.is_none() {
        pending.settle(waiting_of(&path));
    }
    Ok(pending)
}

/// What a golden is made of; no hardware of this version is `probe: local`.
pub fn taken<'a>(results: &'a Results, files: &'a BTreeMap<String, String>) -> Taken<'a> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    Taken {
        results,
        local: &NONE,
        files,
    }
}

/// The accepted results of a file; `None` when there is none yet.
///
/// # Errors
///
/// [`Exit::BadInput`] after the problem was shown.
pub fn read(context: &Context, path: &Path) -> Result<Option<Golden>, Exit> {
    if !context.world.exists(path) {
        return Ok(None);
    }
    let bytes = context
        .world
        .read(path)
        .map_err(|error| failed(context, &error).and(Exit::BadInput))?;
    let text = String::from_utf8_lossy(&bytes);
    golden::read(&text).map(Some).map_err(|error| {
        context.complain(&format!(
            "error[bad-results]: {}: {}",
            path.display(),
            chain(&error)
        ));
        Exit::BadInput
    })
}
