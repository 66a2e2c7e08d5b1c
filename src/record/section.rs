//! A section of a pack, kept as its text until it is asked for.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The text of one field of a pack: most runs of the command read few of them. That of an embedded pack is not copied.
#[derive(Clone)]
pub(super) struct Section(Cow<'static, RawValue>);

impl Section {
    /// A field of an embedded pack.
    pub const fn embedded(text: &'static RawValue) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// A copy of a field.
    pub fn copied(text: &RawValue) -> Self {
        Self(Cow::Owned(text.to_owned()))
    }

    /// What the field says.
    ///
    /// # Errors
    ///
    /// Another shape than that of `T`, in words that name the field.
    pub fn read<'a, T: Deserialize<'a>>(&'a self, field: &str) -> Result<T, String> {
        serde_json::from_str(self.0.get())
            .map_err(|error| format!("the section `{field}` cannot be read: {error}"))
    }

    /// The field that says so.
    ///
    /// # Panics
    ///
    /// Never: a value is JSON.
    pub fn of(value: &serde_json::Value) -> Self {
        let text = serde_json::value::to_raw_value(value);
        Self(Cow::Owned(text.expect("a value is JSON")))
    }
}

impl PartialEq for Section {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Section of {} bytes", self.0.get().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_read_when_it_is_asked_for() {
        let pack: std::collections::BTreeMap<&str, &RawValue> =
            serde_json::from_str(r#"{"a": [1,2], "b": {"c": "x"}}"#).expect("sections");
        let [a, b] = ["a", "b"].map(|name| Section::copied(pack[name]));
        assert_eq!(a.read::<Vec<u8>>("a"), Ok(vec![1, 2]));
        let wrong = b.read::<Vec<u8>>("b").expect_err("a map");
        assert!(wrong.contains("`b`") && wrong.contains("map"), "{wrong}");
        assert_eq!(a, Section::of(&serde_json::json!([1, 2])));
        assert_eq!(a, Section::embedded(pack["a"]));
    }
}
