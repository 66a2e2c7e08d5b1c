//! Rows that are not believed, and what is wrong with those that cannot be read, each with its place.

use std::collections::BTreeMap;

use super::ReadFile;
use super::plausible::implausible_calls;
use super::row::Outcome;
use crate::catalog::Catalog;
use crate::record::rows::{Family, Skip, Suspicion, blame, suspects};

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

/// The same, and calls of kernels whose operator and software are implausible as a whole.
pub(super) fn doubts(catalog: &Catalog, file: &ReadFile) -> BTreeMap<usize, Outcome> {
    let mut found = doubted(file);
    if let Family::Kernel(family) = file.table.family {
        for (place, factor) in implausible_calls(catalog, &file.table, family) {
            let times = if factor < 1.0 {
                format!("{:.0} times below", 1.0 / factor)
            } else {
                format!("{factor:.0} times above")
            };
            let what = format!(
                "calls of its operator and software are in the middle {times} what datasheets and a launch allow"
            );
            let reason = Skip::Suspect(Suspicion::ImplausibleAsAWhole);
            found
                .entry(place)
                .or_insert_with(|| Outcome::skipped(reason, Some(&named(file, place, &what))));
        }
    }
    found
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
