//! Results folders of `MLPerf` Inference become records.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::account::{Account, Written};
use super::walk::{files_below, shown};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::record::import::{MlperfPlace, MlperfRows, MlperfRun, mlperf_rows};
use crate::record::rows::{Family, csv_text};
use crate::source::World;

/// Converts every performance run below a folder to `llm/…` and `vision/…` tables and a file of sources.
///
/// `round` is the round's name, such as `v5.1`; where it is not given, the folder says it: `inference_results_v5.1`.
///
/// # Errors
///
/// A round that nothing states, a folder without runs, and every run that cannot be read, with its path.
pub fn mlperf(
    world: &dyn World,
    folder: &Path,
    round: Option<&str>,
) -> Result<(Vec<Written>, Account), Diagnostics> {
    let unreadable = |message: String| Diagnostic::error(Code::UnreadableData, message, None);
    let Some(round) = round.map(str::to_owned).or_else(|| round_of(folder)) else {
        let message = format!(
            "{}: no folder of a known round (`inference_results_v5.1`); give `--round`",
            shown(folder)
        );
        return Err(unreadable(message).into());
    };
    let mut problems = Diagnostics::default();
    let mut account = Account::default();
    let mut tables: BTreeMap<Family, String> = BTreeMap::new();
    let mut runs = 0;
    for path in files_below(world, folder, &["txt"]) {
        let Some(place) = MlperfPlace::of(&path) else {
            continue;
        };
        runs += 1;
        match run(world, &path, &place, &round) {
            Ok(MlperfRows::Rows(rows)) => {
                account.rows += rows.len();
                let family = place.family().unwrap_or(Family::Vision);
                let table = tables
                    .entry(family)
                    .or_insert_with(|| csv_text([family.columns()]));
                table.extend(rows);
            }
            Ok(MlperfRows::Invalid) => account.skip("the result is not valid".to_owned()),
            Ok(MlperfRows::Unknown) => {
                account.skip(format!(
                    "benchmark or scenario not known: {}",
                    place.benchmark
                ));
            }
            Err(reason) => problems.push(unreadable(format!("{}: {reason}", shown(&path)))),
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    if runs == 0 {
        let message = format!(
            "{}: no run (`closed/<submitter>/results/<system>/<benchmark>/<scenario>/performance/run_1`)",
            shown(folder)
        );
        return Err(unreadable(message).into());
    }
    account.sources = tables.len();
    Ok((written(&tables, &round), account))
}

fn round_of(folder: &Path) -> Option<String> {
    let names = folder.iter().rev().filter_map(|name| name.to_str());
    let mut rounds = names.filter_map(|name| name.strip_prefix("inference_results_"));
    rounds.next().map(str::to_owned)
}

fn written(tables: &BTreeMap<Family, String>, round: &str) -> Vec<Written> {
    let mut sources = String::from("source_id,title,url,licence,date\n");
    let mut files = Vec::new();
    for (family, text) in tables {
        let (source, folder) = match family {
            Family::Llm => (format!("mlperf-{round}"), "llm"),
            Family::Vision | Family::Kernel(_) => (format!("mlperf-inference-{round}"), "vision"),
        };
        sources.push_str(&format!(
            "{source},MLPerf Inference {round} results,https://github.com/mlcommons/inference_results_{round},Apache-2.0,\n"
        ));
        files.push(Written {
            path: PathBuf::from(folder).join(format!("{source}.csv")),
            text: text.clone(),
        });
    }
    if !files.is_empty() {
        files.push(Written {
            path: PathBuf::from("sources-mlperf.csv"),
            text: sources,
        });
    }
    files
}

fn run(
    world: &dyn World,
    path: &Path,
    place: &MlperfPlace,
    round: &str,
) -> Result<MlperfRows, String> {
    /// Larger files are no summaries and no descriptions.
    const MOST: u64 = (1 << 20) + 1;
    let submitter = path.ancestors().nth(7).unwrap_or(Path::new(""));
    let read = |path: &Path| world.read_start(path, MOST);
    let summary = read(path).map_err(|_| "cannot be read".to_owned())?;
    let described = submitter
        .join("systems")
        .join(format!("{}.json", place.system));
    let system = read(&described).map_err(|error| error.to_string())?;
    let formats = formats(world, submitter, place)
        .map(|path| read(&path).map_err(|error| error.to_string()))
        .transpose()?;
    mlperf_rows(MlperfRun {
        place,
        round,
        summary: &summary,
        system: &system,
        formats: &formats.unwrap_or_default(),
    })
    .map_err(|error| error.to_string())
}

/// The file that describes the model's formats: named after the system, or the first of the folder.
fn formats(world: &dyn World, submitter: &Path, place: &MlperfPlace) -> Option<PathBuf> {
    let folder = submitter
        .join("measurements")
        .join(&place.system)
        .join(&place.benchmark)
        .join(&place.scenario);
    let entries = world.list(&folder);
    let mut found = entries.into_iter().filter(|entry| {
        let is_json = entry.extension().is_some_and(|ending| ending == "json");
        let stem = entry.file_stem().unwrap_or_default().to_string_lossy();
        is_json && (stem.starts_with(&place.system) || stem == "model-info")
    });
    found.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    const SUMMARY: &str = "Scenario : Offline\nResult is : VALID\nSamples per second: 12.5\nTokens per second: 3200\nMean latency (ns) : 9\n";
    const SYSTEM: &str = r#"{"accelerator_model_name": "H100-SXM-80GB", "accelerators_per_node": 8, "number_of_nodes": 1, "framework": "TensorRT 10"}"#;
    const RUN: &str =
        "closed/Made/results/S/llama2-70b-99/Offline/performance/run_1/mlperf_log_summary.txt";

    fn world(folder: &str) -> Memory {
        Memory::default()
            .with(format!("{folder}/{RUN}"), SUMMARY)
            .with(format!("{folder}/closed/Made/systems/S.json"), SYSTEM)
            .with(
                format!("{folder}/closed/Made/measurements/S/llama2-70b-99/Offline/S_impl.json"),
                r#"{"weight_data_types": "fp8"}"#,
            )
    }

    #[test]
    fn a_folder_of_runs_becomes_tables_with_sources() {
        let folder = "inference_results_v9.9";
        let (files, account) = mlperf(&world(folder), Path::new(folder), None).expect("one run");
        assert_eq!(account.rows, 2);
        let paths: Vec<String> = files.iter().map(|file| shown(&file.path)).collect();
        assert_eq!(paths, ["llm/mlperf-v9.9.csv", "sources-mlperf.csv"]);
        assert!(files[0].text.contains(",tensorrt-llm,TensorRT 10,fp8,"));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let said = |world: &Memory, round: Option<&str>| {
            let problems = mlperf(world, Path::new("x"), round).expect_err("a problem");
            let first = problems
                .iter()
                .next()
                .map(|problem| problem.message.clone());
            first.unwrap_or_default()
        };
        assert!(said(&world("x"), None).contains("--round"));
        assert!(said(&Memory::default(), Some("v9.9")).contains("no run"));
        let mut broken = world("x");
        broken
            .files
            .remove(Path::new("x/closed/Made/systems/S.json"));
        assert!(said(&broken, Some("v9.9")).contains("S.json"));
        let broken = world("x").with(format!("x/{RUN}"), "text");
        assert!(said(&broken, Some("v9.9")).starts_with(&format!("x/{RUN}")));
    }
}
