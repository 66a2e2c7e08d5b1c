//! Why a published file cannot be converted.

/// Why a published file cannot be converted; the caller adds the path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// The repository was copied without its large files.
    #[error("a pointer of Git LFS stands here instead of the data; fetch the data first")]
    Pointer,
    /// The bytes are no table.
    #[error("not a table: {0}")]
    NotATable(String),
    /// More rows than any published table has.
    #[error("{rows} rows, more than the {most} that are read")]
    TooLarge {
        /// Rows it claims.
        rows: usize,
        /// Rows that are read.
        most: usize,
    },
    /// This build reads no Parquet.
    #[error("this build of phantom reads no Parquet")]
    NoParquet,
    /// A column that decides the rows is absent.
    #[error("there is no column `{0}`")]
    MissingColumn(&'static str),
    /// A cell cannot be what its column holds.
    #[error("{place}, column `{column}`: `{text}` is not {expected}")]
    BadCell {
        /// `line 7` or `row 7`.
        place: String,
        /// The column.
        column: &'static str,
        /// What stands there, shortened.
        text: String,
        /// What should.
        expected: &'static str,
    },
}
