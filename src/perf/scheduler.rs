//! What a runtime schedules together, and how much memory it may take.

use super::intake::Intake;
use crate::catalog::Device;
use crate::scenario::{OptionValue, Runtime, RuntimeName};
use crate::units::Bytes;

/// More tokens or sequences than any step has; stands for no limit.
const UNBOUNDED: f64 = 1e12;

/// From this memory on vLLM takes larger defaults, except on A100.
const LARGE_MEMORY: f64 = 70.0 * 1024.0 * 1024.0 * 1024.0;

/// Of what a runtime's share of memory is a share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MemoryRule {
    /// Of the whole device.
    OfTotal(f64),
    /// Of what weights and activations leave.
    OfFree(f64),
}

/// Whether prompts that begin alike are processed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrefixCache {
    /// They are.
    Kept,
    /// Every prompt is processed whole.
    Off,
}

/// The limits of one engine, as its runtime documents them or the scenario states them.
///
/// | Runtime | Sequences | Tokens of a step | Memory | Block | Source |
/// |---|---|---|---|---|---|
/// | vLLM, generic | 1024 from 70 GiB (not A100), else 256 | 8192, else 2048 | 0.9 of the device | 16 | `vllm/engine/arg_utils.py` (`get_batch_defaults`, API server), `vllm/config/cache.py` |
/// | SGLang | 2048 | 16384 from 160 GB, 8192 from 60 GB, 4096 from 35 GB, else 2048 | 0.88 | 1 | `sglang/srt/server_args.py` (`chunked_prefill_size`, `mem_fraction_static`, `max_running_requests`) |
/// | TensorRT-LLM | 2048 | 8192 | 0.9 of what is free | 32 | `tensorrt_llm/llmapi/llm_args.py` |
/// | llama.cpp | as many as are sent | 512 | all | 1 | `common/common.h` (`n_ubatch`) |
/// | others | as many as are sent | no limit | all | 1 | they have no scheduler |
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scheduler {
    /// Sequences in a step, all pipeline stages together.
    pub max_sequences: f64,
    /// Tokens in a step.
    pub max_tokens: f64,
    /// Share of memory.
    pub memory: MemoryRule,
    /// Tokens of one block of the cache.
    pub block: f64,
    /// Reuse of prompts that begin alike.
    pub prefix_cache: PrefixCache,
    /// When waiting requests are taken up.
    pub intake: Intake,
    /// Steps of one batch that may follow each other through the stages of a pipeline; one where a request has one step at a time.
    pub relayed: f64,
}

impl Scheduler {
    /// The limits of a runtime on a device.
    pub fn new(runtime: &Runtime, device: &Device) -> Self {
        let defaults = defaults(runtime.name, device);
        let number = |names: &[&str]| names.iter().find_map(|name| option(runtime, name));
        let share = |rule: MemoryRule, stated: Option<f64>| match (rule, stated) {
            (rule, None) => rule,
            (MemoryRule::OfTotal(_), Some(share)) => MemoryRule::OfTotal(share.clamp(0.0, 1.0)),
            (MemoryRule::OfFree(_), Some(share)) => MemoryRule::OfFree(share.clamp(0.0, 1.0)),
        };
        let names = Names::of(runtime.name);
        let max_tokens = number(names.tokens).unwrap_or(defaults.max_tokens).max(1.0);
        Self {
            max_sequences: number(names.sequences)
                .unwrap_or(defaults.max_sequences)
                .max(1.0),
            max_tokens,
            memory: share(defaults.memory, number(names.memory)),
            block: number(names.block).unwrap_or(defaults.block).max(1.0),
            prefix_cache: prefix_cache(runtime).unwrap_or(defaults.prefix_cache),
            intake: Intake::of(runtime, max_tokens),
            relayed: if names.batch.is_empty() {
                1.0
            } else {
                let batch = number(names.batch).unwrap_or(LLAMA_BATCH);
                libm::floor(batch / max_tokens).max(1.0)
            },
        }
    }

