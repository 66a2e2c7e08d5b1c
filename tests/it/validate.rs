//! `phantom validate` on a few dozen published rows, as a user runs it.

use std::fs;

use serde_json::Value;

use crate::sandbox::{Sandbox, repository};

const ROWS: &str = "tests/data/measurements";

/// A folder with the rows.
fn measured() -> Sandbox {
    let mut sandbox = Sandbox::new();
    for folder in [ROWS.to_owned(), format!("{ROWS}/kernels")] {
        for entry in fs::read_dir(repository().join(&folder))
            .expect("the rows ship")
            .flatten()
        {
            if entry.path().is_file() {
                let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
                sandbox = sandbox.with(&name, fs::read(entry.path()).expect("readable"));
            }
        }
    }
    sandbox
}

/// Exit code and what stands on standard output.
fn said(sandbox: &Sandbox, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = sandbox.command();
    let output = command
        .args(["validate", ROWS])
        .args(arguments)
        .output()
        .expect("the command starts");
    let text = String::from_utf8(output.stdout).expect("text");
    (output.status.code(), text)
}

fn json(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let (code, text) = said(sandbox, &[arguments, &["--format", "json"]].concat());
    assert_eq!(code, Some(0), "{text}");
    serde_json::from_str(&text).expect("one document")
}

fn number(document: &Value, key: &str) -> u64 {
    document[key].as_u64().expect("a count")
}

#[test]
fn text_and_json_tell_the_same() {
    let sandbox = measured();
    let (code, text) = said(&sandbox, &[]);
    assert_eq!(code, Some(0));
    let document = json(&sandbox, &[]);
    assert_eq!(document["schema"], "phantom.validation/v1");
    let [rows, compared, held_out] =
        ["rows", "compared", "held_out"].map(|key| number(&document, key));
    assert!(rows > compared && compared > 20, "{rows} {compared}");
    let in_sample = number(&document, "in_sample");
    assert!(held_out > 0 && in_sample > 0 && held_out + in_sample == compared);
    let files = document["files"].as_array().expect("a list").len();
    let headline = format!(
        "{rows} rows of {files} files: {compared} compared, {} skipped",
        rows - compared
    );
    assert!(text.starts_with(&headline), "{text}");
    assert!(text.contains("used in its fit and shown apart"), "{text}");
    for reason in document["skipped"].as_array().expect("a list") {
        let name = reason["reason"].as_str().expect("a name");
        assert!(text.contains(name), "{name} is counted in the text");
    }
}

#[test]
fn keys_and_filters_choose_tables_and_rows() {
    let sandbox = measured();
    let document = json(
        &sandbox,
        &["--by", "hardware,scenario", "--where", "source_id=gpt-fast"],
    );
    assert_eq!(number(&document, "rows"), 5);
    let crossed: u64 = document["groups"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|group| {
            let keys = group["by"].as_object().expect("a map").keys();
            keys.eq(["hardware", "scenario"])
        })
        .map(|group| number(group, "n"))
        .sum();
    assert_eq!(crossed, 5, "every row is in one crossed group");
    let (_, text) = said(&sandbox, &["--by", "hardware,scenario"]);
    assert!(text.contains("By hardware, scenario"), "{text}");
}

#[test]
fn rows_are_written_one_a_line() {
    let sandbox = measured();
    let document = json(&sandbox, &["--rows", "rows.csv"]);
    let text = sandbox.read("rows.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let place = |name: &str| {
        let place = header.iter().position(|column| column == name);
        place.unwrap_or_else(|| panic!("no column `{name}`"))
    };
    let lines: Vec<csv::StringRecord> = reader.records().map(|line| line.expect("even")).collect();
    assert_eq!(lines.len() as u64, number(&document, "rows"));
    let compared = lines
        .iter()
        .filter(|line| line[place("skipped")].is_empty());
    let mut count = 0;
    for line in compared {
        count += 1;
        let value = |name: &str| line[place(name)].parse::<f64>().expect("a number");
        let error = (value("predicted") - value("measured")) / value("measured");
        assert!((error - value("error")).abs() < 1e-9, "{line:?}");
        assert!(value("lo") <= value("predicted") && value("predicted") <= value("hi"));
        assert!(["held_out", "in_sample"].contains(&&line[place("sample")]));
    }
    assert_eq!(count, number(&document, "compared"));
}

#[test]
fn accepted_accuracy_is_checked() {
    let sandbox = measured();
    let golden = ["--golden", "golden/accuracy.json"];
    assert_eq!(
        said(&sandbox, &[&golden[..], &["--accept"]].concat()).0,
        Some(0)
    );
    let (code, text) = said(&sandbox, &golden);
    assert_eq!(code, Some(0));
    assert!(text.contains("0 of"), "{text}");
    let mut document: Value =
        serde_json::from_str(&sandbox.read("golden/accuracy.json")).expect("JSON");
    let groups = document["groups"].as_array_mut().expect("a list");
    assert!(!groups.is_empty());
    for group in groups {
        let accepted = group["median_ape"].as_f64().expect("a number");
        group["median_ape"] = (accepted - 0.1).into();
    }
    let sandbox = sandbox.with("golden/accuracy.json", document.to_string());
    let transcript = sandbox.transcript(&[&["validate", ROWS], &golden[..]].concat());
    assert!(transcript.contains("exit 1\n"), "{transcript}");
    assert!(transcript.contains("accuracy-drift: "), "{transcript}");
    let sandbox = sandbox.with("golden/accuracy.json", "{}");
    assert_eq!(said(&sandbox, &golden).0, Some(2), "no accepted accuracy");
}

