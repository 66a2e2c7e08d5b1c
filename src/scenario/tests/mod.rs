//! The scenario language as a whole: examples, diagnostics, and what holds for every document.

mod examples;
