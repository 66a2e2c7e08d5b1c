//! `matrix`: axes, zip, exclude and include become an [`Expansion`], which knows its points without holding them.
//!
//! The product of axes and zip groups is never written out: a combination is computed from its position. Only where
//! `exclude` removes something, the positions that are left are listed. What `include` adds is found when a combination
//! is asked for. Start reading at [`expand`].

mod axes;
mod entries;
mod expand;
mod expansion;
mod same;

pub use axes::Axis;
pub use expand::{DEFAULT_MAX_POINTS, expand};
pub use expansion::Expansion;
