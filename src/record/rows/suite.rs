//! How known benchmark suites run what their rows state: what the rows themselves leave out.
//!
//! `InferenceMAX` (`SemiAnalysisAI/InferenceX`, `benchmarks/*.sh` and its workflows):
//!
//! | What | Rule |
//! |---|---|
//! | lengths | drawn from 0.8 to 1 times the stated ones (`RANDOM_RANGE_RATIO=0.8`) |
//! | requests | ten for each that is kept in flight, all of them reported (`--num-prompts $((CONC * 10))`): a tenth comes in the burst at the start |
//! | TensorRT-LLM | the cache is fp8 (`kv_cache_config.dtype: fp8`); `max_num_tokens` holds a whole prompt beside a token of every other request, in multiples of 64, at least 8192 |

use std::collections::BTreeMap;

use super::load::Counts;
use super::notes::Notes;
use super::precision::UnstatedCache;
use crate::scenario::{Lengths, Load, LoadMode, OptionValue, RuntimeName, Window};

/// Requests that `InferenceMAX` sends for each in flight.
const ROUNDS: u64 = 10;

/// Fewest tokens of a step that its TensorRT-LLM servers are given.
const LEAST_TOKENS: u64 = 8192;

/// The lengths of requests of which the row states one number.
pub(super) fn length(tokens: u64, notes: Notes<'_>) -> Lengths {
    let tokens = tokens.max(1);
    if notes.is_inference_max() {
        Lengths::Uniform {
            min: (tokens * 8).div_ceil(10),
            max: tokens,
        }
    } else {
        Lengths::Fixed(tokens)
    }
}

/// A load as it was measured.
pub(super) fn load(mode: LoadMode, notes: Notes<'_>) -> Load {
    let whole = match mode {
        LoadMode::Concurrency(number) if notes.is_inference_max() => Some(ROUNDS * number),
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
pub(super) fn cache(runtime: RuntimeName, notes: Notes<'_>) -> UnstatedCache {
    match runtime {
        RuntimeName::TensorrtLlm if notes.is_inference_max() => UnstatedCache::Fp8,
        RuntimeName::TensorrtLlm => UnstatedCache::OfCheckpoint,
        RuntimeName::Generic
        | RuntimeName::Vllm
        | RuntimeName::Sglang
        | RuntimeName::LlamaCpp
        | RuntimeName::Onnxruntime
        | RuntimeName::Tensorrt
        | RuntimeName::Pytorch
        | RuntimeName::Openvino
        | RuntimeName::Ncnn => UnstatedCache::Wide,
    }
}

/// Options that the suite gives a server.
pub(super) fn options(
    runtime: RuntimeName,
    counts: Counts,
    notes: Notes<'_>,
) -> BTreeMap<String, OptionValue> {
    let mut options = BTreeMap::new();
    if let (RuntimeName::TensorrtLlm, true, Some(users), Some(prompt)) = (
        runtime,
        notes.is_inference_max(),
        counts.concurrency,
        counts.input,
    ) {
        let tokens = (users + prompt + 64).next_multiple_of(64).max(LEAST_TOKENS);
        options.insert("max_num_tokens".to_owned(), OptionValue::Int(tokens as i64));
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inference_max_sends_ten_requests_for_each_in_flight() {
        let notes = Notes("row id 1; InferenceMAX run");
        let known = load(LoadMode::Concurrency(64), notes);
        assert_eq!((known.requests, known.window), (Some(640), Window::Whole));
        let other = load(LoadMode::Concurrency(64), Notes("NVIDIA-internal run"));
        assert_eq!((other.requests, other.window), (None, Window::Steady));
    }

    #[test]
    fn its_tensorrt_servers_take_a_whole_prompt_beside_generation() {
        let counts = Counts {
            concurrency: Some(256),
            input: Some(8192),
            ..Counts::default()
        };
        let notes = Notes("InferenceMAX run");
        let given = options(RuntimeName::TensorrtLlm, counts, notes);
        assert_eq!(given["max_num_tokens"], OptionValue::Int(8512));
        assert!(options(RuntimeName::Vllm, counts, notes).is_empty());
    }
}
