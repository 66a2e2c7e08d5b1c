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
    /// True in single quotes and block scalars: a `$` in it is a dollar, neither a variable nor an expression.
    pub literal: bool,
}

impl Scalar {
    /// A scalar without quotes.
    pub fn plain(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            quoted: false,
            literal: false,
        }
    }

    /// `true` or `false` without quotes.
    pub fn as_bool(&self) -> Option<bool> {
        match (self.quoted, self.text.as_str()) {
            (false, "true") => Some(true),
            (false, "false") => Some(false),
            (_, _) => None,
        }
    }

    /// A whole number without quotes, written with digits alone.
    pub fn as_int(&self) -> Option<i64> {
        let digits = self.text.strip_prefix(['-', '+']).unwrap_or(&self.text);
        let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        (whole && !self.quoted).then(|| self.text.parse().ok())?
    }

    /// A finite number without quotes, whole or not.
    pub fn as_number(&self) -> Option<f64> {
        let numeric =
            |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
        if self.quoted || !self.text.bytes().all(numeric) {
            return None;
        }
        self.text
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
    }
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

    /// A scalar without quotes that stands at `span`.
    pub fn plain(text: impl Into<String>, span: Span) -> Self {
        Self {
            value: Value::Scalar(Scalar::plain(text)),
            span,
        }
    }

    /// A map without entries.
    pub const fn empty_map(span: Span) -> Self {
        Self {
            value: Value::Map(Vec::new()),
            span,
        }
    }

    /// The node under a path of keys and list positions.
    pub fn at<'p>(&self, path: impl IntoIterator<Item = &'p str>) -> Option<&Self> {
        path.into_iter()
            .try_fold(self, |node, segment| match &node.value {
                Value::Map(_) => node.get(segment),
                Value::List(items) => items.get(segment.parse::<usize>().ok()?),
                Value::Scalar(_) => None,
            })
    }

    /// The child of a map under `key`, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        match &mut self.value {
            Value::Map(entries) => entries
                .iter_mut()
                .find(|entry| entry.key == key)
                .map(|entry| &mut entry.node),
            Value::List(_) | Value::Scalar(_) => None,
        }
    }

    /// Puts `node` under `key` in place of what stood there, or at the end; what is no map becomes one.
    pub fn set(&mut self, key: &str, key_span: Span, node: Self) {
        if !matches!(self.value, Value::Map(_)) {
            *self = Self::empty_map(node.span);
        }
        if let Some(slot) = self.get_mut(key) {
            *slot = node;
        } else if let Value::Map(entries) = &mut self.value {
            entries.push(Entry {
                key: key.to_owned(),
                key_span,
                node,
            });
        }
    }

    /// What it is, in words for a message.
    pub fn kind(&self) -> &'static str {
        match &self.value {
            Value::Map(_) => "a map",
            Value::List(_) => "a list",
            Value::Scalar(_) if self.is_null() => "nothing",
            Value::Scalar(scalar) if scalar.as_bool().is_some() => "a boolean",
            Value::Scalar(scalar) if scalar.as_number().is_some() => "a number",
            Value::Scalar(_) => "text",
        }
    }

    /// True for a plain `null`, `~` or nothing.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|scalar| {
            !scalar.quoted && matches!(scalar.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_core_types_are_numbers_and_booleans() {
        assert_eq!(Scalar::plain("true").as_bool(), Some(true));
        assert_eq!(Scalar::plain("yes").as_bool(), None);
        assert_eq!(Scalar::plain("-12").as_int(), Some(-12));
        assert_eq!(Scalar::plain("1e3").as_int(), None);
        assert_eq!(Scalar::plain("1e3").as_number(), Some(1000.0));
        assert_eq!(Scalar::plain("infinity").as_number(), None);
    }
}
