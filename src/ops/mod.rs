//! What is computed: operators with their work, traffic and messages. No hardware here.
//!
//! A transformer, its number formats and its parallel sizes become the operators of one device of one replica. What a step
//! costs then depends on the step alone: which sequences process how many new tokens after how many cached ones.

mod parallel;

pub use parallel::Parallel;
