//! The names of every number, with unit and direction.

use std::fmt;
use std::str::FromStr;

/// Distribution over requests, or one number for a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One value for each request; a column takes a statistic.
    Distribution,
    /// One number.
    Scalar,
}

/// Which direction is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Smaller.
    Lower,
    /// Larger.
    Higher,
    /// Neither; it is context.
    Neither,
}

macro_rules! metrics {
    ($($variant:ident $name:literal $kind:ident $unit:literal $better:ident $definition:literal,)+) => {
        /// A metric; definitions are phantom's own and every importer maps to them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Metric {
            $(#[doc = $definition] $variant,)+
        }

        impl Metric {
            /// All metrics.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name as columns and limits write it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Distribution or number.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)+ }
            }

            /// Base unit; `currency` stands for the scenario's currency.
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)+ }
            }

            /// Which direction is good.
            pub const fn better(self) -> Better {
                match self { $(Self::$variant => Better::$better,)+ }
            }

            /// The formula in words.
            pub const fn definition(self) -> &'static str {
                match self { $(Self::$variant => $definition,)+ }
            }
        }
    };
}

metrics! {
    Ttft "ttft" Distribution "s" Lower "time from sending a request to its first output token",
    TtftInclQueue "ttft_incl_queue" Distribution "s" Lower "time from the intended send time to the first output token",
    ClientQueueTime "client_queue_time" Distribution "s" Neither "time from the intended to the actual send time",
    E2el "e2el" Distribution "s" Lower "time from sending a request to its last output token",
    E2elInclQueue "e2el_incl_queue" Distribution "s" Lower "time from the intended send time to the last output token",
    Tpot "tpot" Distribution "s" Lower "time between first and last output token, divided by the output tokens less one",
    Itl "itl" Distribution "s" Lower "gaps between consecutive output chunks, pooled over requests",
    Ntpot "ntpot" Distribution "s" Lower "end-to-end latency divided by the output tokens",
    QueueTime "queue_time" Distribution "s" Lower "time a request waits in the engine before its prompt is first taken up",
    Interactivity "interactivity" Distribution "tok/s" Higher "one divided by tpot, for each request",
    Latency "latency" Distribution "s" Lower "time of one batch or query of a workload without tokens",
    RequestThroughput "request_throughput" Scalar "req/s" Higher "successful requests divided by the window",
    OfferedRate "offered_rate" Scalar "req/s" Neither "requests that arrive divided by the time in which they do",
    BacklogGrowth "backlog_growth" Scalar "req/s" Lower "requests by which those in the server (of a trace or ramp, those that wait) grow in a second, where more arrive than are answered",
    RequestsRejected "requests_rejected" Scalar "1" Lower "measured requests that were turned away because nothing can hold them",
    OutputThroughput "output_throughput" Scalar "tok/s" Higher "output tokens of successful requests divided by the window",
    InputThroughput "input_throughput" Scalar "tok/s" Higher "prompt tokens of successful requests divided by the window",
    TotalTokenThroughput "total_token_throughput" Scalar "tok/s" Higher "prompt and output tokens divided by the window",
    OutputThroughputPerAccelerator "output_throughput_per_accelerator" Scalar "tok/s" Higher "output throughput divided by the accelerators of all pools",
    PrefillThroughput "prefill_throughput" Scalar "tok/s" Higher "prompt tokens divided by the time to process them, without queue",
    DecodeThroughput "decode_throughput" Scalar "tok/s" Higher "generated tokens of all sequences divided by the decode time",
    SamplesPerSecond "samples_per_second" Scalar "sample/s" Higher "samples divided by the window",
    KernelLatency "kernel_latency" Scalar "s" Lower "time of one operator call on one device",
    Goodput "goodput" Scalar "req/s" Higher "successful requests that meet every per-request limit, divided by the window",
    SloAttainment "slo_attainment" Scalar "1" Higher "share of requests that meet every per-request limit",
    ErrorRate "error_rate" Scalar "1" Lower "errored requests divided by successful and errored ones",
    MemoryTotal "memory_total" Scalar "B" Lower "memory of one accelerator at the load's peak",
    MemoryWeights "memory_weights" Scalar "B" Lower "weights on one accelerator",
    MemoryKv "memory_kv" Scalar "B" Lower "cached keys and values on one accelerator at the load's peak",
    MemoryActivations "memory_activations" Scalar "B" Lower "activations and workspace of one step on one accelerator",
    MemoryOverhead "memory_overhead" Scalar "B" Lower "runtime, context and fragmentation on one accelerator",
    MemoryFits "memory_fits" Scalar "bool" Higher "the total is within the usable capacity",
    KvOccupancy "kv_occupancy" Scalar "1" Neither "share of the cache's blocks that requests hold, over the simulated time",
    DecodeBatch "decode_batch" Scalar "1" Neither "sequences that generate together in a step of one engine, over steps",
    PrefixHitRate "prefix_hit_rate" Scalar "1" Higher "share of prompt tokens found in the cache",
    HostHitRate "host_hit_rate" Scalar "1" Higher "share of prompt tokens that were read from host memory instead of processed",
    PreemptionsPerRequest "preemptions_per_request" Scalar "1" Lower "how often a request is taken from the engine and begins again",
    SwappedBlocksPerRequest "swapped_blocks_per_request" Scalar "1" Lower "blocks of cache of a request that are in host memory while it is interrupted",
    Power "power" Scalar "W" Lower "mean electrical power of the scope in the window",
    EnergyPerOutputToken "energy_per_output_token" Scalar "J" Lower "energy of the scope divided by output tokens",
    EnergyPerRequest "energy_per_request" Scalar "J" Lower "energy of the scope divided by requests",
    EnergyPerSample "energy_per_sample" Scalar "J" Lower "energy of the scope divided by samples",
    EnergyTotal "energy_total" Scalar "J" Lower "energy of the scope for the whole job",
    CarbonPerMtok "carbon_per_mtok" Scalar "gCO2e" Lower "energy of a million output tokens times PUE times grid intensity, plus the embodied share if asked",
    CarbonPerMsample "carbon_per_msample" Scalar "gCO2e" Lower "the same for a million samples",
    CarbonTotal "carbon_total" Scalar "gCO2e" Lower "the same for the whole job",
    CarbonPerMonth "carbon_per_month" Scalar "gCO2e" Lower "the same for a month of 730 h at full load, of the fleet that serves the stated demand (`size_for`), of the deployment where none is stated",
    CostPerHour "cost_per_hour" Scalar "currency" Lower "price of the deployment for an hour",
    CostPerMonth "cost_per_month" Scalar "currency" Lower "price of a month of 730 h of the fleet that serves the stated demand (`size_for`), of the deployment where none is stated",
    CostPerYear "cost_per_year" Scalar "currency" Lower "twelve times the cost of a month",
    CostTotal "cost_total" Scalar "currency" Lower "price of the job",
    CostPerMtokOutput "cost_per_mtok_output" Scalar "currency" Lower "price per second / utilization / output throughput × 10⁶; the whole deployment is charged to output tokens",
    CostPerMtokInput "cost_per_mtok_input" Scalar "currency" Lower "price per second / utilization / input throughput × 10⁶; the whole deployment is charged to prompt tokens",
    CostPerMtokTotal "cost_per_mtok_total" Scalar "currency" Lower "price per second / utilization / total token throughput × 10⁶",
    CostPerMsample "cost_per_msample" Scalar "currency" Lower "price per second / utilization / samples per second × 10⁶",
    StepTime "step_time" Scalar "s" Lower "one optimiser step",
    WallClock "wall_clock" Scalar "s" Lower "the whole job with checkpoints and expected restarts",
    Mfu "mfu" Scalar "1" Higher "model operations per second divided by the dense peak",
    TokensPerSecondPerAccelerator "tokens_per_second_per_accelerator" Scalar "tok/s" Higher "training tokens divided by time and accelerators",
    BatteryLife "battery_life" Scalar "s" Higher "usable energy divided by mean drain",
    RequestsPerCharge "requests_per_charge" Scalar "1" Higher "battery life times requests per hour",
    ThrottleRatio "throttle_ratio" Scalar "1" Lower "one less sustained divided by peak throughput at the ambient temperature",
}

