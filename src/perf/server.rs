//! A model on given hardware under given software, compiled once and asked often.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::adapters::AdapterSteps;
use super::closed_loop::Engines;
use super::collective::{Topology, Wires};
use super::columns::Level;
use super::demand::Demand;
use super::disaggregation::Disaggregated;
use super::host_cache::HostCache;
use super::lane_steps::LaneSteps;
use super::memory::{MemoryModel, MemoryUse};
use super::offload::{Processor, Split};
use super::power::PowerModel;
use super::region::Region;
use super::relay::Relay;
use super::speculation::{Guessing, draft_of};
use super::spread::{Lane, Spread};
use super::step_time::StepModel;
use super::terms::Terms;
use super::widen::Fitted;
use crate::catalog::{Device, ModelKind, Transformer, TransformerKind};
use crate::ops::{DataParallel, Division, KvShape, LowerOptions, kv_shape, lower};
use crate::record::{Basis, Calibration, NotModelled, Term, TermName};
use crate::scenario::{OptionValue, RuntimeName, System};

/// A system with everything that does not depend on the load computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Server {
    pub(super) steps: StepModel,
    pub(super) memory: MemoryModel,
    pub(super) power: PowerModel,
    pub(super) request: Spread,
    pub(super) groups: f64,
    pub(super) stages: f64,
    pub(super) accelerators: u32,
    pub(super) basis: Basis,
    pub(super) pack_z: Option<f64>,
    pub(super) sources: Arc<Sources>,
    /// How wide intervals are under a pack that was fitted on runs.
    pub(super) fitted: Option<Fitted>,
    /// Sizes of the rows behind this place; `None` where the pack does not say what it was fitted on.
    pub(super) region: Option<Region>,
    /// The engines that process prompts, where this one only generates.
    pub(super) disaggregated: Option<Box<Disaggregated>>,
    /// How tokens are guessed ahead.
    pub(super) guessing: Option<Box<Guessing>>,
    /// Adapters beside the model.
    pub(super) adapters: Option<Box<AdapterSteps>>,
    /// Host memory beside the cache.
    pub(super) host_cache: Option<HostCache>,
}

/// What explanations quote: the device, and the terms that hold for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sources {
    pub device: Arc<Device>,
    pub terms: BTreeMap<TermName, Term>,
}

impl Server {
    /// Compiles a system under a pack.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] for a rate, link or term that the equations need and nobody states;
    /// [`NotModelled::NotYet`] for models that are no causal decoders, and for parallel sizes that do not fit the model.
    pub fn new(system: &System, pack: &Calibration) -> Result<Self, NotModelled> {
        let model = decoder(system)?;
        let deployment = &system.deployment;
        let parallel = deployment.parallel;
        let device = &system.hardware.device;
        let options = LowerOptions {
            data_parallel: if deployment.dp_attention {
                DataParallel::SharedExperts
            } else {
                DataParallel::Replicas
            },
            division: division(system),
        };
        let graph = lower(model, system.precision, parallel, options).map_err(|error| {
            NotModelled::NotYet {
                what: error.to_string(),
            }
        })?;
        let terms = Terms::under(pack, device, system);
        let wires = Wires::new(Topology::new(&system.hardware), device, &terms)?;
        let adapters = AdapterSteps::new(system, &graph, &terms, &wires)?;
        let mut steps =
            StepModel::new(&graph, parallel, device, &terms, &wires)?.shared(system.share.time);
        let mut memory = MemoryModel::new(system, model, graph, options, &terms)?;
        let guessing = Guessing::new(system, options, &terms, &wires)?;
        let split = Split::of(system, model, &memory.sizes());
        if split.leaves_host_work() {
            if guessing.is_some() {
                return Err(NotModelled::NotYet {
                    what: "guessing tokens with a part of the model in host memory".to_owned(),
                });
            }
            let processor = Processor::new(system, &terms)?;
            processor.holds(memory.sizes().left(split))?;
            let host_terms = Terms::under(pack, &processor.device, system);
            steps.move_to_host(split, &processor, &host_terms)?;
            memory.keep(split);
        }
        Ok(Self {
            steps,
            memory,
            power: PowerModel::new(system, &terms),
            request: terms.get(TermName::RequestOverhead)?,
            groups: f64::from(parallel.dp * deployment.replicas),
            stages: f64::from(parallel.pp),
            accelerators: deployment.accelerators() as u32,
            basis: pack.basis,
            pack_z: pack.level.map(Level::z),
            sources: Arc::new(Sources {
                device: Arc::clone(device),
                terms: quoted(&terms),
            }),
            fitted: Fitted::new(system, pack),
            region: Region::new(system, pack),
            disaggregated: Disaggregated::new(system, pack)?.map(Box::new),
            guessing: guessing.map(Box::new),
            adapters: adapters.map(Box::new),
            host_cache: HostCache::new(system, &terms)?,
        })
    }

