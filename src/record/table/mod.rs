//! `results.csv` and `results.parquet`: one row for each point, column and source.
//!
//! Both have the same columns, in plan order, then by the text of the column. Points come chunk by chunk; the bytes do
//! not depend on the chunks, and only a group of rows is held in memory.

mod cells;
mod csv_sink;
#[cfg(feature = "parquet")]
mod parquet_sink;

pub use csv_sink::{CsvSink, write_csv};
#[cfg(feature = "parquet")]
pub use parquet_sink::{ParquetError, ParquetSink, write_parquet};
