//! JSON for serde with exactly read numbers.
//!
//! `serde_json` may read a number of seventeen digits one unit in the last place off unless a feature that every
//! dependency would share is on; here a number is what `f64::from_str` says, so that a document that is read and written
//! again has the same bytes.

use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

/// Lists and objects inside each other beyond this are no document of ours.
const DEPTH: usize = 64;

/// Why a text is not the expected JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{place}")]
pub struct JsonError {
    message: String,
    place: Position,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Position(Option<(usize, usize)>);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some((line, column)) => write!(f, " at line {line}, column {column}"),
            None => Ok(()),
        }
    }
}

impl de::Error for JsonError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
            place: Position::default(),
        }
    }
}

/// Reads a whole text.
pub(crate) fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, JsonError> {
    let mut parser = Parser {
        text,
        at: 0,
        depth: 0,
    };
    let read = T::deserialize(&mut parser).and_then(|value| {
        parser.skip_space();
        if parser.at == text.len() {
            Ok(value)
        } else {
            Err(expected("the end of the text"))
        }
    });
    read.map_err(|error| parser.placed(error))
}

fn expected(what: &str) -> JsonError {
    de::Error::custom(format_args!("expected {what}"))
}

struct Parser<'de> {
    text: &'de str,
    at: usize,
    depth: usize,
}

impl<'de> Parser<'de> {
    fn peek(&mut self) -> Option<u8> {
        self.skip_space();
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        self.at += rest.iter().take_while(|byte| is_space(byte)).count();
    }

    /// With the place that was reached, where the error has none.
    fn placed(&self, mut error: JsonError) -> JsonError {
        error.place.0.get_or_insert_with(|| {
            let before = self.text.get(..self.at).unwrap_or(self.text);
            let start = before.rfind('\n').map_or(0, |newline| newline + 1);
            (before.matches('\n').count() + 1, before.len() - start + 1)
        });
        error
    }

    fn punctuation(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.peek() == Some(byte) {
            self.at += 1;
            Ok(())
        } else {
            Err(expected(&format!("`{}`", char::from(byte))))
        }
    }

    fn word(&mut self, word: &str) -> Result<(), JsonError> {
        if self.text[self.at..].starts_with(word) {
            self.at += word.len();
            Ok(())
        } else {
            Err(expected("a value"))
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        while let Some(byte) = bytes.get(end) {
            match byte {
                b'"' => {
                    let quoted = &self.text[self.at..=end];
                    self.at = end + 1;
                    return serde_json::from_str(quoted).map_err(de::Error::custom);
                }
                b'\\' => end += 2,
                _ => end += 1,
            }
        }
        Err(expected("the end of a string"))
    }

    fn number<V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, JsonError> {
        let rest = &self.text[self.at..];
        let is_part = |byte: char| byte.is_ascii_digit() || "+-.eE".contains(byte);
        let text = &rest[..rest.find(|byte| !is_part(byte)).unwrap_or(rest.len())];
        self.at += text.len();
        if let Ok(count) = text.parse::<u64>() {
            visitor.visit_u64(count)
        } else if let Ok(count) = text.parse::<i64>() {
            visitor.visit_i64(count)
        } else {
            match text.parse::<f64>() {
                Ok(number) if number.is_finite() => visitor.visit_f64(number),
                Ok(_) | Err(_) => Err(expected("a number")),
            }
        }
    }

    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, JsonError>,
    ) -> Result<T, JsonError> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(de::Error::custom("nested too deeply"));
        }
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }
}

impl<'de> de::Deserializer<'de> for &mut Parser<'de> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self.peek() {
            Some(b'n') => self.word("null").and_then(|()| visitor.visit_unit()),
            Some(b't') => self.word("true").and_then(|()| visitor.visit_bool(true)),
            Some(b'f') => self.word("false").and_then(|()| visitor.visit_bool(false)),
            Some(b'"') => {
                let text = self.string()?;
                visitor.visit_string(text)
            }
            Some(b'-' | b'0'..=b'9') => self.number(visitor),
            Some(b'[') => self.nested(|parser| {
                let value = visitor.visit_seq(Items::new(parser))?;
                parser.punctuation(b']').map(|()| value)
            }),
            Some(b'{') => self.nested(|parser| {
                let value = visitor.visit_map(Items::new(parser))?;
                parser.punctuation(b'}').map(|()| value)
            }),
            Some(_) | None => Err(expected("a value")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        if self.peek() == Some(b'n') {
            self.word("null")?;
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The items of a list or the entries of an object.
struct Items<'a, 'de> {
    parser: &'a mut Parser<'de>,
    is_first: bool,
}

impl<'a, 'de> Items<'a, 'de> {
    const fn new(parser: &'a mut Parser<'de>) -> Self {
        Self {
            parser,
            is_first: true,
        }
    }

    /// True when another one follows before `end`.
    fn has_next(&mut self, end: u8) -> Result<bool, JsonError> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.parser.peek() == Some(end) {
            return Ok(false);
        }
        if !is_first {
            self.parser.punctuation(b',')?;
        }
        Ok(true)
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, JsonError> {
        if self.has_next(b']')? {
            seed.deserialize(&mut *self.parser).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, JsonError> {
        if !self.has_next(b'}')? {
            return Ok(None);
        }
        if self.parser.peek() != Some(b'"') {
            return Err(expected("a key"));
        }
        seed.deserialize(&mut *self.parser).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, JsonError> {
        self.parser.punctuation(b':')?;
        seed.deserialize(&mut *self.parser)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_document_reads_as_serde_json_reads_it() {
        let text = r#" {"a": [1, -2, 0.5, 1e3], "b": {"c": "x\"\u00e9\n"}, "d": null, "e": [true, false], "f": {}} "#;
        let expected = json!({"a": [1, -2, 0.5, 1e3], "b": {"c": "x\"é\n"}, "d": null, "e": [true, false], "f": {}});
        assert_eq!(from_text::<Value>(text), Ok(expected));
    }

    #[test]
    fn an_error_names_its_place() {
        let error = from_text::<Value>("{\"a\":\n  [1 2]}").expect_err("a comma is missing");
        assert_eq!(error.to_string(), "expected `,` at line 2, column 6");
        for text in ["", "{", "[1", "\"a", "nul", "{1:2}", "1 2", "1e999", "\"\\"] {
            assert!(from_text::<Value>(text).is_err(), "{text}");
        }
        assert!(from_text::<Value>(&"[".repeat(100_000)).is_err());
    }

    proptest! {
        #[test]
        fn every_number_reads_back_exactly(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            prop_assume!(number.is_finite());
            let text = format!("{number:?}");
            prop_assert_eq!(from_text::<f64>(&text).map(f64::to_bits), Ok(number.to_bits()));
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,40}|[\\[\\]{}:,\"\\\\0-9a-z. -]{0,60}") {
            let _ = from_text::<Value>(&text).is_ok();
        }
    }
}
