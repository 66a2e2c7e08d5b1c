//! Parquet as a table of cells.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::{Column, DataType, PolarsError};
use polars_io::prelude::{ParquetReader, SerReader};

use super::frame::{Cells, MOST_ROWS};
use super::{Frame, ImportError};

impl Frame {
    /// Reads Parquet; columns of other kinds than text and numbers are left out.
    ///
    /// # Errors
    ///
    /// [`ImportError`] for bytes that are not Parquet, or that claim too many rows.
    pub fn of_parquet(bytes: &[u8]) -> Result<Self, ImportError> {
        if bytes.starts_with(b"version https://git-lfs") {
            return Err(ImportError::Pointer);
        }
        if !bytes.starts_with(b"PAR1") {
            return Err(ImportError::NotATable("it is not Parquet".to_owned()));
        }
        // The decoder of damaged pages may panic instead of returning an error.
        let read = catch_unwind(AssertUnwindSafe(|| read(bytes)));
        read.unwrap_or_else(|_| Err(ImportError::NotATable("its pages are damaged".to_owned())))
    }
}

fn read(bytes: &[u8]) -> Result<Frame, ImportError> {
    let broken = |error: PolarsError| ImportError::NotATable(error.to_string());
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let rows = reader.num_rows().map_err(broken)?;
    if rows > MOST_ROWS {
        return Err(ImportError::TooLarge {
            rows,
            most: MOST_ROWS,
        });
    }
    let table = reader.finish().map_err(broken)?;
    let rows = table.height();
    let mut columns = std::collections::BTreeMap::new();
    for column in table.columns() {
        if let Some(cells) = cells(column).map_err(broken)? {
            columns.insert(column.name().to_string(), cells);
        }
    }
    Ok(Frame {
        columns,
        rows,
        lines: Vec::new(),
    })
}

fn cells(column: &Column) -> Result<Option<Cells>, PolarsError> {
    let kind = column.dtype();
    Ok(if kind.is_integer() {
        let column = column.cast(&DataType::Int64)?;
        Some(Cells::Whole(column.i64()?.iter().collect()))
    } else if kind.is_float() {
        let column = column.cast(&DataType::Float64)?;
        Some(Cells::Real(column.f64()?.iter().collect()))
    } else if kind.is_string() {
        let text = column.str()?.iter();
        let text = text.map(|cell| cell.unwrap_or_default().to_owned());
        Some(Cells::Text(text.collect()))
    } else {
        None
    })
}

#[cfg(test)]
pub(super) mod tests {
    use polars::prelude::DataFrame;
    use polars_io::prelude::ParquetWriter;

    use super::*;

    /// A table of two columns as Parquet.
    pub fn encoded(columns: Vec<Column>) -> Vec<u8> {
        let mut frame = DataFrame::new_infer_height(columns).expect("even columns");
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes)
            .finish(&mut frame)
            .expect("written to memory");
        bytes
    }

    #[test]
    fn numbers_and_text_keep_their_kinds() {
        let bytes = encoded(vec![
            Column::new("m".into(), [1_i64, 8]),
            Column::new("latency".into(), [0.5, 0.25]),
            Column::new("op_name".into(), ["gemm", "gemm"]),
        ]);
        let frame = Frame::of_parquet(&bytes).expect("a table");
        assert_eq!(frame.rows(), 2);
        assert_eq!(frame.count("m", 1), Ok(8));
        assert_eq!(frame.word("op_name", 1).as_deref(), Ok("gemm"));
        let missing = frame.bad("latency", 1, "a word").to_string();
        assert!(missing.starts_with("row 2, column `latency`"), "{missing}");
    }

    #[test]
    fn damaged_bytes_are_errors_and_never_a_panic() {
        let whole = encoded(vec![Column::new(
            "m".into(),
            (0..500).collect::<Vec<i64>>(),
        )]);
        assert!(Frame::of_parquet(b"version https://git-lfs.github.com/spec/v1\n").is_err());
        assert!(Frame::of_parquet(&[]).is_err());
        for length in [4, 12, whole.len() / 2, whole.len() - 1] {
            assert!(Frame::of_parquet(&whole[..length]).is_err(), "{length}");
        }
        for place in (4..whole.len()).step_by(7) {
            let mut bytes = whole.clone();
            bytes[place] ^= 0xff;
            let _ = Frame::of_parquet(&bytes);
        }
    }
}
