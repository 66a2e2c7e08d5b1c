//! Results as test cases, for the test views of continuous integration.
//!
//! The document is the dialect that Jenkins, GitLab, GitHub actions and most others read: `testsuites` → `testsuite` →
//! `testcase`, each with `failure` or `skipped` where it did not pass. There is no time in it, as results have no clock.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Code, Severity};
use crate::record::{
    Finding, FindingClass, GoldenChange, GoldenOutcome, PointResult, Results, Source, Verdict,
    VerdictEntry,
};
use crate::scenario::{Filter, MustHold, Slo, SloSeverity};

/// How a case ended.
enum Ended {
    Passed,
    Failed { kind: String, message: String },
    Skipped { message: String },
}

/// One test case.
struct Case {
    name: String,
    ended: Ended,
}

/// One suite for the scenario, with the cases `golden/<key>`, `slo/<name>/<key>`, `validity/<code>` and `executor/<name>`.
///
/// A point within all tolerances passes. Where an objective must hold at some point alone, it is one case; where an interval
/// spans the limit, nothing failed and the case is skipped with that reason. Points that the results do not hold, as the
/// sweep is too large, have no cases of their own.
pub fn junit(results: &Results, slos: &[Slo]) -> String {
    let mut cases = Vec::new();
    if let Some(outcome) = &results.golden {
        cases.extend(golden(results, outcome));
    }
    let errors = slos.iter().filter(|slo| slo.severity == SloSeverity::Error);
    cases.extend(errors.flat_map(|slo| objective(results, slo)));
    cases.extend(validity(results));
    cases.extend(results.skipped.iter().map(|skipped| Case {
        name: format!("executor/{}", skipped.executor),
        ended: Ended::Skipped {
            message: format!("{}: {}", skipped.code, skipped.target),
        },
    }));
    document(&results.inputs.scenario_name, &cases)
}

/// A case for each compared point, each answer and each file that differs.
fn golden(results: &Results, outcome: &GoldenOutcome) -> Vec<Case> {
    let mut changed: BTreeMap<&str, Vec<&GoldenChange>> = BTreeMap::new();
    for change in &outcome.changes {
        // That inputs changed is said beside the comparison; it is no difference.
        if change.column != "inputs" {
            changed.entry(&change.key).or_default().push(change);
        }
    }
    let known: BTreeSet<&str> = results.points.iter().map(|one| one.key.as_str()).collect();
    let listed = changed.keys().filter(|key| known.contains(**key)).count() as u64;
    let mut cases: Vec<Case> = changed
        .iter()
        .map(|(key, changes)| Case {
            name: format!("golden/{}{key}", part(changes)),
            ended: drifted(results, changes),
        })
        .collect();
    if let Some(hidden) = outcome
        .differing
        .checked_sub(listed)
        .filter(|hidden| *hidden > 0)
    {
        cases.push(Case {
            name: "golden/further points".to_owned(),
            ended: Ended::Failed {
                kind: "golden-drift".to_owned(),
                message: format!("{hidden} more points differ than can be listed"),
            },
        });
        return cases;
    }
    let agreeing = known.iter().filter(|key| !changed.contains_key(*key));
    cases.extend(agreeing.map(|key| Case {
        name: format!("golden/{key}"),
        ended: Ended::Passed,
    }));
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// A point that differs has failed; one that is new or gone only where that is an error.
fn drifted(results: &Results, changes: &[&GoldenChange]) -> Ended {
    let lines: Vec<String> = changes.iter().map(|change| words(change)).collect();
    let message = lines.join("\n");
    let code = match changes {
        [only] if only.column == "point" && only.old.is_none() => Code::GoldenNewPoint,
        [only] if only.column == "point" => Code::GoldenMissingPoint,
        _ => Code::GoldenDrift,
    };
    let warned = |finding: &Finding| finding.code == code && finding.severity != Severity::Error;
    if code != Code::GoldenDrift && results.findings.iter().any(warned) {
        return Ended::Skipped {
            message: format!("waits for acceptance: {message}"),
        };
    }
    Ended::Failed {
        kind: code.name().to_owned(),
        message,
    }
}

/// What a row is about where it is no point.
fn part(changes: &[&GoldenChange]) -> &'static str {
    match changes.first().map(|change| change.column.as_str()) {
        Some("answer") => "answer/",
        Some("file") => "file/",
        Some(_) | None => "",
    }
}

fn words(change: &GoldenChange) -> String {
    let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "absent".to_owned());
    format!(
        "{}: {} → {} (tolerance {})",
        change.column,
        shown(&change.old),
        shown(&change.new),
        change.tolerance
    )
}

