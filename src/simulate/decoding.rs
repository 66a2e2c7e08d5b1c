//! Sequences that generate, advanced together.
//!
//! Every generating sequence gets a token in every generation step, a tick. What a tick does to all of them is therefore a few
//! sums, and when each of them ends is known when it starts: it stands in the bucket of that tick.

use super::slots::{NONE, Slots};

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
    /// Sequences by the tick, modulo the block, in which they begin a new block.
    crossing: Vec<u32>,
}

impl Decoding {
    pub fn new(block: u32) -> Self {
        Self {
            tick: 0,
            count: 0,
            context: 0,
            growth: 0,
            ends: 0,
            wheel: vec![NONE; BUCKETS as usize],
            empty_until: 0,
            crossing: vec![0; block.max(1) as usize],
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
        let phase = self.phase(self.tick, tokens);
        self.crossing[phase] += 1;
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
        let slot = slots.get(place);
        self.forget(slot.target, slot.pace, had);
        self.ends -= ends;
        had
    }

    /// Takes a sequence that joined with `tokens` out of the sums.
    fn forget(&mut self, tokens: u64, pace: u64, ticks: u64) {
        let phase = self.phase(self.tick - ticks, tokens);
        self.crossing[phase] -= 1;
        self.count -= 1;
        self.context -= tokens * TOKEN + ticks * pace;
        self.growth -= pace;
    }

    /// Tokens that all sequences together get in so many ticks.
    pub const fn tokens_in(&self, ticks: u64) -> u64 {
        ticks * self.growth / TOKEN
    }

    /// Ticks that all sequences together still have before them.
    pub const fn ticks_left(&self) -> u64 {
        self.ends - self.tick * self.count as u64
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
        let block = self.crossing.len() as u64;
        let rounds = ticks / block * u64::from(self.count);
        let from = self.tick % block;
        let rest = (from..from + ticks % block)
            .map(|tick| u64::from(self.crossing[(tick % block) as usize]));
        rounds + rest.sum::<u64>()
    }

    /// `ticks` ticks pass, and no sequence ends before the last; those that end are handed over, the one that joined last first.
    pub fn advance(&mut self, ticks: u64, slots: &mut Slots, ended: &mut Vec<u32>) {
        self.tick += ticks;
        self.context += ticks * self.growth;
        let bucket = self.bucket(self.tick);
        let mut place = self.wheel[bucket];
        self.wheel[bucket] = NONE;
        while place != NONE {
            let slot = slots.get(place);
            let (next, tokens, pace, ticks) = (slot.beside, slot.target, slot.pace, slot.ticks);
            ended.push(place);
            self.forget(tokens, pace, ticks);
            self.ends -= self.tick;
            place = next;
        }
    }

    const fn bucket(&self, tick: u64) -> usize {
        (tick & (self.wheel.len() as u64 - 1)) as usize
    }

    /// A sequence with `tokens` in the cache before tick `tick` begins a block in ticks that leave this remainder.
    fn phase(&self, tick: u64, tokens: u64) -> usize {
        let block = self.crossing.len() as u64;
        ((tick % block + block - tokens % block) % block) as usize
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
