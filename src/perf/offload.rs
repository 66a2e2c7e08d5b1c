//! Layers and experts that llama.cpp keeps in host memory and computes on the processor.

use super::rates::memory_bandwidth;
use super::spread::Spread;
use super::terms::Terms;
use crate::catalog::{Device, DeviceClass, Pcie, Transformer};
use crate::ops::{Op, OpGraph, OpKind, Rows, Segment, Step};
use crate::record::{NotModelled, TermName};
use crate::scenario::{OptionValue, RuntimeName, System};
use crate::units::{Bytes, BytesPerSec};

/// Tokens of context that are kept free when the runtime chooses the layers itself (llama.cpp's long-standing default of
/// `n_ctx`, `common/common.h`).
const CONTEXT: f64 = 4096.0;

/// Which share of the model is on the accelerator.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Split {
    /// Of the layers, attention and dense parts.
    pub layers: f64,
    /// Of the routed experts.
    pub experts: f64,
    /// 1 where the output layer is there, else 0.
    pub output: f64,
}

impl Split {
    /// Everything on the accelerator.
    pub const NONE: Self = Self {
        layers: 1.0,
        experts: 1.0,
        output: 1.0,
    };

    /// True when something is on the host.
    pub fn leaves_host_work(&self) -> bool {
        self.layers < 1.0 || self.experts < 1.0 || self.output < 1.0
    }

    /// The share of an operator's calls that run on the accelerator.
    ///
    /// What stands once in a graph, except the output layer, is on the accelerator unless no layer is.
    pub fn share(&self, op: &Op, stages: f64) -> f64 {
        match op.kind {
            OpKind::Experts(_) | OpKind::Dispatch(_) => self.experts,
            OpKind::Gemm {
                rows: Rows::Logits, ..
            } => self.output,
            OpKind::Gemm { .. }
            | OpKind::Attention { .. }
            | OpKind::EncoderAttention { .. }
            | OpKind::CrossAttention { .. }
            | OpKind::LatentAttention { .. }
            | OpKind::Recurrent { .. }
            | OpKind::Elementwise { .. }
            | OpKind::Collective { .. } => {
                if op.count * stages > 1.0 {
                    self.layers
                } else {
                    f64::from(self.layers > 0.0)
                }
            }
        }
    }

    /// The split a system asks for: `n_gpu_layers` (the output layer counts as one more) and `n_cpu_moe` of llama.cpp, from
    /// `tools/server/README.md`. `auto` fills the accelerator.
    pub fn of(system: &System, model: &Transformer, sizes: &Sizes) -> Self {
        let runtime = &system.runtime;
        let on_accelerator = system.hardware.device.class != DeviceClass::Cpu;
        if runtime.name != RuntimeName::LlamaCpp || !on_accelerator {
            return Self::NONE;
        }
        let layers = f64::from(model.layers);
        let (kept, output) = match runtime.options.get("n_gpu_layers") {
            Some(OptionValue::Int(kept)) if *kept >= 0 => {
                let kept = *kept as f64;
                ((kept / layers).min(1.0), f64::from(kept > layers))
            }
            Some(OptionValue::Text(word)) if word == "auto" => {
                let kept = sizes.fitting(layers);
                (kept, f64::from(kept >= 1.0))
            }
            Some(
                OptionValue::Int(_)
                | OptionValue::Text(_)
                | OptionValue::Bool(_)
                | OptionValue::Float(_),
            )
            | None => (1.0, 1.0),
        };
        let with_experts = model
            .experts
            .map_or(0.0, |experts| f64::from(experts.layers));
        let on_host = match runtime.options.get("n_cpu_moe") {
            Some(OptionValue::Int(count)) if *count > 0 => *count as f64,
            Some(
                OptionValue::Int(_)
                | OptionValue::Text(_)
                | OptionValue::Bool(_)
                | OptionValue::Float(_),
            )
            | None => 0.0,
        };
        let experts = if with_experts > 0.0 {
            (1.0 - on_host / with_experts).clamp(0.0, kept)
        } else {
            kept
        };
        Self {
            layers: kept,
            experts,
            output,
        }
    }
}

/// Sizes that decide how many layers fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sizes {
    /// All weights of the model on one device, were they all there.
    pub weights: Bytes,
    /// Of them the routed experts.
    pub experts: Bytes,
    /// The cache of one sequence of [`CONTEXT`] tokens.
    pub cache: Bytes,
    /// Memory that weights and cache may fill; `None`: not known.
    pub room: Option<Bytes>,
}

