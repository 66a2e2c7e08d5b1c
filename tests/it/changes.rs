//! What would change an answer, held against runs in which it was changed.

use serde_json::Value;

use crate::sandbox::Sandbox;

/// Two cards at one load, with the price of an hour of each.
fn scenario(h100: f64, l40s: f64) -> String {
    format!(
        "schema: phantom/v1
name: cards
models: {{m: {{catalog: llama-3.1-8b}}}}
hardware:
  h100: {{catalog: h100-sxm5-80gb}}
  l40s: {{catalog: l40s-48gb}}
workload: {{llm: {{isl: 1024, osl: 256, load: {{concurrency: 16}}}}}}
matrix: {{axes: {{hardware: [h100, l40s]}}}}
slos:
  quick: {{aggregate: [tpot <= 200ms], severity: warn}}
solve:
  - {{minimize: cost_per_mtok_output, subject_to: [quick]}}
pricing:
  as_of: 2026-11-01
  purchase: [on_demand, spot]
  rates:
    h100: {{on_demand: {h100} USD/h, spot: {} USD/h, source: quote}}
    l40s: {{on_demand: {l40s} USD/h, source: quote}}
run: [{{predict: {{method: analytic}}}}]
",
        h100 * 0.5
    )
}

fn run(h100: f64, l40s: f64) -> (Sandbox, Value) {
    let sandbox = Sandbox::new().with("cards.yaml", scenario(h100, l40s));
    let arguments = ["run", "cards.yaml"];
    assert_eq!(
        sandbox.code(&arguments),
        0,
        "{}",
        sandbox.transcript(&arguments)
    );
    let text = sandbox.read("reports/cards/results.json");
    let document = serde_json::from_str(&text).expect("the document is JSON");
    (sandbox, document)
}

fn chosen(document: &Value) -> &str {
    let key = document["answers"][0]["key"].as_str();
    key.expect("a card is chosen")
}

fn list<'d>(document: &'d Value, name: &str) -> &'d Vec<Value> {
    let list = document["sensitivity"][0][name].as_array();
    list.unwrap_or_else(|| panic!("{name} of {}", document["sensitivity"]))
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

#[test]
fn past_a_break_even_of_a_price_the_answer_is_another() {
    let (_, document) = run(4.0, 2.0);
    let first = chosen(&document).to_owned();
    let input = format!("pricing.rates.{}", first.replace("hardware=", ""));
    let price = list(&document, "break_evens")
        .iter()
        .find(|found| found["input"] == input.as_str())
        .expect("a dearer card loses");
    let (base, at) = (number(&price["base"]), number(&price["at"]));
    assert!(at > base);
    let with = |factor: f64| {
        if first.contains("h100") {
            run(4.0 * at / base * factor, 2.0).1
        } else {
            run(4.0, 2.0 * at / base * factor).1
        }
    };
    assert_eq!(chosen(&with(0.999)), first);
    assert_eq!(Some(chosen(&with(1.001))), price["rival"].as_str());
}

#[test]
fn a_price_ranges_over_its_purchases_and_moves_the_cost_in_proportion() {
    let (_, document) = run(1.0, 2.0);
    assert_eq!(chosen(&document), "hardware=h100");
    let value = number(&document["sensitivity"][0]["value"]);
    let price = list(&document, "swings")
        .iter()
        .find(|swing| swing["input"] == "pricing.rates.h100")
        .expect("spot is half the price");
    assert!((number(&price["low"]["at"]) - 0.5).abs() < 1e-9);
    assert!((number(&price["low"]["value"]) / value - 0.5).abs() < 1e-9);
}

#[test]
fn at_most_eight_swings_are_kept_widest_first() {
    let (_, document) = run(4.0, 2.0);
    assert_eq!(document["sensitivity"][0]["method"], "exact");
    let value = number(&document["sensitivity"][0]["value"]);
    let widths: Vec<f64> = list(&document, "swings")
        .iter()
        .map(|swing| {
            let ends = [&swing["low"]["value"], &swing["high"]["value"]];
            let ends = ends.map(|end| end.as_f64().unwrap_or(value));
            ends[0].max(ends[1]).max(value) - ends[0].min(ends[1]).min(value)
        })
        .collect();
    assert!((3..=8).contains(&widths.len()), "{widths:?}");
    assert!(widths.is_sorted_by(|a, b| a >= b), "{widths:?}");
}

#[test]
fn a_second_rendering_says_the_same() {
    let (sandbox, document) = run(4.0, 2.0);
    assert!(!list(&document, "break_evens").is_empty());
    let page = sandbox.bytes("reports/cards/report.html");
    assert!(String::from_utf8_lossy(&page).contains("What would change the answer"));
    let arguments = ["report", "cards", "--html", "again.html"];
    assert_eq!(
        sandbox.code(&arguments),
        0,
        "{}",
        sandbox.transcript(&arguments)
    );
    assert!(sandbox.bytes("again.html") == page);
}

#[test]
fn a_scenario_without_questions_has_none() {
    let sandbox = Sandbox::new().with_shipped("hello");
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    let text = sandbox.read("reports/hello/results.json");
    let document: Value = serde_json::from_str(&text).expect("the document is JSON");
    assert!(document["sensitivity"].is_null());
}
