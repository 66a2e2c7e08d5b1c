//! When generating sequences begin new blocks.

use super::decoding::TOKEN;

/// Sequences that get a token in each tick begin blocks in ticks that leave the same remainder; others are listed tick by tick.
#[derive(Debug, Clone)]
pub(super) enum Crossings {
    /// Sequences by the tick, modulo the block, in which they begin a new block.
    Even(Vec<u32>),
    /// New blocks by tick, modulo the length, a power of two; and the tokens of a block.
    Listed(Vec<u32>, u64),
}

/// A sequence in the ticks before it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    /// Ticks that passed before its first.
    pub start: u64,
    /// Tokens it has blocks for at that time.
    pub tokens: u64,
    /// Parts of a token that it gets in a tick.
    pub pace: u64,
    /// Ticks it has.
    pub ticks: u64,
}

impl Course {
    /// The ticks, counted from its first as one, in which it begins a block; those after the first `had`.
    fn begins(self, block: u64, had: u64) -> impl Iterator<Item = u64> {
        let room = self.tokens.div_ceil(block) * block - self.tokens;
        let wanted = self.ticks * self.pace / TOKEN;
        let steps = (0..).map(move |more| room + more * block + 1);
        steps
            .take_while(move |token| *token <= wanted)
            .map(move |token| (token * TOKEN).div_ceil(self.pace))
            .skip_while(move |tick| *tick <= had)
    }
}

impl Crossings {
    /// No sequence; every one gets a token in each tick.
    pub fn even(block: u32) -> Self {
        Self::Even(vec![0; block.max(1) as usize])
    }

    /// No sequence; they get tokens at paces of their own.
    pub fn listed(block: u32) -> Self {
        Self::Listed(vec![0; 1024], u64::from(block.max(1)))
    }

    /// A sequence joins, and all its ticks are before it.
    pub fn join(&mut self, course: Course) {
        match self {
            Self::Even(phases) => {
                let phase = phase(phases.len(), course);
                phases[phase] += 1;
            }
            Self::Listed(list, block) => {
                if course.ticks >= list.len() as u64 {
                    grow(list, course);
                }
                let last = list.len() as u64 - 1;
                for tick in course.begins(*block, 0) {
                    list[((course.start + tick) & last) as usize] += 1;
                }
            }
        }
    }

    /// A sequence stops after `had` of its ticks.
    pub fn leave(&mut self, course: Course, had: u64) {
        match self {
            Self::Even(phases) => {
                let phase = phase(phases.len(), course);
                phases[phase] -= 1;
            }
            Self::Listed(list, block) => {
                let last = list.len() as u64 - 1;
                for tick in course.begins(*block, had) {
                    list[((course.start + tick) & last) as usize] -= 1;
                }
            }
        }
    }

    /// New blocks of the next `ticks` ticks together, for so many sequences when `now` ticks have passed.
    pub fn blocks_in(&self, now: u64, ticks: u64, sequences: u32) -> u64 {
        match self {
            Self::Even(phases) => {
                let block = phases.len() as u64;
                let rounds = ticks / block * u64::from(sequences);
                let from = now % block;
                let rest = (from..from + ticks % block)
                    .map(|tick| u64::from(phases[(tick % block) as usize]));
                rounds + rest.sum::<u64>()
            }
            Self::Listed(list, _) => {
                let last = list.len() as u64 - 1;
                (now + 1..=now + ticks)
                    .map(|tick| u64::from(list[(tick & last) as usize]))
                    .sum()
            }
        }
    }

    /// So many ticks pass after `now`.
    pub fn pass(&mut self, now: u64, ticks: u64) {
        if let Self::Listed(list, _) = self {
            let last = list.len() as u64 - 1;
            for tick in now + 1..=now + ticks {
                list[(tick & last) as usize] = 0;
            }
        }
    }
}

/// A sequence begins a block in ticks that leave this remainder.
fn phase(block: usize, course: Course) -> usize {
    let block = block as u64;
    ((course.start % block + block - course.tokens % block) % block) as usize
}

/// Room for the ticks of a sequence that joins.
fn grow(list: &mut Vec<u32>, course: Course) {
    let old = std::mem::take(list);
    *list = vec![0; (course.ticks + 1).next_power_of_two() as usize];
    let (old_last, last) = (old.len() as u64 - 1, list.len() as u64 - 1);
    for tick in course.start + 1..=course.start + old.len() as u64 {
        list[(tick & last) as usize] = old[(tick & old_last) as usize];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: u32 = 16;

    fn both(course: Course) -> (Crossings, Crossings) {
        let (mut even, mut listed) = (Crossings::even(BLOCK), Crossings::listed(BLOCK));
        even.join(course);
        listed.join(course);
        (even, listed)
    }

    #[test]
    fn a_pace_of_one_token_begins_the_same_blocks_either_way() {
        for tokens in 0..40 {
            let course = Course {
                start: 7,
                tokens,
                pace: TOKEN,
                ticks: 100,
            };
            let (even, listed) = both(course);
            for ticks in 0..100 {
                let found = listed.blocks_in(7, ticks, 1);
                assert_eq!(found, even.blocks_in(7, ticks, 1), "{tokens} {ticks}");
                let all = (tokens + ticks).div_ceil(16) - tokens.div_ceil(16);
                assert_eq!(found, all);
            }
        }
    }

    #[test]
    fn a_faster_pace_begins_the_blocks_of_its_tokens() {
        for (ticks, tokens) in [(30, 71), (3, 10), (2000, 5000), (1, 40)] {
            let course = Course {
                start: 3,
                tokens: 21,
                pace: (tokens * TOKEN).div_ceil(ticks),
                ticks,
            };
            let mut listed = Crossings::listed(BLOCK);
            listed.join(course);
            for tick in 0..=ticks {
                let have = 21 + tick * course.pace / TOKEN;
                assert_eq!(listed.blocks_in(3, tick, 1), have.div_ceil(16) - 2);
            }
            listed.pass(3, ticks / 2);
            listed.leave(course, ticks / 2);
            assert_eq!(
                listed.blocks_in(3 + ticks / 2, ticks, 1),
                0,
                "nothing stays"
            );
        }
    }
}
