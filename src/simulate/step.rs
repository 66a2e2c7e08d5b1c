//! The price of the next step, and how many equal ones follow it.

use super::cost::StepCost;
use super::engine::{Engine, Generates, UnderWay};
use super::gaps::Row;
use super::rules::Admission;
use super::time::Nanos;
use crate::ops::{Segment, Step};
use crate::perf::Busy;

/// A middle this close to the chord lies on it.
const STRAIGHT: f64 = 1e-9;

/// Ticks so few that no price bends between their ends.
const SHORT: u64 = 16;

/// Steps in a row where admission depends on how far others are.
const FEW: u64 = 8;

/// What a row of ticks costs at its ends.
struct Ends {
    ticks: u64,
    first: Busy,
    last: Busy,
}

impl<C: StepCost> Engine<C> {
    /// One step with prompt parts, and generation beside them where the rules have it.
    pub(super) fn step_with_prompts(&mut self, now: Nanos, generates: Generates) -> UnderWay {
        let mut prompts = PromptSums::default();
        for (place, tokens) in &self.chunks {
            let slot = self.slots.get(*place);
            prompts.add(*tokens as f64, slot.done as f64, *tokens == slot.left());
        }
        let decode = match generates {
            Generates::Yes => self.generation(0),
            Generates::No => Segment::NONE,
        };
        let price = self.in_micro_batches(&prompts, decode);
        let row = (generates == Generates::Yes).then(|| Self::row_of(now, 1, (price, price)));
        let seconds = price.total();
        UnderWay {
            start: now,
            end: now.after(Nanos::from_seconds(seconds)),
            row,
            prompt_tokens: prompts.tokens as u64,
            price,
        }
    }

    /// Steps that only generate, until one ends a sequence, the cache has no more room, or the horizon is reached.
    pub(super) fn row(&mut self, now: Nanos, horizon: Nanos) -> UnderWay {
        let first = self.price_in(0);
        let mut most = self.decoding.until_end().expect("somebody generates");
        // Steps get longer as contexts grow, so no more than this many begin before the horizon.
        let room = horizon.since(now).seconds() / first.total().max(1e-12);
        most = most.min(libm::ceil(room).max(1.0) as u64);
        if self.waiting.len() > 0 && matches!(self.rules.admission, Admission::Expected { .. }) {
            most = most.min(FEW);
        }
        if self.waiting.len() > 0 {
            most = most.min(self.steps_until_look().max(1));
        }
        most = self.ticks_with_room(most);
        let ends = self.straight(first, most);
        let row = Self::row_of(now, ends.ticks, (ends.first, ends.last));
        let ticks = reaching(&row, horizon);
        let share = if row.ticks > 1 {
            (ticks - 1) as f64 / (row.ticks - 1) as f64
        } else {
            0.0
        };
        let last = mix(ends.first, ends.last, share);
        let row = Self::row_of(now, ticks, (ends.first, last));
        // Those of the first were taken when the step was composed.
        self.pool.take(self.blocks_in(ticks) - self.blocks_in(1));
        UnderWay {
            start: now,
            end: now.after(Nanos::from_seconds(row.seconds(ticks))),
            row: Some(row),
            prompt_tokens: 0,
            price: mix(ends.first, last, 0.5).times(ticks as f64),
        }
    }

    const fn row_of(start: Nanos, ticks: u64, (first, last): (Busy, Busy)) -> Row {
        Row {
            start,
            ticks,
            first: first.total(),
            last: last.total(),
        }
    }

    /// The generating sequences after so many ticks.
    fn generation(&self, ticks: u64) -> Segment {
        let sequences = f64::from(self.decoding.count());
        Segment {
            sequences,
            new_tokens: 1.0 + self.acceptance.guessed() as f64,
            cached: self.decoding.context_in(ticks) / sequences.max(1.0),
        }
    }

    fn price_in(&self, ticks: u64) -> Busy {
        let decode = self.generation(ticks);
        self.cost.price(&Step::mixed(Segment::NONE, decode, 0.0))
    }

