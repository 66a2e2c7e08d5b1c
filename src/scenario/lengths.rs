//! Reads lengths: a number of tokens, fixed or drawn.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::{Lengths, Node};

/// A length of a point; `None` where it cannot be read.
pub(super) fn read(context: &mut Context<'_>, node: &Node) -> Option<Lengths> {
    if node.scalar().is_some() {
        return context.reader.count(node, 1).map(Lengths::Fixed);
    }
    let kind = node.get("dist")?.scalar()?.text.clone();
    match kind.as_str() {
        "fixed" => context
            .reader
            .field(node, "value", |reader, node| reader.count(node, 1))
            .map(Lengths::Fixed),
        "normal" | "lognormal" => bell(context, node, &kind),
        "uniform" => uniform(context, node),
        "empirical" => empirical(context, node),
        "mixture" => mixture(context, node),
        _ => None,
    }
}

/// A normal or lognormal length by its own mean and spread.
fn bell(context: &mut Context<'_>, node: &Node, kind: &str) -> Option<Lengths> {
    let reader = &mut context.reader;
    let mean_node = node.get("mean")?;
    let mean = reader.number(mean_node)?;
    if mean < 1.0 {
        reader.bad_value(
            mean_node.span,
            "a mean length of less than one token",
            "at least 1",
        );
        return None;
    }
    let cv = reader.field(node, "cv", super::read::Reader::number);
    let std = reader.field(node, "std", super::read::Reader::number);
    let spread = match (node.get("cv"), node.get("std")) {
        (Some(_), None) => cv? * mean,
        (None, Some(_)) => std?,
        (None, None) => {
            reader.bad_value(
                node.span,
                "the spread of the lengths is missing",
                "needs `cv` or `std`",
            );
            return None;
        }
        (Some(_), Some(std)) => {
            reader.bad_value(
                std.span,
                "the spread of the lengths is given twice",
                "give `cv` or `std`, not both",
            );
            return None;
        }
    };
    let min = reader.field(node, "min", |reader, node| reader.count(node, 1));
    let max = reader.field(node, "max", |reader, node| reader.count(node, 1));
    let inside =
        min.is_none_or(|min| min as f64 <= mean) && max.is_none_or(|max| max as f64 >= mean);
    if !inside {
        let message = format!("the mean {mean} lies outside the limits");
        reader.bad_value(mean_node.span, message, "must lie between `min` and `max`");
        return None;
    }
    Some(if kind == "normal" {
        Lengths::Normal {
            mean,
            std: spread,
            min,
            max,
        }
    } else {
        Lengths::Lognormal {
            mean,
            std: spread,
            min,
            max,
        }
    })
}

fn uniform(context: &mut Context<'_>, node: &Node) -> Option<Lengths> {
    let reader = &mut context.reader;
    let min = reader.field(node, "min", |reader, node| reader.count(node, 1))?;
    let max = reader.field(node, "max", |reader, node| reader.count(node, 1))?;
    if min > max {
        reader.bad_value(
            node.span,
            format!("`min` {min} is more than `max` {max}"),
            "limits the wrong way round",
        );
        return None;
    }
    Some(Lengths::Uniform { min, max })
}

fn empirical(context: &mut Context<'_>, node: &Node) -> Option<Lengths> {
    let (values, weights) = match (node.get("file"), node.get("values")) {
        (Some(file), None) => (column(context, node, file)?, None),
        (None, Some(values)) => listed(context, node, values)?,
        (Some(_), Some(values)) => {
            context.reader.bad_value(
                values.span,
                "the lengths are given twice",
                "give `file` or `values`, not both",
            );
            return None;
        }
        (None, None) => {
            context.reader.bad_value(
                node.span,
                "the lengths are missing",
                "needs `file` and `column`, or `values`",
            );
            return None;
        }
    };
    let weights = weights.unwrap_or_else(|| vec![1.0; values.len()]);
    let total: f64 = weights.iter().sum();
    if values.is_empty() || total <= 0.0 {
        context.reader.bad_value(
            node.span,
            "there are no lengths to draw from",
            "no value has a weight",
        );
        return None;
    }
    let mut by_value = BTreeMap::<u64, f64>::new();
    for (value, weight) in values.iter().zip(&weights) {
        *by_value.entry(*value).or_default() += weight / total;
    }
    Some(Lengths::Empirical(
        by_value.into_iter().collect::<Vec<_>>().into(),
    ))
}

fn listed(
    context: &mut Context<'_>,
    node: &Node,
    values: &Node,
) -> Option<(Vec<u64>, Option<Vec<f64>>)> {
    let reader = &mut context.reader;
    let items = reader.list(values)?;
    let read: Option<Vec<u64>> = items.iter().map(|item| reader.count(item, 1)).collect();
    let Some(weights) = node.get("weights") else {
        return Some((read?, None));
    };
    let shares = reader.list(weights)?;
    let shares: Option<Vec<f64>> = shares.iter().map(|item| reader.number(item)).collect();
    let (read, shares) = (read?, shares?);
    if read.len() != shares.len() {
        let message = format!("{} values and {} weights", read.len(), shares.len());
        reader.bad_value(weights.span, message, "one weight for each value");
        return None;
    }
    Some((read, Some(shares)))
}

/// A column of a CSV file.
fn column(context: &mut Context<'_>, node: &Node, file: &Node) -> Option<Vec<u64>> {
    let Some(name_node) = node.get("column") else {
        context.reader.bad_value(
            node.span,
            "the column of the lengths is missing",
            "needs `column`",
        );
        return None;
    };
    let name = context.reader.text(name_node)?;
    let (_, read) = context.file(file)?;
    let mut table = csv::Reader::from_reader(read.bytes.as_ref());
    let header = table.headers().cloned().unwrap_or_default();
    let Some(index) = header.iter().position(|column| column.trim() == name) else {
        let near = crate::diag::suggest(&name, header.iter())
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        let message = format!("{} has no column `{name}`", read.listed.path);
        context
            .reader
            .bad_value(name_node.span, message, &format!("no such column{near}"));
        return None;
    };
    let mut lengths = Vec::new();
    for (row, record) in table.records().enumerate() {
        let length = record
            .ok()
            .and_then(|record| record.get(index)?.trim().parse::<u64>().ok());
        match length {
            Some(length) if length > 0 => lengths.push(length),
            Some(_) | None => {
                let message = format!(
                    "row {} of {} holds no length in `{name}`",
                    row + 2,
                    read.listed.path
                );
                context
                    .reader
                    .bad_value(name_node.span, message, "whole numbers of at least 1");
                return None;
            }
        }
    }
    Some(lengths)
}

fn mixture(context: &mut Context<'_>, node: &Node) -> Option<Lengths> {
    let of = node.get("of")?;
    let items = context.reader.list(of)?.to_vec();
    let mut parts = Vec::new();
    for item in &items {
        let weight = context
            .reader
            .field(item, "weight", super::read::Reader::number);
        let part = read(context, item);
        parts.push((weight?, part?));
    }
    let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
    if total <= 0.0 {
        context.reader.bad_value(
            of.span,
            "the weights of the parts add up to nothing",
            "no part has a weight",
        );
        return None;
    }
    let parts: Arc<[(f64, Lengths)]> = parts
        .into_iter()
        .map(|(weight, part)| (weight / total, part))
        .collect();
    Some(Lengths::Mixture(parts))
}
