//! Results of runs kept over time: one Parquet table for each run, which polars, DuckDB and others read as one.
//!
//! A table has the rows of `results.parquet`, and before them the columns of [`Stamp`], which say when and of what the run
//! was. `read_parquet('reports/_history/*/*.parquet', union_by_name = true)` is the whole history of a project in DuckDB.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use polars::prelude::{DataFrame, PolarsError};
use polars_io::prelude::{ParquetReader, SerReader};

use super::table::{ParquetError, ParquetSink};
use super::{PointResult, Results};

/// A run with more points keeps those that its answers rest on.
const KEPT_POINTS: usize = 200;

/// When a run was, and of what; the first columns of every row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// `20261126-101500-3fa9c1`: time and the first digits of the id of the results.
    pub run: String,
    /// `2026-11-26T10:15:00Z`.
    pub started: String,
    /// blake3 of the results document.
    pub results_id: String,
    /// Version of phantom.
    pub phantom_version: String,
    /// Raised by every change that may move a prediction.
    pub predictor_version: String,
    /// `name@hash` of the calibration pack.
    pub calibration: String,
    /// Hash of the catalogue tables.
    pub catalog: String,
    /// blake3 of the text of the scenario.
    pub scenario_blake3: String,
    /// Commit of the project, where it is known; else empty, and null in the table.
    pub commit: String,
}

/// Names of the columns of [`Stamp`].
const STAMP: [&str; 9] = [
    "run",
    "started",
    "results_id",
    "phantom_version",
    "predictor_version",
    "calibration",
    "catalog",
    "scenario_blake3",
    "commit",
];

impl Stamp {
    fn texts(&self) -> [&String; 9] {
        [
            &self.run,
            &self.started,
            &self.results_id,
            &self.phantom_version,
            &self.predictor_version,
            &self.calibration,
            &self.catalog,
            &self.scenario_blake3,
            &self.commit,
        ]
    }
}

/// One number of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: String,
}

/// What a number is of: the key of a point, and `predicted`, `measured` or `imported` with the purchase option, where it
/// depends on one.
pub type Subject = (String, String);

/// A run as it was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptRun {
    /// When and of what it was.
    pub stamp: Stamp,
    /// How many points it keeps.
    pub points: usize,
    /// The numbers of the column that was asked for.
    pub readings: BTreeMap<Subject, Reading>,
}

/// A table that is no run.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// polars cannot read it.
    #[error("it is not a table of a run")]
    Table(#[from] PolarsError),
    /// Its pages are damaged, or it has no rows.
    #[error("it is damaged or empty")]
    Damaged,
}

/// The table of a run.
///
/// # Errors
///
/// When polars refuses the table.
pub fn write(results: &Results, stamp: &Stamp) -> Result<Vec<u8>, ParquetError> {
    let stamped = STAMP.into_iter().zip(stamp.texts().map(Clone::clone));
    let mut bytes = Vec::new();
    let of = (results.inputs.scenario_name.as_str(), &results.axes[..]);
    let mut sink = ParquetSink::begin_stamped(&mut bytes, stamped.collect(), of)?;
    sink.points(kept(results))?;
    sink.finish()?;
    Ok(bytes)
}

/// All points, or of many those that answers rest on.
fn kept(results: &Results) -> impl Iterator<Item = &PointResult> {
    let named: Vec<&str> = results
        .answers
        .iter()
        .filter_map(|one| one.point())
        .collect();
    let all = results.points.len() <= KEPT_POINTS;
    let points = results.points.iter();
    points.filter(move |point| all || named.contains(&point.key.as_str()))
}

