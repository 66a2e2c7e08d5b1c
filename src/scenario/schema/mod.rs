//! Every key of the scenario language, once: shape, dimension, default and meaning.
//!
//! One table drives four things: [`check()`] reports unknown keys, wrong shapes and unreadable scalars of a whole document
//! at once; [`Paths`] decides which dotted paths an axis may name; [`json_schema`] prints the table for editors (JSON
//! Schema, draft 2020-12); [`axis_list`] prints the axis names. The readers of the sections trust the table and look only
//! at what it cannot say.

mod axes;
mod check;
mod document;
mod hardware;
mod json;
mod kernel;
mod models;
mod money;
mod objectives;
mod run;
mod shape;
mod what_if;
mod workload;

pub use axes::{Paths, axis_list};
pub use json::json_schema;

pub(super) use axes::is_field;
pub(super) use check::{check, check_section};
pub(super) use document::{DOCUMENT, PRECISION_NAMES};
pub(super) use shape::{Field, Map, Shape, Tagged};
pub(super) use workload::{LOAD_MODES, kind as workload_shape};
