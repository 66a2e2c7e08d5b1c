//! One engine: a pure state machine with a queue, a cache, and a step under way.

use super::adapters::InUse;
use super::cost::StepCost;
use super::decoding::{Decoding, TOKEN};
use super::done::Done;
use super::gaps::{Gaps, Row};
use super::handover::Handover;
use super::host::HostSide;
use super::kv::Pool;
use super::looking::Looking;
use super::request::{Finished, Observer, Request, StepSpan};
use super::rules::{Admission, Compose, Prompts, Rules};
use super::slots::{Slots, Stage};
use super::speculation::Acceptance;
use super::time::Nanos;
use super::waiting::Waiting;
use crate::perf::Busy;

/// A step under way, or equal steps in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct UnderWay {
    pub start: Nanos,
    pub end: Nanos,
    /// Generation steps in it.
    pub row: Option<Row>,
    pub prompt_tokens: u64,
    pub price: Busy,
}

/// One engine; `C` prices its steps.
#[derive(Debug, Clone)]
pub struct Engine<C> {
    pub(super) id: u32,
    pub(super) rules: Rules,
    pub(super) cost: C,
    pub(super) pool: Pool,
    pub(super) slots: Slots,
    pub(super) waiting: Waiting,
    /// Admitted requests whose prompt is not yet whole, in order of admission.
    pub(super) prompts: Vec<u32>,
    pub(super) decoding: Decoding,
    /// How many tokens a tick brings.
    pub(super) acceptance: Acceptance,
    /// Parts of tokens that ticks brought.
    parts: u64,
    /// Tokens that came with prompts.
    firsts: u64,
    /// Prompt parts of the step under way.
    pub(super) chunks: Vec<(u32, u64)>,
    /// The share of expected outputs that admission counts.
    pub(super) expected: f64,
    under_way: Option<UnderWay>,
    pub(super) gaps: Gaps,
    pub(super) done: Done,
    ended: Vec<u32>,
    /// What it exchanges with engines of another phase.
    pub(super) handover: Handover,
    pub(super) adapters: InUse,
    /// What it has to do with host memory.
    pub(super) host: HostSide,
    pub(super) looking: Looking,
}

impl<C: StepCost> Engine<C> {
    /// An idle engine.
    pub fn new(id: u32, rules: Rules, pool: Pool, cost: C) -> Self {
        Self {
            id,
            cost,
            slots: Slots::new(),
            waiting: Waiting::new(rules.order),
            prompts: Vec::new(),
            decoding: Decoding::new(pool.footprint.block, 0),
            acceptance: Acceptance::none(),
            parts: 0,
            firsts: 0,
            chunks: Vec::new(),
            expected: match rules.admission {
                Admission::Expected { first, .. } => first,
                Admission::Prompt | Admission::ToTheEnd => 1.0,
            },
            under_way: None,
            gaps: Gaps::default(),
            done: Done::default(),
            ended: Vec::new(),
            handover: Handover::default(),
            adapters: InUse::default(),
            host: HostSide::default(),
            looking: Looking::default(),
            rules,
            pool,
        }
    }

    /// The same idle engine, whose ticks bring several tokens.
    #[must_use]
    pub fn speculating(mut self, acceptance: Acceptance) -> Self {
        self.decoding = Decoding::new(self.pool.footprint.block, acceptance.guessed());
        self.acceptance = acceptance;
        self
    }

    /// A request has come. One that the cache cannot hold at its end, or the model in its context, is rejected.
    pub fn submit(&mut self, request: Request, observer: &mut impl Observer) {
        if !self.can_serve(&request) {
            observer.rejected(&request);
            return;
        }
        let place = self.slots.insert(request);
        self.waiting.push(place, &self.slots);
    }

    /// True where the cache can hold a request at its end, and a step its prompt.
    pub fn can_serve(&self, request: &Request) -> bool {
        let end = u64::from(request.prompt) + u64::from(request.output);
        let written = end + self.acceptance.guessed();
        end <= self.rules.max_context
            && self.pool.footprint.whole(written) <= self.pool.capacity()
            && self.fits_a_step(request)
    }

    fn fits_a_step(&self, request: &Request) -> bool {
        match self.rules.prompts {
            Prompts::Cut => true,
            Prompts::Whole => u64::from(request.prompt) <= self.rules.max_tokens,
        }
    }

