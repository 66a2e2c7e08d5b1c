//! What continuous integration shows: the scripts that ship, run here on the example project, and the shape of their files.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;

use crate::sandbox::{Sandbox, repository};

/// The example project in a folder of its own.
fn example() -> Sandbox {
    let folder = repository().join("reports/examples/ci");
    let read = |path: &str| fs::read(folder.join(path)).expect("the example ships");
    Sandbox::new()
        .with("scenarios/chat.yaml", read("scenarios/chat.yaml"))
        .with("golden/chat.golden.json", read("golden/chat.golden.json"))
}

/// Runs the script as a job would.
fn check(sandbox: &Sandbox, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new("bash");
    command
        .arg(repository().join("ci/check.sh"))
        .current_dir(sandbox.path(""))
        .env("PHANTOM", assert_cmd::cargo::cargo_bin("phantom"))
        .env("PHANTOM_CACHE_DIR", sandbox.path("cache"))
        .env("CI", "true")
        .env("COLUMNS", "120");
    for name in [
        "GITHUB_ACTIONS",
        "GITHUB_OUTPUT",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_SHA",
        "PHANTOM_ARGS",
        "PHANTOM_GOLDEN",
    ] {
        command.env_remove(name);
    }
    command
        .envs(environment.iter().copied())
        .output()
        .expect("bash starts")
}

/// Compares with what is kept, or keeps it where snapshots are updated.
fn agrees(name: &str, text: &str) {
    let path = repository().join("reports/examples/ci/expected").join(name);
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&path, text).expect("written");
        return;
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{name} differs from {}; INSTA_UPDATE=always takes it:\n{text}",
        path.display()
    );
}

#[test]
fn a_reviewer_sees_what_the_example_keeps() {
    let sandbox = example();
    let (page, outputs) = (sandbox.path("page.md"), sandbox.path("outputs"));
    let output = check(
        &sandbox,
        &[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_STEP_SUMMARY", &page.display().to_string()),
            ("GITHUB_OUTPUT", &outputs.display().to_string()),
        ],
    );
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert_eq!(sandbox.read("outputs"), "code=1\nout=phantom-ci\n");
    let summary = sandbox.read("phantom-ci/summary/chat.md");
    assert_eq!(sandbox.read("page.md"), summary, "the page of the job");
    let (shown, _) = summary
        .split_once("## Versions")
        .expect("versions come last");
    agrees("summary.md", shown);
    agrees("annotations.txt", &String::from_utf8_lossy(&output.stdout));
    agrees("junit.xml", &sandbox.read("phantom-ci/junit/chat.xml"));
    agrees(
        "findings.sarif",
        &sandbox.read("phantom-ci/sarif/chat.sarif"),
    );
    assert!(sandbox.path("phantom-ci/html/chat.html").exists());
    assert!(
        !sandbox.path("golden/chat.golden.json.new").exists(),
        "nothing waits in CI"
    );
}

#[test]
fn without_findings_the_script_ends_with_0_and_reports_alone_never_fail() {
    let sandbox = example();
    assert_eq!(
        check(&sandbox, &[("PHANTOM_ARGS", "--exit-zero")])
            .status
            .code(),
        Some(0)
    );
    assert_eq!(
        check(&sandbox, &[("PHANTOM_ARGS", "--fail-on validity")])
            .status
            .code(),
        Some(0)
    );
    let output = check(&sandbox, &[]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        !printed.contains("::error"),
        "annotations are GitHub's: {printed}"
    );
    let broken = example().with("scenarios/chat.yaml", "schema: phantom/v1\nnam: chat\n");
    assert_eq!(check(&broken, &[]).status.code(), Some(2));
}

/// The lines of the GitLab job, run as GitLab runs them.
#[test]
fn the_lines_of_the_gitlab_job_run() {
    let template =
        fs::read_to_string(repository().join("ci/phantom.gitlab-ci.yml")).expect("it ships");
    let lines: Vec<&str> = template
        .lines()
        .skip_while(|line| line.trim() != "script:")
        .skip(1)
        .map_while(|line| line.trim().strip_prefix("- "))
        .collect();
    assert_eq!(lines.len(), 2, "{template}");
    let mut sandbox = example();
    for name in ["check.sh", "install.sh"] {
        let text = fs::read(repository().join("ci").join(name)).expect("it ships");
        sandbox = sandbox.with(&format!("ci/{name}"), text);
    }
    let output = Command::new("bash")
        .args(["-ec", &lines.join("\n")])
        .current_dir(sandbox.path(""))
        .env("PHANTOM", assert_cmd::cargo::cargo_bin("phantom"))
        .env("PHANTOM_CACHE_DIR", sandbox.path("cache"))
        .env("PHANTOM_SCENARIOS", "scenarios")
        .env("CI", "true")
        .env_remove("GITHUB_ACTIONS")
        .env_remove("GITHUB_STEP_SUMMARY")
        .output()
        .expect("bash starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(
        sandbox.path("phantom-ci/junit/chat.xml").exists(),
        "{errors}"
    );
}

