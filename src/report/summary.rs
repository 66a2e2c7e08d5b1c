//! The answer as plain text for a terminal.

use super::number::NBSP;
use super::view::{Cell, Head, Row, Table, View};
use crate::units::columns as width_of;

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
    let indent = " ".repeat(INDENT);
    let lines = wrapped(text, &indent, width.max(INDENT + 30)).join("\n");
    let beside = lines.strip_prefix(&indent).unwrap_or_default();
    format!("{name:<INDENT$}{beside}").trim_end().to_owned()
}

/// Lines of whole words behind an indent; a word that is wider than a line stands alone.
fn wrapped(text: &str, indent: &str, width: usize) -> Vec<String> {
    let mut lines = vec![indent.to_owned()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("it begins with one line");
        let is_empty = line.len() == indent.len();
        if !is_empty && width_of(line) + 1 + width_of(word) > width {
            lines.push(format!("{indent}{word}"));
        } else {
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

fn table(table: &Table, width: usize) -> Vec<String> {
    rows(table, MOST_ROWS, width)
}

/// Values of a row that stand below its name.
const STACKED: usize = 3;

/// Columns that a table must have room for; where it has not, each row is a name with its values below.
const NEEDED: usize = 3;

/// Aligned columns; those that do not fit into the width are left out from the right.
fn rows(table: &Table, most: usize, width: usize) -> Vec<String> {
    let rows: Vec<&Row> = table.rows.iter().take(most).collect();
    let columns = columns(table, &rows, width);
    let mut lines: Vec<String> = if columns.len() < table.head.len().min(NEEDED) {
        rows.iter()
            .flat_map(|row| stacked(table, row, width))
            .collect()
    } else {
        let line = |row: usize| {
            let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
            format!("  {}", cells.join("  ")).trim_end().to_owned()
        };
        (0..=rows.len()).map(line).collect()
    };
    let hidden = table.rows.len() - rows.len();
    if hidden > 0 {
        lines.push(format!("  … {hidden} more in the report"));
    }
    lines
}

/// A row as its name, and below it the values with the names of their columns, none of them parted.
fn stacked(table: &Table, row: &Row, width: usize) -> Vec<String> {
    let mut lines = wrapped(&cell(&row.cells[0]), "  ", width);
    let mut line = String::new();
    let values = table.head.iter().zip(&row.cells).skip(1);
    for (head, value) in values.take(STACKED) {
        let part = if value.verdict.is_empty() {
            format!("{} {}", title(head), cell(value))
        } else {
            // `meets` under `Meets chat` is said in one.
            let of = head.label.split_once(' ').map_or("", |(_, of)| of);
            format!("{} {of}", value.text).trim_end().to_owned()
        };
        if !line.is_empty() && 4 + width_of(&line) + 2 + width_of(&part) > width {
            lines.push(format!("    {line}"));
            line.clear();
        }
        if !line.is_empty() {
            line.push_str("; ");
        }
        line.push_str(&part);
    }
    lines.extend((!line.is_empty()).then(|| format!("    {line}")));
    lines
}

/// The name of a column with its unit.
fn title(head: &Head) -> String {
    match head.unit.as_str() {
        "" => head.label.clone(),
        unit if head.label.ends_with("output") && unit.ends_with("/Mtok") => format!("{unit} out"),
        unit => format!("{}, {unit}", head.label),
    }
}

/// The columns that fit, each with its name on top, and every text as wide as its column.
fn columns(table: &Table, rows: &[&Row], width: usize) -> Vec<Vec<String>> {
    let mut columns: Vec<Vec<String>> = Vec::new();
    let mut used = 0;
    for (index, head) in table.head.iter().enumerate() {
        let mut column = vec![title(head)];
        column.extend(
            rows.iter()
                .map(|row| row.cells.get(index).map_or_else(String::new, cell)),
        );
        let widest = column.iter().map(|text| width_of(text)).max().unwrap_or(0);
        if used + widest + 2 > width {
            break;
        }
        used += widest + 2;
        let pad = |text: &String| {
            let spaces = " ".repeat(widest - width_of(text));
            if head.numeric {
                spaces + text
            } else {
                text.clone() + &spaces
            }
        };
        columns.push(column.iter().map(pad).collect());
    }
    columns
}

fn cell(cell: &Cell) -> String {
    match (cell.interval.as_str(), cell.raw) {
        ("", _) => cell.text.clone(),
        (interval, Some(_)) => format!("{} [{interval}]", cell.text),
        (load, None) => format!("{}, {load}", cell.text),
    }
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
    fn letters_of_two_columns_keep_a_table_aligned() {
        let mut table = Table::new(
            "t",
            "t",
            vec![Head::text("Option"), Head::number("Cost", "USD")],
        );
        table.push(vec![Cell::text("温度 低"), Cell::number("1.5", 1.5)]);
        table.push(vec![Cell::text("plain"), Cell::number("12.5", 12.5)]);
        let lines = rows(&table, 5, 60);
        let widths: Vec<usize> = lines.iter().map(|line| width_of(line)).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{lines:?}");
    }

    #[test]
    fn the_summary_says_the_answer_in_plain_text() {
        let view = crate::report::view(&crate::report::fixture::results());
        insta::assert_snapshot!(summary(&view, 100));
    }

    #[test]
    fn narrow_and_wide_terminals_get_every_line_whole_and_columns_aligned() {
        let view = crate::report::view(&crate::report::fixture::results());
        let (narrow, wide) = (summary(&view, 60), summary(&view, 200));
        insta::assert_snapshot!("the_summary_at_60_columns", narrow);
        insta::assert_snapshot!("the_summary_at_200_columns", wide);
        for (text, width) in [(&narrow, 60), (&wide, 200)] {
            for line in text.lines() {
                assert!(width_of(line) <= width, "{width}: {line}");
            }
            assert!(!text.contains('\u{1b}'));
        }
        // What decides stands in both.
        for row in view.decision.rows.iter().take(MOST_ROWS) {
            let deciding = cell(&row.cells[2]).replace(NBSP, " ");
            for text in [&narrow, &wide] {
                assert!(text.contains(&deciding), "{deciding}: {text}");
            }
        }
        let heads = wide.lines().position(|line| line.contains("Meets "));
        let heads = heads.expect("a table");
        let table: Vec<&str> = wide.lines().skip(heads).take(MOST_ROWS + 1).collect();
        let at = |line: &str, place: usize| line.chars().nth(place).unwrap_or(' ');
        let starts = table[0].chars().count();
        let gaps = (2..starts).filter(|place| table.iter().all(|line| at(line, *place) == ' '));
        assert!(
            gaps.count() >= 2 * (view.decision.head.len() - 1),
            "columns part: {table:?}"
        );
    }
}
