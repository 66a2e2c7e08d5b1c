//! Tables of text: rows with their places, read cell by cell, every problem kept.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use super::names;
use super::{Confidence, Provenance};
use crate::source::SourceId;

/// A text that holds rows of one table.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Path as shown.
    pub path: String,
    /// Where the text is kept, when it is the user's.
    pub source: Option<SourceId>,
    /// The rows.
    pub content: Cow<'static, str>,
    /// How they are written.
    pub syntax: Syntax,
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// One header line, then one row a line.
    Csv,
    /// A list of maps from column to value.
    Yaml,
}

/// What is wrong with a table, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Path of the text.
    pub path: String,
    /// Line, counted from one.
    pub line: usize,
    /// First byte and one past the last byte of the row (or the field, where it stands on its own line).
    pub bytes: (u32, u32),
    /// One sentence with the entry and the column.
    pub message: String,
    /// The text the bytes belong to, when it is the user's.
    pub(super) source: Option<SourceId>,
}

/// One row as written.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Line, counted from one.
    pub line: usize,
    /// Where it stands in the text.
    pub bytes: (u32, u32),
    /// Cells in the order of the header.
    pub cells: Vec<String>,
}

/// The rows of one text with their header.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// Column names.
    pub header: Vec<String>,
    /// Rows.
    pub rows: Vec<Row>,
}

/// The shape of a table and how a row becomes an entry.
pub(super) struct Kind<T> {
    /// Name of the table and stem of its file.
    pub name: &'static str,
    /// All columns, in the order of the embedded file.
    pub columns: &'static [&'static str],
    /// One row; `None` when it lacks what an entry needs (the problem is noted).
    pub read: fn(&mut Cells) -> Option<T>,
    /// The name an entry is looked up by, normalised.
    pub id: fn(&T) -> String,
    /// What no two entries may share.
    pub unique: fn(&T) -> String,
}

/// An entry with its place and a hash of what was written.
#[derive(Debug, Clone)]
pub(super) struct Entry<T> {
    /// The entry.
    pub value: Arc<T>,
    /// blake3 of its cells.
    pub hash: blake3::Hash,
    /// Where it stands, as a problem without a message.
    pub place: Problem,
}

/// A table, read.
#[derive(Debug)]
pub(super) struct Table<T> {
    entries: Vec<Entry<T>>,
    by_id: BTreeMap<String, Vec<usize>>,
    problems: Vec<Problem>,
}

impl<T> Table<T> {
    /// Reads the texts of a table; entries of a later text replace all earlier entries of the same id.
    pub fn read(kind: &Kind<T>, texts: &[Text], sources: &BTreeMap<String, String>) -> Self {
        let mut table = Self {
            entries: Vec::new(),
            by_id: BTreeMap::new(),
            problems: Vec::new(),
        };
        for text in texts {
            let added = table.entries_of(kind, text, sources);
            table.replace(kind, added);
        }
        table
    }

    fn entries_of(
        &mut self,
        kind: &Kind<T>,
        text: &Text,
        sources: &BTreeMap<String, String>,
    ) -> Vec<Entry<T>> {
        let rows = super::rows::read(text, kind.columns, &mut self.problems);
        let mut entries = Vec::with_capacity(rows.rows.len());
        for row in &rows.rows {
            let mut cells = Cells::new(&rows.header, row, text, sources, &mut self.problems);
            cells.entry = format!(
                "{} {}: ",
                kind.name,
                row.cells.first().map_or("", String::as_str)
            );
            let place = cells.place(None);
            if let Some(value) = (kind.read)(&mut cells) {
                entries.push(Entry {
                    value: Arc::new(value),
                    hash: hash_of(&rows.header, row),
                    place,
                });
            }
        }
        entries
    }

    fn replace(&mut self, kind: &Kind<T>, added: Vec<Entry<T>>) {
        let ids: Vec<String> = added.iter().map(|entry| (kind.id)(&entry.value)).collect();
        if !self.entries.is_empty() {
            let new: std::collections::BTreeSet<&String> = ids.iter().collect();
            self.entries
                .retain(|entry| !new.contains(&(kind.id)(&entry.value)));
        }
        self.entries.extend(added);
        self.by_id.clear();
        for (index, entry) in self.entries.iter().enumerate() {
            self.by_id
                .entry((kind.id)(&entry.value))
                .or_default()
                .push(index);
        }
    }

    /// The first entry of an id.
    pub fn first(&self, id: &str) -> Option<&Entry<T>> {
        self.all_of(id).next()
    }

    /// All entries of an id, in the order of the table.
    pub fn all_of(&self, id: &str) -> impl Iterator<Item = &Entry<T>> {
        self.by_id
            .get(id)
            .into_iter()
            .flatten()
            .map(|index| &self.entries[*index])
    }

    /// All entries, in the order of the table.
    pub fn iter(&self) -> impl Iterator<Item = &Entry<T>> {
        self.entries.iter()
    }

    /// All ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.by_id.keys().map(String::as_str)
    }

    /// What was wrong while reading, and entries that share what none may share.
    pub fn problems(&self, kind: &Kind<T>) -> Vec<Problem> {
        let mut problems = self.problems.clone();
        let mut seen: BTreeMap<String, &Problem> = BTreeMap::new();
        for entry in &self.entries {
            let name = (kind.unique)(&entry.value);
            if let Some(first) = seen.get(&name) {
                problems.push(entry.place.with(format!(
                    "{} {name}: stands twice, first in line {} of {}",
                    kind.name, first.line, first.path
                )));
            } else {
                seen.insert(name, &entry.place);
            }
        }
        problems
    }
}

impl Problem {
    /// The same place with other words.
    pub(super) fn with(&self, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..self.clone()
        }
    }
}

/// A hash of what a row says, independent of the order of columns and of blank ones.
fn hash_of(header: &[String], row: &Row) -> blake3::Hash {
    let mut cells: Vec<(&String, &String)> = header
        .iter()
        .zip(&row.cells)
        .filter(|(_, cell)| !cell.is_empty())
        .collect();
    cells.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    for (column, cell) in cells {
        for part in [column.as_bytes(), b"=", cell.as_bytes(), b"\n"] {
            hasher.update(part);
        }
    }
    hasher.finalize()
}

/// The cells of one row, read by column name.
pub(super) struct Cells<'a> {
    header: &'a [String],
    row: &'a Row,
    sources: &'a BTreeMap<String, String>,
    /// Where the next column probably is: readers ask in the order of the file.
    cursor: usize,
    text: &'a Text,
    /// How problems begin: table and name of the entry.
    entry: String,
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
            entry: String::new(),
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
                return self.row.cells.get(index).map_or("", String::as_str);
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
        let message = format!("{}`{column}` {what}", self.entry);
        let place = self.place(Some(column)).with(message);
        self.problems.push(place);
    }

    fn place(&self, column: Option<&str>) -> Problem {
        let row = Problem {
            path: self.text.path.clone(),
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
