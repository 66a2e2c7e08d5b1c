//! The account of a validation.

use super::row::{Outcome, RowOutcome};
use crate::analyse::Accuracy;
use crate::record::rows::{Skip, Table};

/// A file that was used.
#[derive(Debug, Clone)]
pub struct ReadFile {
    /// As given, or below a folder as given.
    pub path: String,
    /// Hash of its bytes, hex.
    pub blake3: String,
    /// Its rows as text.
    pub table: Table,
}

/// A file of a folder that holds no measurements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedFile {
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: String,
}

/// Rows that were skipped for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRows {
    /// Why.
    pub reason: Skip,
    /// How many.
    pub rows: usize,
    /// Ids (or places) of the first.
    pub examples: Vec<String>,
    /// What exactly, with the number of rows, most first.
    pub details: Vec<(String, usize)>,
}

/// One group of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Values of the keys.
    pub values: Vec<String>,
    /// Its statistics.
    pub accuracy: Accuracy,
}

/// Compared rows by the values of some keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Tabulation {
    /// The keys.
    pub keys: Vec<String>,
    /// Groups, sorted by their values.
    pub groups: Vec<Group>,
}

/// What the compared rows of a sample add up to.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    /// All of them together; `None` where there are none.
    pub overall: Option<Accuracy>,
    /// Tables, the smallest first.
    pub usual: Vec<Tabulation>,
    /// By the keys asked for.
    pub asked: Option<Tabulation>,
    /// By metric, hardware, model and framework.
    pub finest: Tabulation,
}

impl Tables {
    /// Compared rows.
    pub fn rows(&self) -> usize {
        self.overall.map_or(0, |accuracy| accuracy.n)
    }
}

/// The account of a validation.
#[derive(Debug, Clone)]
pub struct Validation {
    /// Version of the equations.
    pub predictor_version: u32,
    /// Name of the pack and the start of its hash.
    pub calibration: String,
    /// Level of the pack's intervals; `None`: it gives none.
    pub level: Option<f64>,
    /// Files in the order read.
    pub files: Vec<ReadFile>,
    /// Files of folders that hold no measurements.
    pub skipped_files: Vec<SkippedFile>,
    /// Selected rows in order; each is compared or skipped.
    pub rows: Vec<RowOutcome>,
    /// Reasons, most rows first.
    pub skipped: Vec<SkippedRows>,
    /// Compared rows that the pack has not seen: what its accuracy is.
    pub held_out: Tables,
    /// Compared rows that it was fitted on.
    pub in_sample: Tables,
}

impl Validation {
    /// Rows with a prediction.
    pub fn compared(&self) -> usize {
        self.held_out.rows() + self.in_sample.rows()
    }

    /// Rows without one.
    pub fn skipped_rows(&self) -> usize {
        self.skipped.iter().map(|skipped| skipped.rows).sum()
    }

    /// Rows that were measured and are predicted not to fit in memory.
    pub fn wrong_fit(&self) -> usize {
        let wrong = self.rows.iter().filter(|row| row.outcome.is_wrong_fit());
        wrong.count()
    }

    /// How a row is named: its id, else file and line.
    pub fn row_name(&self, row: &RowOutcome) -> String {
        let file = &self.files[row.file];
        let line = &file.table.lines[row.line];
        match file.table.field(line, "id") {
            "" => format!("{}:{}", file.path, line.number),
            id => id.to_owned(),
        }
    }
}

/// Counts reasons: most rows first, then by name.
pub(super) fn skipped_rows(
    rows: &[RowOutcome],
    name: impl Fn(&RowOutcome) -> String,
) -> Vec<SkippedRows> {
    use std::collections::BTreeMap;
    const EXAMPLES: usize = 5;
    const DETAILS: usize = 12;
    #[derive(Default)]
    struct Reason<'a> {
        rows: usize,
        examples: Vec<String>,
        details: BTreeMap<&'a str, usize>,
    }
    let mut reasons: BTreeMap<&Skip, Reason<'_>> = BTreeMap::new();
    for row in rows {
        if let Outcome::Skipped { reason, detail, .. } = &row.outcome {
            let counted = reasons.entry(reason).or_default();
            counted.rows += 1;
            if counted.examples.len() < EXAMPLES {
                counted.examples.push(name(row));
            }
            if let Some(detail) = detail {
                *counted.details.entry(detail).or_default() += 1;
            }
        }
    }
    let mut list: Vec<SkippedRows> = reasons
        .into_iter()
        .map(|(reason, counted)| {
            let details = counted.details.into_iter();
            let mut details: Vec<_> = details
                .map(|(what, rows)| (what.to_owned(), rows))
                .collect();
            details.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
            details.truncate(DETAILS);
            SkippedRows {
                reason: reason.clone(),
                rows: counted.rows,
                examples: counted.examples,
                details,
            }
        })
        .collect();
    list.sort_by(|a, b| b.rows.cmp(&a.rows).then(a.reason.cmp(&b.reason)));
    list
}
