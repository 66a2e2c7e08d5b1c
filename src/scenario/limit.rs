//! Limits on metrics: `p99_ttft <= 2s`, and the units in which a metric may be limited.

use super::read::Reader;
use super::{Aggregate, Comparison, Node};
use crate::diag::{Code, Diagnostic, suggest};
use crate::record::{Column, Kind, Metric, Stat};
use crate::source::Span;
use crate::units::{Dimension, Parsed, QuantityError, parse_quantity};

/// A column by name; an unknown one is a finding with the nearest one.
pub(super) fn column(reader: &mut Reader, text: &str, span: Span) -> Option<Column> {
    let found = text.parse().ok();
    if found.is_none() {
        reader.push(unknown_metric(text, span));
    }
    found
}

pub(super) fn unknown_metric(text: &str, span: Span) -> Diagnostic {
    let names = column_names();
    let label = suggest(text, names.iter().map(String::as_str)).map_or_else(
        || "not a metric".to_owned(),
        |near| format!("not a metric; did you mean `{near}`?"),
    );
    Diagnostic::error(
        Code::UnknownMetric,
        format!("no metric or column is named `{text}`"),
        span,
    )
    .label(label)
    .help("`phantom explain <metric>` says what each one means")
}

/// Every column there can be.
fn column_names() -> Vec<String> {
    let mut names = Vec::new();
    for metric in Metric::ALL.iter().copied() {
        names.push(metric.name().to_owned());
        if metric.kind() == Kind::Distribution {
            names.extend(
                Stat::ALL
                    .into_iter()
                    .map(|stat| Column::stat(stat, metric).to_string()),
            );
        }
    }
    names
}

/// A limit as written, with its place.
pub(super) fn aggregate(reader: &mut Reader, node: &Node, currency: &str) -> Option<Aggregate> {
    let text = reader.text(node)?;
    let Some((name, comparison, limit)) = split(&text) else {
        reader.push(
            Diagnostic::error(
                Code::BadExpression,
                format!("`{text}` is not a limit"),
                node.span,
            )
            .label("expected a column, `<=`, `>=` or `==`, and a limit")
            .help("write it as `p99_ttft <= 2s`"),
        );
        return None;
    };
    let column = column(reader, name, node.span)?;
    let limit = value(reader, column.metric, limit, (node.span, currency))?;
    Some(Aggregate {
        column,
        comparison,
        limit,
        text,
        span: node.span,
    })
}

fn split(text: &str) -> Option<(&str, Comparison, &str)> {
    let operators = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("==", Comparison::Equal),
    ];
    operators.into_iter().find_map(|(operator, comparison)| {
        let (name, limit) = text.split_once(operator)?;
        let (name, limit) = (name.trim(), limit.trim());
        (!name.is_empty() && !limit.is_empty()).then_some((name, comparison, limit))
    })
}

/// A value of a metric in its base unit; its unit must be one of the metric's.
pub(super) fn value(
    reader: &mut Reader,
    metric: Metric,
    text: &str,
    (span, currency): (Span, &str),
) -> Option<f64> {
    if metric.unit() == "bool" {
        let flag = super::read::boolean(text);
        if flag.is_none() {
            reader.push(misfit(Code::WrongType, metric, text, span, "true"));
        }
        return flag.map(f64::from);
    }
    let mut error = None;
    for form in forms(metric) {
        match form.read(text) {
            Ok(parsed) => {
                let paid = parsed.currency.as_deref();
                if let Some(paid) = paid.filter(|paid| *paid != currency) {
                    reader.push(foreign(paid, currency, span));
                    return None;
                }
                return Some(parsed.value * form.times);
            }
            Err(other) => error = error.or(Some(other)),
        }
    }
    let code = match error {
        Some(QuantityError::MissingUnit) => Code::MissingUnit,
        Some(QuantityError::WrongUnit(_)) => Code::WrongUnit,
        Some(QuantityError::NotANumber(_)) | None => Code::WrongType,
        Some(QuantityError::OutOfRange(_)) => Code::BadValue,
    };
    reader.push(misfit(code, metric, text, span, forms(metric)[0].example));
    None
}

fn misfit(code: Code, metric: Metric, text: &str, span: Span, example: &str) -> Diagnostic {
    Diagnostic::error(
        code,
        format!("`{text}` is no limit of `{}`", metric.name()),
        span,
    )
    .label(format!("write it as `{example}`"))
}

/// "Another currency than the scenario's".
pub(super) fn foreign(paid: &str, currency: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::ForeignCurrency,
        format!("a price in {paid} where `pricing.currency` is {currency}"),
        span,
    )
    .label("nothing is converted")
    .help(format!("give the price in {currency}"))
}

/// One way to write a value of a metric.
struct Form {
    dimension: Dimension,
    /// A unit that only metrics have, stripped before reading.
    suffix: &'static str,
    /// From the dimension's base unit to the metric's.
    times: f64,
    example: &'static str,
}

impl Form {
    fn read(&self, text: &str) -> Result<Parsed, QuantityError> {
        let number = text.strip_suffix(self.suffix).unwrap_or(text).trim_end();
        parse_quantity(number, self.dimension)
    }
}

fn forms(metric: Metric) -> Vec<Form> {
    let form = |dimension, suffix, times, example| Form {
        dimension,
        suffix,
        times,
        example,
    };
    let first = match metric.unit() {
        "s" => form(Dimension::Time, "", 1.0, "200ms"),
        "B" => form(Dimension::Bytes, "", 1.0, "20GB"),
        "W" => form(Dimension::Power, "", 1.0, "350W"),
        "J" => form(Dimension::Energy, "", 1.0, "2J"),
        "req/s" => form(Dimension::RequestRate, "", 1.0, "4req/s"),
        "tok/s" => form(Dimension::Count, "tok/s", 1.0, "50 tok/s"),
        "sample/s" => form(Dimension::Count, "sample/s", 1.0, "1000 sample/s"),
        "gCO2e" => form(Dimension::Carbon, "", 1.0, "120gCO2e"),
        "currency" => form(Dimension::Money, "", 1.0, "900 USD"),
        _ if matches!(metric, Metric::RequestsPerCharge) => form(Dimension::Count, "", 1.0, "200"),
        _ => form(Dimension::Share, "", 1.0, "95%"),
    };
    let mut forms = vec![first];
    if metric == Metric::CostPerHour {
        forms.push(form(Dimension::MoneyRate, "", 3600.0, "4 USD/h"));
    }
    let per_tokens = [
        Metric::CostPerMtokInput,
        Metric::CostPerMtokOutput,
        Metric::CostPerMtokTotal,
    ];
    if per_tokens.contains(&metric) {
        forms.push(form(Dimension::MoneyPerToken, "", 1e6, "0.20 USD/Mtok"));
    }
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_can_be_limited_as_its_example_says() {
        for metric in Metric::ALL
            .iter()
            .copied()
            .filter(|metric| metric.unit() != "bool")
        {
            for form in forms(metric) {
                assert!(
                    form.read(form.example).is_ok(),
                    "{} {}",
                    metric.name(),
                    form.example
                );
            }
        }
    }

    #[test]
    fn a_limit_splits_at_its_operator() {
        assert_eq!(
            split("p99_ttft <= 2s"),
            Some(("p99_ttft", Comparison::AtMost, "2s"))
        );
        assert_eq!(
            split("memory_fits==true"),
            Some(("memory_fits", Comparison::Equal, "true"))
        );
        assert_eq!(split("p99_ttft < 2s"), None);
    }
}