    /// When the step under way ends, or where the engine is idle something it waits for is read from host memory; `None` where
    /// nothing happens by itself.
    pub fn next_event(&self) -> Option<Nanos> {
        match self.under_way {
            Some(step) => Some(step.end),
            None => self.host.next_landing(),
        }
    }

    /// True where no step is under way and somebody waits for one.
    pub fn is_ready(&self) -> bool {
        let somebody = self.waiting.len() > 0 || self.slots.admitted() > 0;
        self.under_way.is_none() && (somebody || self.handover.has_loaded())
    }

    /// Requests that wait or run.
    pub fn load(&self) -> u64 {
        self.waiting.len() as u64 + u64::from(self.slots.admitted()) + self.handover.inside()
    }

    /// Requests that wait.
    pub fn queue(&self) -> usize {
        self.waiting.len()
    }

    /// Prompt tokens of the request that are in the cache.
    pub fn found(&self, request: &Request) -> u64 {
        let prompt = u64::from(request.prompt);
        self.pool.look_up(request.prefix.as_ref(), prompt).tokens
    }

    /// What it has done since the start.
    pub const fn done(&self) -> &Done {
        &self.done
    }

    /// True where nobody generates while prompts are processed.
    pub fn stops_for_prompts(&self) -> bool {
        self.rules.compose == Compose::PromptsFirst
    }

    /// Its cache.
    pub const fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Starts the next step of an idle engine. `horizon` is the earliest time at which something else may happen: equal steps in a
    /// row end with the first that reaches it.
    pub fn start(&mut self, now: Nanos, horizon: Nanos) {
        if let Some(generates) = self.prepare(now) {
            self.launch(now, generates, horizon);
        }
    }

    /// Chooses what the next step of an idle engine has; `None` where that is nothing.
    pub(super) fn prepare(&mut self, now: Nanos) -> Option<Generates> {
        debug_assert!(self.under_way.is_none(), "an idle engine starts a step");
        loop {
            let generates = self.compose(now);
            if generates == Generates::Yes || !self.chunks.is_empty() {
                return Some(generates);
            }
            // The last one that generated may have been interrupted for want of blocks that others hold, who join in its place.
            if !self.may_join() {
                return None;
            }
        }
    }

    /// Begins the step that was chosen.
    pub(super) fn launch(&mut self, now: Nanos, generates: Generates, horizon: Nanos) {
        let step = if self.chunks.is_empty() {
            let lands = self.host.next_landing().unwrap_or(Nanos::NEVER);
            self.row(now, horizon.min(lands))
        } else {
            self.step_with_prompts(now, generates)
        };
        self.under_way = Some(step);
    }

    /// Ends the step under way: tokens appear, requests that have them all leave. Without one, what was read is there.
    ///
    /// # Panics
    ///
    /// Where nothing happens by itself; [`Self::next_event`] tells.
    pub fn advance(&mut self, observer: &mut impl Observer) {
        let now = self.next_event().expect("something happens");
        let Some(step) = self.under_way.take() else {
            self.land(now);
            return;
        };
        let sequences = self.decoding.count();
        let occupancy = self.pool.held() as f64 / self.pool.capacity().max(1) as f64;
        self.account(&step, sequences);
        if let Some(row) = &step.row {
            self.gaps.tick(row, sequences, now, observer);
            self.tick(row.ticks, now, observer);
        }
        self.finish_prompts(now, observer);
        self.land(now);
        observer.step(&StepSpan {
            engine: self.id,
            start: step.start,
            end: now,
            steps: step.row.map_or(1, |row| row.ticks),
            generating: if step.row.is_some() { sequences } else { 0 },
            prompt_tokens: step.prompt_tokens,
            waiting: self.waiting.len() as u32,
            occupancy,
        });
    }

    fn account(&mut self, step: &UnderWay, sequences: u32) {
        let ticks = step.row.map_or(0, |row| row.ticks);
        if step.prompt_tokens > 0 {
            self.had_prompts();
        } else {
            self.generated_alone(ticks);
        }
        let done = &mut self.done;
        let parts = self.decoding.parts_in(ticks);
        done.steps += ticks.max(1);
        done.generation_steps += ticks;
        done.sequence_steps += ticks * u64::from(sequences);
        done.prompts += step.prompt_tokens;
        let phase = if step.prompt_tokens > 0 {
            &mut done.with_prompts
        } else {
            done.generated_alone += parts / TOKEN;
            &mut done.generation
        };
        *phase = phase.plus(step.price);
        done.block_seconds += self.pool.held() as f64 * step.end.since(step.start).seconds();
        done.peak_blocks = done.peak_blocks.max(self.pool.held());
        if let Some(host) = self.pool.host() {
            done.peak_host = host.most();
        }
    }

