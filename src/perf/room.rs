//! What an engine may hold: the facts that a simulation of its schedule starts from.

use super::demand::Demand;
use super::scheduler::Scheduler;
use super::server::Server;
use super::spread::Spread;
use crate::ops::KvShape;
use crate::scenario::LlmWorkload;
use crate::units::Bytes;

/// The engines of a server, all alike, and what each may hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Room<'a> {
    /// Micro-batches that run at the same time: replicas, data-parallel groups and pipeline stages.
    pub engines: u32,
    /// Sequences in one of them.
    pub sequences: f64,
    /// Bytes for the caches of one of them on each device; `None` where the device's capacity is not known.
    pub cache: Option<Bytes>,
    /// What sequences keep.
    pub kv: &'a KvShape,
    /// Share of the layers whose cache is on the accelerator.
    pub kept: f64,
    /// The limits of the runtime.
    pub scheduler: &'a Scheduler,
    /// Host time of a request before the scheduler sees it.
    pub request: Spread,
}

impl Server {
    /// The room for a load of about `concurrency` requests; `None` where not even one request fits beside the weights.
    ///
    /// Pipeline stages hold micro-batches that take turns; each has its share of sequences and cache.
    pub fn room(&self, workload: &LlmWorkload, concurrency: f64) -> Option<Room<'_>> {
        let scheduler = self.memory.scheduler();
        let demand = Demand::new(workload, scheduler);
        let memory = self.memory(concurrency, &demand);
        let engines = self.engines(&memory)?;
        let each = (concurrency / self.groups).max(1.0);
        let batches = engines.count / self.groups;
        let (kv, kept) = self.memory.kv();
        Some(Room {
            engines: engines.count as u32,
            sequences: (scheduler.max_sequences / batches).max(1.0),
            cache: self
                .memory
                .cache(each, &demand)
                .map(|bytes| bytes * (1.0 / batches)),
            kv,
            kept,
            scheduler,
            request: self.request,
        })
    }
}
