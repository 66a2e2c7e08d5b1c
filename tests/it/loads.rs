//! Traces and sessions as a user runs them.

use std::fs;

use serde_json::Value;

use crate::sandbox::{Sandbox, repository};

fn chat() -> Sandbox {
    let trace = fs::read(repository().join("scenarios/chat-trace.csv")).expect("the trace ships");
    Sandbox::new()
        .with_shipped("chat-trace")
        .with("scenarios/chat-trace.csv", trace)
}

fn results(sandbox: &Sandbox, name: &str) -> Value {
    let text = sandbox.read(&format!("reports/{name}/results.json"));
    serde_json::from_str(&text).expect("JSON")
}

fn number(point: &Value, column: &str) -> f64 {
    let number = point["metrics"][column][0]["value"].as_f64();
    number.unwrap_or_else(|| panic!("{column} of {}", point["key"]))
}

#[test]
fn a_trace_is_checked_planned_run_and_explained() {
    let sandbox = chat();
    for arguments in [
        &["check", "scenarios/chat-trace.yaml"][..],
        &["plan", "scenarios/chat-trace.yaml", "--count"],
        &["run", "scenarios/chat-trace.yaml"],
        &["explain", "chat-trace", "1", "mean_ttft"],
    ] {
        assert_eq!(
            sandbox.code(arguments),
            0,
            "{}",
            sandbox.transcript(arguments)
        );
    }
    let document = results(&sandbox, "chat-trace");
    assert!(document.to_string().contains("scenarios/chat-trace.csv"));
    let points = document["points"].as_array().expect("a list");
    assert_eq!(points.len(), 9);
    // The same requests arrive whatever serves them, and a router that knows the caches finds more in them.
    let two = &points[3..6];
    for point in points {
        assert!((number(point, "offered_rate") - 1.5).abs() < 0.1);
    }
    assert!(number(&two[0], "prefix_hit_rate") > 1.3 * number(&two[2], "prefix_hit_rate"));
}

#[test]
fn sessions_find_what_they_said() {
    let sandbox = Sandbox::new().with_shipped("chat-sessions");
    assert_eq!(sandbox.code(&["run", "scenarios/chat-sessions.yaml"]), 0);
    let document = results(&sandbox, "chat-sessions");
    let points = document["points"].as_array().expect("a list");
    for point in points {
        // Four turns a session.
        let sessions = point["axes"]["request_rate"].as_str().expect("a rate");
        let number_of = sessions.trim_end_matches(" req/s").parse::<f64>();
        let sessions = number_of.expect("a rate in requests a second");
        let requests = number(point, "offered_rate");
        let holds = point["notes"].as_array().is_some_and(Vec::is_empty);
        assert!(
            !holds || (requests / (4.0 * sessions) - 1.0).abs() < 0.15,
            "{requests} {sessions}"
        );
    }
    // Points of one rate stand together: the router by load, then the one that knows the caches.
    // What is saturated, or so near that first tokens wait for seconds on average, finds little: caches are short-lived there.
    let holds = |point: &Value| {
        point["notes"].as_array().is_some_and(Vec::is_empty) && number(point, "mean_ttft") < 1.0
    };
    let pairs: Vec<_> = points
        .chunks(2)
        .filter(|pair| pair.iter().all(holds))
        .collect();
    assert!(pairs.len() >= 5);
    for pair in pairs {
        let found = |point| number(point, "prefix_hit_rate");
        assert!(found(&pair[1]) > 1.2 * found(&pair[0]));
    }
    assert!(number(&points[0], "prefix_hit_rate") > 0.4);
}

#[test]
fn a_bad_trace_is_bad_input() {
    let sandbox = chat().with(
        "scenarios/chat-trace.csv",
        "arrival_s,isl,osl\n3,5,5\n2,5,5\n",
    );
    insta::assert_snapshot!(sandbox.transcript(&["run", "scenarios/chat-trace.yaml"]));
}

#[test]
fn a_closed_form_of_a_trace_is_refused() {
    let sandbox = chat();
    let scenario =
        sandbox.read("scenarios/chat-trace.yaml") + "run: [{predict: {method: analytic}}]\n";
    let sandbox = sandbox.with("scenarios/chat-trace.yaml", scenario);
    insta::assert_snapshot!(sandbox.transcript(&["run", "scenarios/chat-trace.yaml"]));
}