/// The action is YAML whose steps call the scripts that ship.
#[test]
fn the_action_calls_the_scripts_that_ship() {
    let action = fs::read_to_string(repository().join(".github/actions/phantom/action.yml"))
        .expect("it ships");
    for line in action
        .lines()
        .filter(|line| line.contains("GITHUB_ACTION_PATH"))
    {
        let path = line
            .split("$GITHUB_ACTION_PATH/../../../")
            .nth(1)
            .expect("a path");
        let path = path.split('"').next().expect("a path ends");
        assert!(repository().join(path).exists(), "{path}");
    }
    assert_eq!(action.matches("GITHUB_ACTION_PATH").count(), 2);
    for script in ["install.sh", "check.sh"] {
        let checked = Command::new("bash")
            .arg("-n")
            .arg(repository().join("ci").join(script))
            .status();
        assert!(checked.expect("bash starts").success(), "{script}");
    }
}

/// What the schema of SARIF 2.1.0 requires of the parts that are used.
#[test]
fn the_findings_are_sarif() {
    let text = fs::read_to_string(repository().join("reports/examples/ci/expected/findings.sarif"));
    let document: Value = serde_json::from_str(&text.expect("it is kept")).expect("JSON");
    assert_eq!(document["version"], "2.1.0");
    let runs = document["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1);
    let driver = &runs[0]["tool"]["driver"];
    assert!(driver["name"].is_string());
    let rules = driver["rules"].as_array().expect("rules");
    let mut ids: Vec<&str> = rules
        .iter()
        .filter_map(|rule| rule["id"].as_str())
        .collect();
    let all = ids.len();
    ids.dedup();
    assert_eq!(
        (ids.len(), all),
        (rules.len(), rules.len()),
        "ids are unique"
    );
    let levels = ["none", "note", "warning", "error"];
    for result in runs[0]["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(levels.contains(&result["level"].as_str().expect("a level")));
        assert!(
            result["message"]["text"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "scenarios/chat.yaml");
        let region = |key: &str| place["region"][key].as_u64().expect("a number");
        assert!(region("startLine") >= 1 && region("startLine") <= region("endLine"));
        assert!(region("startColumn") >= 1);
        let prints = result["partialFingerprints"].as_object().expect("a map");
        assert!(prints.values().all(Value::is_string));
    }
}

/// What readers of JUnit's XML require: elements nested as they are, counts that are true, every text escaped.
#[test]
fn the_test_cases_are_junit() {
    let text = fs::read_to_string(repository().join("reports/examples/ci/expected/junit.xml"))
        .expect("it is kept");
    let mut open: Vec<String> = Vec::new();
    let mut counted = std::collections::BTreeMap::new();
    let mut suite = String::new();
    let body = text
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")
        .expect("a declaration");
    for tag in body.split('<').skip(1) {
        let (tag, after) = tag.split_once('>').expect("a tag ends");
        assert!(!after.contains('&') || after.split('&').skip(1).all(|rest| rest.contains(';')));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let name = tag.split([' ', '/']).next().expect("a name").to_owned();
        let parent = open.last().map(String::as_str);
        let allowed = match name.as_str() {
            "testsuites" => parent.is_none(),
            "testsuite" => parent == Some("testsuites"),
            "testcase" => parent == Some("testsuite"),
            "failure" | "skipped" => parent == Some("testcase"),
            _ => false,
        };
        assert!(allowed, "`{name}` inside {parent:?}");
        if name == "testcase" {
            assert!(
                tag.contains(" name=\"") && tag.contains(" classname=\""),
                "{tag}"
            );
        }
        if name == "testsuite" {
            suite = tag.to_owned();
        }
        *counted.entry(name.clone()).or_insert(0) += 1;
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "everything is closed: {open:?}");
    let states = |name: &str| format!("\"{}\"", counted.get(name).copied().unwrap_or(0));
    for (attribute, name) in [
        ("tests", "testcase"),
        ("failures", "failure"),
        ("skipped", "skipped"),
    ] {
        assert!(
            suite.contains(&format!(" {attribute}={}", states(name))),
            "{suite}"
        );
    }
    assert_eq!(
        counted.get("failure"),
        Some(&5),
        "three points, an answer and an objective"
    );
}

#[test]
fn a_browser_that_cannot_be_had_is_named_and_nothing_else_fails() {
    let have = repository().join("tests/browser/have.sh");
    let output = Command::new("/bin/sh")
        .arg(have)
        .env("PATH", "/nowhere")
        .env_remove("CHROMIUM")
        .output()
        .expect("a shell starts");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "not installed: chromium nodejs npm\n"
    );
    let run = fs::read_to_string(repository().join(".ci/run")).expect("CI has a script");
    assert!(run.contains("axe: not checked: "), "{run}");
}