/// Reads the table of a run, with the numbers of a column where one is named.
///
/// # Errors
///
/// [`HistoryError`] for bytes that are no such table.
pub fn read(bytes: &[u8], column: Option<&str>) -> Result<KeptRun, HistoryError> {
    // The decoder of damaged pages may panic instead of returning an error.
    let table = catch_unwind(AssertUnwindSafe(|| {
        ParquetReader::new(Cursor::new(bytes)).finish()
    }));
    let table = table.map_err(|_| HistoryError::Damaged)??;
    let mut stamp = STAMP.into_iter().map(|name| text(&table, name, 0));
    let mut next = || stamp.next().unwrap_or(Ok(String::new()));
    let stamp = Stamp {
        run: next()?,
        started: next()?,
        results_id: next()?,
        phantom_version: next()?,
        predictor_version: next()?,
        calibration: next()?,
        catalog: next()?,
        scenario_blake3: next()?,
        commit: next()?,
    };
    if stamp.run.is_empty() {
        return Err(HistoryError::Damaged);
    }
    let keys = table.column("key")?.str()?;
    let mut distinct: Vec<&str> = keys.iter().flatten().collect();
    distinct.dedup();
    let readings = column.map_or(Ok(BTreeMap::new()), |column| readings(&table, column))?;
    Ok(KeptRun {
        stamp,
        points: distinct.len(),
        readings,
    })
}

/// A cell of text; null and what is not there are empty.
fn text(table: &DataFrame, name: &str, row: usize) -> Result<String, PolarsError> {
    let cell = table.column(name)?.str()?.get(row);
    Ok(cell.unwrap_or_default().to_owned())
}

fn readings(table: &DataFrame, wanted: &str) -> Result<BTreeMap<Subject, Reading>, PolarsError> {
    let columns = table.column("column")?.str()?;
    let values = table.column("value")?.f64()?;
    let mut readings = BTreeMap::new();
    for row in 0..table.height() {
        let (Some(column), Some(value)) = (columns.get(row), values.get(row)) else {
            continue;
        };
        if column != wanted {
            continue;
        }
        let (source, purchase) = (text(table, "source", row)?, text(table, "purchase", row)?);
        let whose = [source, purchase].join(" ").trim_end().to_owned();
        let unit = text(table, "unit", row)?;
        readings.insert((text(table, "key", row)?, whose), Reading { value, unit });
    }
    Ok(readings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    fn stamp(run: &str) -> Stamp {
        Stamp {
            run: run.to_owned(),
            started: "2026-11-26T10:15:00Z".to_owned(),
            results_id: "3fa9".to_owned(),
            phantom_version: "0.1.0".to_owned(),
            predictor_version: "3".to_owned(),
            calibration: "default@1".to_owned(),
            catalog: "c".to_owned(),
            scenario_blake3: "s".to_owned(),
            commit: String::new(),
        }
    }

    #[test]
    fn a_run_reads_back_with_its_stamp_and_the_numbers_asked_for() {
        let results = sample::results(2);
        let bytes = write(&results, &stamp("a")).expect("a table");
        let run = read(&bytes, Some("output_throughput")).expect("our own table");
        assert_eq!(run.stamp, stamp("a"));
        assert_eq!(run.points, 2);
        let values: Vec<f64> = run.readings.values().map(|reading| reading.value).collect();
        assert_eq!(values, [100.5, 201.0]);
        assert!(read(&bytes, None).expect("a table").readings.is_empty());
        assert!(
            read(&bytes, Some("nothing"))
                .expect("a table")
                .readings
                .is_empty()
        );
    }

    #[test]
    fn of_many_points_those_of_answers_are_kept() {
        let mut results = sample::results(2);
        let answered = results.points[1].clone();
        results.answers[0].key = Some(answered.key.clone());
        results.answers[0].search = None;
        for index in 0..KEPT_POINTS {
            let key = format!("number={index}");
            results.points.push(PointResult {
                key,
                ..answered.clone()
            });
        }
        let kept: Vec<&str> = kept(&results).map(|point| point.key.as_str()).collect();
        assert_eq!(kept, [answered.key.as_str()]);
    }

    #[test]
    fn other_bytes_are_no_run() {
        let bytes = write(&sample::results(1), &stamp("a")).expect("a table");
        for bytes in [&b""[..], b"PAR1", &bytes[..bytes.len() / 2]] {
            assert!(read(bytes, None).is_err());
        }
        let plain = crate::record::table::write_parquet(&sample::results(1)).expect("a table");
        assert!(read(&plain, None).is_err(), "rows without a stamp");
    }
}
