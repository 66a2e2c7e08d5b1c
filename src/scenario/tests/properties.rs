//! What holds for every document.

use std::path::Path;

use proptest::prelude::*;

use super::world::{good, loaded_from, with};
use crate::diag::Code;
use crate::scenario::{Entry, Filter, Node, Value, parse_text};
use crate::source::{Memory, Sources};

/// Where a key can be put into an example: the byte after each `{` of a flow map with known keys.
fn places(text: &str) -> Vec<usize> {
    let free = ["vars:", "labels:"];
    text.match_indices('{')
        .map(|(at, _)| at + 1)
        .filter(|at| {
            let line_start = text[..*at].rfind('\n').map_or(0, |newline| newline + 1);
            let line = &text[line_start..*at];
            let before = line.trim_end_matches('{').trim_end();
            let is_names = [
                "models:",
                "hardware:",
                "per_request:",
                "headers_env:",
                "points:",
                "as:",
                "baseline:",
                "tolerance:",
                "- ",
            ]
            .iter()
            .any(|names| before.ends_with(names) || before == *names);
            let comment = line.contains('#');
            !is_names
                && !comment
                && !before.ends_with('$')
                && !free.iter().any(|free| before.contains(free))
        })
        .collect()
}

const RICH: &str = include_str!("../../../scenarios/training-cost.yaml");

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_unknown_key_is_reported_wherever_it_stands(at in any::<prop::sample::Index>(), key in "zz[a-z]{3,8}") {
        let places = places(RICH);
        let at = places[at.index(places.len())];
        let text = format!("{}{key}: 1, {}", &RICH[..at], &RICH[at..]);
        let (loaded, sources) = loaded_from(Memory::default(), &text);
        let wrong = loaded.expect_err("an unknown key is an error");
        let found = wrong.iter().any(|found| {
            matches!(found.code, Code::UnknownKey | Code::UnknownRuntimeOption | Code::UnknownAxis)
                && found.span.is_some_and(|span| sources.text(span.source)[span.start as usize..].starts_with(&key))
        });
        prop_assert!(found, "{key} at {}: {:#?}", at, wrong.iter().collect::<Vec<_>>());
    }

    #[test]
    fn the_first_axis_varies_slowest(first in 1_usize..5, second in 1_usize..5, third in 1_usize..4) {
        let values = |from: usize, count: usize| {
            (0..count).map(|value| (from + value).to_string()).collect::<Vec<_>>().join(", ")
        };
        let rest = format!(
            "matrix: {{axes: {{isl: [{}], osl: [{}]}}, zip: [{{concurrency: [{}], vars.a: [{}]}}]}}\nvars: {{a: 1}}",
            values(10, first), values(20, second), values(30, third), values(40, third),
        );
        let plan = good(&with(&[("rest", &rest)])).plan;
        prop_assert_eq!(plan.len(), (first * second * third) as u64);
        let mut expected = Vec::new();
        for isl in 0..first {
            for osl in 0..second {
                for zip in 0..third {
                    expected.push(format!("isl={},osl={},concurrency={},vars.a={}", 10 + isl, 20 + osl, 30 + zip, 40 + zip));
                }
            }
        }
        let keys: Vec<String> = plan.iter().map(|point| point.key).collect();
        prop_assert_eq!(keys, expected);
    }

    #[test]
    fn ids_do_not_depend_on_the_names_of_aliases(model in "a[a-z]{0,5}[0-9]", hardware in "b[a-z]{0,5}[0-9]") {
        let text = |model: &str, hardware: &str| {
            with(&[
                ("models", &format!("models: {{{model}: {{catalog: llama-3.1-8b}}}}")),
                ("hardware", &format!("hardware: {{{hardware}: {{catalog: h100-sxm5-80gb, count: 2}}}}")),
                ("rest", "matrix: {axes: {precision: [bf16, fp8], concurrency: 1..4*2}}"),
            ])
        };
        let ids = |text: &str| good(text).plan.iter().map(|point| point.id()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&text("m", "g")), ids(&text(&model, &hardware)));
    }

    #[test]
    fn a_document_with_a_strange_value_never_panics(
        example in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        value in prop::sample::select(STRANGE.to_vec()),
    ) {
        let text = super::examples::EXAMPLES[example.index(6)].1;
        let mut sources = Sources::default();
        let (_, mut root) = parse_text(&mut sources, Path::new("x.yaml"), text.as_bytes()).expect("the example parses");
        let mut at = at.index(scalars(&root));
        replace(&mut root, &mut at, value);
        let text = root.flow().replace(&format!("\"{value}\""), value);
        let _ = loaded_from(Memory::default(), &text);
    }

    #[test]
    fn a_document_with_a_part_missing_never_panics(at in any::<prop::sample::Index>()) {
        let mut sources = Sources::default();
        let (_, root) = parse_text(&mut sources, Path::new("x.yaml"), RICH.as_bytes()).expect("the example parses");
        let count = entries(&root);
        let mut at = at.index(count);
        let mut cut = root;
        remove(&mut cut, &mut at);
        let _ = loaded_from(Memory::default(), &cut.flow());
    }
}

