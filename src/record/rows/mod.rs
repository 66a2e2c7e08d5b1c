//! Measurement rows: published or own results in CSV form, read as the text they are and resolved to what phantom predicts.
//!
//! What becomes what: the bytes of a file become a [`Table`] whose [`Family`] its header names; a line of it becomes an
//! [`LlmRow`] or a [`KernelRow`]; with the catalogue that becomes a system with a workload, or an operator on a device. A
//! row that cannot be used has a [`Skip`] reason; none is dropped silently, and an empty field is unknown, never zero.
//!
//! Nothing here predicts anything. Start reading at [`Table`] and [`Skip`].

mod family;
mod field;
mod measure;
mod skip;
mod table;
mod write;

pub use family::{Family, KernelFamily};
pub use field::{count, mean_count, name_key, number, positive};
pub use measure::{Measured, measured};
pub use skip::Skip;
pub use table::{Line, Table, TableError};
pub use write::csv_text;
