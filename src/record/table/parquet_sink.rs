//! Rows as Parquet: doubles for numbers, dictionary-coded text, absent cells null.

use std::io;

use polars::prelude::{
    Column, DataFrame, DataType, Field, Float64Chunked, IntoColumn, NewChunkedArray, PlSmallStr,
    PolarsError, Schema, StringChunkedBuilder,
};
use polars_io::parquet::write::{BatchedWriter, ParquetCompression, ParquetWriter};

use super::cells::{Cell, CellKind, Frame, header};
use crate::record::{PointResult, Results};

/// Rows of one group. Groups do not depend on the chunks in which points come.
const GROUP: usize = 65_536;

/// The table cannot be encoded or written.
#[derive(Debug, thiserror::Error)]
#[error("the Parquet table cannot be written")]
pub struct ParquetError(#[from] PolarsError);

/// Writes points as they come.
pub struct ParquetSink<W: io::Write> {
    out: BatchedWriter<W>,
    stamp: Vec<(&'static str, String)>,
    frame: Frame,
    header: Vec<(String, CellKind)>,
    columns: Vec<Cells>,
    rows: usize,
}

/// The cells of one column until their group is written.
enum Cells {
    Text(StringChunkedBuilder),
    Number(Vec<Option<f64>>),
}

impl<W: io::Write + Send> ParquetSink<W> {
    /// Begins a table; `axes` are those of the document.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn begin(out: W, scenario: &str, axes: &[String]) -> Result<Self, ParquetError> {
        Self::begin_stamped(out, Vec::new(), (scenario, axes))
    }

    /// Begins a table whose rows all start with the same texts, which say what they are rows of; an empty text is null.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn begin_stamped(
        out: W,
        stamp: Vec<(&'static str, String)>,
        (scenario, axes): (&str, &[String]),
    ) -> Result<Self, ParquetError> {
        let names = stamp.iter();
        let stamped = names.map(|(name, _)| ((*name).to_owned(), CellKind::Text));
        let header: Vec<_> = stamped.chain(header(axes)).collect();
        let schema: Schema = header
            .iter()
            .map(|(name, kind)| {
                let kind = match kind {
                    CellKind::Text => DataType::String,
                    CellKind::Number => DataType::Float64,
                };
                Field::new(PlSmallStr::from_str(name), kind)
            })
            .collect();
        let out = ParquetWriter::new(out)
            .with_compression(ParquetCompression::Zstd(None))
            .batched(&schema)?;
        let frame = Frame {
            scenario: scenario.to_owned(),
            axes: axes.to_vec(),
        };
        Ok(Self {
            out,
            stamp,
            frame,
            columns: empty(&header),
            header,
            rows: 0,
        })
    }

    /// Writes further points.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn points<'p>(
        &mut self,
        points: impl IntoIterator<Item = &'p PointResult>,
    ) -> Result<(), ParquetError> {
        let frame = self.frame.clone();
        for point in points {
            frame.rows(point, |cells| self.row(cells))?;
        }
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ParquetError> {
        let given = |text: &String| !text.is_empty();
        let stamp: Vec<Cell<'_>> = self
            .stamp
            .iter()
            .map(|(_, text)| Cell::Text(Some(text).filter(|text| given(text)).map(String::as_str)))
            .collect();
        for (column, cell) in self.columns.iter_mut().zip(stamp.iter().chain(cells)) {
            match (column, cell) {
                (Cells::Text(column), Cell::Text(text)) => column.append_option(*text),
                (Cells::Number(column), Cell::Number(number)) => column.push(*number),
                (Cells::Text(_), Cell::Number(_)) | (Cells::Number(_), Cell::Text(_)) => {
                    unreachable!("cells have the kinds of the header")
                }
            }
        }
        self.rows += 1;
        if self.rows == GROUP {
            self.write_group()?;
        }
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let full = std::mem::replace(&mut self.columns, empty(&self.header));
        let columns: Vec<Column> = full
            .into_iter()
            .zip(&self.header)
            .map(|(cells, (name, _))| match cells {
                Cells::Text(builder) => builder.finish().into_column(),
                Cells::Number(numbers) => {
                    Float64Chunked::from_iter_options(name.as_str().into(), numbers.into_iter())
                        .into_column()
                }
            })
            .collect();
        let frame = DataFrame::new(self.rows, columns)?;
        self.out.write_batch(&frame)?;
        self.rows = 0;
        Ok(())
    }

    /// Writes the last group and the footer.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn finish(mut self) -> Result<(), ParquetError> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.out.finish()?;
        Ok(())
    }
}

impl<W: io::Write> std::fmt::Debug for ParquetSink<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetSink")
            .field("frame", &self.frame)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

fn empty(header: &[(String, CellKind)]) -> Vec<Cells> {
    header
        .iter()
        .map(|(name, kind)| match kind {
            CellKind::Text => Cells::Text(StringChunkedBuilder::new(name.as_str().into(), 0)),
            CellKind::Number => Cells::Number(Vec::new()),
        })
        .collect()
}

/// The table of a document as Parquet.
///
/// # Errors
///
/// When polars refuses the table.
pub fn write_parquet(results: &Results) -> Result<Vec<u8>, ParquetError> {
    let mut bytes = Vec::new();
    let mut sink = ParquetSink::begin(&mut bytes, &results.inputs.scenario_name, &results.axes)?;
    sink.points(&results.points)?;
    sink.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use polars_io::prelude::{ParquetReader, SerReader};

    use super::*;
    use crate::record::sample;

    #[test]
    fn the_table_reads_back_with_the_cells_of_the_csv() {
        let results = sample::results(3);
        let bytes = write_parquet(&results).expect("a table");
        let table = ParquetReader::new(io::Cursor::new(bytes))
            .finish()
            .expect("our own table");
        assert_eq!((table.height(), table.width()), (3 * 6, 3 + 4 + 14));
        let purchases = table.column("purchase").expect("a column");
        assert_eq!(purchases.null_count(), 3 * 4);
        let values = table.column("value").expect("a column");
        assert_eq!(values.f64().expect("doubles").get(0), Some(7.25));
    }

    #[test]
    fn the_bytes_depend_neither_on_chunks_nor_on_the_run() {
        let results = sample::results(3);
        let mut bytes = Vec::new();
        let mut sink = ParquetSink::begin(&mut bytes, "chat", &results.axes).expect("begun");
        for point in &results.points {
            sink.points([point]).expect("written");
        }
        sink.finish().expect("finished");
        assert_eq!(bytes, write_parquet(&results).expect("a table"));
    }
}
