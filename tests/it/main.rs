//! The library and the command from outside, one binary.

mod catalog;
mod published;
