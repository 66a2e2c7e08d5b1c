//! Rows as CSV: UTF-8 with a header, numbers in the shortest text that reads back, absent cells empty.

use std::io;

use super::cells::{Cell, Frame, header};
use crate::record::json::number;
use crate::record::{PointResult, Results};

/// Writes points as they come.
pub struct CsvSink<W: io::Write> {
    out: csv::Writer<W>,
    frame: Frame,
}

impl<W: io::Write> CsvSink<W> {
    /// Writes the header; `axes` are those of the document.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn begin(out: W, scenario: &str, axes: &[String]) -> io::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        out.write_record(header(axes).into_iter().map(|(name, _)| name))
            .map_err(io::Error::other)?;
        let frame = Frame {
            scenario: scenario.to_owned(),
            axes: axes.to_vec(),
        };
        Ok(Self { out, frame })
    }

    /// Writes further points.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn points<'p>(
        &mut self,
        points: impl IntoIterator<Item = &'p PointResult>,
    ) -> io::Result<()> {
        let Self { out, frame } = self;
        let mut text = String::new();
        for point in points {
            frame
                .rows(point, |cells| {
                    for cell in cells {
                        match cell {
                            Cell::Text(cell) => out.write_field(cell.unwrap_or_default()),
                            Cell::Number(None) => out.write_field(""),
                            Cell::Number(Some(value)) => {
                                text.clear();
                                number(&mut text, *value);
                                out.write_field(&text)
                            }
                        }?;
                    }
                    out.write_record(None::<&[u8]>)
                })
                .map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Writes what is held back and returns the output.
    ///
    /// # Errors
    ///
    /// When the output cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.out
            .into_inner()
            .map_err(|error| io::Error::other(error.into_error()))
    }
}

impl<W: io::Write> std::fmt::Debug for CsvSink<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvSink")
            .field("frame", &self.frame)
            .finish_non_exhaustive()
    }
}

/// The table of a document as CSV.
pub fn write_csv(results: &Results) -> Vec<u8> {
    in_memory(results)
}

fn in_memory(results: &Results) -> Vec<u8> {
    let written = CsvSink::begin(Vec::new(), &results.inputs.scenario_name, &results.axes)
        .and_then(|mut sink| {
            sink.points(&results.points)?;
            sink.finish()
        });
    written.expect("memory takes any bytes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn one_row_stands_for_each_point_column_and_purchase() {
        let bytes = write_csv(&sample::results(2));
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().expect("a header").clone();
        assert_eq!(header.iter().nth(3), Some("axis.hardware"));
        let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), 2 * 6);
        let at = |name: &str| {
            header
                .iter()
                .position(|column| column == name)
                .expect("a column")
        };
        let spot = &rows[1];
        assert_eq!(&spot[at("column")], "cost_per_hour");
        assert_eq!((&spot[at("value")], &spot[at("purchase")]), ("2.5", "spot"));
        assert_eq!(&spot[at("lo")], "", "absent is empty, never zero");
    }

    #[test]
    fn the_split_into_chunks_does_not_show() {
        let results = sample::results(3);
        let mut sink = CsvSink::begin(Vec::new(), "chat", &results.axes).expect("memory");
        for point in &results.points {
            sink.points([point]).expect("memory");
        }
        assert_eq!(sink.finish().expect("memory"), write_csv(&results));
    }
}
