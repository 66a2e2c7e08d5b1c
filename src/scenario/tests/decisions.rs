//! Axes over places and purchases, and variants of a model.

use super::world::{and, good, said};
use crate::scenario::{Paid, Purchase, VariantModel};

const PRICED: &str = "pricing: {as_of: 2026-08-01, purchase: [on_demand], rates: {g: {catalog: $(point.region)/a3-highgpu-1g}}}";

#[test]
fn places_and_prices_make_points_and_no_systems() {
    let axes =
        "matrix: {axes: {region: [gcp/us-central1, gcp/europe-north1], concurrency: [1, 2]}}";
    let loaded = good(&and(&format!("{axes}\n{PRICED}")));
    assert_eq!(loaded.plan.len(), 4);
    assert_eq!(
        loaded.plan.systems().count(),
        1,
        "a place is no part of a system"
    );
    let names: Vec<&str> = loaded
        .scenario
        .terms
        .iter()
        .map(|terms| terms.name.as_str())
        .collect();
    assert_eq!(names, ["gcp/us-central1", "gcp/europe-north1"]);
    let price = |terms: u32| {
        let pricing = loaded.scenario.pricing_at(terms).expect("priced");
        match pricing.rates["g"].paid(Purchase::OnDemand) {
            Some(Paid::Rented(source)) => source.source.clone(),
            Some(Paid::Owned(_)) | None => String::new(),
        }
    };
    assert_eq!(price(0), "gcp/us-central1/a3-highgpu-1g");
    assert_eq!(price(1), "gcp/europe-north1/a3-highgpu-1g");
    let ids: std::collections::BTreeSet<String> =
        loaded.plan.iter().map(|point| point.id()).collect();
    assert_eq!(ids.len(), 4);
    let carbon = |terms| {
        loaded
            .scenario
            .energy_at(terms)
            .carbon
            .clone()
            .map(|(grams, _)| grams)
    };
    assert!(carbon(0) > carbon(1));
}

#[test]
fn a_purchase_is_an_axis_and_owning_is_one_of_them() {
    let rates = "pricing: {as_of: 2026-08-01, rates: {g: {on_demand: 4 USD/h, source: quote, owned: {capex: 30000 USD, life: 4y}}}}";
    let loaded = good(&and(&format!(
        "matrix: {{axes: {{purchase: [on_demand, owned]}}}}\n{rates}"
    )));
    assert_eq!(loaded.plan.len(), 2);
    let owned = loaded.scenario.pricing_at(1).expect("priced");
    assert_eq!(owned.purchase, [Purchase::Owned]);
    assert!(matches!(
        owned.rates["g"].paid(Purchase::Owned),
        Some(Paid::Owned(_))
    ));
    let assumed = |path: &str| {
        loaded
            .scenario
            .assumptions
            .iter()
            .any(|one| one.path == path)
    };
    assert!(assumed("pricing.rates.g.owned.upkeep"));
    // Points that share prices and places carry none of their own.
    assert!(good(&and(rates)).scenario.terms.is_empty());
}

#[test]
fn an_unknown_region_is_found_at_its_value() {
    let found = said(&[(
        "a region",
        and("matrix: {axes: {region: [gcp/us-central1, gcp/us-centrall1]}}"),
    )]);
    assert!(
        found.contains("unknown-region") && found.contains("gcp/us-central1`?"),
        "{found}"
    );
}

#[test]
fn variants_are_read_and_what_changes_nothing_is_refused() {
    let variants = "what_if: [{name: a, precision: fp8}, {name: b, prune: {layers: 25%}}, {name: c, distill: {model: small}}]";
    let models = "models: {m: {catalog: llama-3.1-8b}, small: {catalog: llama-3.2-1b}}";
    let text = super::world::with(&[("models", models), ("rest", variants)]);
    let loaded = good(&text);
    assert_eq!(
        loaded.plan.len(),
        1,
        "a model that only a variant names serves no point"
    );
    let [a, b, c] = loaded.scenario.what_if.as_slice() else {
        panic!("three variants")
    };
    assert_eq!(a.about(), "weights in fp8");
    assert_eq!(b.about(), "25 % of the layers cut");
    assert!(matches!(&c.model, Some(VariantModel::Other(alias, _)) if alias == "small"));
    let point = loaded.plan.point(0);
    let cut = b.applied(&point.system).expect("it can be cut");
    assert_ne!(cut.model.identity, point.system.model.identity);
    let found = said(&[
        ("nothing", and("what_if: [{name: a}]")),
        (
            "everything",
            and("what_if: [{name: a, prune: {layers: 100%}}]"),
        ),
        (
            "both",
            and("what_if: [{name: a, prune: {ffn: 10%}, distill: {layers: 2}}]"),
        ),
        ("unknown", and("what_if: [{name: a, distill: {model: mm}}]")),
    ]);
    for words in [
        "changes nothing",
        "nothing is left",
        "not both",
        "did you mean `m`?",
    ] {
        assert!(found.contains(words), "{words}: {found}");
    }
}
