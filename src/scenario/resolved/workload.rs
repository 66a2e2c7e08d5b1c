//! What is asked of a system.

use std::sync::Arc;

use super::super::trace::Trace;
use crate::units::Seconds;

/// What is asked of a system.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every workload is the large one"
)]
pub enum Workload {
    /// Text generation.
    Llm(LlmWorkload),
    /// A workload whose place is kept and which this version cannot predict.
    Unmodelled(Unmodelled),
}

/// A workload this version reads and checks and does not predict.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unmodelled {
    /// `embedding`, `vision`, `training`, `kernel`.
    pub kind: &'static str,
    /// Canonical JSON of the workload as written, for ids.
    pub canonical: String,
}

/// Text generation.
#[derive(Debug, Clone, PartialEq)]
pub struct LlmWorkload {
    /// Prompt tokens.
    pub isl: Lengths,
    /// Generated tokens.
    pub osl: Lengths,
    /// Prompt tokens that groups of requests share.
    pub shared_prefix: Option<SharedPrefix>,
    /// Conversations, where requests belong to some.
    pub sessions: Option<Sessions>,
    /// Tokens are sent one by one.
    pub streaming: bool,
    /// Generation goes on to `osl`.
    pub ignore_eos: bool,
    /// How requests arrive.
    pub load: Load,
    /// How often a device is used in a day.
    pub duty: Option<Duty>,
}

/// Shared prompt tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SharedPrefix {
    /// Tokens in common.
    pub tokens: u64,
    /// Different prefixes.
    pub groups: u64,
}

/// Conversations: the prompt of a turn is the last prompt, its output, and new tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Sessions {
    /// Requests of a session.
    pub turns: Lengths,
    /// Mean of the exponential pause between the end of a turn and the next.
    pub pause: Seconds,
}

/// A length in tokens: fixed or drawn.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    missing_docs,
    reason = "the names are those of the language, design of section 4"
)]
pub enum Lengths {
    Fixed(u64),
    Normal {
        mean: f64,
        std: f64,
        min: Option<u64>,
        max: Option<u64>,
    },
    Lognormal {
        mean: f64,
        std: f64,
        min: Option<u64>,
        max: Option<u64>,
    },
    Uniform {
        min: u64,
        max: u64,
    },
    /// Values with weights that add up to one, sorted by value.
    Empirical(Arc<[(u64, f64)]>),
    /// Parts with weights that add up to one.
    Mixture(Arc<[(f64, Self)]>),
}

/// How requests arrive, and minima of a measured run.
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// The mode.
    pub mode: LoadMode,
    /// At least so many requests.
    pub requests: Option<u64>,
    /// At least so long.
    pub duration: Option<Seconds>,
    /// Excluded at the start.
    pub warmup: Option<Seconds>,
    /// Which part of the run its numbers are about.
    pub window: Window,
    /// Mean of the exponential pause of a user of a closed loop between the end of a request and the next; zero for none.
    pub think_time: Seconds,
}

/// Which part of a run its numbers are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Window {
    /// The steady state, after a warm-up and before the load ends.
    #[default]
    Steady,
    /// All `requests`, from the first to the last, with the burst in which they begin: what benchmark clients that send a number
    /// of prompts report.
    Whole,
}

impl Load {
    /// A load without minima and pauses.
    pub const fn of(mode: LoadMode) -> Self {
        Self {
            mode,
            requests: None,
            duration: None,
            warmup: None,
            window: Window::Steady,
            think_time: Seconds::ZERO,
        }
    }
}

impl LlmWorkload {
    /// True where prompts begin alike, so that a cache of prompts may find something.
    pub fn repeats_prompts(&self) -> bool {
        let replayed = match &self.load.mode {
            LoadMode::Trace(replayed) => replayed.trace.repeats_prompts(),
            LoadMode::Concurrency(_)
            | LoadMode::RequestRate { .. }
            | LoadMode::Ramp { .. }
            | LoadMode::BatchSize(_)
            | LoadMode::SingleStream
            | LoadMode::MultiStream(_)
            | LoadMode::Offline => false,
        };
        self.shared_prefix.is_some() || self.sessions.is_some() || replayed
    }
}

/// How requests arrive.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadMode {
    /// Closed loop, so many in flight.
    Concurrency(u64),
    /// Open loop, requests per second.
    RequestRate {
        /// Requests per second.
        rate: f64,
        /// Spread of the gaps.
        arrival: Arrival,
        /// Client-side cap.
        max_in_flight: Option<u64>,
    },
    /// So many start together, the next batch when all have ended.
    BatchSize(u64),
    /// One at a time.
    SingleStream,
    /// Queries of so many samples, one at a time.
    MultiStream(u64),
    /// All at once.
    Offline,
    /// Open loop whose rate goes evenly from one to another; then it ends.
    Ramp {
        /// Requests per second at the start.
        from: f64,
        /// Requests per second at the end.
        to: f64,
        /// How long it takes.
        over: Seconds,
        /// Spread of the gaps.
        arrival: Arrival,
        /// Client-side cap.
        max_in_flight: Option<u64>,
    },
    /// Arrival times and lengths of a file.
    Trace(Replayed),
}

/// A trace and how it is replayed.
#[derive(Debug, Clone, PartialEq)]
pub struct Replayed {
    /// The path of the file, `@`, and the first digits of its hash.
    pub file: String,
    /// Arrival times are divided by it.
    pub speed: f64,
    /// The requests.
    pub trace: Arc<Trace>,
}

/// Gaps between arrivals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Arrival {
    /// Exponential gaps.
    Poisson,
    /// Equal gaps.
    Constant,
    /// Gamma gaps; 1 is Poisson, smaller is burstier.
    Gamma {
        /// Shape of the gamma distribution.
        burstiness: f64,
    },
}

/// Use of a device in a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duty {
    /// Requests in an hour.
    pub requests_per_hour: f64,
    /// True when the device suspends between requests, false when it idles.
    pub suspends: bool,
    /// Hours of use in a day, as time.
    pub day: Option<Seconds>,
}
