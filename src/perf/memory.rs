//! Memory of one accelerator, and how many sequences it leaves room for.

use super::adapters::kept;
use super::demand::Demand;
use super::offload::{Sizes, Split, expert_bytes};
use super::scheduler::Scheduler;
use super::speculation::draft_of;
use super::spread::Spread;
use super::terms::Terms;
use crate::catalog::Transformer;
use crate::ops::{
    KvShape, LowerOptions, OpGraph, Segment, Step, kv_shape, weight_bytes, weight_bytes_per_device,
};
use crate::record::{MemoryParts, NotModelled, TermName};
use crate::scenario::System;
use crate::units::Bytes;

/// What one accelerator holds before any request comes, and what each request adds.
#[derive(Debug, Clone, PartialEq)]
pub struct MemoryModel {
    weights: Bytes,
    kept: f64,
    kv: KvShape,
    graph: OpGraph,
    reserved: Option<Bytes>,
    overhead: Spread,
    capacity: Option<Bytes>,
    scheduler: Scheduler,
}

/// Memory at a load's peak, and the room for sequences.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MemoryUse {
    /// The parts.
    pub parts: MemoryParts,
    /// The overhead with its ends, bytes.
    pub overhead: Spread,
    /// True when the device's capacity is known.
    pub capacity_known: bool,
    /// Sequences of the load that fit beside weights, activations and overhead; `None`: no bound is known.
    pub room: Option<f64>,
}

impl MemoryModel {
    /// The memory of one device of a system.
    ///
    /// # Errors
    ///
    /// [`NotModelled`] for a missing term, and where the parallel sizes do not fit the model.
    pub(super) fn new(
        system: &System,
        model: &Transformer,
        graph: OpGraph,
        options: LowerOptions,
        terms: &Terms<'_>,
    ) -> Result<Self, NotModelled> {
        let parallel = system.deployment.parallel;
        let undivided = |error: crate::ops::LowerError| NotModelled::NotYet {
            what: error.to_string(),
        };
        let computed = weight_bytes_per_device(model, system.precision, parallel, options)
            .map_err(undivided)?;
        // A stated size of the weights replaces the computed one; the share of a device stays as computed.
        let weights = match system.model.weights_bytes {
            Some(stated) => computed * (stated / weight_bytes(model, system.precision)),
            None => computed,
        };
        let cache_of = |model| {
            kv_shape(model, system.precision.kv_cache, parallel, options.division)
                .map_err(undivided)
        };
        let mut kv = cache_of(model)?;
        let mut drafted = Bytes::ZERO;
        if let Some(draft) = draft_of(system)? {
            drafted = weight_bytes_per_device(&draft, system.precision, parallel, options)
                .map_err(undivided)?;
            kv = kv.with(&cache_of(&draft)?);
        }
        let device = &system.hardware.device;
        let scheduler = Scheduler::new(&system.runtime, device);
        let limits = scheduler.token_limit().zip(scheduler.sequence_limit());
        let host_memory = || system.hardware.host.as_ref()?.memory_size;
        Ok(Self {
            weights: weights + drafted + kept(system, &graph),
            kept: 1.0,
            kv,
            reserved: limits.map(|(tokens, rows)| activations(&graph, tokens, rows)),
            graph,
            overhead: terms.get(TermName::ContextMemory)?,
            capacity: device
                .memory
                .or_else(host_memory)
                .map(|whole| whole * system.share.memory),
            scheduler,
        })
    }

    /// Sizes for the division between accelerator and host.
    pub(super) fn sizes(&self) -> Sizes {
        let one_step = activations(
            &self.graph,
            self.scheduler.token_limit().unwrap_or(1.0),
            1.0,
        );
        let taken = one_step + Bytes::new(self.overhead.value());
        Sizes {
            weights: self.weights,
            experts: expert_bytes(&self.graph).min(self.weights),
            cache: self.kv.bytes(Sizes::CONTEXT),
            room: self
                .capacity
                .map(|capacity| self.scheduler.usable(capacity, taken).saturating_sub(taken)),
        }
    }

