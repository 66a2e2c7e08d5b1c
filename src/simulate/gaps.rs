//! Times between the tokens of a sequence, counted for all of them together.

use super::request::Observer;
use super::time::Nanos;

/// When the generating sequences of an engine had their last tokens.
#[derive(Debug, Clone, Default)]
pub(super) struct Gaps {
    /// End of the last tick.
    last: Nanos,
    /// First tokens of those that have not had a tick since.
    fresh: Vec<Nanos>,
}

/// Ticks in a row whose times lie on a straight line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub start: Nanos,
    pub ticks: u64,
    /// Seconds of the first and of the last tick.
    pub first: f64,
    pub last: f64,
}

/// Pieces that a row of ticks is counted in: their times differ by less than the cells of a histogram.
const PIECES: u64 = 8;

impl Row {
    /// Seconds of the first `ticks` ticks.
    pub fn seconds(&self, ticks: u64) -> f64 {
        let slope = if self.ticks > 1 {
            (self.last - self.first) / (self.ticks - 1) as f64
        } else {
            0.0
        };
        let n = ticks as f64;
        n * self.first + 0.5 * slope * n * (n - 1.0)
    }

    fn at(&self, tick: f64) -> f64 {
        if self.ticks > 1 {
            self.first + (self.last - self.first) * tick / (self.ticks - 1) as f64
        } else {
            self.first
        }
    }
}

impl Gaps {
    /// End of the last tick.
    pub const fn last(&self) -> Nanos {
        self.last
    }

    /// A sequence had its first token.
    pub fn joins(&mut self, now: Nanos) {
        self.fresh.push(now);
    }

    /// A sequence that had its first token then is interrupted before its first tick.
    pub fn leaves(&mut self, joined: Nanos) {
        let place = self.fresh.iter().position(|fresh| *fresh == joined);
        self.fresh
            .swap_remove(place.expect("it joined and has had no tick"));
    }

    /// So many sequences had the ticks of a row.
    pub fn tick(&mut self, row: &Row, sequences: u32, end: Nanos, observer: &mut impl Observer) {
        let first_end = row.start.after(Nanos::from_seconds(row.first));
        let old = u64::from(sequences) - self.fresh.len() as u64;
        for joined in self.fresh.drain(..) {
            observer.gap(first_end.since(joined), 1);
        }
        observer.gap(first_end.since(self.last), old);
        let more = row.ticks - 1;
        let pieces = more.min(PIECES);
        let mut counted = 0;
        for piece in 1..=pieces {
            let upto = more * piece / pieces;
            let middle = 1.0 + 0.5 * (counted + upto - 1) as f64;
            let gap = Nanos::from_seconds(row.at(middle));
            observer.gap(gap, (upto - counted) * u64::from(sequences));
            counted = upto;
        }
        self.last = end;
    }
}
