//! Three runs become one estimate.

use super::run::{Observation, Settings, Subject, observe, observe_beside};
use super::stand_in::stand_in;
use super::tally::{Latencies, Limits};
use super::time::Nanos;
use super::watch::Onlooker;
use crate::perf::{EstimateOptions, Lane, Level, Server};
use crate::record::{Column, Estimate, Metric, NotModelled};
use crate::scenario::{LlmWorkload, LoadMode, Slo};
use crate::units::Seconds;

/// An objective whose per-request limits are counted request by request.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// Its name.
    pub name: String,
    /// Its limits.
    pub limits: Limits,
}

impl Objective {
    /// The limits of an objective; `None` where it has none for requests that generate text.
    pub fn of(slo: &Slo) -> Option<Self> {
        let mut limits = Limits::default();
        for limit in &slo.per_request {
            let nanos = Some(Nanos::from_seconds(limit.limit).get());
            let field = [
                (Metric::Ttft, &mut limits.ttft),
                (Metric::Tpot, &mut limits.tpot),
                (Metric::Ntpot, &mut limits.ntpot),
                (Metric::E2el, &mut limits.e2el),
            ]
            .into_iter()
            .find(|(metric, _)| *metric == limit.metric);
            *field?.1 = nanos;
        }
        (!slo.per_request.is_empty()).then(|| Self {
            name: slo.name.clone(),
            limits,
        })
    }
}

/// What is wanted of a simulation.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Level of intervals, inside (0, 1).
    pub level: f64,
    /// Percentiles, in percent.
    pub percentiles: Vec<f64>,
    /// Seed of every stream.
    pub seed: u64,
    /// Objectives to count.
    pub objectives: Vec<Objective>,
}

/// True where `auto` simulates: open loops, traces, sessions, think time, and closed loops with more than one request in flight. The
/// closed form answers the others exactly (static batches, one request at a time) or as well (offline, where only throughput is asked).
pub fn simulates(workload: &LlmWorkload) -> bool {
    let of_mode = match workload.load.mode {
        LoadMode::Concurrency(number) => number > 1,
        LoadMode::RequestRate { .. } | LoadMode::Ramp { .. } | LoadMode::Trace(_) => true,
        LoadMode::BatchSize(_)
        | LoadMode::SingleStream
        | LoadMode::MultiStream(_)
        | LoadMode::Offline => false,
    };
    of_mode || workload.sessions.is_some() || workload.load.think_time > Seconds::ZERO
}

/// What one run observed; `None` where not even one request fits.
pub type LaneRun = Result<Option<Observation>, NotModelled>;

/// Makes the runs of some lanes, in their order; they do not depend on each other.
pub type LaneRunner = fn(&[Lane], &(dyn Fn(&Lane) -> LaneRun + Sync)) -> Vec<LaneRun>;

/// What a workload gets, request by request.
///
/// The load is simulated with the terms' values and with all of them at either end, with the same requests. Where not even one
/// request fits, the answer is that of the closed form: memory alone.
///
/// # Errors
///
/// [`NotModelled::NotYet`] for loads without a simulation.
pub fn estimate(subject: Subject<'_>, options: &Options) -> Result<Estimate, NotModelled> {
    estimate_by(subject, options, |lanes, run| {
        lanes.iter().map(run).collect()
    })
}

/// The same, with runs made by `runner`.
///
/// # Errors
///
/// Those of [`estimate`].
pub fn estimate_by(
    subject: Subject<'_>,
    options: &Options,
    runner: LaneRunner,
) -> Result<Estimate, NotModelled> {
    let Subject {
        server, workload, ..
    } = subject;
    let closed = EstimateOptions::new(options.level, &options.percentiles);
    let alone = &stand_in(workload, options.seed);
    let (settings, accelerators) = settings(subject, options)?;
    let found = runner(asked(server), &|lane| observe(subject, &settings, *lane));
    let lanes: Option<Vec<Observation>> = found.into_iter().collect::<Result<_, _>>()?;
    match lanes {
        Some(lanes) => {
            let answer = Answer::new(subject, options, (lanes, accelerators));
            Ok(server.observed(alone, answer.observed(), &closed))
        }
        None => crowded_out(server, alone, &closed),
    }
}

/// Which runs are made: terms without ends make three equal ones.
fn asked(server: &Server) -> &'static [Lane] {
    if server.has_level() {
        &Lane::ALL
    } else {
        &[Lane::Value]
    }
}

/// The runs with the terms' values and with their ends; `None` where not even one request fits. `onlooker` sees the first.
pub(super) fn runs<'a>(
    subject: Subject<'_>,
    options: &'a Options,
    onlooker: &mut impl Onlooker,
) -> Result<Option<Answer<'a>>, NotModelled> {
    let (settings, accelerators) = settings(subject, options)?;
    let mut lanes = Vec::new();
    for lane in asked(subject.server) {
        let observed = match lane {
            Lane::Value => observe_beside(subject, &settings, *lane, onlooker)?,
            Lane::Slow | Lane::Fast => observe(subject, &settings, *lane)?,
        };
        match observed {
            Some(observation) => lanes.push(observation),
            None => return Ok(None),
        }
    }
    Ok(Some(Answer::new(subject, options, (lanes, accelerators))))
}

/// How it is simulated, and the accelerators of the server.
pub(super) fn settings(
    subject: Subject<'_>,
    options: &Options,
) -> Result<(Settings, f64), NotModelled> {
    let Subject {
        server, workload, ..
    } = subject;
    let alone = stand_in(workload, options.seed);
    let analytic = server.outline(&alone, &EstimateOptions::means(options.level))?;
    let expected = analytic
        .get(Column::of(Metric::E2el))
        .map_or(10.0, |found| found.value);
    let settings = Settings {
        seed: options.seed,
        level: options.level,
        percentiles: options.percentiles.clone(),
        limits: options
            .objectives
            .iter()
            .map(|objective| objective.limits)
            .collect(),
        expected,
    };
    Ok((settings, f64::from(analytic.accelerators)))
}

/// Where not even one request fits beside the weights of some engine: its memory.
fn crowded_out(
    server: &Server,
    workload: &LlmWorkload,
    options: &EstimateOptions,
) -> Result<Estimate, NotModelled> {
    let generates = server.room(workload, 1.0).is_some();
    let crowded = server.prefill().filter(|_| generates).unwrap_or(server);
    let accelerators = server.outline(workload, options)?.accelerators;
    Ok(Estimate {
        accelerators,
        ..crowded.outline(workload, options)?
    })
}

/// The runs, and what is asked of them.
pub(super) struct Answer<'a> {
    /// With the terms' values, and at their slow and at their fast ends where they have ends.
    pub lanes: Vec<Observation>,
    pub whole: Vec<Latencies>,
    pub level: Level,
    pub asked: &'a Options,
    pub open: bool,
    pub offline: bool,
    pub accelerators: f64,
}

impl<'a> Answer<'a> {
    fn new(
        subject: Subject<'_>,
        options: &'a Options,
        (lanes, accelerators): (Vec<Observation>, f64),
    ) -> Self {
        let mode = &subject.workload.load.mode;
        Self {
            whole: lanes.iter().map(|lane| lane.tally.latencies()).collect(),
            lanes,
            level: subject.server.level(options.level),
            asked: options,
            open: matches!(
                mode,
                LoadMode::RequestRate { .. } | LoadMode::Ramp { .. } | LoadMode::Trace(_)
            ),
            offline: matches!(mode, LoadMode::Offline),
            accelerators,
        }
    }
}
