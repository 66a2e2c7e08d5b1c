//! Every number of the results has its formula, its inputs with their sources, and its interval.

use serde_json::Value;

use crate::sandbox::Sandbox;

const SCENARIO: &str = "\
schema: phantom/v1
name: all
models: {m: {catalog: llama-3.1-8b}}
hardware: {g: {catalog: h100-sxm5-80gb}, l: {catalog: l40s-48gb}}
workload: {llm: {isl: 1024, osl: 256, load: {concurrency: 8}}}
matrix: {axes: {hardware: [g, l], concurrency: [1, 8]}}
slos: {chat: {per_request: {ttft: 2 s, tpot: 50 ms}, attainment: 95%}}
solve: [{minimize: cost_per_mtok_output, subject_to: [chat], name: cheapest}]
pricing:
  currency: USD
  as_of: 2026-11-01
  purchase: [on_demand, spot]
  rates:
    g: {on_demand: 2.5 USD/h, spot: 1.1 USD/h, source: a price list}
    l: {on_demand: 1 USD/h, source: a price list}
energy: {region: deu, embodied: catalog}
";

/// The points of the results.
fn points(sandbox: &Sandbox) -> Vec<Value> {
    let results: Value =
        serde_json::from_str(&sandbox.read("reports/all/results.json")).expect("JSON");
    results["points"].as_array().expect("a list").clone()
}

#[test]
fn every_number_of_the_results_is_explained_and_with_its_value() {
    let closed = SCENARIO.to_owned() + "run: [{predict: {method: analytic}}]\n";
    for scenario in [SCENARIO, &closed] {
        let sandbox = Sandbox::new().with("scenarios/all.yaml", scenario);
        assert_eq!(sandbox.code(&["run", "scenarios/all.yaml"]), 0);
        for point in points(&sandbox) {
            let key = point["key"].as_str().expect("text");
            let text = sandbox.transcript(&["explain", "scenarios/all.yaml", key]);
            let columns = point["metrics"].as_object().expect("a map");
            assert!(columns.len() > 25, "{columns:?}");
            for column in columns.keys() {
                let line = text
                    .split("\n\n")
                    .find(|part| part.starts_with(&format!("{column}  ")));
                let line = line.unwrap_or_else(|| panic!("{column} of {key}: {text}"));
                assert!(line.contains("\n  = "), "{line}");
                let has_inputs = line.lines().count() > 2;
                assert!(has_inputs, "{line}");
            }
        }
    }
}

#[test]
fn money_energy_and_carbon_name_their_prices_grids_and_dates() {
    let sandbox = Sandbox::new().with("scenarios/all.yaml", SCENARIO);
    let of = |column: &str| sandbox.transcript(&["explain", "scenarios/all.yaml", "2", column]);
    let cost = of("cost_per_mtok_output");
    for words in [
        "cost_per_hour / 3600 s / utilization / availability / output_throughput · 10⁶",
        "line cost_per_hour",
        "on_demand",
        "2.500 USD/h",
        "a price list",
        "share of paid time that serves",
        "\noutput_throughput  ",
        "as if the worst came together",
        "\ngeneration step",
    ] {
        assert!(cost.contains(words), "{words}: {cost}");
    }
    let carbon = of("carbon_per_mtok");
    for words in [
        "PUE",
        "intensity",
        "gCO2e/kWh",
        "embodied",
        "\npower  ",
        "\naccelerator power  ",
        "TDP",
    ] {
        assert!(carbon.contains(words), "{words}: {carbon}");
    }
    let share = of("slo_attainment");
    assert!(
        share.contains("objective chat; counted request by request"),
        "{share}"
    );
}

#[test]
fn an_answer_says_what_it_beat_and_what_would_change_it() {
    let sandbox = Sandbox::new().with("scenarios/all.yaml", SCENARIO);
    let text = sandbox.transcript(&["explain", "scenarios/all.yaml", "answer", "cheapest"]);
    for words in [
        "answer cheapest",
        "the smallest cost_per_mtok_output of the points that meet chat",
        "eligible",
        " of 4 points",
        "chosen",
        "runner-up",
        "moved by its inputs",
        "pricing.utilization",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let unknown = sandbox.transcript(&["explain", "scenarios/all.yaml", "answer", "fastest"]);
    assert!(unknown.contains("it answers cheapest"), "{unknown}");
}
