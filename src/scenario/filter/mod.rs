//! Choosing points: `model=llama8b,concurrency<=32`, comma for and, `|` between alternatives.
//!
//! After a `|`, a bare value is a further value of the field before it (`model=a|b`), and a comparison begins another
//! alternative (`model=a,concurrency<=4|model=b`). Values that hold `,`, `|`, a quote or a sign of comparison are quoted; a
//! quote inside is doubled. In YAML a filter may also be a map of value, list or range.

mod choose;
mod text;

pub use choose::Filter;
pub use text::FilterError;
