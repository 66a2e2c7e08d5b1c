//! The scenario language: one YAML document becomes a [`Scenario`] and a [`Plan`] of [`RunPoint`]s.
//!
//! The order of evaluation is fixed: read → `extends` → `--set` → environment → axes, zip, exclude, include → per point
//! `$( … )` → typed values → checks of meaning. The first stages work on a [`Node`] tree that keeps every place, so
//! that an error names the line the user wrote, also in an included file. Typed values are read last; after that no
//! strings are left to match. Every problem is reported at once.
//!
//! Nothing here predicts anything or touches the disk: files come through [`crate::source::World`].

mod adapters;
mod axis;
mod context;
mod date;
mod decimal;
mod deployment;
mod disaggregation;
mod document;
mod energy;
mod environment;
mod executors;
mod expression;
mod extends;
mod filter;
mod hardware;
mod host;
mod identity;
mod identity_workload;
mod key;
mod kv_offload;
mod lengths;
mod limit;
mod load;
mod lookups;
mod matrix;
mod models;
mod names;
mod objectives;
mod origins;
mod outputs;
mod overrides;
mod parts;
mod plan;
mod point;
mod precision;
mod pricing;
mod range;
mod rates;
mod read;
#[cfg(test)]
mod rejected;
mod resolve;
mod resolved;
mod runtime;
#[cfg(test)]
mod sample;
mod schema;
mod search;
mod settings;
mod share;
mod speculation;
mod system;
mod terms;
#[cfg(test)]
mod tests;
mod trace;
mod tree;
mod what_if;
mod whole;
mod workload;
mod write;
mod yaml;

pub use axis::{Assignment, AxisPaths, AxisTarget, Combination, Origin};
pub use document::{Document, Options, Stage, read_document, root_of};
pub use expression::ExprValue;
pub use filter::{Filter, FilterError};
pub use matrix::{Axis, DEFAULT_MAX_POINTS, Expansion, expand};
pub(crate) use names::closed_list;
pub use origins::{staged_yaml, yaml_with_origins};
pub use plan::{Plan, not_modelled};
pub use point::{
    Dependencies, ExpressionScope, Names, apply, apply_section, evaluate, sections_using,
};
pub use range::Range;
pub use resolve::{Loaded, load};
pub use resolved::{
    Adapters, Aggregate, ApiPrice, Arrival, Assumption, AxisValue, Battery, Chart, Comparison,
    Deployment, DeviceShare, Dimensions, Draft, Duty, Embodied, Energy, EnergyScope, ExecutorEntry,
    ExecutorKind, Goal, GoldenRules, Hardware, Holds, Host, HostMemory, InputFile, Interconnect,
    Kept, KvOffload, Lengths, Link, LlmWorkload, Load, LoadMode, Method, ModelChoice, MustHold,
    OnMissing, OnNew, OptionValue, Output, OutputKind, OwnedRate, Paid, PdfStandard, PerRequest,
    Pool, Pricing, Purchase, Quality, Question, Rate, RateSource, Replayed, ReportOptions, Rigor,
    Router, RunPoint, Runtime, RuntimeName, Scenario, Search, SearchedLoad, Sessions, SharedPrefix,
    SizeFor, Slo, SloSeverity, Speculation, Spot, Statistics, Storage, System, Terms, Thermal,
    Tolerance, Unmodelled, Variant, VariantModel, When, Window, Workload,
};
pub use schema::{Paths, axis_list, json_schema};
pub use trace::{Shared, Trace, TracePrefix, TraceRequest};
pub use tree::{Entry, Node, Scalar, Value};
pub use yaml::parse_text;
