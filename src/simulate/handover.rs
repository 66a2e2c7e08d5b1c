//! Requests that change engines between prompt and generation.
//!
//! | Rule | Source |
//! |---|---|
//! | a request in the engine for prompts ends with its first token; its blocks stay until the other engine has read them | vLLM 0.33, `vllm/v1/core/sched/scheduler.py` (`_free_request`, `finished_sending`) and `vllm/distributed/kv_transfer/kv_connector/v1/nixl_connector.py` |
//! | the engine that generates takes the blocks of the whole prompt when it takes a request up, and the cache is read then | the same (`WAITING_FOR_REMOTE_KVS`); SGLang `python/sglang/srt/disaggregation/decode.py` (`DecodePreallocQueue`, `DecodeTransferQueue`) |
//! | while it is read a request counts for no sequence of a step; it joins in the step after | the same |
//! | one that is interrupted afterwards is processed again where it is | vLLM, `_preempt_request`: computed tokens are forgotten and nothing is fetched twice |
//!
//! # Assumptions
//!
//! The first token counts when the engine for prompts has it, as SGLang and TensorRT-LLM compute it there and hand it on
//! (`python/sglang/srt/disaggregation/prefill.py`; TensorRT-LLM `docs/source/features/disagg-serving.md`, `first_gen_tokens`). A front
//! end that streams from the engine for generation alone shows it later, by the transfer.

use std::collections::VecDeque;

use super::cost::StepCost;
use super::engine::Engine;
use super::request::Request;
use super::slots::Origin;
use super::time::Nanos;

/// What an engine does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Role {
    /// It serves them to the end, or from where another engine left them.
    #[default]
    ToTheEnd,
    /// It hands them over with their first token.
    Prompts,
}

/// What an engine exchanges with engines of another phase.
#[derive(Debug, Clone, Default)]
pub(super) struct Handover {
    role: Role,
    /// Requests with their first token that nobody has taken over yet.
    out: Vec<u32>,
    /// Requests whose blocks are taken and whose cache is to be read, with the tokens of it.
    wanted: Vec<(u32, u64)>,
    /// Requests whose cache is being read.
    loading: u64,
    /// Requests whose cache is there and that have not joined yet.
    loaded: VecDeque<u32>,
}

/// A request with its first token, on its way to the engine that generates.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Handed {
    /// Its slot in the engine it leaves, whose blocks it holds.
    pub place: u32,
    /// The request.
    pub request: Request,
    /// When it was first taken up.
    pub scheduled: Nanos,
    /// When its first token was there.
    pub first: Nanos,
    /// How often it was interrupted.
    pub preemptions: u32,
    /// Prompt tokens found in the cache.
    pub cached: u64,
    /// Of these, tokens found in host memory.
    pub hosted: u64,
    /// Blocks of it that went to host memory when it was interrupted.
    pub moved: u64,
}

impl Handover {
    /// True where a request may join.
    pub fn has_loaded(&self) -> bool {
        !self.loaded.is_empty()
    }

    /// Requests that hold blocks and are in no step.
    pub fn inside(&self) -> u64 {
        self.wanted.len() as u64 + self.loading + self.loaded.len() as u64
    }

    /// The cache of a request is being read.
    pub const fn loads(&mut self) {
        self.loading += 1;
    }

    /// A request has its blocks; so many tokens of its cache are to be read.
    pub fn want(&mut self, place: u32, tokens: u64) {
        self.wanted.push((place, tokens));
    }
}

impl<C: StepCost> Engine<C> {
    /// The same engine, which hands requests over with their first token.
    pub(super) fn for_prompts(mut self) -> Self {
        self.handover.role = Role::Prompts;
        self
    }

    pub(super) fn hands_over(&self) -> bool {
        self.handover.role == Role::Prompts
    }

    /// A request has its first token here; its blocks stay.
    pub(super) fn hand_over(&mut self, place: u32, now: Nanos) {
        self.slots.get_mut(place).last = now;
        self.handover.out.push(place);
    }

    /// Requests that have had their first token since the last call.
    pub(super) fn take_handed(&mut self) -> Vec<Handed> {
        let out = std::mem::take(&mut self.handover.out);
        let handed = out.into_iter().map(|place| {
            let slot = self.slots.get(place);
            Handed {
                place,
                request: slot.request.clone(),
                scheduled: slot.scheduled,
                first: slot.first,
                preemptions: slot.preemptions,
                cached: slot.cached,
                hosted: slot.hosted,
                moved: slot.moved,
            }
        });
        handed.collect()
    }

    /// A request whose prompt another engine has processed waits for blocks here.
    pub(super) fn accept(&mut self, handed: &Handed) {
        let place = self.slots.insert(handed.request.clone());
        let slot = self.slots.get_mut(place);
        slot.origin = Origin::Sent;
        slot.scheduled = handed.scheduled;
        slot.first = handed.first;
        slot.last = handed.first;
        slot.preemptions = handed.preemptions;
        slot.cached = handed.cached;
        slot.hosted = handed.hosted;
        slot.moved = handed.moved;
        slot.generated = 1;
        self.waiting.push(place, &self.slots);
    }

    /// Requests whose cache is to be read since the last call: slot, position in the order of arrival, tokens.
    pub(super) fn take_wanted(&mut self) -> Vec<(u32, u64, u64)> {
        let wanted = std::mem::take(&mut self.handover.wanted);
        self.handover.loading += wanted.len() as u64;
        let wanted = wanted.into_iter();
        wanted
            .map(|(place, tokens)| (place, self.slots.get(place).request.index, tokens))
            .collect()
    }

    /// The cache of a request is there.
    pub(super) fn loaded(&mut self, place: u32) {
        self.handover.loading -= 1;
        self.handover.loaded.push_back(place);
    }

    /// Requests whose cache is there generate from the next step on, or have the rest of their prompt processed, as far as the rules
    /// let them.
    pub(super) fn join_loaded(&mut self) {
        while self.slots.admitted() < self.rules.max_sequences {
            let Some(place) = self.next_loaded() else {
                return;
            };
            self.admit_slot(place);
            let slot = self.slots.get(place);
            if slot.left() > 0 && slot.origin == Origin::Computed {
                self.prompts.push(place);
            } else {
                self.gaps.joins(slot.last);
                self.join(place);
            }
        }
    }

    /// True where a request joins when the next step is chosen.
    pub(super) fn may_join(&self) -> bool {
        self.slots.admitted() < self.rules.max_sequences && self.first_loaded().is_some()
    }

    /// Takes the first request whose cache is there and whose adapter may run.
    fn next_loaded(&mut self) -> Option<u32> {
        let first = self.first_loaded()?;
        self.handover.loaded.remove(first)
    }

    fn first_loaded(&self) -> Option<usize> {
        self.handover.loaded.iter().position(|place| {
            let index = self.slots.get(*place).request.index;
            !self.adapters.is_shut_out(index)
        })
    }
}