    /// The steps of one engine with the terms of one lane, made for being asked often; `None` where a step is more than the operators of
    /// the model, and [`Self::step`] tells.
    pub fn lane_steps(&self, lane: Lane) -> Option<LaneSteps<'_>> {
        let plain = self.guessing.is_none() && self.adapters.is_none();
        plain.then(|| LaneSteps::new(&self.steps, lane))
    }

    /// Memory of one accelerator when the whole deployment has `concurrency` requests of a demand.
    pub(super) fn memory(&self, concurrency: f64, demand: &Demand) -> MemoryUse {
        self.memory.at((concurrency / self.groups).max(1.0), demand)
    }

    /// The engines, with the room that memory and the runtime leave each; `None` where not even one request fits.
    pub(super) fn engines(&self, memory: &MemoryUse) -> Option<Engines> {
        let scheduler = self.memory.scheduler();
        let fits = memory.room.unwrap_or(f64::MAX);
        if fits < 1.0 {
            return None;
        }
        let room = fits.min(scheduler.max_sequences);
        // Stages that no request is left for stand idle.
        let batches = self.stages.min(libm::floor(room)).max(1.0);
        Some(Engines {
            count: self.groups * batches,
            room: room / batches,
            budget: scheduler.max_tokens,
            intake: scheduler.intake,
            relay: Relay {
                stages: self.stages,
                copies: self.groups,
                steps: scheduler.relayed,
            },
            request: self.request,
        })
    }
}

/// llama.cpp divides rows of matrices where it is told to (`--split-mode row`), and heads that do not divide (`--split-mode tensor`);
/// `transformers-neuronx` adds heads until they divide (its `GQA` sharding). All others want as many whole heads on every rank.
pub(super) fn division(system: &System) -> Division {
    let runtime = &system.runtime;
    let mode = runtime.options.get("split_mode");
    let is_by_rows = matches!(mode, Some(OptionValue::Text(mode)) if mode == "row");
    let is_llama = runtime.name == RuntimeName::LlamaCpp;
    if is_llama && is_by_rows {
        Division::Rows
    } else if is_llama || runtime.program == "transformers-neuronx" {
        Division::Uneven
    } else {
        Division::Even
    }
}

fn quoted(terms: &Terms<'_>) -> BTreeMap<TermName, Term> {
    let names = TermName::ALL.iter().copied();
    names
        .filter_map(|name| Some((name, terms.term(name).ok()?)))
        .collect()
}

/// What a sequence keeps on each device of an engine that generates, that of what guesses for it included.
pub(super) fn cache_of(system: &System) -> Result<KvShape, NotModelled> {
    let (format, parallel) = (system.precision.kv_cache, system.deployment.parallel);
    let of = |model| {
        kv_shape(model, format, parallel, division(system)).map_err(|error| NotModelled::NotYet {
            what: error.to_string(),
        })
    };
    let kept = of(decoder(system)?)?;
    Ok(match draft_of(system)? {
        Some(draft) => kept.with(&of(&draft)?),
        None => kept,
    })
}