    /// All generating sequences get the tokens of `ticks` ticks.
    fn tick(&mut self, ticks: u64, now: Nanos, observer: &mut impl Observer) {
        self.parts += self.decoding.parts_in(ticks);
        self.fall(ticks);
        let mut ended = std::mem::take(&mut self.ended);
        self.decoding.advance(ticks, &mut self.slots, &mut ended);
        // Those that joined first leave first.
        for place in ended.drain(..).rev() {
            let slot = self.slots.get(place);
            self.parts -= slot.ticks * slot.pace - slot.to_generate() * TOKEN;
            self.count_generated();
            self.finish(place, now, observer);
        }
        self.ended = ended;
        self.count_generated();
    }

    fn count_generated(&mut self) {
        self.done.generated = self.firsts + self.parts / TOKEN;
    }

    /// A sequence stops after so many ticks: the part of a token that it had is lost. How many tokens it got.
    pub(super) fn whole_tokens(&mut self, place: u32, ticks: u64) -> u64 {
        let parts = ticks * self.slots.get(place).pace;
        self.parts -= parts % TOKEN;
        self.count_generated();
        parts / TOKEN
    }

    /// Expected outputs count less the longer nobody was interrupted.
    fn fall(&mut self, ticks: u64) {
        if let Admission::Expected {
            first,
            least,
            steps,
        } = self.rules.admission
        {
            self.expected = (self.expected - (first - least) / steps * ticks as f64).max(least);
        }
    }

    fn finish_prompts(&mut self, now: Nanos, observer: &mut impl Observer) {
        let chunks = std::mem::take(&mut self.chunks);
        for (place, tokens) in &chunks {
            let slot = self.slots.get_mut(*place);
            slot.done += tokens;
            if slot.left() == 0 {
                self.prompts.retain(|other| other != place);
                self.first_token(*place, now, observer);
            }
        }
        self.chunks = chunks;
        self.chunks.clear();
    }

    /// A prompt is whole: its next token appears with it.
    fn first_token(&mut self, place: u32, now: Nanos, observer: &mut impl Observer) {
        let slot = self.slots.get_mut(place);
        if slot.first == Nanos::NEVER {
            slot.first = now;
        } else {
            observer.gap(now.since(slot.last), 1);
        }
        slot.last = now;
        slot.generated += 1;
        let left = slot.to_generate();
        self.firsts += 1;
        self.count_generated();
        if left == 0 {
            self.finish(place, now, observer);
            return;
        }
        self.join(place);
        self.gaps.joins(now);
    }

    /// A request whose tokens are all in the cache generates from the next step on.
    pub(super) fn join(&mut self, place: u32) {
        let slot = self.slots.get_mut(place);
        slot.stage = Stage::Generating;
        (slot.ticks, slot.pace) = self.acceptance.pace(slot.request.index, slot.to_generate());
        self.decoding.join(place, &mut self.slots);
    }

    /// A request has all its tokens.
    fn finish(&mut self, place: u32, now: Nanos, observer: &mut impl Observer) {
        self.dismiss_slot(place);
        if self.hands_over() {
            self.hand_over(place, now);
            return;
        }
        let slot = self.slots.get(place);
        let finished = Finished {
            request: slot.request.clone(),
            engine: self.id,
            scheduled: slot.scheduled,
            first: slot.first,
            last: now,
            preemptions: slot.preemptions,
            cached: slot.cached as u32,
            hosted: slot.hosted as u32,
            moved: slot.moved,
        };
        self.clear(place);
        observer.finished(&finished);
    }

    /// Gives back what a request holds that has all its tokens here.
    pub(super) fn clear(&mut self, place: u32) {
        let slot = self.slots.get(place);
        let blocks = self.blocks_of(place, slot.final_tokens());
        let (prefix, leaves) = (slot.request.prefix.clone(), slot.request.leaves);
        self.pool.give(blocks, leaves);
        self.pool.release(prefix.as_ref());
        self.slots.retire(place);
    }

    /// Whether there is generation in the next step.
    pub(super) fn generates(&self) -> Generates {
        if self.decoding.count() > 0 {
            Generates::Yes
        } else {
            Generates::No
        }
    }
}

/// Whether there is generation in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generates {
    Yes,
    No,
}
