//! Reads `statistics`, `golden` and `report`.

use super::limit;
use super::objectives::unknown_axis;
use super::read::Reader;
use super::{
    AxisValue, Chart, GoldenRules, Node, OnMissing, OnNew, ReportOptions, Rigor, Statistics,
    Tolerance, Value, outputs,
};
use crate::diag::{Code, Diagnostic, suggest};
use crate::record::Column;

/// How results are judged.
pub(super) fn statistics(reader: &mut Reader, node: Option<&Node>) -> Statistics {
    let mut field = |key: &str, read: fn(&mut Reader, &Node) -> Option<f64>| {
        node.and_then(|node| reader.field(node, key, read))
    };
    let confidence = field("confidence", confidence);
    let max_error_rate = field("max_error_rate", Reader::share);
    let seed =
        node.and_then(|node| reader.field(node, "seed", |reader, node| reader.count(node, 0)));
    let rigor = node.and_then(|node| {
        reader.field(node, "rigor", |reader, node| {
            reader.choice(
                node,
                &[
                    ("quick", Rigor::Quick),
                    ("standard", Rigor::Standard),
                    ("mlperf", Rigor::Mlperf),
                ],
            )
        })
    });
    let percentiles = node
        .and_then(|node| node.get("percentiles"))
        .map(|node| percentiles(reader, node));
    Statistics {
        confidence: confidence.unwrap_or(0.95),
        seed: seed.unwrap_or(1),
        rigor: rigor.unwrap_or(Rigor::Standard),
        percentiles: percentiles.unwrap_or_else(|| vec![50.0, 90.0, 95.0, 99.0]),
        max_error_rate: max_error_rate.unwrap_or(0.01),
    }
}

fn confidence(reader: &mut Reader, node: &Node) -> Option<f64> {
    let value = reader.positive_share(node)?;
    if value >= 1.0 {
        reader.bad_value(
            node.span,
            "no interval holds with certainty",
            "must be less than 100%",
        );
        return None;
    }
    Some(value)
}

/// Percentiles that have a column of their own, sorted.
fn percentiles(reader: &mut Reader, node: &Node) -> Vec<f64> {
    const KNOWN: [f64; 5] = [50.0, 90.0, 95.0, 99.0, 99.9];
    let mut chosen = Vec::new();
    for item in node.items() {
        let Some(value) = reader.number(item) else {
            continue;
        };
        if KNOWN.contains(&value) {
            chosen.push(value);
        } else {
            reader.bad_value(
                item.span,
                format!("`{value}` is no percentile with a column"),
                "one of 50, 90, 95, 99, 99.9",
            );
        }
    }
    chosen.sort_by(f64::total_cmp);
    chosen.dedup();
    chosen
}

/// Rules of the golden comparison.
pub(super) fn golden(
    reader: &mut Reader,
    node: Option<&Node>,
    name: &str,
    currency: &str,
) -> GoldenRules {
    let default = || format!("golden/{name}.golden.json");
    let measured = node.and_then(|node| node.get("measured"));
    let mut share = |key: &str| measured.and_then(|node| reader.field(node, key, Reader::share));
    let (alpha, min_effect) = (share("alpha"), share("min_effect"));
    let on_new = node.and_then(|node| {
        reader.field(node, "on_new", |reader, node| {
            reader.choice(
                node,
                &[
                    ("auto", OnNew::Auto),
                    ("fail", OnNew::Fail),
                    ("warn", OnNew::Warn),
                ],
            )
        })
    });
    let on_missing = node.and_then(|node| {
        reader.field(node, "on_missing", |reader, node| {
            reader.choice(
                node,
                &[("fail", OnMissing::Fail), ("warn", OnMissing::Warn)],
            )
        })
    });
    let file = node.and_then(|node| reader.field(node, "file", Reader::text));
    let files = node
        .and_then(|node| node.get("files"))
        .map_or(&[][..], Node::items);
    let files = files.iter().filter_map(|item| reader.text(item)).collect();
    let tolerance = node.and_then(|node| node.get("tolerance"));
    GoldenRules {
        file: file.unwrap_or_else(default),
        tolerance: tolerance.map_or_else(Vec::new, |node| tolerances(reader, node, currency)),
        alpha: alpha.unwrap_or(0.01),
        min_effect: min_effect.unwrap_or(0.05),
        on_new: on_new.unwrap_or(OnNew::Auto),
        on_missing: on_missing.unwrap_or(OnMissing::Fail),
        files,
        span: node.map(|node| node.span),
        tolerance_spans: tolerance
            .map_or(&[][..], Node::entries)
            .iter()
            .map(|entry| (entry.key.clone(), entry.key_span))
            .collect(),
    }
}

