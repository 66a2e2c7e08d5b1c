//! One point: the system it runs on and what is asked of it.

use std::sync::Arc;

use super::adapters::Adapters;
use super::hardware::Hardware;
use super::kv_offload::KvOffload;
use super::share::DeviceShare;
use super::software::Runtime;
use super::speculation::Speculation;
use super::workload::Workload;
use crate::catalog::{Model, Precision};
use crate::ops::Parallel;
use crate::units::Bytes;

/// One combination with everything needed to predict it.
#[derive(Debug, Clone)]
pub struct RunPoint {
    /// Position in the plan.
    pub index: u64,
    /// Readable name, unique in the scenario; `point` where there are no axes.
    pub key: String,
    /// Axis values in key order, by axis name; points made by `include` may have further names.
    pub axes: Vec<(String, AxisValue)>,
    /// The part that many points share.
    pub system: Arc<System>,
    /// What is asked of it.
    pub workload: Workload,
    /// Position of its prices and place in the scenario's `terms`; 0 where all points share them.
    pub terms: u32,
}

/// A value of an axis as results and filters see it.
#[derive(Debug, Clone, PartialEq)]
pub enum AxisValue {
    /// `true` or `false`.
    Bool(bool),
    /// A count.
    Int(i64),
    /// A number that is no count.
    Float(f64),
    /// Anything else, as written.
    Text(String),
}

/// Model, hardware, precision, software and parallelism: what a server is. Equal systems of a plan are one allocation.
#[derive(Debug, Clone, PartialEq)]
pub struct System {
    /// Alias of the model in the scenario.
    pub model_alias: String,
    /// The model.
    pub model: ModelChoice,
    /// Alias of the hardware in the scenario.
    pub hardware_alias: String,
    /// The hardware.
    pub hardware: Hardware,
    /// Number formats.
    pub precision: Precision,
    /// The precision's name as written (`fp8`), or a summary of its parts.
    pub precision_name: String,
    /// The serving software as modelled.
    pub runtime: Runtime,
    /// Parallelism and replicas.
    pub deployment: Deployment,
    /// Ambient temperature and sustained load.
    pub thermal: Option<Thermal>,
    /// Guessing tokens ahead.
    pub speculation: Option<Speculation>,
    /// Adapters beside the model.
    pub adapters: Option<Adapters>,
    /// Caches in host memory.
    pub kv_offload: Option<KvOffload>,
    /// What it has of its devices.
    pub share: DeviceShare,
}

impl System {
    /// True where only a simulation answers: prompts on engines of their own, guessed tokens, adapters, caches in host memory.
    pub const fn needs_simulation(&self) -> bool {
        self.deployment.prefill.is_some()
            || self.speculation.is_some()
            || self.adapters.is_some()
            || self.kv_offload.is_some()
    }
}

/// A model with the options of the scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelChoice {
    /// Its description.
    pub model: Arc<Model>,
    /// Identity for hashing: `catalog:llama-3.1-8b`, `file:<blake3>`, `arch:<blake3>`.
    pub identity: String,
    /// Stored weight bytes where stated; they win over the computed ones.
    pub weights_bytes: Option<Bytes>,
    /// A shorter context than the architecture's.
    pub max_context: Option<u64>,
}

/// Parallelism with `auto` resolved, and replicas.
///
/// Where prompts are processed apart, the sizes are those of the engines that generate, and `prefill` has those of the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Deployment {
    /// Sizes; `tp · pp · dp` is the accelerators of one replica.
    pub parallel: Parallel,
    /// Attention is data parallel while experts are expert parallel.
    pub dp_attention: bool,
    /// Independent copies behind one load balancer.
    pub replicas: u32,
    /// How the load balancer chooses among them.
    pub router: Router,
    /// `ZeRO` stage of training.
    pub zero: u8,
    /// Sequence parallelism of training.
    pub sequence_parallel: bool,
    /// The engines that process prompts, where generation has engines of its own.
    pub prefill: Option<Pool>,
}

/// Engines of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pool {
    /// Sizes of one engine.
    pub parallel: Parallel,
    /// Attention is data parallel while experts are expert parallel.
    pub dp_attention: bool,
    /// Independent copies.
    pub replicas: u32,
}

impl Pool {
    /// Accelerators of one replica.
    pub const fn replica(&self) -> u64 {
        self.parallel.tp as u64 * self.parallel.pp as u64 * self.parallel.dp as u64
    }

    /// Accelerators of all replicas.
    pub const fn accelerators(&self) -> u64 {
        self.replica().saturating_mul(self.replicas as u64)
    }

    /// Nodes of so many accelerators that the replicas occupy: as many share a node as fit into it whole; one that is larger than
    /// a node has its nodes to itself.
    pub const fn nodes(&self, node: u64) -> u64 {
        let replicas = self.replicas as u64;
        if self.replica() <= node {
            replicas.div_ceil(node / self.replica())
        } else {
            replicas * self.replica().div_ceil(node)
        }
    }
}

impl Deployment {
    /// The engines that generate; they process prompts too where nobody else does.
    pub const fn decode(&self) -> Pool {
        Pool {
            parallel: self.parallel,
            dp_attention: self.dp_attention,
            replicas: self.replicas,
        }
    }

    /// Accelerators of all engines.
    pub fn accelerators(&self) -> u64 {
        let prefill = self.prefill.map_or(0, |pool| pool.accelerators());
        self.decode().accelerators().saturating_add(prefill)
    }

    /// True where all engines of both phases share one node of so many accelerators.
    pub fn in_one_node(&self, node: u64) -> bool {
        self.accelerators() <= node
    }

    /// Nodes of so many accelerators in use: each phase has its own, unless everything is in one.
    pub fn nodes(&self, node: u64) -> u64 {
        let node = node.max(1);
        match self.prefill {
            Some(_) if self.in_one_node(node) => 1,
            Some(prefill) => self.decode().nodes(node) + prefill.nodes(node),
            None => self.decode().nodes(node),
        }
    }
}

/// How a load balancer chooses the engine of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Router {
    /// One after another.
    RoundRobin,
    /// The one with the fewest requests.
    #[default]
    LeastLoaded,
    /// The one that has most of the prompt in its cache, unless its load is far above that of others.
    PrefixAware,
}

impl Router {
    /// Routers by the name that a scenario writes.
    pub const NAMES: [(&'static str, Self); 3] = [
        ("round_robin", Self::RoundRobin),
        ("least_loaded", Self::LeastLoaded),
        ("prefix_aware", Self::PrefixAware),
    ];
}

/// Heat.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thermal {
    /// Degrees Celsius around the device.
    pub ambient_celsius: f64,
    /// True when the load lasts long enough to heat through.
    pub sustained: bool,
}
