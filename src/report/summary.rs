//! The answer as plain text for a terminal.

use super::number::NBSP;
use super::view::{Cell, Row, Table, View};

/// Rows of options that a terminal shows.
const MOST_ROWS: usize = 5;

/// Rows of regions, ways to pay and variants that it shows.
const MOST_COMPARED: usize = 12;

/// The summary of a view, at most `width` columns wide where words allow: the answer, the options, what was compared.
///
/// Colours and the lines about files are the command line's.
pub fn summary(view: &View, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut name = "Answer";
    if view.answer.groups.is_empty() {
        lines.push(labelled(name, &view.answer.sentence, width));
    }
    for group in &view.answer.groups {
        let load = if group.load.is_empty() {
            String::new()
        } else {
            format!(" at {}", group.load)
        };
        let who = if group.group.is_empty() {
            String::new()
        } else {
            format!("{}: ", group.group)
        };
        let range = if group.interval.is_empty() {
            String::new()
        } else {
            format!(" [{}]", group.interval)
        };
        let value = if group.value.is_empty() {
            String::new()
        } else {
            format!(", {}{range}", group.value)
        };
        let text = format!("{who}{}{load}{value}, {}", group.option, group.verdict_text);
        lines.push(labelled(name, &text, width));
        if !group.size.is_empty() {
            lines.push(labelled("", &group.size, width));
        }
        name = "";
    }
    if view.answer.more > 0 {
        lines.push(labelled(
            "",
            &format!("… {} more in the report", view.answer.more),
            width,
        ));
    }
    if !view.decision.rows.is_empty() {
        lines.push(String::new());
        lines.extend(table(&view.decision, width));
        lines.push(String::new());
    }
    for comparison in &view.comparisons {
        lines.push(comparison.caption.clone());
        lines.extend(rows(comparison, MOST_COMPARED, width));
        lines.push(String::new());
    }
    lines.extend(compared(view, width));
    let text = lines.join("\n") + "\n";
    text.replace(NBSP, " ")
}

/// The loads that searches tried, as far as they fit; empty where nothing was searched.
pub fn searches(view: &View, width: usize) -> String {
    if view.searches.rows.is_empty() {
        return String::new();
    }
    let mut lines = vec![view.searches.caption.clone()];
    lines.extend(rows(&view.searches, usize::MAX, width));
    lines.push(String::new());
    let text = lines.join("\n") + "\n";
    text.replace(NBSP, " ")
}

/// What was measured, skipped and compared with a golden.
fn compared(view: &View, width: usize) -> Vec<String> {
    let mut lines = vec![labelled(
        "Basis",
        &format!("{}.", view.answer.standing),
        width,
    )];
    if let Some(accuracy) = &view.accuracy {
        for row in accuracy.rows.iter().take(MOST_ROWS) {
            let texts: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
            if let [value, n, mape, ..] = texts.as_slice() {
                lines.push(labelled(
                    "Measured",
                    &format!("{value}: {mape} % mean absolute error, n = {n}"),
                    width,
                ));
            }
        }
    }
    for row in &view.skipped.rows {
        let texts: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
        if let [executor, _, reason, target] = texts.as_slice() {
            lines.push(labelled(
                "Skipped",
                &format!("{executor}: {reason} ({target})"),
                width,
            ));
        }
    }
    for risk in &view.risks {
        lines.push(labelled("Risk", risk, width));
    }
    if let Some(golden) = &view.golden {
        lines.push(labelled("Golden", &golden.sentence, width));
    }
    lines
}

/// A name in a column of its own, the text beside it, wrapped.
fn labelled(name: &str, text: &str, width: usize) -> String {
    const INDENT: usize = 10;
    let room = width.saturating_sub(INDENT).max(30);
    let mut lines: Vec<String> = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("it begins with one line");
        if !line.is_empty() && chars(line) + 1 + chars(word) > room {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    let indent = " ".repeat(INDENT);
    let first = format!("{name:<INDENT$}");
    (first + &lines.join(&format!("\n{indent}")))
        .trim_end()
        .to_owned()
}

fn table(table: &Table, width: usize) -> Vec<String> {
    rows(table, MOST_ROWS, width)
}

/// Aligned columns; those that do not fit into the width are left out from the right.
fn rows(table: &Table, most: usize, width: usize) -> Vec<String> {
    let rows: Vec<&Row> = table.rows.iter().take(most).collect();
    let mut columns: Vec<Vec<String>> = Vec::new();
    let mut used = 0;
    for (index, head) in table.head.iter().enumerate() {
        let title = match head.unit.as_str() {
            "" => head.label.clone(),
            unit if head.label.ends_with("output") && unit.ends_with("/Mtok") => {
                format!("{unit} out")
            }
            unit => format!("{}, {unit}", head.label),
        };
        let mut column = vec![title];
        column.extend(
            rows.iter()
                .map(|row| row.cells.get(index).map_or_else(String::new, cell)),
        );
        let widest = column.iter().map(|text| chars(text)).max().unwrap_or(0);
        if index > 0 && used + widest + 2 > width {
            break;
        }
        used += widest + 2;
        let pad = |text: &String| {
            let spaces = " ".repeat(widest - chars(text));
            if head.numeric {
                spaces + text
            } else {
                text.clone() + &spaces
            }
        };
        columns.push(column.iter().map(pad).collect());
    }
    let mut lines: Vec<String> = (0..=rows.len())
        .map(|row| {
            let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
            format!("  {}", cells.join("  ")).trim_end().to_owned()
        })
        .collect();
    let hidden = table.rows.len() - rows.len();
    if hidden > 0 {
        lines.push(format!("  … {hidden} more in the report"));
    }
    lines
}

fn cell(cell: &Cell) -> String {
    match (cell.interval.as_str(), cell.raw) {
        ("", _) => cell.text.clone(),
        (interval, Some(_)) => format!("{} [{interval}]", cell.text),
        (load, None) => format!("{}, {load}", cell.text),
    }
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_wrap_under_their_name() {
        let text = labelled("Risk", "one two three four five six seven eight", 40);
        assert_eq!(
            text,
            "Risk      one two three four five six\n          seven eight"
        );
    }

    #[test]
    fn the_summary_says_the_answer_in_plain_text() {
        let view = crate::report::view(&crate::report::fixture::results());
        insta::assert_snapshot!(summary(&view, 100));
    }
}