    /// Tokens of a step, where there is a limit.
    pub fn token_limit(&self) -> Option<f64> {
        (self.max_tokens < UNBOUNDED).then_some(self.max_tokens)
    }

    /// Sequences of a step, where there is a limit.
    pub fn sequence_limit(&self) -> Option<f64> {
        (self.max_sequences < UNBOUNDED).then_some(self.max_sequences)
    }

    /// What may be used of a device that `taken` bytes of weights, activations and context are on.
    pub fn usable(&self, capacity: Bytes, taken: Bytes) -> Bytes {
        match self.memory {
            MemoryRule::OfTotal(share) => capacity * share,
            MemoryRule::OfFree(share) => {
                taken.min(capacity) + capacity.saturating_sub(taken) * share
            }
        }
    }
}

/// llama.cpp's `n_batch` (`common/common.h`).
pub const LLAMA_BATCH: f64 = 2048.0;

fn defaults(runtime: RuntimeName, device: &Device) -> Scheduler {
    let memory = device.memory.map_or(0.0, Bytes::get);
    match runtime {
        RuntimeName::Generic | RuntimeName::Vllm => {
            let large = memory >= LARGE_MEMORY && !device.id.contains("a100");
            Scheduler {
                max_sequences: if large { 1024.0 } else { 256.0 },
                max_tokens: if large { 8192.0 } else { 2048.0 },
                memory: MemoryRule::OfTotal(0.9),
                block: 16.0,
                prefix_cache: PrefixCache::Kept,
                intake: Intake::EachStep,
                relayed: 1.0,
            }
        }
        RuntimeName::Sglang => Scheduler {
            max_sequences: 2048.0,
            max_tokens: if memory >= 160e9 {
                16_384.0
            } else if memory >= 60e9 {
                8192.0
            } else if memory >= 35e9 {
                4096.0
            } else {
                2048.0
            },
            memory: MemoryRule::OfTotal(0.88),
            block: 1.0,
            prefix_cache: PrefixCache::Kept,
            intake: Intake::EachStep,
            relayed: 1.0,
        },
        RuntimeName::TensorrtLlm => Scheduler {
            max_sequences: 2048.0,
            max_tokens: 8192.0,
            memory: MemoryRule::OfFree(0.9),
            block: 32.0,
            prefix_cache: PrefixCache::Kept,
            intake: Intake::EachStep,
            relayed: 1.0,
        },
        RuntimeName::LlamaCpp => Scheduler {
            max_tokens: 512.0,
            prefix_cache: PrefixCache::Kept,
            ..UNSCHEDULED
        },
        RuntimeName::Onnxruntime
        | RuntimeName::Tensorrt
        | RuntimeName::Pytorch
        | RuntimeName::Openvino
        | RuntimeName::Ncnn => UNSCHEDULED,
    }
}

const UNSCHEDULED: Scheduler = Scheduler {
    max_sequences: UNBOUNDED,
    max_tokens: UNBOUNDED,
    memory: MemoryRule::OfTotal(1.0),
    block: 1.0,
    prefix_cache: PrefixCache::Off,
    intake: Intake::EachStep,
    relayed: 1.0,
};

/// The runtimes' own names of the options, first match wins.
struct Names {
    sequences: &'static [&'static str],
    tokens: &'static [&'static str],
    memory: &'static [&'static str],
    block: &'static [&'static str],
    batch: &'static [&'static str],
}

