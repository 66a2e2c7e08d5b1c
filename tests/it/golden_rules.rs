//! The rules of acceptance: what is refused, what a part of an acceptance changes, and accuracy as a golden.

use crate::sandbox::{Sandbox, repository};

const SWEEP: &str = "schema: phantom/v1\nname: sweep\nmodels: {m: {catalog: llama-3.1-8b}}\nhardware: {g: {catalog: h100-sxm5-80gb}}\n\
    workload: {llm: {isl: 1024, osl: 256, load: {concurrency: 1}}}\nmatrix: {axes: {isl: [512, 1024]}}\n";

fn accepted_sweep() -> Sandbox {
    let sandbox = Sandbox::new().with("scenarios/sweep.yaml", SWEEP);
    assert_eq!(
        sandbox.code(&["run", "scenarios/sweep.yaml", "--accept"]),
        0
    );
    sandbox
}

fn golden(sandbox: &Sandbox) -> serde_json::Value {
    serde_json::from_str(&sandbox.read("golden/sweep.golden.json")).expect("JSON")
}

#[test]
fn selected_points_are_accepted_without_losing_the_others() {
    let sandbox = accepted_sweep();
    let before = golden(&sandbox);
    let changed = SWEEP.replace("osl: 256", "osl: 300");
    let sandbox = sandbox.with("scenarios/sweep.yaml", changed);
    let run = [
        "run",
        "scenarios/sweep.yaml",
        "--points",
        "isl=512",
        "--accept",
    ];
    assert_eq!(sandbox.code(&run), 0);
    let after = golden(&sandbox);
    assert_eq!(after["points"]["isl=1024"], before["points"]["isl=1024"]);
    assert_ne!(after["points"]["isl=512"], before["points"]["isl=512"]);
    let fresh = Sandbox::new().with("scenarios/sweep.yaml", SWEEP);
    let refused = fresh.transcript(&run);
    assert!(
        refused.contains("exit 3") && refused.contains("accept all points before"),
        "{refused}"
    );
}

#[test]
fn results_of_another_text_or_of_some_points_are_not_accepted() {
    let sandbox = accepted_sweep();
    assert_eq!(
        sandbox.code(&["run", "scenarios/sweep.yaml", "--points", "isl=512"]),
        0
    );
    let refused = sandbox.transcript(&["golden", "accept", "sweep"]);
    assert!(
        refused.contains("exit 3") && refused.contains("1 of its 2 points"),
        "{refused}"
    );
    assert_eq!(sandbox.code(&["run", "scenarios/sweep.yaml"]), 0);
    let sandbox = sandbox.with("scenarios/sweep.yaml", SWEEP.replace("256", "300"));
    let refused = sandbox.transcript(&["golden", "accept", "sweep"]);
    assert!(
        refused.contains("exit 3") && refused.contains("older than its text"),
        "{refused}"
    );
}

#[test]
fn a_glob_accepts_a_part_and_the_rest_waits() {
    let sandbox = accepted_sweep().with("scenarios/sweep.yaml", SWEEP.replace("256", "300"));
    assert_eq!(sandbox.code(&["run", "scenarios/sweep.yaml"]), 1);
    let nothing = sandbox.transcript(&["golden", "accept", "sweep", "--only", "isl=9"]);
    assert!(
        nothing.contains("exit 3") && nothing.contains("no point and no column matches"),
        "{nothing}"
    );
    let before = golden(&sandbox);
    assert_eq!(
        sandbox.code(&["golden", "accept", "sweep", "--only", "isl=512"]),
        0
    );
    assert_eq!(
        golden(&sandbox)["points"]["isl=1024"],
        before["points"]["isl=1024"]
    );
    assert!(
        sandbox.path("golden/sweep.golden.json.new").exists(),
        "the rest waits"
    );
    assert_eq!(sandbox.code(&["golden", "review", "sweep"]), 1);
    assert_eq!(
        sandbox.code(&["run", "scenarios/sweep.yaml", "--accept"]),
        0
    );
    assert!(
        !sandbox.path("golden/sweep.golden.json.new").exists(),
        "nothing waits after a whole acceptance"
    );
}

#[test]
fn prune_removes_what_no_scenario_refers_to_and_nothing_else() {
    let sandbox = accepted_sweep()
        .with(
            "scenarios/deep/inner.yaml",
            SWEEP.replace("name: sweep", "name: inner"),
        )
        .with("golden/inner.golden.json", "{}")
        .with("golden/gone.golden.json", "{}")
        .with("golden/gone.golden.json.new", "{}")
        .with("golden/accuracy.json", "{}");
    let dry = sandbox.transcript(&["golden", "prune", "--dry-run"]);
    assert!(
        dry.contains("would remove golden/gone.golden.json\n"),
        "{dry}"
    );
    assert!(sandbox.path("golden/gone.golden.json").exists());
    let root = sandbox.path("").display().to_string();
    let pruned = sandbox.transcript(&["golden", "prune", "--root", &root]);
    assert_eq!(pruned.matches("removed ").count(), 2, "{pruned}");
    let left = [
        "golden/sweep.golden.json",
        "golden/inner.golden.json",
        "golden/accuracy.json",
    ];
    assert!(left.iter().all(|file| sandbox.path(file).exists()));
    let broken = sandbox
        .with("golden/gone.golden.json", "{}")
        .with("scenarios/broken.yaml", "name: 3\n");
    assert_eq!(
        broken.code(&["golden", "prune"]),
        2,
        "with a scenario that cannot be read nothing is removed"
    );
    assert!(broken.path("golden/gone.golden.json").exists());
}

