//! Rows that a fit leaves out, by file and reason, each with its place; and files and families of which nothing was fitted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::gather::FileCases;
use super::networks::NetworkRows;
use crate::record::rows::{Family, Line, Skip, Table, blame};

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnusedRow {
    /// Line of the file where it starts.
    pub line: u64,
    /// Its id; empty where it has none, as rows of kernel tables.
    pub id: String,
    /// What is wrong with it, or its number.
    pub detail: String,
}

/// Rows of one file that were left out, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UnusedRows(BTreeMap<String, Vec<UnusedRow>>);

impl UnusedRows {
    /// Adds a row that cannot be read, resolved or predicted.
    pub fn skip(&mut self, (table, place): (&Table, usize), reason: &Skip) {
        let said = what(table, place, reason);
        self.add((table, place), reason.to_string(), &said);
    }

    /// Adds a row that a gate does not believe; its number stands with it.
    pub(super) fn doubt(&mut self, (table, place): (&Table, usize), reason: &str) {
        let number = number(table, &table.lines[place]);
        self.add((table, place), reason.to_owned(), &number);
    }

    /// Adds a row with what is wrong with it.
    pub(super) fn add(&mut self, (table, place): (&Table, usize), reason: String, detail: &str) {
        let line = &table.lines[place];
        self.0.entry(reason).or_default().push(UnusedRow {
            line: line.number,
            id: shortened(table.field(line, "id")),
            detail: shortened(detail),
        });
    }

    /// Reasons with the number of their rows.
    pub fn iter(&self) -> impl Iterator<Item = (&String, u64)> {
        self.0
            .iter()
            .map(|(reason, rows)| (reason, rows.len() as u64))
    }

    /// The same as packs keep them.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let counts = self.iter();
        counts
            .map(|(reason, rows)| (reason.clone(), rows))
            .collect()
    }

    /// Reasons with their rows.
    pub const fn by_reason(&self) -> &BTreeMap<String, Vec<UnusedRow>> {
        &self.0
    }
}

/// What a fit leaves out.
#[derive(Debug, Default)]
pub(super) struct Unused {
    /// Files and families of which nothing was fitted, with the reason.
    pub whole: Vec<(String, String)>,
    /// Rows by the path of their file.
    pub rows: BTreeMap<String, UnusedRows>,
    /// What is odd about rows that are fitted.
    pub notes: Vec<String>,
}

impl Unused {
    /// Adds a file or a family of which nothing was fitted.
    pub fn push(&mut self, unused: (String, String)) {
        self.whole.push(unused);
    }

    /// Adds several.
    pub fn extend(&mut self, unused: impl IntoIterator<Item = (String, String)>) {
        self.whole.extend(unused);
    }

    /// Names the rows of a file; what was said of it before is replaced, as by a second fit.
    pub fn of_file(&mut self, path: &str, rows: UnusedRows) {
        if !rows.0.is_empty() {
            self.rows.insert(path.to_owned(), rows);
        }
    }

    /// Names the rows of files of runs.
    pub fn of_runs(&mut self, files: &[FileCases<'_>]) {
        for file in files {
            self.of_file(&file.file.path, file.skipped.clone());
        }
    }

    /// Names the rows of files of networks; suspects are ids of rows by what is wrong with them.
    pub fn of_networks(
        &mut self,
        files: &[NetworkRows<'_>],
        suspects: &BTreeMap<&'static str, BTreeSet<&str>>,
    ) {
        for rows in files {
            let mut unused = rows.skipped.clone();
            let runs = rows.runs.iter().zip(&rows.places);
            for (run, place) in runs.filter(|(run, _)| run.teaches()) {
                let mut reasons = suspects.iter();
                let doubt = reasons.find(|(_, ids)| ids.contains(run.id.as_str()));
                if let Some((reason, _)) = doubt {
                    unused.doubt((&rows.file.table, *place), reason);
                }
            }
            self.of_file(&rows.file.path, unused);
        }
    }

    /// True where nothing was said of a file.
    pub fn is_silent_of(&self, path: &str) -> bool {
        !self.rows.contains_key(path) && self.whole.iter().all(|(what, _)| what != path)
    }
}

/// What of a row its reason is about.
fn what(table: &Table, place: usize, reason: &Skip) -> String {
    let line = &table.lines[place];
    let column = match reason {
        Skip::UnknownHardware => "hardware",
        Skip::UnknownModel | Skip::UnsupportedModel => "model",
        Skip::UnknownFramework => "framework",
        Skip::UnsupportedScenario => "scenario",
        Skip::UnknownMetric | Skip::UnitMismatch => match table.family {
            Family::Kernel(_) => "op",
            Family::Llm | Family::Vision => "metric",
        },
        Skip::UnknownPrecision => match table.family {
            Family::Kernel(_) => "dtype",
            Family::Llm => "quant_scheme",
            Family::Vision => "precision",
        },
        Skip::BadValue => return blame(table, place).unwrap_or_default(),
        Skip::UnsupportedFamily
        | Skip::SpeculativeDecoding
        | Skip::LoadInput
        | Skip::MissingField(_)
        | Skip::DuplicateRow
        | Skip::Suspect(_)
        | Skip::Derived
        | Skip::FlaggedOutlier
        | Skip::Unverified
        | Skip::NoEstimate => return number(table, line),
    };
    match table.field(line, column) {
        "" => number(table, line),
        text => format!("{column} `{text}`"),
    }
}

/// The number that a row states.
fn number(table: &Table, line: &Line) -> String {
    let field = |column: &str| table.field(line, column);
    match table.family {
        Family::Kernel(_) => format!("latency_us {}", field("latency_us")),
        Family::Llm | Family::Vision => {
            format!("{} {} {}", field("metric"), field("value"), field("unit"))
        }
    }
}

/// A text of a file as one may print it.
fn shortened(text: &str) -> String {
    /// Longer texts are no names.
    const MOST: usize = 120;
    text.chars()
        .filter(|c| !c.is_control())
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_named_with_its_line_and_its_number() {
        let text = "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id\nh100,vllm,1,gemm,x,fp8,1,2,3,5,,k\n\nh1,vllm,1,gemm,x,fp8,1.5,2,3,7,,k\n";
        let table = Table::read(text.as_bytes()).expect("a table");
        let mut found = UnusedRows::default();
        found.doubt((&table, 0), "far");
        found.skip((&table, 1), &Skip::BadValue);
        found.skip((&table, 1), &Skip::UnknownHardware);
        let said: Vec<(u64, &str)> = found
            .by_reason()
            .values()
            .flatten()
            .map(|row| (row.line, row.detail.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                (4, "m `1.5`, which is no count"),
                (2, "latency_us 5"),
                (4, "hardware `h1`"),
            ]
        );
        assert_eq!(found.counts()["far"], 1);
    }

    #[test]
    fn a_file_is_silent_until_something_is_said_of_it() {
        let mut left = Unused::default();
        left.of_file("a", UnusedRows::default());
        assert!(left.is_silent_of("a"));
        left.push(("a".to_owned(), "too few".to_owned()));
        assert!(!left.is_silent_of("a"));
    }
}
