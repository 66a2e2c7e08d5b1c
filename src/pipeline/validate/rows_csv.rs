//! Every selected row with its prediction, as CSV.

use std::borrow::Cow;

use super::account::Validation;
use super::row::{Compared, Fit, Outcome, RowOutcome};
use crate::record::rows::csv_text;

const HEADER: [&str; 21] = [
    "file",
    "line",
    "id",
    "source_id",
    "family",
    "scenario",
    "hardware",
    "model",
    "framework",
    "metric",
    "unit",
    "measured",
    "predicted",
    "lo",
    "hi",
    "level",
    "error",
    "bound",
    "fits",
    "sample",
    "skipped",
];

/// One line for each row: names, both numbers in base units, interval, error `(predicted − measured) / measured`, bound,
/// whether the pack has seen it; or the reason why it was skipped.
pub fn rows_csv(validation: &Validation) -> String {
    let header = HEADER.map(Cow::Borrowed).to_vec();
    let rows = validation.rows.iter().map(|row| cells(validation, row));
    csv_text([header].into_iter().chain(rows))
}

fn cells<'a>(validation: &'a Validation, row: &'a RowOutcome) -> Vec<Cow<'a, str>> {
    let file = &validation.files[row.file];
    let line = &file.table.lines[row.line];
    let field = |column| Cow::Borrowed(file.table.field(line, column));
    let mut cells = vec![
        Cow::Borrowed(file.path.as_str()),
        Cow::Owned(line.number.to_string()),
        field("id"),
        field("source_id"),
        Cow::Borrowed(file.table.family.name()),
        field("scenario"),
    ];
    match &row.outcome {
        Outcome::Compared(compared) => {
            cells.extend(numbers(compared, validation.level));
            cells.extend([row.sample.name(), ""].map(Cow::Borrowed));
        }
        Outcome::Skipped { reason, .. } => {
            cells.extend([field("hardware"), field("model"), field("framework")]);
            cells.push(field("metric"));
            cells.extend(std::iter::repeat_n(Cow::Borrowed(""), 10));
            cells.push(Cow::Owned(reason.to_string()));
        }
    }
    cells
}

fn numbers(compared: &Compared, level: Option<f64>) -> Vec<Cow<'_, str>> {
    let number = |value: f64| Cow::Owned(value.to_string());
    let of_interval = |value: f64| level.map_or(Cow::Borrowed(""), |_| number(value));
    let pair = &compared.pair;
    vec![
        Cow::Borrowed(&*compared.names.hardware),
        Cow::Borrowed(&*compared.names.model),
        Cow::Borrowed(&*compared.names.framework),
        Cow::Owned(compared.column.to_string()),
        Cow::Borrowed(compared.column.metric.unit()),
        number(pair.measured),
        number(pair.predicted),
        of_interval(pair.lo),
        of_interval(pair.hi),
        level.map_or(Cow::Borrowed(""), number),
        number(pair.error()),
        Cow::Borrowed(compared.bound.map_or("", |bound| bound.name())),
        Cow::Borrowed(match compared.fit {
            Fit::Fits => "true",
            Fit::Wrong => "false",
        }),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation;
    use super::*;

    #[test]
    fn every_row_has_a_line_of_the_same_width() {
        let validation = validation();
        let text = rows_csv(&validation);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let lines: Vec<csv::StringRecord> = reader
            .records()
            .map(|line| line.expect("even lines"))
            .collect();
        assert_eq!(lines.len(), validation.rows.len());
        let skipped = lines
            .iter()
            .filter(|line| !line[HEADER.len() - 1].is_empty());
        assert_eq!(skipped.count(), validation.skipped_rows());
    }
}
