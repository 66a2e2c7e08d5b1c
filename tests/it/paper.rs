//! Documents on paper: how many pages, of which template, held to which standard.

use std::fs;

use crate::sandbox::{Sandbox, repository};

/// Pages of a document.
fn pages(document: &[u8]) -> usize {
    let text = String::from_utf8_lossy(document);
    text.matches("/Type/Page").count() - text.matches("/Type/Pages").count()
}

fn has(document: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(document).contains(text)
}

#[test]
fn every_example_is_decided_on_two_pages_and_told_on_more() {
    let mut sandbox = Sandbox::new();
    let mut names = Vec::new();
    for entry in fs::read_dir(repository().join("scenarios"))
        .expect("the folder ships")
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        sandbox = sandbox.with(
            &format!("scenarios/{name}"),
            fs::read(entry.path()).expect("readable"),
        );
        names.extend(name.strip_suffix(".yaml").map(str::to_owned));
    }
    let mut made = 0;
    for name in names {
        let scenario = format!("scenarios/{name}.yaml");
        sandbox.code(&["run", &scenario, "--golden", "off"]);
        let report = format!("reports/{name}/report.pdf");
        if !sandbox.path(&report).exists() {
            continue; // not predicted in this version
        }
        made += 1;
        let document = sandbox.bytes(&report);
        assert_eq!(pages(&document), 2, "{name}");
        assert!(has(&document, "<pdfuaid:part>1"), "{name}");
        let whole = format!("{name}-technical.pdf");
        let arguments = ["report", &name, "--pdf", &whole, "--template", "technical"];
        assert_eq!(sandbox.code(&arguments), 0, "{name}");
        let document = sandbox.bytes(&whole);
        assert!(pages(&document) > 3, "{name}");
        assert!(has(&document, "<pdfuaid:part>1"), "{name}");
    }
    assert!(made > 8, "{made} of the examples have a document");
}

#[test]
fn a_scenario_names_template_and_standard() {
    let outputs = "report:\n  outputs:\n    - {pdf: brief.pdf, standard: pdf/a-2b}\n    - {pdf: whole.pdf, template: technical, standard: [pdf/a-2a, pdf/ua-1]}\n";
    let hello = fs::read_to_string(repository().join("scenarios/hello.yaml")).expect("it ships");
    let sandbox = Sandbox::new().with("scenarios/hello.yaml", format!("{hello}{outputs}"));
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    let brief = sandbox.bytes("reports/hello/brief.pdf");
    assert!(has(&brief, "<pdfaid:conformance>B") && !has(&brief, "pdfuaid:part"));
    let whole = sandbox.bytes("reports/hello/whole.pdf");
    assert!(has(&whole, "<pdfaid:conformance>A") && has(&whole, "<pdfuaid:part>1"));
    assert!(pages(&whole) > pages(&brief));
}

#[test]
fn what_a_report_cannot_keep_is_said() {
    let sandbox = Sandbox::new().with_shipped("hello");
    assert_eq!(sandbox.code(&["run", "scenarios/hello.yaml"]), 0);
    let report = |standard: &str| {
        sandbox.transcript(&["report", "hello", "--pdf", "x.pdf", "--standard", standard])
    };
    let said: Vec<String> = ["pdf/a-2c", "pdf/a-1b", "pdf/ua-1,pdf/a-4"]
        .map(report)
        .to_vec();
    insta::assert_snapshot!(said.join("\n"));
    assert!(report("pdf/a-3u,pdf/ua-1").contains("exit 0"));
}
