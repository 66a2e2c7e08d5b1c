//! A measurement file: its header, its family, and its lines as text.

use std::collections::BTreeMap;

use super::{Family, Lines};

/// Headers of more columns are not measurement files; it bounds what a broken file may cost.
const MOST_COLUMNS: usize = 1000;

/// Why bytes are not a measurement table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// There is not even a header.
    #[error("the file is empty")]
    Empty,
    /// The header is of no family.
    #[error("the header is of no family of measurements")]
    UnknownHeader,
    /// The header is not text, or far too long.
    #[error("the first line is not a header")]
    NotAHeader,
    /// More lines than are held in memory.
    #[error("more than {MOST_ROWS} lines; divide it")]
    TooManyLines,
}

/// Tables of more lines are refused, as their rows are held in memory, some hundred bytes each: thirty times the largest published
/// table.
const MOST_ROWS: usize = 2_000_000;

/// A quoted field that runs over more lines than this was never closed.
const MOST_LINES: u64 = 20;

/// One line of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Line of the file where it starts, from one.
    pub number: u64,
    /// Its fields; `None` where it has another length than the header or is not text.
    pub fields: Option<csv::StringRecord>,
}

/// A measurement file as text.
#[derive(Debug, Clone)]
pub struct Table {
    /// What it holds.
    pub family: Family,
    /// Its columns in order.
    pub header: Vec<String>,
    /// Its lines in order.
    pub lines: Vec<Line>,
    places: BTreeMap<String, usize>,
    /// Why lines without fields cannot be read, by position.
    faults: BTreeMap<usize, String>,
}

impl Table {
    /// Reads the bytes of a file.
    ///
    /// # Errors
    ///
    /// [`TableError`] where the header is of no family; lines that cannot be read are kept as such.
    pub fn read(bytes: &[u8]) -> Result<Self, TableError> {
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .has_headers(false)
            .from_reader(bytes);
        let mut record = csv::ByteRecord::new();
        if !matches!(reader.read_byte_record(&mut record), Ok(true)) {
            return Err(TableError::Empty);
        }
        if record.len() > MOST_COLUMNS {
            return Err(TableError::NotAHeader);
        }
        let header = csv::StringRecord::from_byte_record(record.clone())
            .map_err(|_| TableError::NotAHeader)?;
        let header: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        let family = Family::of_header(&names).ok_or(TableError::UnknownHeader)?;
        let places = header.iter().cloned().zip(0..).collect();
        let mut lines = Vec::new();
        let mut faults = BTreeMap::new();
        let mut counted = Lines::of(bytes);
        while let Ok(true) = reader.read_byte_record(&mut record) {
            if lines.len() == MOST_ROWS {
                return Err(TableError::TooManyLines);
            }
            let number = counted.start(record.position().map_or(0, csv::Position::byte));
            let over = counted.line(reader.position().byte()) - number;
            let fields = fields(&record, header.len(), over).map_err(|fault| {
                faults.insert(lines.len(), fault);
            });
            lines.push(Line {
                number,
                fields: fields.ok(),
            });
        }
        Ok(Self {
            family,
            header,
            lines,
            places,
            faults,
        })
    }

    /// Why the line at a position cannot be read; `None` where it can.
    pub fn fault(&self, place: usize) -> Option<&str> {
        self.faults.get(&place).map(String::as_str)
    }

    /// The field of a line in a column, empty where there is no such column or the line cannot be read.
    pub fn field<'a>(&self, line: &'a Line, column: &str) -> &'a str {
        let place = self.places.get(column);
        let field = place.and_then(|place| line.fields.as_ref()?.get(*place));
        field.unwrap_or_default().trim()
    }

    /// What a line says beside its own number: rows of one run agree in it. Notes tell apart where they stand.
    pub fn run<'a>(&'a self, line: &'a Line) -> impl Iterator<Item = &'a str> {
        let columns = self.header.iter().map(String::as_str);
        columns
            .filter(|column| !OF_ONE_NUMBER.contains(column))
            .map(|column| self.field(line, column))
    }
}

/// Columns in which rows of one run may differ.
const OF_ONE_NUMBER: [&str; 5] = ["id", "metric", "value", "unit", "notes"];

