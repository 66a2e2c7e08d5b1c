//! From a workload to an estimate.

use super::closed_loop::{Engines, Settled};
use super::columns::Level;
use super::demand::Demand;
use super::findings::Findings;
use super::memory::MemoryUse;
use super::mix::Arriving;
use super::open_loop::{Arrivals, Opened};
use super::server::Server;
use super::static_batch::Batch;
use crate::record::{Estimate, NotModelled};
use crate::scenario::{LlmWorkload, LoadMode};
use crate::units::Seconds;

/// What is wanted beside means.
#[derive(Debug, Clone, PartialEq)]
pub struct EstimateOptions {
    pub(super) level: f64,
    pub(super) z: f64,
    pub(super) percentiles: Vec<f64>,
}

impl EstimateOptions {
    /// Means, the asked percentiles (in percent: 50, 99, 99.9), and the spread of latencies; intervals at `level`, inside
    /// (0, 1).
    pub fn new(level: f64, percentiles: &[f64]) -> Self {
        Self {
            level,
            z: Level::z(level),
            percentiles: percentiles.to_vec(),
        }
    }

    /// Means alone.
    pub fn means(level: f64) -> Self {
        Self::new(level, &[])
    }
}

/// What of a workload has no closed form.
fn only_simulated(workload: &LlmWorkload) -> Option<&'static str> {
    let of_mode = match workload.load.mode {
        LoadMode::Trace(_) => Some("a replayed trace"),
        LoadMode::Ramp { .. } => Some("a ramp"),
        LoadMode::Concurrency(_)
        | LoadMode::RequestRate { .. }
        | LoadMode::BatchSize(_)
        | LoadMode::SingleStream
        | LoadMode::MultiStream(_)
        | LoadMode::Offline => None,
    };
    let pauses = workload.load.think_time > Seconds::ZERO;
    of_mode
        .or_else(|| workload.sessions.is_some().then_some("sessions"))
        .or_else(|| pauses.then_some("think time"))
}

impl Server {
    /// What a workload gets.
    ///
    /// Where the weights, or one request beside them, exceed the usable memory, the estimate has memory alone and the note
    /// `does-not-fit`. Where only the load exceeds it, the note stands too and requests queue for the room there is. An open
    /// loop beyond the server's throughput has the note `saturated` and no latencies.
    ///
    /// # Errors
    ///
    /// [`NotModelled::NotYet`] for loads that only a simulation answers: a replayed trace, a ramp, sessions and think time; and
    /// where prompts are processed by engines of their own.
    pub fn estimate(
        &self,
        workload: &LlmWorkload,
        options: &EstimateOptions,
    ) -> Result<Estimate, NotModelled> {
        if self.prefill().is_some() {
            return Err(NotModelled::NotYet {
                what: "prompts and generation on engines of their own, by `method: analytic`,"
                    .to_owned(),
            });
        }
        if !self.chances().is_empty() {
            return Err(NotModelled::NotYet {
                what: "guessing tokens ahead, by `method: analytic`,".to_owned(),
            });
        }
        if self.adapters.is_some() {
            return Err(NotModelled::NotYet {
                what: "adapters beside the model, by `method: analytic`,".to_owned(),
            });
        }
        self.outline(workload, options)
    }

    /// The same as if every engine did everything and guessed nothing: a first guess of what a simulation finds.
    ///
    /// # Errors
    ///
    /// [`NotModelled::NotYet`] for loads that only a simulation answers.
    pub fn outline(
        &self,
        workload: &LlmWorkload,
        options: &EstimateOptions,
    ) -> Result<Estimate, NotModelled> {
        if let Some(what) = only_simulated(workload) {
            return Err(NotModelled::NotYet {
                what: format!("{what} without a simulation (`predict: {{method: analytic}}`)"),
            });
        }
        let demand = Demand::new(workload, self.memory.scheduler());
        match &workload.load.mode {
            LoadMode::Concurrency(number) => Ok(self.closed(*number as f64, &demand, options)),
            LoadMode::BatchSize(size) | LoadMode::MultiStream(size) => {
                Ok(self.batch(*size as f64, &demand, options))
            }
            LoadMode::SingleStream => Ok(self.batch(1.0, &demand, options)),
            LoadMode::Offline => Ok(self.offline(workload.load.requests, &demand, options)),
            LoadMode::RequestRate {
                rate,
                arrival,
                max_in_flight,
            } => {
                let arrivals = Arrivals::new(*rate, *arrival);
                Ok(self.open(arrivals, *max_in_flight, &demand, options))
            }
            LoadMode::Trace(_) | LoadMode::Ramp { .. } => {
                unreachable!("loads that are only simulated were refused")
            }
        }
    }

