//! What a scenario means: names bound, defaults filled, units read. No text is left to interpret.

mod adapters;
mod hardware;
mod kv_offload;
mod money;
mod objectives;
mod point;
mod settings;
mod share;
mod software;
mod speculation;
mod what_if;
mod whole;
mod workload;

pub use adapters::Adapters;
pub use hardware::{Hardware, Host, Interconnect, Link, Storage};
pub use kv_offload::{Holds, HostMemory, Kept, KvOffload};
pub use money::{
    ApiPrice, Battery, Embodied, Energy, EnergyScope, OwnedRate, Paid, Pricing, Purchase, Rate,
    RateSource, Spot, Terms,
};
pub use objectives::{
    Aggregate, Comparison, Goal, MustHold, PerRequest, Question, Search, SearchedLoad, SizeFor,
    Slo, SloSeverity,
};
pub use point::{AxisValue, Deployment, ModelChoice, Pool, Router, RunPoint, System, Thermal};
pub use settings::{
    Chart, ExecutorEntry, ExecutorKind, GoldenRules, Method, OnMissing, OnNew, Output, OutputKind,
    PdfStandard, ReportOptions, Rigor, Statistics, Tolerance, When,
};
pub use share::DeviceShare;
pub use software::{OptionValue, Runtime, RuntimeName};
pub use speculation::{Draft, Speculation};
pub use what_if::{Dimensions, Quality, Variant, VariantModel};
pub use whole::{Assumption, InputFile, Scenario};
pub use workload::{
    Arrival, Duty, Lengths, LlmWorkload, Load, LoadMode, Replayed, Sessions, SharedPrefix,
    Unmodelled, Window, Workload,
};