fn tolerances(reader: &mut Reader, node: &Node, currency: &str) -> Vec<(String, Tolerance)> {
    let mut list = Vec::new();
    for entry in node.entries() {
        let column = named_column(reader, &entry.key, entry.key_span);
        let tolerance = match &entry.node.value {
            Value::Scalar(scalar) if scalar.text == "exact" => Some(Tolerance::Exact),
            Value::Scalar(scalar) if scalar.text == "ignore" => Some(Tolerance::Ignore),
            Value::Map(_) => within(reader, &entry.node, column, currency),
            Value::Scalar(_) | Value::List(_) => None,
        };
        list.extend(tolerance.map(|tolerance| (entry.key.clone(), tolerance)));
    }
    list
}

/// The column a tolerance names, where it is neither a glob nor `default`, a verdict or a bound.
fn named_column(reader: &mut Reader, text: &str, span: crate::source::Span) -> Option<Column> {
    let general = text == "default"
        || text.contains(['*', '?', '['])
        || text.starts_with("verdict.")
        || text.starts_with("bound.");
    if general {
        return None;
    }
    let column = text.split_once('.').map_or(text, |(column, _)| column);
    limit::column(reader, column, span)
}

fn within(
    reader: &mut Reader,
    node: &Node,
    column: Option<Column>,
    currency: &str,
) -> Option<Tolerance> {
    let rel = reader.field(node, "rel", Reader::share).unwrap_or(0.0);
    let Some(abs) = node.get("abs") else {
        return Some(Tolerance::Within { rel, abs: 0.0 });
    };
    let text = abs.scalar()?.text.clone();
    let abs = match column {
        Some(column) => limit::value(reader, column.metric, &text, (abs.span, currency))?,
        None if text == "0" => 0.0,
        None => {
            reader.bad_value(
                abs.span,
                "an absolute tolerance for columns of different units",
                "name one column, or use `rel`",
            );
            return None;
        }
    };
    Some(Tolerance::Within { rel, abs })
}

/// Title, charts and outputs.
pub(super) fn report(
    reader: &mut Reader,
    node: Option<&Node>,
    (name, axes): (&str, &[String]),
) -> ReportOptions {
    let title = node.and_then(|node| reader.field(node, "title", Reader::text));
    let charts = node.and_then(|node| node.get("charts"));
    let charts = charts.map(|list| {
        list.items()
            .iter()
            .filter_map(|item| chart(reader, item))
            .collect()
    });
    let redact = node
        .and_then(|node| node.get("redact"))
        .map_or(&[][..], Node::items);
    let redact = redact
        .iter()
        .filter_map(|item| glob(reader, item))
        .collect();
    let listed = node.and_then(|node| node.get("outputs"));
    ReportOptions {
        title: title.unwrap_or_else(|| name.to_owned()),
        baseline: baseline(reader, node.and_then(|node| node.get("baseline")), axes),
        charts,
        redact,
        outputs: listed.map_or_else(outputs::five_files, |list| outputs::outputs(reader, list)),
    }
}

/// A glob over paths of the results document.
fn glob(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node)?;
    if let Err(error) = glob::Pattern::new(&text) {
        let message = format!("`{text}` is not a pattern of paths");
        reader.bad_value(node.span, message, error.msg);
        return None;
    }
    Some(text)
}

fn chart(reader: &mut Reader, node: &Node) -> Option<Chart> {
    let text = reader.text(node)?;
    let chart = Chart::from_name(&text);
    if chart.is_none() {
        let names = Chart::ALL.iter().map(|chart| chart.name());
        let label = suggest(&text, names.clone()).map_or_else(
            || "not a chart".to_owned(),
            |near| format!("not a chart; did you mean `{near}`?"),
        );
        let help = format!("the charts are {}", names.collect::<Vec<_>>().join(", "));
        reader.push(
            Diagnostic::error(
                Code::UnknownChart,
                format!("no chart has the id `{text}`"),
                node.span,
            )
            .label(label)
            .help(help),
        );
    }
    chart
}

fn baseline(reader: &mut Reader, node: Option<&Node>, axes: &[String]) -> Vec<(String, AxisValue)> {
    let mut values = Vec::new();
    for entry in node.map_or(&[][..], Node::entries) {
        if axes.contains(&entry.key) {
            values.push((entry.key.clone(), AxisValue::of(&entry.node)));
        } else {
            let mut unknown = unknown_axis(&entry.key, &entry.node, axes);
            unknown.span = Some(entry.key_span);
            reader.push(unknown);
        }
    }
    values
}
