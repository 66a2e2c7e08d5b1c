//! Taking results as accepted.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Golden, GoldenPoint};
use super::glob::matches;
use super::of_results::{Taken, from_results};

/// Why results are not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The run was not finished.
    #[error("the run is incomplete; only a complete run can be accepted")]
    Incomplete,
    /// Some points have no prediction, or the sweep was too large to keep them.
    #[error("the results hold {there} of {planned} points; only all of them can be accepted")]
    Partial {
        /// Points in the results.
        there: u64,
        /// Points of the plan.
        planned: u64,
    },
    /// Some points were selected, and there is nothing that they could join.
    #[error(
        "some points were selected and nothing is accepted yet; accept all points before some of them"
    )]
    Selected,
    /// Nothing matches `--only`.
    #[error("no point and no column matches `{glob}`")]
    NothingMatches {
        /// As given.
        glob: String,
    },
}

/// The golden that accepts these results; with `only`, the values of the points or columns that it matches, the rest as
/// accepted before.
///
/// # Errors
///
/// [`Refused`] where accepting would lose points or change nothing.
pub fn accept(
    taken: Taken<'_>,
    before: Option<&Golden>,
    only: Option<&str>,
) -> Result<Golden, Refused> {
    let results = taken.results;
    if !results.complete {
        return Err(Refused::Incomplete);
    }
    let there = results.points.len() as u64;
    if there < results.planned {
        return Err(Refused::Partial {
            there,
            planned: results.planned,
        });
    }
    let new = from_results(taken);
    match (only, before) {
        (None, _) => Ok(new),
        (Some(glob), before) => merge(new, before.cloned().unwrap_or_default(), glob),
    }
}

/// The golden that accepts the results of selected points: they replace the accepted ones of the same keys, and everything
/// else stays, the answers too, as a selection cannot give them.
///
/// # Errors
///
/// [`Refused`] where the run is incomplete or nothing was accepted before.
pub fn accept_selected(taken: Taken<'_>, before: Option<&Golden>) -> Result<Golden, Refused> {
    if !taken.results.complete {
        return Err(Refused::Incomplete);
    }
    let mut accepted = before.cloned().ok_or(Refused::Selected)?;
    let new = from_results(taken);
    accepted.points.extend(new.points);
    accepted.units.extend(new.units);
    accepted.made_by = new.made_by;
    accepted.scenario_blake3 = new.scenario_blake3;
    Ok(accepted)
}

/// The accepted golden with the new values that a glob over keys or columns matches.
fn merge(new: Golden, before: Golden, glob: &str) -> Result<Golden, Refused> {
    let mut points = before.points;
    let mut matched = false;
    for (key, point) in new.points {
        if matches(glob, &key) {
            matched = true;
            points.insert(key, point);
        } else if let Some(accepted) = points.get_mut(&key) {
            matched |= take_columns(accepted, &point, glob);
        }
    }
    if !matched {
        return Err(Refused::NothingMatches {
            glob: glob.to_owned(),
        });
    }
    let answers = before
        .answers
        .into_iter()
        .chain(answers_of(&points, new.answers))
        .collect();
    let units = before.units.into_iter().chain(new.units).collect();
    Ok(Golden {
        points,
        answers,
        units,
        files: before.files,
        ..Golden {
            points: BTreeMap::new(),
            answers: BTreeMap::new(),
            units: BTreeMap::new(),
            files: BTreeMap::new(),
            ..new
        }
    })
}

/// Takes the columns that match, also one that is absent now; true when there was one.
fn take_columns(accepted: &mut GoldenPoint, new: &GoldenPoint, glob: &str) -> bool {
    let names: BTreeSet<_> = accepted
        .values
        .keys()
        .chain(new.values.keys())
        .filter(|column| matches(glob, column))
        .cloned()
        .collect();
    for column in &names {
        match new.values.get(column) {
            Some(value) => accepted.values.insert(column.clone(), value.clone()),
            None => accepted.values.remove(column),
        };
    }
    if !names.is_empty() {
        accepted.id.clone_from(&new.id);
    }
    !names.is_empty()
}

