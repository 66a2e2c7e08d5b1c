//! What the engine asks of the performance model.

use std::sync::Arc;

use crate::ops::Step;
use crate::perf::{Busy, Lane, LaneSteps, Server};

/// Prices a step of an engine.
pub trait StepCost {
    /// Seconds of the step.
    fn price(&self, step: &Step) -> Busy;
}

/// The steps of a server with the terms' values, or with all terms at one end.
#[derive(Debug, Clone)]
pub struct LaneCost<'a>(Arc<LaneSteps<'a>>);

impl<'a> LaneCost<'a> {
    /// The steps of a server in one lane.
    pub fn new(server: &'a Server, lane: Lane) -> Self {
        Self(Arc::new(server.lane_steps(lane)))
    }
}

impl StepCost for LaneCost<'_> {
    fn price(&self, step: &Step) -> Busy {
        self.0.time(step)
    }
}
