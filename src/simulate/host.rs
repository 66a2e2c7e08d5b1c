//! The way between the device and host memory: what interrupted requests leave, and what comes back.
//!
//! | Rule | Source |
//! |---|---|
//! | a prompt that goes on in host memory holds its blocks and is read while others run; it joins in the step after | vLLM 0.33, `vllm/v1/core/sched/scheduler.py` (`WAITING_FOR_REMOTE_KVS`), `docs/features/kv_offloading_usage.md` (transfers run beside the model) |
//! | an interrupted request is moved whole and goes on where it was (`preemption_mode: swap` with `swap_space`) | vLLM 0.6, `vllm/core/scheduler.py` (`_preempt_by_swap`, `_schedule_swapped`) |
//! | of an interrupted request the blocks of its prompt are in host memory, its outputs are processed again | vLLM 0.33, `docs/features/kv_offloading_usage.md` (`offload_prompt_only`) |
//! | of an interrupted request nothing is kept | SGLang, `srt/managers/schedule_batch.py` (`retract_decode`); TensorRT-LLM is taken to do so too |
//!
//! # Assumptions
//!
//! One thing is read after another over the link of each device, at its rate without a time for the first byte. What a request left
//! stays in host memory until it goes on, which costs one more token: its last one has no entry in the cache yet. SGLang begins to
//! process the rest of a prompt while its first layers arrive, and TensorRT-LLM waits for a read inside the step; both are taken
//! as reads beside the steps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::cost::StepCost;
use super::engine::Engine;
use super::host_tier::{Evicts, HostTier};
use super::time::Nanos;
use crate::scenario::Kept;

/// Host memory of one engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HostMemory {
    /// Blocks of its cache that it holds.
    pub blocks: u64,
    /// Seconds in which a block crosses the link.
    pub block_seconds: f64,
    /// What is kept of interrupted requests.
    pub kept: Kept,
    /// Where evicted prompts go.
    pub prompts: Evicts,
}

/// What an interrupted request left in host memory.
#[derive(Debug, Clone, Copy)]
struct Left {
    tokens: u64,
    blocks: u64,
    /// Of these, blocks of windows and states.
    fixed: u64,
    /// When all of it is there.
    there: Nanos,
}

/// What an engine has to do with host memory.
#[derive(Debug, Clone, Default)]
pub(super) struct HostSide {
    memory: Option<HostMemory>,
    /// By slot.
    left: BTreeMap<u32, Left>,
    /// Until when the link is busy in each direction.
    reading: Nanos,
    writing: Nanos,
    /// What is read: when it is there, a number that orders equals, and whose.
    flights: BinaryHeap<Reverse<(Nanos, u64, u32)>>,
    sent: u64,
}

impl HostSide {
    /// When the next request is whole again.
    pub fn next_landing(&self) -> Option<Nanos> {
        self.flights.peek().map(|Reverse((end, ..))| *end)
    }

    /// Tokens that an interrupted request left in host memory.
    pub fn left(&self, place: u32) -> u64 {
        self.left.get(&place).map_or(0, |left| left.tokens)
    }
}

impl<C: StepCost> Engine<C> {
    /// The same idle engine with host memory beside its cache.
    #[must_use]
    pub fn with_host(mut self, memory: HostMemory) -> Self {
        self.pool
            .add_host(HostTier::new(memory.blocks, memory.prompts));
        self.host.memory = Some(memory);
        self
    }

    /// Keeps what it may of a request that is interrupted with so many tokens in the cache.
    pub(super) fn leave_on_host(&mut self, place: u32, tokens: u64, now: Nanos) {
        let Some(memory) = self.host.memory else {
            return;
        };
        let slot = self.slots.get(place);
        let block = u64::from(self.pool.footprint.block);
        let (tokens, fixed) = match memory.kept {
            Kept::Nothing => return,
            Kept::Prompt => (
                tokens.min(u64::from(slot.request.prompt)) / block * block,
                0,
            ),
            Kept::All => (tokens, self.pool.footprint.fixed(slot.final_tokens())),
        };
        let blocks = self.pool.footprint.blocks(tokens) + fixed;
        if tokens == 0 || !self.pool.keep_on_host(blocks) {
            return;
        }
        let there = match memory.kept {
            // It was copied as it was computed.
            Kept::Nothing | Kept::Prompt => now,
            Kept::All => {
                let seconds = memory.block_seconds * blocks as f64;
                self.host.writing = self
                    .host
                    .writing
                    .max(now)
                    .after(Nanos::from_seconds(seconds));
                self.host.writing
            }
        };
        let left = Left {
            tokens,
            blocks,
            fixed,
            there,
        };
        self.host.left.insert(place, left);
        self.slots.get_mut(place).moved += blocks;
    }

    /// Begins to read so many tokens of a request whose blocks are taken, and forgets what it had left; true where there is something
    /// to read.
    pub(super) fn reads_from_host(&mut self, place: u32, tokens: u64, now: Nanos) -> bool {
        let Some(memory) = self.host.memory else {
            return false;
        };
        let mut begin = now.max(self.host.reading);
        let mut blocks = self.pool.footprint.blocks(tokens);
        if let Some(left) = self.host.left.remove(&place) {
            begin = begin.max(left.there);
            blocks += left.fixed;
            self.pool.give_back_to_host(left.blocks);
        }
        if tokens == 0 {
            return false;
        }
        let end = begin.after(Nanos::from_seconds(memory.block_seconds * blocks as f64));
        self.host.reading = end;
        self.host
            .flights
            .push(Reverse((end, self.host.sent, place)));
        self.host.sent += 1;
        self.handover.loads();
        self.done.read_blocks += blocks;
        true
    }

    /// What is whole again by now may join.
    pub(super) fn land(&mut self, now: Nanos) {
        while let Some(Reverse((end, _, place))) = self.host.flights.peek().copied() {
            if end > now {
                return;
            }
            self.host.flights.pop();
            self.loaded(place);
        }
    }
}

#[cfg(test)]
impl<C: StepCost> Engine<C> {
    /// Requests that left something in host memory.
    pub(super) fn left_on_host(&self) -> usize {
        self.host.left.len()
    }
}
