//! `phantom.results/v1` as JSON: a [`Results`](super::Results) becomes canonical bytes and those become it again.
//!
//! The bytes are a function of the document: keys are sorted, a number is the shortest text that reads back, NaN and
//! infinity cannot occur. One point, answer or finding stands on a line. `results_id` is the blake3 of these bytes without
//! the line that holds it.
//!
//! [`write()`] is for a document in memory; [`ResultsWriter`] takes the points chunk by chunk.

mod document;
mod point;
mod raw;
mod read;
mod redact;
mod sensitivity;
mod writer;

pub use read::{ReadError, read};
pub use redact::{REDACTED, RedactError, redact};
pub use writer::{ResultsWriter, results_id, write};

/// Name of the format.
pub const SCHEMA: &str = "phantom.results/v1";
