//! Ranges: `a..b`, `a..b+s`, `a..b*m` with one optional unit, and `{from, to, points, scale}`.
//!
//! A range knows its length without being written out; its values are computed in decimal, so that `0..1+0.1` holds
//! `0.3` and nothing near it.

use std::cmp::Ordering;

use super::decimal::Decimal;
use super::{Node, Value};
use crate::diag::{Code, Diagnostic};
use crate::source::Span;
use crate::stats::math;

/// Values of a range that multiplies; beyond this its factor is too close to one to be meant.
const MAX_FACTORS: usize = 1_000_000;

/// Values that stand where a list may stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    numbers: Numbers,
    /// What follows every number, a space included where the user wrote one.
    unit: String,
    span: Span,
    len: u64,
}

#[derive(Debug, Clone, PartialEq)]
enum Numbers {
    /// `from + i · step`
    Steps { from: Decimal, step: Decimal },
    /// `from · factor^i`
    Factors(Vec<Decimal>),
    /// `from … to` in equal distances.
    Linear { from: Decimal, to: Decimal },
    /// `from … to` in equal ratios.
    Log { from: Decimal, to: Decimal },
}

impl Range {
    /// Reads a range; `None` when the node is none: a list, a map without `from`, or text without `..` between numbers.
    ///
    /// # Errors
    ///
    /// `bad-range` when it looks like a range and is none.
    pub fn from_node(node: &Node) -> Result<Option<Self>, Diagnostic> {
        match &node.value {
            Value::Scalar(scalar) if !scalar.quoted && looks_like_range(&scalar.text) => {
                text_range(&scalar.text, node.span).map(Some)
            }
            Value::Map(_) if node.get("from").is_some() => map_range(node).map(Some),
            Value::Scalar(_) | Value::List(_) | Value::Map(_) => Ok(None),
        }
    }

    /// How many values it has.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// False: a range has at least one value.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value at a position, as the user would have written it, at the place of the range.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Range::len`].
    pub fn node(&self, index: u64) -> Node {
        assert!(
            index < self.len,
            "a range has a value at every position below its length"
        );
        let number = match &self.numbers {
            Numbers::Steps { from, step } => from.plus(*step, index),
            Numbers::Factors(values) => Some(values[index as usize]),
            Numbers::Linear { from, to } => from.between(*to, index, self.len - 1),
            Numbers::Log { from, to } => Some(log_between(*from, *to, index, self.len - 1)),
        };
        let number = number.expect("a range is checked when it is read");
        Node::plain(format!("{number}{}", self.unit), self.span)
    }

    /// All values in order.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + '_ {
        (0..self.len).map(|index| self.node(index))
    }
}

/// True for a number followed by `..`.
fn looks_like_range(text: &str) -> bool {
    text.split_once("..").is_some_and(|(from, rest)| {
        let from = from.trim();
        from.starts_with(|first: char| first.is_ascii_digit() || first == '-') && !rest.is_empty()
    })
}

fn bad(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::BadRange, message, span)
}

/// What a range may look like.
const FORMS: &str =
    "write `a..b`, `a..b+step` or `a..b*factor`, with one unit at the end: `250..1000+250 ms`";

fn text_range(text: &str, span: Span) -> Result<Range, Diagnostic> {
    let malformed =
        |part: &str| bad(span, format!("`{}` is no number of a range", part.trim())).help(FORMS);
    let (from_text, rest) = text.split_once("..").expect("a range holds two dots");
    let (to_text, rest) = split_decimal(rest);
    let (sign, step_text, unit) = match rest.bytes().next() {
        Some(sign @ (b'+' | b'*')) => {
            let (step, unit) = split_decimal(&rest[1..]);
            (Some(sign), step, unit)
        }
        Some(_) | None => (None, "1", rest),
    };
    let from = Decimal::read(from_text.trim()).ok_or_else(|| malformed(from_text))?;
    let to = Decimal::read(to_text).ok_or_else(|| malformed(to_text))?;
    let step = Decimal::read(step_text).ok_or_else(|| malformed(step_text))?;
    if !unit_like(unit) {
        return Err(malformed(unit));
    }
    if from > to {
        return Err(
            bad(span, format!("the range goes down, from {from} to {to}"))
                .help("write the smaller number first"),
        );
    }
    let too_long = || bad(span, "the numbers of the range have too many digits");
    let (numbers, len) = match sign {
        Some(b'*') => {
            let values = factors(from, to, step).map_err(|message| bad(span, message))?;
            let len = values.len() as u64;
            (Numbers::Factors(values), len)
        }
        Some(_) | None if !step.is_positive() => {
            return Err(bad(
                span,
                format!("the step is {step} and must be positive"),
            ));
        }
        Some(_) | None => {
            let steps = from.steps_to(to, step).ok_or_else(too_long)?;
            from.plus(step, steps).ok_or_else(too_long)?;
            (Numbers::Steps { from, step }, steps.saturating_add(1))
        }
    };
    Ok(Range {
        numbers,
        unit: unit.to_owned(),
        span,
        len,
    })
}

