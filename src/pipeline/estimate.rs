//! One workload on one server: the closed form or the simulation, as asked.

use super::parallel;
use crate::perf::{EstimateOptions, ExplainLine, Server};
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

    /// True unless the closed form is asked for.
    pub(super) fn may_simulate(&self) -> bool {
        self.method != Method::Analytic
    }

    /// True where a point is answered by simulation.
    pub(super) fn simulates_point(&self, point: &RunPoint) -> bool {
        match &point.workload {
            Workload::Llm(workload) => self.simulates(&point.system, workload),
            Workload::Unmodelled(_) => false,
        }
    }

    fn simulates(&self, system: &System, workload: &LlmWorkload) -> bool {
        match self.path(system, workload) {
            Path::ClosedForm(_) => false,
            Path::Simulated(_) => true,
        }
    }

    /// Which way a workload is answered.
    pub fn path(&self, system: &System, workload: &LlmWorkload) -> Path {
        match (self.method, simulate::simulates(workload)) {
            (Method::Auto, _) if system.needs_simulation() => Path::Simulated(
                "`predict.method: auto` simulates every load on engines of two kinds, with guessed tokens, with adapters and with caches in host memory",
            ),
            (Method::Analytic, _) => Path::ClosedForm("`predict.method` is `analytic`"),
            (Method::Simulate, _) => Path::Simulated("`predict.method` is `simulate`"),
            (Method::Auto, true) if is_large(system) => Path::ClosedForm(
                "`predict.method: auto` answers more than 64 engines by the closed form, since each has so many requests of its own to simulate; `simulate` simulates them all",
            ),
            (Method::Auto, true) => Path::Simulated(
                "`predict.method: auto` simulates open loops, traces, sessions, think time, and closed loops with more than one request in flight",
            ),
            (Method::Auto, false) => Path::ClosedForm(
                "`predict.method: auto` simulates open loops, traces, sessions, think time, and closed loops with more than one request in flight; this load is none of them",
            ),
        }
    }
}

/// Engines above which every one of them is not simulated unasked.
const MOST_ENGINES: u32 = 64;

fn is_large(system: &System) -> bool {
    let deployment = &system.deployment;
    deployment.parallel.dp.saturating_mul(deployment.replicas) > MOST_ENGINES
}

/// How a number is made, and why so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// By equations.
    ClosedForm(&'static str),
    /// Request by request.
    Simulated(&'static str),
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
    let found = if asked.simulates(system, workload) {
        let subject = Subject {
            server,
            system,
            workload,
        };
        simulate::estimate_by(subject, &asked.simulated, |lanes, run| {
            parallel::map(lanes, run)
        })
    } else {
        server.estimate(workload, &asked.closed)
    };
    found.map(|estimate| server.as_known(workload, estimate))
}

/// How every number of a workload came about: what was simulated comes first, with both parts of its intervals, and then memory,
/// power, and the steps with their operators.
///
/// # Errors
///
/// Those of [`estimate`].
pub fn explain(
    server: &Server,
    system: &System,
    workload: &LlmWorkload,
    asked: &Asked,
) -> Result<Vec<ExplainLine>, NotModelled> {
    let mut lines = if asked.simulates(system, workload) {
        let subject = Subject {
            server,
            system,
            workload,
        };
        let simulated = simulate::explain(subject, &asked.simulated)?;
        let estimate = simulate::estimate(subject, &asked.simulated)?;
        let alone = simulate::stand_in(workload, asked.simulated.seed);
        let estimate = server.as_known(workload, estimate);
        let mut lines = server.explain_rest(&alone, &estimate, simulated);
        server.explain_intervals(workload, &mut lines, (None, &estimate));
        lines
    } else {
        let mut lines = server.explain(workload)?;
        if let Ok(plain) = server.estimate(workload, &asked.closed) {
            let last = server.as_known(workload, plain.clone());
            server.explain_intervals(workload, &mut lines, (Some(&plain), &last));
        }
        lines
    };
    lines.extend(server.explain_widths(workload));
    Ok(lines)
}

/// A slice of the simulated run as a trace; `None` where nothing is simulated. `about` is written beside the events.
///
/// # Errors
///
/// Those of [`estimate`].
pub fn trace(
    server: &Server,
    point: (&System, &LlmWorkload),
    asked: &Asked,
    about: &[(&str, &str)],
) -> Result<Option<String>, NotModelled> {
    let (system, workload) = point;
    if !asked.simulates(system, workload) {
        return Ok(None);
    }
    let subject = Subject {
        server,
        system,
        workload,
    };
    simulate::trace(subject, &asked.simulated, about)
}
