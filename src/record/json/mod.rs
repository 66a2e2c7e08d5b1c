//! Canonical JSON: sorted keys, exact numbers, both ways.

mod parse;
mod text;

pub use parse::JsonError;
pub(crate) use parse::from_text;
pub(crate) use text::{Object, lines, list, number, number_text, serde, string};