/// Values that nobody means.
const STRANGE: [&str; 24] = [
    "0",
    "-1",
    "1e999",
    "18446744073709551615",
    "4294967296",
    "1e-400",
    "nan",
    ".inf",
    "~",
    "''",
    "[]",
    "{}",
    "[[1]]",
    "{a: {b: [1]}}",
    "1..1000000*2",
    "5..1",
    "0%",
    "1/0",
    "1e30 USD",
    "99999999999y",
    "$(1/0)",
    "$(point.isl)",
    "../../../etc",
    "all",
];

fn scalars(node: &Node) -> usize {
    match &node.value {
        Value::Map(map) => map.iter().map(|entry| scalars(&entry.node)).sum(),
        Value::List(items) => items.iter().map(scalars).sum(),
        Value::Scalar(_) => 1,
    }
}

/// Replaces the `at`-th scalar.
fn replace(node: &mut Node, at: &mut usize, value: &str) -> bool {
    match &mut node.value {
        Value::Map(map) => map
            .iter_mut()
            .any(|entry| replace(&mut entry.node, at, value)),
        Value::List(items) => items.iter_mut().any(|item| replace(item, at, value)),
        Value::Scalar(scalar) if *at == 0 => {
            *scalar = crate::scenario::Scalar::plain(value);
            true
        }
        Value::Scalar(_) => {
            *at -= 1;
            false
        }
    }
}

fn entries(node: &Node) -> usize {
    match &node.value {
        Value::Map(map) => map.iter().map(|entry| 1 + entries(&entry.node)).sum(),
        Value::List(items) => items.iter().map(entries).sum(),
        Value::Scalar(_) => 0,
    }
}

/// Removes the `at`-th entry, counted depth first.
fn remove(node: &mut Node, at: &mut usize) -> bool {
    match &mut node.value {
        Value::Map(map) => {
            for index in 0..map.len() {
                if *at == 0 {
                    map.remove(index);
                    return true;
                }
                *at -= 1;
                let Entry { node, .. } = &mut map[index];
                if remove(node, at) {
                    return true;
                }
            }
            false
        }
        Value::List(items) => items.iter_mut().any(|item| remove(item, at)),
        Value::Scalar(_) => false,
    }
}

#[test]
fn a_selection_keeps_keys_ids_and_positions() {
    let plan = good(&with(&[(
        "rest",
        "matrix: {axes: {precision: [bf16, fp8], concurrency: 1..64*2}}",
    )]))
    .plan;
    let filter = Filter::parse("precision=fp8,concurrency<=4").expect("a filter");
    let chosen = plan.select(&filter);
    assert_eq!(chosen.len(), 3);
    for point in chosen.iter() {
        let whole = plan.point(point.index);
        assert_eq!(
            (whole.key.as_str(), whole.id()),
            (point.key.as_str(), point.id())
        );
    }
}

#[test]
fn equal_systems_of_a_plan_are_one_allocation() {
    let plan = good(&with(&[(
        "rest",
        "matrix: {axes: {concurrency: 1..256*2, precision: [bf16, fp8]}}",
    )]))
    .plan;
    assert_eq!(plan.systems().count(), 2);
    assert!(std::sync::Arc::ptr_eq(
        &plan.point(0).system,
        &plan.point(2).system
    ));
}
