//! Canonical JSON text.

use std::fmt::Write;

use serde_json::Value;

/// An object while its keys are written; they must rise.
pub(crate) struct Object<'a> {
    out: &'a mut String,
    separator: &'static str,
    last: Option<(usize, usize)>,
}

impl<'a> Object<'a> {
    pub(crate) fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self {
            out,
            separator: ",",
            last: None,
        }
    }

    /// An object with one key on a line.
    pub(crate) fn open_lines(out: &'a mut String) -> Self {
        out.push_str("{\n");
        Self {
            out,
            separator: ",\n",
            last: None,
        }
    }

    /// Writes a key; the caller writes its value next.
    pub(crate) fn key(&mut self, key: &str) -> &mut String {
        if let Some((start, end)) = self.last {
            let before = &self.out[start..end];
            debug_assert!(before < key, "keys are sorted: {before} before {key}");
            self.out.push_str(self.separator);
        }
        let start = self.out.len() + 1;
        string(self.out, key);
        self.last = Some((start, self.out.len() - 1));
        self.out.push(':');
        self.out
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        string(self.key(key), value);
    }

    pub(crate) fn number(&mut self, key: &str, value: f64) {
        number(self.key(key), value);
    }

    pub(crate) fn count(&mut self, key: &str, value: impl Into<u64>) {
        let value = value.into();
        write!(self.key(key), "{value}").expect("a string takes any text");
    }

    pub(crate) fn flag(&mut self, key: &str, value: bool) {
        self.key(key).push_str(if value { "true" } else { "false" });
    }

    pub(crate) fn optional_text(&mut self, key: &str, value: Option<&str>) {
        match value {
            Some(value) => self.text(key, value),
            None => self.null(key),
        }
    }

    pub(crate) fn optional_number(&mut self, key: &str, value: Option<f64>) {
        match value {
            Some(value) => self.number(key, value),
            None => self.null(key),
        }
    }

    pub(crate) fn optional_count(&mut self, key: &str, value: Option<u64>) {
        match value {
            Some(value) => self.count(key, value),
            None => self.null(key),
        }
    }

    pub(crate) fn null(&mut self, key: &str) {
        self.key(key).push_str("null");
    }

    pub(crate) fn close(self) {
        self.out.push('}');
    }
}

/// A list on one line.
pub(crate) fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (index, one) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        item(out, one);
    }
    out.push(']');
}

/// A list with one item on a line.
pub(crate) fn lines<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut String, T),
) {
    list(out, items, |out, one| {
        out.push('\n');
        item(out, one);
    });
}

/// Text in quotes.
pub(crate) fn string(out: &mut String, text: &str) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::to_string(text).expect("text has a JSON form"));
    }
}

/// The shortest text that reads back; whole numbers without a point.
pub(crate) fn number(out: &mut String, value: f64) {
    /// Below it every whole number is exact.
    const WHOLE: f64 = 9e15;
    debug_assert!(value.is_finite(), "only finite numbers are written");
    let result = if value.fract() == 0.0 && value.abs() < WHOLE {
        write!(out, "{}", value as i64)
    } else {
        write!(out, "{value:?}")
    };
    result.expect("a string takes any text");
}

/// [`number`] as a text of its own.
pub(crate) fn number_text(value: f64) -> String {
    let mut out = String::new();
    number(&mut out, value);
    out
}

/// A value of serde's with sorted keys.
fn value(out: &mut String, any: &Value) {
    match any {
        Value::Null | Value::Bool(_) => {
            write!(out, "{any}").expect("a string takes any text");
        }
        Value::Number(one) => match one.as_f64() {
            Some(float) if !one.is_i64() && !one.is_u64() => number(out, float),
            Some(_) | None => write!(out, "{one}").expect("a string takes any text"),
        },
        Value::String(text) => string(out, text),
        Value::Array(items) => list(out, items, value),
        Value::Object(map) => {
            let mut keys: Vec<_> = map.keys().collect();
            keys.sort();
            let mut object = Object::open(out);
            for key in keys {
                value(object.key(key), &map[key]);
            }
            object.close();
        }
    }
}

/// A serde type with sorted keys.
pub(crate) fn serde(out: &mut String, any: &impl serde::Serialize) {
    value(
        out,
        &serde_json::to_value(any).expect("plain data has a JSON form"),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_shortest_text() {
        let texts = [0.1, 3.0, -0.0, 1e-7, 16_060_522_496.0, 1e300].map(|value| {
            let mut out = String::new();
            number(&mut out, value);
            out
        });
        assert_eq!(texts, ["0.1", "3", "0", "1e-7", "16060522496", "1e300"]);
    }
}
