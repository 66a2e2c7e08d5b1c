//! One finding about the user's text, and the list of all of them.

use super::Code;
use crate::source::{Sources, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The input cannot be used.
    Error,
    /// The input is used, and probably not as meant.
    Warning,
    /// Worth knowing.
    Note,
}

/// One finding about the user's text.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Stable name of the kind of finding.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence, lower case, no full stop; names in backquotes.
    pub message: String,
    /// Where; `None` only when no text is to blame.
    pub span: Option<Span>,
    /// What stands beside the underline.
    pub label: Option<String>,
    /// What would be right.
    pub help: Option<String>,
    /// Further facts.
    pub notes: Vec<String>,
    /// Further places, each with its own label.
    pub related: Vec<(Span, String)>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: Code, message: impl Into<String>, span: impl Into<Option<Span>>) -> Self {
        Self::new(Severity::Error, code, message, span.into())
    }

    /// A warning at a place.
    pub fn warning(code: Code, message: impl Into<String>, span: impl Into<Option<Span>>) -> Self {
        Self::new(Severity::Warning, code, message, span.into())
    }

    /// A note at a place.
    pub fn note(code: Code, message: impl Into<String>, span: impl Into<Option<Span>>) -> Self {
        Self::new(Severity::Note, code, message, span.into())
    }

    fn new(severity: Severity, code: Code, message: impl Into<String>, span: Option<Span>) -> Self {
        let message = message.into();
        Self {
            code,
            severity,
            message,
            span,
            label: None,
            help: None,
            notes: Vec::new(),
            related: Vec::new(),
        }
    }

    /// With text beside the underline.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// With the way out.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// With one more fact.
    #[must_use]
    pub fn with_note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// With one more place.
    #[must_use]
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push((span, text.into()));
        self
    }
}

/// All findings about a text; collected, sorted by place, and reported together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// At most this many are shown; the rest is counted.
    pub const SHOWN: usize = 50;

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Adds all of another list.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.list.extend(other);
    }

    /// True when one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// As they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Sorted by place (those without one first), equal ones once.
    #[must_use]
    pub fn sorted(mut self, sources: &Sources) -> Self {
        let key = |diagnostic: &Diagnostic| {
            let place = diagnostic
                .span
                .map(|span| (sources.path(span.source).to_owned(), span.start, span.end));
            (place, diagnostic.code, diagnostic.message.clone())
        };
        self.list.sort_by_key(key);
        self.list.dedup();
        self
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            list: vec![diagnostic],
        }
    }
}

/// A result that is usable, with what was odd about its input.
#[derive(Debug, Clone)]
pub struct Warned<T> {
    /// The result.
    pub value: T,
    /// Warnings and notes, no errors.
    pub diagnostics: Diagnostics,
}
