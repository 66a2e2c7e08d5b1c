//! Predictions against measurement records: how far off they are, on which hardware, models and software.
//!
//! What becomes what: files and folders become tables of rows; each row becomes a system with a workload, or an operator
//! on a device, is predicted, and is compared or skipped for a stated reason ([`run`]); pairs become groups with error
//! statistics ([`Validation`]); these become text, `phantom.validation/v1`, a CSV of rows, and findings against accepted
//! accuracy.
//!
//! Invariants: every selected row is counted once, compared or skipped; rows of one run share one prediction; nothing
//! depends on the number of threads. Nothing here changes a prediction.

mod accepted;
mod account;
mod bands;
mod doubt;
mod energy;
mod golden;
mod groups;
mod json;
mod kernels;
mod llm;
mod llm_cases;
mod networks;
mod plausible;
mod rates;
mod read;
mod request;
mod row;
mod rows_csv;
mod run;
#[cfg(test)]
mod sample;
mod seen;
mod systems;
mod text;

pub use accepted::Accuracy;
pub use account::{Group, ReadFile, SkippedFile, SkippedRows, Tables, Tabulation, Validation};
pub use golden::{Drift, accept, compare};
pub use json::json;
pub use request::ValidateRequest;
pub use row::{Compared, Fit, Names, Outcome, RowOutcome};
pub use rows_csv::rows_csv;
pub use run::run;
pub(in crate::pipeline) use run::selected;
pub use text::text;
#[cfg(feature = "calibrate")]
pub(in crate::pipeline) use {
    doubt::doubted,
    llm_cases::{LlmCases, Resolved},
    read::read,
    run::is_new,
};
