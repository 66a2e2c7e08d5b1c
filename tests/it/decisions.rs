//! Budgets, regions, ways to pay and variants, as a user asks for them.

use serde_json::Value;

use crate::sandbox::Sandbox;

/// One card in two regions under two purchase options, closed form, with a limit on the money of a month.
fn scenario(budget: &str, more: &str) -> String {
    format!(
        "schema: phantom/v1
name: d
models: {{m: {{catalog: llama-3.1-8b}}}}
hardware: {{h100: {{catalog: h100-sxm5-80gb}}}}
workload: {{llm: {{isl: 1024, osl: 256, load: {{concurrency: 16}}}}}}
matrix: {{axes: {{region: [gcp/us-central1, gcp/europe-north1], purchase: [on_demand, spot]}}}}
slos:
  quick: {{aggregate: [tpot <= 80ms]}}
  budget: {{aggregate: [cost_per_month <= {budget}]}}
solve:
  - {{minimize: carbon_per_mtok, subject_to: [quick, budget], size_for: {{request_rate: 20 req/s}}}}
pricing:
  as_of: 2026-09-01
  rates: {{h100: {{catalog: $(point.region)/a3-highgpu-1g}}}}
run: [{{predict: {{method: analytic}}}}]
{more}"
    )
}

/// The exit code, what was printed, and the document.
fn run(text: &str) -> (i32, String, Value) {
    let sandbox = Sandbox::new().with("d.yaml", text);
    let output = sandbox
        .command()
        .args(["run", "d.yaml"])
        .output()
        .expect("the command starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().expect("it ends by itself");
    let document = if sandbox.path("reports/d/results.json").exists() {
        serde_json::from_str(&sandbox.read("reports/d/results.json")).expect("JSON")
    } else {
        Value::Null
    };
    (code, said + &wrong, document)
}

fn point<'d>(document: &'d Value, key: &str) -> &'d Value {
    let points = document["points"].as_array().expect("a list");
    let mut found = points.iter().filter(|point| point["key"] == key);
    found.next().unwrap_or_else(|| panic!("{key} is a point"))
}

fn value(point: &Value, column: &str) -> f64 {
    let entry = &point["metrics"][column][0]["value"];
    entry.as_f64().unwrap_or_else(|| panic!("{column}"))
}

#[test]
fn the_region_with_the_least_carbon_within_budget_is_chosen_and_what_would_change_it_is_said() {
    let (code, said, document) = run(&scenario("10000000 USD", ""));
    assert_eq!(code, 0, "{said}");
    let answer = &document["answers"][0];
    assert_eq!(
        answer["key"], "region=gcp/europe-north1,purchase=on_demand",
        "{said}"
    );
    let of = |region: &str| point(&document, &format!("region=gcp/{region},purchase=spot"));
    let (north, iowa) = (of("europe-north1"), of("us-central1"));
    // Finland's grid and PUE against Iowa's, everything else being the same.
    let ratio = value(iowa, "carbon_per_mtok") / value(north, "carbon_per_mtok");
    assert!(
        (ratio / (412.72 * 1.1 / (39.32 * 1.09)) - 1.0).abs() < 1e-6,
        "{ratio}"
    );
    assert!((value(iowa, "mean_tpot") / value(north, "mean_tpot") - 1.0).abs() < 1e-12);
    let months = value(north, "cost_per_year") / value(north, "cost_per_month");
    assert!((months - 12.0).abs() < 1e-9);
    assert!(said.contains("Regions for"), "{said}");
    let grid = document["sensitivity"][0]["break_evens"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|found| found["input"] == "energy.carbon.intensity at gcp/europe-north1")
        .expect("a dirtier grid loses");
    let at = grid["at"].as_f64().expect("a number");
    assert!((at / (412.72 * 1.1 / 1.09) - 1.0).abs() < 1e-3, "{at}");
    let places = document["presentation"]["places"]
        .as_array()
        .expect("a list");
    assert_eq!(places.len(), 2);
    assert!(
        places[0]["source"]
            .as_str()
            .is_some_and(|text| text.contains("(20"))
    );
}

