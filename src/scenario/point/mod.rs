//! The document of one point: the base document with the values of its combination set and `$( … )` evaluated.
//!
//! [`apply`] gives all of it, [`apply_section`] one top-level key. Most points share most sections:
//! [`Dependencies::memo_key`] names what a section of a point depends on, so that it is read once for all points of which
//! that is the same.

mod apply;
mod assign;
mod depend;
mod scope;

pub use apply::{apply, apply_section, evaluate};
pub use depend::{Dependencies, sections_using};
pub use scope::{ExpressionScope, Names};
