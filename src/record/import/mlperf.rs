//! Results folders of `MLPerf` Inference: `closed/<submitter>/results/<system>/<benchmark>/<scenario>/performance/run_1`.
//!
//! A run's summary, the description of its system and, where there is one, of its model's number formats become rows of the
//! LLM or of the vision family. Names of hardware are those of the submitter, in lower case; the catalogue resolves them
//! later or says that it cannot. The benchmark fixes lengths and data, so rows leave them empty.

use std::borrow::Cow;

use super::ImportError;
use super::mlperf_log::Summary;
use super::mlperf_numbers::numbers;
use super::mlperf_place::{LLM, MlperfPlace, OTHERS, starts};
use super::mlperf_system::System;
use crate::record::rows::{Family, csv_text};

/// The files of one run.
#[derive(Debug, Clone, Copy)]
pub struct MlperfRun<'a> {
    /// Where it stands.
    pub place: &'a MlperfPlace,
    /// The round, such as `v5.1`.
    pub round: &'a str,
    /// `mlperf_log_summary.txt`.
    pub summary: &'a [u8],
    /// The system's description, JSON.
    pub system: &'a [u8],
    /// The description of the model's formats, JSON; empty where there is none.
    pub formats: &'a [u8],
}

/// What became of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MlperfRows {
    /// Lines of the family's table.
    Rows(Vec<String>),
    /// The run broke the rules of its benchmark.
    Invalid,
    /// No rule says what benchmark or scenario that is.
    Unknown,
}

/// Converts a run.
///
/// # Errors
///
/// A summary or a description that cannot be read.
pub fn mlperf_rows(run: MlperfRun<'_>) -> Result<MlperfRows, ImportError> {
    let summary = Summary::read(run.summary)?;
    let Some(family) = run.place.family() else {
        return Ok(MlperfRows::Unknown);
    };
    if !summary.is_valid() {
        return Ok(MlperfRows::Invalid);
    }
    let Some(scenario) = scenario(family, summary.scenario(), run.place) else {
        return Ok(MlperfRows::Unknown);
    };
    let system = System::read(run.system)?;
    let precision = precision(run.formats)?;
    let mut rows = Vec::new();
    for (metric, value, unit) in numbers(family, &summary)? {
        let number = [metric.as_str(), &format!("{value}"), unit];
        let cells = match family {
            Family::Llm => llm(run, &system, [&precision, scenario], number),
            Family::Vision | Family::Kernel(_) => {
                vision(run, &system, [&precision, scenario], number)
            }
        };
        rows.push(csv_text([cells.into_iter().map(Cow::Owned).collect()]));
    }
    Ok(MlperfRows::Rows(rows))
}

fn scenario(family: Family, name: &str, place: &MlperfPlace) -> Option<&'static str> {
    let is_interactive = place.benchmark.contains("interactive")
        || place.scenario.eq_ignore_ascii_case("interactive");
    let is_llm = family == Family::Llm;
    Some(match name.to_ascii_lowercase().replace(' ', "").as_str() {
        "offline" if is_llm => "mlperf-offline",
        "server" if is_llm && is_interactive => "mlperf-interactive",
        "server" if is_llm => "mlperf-server",
        "singlestream" if is_llm => "mlperf-singlestream",
        "interactive" if is_llm => "mlperf-interactive",
        "offline" => "offline",
        "server" => "server",
        "singlestream" => "singlestream",
        "multistream" => "multistream",
        _ => return None,
    })
}

fn precision(bytes: &[u8]) -> Result<String, ImportError> {
    if bytes.is_empty() {
        return Ok(String::new());
    }
    let json: serde_json::Value = serde_json::from_slice(bytes)
        .map_err(|error| ImportError::NotATable(format!("description of the model: {error}")))?;
    let text = json["weight_data_types"].as_str().unwrap_or_default();
    let text = text.trim().to_ascii_lowercase();
    let is_word = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    Ok(if is_word { text } else { String::new() })
}

fn id(source: &str, run: MlperfRun<'_>, metric: &str) -> String {
    let text = format!("{}\n{metric}", run.place.folder());
    let hash = blake3::hash(text.as_bytes()).to_hex();
    format!("{source}-{}", &hash[..12])
}

fn notes(run: MlperfRun<'_>, system: &System) -> String {
    format!(
        "src={}/performance/run_1/mlperf_log_summary.txt; {}; nodes={}",
        run.place.folder(),
        system.name.replace(';', ","),
        system.nodes
    )
}

fn llm(
    run: MlperfRun<'_>,
    system: &System,
    [precision, scenario]: [&str; 2],
    [metric, value, unit]: [&str; 3],
) -> Vec<String> {
    let source = format!("mlperf-{}", run.round);
    let model = starts(&LLM, &run.place.benchmark).unwrap_or_default();
    let is_one = system.devices == 1;
    let cells: [&str; 30] = [
        &id(&source, run, metric),
        &source,
        &system.hardware,
        &format!("{}x {}", system.devices, system.words),
        &system.devices.to_string(),
        model,
        "",
        system.runtime(),
        &system.framework,
        precision,
        "",
        "",
        "",
        if is_one { "1" } else { "" },
        "",
        "",
        "",
        if scenario == "mlperf-singlestream" {
            "1"
        } else {
            ""
        },
        "",
        "",
        "",
        "",
        scenario,
        metric,
        value,
        unit,
        "",
        "",
        "audited",
        &notes(run, system),
    ];
    cells.map(str::to_owned).to_vec()
}