impl Metric {
    /// The metric of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|metric| metric.name() == name)
    }
}

/// A statistic over requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the statistics")]
pub enum Stat {
    Mean,
    P50,
    P90,
    P95,
    P99,
    P99_9,
    Min,
    Max,
    Std,
}

impl Stat {
    /// All statistics.
    pub const ALL: [Self; 9] = [
        Self::Mean,
        Self::P50,
        Self::P90,
        Self::P95,
        Self::P99,
        Self::P99_9,
        Self::Min,
        Self::Max,
        Self::Std,
    ];

    /// The name as columns write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P90 => "p90",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P99_9 => "p99_9",
            Self::Min => "min",
            Self::Max => "max",
            Self::Std => "std",
        }
    }

    /// The quantile it stands for, in (0, 1).
    pub const fn quantile(self) -> Option<f64> {
        match self {
            Self::P50 => Some(0.5),
            Self::P90 => Some(0.9),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
            Self::P99_9 => Some(0.999),
            Self::Mean | Self::Min | Self::Max | Self::Std => None,
        }
    }
}

/// What SLOs, questions, goldens and CSV name: `p99_ttft`, `output_throughput`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Column {
    /// The metric.
    pub metric: Metric,
    /// The statistic; always there for a distribution, never for a scalar.
    pub stat: Option<Stat>,
}

impl Column {
    /// The column of a scalar, or the mean of a distribution.
    pub const fn of(metric: Metric) -> Self {
        match metric.kind() {
            Kind::Distribution => Self {
                metric,
                stat: Some(Stat::Mean),
            },
            Kind::Scalar => Self { metric, stat: None },
        }
    }

    /// A statistic of a distribution.
    pub const fn stat(stat: Stat, metric: Metric) -> Self {
        Self {
            metric,
            stat: Some(stat),
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.stat {
            Some(stat) => write!(f, "{}_{}", stat.name(), self.metric.name()),
            None => f.write_str(self.metric.name()),
        }
    }
}

/// No column has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no metric or column is named `{0}`")]
pub struct UnknownColumn(pub String);

impl FromStr for Column {
    type Err = UnknownColumn;

    fn from_str(text: &str) -> Result<Self, UnknownColumn> {
        if let Some(metric) = Metric::from_name(text) {
            return Ok(Self::of(metric));
        }
        for stat in Stat::ALL {
            let rest = text
                .strip_prefix(stat.name())
                .and_then(|rest| rest.strip_prefix('_'));
            if let Some(metric) = rest.and_then(Metric::from_name)
                && metric.kind() == Kind::Distribution
            {
                return Ok(Self {
                    metric,
                    stat: Some(stat),
                });
            }
        }
        Err(UnknownColumn(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_reads_back() {
        for metric in Metric::ALL.iter().copied() {
            assert_eq!(
                Column::of(metric).to_string().parse(),
                Ok(Column::of(metric))
            );
        }
        assert_eq!(
            "p99_9_ttft".parse(),
            Ok(Column::stat(Stat::P99_9, Metric::Ttft))
        );
        assert!("p99_power".parse::<Column>().is_err());
    }
}
