//! How known benchmark suites run what their rows state: what the rows themselves leave out.
//!
//! `MLPerf` Inference: [`mlperf`](super::mlperf).
//!
//! `InferenceMAX` (`SemiAnalysisAI/InferenceX`, `benchmarks/*.sh` and its workflows):
//!
//! | What | Rule |
//! |---|---|
//! | lengths | drawn from 0.8 to 1 times the stated ones (`RANDOM_RANGE_RATIO=0.8`) |
//! | requests | ten for each that is kept in flight, all of them reported (`--num-prompts $((CONC * 10))`): a tenth comes in the burst at the start |
//! | servers | [`inference_max`](super::inference_max) |
//!
//! SGLang's `bench_serving` with random lengths (`python/sglang/bench_serving.py`, `sample_random_requests`): prompts and answers are drawn
//! evenly from one token, or from the share that `--random-range-ratio` states, to the stated ones.
//!
//! NVIDIA's own runs for `AIConfigurator`: [`aiconfigurator`].
//!
//! ML.ENERGY, benchmark v3 (`ml-energy/benchmark`): rows state answers and no prompts. Two of its text tasks have a published mean:
//!
//! | Task | Data set | Prompt: mean |
//! |---|---|---|
//! | `lm-arena-chat` | LM Arena human preferences | 634 [a] |
//! | `gpqa` | GPQA, 448 questions with their options | 224 [a] |
//! | `sourcegraph-fim` | Sourcegraph completions | no published figure was found |
//! | `image-chat`, `video-chat` | | prompts are images and videos, of which phantom predicts none |
//!
//! - [a] `ml-energy/blog`, `docs/posts/ml-energy-leaderboard-v3.0.md` at 2bfa158 (22 January 2026): "mean 634 vs. 224" under a table whose
//!   columns are chat, then GPQA; a later edition leaves the sentence out. That 224 is GPQA agrees with its size: 714 bytes for a
//!   question with its options (`jeggers/gpqa_formatted`, 319 869 bytes of 448 rows). Every model is taken to read as many tokens.

use std::collections::BTreeMap;

use super::aiconfigurator;
use super::devices::StatedDevices;
use super::inference_max::Server;
use super::load::Counts;
use super::mlperf;
use super::notes::Notes;
use super::precision::UnstatedCache;
use crate::catalog::{Device, Model, Precision};
use crate::scenario::{Lengths, Load, LoadMode, OptionValue, RuntimeName, Window};

/// Requests that `InferenceMAX` sends for each in flight.
const ROUNDS: u64 = 10;

/// Requests that a client of these suites may keep in flight; a row that states more is no run of theirs, and would take hours to follow.
const MOST_IN_FLIGHT: u64 = 20_000;

/// Tasks of ML.ENERGY by their names, with the mean tokens of a prompt.
const ML_ENERGY: [(&str, u64); 2] = [("lm-arena-chat", 634), ("gpqa", 224)];

/// Whose rules a row was measured by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Suite {
    /// `MLPerf` Inference: the scenario says so.
    MlPerf,
    /// `InferenceMAX`: the notes say so.
    InferenceMax,
    /// ML.ENERGY: the scenario is one of its tasks, whose prompts have so many tokens on average.
    MlEnergy(u64),
    /// NVIDIA's own runs for `AIConfigurator`: the notes say so.
    Aiconfigurator,
    /// SGLang's `bench_serving` with random lengths: the notes say so, and which percentage of the stated ones is the least.
    RandomLengths(u8),
    /// No suite that is known.
    Unknown,
}

impl Suite {
    /// The suite of a row, by its columns `scenario` and `notes`.
    pub fn of(scenario: &str, notes: Notes<'_>) -> Self {
        if scenario.starts_with("mlperf-") {
            Self::MlPerf
        } else if notes.is_inference_max() {
            Self::InferenceMax
        } else if notes.is_aiconfigurator() {
            Self::Aiconfigurator
        } else if let Some(least) = notes.drawn_from() {
            Self::RandomLengths(least)
        } else {
            let task = ML_ENERGY.iter().find(|(task, _)| *task == scenario);
            task.map_or(Self::Unknown, |(_, prompt)| Self::MlEnergy(*prompt))
        }
    }
}

/// The counts of a row, with those that its suite fixes where the row states none.
pub(super) fn counts(suite: Suite, model: &Model, stated: Counts) -> Counts {
    match suite {
        Suite::MlPerf => mlperf::counts(&model.id, stated),
        Suite::MlEnergy(prompt) => Counts {
            input: stated.input.or(Some(prompt)),
            ..stated
        },
        Suite::InferenceMax | Suite::Aiconfigurator | Suite::RandomLengths(_) | Suite::Unknown => {
            stated
        }
    }
}

/// The devices of a row, with the division that is usual in its suite where the row states none.
pub(super) fn devices(
    suite: Suite,
    stated: StatedDevices,
    device: &Device,
    (model, formats): (&Model, Precision),
) -> StatedDevices {
    match suite {
        Suite::MlPerf => mlperf::devices(stated, device, model, formats),
        Suite::InferenceMax
        | Suite::Aiconfigurator
        | Suite::MlEnergy(_)
        | Suite::RandomLengths(_)
        | Suite::Unknown => stated,
    }
}

