//! Predicts inference performance, cost and energy from one YAML scenario, with honest intervals.
//!
//! The pipeline is the architecture; each stage is a function from one type to the next:
//!
//! ```text
//! text ──scenario::parse──▶ Document ──resolve──▶ Scenario ──plan──▶ Plan of RunPoints
//!   RunPoint ──ops::lower──▶ OpGraph ──perf──▶ time of a step             (equations and a calibration pack)
//!     steps ──perf::estimate──▶ Estimate, in closed form
//!     steps ──simulate──────▶ Estimate, request by request, where queues or varying requests matter
//!   Estimates ──analyse──▶ Results: cost, energy, carbon, verdicts, answers, findings
//!   Results ──golden::compare──▶ Diff        Results ──report::render──▶ HTML, PDF, JSON, CSV, Parquet
//! ```
//!
//! A module imports only from the layers below it; `tests/architecture.rs` holds the table. Start reading at
//! [`pipeline`], which composes the stages, at [`ops`] and [`perf`] for the physics, or at [`simulate`] for serving.

#![cfg_attr(
    test,
    expect(
        clippy::float_cmp,
        reason = "tests compare numbers that are exact by construction"
    )
)]

pub mod analyse;
#[cfg(feature = "calibrate")]
pub mod calibrate;
pub mod catalog;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diag;
pub mod golden;
pub mod ops;
pub mod perf;
pub mod pipeline;
pub mod record;
pub mod report;
pub mod scenario;
pub mod simulate;
pub mod source;
pub mod stats;
pub mod units;