#[test]
fn a_budget_excludes_what_is_over_it_and_says_so() {
    let (_, _, free) = run(&scenario("10000000 USD", ""));
    let month = |purchase: &str| {
        let key = format!("region=gcp/europe-north1,purchase={purchase}");
        value(point(&free, &key), "cost_per_month")
    };
    // Spot in the north is a tenth of the price on demand.
    let limit = format!("{} USD", (month("on_demand") * 0.25).round());
    let (code, said, document) = run(&scenario(&limit, ""));
    assert_eq!(
        document["answers"][0]["key"],
        "region=gcp/europe-north1,purchase=spot"
    );
    assert_eq!(code, 0, "one option is within budget: {said}");
    assert!(said.contains("is over budget (budget)"), "{said}");
    let (code, said, document) = run(&scenario("1 USD", ""));
    assert_eq!(code, 1, "none is within budget: {said}");
    assert_eq!(document["answers"][0]["verdict"], "none");
    assert_eq!(document["findings"][0]["code"], "slo-failed");
    assert_eq!(document["findings"][0]["column"], "cost_per_month");
}

#[test]
fn a_range_that_spans_the_budget_cannot_be_told() {
    let (_, _, free) = run(&scenario("10000000 USD", ""));
    let key = "region=gcp/europe-north1,purchase=spot";
    let entry = &point(&free, key)["metrics"]["cost_per_month"][0];
    let (lo, hi) = (entry["lo"].as_f64(), entry["hi"].as_f64());
    let (lo, hi) = lo.zip(hi).expect("replicas have a range");
    let limit = format!("{} USD", f64::midpoint(lo, hi).round());
    let (code, said, document) = run(&scenario(&limit, ""));
    assert_eq!(code, 0, "{said}");
    assert_eq!(document["findings"][0]["code"], "slo-inconclusive");
    assert_eq!(document["answers"][0]["verdict"], "inconclusive");
    assert!(
        said.contains("cannot be told yet to be within budget"),
        "{said}"
    );
}

#[test]
fn an_unknown_region_of_an_axis_is_refused_with_the_nearest() {
    let wrong = scenario("1 USD", "").replace("gcp/europe-north1", "gcp/europe-nort1");
    let (code, said, _) = run(&wrong);
    assert_eq!(code, 2);
    assert!(
        said.contains("unknown-region") && said.contains("gcp/europe-north1"),
        "{said}"
    );
}

#[test]
fn a_search_does_not_keep_the_budget_of_a_fleet() {
    let searched = scenario("1 USD", "").replace(
        "{minimize: carbon_per_mtok,",
        "{maximize: concurrency, search: {from: 1, to: 64},",
    );
    let (code, said, _) = run(&searched);
    assert_eq!(code, 2);
    assert!(said.contains("limits what a fleet costs"), "{said}");
}

#[test]
fn interruptions_of_spot_need_more_replicas_and_are_marked_where_they_are_not_stated() {
    let (_, _, silent) = run(&scenario("10000000 USD", ""));
    let assumed = silent["assumptions"].as_array().expect("a list").iter();
    let mut assumed = assumed.filter(|one| one["basis"] == "assumed");
    assert!(assumed.any(|one| one["path"] == "pricing.spot.interruptions_per_node_day"));
    let stated = scenario("10000000 USD", "").replace(
        "  as_of: 2026-09-01",
        "  as_of: 2026-09-01\n  spot: {interruptions_per_node_day: 24, restart: 30m}",
    );
    let (_, _, document) = run(&stated);
    let key = "region=gcp/us-central1,purchase=spot";
    let (before, after) = (point(&silent, key), point(&document, key));
    let dearer = value(after, "cost_per_mtok_output") / value(before, "cost_per_mtok_output");
    assert!(
        (dearer - 1.5).abs() < 1e-9,
        "half an hour lost for each hour: {dearer}"
    );
    assert!(value(after, "cost_per_month") > value(before, "cost_per_month") * 1.2);
    let on_demand = "region=gcp/us-central1,purchase=on_demand";
    let same = |document| value(point(document, on_demand), "cost_per_month");
    assert!((same(&document) / same(&silent) - 1.0).abs() < 1e-12);
}

#[test]
fn past_the_break_even_use_owning_is_cheaper() {
    let owned = |duty: f64| {
        let text = scenario("10000000 USD", "")
            .replace(", purchase: [on_demand, spot]", "")
            .replace(
                "a3-highgpu-1g}",
                &format!(
                    "a3-highgpu-1g, owned: {{capex: 60000 USD, life: 4y, upkeep: 1 USD/h, duty: {duty}h/day}}}}"
                ),
            )
            .replace("  as_of: 2026-09-01", "  as_of: 2026-09-01\n  purchase: [on_demand, owned]");
        run(&text).2
    };
    let document = owned(24.0);
    let payment = &document["payments"][0];
    let against = &payment["owning"]["against"][0];
    assert_eq!(against["purchase"], "on_demand");
    let months = against["payback_months"]["value"]
        .as_f64()
        .expect("it pays back");
    assert!(months > 1.0 && months < 48.0, "{months}");
    let even = against["break_even_use"]["value"]
        .as_f64()
        .expect("it breaks even");
    let hours = |document: &Value| {
        let ways = document["payments"][0]["ways"]
            .as_array()
            .expect("a list")
            .clone();
        let of = |name: &str| {
            let way = ways.iter().find(|way| way["purchase"] == name);
            let hour = way.map(|way| way["cost_per_hour"]["value"].as_f64());
            hour.flatten().expect("it has a price")
        };
        of("owned") / of("on_demand")
    };
    assert!(
        hours(&owned(even * 24.0 * 1.01)) < 1.0,
        "used a little more"
    );
    assert!(
        hours(&owned(even * 24.0 * 0.99)) > 1.0,
        "used a little less"
    );
}