/// The lengths of requests of which the row states one number.
pub(super) fn length(tokens: u64, suite: Suite) -> Lengths {
    let tokens = tokens.max(1);
    match suite {
        Suite::InferenceMax => Lengths::Uniform {
            min: (tokens * 8).div_ceil(10),
            max: tokens,
        },
        Suite::RandomLengths(least) => Lengths::Uniform {
            min: (tokens * u64::from(least)).div_ceil(100).max(1),
            max: tokens,
        },
        Suite::MlPerf | Suite::Aiconfigurator | Suite::MlEnergy(_) | Suite::Unknown => {
            Lengths::Fixed(tokens)
        }
    }
}

/// Requests of a closed loop for each in flight, where all of them are reported.
const fn rounds(suite: Suite) -> Option<u64> {
    match suite {
        Suite::InferenceMax => Some(ROUNDS),
        Suite::Aiconfigurator => Some(aiconfigurator::ROUNDS),
        Suite::MlPerf | Suite::MlEnergy(_) | Suite::RandomLengths(_) | Suite::Unknown => None,
    }
}

/// A load as it was measured.
pub(super) fn load(mode: LoadMode, suite: Suite) -> Load {
    let whole = match mode {
        LoadMode::Concurrency(number) if number <= MOST_IN_FLIGHT => {
            rounds(suite).map(|rounds| rounds * number)
        }
        LoadMode::Concurrency(_)
        | LoadMode::RequestRate { .. }
        | LoadMode::Ramp { .. }
        | LoadMode::BatchSize(_)
        | LoadMode::SingleStream
        | LoadMode::MultiStream(_)
        | LoadMode::Offline
        | LoadMode::Trace(_) => None,
    };
    Load {
        requests: whole,
        window: if whole.is_some() {
            Window::Whole
        } else {
            Window::Steady
        },
        ..Load::of(mode)
    }
}

/// The format of a cache that the row does not state.
pub(super) fn cache(suite: Suite, server: Server<'_>) -> UnstatedCache {
    match (suite, server.runtime) {
        (Suite::InferenceMax, _) => server.cache(),
        (_, RuntimeName::TensorrtLlm) => UnstatedCache::OfCheckpoint,
        (
            Suite::MlPerf
            | Suite::Aiconfigurator
            | Suite::MlEnergy(_)
            | Suite::RandomLengths(_)
            | Suite::Unknown,
            _,
        ) => UnstatedCache::Wide,
    }
}

/// Options that the suite gives a server.
pub(super) fn options(suite: Suite, server: Server<'_>) -> BTreeMap<String, OptionValue> {
    let options = match suite {
        Suite::InferenceMax => server.options(),
        Suite::Aiconfigurator => aiconfigurator::options(server),
        Suite::MlPerf => {
            let batch = server.counts.batch;
            let batch = batch.filter(|_| server.runtime == RuntimeName::TensorrtLlm);
            let named = |batch| ("max_batch_size", OptionValue::Int(batch as i64));
            batch.map(named).into_iter().collect()
        }
        Suite::MlEnergy(_) | Suite::RandomLengths(_) | Suite::Unknown => Vec::new(),
    };
    let named = |(name, value): (&str, OptionValue)| (name.to_owned(), value);
    options.into_iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    #[test]
    fn suites_send_so_many_requests_for_each_in_flight() {
        let suite = Suite::of("gpqa", Notes("row id 1; InferenceMAX run"));
        let known = load(LoadMode::Concurrency(64), suite);
        assert_eq!((known.requests, known.window), (Some(640), Window::Whole));
        let suite = Suite::of("gpqa", Notes("NVIDIA-internal run"));
        let known = load(LoadMode::Concurrency(64), suite);
        assert_eq!((known.requests, known.window), (Some(640), Window::Whole));
        let endless = load(LoadMode::Concurrency(1 << 40), suite);
        assert_eq!((endless.requests, endless.window), (None, Window::Steady));
        let suite = Suite::of("gpqa", Notes("another run"));
        let other = load(LoadMode::Concurrency(64), suite);
        assert_eq!((other.requests, other.window), (None, Window::Steady));
    }

    #[test]
    fn ml_energy_has_the_mean_prompts_of_its_text_tasks() {
        let prompts = |task: &str, input| {
            let model = Catalog::embedded().model("qwen3-14b").expect("in it");
            let stated = Counts {
                input,
                ..Counts::default()
            };
            counts(Suite::of(task, Notes("")), model, stated).input
        };
        assert_eq!(prompts("lm-arena-chat", None), Some(634));
        assert_eq!(prompts("gpqa", None), Some(224));
        assert_eq!(prompts("gpqa", Some(300)), Some(300), "what is stated wins");
        for task in ["sourcegraph-fim", "image-chat", "video-chat"] {
            assert_eq!(prompts(task, None), None);
        }
    }

    #[test]
    fn a_batch_of_mlperf_is_the_most_its_tensorrt_servers_hold() {
        let server = Server {
            runtime: RuntimeName::TensorrtLlm,
            version: "",
            device: "h100-sxm5-80gb",
            model: "llama-2-70b",
            weights: "fp8",
            tp: None,
            dp: None,
            counts: Counts {
                batch: Some(2048),
                ..Counts::default()
            },
        };
        let given = options(Suite::MlPerf, server);
        assert_eq!(given["max_batch_size"], OptionValue::Int(2048));
        assert!(options(Suite::Unknown, server).is_empty());
        let vllm = Server {
            runtime: RuntimeName::Vllm,
            ..server
        };
        assert!(options(Suite::MlPerf, vllm).is_empty());
    }
}
