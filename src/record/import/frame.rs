//! A published table: named columns of cells, from CSV or Parquet.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::ImportError;
use crate::record::rows::Lines;

/// Rows of one file that are read at most; the largest published table has under a million.
#[cfg(feature = "parquet")]
pub(super) const MOST_ROWS: usize = 20_000_000;

/// Columns of one file that are read at most.
const MOST_COLUMNS: usize = 1000;

/// The cells of one column.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    not(feature = "parquet"),
    expect(dead_code, reason = "CSV has text alone")
)]
pub(super) enum Cells {
    /// Text; empty where the cell is.
    Text(Vec<String>),
    /// Whole numbers.
    Whole(Vec<Option<i64>>),
    /// Numbers.
    Real(Vec<Option<f64>>),
}

/// A table.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    pub(super) columns: BTreeMap<String, Cells>,
    pub(super) rows: usize,
    /// Lines of the file where rows start; none: rows are counted from one.
    pub(super) lines: Vec<u64>,
}

impl Frame {
    /// Reads CSV text.
    ///
    /// # Errors
    ///
    /// [`ImportError::Pointer`], and [`ImportError::NotATable`] with the line for text without a header, uneven lines and
    /// lines that are not UTF-8.
    pub fn of_csv(bytes: &[u8]) -> Result<Self, ImportError> {
        if bytes.starts_with(b"version https://git-lfs") {
            return Err(ImportError::Pointer);
        }
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(bytes);
        let broken = |error: &csv::Error| ImportError::NotATable(fault(error, bytes));
        let mut record = csv::StringRecord::new();
        if !reader.read_record(&mut record).map_err(|e| broken(&e))? {
            return Err(ImportError::NotATable("it is empty".to_owned()));
        }
        if record.len() > MOST_COLUMNS {
            let what = format!("{} columns", record.len());
            return Err(ImportError::NotATable(what));
        }
        let header: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
        let mut columns = vec![Vec::new(); header.len()];
        let mut lines = Vec::new();
        let mut counted = Lines::of(bytes);
        while reader.read_record(&mut record).map_err(|e| broken(&e))? {
            lines.push(counted.start(record.position().map_or(0, csv::Position::byte)));
            for (cells, cell) in columns.iter_mut().zip(&record) {
                cells.push(cell.trim().to_owned());
            }
        }
        let columns = header.into_iter().zip(columns.into_iter().map(Cells::Text));
        Ok(Self {
            columns: columns.collect(),
            rows: lines.len(),
            lines,
        })
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// True where a cell has no content.
    pub(super) fn is_empty(&self, column: &'static str, row: usize) -> bool {
        self.cell(column, row).is_ok_and(|cell| cell.is_empty())
    }

    fn cell(&self, column: &'static str, row: usize) -> Result<Cow<'_, str>, ImportError> {
        let cells = self
            .columns
            .get(column)
            .ok_or(ImportError::MissingColumn(column))?;
        Ok(match cells {
            Cells::Text(cells) => Cow::Borrowed(&cells[row]),
            Cells::Whole(cells) => cells[row].map_or(Cow::Borrowed(""), |v| v.to_string().into()),
            Cells::Real(cells) => cells[row].map_or(Cow::Borrowed(""), |v| v.to_string().into()),
        })
    }

    /// A word: a name of a kernel, a format, a phase.
    pub(super) fn word(
        &self,
        column: &'static str,
        row: usize,
    ) -> Result<Cow<'_, str>, ImportError> {
        let cell = self.cell(column, row)?;
        if cell.is_empty() || cell.len() > 300 || cell.chars().any(char::is_control) {
            return Err(self.bad(column, row, "a word"));
        }
        Ok(cell)
    }

    /// A count: a whole number that is not negative.
    pub(super) fn count(&self, column: &'static str, row: usize) -> Result<u64, ImportError> {
        let number = self.number(column, row)?;
        if number.fract() == 0.0 && (0.0..=1e15).contains(&number) {
            Ok(number as u64)
        } else {
            Err(self.bad(column, row, "a count"))
        }
    }

    /// A number above zero.
    pub(super) fn positive(&self, column: &'static str, row: usize) -> Result<f64, ImportError> {
        let number = self.number(column, row)?;
        if number > 0.0 && number <= 1e15 {
            Ok(number)
        } else {
            Err(self.bad(column, row, "a number above zero"))
        }
    }

    /// A finite number.
    pub(super) fn number(&self, column: &'static str, row: usize) -> Result<f64, ImportError> {
        let number = match self.columns.get(column) {
            None => return Err(ImportError::MissingColumn(column)),
            Some(Cells::Text(cells)) => cells[row].parse().ok(),
            Some(Cells::Whole(cells)) => cells[row].map(|value| value as f64),
            Some(Cells::Real(cells)) => cells[row],
        };
        number
            .filter(|number| number.is_finite())
            .ok_or_else(|| self.bad(column, row, "a number"))
    }

    /// The error that a cell is not what it should be.
    pub(super) fn bad(
        &self,
        column: &'static str,
        row: usize,
        expected: &'static str,
    ) -> ImportError {
        let text = self.cell(column, row).unwrap_or_default();
        let text: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
        let place = match self.lines.get(row) {
            Some(line) => format!("line {line}"),
            None => format!("row {}", row + 1),
        };
        ImportError::BadCell {
            place,
            column,
            text,
            expected,
        }
    }
}

/// What is wrong with a record, and its line.
fn fault(error: &csv::Error, bytes: &[u8]) -> String {
    let line = |place: &Option<csv::Position>| {
        let offset = place.as_ref().map_or(0, csv::Position::byte);
        Lines::of(bytes).start(offset)
    };
    let kind = error.kind();
    if let csv::ErrorKind::UnequalLengths {
        pos,
        expected_len,
        len,
    } = kind
    {
        return format!("line {}: {len} fields instead of {expected_len}", line(pos));
    }
    if let csv::ErrorKind::Utf8 { pos, .. } = kind {
        return format!("line {}: it is not UTF-8", line(pos));
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_is_named_as_editors_count() {
        let said = |bytes: &[u8]| Frame::of_csv(bytes).expect_err("broken").to_string();
        assert_eq!(
            said(b"a,b\r\n1,2\r\n\r\n3\r\n"),
            "not a table: line 4: 1 fields instead of 2"
        );
        assert_eq!(
            said(b"a,b\r\n1,\xff\r\n"),
            "not a table: line 2: it is not UTF-8"
        );
        let frame = Frame::of_csv(b"a\r\n1\r\n\r\nx\r\n").expect("a table");
        let found = frame.count("a", 1).expect_err("no number").to_string();
        assert!(found.starts_with("line 4, "), "{found}");
    }

    #[test]
    fn cells_are_words_counts_and_numbers() {
        let frame = Frame::of_csv(b"op,m,t\ngemm,8,0.5\n,x,-1\n").expect("a table");
        assert_eq!(frame.rows(), 2);
        assert_eq!(frame.word("op", 0).as_deref(), Ok("gemm"));
        assert_eq!(frame.count("m", 0), Ok(8));
        assert!(frame.positive("t", 0).is_ok_and(|time| time < 1.0));
        assert_eq!(frame.count("k", 0), Err(ImportError::MissingColumn("k")));
        let said = |found: Result<u64, ImportError>| found.expect_err("bad").to_string();
        assert_eq!(
            said(frame.count("m", 1)),
            "line 3, column `m`: `x` is not a number"
        );
        assert_eq!(
            said(frame.positive("t", 1).map(|_| 0)),
            "line 3, column `t`: `-1` is not a number above zero"
        );
        assert!(frame.word("op", 1).is_err());
    }

    #[test]
    fn what_is_no_table_says_why() {
        let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n";
        assert_eq!(Frame::of_csv(pointer), Err(ImportError::Pointer));
        for bytes in [
            b"".as_slice(),
            b"a,b\n1\n",
            b"a,b\n1,\xff\n",
            ",".repeat(5000).as_bytes(),
        ] {
            assert!(matches!(
                Frame::of_csv(bytes),
                Err(ImportError::NotATable(_))
            ));
        }
    }
}
