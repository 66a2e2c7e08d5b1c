//! The load of a row: which mode, and which lengths its number is about.

use super::Skip;
use super::suite::{self, Suite};
use crate::record::{Column, Metric};
use crate::scenario::{Arrival, Lengths, LlmWorkload, LoadMode, SharedPrefix, Window};

/// How a row's load was made, from the column `scenario`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LoadRule {
    /// So many sequences start together.
    Batch,
    /// One at a time.
    Single,
    /// So many in flight.
    Concurrency,
    /// Requests per second.
    Rate(f64),
    /// Requests per second that another row of the run states.
    RunRate,
    /// All at once.
    Offline,
}

/// Counts a row states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Column `batch_size`.
    pub batch: Option<u64>,
    /// Column `concurrency`.
    pub concurrency: Option<u64>,
    /// Column `input_tokens`.
    pub input: Option<u64>,
    /// Column `output_tokens`.
    pub output: Option<u64>,
    /// Column `context_tokens`.
    pub context: Option<u64>,
    /// Requests of the whole run, from the notes.
    pub requests: Option<u64>,
}

/// What part of a request a number is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Prompt,
    Generation,
    Whole,
}

impl LoadRule {
    /// The rule of a scenario column.
    ///
    /// # Errors
    ///
    /// [`Skip::UnsupportedScenario`] for loads phantom cannot describe.
    pub fn of(scenario: &str) -> Result<Self, Skip> {
        if let Some(rate) = scenario.strip_prefix("serving-qps-") {
            return match rate.parse::<f64>() {
                Ok(rate) if rate == f64::INFINITY => Ok(Self::Offline),
                Ok(rate) if rate > 0.0 => Ok(Self::Rate(rate)),
                Ok(_) | Err(_) => Err(Skip::UnsupportedScenario),
            };
        }
        if scenario.starts_with("single-stream") {
            return Ok(Self::Single);
        }
        match scenario {
            "static-batch"
            | "encoder-static-batch"
            | "max-throughput-static"
            | "llama-batched-bench" => Ok(Self::Batch),
            "llama-bench" | "llama.cpp-main" | "mlx_lm.benchmark" | "mlperf-singlestream" => {
                Ok(Self::Single)
            }
            "serving-fixed-concurrency"
            | "lm-arena-chat"
            | "gpqa"
            | "image-chat"
            | "video-chat"
            | "sourcegraph-fim" => Ok(Self::Concurrency),
            "mlperf-offline" | "continuous-batching-max-throughput" => Ok(Self::Offline),
            "mlperf-server" | "mlperf-interactive" => Ok(Self::RunRate),
            _ => Err(Skip::UnsupportedScenario),
        }
    }

    /// True where requests follow each other on a server, false where one batch runs from start to end.
    const fn serves(self) -> bool {
        match self {
            Self::Batch | Self::Single => false,
            Self::Concurrency | Self::Rate(_) | Self::RunRate | Self::Offline => true,
        }
    }

    /// True where a number is the rate that the run was given, so that comparing it would compare an input with itself.
    pub const fn is_input(self, metric: Metric) -> bool {
        matches!(self, Self::RunRate) && is_rate(metric)
    }

    fn mode(self, counts: Counts, run_rate: Option<f64>) -> Result<LoadMode, Skip> {
        let above_zero = |count: Option<u64>, column| match count {
            None => Err(Skip::MissingField(column)),
            Some(0) => Err(Skip::BadValue),
            Some(count) => Ok(count),
        };
        let open = |rate| LoadMode::RequestRate {
            rate,
            arrival: Arrival::Poisson,
            max_in_flight: None,
        };
        Ok(match self {
            Self::Batch => LoadMode::BatchSize(above_zero(counts.batch, "batch_size")?),
            Self::Single => LoadMode::BatchSize(1),
            Self::Concurrency => {
                LoadMode::Concurrency(above_zero(counts.concurrency, "concurrency")?)
            }
            Self::Rate(rate) => open(rate),
            Self::RunRate => open(run_rate.ok_or(Skip::MissingField("requests_per_s"))?),
            Self::Offline => LoadMode::Offline,
        })
    }

