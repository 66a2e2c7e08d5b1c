//! When a scheduler looks at requests that wait.

use crate::scenario::{OptionValue, Runtime, RuntimeName};

/// When waiting requests are taken up while others generate; an engine without anything to generate takes them at once.
///
/// | Option | Rule | Source |
/// |---|---|---|
/// | SGLang `scheduler_recv_interval` | requests are fetched every so many steps of generation, and after every step with prompts | `srt/managers/scheduler_recv_skipper.py`; weights of steps in `srt/environ.py` (`SGLANG_SCHEDULER_RECV_SKIPPER_WEIGHT_*`) |
/// | TensorRT-LLM `batch_wait_timeout_iters` with `batch_wait_max_tokens_ratio` | prompts wait so many steps, or until the step is as full as that | `_torch/pyexecutor/py_executor.py` (`_waiting_requests`), `llmapi/llm_args.py` |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// Before every step.
    EachStep,
    /// Every so many steps of generation, at least two.
    Every(u64),
    /// After so many steps, or once prompts and generation fill so many tokens of a step.
    Gathered {
        /// Steps that the first of them waits at most.
        steps: u64,
        /// Tokens that are enough.
        tokens: u64,
    },
}

impl Intake {
    /// The rule of a runtime whose steps have so many tokens at most.
    pub(super) fn of(runtime: &Runtime, max_tokens: f64) -> Self {
        let number = |name: &str| match runtime.options.get(name) {
            Some(OptionValue::Int(number)) => *number as f64,
            Some(OptionValue::Float(number)) => *number,
            Some(OptionValue::Bool(_) | OptionValue::Text(_)) | None => 0.0,
        };
        match runtime.name {
            RuntimeName::Sglang => match number("scheduler_recv_interval") {
                steps if steps >= 2.0 => Self::Every(steps as u64),
                _ => Self::EachStep,
            },
            RuntimeName::TensorrtLlm => {
                let steps = number("batch_wait_timeout_iters");
                let tokens = number("batch_wait_max_tokens_ratio") * max_tokens;
                if steps >= 1.0 && tokens >= 1.0 {
                    Self::Gathered {
                        steps: steps as u64,
                        tokens: tokens as u64,
                    }
                } else {
                    Self::EachStep
                }
            }
            RuntimeName::Generic
            | RuntimeName::Vllm
            | RuntimeName::LlamaCpp
            | RuntimeName::Onnxruntime
            | RuntimeName::Tensorrt
            | RuntimeName::Pytorch
            | RuntimeName::Openvino
            | RuntimeName::Ncnn => Self::EachStep,
        }
    }

    /// Steps that a mean request waits beyond the running one, where `arrivals` requests with `prompt` tokens come in each step.
    ///
    /// Looked at every `n` steps, it waits `(n − 1) / 2`. Gathered prompts wait for `w` steps, those that come after the first on
    /// average half as long: `w (1 + a w / 2) / (1 + a w)`, and `w` ends early where `a w` of them are enough.
    pub(super) fn wait(self, arrivals: f64, prompt: f64) -> f64 {
        match self {
            Self::EachStep => 0.0,
            Self::Every(steps) => 0.5 * (steps - 1) as f64,
            Self::Gathered { steps, tokens } => {
                let more = (tokens as f64 / prompt.max(1.0) - 1.0).max(0.0);
                let window = (steps as f64).min(more / arrivals.max(1e-12));
                let others = arrivals * window;
                window * (1.0 + 0.5 * others) / (1.0 + others)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::runtime;
    use super::*;

    fn of(name: RuntimeName, options: &[(&str, f64)]) -> Intake {
        let mut runtime = runtime(name);
        for (name, number) in options {
            let value = OptionValue::Float(*number);
            runtime.options.insert((*name).to_owned(), value);
        }
        Intake::of(&runtime, 10_000.0)
    }

    #[test]
    fn options_that_change_nothing_leave_each_step() {
        let polled = |steps| of(RuntimeName::Sglang, &[("scheduler_recv_interval", steps)]);
        assert_eq!(
            (polled(1.0), polled(30.0)),
            (Intake::EachStep, Intake::Every(30))
        );
        let one = [("batch_wait_timeout_iters", 20.0)];
        let both = [one[0], ("batch_wait_max_tokens_ratio", 0.9)];
        let gathered = Intake::Gathered {
            steps: 20,
            tokens: 9000,
        };
        assert_eq!(of(RuntimeName::TensorrtLlm, &one), Intake::EachStep);
        assert_eq!(of(RuntimeName::TensorrtLlm, &both), gathered);
        assert_eq!(of(RuntimeName::Vllm, &both), Intake::EachStep);
    }

    #[test]
    fn rare_requests_wait_for_all_steps_and_many_for_a_full_one() {
        let gathered = Intake::Gathered {
            steps: 20,
            tokens: 9000,
        };
        assert!((gathered.wait(1e-9, 1000.0) - 20.0).abs() < 1e-6);
        // Two a step: eight more prompts in four steps, on average half of them.
        let many = gathered.wait(2.0, 1000.0);
        assert!((many - 4.0 * 5.0 / 9.0).abs() < 1e-9, "{many}");
        assert_eq!(Intake::Every(31).wait(1.0, 1000.0), 15.0);
    }
}
