//! How long and how much: the time, memory and power of a model on given hardware.
//!
//! A [`crate::scenario::System`] and a [`crate::record::Calibration`] become a [`Server`], once; a server answers any number
//! of workloads with an [`crate::record::Estimate`]. Every operator takes the longer of its arithmetic and its memory traffic
//! ([`roofline`]), exchanges follow an alpha-beta model, and a load is answered in closed form from two or three steps.
//!
//! Invariants: datasheet values are never changed, what software reaches of them is a named term of the pack; a missing fact
//! is an error, never a guess; no number is NaN or infinite, and `lo <= value <= hi`. Intervals are envelopes: all terms at
//! their slow ends, and all at their fast ends.
//!
//! Start reading at [`Server`], then [`StepModel`].

mod adapters;
mod closed_loop;
mod collective;
mod columns;
mod demand;
mod disaggregation;
mod eager;
mod estimate;
mod explain;
mod explain_interval;
mod explain_lines;
mod explain_terms;
mod findings;
mod host_cache;
mod intake;
mod kernel;
mod lane_steps;
mod latency;
mod lengths;
mod memory;
mod mix;
mod network_draw;
mod network_effects;
mod network_features;
mod network_power;
mod network_rates;
mod network_tables;
#[cfg(test)]
pub(crate) mod network_testing;
mod network_time;
mod observed;
mod offload;
mod open_loop;
mod operator_exchange;
mod operator_shape;
mod operator_time;
mod operator_traits;
mod own_loads;
mod phases;
mod power;
mod priced_op;
#[cfg(test)]
mod properties;
mod rates;
mod region;
mod relay;
mod roofline;
mod room;
mod scheduler;
mod server;
mod speculation;
mod spread;
mod static_batch;
mod step_time;
mod terms;
#[cfg(test)]
pub(crate) mod testing;
mod variety;
mod widen;

pub use closed_loop::{Engines, Settled};
pub use collective::Topology;
pub use columns::Level;
pub use demand::Demand;
pub use estimate::EstimateOptions;
pub use explain::{ExplainInput, ExplainLine};
pub use explain_terms::term_lines;
pub use host_cache::HostRoom;
pub use intake::Intake;
pub use kernel::kernel_time;
pub use lane_steps::LaneSteps;
pub use lengths::LengthGrid;
pub use memory::{MemoryModel, MemoryUse};
pub use mix::{Arriving, Mix};
pub use network_draw::{drawn_share, elasticity, power_limit, unlimited_share};
pub use network_effects::{Effect, Part};
pub use network_features::{NETWORK_FEATURES, NetworkFeature, NetworkShape, network_shape};
pub use network_power::network_utilisation;
pub use network_rates::stated_machine;
pub use network_time::{
    NetworkEstimate, NetworkHeadName, network_effects_of, network_estimate, network_target,
    network_time,
};
pub use observed::{Busy, Observed};
pub use open_loop::{Arrivals, Opened};
pub use operator_exchange::Wiring;
pub use operator_shape::{IMPLAUSIBLE, MACHINE_FIRST, OperatorShape, cold_share, operator_shape};
pub use operator_time::{
    OperatorParts, OperatorTime, efficiency_cost, machine_features, operator_parts, operator_time,
    standard_features,
};
pub use power::{Activity, PowerModel};
pub use rates::{memory_bandwidth, peak};
pub use region::{Region, evidence_sizes, parameters_m};
pub use roofline::roofline;
pub use room::Room;
pub use scheduler::{LLAMA_BATCH, MemoryRule, PrefixCache, Scheduler};
pub use server::Server;
pub use spread::{Lane, Spread};
pub use static_batch::Batch;
pub use step_time::{StepModel, StepTime};
pub use terms::{Terms, class_name, place, runtime_name};