/// The new answers that name an accepted point.
fn answers_of(
    points: &BTreeMap<String, GoldenPoint>,
    answers: BTreeMap<String, String>,
) -> impl Iterator<Item = (String, String)> {
    answers
        .into_iter()
        .filter(|(_, key)| points.contains_key(key) || key == "none")
}

/// Where results wait for acceptance.
pub fn pending(file: &str) -> String {
    format!("{file}.new")
}

/// The golden files (pending ones too) that no scenario refers to.
pub fn orphans<'a>(files: &[&'a str], referred: &BTreeSet<&str>) -> Vec<&'a str> {
    let accepted = |file: &'a str| file.strip_suffix(".new").unwrap_or(file);
    files
        .iter()
        .copied()
        .filter(|file| !referred.contains(accepted(file)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::GoldenValue;
    use super::*;
    use crate::record::{Results, sample};

    fn accepted(
        results: &Results,
        before: Option<&Golden>,
        only: Option<&str>,
    ) -> Result<Golden, Refused> {
        let (local, files) = (BTreeSet::new(), BTreeMap::new());
        let taken = Taken {
            results,
            local: &local,
            files: &files,
        };
        accept(taken, before, only)
    }

    #[test]
    fn an_incomplete_run_is_refused() {
        let mut results = sample::results(2);
        results.planned = 3;
        let partial = Refused::Partial {
            there: 2,
            planned: 3,
        };
        assert_eq!(accepted(&results, None, None), Err(partial));
        results.complete = false;
        assert_eq!(accepted(&results, None, None), Err(Refused::Incomplete));
    }

    #[test]
    fn a_glob_takes_some_points_or_some_columns() {
        let before = accepted(&sample::results(2), None, None).expect("complete");
        let mut results = sample::results(2);
        for point in &mut results.points {
            for entry in point.metrics.values_mut().flatten() {
                entry.value += 1.0;
            }
        }
        let throughput =
            |golden: &Golden, key: &str| golden.points[key].values["output_throughput"].clone();
        let (one, two) = ("hardware=h100,concurrency=1", "hardware=h100,concurrency=2");
        let some = accepted(&results, Some(&before), Some("*concurrency=2")).expect("a match");
        assert_eq!(throughput(&some, one), GoldenValue::Number(100.5));
        assert_eq!(throughput(&some, two), GoldenValue::Number(202.0));
        let columns = accepted(&results, Some(&before), Some("*_ttft")).expect("a match");
        assert_eq!(throughput(&columns, two), GoldenValue::Number(201.0));
        assert_eq!(
            columns.points[one].values["p99_ttft"],
            GoldenValue::Number(1.412)
        );
        assert!(accepted(&results, Some(&before), Some("nothing")).is_err());
    }

    #[test]
    fn selected_points_join_what_is_accepted() {
        let taken = |results| Taken {
            results,
            local: const { &BTreeSet::new() },
            files: const { &BTreeMap::new() },
        };
        let before = accepted(&sample::results(2), None, None).expect("complete");
        let mut some = sample::results(2);
        some.points.remove(0);
        some.planned = 1;
        for entry in some.points[0].metrics.values_mut().flatten() {
            entry.value += 1.0;
        }
        assert_eq!(accept_selected(taken(&some), None), Err(Refused::Selected));
        let joined = accept_selected(taken(&some), Some(&before)).expect("complete");
        let (one, two) = ("hardware=h100,concurrency=1", "hardware=h100,concurrency=2");
        assert_eq!(joined.points[one], before.points[one]);
        assert_ne!(joined.points[two], before.points[two]);
        assert_eq!(joined.answers, before.answers);
    }

    #[test]
    fn a_file_without_a_scenario_is_an_orphan_with_what_is_pending() {
        let files = ["golden/a.golden.json", "golden/b.golden.json.new"];
        let referred = BTreeSet::from(["golden/b.golden.json"]);
        assert_eq!(orphans(&files, &referred), ["golden/a.golden.json"]);
    }
}
