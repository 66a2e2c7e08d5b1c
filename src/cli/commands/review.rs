//! The questions of `phantom golden review`, on a terminal.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;

use console::{Key, Term};

use super::compare::Pending;
use super::golden_files::{self, Files as Beside};
use super::outputs::failed;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::files::Batch;
use crate::golden::{self, Answer, Golden, ReviewItem};
use crate::scenario::GoldenRules;

/// The two files of a review.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    /// What is accepted.
    pub accepted: &'a Path,
    /// What waits.
    pub waiting: &'a Path,
}

/// True where questions can be asked.
pub fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stdout().is_terminal()
}

/// Asks about every change and carries the answers out.
///
/// # Errors
///
/// The exit code where the reviewer interrupts, which changes nothing, or a file cannot be written.
pub fn ask(
    context: &Context,
    (new, accepted): (&Golden, &Golden),
    (rules, beside): (&GoldenRules, &Beside),
    files: Files<'_>,
) -> Result<Exit, Exit> {
    let items = golden::review_items(new, accepted, rules);
    if items.is_empty() {
        context.print("nothing differs by more than its tolerance; `phantom golden accept` or `reject` settles it\n");
        return Ok(Exit::Done);
    }
    let differences = beside.differences(context, files.accepted, accepted);
    let said = answers(context, &items, &differences)?;
    let reviewed = golden::reviewed(new, accepted, &items, &said);
    let mut pending = Pending::default();
    beside.keep(context, files.accepted, &reviewed.accepted, &mut pending);
    pending.add(files.accepted.to_owned(), golden::write(&reviewed.accepted));
    if let Some(waiting) = &reviewed.waiting {
        pending.add(files.waiting.to_owned(), golden::write(waiting));
    } else {
        pending.settle(files.waiting.to_owned());
        golden_files::settled(context, files.accepted, &mut pending);
    }
    pending
        .write(Batch::default())
        .map_err(|error| failed(context, &error))?;
    Ok(match &reviewed.waiting {
        Some(_) => {
            context.print(&format!(
                "skipped changes wait in {}\n",
                files.waiting.display()
            ));
            Exit::Findings
        }
        None => Exit::Done,
    })
}

/// One answer for each change, of which accepted texts show their `differences`, until the reviewer decides about the rest or leaves.
///
/// # Errors
///
/// [`Exit::Interrupted`] where the reviewer interrupts, which changes nothing.
pub fn answers(
    context: &Context,
    items: &[ReviewItem],
    differences: &BTreeMap<String, String>,
) -> Result<Vec<Answer>, Exit> {
    let mut said = Vec::new();
    for (place, item) in items.iter().enumerate() {
        context.print(&format!("\n{} of {}\n", place + 1, items.len()));
        context.print(&golden::change_lines(&item.change));
        if let Some(lines) = differences.get(&item.change.key) {
            context.print(lines);
        }
        let interrupted = |_: &Exit| context.complain("\ninterrupted: nothing is changed");
        let Some(answer) = answer().inspect_err(interrupted)? else {
            break;
        };
        context.print(&format!("{}\n", answer.words()));
        said.push(answer);
        if answer.ends() {
            break;
        }
    }
    Ok(said)
}

/// The question, and the next key that is an answer; `None` to leave.
fn answer() -> Result<Option<Answer>, Exit> {
    const QUESTION: &str =
        "accept, reject or skip it [a/r/s], accept or reject it and the rest [A/R], leave [q]? ";
    let term = Term::stdout();
    // A terminal that cannot be written to cannot be asked either.
    let asked = term.write_str(QUESTION).and_then(|()| term.flush());
    asked.map_err(|_| Exit::Interrupted)?;
    loop {
        match term.read_key() {
            Ok(Key::Char('q') | Key::Escape) => return Ok(None),
            Ok(Key::Char(key)) => {
                if let Some(answer) = Answer::of_key(key) {
                    return Ok(Some(answer));
                }
            }
            Ok(_) => {}
            Err(_) => return Err(Exit::Interrupted),
        }
    }
}
