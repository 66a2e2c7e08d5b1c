//! The serving software: which options each program has, and which of them move a prediction.
//!
//! Every program has a closed list, made from its own documentation. An option is modelled, or accepted and reported as
//! not modelled; an unknown one is an error. Names are the program's own with `_` for `-`.

mod local;
mod networks;
mod option;
mod programs;
mod read;
mod serving;

pub(super) use programs::{NAMES, all, all_options, any_has};
pub(super) use read::{divides, kv_formats, offload, read};
