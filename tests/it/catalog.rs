//! The names that published measurements use lead to catalogue entries.

use std::collections::{BTreeMap, BTreeSet};

use phantom::catalog::{Catalog, ModelKind};

/// Rows of a small table without quoted commas before its last column.
fn rows(text: &str) -> impl Iterator<Item = Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| {
            let row = row.expect("the committed list is well formed");
            row.iter().map(str::to_owned).collect()
        })
        .collect();
    rows.into_iter()
}

fn resolves(kind: &str, slug: &str) -> bool {
    let catalog = Catalog::embedded();
    match kind {
        "hardware" => catalog.device(slug).is_some(),
        "model" => catalog.model(slug).is_some(),
        other => panic!("no names are of kind `{other}`"),
    }
}

/// Kind and slug of every name that may stay unresolved, with the reason.
fn excused() -> BTreeMap<(String, String), String> {
    rows(include_str!("../data/unresolved.csv"))
        .map(|row| ((row[0].clone(), row[1].clone()), row[2].clone()))
        .collect()
}

#[test]
fn every_measured_name_is_an_entry_or_has_a_reason_not_to_be() {
    let excused = excused();
    let unknown: BTreeSet<(String, String)> = rows(include_str!("../data/slugs.csv"))
        .map(|row| (row[0].clone(), row[1].clone()))
        .filter(|(kind, slug)| !resolves(kind, slug))
        .collect();
    let without_reason: Vec<_> = unknown
        .iter()
        .filter(|name| !excused.contains_key(name))
        .collect();
    assert!(without_reason.is_empty(), "{without_reason:?}");
    let known_by_now: Vec<_> = excused
        .keys()
        .filter(|name| !unknown.contains(name))
        .collect();
    assert!(
        known_by_now.is_empty(),
        "take these out of tests/data/unresolved.csv: {known_by_now:?}"
    );
}

#[test]
fn most_measured_names_resolve() {
    let mut counts: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    for row in rows(include_str!("../data/slugs.csv")) {
        let count = counts.entry((row[2].clone(), row[0].clone())).or_default();
        count.1 += 1;
        count.0 += usize::from(resolves(&row[0], &row[1]));
    }
    let lines: Vec<String> = counts
        .iter()
        .map(|((family, kind), (known, all))| format!("{family} {kind}: {known} of {all}"))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn dimensions_add_up_to_the_published_parameters() {
    let mut off = Vec::new();
    for id in Catalog::embedded().model_ids() {
        let model = Catalog::embedded().model(id).expect("listed");
        let ModelKind::Transformer(transformer) = &model.kind else {
            continue;
        };
        let counted = phantom::ops::params(transformer);
        let published = transformer.published;
        for (what, published, counted) in [
            ("total", published.total_params, counted.total),
            ("active", published.active_params, counted.active),
        ] {
            let Some(published) = published else { continue };
            let error = counted / published - 1.0;
            if error.abs() > 0.02 {
                off.push(format!("{id} {what} {:+.1} %", error * 100.0));
            }
        }
    }
    insta::assert_snapshot!(off.join("\n"));
}
