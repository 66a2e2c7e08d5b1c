//! The servers of `InferenceMAX`: what its scripts give them and its rows leave out.
//!
//! `SemiAnalysisAI/InferenceX`, `benchmarks/*.sh` and `benchmarks/single_node/*.sh` as they stood between 15 October 2025 and 22 April
//! 2026, the time of the rows; commits 9596d23, bddbf40, 340d785 among others. What no script was found for has its software's defaults.
//!
//! | Server | Options | Cache |
//! |---|---|---|
//! | vLLM, Llama-3.1-70B | 8192 tokens a step | fp8 |
//! | vLLM, gpt-oss-120b | 8192 | fp8 on B200 since December 2025 |
//! | vLLM, MiniMax-M2.5 on B200 and B300 since 0.19 | twice the prompt | fp8 |
//! | SGLang, DeepSeek-R1 in fp4 | `chunked_prefill_size` 16384, `scheduler_recv_interval` 10, from 16 in flight 30 | fp8 |
//! | SGLang, DeepSeek-R1 in fp8 on B200 and B300 | prompts of 32 768 tokens a step, the same interval; on four devices 8192, 10 | fp8 |
//! | SGLang, DeepSeek-R1 on H200 | 32 768 | of activations |
//! | SGLang, Qwen3.5-397B on B200 | 32 768, the same interval | fp8, in bf16 of activations |
//! | SGLang, GLM-5 on B200 and B300 | 32 768, in fp4 an interval of 10 | fp8 |
//! | TensorRT-LLM, Llama-3.1-70B | `max_num_tokens` 16 384; 1024 in and out on fewer than eight devices: `batch_wait_*` of 20 steps, 0.9 | fp8 |
//! | TensorRT-LLM, gpt-oss-120b | 20 000 | fp8 on B200 |
//! | TensorRT-LLM, others | a whole prompt beside a token of every other request, in multiples of 64, at least 8192; DeepSeek-R1 in fp8 on B200 since 1.2, 1024 in and out, from 64 in flight: `batch_wait_*` of 40 steps, 0.8 | fp8 |
//!
//! Where DeepSeek-R1 guesses ahead with its own layer, it is three tokens, under TensorRT-LLM with divided attention one; SGLang's
//! `speculative_num_steps` is 3 (`*_mtp.sh`). Nobody publishes how many of them are right: each is taken to be with the least chance that
//! DeepSeek found for the first, [`LEAST_CHANCE`]. Such rows are predicted and never fitted.
//!
//! `stream_interval` delays no first token and no last one, so it changes none of the means.

use super::load::Counts;
use super::precision::UnstatedCache;
use crate::scenario::{Draft, OptionValue, RuntimeName, Speculation};

/// Fewest tokens of a step that its TensorRT-LLM servers are given.
const LEAST_TOKENS: u64 = 8192;

/// Requests in flight from which SGLang is asked to look less often.
const MANY: u64 = 16;

/// Chance of a guessed token: "the acceptance rate of the second token prediction ranges between 85% and 90% across various generation
/// topics" (DeepSeek-V3, arXiv 2412.19437, section 5.4.3).
const LEAST_CHANCE: f64 = 0.85;

/// A server as a row tells of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Server<'a> {
    pub runtime: RuntimeName,
    /// As stated.
    pub version: &'a str,
    /// The catalogue's names.
    pub device: &'a str,
    pub model: &'a str,
    /// Column `weight_precision`.
    pub weights: &'a str,
    pub tp: Option<u32>,
    pub dp: Option<u32>,
    pub counts: Counts,
}

