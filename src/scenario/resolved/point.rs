//! One point: the system it runs on and what is asked of it.

use std::sync::Arc;

use super::hardware::Hardware;
use super::software::Runtime;
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
