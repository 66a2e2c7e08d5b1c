//! The shipped scenarios.

use std::collections::BTreeSet;
use std::path::Path;

use crate::catalog::Catalog;
use crate::scenario::{Loaded, Options, load, not_modelled};
use crate::source::{Memory, Sources};

pub const EXAMPLES: [(&str, &str, u64); 14] = [
    ("hello", include_str!("../../../scenarios/hello.yaml"), 1),
    (
        "llm-serving",
        include_str!("../../../scenarios/llm-serving.yaml"),
        55,
    ),
    ("knee", include_str!("../../../scenarios/knee.yaml"), 2),
    (
        "vision-batch",
        include_str!("../../../scenarios/vision-batch.yaml"),
        189,
    ),
    (
        "edge-battery",
        include_str!("../../../scenarios/edge-battery.yaml"),
        12,
    ),
    (
        "offload",
        include_str!("../../../scenarios/offload.yaml"),
        36,
    ),
    (
        "training-cost",
        include_str!("../../../scenarios/training-cost.yaml"),
        96,
    ),
    (
        "host-memory",
        include_str!("../../../scenarios/host-memory.yaml"),
        9,
    ),
    (
        "disaggregated",
        include_str!("../../../scenarios/disaggregated.yaml"),
        3,
    ),
    (
        "speculative",
        include_str!("../../../scenarios/speculative.yaml"),
        9,
    ),
    (
        "chat-trace",
        include_str!("../../../scenarios/chat-trace.yaml"),
        9,
    ),
    (
        "regions",
        include_str!("../../../scenarios/regions.yaml"),
        16,
    ),
    (
        "variants",
        include_str!("../../../scenarios/variants.yaml"),
        3,
    ),
    (
        "chat-sessions",
        include_str!("../../../scenarios/chat-sessions.yaml"),
        14,
    ),
];

fn loaded(name: &str, text: &str) -> (Loaded, Vec<String>) {
    let path = format!("scenarios/{name}.yaml");
    let trace = include_str!("../../../scenarios/chat-trace.csv");
    let world = Memory::default()
        .with(&path, text)
        .with("scenarios/chat-trace.csv", trace);
    let mut sources = Sources::default();
    let options = Options::default();
    match load(
        &world,
        Catalog::embedded(),
        &mut sources,
        Path::new(&path),
        &options,
    ) {
        Ok(loaded) => {
            let said = loaded
                .diagnostics
                .iter()
                .map(|found| format!("{}: {}", found.code, found.message));
            let said = said.collect();
            (loaded.value, said)
        }
        Err(wrong) => panic!("{name}: {:#?}", wrong.iter().collect::<Vec<_>>()),
    }
}

#[test]
fn every_example_has_the_points_it_says() {
    for (name, text, points) in EXAMPLES {
        assert_eq!(loaded(name, text).0.plan.len(), points, "{name}");
    }
}

#[test]
fn keys_and_ids_of_examples_are_unique_and_stable() {
    for (name, text, _) in EXAMPLES {
        let (loaded, said) = loaded(name, text);
        let points: Vec<_> = loaded
            .plan
            .iter()
            .map(|point| (point.id(), point.key))
            .collect();
        let ids: BTreeSet<_> = points.iter().map(|(id, _)| id).collect();
        let keys: BTreeSet<_> = points.iter().map(|(_, key)| key).collect();
        assert_eq!(
            (ids.len(), keys.len()),
            (points.len(), points.len()),
            "{name}"
        );
        let listed: Vec<String> = points
            .iter()
            .map(|(id, key)| format!("{id} {key}"))
            .collect();
        let asked = not_modelled(&loaded.plan)
            .map_or_else(|| "predicted".to_owned(), |found| found.message);
        let text = format!("{}\n\n{asked}\n\n{}\n", listed.join("\n"), said.join("\n"));
        insta::assert_snapshot!(name, text);
    }
}
