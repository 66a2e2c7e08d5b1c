//! Reads `pricing`, but for the price of each node.

use std::collections::BTreeMap;

use super::context::Context;
use super::rates::{self, CATALOG_CURRENCY, Terms, money};
use super::read::Reader;
use super::{ApiPrice, Node, Pricing, Purchase, Rate, Spot};
use crate::diag::{Code, Diagnostic, suggest};
use crate::units::{Dimension, Seconds, percent};

/// The prices; `None` where the scenario has no `pricing`.
pub(super) fn read(
    context: &mut Context<'_>,
    node: Option<&Node>,
    aliases: &[&str],
) -> Option<Pricing> {
    let node = node?;
    let currency = currency(&mut context.reader, node);
    let as_of = context.reader.field(node, "as_of", Reader::date);
    let purchase = purchases(context, node);
    let utilization = utilization(context, node);
    let spot = node.get("spot").and_then(|node| spot(context, node));
    let terms = Terms {
        currency: &currency,
        as_of: as_of.as_deref(),
        purchase: &purchase,
    };
    let mut rates = BTreeMap::new();
    for entry in node.get("rates").map_or(&[][..], Node::entries) {
        if !aliases.contains(&entry.key.as_str()) {
            context
                .reader
                .push(unknown_alias(&entry.key, entry.key_span, aliases));
            continue;
        }
        if let Some(rate) = rates::read(context, &entry.key, &entry.node, &terms) {
            rates.insert(entry.key.clone(), rate);
        }
    }
    let compare_api = compare(context, node, &terms);
    let uses_prices = !rates.is_empty() || !compare_api.is_empty();
    if uses_prices && node.get("as_of").is_none() {
        context.reader.push(
            Diagnostic::error(
                Code::NoPriceDate,
                "prices are used and `pricing.as_of` does not say of which day",
                node.span,
            )
            .label("needs `as_of`")
            .help("write `as_of: 2026-11-01`"),
        );
    }
    missing(context, node, (&rates, aliases), &purchase);
    assume_of_spot(context, &rates, spot);
    Some(Pricing {
        currency,
        as_of,
        purchase,
        utilization,
        spot,
        rates,
        compare_api,
    })
}

/// The currency of the scenario.
pub(super) fn currency(reader: &mut Reader, node: &Node) -> String {
    let Some(node) = node.get("currency") else {
        return CATALOG_CURRENCY.to_owned();
    };
    let Some(text) = reader.text(node) else {
        return CATALOG_CURRENCY.to_owned();
    };
    if text.len() != 3 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        reader.bad_value(
            node.span,
            format!("`{text}` is not a currency"),
            "three capital letters, `USD`",
        );
    }
    text
}

