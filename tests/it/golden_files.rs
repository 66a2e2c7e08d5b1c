//! Pages that are accepted with a golden: their text and charts as differences of lines, the PDF by its hash.

use std::fs;

use crate::sandbox::Sandbox;

/// `hello` with an accepted page, and PDF where it is built.
fn accepted() -> (Sandbox, String) {
    let sandbox = Sandbox::new().with_shipped("hello");
    let scenario = sandbox.read("scenarios/hello.yaml")
        + "golden: {files: [report.html, report.pdf]}\nreport: {title: One title}\n";
    let sandbox = sandbox.with("scenarios/hello.yaml", &scenario);
    assert_eq!(
        sandbox.code(&["run", "scenarios/hello.yaml", "--accept"]),
        0
    );
    (sandbox, scenario)
}

const TEXT: &str = "golden/hello.golden.files/report.html.txt";

/// The files beside the golden whose name ends so.
fn kept(sandbox: &Sandbox, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(sandbox.path("golden/hello.golden.files"));
    let entries = entries.map(|entries| entries.flatten().collect::<Vec<_>>());
    let names = entries.unwrap_or_default().into_iter();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.ends_with(ending)).collect()
}

#[test]
fn a_page_is_accepted_by_text_and_charts_and_a_change_is_a_difference_of_lines() {
    let (sandbox, scenario) = accepted();
    assert!(sandbox.read(TEXT).contains("Options side by side"));
    assert!(!kept(&sandbox, ".svg").is_empty(), "charts are kept");
    assert_eq!(
        sandbox.code(&["golden", "check", "scenarios/hello.yaml"]),
        0
    );
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    let sandbox = sandbox.with(
        "scenarios/hello.yaml",
        scenario.replace("One title", "Another title"),
    );
    let found = sandbox.transcript(&["golden", "check", "scenarios/hello.yaml"]);
    for words in [
        "report.html.txt has another hash than accepted",
        "--- accepted/report.html.txt\n+++ new/report.html.txt\n@@ -1,",
        "\n-One title\n",
        "\n+Another title\n",
    ] {
        assert!(found.contains(words), "{words}: {found}");
    }
    assert_eq!(
        found.contains("report.pdf has another hash"),
        cfg!(feature = "pdf")
    );
    assert!(!found.contains(".svg has another hash"), "{found}");
    // What waits stands beside what is accepted, and a review shows it.
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 1);
    assert_eq!(kept(&sandbox, ".new"), ["report.html.txt.new"]);
    let review = sandbox.transcript(&["golden", "review", "hello"]);
    assert!(
        review.contains("\n-One title\n+Another title\n"),
        "{review}"
    );
    assert_eq!(sandbox.code(&["golden", "accept", "hello"]), 0);
    assert!(sandbox.read(TEXT).contains("Another title"));
    assert!(kept(&sandbox, ".new").is_empty());
    assert_eq!(
        sandbox.code(&["golden", "check", "scenarios/hello.yaml"]),
        0
    );
}

#[test]
fn what_is_rejected_or_orphaned_leaves_nothing_behind() {
    let (sandbox, scenario) = accepted();
    let other = scenario.replace("One title", "Another title");
    let sandbox = sandbox.with("scenarios/hello.yaml", other);
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 1);
    assert_eq!(sandbox.code(&["golden", "reject", "hello"]), 0);
    assert!(kept(&sandbox, ".new").is_empty());
    assert!(sandbox.read(TEXT).contains("One title"));
    // A run that agrees again settles what waited.
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 1);
    let sandbox = sandbox.with("scenarios/hello.yaml", &scenario);
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    assert!(kept(&sandbox, ".new").is_empty());
    fs::remove_file(sandbox.path("scenarios/hello.yaml")).expect("removed");
    assert_eq!(sandbox.code(&["golden", "prune"]), 0);
    assert!(kept(&sandbox, "").is_empty());
}

#[test]
fn two_broken_goldens_are_both_shown_number_and_picture() {
    let (sandbox, scenario) = accepted();
    let second = scenario.replace("name: hello", "name: second");
    let sandbox = sandbox.with("scenarios/second.yaml", &second);
    assert_eq!(
        sandbox.code(&["run", "scenarios/second.yaml", "--accept"]),
        0
    );
    // One accepted number is another one, and one accepted chart has a line more.
    let golden = sandbox.read("golden/hello.golden.json");
    let at = golden
        .find("\"output_throughput\": ")
        .or(golden.find("\"output_throughput\":"));
    let at = at.expect("the column is accepted");
    let from = at + golden[at..].find(':').expect("a value") + 1;
    let to = from + golden[from..].find([',', '}']).expect("it ends");
    let broken = format!("{}1{}", &golden[..from], &golden[to..]);
    let chart = kept(&sandbox, ".svg").remove(0);
    let path = format!("golden/second.golden.files/{chart}");
    let picture = sandbox
        .read(&path)
        .replace("</desc>", "</desc><path d=\"M0 0h1\"/>");
    let hash = |text: &str| blake3::hash(text.as_bytes()).to_hex().to_string();
    let second = sandbox.read("golden/second.golden.json");
    let swapped = second.replace(&hash(&sandbox.read(&path)), &hash(&picture));
    assert_ne!(swapped, second);
    let sandbox = sandbox
        .with("golden/hello.golden.json", broken)
        .with("golden/second.golden.json", swapped)
        .with(&path, picture);
    let found = sandbox.transcript(&[
        "golden",
        "check",
        "scenarios/hello.yaml",
        "scenarios/second.yaml",
    ]);
    for words in [
        "exit 1",
        "hello: 1 of 1 points differ",
        "output_throughput\n- 1\n+ ",
        &format!("{chart} has another hash than accepted"),
        &format!("--- accepted/{chart}\n+++ new/{chart}\n"),
        "</desc><path d=\"M0 0h1\"/>",
    ] {
        assert!(found.contains(words), "{words}: {found}");
    }
}