fn objective(results: &Results, slo: &Slo) -> Vec<Case> {
    let judged = |point: &PointResult| judged(point.verdicts.get(&slo.name)?).cloned();
    let of_points = |wanted: &dyn Fn(&PointResult) -> bool| -> Vec<Case> {
        let points = results.points.iter().filter(|point| wanted(point));
        points
            .filter_map(|point| {
                let entry = judged(point)?;
                Some(Case {
                    name: format!("slo/{}/{}", slo.name, point.key),
                    ended: verdict(&entry),
                })
            })
            .collect()
    };
    match &slo.must_hold {
        MustHold::All => of_points(&|_| true),
        MustHold::Points(text) => match Filter::parse(text) {
            Ok(filter) => of_points(&|point| filter.matches(&point.axes)),
            Err(_) => Vec::new(),
        },
        MustHold::Any => vec![Case {
            name: format!("slo/{}/some point", slo.name),
            ended: some_point(results, slo),
        }],
    }
}

/// The finding that says that no point meets an objective, where there is one.
fn some_point(results: &Results, slo: &Slo) -> Ended {
    let name = format!("`{}`", slo.name);
    let about = |class: FindingClass| {
        let mut findings = results.findings.iter();
        findings.find(|one| one.class == class && one.message.contains(&name))
    };
    if let Some(finding) = about(FindingClass::Slo) {
        return Ended::Failed {
            kind: finding.code.name().to_owned(),
            message: finding.message.clone(),
        };
    }
    match about(FindingClass::Inconclusive) {
        Some(finding) => Ended::Skipped {
            message: finding.message.clone(),
        },
        None => Ended::Passed,
    }
}

/// The measured verdict where there is one, else the predicted one.
fn judged(entries: &[VerdictEntry]) -> Option<&VerdictEntry> {
    let of = |source| entries.iter().find(|entry| entry.source == source);
    of(Source::Measured).or_else(|| of(Source::Predicted))
}

fn verdict(entry: &VerdictEntry) -> Ended {
    let limit = entry.limiting.as_deref().unwrap_or("its limits");
    match entry.verdict {
        Verdict::Pass => Ended::Passed,
        Verdict::Inconclusive => Ended::Skipped {
            message: format!("cannot tell yet: the interval of {limit} spans the limit"),
        },
        Verdict::Fail => Ended::Failed {
            kind: "slo-failed".to_owned(),
            message: match entry.margin {
                Some(margin) => format!("misses {limit} by {:.1} %", -margin * 100.0),
                None => format!("misses {limit}"),
            },
        },
    }
}

/// Findings about measurements that cannot be trusted or became worse, one case for each code.
fn validity(results: &Results) -> Vec<Case> {
    let mut codes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in &results.findings {
        let counts = match finding.class {
            FindingClass::Validity | FindingClass::Regression | FindingClass::Accuracy => true,
            FindingClass::Golden
            | FindingClass::Slo
            | FindingClass::Inconclusive
            | FindingClass::Skip => false,
        };
        if counts && finding.severity == Severity::Error {
            codes
                .entry(finding.code.name())
                .or_default()
                .push(&finding.message);
        }
    }
    let case = |(code, messages): (&str, Vec<&str>)| Case {
        name: format!("validity/{code}"),
        ended: Ended::Failed {
            kind: code.to_owned(),
            message: messages.join("\n"),
        },
    };
    codes.into_iter().map(case).collect()
}

fn document(suite: &str, cases: &[Case]) -> String {
    let count =
        |wanted: fn(&Ended) -> bool| cases.iter().filter(|case| wanted(&case.ended)).count();
    let failures = count(|ended| matches!(ended, Ended::Failed { .. }));
    let skipped = count(|ended| matches!(ended, Ended::Skipped { .. }));
    let (name, tests) = (escaped(suite), cases.len());
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <testsuites name=\"phantom\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">\n\
         <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">\n"
    );
    for case in cases {
        text.push_str(&format!(
            "<testcase classname=\"phantom.{name}\" name=\"{}\"",
            escaped(&case.name)
        ));
        match &case.ended {
            Ended::Passed => text.push_str("/>\n"),
            Ended::Failed { kind, message } => {
                let first = message.lines().next().unwrap_or_default();
                text.push_str(&format!(
                    ">\n<failure type=\"{}\" message=\"{}\">{}</failure>\n</testcase>\n",
                    escaped(kind),
                    escaped(first),
                    escaped(message)
                ));
            }
            Ended::Skipped { message } => text.push_str(&format!(
                ">\n<skipped message=\"{}\"/>\n</testcase>\n",
                escaped(message)
            )),
        }
    }
    text + "</testsuite>\n</testsuites>\n"
}

/// Text as XML 1.0 holds it in attributes and elements; characters that it does not allow become `�`.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' | '\r' => out.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample;

    #[test]
    fn points_objectives_and_executors_are_cases() {
        let results = sample::results(2);
        insta::assert_snapshot!(junit(&results, &[]));
    }

    #[test]
    fn markup_and_control_characters_stay_text() {
        assert_eq!(
            escaped("a<b>&\"c\"\u{1}\n"),
            "a&lt;b&gt;&amp;&quot;c&quot;\u{fffd}&#10;"
        );
    }
}
