//! Serving as discrete events: what every request of a load feels.
//!
//! A [`crate::perf::Server`] and a workload become requests that arrive ([`source`]), are routed to engines ([`cluster`]), are
//! scheduled step by step as the runtime schedules them ([`engine`], [`rules`]), hold blocks of the cache while they run
//! ([`kv`], with host memory beside it: [`host`]), and leave a record each; records become distributions ([`tally`]) and these an estimate ([`run`]).
//!
//! Invariants: time is whole nanoseconds and events are totally ordered by (time, kind, engine), kinds being the end of a step,
//! an arrival, the start of a step; an engine is a state machine with `submit`, `next_event` and `advance` that owns neither
//! loop nor clock; random numbers come from named, seeded streams; every run is bounded in events and says when the bound was
//! hit. A step costs the same whatever the number of sequences in it: what all generating sequences do together is counted
//! once, and equal steps between two events are one event.
//!
//! Start reading at [`engine::Engine::advance`].

mod adapters;
#[cfg(test)]
mod agreement;
mod answer;
mod apart;
#[cfg(test)]
mod apart_tests;
pub mod arrivals;
mod backlog;
pub mod cluster;
mod columns;
mod compose;
mod context;
mod cost;
mod crossings;
mod decoding;
pub mod done;
pub mod engine;
mod explain;
mod fleet;
mod gaps;
mod handover;
pub mod host;
#[cfg(test)]
mod host_tests;
pub mod host_tier;
pub mod kv;
mod lengths;
mod load;
#[cfg(test)]
mod load_tests;
mod looking;
#[cfg(test)]
mod looking_tests;
mod prefix;
pub mod replay;
mod request;
pub mod rules;
pub mod run;
pub mod session;
mod slots;
mod software;
pub mod source;
mod speculation;
mod stand_in;
mod step;
pub mod tally;
#[cfg(test)]
mod tests;
mod time;
mod trace;
mod values;
mod waiting;
mod watch;

pub use answer::{LaneRun, LaneRunner, Objective, Options, estimate, estimate_by, simulates};
pub use cost::{LaneCost, StepCost};
pub use explain::explain;
pub use fleet::Phases;
pub use request::{Finished, Observer, Request, StepSpan};
pub use speculation::Acceptance;
pub use stand_in::stand_in;
pub use time::Nanos;
pub use trace::{SLICE, trace};
pub use watch::{Onlooker, Unwatched};
