//! Sequences that generate, advanced together.
//!
//! Every generating sequence gets a token, or several where they are guessed, in every generation step, a tick. What a tick does to all of them is therefore a few
//! sums, and when each of them ends is known when it starts: it stands in the bucket of that tick.

use super::crossings::{Course, Crossings};
use super::slots::{NONE, Slot, Slots};

/// Fewest buckets of the wheel.
const BUCKETS: u64 = 1024;

/// Parts of a token in which progress is counted, so that sums stay whole with speculation too.
pub(super) const TOKEN: u64 = 1 << 20;

/// The generating sequences of an engine.
#[derive(Debug, Clone)]
pub(super) struct Decoding {
    tick: u64,
    count: u32,
    /// [`TOKEN`]ths in the cache over all sequences, before the next tick.
    context: u64,
    /// [`TOKEN`]ths that a tick adds to it.
    growth: u64,
    /// Sum of the ticks after which sequences end.
    ends: u64,
    /// Slots by the tick after which they end, modulo the number of buckets, a power of two.
    wheel: Vec<u32>,
    /// Ticks up to which all buckets are known to be empty.
    empty_until: u64,
    /// When they begin blocks.
    crossings: Crossings,
    /// Tokens beyond those of a sequence that it has blocks for.
    ahead: u64,
}

impl Decoding {
    /// No sequence; each gets one token in a tick and `ahead` more may be guessed.
    pub fn new(block: u32, ahead: u64) -> Self {
        Self {
            tick: 0,
            count: 0,
            context: 0,
            growth: 0,
            ends: 0,
            wheel: vec![NONE; BUCKETS as usize],
            empty_until: 0,
            crossings: if ahead == 0 {
                Crossings::even(block)
            } else {
                Crossings::listed(block)
            },
            ahead,
        }
    }

    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Tokens in the cache over all sequences, `ticks` ticks from now.
    pub fn context_in(&self, ticks: u64) -> f64 {
        (self.context + ticks * self.growth) as f64 / TOKEN as f64
    }

    /// A sequence with its prompt in the cache starts to generate; it has `slot.ticks` ticks before it, at least one, and gets
    /// `slot.pace` in each.
    pub fn join(&mut self, place: u32, slots: &mut Slots) {
        let ticks = slots.get(place).ticks;
        if ticks >= self.wheel.len() as u64 {
            self.grow(ticks, slots);
        }
        let ends = self.tick + ticks;
        let bucket = self.bucket(ends);
        let slot = slots.get_mut(place);
        slot.ends = ends;
        slot.beside = self.wheel[bucket];
        self.wheel[bucket] = place;
        self.empty_until = self.empty_until.min(ends - 1);
        let (tokens, pace) = (slot.target, slot.pace);
        let course = self.course(slots.get(place));
        self.crossings.join(course);
        self.count += 1;
        self.context += tokens * TOKEN;
        self.growth += pace;
        self.ends += ends;
    }

    /// A sequence stops before its end; how many ticks it has had.
    pub fn leave(&mut self, place: u32, slots: &mut Slots) -> u64 {
        let (ends, ticks) = (slots.get(place).ends, slots.get(place).ticks);
        let bucket = self.bucket(ends);
        let next = slots.get(place).beside;
        if self.wheel[bucket] == place {
            self.wheel[bucket] = next;
        } else {
            let mut before = self.wheel[bucket];
            while slots.get(before).beside != place {
                before = slots.get(before).beside;
            }
            slots.get_mut(before).beside = next;
        }
        let had = ticks - (ends - self.tick);
        self.forget(slots.get(place), had);
        self.ends -= ends;
        had
    }

    /// Takes a sequence out of the sums that has had so many of its ticks.
    fn forget(&mut self, slot: &Slot, had: u64) {
        self.crossings.leave(self.course(slot), had);
        self.count -= 1;
        self.context -= slot.target * TOKEN + had * slot.pace;
        self.growth -= slot.pace;
    }

    fn course(&self, slot: &Slot) -> Course {
        Course {
            start: slot.ends - slot.ticks,
            tokens: slot.target + self.ahead,
            pace: slot.pace,
            ticks: slot.ticks,
        }
    }

    /// [`TOKEN`]ths that all sequences together get in so many ticks.
    pub const fn parts_in(&self, ticks: u64) -> u64 {
        ticks * self.growth
    }

    /// Tokens that all sequences together still have before them, if all are equally fast.
    pub fn tokens_left(&self) -> f64 {
        let ticks = self.ends - self.tick * u64::from(self.count);
        let each = self.growth as f64 / (TOKEN * u64::from(self.count.max(1))) as f64;
        ticks as f64 * each
    }

    /// Ticks until the next sequence ends, at least one; `None` where none generates.
    pub fn until_end(&mut self) -> Option<u64> {
        if self.count == 0 {
            return None;
        }
        let mut tick = self.empty_until.max(self.tick) + 1;
        while self.wheel[self.bucket(tick)] == NONE {
            tick += 1;
        }
        self.empty_until = tick - 1;
        Some(tick - self.tick)
    }

    /// New blocks of the next `ticks` ticks together.
    pub fn blocks_in(&self, ticks: u64) -> u64 {
        self.crossings.blocks_in(self.tick, ticks, self.count)
    }

    /// `ticks` ticks pass, and no sequence ends before the last; those that end are handed over, the one that joined last first.
    pub fn advance(&mut self, ticks: u64, slots: &mut Slots, ended: &mut Vec<u32>) {
        self.crossings.pass(self.tick, ticks);
        self.tick += ticks;
        self.context += ticks * self.growth;
        let bucket = self.bucket(self.tick);
        let mut place = self.wheel[bucket];
        self.wheel[bucket] = NONE;
        while place != NONE {
            let slot = slots.get(place);
            ended.push(place);
            self.forget(slot, slot.ticks);
            self.ends -= self.tick;
            place = slot.beside;
        }
    }

    const fn bucket(&self, tick: u64) -> usize {
        (tick & (self.wheel.len() as u64 - 1)) as usize
    }

    fn grow(&mut self, ticks: u64, slots: &mut Slots) {
        let mut all = Vec::with_capacity(self.count as usize);
        for head in &mut self.wheel {
            let mut place = *head;
            *head = NONE;
            while place != NONE {
                all.push(place);
                place = slots.get(place).beside;
            }
        }
        self.wheel = vec![NONE; (ticks + 1).next_power_of_two() as usize];
        // Later ones go in front, so that each bucket keeps its order.
        for place in all.into_iter().rev() {
            let bucket = self.bucket(slots.get(place).ends);
            slots.get_mut(place).beside = self.wheel[bucket];
            self.wheel[bucket] = place;
        }
    }
}
