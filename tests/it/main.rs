//! The library and the command from outside, one binary.

mod catalog;
mod fuzz_smoke;
mod published;
