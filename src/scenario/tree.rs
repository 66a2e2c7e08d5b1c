//! The document as written: maps, lists and scalars, each with its place.

use crate::source::Span;

/// One value of the document and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it was written; kept through `extends`, overrides, environment, matrix and expressions.
    pub span: Span,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A map, in the order written; keys are unique.
    Map(Vec<Entry>),
    /// A list.
    List(Vec<Node>),
    /// Anything else.
    Scalar(Scalar),
}

/// One key of a map with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub key_span: Span,
    /// The value.
    pub node: Node,
}

/// A scalar as written. Its type is decided where it is read: a plain `8` is a count for `count` and an error for a
/// text field, a quoted one is always text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text without quotes.
    pub text: String,
    /// True when it was quoted or a block scalar, and therefore is text.
    pub quoted: bool,
}

impl Node {
    /// The child of a map under `key`.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.node)
    }

    /// The entries of a map; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::List(_) | Value::Scalar(_) => &[],
        }
    }

    /// The items of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Map(_) | Value::Scalar(_) => &[],
        }
    }

    /// The scalar, when it is one.
    pub const fn scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            Value::Map(_) | Value::List(_) => None,
        }
    }

    /// True for a plain `null`, `~` or nothing.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| {
            !scalar.quoted && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
        })
    }
}