impl Sizes {
    /// The tokens of context that `cache` is for.
    pub const CONTEXT: f64 = CONTEXT;

    /// The largest whole number of layers that fits, as a share.
    fn fitting(&self, layers: f64) -> f64 {
        let each = (self.weights + self.cache).get() / layers;
        let Some(room) = self.room else { return 1.0 };
        (libm::floor(room.get() / each) / layers).clamp(0.0, 1.0)
    }

    /// Weights in host memory.
    pub fn left(&self, split: Split) -> Bytes {
        self.weights.saturating_sub(self.kept(split))
    }

    /// Weights on the accelerator.
    pub fn kept(&self, split: Split) -> Bytes {
        self.weights.saturating_sub(self.experts) * split.layers + self.experts * split.experts
    }
}

/// Bytes of all routed experts on one device: with very many tokens every expert is read.
pub(super) fn expert_bytes(graph: &OpGraph) -> Bytes {
    let many = Step::mixed(
        Segment {
            sequences: 1.0,
            new_tokens: 1e9,
            cached: 0.0,
        },
        Segment::NONE,
        1.0,
    );
    let experts = graph
        .ops
        .iter()
        .filter(|op| matches!(op.kind, OpKind::Experts(_)));
    experts
        .map(|op| op.cost(&many).weight_traffic * op.count)
        .sum()
}

/// The processor beside an accelerator, and the way between them.
#[derive(Debug, Clone)]
pub(super) struct Processor {
    /// The processor with the memory rate of this host.
    pub device: Device,
    /// Seconds for a byte from host memory to the accelerator; `None`: the link is not stated, nothing is streamed.
    pub link_byte: Option<Spread>,
}

impl Processor {
    /// The host of a system.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] when the processor or its memory rate is not stated.
    pub fn new(system: &System, terms: &Terms<'_>) -> Result<Self, NotModelled> {
        let missing = |fact| NotModelled::MissingFact {
            entry: system.hardware_alias.clone(),
            fact,
        };
        let host = system.hardware.host.as_ref();
        let cpu = host
            .and_then(|host| host.cpu.as_ref())
            .ok_or_else(|| missing("host processor (`host.cpu`)"))?;
        let mut device = Device::clone(cpu);
        device.memory_bandwidth = host
            .and_then(|host| host.memory_bandwidth)
            .or(device.memory_bandwidth);
        device.memory = host.and_then(|host| host.memory_size).or(device.memory);
        memory_bandwidth(&device)?;
        let link = host.and_then(|_| link(system));
        let share = terms.get(TermName::LinkBandwidth)?;
        Ok(Self {
            device,
            link_byte: link.map(|rate| share.map(|share| 1.0 / (share * rate))),
        })
    }
}

impl Processor {
    /// Checks that host memory holds what is not on the accelerator.
    ///
    /// # Errors
    ///
    /// [`NotModelled::NotYet`] where it does not: the rest would be read from disk again and again.
    pub fn holds(&self, weights: Bytes) -> Result<(), NotModelled> {
        if self.device.memory.is_some_and(|memory| memory < weights) {
            return Err(NotModelled::NotYet {
                what: "a model that the memories of accelerator and host together do not hold"
                    .to_owned(),
            });
        }
        Ok(())
    }
}

/// Bytes a second of one direction between host and accelerator: as stated, else those of the device's PCI Express.
fn link(system: &System) -> Option<f64> {
    let host = system.hardware.host.as_ref();
    let stated = host.and_then(|host| host.link);
    let pcie = system.hardware.device.pcie.and_then(Pcie::rate);
    stated.or(pcie).map(BytesPerSec::get)
}

