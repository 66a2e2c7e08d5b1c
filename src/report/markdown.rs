//! The answer as Markdown, for pull requests and job summaries.

use std::fmt::Write as _;

use super::view::{Cell, Table, View};

/// The view as Markdown: answer, options, charts' findings, drift, what was skipped.
pub fn markdown(view: &View) -> String {
    let mut text = format!("# {}\n\n", plain(&view.title));
    let _ = writeln!(
        text,
        "{}\n\n**{}**\n",
        plain(&view.question),
        plain(&view.answer.sentence)
    );
    let _ = writeln!(text, "_{}._\n", plain(&view.answer.standing));
    section(&mut text, "Options", &view.decision);
    for table in &view.comparisons {
        section(&mut text, &table.caption, table);
    }
    if !view.charts.is_empty() {
        text.push_str("## Findings of the charts\n\n");
        for chart in &view.charts {
            let _ = writeln!(text, "- {} (n = {})", plain(&chart.title), chart.n);
        }
        text.push('\n');
    }
    for table in &view.verdicts {
        section(&mut text, &table.caption, table);
    }
    section(&mut text, "Findings", &view.findings);
    if let Some(golden) = &view.golden {
        let _ = writeln!(text, "## Golden\n\n{}\n", plain(&golden.sentence));
        rows(&mut text, &golden.changes);
    }
    if let Some(accuracy) = &view.accuracy {
        section(&mut text, "Predicted against measured", accuracy);
    }
    section(&mut text, "Not measured and why", &view.skipped);
    list(&mut text, "How sure is this?", &view.sureness);
    list(&mut text, "Risks", &view.risks);
    text.push_str("## Versions\n\n");
    for fact in &view.provenance {
        let _ = writeln!(text, "- {}: {}", plain(&fact.label), plain(&fact.value));
    }
    text
}

/// Bytes that a summary page of GitHub takes are 1 MiB; a page stays below it by a margin.
const MOST: usize = 900_000;

/// A page no longer than a summary page may be; a longer one ends at a line, and says where the whole is.
pub fn capped(text: &str, whole: &str) -> String {
    if text.len() <= MOST {
        return text.to_owned();
    }
    let mut end = MOST;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let end = text[..end].rfind('\n').map_or(0, |newline| newline + 1);
    format!(
        "{}\n_The rest is left out, as the page would be too long; the whole is in `{whole}`._\n",
        &text[..end]
    )
}

fn list(text: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "## {title}\n");
    for line in lines {
        let _ = writeln!(text, "- {}", plain(line));
    }
    text.push('\n');
}

fn section(text: &mut String, title: &str, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    let _ = writeln!(text, "## {}\n", plain(title));
    rows(text, table);
    if !table.note.is_empty() {
        let _ = writeln!(text, "{}\n", plain(&table.note));
    }
}

fn rows(text: &mut String, table: &Table) {
    if table.rows.is_empty() {
        return;
    }
    let heads: Vec<String> = table
        .head
        .iter()
        .map(|head| match head.unit.as_str() {
            "" => plain(&head.label),
            unit => format!("{}, {}", plain(&head.label), plain(unit)),
        })
        .collect();
    let aligned: Vec<&str> = table
        .head
        .iter()
        .map(|head| if head.numeric { "---:" } else { "---" })
        .collect();
    let _ = writeln!(
        text,
        "| {} |\n| {} |",
        heads.join(" | "),
        aligned.join(" | ")
    );
    for row in &table.rows {
        let cells: Vec<String> = row.cells.iter().map(cell).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}

fn cell(cell: &Cell) -> String {
    let verdict = match cell.verdict {
        "pass" => "✓ ",
        "fail" => "✗ ",
        "unsure" => "? ",
        _ => "",
    };
    match (cell.interval.as_str(), cell.raw) {
        ("", _) => format!("{verdict}{}", plain(&cell.text)),
        (interval, Some(_)) => format!("{} [{}]", plain(&cell.text), plain(interval)),
        (load, None) => format!("{}, {}", plain(&cell.text), plain(load)),
    }
}

/// Text that Markdown and the HTML inside it show as it is.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '|' | '*' | '`' | '[' | ']' | '\\' | '#' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            // An underscore inside a word is no emphasis in GitHub's dialect; elsewhere it may be.
            '\n' | '\r' => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_of_users_stays_text() {
        let mut results = crate::report::fixture::results();
        results.inputs.description = Some("<b>x</b> | *y*".to_owned());
        let text = markdown(&crate::report::view(&results));
        assert!(text.contains("&lt;b&gt;x&lt;/b&gt; \\| \\*y\\*"), "{text}");
        assert!(!text.contains("<script>"));
    }

    #[test]
    fn a_changed_value_is_listed_once() {
        use crate::diag::{Code, Severity};
        use crate::record::{Finding, FindingClass};

        let mut results = crate::report::fixture::results();
        let change = results.golden.as_ref().expect("one differs").changes[0].clone();
        let finding = |class, column: &str| Finding {
            class,
            code: Code::GoldenDrift,
            severity: Severity::Error,
            key: Some(change.key.clone()),
            column: Some(column.to_owned()),
            message: format!("finding on {column}"),
            place: None,
            old: None,
            new: None,
        };
        results.findings = vec![
            finding(FindingClass::Golden, &change.column),
            finding(FindingClass::Slo, "chat"),
        ];
        let text = markdown(&crate::report::view(&results));
        assert!(
            text.contains("0.401 s") && text.contains("finding on chat"),
            "{text}"
        );
        assert!(!text.contains("finding on p99_ttft"), "{text}");
    }

    #[test]
    fn a_page_that_is_too_long_ends_at_a_line_and_says_where_the_whole_is() {
        let long = "a line ä\n".repeat(200_000);
        let short = capped(&long, "reports/x");
        assert!(short.len() < MOST + 200);
        assert!(short.ends_with("a line ä\n\n_The rest is left out, as the page would be too long; the whole is in `reports/x`._\n"));
        assert_eq!(capped("short", "x"), "short");
    }
}
