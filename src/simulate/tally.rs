//! What a run says: distributions over the measured requests, rates over the measured window.

use super::cluster::{Snapshot, Watch};
use super::request::{Finished, Observer, Request, StepSpan};
use super::time::Nanos;
use crate::stats::Histogram;

/// Batches the measured requests are cut into, in their order of arrival, for the error of the simulation (batch means: Law and
/// Carson, "A sequential procedure for determining the length of a steady-state simulation", Operations Research 27(5), 1979).
pub const BATCHES: usize = 16;

/// Which requests are measured, by their order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    /// Requests before the first that is measured.
    pub warmup: u64,
    /// Requests that are measured; the load goes on until all of them have ended.
    pub requests: u64,
    /// Whether the load has an end of its own.
    pub load: Load,
}

/// Whether a load ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// It goes on behind the measured requests: rates are those between the first and the last measured arrival.
    Steady,
    /// It is measured whole: rates are those between the first arrival and the last end.
    Finite,
}

/// Latencies of requests, nanoseconds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Latencies {
    /// Time to the first token, from sending.
    pub ttft: Histogram,
    /// The same from the intended time.
    pub ttft_intended: Histogram,
    /// Time to the last token, from sending.
    pub e2el: Histogram,
    /// The same from the intended time.
    pub e2el_intended: Histogram,
    /// Mean time between tokens of requests with more than one.
    pub tpot: Histogram,
    /// Time to the last token over output tokens.
    pub ntpot: Histogram,
    /// Time in the queue of the engine.
    pub queue: Histogram,
}

impl Latencies {
    fn add(&mut self, times: &Times) {
        self.ttft.add(times.ttft, 1);
        self.ttft_intended.add(times.ttft_intended, 1);
        self.e2el.add(times.e2el, 1);
        self.e2el_intended.add(times.e2el_intended, 1);
        self.ntpot.add(times.ntpot, 1);
        self.queue.add(times.queue, 1);
        if let Some(tpot) = times.tpot {
            self.tpot.add(tpot, 1);
        }
    }

    /// Adds those of another batch.
    pub fn merge(&mut self, other: &Self) {
        let pairs = [
            (&mut self.ttft, &other.ttft),
            (&mut self.ttft_intended, &other.ttft_intended),
            (&mut self.e2el, &other.e2el),
            (&mut self.e2el_intended, &other.e2el_intended),
            (&mut self.tpot, &other.tpot),
            (&mut self.ntpot, &other.ntpot),
            (&mut self.queue, &other.queue),
        ];
        for (mine, theirs) in pairs {
            mine.merge(theirs);
        }
    }
}

/// The times of one request, nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Fields as in [`Latencies`].
    pub ttft: u64,
    /// From the intended time.
    pub ttft_intended: u64,
    /// To the last token.
    pub e2el: u64,
    /// From the intended time.
    pub e2el_intended: u64,
    /// Absent for a single token.
    pub tpot: Option<u64>,
    /// Over output tokens.
    pub ntpot: u64,
    /// In the queue.
    pub queue: u64,
}

impl Times {
    fn of(finished: &Finished) -> Self {
        let request = &finished.request;
        let between = |from: Nanos, to: Nanos| to.since(from).get();
        let e2el = between(request.sent, finished.last);
        let gaps = u64::from(request.output - 1);
        Self {
            ttft: between(request.sent, finished.first),
            ttft_intended: between(request.intended, finished.first),
            e2el,
            e2el_intended: between(request.intended, finished.last),
            tpot: (gaps > 0).then(|| between(finished.first, finished.last) / gaps.max(1)),
            ntpot: e2el / u64::from(request.output),
            queue: between(request.arrival, finished.scheduled),
        }
    }
}

/// A set of limits that a request meets together or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Nanoseconds; absent where there is none.
    pub ttft: Option<u64>,
    /// As above.
    pub tpot: Option<u64>,
    /// As above.
    pub ntpot: Option<u64>,
    /// As above.
    pub e2el: Option<u64>,
}

impl Limits {
    /// In open loops the time to tokens counts from the intended time, which is the sent one elsewhere.
    fn met(&self, times: &Times) -> bool {
        let within = |limit: Option<u64>, time: u64| limit.is_none_or(|limit| time <= limit);
        within(self.ttft, times.ttft_intended)
            && within(self.e2el, times.e2el_intended)
            && within(self.ntpot, times.ntpot)
            && times.tpot.is_none_or(|tpot| within(self.tpot, tpot))
    }
}

