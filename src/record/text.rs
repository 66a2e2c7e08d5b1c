//! Texts of a file that are read in place.

use std::borrow::{Borrow, Cow};
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text of a file; one without escapes is not copied.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A map of texts, in the order of the file: packs have thousands of entries, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Lines<'a>(pub Vec<(Text<'a>, Text<'a>)>);

impl Serialize for Lines<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, line) in &self.0 {
            map.serialize_entry(name, line)?;
        }
        map.end()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Lines<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfMap;
        impl<'de> Visitor<'de> for OfMap {
            type Value = Lines<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut lines = Vec::new();
                while let Some(line) = map.next_entry()? {
                    lines.push(line);
                }
                Ok(Lines(lines))
            }
        }
        deserializer.deserialize_map(OfMap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_back_in_their_order_and_escapes_are_read() {
        let text = r#"{"b":"1 2","a":"\""}"#;
        let lines: Lines<'_> = serde_json::from_str(text).expect("a map");
        let [(first, line), (_, escaped)] = &lines.0[..] else {
            panic!("two lines: {lines:?}");
        };
        assert!(matches!(&first.0, Cow::Borrowed("b")));
        assert_eq!((&*line.0, &*escaped.0), ("1 2", "\""));
        assert_eq!(serde_json::to_string(&lines).expect("texts"), text);
        assert!(serde_json::from_str::<Lines<'_>>("[1]").is_err());
    }
}