fn vision(
    run: MlperfRun<'_>,
    system: &System,
    [precision, scenario]: [&str; 2],
    [metric, value, unit]: [&str; 3],
) -> Vec<String> {
    let source = format!("mlperf-inference-{}", run.round);
    let benchmark = OTHERS
        .iter()
        .find(|(name, ..)| run.place.benchmark.starts_with(name));
    let (_, model, input, task) = benchmark.copied().unwrap_or_default();
    let batch = match scenario {
        "singlestream" => "1",
        "multistream" => "8",
        _ => "",
    };
    let cells: [&str; 26] = [
        &id(&source, run, metric),
        &source,
        &system.hardware,
        &format!("{} | {}", system.name, system.words),
        &system.devices.to_string(),
        model,
        "",
        "",
        "",
        input,
        task,
        &system.framework,
        "",
        precision,
        "",
        "",
        batch,
        "",
        scenario,
        metric,
        value,
        unit,
        "",
        "",
        "audited",
        &notes(run, system),
    ];
    cells.map(str::to_owned).to_vec()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::record::rows::{Include, Table, llm_row};

    const SUMMARY: &str = "SUT name : made\nScenario : Server\nMode : PerformanceOnly\nCompleted samples per second    : 2.50\nCompleted tokens per second: 640.00\nResult is : VALID\nMean latency (ns)               : 3160000000\nMean First Token latency (ns)   : 100000000\nMean Time per Output Token (ns) : 12000000\n99.00 percentile time to output token (ns) : 15000000\n";
    const SYSTEM: &str = r#"{"system_name": "made; here", "accelerator_model_name": "NVIDIA H200-SXM-141GB", "accelerators_per_node": 8, "number_of_nodes": "1", "framework": "vLLM 0.9"}"#;

    fn place(benchmark: &str) -> MlperfPlace {
        let path = format!(
            "r/closed/Made/results/8xH200/{benchmark}/Server/performance/run_1/mlperf_log_summary.txt"
        );
        MlperfPlace::of(Path::new(&path)).expect("a run")
    }

    fn rows(benchmark: &str, summary: &str, system: &str) -> Result<MlperfRows, ImportError> {
        mlperf_rows(MlperfRun {
            place: &place(benchmark),
            round: "v9.9",
            summary: summary.as_bytes(),
            system: system.as_bytes(),
            formats: br#"{"weight_data_types": "fp8"}"#,
        })
    }

    #[test]
    fn a_server_run_becomes_rows_of_our_schema() {
        let Ok(MlperfRows::Rows(lines)) = rows("llama2-70b-99", SUMMARY, SYSTEM) else {
            panic!("rows");
        };
        let text = format!("{}{}", csv_text([Family::Llm.columns()]), lines.concat());
        let table = Table::read(text.as_bytes()).expect("our schema");
        let metrics: Vec<&str> = table
            .lines
            .iter()
            .map(|line| table.field(line, "metric"))
            .collect();
        assert_eq!(
            metrics,
            [
                "requests_per_s",
                "output_tokens_per_s_total",
                "e2e_latency_ms_mean",
                "ttft_ms_mean",
                "tpot_ms_mean",
                "tpot_ms_p99"
            ]
        );
        for line in &table.lines {
            let row = llm_row(&table, line, Include::default()).expect("a complete row");
            assert_eq!((row.hardware, row.devices.count), ("h200-sxm-141gb", 8));
            assert_eq!((row.model, row.framework), ("llama-2-70b", "vllm"));
        }
        assert_eq!(table.field(&table.lines[4], "value"), "12");
    }

    #[test]
    fn other_benchmarks_are_of_the_vision_family() {
        let summary = SUMMARY.replace("Server", "SingleStream");
        let Ok(MlperfRows::Rows(lines)) = rows("resnet50", &summary, SYSTEM) else {
            panic!("rows");
        };
        let text = format!("{}{}", csv_text([Family::Vision.columns()]), lines.concat());
        let table = Table::read(text.as_bytes()).expect("our schema");
        assert_eq!(table.family, Family::Vision);
        assert_eq!(table.field(&table.lines[0], "model"), "resnet50-v1.5");
        assert_eq!(table.field(&table.lines[0], "batch_size"), "1");
    }

    #[test]
    fn invalid_unknown_and_broken_runs_are_told_apart() {
        let invalid = SUMMARY.replace("VALID", "INVALID");
        let said = |benchmark, summary, system| rows(benchmark, summary, system);
        assert_eq!(
            said("llama2-70b-99", &invalid, SYSTEM),
            Ok(MlperfRows::Invalid)
        );
        assert_eq!(said("chess", SUMMARY, SYSTEM), Ok(MlperfRows::Unknown));
        assert!(said("llama2-70b-99", "text", SYSTEM).is_err());
        assert!(said("llama2-70b-99", SUMMARY, "{").is_err());
        assert!(said("llama2-70b-99", SUMMARY, "{}").is_err());
        let huge = SYSTEM.replace("\"1\"", "\"18446744073709551615\"");
        assert!(said("llama2-70b-99", SUMMARY, &huge).is_err());
        assert_eq!(
            MlperfPlace::of(Path::new("run_1/mlperf_log_summary.txt")),
            None
        );
    }
}
