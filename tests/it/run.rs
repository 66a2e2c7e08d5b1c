//! The main job: what it writes, that it repeats, and that failures lose nothing.

use std::fs;
use std::process::Command;

use crate::sandbox::{Sandbox, repository};

#[test]
fn hello_writes_five_files_and_says_so() {
    let sandbox = Sandbox::new().with_shipped("hello");
    insta::assert_snapshot!(sandbox.transcript(&["run", "scenarios/hello.yaml"]));
    for file in [
        "report.html",
        "report.pdf",
        "results.json",
        "results.csv",
        "results.parquet",
    ] {
        assert!(
            !sandbox.bytes(&format!("reports/hello/{file}")).is_empty(),
            "{file} is written"
        );
    }
}

#[test]
fn llm_serving_answers_its_questions() {
    let sandbox = Sandbox::new().with_shipped("llm-serving");
    insta::assert_snapshot!(sandbox.transcript(&["run", "scenarios/llm-serving.yaml"]));
}

#[test]
fn the_same_inputs_give_the_same_bytes_for_any_number_of_threads() {
    let sandbox = Sandbox::new().with_shipped("llm-serving");
    for (out, jobs) in [("a", "1"), ("b", "2")] {
        let arguments = [
            "run",
            "scenarios/llm-serving.yaml",
            "--out",
            out,
            "--jobs",
            jobs,
            "--no-cache",
        ];
        assert_eq!(sandbox.code(&arguments), 0);
    }
    for file in [
        "report.html",
        "report.pdf",
        "results.json",
        "results.csv",
        "results.parquet",
        "summary.md",
    ] {
        assert!(
            sandbox.bytes(&format!("a/{file}")) == sandbox.bytes(&format!("b/{file}")),
            "{file} differs"
        );
    }
}

#[test]
fn what_is_kept_between_runs_changes_no_byte() {
    let sandbox = Sandbox::new().with_shipped("hello");
    let run = |out: &str, more: &[&str]| {
        let arguments = [
            "run",
            "scenarios/hello.yaml",
            "--golden",
            "off",
            "--out",
            out,
        ];
        sandbox.transcript(&[&arguments[..], &["--cache", "kept"], more].concat())
    };
    let is_cached = |words: String| words.contains("(1 cached)");
    assert!(!is_cached(run("fresh", &["--no-cache"])));
    assert!(!sandbox.path("kept").exists(), "nothing is kept");
    assert!(!is_cached(run("first", &[])));
    assert!(is_cached(run("second", &[])));
    for file in ["report.html", "report.pdf", "results.json", "results.csv"] {
        let fresh = sandbox.bytes(&format!("fresh/{file}"));
        for out in ["first", "second"] {
            assert!(fresh == sandbox.bytes(&format!("{out}/{file}")), "{file}");
        }
    }
    // A price is not what a prediction depends on; a length and the seed are.
    let priced = "pricing={currency: USD, as_of: 2026-11-01, rates: {g: {on_demand: 3 USD/h, source: a quote}}}";
    assert!(is_cached(run("priced", &["--set", priced])));
    for changed in ["workload.llm.isl=1000", "statistics.seed=2"] {
        assert!(!is_cached(run("other", &["--set", changed])), "{changed}");
    }
}

#[test]
fn a_report_renders_again_from_its_results() {
    let sandbox = Sandbox::new().with_shipped("hello");
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    let arguments = [
        "report",
        "hello",
        "--html",
        "again.html",
        "--pdf",
        "again.pdf",
    ];
    assert_eq!(sandbox.code(&arguments), 0);
    assert!(sandbox.bytes("again.html") == sandbox.bytes("reports/hello/report.html"));
    assert!(sandbox.bytes("again.pdf") == sandbox.bytes("reports/hello/report.pdf"));
}

