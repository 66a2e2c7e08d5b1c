//! Where the numbers come from: versions, hashes, and the formulas of metrics.

use std::collections::BTreeSet;

use super::choice::Choices;
use super::label;
use super::view::{Cell, Fact, Head, Table};
use crate::record::Results;

/// Metrics with their formulas, of every metric that a point carries.
pub fn glossary(choices: &Choices) -> Table {
    let results = choices.results;
    let columns = choices.carried.columns();
    let metrics: BTreeSet<_> = columns.map(|column| column.metric).collect();
    let mut table = Table::new(
        "glossary",
        "Metrics, their formulas and base units",
        vec![
            Head::text("Metric"),
            Head::text("Name in data"),
            Head::text("Formula"),
            Head::text("Base unit"),
        ],
    );
    for metric in metrics {
        let unit = match metric.unit() {
            "currency" => results.inputs.currency.as_deref().unwrap_or("currency"),
            "1" => "share",
            other => other,
        };
        table.push(vec![
            Cell::text(label::capitalised(&label::metric(metric))),
            Cell::text(metric.name()),
            Cell::text(metric.definition()),
            Cell::text(unit),
        ]);
    }
    table
}

/// Versions, hashes, seed, dates; the document's own id where it is given.
pub fn provenance(results: &Results, id: Option<&str>) -> Vec<Fact> {
    let inputs = &results.inputs;
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let hashed = |name: &str, hash: &str| format!("{name} ({})", short(hash));
    let predictor = format!(
        "{} (predictor {})",
        inputs.phantom_version, inputs.predictor_version
    );
    let mut facts = vec![
        ("phantom", predictor),
        (
            "Scenario",
            hashed(&inputs.scenario_path, &inputs.scenario_blake3),
        ),
        (
            "Catalogue",
            hashed(&inputs.catalog_as_of, &inputs.catalog_blake3),
        ),
        (
            "Calibration",
            hashed(&inputs.calibration_name, &inputs.calibration_blake3),
        ),
        ("Seed", inputs.seed.to_string()),
    ];
    facts.extend(id.map(|id| ("Results", short(id))));
    if let Some(overlay) = &inputs.catalog_overlay {
        facts.push(("Catalogue overlay", overlay.clone()));
    }
    if let Some(pricing) = &results.presentation.pricing {
        let date = pricing.as_of.as_deref().unwrap_or("no date");
        facts.push(("Prices as of", format!("{date}, {}", pricing.currency)));
    }
    let files = inputs.files.iter();
    facts.extend(files.map(|file| ("File", hashed(&file.path, &file.blake3))));
    let labels = inputs.labels.iter();
    facts.extend(labels.map(|(name, value)| ("Label", format!("{name}: {value}"))));
    let fact = |(label, value): (&str, String)| Fact {
        label: label.to_owned(),
        value,
    };
    facts.into_iter().map(fact).collect()
}

/// The newest date of catalogue, prices and facts; a date of a month stands for its first day, so a day of it is newer.
pub fn date(results: &Results) -> String {
    let prices = results.presentation.pricing.iter();
    let prices = prices.filter_map(|pricing| pricing.as_of.as_deref());
    let facts = results.assumptions.iter();
    let facts = facts.filter_map(|fact| fact.as_of.as_deref());
    let all = prices
        .chain(facts)
        .chain([results.inputs.catalog_as_of.as_str()]);
    all.filter(|date| is_date(date))
        .max()
        .unwrap_or_default()
        .to_owned()
}

/// `2026`, `2026-11` or `2026-11-01`.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let is_number = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    parts.iter().all(is_number) && matches!(lengths.as_slice(), [4] | [4, 2] | [4, 2, 2])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn a_report_is_dated_by_its_newest_data() {
        let mut results = fixture::results();
        assert_eq!(date(&results), "2026-11-01");
        results.inputs.catalog_as_of = "2026-12".to_owned();
        assert_eq!(date(&results), "2026-12");
        results.inputs.catalog_as_of = "yesterday".to_owned();
        assert_eq!(date(&results), "2026-11-01");
    }
}
