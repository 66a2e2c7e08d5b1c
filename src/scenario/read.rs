//! Typed readers: a [`Node`] becomes a value, or a diagnostic is kept and reading goes on, so that all errors come at once.

use super::{Node, Scalar, Value};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::Span;
use crate::units::{Dimension, Parsed, QuantityError, parse_quantity};

/// Reads values and keeps what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// What was found so far.
    pub diagnostics: Diagnostics,
}

impl Reader {
    /// Keeps a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Keeps "another kind of value is expected here".
    pub fn wrong_type(&mut self, node: &Node, expected: &str) {
        self.push(
            Diagnostic::error(
                Code::WrongType,
                format!("expected {expected}, found {}", kind(node)),
                node.span,
            )
            .label(format!("not {expected}")),
        );
    }

    /// Keeps "the value is of the right kind and not one that is allowed".
    pub fn bad_value(&mut self, span: Span, message: impl Into<String>, label: &str) {
        self.push(Diagnostic::error(Code::BadValue, message, span).label(label));
    }

    fn scalar<'n>(&mut self, node: &'n Node, expected: &str) -> Option<&'n Scalar> {
        let scalar = node.scalar().filter(|_| !node.is_null());
        if scalar.is_none() {
            self.wrong_type(node, expected);
        }
        scalar
    }

    /// Text; a bare number or boolean asks for quotes.
    pub fn text(&mut self, node: &Node) -> Option<String> {
        let scalar = self.scalar(node, "text")?;
        if !scalar.quoted && (number(&scalar.text).is_some() || boolean(&scalar.text).is_some()) {
            self.push(
                Diagnostic::error(
                    Code::NeedsQuotes,
                    format!(
                        "`{}` is read as a number or a boolean where text is expected",
                        scalar.text
                    ),
                    node.span,
                )
                .label("quotes make it text")
                .help(format!("write \"{}\"", scalar.text)),
            );
            return None;
        }
        Some(scalar.text.clone())
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, node: &Node) -> Option<bool> {
        let scalar = self.scalar(node, "`true` or `false`")?;
        let value = boolean(&scalar.text).filter(|_| !scalar.quoted);
        if value.is_none() {
            self.wrong_type(node, "`true` or `false`");
        }
        value
    }

    /// A whole number of at least `least`; suffixes `k M G T` and `tok` may be used.
    pub fn count(&mut self, node: &Node, least: u64) -> Option<u64> {
        let scalar = self.scalar(node, "a whole number")?;
        let Some(value) = whole(&scalar.text).filter(|_| !scalar.quoted) else {
            self.wrong_type(node, "a whole number");
            return None;
        };
        if value < least {
            self.bad_value(
                node.span,
                format!("`{}` is less than {least}", scalar.text),
                &format!("at least {least}"),
            );
            return None;
        }
        Some(value)
    }

    /// The same for fields that hold 32 bits.
    pub fn count32(&mut self, node: &Node, least: u64) -> Option<u32> {
        let value = self.count(node, least)?;
        let narrow = u32::try_from(value).ok();
        if narrow.is_none() {
            self.bad_value(
                node.span,
                format!("`{value}` is too large"),
                "less than 2^32",
            );
        }
        narrow
    }

    /// A plain number that is not negative.
    pub fn number(&mut self, node: &Node) -> Option<f64> {
        let scalar = self.scalar(node, "a number")?;
        let plain = number(&scalar.text)
            .or_else(|| whole(&scalar.text).map(|whole| whole as f64))
            .filter(|_| !scalar.quoted);
        let Some(value) = plain else {
            self.wrong_type(node, "a number");
            return None;
        };
        if value < 0.0 {
            self.bad_value(
                node.span,
                format!("`{}` is negative", scalar.text),
                "must not be negative",
            );
            return None;
        }
        Some(value)
    }

    /// A share between 0 and 1: `60%`, `0.6`, `3/5`.
    pub fn share(&mut self, node: &Node) -> Option<f64> {
        let value = self.quantity(node, Dimension::Share)?.value;
        if value > 1.0 {
            let written = node.scalar().map_or("", |scalar| scalar.text.as_str());
            self.bad_value(
                node.span,
                format!("`{written}` is more than the whole"),
                "a share is at most 1 or 100%",
            );
            return None;
        }
        Some(value)
    }

    /// The same without zero, for what is divided by.
    pub fn positive_share(&mut self, node: &Node) -> Option<f64> {
        let value = self.share(node)?;
        if value == 0.0 {
            self.bad_value(
                node.span,
                "a share of zero leaves nothing",
                "must be more than 0",
            );
            return None;
        }
        Some(value)
    }

    /// A quantity of a dimension, in base units.
    pub fn quantity(&mut self, node: &Node, dimension: Dimension) -> Option<Parsed> {
        let expected = described(dimension).0;
        let scalar = self.scalar(node, expected)?;
        match parse_quantity(&scalar.text, dimension) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.push(bad_quantity(&scalar.text, node.span, dimension, &error));
                None
            }
        }
    }

    /// The number of a quantity, in base units.
    pub fn amount(&mut self, node: &Node, dimension: Dimension) -> Option<f64> {
        self.quantity(node, dimension).map(|parsed| parsed.value)
    }

    /// A quantity that is more than nothing.
    pub fn positive(&mut self, node: &Node, dimension: Dimension) -> Option<f64> {
        let value = self.amount(node, dimension)?;
        if value <= 0.0 {
            self.bad_value(
                node.span,
                format!("{} of zero", described(dimension).0),
                "must be more than 0",
            );
            return None;
        }
        Some(value)
    }

    /// One of several words.
    pub fn choice<T: Copy>(&mut self, node: &Node, known: &[(&'static str, T)]) -> Option<T> {
        let scalar = self.scalar(node, "a word")?;
        let found = known.iter().find(|(name, _)| *name == scalar.text);
        if found.is_none() {
            self.push(not_one_of(
                &scalar.text,
                node.span,
                known.iter().map(|(name, _)| *name),
            ));
        }
        found.map(|(_, value)| *value)
    }

    /// The items of a list; a single value is not a list.
    pub fn list<'n>(&mut self, node: &'n Node) -> Option<&'n [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            Value::Map(_) | Value::Scalar(_) => {
                self.wrong_type(node, "a list");
                None
            }
        }
    }

    /// A calendar date, `YYYY-MM-DD`.
    pub fn date(&mut self, node: &Node) -> Option<String> {
        let scalar = self.scalar(node, "a date")?;
        if super::date::day_number(&scalar.text).is_none() {
            self.bad_value(
                node.span,
                format!("`{}` is not a date", scalar.text),
                "write it as 2026-11-01",
            );
            return None;
        }
        Some(scalar.text.clone())
    }

    /// Reads a field with `read` when it is there.
    pub fn field<T>(
        &mut self,
        map: &Node,
        key: &str,
        read: impl FnOnce(&mut Self, &Node) -> Option<T>,
    ) -> Option<T> {
        map.get(key).and_then(|node| read(self, node))
    }
}