#[test]
fn variants_are_predicted_beside_the_answer_and_their_quality_is_not() {
    let more = "what_if:
  - {name: fp8, precision: fp8}
  - {name: shallow, prune: {layers: 25%}}
  - {name: odd, distill: {heads: 30, kv_heads: 7}}
  - {name: as it is, quality: {score: 66.6, metric: MMLU, source: ours}}
";
    let (code, said, document) = run(&scenario("10000000 USD", more));
    assert_eq!(code, 0, "{said}");
    let what_if = &document["what_if"][0];
    assert_eq!(what_if["base"], document["answers"][0]["key"]);
    let base = point(&document, what_if["base"].as_str().expect("a key"));
    let variants = what_if["variants"].as_array().expect("a list");
    let ratio =
        |index: usize, column: &str| value(&variants[index]["point"], column) / value(base, column);
    assert!(ratio(0, "memory_weights") < 0.6 && ratio(0, "mean_tpot") < 1.0);
    let layers = ratio(1, "mean_tpot");
    assert!(layers > 0.7 && layers < 0.85, "{layers}");
    assert!(variants[2]["point"].is_null() && variants[2]["refused"].is_string());
    assert!(said.contains("not predicted; measure it"), "{said}");
    assert!(said.contains("66.6 MMLU"), "{said}");
    // No variant is a point: none is counted, and none answers.
    assert_eq!(document["planned"], 4);
    let keys = document["points"].as_array().expect("a list").iter();
    assert_eq!(
        keys.filter(|one| one["key"]
            .as_str()
            .is_some_and(|key| key.contains("what_if")))
            .count(),
        0
    );
}

#[test]
fn every_form_of_a_question_is_answered() {
    let text = scenario("10000000 USD", "")
        .replace(
            "{axes: {region: [gcp/us-central1, gcp/europe-north1], purchase: [on_demand, spot]}}",
            "{axes: {precision: [bf16, fp8], request_rate: [2 req/s, 4 req/s]}}",
        )
        .replace("load: {concurrency: 16}", "load: {request_rate: 2 req/s}")
        .replace("$(point.region)", "gcp/us-central1")
        .replace(
            "  - {minimize: carbon_per_mtok, subject_to: [quick, budget], size_for: {request_rate: 20 req/s}}",
            "  - {name: most, maximize: request_rate, subject_to: [quick], per: [precision]}
  - {name: month, minimize: cost_per_month, subject_to: [quick], size_for: {request_rate: 20 req/s}, headline: true}
  - {name: year, minimize: cost_per_year}
  - {name: users, minimize: memory_total, size_for: {concurrency: 100}}
  - {name: knee, maximize: request_rate, search: {from: 1 req/s, to: 8 req/s, tolerance: 20%}, subject_to: [quick]}",
        );
    let (code, said, document) = run(&text);
    assert_eq!(code, 0, "{said}");
    let answers = document["answers"].as_array().expect("a list");
    let of = |name: &str| -> Vec<&Value> {
        let found = answers.iter().filter(|answer| answer["question"] == name);
        found.collect()
    };
    let most = of("most");
    assert_eq!(most.len(), 2, "one for each precision");
    assert!(
        most.iter()
            .all(|answer| answer["objective"]["value"] == 4.0)
    );
    let month = of("month")[0];
    assert_eq!(month["headline"], true);
    let fleet = month["size"]["cost_per_month"].as_f64().expect("a fleet");
    let sought = month["objective"]["value"].as_f64().expect("a number");
    assert!((fleet / sought - 1.0).abs() < 1e-9, "{fleet} {sought}");
    let year = of("year")[0]["objective"]["value"]
        .as_f64()
        .expect("a number");
    assert!((year / sought - 12.0).abs() < 1e-6);
    assert!(of("users")[0]["size"]["replicas"].as_u64() > Some(1));
    assert!(of("knee")[0]["search"].is_object());
}
