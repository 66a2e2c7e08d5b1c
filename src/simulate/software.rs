//! The rules of the serving software of a system.
//!
//! | Runtime | Steps | Admission | Source |
//! |---|---|---|---|
//! | vLLM, generic | mixed, prompts cut | prompt | vLLM 0.33, `vllm/v1/core/sched/scheduler.py`, `vllm/v1/core/kv_cache_manager.py` |
//! | SGLang | prompts first; mixed with `enable_mixed_chunk` | expected outputs | SGLang 0.5.23, `srt/managers/scheduler.py`, `schedule_policy.py`, `new_token_ratio_tracker.py` |
//! | TensorRT-LLM | mixed; prompts whole without `enable_chunked_prefill` | to the end; prompt with `MAX_UTILIZATION` | `cpp/tensorrt_llm/batch_manager/capacityScheduler.cpp`, `microBatchScheduler.cpp`, `tensorrt_llm/llmapi/llm_args.py` |
//! | llama.cpp | mixed in micro-batches; generation first without `cont_batching` | to the end | `tools/server/server-context.cpp` (`update_slots`), `tools/server/README.md` |
//! | others | batch after batch | to the end | they have no scheduler |
//!
//! # Assumptions
//!
//! vLLM and SGLang prepare a step while another runs; what host time stays visible is the term `step_overhead`. SGLang's
//! tree evicts leaves, vLLM's blocks; both are modelled as spans from their ends. The capacity scheduler `MAX_UTILIZATION` keeps an
//! interrupted request at its place, which is in front of those that came later. SGLang's `schedule_policy: lpm` also puts a
//! request behind others that wait with the same beginning; here it is taken up when its turn comes.

use super::rules::{Admission, Compose, Interrupted, Order, Prompts, Rules};
use crate::perf::{LLAMA_BATCH, Scheduler};
use crate::scenario::{OptionValue, Runtime, RuntimeName};

/// SGLang: share of expected outputs at the start, `SGLANG_INIT_NEW_TOKEN_RATIO` and its decay.
const EXPECTED_FIRST: f64 = 0.7;
/// Of that, the least.
const EXPECTED_LEAST: f64 = 0.14;
/// Generation steps of the decay.
const EXPECTED_STEPS: f64 = 600.0;
/// SGLang: `max_prefill_tokens`.
const SGLANG_PROMPTS: f64 = 16_384.0;

/// The rules of a runtime within the limits of its scheduler, for one of its engines.
pub fn rules(runtime: &Runtime, scheduler: &Scheduler, sequences: f64) -> Rules {
    let options = Options(runtime);
    let common = Rules {
        intake: scheduler.intake,
        ..Rules::mixed(whole(sequences) as u32, whole(scheduler.max_tokens))
    };
    match runtime.name {
        RuntimeName::Generic | RuntimeName::Vllm => Rules {
            order: options.order("scheduling_policy"),
            prompts: options.prompts(Prompts::Cut),
            ..common
        },
        RuntimeName::Sglang => sglang(&options, common),
        RuntimeName::TensorrtLlm => Rules {
            admission: match options.text("capacity_scheduler_policy") {
                Some("MAX_UTILIZATION") => Admission::Prompt,
                _ => Admission::ToTheEnd,
            },
            compose: match options.text("capacity_scheduler_policy") {
                Some("STATIC_BATCH") => Compose::Batchwise,
                _ => Compose::Mixed,
            },
            prompts: options.prompts(Prompts::Whole),
            ..common
        },
        RuntimeName::LlamaCpp => llama(&options, common),
        RuntimeName::Onnxruntime
        | RuntimeName::Tensorrt
        | RuntimeName::Pytorch
        | RuntimeName::Openvino
        | RuntimeName::Ncnn => Rules {
            compose: Compose::Batchwise,
            admission: Admission::ToTheEnd,
            ..common
        },
    }
}

fn sglang(options: &Options<'_>, common: Rules) -> Rules {
    let first =
        (EXPECTED_FIRST * options.number("schedule_conservativeness").unwrap_or(1.0)).min(1.0);
    let most = options
        .number("max_prefill_tokens")
        .unwrap_or(SGLANG_PROMPTS);
    Rules {
        max_tokens: common.max_tokens.min(whole(most)),
        compose: if options.is_on("enable_mixed_chunk") {
            Compose::Mixed
        } else {
            Compose::PromptsFirst
        },
        admission: Admission::Expected {
            first,
            least: first * EXPECTED_LEAST,
            steps: EXPECTED_STEPS,
        },
        order: options.order("schedule_policy"),
        interrupted: Interrupted::Back,
        ..common
    }
}

