//! Reads `what_if`: variants of a model that are held against the point that answers.
//!
//! A variant is no point: it answers no question, and no objective must hold for it. An alias of `models` that only variants name
//! serves no point either.

use std::collections::BTreeSet;

use super::context::Context;
use super::precision::{self, Native};
use super::read::Reader;
use super::{Dimensions, ModelChoice, Node, Quality, Runtime, Variant, VariantModel, models};
use crate::diag::{Code, Diagnostic};

/// Aliases of `models` that variants name.
pub(super) fn named(root: &Node) -> impl Iterator<Item = &str> {
    let variants = root.get("what_if").map_or(&[][..], Node::items);
    variants.iter().filter_map(|variant| {
        let model = variant.get("distill")?.get("model")?;
        Some(model.scalar()?.text.as_str())
    })
}

/// The variants in the order written; `software` is that of the first point.
pub(super) fn read(
    context: &mut Context<'_>,
    node: Option<&Node>,
    software: Option<&Runtime>,
) -> Vec<Variant> {
    let items = node.map_or(&[][..], Node::items);
    let mut names = BTreeSet::new();
    let mut variants = Vec::new();
    for item in items {
        let Some(name) = context.reader.field(item, "name", Reader::text) else {
            continue;
        };
        if !names.insert(name.clone()) {
            context.reader.bad_value(
                item.span,
                format!("two variants are named `{name}`"),
                "a second one",
            );
            continue;
        }
        variants.extend(variant(context, item, name, software));
    }
    variants
}

fn variant(
    context: &mut Context<'_>,
    node: &Node,
    name: String,
    software: Option<&Runtime>,
) -> Option<Variant> {
    let precision = match (node.get("precision"), software) {
        (Some(node), Some(software)) => {
            let read = precision::read(context, Some(node), Native::default(), software)?;
            Some((read.precision, read.name))
        }
        (Some(_) | None, _) => None,
    };
    let model = match (node.get("prune"), node.get("distill")) {
        (Some(prune), Some(distill)) => {
            context.reader.push(
                Diagnostic::error(
                    Code::TwoForms,
                    "a variant is pruned or distilled, not both",
                    distill.span,
                )
                .label("a second form")
                .related(prune.span, "pruned here"),
            );
            return None;
        }
        (Some(prune), None) => Some(pruned(&mut context.reader, prune)?),
        (None, Some(distill)) => Some(distilled(context, distill)?),
        (None, None) => None,
    };
    let quality = match node.get("quality") {
        Some(node) => Some(quality(&mut context.reader, node)?),
        None => None,
    };
    if precision.is_none() && model.is_none() && quality.is_none() && software.is_some() {
        context.reader.bad_value(
            node.span,
            format!("`{name}` changes nothing"),
            "give `precision`, `prune`, `distill`, or the `quality` of the point as it is",
        );
    }
    Some(Variant {
        name,
        precision,
        model,
        quality,
    })
}

fn pruned(reader: &mut Reader, node: &Node) -> Option<VariantModel> {
    let mut share = |key: &str| {
        let Some(written) = node.get(key) else {
            return Some(0.0);
        };
        let share = reader.share(written)?;
        if share >= 1.0 {
            reader.bad_value(written.span, "nothing is left", "less than 100%");
            return None;
        }
        Some(share)
    };
    let (layers, ffn) = (share("layers")?, share("ffn")?);
    if layers <= 0.0 && ffn <= 0.0 {
        reader.bad_value(node.span, "nothing is cut", "give `layers` or `ffn`");
        return None;
    }
    Some(VariantModel::Pruned { layers, ffn })
}

/// The most that a dimension may be, far above any published model's.
const MOST: u32 = 1_000_000;

fn distilled(context: &mut Context<'_>, node: &Node) -> Option<VariantModel> {
    if let Some(name) = node.get("model") {
        let (alias, choice) = other(context, name)?;
        return Some(VariantModel::Other(alias, choice));
    }
    let mut count = |key: &str| {
        context.reader.field(node, key, |reader, node| {
            let count = reader.count32(node, 1)?;
            if count > MOST {
                let message = format!("`{count}` is more than any model has");
                reader.bad_value(node.span, message, "at most 1 000 000");
                return None;
            }
            Some(count)
        })
    };
    Some(VariantModel::Shaped(Dimensions {
        layers: count("layers"),
        hidden: count("hidden"),
        heads: count("heads"),
        kv_heads: count("kv_heads"),
        ffn: count("ffn"),
    }))
}

/// The model that an alias names.
fn other(context: &mut Context<'_>, name: &Node) -> Option<(String, ModelChoice)> {
    let (alias, entry) = models::named(context, name)?;
    let choice = models::read(context, &alias, entry)?.choice;
    Some((alias, choice))
}

fn quality(reader: &mut Reader, node: &Node) -> Option<Quality> {
    let score = reader.field(node, "score", Reader::number);
    let metric = reader.field(node, "metric", Reader::text);
    let source = reader.field(node, "source", Reader::text);
    Some(Quality {
        score: score?,
        metric: metric?,
        source: source?,
    })
}
