//! Which points a filter chooses.

use super::text::{self, FilterError};
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::scenario::environment::part_span;
use crate::scenario::expression::{ExprValue, are_equal, ordering};
use crate::scenario::{AxisValue, Node, Range, Scalar, Value};
use crate::source::Span;

/// Which points are meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// A point is chosen when all terms of one of these hold.
    pub(super) alternatives: Vec<Vec<Term>>,
}

/// One comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Term {
    pub axis: String,
    pub sign: Sign,
    /// As written, and what they mean.
    pub values: Vec<(String, ExprValue)>,
    pub span: Option<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// What a filter looks like.
const FORM: &str =
    "write `axis=value`, joined by `,` (and) or `|` (or): `model=llama8b,concurrency<=32`";

impl Filter {
    /// Reads the text of `--points`.
    ///
    /// ```
    /// use phantom::scenario::{AxisValue, Filter};
    ///
    /// let filter = Filter::parse("model=llama8b|llama70b,concurrency<=32")?;
    /// let point = [("model".into(), AxisValue::Text("llama8b".into())), ("concurrency".into(), AxisValue::Int(64))];
    /// assert!(!filter.matches(&point));
    /// # Ok::<(), phantom::scenario::FilterError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FilterError`] with the part that is wrong.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        text::alternatives(text).map(|alternatives| Self { alternatives })
    }

    /// Reads `points:` or another filter of the document: text, or a map of value, list or range.
    ///
    /// # Errors
    ///
    /// Every problem with its place.
    pub fn from_node(node: &Node) -> Result<Self, Diagnostics> {
        match &node.value {
            Value::Scalar(scalar) if !node.is_null() => {
                let mut filter = Self::parse(&scalar.text)
                    .map_err(|error| misread(&error, scalar, node.span))?;
                for term in filter.alternatives.iter_mut().flatten() {
                    term.span = Some(node.span);
                }
                Ok(filter)
            }
            Value::Map(_) => from_map(node),
            Value::List(_) | Value::Scalar(_) => {
                let problem =
                    Diagnostic::error(Code::WrongType, "a filter is text or a map", node.span);
                Err(problem
                    .label(format!("found {}", node.kind()))
                    .help(FORM)
                    .into())
            }
        }
    }

    /// Checks that every name is one of `known`.
    ///
    /// # Errors
    ///
    /// `unknown-axis` for each that is not, with the nearest known name.
    pub fn check(&self, known: &[&str]) -> Result<(), Diagnostics> {
        let mut problems = Diagnostics::default();
        for term in self.alternatives.iter().flatten() {
            if known.contains(&term.axis.as_str()) {
                continue;
            }
            let near = suggest(&term.axis, known.iter().copied());
            let label = match near {
                Some(near) => format!("no axis of this scenario; did you mean `{near}`?"),
                None => "no axis of this scenario".to_owned(),
            };
            let message = format!("no point has a field named `{}`", term.axis);
            let problem = Diagnostic::error(Code::UnknownAxis, message, term.span).label(label);
            let help = if known.is_empty() {
                "this scenario has one point and no axes".to_owned()
            } else {
                format!("the axes are {}", known.join(", "))
            };
            problems.push(problem.help(help));
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// The names it compares.
    pub fn axes(&self) -> impl Iterator<Item = &str> {
        self.alternatives
            .iter()
            .flatten()
            .map(|term| term.axis.as_str())
    }

    /// True when the point with these values is chosen. A field that the point does not have is unlike everything.
    pub fn matches(&self, axes: &[(String, AxisValue)]) -> bool {
        let holds = |term: &Term| {
            let value = axes
                .iter()
                .find(|(name, _)| *name == term.axis)
                .map(|(_, value)| value);
            term.holds(value)
        };
        self.alternatives
            .iter()
            .any(|terms| terms.iter().all(holds))
    }
}

impl Term {
    fn holds(&self, value: Option<&AxisValue>) -> bool {
        let Some(value) = value.map(meaning) else {
            return self.sign == Sign::NotEqual;
        };
        let order = |wanted: &ExprValue| ordering(&value, wanted);
        let mut wanted = self.values.iter().map(|(_, wanted)| wanted);
        match self.sign {
            Sign::Equal => wanted.any(|wanted| are_equal(&value, wanted)),
            Sign::NotEqual => !wanted.any(|wanted| are_equal(&value, wanted)),
            Sign::Less => wanted.any(|wanted| order(wanted).is_some_and(std::cmp::Ordering::is_lt)),
            Sign::AtMost => {
                wanted.any(|wanted| order(wanted).is_some_and(std::cmp::Ordering::is_le))
            }
            Sign::Greater => {
                wanted.any(|wanted| order(wanted).is_some_and(std::cmp::Ordering::is_gt))
            }
            Sign::AtLeast => {
                wanted.any(|wanted| order(wanted).is_some_and(std::cmp::Ordering::is_ge))
            }
        }
    }
}

fn meaning(value: &AxisValue) -> ExprValue {
    match value {
        AxisValue::Bool(truth) => ExprValue::Bool(*truth),
        AxisValue::Int(number) => ExprValue::Number(*number as f64),
        AxisValue::Float(number) => ExprValue::Number(*number),
        AxisValue::Text(text) => ExprValue::of(&Scalar::plain(text.as_str())),
    }
}

fn misread(error: &FilterError, scalar: &Scalar, span: Span) -> Diagnostics {
    let (start, end) = error.place;
    let place = part_span(scalar, span, start, end.saturating_sub(start));
    Diagnostic::error(
        Code::BadValue,
        format!("the filter cannot be read: {error}"),
        place,
    )
    .help(FORM)
    .into()
}

fn from_map(node: &Node) -> Result<Filter, Diagnostics> {
    let mut problems = Diagnostics::default();
    let mut terms = Vec::new();
    for entry in node.entries() {
        match wanted(&entry.node) {
            Ok(values) => terms.push(Term {
                axis: entry.key.clone(),
                sign: Sign::Equal,
                values,
                span: Some(entry.key_span),
            }),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() {
        Ok(Filter {
            alternatives: vec![terms],
        })
    } else {
        Err(problems)
    }
}

/// Values of a range that are written out in a filter.
const MAX_VALUES: u64 = 100_000;

fn wanted(node: &Node) -> Result<Vec<(String, ExprValue)>, Diagnostic> {
    let value = |node: &Node| match node.scalar() {
        Some(scalar) if !node.is_null() => Ok((
            scalar.text.clone(),
            ExprValue::of(&Scalar::plain(scalar.text.as_str())),
        )),
        Some(_) | None => Err(Diagnostic::error(
            Code::WrongType,
            "a filter compares with single values",
            node.span,
        )
        .label(format!("found {}", node.kind()))),
    };
    match Range::from_node(node)? {
        Some(range) if range.len() > MAX_VALUES => {
            let message = format!(
                "the range has {} values, more than the {MAX_VALUES} allowed here",
                range.len()
            );
            Err(Diagnostic::error(Code::BadRange, message, node.span))
        }
        Some(range) => range.nodes().map(|node| value(&node)).collect(),
        None if matches!(node.value, Value::List(_)) => node.items().iter().map(value).collect(),
        None => Ok(vec![value(node)?]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chosen(filter: &str, point: &[(&str, &str)]) -> bool {
        let axes: Vec<(String, AxisValue)> = point
            .iter()
            .map(|(name, value)| {
                let value = value
                    .parse()
                    .map_or_else(|_| AxisValue::Text((*value).to_owned()), AxisValue::Int);
                ((*name).to_owned(), value)
            })
            .collect();
        Filter::parse(filter).expect("a filter").matches(&axes)
    }

    #[test]
    fn comma_is_and_and_a_bar_is_or() {
        let point = [("model", "a"), ("concurrency", "32")];
        assert!(chosen("model=a,concurrency<=32", &point));
        assert!(!chosen("model=a,concurrency<32", &point));
        assert!(chosen("model=b|a,concurrency>=16", &point));
        assert!(chosen("model=b,concurrency<=4|model=a", &point));
        assert!(!chosen(
            "model=b,concurrency<=4|model=a,concurrency>64",
            &point
        ));
        assert!(chosen("concurrency=1|8|32", &point));
        assert!(!chosen("model!=b|a", &point));
    }

    #[test]
    fn quantities_compare_by_amount() {
        let point = [("speed", "5600MT/s"), ("limit", "500 ms")];
        assert!(chosen("speed=5600 MT/s,limit<1s", &point));
        assert!(!chosen("limit<10", &point));
        assert!(chosen("absent!=3", &point) && !chosen("absent=3", &point));
    }

    #[test]
    fn quoted_values_may_hold_signs() {
        assert!(chosen("x=\"a,b=c\"", &[("x", "a,b=c")]));
        let text = "x=\"a,b=c\"|2,y<=3|z!=\"\"\"\"";
        assert_eq!(Filter::parse(text).expect("a filter").to_string(), text);
    }

    #[test]
    fn what_is_no_filter_says_where() {
        let place = |text: &str| Filter::parse(text).expect_err("no filter");
        assert_eq!(
            place("model=a,b"),
            FilterError {
                message: "`b` compares nothing".into(),
                place: (8, 9)
            }
        );
        assert_eq!(
            place("=a").message,
            "a name is missing before the comparison"
        );
        assert_eq!(place("a=").message, "a value is missing");
        assert_eq!(place("a='").message, "the quote is never closed");
        assert_eq!(place("").message, "`` compares nothing");
    }

    proptest! {
        #[test]
        fn reading_a_filter_never_panics(text in "[a-z=<>!,|'\" 0-9]{0,30}") {
            if let Ok(filter) = Filter::parse(&text) {
                let again = Filter::parse(&filter.to_string()).expect("a printed filter reads");
                prop_assert_eq!(again.to_string(), filter.to_string());
            }
        }
    }
}