/// The decimal number at the start of a text, blanks around it skipped, and the rest.
fn split_decimal(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let sign = usize::from(text.starts_with(['-', '+']));
    let end = text[sign..]
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .map_or(text.len(), |end| sign + end);
    text.split_at(end)
}

/// A unit may follow after one optional space; it holds no digits at its start and no sign of a range.
fn unit_like(text: &str) -> bool {
    let unit = text.strip_prefix(' ').unwrap_or(text);
    text.is_empty()
        || (unit.starts_with(|first: char| first.is_ascii_alphabetic() || first == '%')
            && unit
                .chars()
                .all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, '/' | '%')))
}

fn factors(from: Decimal, to: Decimal, factor: Decimal) -> Result<Vec<Decimal>, String> {
    let one = Decimal::read("1").expect("one is a number");
    if factor <= one {
        return Err(format!("the factor is {factor} and must be above 1"));
    }
    if !from.is_positive() {
        return Err(format!(
            "a range with a factor starts above zero, not at {from}"
        ));
    }
    let mut values = vec![from];
    let mut value = from;
    loop {
        value = match value.times(factor) {
            Some(next) if next > value => next,
            Some(_) | None => {
                return Err("the numbers of the range have too many digits".to_owned());
            }
        };
        match value.partial_cmp(&to) {
            Some(Ordering::Greater) => return Ok(values),
            Some(Ordering::Less | Ordering::Equal) => {}
            None => return Err("the numbers of the range have too many digits".to_owned()),
        }
        if values.len() >= MAX_FACTORS {
            return Err(format!(
                "the factor {factor} gives more than {MAX_FACTORS} values"
            ));
        }
        values.push(value);
    }
}

fn map_range(node: &Node) -> Result<Range, Diagnostic> {
    for entry in node.entries() {
        if !matches!(entry.key.as_str(), "from" | "to" | "points" | "scale") {
            let message = format!("a range has no field `{}`", entry.key);
            return Err(bad(entry.key_span, message)
                .help("its fields are `from`, `to`, `points` and `scale`"));
        }
    }
    let (from, unit) = bound(node, "from")?;
    let (to, to_unit) = bound(node, "to")?;
    if unit.trim() != to_unit.trim() {
        let message = format!(
            "`from` is in `{}` and `to` in `{}`",
            unit.trim(),
            to_unit.trim()
        );
        return Err(bad(node.span, message).help("write both in the same unit"));
    }
    let points = field(node, "points")?;
    let len = points
        .scalar()
        .and_then(super::Scalar::as_int)
        .and_then(|count| u64::try_from(count).ok())
        .filter(|count| *count >= 2)
        .ok_or_else(|| {
            bad(
                points.span,
                "`points` is a count of at least 2, because both ends are included",
            )
        })?;
    if from >= to {
        return Err(bad(
            node.span,
            format!("the range goes from {from} to {to} and must go up"),
        ));
    }
    let numbers = spacing(node, from, to)?;
    if from.between(to, len - 2, len - 1).is_none() {
        return Err(bad(
            node.span,
            "the numbers of the range have too many digits",
        ));
    }
    Ok(Range {
        numbers,
        unit,
        span: node.span,
        len,
    })
}

/// How the values lie between the ends.
fn spacing(node: &Node, from: Decimal, to: Decimal) -> Result<Numbers, Diagnostic> {
    let Some(scale) = node.get("scale") else {
        return Ok(Numbers::Linear { from, to });
    };
    match scale.scalar().map(|scalar| scalar.text.as_str()) {
        Some("linear") => Ok(Numbers::Linear { from, to }),
        Some("log") if from.is_positive() => Ok(Numbers::Log { from, to }),
        Some("log") => {
            let message = format!("a log scale starts above zero, not at {from}");
            Err(bad(node.span, message))
        }
        Some(_) | None => Err(bad(scale.span, "`scale` is `linear` or `log`")),
    }
}

fn field<'n>(node: &'n Node, key: &str) -> Result<&'n Node, Diagnostic> {
    node.get(key).ok_or_else(|| {
        bad(node.span, format!("the range lacks `{key}`"))
            .help("write `{from: a, to: b, points: n}`")
    })
}

/// A number with its unit, one of the two ends.
fn bound(node: &Node, key: &str) -> Result<(Decimal, String), Diagnostic> {
    let value = field(node, key)?;
    let text = value.scalar().map_or("", |scalar| scalar.text.as_str());
    let (number, unit) = split_decimal(text);
    match Decimal::read(number) {
        Some(number) if unit_like(unit) => Ok((number, unit.to_owned())),
        Some(_) | None => Err(bad(
            value.span,
            format!("`{key}` is a number, with a unit where one belongs"),
        )),
    }
}