    /// Leaves only a part of the model on the accelerator; the cache goes with its layers.
    pub(super) fn keep(&mut self, split: Split) {
        self.weights = self.sizes().kept(split);
        self.kept = split.layers;
    }

    /// Memory when one data-parallel group has `sequences` requests at once.
    ///
    /// `total = weights + sequences · kv(I + O) + shared prefixes + activations + overhead`. A paged cache rounds each
    /// sequence up by half a block on average (Kwon et al., arXiv 2309.06180); windowed layers keep their window.
    /// Activations are those of the largest step the runtime may schedule.
    pub fn at(&self, sequences: f64, demand: &Demand) -> MemoryUse {
        let one = self.sequence(demand);
        let (tokens, groups) = demand.shared;
        let shared = self.kv.bytes(tokens)
            * if tokens > 0.0 {
                groups * self.kept
            } else {
                0.0
            };
        let activations = self.activations(sequences, demand);
        let overhead = Bytes::new(self.overhead.value());
        let fixed = self.weights + activations + overhead;
        let kv = one * sequences + shared;
        let capacity = self.capacity.unwrap_or(fixed + kv);
        let usable = match self.capacity {
            Some(capacity) => self.scheduler.usable(capacity, fixed),
            None => capacity,
        };
        let free = usable.get() - fixed.get() - shared.get();
        let room = self.capacity.map(|_| {
            if free < 0.0 {
                0.0
            } else if one.get() > 0.0 {
                free / one.get()
            } else {
                f64::MAX
            }
        });
        MemoryUse {
            parts: MemoryParts {
                weights: self.weights,
                kv,
                activations,
                overhead,
                usable,
                capacity,
            },
            overhead: self.overhead,
            capacity_known: self.capacity.is_some(),
            room,
        }
    }

    /// What a sequence keeps when it ends, beyond a shared prefix.
    fn sequence(&self, demand: &Demand) -> Bytes {
        let half_a_block = 0.5 * (self.scheduler.block - 1.0);
        let length = demand.final_tokens() + half_a_block;
        let prefix = self.kv.bytes(demand.cached) * f64::from(demand.cached > 0.0);
        self.kv.bytes(length).saturating_sub(prefix) * self.kept
    }

    /// A runtime with limits reserves for its largest step when it starts; one without has what the load brings.
    fn activations(&self, sequences: f64, demand: &Demand) -> Bytes {
        self.reserved.unwrap_or_else(|| {
            let tokens = (sequences * demand.fresh.mean).max(1.0);
            let tokens = self.scheduler.token_limit().unwrap_or(tokens);
            let rows = self
                .scheduler
                .sequence_limit()
                .unwrap_or(sequences.max(1.0));
            activations(&self.graph, tokens, rows)
        })
    }

    /// What is left for caches beside weights, the activations of the largest step, and the context; `None` where the capacity
    /// is not known. Zero where not even these fit.
    pub(super) fn cache(&self, sequences: f64, demand: &Demand) -> Option<Bytes> {
        let fixed =
            self.weights + self.activations(sequences, demand) + Bytes::new(self.overhead.value());
        let usable = self.scheduler.usable(self.capacity?, fixed);
        Some(usable.saturating_sub(fixed))
    }

    /// What sequences keep, and the share of the layers that is on the accelerator.
    pub(super) const fn kv(&self) -> (&KvShape, f64) {
        (&self.kv, self.kept)
    }

    /// Memory at a load's peak with so much of it in caches.
    pub(super) fn with_cache(&self, kv: Bytes, sequences: f64, demand: &Demand) -> MemoryUse {
        let mut memory = self.at(sequences, demand);
        memory.parts.kv = kv;
        memory
    }

    /// The limits of the runtime.
    pub const fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }
}

/// Activations of a step of `tokens` prompt tokens of which `rows` pass through the output projection.
fn activations(graph: &OpGraph, tokens: f64, rows: f64) -> Bytes {
    let prompts = Segment {
        sequences: 1.0,
        new_tokens: tokens,
        cached: 0.0,
    };
    graph.activation_bytes(&Step::mixed(prompts, Segment::NONE, rows.min(tokens)))
}
