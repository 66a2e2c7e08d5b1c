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
pub struct LaneCost<'a>(Steps<'a>);

#[derive(Debug, Clone)]
enum Steps<'a> {
    /// The operators of one model.
    OfOneModel(Arc<LaneSteps<'a>>),
    /// More than that: a draft, or adapters.
    OfServer(&'a Server, Lane),
}

impl<'a> LaneCost<'a> {
    /// The steps of a server in one lane.
    pub fn new(server: &'a Server, lane: Lane) -> Self {
        Self(match server.lane_steps(lane) {
            Some(steps) => Steps::OfOneModel(Arc::new(steps)),
            None => Steps::OfServer(server, lane),
        })
    }
}

impl StepCost for LaneCost<'_> {
    fn price(&self, step: &Step) -> Busy {
        match &self.0 {
            Steps::OfOneModel(steps) => steps.time(step),
            Steps::OfServer(server, lane) => server.step(step).lane(*lane),
        }
    }
}
