//! Measurements of runs, kernels and networks become a fitted pack.
//!
//! Files and folders are read exactly as in [`super::validate`]; rows become points or are skipped for a stated reason
//! (`points`); each family is fitted and judged ([`crate::calibrate`]); the pack is the terms of `datasheet` with shifts, widths and
//! models, their inputs, their split and their errors ([`run`]).
//!
//! What ships is fitted to every group; the errors it states, its widths and its twin `blind` are of a fit that has not seen the groups
//! of the split. Models of operators leave them out in both.
//!
//! Invariants: a row of a held-out group moves nothing that it is judged by; rows that cannot be what they claim are named and not fitted; the
//! same files, seed and share give the same pack on one machine, whatever the number of threads.

mod doubt;
mod evidence;
mod gather;
mod network_account;
mod network_draws;
#[cfg(test)]
mod network_tests;
mod networks;
mod operators;
mod own_networks;
mod pack;
mod points;
mod request;
mod run;
#[cfg(test)]
mod run_tests;
mod runs;
#[cfg(test)]
mod runs_tests;
mod unused;
mod widths;

pub use request::{CalibrateRequest, Calibrated};
pub use run::run;
pub use unused::{UnusedRow, UnusedRows};
