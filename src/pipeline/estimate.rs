//! One workload on one server: the closed form or the simulation, as asked.

use crate::perf::{EstimateOptions, Server};
use crate::record::{Estimate, NotModelled};
use crate::scenario::{ExecutorKind, LlmWorkload, Method, RunPoint, Scenario, System, Workload};
use crate::simulate::{self, Objective, run::Subject};

/// How estimates are made, and with what detail.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    method: Method,
    closed: EstimateOptions,
    simulated: simulate::Options,
}

impl Asked {
    /// What a scenario asks: its method, confidence, percentiles, seed and objectives.
    pub fn by(scenario: &Scenario) -> Self {
        let method = scenario.run.iter().find_map(|entry| match &entry.kind {
            ExecutorKind::Predict { method, .. } => Some(*method),
            ExecutorKind::Measured { .. } => None,
        });
        let statistics = &scenario.statistics;
        let asked = Self::new(
            method.unwrap_or(Method::Auto),
            statistics.confidence,
            &statistics.percentiles,
            statistics.seed,
        );
        let objectives = scenario.slos.iter().filter_map(Objective::of).collect();
        Self {
            simulated: simulate::Options {
                objectives,
                ..asked.simulated
            },
            ..asked
        }
    }

    /// A method with a level, percentiles (in percent) and a seed; no objectives.
    pub fn new(method: Method, level: f64, percentiles: &[f64], seed: u64) -> Self {
        Self {
            method,
            closed: EstimateOptions::new(level, percentiles),
            simulated: simulate::Options {
                level,
                percentiles: percentiles.to_vec(),
                seed,
                objectives: Vec::new(),
            },
        }
    }

    /// True where a point is answered by simulation.
    pub(super) fn simulates_point(&self, point: &RunPoint) -> bool {
        match &point.workload {
            Workload::Llm(workload) => self.simulates(&point.system, workload),
            Workload::Unmodelled(_) => false,
        }
    }

    fn simulates(&self, system: &System, workload: &LlmWorkload) -> bool {
        match self.method {
            Method::Analytic => false,
            Method::Simulate => true,
            Method::Auto => system.needs_simulation() || simulate::simulates(workload),
        }
    }
}

/// What a workload gets of a server that was compiled of this system.
///
/// # Errors
///
/// Those of [`Server::estimate`] and [`simulate::estimate`].
pub fn estimate(
    server: &Server,
    system: &System,
    workload: &LlmWorkload,
    asked: &Asked,
) -> Result<Estimate, NotModelled> {
    if !asked.simulates(system, workload) {
        return server.estimate(workload, &asked.closed);
    }
    let subject = Subject {
        server,
        system,
        workload,
    };
    simulate::estimate(subject, &asked.simulated)
}
