//! What a simulation rests on, and both parts of every interval.

use super::answer::{Answer, Options, runs};
use super::cluster::Ended;
use super::fleet::Phases;
use super::request::{Finished, Observer, Request, StepSpan};
use super::run::{Observation, Subject};
use super::tally::{BATCHES, Load, Measured};
use super::time::Nanos;
use super::values::Parts;
use super::watch::Onlooker;
use crate::perf::{ExplainInput, ExplainLine};
use crate::record::{Column, NotModelled, Stat, Widening};
use crate::scenario::{LlmWorkload, LoadMode};
use crate::units::{count, percent, significant};

/// Lines for every simulated number: first the run itself (seed, measured requests, warm-up, events; steps, batches, cache, queue),
/// then each column with its interval, the error of the simulation and the ends of the terms. Empty where not even one request
/// fits, as nothing is simulated then.
///
/// # Errors
///
/// Those of [`super::estimate`].
pub fn explain(subject: Subject<'_>, options: &Options) -> Result<Vec<ExplainLine>, NotModelled> {
    let mut steps = Steps::default();
    let Some(answer) = runs(subject, options, &mut steps)? else {
        return Ok(Vec::new());
    };
    let run = &answer.lanes[0];
    let mut lines = vec![requests(run, options, subject.workload), steps.line(run)];
    for (column, parts) in answer.columns() {
        let level = options.level;
        let widening = subject.server.widening(column, subject.workload, level);
        lines.push(number(column, (parts, widening), (run, &answer)));
    }
    Ok(lines)
}

fn input(label: &str, value: impl Into<String>, source: &str) -> ExplainInput {
    ExplainInput {
        label: label.to_owned(),
        value: value.into(),
        source: source.to_owned(),
    }
}

fn requests(run: &Observation, options: &Options, workload: &LlmWorkload) -> ExplainLine {
    let measured = run.tally.measured();
    let ended = match run.ended {
        Ended::Done => "all measured requests ended",
        Ended::EventBound => "given up at the bound on events",
    };
    let mut inputs = vec![
        input("seed", options.seed.to_string(), "statistics.seed"),
        input(
            "warm-up",
            count(measured.warmup),
            warmup(measured, workload),
        ),
        input(
            "simulated time",
            format!("{} s", significant(run.seconds, 4)),
            ended,
        ),
        input(
            "events",
            count(run.events),
            "ends of steps and arrivals; equal steps in a row are one",
        ),
    ];
    if run.tally.rejected > 0 {
        let why = "longer than the cache, a step or the context can hold";
        inputs.push(input("turned away", count(run.tally.rejected), why));
    }
    ExplainLine {
        name: "simulated requests".to_owned(),
        value: run.tally.finished() as f64,
        unit: "1",
        formula: "requests measured, in order of arrival after the warm-up; the load goes on until all of them have ended"
            .to_owned(),
        inputs,
    }
}

/// The rule of [`super::run::observe`], in words.
fn warmup(measured: Measured, workload: &LlmWorkload) -> &'static str {
    match (measured.load, &workload.load.mode) {
        (Load::Finite, _) => "requests; the load has an end of its own and is measured whole",
        (Load::Steady, LoadMode::RequestRate { .. }) => {
            "requests: those of five mean stays, and a tenth of the measured ones"
        }
        (Load::Steady, LoadMode::Offline) => {
            "requests: twice those that wait, and a tenth of the measured ones"
        }
        (
            Load::Steady,
            LoadMode::Concurrency(_)
            | LoadMode::BatchSize(_)
            | LoadMode::SingleStream
            | LoadMode::MultiStream(_)
            | LoadMode::Ramp { .. }
            | LoadMode::Trace(_),
        ) => "requests: twice those in flight, and a tenth of the measured ones",
    }
}