    /// The most ticks up to `most` that the cache has room for; one always has, as the step was composed with it.
    fn ticks_with_room(&self, most: u64) -> u64 {
        let free = self.pool.free() + self.blocks_in(1);
        if self.blocks_in(most) <= free {
            return most;
        }
        let (mut fits, mut fails) = (1, most);
        while fits + 1 < fails {
            let middle = fits + (fails - fits) / 2;
            if self.blocks_in(middle) <= free {
                fits = middle;
            } else {
                fails = middle;
            }
        }
        fits
    }

    /// The longest stretch of at most `most` ticks, found by halving, whose prices lie on a straight line.
    fn straight(&self, first: Busy, most: u64) -> Ends {
        let mut ticks = most;
        let mut last = if ticks > 1 {
            self.price_in(ticks - 1)
        } else {
            first
        };
        while ticks > SHORT {
            let middle = (ticks - 1) / 2;
            let found = self.price_in(middle);
            let share = middle as f64 / (ticks - 1) as f64;
            let chord = mix(first, last, share).total();
            if (found.total() - chord).abs() <= STRAIGHT * chord {
                break;
            }
            ticks = middle + 1;
            last = found;
        }
        Ends { ticks, first, last }
    }

    /// The price of prompts and generation together, in as many parts as the model takes tokens at once.
    ///
    /// llama.cpp computes a batch in micro-batches of `n_ubatch` tokens, generation first (`src/llama-context.cpp`, `decode`).
    fn in_micro_batches(&self, prompts: &PromptSums, decode: Segment) -> Busy {
        let total = prompts.tokens + decode.tokens();
        let most = self.rules.micro_batch as f64;
        if total <= most {
            return self.cost.price(&prompts.step(decode));
        }
        let parts = libm::ceil(total / most);
        let beside = (most - decode.tokens()).max(0.0).min(prompts.tokens);
        let first = prompts.part(beside / prompts.tokens, 0.0);
        let rest = prompts.part(
            (prompts.tokens - beside) / prompts.tokens / (parts - 1.0),
            prompts.finishing / (parts - 1.0),
        );
        let mixed = self.cost.price(&first.step(decode));
        mixed.plus(
            self.cost
                .price(&rest.step(Segment::NONE))
                .times(parts - 1.0),
        )
    }
}

/// The fewest steps of a row that reach the horizon, all of them where none does.
fn reaching(row: &Row, horizon: Nanos) -> u64 {
    let reaches = |ticks: u64| row.start.after(Nanos::from_seconds(row.seconds(ticks))) >= horizon;
    if !reaches(row.ticks) {
        return row.ticks;
    }
    let (mut before, mut at) = (0, row.ticks);
    while before + 1 < at {
        let middle = before + (at - before) / 2;
        if reaches(middle) {
            at = middle;
        } else {
            before = middle;
        }
    }
    at
}

fn mix(from: Busy, to: Busy, share: f64) -> Busy {
    from.times(1.0 - share).plus(to.times(share))
}

/// Prompt parts of a step as the sums that its cost follows.
#[derive(Debug, Clone, Copy, Default)]
struct PromptSums {
    tokens: f64,
    /// Σ new², and Σ new · cached.
    squares: f64,
    crossed: f64,
    finishing: f64,
}

impl PromptSums {
    fn add(&mut self, tokens: f64, cached: f64, finishes: bool) {
        self.tokens += tokens;
        self.squares += tokens * tokens;
        self.crossed += tokens * cached;
        self.finishing += f64::from(finishes);
    }

    fn part(&self, share: f64, finishing: f64) -> Self {
        Self {
            tokens: self.tokens * share,
            squares: self.squares * share,
            crossed: self.crossed * share,
            finishing,
        }
    }

    /// The step whose attention sees as many pairs of tokens: `Σ new (cached + new / 2)`.
    fn step(&self, decode: Segment) -> Step {
        if self.tokens <= 0.0 {
            return Step::mixed(Segment::NONE, decode, 0.0);
        }
        let length = self.squares / self.tokens;
        let prefill = Segment {
            sequences: self.tokens / length,
            new_tokens: length,
            cached: self.crossed / self.tokens,
        };
        Step::mixed(prefill, decode, self.finishing)
    }
}
