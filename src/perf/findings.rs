//! What an answer says, as columns, memory, power, bounds and notes.

use super::closed_loop::{Engines, Settled};
use super::columns::{Columns, Level};
use super::demand::Demand;
use super::estimate::EstimateOptions;
use super::latency::{Variety, percentiles};
use super::memory::MemoryUse;
use super::power::Activity;
use super::server::Server;
use super::spread::Spread;
use super::static_batch::Batch;
use crate::diag::Code;
use crate::record::{Bound, Column, Estimate, LatencyModel, Metric};

/// An estimate as it is filled.
pub(super) struct Findings<'a> {
    server: &'a Server,
    options: &'a EstimateOptions,
    memory: &'a MemoryUse,
    level: Level,
    columns: Columns,
    activity: Activity,
    bounds: (Option<Bound>, Option<Bound>),
    latencies: Vec<LatencyModel>,
    notes: Vec<Code>,
}

impl<'a> Findings<'a> {
    pub fn new(server: &'a Server, options: &'a EstimateOptions, memory: &'a MemoryUse) -> Self {
        let level = Level::new(server.pack_z, options.z);
        let mut findings = Self {
            server,
            options,
            memory,
            level,
            columns: Columns::new(),
            activity: Activity::default(),
            bounds: (None, None),
            latencies: Vec::new(),
            notes: Vec::new(),
        };
        findings.memory_columns();
        findings
    }

    fn memory_columns(&mut self) {
        let parts = &self.memory.parts;
        let exact = [
            (Metric::MemoryWeights, parts.weights),
            (Metric::MemoryKv, parts.kv),
            (Metric::MemoryActivations, parts.activations),
        ];
        let mut rest = 0.0;
        for (metric, bytes) in exact {
            rest += bytes.get();
            self.columns.scalar(metric, Spread::exact(bytes.get()));
        }
        let overhead = self.level.at(self.memory.overhead);
        self.columns.scalar(Metric::MemoryOverhead, overhead);
        self.columns
            .scalar(Metric::MemoryTotal, overhead.map(|bytes| bytes + rest));
        if self.memory.capacity_known {
            let fits = parts.fits();
            self.columns
                .scalar(Metric::MemoryFits, Spread::exact(f64::from(fits)));
            if !fits {
                self.notes.push(Code::DoesNotFit);
            }
        }
    }

    pub fn rates(&mut self, demand: &Demand, requests: Spread) {
        let (prompts, outputs) = (demand.prompts.mean, demand.outputs.mean);
        let devices = f64::from(self.server.accelerators);
        let requests = self.level.at(requests);
        for (metric, each) in [
            (Metric::RequestThroughput, 1.0),
            (Metric::OutputThroughput, outputs),
            (Metric::InputThroughput, prompts),
            (Metric::TotalTokenThroughput, prompts + outputs),
            (Metric::OutputThroughputPerAccelerator, outputs / devices),
        ] {
            self.columns.scalar(metric, requests * each);
        }
    }

    pub fn latencies(&mut self, demand: &Demand, ttft: Spread, tpot: Option<Spread>, e2el: Spread) {
        self.columns.scalar(Metric::Ttft, ttft);
        self.columns.scalar(Metric::E2el, e2el);
        let per_output = demand.outputs.mean_of(|outputs| 1.0 / outputs);
        let gap = tpot
            .filter(|_| demand.decode_steps > 0.0)
            .map(|gap| self.level.at(gap));
        // E[(ttft + (O − 1) tpot) / O] = tpot + (ttft − tpot) E[1 / O]
        let normalised = match gap {
            Some(gap) => ttft.zip(gap, |first, gap| gap + (first - gap) * per_output),
            None => ttft,
        };
        self.columns.scalar(Metric::Ntpot, normalised);
        if let Some(gap) = gap {
            self.columns.scalar(Metric::Tpot, gap);
            self.columns.scalar(Metric::Itl, gap);
            self.columns
                .scalar(Metric::Interactivity, gap.map(|gap| 1.0 / gap));
        }
    }

    /// Latencies from the intended send time: nothing waits at the client.
    pub fn with_queue(&mut self, ttft: Spread, e2el: Spread) {
        self.columns
            .scalar(Metric::TtftInclQueue, self.level.at(ttft));
        self.columns
            .scalar(Metric::E2elInclQueue, self.level.at(e2el));
    }

