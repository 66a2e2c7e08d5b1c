//! Tables: entries read from rows of text, with their places and all problems.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::cells::Cells;
use crate::source::SourceId;

/// A text that holds rows of one table.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// Path as shown.
    pub path: Arc<str>,
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
    pub path: Arc<str>,
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
    pub cells: csv::StringRecord,
}

/// The rows of one text with their header.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// Column names.
    pub header: Arc<[String]>,
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

/// An entry with what was written of it.
#[derive(Debug, Clone)]
pub(super) struct Entry<T> {
    /// The entry.
    pub value: Arc<T>,
    row: Row,
    header: Arc<[String]>,
    path: Arc<str>,
    source: Option<SourceId>,
}

impl<T> Entry<T> {
    /// A problem of the whole entry.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem {
            path: Arc::clone(&self.path),
            line: self.row.line,
            bytes: self.row.bytes,
            message: message.into(),
            source: self.source,
        }
    }

    /// True for an entry of the binary, not of the user.
    pub const fn is_embedded(&self) -> bool {
        self.source.is_none()
    }

    /// blake3 of what is written of the entry, hex; the order of columns and blank ones do not matter.
    pub fn hash(&self) -> String {
        let mut cells: Vec<(&str, &str)> = self
            .header
            .iter()
            .map(String::as_str)
            .zip(self.row.cells.iter().map(str::trim))
            .filter(|(_, cell)| !cell.is_empty())
            .collect();
        cells.sort_unstable();
        let mut hasher = blake3::Hasher::new();
        for (column, cell) in cells {
            for part in [column, "=", cell, "\n"] {
                hasher.update(part.as_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }
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
        for row in rows.rows {
            let mut cells = Cells::new(&rows.header, &row, text, sources, &mut self.problems);
            cells.table = kind.name;
            if let Some(value) = (kind.read)(&mut cells) {
                entries.push(Entry {
                    value: Arc::new(value),
                    row,
                    header: Arc::clone(&rows.header),
                    path: Arc::clone(&text.path),
                    source: text.source,
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
        let mut seen: BTreeMap<String, &Entry<T>> = BTreeMap::new();
        for entry in &self.entries {
            let name = (kind.unique)(&entry.value);
            if let Some(first) = seen.get(&name) {
                problems.push(entry.problem(format!(
                    "{} {name}: stands twice, first in line {} of {}",
                    kind.name, first.row.line, first.path
                )));
            } else {
                seen.insert(name, entry);
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
