//! The golden workflow: accept, drift, review, accept again.

use crate::sandbox::{Sandbox, repository};

#[test]
fn drift_is_found_reviewed_and_accepted() {
    let sandbox = Sandbox::new().with_shipped("hello");
    assert_eq!(
        sandbox.code(&["run", "scenarios/hello.yaml", "--accept"]),
        0
    );
    assert_eq!(
        sandbox.code(&["golden", "check", "scenarios/hello.yaml"]),
        0
    );
    let changed = sandbox
        .read("scenarios/hello.yaml")
        .replace("isl: 1024", "isl: 2048");
    let sandbox = sandbox.with("scenarios/hello.yaml", changed);
    assert_eq!(
        sandbox.code(&["golden", "check", "scenarios/hello.yaml"]),
        1,
        "drift is a finding"
    );
    let accepted = sandbox.read("golden/hello.golden.json");
    insta::assert_snapshot!(
        "drift",
        sandbox.transcript(&["run", "scenarios/hello.yaml"])
    );
    assert_eq!(
        sandbox.read("golden/hello.golden.json"),
        accepted,
        "nothing is accepted by itself"
    );
    insta::assert_snapshot!("review", sandbox.transcript(&["golden", "review", "hello"]));
    assert_eq!(sandbox.code(&["golden", "accept", "hello"]), 0);
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    assert!(
        !sandbox.path("golden/hello.golden.json.new").exists(),
        "nothing waits any more"
    );
}

#[test]
fn in_ci_nothing_is_written_beside_the_golden() {
    let sandbox = Sandbox::new().with_shipped("hello");
    assert_eq!(
        sandbox.code(&["run", "scenarios/hello.yaml", "--accept"]),
        0
    );
    let mut command = sandbox.command();
    let arguments = [
        "run",
        "scenarios/hello.yaml",
        "--set",
        "workload.llm.isl=4096",
    ];
    let output = command
        .env("CI", "true")
        .args(arguments)
        .output()
        .expect("the command starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(!sandbox.path("golden/hello.golden.json.new").exists());
}

#[test]
fn the_committed_goldens_agree() {
    let root = repository();
    let mut command = Sandbox::new().command();
    command.current_dir(&root).args([
        "golden",
        "check",
        "scenarios/hello.yaml",
        "scenarios/llm-serving.yaml",
    ]);
    let output = command.output().expect("the command starts");
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn an_accepted_file_is_compared_by_its_hash() {
    let sandbox = Sandbox::new().with_shipped("hello");
    let scenario =
        sandbox.read("scenarios/hello.yaml") + "golden: {files: [report.pdf, results.parquet]}\n";
    let sandbox = sandbox.with("scenarios/hello.yaml", &scenario);
    assert_eq!(
        sandbox.code(&["run", "scenarios/hello.yaml", "--accept"]),
        0
    );
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    assert_eq!(
        sandbox.code(&["golden", "check", "scenarios/hello.yaml"]),
        0
    );
    let changed = scenario + "report: {title: Another title}\n";
    let sandbox = sandbox.with("scenarios/hello.yaml", changed);
    let found = sandbox.transcript(&["golden", "check", "scenarios/hello.yaml"]);
    assert!(
        found.contains("report.pdf has another hash than accepted"),
        "{found}"
    );
    assert!(
        !found.contains("results.parquet has another hash"),
        "{found}"
    );
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 1);
    assert_eq!(sandbox.code(&["golden", "accept", "hello"]), 0);
    assert_eq!(
        sandbox.code(&["golden", "check", "scenarios/hello.yaml"]),
        0
    );
}
