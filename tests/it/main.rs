//! The command and the data as a user meets them.
#![expect(clippy::disallowed_methods, reason = "tests set up and read files")]

mod ask;
mod catalog;
mod changes;
mod ci;
mod cli;
mod coverage;
mod datasets;
mod decisions;
mod devices;
mod doubtful;
mod explain;
mod fuzz_smoke;
mod golden;
mod golden_files;
mod golden_rules;
mod history;
mod hostile_fits;
mod import;
mod loads;
mod own_points;
mod paper;
mod published;
mod readme;
mod run;
mod sandbox;
mod validate;
mod watch;
