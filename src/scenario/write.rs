//! Nodes become YAML again.

use super::{AxisValue, Node, Scalar, Value};

/// Where a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// After `key: ` or `- `.
    Block,
    /// Between brackets or braces, or as a key.
    Flow,
}

impl Node {
    /// The node on one line, as YAML.
    pub fn flow(&self) -> String {
        match &self.value {
            Value::Map(entries) => {
                let fields: Vec<String> = entries
                    .iter()
                    .map(|entry| format!("{}: {}", key(&entry.key), entry.node.flow()))
                    .collect();
                format!("{{{}}}", fields.join(", "))
            }
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(Self::flow).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Scalar(text) => scalar(text, Context::Flow),
        }
    }
}

impl AxisValue {
    /// The value as results and filters see it; lists and maps as one line of YAML.
    pub fn of(node: &Node) -> Self {
        let Value::Scalar(scalar) = &node.value else {
            return Self::Text(node.flow());
        };
        if let Some(truth) = scalar.as_bool() {
            Self::Bool(truth)
        } else if let Some(count) = scalar.as_int() {
            Self::Int(count)
        } else if let Some(number) = scalar.as_number() {
            Self::Float(number)
        } else {
            Self::Text(scalar.text.clone())
        }
    }
}

/// A key, quoted where YAML needs it.
pub(super) fn key(text: &str) -> String {
    if text == "<<" {
        return single(text);
    }
    scalar(&Scalar::plain(text), Context::Flow)
}

/// A scalar that reads back as the same.
pub(super) fn scalar(scalar: &Scalar, context: Context) -> String {
    let text = scalar.text.as_str();
    let unprintable = text.contains(|sign: char| {
        sign.is_control() || matches!(sign, '\u{feff}' | '\u{2028}' | '\u{2029}')
    });
    if !scalar.quoted && text.is_empty() {
        return "null".to_owned();
    }
    if !scalar.quoted && !unprintable && reads_plain(text, context) {
        return text.to_owned();
    }
    if scalar.literal && !unprintable {
        return single(text);
    }
    // In double quotes a literal dollar is doubled.
    let dollars = if scalar.literal {
        text.replace('$', "$$")
    } else {
        text.to_owned()
    };
    double(&dollars)
}

fn single(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn double(text: &str) -> String {
    let mut written = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            _ if sign.is_control() || matches!(sign, '\u{feff}' | '\u{2028}' | '\u{2029}') => {
                let escape = format!("\\u{:04X}", sign as u32);
                written.push_str(&escape);
            }
            _ => written.push(sign),
        }
    }
    written.push('"');
    written
}

/// True when YAML reads the text without quotes as itself.
fn reads_plain(text: &str, context: Context) -> bool {
    let mut signs = text.chars();
    let (Some(first), second) = (signs.next(), signs.next()) else {
        return false;
    };
    let starts = match first {
        '-' | '?' | ':' => {
            second.is_some_and(|next| !next.is_whitespace()) && context == Context::Block
        }
        '-'.. => !matches!(first, '[' | ']' | '{' | '}' | '@' | '`' | '|' | '>'),
        '$' | '(' | ')' | '+' => true,
        _ => false,
    };
    let number = text.starts_with('-') && text[1..].starts_with(|next: char| next.is_ascii_digit());
    let flow = context == Context::Block || !text.contains([',', '[', ']', '{', '}']);
    (starts || number)
        && flow
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && !text.ends_with(char::is_whitespace)
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !(context == Context::Flow
            && (text.contains(':') || text.contains('-') && !number && text.contains(' ')))
}
