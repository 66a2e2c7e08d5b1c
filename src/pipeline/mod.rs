//! The stages composed: what the command line calls, and what a service or a browser would call.
//!
//! [`predict`] turns a resolved scenario into a [`crate::record::Results`], chunk by chunk, so that a sweep of a million
//! points needs no more memory than one of ten thousand; [`validate`] turns measurement records into an account of
//! accuracy; `calibrate` turns kernel timings into a fitted pack; [`import`] turns published tables into records. No files, no clock, no terminal: those belong to the caller.

mod assemble;
#[cfg(feature = "calibrate")]
pub mod calibrate;
mod chunk;
mod derived;
mod derived_facts;
mod derived_fleet;
mod estimate;
mod facts;
pub mod import;
mod known;
mod memo;
mod parallel;
mod payments;
mod predict;
mod rooflines;
mod search;
mod sensitivity;
mod servers;
mod shared;
pub mod validate;
mod what_if;

pub use derived::explain_derived;
pub use estimate::{Asked, Path, estimate, explain, trace};
pub use known::Known;
pub use memo::Memo;
pub use parallel::use_threads;
pub use predict::{Flow, KEPT_POINTS, Observer, Request, Stopped, predict};