/// The measured requests of one batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Their latencies.
    pub latencies: Latencies,
    /// How many met each set of limits.
    pub met: Vec<u64>,
    /// Interruptions.
    pub preemptions: u64,
    /// Prompt tokens, and how many of them were found in the cache.
    pub prompts: u64,
    /// As above.
    pub cached: u64,
    /// Of these, tokens found in host memory.
    pub hosted: u64,
    /// Blocks of interrupted requests that went to host memory.
    pub moved: u64,
    /// The state when its first request arrived.
    pub start: Snapshot,
}

/// Counts what a run shows.
#[derive(Debug, Clone)]
pub struct Tally {
    measured: Measured,
    limits: Vec<Limits>,
    /// Batches in order.
    pub batches: Vec<Batch>,
    /// Gaps between tokens inside the window.
    pub gaps: Histogram,
    /// The state when the window ended.
    pub end: Option<Snapshot>,
    /// The state when the last measured request arrived.
    pub last_arrival: Option<Snapshot>,
    /// Requests that can never be served.
    pub rejected: u64,
    /// Of these, measured ones.
    pub measured_rejected: u64,
    left: u64,
    arrived: u64,
}

impl Tally {
    /// An empty account.
    pub fn new(measured: Measured, limits: Vec<Limits>) -> Self {
        let batch = Batch {
            met: vec![0; limits.len()],
            ..Batch::default()
        };
        Self {
            limits,
            batches: vec![batch; BATCHES],
            gaps: Histogram::default(),
            end: None,
            last_arrival: None,
            rejected: 0,
            measured_rejected: 0,
            left: measured.requests,
            arrived: 0,
            measured,
        }
    }

    /// The batch of a request; `None` for one that is not measured.
    fn batch_of(&self, index: u64) -> Option<usize> {
        let place = index.checked_sub(self.measured.warmup)?;
        let batch = u128::from(place) * BATCHES as u128 / u128::from(self.measured.requests);
        (place < self.measured.requests).then_some(batch as usize)
    }

    /// Latencies of all measured requests.
    pub fn latencies(&self) -> Latencies {
        let mut all = Latencies::default();
        for batch in &self.batches {
            all.merge(&batch.latencies);
        }
        all
    }

    /// Measured requests that ended.
    pub fn finished(&self) -> u64 {
        self.batches
            .iter()
            .map(|batch| batch.latencies.e2el.count())
            .sum()
    }

    /// Which requests it measures.
    pub const fn measured(&self) -> Measured {
        self.measured
    }
}

impl Observer for Tally {
    fn finished(&mut self, finished: &Finished) {
        let Some(place) = self.batch_of(finished.request.index) else {
            return;
        };
        self.left -= 1;
        let times = Times::of(finished);
        let batch = &mut self.batches[place];
        batch.latencies.add(&times);
        batch.preemptions += u64::from(finished.preemptions);
        batch.prompts += u64::from(finished.request.prompt);
        batch.cached += u64::from(finished.cached);
        batch.hosted += u64::from(finished.hosted);
        batch.moved += finished.moved;
        for (met, limits) in batch.met.iter_mut().zip(&self.limits) {
            *met += u64::from(limits.met(&times));
        }
    }

    fn gap(&mut self, gap: Nanos, times: u64) {
        if self.arrived > self.measured.warmup {
            self.gaps.add(gap.get(), times);
        }
    }

    fn step(&mut self, _: &StepSpan) {}

    fn rejected(&mut self, request: &Request) {
        self.rejected += 1;
        if self.batch_of(request.index).is_some() {
            self.left -= 1;
            self.measured_rejected += 1;
        }
    }
}

impl Watch for Tally {
    fn arrived(&mut self, request: &Request, system: &Snapshot) {
        self.arrived = request.index + 1;
        let after = self.measured.warmup + self.measured.requests;
        if request.index == after && self.measured.load == Load::Steady {
            self.end = Some(*system);
        }
        if request.index + 1 == after {
            self.last_arrival = Some(*system);
        }
        if let Some(place) = self.batch_of(request.index) {
            let first = place == 0 || self.batch_of(request.index - 1) != Some(place);
            if first && (place > 0 || request.index == self.measured.warmup) {
                self.batches[place].start = *system;
            }
        }
    }

    fn is_done(&self) -> bool {
        self.left == 0 && (self.measured.load == Load::Finite || self.end.is_some())
    }
}
