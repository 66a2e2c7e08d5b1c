//! Runs kept below `reports/_history/<name>/`, one Parquet file each.
//!
//! No scenario can be named `_history`, so no output of a run stands in the way. Files are added and never changed.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::files::{Batch, WriteError};
use crate::record::history::{self, KeptRun, Stamp};
use crate::record::table::ParquetError;
use crate::record::{Results, results_json};
use crate::source::World;

/// The folder of all histories below a root.
pub fn folder(root: &Path) -> PathBuf {
    root.join("reports").join("_history")
}

/// A run that could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The table cannot be made.
    #[error(transparent)]
    Table(#[from] ParquetError),
    /// The disk refuses.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Keeps the results of a run; a run whose file is there already is kept already.
///
/// # Errors
///
/// [`KeepError`] when the table or the file cannot be made.
pub fn keep(context: &Context, root: &Path, results: &Results) -> Result<(), KeepError> {
    let stamp = stamp(context, root, results);
    let name = format!("{}.parquet", stamp.run);
    let path = folder(root).join(&results.inputs.scenario_name).join(name);
    if context.world.exists(&path) {
        return Ok(());
    }
    let mut batch = Batch::default();
    batch.add(&path, &history::write(results, &stamp)?)?;
    batch.commit()?;
    Ok(())
}

fn stamp(context: &Context, root: &Path, results: &Results) -> Stamp {
    let inputs = &results.inputs;
    let results_id = results_json::results_id(results);
    let (day, time) = now(context);
    let compact = |text: &str| text.replace(['-', ':'], "");
    Stamp {
        run: format!(
            "{}-{}-{}",
            compact(&day),
            compact(&time),
            results_id.get(..6).unwrap_or(&results_id)
        ),
        started: format!("{day}T{time}Z"),
        phantom_version: inputs.phantom_version.clone(),
        predictor_version: inputs.predictor_version.to_string(),
        calibration: format!(
            "{}@{}",
            inputs.calibration_name,
            short(&inputs.calibration_blake3)
        ),
        catalog: inputs.catalog_blake3.clone(),
        scenario_blake3: inputs.scenario_blake3.clone(),
        commit: commit(context, root).unwrap_or_default(),
        results_id,
    }
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

/// The day and the time of day, UTC; `SOURCE_DATE_EPOCH` stands for the clock where it is set.
#[expect(
    clippy::disallowed_methods,
    reason = "when a run was is what a history is about; no result depends on it"
)]
fn now(context: &Context) -> (String, String) {
    let set = context.world.variable("SOURCE_DATE_EPOCH");
    let set: Option<u64> = set.and_then(|seconds| seconds.parse().ok());
    let clock = || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |since| since.as_secs())
    };
    let seconds = set.unwrap_or_else(clock);
    let (days, rest) = ((seconds / 86_400) as i64, seconds % 86_400);
    let (year, month, day) = civil(days);
    (
        format!("{year:04}-{month:02}-{day:02}"),
        format!("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60),
    )
}

/// The date of a day number, days since 1970-01-01. Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `civil_from_days`.
const fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

/// The commit that a run was made of: what CI says, else what git has checked out.
fn commit(context: &Context, root: &Path) -> Option<String> {
    let said = ["GITHUB_SHA", "CI_COMMIT_SHA"];
    let said = said
        .into_iter()
        .find_map(|name| context.world.variable(name));
    said.filter(|commit| is_hash(commit))
        .or_else(|| checked_out(context, &root.join(".git")))
}

fn checked_out(context: &Context, git: &Path) -> Option<String> {
    let read = |path: &Path| {
        let bytes = context.world.read(path).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim().to_owned())
    };
    let head = read(&git.join("HEAD"))?;
    let Some(name) = head.strip_prefix("ref: ") else {
        return Some(head).filter(|commit| is_hash(commit));
    };
    read(&git.join(name))
        .filter(|commit| is_hash(commit))
        .or_else(|| {
            let packed = read(&git.join("packed-refs"))?;
            let mut lines = packed.lines().filter_map(|line| line.split_once(' '));
            let commit = lines.find(|(_, packed)| *packed == name)?.0.to_owned();
            is_hash(&commit).then_some(commit)
        })
}

fn is_hash(text: &str) -> bool {
    text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The scenarios that have a history, by name.
pub fn names(context: &Context, root: &Path) -> Vec<String> {
    let folders = context.world.list(&folder(root));
    let folders = folders.iter().filter(|path| context.world.is_folder(path));
    let names = folders.filter_map(|path| path.file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

/// The runs of a scenario, oldest first, with the numbers of a column; and the files that are no runs, with the reason.
pub fn runs(
    context: &Context,
    folder: &Path,
    column: Option<&str>,
) -> (Vec<KeptRun>, Vec<(PathBuf, String)>) {
    let mut runs = Vec::new();
    let mut broken = Vec::new();
    for path in context.world.list(folder) {
        if path.extension().is_none_or(|ending| ending != "parquet") {
            continue;
        }
        let read = context.world.read(&path).map_err(|error| error.to_string());
        let run =
            read.and_then(|bytes| history::read(&bytes, column).map_err(|error| error.to_string()));
        match run {
            Ok(run) => runs.push(run),
            Err(problem) => broken.push((path, problem)),
        }
    }
    runs.sort_by(|a, b| a.stamp.cmp(&b.stamp));
    (runs, broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_are_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(11_017), (2000, 3, 1));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(20_783), (2026, 11, 26));
    }
}
