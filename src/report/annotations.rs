//! Findings as annotations of a pull request.

use std::collections::BTreeMap;

use crate::diag::{Code, Severity};
use crate::record::{Finding, Results};

/// Annotations of one kind that are printed; GitHub shows no more of a step.
const SHOWN: usize = 10;

/// The findings as workflow commands, one a line: errors, then warnings, then notices.
///
/// Findings of one code about one column, or about one place, are one annotation that says how many there are. Of each
/// kind ten are printed, objectives and answers before single numbers; what is left out is counted in the last one.
pub fn annotations(results: &Results) -> String {
    annotations_of(&results.findings)
}

/// The same for findings that belong to no run.
pub fn annotations_of(findings: &[Finding]) -> String {
    let kinds = [
        (Severity::Error, "error"),
        (Severity::Warning, "warning"),
        (Severity::Note, "notice"),
    ];
    let mut text = String::new();
    for (severity, kind) in kinds {
        let merged = merged(findings.iter().filter(|one| one.severity == severity));
        let rest = merged.len().saturating_sub(SHOWN);
        let shown = if rest > 0 { SHOWN - 1 } else { SHOWN };
        for (finding, count) in merged.iter().take(shown) {
            text.push_str(&line(kind, finding, *count));
        }
        if rest > 0 {
            let left = merged.len() - shown;
            text.push_str(&format!(
                "::{kind} title=phantom::{left} more findings are in the report\n"
            ));
        }
    }
    text
}

/// What makes two findings one annotation.
type Likeness<'a> = (Code, Option<&'a str>, Option<(&'a str, usize)>);

/// The first finding of each likeness and how many there are, in the order of the first.
fn merged<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<(&'a Finding, usize)> {
    let mut places: BTreeMap<Likeness<'a>, usize> = BTreeMap::new();
    let mut merged: Vec<(&Finding, usize)> = Vec::new();
    for finding in findings {
        let place = finding.place.as_ref();
        let likeness = (
            finding.code,
            finding.column.as_deref(),
            place.map(|place| (place.file.as_str(), place.line)),
        );
        let next = merged.len();
        let index = *places.entry(likeness).or_insert(next);
        if index == next {
            merged.push((finding, 0));
        }
        merged[index].1 += 1;
    }
    merged.sort_by_key(|(finding, _)| weight(finding.code));
    merged
}

/// What a reviewer wants to know first: objectives and answers, then single numbers.
fn weight(code: Code) -> usize {
    const FIRST: [Code; 4] = [
        Code::SloFailed,
        Code::GoldenAnswerChanged,
        Code::GoldenMissingPoint,
        Code::GoldenNewPoint,
    ];
    let found = FIRST.iter().position(|first| *first == code);
    found.unwrap_or(FIRST.len())
}

fn line(kind: &str, finding: &Finding, count: usize) -> String {
    let place = finding.place.as_ref().map_or_else(String::new, |place| {
        let (file, line, end) = (property(&place.file), place.line, place.end_line);
        format!("file={file},line={line},endLine={end},")
    });
    let more = match count {
        1 => String::new(),
        2 => " (and one more like it)".to_owned(),
        count => format!(" (and {} more like it)", count - 1),
    };
    let message = data(&finding.message);
    let title = property(finding.code.name());
    format!("::{kind} {place}title={title}::{message}{more}\n")
}

/// A message, as GitHub's own toolkit escapes it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property, in which separators are escaped too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::FindingClass;
    use crate::source::Place;

    fn finding(column: &str, line: usize) -> Finding {
        Finding {
            class: FindingClass::Golden,
            code: Code::GoldenDrift,
            severity: Severity::Error,
            key: Some("users=1".to_owned()),
            column: Some(column.to_owned()),
            message: "100 % more\nthan accepted".to_owned(),
            place: Some(Place {
                file: "scenarios/a,b.yaml".to_owned(),
                line,
                column: 3,
                end_line: line,
                end_column: 9,
            }),
            old: None,
            new: None,
        }
    }

    #[test]
    fn an_annotation_is_one_line_at_its_place() {
        let text = annotations_of(&[finding("power", 7), finding("power", 7), finding("cost", 7)]);
        assert_eq!(
            text,
            "::error file=scenarios/a%2Cb.yaml,line=7,endLine=7,title=golden-drift::100 %25 more%0Athan accepted (and one more like it)\n\
             ::error file=scenarios/a%2Cb.yaml,line=7,endLine=7,title=golden-drift::100 %25 more%0Athan accepted\n"
        );
    }

    #[test]
    fn of_each_kind_ten_are_printed_and_the_rest_is_counted() {
        let findings: Vec<Finding> = (0..14).map(|line| finding("power", line)).collect();
        let text = annotations_of(&findings);
        assert_eq!(text.lines().count(), SHOWN);
        assert!(text.ends_with("::error title=phantom::5 more findings are in the report\n"));
        assert_eq!(annotations_of(&findings[..10]).lines().count(), SHOWN);
    }
}
