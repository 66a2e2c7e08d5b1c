//! Reads `pricing`.

use std::collections::BTreeMap;

use super::context::Context;
use super::limit::foreign;
use super::read::Reader;
use super::{ApiPrice, Node, OwnedRate, Pricing, Purchase, Rate, RateSource, date};
use crate::catalog::{Price, PurchaseKind};
use crate::diag::{Code, Diagnostic, suggest};
use crate::units::{Dimension, Money, Seconds, percent, significant};

/// Catalogue prices older than this at the scenario's date are a warning.
const OLD_DAYS: i64 = 90;

/// Currency of every price of the catalogue.
const CATALOG_CURRENCY: &str = "USD";

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
    let spot = node.get("spot").and_then(|spot| {
        context
            .reader
            .field(spot, "interruptions_per_node_day", Reader::number)
    });
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
        if let Some(rate) = rate(context, &entry.key, &entry.node, &terms) {
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
    Some(Pricing {
        currency,
        as_of,
        purchase,
        utilization,
        spot_interruptions_per_node_day: spot,
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

struct Terms<'a> {
    currency: &'a str,
    as_of: Option<&'a str>,
    purchase: &'a [Purchase],
}

fn purchases(context: &mut Context<'_>, node: &Node) -> Vec<Purchase> {
    let Some(list) = node.get("purchase") else {
        return vec![Purchase::OnDemand];
    };
    let known: Vec<(&'static str, Purchase)> = Purchase::ALL
        .iter()
        .map(|purchase| (purchase.name(), *purchase))
        .collect();
    let mut chosen = Vec::new();
    for item in list.items() {
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

fn utilization(context: &mut Context<'_>, node: &Node) -> f64 {
    match node.get("utilization") {
        Some(node) => context.reader.positive_share(node).unwrap_or(1.0),
        None => {
            context.assume(
                "pricing.utilization",
                percent(1.0, 3),
                "default: every paid hour serves",
            );
            1.0
        }
    }
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

fn rate(context: &mut Context<'_>, alias: &str, node: &Node, terms: &Terms<'_>) -> Option<Rate> {
    let explicit: Vec<Purchase> = Purchase::ALL
        .iter()
        .copied()
        .filter(|purchase| node.get(purchase.name()).is_some())
        .collect();
    if let Some(owned) = node.get("owned") {
        for other in node.entries().iter().filter(|entry| entry.key != "owned") {
            context.reader.push(
                Diagnostic::error(
                    Code::TwoForms,
                    "a machine that is owned has no rent",
                    other.key_span,
                )
                .label(format!("`{}` does not go with `owned`", other.key))
                .related(owned.span, "owned here"),
            );
        }
        return self::owned(context, owned, terms).map(Rate::Owned);
    }
    match (node.get("catalog"), explicit.as_slice()) {
        (Some(catalog), []) => from_catalog(context, (alias, node), catalog, terms),
        (Some(catalog), [first, ..]) => {
            let second = node.get(first.name()).map_or(node.span, |node| node.span);
            context.reader.push(
                Diagnostic::error(Code::TwoForms, "the price is given twice", second)
                    .label(format!("`{}` is a second price", first.name()))
                    .related(catalog.span, "the catalogue's price is asked for here"),
            );
            None
        }
        (None, []) => {
            context.reader.push(
                Diagnostic::error(
                    Code::MissingKey,
                    format!("the price of `{alias}` is missing"),
                    node.span,
                )
                .label("no price")
                .help("give `catalog`, an explicit price such as `on_demand`, or `owned`"),
            );
            None
        }
        (None, purchases) => explicit_prices(context, node, purchases, terms),
    }
}

fn money(
    reader: &mut Reader,
    node: &Node,
    dimension: Dimension,
    terms: &Terms<'_>,
) -> Option<Money> {
    let parsed = reader.quantity(node, dimension)?;
    if let Some(paid) = parsed
        .currency
        .as_deref()
        .filter(|paid| *paid != terms.currency)
    {
        reader.push(foreign(paid, terms.currency, node.span));
        return None;
    }
    Some(Money::new(parsed.value))
}

fn explicit_prices(
    context: &mut Context<'_>,
    node: &Node,
    purchases: &[Purchase],
    terms: &Terms<'_>,
) -> Option<Rate> {
    let reader = &mut context.reader;
    let source = reader.field(node, "source", Reader::text);
    if node.get("source").is_none() {
        reader.push(
            Diagnostic::error(
                Code::MissingKey,
                "an explicit price needs its source",
                node.span,
            )
            .label("needs `source`")
            .help("write `source: quote 2026-10-14`"),
        );
    }
    if let Some(share) = node.get("share") {
        reader.bad_value(
            share.span,
            "`share` belongs to a price of the catalogue",
            "give the price of one node instead",
        );
    }
    let mut prices = BTreeMap::new();
    for purchase in purchases.iter().copied() {
        let price = node
            .get(purchase.name())
            .and_then(|node| money(reader, node, Dimension::MoneyRate, terms));
        if let Some(per_second) = price {
            let source = source.clone().unwrap_or_default();
            prices.insert(
                purchase,
                RateSource {
                    per_second,
                    source,
                    as_of: None,
                },
            );
        }
    }
    Some(Rate::Rented { prices })
}

const fn kind(purchase: Purchase) -> PurchaseKind {
    match purchase {
        Purchase::OnDemand => PurchaseKind::OnDemand,
        Purchase::Spot => PurchaseKind::Spot,
        Purchase::Reserved1y => PurchaseKind::Reserved1y,
        Purchase::Reserved3y => PurchaseKind::Reserved3y,
    }
}

fn from_catalog(
    context: &mut Context<'_>,
    (alias, node): (&str, &Node),
    name: &Node,
    terms: &Terms<'_>,
) -> Option<Rate> {
    let path = context.reader.text(name)?;
    let share = context
        .reader
        .field(node, "share", Reader::positive_share)
        .unwrap_or(1.0);
    let known = Purchase::ALL
        .iter()
        .any(|purchase| context.catalog.price(&path, kind(*purchase)).is_some());
    if !known {
        let near = context.catalog.suggest_price(&path);
        context.reader.push(super::hardware::unknown(
            Code::UnknownPrice,
            "instance",
            &path,
            name,
            near,
        ));
        return None;
    }
    if terms.currency != CATALOG_CURRENCY {
        context
            .reader
            .push(foreign(CATALOG_CURRENCY, terms.currency, name.span));
        return None;
    }
    let mut prices = BTreeMap::new();
    for purchase in terms.purchase.iter().copied() {
        let Some(price) = context.catalog.price(&path, kind(purchase)).cloned() else {
            continue;
        };
        context.used(
            format!("pricing.rates.{alias}.{}", purchase.name()),
            in_words(&price, share),
            &price.provenance,
        );
        warn_if_old(context, name, &price, terms.as_of);
        let per_second = Money::new(price.usd_per_hour.get() * share / 3600.0);
        prices.insert(
            purchase,
            RateSource {
                per_second,
                source: price.path(),
                as_of: Some(price.provenance.as_of.clone()),
            },
        );
    }
    Some(Rate::Rented { prices })
}

fn in_words(price: &Price, share: f64) -> String {
    let hour = significant(price.usd_per_hour.get(), 5);
    if share < 1.0 {
        format!(
            "{} at {hour} USD/h, {} of it",
            price.path(),
            percent(share, 3)
        )
    } else {
        format!("{} at {hour} USD/h", price.path())
    }
}

fn warn_if_old(context: &mut Context<'_>, node: &Node, price: &Price, as_of: Option<&str>) {
    let asked = as_of.and_then(date::day_number);
    let read = date::day_number(&price.provenance.as_of);
    if let (Some(asked), Some(read)) = (asked, read) {
        let age = asked - read;
        if age > OLD_DAYS {
            context.reader.push(
                Diagnostic::warning(
                    Code::PriceOld,
                    format!(
                        "the price of {} is {age} days old at `pricing.as_of`",
                        price.path()
                    ),
                    node.span,
                )
                .label(format!("of {}", price.provenance.as_of)),
            );
        }
    }
}

fn owned(context: &mut Context<'_>, node: &Node, terms: &Terms<'_>) -> Option<OwnedRate> {
    let reader = &mut context.reader;
    let capex = node
        .get("capex")
        .and_then(|node| money(reader, node, Dimension::Money, terms));
    let life = reader.field(node, "life", |reader, node| {
        reader.positive(node, Dimension::Time)
    });
    let duty = reader
        .field(node, "duty", |reader, node| {
            reader.positive(node, Dimension::Duty)
        })
        .unwrap_or(1.0);
    if let Some(node) = node.get("duty").filter(|_| duty > 1.0) {
        reader.bad_value(node.span, "more than a day in a day", "at most 24h/day");
        return None;
    }
    Some(OwnedRate {
        capex: capex?,
        life: Seconds::new(life?),
        duty,
    })
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
        let Some(Rate::Rented { prices }) = rates.get(*alias) else {
            continue;
        };
        for purchase in purchase
            .iter()
            .filter(|purchase| !prices.contains_key(purchase))
        {
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