fn llama(options: &Options<'_>, common: Rules) -> Rules {
    let batch = ["n_batch", "batch_size"]
        .into_iter()
        .find_map(|name| options.number(name));
    Rules {
        max_tokens: whole(batch.unwrap_or(LLAMA_BATCH)),
        micro_batch: common.max_tokens,
        admission: Admission::ToTheEnd,
        compose: if options.is_off("cont_batching") {
            Compose::GenerationFirst
        } else {
            Compose::Mixed
        },
        ..common
    }
}

/// The options of a runtime, read by name.
struct Options<'a>(&'a Runtime);

impl Options<'_> {
    fn number(&self, name: &str) -> Option<f64> {
        match self.0.options.get(name)? {
            OptionValue::Int(count) => Some(*count as f64),
            OptionValue::Float(number) => Some(*number),
            OptionValue::Bool(_) | OptionValue::Text(_) => None,
        }
        .filter(|number| *number > 0.0)
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.0.options.get(name)? {
            OptionValue::Text(text) => Some(text),
            OptionValue::Bool(_) | OptionValue::Int(_) | OptionValue::Float(_) => None,
        }
    }

    fn switch(&self, name: &str) -> Option<bool> {
        match self.0.options.get(name)? {
            OptionValue::Bool(on) => Some(*on),
            OptionValue::Text(_) | OptionValue::Int(_) | OptionValue::Float(_) => None,
        }
    }

    fn is_on(&self, name: &str) -> bool {
        self.switch(name) == Some(true)
    }

    fn is_off(&self, name: &str) -> bool {
        self.switch(name) == Some(false)
    }

    fn order(&self, name: &str) -> Order {
        match self.text(name) {
            Some("priority") => Order::Priority,
            Some("shortest_first") => Order::ShortestFirst,
            Some("lpm") => Order::LongestPrefix,
            Some("lof") => Order::LongestOutput,
            _ => Order::Arrival,
        }
    }

    fn prompts(&self, default: Prompts) -> Prompts {
        match self.switch("enable_chunked_prefill") {
            Some(true) => Prompts::Cut,
            Some(false) => Prompts::Whole,
            None => default,
        }
    }
}

fn whole(number: f64) -> u64 {
    // Limits that stand for none are larger than any count of tokens.
    (number as u64).clamp(1, u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn of(name: RuntimeName, options: &[(&str, OptionValue)]) -> Rules {
        let device = Catalog::embedded()
            .device("h100-sxm5-80gb")
            .expect("in the catalogue");
        let options = options
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        let runtime = Runtime {
            name,
            program: String::new(),
            version: None,
            options: options.collect(),
        };
        let scheduler = Scheduler::new(&runtime, device);
        rules(&runtime, &scheduler, scheduler.max_sequences)
    }

    #[test]
    fn each_runtime_has_its_own_rules() {
        let vllm = of(RuntimeName::Vllm, &[]);
        assert_eq!(
            (vllm.max_sequences, vllm.max_tokens, vllm.compose),
            (1024, 8192, Compose::Mixed)
        );
        let sglang = of(RuntimeName::Sglang, &[]);
        assert_eq!(
            (sglang.compose, sglang.interrupted),
            (Compose::PromptsFirst, Interrupted::Back)
        );
        let tensorrt = of(RuntimeName::TensorrtLlm, &[]);
        assert_eq!(
            (tensorrt.admission, tensorrt.prompts),
            (Admission::ToTheEnd, Prompts::Whole)
        );
        let llama = of(RuntimeName::LlamaCpp, &[]);
        assert_eq!((llama.max_tokens, llama.micro_batch), (2048, 512));
    }

    #[test]
    fn options_change_the_rules() {
        let policy = OptionValue::Text("MAX_UTILIZATION".to_owned());
        let changed = of(
            RuntimeName::TensorrtLlm,
            &[
                ("capacity_scheduler_policy", policy),
                ("enable_chunked_prefill", OptionValue::Bool(true)),
            ],
        );
        assert_eq!(
            (changed.admission, changed.prompts),
            (Admission::Prompt, Prompts::Cut)
        );
        let policy = |name: &str| {
            let policy = OptionValue::Text(name.to_owned());
            of(RuntimeName::Sglang, &[("schedule_policy", policy)]).order
        };
        assert_eq!(policy("lpm"), Order::LongestPrefix);
        assert_eq!(policy("lof"), Order::LongestOutput);
        assert_eq!(policy("dfs-weight"), Order::Arrival);
        let mixed = of(
            RuntimeName::Sglang,
            &[("enable_mixed_chunk", OptionValue::Bool(true))],
        );
        assert_eq!(mixed.compose, Compose::Mixed);
        let whole = of(
            RuntimeName::Vllm,
            &[("enable_chunked_prefill", OptionValue::Bool(false))],
        );
        assert_eq!(whole.prompts, Prompts::Whole);
    }
}