/// `from · (to / from)^(part / whole)`, rounded to 12 significant digits; the ends are exact.
fn log_between(from: Decimal, to: Decimal, part: u64, whole: u64) -> Decimal {
    if part == 0 {
        return from;
    }
    if part == whole {
        return to;
    }
    let (low, high) = (from.as_f64(), to.as_f64());
    let value = low * math::pow(high / low, part as f64 / whole as f64);
    Decimal::round(value).expect("a number between two decimals is one")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::{SourceId, Sources};

    fn source() -> SourceId {
        Sources::default().add("x.yaml", "")
    }

    fn node(text: &str) -> Node {
        let end = text.len() as u32;
        Node::plain(
            text,
            Span {
                source: source(),
                start: 0,
                end,
            },
        )
    }

    fn values(text: &str) -> Vec<String> {
        let range = Range::from_node(&node(text))
            .expect("a good range")
            .expect("a range");
        range
            .nodes()
            .map(|node| node.scalar().expect("a scalar").text.clone())
            .collect()
    }

    fn message(text: &str) -> String {
        Range::from_node(&node(text))
            .expect_err("a bad range")
            .message
    }

    #[test]
    fn the_examples_of_the_language_have_their_lengths() {
        assert_eq!(values("1..256*2").len(), 9);
        assert_eq!(values("0..80+8").len(), 11);
        assert_eq!(values("1..100*10"), ["1", "10", "100"]);
        assert_eq!(values("1..10+4"), ["1", "5", "9"]);
        assert_eq!(
            values("250..1000+250 ms"),
            ["250 ms", "500 ms", "750 ms", "1000 ms"]
        );
        assert_eq!(values("3..5"), ["3", "4", "5"]);
        assert_eq!(values("-1..1+0.5"), ["-1", "-0.5", "0", "0.5", "1"]);
    }

    #[test]
    fn decimal_steps_are_written_as_a_person_would() {
        assert_eq!(values("0..1+0.1")[3], "0.3");
        assert_eq!(
            values("0.1..1*1.5"),
            ["0.1", "0.15", "0.225", "0.3375", "0.50625", "0.759375"]
        );
    }

    #[test]
    fn a_huge_range_is_not_written_out() {
        let range = Range::from_node(&node("1..10000000000"))
            .expect("good")
            .expect("a range");
        assert_eq!(range.len(), 10_000_000_000);
        assert_eq!(
            range.node(9_999_999_999).scalar().expect("a scalar").text,
            "10000000000"
        );
    }

    #[test]
    fn bad_ranges_say_why() {
        assert_eq!(message("9..1"), "the range goes down, from 9 to 1");
        assert_eq!(message("1..9+0"), "the step is 0 and must be positive");
        assert_eq!(message("1..9*1"), "the factor is 1 and must be above 1");
        assert_eq!(
            message("0..9*2"),
            "a range with a factor starts above zero, not at 0"
        );
        assert_eq!(message("1 ms..9 ms"), "`1 ms` is no number of a range");
        assert_eq!(message("1..2..3"), "`2..3` is no number of a range");
        assert!(
            message("1..1000000*1.0000001").starts_with("the factor 1.0000001 gives more than")
        );
    }

    #[test]
    fn paths_and_words_are_no_ranges() {
        for text in ["../data/*.csv", "a..b", "1.5", "v1..v2", "12.."] {
            assert_eq!(Range::from_node(&node(text)), Ok(None), "{text}");
        }
    }

    proptest! {
        #[test]
        fn ranges_match_a_naive_decimal_count(from in -500_i64..500, span in 0_i64..3000, step in 1_i64..400, scale in 0_usize..4) {
            let written = |digits: i64| {
                let sign = if digits < 0 { "-" } else { "" };
                let text = format!("{:0width$}", digits.abs(), width = scale + 1);
                let (whole, part) = text.split_at(text.len() - scale);
                if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
            };
            let naive: Vec<i64> = (from..=from + span).step_by(step as usize).collect();
            let text = format!("{}..{}+{}", written(from), written(from + span), written(step));
            let found: Vec<f64> = values(&text).iter().map(|text| text.parse().expect("a number")).collect();
            let expected: Vec<f64> = naive.iter().map(|digits| written(*digits).parse().expect("a number")).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn reading_a_range_never_panics(text in "[-+*0-9. a-zA-Z/%]{0,24}") {
            if let Ok(Some(range)) = Range::from_node(&node(&text)) {
                for index in [0, range.len() / 2, range.len() - 1] {
                    range.node(index);
                }
            }
        }
    }
}
