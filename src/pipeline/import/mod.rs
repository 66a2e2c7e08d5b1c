//! Tables of others, and collections of records, become files of records.
//!
//! What becomes what: a folder is walked through [`crate::source::World`], each file is converted by
//! [`crate::record::import`], and the texts of the new files come back with an [`Account`] of what was left out. Nothing
//! is written here; a caller writes all of it or, after an error, nothing.

mod account;
mod kernels;
mod measurements;
mod mlperf;
mod walk;

pub use account::{Account, Written};
pub use kernels::{KernelSource, KernelsRequest, Lines, kernels};
pub use measurements::measurements;
pub use mlperf::mlperf;
