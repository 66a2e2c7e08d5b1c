//! The servers of NVIDIA's own runs for `AIConfigurator`: what its generator gives them and its rows leave out.
//!
//! `ai-dynamo/aiconfigurator`: `src/aiconfigurator/cli/backends/trtllm.py` at efcae124c (August 2025) and the rules for benchmarks,
//! `src/aiconfigurator/generator/rule_plugin/benchmark` at 71bb3d00e (January 2026), which later ones round to whole blocks:
//!
//! | Server | Options |
//! |---|---|
//! | TensorRT-LLM | `max_num_tokens` the batch, a prompt and 1500 tokens; `max_batch_size` the batch; prompts are not cut |
//! | vLLM | `max_num_batched_tokens` the same, `max_num_seqs` the batch |
//! | SGLang since 0.5.6 | `max_prefill_tokens` a prompt and 1500 tokens, `enable_mixed_chunk` (since 19 January 2026, 07a377923) |
//!
//! Rows do not say that their servers were generated. It is taken to be so of every run of NVIDIA's own, and of SGLang from 0.5.6 on, whose
//! one dated run is of 23 January 2026; 0.5.1 was measured before the generator wrote servers of SGLang, and has its defaults. The
//! batch that a server was planned for is not stated either: it is taken to be the requests in flight.
//!
//! The client of that time (`src/aiconfigurator/eval/benchmarks/genai_perf_runner.py` at 71bb3d00e) sends ten requests for each in flight,
//! after a warm-up, and reports them all; lengths are those that are asked for (standard deviations of 0, `ignore_eos`). Its successor of
//! 11 February 2026 sends twenty.

use super::inference_max::{Given, Server, whole};
use crate::scenario::{OptionValue, RuntimeName};

/// Requests that the client sends for each in flight.
pub(super) const ROUNDS: u64 = 10;

/// Tokens that a step may have beside a prompt and one of each sequence.
const SPARE: u64 = 1500;

/// The options of a server.
pub(super) fn options(server: Server<'_>) -> Vec<Given> {
    let (Some(prompt), Some(batch)) = (server.counts.input, server.counts.concurrency) else {
        return Vec::new();
    };
    let tokens = batch + prompt + SPARE;
    match server.runtime {
        RuntimeName::TensorrtLlm => vec![
            whole("max_num_tokens", tokens),
            whole("max_batch_size", batch),
        ],
        RuntimeName::Vllm => vec![
            whole("max_num_batched_tokens", tokens),
            whole("max_num_seqs", batch),
        ],
        RuntimeName::Sglang if is_generated(server.version) => vec![
            whole("max_prefill_tokens", prompt + SPARE),
            ("enable_mixed_chunk", OptionValue::Bool(true)),
        ],
        RuntimeName::Sglang
        | RuntimeName::Generic
        | RuntimeName::LlamaCpp
        | RuntimeName::Onnxruntime
        | RuntimeName::Tensorrt
        | RuntimeName::Pytorch
        | RuntimeName::Openvino
        | RuntimeName::Ncnn => Vec::new(),
    }
}

/// True of a version of SGLang whose servers the generator wrote.
fn is_generated(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().ok());
    let mut next = || numbers.next().flatten();
    (next(), next(), next()) >= (Some(0), Some(5), Some(6))
}

#[cfg(test)]
mod tests {
    use super::super::load::Counts;
    use super::*;

    fn given(runtime: RuntimeName, version: &str) -> Vec<Given> {
        options(Server {
            runtime,
            version,
            device: "h200-sxm-141gb",
            model: "llama-3.1-8b",
            weights: "fp8",
            tp: None,
            dp: None,
            counts: Counts {
                concurrency: Some(64),
                input: Some(4096),
                output: Some(512),
                ..Counts::default()
            },
        })
    }

    #[test]
    fn a_step_has_room_for_a_prompt_and_the_batch() {
        let tokens = OptionValue::Int(64 + 4096 + 1500);
        let found = given(RuntimeName::TensorrtLlm, "1.0.0rc3");
        assert_eq!(found[0], ("max_num_tokens", tokens.clone()));
        let found = given(RuntimeName::Vllm, "0.12.0");
        assert_eq!(found[0], ("max_num_batched_tokens", tokens));
        assert_eq!(found[1], ("max_num_seqs", OptionValue::Int(64)));
    }

    #[test]
    fn sglang_mixes_prompts_since_its_servers_are_generated() {
        let mixes = |version| {
            let found = given(RuntimeName::Sglang, version);
            found.contains(&("enable_mixed_chunk", OptionValue::Bool(true)))
        };
        assert!(mixes("0.5.6.post2") && mixes("0.5.8.post1") && mixes("0.6.0"));
        assert!(!mixes("0.5.1.post1") && !mixes("") && !mixes("nightly"));
    }
}
