//! What a user asks of the simulation: the knee of a load, how a number came about, a trace of the run.

use serde_json::Value;

use crate::sandbox::Sandbox;

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn a_search_finds_the_knee_and_sizes_a_fleet() {
    let sandbox = Sandbox::new().with_shipped("knee");
    let shorter = [
        "run",
        "scenarios/knee.yaml",
        "--verbose",
        "--golden=off",
        "--points=hardware=h100",
        "--set=solve.0.search.tolerance=10%",
        "--set=solve.1.search.tolerance=10%",
    ];
    insta::assert_snapshot!(sandbox.transcript(&shorter));
    assert_eq!(sandbox.code(&["run", "scenarios/knee.yaml", "--accept"]), 0);
    let results = json(&sandbox.read("reports/knee/results.json"));
    for answer in results["answers"].as_array().expect("a list") {
        let of = |key: &str| answer["objective"][key].as_f64();
        let value = of("value").expect("some load meets the objectives");
        assert!(of("lo").is_none_or(|lo| lo <= value), "{answer}");
        assert!(of("hi").is_some_and(|hi| value < hi), "{answer}");
        assert_eq!(answer["search"]["end"], "crossed");
        let steps = answer["search"]["steps"].as_array().expect("a list");
        let meets: Vec<f64> = steps
            .iter()
            .filter(|step| step["meets"] == true)
            .filter_map(|step| step["load"].as_f64())
            .collect();
        assert!(meets.contains(&value), "the answer was tried");
    }
    let page = sandbox.read("reports/knee/report.html");
    assert!(page.contains("loads were tried by search"));
    // The chart of the fleet says what the answer says, not what the load of the point would need.
    let headline = results["answers"].as_array().expect("a list").iter();
    for answer in headline.filter(|answer| answer["headline"] == true) {
        let accelerators = answer["size"]["accelerators"].as_u64().expect("a fleet");
        let said = format!("{accelerators}\u{a0}accelerators");
        let title = page
            .lines()
            .find(|line| line.contains("requests per second need"));
        assert!(
            title.is_some_and(|title| title.contains(&said)),
            "{said}: {title:?}"
        );
    }
    assert_eq!(sandbox.code(&["golden", "check", "scenarios/knee.yaml"]), 0);
    let again = [
        "report",
        "reports/knee/results.json",
        "--html",
        "again.html",
    ];
    assert_eq!(sandbox.code(&again), 0);
    assert!(
        sandbox
            .read("again.html")
            .contains("loads were tried by search")
    );
}

#[test]
fn a_search_that_does_not_cross_says_which_end_it_met() {
    let sandbox = Sandbox::new().with_shipped("knee");
    let at = |from: &str, to: &str| {
        sandbox.transcript(&[
            "run",
            "scenarios/knee.yaml",
            "--points",
            "hardware=h100",
            "--golden",
            "off",
            "--set",
            &format!("solve.0.search={{from: {from} req/s, to: {to} req/s}}"),
            "--set",
            "report.outputs=[]",
        ])
    };
    insta::assert_snapshot!(format!("{}\n{}", at("40", "64"), at("0.5", "2")));
}

#[test]
fn a_simulated_number_is_explained_with_both_parts_of_its_interval() {
    let sandbox = Sandbox::new().with_shipped("knee").with_shipped("hello");
    let column = [
        "explain",
        "scenarios/knee.yaml",
        "hardware=h100,request_rate=16.5",
        "p95_ttft",
    ];
    insta::assert_snapshot!(sandbox.transcript(&column));
    let closed = [
        "explain",
        "scenarios/hello.yaml",
        "1",
        "mean_tpot",
        "--set",
        "run=[{predict: {method: analytic}}]",
    ];
    insta::assert_snapshot!(sandbox.transcript(&closed));
    let whole = sandbox.transcript(&["explain", "scenarios/knee.yaml", "hardware=h100"]);
    for name in [
        "simulated requests",
        "p99_ttft",
        "memory_kv",
        "generation step: ",
    ] {
        assert!(whole.contains(&format!("\n{name}")), "{name} is explained");
    }
}

#[test]
fn a_slice_of_the_run_is_written_as_a_trace() {
    let sandbox = Sandbox::new().with_shipped("knee").with_shipped("hello");
    let trace = |file: &str| {
        let point = [
            "explain",
            "scenarios/knee.yaml",
            "hardware=h100,request_rate=16.5",
            "p95_ttft",
        ];
        let code = sandbox.code(&[&point[..], &["--trace", file]].concat());
        assert_eq!(code, 0);
        sandbox.read(file)
    };
    let (first, second) = (trace("a.json"), trace("b.json"));
    assert!(first == second, "the bytes are a function of the run");
    let document = json(&first);
    let events = document["traceEvents"].as_array().expect("a list");
    let count = |kind: &str| events.iter().filter(|event| event["ph"] == kind).count();
    assert!(count("X") > 400 && count("C") > 300 && count("M") > 3);
    assert_eq!(document["otherData"]["scenario"], "knee");
    let nothing = [
        "explain",
        "scenarios/hello.yaml",
        "1",
        "--set",
        "workload.llm.load={single_stream: true}",
        "--trace",
        "c.json",
    ];
    insta::assert_snapshot!(sandbox.transcript(&nothing));
    assert!(!sandbox.path("c.json").exists());
}
