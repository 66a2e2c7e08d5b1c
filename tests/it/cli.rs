//! Commands around the main job: what they print, and how they refuse.

use crate::sandbox::Sandbox;

const HELLO: &str = "schema: phantom/v1\nname: hello\nmodels: {m: {catalog: llama-3.1-8b}}\nhardware: {g: {catalog: h100-sxm5-80gb}}\n\
    workload: {llm: {isl: 1024, osl: 256, load: {concurrency: 16}}}\n";

/// Every way to ask that is refused, with what the user sees.
#[test]
fn wrong_input_is_refused_with_its_place() {
    let sandbox = Sandbox::new()
        .with_shipped("hello")
        .with("empty.yaml", "")
        .with("binary.yaml", [0u8, 159, 146, 150, 0, 1, 2])
        .with("misspelt.yaml", HELLO.replace("workload", "workloda"))
        .with("hardware.yaml", HELLO.replace("h100-sxm5-80gb", "h10"))
        .with(
            "model.yaml",
            HELLO.replace("llama-3.1-8b", "llama-3.1-8B-instruct-typo"),
        )
        .with(
            "many.yaml",
            HELLO
                .replace("isl: 1024", "isl: many, extra: 1")
                .replace("concurrency: 16", "concurrency: 0"),
        );
    let asked: [&[&str]; 13] = [
        &["run"],
        &["walk"],
        &["run", "scenarios/hello.yaml", "--nonsense"],
        &["run", "missing.yaml"],
        &["run", "empty.yaml"],
        &["run", "binary.yaml"],
        &["check", "misspelt.yaml"],
        &["check", "hardware.yaml"],
        &["check", "model.yaml"],
        &["check", "many.yaml"],
        &["run", "scenarios/hello.yaml", "--points", "concurency=3"],
        &["explain", "ttfft"],
        &["catalog", "show", "h10"],
    ];
    let transcripts: Vec<String> = asked
        .iter()
        .map(|arguments| sandbox.transcript(arguments))
        .collect();
    insta::assert_snapshot!(transcripts.join("\n"));
}

#[test]
fn commands_of_later_versions_are_unknown() {
    let sandbox = Sandbox::new();
    for command in ["serve", "probe", "doctor", "import"] {
        assert_eq!(sandbox.code(&[command]), 2, "`{command}` is not there yet");
    }
}

#[test]
fn small_commands_print_what_they_promise() {
    let sandbox = Sandbox::new()
        .with_shipped("hello")
        .with_shipped("llm-serving");
    let asked: [&[&str]; 8] = [
        &["--version"],
        &["check", "scenarios/hello.yaml"],
        &["plan", "scenarios/llm-serving.yaml", "--count"],
        &[
            "plan",
            "scenarios/llm-serving.yaml",
            "--points",
            "model=llama70b,concurrency<=2",
        ],
        &["plan", "scenarios/hello.yaml", "--yaml"],
        &["explain", "p99_ttft"],
        &["explain", "does-not-fit"],
        &["init", "--list"],
    ];
    let transcripts: Vec<String> = asked
        .iter()
        .map(|arguments| sandbox.transcript(arguments))
        .collect();
    insta::assert_snapshot!(transcripts.join("\n"));
}

#[test]
fn init_writes_a_scenario_that_runs_and_never_overwrites() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!(sandbox.transcript(&[
        "init",
        "my-service",
        "--template",
        "llm-serving"
    ]));
    assert_eq!(sandbox.code(&["check", "scenarios/my-service.yaml"]), 0);
    assert_eq!(sandbox.code(&["init", "my-service"]), 2);
}

#[test]
fn json_errors_are_one_document() {
    let sandbox = Sandbox::new().with("bad.yaml", HELLO.replace("isl: 1024", "isl: 10 GB"));
    insta::assert_snapshot!(sandbox.transcript(&["check", "bad.yaml", "--format", "json"]));
}

#[test]
fn commands_explain_themselves() {
    let sandbox = Sandbox::new();
    let asked: [&[&str]; 4] = [
        &["watch", "--help"],
        &["history", "--help"],
        &["golden", "--help"],
        &["run", "--help"],
    ];
    let transcripts: Vec<String> = asked
        .iter()
        .map(|arguments| sandbox.transcript(arguments))
        .collect();
    insta::assert_snapshot!(transcripts.join("\n"));
    let completions = sandbox.transcript(&["completions", "bash"]);
    assert!(
        completions.contains("phantom__subcmd__watch") || completions.contains("phantom__watch")
    );
    assert!(completions.contains("--metric"), "history takes a column");
}