fn purchases(context: &mut Context<'_>, node: &Node) -> Vec<Purchase> {
    let Some(list) = node.get("purchase") else {
        return vec![Purchase::OnDemand];
    };
    // One value of an axis stands for a list of one.
    let items = match list.scalar() {
        Some(_) => std::slice::from_ref(list),
        None => list.items(),
    };
    let known: Vec<(&'static str, Purchase)> = Purchase::ALL
        .iter()
        .map(|purchase| (purchase.name(), *purchase))
        .collect();
    let mut chosen = Vec::new();
    for item in items {
        let Some(purchase) = context.reader.choice(item, &known) else {
            continue;
        };
        if chosen.contains(&purchase) {
            context.reader.bad_value(
                item.span,
                format!("`{}` is listed twice", purchase.name()),
                "a second time",
            );
        } else {
            chosen.push(purchase);
        }
    }
    if chosen.is_empty() {
        chosen.push(Purchase::OnDemand);
    }
    chosen
}

fn spot(context: &mut Context<'_>, node: &Node) -> Option<Spot> {
    let reader = &mut context.reader;
    let interruptions = reader.field(node, "interruptions_per_node_day", Reader::number)?;
    if let Some(node) = node
        .get("interruptions_per_node_day")
        .filter(|_| interruptions < 0.0)
    {
        reader.bad_value(node.span, "fewer interruptions than none", "at least 0");
        return None;
    }
    let restart = reader.field(node, "restart", |reader, node| {
        reader.amount(node, Dimension::Time)
    });
    Some(Spot {
        interruptions_per_node_day: interruptions,
        restart: restart.map(Seconds::new),
    })
}

/// What is taken of interruptions where spot has a price and the scenario does not say.
fn assume_of_spot(context: &mut Context<'_>, rates: &BTreeMap<String, Rate>, spot: Option<Spot>) {
    let priced = |rate: &Rate| rate.prices.contains_key(&Purchase::Spot);
    if !rates.values().any(priced) {
        return;
    }
    match spot {
        None => context.assume(
            "pricing.spot.interruptions_per_node_day",
            "0",
            "not stated: spot nodes count as never interrupted, which flatters spot",
        ),
        Some(Spot { restart: None, .. }) => context.assume(
            "pricing.spot.restart",
            "0 s",
            "not stated: an interrupted spot node counts as replaced at once, which flatters spot",
        ),
        Some(Spot {
            restart: Some(_), ..
        }) => {}
    }
}

fn utilization(context: &mut Context<'_>, node: &Node) -> f64 {
    if let Some(node) = node.get("utilization") {
        return context.reader.positive_share(node).unwrap_or(1.0);
    }
    context.assume(
        "pricing.utilization",
        percent(1.0, 3),
        "default: every paid hour serves",
    );
    1.0
}

fn unknown_alias(name: &str, span: crate::source::Span, aliases: &[&str]) -> Diagnostic {
    let label = suggest(name, aliases.iter().copied()).map_or_else(
        || "not under `hardware`".to_owned(),
        |near| format!("not under `hardware`; did you mean `{near}`?"),
    );
    Diagnostic::error(
        Code::UnknownHardware,
        format!("a rate for `{name}`, which is no hardware here"),
        span,
    )
    .label(label)
}

fn compare(context: &mut Context<'_>, node: &Node, terms: &Terms<'_>) -> Vec<ApiPrice> {
    let reader = &mut context.reader;
    node.get("compare_api")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(|item| {
            let name = reader.field(item, "name", Reader::text);
            let mut token = |key| {
                item.get(key)
                    .and_then(|node| money(reader, node, Dimension::MoneyPerToken, terms))
            };
            let (input, output) = (token("input"), token("output"));
            let source = reader.field(item, "source", Reader::text);
            Some(ApiPrice {
                name: name?,
                input: input?,
                output: output?,
                source: source?,
            })
        })
        .collect()
}

/// Says which hardware has no price, and for which purchase.
fn missing(
    context: &mut Context<'_>,
    node: &Node,
    (rates, aliases): (&BTreeMap<String, Rate>, &[&str]),
    purchase: &[Purchase],
) {
    let Some(listed) = node.get("rates") else {
        return;
    };
    for alias in aliases {
        let Some(entry) = listed.entries().iter().find(|entry| entry.key == *alias) else {
            context.reader.push(
                Diagnostic::note(
                    Code::PriceMissing,
                    format!("`{alias}` has no rate; it has no cost"),
                    listed.span,
                )
                .label(format!("nothing for `{alias}`")),
            );
            continue;
        };
        let Some(rate) = rates.get(*alias) else {
            continue;
        };
        for purchase in purchase.iter().filter(|purchase| {
            rate.paid(**purchase).is_none() && entry.node.get(purchase.name()).is_none()
        }) {
            context.reader.push(
                Diagnostic::note(
                    Code::PriceMissing,
                    format!(
                        "`{alias}` has no price for `{}`; that cost is absent",
                        purchase.name()
                    ),
                    entry.key_span,
                )
                .label("no such price"),
            );
        }
    }
}
