//! Reads `energy`, and `energy.thermal` of a point.

use super::context::Context;
use super::limit::foreign;
use super::read::Reader;
use super::{Battery, Embodied, Energy, EnergyScope, Node, Thermal};
use crate::diag::{Code, Diagnostic};
use crate::units::{Dimension, Joules, Money, Watts, significant};

/// One kilowatt-hour in joules.
const KWH: f64 = 3.6e6;

/// Energy, carbon and battery of the scenario.
pub(super) fn read(context: &mut Context<'_>, node: Option<&Node>, currency: &str) -> Energy {
    let empty = Node::empty_map(context.document.root.span);
    let (node, given) = (node.unwrap_or(&empty), node.is_some());
    let scope = scope(context, node);
    let region = region(context, node);
    let facts = Facts {
        region: region.as_deref(),
        currency,
    };
    let price = price(context, node, &facts);
    let pue = pue(context, node, &facts);
    let psu_efficiency = context
        .reader
        .field(node, "psu_efficiency", Reader::positive_share);
    let carbon = carbon(context, node, &facts);
    let embodied = context.reader.field(node, "embodied", |reader, node| {
        reader.choice(
            node,
            &[("none", Embodied::None), ("catalog", Embodied::Catalog)],
        )
    });
    let battery = node.get("battery").and_then(|node| battery(context, node));
    if !given {
        context.assume("energy.scope", "accelerator", "default");
    }
    Energy {
        scope,
        region,
        price,
        pue,
        psu_efficiency,
        carbon,
        embodied: embodied.unwrap_or(Embodied::None),
        battery,
    }
}

struct Facts<'a> {
    region: Option<&'a str>,
    currency: &'a str,
}

fn scope(context: &mut Context<'_>, node: &Node) -> Vec<EnergyScope> {
    let known: Vec<(&'static str, EnergyScope)> = EnergyScope::ALL
        .iter()
        .map(|scope| (scope.name(), *scope))
        .collect();
    let mut scopes: Vec<EnergyScope> = node
        .get("scope")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(|item| context.reader.choice(item, &known))
        .collect();
    scopes.sort();
    scopes.dedup();
    if scopes.is_empty() {
        scopes.push(EnergyScope::Accelerator);
    }
    scopes
}

/// A region the catalogue knows something of.
fn region(context: &mut Context<'_>, node: &Node) -> Option<String> {
    let node = node.get("region")?;
    let text = context.reader.text(node)?;
    let known = context.catalog.grid_carbon(&text).is_some()
        || context.catalog.electricity_price(&text).is_some()
        || context
            .catalog
            .pue(&text)
            .is_some_and(|pue| pue.region.contains('/'));
    if !known {
        let near = context.catalog.suggest_region(&text);
        context.reader.push(super::hardware::unknown(
            Code::UnknownRegion,
            "region",
            &text,
            node,
            near,
        ));
        return None;
    }
    Some(crate::catalog::normal_name(&text))
}

fn price(context: &mut Context<'_>, node: &Node, facts: &Facts<'_>) -> Option<Money> {
    if let Some(node) = node.get("price") {
        let parsed = context.reader.quantity(node, Dimension::MoneyPerEnergy)?;
        if let Some(paid) = parsed
            .currency
            .as_deref()
            .filter(|paid| *paid != facts.currency)
        {
            context
                .reader
                .push(foreign(paid, facts.currency, node.span));
            return None;
        }
        return Some(Money::new(parsed.value));
    }
    let price = context.catalog.electricity_price(facts.region?)?.clone();
    if facts.currency != "USD" {
        return None;
    }
    let value = format!(
        "{} USD/kWh ({} in {})",
        significant(price.usd_per_kwh.get(), 3),
        price.customer,
        price.region
    );
    context.used("energy.price", value, &price.provenance);
    Some(Money::new(price.usd_per_kwh.get() / KWH))
}

fn pue(context: &mut Context<'_>, node: &Node, facts: &Facts<'_>) -> Option<f64> {
    if let Some(node) = node.get("pue") {
        let value = context.reader.number(node)?;
        if value < 1.0 {
            context.reader.push(
                Diagnostic::error(Code::BadValue, format!("a PUE of {value}"), node.span)
                    .label("at least 1: the facility uses what the machines use"),
            );
            return None;
        }
        return Some(value);
    }
    let pue = context.catalog.pue(facts.region?)?.clone();
    context.used(
        "energy.pue",
        format!("{} ({})", significant(pue.pue, 3), pue.region),
        &pue.provenance,
    );
    Some(pue.pue)
}

fn carbon(context: &mut Context<'_>, node: &Node, facts: &Facts<'_>) -> Option<(f64, String)> {
    if let Some(node) = node.get("carbon") {
        let reader = &mut context.reader;
        let intensity = reader.field(node, "intensity", |reader, node| {
            reader.amount(node, Dimension::CarbonPerEnergy)
        });
        let source = reader.field(node, "source", Reader::text);
        return Some((intensity?, source?));
    }
    let grid = context.catalog.grid_carbon(facts.region?)?.clone();
    let value = format!(
        "{} gCO2e/kWh ({})",
        significant(grid.per_kwh.get(), 3),
        grid.name
    );
    context.used("energy.carbon", value, &grid.provenance);
    let source = format!("{} ({})", grid.provenance.source, grid.provenance.as_of);
    Some((grid.per_kwh.get() / KWH, source))
}

fn battery(context: &mut Context<'_>, node: &Node) -> Option<Battery> {
    let capacity = context.reader.field(node, "capacity", |reader, node| {
        reader.positive(node, Dimension::Energy)
    });
    let mut share = |key: &str| {
        if let Some(node) = node.get(key) {
            context.reader.positive_share(node).unwrap_or(1.0)
        } else {
            context.assume(format!("energy.battery.{key}"), "100 %", "default");
            1.0
        }
    };
    let (usable, converter_efficiency, ageing) = (
        share("usable"),
        share("converter_efficiency"),
        share("ageing"),
    );
    let mut power = |key: &str| {
        context
            .reader
            .field(node, key, |reader, node| {
                reader.amount(node, Dimension::Power)
            })
            .map(Watts::new)
    };
    let (base_load, suspend_power) = (power("base_load"), power("suspend_power"));
    if base_load.is_none() {
        context.assume("energy.battery.base_load", "0 W", "default");
    }
    Some(Battery {
        capacity: Joules::new(capacity?),
        usable,
        converter_efficiency,
        ageing,
        base_load: base_load.unwrap_or(Watts::ZERO),
        suspend_power,
    })
}

/// Heat at a point, which no equation of this version reads.
pub(super) fn thermal(reader: &mut Reader, node: &Node) -> Option<Thermal> {
    reader.push(
        Diagnostic::warning(
            Code::NotModelledYet,
            "`energy.thermal` does not change predictions: no clock falls with heat",
            node.span,
        )
        .label("accepted and not modelled")
        .help("`throttle_ratio` is absent, and an objective that limits it cannot be told"),
    );
    let ambient_celsius = reader.field(node, "ambient", |reader, node| {
        reader.amount(node, Dimension::Temperature)
    })?;
    let sustained = reader
        .field(node, "sustained", Reader::boolean)
        .unwrap_or(false);
    Some(Thermal {
        ambient_celsius,
        sustained,
    })
}