    /// The workload whose `column` the row measured.
    ///
    /// # Errors
    ///
    /// The first column that is missing.
    pub fn workload(
        self,
        column: Column,
        counts: Counts,
        suite: Suite,
        run_rate: Option<f64>,
    ) -> Result<LlmWorkload, Skip> {
        let mode = self.mode(counts, run_rate)?;
        let (isl, osl, shared_prefix) = if self.serves() {
            let input = counts.input.ok_or(Skip::MissingField("input_tokens"))?;
            let output = counts.output.ok_or(Skip::MissingField("output_tokens"))?;
            (
                suite::length(input, suite),
                suite::length(output, suite),
                None,
            )
        } else {
            batched(column.metric, counts)?
        };
        let mut load = suite::load(mode, suite);
        let is_whole = |requests: &u64| match self {
            Self::Rate(_) | Self::Offline => true,
            // Fewer requests than are kept in flight are no loop.
            Self::Concurrency => counts.concurrency.is_some_and(|flight| flight <= *requests),
            Self::Batch | Self::Single | Self::RunRate => false,
        };
        if let Some(requests) = counts.requests.filter(is_whole) {
            // Such a run is timed from its first request to its last answer.
            (load.requests, load.window) = (Some(requests), Window::Whole);
        }
        Ok(LlmWorkload {
            isl,
            osl,
            shared_prefix,
            sessions: None,
            streaming: true,
            ignore_eos: true,
            load,
            duty: None,
        })
    }
}

/// Rates that an open load fixes: what arrives is served.
const fn is_rate(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::RequestThroughput
            | Metric::SamplesPerSecond
            | Metric::OutputThroughput
            | Metric::TotalTokenThroughput
    )
}

const fn phase(metric: Metric, counts: Counts) -> Phase {
    if matches!(metric, Metric::PrefillThroughput | Metric::Ttft) {
        return Phase::Prompt;
    }
    if matches!(
        metric,
        Metric::DecodeThroughput | Metric::Tpot | Metric::Itl
    ) {
        return Phase::Generation;
    }
    match (counts.input, counts.output) {
        (_, Some(0)) => Phase::Prompt,
        (Some(0), _) => Phase::Generation,
        _ => Phase::Whole,
    }
}

type Shape = (Lengths, Lengths, Option<SharedPrefix>);