    fn closed(&self, concurrency: f64, demand: &Demand, options: &EstimateOptions) -> Estimate {
        let memory = self.memory(concurrency.max(1.0), demand);
        let mut findings = Findings::new(self, options, &memory);
        if let Some(engines) = self.engines(&memory) {
            let concurrency = concurrency.max(1.0);
            let arriving = Arriving::WithAStep;
            let settled = Settled::closed(&self.steps, &engines, demand, concurrency, arriving);
            findings.rates(demand, settled.rate);
            findings.settled(demand, &engines, &settled);
            findings.latencies(demand, settled.ttft, Some(settled.tpot), settled.e2el);
            findings.variety(demand, || settled.variety(&self.steps, &engines, demand));
        }
        findings.finish()
    }

    fn batch(&self, size: f64, demand: &Demand, options: &EstimateOptions) -> Estimate {
        let size = size.max(1.0);
        let memory = self.memory(size, demand);
        let mut findings = Findings::new(self, options, &memory);
        if let Some(engines) = self.engines(&memory) {
            let batch = Batch::new(&self.steps, &engines, demand, size);
            findings.rates(demand, batch.whole.map(|time| size / time));
            findings.batch(demand, &batch, size);
            findings.latencies(demand, batch.ttft, batch.tpot(demand), batch.e2el);
            findings.variety(demand, || batch.variety(demand));
        }
        findings.finish()
    }

    /// As many requests at once as memory and runtime hold: throughput only.
    fn offline(
        &self,
        requests: Option<u64>,
        demand: &Demand,
        options: &EstimateOptions,
    ) -> Estimate {
        let one = self.memory(1.0, demand);
        let most = requests.map_or(f64::MAX, |requests| requests.max(1) as f64);
        let number = self.engines(&one).map_or(1.0, |engines| {
            most.min(engines.count * engines.room).max(1.0)
        });
        let memory = self.memory(number, demand);
        let mut findings = Findings::new(self, options, &memory);
        if let Some(engines) = self.engines(&memory) {
            let arriving = Arriving::WithAStep;
            let settled = Settled::closed(&self.steps, &engines, demand, number, arriving);
            findings.rates(demand, settled.rate);
            findings.settled(demand, &engines, &settled);
        }
        findings.finish()
    }

    fn open(
        &self,
        arrivals: Arrivals,
        max_in_flight: Option<u64>,
        demand: &Demand,
        options: &EstimateOptions,
    ) -> Estimate {
        let one = self.memory(1.0, demand);
        let Some(mut engines) = self.engines(&one) else {
            return Findings::new(self, options, &one).finish();
        };
        if let Some(most) = max_in_flight {
            engines.room = engines
                .room
                .min((most.max(1) as f64 / engines.count).max(1.0));
        }
        let opened = Opened::new(&self.steps, &engines, demand, arrivals);
        let inside = match &opened {
            Opened::Steady { settled, .. } | Opened::Saturated(settled) => settled.inside,
        };
        let memory: MemoryUse = self.memory(inside.max(1.0), demand);
        let mut findings = Findings::new(self, options, &memory);
        self.answer_open(&mut findings, &opened, &engines, demand);
        findings.finish()
    }

    fn answer_open(
        &self,
        findings: &mut Findings<'_>,
        opened: &Opened,
        engines: &Engines,
        demand: &Demand,
    ) {
        match opened {
            Opened::Steady {
                settled,
                queue,
                waiting,
            } => {
                findings.rates(demand, settled.rate);
                findings.settled(demand, engines, settled);
                let (ttft, e2el) = (settled.ttft + *queue, settled.e2el + *queue);
                findings.latencies(demand, ttft, Some(settled.tpot), e2el);
                findings.with_queue(ttft, e2el);
                findings.variety(demand, || {
                    settled
                        .variety(&self.steps, engines, demand)
                        .queued(*queue, *waiting)
                });
            }
            Opened::Saturated(settled) => {
                findings.rates(demand, settled.rate);
                findings.settled(demand, engines, settled);
                findings.saturated();
            }
        }
    }
}
