//! What requests ask of a server, reduced to the moments the load models need.

use super::lengths::LengthGrid;
use super::scheduler::{PrefixCache, Scheduler};
use crate::ops::Segment;
use crate::scenario::LlmWorkload;

/// What one mean request asks of an engine.
#[derive(Debug, Clone, PartialEq)]
pub struct Demand {
    /// Prompt lengths.
    pub prompts: LengthGrid,
    /// Prompt tokens that have to be processed; the rest is in the prefix cache.
    pub fresh: LengthGrid,
    /// Output lengths.
    pub outputs: LengthGrid,
    /// Prompt tokens found in the prefix cache.
    pub cached: f64,
    /// Tokens and number of prefixes that are kept once for all requests.
    pub shared: (f64, f64),
    /// Mean steps of generation: the first token comes with the prompt.
    pub decode_steps: f64,
    /// Mean tokens in the cache of a generating sequence, over the time it generates.
    pub context: f64,
    /// Length of the prompt that a mean prompt token belongs to, `E[I²] / E[I]`; attention work of a step follows it.
    pub long_prompt: f64,
}

impl Demand {
    /// The demand of a workload under a runtime's prefix cache.
    ///
    /// Requests of a group share their first tokens, whole blocks of which are found in the cache by all but the first
    /// request of the group (`PagedAttention`, Kwon et al., arXiv 2309.06180, section 4.4; `RadixAttention`, Zheng et al., arXiv
    /// 2312.07104). Where the number of requests is not stated, the first ones do not count.
    pub fn new(workload: &LlmWorkload, scheduler: &Scheduler) -> Self {
        let prompts = LengthGrid::new(&workload.isl);
        let outputs = LengthGrid::new(&workload.osl);
        let (cached, shared) = prefix(workload, scheduler);
        let fresh = if cached > 0.0 {
            prompts.beyond(cached, 1.0)
        } else {
            prompts.clone()
        };
        let decode_steps = (outputs.mean - 1.0).max(0.0);
        // Σ over the O − 1 steps of what is cached: I, I + 1, …; prompts and outputs are drawn independently.
        let context = if decode_steps > 0.0 {
            let pairs = outputs.square - 3.0 * outputs.mean + 2.0;
            prompts.mean + 0.5 * pairs.max(0.0) / decode_steps
        } else {
            prompts.mean
        };
        Self {
            long_prompt: fresh.square / fresh.mean,
            prompts,
            fresh,
            outputs,
            cached,
            shared,
            decode_steps,
            context,
        }
    }

    /// The prompt part of a step with `tokens` prompt tokens, when a prompt takes `chunks` steps.
    ///
    /// The parts of a chunked prompt see its earlier parts: on average `(chunks − 1) / 2` of them.
    pub fn prompt_segment(&self, tokens: f64, chunks: f64) -> Segment {
        let part = self.long_prompt / chunks;
        Segment {
            sequences: tokens / part,
            new_tokens: part,
            cached: self.cached + 0.5 * (chunks - 1.0) * part,
        }
    }

    /// Mean tokens of a request when it ends.
    pub fn final_tokens(&self) -> f64 {
        self.prompts.mean + self.outputs.mean
    }
}

fn prefix(workload: &LlmWorkload, scheduler: &Scheduler) -> (f64, (f64, f64)) {
    let Some(prefix) = workload.shared_prefix else {
        return (0.0, (0.0, 0.0));
    };
    if scheduler.prefix_cache == PrefixCache::Off {
        return (0.0, (0.0, 0.0));
    }
    let whole = libm::floor(prefix.tokens as f64 / scheduler.block) * scheduler.block;
    let groups = prefix.groups.max(1) as f64;
    let hits = workload.load.requests.map_or(1.0, |requests| {
        (1.0 - groups / (requests as f64).max(groups)).max(0.0)
    });
    (whole * hits, (whole, groups))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, runtime, workload};
    use super::*;
    use crate::scenario::{LoadMode, RuntimeName, SharedPrefix};

    #[test]
    fn contexts_grow_by_one_each_step() {
        let scheduler = Scheduler::new(&runtime(RuntimeName::Vllm), &h100());
        let demand = Demand::new(&workload(100, 5, LoadMode::SingleStream), &scheduler);
        // Four steps after 100, 101, 102 and 103 tokens.
        assert_eq!((demand.decode_steps, demand.context), (4.0, 101.5));
    }

    #[test]
    fn a_shared_prefix_is_processed_once() {
        let scheduler = Scheduler::new(&runtime(RuntimeName::Vllm), &h100());
        let mut load = workload(1000, 10, LoadMode::Concurrency(8));
        load.shared_prefix = Some(SharedPrefix {
            tokens: 250,
            groups: 2,
        });
        let demand = Demand::new(&load, &scheduler);
        // 250 tokens are 15 whole blocks of 16.
        assert_eq!((demand.cached, demand.fresh.mean), (240.0, 760.0));
    }
}