/// The fields of a line of as many columns as the header, or why it has none; `over` is the number of lines it runs over.
fn fields(
    record: &csv::ByteRecord,
    columns: usize,
    over: u64,
) -> Result<csv::StringRecord, String> {
    if over > MOST_LINES {
        return Err(format!("a quoted field is not closed for {over} lines"));
    }
    if record.len() != columns {
        return Err(format!("{} fields instead of {columns}", record.len()));
    }
    if record.as_slice().contains(&0) {
        return Err("a NUL byte".to_owned());
    }
    csv::StringRecord::from_byte_record(record.clone()).map_err(|_| "it is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GEMM: &str =
        "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id\n";

    #[test]
    fn a_quoted_field_may_hold_commas_and_lines() {
        let text = format!("\u{feff}{GEMM}h100,\"a, b\",1,gemm,x,bf16,1,2,3,4,,k\n");
        let table = Table::read(text.as_bytes()).expect("a table");
        assert_eq!(table.family.name(), "gemm");
        assert_eq!(table.field(&table.lines[0], "backend"), "a, b");
        assert_eq!(table.field(&table.lines[0], "none"), "");
    }

    #[test]
    fn a_ragged_line_is_kept_without_fields() {
        let table = Table::read(format!("{GEMM}h100,too,short\n").as_bytes()).expect("a table");
        assert_eq!(table.lines.len(), 1);
        assert_eq!(table.lines[0].fields, None);
        assert_eq!(table.lines[0].number, 2);
    }

    #[test]
    fn lines_are_counted_as_editors_do() {
        let row = "h100,vllm,1,gemm,x,bf16,1,2,3,4,,k\n";
        let numbers = |text: &str| -> Vec<u64> {
            let table = Table::read(text.as_bytes()).expect("a table");
            assert!(table.lines.iter().all(|line| line.fields.is_some()));
            table.lines.iter().map(|line| line.number).collect()
        };
        let plain = format!("{GEMM}{row}\n{row}");
        assert_eq!(numbers(&plain), [2, 4]);
        assert_eq!(numbers(&plain.replace('\n', "\r\n")), [2, 4]);
        let quoted = row.replace("vllm", "\"v\nllm\"");
        assert_eq!(numbers(&format!("{GEMM}{quoted}{row}")), [2, 4]);
        let apart = format!("{GEMM}{}{row}", "\n".repeat(50));
        assert_eq!(numbers(&apart), [52], "empty lines are no open quote");
    }

    #[test]
    fn what_is_no_table_says_why() {
        assert_eq!(Table::read(b"").map(|_| ()), Err(TableError::Empty));
        assert_eq!(
            Table::read(b"a,b\n1,2\n").map(|_| ()),
            Err(TableError::UnknownHeader)
        );
        let wide = ",".repeat(10_000_000);
        assert_eq!(
            Table::read(wide.as_bytes()).map(|_| ()),
            Err(TableError::NotAHeader)
        );
        assert_eq!(
            Table::read(&[0xff, 0xfe, b'\n']).map(|_| ()),
            Err(TableError::NotAHeader)
        );
    }

    #[test]
    fn more_lines_than_memory_holds_are_refused() {
        let text = format!("{GEMM}{}", "x\n".repeat(MOST_ROWS + 1));
        let found = Table::read(text.as_bytes()).map(|_| ());
        assert_eq!(found, Err(TableError::TooManyLines));
    }

    #[test]
    fn a_line_that_is_not_text_is_kept_without_fields() {
        let mut bytes = GEMM.as_bytes().to_vec();
        bytes.extend(b"h100,\xff,1,gemm,x,bf16,1,2,3,4,,k\n");
        let table = Table::read(&bytes).expect("a table");
        assert_eq!(table.lines[0].fields, None);
    }

    #[test]
    fn a_line_that_cannot_be_read_says_why() {
        let sound = "h100,vllm,1,gemm,x,bf16,1,2,3,4,,k\n";
        let mut bytes = format!("{GEMM}{sound}short\n").into_bytes();
        bytes.extend(b"h100,\xff,1,gemm,x,bf16,1,2,3,4,,k\n");
        bytes.extend(b"h100,a\0b,1,gemm,x,bf16,1,2,3,4,,k\n");
        bytes.extend(format!("{}\n", ",".repeat(1_000_000)).bytes());
        bytes.extend(format!("h100,\"open,1\n{}", sound.repeat(40)).bytes());
        let table = Table::read(&bytes).expect("a table");
        let faults: Vec<Option<&str>> = (0..table.lines.len()).map(|at| table.fault(at)).collect();
        let expected = [
            None,
            Some("1 fields instead of 12"),
            Some("it is not UTF-8"),
            Some("a NUL byte"),
            Some("1000001 fields instead of 12"),
            Some("a quoted field is not closed for 41 lines"),
        ];
        assert_eq!(faults, expected);
        assert_eq!(table.lines[5].number, 7, "where the quote was opened");
    }
}
