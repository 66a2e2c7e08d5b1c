//! Source texts, places in them, and the world they come from.
//!
//! [`Sources`] keeps every text that was read, so that a [`Span`] can be shown with its line. [`World`] is the only door
//! to files and the environment: [`Disk`] opens it for the command line, [`Memory`] for tests and a browser. Nothing else
//! in the core touches a file, a clock, or a variable.

#[cfg(feature = "cli")]
mod disk;
mod span;
mod world;

#[cfg(feature = "cli")]
pub use disk::Disk;
pub use span::{Place, SourceId, Sources, Span};
pub(crate) use world::normal;
pub use world::{Memory, World, WorldError};
