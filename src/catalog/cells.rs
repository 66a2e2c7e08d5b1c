//! One row read cell by cell; every problem is kept.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::names;
use super::table::{Problem, Row, Syntax, Text};
use super::{Confidence, Provenance};

/// The cells of one row, read by column name.
pub(super) struct Cells<'a> {
    header: &'a [String],
    row: &'a Row,
    sources: &'a BTreeMap<String, String>,
    /// Where the next column probably is: readers ask in the order of the file.
    cursor: usize,
    text: &'a Text,
    /// The table, which problems name first; empty outside one.
    pub table: &'static str,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Cells<'a> {
    /// The cells of a row.
    pub fn new(
        header: &'a [String],
        row: &'a Row,
        text: &'a Text,
        sources: &'a BTreeMap<String, String>,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Self {
            header,
            row,
            sources,
            cursor: 0,
            text,
            table: "",
            problems,
        }
    }

    /// The text of a cell; empty when blank or absent.
    pub fn text(&mut self, column: &str) -> &'a str {
        let width = self.header.len();
        for step in 0..width {
            let index = (self.cursor + step) % width;
            if self.header[index] == column {
                self.cursor = (index + 1) % width;
                return self.row.cells.get(index).unwrap_or_default().trim();
            }
        }
        ""
    }

    /// The text of a cell that may not be blank.
    pub fn required(&mut self, column: &str) -> Option<&'a str> {
        let text = self.text(column);
        if text.is_empty() {
            self.problem(column, "is missing");
            return None;
        }
        Some(text)
    }

    /// A name: lower case, `-` for `_`.
    pub fn id(&mut self, column: &str) -> Option<String> {
        let name = names::normal(self.required(column)?);
        if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
            self.problem(column, "must begin with a letter or digit");
            return None;
        }
        Some(name)
    }

    /// A number inside `range`; `None` when blank.
    pub fn number(&mut self, column: &str, range: RangeInclusive<f64>) -> Option<f64> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        match text.parse::<f64>() {
            Ok(value) if range.contains(&value) => Some(value),
            Ok(_) => {
                let (least, most) = range.into_inner();
                self.problem(column, &format!("is {text}, outside {least} to {most}"));
                None
            }
            Err(_) => {
                self.problem(column, &format!("`{text}` is not a number"));
                None
            }
        }
    }

    /// A whole number inside `range`; `None` when blank.
    pub fn integer(&mut self, column: &str, range: RangeInclusive<u32>) -> Option<u32> {
        let (least, most) = range.into_inner();
        let value = self.number(column, f64::from(least)..=f64::from(most))?;
        if value.fract() > 0.0 {
            self.problem(column, &format!("is {value}, not a whole number"));
            return None;
        }
        Some(value as u32)
    }

    /// A whole number inside `range` that may not be blank.
    pub fn required_integer(&mut self, column: &str, range: RangeInclusive<u32>) -> Option<u32> {
        self.required(column)?;
        self.integer(column, range)
    }

    /// `true`, `false`, or blank for false.
    pub fn flag(&mut self, column: &str) -> bool {
        match self.text(column) {
            "" | "false" => false,
            "true" => true,
            other => {
                let other = other.to_owned();
                self.problem(column, &format!("is `{other}`, not true or false"));
                false
            }
        }
    }

    /// One of a closed list of words; `None` when blank.
    pub fn word<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(column);
        if text.is_empty() {
            return None;
        }
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.problem(
                column,
                &format!("is `{text}`, not one of {}", known.join(" ")),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// One of a closed list of words that may not be blank.
    pub fn required_word<T: Copy>(&mut self, column: &str, words: &[(&str, T)]) -> Option<T> {
        self.required(column)?;
        self.word(column, words)
    }

    /// The columns `source`, `as_of`, `confidence`, `notes`; `@key` cites the table of sources.
    pub fn provenance(&mut self) -> Provenance {
        const CONFIDENCES: [(&str, Confidence); 3] = [
            ("high", Confidence::High),
            ("medium", Confidence::Medium),
            ("low", Confidence::Low),
        ];
        let cited = self.required("source").unwrap_or_default();
        let source = match cited.strip_prefix('@') {
            None => cited.to_owned(),
            Some(key) => self.sources.get(key).cloned().unwrap_or_else(|| {
                self.problem("source", &format!("cites `{key}`, which sources.csv lacks"));
                String::new()
            }),
        };
        let as_of = self.required("as_of").unwrap_or_default();
        if !as_of.is_empty() && !is_date(as_of) {
            self.problem(
                "as_of",
                &format!("is `{as_of}`, not YYYY, YYYY-MM or YYYY-MM-DD"),
            );
        }
        Provenance {
            source,
            as_of: as_of.to_owned(),
            confidence: self.word("confidence", &CONFIDENCES),
            notes: self.text("notes").to_owned(),
        }
    }

    /// Notes a problem with a column.
    pub fn problem(&mut self, column: &str, what: &str) {
        let entry = self.row.cells.get(0).unwrap_or_default();
        let message = match self.table {
            "" => format!("`{column}` {what}"),
            table => format!("{table} {entry}: `{column}` {what}"),
        };
        let place = self.place(Some(column)).with(message);
        self.problems.push(place);
    }

    /// Where the row stands, or a field of it that has a line of its own.
    pub fn place(&self, column: Option<&str>) -> Problem {
        let row = Problem {
            path: Arc::clone(&self.text.path),
            line: self.row.line,
            bytes: self.row.bytes,
            message: String::new(),
            source: self.text.source,
        };
        match (self.text.syntax, column) {
            (Syntax::Csv, _) | (Syntax::Yaml, None) => row,
            (Syntax::Yaml, Some(column)) => super::rows::field_place(self.text, row, column),
        }
    }
}

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths = parts.iter().zip([4, 2, 2]);
    parts.len() <= 3
        && lengths
            .into_iter()
            .all(|(part, length)| part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
}
