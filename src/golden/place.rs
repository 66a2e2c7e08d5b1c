//! Where in the scenario a finding of a comparison belongs.

use super::glob::matches;
use crate::record::Finding;
use crate::scenario::GoldenRules;
use crate::source::{Place, Sources};

/// Puts findings that have no place at the line of the tolerance that judged them; else at the section `golden`, and where
/// there is none at the first line of the scenario.
pub fn place(findings: &mut [Finding], rules: &GoldenRules, sources: &Sources) {
    let first = sources.iter().next().map(|(_, path, _)| Place {
        file: path.display().to_string().replace('\\', "/"),
        line: 1,
        column: 1,
        end_line: 1,
        end_column: 1,
    });
    for finding in findings {
        if finding.place.is_some() {
            continue;
        }
        let span = finding
            .column
            .as_deref()
            .and_then(|column| {
                let named = |wanted: &dyn Fn(&str) -> bool| {
                    let spans = rules.tolerance_spans.iter();
                    let mut found = spans.filter(|(name, _)| wanted(name));
                    found.next().map(|(_, span)| *span)
                };
                named(&|name| name == column)
                    .or_else(|| named(&|name| name != "default" && matches(name, column)))
                    .or_else(|| named(&|name| name == "default"))
            })
            .or(rules.span);
        finding.place = span
            .map(|span| sources.place(span))
            .or_else(|| first.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Severity};
    use crate::record::FindingClass;
    use crate::source::Span;

    #[test]
    fn a_finding_stands_at_the_tolerance_that_judged_it() {
        let mut sources = Sources::default();
        let text = "name: x\ngolden:\n  tolerance:\n    default: {rel: 1%}\n    p99_*: {rel: 2%}\n";
        let source = sources.add("scenarios/x.yaml", text);
        let span = |word: &str| {
            let start = text.find(word).expect("it is there") as u32;
            let end = start + word.len() as u32;
            Span { source, start, end }
        };
        let mut rules = GoldenRules {
            span: Some(span("tolerance:")),
            tolerance_spans: vec![
                ("default".to_owned(), span("default")),
                ("p99_*".to_owned(), span("p99_*")),
            ],
            ..GoldenRules::sample()
        };
        let finding = |column: Option<&str>| Finding {
            class: FindingClass::Golden,
            code: Code::GoldenDrift,
            severity: Severity::Error,
            key: None,
            column: column.map(str::to_owned),
            message: String::new(),
            place: None,
            old: None,
            new: None,
        };
        let lines = |rules: &GoldenRules| {
            let mut findings = [Some("p99_ttft"), Some("power"), None].map(finding);
            place(&mut findings, rules, &sources);
            findings.map(|finding| finding.place.map(|place| place.line))
        };
        assert_eq!(lines(&rules), [Some(5), Some(4), Some(3)]);
        rules.tolerance_spans.clear();
        rules.span = None;
        assert_eq!(lines(&rules), [Some(1); 3]);
    }
}
