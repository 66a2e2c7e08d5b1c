//! The scenario language as a whole: examples, diagnostics, and what holds for every document.

mod decisions;
mod examples;
mod host_memory;
mod loads;
mod meaning;
mod names;
mod properties;
mod shapes;
mod values;
mod world;