fn decoder(system: &System) -> Result<&Transformer, NotModelled> {
    let not_yet = |what: &str| NotModelled::NotYet {
        what: format!("text generation by {what}"),
    };
    match &system.model.model.kind {
        ModelKind::Transformer(model) => match model.kind {
            TransformerKind::Decoder => Ok(model),
            TransformerKind::Encoder => Err(not_yet("an encoder")),
            TransformerKind::EncoderDecoder { .. } => Err(not_yet("an encoder and a decoder")),
        },
        ModelKind::Network(_) => Err(not_yet("a network known by its totals")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::EstimateOptions;
    use super::super::testing::{h100, llama_8b, llama_70b, pack, system, workload};
    use super::*;
    use crate::diag::Code;
    use crate::record::{Bound, Column, Estimate, Metric};
    use crate::scenario::{Arrival, DeviceShare, LoadMode};

    fn estimate(system: &System, isl: u64, osl: u64, mode: LoadMode) -> Estimate {
        Server::new(system, &pack())
            .expect("all facts are there")
            .estimate(
                &workload(isl, osl, mode),
                &EstimateOptions::new(0.9, &[50.0, 99.0]),
            )
            .expect("the load is modelled")
    }

    fn value(estimate: &Estimate, metric: Metric) -> f64 {
        estimate
            .get(Column::of(metric))
            .expect("the column is there")
            .value
    }

    #[test]
    fn a_single_stream_reads_its_weights_for_every_token() {
        let one = system(llama_8b(), h100(), 1);
        let tpot = value(
            &estimate(&one, 128, 128, LoadMode::SingleStream),
            Metric::Tpot,
        );
        // 15.0 GB of weights without the embedding table at 82 % of 3.35 TB/s take 5.46 ms.
        assert!(tpot > 5.46e-3 && tpot < 8e-3, "{tpot}");
    }

    #[test]
    fn one_in_flight_is_a_batch_of_one() {
        let one = system(llama_8b(), h100(), 1);
        let looped = estimate(&one, 1024, 256, LoadMode::Concurrency(1));
        let batch = estimate(&one, 1024, 256, LoadMode::BatchSize(1));
        for metric in [Metric::Ttft, Metric::Tpot, Metric::E2el] {
            let (a, b) = (value(&looped, metric), value(&batch, metric));
            assert!((a / b - 1.0).abs() < 1e-9, "{}: {a} {b}", metric.name());
        }
    }

    #[test]
    fn weights_that_do_not_fit_leave_memory_alone() {
        let found = estimate(
            &system(llama_70b(), h100(), 1),
            128,
            128,
            LoadMode::SingleStream,
        );
        assert_eq!(found.notes, [Code::DoesNotFit]);
        assert!(found.get(Column::of(Metric::Ttft)).is_none());
        assert!(value(&found, Metric::MemoryWeights) > 80e9);
    }

    #[test]
    fn a_load_beyond_memory_queues() {
        let one = system(llama_8b(), h100(), 1);
        let crowded = estimate(&one, 4096, 1024, LoadMode::Concurrency(512));
        assert_eq!(crowded.notes, [Code::DoesNotFit]);
        assert_eq!(crowded.bound_decode, Some(Bound::MemoryCapacity));
        let roomy = estimate(&one, 4096, 1024, LoadMode::Concurrency(32));
        assert!(value(&crowded, Metric::Ttft) > 10.0 * value(&roomy, Metric::Ttft));
    }

    #[test]
    fn half_of_a_device_takes_twice_the_time_on_it_and_half_the_memory() {
        let whole = system(llama_8b(), h100(), 1);
        let mut half = whole.clone();
        half.share = DeviceShare {
            memory: 0.5,
            time: 0.5,
        };
        let of = |system: &System| estimate(system, 128, 128, LoadMode::SingleStream);
        let (whole, half) = (of(&whole), of(&half));
        assert_eq!(
            half.memory.capacity.get(),
            0.5 * whole.memory.capacity.get()
        );
        // The host's millisecond between steps stays.
        let tpot = |found: &Estimate| value(found, Metric::Tpot) - 1e-3;
        assert!((tpot(&half) / tpot(&whole) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn more_than_the_server_can_do_is_saturated() {
        let one = system(llama_8b(), h100(), 1);
        let rate = |rate| LoadMode::RequestRate {
            rate,
            arrival: Arrival::Poisson,
            max_in_flight: None,
        };
        let found = estimate(&one, 1024, 256, rate(1000.0));
        assert!(found.notes.contains(&Code::Saturated));
        assert!(found.get(Column::of(Metric::Ttft)).is_none());
        let calm = estimate(&one, 1024, 256, rate(1.0));
        assert!((value(&calm, Metric::RequestThroughput) - 1.0).abs() < 1e-6);
    }
}
