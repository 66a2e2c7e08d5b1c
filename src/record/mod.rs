//! What a prediction or a measurement says, and the versioned file formats that carry it.
//!
//! [`Metric`] and [`Column`] name every number; [`Estimate`] is what `perf` returns for one point; [`Results`] is the
//! document that `results.json`, reports, goldens and diffs share; [`Calibration`] is a pack of named efficiency terms.

mod blind;
mod calibration;
mod calibration_error;
mod calibration_file;
mod effect_file;
mod effect_scope;
mod effect_support;
mod effects;
mod estimate;
mod estimate_text;
mod evidence;
mod evidence_file;
#[cfg(feature = "parquet")]
pub mod history;
pub mod import;
pub(crate) mod json;
mod metric;
mod names;
mod network_call;
mod network_file;
mod network_models;
mod network_neighbours;
mod network_seen_file;
mod operator_file;
mod operator_local_file;
mod operator_models;
mod operator_text;
mod payment;
mod presentation;
mod presentation_of;
mod results;
mod results_inputs;
pub mod results_json;
mod roofline;
pub mod rows;
#[cfg(test)]
pub(crate) mod sample;
mod searched;
mod section;
mod sensitivity;
mod sizes;
mod split;
pub mod table;
mod term_file;
mod text;
mod text_hash;
mod what_if;
mod widths;

pub use blind::{Blind, LazyBlind};
pub use calibration::{
    Calibration, PREDICTOR_VERSION, Term, TermName, TermPlace, TermRange, TermScope, TermValue,
};
pub use calibration_error::CalibrationError;
pub use effect_scope::EffectScope;
pub use effect_support::EffectSupport;
pub use effects::{Effects, Shifts, shift_between, shifted};
pub use estimate::{
    Attained, Bound, Estimate, Estimated, LatencyModel, MemoryParts, NotModelled, PowerParts,
};
pub use evidence::{Around, Evidence, EvidenceGroup, EvidenceKind, NEAREST, Near, PointEvidence};
pub use evidence_file::LazyEvidence;
pub use json::JsonError;
pub use metric::{Better, Column, Kind, Metric, Stat};
pub use network_call::{
    Engine, NetworkCall, NetworkFacts, NetworkLoad, NetworkNames, NetworkScenario, NetworkStat,
    NetworkTask,
};
pub use network_file::LazyNetworks;
pub use network_models::{
    EffectGroups, GroupName, MACHINE_FACTS, NetworkDefaults, NetworkDraw, NetworkHead,
    NetworkModels, NetworkSupport, NetworksSeen, radius_keys,
};
pub use network_neighbours::{LARGEST_ERROR, NetworkNeighbours};
pub use operator_file::LazyOperators;
pub use operator_models::{
    Alike, DEVICE_LEVEL, Floors, Local, NARROWEST_LEVEL, OPERATOR_LEVELS, OperatorFamily,
    OperatorModels, OperatorPlace, SHARED_LEVELS, Scale, Support,
};
pub use operator_text::kept_size;
pub use payment::{Against, Owning, Payment, Spanned, WayToPay};
pub use presentation::{
    ApiSummary, LimitSummary, PlaceSummary, PointSystem, Presentation, PricingSummary,
    QuestionSummary, SloSummary,
};
pub use results::{
    Answer, AnswerSize, Basis, Finding, FindingClass, IntervalKind, NearestMiss, PointResult,
    Results, SkippedExecutor, Source, ValueEntry, Verdict, VerdictEntry,
};
pub use results_inputs::{GoldenChange, GoldenOutcome, Inputs};
pub use roofline::{Roofline, RooflinePhase};
pub use searched::{SearchEnd, SearchStep, Searched};
pub use sensitivity::{
    BreakEven, Flip, MOST_SWINGS, Rival, Sensitivity, SensitivityMethod, Swing, SwingEnd,
};
pub use sizes::{Beyond, EvidenceAxis, Ranges, Sizes, beyond, joined};
pub use split::{GroupKeys, PackInput, RowGroup, Sample, Split};
pub use text_hash::TextHash;
pub use what_if::{StatedQuality, WhatIf, WhatIfVariant};
pub use widths::{Widening, Widths, WidthsOf};