impl Names {
    const fn of(runtime: RuntimeName) -> Self {
        match runtime {
            RuntimeName::Generic | RuntimeName::Vllm => Self {
                sequences: &["max_num_seqs"],
                tokens: &["max_num_batched_tokens"],
                memory: &["gpu_memory_utilization"],
                block: &["block_size"],
                batch: &[],
            },
            RuntimeName::Sglang => Self {
                sequences: &["max_running_requests"],
                tokens: &["chunked_prefill_size"],
                memory: &["mem_fraction_static"],
                block: &["page_size"],
                batch: &[],
            },
            RuntimeName::TensorrtLlm => Self {
                sequences: &["max_batch_size"],
                tokens: &["max_num_tokens"],
                memory: &[
                    "kv_cache_free_gpu_memory_fraction",
                    "kv_cache_free_gpu_mem_fraction",
                    "free_gpu_memory_fraction",
                ],
                block: &["tokens_per_block"],
                batch: &[],
            },
            RuntimeName::LlamaCpp => Self {
                sequences: &["n_parallel", "parallel"],
                tokens: &["n_ubatch", "ubatch_size"],
                memory: &[],
                block: &[],
                batch: &["n_batch", "batch_size"],
            },
            RuntimeName::Onnxruntime
            | RuntimeName::Tensorrt
            | RuntimeName::Pytorch
            | RuntimeName::Openvino
            | RuntimeName::Ncnn => Self {
                sequences: &[],
                tokens: &[],
                memory: &[],
                block: &[],
                batch: &[],
            },
        }
    }
}

/// A numeric option above zero.
fn option(runtime: &Runtime, name: &str) -> Option<f64> {
    let number = match runtime.options.get(name)? {
        OptionValue::Int(count) => *count as f64,
        OptionValue::Float(number) => *number,
        OptionValue::Bool(_) | OptionValue::Text(_) => return None,
    };
    (number > 0.0 && number.is_finite()).then_some(number)
}

fn prefix_cache(runtime: &Runtime) -> Option<PrefixCache> {
    let switch = |name: &str| match runtime.options.get(name)? {
        OptionValue::Bool(on) => Some(*on),
        OptionValue::Int(_) | OptionValue::Float(_) | OptionValue::Text(_) => None,
    };
    let on = switch("enable_prefix_caching")
        .or_else(|| switch("enable_block_reuse"))
        .or_else(|| switch("cache_prompt"))
        .or_else(|| switch("disable_radix_cache").map(|off| !off))?;
    Some(if on {
        PrefixCache::Kept
    } else {
        PrefixCache::Off
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, runtime};
    use super::*;

    #[test]
    fn options_win_over_documented_defaults() {
        let mut vllm = runtime(RuntimeName::Vllm);
        assert_eq!(Scheduler::new(&vllm, &h100()).max_tokens, 8192.0);
        vllm.options
            .insert("max_num_batched_tokens".to_owned(), OptionValue::Int(4096));
        vllm.options.insert(
            "gpu_memory_utilization".to_owned(),
            OptionValue::Float(0.92),
        );
        let limits = Scheduler::new(&vllm, &h100());
        assert_eq!(limits.max_tokens, 4096.0);
        assert_eq!(limits.memory, MemoryRule::OfTotal(0.92));
    }

    #[test]
    fn llama_relays_what_its_batch_holds_of_micro_batches() {
        let mut llama = runtime(RuntimeName::LlamaCpp);
        let mut relayed = |options: &[(&str, i64)]| {
            llama.options = options
                .iter()
                .map(|(name, value)| ((*name).to_owned(), OptionValue::Int(*value)))
                .collect();
            Scheduler::new(&llama, &h100()).relayed
        };
        assert_eq!(relayed(&[]), 4.0);
        assert_eq!(relayed(&[("n_ubatch", 2048)]), 1.0);
        assert_eq!(relayed(&[("n_ubatch", 128)]), 16.0);
        assert_eq!(relayed(&[("n_batch", 512)]), 1.0);
        assert_eq!(
            Scheduler::new(&runtime(RuntimeName::Vllm), &h100()).relayed,
            1.0
        );
    }

    #[test]
    fn a_share_of_what_is_free_leaves_what_is_taken() {
        let limits = Scheduler::new(&runtime(RuntimeName::TensorrtLlm), &h100());
        let usable = limits.usable(Bytes::new(80e9), Bytes::new(20e9));
        assert_eq!(usable, Bytes::new(74e9));
    }
}
