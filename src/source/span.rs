//! Texts and places in them.

use std::path::{Path, PathBuf};

/// Names a text kept by [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A stretch of bytes of one text; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A place as an editor names it; lines and columns count from one, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// Path of the text, as the user or the including file wrote it.
    pub file: String,
    /// First line.
    pub line: usize,
    /// First column.
    pub column: usize,
    /// Line of the end.
    pub end_line: usize,
    /// Column of the end.
    pub end_column: usize,
}

/// Every text read so far.
#[derive(Debug, Default)]
pub struct Sources {
    texts: Vec<(PathBuf, String)>,
}

impl Sources {
    /// Keeps `text` under `path` and names it.
    ///
    /// # Panics
    ///
    /// When there are 2^32 texts already.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.texts.len()).expect("fewer than 2^32 sources"));
        self.texts.push((path.into(), text.into()));
        id
    }

    /// The path of a text.
    pub fn path(&self, id: SourceId) -> &Path {
        &self.texts[id.0 as usize].0
    }

    /// A text.
    pub fn text(&self, id: SourceId) -> &str {
        &self.texts[id.0 as usize].1
    }

    /// All texts with their ids, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Path, &str)> {
        self.texts
            .iter()
            .enumerate()
            .map(|(index, (path, text))| (SourceId(index as u32), path.as_path(), text.as_str()))
    }

    /// Where a span is, as an editor names it.
    pub fn place(&self, span: Span) -> Place {
        let (line, column) = self.line_column(span.source, span.start);
        let (end_line, end_column) = self.line_column(span.source, span.end);
        let file = self
            .path(span.source)
            .display()
            .to_string()
            .replace('\\', "/");
        Place {
            file,
            line,
            column,
            end_line,
            end_column,
        }
    }

    fn line_column(&self, id: SourceId, offset: u32) -> (usize, usize) {
        let text = self.text(id);
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let mut sources = Sources::default();
        let source = sources.add("a.yaml", "x: 1\né: h10\n");
        let place = sources.place(Span {
            source,
            start: 9,
            end: 12,
        });
        assert_eq!((place.line, place.column, place.end_column), (2, 4, 7));
    }
}
