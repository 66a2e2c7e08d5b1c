//! Text becomes a tree of [`Node`](super::Node)s with their places, or diagnostics.
//!
//! YAML 1.2 with core types only: anchors, aliases, merge keys, tags, complex keys and several documents are refused, so
//! the tree is never larger than the text. Every limit is checked while reading; no text makes this panic.

mod build;
mod places;
mod read;
mod shield;
mod syntax;

pub(super) use read::parse_part;
pub use read::parse_text;
