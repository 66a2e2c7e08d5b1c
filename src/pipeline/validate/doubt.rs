//! Rows that are not believed, and what is wrong with those that cannot be read, each with its place.

use std::collections::BTreeMap;

use super::ReadFile;
use super::row::Outcome;
use crate::record::rows::{Skip, blame, suspects};

/// Rows of a file that contradict their runs or their neighbours, by position.
///
/// The whole file is looked at, whatever part of it was selected, so that a filter decides nothing.
pub(in crate::pipeline) fn doubted(file: &ReadFile) -> BTreeMap<usize, Outcome> {
    let lines: Vec<usize> = (0..file.table.lines.len()).collect();
    suspects(&file.table, &lines)
        .into_iter()
        .map(|(place, suspect)| {
            let detail = named(file, place, &suspect.detail);
            let reason = Skip::Suspect(suspect.why);
            (place, Outcome::skipped(reason, Some(&detail)))
        })
        .collect()
}

/// The same outcome; a row skipped as a bad value, or as better than datasheets allow, says where it stands and what is wrong.
pub(super) fn explained(file: &ReadFile, place: usize, outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Skipped {
            reason: Skip::BadValue,
            ..
        } => {
            let detail = blame(&file.table, place).map(|what| named(file, place, &what));
            Outcome::skipped(Skip::BadValue, detail.as_deref())
        }
        Outcome::Skipped {
            reason: reason @ Skip::Suspect(_),
            detail: Some(detail),
            ..
        } => Outcome::skipped(reason, Some(&named(file, place, &detail))),
        Outcome::Compared(compared) if !compared.pair.is_sound() => {
            let pair = compared.pair;
            let what = format!("{} against {}", pair.predicted, pair.measured);
            Outcome::skipped(Skip::NoEstimate, Some(&named(file, place, &what)))
        }
        Outcome::Skipped { .. } | Outcome::Compared(_) => outcome,
    }
}

fn named(file: &ReadFile, place: usize, what: &str) -> String {
    let line = file.table.lines[place].number;
    format!("{}:{line}: {what}", file.path)
}
