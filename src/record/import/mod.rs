//! Published tables of others become records of ours.
//!
//! What becomes what: the bytes of a published file become a table of cells; a recipe says which of its columns are the
//! sizes, the time and the number formats of an operator, or of a run; the result is text in the schema of
//! [`crate::record::rows`]. A collection of records that is there already is narrowed to what may be passed on
//! ([`select`]).
//!
//! Nothing is guessed: a column that a recipe needs and the file lacks, and a cell that is no number, are errors with
//! their place; files that no recipe knows are named and left out. Nothing here reads a file or writes one.

mod aiconfigurator;
mod aiconfigurator_recipes;
mod error;
mod frame;
mod kernel_text;
mod mlperf;
mod mlperf_log;
mod mlperf_numbers;
mod mlperf_place;
mod mlperf_system;
#[cfg(feature = "parquet")]
mod parquet;
mod select;
mod sources;
mod vidur;

pub use aiconfigurator::{aiconfigurator_place, aiconfigurator_rows};
pub use error::ImportError;
pub use frame::Frame;
pub use kernel_text::{KernelFields, KernelPlace, kernel_header, kernel_line};
pub use mlperf::{MlperfRows, MlperfRun, mlperf_rows};
pub use mlperf_place::MlperfPlace;
pub use select::{Choice, LeftOut, Selected, select, sources_of};
pub use sources::{SourceEntry, SourceList, is_allowed};
pub use vidur::{vidur_place, vidur_rows};