/// "It is none of these", with the nearest one.
pub(super) fn not_one_of<'k>(
    text: &str,
    span: Span,
    known: impl Iterator<Item = &'k str>,
) -> Diagnostic {
    let known: Vec<&str> = known.collect();
    let label = suggest(text, known.iter().copied()).map_or_else(
        || "not one of the known values".to_owned(),
        |near| format!("not known here; did you mean `{near}`?"),
    );
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    Diagnostic::error(
        Code::BadValue,
        format!("`{text}` is not allowed here"),
        span,
    )
    .label(label)
    .help(format!("one of {}", listed.join(", ")))
}

fn bad_quantity(text: &str, span: Span, dimension: Dimension, error: &QuantityError) -> Diagnostic {
    let (expected, example) = described(dimension);
    let (code, message) = match error {
        QuantityError::MissingUnit => (
            Code::MissingUnit,
            format!("`{text}` has no unit; {expected} needs one"),
        ),
        QuantityError::WrongUnit(unit) => (
            Code::WrongUnit,
            format!("`{unit}` is not a unit of {expected}"),
        ),
        QuantityError::NotANumber(_) => (Code::WrongType, format!("`{text}` is not {expected}")),
        QuantityError::OutOfRange(_) => (
            Code::BadValue,
            format!("`{text}` is out of range for {expected}"),
        ),
    };
    let written = match error {
        QuantityError::MissingUnit => {
            let unit =
                example.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
            format!("{text}{unit}")
        }
        QuantityError::WrongUnit(_)
        | QuantityError::NotANumber(_)
        | QuantityError::OutOfRange(_) => example.to_owned(),
    };
    Diagnostic::error(code, message, span).label(format!("write it as `{written}`"))
}

