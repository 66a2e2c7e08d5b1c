//! Findings as SARIF 2.1.0, for code scanning views.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::diag::{Code, Severity};
use crate::record::{Finding, Results};
use crate::source::Place;

/// Results that a document holds; views refuse more.
const MOST: usize = 5000;

/// The findings of a run: a rule for each code, a result for each finding, at the line of the tolerance, the objective or
/// the axis that it is about, and at the scenario's first line where no line is.
///
/// A result keeps its fingerprint for as long as code, point and column stay the same, so that a view can tell old findings
/// from new ones. Of more than 5 000 findings the first are written, and the document says how many there were.
///
/// # Panics
///
/// Never: plain data has a JSON form.
pub fn sarif(results: &Results) -> String {
    let codes: BTreeSet<Code> = results
        .findings
        .iter()
        .map(|finding| finding.code)
        .collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code)).collect();
    let shown = results.findings.iter().take(MOST);
    let found: Vec<Value> = shown
        .map(|finding| result(finding, &codes, results))
        .collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "phantom",
                "semanticVersion": results.inputs.phantom_version,
                "rules": rules,
            }},
            "automationDetails": {"id": format!("phantom/{}/", results.inputs.scenario_name)},
            "columnKind": "unicodeCodePoints",
            "results": found,
            "properties": {"findings": results.findings.len()},
        }],
    });
    let text = serde_json::to_string_pretty(&document);
    text.expect("plain data has a JSON form") + "\n"
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.name(),
        "shortDescription": {"text": code.meaning()},
        "help": {"text": format!("`phantom explain {}` says more.", code.name())},
    })
}

fn result(finding: &Finding, codes: &[Code], results: &Results) -> Value {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let (key, column) = (finding.key.as_deref(), finding.column.as_deref());
    let code = finding.code.name();
    let identity = [code, key.unwrap_or_default(), column.unwrap_or_default()].join("\n");
    let mut location = json!({
        "physicalLocation": physical(finding.place.as_ref(), &results.inputs.scenario_path),
    });
    if let Some(key) = key {
        location["logicalLocations"] = json!([{ "fullyQualifiedName": key }]);
    }
    json!({
        "ruleId": code,
        "ruleIndex": codes.iter().position(|one| *one == finding.code),
        "level": level,
        "message": {"text": finding.message},
        "locations": [location],
        "partialFingerprints": {"phantomFinding/v1": blake3::hash(identity.as_bytes()).to_hex().as_str()},
        "properties": {"column": column, "old": finding.old, "new": finding.new},
    })
}

fn physical(place: Option<&Place>, scenario: &str) -> Value {
    let Some(place) = place else {
        return json!({
            "artifactLocation": artifact(scenario),
            "region": {"startLine": 1},
        });
    };
    json!({
        "artifactLocation": artifact(&place.file),
        "region": {
            "startLine": place.line, "startColumn": place.column,
            "endLine": place.end_line, "endColumn": place.end_column,
        },
    })
}

/// A path relative to the folder that the command ran in, which is that of the sources; an absolute one stays what it is.
fn artifact(path: &str) -> Value {
    let path = path.trim_start_matches("./");
    if path.starts_with('/') {
        json!({ "uri": format!("file://{}", uri(path)) })
    } else {
        json!({ "uri": uri(path), "uriBaseId": "%SRCROOT%" })
    }
}

/// A path as a URI reference: what is not plain is written in per cent, byte by byte.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn every_finding_is_a_result_of_a_rule_at_a_place() {
        let results = sample::results(2);
        assert!(!results.findings.is_empty());
        let document: Value = serde_json::from_str(&sarif(&results)).expect("JSON");
        let run = &document["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        let found = run["results"].as_array().expect("results");
        assert_eq!(found.len(), results.findings.len());
        for one in found {
            let index = one["ruleIndex"].as_u64().expect("a number") as usize;
            assert_eq!(rules[index]["id"], one["ruleId"]);
            let place = &one["locations"][0]["physicalLocation"];
            assert!(place["artifactLocation"]["uri"].is_string());
            assert!(
                place["region"]["startLine"]
                    .as_u64()
                    .is_some_and(|line| line >= 1)
            );
        }
    }

    #[test]
    fn a_document_holds_at_most_as_many_results_as_views_take() {
        let mut results = sample::results(2);
        let one = results.findings[0].clone();
        results.findings = vec![one; MOST + 1];
        let document: Value = serde_json::from_str(&sarif(&results)).expect("JSON");
        let run = &document["runs"][0];
        assert_eq!(run["results"].as_array().map(Vec::len), Some(MOST));
        assert_eq!(run["properties"]["findings"], MOST + 1);
    }

    #[test]
    fn paths_become_uris() {
        assert_eq!(artifact("./a b/ü.yaml")["uri"], "a%20b/%C3%BC.yaml");
        assert_eq!(artifact("/x/y.yaml")["uri"], "file:///x/y.yaml");
    }
}