#[test]
fn a_check_speaks_to_programs_pages_and_pull_requests() {
    let sandbox = accepted_sweep().with(
        "scenarios/sweep.yaml",
        SWEEP.replace("256", "300") + "golden:\n  tolerance: {default: {rel: 1%}}\n",
    );
    let ask = |format: &str| {
        sandbox.transcript(&[
            "golden",
            "check",
            "scenarios/sweep.yaml",
            "--format",
            format,
        ])
    };
    let json = ask("json");
    let document = json
        .split("--- stdout\n")
        .nth(1)
        .and_then(|rest| rest.split("--- stderr").next());
    let document: serde_json::Value =
        serde_json::from_str(document.expect("output")).expect("JSON");
    assert_eq!(document["scenarios"][0]["differing"], 2);
    assert!(
        ask("github").contains("::error file=scenarios/sweep.yaml,line=8,"),
        "{}",
        ask("github")
    );
    assert!(
        ask("markdown")
            .contains("### ✗ sweep\n\n2 of 2 points differ from `golden/sweep.golden.json`.")
    );
}

/// A file of accepted accuracy whose first two groups were better than they are.
fn tampered(accepted: &str) -> serde_json::Value {
    let mut document: serde_json::Value = serde_json::from_str(accepted).expect("JSON");
    let groups = document["groups"].as_array_mut().expect("groups");
    assert!(groups.len() > 1, "{accepted}");
    for group in groups.iter_mut().take(2) {
        group["median_ape"] = 0.0001.into();
    }
    document
}

const VALIDATE: [&str; 3] = ["validate", "--golden", "golden/accuracy.json"];

/// A project whose accuracy is accepted, and the arguments that compare with it.
fn accepted_accuracy() -> (Sandbox, Vec<String>) {
    let measurements = repository().join("tests/data/measurements");
    let mut arguments: Vec<String> = VALIDATE.map(str::to_owned).to_vec();
    arguments.push(measurements.display().to_string());
    let sandbox = Sandbox::new().with("golden/accuracy.json", "");
    let accepting: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .chain(["--accept"])
        .collect();
    assert_eq!(sandbox.code(&accepting), 0);
    (sandbox, arguments)
}

/// Accuracy that has become worse waits beside the accepted one, is reviewed and accepted group by group.
#[test]
fn accuracy_goes_through_the_same_review() {
    let (sandbox, arguments) = accepted_accuracy();
    let validate: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let accepted = sandbox.read("golden/accuracy.json");
    let document = tampered(&accepted);
    let sandbox = sandbox.with("golden/accuracy.json", document.to_string());
    let drift = sandbox.transcript(&validate);
    assert!(
        drift.contains("exit 1") && drift.contains("2 of "),
        "{drift}"
    );
    assert!(sandbox.path("golden/accuracy.json.new").exists());
    let listed = sandbox.transcript(&["golden", "list"]);
    assert!(
        listed.contains("golden/accuracy.json.new  waits for review"),
        "{listed}"
    );
    let review = sandbox.transcript(&["golden", "review", "accuracy"]);
    assert_eq!(
        review.matches("median_ape\n- 0.0001\n").count(),
        2,
        "{review}"
    );
    let by = document["groups"][0]["by"]
        .as_object()
        .expect("a map")
        .clone();
    let names = by
        .iter()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
    let key = names.collect::<Vec<_>>().join(",");
    assert_eq!(
        sandbox.code(&["golden", "accept", "accuracy", "--only", &key]),
        0
    );
    assert!(
        sandbox.path("golden/accuracy.json.new").exists(),
        "the other group waits"
    );
    assert_eq!(sandbox.code(&["golden", "accept", "accuracy"]), 0);
    assert_eq!(sandbox.read("golden/accuracy.json"), accepted);
    assert!(!sandbox.path("golden/accuracy.json.new").exists());
    assert_eq!(sandbox.code(&validate), 0);
}

#[test]
fn accuracy_that_became_worse_waits_at_the_desk_and_not_in_ci() {
    let (sandbox, arguments) = accepted_accuracy();
    let validate: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let document = tampered(&sandbox.read("golden/accuracy.json"));
    let sandbox = sandbox.with("golden/accuracy.json", document.to_string());
    let output = sandbox
        .command()
        .env("CI", "true")
        .args(&arguments)
        .output();
    assert_eq!(output.expect("it starts").status.code(), Some(1));
    assert!(!sandbox.path("golden/accuracy.json.new").exists());
    assert_eq!(sandbox.code(&validate), 1);
    assert!(sandbox.path("golden/accuracy.json.new").exists());
    assert_eq!(sandbox.code(&["golden", "reject", "accuracy"]), 0);
    assert!(!sandbox.path("golden/accuracy.json.new").exists());
}
