//! What the engine asks of the performance model.

use crate::ops::Step;
use crate::perf::{Lane, Server};

/// Seconds of a step by what they are bound by; the parts add up to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepPrice {
    /// Operators bound by arithmetic.
    pub compute: f64,
    /// Operators bound by memory traffic.
    pub memory: f64,
    /// Links, launches and the host.
    pub waiting: f64,
}

impl StepPrice {
    /// All parts together.
    pub fn total(self) -> f64 {
        self.compute + self.memory + self.waiting
    }

    /// So many of them.
    #[must_use]
    pub fn times(self, count: f64) -> Self {
        Self {
            compute: self.compute * count,
            memory: self.memory * count,
            waiting: self.waiting * count,
        }
    }

    /// Both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            compute: self.compute + other.compute,
            memory: self.memory + other.memory,
            waiting: self.waiting + other.waiting,
        }
    }
}

/// Prices a step of an engine.
pub trait StepCost {
    /// Seconds of the step.
    fn price(&self, step: &Step) -> StepPrice;
}

/// The steps of a server with the terms' values, or with all terms at one end.
#[derive(Debug, Clone, Copy)]
pub struct LaneCost<'a> {
    /// Whose steps.
    pub server: &'a Server,
    /// Which end of the terms.
    pub lane: Lane,
}

impl StepCost for LaneCost<'_> {
    fn price(&self, step: &Step) -> StepPrice {
        let time = self.server.step(step);
        let lane = self.lane;
        StepPrice {
            compute: time.compute.lane(lane),
            memory: time.memory.lane(lane),
            waiting: time.link.lane(lane) + time.launch.lane(lane) + time.host.lane(lane),
        }
    }
}