/// An option and its number.
pub(super) type Given = (&'static str, OptionValue);

impl Server<'_> {
    fn is_blackwell(self) -> bool {
        self.device.starts_with("b200") || self.device.starts_with("b300")
    }

    /// Prompts and outputs of 1024 tokens, the suite's chat.
    fn is_chat(self) -> bool {
        self.counts.input == Some(1024) && self.counts.output == Some(1024)
    }

    fn flight(self) -> u64 {
        self.counts.concurrency.unwrap_or(1)
    }

    fn is_later_minimax(self) -> bool {
        let later = self.version.starts_with("0.19") || self.version.starts_with("nightly");
        self.model == "minimax-m2.5" && self.is_blackwell() && later
    }

    /// The format of its cache, where the row states none.
    pub fn cache(self) -> UnstatedCache {
        self.given().1
    }

    /// Its options.
    pub fn options(self) -> Vec<Given> {
        self.given().0
    }

    /// Options and cache, by its runtime.
    fn given(self) -> (Vec<Given>, UnstatedCache) {
        let on_b200 = self.device.starts_with("b200");
        let (options, is_fp8) = match self.runtime {
            RuntimeName::Vllm => {
                let is_fp8 = match self.model {
                    "llama-3.1-70b" => true,
                    "gpt-oss-120b" => on_b200 && !self.version.is_empty(),
                    _ => self.is_later_minimax(),
                };
                (self.vllm(), is_fp8)
            }
            RuntimeName::Sglang => (self.sglang(), self.is_blackwell()),
            RuntimeName::TensorrtLlm => {
                (self.tensorrt_llm(), self.model != "gpt-oss-120b" || on_b200)
            }
            RuntimeName::Generic
            | RuntimeName::LlamaCpp
            | RuntimeName::Onnxruntime
            | RuntimeName::Tensorrt
            | RuntimeName::Pytorch
            | RuntimeName::Openvino
            | RuntimeName::Ncnn => (Vec::new(), false),
        };
        let cache = if is_fp8 {
            UnstatedCache::Fp8
        } else {
            UnstatedCache::Wide
        };
        (options, cache)
    }

    /// How it guesses ahead, where it does.
    pub fn guesses(self) -> Speculation {
        let divided = self.dp.is_some_and(|dp| dp > 1);
        let tokens = if divided && self.runtime == RuntimeName::TensorrtLlm {
            1
        } else {
            3
        };
        Speculation {
            draft: Draft::Layers,
            tokens,
            acceptance: vec![LEAST_CHANCE; tokens as usize],
        }
    }

    fn vllm(self) -> Vec<Given> {
        let tokens = match (self.model, self.counts.input) {
            ("llama-3.1-70b" | "gpt-oss-120b", _) => 8192,
            (_, Some(prompt)) if self.is_later_minimax() => 2 * prompt,
            _ => return Vec::new(),
        };
        vec![whole("max_num_batched_tokens", tokens)]
    }

    fn sglang(self) -> Vec<Given> {
        let by_load = if self.flight() < MANY { 10 } else { 30 };
        let blackwell = self.is_blackwell();
        let (tokens, interval) = match (self.model, self.weights) {
            ("deepseek-r1", "fp4") if blackwell => (16_384, by_load),
            ("deepseek-r1", _) if blackwell && self.tp == Some(4) => (8192, 10),
            ("deepseek-r1" | "qwen3.5-397b-a17b", _) if blackwell => (32_768, by_load),
            ("glm-5", "fp4") if blackwell => (32_768, 10),
            ("glm-5", _) if blackwell => (32_768, 1),
            ("deepseek-r1", _) => (32_768, 1),
            _ => return Vec::new(),
        };
        vec![
            whole("chunked_prefill_size", tokens),
            whole("max_prefill_tokens", tokens),
            whole("scheduler_recv_interval", interval),
        ]
    }

    fn tensorrt_llm(self) -> Vec<Given> {
        let Counts {
            input: Some(prompt),
            concurrency: Some(flight),
            ..
        } = self.counts
        else {
            return Vec::new();
        };
        let (tokens, gathered) = match self.model {
            "llama-3.1-70b" => {
                let gathers = self.is_chat() && self.tp.is_some_and(|tp| tp < 8);
                (16_384, gathers.then_some((20, 0.9)))
            }
            "gpt-oss-120b" => (20_000, None),
            model => {
                let tokens = (flight + prompt + 64).next_multiple_of(64);
                let late = model == "deepseek-r1" && self.version.starts_with("1.2");
                let gathers = late
                    && self.weights == "fp8"
                    && self.is_blackwell()
                    && self.is_chat()
                    && flight >= 64;
                (tokens.max(LEAST_TOKENS), gathers.then_some((40, 0.8)))
            }
        };
        let mut given = vec![whole("max_num_tokens", tokens)];
        if let Some((steps, ratio)) = gathered {
            given.push(whole("batch_wait_timeout_iters", steps));
            given.push(("batch_wait_max_tokens_ratio", OptionValue::Float(ratio)));
        }
        given
    }
}

