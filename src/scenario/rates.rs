//! Reads the price of one node: from the catalogue, explicit, or bought.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::limit::foreign;
use super::read::Reader;
use super::{Node, OwnedRate, Purchase, Rate, RateSource, date};
use crate::catalog::{Price, PurchaseKind};
use crate::diag::{Code, Diagnostic};
use crate::units::{Dimension, Money, Seconds, percent, significant};

/// Catalogue prices older than this at the scenario's date are a warning.
const OLD_DAYS: i64 = 90;

/// Currency of every price of the catalogue.
pub(super) const CATALOG_CURRENCY: &str = "USD";

/// What holds for every price of a scenario.
pub(super) struct Terms<'a> {
    /// Currency of the scenario.
    pub currency: &'a str,
    /// Day of the question.
    pub as_of: Option<&'a str>,
    /// Purchase options that are asked for.
    pub purchase: &'a [Purchase],
}

/// The price of a node of a hardware alias; `None` where it is wrong.
pub(super) fn read(
    context: &mut Context<'_>,
    alias: &str,
    node: &Node,
    terms: &Terms<'_>,
) -> Option<Rate> {
    let explicit: Vec<Purchase> = Purchase::RENTED
        .into_iter()
        .filter(|purchase| node.get(purchase.name()).is_some())
        .collect();
    let owned = match node.get("owned") {
        Some(owned) => Some(self::owned(context, alias, owned, terms)?),
        None => None,
    };
    let rented = match (node.get("catalog"), explicit.as_slice()) {
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
        (None, []) if owned.is_some() => Some(BTreeMap::new()),
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
        (None, purchases) => Some(explicit_prices(context, node, purchases, terms)),
    };
    Some(Rate {
        prices: rented?,
        owned,
    })
}

/// An amount in the currency of the scenario.
pub(super) fn money(
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
) -> BTreeMap<Purchase, RateSource> {
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
    prices
}

/// The purchase option as the catalogue names it; `None` for what is bought.
const fn kind(purchase: Purchase) -> Option<PurchaseKind> {
    match purchase {
        Purchase::OnDemand => Some(PurchaseKind::OnDemand),
        Purchase::Spot => Some(PurchaseKind::Spot),
        Purchase::Reserved1y => Some(PurchaseKind::Reserved1y),
        Purchase::Reserved3y => Some(PurchaseKind::Reserved3y),
        Purchase::Owned => None,
    }
}

fn from_catalog(
    context: &mut Context<'_>,
    (alias, node): (&str, &Node),
    name: &Node,
    terms: &Terms<'_>,
) -> Option<BTreeMap<Purchase, RateSource>> {
    let path = context.reader.text(name)?;
    let share = context
        .reader
        .field(node, "share", Reader::positive_share)
        .unwrap_or(1.0);
    let known = Purchase::RENTED
        .into_iter()
        .filter_map(kind)
        .any(|kind| context.catalog.price(&path, kind).is_some());
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
    let mut old = Vec::new();
    for purchase in terms.purchase.iter().copied() {
        let listed = kind(purchase).and_then(|kind| context.catalog.price(&path, kind));
        let Some(price) = listed.cloned() else {
            continue;
        };
        context.used(
            format!("pricing.rates.{alias}.{}", purchase.name()),
            in_words(&price, share),
            &price.provenance,
        );
        old.extend(age_if_old(&price, terms.as_of).map(|age| (age, purchase, price.clone())));
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
    warn_if_old(context, name, &old);
    Some(prices)
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

/// The age of a price in days at the date of the question, where that is old.
fn age_if_old(price: &Price, as_of: Option<&str>) -> Option<i64> {
    let asked = as_of.and_then(date::day_number)?;
    let age = asked - date::day_number(&price.provenance.as_of)?;
    (age > OLD_DAYS).then_some(age)
}

/// One warning for a rate, whatever the number of its purchase options that are old.
fn warn_if_old(context: &mut Context<'_>, node: &Node, old: &[(i64, Purchase, Arc<Price>)]) {
    let Some((age, _, oldest)) = old.iter().max_by_key(|(age, _, _)| *age) else {
        return;
    };
    let purchases: Vec<&str> = old.iter().map(|(_, one, _)| one.name()).collect();
    let message = match purchases.as_slice() {
        [one] => format!(
            "the {one} price of {} is {age} days old at `pricing.as_of`",
            oldest.path()
        ),
        several => format!(
            "prices of {} are up to {age} days old at `pricing.as_of`: {}",
            oldest.path(),
            several.join(", ")
        ),
    };
    context.reader.push(
        Diagnostic::warning(Code::PriceOld, message, node.span)
            .label(format!("of {}", oldest.provenance.as_of)),
    );
}

fn owned(
    context: &mut Context<'_>,
    alias: &str,
    node: &Node,
    terms: &Terms<'_>,
) -> Option<OwnedRate> {
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
    let mut optional = |key: &str, dimension| {
        node.get(key)
            .map(|node| money(reader, node, dimension, terms))
    };
    let upkeep = optional("upkeep", Dimension::MoneyRate);
    let resale = optional("resale", Dimension::Money);
    if let (Some(capex), Some(Some(resale)), Some(node)) = (capex, resale, node.get("resale"))
        && resale > capex
    {
        reader.bad_value(
            node.span,
            "a machine sold for more than it cost",
            "at most `capex`",
        );
        return None;
    }
    for (key, stated) in [("upkeep", upkeep.is_some()), ("resale", resale.is_some())] {
        if !stated {
            context.assume(
                format!("pricing.rates.{alias}.owned.{key}"),
                "0",
                "not stated: left out of what owning costs",
            );
        }
    }
    let or_nothing = |money: Option<Option<Money>>| money.unwrap_or(Some(Money::ZERO));
    Some(OwnedRate {
        capex: capex?,
        resale: or_nothing(resale)?,
        upkeep: or_nothing(upkeep)?,
        life: Seconds::new(life?),
        duty,
    })
}
