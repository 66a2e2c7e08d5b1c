//! Columnar files that are filled while points are predicted.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
#[cfg(feature = "parquet")]
use std::path::PathBuf;

use crate::cli::files::{Batch, Stream, WriteError};
use crate::record::PointResult;
use crate::record::table::CsvSink;
#[cfg(feature = "parquet")]
use crate::record::table::{ParquetError, ParquetSink};
use crate::scenario::{OutputKind, Scenario};

/// An output that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The disk refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The columnar file refused.
    #[cfg(feature = "parquet")]
    #[error("{}: cannot be written", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// polars' own words.
        #[source]
        source: ParquetError,
    },
}

/// Columnar files that take points as they come.
pub struct Sinks {
    csv: Vec<(Stream, CsvSink<BufWriter<File>>)>,
    #[cfg(feature = "parquet")]
    parquet: Vec<(Stream, ParquetSink<File>)>,
}

impl Sinks {
    /// Opens the columnar outputs of a scenario below `folder`.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when a file cannot be opened.
    pub fn open(scenario: &Scenario, folder: &Path) -> Result<Self, OutputError> {
        let mut sinks = Self {
            csv: Vec::new(),
            #[cfg(feature = "parquet")]
            parquet: Vec::new(),
        };
        for output in &scenario.report.outputs {
            let path = folder.join(&output.file);
            if output.kind == OutputKind::Csv {
                let stream = Stream::open(&path)?;
                let file = BufWriter::new(stream.handle()?);
                let sink =
                    CsvSink::begin(file, &scenario.name, &scenario.axes).map_err(|source| {
                        WriteError {
                            path: path.clone(),
                            source,
                        }
                    })?;
                sinks.csv.push((stream, sink));
            }
            #[cfg(feature = "parquet")]
            if output.kind == OutputKind::Parquet {
                let stream = Stream::open(&path)?;
                // Unbuffered: pages are large, and a buffer would lose the error of its last flush.
                let file = stream.handle()?;
                let sink = ParquetSink::begin(file, &scenario.name, &scenario.axes)
                    .map_err(|source| OutputError::Parquet { path, source })?;
                sinks.parquet.push((stream, sink));
            }
        }
        Ok(sinks)
    }

    /// Writes the rows of the next points.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the disk is full or refuses.
    pub fn points(&mut self, points: &[PointResult]) -> Result<(), OutputError> {
        for (stream, sink) in &mut self.csv {
            sink.points(points).map_err(|source| WriteError {
                path: stream.path().to_owned(),
                source,
            })?;
        }
        #[cfg(feature = "parquet")]
        for (stream, sink) in &mut self.parquet {
            sink.points(points).map_err(|source| OutputError::Parquet {
                path: stream.path().to_owned(),
                source,
            })?;
        }
        Ok(())
    }

    /// Ends the files and adds them to a batch.
    ///
    /// # Errors
    ///
    /// [`OutputError`] when the disk is full or refuses.
    pub fn finish(self, batch: &mut Batch) -> Result<(), OutputError> {
        for (stream, sink) in self.csv {
            let flushed = sink.finish().and_then(|mut file| file.flush());
            flushed.map_err(|source| WriteError {
                path: stream.path().to_owned(),
                source,
            })?;
            batch.add_stream(stream);
        }
        #[cfg(feature = "parquet")]
        for (stream, sink) in self.parquet {
            sink.finish().map_err(|source| OutputError::Parquet {
                path: stream.path().to_owned(),
                source,
            })?;
            batch.add_stream(stream);
        }
        Ok(())
    }
}
