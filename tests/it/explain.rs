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
                let basis = point["metrics"][column][0]["basis"].as_str();
                let basis = format!("\n    basis                    {}", basis.expect("text"));
                assert!(line.contains(&basis), "{basis}: {line}");
                let has_other_inputs = line.lines().count() > 3;
                assert!(has_other_inputs, "{line}");
            }
        }
    }
}

#[test]
fn a_number_says_what_it_rests_on_and_with_which_pack() {
    let sandbox = Sandbox::new().with_shipped("hello");
    let of = |more: &[&str]| {
        let point = ["explain", "scenarios/hello.yaml", "1"];
        sandbox.transcript(&[&point[..], more].concat())
    };
    let fitted = of(&["memory_total"]);
    for words in [
        "\nevidence\n  basis fitted: equations with terms that were fitted on measurements\n",
        "\n  basis datasheet: equations and stated facts alone; memory_weights alone\n  support ",
        ": fitted on ",
        "\n  distance ",
    ] {
        assert!(fitted.contains(words), "{words}: {fitted}");
    }
    for pack in ["none", "datasheet"] {
        let text = of(&["mean_tpot", "--calibration", pack]);
        let basis = "\nevidence\n  basis datasheet: equations and stated facts alone\n  the pack was not fitted on runs\n";
        assert!(text.contains(basis), "{pack}: {text}");
    }
    // The flag comes before what the scenario says, as for `run`.
    let stated = ["--set", "run=[{predict: {calibration: none}}]"];
    let both = [&["mean_tpot"], &stated[..], &["--calibration", "default"]].concat();
    let (by_scenario, by_flag) = (of(&[&["mean_tpot"], &stated[..]].concat()), of(&both));
    assert!(by_scenario.contains("basis datasheet"), "{by_scenario}");
    assert!(by_flag.contains("basis fitted"), "{by_flag}");
    let unknown = of(&["mean_tpot", "--calibration", "nowhere.json"]);
    assert!(
        unknown.contains("exit 2") && unknown.contains("error[calibration-invalid]"),
        "{unknown}"
    );
}

#[test]
fn ids_and_sources_of_evidence_are_explained() {
    let sandbox = Sandbox::new().with_shipped("hello");
    let point = sandbox.transcript(&["explain", "scenarios/hello.yaml", "1", "mean_tpot"]);
    let near = point.lines().find(|line| line.contains("  distance "));
    let near = near.unwrap_or_else(|| panic!("rows are named: {point}"));
    let (before, id) = near.split_once(", such as ").expect("one row by its id");
    let id = id.split(',').next().expect("split yields one part");
    let source = before.rsplit("; ").next().expect("split yields one part");
    let row = sandbox.transcript(&["explain", id]);
    for words in [
        &format!(
            "exit 0\n--- stdout\n{id}\n  stands for the rows of this kind that the pack default was fitted on\n"
        ),
        "    timed        runs of a server that generates text\n",
        "    device       ",
        "    model        ",
        "    software     ",
        "    format       ",
        &format!("    source       {source}\n"),
        "    rows         ",
        "    sizes        ",
        "million parameters",
        "    columns      ",
    ] {
        assert!(row.contains(words), "{words}: {row}");
    }
    let all = sandbox.transcript(&["explain", source]);
    assert!(
        all.contains("a source; the pack default was fitted on ") && all.contains(id),
        "{all}"
    );
    let other = sandbox.transcript(&["explain", id, "--calibration", "none"]);
    let said = format!("device or row of evidence is named `{id}`");
    assert!(other.contains("exit 2") && other.contains(&said), "{other}");
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

#[test]
fn the_copies_of_a_month_and_the_time_in_which_they_serve_have_lines_of_their_own() {
    let scenario = SCENARIO
        .replace("name: cheapest}", "name: cheapest, size_for: {request_rate: 100 req/s}}")
        .replace(
            "  purchase: [on_demand, spot]\n",
            "  purchase: [spot, on_demand]\n  spot: {interruptions_per_node_day: 12, restart: 2h}\n",
        );
    let sandbox = Sandbox::new().with("scenarios/all.yaml", scenario);
    let of = |column: &str| sandbox.transcript(&["explain", "scenarios/all.yaml", "2", column]);
    for column in ["cost_per_month", "carbon_per_month"] {
        let text = of(column);
        for words in [
            "line copies",
            "\ncopies  ",
            "⌈demand / (request_throughput · availability)⌉",
            "100.0 requests per second",
            "\navailability  0.500",
            "1 / (1 + nodes · interruptions · restart)",
            "12.0 a node and day",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
    }
    let unit = of("cost_per_mtok_output");
    assert!(unit.contains("line availability"), "{unit}");
    // Carbon and money of a month count the same copies.
    let points = {
        assert_eq!(sandbox.code(&["run", "scenarios/all.yaml"]), 0);
        points(&sandbox)
    };
    let number = |column: &str| {
        points[1]["metrics"][column][0]["value"]
            .as_f64()
            .expect("a number")
    };
    let paid = number("cost_per_month") / number("cost_per_hour") / 730.0;
    let one = number("carbon_per_mtok") * number("output_throughput") * 3600.0 * 730.0 / 1e6;
    let powered = number("carbon_per_month") / one;
    assert!((paid - powered).abs() < 1e-6, "{paid} {powered}");
}

#[test]
fn a_battery_is_explained_by_what_the_scenario_states_of_it() {
    let sandbox = Sandbox::new().with_shipped("edge-battery");
    let of =
        |column: &str| sandbox.transcript(&["explain", "scenarios/edge-battery.yaml", "1", column]);
    let life = of("battery_life");
    for words in [
        "capacity · usable · ageing · converter / (base + u · power + (1 − u) · rest)",
        "180 kJ",
        "85.0 %",
        "80.0 %",
        "92.0 %",
        "3.20 W",
        "40.0 an hour",
        "power with nothing running",
        "line power",
        "line mean_e2el",
        "share of the time in which a request is served",
        "as if the worst came together",
    ] {
        assert!(life.contains(words), "{words}: {life}");
    }
    let requests = of("requests_per_charge");
    for words in [
        "battery_life · min(asked, 1 / e2el)",
        "line battery_life",
        "\nbattery_life  ",
    ] {
        assert!(requests.contains(words), "{words}: {requests}");
    }
}
