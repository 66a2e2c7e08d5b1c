//! How prompts and generation share the steps of an engine, counted in steps.

use super::demand::Demand;
use super::intake::Intake;
use crate::ops::{Segment, Step};
use crate::stats::math;

/// What an engine's steps look like when `sequences` requests are in it and each that ends is replaced at once.
///
/// Continuous batching (Yu et al., "Orca", OSDI 2022) with chunked prompts (Agrawal et al., "Sarathi-Serve", arXiv
/// 2403.02310; vLLM, docs/configuration/optimization.md): a step first takes one token of every generating sequence, then
/// fills its budget with prompt tokens. A request waits `w` steps, is processed in `k` steps, and generates in `D` more:
///
/// `S = w + k + D`, `f = n k / S`: with `f <= 1`, a share `f` of the steps carries one prompt part, the others only generate;
/// with `f > 1` every step carries prompts, `n / S` of them. Where `prompts + generation` would exceed the budget `B`, prompts
/// queue: `B / (I + D)` requests end in each step, whatever waits.
///
/// | Symbol | Meaning |
/// |---|---|
/// | `n` | requests in the engine |
/// | `I`, `D` | prompt tokens to process and steps of generation of a mean request |
/// | `B` | tokens of a step at most |
/// | `w` | a request arrives while a step runs and waits for its end, and as long as its scheduler does not look ([`Intake`]); alone in the engine it does not wait |
///
/// # Assumptions
///
/// Requests are spread evenly over their lives: those that start together drift apart. Fixed lengths in a closed loop keep
/// waves of requests together for longer, which raises the time to the first token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mix {
    /// Requests in the engine.
    pub sequences: f64,
    /// Steps that one request's prompt takes.
    pub chunks: f64,
    /// Steps that a request waits before its prompt starts.
    pub wait: f64,
    /// Share of the steps that carry prompts, from the engine's view.
    pub mixed: f64,
    /// Share of a request's waiting and generating steps that carry other requests' prompts.
    pub disturbed: f64,
    /// A step with prompts.
    pub with_prompts: Step,
    /// A step that only generates; `None` where every step carries prompts.
    pub generation: Option<Step>,
}

/// How long a new request waits for the running step, in steps, when others are there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arriving {
    /// It replaces one that just ended: the next step has already started and is awaited whole.
    WithAStep,
    /// At any time: half a step on average.
    AtRandom,
}

impl Arriving {
    const fn wait(self, others: f64) -> f64 {
        let busy = others.clamp(0.0, 1.0);
        match self {
            Self::WithAStep => busy,
            Self::AtRandom => 0.5 * busy,
        }
    }
}

impl Mix {
    /// The steps of an engine with `sequences` (at least one) requests, a budget of so many tokens and that intake.
    pub fn new(
        sequences: f64,
        demand: &Demand,
        (budget, intake): (f64, Intake),
        arriving: Arriving,
    ) -> Self {
        let n = sequences.max(1.0);
        let (prompt, decode) = (demand.fresh.mean, demand.decode_steps);
        let busy = (n - 1.0).clamp(0.0, 1.0);
        let in_a_step = n / (1.0 + decode).max(1.0);
        let wait = arriving.wait(n - 1.0) + busy * intake.wait(in_a_step, prompt);
        let chunks = chunks(n, demand, budget, wait);
        let steps = wait + chunks + decode;
        let mixed = n * chunks / steps;
        if mixed <= 1.0 {
            let generating = decode / steps;
            let beside = (n - 1.0) * generating;
            // Steps without prompts hold the generating sequences that steps with prompts lack.
            let extra = (generating * mixed / (1.0 - mixed).max(1e-12)).min(1.0);
            let alone = n * generating + extra;
            return Self {
                sequences: n,
                chunks,
                wait,
                mixed,
                disturbed: ((n - 1.0) * chunks / (steps - chunks).max(1e-12)).min(1.0),
                with_prompts: step(demand, prompt / chunks, chunks, beside),
                generation: (decode > 0.0).then(|| step(demand, 0.0, 1.0, alone)),
            };
        }
        let ending = (n / steps).min(budget / (prompt + decode));
        let chunks = (1.0 / ending).clamp(1.0, chunks.max(1.0));
        let beside = ending * decode - (decode / steps) * (steps / n).min(1.0);
        Self {
            sequences: n,
            chunks,
            wait: (n / ending - chunks - decode).max(0.0),
            mixed: 1.0,
            disturbed: 1.0,
            with_prompts: step(demand, ending * prompt, chunks, beside.max(0.0)),
            generation: None,
        }
    }
}

/// Steps that a prompt takes, at least one: `k (B − n D / (a + k)) = I` with `a = w + D`, what generation leaves of each step.
fn chunks(n: f64, demand: &Demand, budget: f64, wait: f64) -> f64 {
    let (prompt, decode) = (demand.fresh.mean, demand.decode_steps);
    let others = wait + decode;
    if prompt + n * decode / (others + 1.0) <= budget {
        return 1.0;
    }
    // B k² + (a B − n D − I) k − I a = 0; the positive root.
    let b = others * budget - n * decode - prompt;
    let root = math::sqrt(b * b + 4.0 * budget * prompt * others);
    ((root - b) / (2.0 * budget)).max(1.0)
}

fn step(demand: &Demand, prompt_tokens: f64, chunks: f64, generating: f64) -> Step {
    let prefill = if prompt_tokens > 0.0 {
        demand.prompt_segment(prompt_tokens, chunks)
    } else {
        Segment::NONE
    };
    let decode = Segment {
        sequences: generating,
        new_tokens: 1.0,
        cached: demand.context,
    };
    Step::mixed(prefill, decode, prefill.sequences / chunks)
}

#[cfg(test)]
mod tests {
    use super::super::scheduler::Scheduler;
    use super::super::testing::{h100, runtime, workload};
    use super::*;
    use crate::scenario::{LoadMode, RuntimeName};

    fn mix(n: f64, isl: u64, osl: u64) -> Mix {
        let scheduler = Scheduler::new(&runtime(RuntimeName::Vllm), &h100());
        let demand = Demand::new(&workload(isl, osl, LoadMode::SingleStream), &scheduler);
        Mix::new(n, &demand, (8192.0, Intake::EachStep), Arriving::WithAStep)
    }

    #[test]
    fn one_request_neither_waits_nor_is_disturbed() {
        let mix = mix(1.0, 1024, 256);
        assert_eq!((mix.wait, mix.disturbed, mix.chunks), (0.0, 0.0, 1.0));
        assert_eq!(mix.with_prompts.decode.sequences, 0.0);
        let generation = mix.generation.expect("255 steps of generation");
        assert!((generation.decode.sequences - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_long_prompt_is_cut_to_the_budget() {
        let mix = mix(1.0, 20_000, 256);
        assert!((mix.chunks - 20_000.0 / 8192.0).abs() < 0.01, "{mix:?}");
    }

    #[test]
    fn prompts_never_exceed_the_budget() {
        let mix = mix(1000.0, 4096, 16);
        assert_eq!(mix.mixed, 1.0);
        let tokens = mix.with_prompts.tokens();
        assert!(tokens <= 8192.0 + 1.0, "{tokens}");
    }
}