#[test]
fn a_disk_that_fills_up_leaves_the_old_files() {
    let sandbox = Sandbox::new().with_shipped("hello");
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    let before = sandbox.bytes("reports/hello/report.html");
    // Files may not grow beyond 8 KiB, and the signal that would kill the process is ignored: writes fail as on a full disk.
    let script = format!(
        "trap '' XFSZ; ulimit -f 8; exec '{}' run scenarios/hello.yaml --set workload.llm.isl=2048",
        assert_cmd::cargo::cargo_bin("phantom").display()
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(sandbox.path(""))
        .env("PHANTOM_CACHE_DIR", sandbox.path("cache"))
        .output()
        .expect("bash starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{words}");
    assert!(words.contains("cannot be written"), "{words}");
    assert!(
        sandbox.bytes("reports/hello/report.html") == before,
        "the old report stands"
    );
    let left: Vec<_> = fs::read_dir(sandbox.path("reports/hello"))
        .expect("readable")
        .flatten()
        .collect();
    assert_eq!(left.len(), 5, "no partial file is left: {left:?}");
}

#[test]
fn an_output_folder_that_is_a_file_is_a_clear_error() {
    let sandbox = Sandbox::new().with_shipped("hello").with("out", "a file");
    insta::assert_snapshot!(sandbox.transcript(&["run", "scenarios/hello.yaml", "--out", "out"]));
    assert_eq!(sandbox.read("out"), "a file");
}

#[test]
fn without_calibration_no_number_has_an_interval() {
    let sandbox = Sandbox::new().with_shipped("hello");
    let run = ["run", "scenarios/hello.yaml", "--golden", "off"];
    let by_flag = sandbox.transcript(&[&run[..], &["--calibration", "none"]].concat());
    insta::assert_snapshot!(by_flag);
    let results = sandbox.read("reports/hello/results.json");
    let document: serde_json::Value = serde_json::from_str(&results).expect("JSON");
    let metrics = document["points"][0]["metrics"].as_object().expect("a map");
    for entry in metrics
        .values()
        .flat_map(|list| list.as_array().expect("a list"))
    {
        for key in ["lo", "hi", "level"] {
            assert!(entry[key].is_null(), "{entry}");
        }
        assert_eq!(
            (&entry["interval"], &entry["basis"]),
            (&"none".into(), &"datasheet".into())
        );
    }
    assert!(metrics.contains_key("mean_tpot") && !metrics.contains_key("power"));
    let page = sandbox.read("reports/hello/report.html");
    assert!(page.contains("datasheet values alone, so no number has an interval"));
    let scenario = sandbox.read("scenarios/hello.yaml") + "run: [{predict: {calibration: none}}]\n";
    let sandbox = sandbox.with("scenarios/hello.yaml", scenario);
    assert_eq!(sandbox.code(&run), 0);
    let again = sandbox.read("reports/hello/results.json");
    let again: serde_json::Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(
        again["points"], document["points"],
        "a scenario may say so too"
    );
}

#[test]
fn a_pack_that_a_scenario_names_lies_beside_it() {
    let pack = repository().join("datasets/calibration/datasheet.json");
    let pack = fs::read(pack).expect("the pack ships");
    let scenario = repository().join("scenarios/hello.yaml");
    let scenario = fs::read_to_string(scenario).expect("the scenario ships");
    let naming = |path: &str| format!("{scenario}run: [{{predict: {{calibration: {path}}}}}]\n");
    let sandbox = Sandbox::new()
        .with("scenarios/own.json", pack)
        .with("scenarios/hello.yaml", naming("own.json"))
        .with("scenarios/away.yaml", naming("../../own.json"));
    let run = ["run", "scenarios/hello.yaml", "--golden=off"];
    assert_eq!(sandbox.code(&run), 0);
    // From inside the folder, and from another one, it is the same pack.
    let inside = sandbox
        .command()
        .current_dir(sandbox.path("scenarios"))
        .args(["explain", "hello.yaml", "1", "mean_tpot"])
        .output();
    let inside = inside.expect("the command starts");
    let text = String::from_utf8_lossy(&inside.stdout);
    assert!(text.contains("basis datasheet: "), "{text}");
    let away = sandbox.transcript(&["run", "scenarios/away.yaml", "--golden=off"]);
    assert!(
        away.contains("exit 2") && away.contains("error[outside-root]"),
        "{away}"
    );
}

#[test]
fn executors_of_other_kinds_are_listed_as_not_selected() {
    let sandbox = Sandbox::new().with_shipped("llm-serving");
    let run = [
        "run",
        "scenarios/llm-serving.yaml",
        "--points",
        "model=llama8b,concurrency=1",
    ];
    let codes = |only: &str| {
        assert_eq!(sandbox.code(&[&run[..], &["--only", only]].concat()), 0);
        let results = sandbox.read("reports/llm-serving/results.json");
        let document: serde_json::Value = serde_json::from_str(&results).expect("JSON");
        let skipped = document["skipped"].as_array().expect("a list").clone();
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        skipped
            .iter()
            .map(|one| (text(&one["executor"]), text(&one["code"])))
            .collect::<Vec<_>>()
    };
    let expected = |import: &str, openai: &str| {
        [("import", import), ("openai", openai)]
            .map(|(name, code)| (name.to_owned(), code.to_owned()))
    };
    let (other, later) = ("not-selected", "not-in-this-version");
    assert_eq!(codes("predict"), expected(other, other));
    assert_eq!(codes("predict,import"), expected(later, other));
    assert_eq!(codes("predict,measure"), expected(other, later));
    let nothing = sandbox.transcript(&[&run[..], &["--only", "measure,import"]].concat());
    assert!(nothing.contains("exit 4\n"), "{nothing}");
    assert!(
        nothing.contains("`--only` leaves `predict` out"),
        "{nothing}"
    );
    let dry = sandbox.transcript(&[&run[..], &["--only", "predict", "--dry-run"]].concat());
    assert_eq!(dry.matches("not selected, skipped").count(), 2, "{dry}");
}

#[test]
fn redacted_texts_stand_in_no_output() {
    let scenario = "description: the secret plan\nreport: {redact: [inputs.scenario.path, inputs.scenario.description, '*.base_url']}\n\
        run: [{predict: {}}, {openai: {base_url: 'http://inside.example/v1'}}]\n";
    let sandbox = Sandbox::new().with_shipped("hello");
    let scenario = sandbox.read("scenarios/hello.yaml") + scenario;
    let sandbox = sandbox.with("scenarios/hello.yaml", &scenario);
    let printed = sandbox.transcript(&["run", "scenarios/hello.yaml", "--golden", "off"]);
    assert!(printed.contains("exit 0\n"), "{printed}");
    let results = sandbox.read("reports/hello/results.json");
    let document: serde_json::Value = serde_json::from_str(&results).expect("JSON");
    assert_eq!(document["inputs"]["scenario"]["path"], "redacted");
    assert_eq!(document["skipped"][0]["target"], "redacted");
    for (what, text) in [
        ("results.json", results),
        ("report.html", sandbox.read("reports/hello/report.html")),
        ("results.csv", sandbox.read("reports/hello/results.csv")),
        (
            "the terminal",
            printed
                .split_once("--- stdout")
                .expect("output")
                .1
                .to_owned(),
        ),
    ] {
        for secret in ["secret plan", "scenarios/hello.yaml", "inside.example"] {
            assert!(!text.contains(secret), "{what} shows `{secret}`");
        }
    }
    let sandbox = sandbox.with(
        "scenarios/hello.yaml",
        scenario.replace("inputs.scenario.path", "'points.*.key'"),
    );
    let refused = sandbox.transcript(&["run", "scenarios/hello.yaml", "--out", "other"]);
    assert!(
        refused.contains("exit 2\n") && refused.contains("cannot be redacted"),
        "{refused}"
    );
    assert!(
        !sandbox.path("other/results.json").exists(),
        "nothing is written"
    );
}

#[test]
fn workloads_without_a_model_say_so_once() {
    for name in ["vision-batch", "training-cost"] {
        let sandbox = Sandbox::new().with_shipped(name);
        let transcript = sandbox.transcript(&["run", &format!("scenarios/{name}.yaml")]);
        insta::assert_snapshot!(format!("not_modelled_{name}"), transcript);
    }
}

#[test]
fn an_interrupted_run_ends_with_130_and_writes_nothing() {
    let scenario = "schema: phantom/v1\nname: long\nmodels: {m: {catalog: llama-3.1-8b}}\nhardware: {g: {catalog: h100-sxm5-80gb}}\n\
        workload: {llm: {isl: 1024, osl: 256, load: {concurrency: 16}}}\n\
        matrix: {max_points: 10000000, axes: {isl: 1..2000, osl: 2..2001}}\nreport: {outputs: [{csv: rows.csv}]}\n";
    let sandbox = Sandbox::new().with("scenarios/long.yaml", scenario);
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("phantom"))
        .args(["run", "scenarios/long.yaml"])
        .current_dir(sandbox.path(""))
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the command starts");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .expect("kill runs");
    assert!(killed.success(), "the run was still going");
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    let rows = sandbox.path("reports/long/rows.csv");
    assert!(!rows.exists(), "an unfinished file has no name");
}
