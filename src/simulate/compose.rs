//! Which requests are in the next step: room for those that generate, parts of prompts, and who is taken up.
//!
//! | Rule | Source |
//! |---|---|
//! | running requests first, waiting ones after; nobody is taken up in a step in which somebody was interrupted | vLLM 0.33, `vllm/v1/core/sched/scheduler.py` (`schedule`) |
//! | a waiting request needs free blocks for its whole prompt; the first that does not fit blocks those behind it | the same, and `vllm/v1/core/kv_cache_manager.py` (`allocate_slots`, `scheduler_reserve_full_isl`) |
//! | the request admitted last is interrupted first, and waits in front of all others | the same (`_preempt_request`) |
//! | prompts in steps of their own, one cut prompt at a time; expected outputs count with a falling share | SGLang 0.5.23, `srt/managers/schedule_policy.py` (`PrefillAdder`), `scheduler_components/new_token_ratio_tracker.py` |
//! | an interrupted request waits behind all others | SGLang, `srt/managers/schedule_batch.py` (`retract_decode`); it chooses the one with the fewest outputs, which is nearly always the one admitted last |
//!
//! # Assumptions
//!
//! The blocks of a prompt are taken when it is taken up, not part by part.

use super::cost::StepCost;
use super::engine::{Engine, Generates};
use super::rules::{Admission, Compose, Interrupted, Prompts};
use super::slots::{Origin, Stage};
use super::time::Nanos;

/// Most output tokens that admission expects of one request: SGLang, `CLIP_MAX_NEW_TOKENS`.
const MOST_EXPECTED: u64 = 4096;

impl<C: StepCost> Engine<C> {
    /// Chooses the prompt parts of the next step, and says whether there is generation in it.
    pub(super) fn compose(&mut self, now: Nanos) -> Generates {
        self.chunks.clear();
        self.join_loaded();
        let generates = self.generates();
        match self.rules.compose {
            Compose::Mixed => {
                let crowded = self.make_room_for_tick(now);
                let taken = self.take_for_tick(0);
                let generating = u64::from(self.decoding.count()) * (1 + self.acceptance.guessed());
                self.choose_prompts(
                    self.rules.max_tokens.saturating_sub(generating),
                    crowded,
                    now,
                );
                self.take_for_tick(taken);
            }
            Compose::PromptsFirst => {
                self.choose_prompts(self.rules.max_tokens, Crowded::No, now);
                if !self.chunks.is_empty() {
                    return Generates::No;
                }
                self.make_room_for_tick(now);
                self.take_for_tick(0);
            }
            Compose::GenerationFirst | Compose::Batchwise if generates == Generates::Yes => {
                self.make_room_for_tick(now);
                self.take_for_tick(0);
            }
            Compose::GenerationFirst | Compose::Batchwise => {
                self.choose_prompts(self.rules.max_tokens, Crowded::No, now);
                self.take_for_tick(0);
            }
        }
        self.generates()
    }

    /// Takes the blocks of the next tick, of which `taken` are taken; how many it takes in all.
    fn take_for_tick(&mut self, taken: u64) -> u64 {
        let blocks = self.blocks_in(1);
        self.pool.take(blocks - taken);
        blocks
    }

    /// Parts of prompts: those begun, then those waiting.
    fn choose_prompts(&mut self, mut budget: u64, crowded: Crowded, now: Nanos) {
        for place in &self.prompts {
            let left = self.slots.get(*place).left();
            let tokens = self.part_of(left, budget);
            if tokens > 0 {
                self.chunks.push((*place, tokens));
                budget = budget.saturating_sub(tokens);
            }
        }
        if crowded == Crowded::Yes || !self.looks() {
            return;
        }
        self.sort_waiting();
        let mut passed = Vec::new();
        while budget > 0 && self.slots.admitted() < self.rules.max_sequences {
            let Some(place) = self.next_waiting(&mut passed) else {
                break;
            };
            if !self.admit(place, &mut budget, now) {
                break;
            }
        }
        self.put_back(passed);
    }

    /// How many tokens of a prompt of which so many are left a step takes; none where it may not be cut and does not fit.
    ///
    /// A prompt that an interruption made longer than any step is taken alone once nothing else is in the step: whole prompts are
    /// admitted by their length alone, and it would wait forever otherwise.
    const fn part_of(&self, left: u64, budget: u64) -> u64 {
        let whole_step = self.rules.max_tokens;
        match self.rules.prompts {
            Prompts::Whole if left > whole_step && budget == whole_step => left,
            Prompts::Whole if left > budget => 0,
            Prompts::Whole => left,
            Prompts::Cut => {
                if left < budget {
                    left
                } else {
                    budget
                }
            }
        }
    }

    /// Orders those that wait by what the device has of their prompts, where the policy is that.
    fn sort_waiting(&mut self) {
        let (pool, slots) = (&self.pool, &self.slots);
        self.waiting.sort_by_found(|place| {
            let slot = slots.get(place);
            let hit = pool.look_up(slot.request.prefix.as_ref(), slot.target);
            hit.tokens - hit.host
        });
    }

