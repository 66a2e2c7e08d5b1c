//! What `perf` says of one point.

use super::{Basis, Column};
use crate::diag::Code;
use crate::units::Bytes;

/// A predicted number with its interval, base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimated {
    /// What it is.
    pub column: Column,
    /// The number.
    pub value: f64,
    /// Lower end of the interval; equal to `value` for what is exact (memory of weights).
    pub lo: f64,
    /// Upper end of the interval.
    pub hi: f64,
}

/// What limits a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum Bound {
    Compute,
    MemoryBandwidth,
    MemoryCapacity,
    Link,
    Launch,
    Host,
}

/// Memory of one accelerator.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct MemoryParts {
    /// Weights.
    pub weights: Bytes,
    /// Cached keys and values at the load's peak.
    pub kv: Bytes,
    /// Activations and workspace of the largest step.
    pub activations: Bytes,
    /// Context, libraries, fragmentation.
    pub overhead: Bytes,
    /// What may be used: capacity times the runtime's share.
    pub usable: Bytes,
    /// Capacity of the device.
    pub capacity: Bytes,
}

impl MemoryParts {
    /// Everything together.
    pub fn total(&self) -> Bytes {
        self.weights + self.kv + self.activations + self.overhead
    }

    /// True when the total may be used.
    pub fn fits(&self) -> bool {
        self.total() <= self.usable
    }
}

/// Mean electrical power of one replica's parts in the window, watts, each as (value, lo, hi); `None` is not known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PowerParts {
    /// All accelerators of all replicas.
    pub accelerator: Option<(f64, f64, f64)>,
    /// Processors, memory, fans, drives of all nodes in use.
    pub host: Option<(f64, f64, f64)>,
    /// Network devices.
    pub network: Option<(f64, f64, f64)>,
    /// A whole single-board device.
    pub board: Option<(f64, f64, f64)>,
    /// The accelerators, or the single-board device, with nothing running.
    pub idle: Option<(f64, f64, f64)>,
}

/// How a latency is spread over requests: quantiles at fixed shares, base units.
///
/// `analyse` reads the share of requests within a per-request limit from it. Values rise with the share.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyModel {
    /// `ttft`, `tpot` or `e2el`.
    pub metric: super::Metric,
    /// `(share, value, lo, hi)`, shares rising from above 0 to below 1.
    pub quantiles: Vec<(f64, f64, f64, f64)>,
}

/// The share of requests that met every per-request limit of an objective, counted request by request.
#[derive(Debug, Clone, PartialEq)]
pub struct Attained {
    /// Name of the objective.
    pub slo: String,
    /// The share with its interval.
    pub share: (f64, f64, f64),
}

/// What `perf` says of one point.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// Numbers, sorted by column.
    pub values: Vec<Estimated>,
    /// Level of the intervals.
    pub level: f64,
    /// What the numbers rest on.
    pub basis: Basis,
    /// How they were made, `analytic` or `simulate`.
    pub method: &'static str,
    /// What limits prompt processing and generation.
    pub bound_prefill: Option<Bound>,
    /// What limits generation.
    pub bound_decode: Option<Bound>,
    /// Memory of one accelerator.
    pub memory: MemoryParts,
    /// Electrical power.
    pub power: PowerParts,
    /// Accelerators of all replicas.
    pub accelerators: u32,
    /// Spread of latencies over requests.
    pub latencies: Vec<LatencyModel>,
    /// Shares of requests that met objectives, where requests were simulated one by one.
    pub attained: Vec<Attained>,
    /// Notes such as `does-not-fit`, sorted.
    pub notes: Vec<Code>,
}

impl Estimate {
    /// The number of a column.
    pub fn get(&self, column: Column) -> Option<&Estimated> {
        self.values
            .iter()
            .find(|estimated| estimated.column == column)
    }
}

/// Why there is no estimate: a fact is missing or the model does not exist yet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NotModelled {
    /// The catalogue does not state a fact that the equations need.
    #[error("`{entry}` has no {fact} in the catalogue")]
    MissingFact {
        /// Catalogue id.
        entry: String,
        /// The fact in words, `memory bandwidth`.
        fact: &'static str,
    },
    /// This version cannot predict that kind of workload, model or option.
    #[error("{what} is not modelled yet")]
    NotYet {
        /// In words.
        what: String,
    },
}
