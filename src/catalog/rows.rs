//! From a CSV or YAML text to rows with their places.

use std::sync::Arc;

use super::table::{Problem, Row, Rows, Syntax, Text};

/// The rows of a text; problems of form (unknown columns, ragged rows, broken syntax) are noted.
pub(super) fn read(text: &Text, columns: &[&str], problems: &mut Vec<Problem>) -> Rows {
    let rows = match text.syntax {
        Syntax::Csv => csv_rows(text, problems),
        Syntax::Yaml => yaml_rows(text, problems),
    };
    for name in rows.header.iter() {
        if !columns.contains(&name.as_str()) {
            let nearest = crate::diag::suggest(name, columns.iter().copied())
                .map(|known| format!("; did you mean `{known}`?"))
                .unwrap_or_default();
            problems.push(at_start(
                text,
                format!("no column is named `{name}`{nearest}"),
            ));
        }
    }
    rows
}

fn at_start(text: &Text, message: String) -> Problem {
    let end = text.content.find('\n').unwrap_or(text.content.len());
    Problem {
        path: Arc::clone(&text.path),
        line: 1,
        bytes: (0, end as u32),
        message,
        source: text.source,
    }
}

fn csv_rows(text: &Text, problems: &mut Vec<Problem>) -> Rows {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.content.as_bytes());
    let header: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
        Err(error) => {
            problems.push(at_start(text, format!("no header can be read: {error}")));
            return Rows::default();
        }
    };
    let mut rows = Vec::new();
    loop {
        let mut record = csv::StringRecord::new();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {
                let row = csv_row(record, reader.position().byte());
                if row.cells.len() != header.len() {
                    problems.push(Problem {
                        line: row.line,
                        bytes: row.bytes,
                        ..at_start(
                            text,
                            format!(
                                "the row has {} cells, the header {}",
                                row.cells.len(),
                                header.len()
                            ),
                        )
                    });
                }
                rows.push(row);
            }
            Err(error) => {
                problems.push(at_start(text, format!("a row cannot be read: {error}")));
                break;
            }
        }
    }
    Rows {
        header: header.into(),
        rows,
    }
}

fn csv_row(record: csv::StringRecord, end: u64) -> Row {
    let position = record.position().cloned();
    let start = position.as_ref().map_or(0, csv::Position::byte);
    Row {
        line: position
            .as_ref()
            .map_or(1, |position| position.line() as usize),
        // The reader stands after the line end; the underline stops before it.
        bytes: (start as u32, end.saturating_sub(1).max(start) as u32),
        cells: record,
    }
}

fn yaml_rows(text: &Text, problems: &mut Vec<Problem>) -> Rows {
    let document: serde_yaml::Value = match serde_yaml::from_str(&text.content) {
        Ok(document) => document,
        Err(error) => {
            problems.push(at_start(text, format!("this is not YAML: {error}")));
            return Rows::default();
        }
    };
    let items = match document {
        serde_yaml::Value::Sequence(items) => items,
        one @ serde_yaml::Value::Mapping(_) => vec![one],
        serde_yaml::Value::Null
        | serde_yaml::Value::Bool(_)
        | serde_yaml::Value::Number(_)
        | serde_yaml::Value::String(_)
        | serde_yaml::Value::Tagged(_) => {
            problems.push(at_start(
                text,
                "expected a map of columns, or a list of such maps".to_owned(),
            ));
            return Rows::default();
        }
    };
    let places = item_places(&text.content, items.len());
    let mut header = Vec::new();
    let mut filled = Vec::new();
    for (item, (line, bytes)) in items.iter().zip(places) {
        let mut cells = vec![String::new(); header.len()];
        if let Err(message) = fill(&mut header, &mut cells, item) {
            problems.push(Problem {
                line,
                bytes,
                ..at_start(text, message)
            });
        }
        filled.push((line, bytes, cells));
    }
    let rows = filled
        .into_iter()
        .map(|(line, bytes, mut cells)| {
            cells.resize(header.len(), String::new());
            let cells = cells.into();
            Row { line, bytes, cells }
        })
        .collect();
    Rows {
        header: header.into(),
        rows,
    }
}

/// Puts the fields of a map into cells, adding columns as they appear; `id` comes first.
fn fill(
    header: &mut Vec<String>,
    cells: &mut Vec<String>,
    item: &serde_yaml::Value,
) -> Result<(), String> {
    let Some(map) = item.as_mapping() else {
        return Err("an entry must be a map of columns".to_owned());
    };
    for (key, value) in map {
        let column = key.as_str().ok_or("a column name must be text")?;
        let cell = scalar(value).ok_or_else(|| format!("`{column}` must be one value"))?;
        if let Some(index) = header.iter().position(|known| known == column) {
            cells[index] = cell;
        } else {
            header.push(column.to_owned());
            cells.push(cell);
        }
    }
    Ok(())
}

fn scalar(value: &serde_yaml::Value) -> Option<String> {
    match value {
        serde_yaml::Value::Null => Some(String::new()),
        serde_yaml::Value::Bool(flag) => Some(flag.to_string()),
        serde_yaml::Value::Number(number) => Some(number.to_string()),
        serde_yaml::Value::String(text) => Some(text.trim().to_owned()),
        serde_yaml::Value::Sequence(_)
        | serde_yaml::Value::Mapping(_)
        | serde_yaml::Value::Tagged(_) => None,
    }
}

/// Lines and bytes of the items of a block list; the whole text for anything else.
fn item_places(content: &str, items: usize) -> Vec<(usize, (u32, u32))> {
    let whole = (1, (0, content.len() as u32));
    let mut starts = Vec::new();
    let mut indent = None;
    let mut offset = 0;
    for (index, line) in content.split_inclusive('\n').enumerate() {
        let spaces = line.len() - line.trim_start().len();
        let is_item = line.trim_start().starts_with("- ");
        if is_item && *indent.get_or_insert(spaces) == spaces {
            starts.push((index + 1, offset as u32));
        }
        offset += line.len();
    }
    if starts.len() != items {
        return vec![whole; items];
    }
    let ends = starts.iter().skip(1).map(|(_, start)| *start);
    let ends: Vec<u32> = ends.chain([content.len() as u32]).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|((line, start), end)| (line, (start, end)))
        .collect()
}

/// The line of a field inside an entry; the entry when it is not found.
pub(super) fn field_place(text: &Text, row: Problem, column: &str) -> Problem {
    let (start, end) = (row.bytes.0 as usize, row.bytes.1 as usize);
    let mut offset = start;
    for (index, line) in text.content[start..end].split_inclusive('\n').enumerate() {
        let field = line.trim_start().trim_start_matches("- ").trim_start();
        if field
            .strip_prefix(column)
            .is_some_and(|rest| rest.starts_with(':'))
        {
            let first = offset + (line.len() - field.len());
            return Problem {
                line: row.line + index,
                bytes: (first as u32, (offset + line.trim_end().len()) as u32),
                ..row
            };
        }
        offset += line.len();
    }
    row
}