/// What a dimension is called, and one correct spelling.
pub(super) const fn described(dimension: Dimension) -> (&'static str, &'static str) {
    match dimension {
        Dimension::Time => ("a time", "12ms"),
        Dimension::Bytes => ("an amount of memory", "80GB"),
        Dimension::ByteRate => ("a rate of bytes", "3.35TB/s"),
        Dimension::Compute => ("a rate of operations", "989TFLOPS"),
        Dimension::Transfers => ("a rate of memory transfers", "5600MT/s"),
        Dimension::Frequency => ("a frequency", "1.8GHz"),
        Dimension::Power => ("a power", "700W"),
        Dimension::Energy => ("an energy", "50Wh"),
        Dimension::Count => ("a count", "4k"),
        Dimension::Share => ("a share", "60%"),
        Dimension::RequestRate => ("a rate of requests", "4req/s"),
        Dimension::Duty => ("a time of use", "4h/day"),
        Dimension::Money => ("an amount of money", "3400 USD"),
        Dimension::MoneyRate => ("a price of an hour", "1.86 USD/h"),
        Dimension::MoneyPerEnergy => ("a price of energy", "0.11 USD/kWh"),
        Dimension::MoneyPerToken => ("a price of a million tokens", "0.20 USD/Mtok"),
        Dimension::Carbon => ("a mass of CO2e", "12kgCO2e"),
        Dimension::CarbonPerEnergy => ("a carbon intensity", "310 gCO2e/kWh"),
        Dimension::Temperature => ("a temperature", "35C"),
    }
}

/// A number of YAML's core schema, without infinity and NaN.
pub(super) fn number(text: &str) -> Option<f64> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    (plain && text.bytes().any(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
        .filter(|value: &f64| value.is_finite())
}

/// A whole number: digits, or a count with a suffix that leaves no fraction. `1e3` is none.
pub(super) fn whole(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    if !text.ends_with(|letter: char| letter.is_ascii_alphabetic()) {
        return None;
    }
    let value = parse_quantity(text, Dimension::Count).ok()?.value;
    (value.fract() == 0.0 && value < 9.007_199_254_740_992e15).then_some(value as u64)
}

/// A boolean of YAML's core schema.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// What a node is, in words.
pub(super) fn kind(node: &Node) -> String {
    match &node.value {
        Value::Map(_) => "a map".to_owned(),
        Value::List(_) => "a list".to_owned(),
        Value::Scalar(_) if node.is_null() => "nothing".to_owned(),
        Value::Scalar(scalar) => format!("`{}`", scalar.text),
    }
}

/// True when a scalar is, or contains, an expression that only a point can evaluate.
pub(super) fn is_expression(node: &Node) -> bool {
    node.scalar()
        .is_some_and(|scalar| !scalar.literal && scalar.text.contains("$("))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_whole_and_may_have_a_suffix() {
        assert_eq!(whole("4k"), Some(4000));
        assert_eq!(whole("1e3"), None);
        assert_eq!(whole("1.5"), None);
        assert_eq!(whole("1.5k"), Some(1500));
        assert_eq!(whole("-3"), None);
    }

    #[test]
    fn names_of_yaml_infinity_are_no_numbers() {
        assert_eq!(number("inf"), None);
        assert_eq!(number("-"), None);
        assert_eq!(number("1e3"), Some(1000.0));
    }
}
