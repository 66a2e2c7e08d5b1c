//! An estimate from what a simulation of the schedule observed.

use super::columns::Level;
use super::demand::Demand;
use super::estimate::EstimateOptions;
use super::findings::Findings;
use super::power::Activity;
use super::server::Server;
use super::spread::Spread;
use crate::diag::Code;
use crate::record::{Attained, Bound, Column, Estimate, LatencyModel};
use crate::scenario::LlmWorkload;
use crate::units::Bytes;

/// Seconds of steps by what they were bound by.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Busy {
    /// Arithmetic.
    pub compute: f64,
    /// Memory traffic.
    pub memory: f64,
    /// Links, launches and the host.
    pub waiting: f64,
    /// The host's processor, where a part of the model is computed there.
    pub processor: f64,
    /// Arithmetic behind memory traffic; it takes no time of its own.
    pub hidden_compute: f64,
    /// Memory traffic behind arithmetic, likewise.
    pub hidden_memory: f64,
}

/// What a simulation of the schedule observed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// Rates and latencies at the asked level.
    pub columns: Vec<(Column, Spread)>,
    /// Spread of latencies over requests.
    pub latencies: Vec<LatencyModel>,
    /// Requests that met sets of limits.
    pub attained: Vec<Attained>,
    /// Seconds of all engines' steps with prompts and of the others, and seconds of all engines together.
    pub busy: (Busy, Busy, f64),
    /// Most bytes that caches of one device held.
    pub cache: Bytes,
    /// Most requests in the server.
    pub peak: f64,
    /// True where requests waited for room in the cache.
    pub short_of_cache: bool,
    /// Findings such as `saturated`.
    pub notes: Vec<Code>,
}

impl Busy {
    /// So many times.
    #[must_use]
    pub fn times(self, count: f64) -> Self {
        Self {
            compute: self.compute * count,
            memory: self.memory * count,
            waiting: self.waiting * count,
            processor: self.processor * count,
            hidden_compute: self.hidden_compute * count,
            hidden_memory: self.hidden_memory * count,
        }
    }

    /// Both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            compute: self.compute + other.compute,
            memory: self.memory + other.memory,
            waiting: self.waiting + other.waiting,
            processor: self.processor + other.processor,
            hidden_compute: self.hidden_compute + other.hidden_compute,
            hidden_memory: self.hidden_memory + other.hidden_memory,
        }
    }

    /// All seconds together.
    pub const fn total(&self) -> f64 {
        self.compute + self.memory + self.waiting + self.processor
    }

    fn bound(&self) -> Option<Bound> {
        let parts = [
            (self.compute, Bound::Compute),
            (self.memory, Bound::MemoryBandwidth),
            (self.waiting + self.processor, Bound::Host),
        ];
        let largest = parts.into_iter().max_by(|a, b| a.0.total_cmp(&b.0));
        largest.filter(|part| part.0 > 0.0).map(|part| part.1)
    }

    fn activity(&self, seconds: f64) -> Activity {
        // Rounding must not make a busy engine busier than always.
        let share = 1.0 / seconds.max(self.total());
        Activity {
            compute: (self.compute + self.hidden_compute) * share,
            memory: (self.memory + self.hidden_memory) * share,
            waiting: self.waiting * share,
            processor: self.processor * share,
        }
    }
}

impl Server {
    /// True where the terms have intervals; without them no number has one.
    pub const fn has_level(&self) -> bool {
        self.pack_z.is_some()
    }

    /// From the level of the terms to the asked one.
    pub fn level(&self, asked: f64) -> Level {
        Level::new(self.pack_z, Level::z(asked))
    }

    /// The estimate of a workload from what its simulation observed; memory is that of the peak.
    pub fn observed(
        &self,
        workload: &LlmWorkload,
        observed: Observed,
        options: &EstimateOptions,
    ) -> Estimate {
        let demand = Demand::new(workload, self.memory.scheduler());
        let each = (observed.peak / self.groups).max(1.0);
        let memory = self.memory.with_cache(observed.cache, each, &demand);
        let mut findings = Findings::new(self, options, &memory);
        let (prompts, generation, seconds) = observed.busy;
        let all = prompts.plus(generation);
        let decode = if observed.short_of_cache {
            Some(Bound::MemoryCapacity)
        } else {
            generation.bound().or_else(|| prompts.bound())
        };
        let bounds = (
            prompts.bound(),
            decode.filter(|_| demand.decode_steps > 0.0),
        );
        findings.observed(observed.columns, bounds, all.activity(seconds));
        let mut estimate = findings.finish();
        estimate.method = "simulate";
        estimate.latencies = observed.latencies;
        estimate.attained = observed.attained;
        estimate.notes.extend(observed.notes);
        estimate.notes.sort_unstable();
        estimate.notes.dedup();
        estimate
    }
}
