//! Accepted accuracy in the golden workflow: what `validate --golden` left waiting is reviewed, accepted or rejected.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::compare::waiting_of;
use super::outputs::failed;
use super::review;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::files::{self, Batch};
use crate::golden::{self, Answer, Golden, ReviewItem};
use crate::pipeline::validate::Accuracy;
use crate::scenario::{GoldenRules, OnMissing, OnNew, Tolerance};
use crate::source::World;

/// The file of accepted accuracy that a name means: a path to one, or `accuracy` for `golden/accuracy.json`.
pub fn file_of(context: &Context, name: &str) -> Option<PathBuf> {
    let path = if name == "accuracy" {
        context.root().join("golden/accuracy.json")
    } else {
        PathBuf::from(name)
    };
    let is_json = path.extension().is_some_and(|ending| ending == "json");
    let holds = |path: &Path| {
        let bytes = context.world.read(path).ok()?;
        Accuracy::read(&String::from_utf8_lossy(&bytes)).ok()
    };
    let found = is_json && (holds(&path).is_some() || holds(&waiting_of(&path)).is_some());
    found.then_some(path)
}

/// Accepted and waiting accuracy.
struct Both {
    accepted: Accuracy,
    waiting: Accuracy,
}

impl Both {
    fn read(context: &Context, file: &Path) -> Result<Option<Self>, Exit> {
        let waiting = waiting_of(file);
        if !context.world.exists(&waiting) {
            context.print(&format!("nothing waits beside {}\n", file.display()));
            return Ok(None);
        }
        Ok(Some(Self {
            accepted: read(context, file)?,
            waiting: read(context, &waiting)?,
        }))
    }

    /// Every difference: of a number that is accepted, another is another.
    fn items(&self) -> (Golden, Golden, Vec<ReviewItem>) {
        let (new, old) = (self.waiting.to_golden(), self.accepted.to_golden());
        let items = golden::review_items(&new, &old, &exact());
        (new, old, items)
    }

    /// Writes what answers to the items lead to.
    fn decide(&self, context: &Context, file: &Path, said: &[Answer]) -> Result<Exit, Exit> {
        let (new, old, items) = self.items();
        let reviewed = golden::reviewed(&new, &old, &items, said);
        let text =
            |golden: &Golden| Accuracy::of_golden(golden, &self.waiting, &self.accepted).write();
        let waiting = waiting_of(file);
        let fail = |error: &files::WriteError| failed(context, error);
        let mut batch = Batch::default();
        batch
            .add(file, text(&reviewed.accepted).as_bytes())
            .map_err(|error| fail(&error))?;
        if let Some(left) = &reviewed.waiting {
            batch
                .add(&waiting, text(left).as_bytes())
                .map_err(|error| fail(&error))?;
        }
        batch.commit().map_err(|error| fail(&error))?;
        if reviewed.waiting.is_some() {
            context.print(&format!(
                "the other changes wait in {}\n",
                waiting.display()
            ));
            return Ok(Exit::Findings);
        }
        files::remove(&waiting).map_err(|error| fail(&error))?;
        Ok(Exit::Done)
    }
}

/// Shows every group that changed, and asks on a terminal.
///
/// # Errors
///
/// The exit code after a problem was shown.
pub fn review(context: &Context, file: &Path) -> Result<Exit, Exit> {
    let Some(both) = Both::read(context, file)? else {
        return Ok(Exit::Done);
    };
    let (_, _, items) = both.items();
    if review::can_ask() && !items.is_empty() {
        let said = review::answers(context, &items, &BTreeMap::new())?;
        return both.decide(context, file, &said);
    }
    for item in &items {
        context.print(&golden::change_lines(&item.change));
    }
    let name = file.display();
    context.print(&format!(
        "accept with `phantom golden accept {name}`, drop with `phantom golden reject {name}`\n"
    ));
    Ok(Exit::Findings)
}

/// Takes what waits as accepted, or the groups and columns that a glob matches.
///
/// # Errors
///
/// The exit code after a problem was shown.
pub fn accept(context: &Context, file: &Path, only: Option<&str>) -> Result<Exit, Exit> {
    let Some(both) = Both::read(context, file)? else {
        return Ok(Exit::Done);
    };
    let (_, _, items) = both.items();
    let taken = |item: &ReviewItem| only.is_none_or(|glob| item.matches(glob));
    let said: Vec<Answer> = items
        .iter()
        .map(|item| {
            if taken(item) {
                Answer::Accept
            } else {
                Answer::Skip
            }
        })
        .collect();
    let accepted = said.iter().filter(|one| **one == Answer::Accept).count();
    if let (Some(glob), 0) = (only, accepted) {
        context.complain(&format!("error: no group and no column matches `{glob}`"));
        return Err(Exit::Failed);
    }
    let exit = both.decide(context, file, &said)?;
    context.print(&format!(
        "accepted {accepted} changes into {}\n",
        file.display()
    ));
    Ok(if only.is_some() { Exit::Done } else { exit })
}

fn read(context: &Context, path: &Path) -> Result<Accuracy, Exit> {
    let bytes = context
        .world
        .read(path)
        .map_err(|error| failed(context, &error).and(Exit::BadInput))?;
    Accuracy::read(&String::from_utf8_lossy(&bytes)).map_err(|problem| {
        context.complain(&format!(
            "error[bad-results]: {}: {problem}",
            path.display()
        ));
        Exit::BadInput
    })
}

/// Rules by which every difference is one.
fn exact() -> GoldenRules {
    GoldenRules {
        file: String::new(),
        tolerance: vec![("default".to_owned(), Tolerance::Exact)],
        alpha: 0.01,
        min_effect: 0.05,
        on_new: OnNew::Warn,
        on_missing: OnMissing::Warn,
        files: Vec::new(),
        span: None,
        tolerance_spans: Vec::new(),
    }
}
