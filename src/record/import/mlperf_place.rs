//! Where a run of `MLPerf` Inference stands in the folder of its round, and which benchmark it is of.

use std::path::Path;

use crate::record::rows::Family;

/// Benchmarks of text generation, by the start of their names.
pub(super) const LLM: [(&str, &str); 9] = [
    ("llama2-70b", "llama-2-70b"),
    ("llama3.1-405b", "llama-3.1-405b"),
    ("llama3_1-405b", "llama-3.1-405b"),
    ("llama3.1-8b", "llama-3.1-8b"),
    ("llama3_1-8b", "llama-3.1-8b"),
    ("mixtral-8x7b", "mixtral-8x7b"),
    ("deepseek-r1", "deepseek-r1-671b"),
    ("gpt-oss-120b", "gpt-oss-120b"),
    ("gptj", "gpt-j-6b"),
];

/// Other benchmarks, by the start of their names: model, input and task.
pub(super) const OTHERS: [(&str, &str, &str, &str); 7] = [
    (
        "resnet50",
        "resnet50-v1.5",
        "3x224x224",
        "image-classification",
    ),
    (
        "retinanet",
        "retinanet-resnext50-32x4d-fpn",
        "3x800x800",
        "object-detection",
    ),
    ("bert", "bert-large", "seq<=384", "question-answering"),
    ("3d-unet", "3d-unet-kits19", "", "medical-segmentation"),
    ("rnnt", "rnnt", "", "speech-recognition"),
    (
        "stable-diffusion-xl",
        "sdxl-1.0",
        "1024x1024",
        "text-to-image",
    ),
    ("whisper", "whisper-large-v3", "", "speech-recognition"),
];

/// Where a run stands in its folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MlperfPlace {
    /// `closed` or `open`.
    pub division: String,
    /// Who handed it in.
    pub submitter: String,
    /// The system's name, as its description is called.
    pub system: String,
    /// The benchmark.
    pub benchmark: String,
    /// The scenario's folder.
    pub scenario: String,
}

impl MlperfPlace {
    /// The place of a summary of the performance run; `None` for other files.
    pub fn of(path: &Path) -> Option<Self> {
        let parts: Vec<&str> = path.iter().rev().filter_map(|part| part.to_str()).collect();
        let [
            file,
            run,
            kind,
            scenario,
            benchmark,
            system,
            results,
            submitter,
            division,
            ..,
        ] = parts[..]
        else {
            return None;
        };
        let is_run = file == "mlperf_log_summary.txt"
            && run == "run_1"
            && kind == "performance"
            && results == "results"
            && ["closed", "open"].contains(&division);
        is_run.then(|| Self {
            division: division.to_owned(),
            submitter: submitter.to_owned(),
            system: system.to_owned(),
            benchmark: benchmark.to_owned(),
            scenario: scenario.to_owned(),
        })
    }

    /// What it is of, where the benchmark is known.
    pub fn family(&self) -> Option<Family> {
        if starts(&LLM, &self.benchmark).is_some() {
            Some(Family::Llm)
        } else {
            let known = OTHERS
                .iter()
                .any(|(name, ..)| self.benchmark.starts_with(name));
            known.then_some(Family::Vision)
        }
    }

    /// The folder of the run below that of all results.
    pub(super) fn folder(&self) -> String {
        format!(
            "{}/{}/results/{}/{}/{}",
            self.division, self.submitter, self.system, self.benchmark, self.scenario
        )
    }
}

/// The name that a benchmark starts with stands for.
pub(super) fn starts(names: &[(&str, &'static str)], benchmark: &str) -> Option<&'static str> {
    let found = names.iter().find(|(name, _)| benchmark.starts_with(name));
    found.map(|(_, model)| *model)
}
