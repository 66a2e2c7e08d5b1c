//! One file for each command.

#[cfg(feature = "calibrate")]
pub mod calibrate;
#[cfg(feature = "calibrate")]
mod calibrate_rows;
mod calibration;
pub mod catalog;
pub mod check;
mod compare;
pub mod completions;
pub mod diff;
pub mod explain;
mod explain_answers;
mod explain_evidence;
pub mod golden;
mod golden_accuracy;
mod golden_check;
mod golden_files;
#[cfg(feature = "parquet")]
pub mod history;
pub mod import;
pub mod init;
mod only;
mod outputs;
pub mod plan;
mod predict;
mod redact;
pub mod report;
mod review;
pub mod run;
mod scenarios;
pub mod schema;
mod sinks;
mod table;
pub mod validate;
#[cfg(feature = "watch")]
pub mod watch;
#[cfg(feature = "watch")]
mod watch_files;
