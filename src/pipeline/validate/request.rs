//! What to validate.

use std::path::PathBuf;

use crate::record::rows::Include;
use crate::scenario::{Filter, Method};

/// What to validate.
#[derive(Debug, Clone, Default)]
pub struct ValidateRequest {
    /// Files and folders, as given.
    pub paths: Vec<PathBuf>,
    /// Columns to cross in one more table; none: the usual tables alone.
    pub by: Vec<String>,
    /// Which rows.
    pub filter: Option<Filter>,
    /// Rows of doubtful quality that are used.
    pub include: Include,
    /// How loads are answered.
    pub method: Method,
}
