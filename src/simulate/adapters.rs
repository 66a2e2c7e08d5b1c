//! Which adapters the requests of an engine use.
//!
//! A waiting request whose adapter is in no running request is passed over while as many different ones run as a step may have;
//! those behind it may go first (vLLM 0.33, `vllm/v1/core/sched/scheduler.py`, `scheduled_loras` and `max_loras`).
//!
//! # Assumptions
//!
//! An adapter that a step begins to use is there: loading it from host memory takes no time.

use std::collections::BTreeMap;

use super::cost::StepCost;
use super::engine::Engine;
use crate::stats::stream;

/// Adapters, and how many running requests use each.
#[derive(Debug, Clone, Default)]
pub(super) struct InUse {
    adapters: u64,
    most: usize,
    seed: u64,
    running: BTreeMap<u64, u32>,
}

impl InUse {
    /// The adapter of a request, drawn evenly; equal requests use equal ones under every load.
    fn of(&self, request: u64) -> u64 {
        stream(self.seed, &format!("adapter {request}")).below(self.adapters)
    }

    /// True where a request has to wait for one of other adapters to end.
    pub fn is_shut_out(&self, request: u64) -> bool {
        self.adapters > 0
            && self.running.len() >= self.most
            && !self.running.contains_key(&self.of(request))
    }

    fn enter(&mut self, request: u64) {
        if self.adapters > 0 {
            *self.running.entry(self.of(request)).or_default() += 1;
        }
    }

    fn leave(&mut self, request: u64) {
        if self.adapters > 0 {
            let adapter = self.of(request);
            let running = self.running.get_mut(&adapter);
            let running = running.expect("what leaves has entered");
            *running -= 1;
            if *running == 0 {
                self.running.remove(&adapter);
            }
        }
    }
}

impl<C: StepCost> Engine<C> {
    /// The same idle engine with so many adapters, of which a step has at most `most` different ones.
    #[must_use]
    pub fn with_adapters(mut self, adapters: u64, most: u32, seed: u64) -> Self {
        self.adapters = InUse {
            adapters,
            most: most as usize,
            seed,
            running: BTreeMap::new(),
        };
        self
    }

    /// A request runs from now on.
    pub(super) fn admit_slot(&mut self, place: u32) {
        self.slots.admit(place);
        self.adapters.enter(self.slots.get(place).request.index);
    }

    /// A request runs no more.
    pub(super) fn dismiss_slot(&mut self, place: u32) {
        self.slots.dismiss(place);
        self.adapters.leave(self.slots.get(place).request.index);
    }

    /// The next waiting request whose adapter may run; those before it are kept in `passed`.
    pub(super) fn next_waiting(&mut self, passed: &mut Vec<u32>) -> Option<u32> {
        loop {
            let place = self.waiting.peek()?;
            if !self
                .adapters
                .is_shut_out(self.slots.get(place).request.index)
            {
                return Some(place);
            }
            self.waiting.pop();
            passed.push(place);
        }
    }

    /// Those that were passed over wait in front again.
    pub(super) fn put_back(&mut self, passed: Vec<u32>) {
        for place in passed.into_iter().rev() {
            self.waiting.push_front(place, &self.slots);
        }
    }

    /// Different adapters that run.
    #[cfg(test)]
    pub(super) fn different_adapters(&self) -> usize {
        self.adapters.running.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::rules::Rules;
    use super::super::tests::{Seen, engine};
    use super::super::{Nanos, Request};

    fn request(index: u64) -> Request {
        Request {
            index,
            home: None,
            intended: Nanos::ZERO,
            sent: Nanos::ZERO,
            arrival: Nanos::ZERO,
            prompt: 50,
            output: 1 + (index % 40) as u32,
            priority: 0,
            prefix: None,
            leaves: None,
        }
    }

    #[test]
    fn no_step_has_more_adapters_than_it_may_and_everybody_is_served() {
        let mut seen = Seen::wanting(300);
        let mut one = engine(0, Rules::mixed(32, 512), 5000).with_adapters(10, 2, 1);
        for index in 0..300 {
            one.submit(request(index), &mut seen);
        }
        let mut now = Nanos::ZERO;
        let mut most = 0;
        while one.is_ready() {
            one.start(now, Nanos::NEVER);
            most = most.max(one.different_adapters());
            now = one.next_event().expect("somebody may always run");
            one.advance(&mut seen);
        }
        assert_eq!((seen.finished.len(), most), (300, 2));
        assert_eq!(one.different_adapters(), 0);
        // Those whose adapter runs go before others.
        let order: Vec<u64> = seen.finished.iter().map(|one| one.request.index).collect();
        assert!(!order.is_sorted());
    }
}