    /// Takes up a waiting request, if it fits.
    fn admit(&mut self, place: u32, budget: &mut u64, now: Nanos) -> bool {
        let slot = self.slots.get(place);
        let hit = self.pool.look_up(slot.request.prefix.as_ref(), slot.target);
        // What it left in host memory when it was interrupted is there beside what others left on the device.
        let there = hit.tokens.max(self.host.left(place));
        let to_read = there - (hit.tokens - hit.host);
        let left = slot.target - there;
        let computed = slot.origin == Origin::Computed;
        let tokens = self.part_of(left, *budget);
        if computed && tokens == 0 && left > 0 {
            return false;
        }
        let own = self.first_blocks(place);
        let needed = own + hit.to_take + self.expected_beyond(place);
        if needed > self.pool.free() {
            return false;
        }
        self.waiting.pop();
        let prefix = self.slots.get(place).request.prefix.clone();
        self.pool.hold(prefix.as_ref());
        self.pool.take(own);
        if !computed {
            self.handover.want(place, left);
            return true;
        }
        let slot = self.slots.get_mut(place);
        if slot.scheduled == Nanos::NEVER {
            slot.scheduled = now;
            slot.cached = hit.tokens;
            slot.hosted = hit.host;
        }
        slot.done = there;
        if self.reads_from_host(place, to_read, now) {
            return true;
        }
        self.admit_slot(place);
        *budget = budget.saturating_sub(tokens);
        self.prompts.push(place);
        self.chunks.push((place, tokens));
        true
    }

    /// Blocks of the prompt that belong to named spans, while they are held.
    fn named_of(&self, place: u32) -> u64 {
        let slot = self.slots.get(place);
        let prompt = u64::from(slot.request.prompt);
        self.pool
            .look_up(slot.request.prefix.as_ref(), prompt)
            .named
    }

    /// Blocks beside named ones that a request takes when it is taken up.
    fn first_blocks(&self, place: u32) -> u64 {
        self.blocks_of(place, self.slots.get(place).target)
    }

    /// Blocks beside named ones that a running request holds with so many tokens in the cache.
    pub(super) fn blocks_of(&self, place: u32, tokens: u64) -> u64 {
        let slot = self.slots.get(place);
        let end = slot.final_tokens();
        let tokens = if self.sets_aside() { end } else { tokens };
        let footprint = &self.pool.footprint;
        // Guessed tokens have their places in the cache before they are checked (vLLM, `num_lookahead_tokens`).
        let tokens = tokens + self.acceptance.guessed();
        (footprint.blocks(tokens) + footprint.fixed(end)).saturating_sub(self.named_of(place))
    }

    /// True where the blocks of all outputs are taken with the prompt.
    pub(super) const fn sets_aside(&self) -> bool {
        matches!(self.rules.admission, Admission::ToTheEnd)
    }

    /// Blocks that must stay free beside a new request, for what it and running ones are expected to generate.
    fn expected_beyond(&self, place: u32) -> u64 {
        let Admission::Expected { .. } = self.rules.admission else {
            return 0;
        };
        if self.slots.admitted() == 0 {
            return 0;
        }
        let own = self.slots.get(place).to_generate().min(MOST_EXPECTED);
        let others = self.decoding.tokens_left() * self.expected;
        self.pool.footprint.blocks(own + others as u64)
    }

    /// Interrupts requests until every generating sequence can have its next token.
    fn make_room_for_tick(&mut self, now: Nanos) -> Crowded {
        let mut crowded = Crowded::No;
        while self.blocks_in(1) > self.pool.free() {
            let newest = self.slots.newest();
            self.interrupt(newest, now);
            crowded = Crowded::Yes;
        }
        crowded
    }

    /// New blocks that the next ticks take.
    pub(super) fn blocks_in(&self, ticks: u64) -> u64 {
        if self.sets_aside() {
            0
        } else {
            self.decoding.blocks_in(ticks) * self.pool.footprint.growing
        }
    }

    /// Takes a running request from the engine; it begins again later.
    fn interrupt(&mut self, place: u32, now: Nanos) {
        let unfinished = self.slots.get(place).stage == Stage::Prompt;
        let tokens = self.stop(place);
        let blocks = self.blocks_of(place, tokens);
        self.dismiss_slot(place);
        let computed = if unfinished {
            self.slots.get(place).done
        } else {
            tokens
        };
        self.leave_on_host(place, computed, now);
        let slot = self.slots.get_mut(place);
        let prefix = slot.request.prefix.clone();
        slot.preemptions += 1;
        slot.stage = Stage::Prompt;
        // What was sent is gone; it is computed here.
        slot.origin = Origin::Computed;
        slot.target = u64::from(slot.request.prompt) + slot.generated;
        slot.done = 0;
        self.pool.give(blocks, None);
        self.pool.release(prefix.as_ref());
        self.done.interruptions += 1;
        if let Admission::Expected { .. } = self.rules.admission {
            self.expected = 1.0;
        }
        match self.rules.interrupted {
            Interrupted::Front => self.waiting.push_front(place, &self.slots),
            Interrupted::Back => self.waiting.push(place, &self.slots),
        }
    }

    /// Takes a running request out of prompts or generation; the tokens it has in the cache.
    fn stop(&mut self, place: u32) -> u64 {
        if self.slots.get(place).stage != Stage::Generating {
            self.prompts.retain(|other| *other != place);
            return self.slots.get(place).target;
        }
        let last = self.gaps.last();
        let ticks = self.decoding.leave(place, &mut self.slots);
        let tokens = self.whole_tokens(place, ticks);
        let slot = self.slots.get_mut(place);
        slot.generated += tokens;
        if ticks > 0 {
            slot.last = last;
        } else {
            self.gaps.leaves(slot.last);
        }
        slot.target + tokens
    }
}

/// Whether somebody had to be interrupted for a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Crowded {
    Yes,
    No,
}
