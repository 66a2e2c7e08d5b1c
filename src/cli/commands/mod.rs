//! One file for each command.

#[cfg(feature = "calibrate")]
pub mod calibrate;
mod calibration;
pub mod catalog;
pub mod check;
mod compare;
pub mod completions;
pub mod diff;
pub mod explain;
mod explain_evidence;
pub mod golden;
pub mod import;
pub mod init;
mod only;
mod outputs;
pub mod plan;
mod redact;
pub mod report;
mod review;
pub mod run;
mod scenarios;
pub mod schema;
mod table;
pub mod validate;