#[test]
fn what_cannot_be_validated_has_its_own_code() {
    let sandbox = measured();
    assert_eq!(sandbox.code(&["validate", "missing"]), 2);
    assert_eq!(
        sandbox.code(&["validate", "tests/data/measurements/sources.csv"]),
        2,
        "a file without measurements, named directly"
    );
    assert_eq!(said(&sandbox, &["--where", "hardware=abacus"]).0, Some(4));
    assert_eq!(said(&sandbox, &["--calibration", "nothing"]).0, Some(2));
}

#[test]
fn without_calibration_there_is_no_coverage() {
    let sandbox = measured();
    let document = json(&sandbox, &["--calibration", "none", "--rows", "rows.csv"]);
    let groups = document["groups"].as_array().expect("a list");
    assert!(!groups.is_empty());
    for group in groups {
        for key in [
            "coverage_80",
            "coverage_90",
            "coverage_95",
            "median_width_90",
        ] {
            assert!(group[key].is_null(), "{group}");
        }
        assert!(group["median_ape"].is_number(), "{group}");
    }
    let rows = sandbox.read("rows.csv");
    let mut reader = csv::Reader::from_reader(rows.as_bytes());
    let header = reader.headers().expect("a header").clone();
    for line in reader.records().map(|line| line.expect("even")) {
        for (name, field) in header.iter().zip(&line) {
            assert!(!["lo", "hi", "level"].contains(&name) || field.is_empty());
        }
    }
    let (_, text) = said(&sandbox, &["--calibration", "none"]);
    assert!(text.contains("no intervals"), "{text}");
}

#[test]
fn rows_that_a_pack_was_fitted_on_are_shown_apart() {
    let path = repository().join("datasets/calibration/datasheet.json");
    let mut pack: Value =
        serde_json::from_slice(&fs::read(path).expect("it ships")).expect("a pack");
    pack["name"] = "fitted".into();
    pack["basis"] = "fitted".into();
    pack["inputs"] = serde_json::json!([
        {"path": "llm.csv", "blake3": "00", "sources": ["gpt-fast"], "rows_used": 5, "skipped": {}}
    ]);
    let models = ["mixtral-8x7b", "llama-2-70b", "llama-3.1-8b"];
    let scopes = models.map(|model| {
        let scope = format!("device=a100-sxm4-80gb model={model} program=gpt-fast");
        (scope, Value::from(""))
    });
    let scopes: serde_json::Map<String, Value> = scopes.into_iter().collect();
    pack["effects"] = serde_json::json!({"terms": [], "scopes": scopes});
    let sandbox = measured().with("fitted.json", pack.to_string());
    let fitted = ["--calibration", "fitted.json"];
    let document = json(&sandbox, &fitted);
    assert_eq!(number(&document, "in_sample"), 5);
    assert_eq!(
        number(&document, "held_out"),
        number(&document, "compared") - 5
    );
    let (_, text) = said(&sandbox, &fitted);
    assert!(text.contains("5 used in its fit and shown apart"), "{text}");
    assert!(text.contains("(in sample)"), "{text}");
}

/// Products at 60 % of the peak or of the memory rate, after 4 µs.
fn timed_products() -> String {
    let mut text =
        "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id\n"
            .to_owned();
    for (n, k) in [
        (1024, 4096),
        (4096, 4096),
        (8192, 2048),
        (4096, 14336),
        (2048, 2048),
    ] {
        for power in 0..12 {
            let m = 1_u64 << power;
            let work = 2.0 * (m * n * k) as f64 / 989.5e12;
            let traffic = 2.0 * (m * n + n * k + m * k) as f64 / 3.35e12;
            let time = 4.0 + 1e6 * work.max(traffic) / 0.6;
            text.push_str(&format!(
                "h100_sxm,vllm,1,gemm,x,bfloat16,{m},{n},{k},{time:.3},,made\n"
            ));
        }
    }
    text
}

#[test]
fn a_fitted_pack_knows_which_rows_it_has_seen() {
    let sandbox = Sandbox::new().with("timed/gemm.csv", timed_products());
    let run = |arguments: &[&str]| {
        let output = sandbox.command().args(arguments).output();
        let output = output.expect("the command starts");
        let text = String::from_utf8(output.stdout).expect("text");
        (output.status.code(), text)
    };
    let fit = [
        "calibrate",
        "timed",
        "-o",
        "own.json",
        "--holdout",
        "40%",
        "--seed",
        "3",
    ];
    let (code, text) = run(&fit);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("gemm") && text.contains("rows fitted"),
        "{text}"
    );
    let check = [
        "validate",
        "timed",
        "--calibration",
        "own.json",
        "--format",
        "json",
    ];
    let (code, text) = run(&check);
    assert_eq!(code, Some(0), "{text}");
    let document: Value = serde_json::from_str(&text).expect("one document");
    let [seen, unseen] = ["in_sample", "held_out"].map(|key| number(&document, key));
    assert!(
        seen > 0 && unseen > 0 && seen + unseen == 60,
        "{seen} {unseen}"
    );
    let wrong = ["calibrate", "timed", "-o", "own.json", "--holdout", "most"];
    assert_eq!(run(&wrong).0, Some(2));
}