    pub fn settled(&mut self, demand: &Demand, engines: &Engines, settled: &Settled) {
        let busy_engines = engines.count.min(settled.inside);
        let mix = &settled.mix;
        let prompt_step = settled.with_prompts.total();
        let prompts = mix.with_prompts.prefill.tokens() * busy_engines;
        self.columns.scalar(
            Metric::PrefillThroughput,
            self.level.at(prompt_step.map(|time| prompts / time)),
        );
        if demand.decode_steps > 0.0 {
            let step = mix.generation.unwrap_or(mix.with_prompts);
            let sequences = step.decode.sequences * busy_engines;
            let time = settled.generation.total();
            self.columns.scalar(
                Metric::DecodeThroughput,
                self.level.at(time.map(|time| sequences / time)),
            );
            self.bounds.1 = Some(if self.short_of_memory(settled) {
                Bound::MemoryCapacity
            } else {
                settled.generation.bound()
            });
        }
        self.bounds.0 = Some(settled.with_prompts.bound());
        let served = settled.e2el.value() - settled.queue.value();
        let working = (1.0 - engines.request.value() / served).max(0.0);
        let busy = if settled.inside > engines.count {
            1.0
        } else {
            settled.inside / engines.count * working
        };
        let with = mix.mixed * prompt_step.value();
        let without = (1.0 - mix.mixed) * settled.generation.total().value();
        let share = busy / (with + without);
        self.activity = Activity::of(&[
            (settled.with_prompts, with * share),
            (settled.generation, without * share),
        ]);
    }

    /// True when requests wait because their caches have no room.
    fn short_of_memory(&self, settled: &Settled) -> bool {
        let limit = self.server.memory.scheduler().max_sequences;
        settled.queue.value() > 0.0 && self.memory.room.is_some_and(|room| room < limit)
    }

    pub fn batch(&mut self, demand: &Demand, batch: &Batch, size: f64) {
        let prompts = size * demand.fresh.mean;
        self.columns.scalar(
            Metric::PrefillThroughput,
            self.level.at(batch.prefill.map(|time| prompts / time)),
        );
        self.bounds.0 = Some(batch.with_prompts.bound());
        if demand.decode_steps > 0.0 {
            self.columns.scalar(
                Metric::DecodeThroughput,
                self.level.at(batch.decode.map(|time| batch.decoded / time)),
            );
            self.bounds.1 = Some(if batch.waves > 1.0 {
                Bound::MemoryCapacity
            } else {
                batch.generation.bound()
            });
        }
        let whole = batch.whole.value();
        self.activity = Activity::of(&[
            (batch.with_prompts, batch.prefill.value() / whole),
            (batch.generation, batch.decode.value() / whole),
        ]);
    }

    /// What a simulation observed, at the asked level already.
    pub fn observed(
        &mut self,
        columns: Vec<(Column, Spread)>,
        bounds: (Option<Bound>, Option<Bound>),
        activity: Activity,
    ) {
        for (column, spread) in columns {
            self.columns.add(column, spread);
        }
        self.bounds = bounds;
        self.activity = activity;
    }

    pub fn saturated(&mut self) {
        self.notes.push(Code::Saturated);
    }

    /// Percentiles and spreads, where they are wanted.
    pub fn variety(&mut self, demand: &Demand, variety: impl FnOnce() -> Variety) {
        if self.options.percentiles.is_empty() {
            return;
        }
        self.latencies = variety().models(demand, self.level);
        for (column, spread) in percentiles(&self.latencies, &self.options.percentiles) {
            self.columns.add(column, spread);
        }
    }

    pub fn finish(mut self) -> Estimate {
        self.notes.sort_unstable();
        Estimate {
            values: self.columns.finish(),
            level: self.options.level,
            basis: self.server.basis,
            method: "analytic",
            bound_prefill: self.bounds.0,
            bound_decode: self.bounds.1,
            memory: self.memory.parts,
            power: self.server.power.at(self.activity, self.level),
            accelerators: self.server.accelerators,
            latencies: self.latencies,
            attained: Vec::new(),
            notes: self.notes,
        }
    }
}