/// The same where all devices of a node cross at once: no more than a device's part of the rate of host memory, where that is stated.
pub(super) fn host_link(system: &System) -> Option<f64> {
    let host = system.hardware.host.as_ref();
    let memory = host.and_then(|host| host.memory_bandwidth);
    let devices = f64::from(system.hardware.count.max(1));
    let bound = memory.map_or(f64::INFINITY, |rate| rate.get() / devices);
    link(system).map(|rate| rate.min(bound))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::testing::{h100, llama_8b, llama_70b, pack, runtime, system, workload};
    use super::super::{EstimateOptions, Server};
    use super::*;
    use crate::catalog::Catalog;
    use crate::record::{Column, Estimate, Metric};
    use crate::scenario::{Host, LoadMode};

    /// 70B in bf16 on one 80 GB card: 141 GB do not fit.
    fn desk(layers: OptionValue) -> System {
        let mut desk = system(llama_70b(), h100(), 1);
        desk.runtime = runtime(RuntimeName::LlamaCpp);
        desk.runtime
            .options
            .insert("n_gpu_layers".to_owned(), layers);
        let cpu = Catalog::embedded()
            .device("ryzen-9-7950x")
            .expect("in the catalogue");
        desk.hardware.host = Some(Host {
            cpu: Some(Arc::clone(cpu)),
            memory_size: Some(Bytes::new(192e9)),
            memory_bandwidth: Some(BytesPerSec::new(89.6e9)),
            link: Some(BytesPerSec::new(31.5e9)),
            ..Host::default()
        });
        desk
    }

    /// 8B in bf16 on the same machine, where it fits.
    fn desk_of_8b(layers: i64) -> System {
        System {
            hardware: desk(OptionValue::Int(0)).hardware,
            runtime: desk(OptionValue::Int(layers)).runtime,
            ..system(llama_8b(), h100(), 1)
        }
    }

    fn estimate(system: &System) -> Estimate {
        Server::new(system, &pack())
            .expect("all facts are there")
            .estimate(
                &workload(512, 64, LoadMode::SingleStream),
                &EstimateOptions::means(0.9),
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
    fn more_layers_on_the_accelerator_are_faster_and_take_more_memory() {
        let few = estimate(&desk(OptionValue::Int(8)));
        let more = estimate(&desk(OptionValue::Int(32)));
        assert!(value(&more, Metric::Tpot) < value(&few, Metric::Tpot));
        assert!(value(&more, Metric::Ttft) <= value(&few, Metric::Ttft));
        assert!(value(&more, Metric::MemoryWeights) > value(&few, Metric::MemoryWeights));
    }

    #[test]
    fn host_layers_are_read_at_the_host_memory_rate() {
        // Half of 141 GB less the embedding at 75 % of 89.6 GB/s take about one second.
        let tpot = value(&estimate(&desk(OptionValue::Int(40))), Metric::Tpot);
        assert!(tpot > 1.0 && tpot < 1.2, "{tpot}");
    }

    #[test]
    fn auto_fills_the_accelerator_and_fits() {
        let found = estimate(&desk(OptionValue::Text("auto".to_owned())));
        assert!(found.memory.fits());
        assert!(value(&found, Metric::MemoryWeights) > 60e9);
    }

    #[test]
    fn the_output_layer_counts_as_one_more() {
        let tpot = |layers| value(&estimate(&desk_of_8b(layers)), Metric::Tpot);
        let (without, whole) = (tpot(32), tpot(33));
        // 128 256 × 4 096 weights of 2 bytes at 75 % of 89.6 GB/s take 15.6 ms, at 82 % of 3.35 TB/s 0.4 ms.
        assert!(
            (without - whole - 15.25e-3).abs() < 0.3e-3,
            "{without} {whole}"
        );
        let mut plain = desk_of_8b(33);
        plain.runtime.options.clear();
        let same = value(&estimate(&plain), Metric::Tpot);
        assert!((whole - same).abs() < 1e-12);
    }

    #[test]
    fn a_busy_processor_draws_power_and_the_accelerator_waits() {
        let power = |layers| {
            let power = estimate(&desk_of_8b(layers)).power;
            (
                power.accelerator.expect("TDP").0,
                power.host.expect("TDP").0,
            )
        };
        let ((busy, idle_host), (waiting, busy_host)) = (power(33), power(4));
        assert!(waiting < busy, "{waiting} {busy}");
        assert!(busy_host > idle_host, "{busy_host} {idle_host}");
    }

    #[test]
    fn what_no_memory_holds_is_refused() {
        let mut small = desk(OptionValue::Int(8));
        if let Some(host) = &mut small.hardware.host {
            host.memory_size = Some(Bytes::new(64e9));
        }
        let error = Server::new(&small, &pack()).expect_err("127 GB are left");
        assert!(error.to_string().contains("do not hold"), "{error}");
    }

    #[test]
    fn a_host_that_nobody_states_is_named() {
        let mut bare = desk(OptionValue::Int(8));
        bare.hardware.host = None;
        let error = Server::new(&bare, &pack()).expect_err("there is no processor");
        assert!(error.to_string().contains("host processor"), "{error}");
    }
}
