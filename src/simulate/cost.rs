//! What the engine asks of the performance model.

use crate::ops::Step;
use crate::perf::{Busy, Lane, Server};

/// Prices a step of an engine.
pub trait StepCost {
    /// Seconds of the step.
    fn price(&self, step: &Step) -> Busy;
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
    fn price(&self, step: &Step) -> Busy {
        self.server.step(step).lane(self.lane)
    }
}