/// Lengths of a run that measures one batch: prompts that follow cached tokens share them, and generation starts at the
/// cached tokens, or after the prompt where none are stated.
///
/// A rate of generation whose length is not stated is that of the first step.
fn batched(metric: Metric, counts: Counts) -> Result<Shape, Skip> {
    let fixed = |tokens: u64| Lengths::Fixed(tokens.max(1));
    let prompt = counts.input.ok_or(Skip::MissingField("input_tokens"));
    match phase(metric, counts) {
        Phase::Prompt => {
            let (new, cached) = (prompt?, counts.context.unwrap_or(0));
            if new == 0 {
                return Err(Skip::BadValue);
            }
            let shared = (cached > 0).then_some(SharedPrefix {
                tokens: cached,
                groups: 1,
            });
            Ok((
                fixed(new + cached),
                fixed(counts.output.unwrap_or(1)),
                shared,
            ))
        }
        Phase::Generation => {
            let start = counts.context.or(counts.input);
            let start = start.ok_or(Skip::MissingField("context_tokens"))?;
            match counts.output {
                Some(0) => Err(Skip::BadValue),
                output => Ok((fixed(start), fixed(output.unwrap_or(2)), None)),
            }
        }
        Phase::Whole => {
            let output = counts.output.ok_or(Skip::MissingField("output_tokens"))?;
            Ok((fixed(prompt?), fixed(output), None))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Stat;

    const PLAIN: Suite = Suite::Unknown;
    const COUNTS: Counts = Counts {
        batch: Some(8),
        concurrency: Some(16),
        input: Some(1024),
        output: Some(256),
        context: None,
        requests: None,
    };

    fn load(scenario: &str, metric: Metric, counts: Counts) -> Result<LlmWorkload, Skip> {
        LoadRule::of(scenario)?.workload(Column::of(metric), counts, PLAIN, None)
    }

    #[test]
    fn each_scenario_has_its_mode() {
        let mode = |scenario| load(scenario, Metric::E2el, COUNTS).map(|load| load.load.mode);
        assert_eq!(mode("static-batch"), Ok(LoadMode::BatchSize(8)));
        assert_eq!(mode("single-stream-generate"), Ok(LoadMode::BatchSize(1)));
        assert_eq!(
            mode("serving-fixed-concurrency"),
            Ok(LoadMode::Concurrency(16))
        );
        assert_eq!(mode("serving-qps-inf"), Ok(LoadMode::Offline));
        assert!(matches!(
            mode("serving-qps-4"),
            Ok(LoadMode::RequestRate { rate: 4.0, .. })
        ));
        assert_eq!(
            mode("serving-disaggregated"),
            Err(Skip::UnsupportedScenario)
        );
        assert_eq!(mode("serving-qps-nan"), Err(Skip::UnsupportedScenario));
        assert_eq!(
            mode("mlperf-server"),
            Err(Skip::MissingField("requests_per_s"))
        );
    }

    #[test]
    fn generation_starts_at_the_cached_tokens() {
        let counts = Counts {
            input: Some(0),
            context: Some(4096),
            output: Some(128),
            ..COUNTS
        };
        let found = load("llama-bench", Metric::DecodeThroughput, counts).expect("a load");
        assert_eq!(
            (found.isl, found.osl),
            (Lengths::Fixed(4096), Lengths::Fixed(128))
        );
        let unstated = Counts {
            context: None,
            output: None,
            ..COUNTS
        };
        let found = load("single-stream-decode", Metric::Tpot, unstated).expect("a load");
        assert_eq!(
            (found.isl, found.osl),
            (Lengths::Fixed(1024), Lengths::Fixed(2))
        );
    }

    #[test]
    fn prompts_after_cached_tokens_share_them() {
        let counts = Counts {
            context: Some(4096),
            output: Some(0),
            ..COUNTS
        };
        let found = load("llama-bench", Metric::PrefillThroughput, counts).expect("a load");
        assert_eq!(found.isl, Lengths::Fixed(5120));
        assert_eq!(found.shared_prefix.map(|prefix| prefix.tokens), Some(4096));
    }

    #[test]
    fn a_rate_that_the_run_was_given_is_no_prediction() {
        let rule = LoadRule::of("mlperf-server").expect("known");
        let of = |metric| rule.workload(Column::of(metric), COUNTS, PLAIN, Some(3.0));
        assert!(rule.is_input(Metric::RequestThroughput) && !rule.is_input(Metric::Ttft));
        let load = of(Metric::Ttft).expect("a load").load;
        let given = LoadMode::RequestRate {
            rate: 3.0,
            arrival: Arrival::Poisson,
            max_in_flight: None,
        };
        assert_eq!(load.mode, given);
    }

    #[test]
    fn a_run_of_so_many_requests_is_measured_whole() {
        let counts = Counts {
            requests: Some(500),
            ..COUNTS
        };
        let load = |scenario| {
            let found = LoadRule::of(scenario).expect("known");
            let found = found.workload(Column::of(Metric::Ttft), counts, PLAIN, Some(2.0));
            let load = found.expect("a load").load;
            (load.requests, load.window)
        };
        assert_eq!(load("serving-qps-8"), (Some(500), Window::Whole));
        assert_eq!(load("serving-qps-inf"), (Some(500), Window::Whole));
        let loop_of_500 = load("serving-fixed-concurrency");
        assert_eq!(loop_of_500, (Some(500), Window::Whole));
        let hostile = Counts {
            concurrency: Some(1 << 40),
            ..counts
        };
        let rule = LoadRule::of("serving-fixed-concurrency").expect("known");
        let found = rule.workload(Column::of(Metric::Ttft), hostile, PLAIN, None);
        assert_eq!(found.expect("a load").load.requests, None);
        assert_eq!(load("mlperf-server"), (None, Window::Steady));
    }

    #[test]
    fn random_lengths_are_a_range() {
        let rule = LoadRule::of("serving-fixed-concurrency").expect("known");
        let column = Column::stat(Stat::Mean, Metric::Tpot);
        let found = rule.workload(column, COUNTS, Suite::InferenceMax, None);
        let expected = Lengths::Uniform {
            min: 820,
            max: 1024,
        };
        assert_eq!(found.expect("a load").isl, expected);
        let found = rule.workload(column, COUNTS, Suite::RandomLengths(0), None);
        let expected = Lengths::Uniform { min: 1, max: 256 };
        assert_eq!(found.expect("a load").osl, expected);
    }

    #[test]
    fn a_missing_length_is_named() {
        let counts = Counts {
            input: None,
            ..COUNTS
        };
        let of = |scenario| load(scenario, Metric::OutputThroughput, counts).map(|_| ());
        assert_eq!(of("gpqa"), Err(Skip::MissingField("input_tokens")));
        let counts = Counts {
            output: None,
            ..COUNTS
        };
        let found = load("static-batch", Metric::E2el, counts).map(|_| ());
        assert_eq!(found, Err(Skip::MissingField("output_tokens")));
    }
}