/// A number of the value's run with its interval and the parts of it.
fn number(
    column: Column,
    (parts, widening): (Parts, Widening),
    (run, answer): (&Observation, &Answer<'_>),
) -> ExplainLine {
    let unit = column.metric.unit();
    let ends = |lo: f64, hi: f64| format!("{} to {}", shown(lo, unit), shown(hi, unit));
    let mut inputs = Vec::new();
    if answer.has_intervals() {
        let whole = (parts.whole.value(), parts.whole.lo(), parts.whole.hi());
        let (_, lo, hi) = widening.of(whole);
        let factor = widening.scale;
        let how = if (factor - 1.0).abs() < 1e-12 {
            "both parts below, their logarithms added in squares".to_owned()
        } else {
            format!(
                "both parts below, their logarithms added in squares and times {factor:.3}, from errors of fits that had not seen the rows"
            )
        };
        inputs.push(input("interval", ends(lo, hi), &how));
    }
    let error = if parts.simulation.lo < parts.simulation.hi {
        ends(parts.simulation.lo, parts.simulation.hi)
    } else {
        "not estimated".to_owned()
    };
    let batches = format!("batch means of {BATCHES} batches");
    inputs.push(input("simulation error", error, &batches));
    if answer.has_intervals() {
        inputs.push(input(
            "terms' ends",
            ends(parts.terms.lo(), parts.terms.hi()),
            "the same requests with all terms at their fast and at their slow ends",
        ));
    }
    ExplainLine {
        name: column.to_string(),
        value: parts.whole.value(),
        unit,
        formula: format!("{} {}", of(column, run), column.metric.definition()),
        inputs,
    }
}

fn of(column: Column, run: &Observation) -> String {
    let requests = count(run.tally.finished());
    match column.stat {
        None => "over the measured window:".to_owned(),
        Some(Stat::Mean) => format!("mean over {requests} requests:"),
        Some(stat) => format!("{} over {requests} requests:", stat.name()),
    }
}

/// A number with its unit; a number without one stays bare.
fn shown(value: f64, unit: &str) -> String {
    match unit {
        "1" | "bool" => significant(value, 3),
        unit => crate::units::si(value, unit, 3),
    }
}

/// Engines in words.
fn engines(engines: Phases) -> String {
    if engines.all == engines.generation {
        engines.all.to_string()
    } else {
        format!(
            "{} for prompts, {} that generate",
            engines.prompts, engines.generation
        )
    }
}

/// What the steps of a run hold.
#[derive(Debug, Clone, Copy, Default)]
struct Steps {
    /// Of all engines.
    all: u64,
    with_prompts: u64,
    most_waiting: u32,
    most_occupancy: f64,
}

impl Steps {
    fn line(&self, run: &Observation) -> ExplainLine {
        let mut inputs = self.batches(run).to_vec();
        inputs.extend(self.room(run));
        inputs.extend(host(run));
        ExplainLine {
            name: "simulated steps".to_owned(),
            value: self.all as f64,
            unit: "1",
            formula: "steps of all engines, warm-up included".to_owned(),
            inputs,
        }
    }

    /// How long steps last together, and what is in them.
    fn batches(&self, run: &Observation) -> [ExplainInput; 5] {
        let done = &run.done;
        let busy = done.with_prompts.plus(done.generation).total();
        let running = run.busy.0.plus(run.busy.1).total();
        let batch = share(done.sequence_steps as f64, done.generation_steps as f64);
        let prompts = share(self.with_prompts as f64, self.all as f64);
        [
            input(
                "engines",
                engines(run.engines),
                "replicas, data-parallel groups and pipeline stages",
            ),
            input(
                "busy",
                percent(share(running, run.busy.2), 3),
                "share of the time in which a step runs",
            ),
            input(
                "mean batch",
                significant(batch, 3),
                "generating sequences in a step of generation",
            ),
            input("steps with prompts", percent(prompts, 3), "of all steps"),
            input(
                "time with prompts",
                percent(share(done.with_prompts.total(), busy), 3),
                "of the time of all steps",
            ),
        ]
    }

    /// The cache, and who waits for room.
    fn room(&self, run: &Observation) -> [ExplainInput; 5] {
        let all = run.blocks as f64 * run.seconds * f64::from(run.engines.generation);
        let queue = run.tally.latencies().queue.mean().unwrap_or(0.0) * 1e-9;
        [
            input(
                "mean KV occupancy",
                percent(share(run.done.block_seconds, all), 3),
                "of the blocks, over time",
            ),
            input(
                "most KV occupancy",
                percent(self.most_occupancy, 3),
                "of the blocks of one engine",
            ),
            input(
                "mean queue",
                crate::units::si(queue, "s", 3),
                "from a scheduler's sight of a measured request to its first step",
            ),
            input(
                "most waiting",
                self.most_waiting.to_string(),
                "requests in the queue of one engine at the end of a step",
            ),
            input(
                "preemptions",
                count(run.done.interruptions),
                "requests interrupted and begun again",
            ),
        ]
    }
}

/// Host memory beside the caches; nothing where no caches are kept there.
fn host(run: &Observation) -> Vec<ExplainInput> {
    let Some(blocks) = run.host_blocks else {
        return Vec::new();
    };
    let bytes = |blocks: u64| crate::units::si(blocks as f64 * run.block_bytes, "B", 3);
    vec![
        input(
            "host memory",
            bytes(blocks),
            "of one engine and device, beside copies of what is on the device",
        ),
        input(
            "most in host memory",
            bytes(run.done.peak_host),
            "of one engine and device",
        ),
        input(
            "read from host memory",
            bytes(run.done.read_blocks),
            "of each device, all engines together",
        ),
    ]
}

/// A part of a whole; nothing of nothing.
fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

impl Observer for Steps {
    fn finished(&mut self, _: &Finished) {}

    fn gap(&mut self, _: Nanos, _: u64) {}

    fn step(&mut self, span: &StepSpan) {
        self.all += span.steps;
        self.with_prompts += u64::from(span.prompt_tokens > 0);
        self.most_waiting = self.most_waiting.max(span.waiting);
        self.most_occupancy = self.most_occupancy.max(span.occupancy);
    }

    fn rejected(&mut self, _: &Request) {}
}

impl Onlooker for Steps {
    fn begins(&mut self, _: Measured) {}

    fn arrived(&mut self, _: &Request) {}
}