pub(super) const fn whole(name: &'static str, number: u64) -> Given {
    (name, OptionValue::Int(number as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAT: Server<'static> = Server {
        runtime: RuntimeName::Sglang,
        version: "",
        device: "b200-sxm-180gb",
        model: "deepseek-r1",
        weights: "fp4",
        tp: Some(8),
        dp: None,
        counts: Counts {
            batch: None,
            concurrency: Some(64),
            input: Some(1024),
            output: Some(1024),
            context: None,
            requests: None,
        },
    };

    fn given(server: Server<'_>, name: &str) -> Option<OptionValue> {
        let options = server.options();
        let found = options.into_iter().find(|(option, _)| *option == name);
        found.map(|(_, value)| value)
    }

    fn of(runtime: RuntimeName, model: &'static str) -> Server<'static> {
        Server {
            runtime,
            model,
            ..CHAT
        }
    }

    #[test]
    fn sglang_looks_less_often_under_load() {
        let interval = |flight| {
            let counts = Counts {
                concurrency: Some(flight),
                ..CHAT.counts
            };
            given(Server { counts, ..CHAT }, "scheduler_recv_interval")
        };
        assert_eq!(interval(8), Some(OptionValue::Int(10)));
        assert_eq!(interval(16), Some(OptionValue::Int(30)));
        let hopper = Server {
            device: "h200-sxm-141gb",
            ..CHAT
        };
        assert_eq!(
            given(hopper, "scheduler_recv_interval"),
            Some(OptionValue::Int(1))
        );
        assert_eq!(hopper.cache(), UnstatedCache::Wide);
        assert_eq!(CHAT.cache(), UnstatedCache::Fp8);
    }

    #[test]
    fn tensorrt_llm_takes_a_whole_prompt_beside_generation() {
        let counts = Counts {
            concurrency: Some(256),
            input: Some(8192),
            ..CHAT.counts
        };
        let server = Server {
            counts,
            ..of(RuntimeName::TensorrtLlm, "deepseek-r1")
        };
        assert_eq!(
            given(server, "max_num_tokens"),
            Some(OptionValue::Int(8512))
        );
        assert_eq!(given(server, "batch_wait_timeout_iters"), None);
    }

    #[test]
    fn some_tensorrt_llm_servers_gather_prompts() {
        let steps = |server| given(server, "batch_wait_timeout_iters");
        let llama = of(RuntimeName::TensorrtLlm, "llama-3.1-70b");
        assert_eq!(steps(llama), None);
        assert_eq!(
            steps(Server {
                tp: Some(4),
                ..llama
            }),
            Some(OptionValue::Int(20))
        );
        let deepseek = Server {
            weights: "fp8",
            ..of(RuntimeName::TensorrtLlm, "deepseek-r1")
        };
        assert_eq!(steps(deepseek), None);
        let later = Server {
            version: "1.2.0rc6.post3",
            ..deepseek
        };
        assert_eq!(steps(later), Some(OptionValue::Int(40)));
    }

    #[test]
    fn attention_that_is_divided_guesses_one_token() {
        let tokens = |runtime, dp| {
            Server {
                dp,
                ..of(runtime, "deepseek-r1")
            }
            .guesses()
            .tokens
        };
        assert_eq!(tokens(RuntimeName::TensorrtLlm, None), 3);
        assert_eq!(tokens(RuntimeName::TensorrtLlm, Some(8)), 1);
        assert_eq!(tokens(RuntimeName::Sglang, Some(1)), 3);
    }

    #[test]
    fn minimax_has_steps_of_two_prompts_since_a_release() {
        let tokens = |version| {
            let server = Server {
                version,
                ..of(RuntimeName::Vllm, "minimax-m2.5")
            };
            (given(server, "max_num_batched_tokens"), server.cache())
        };
        assert_eq!(tokens("0.17.0"), (None, UnstatedCache::Wide));
        let later = (Some(OptionValue::Int(2048)), UnstatedCache::Fp8);
        assert_eq!(tokens("0.19.0"), later);
    }
}
