//! The difference of two documents as aligned text.

use std::fmt::Write;

use super::diff::{DiffColumn, DiffRow, DiffTable};
use super::text::signed;
use crate::units::{columns, percent, si};

/// The table as text, at most `limit` rows of a column, then a count.
pub fn diff_text(table: &DiffTable, limit: usize) -> String {
    let mut out = String::new();
    for warning in &table.warnings {
        writeln!(out, "warning: {warning}").expect("a string takes any text");
    }
    for column in &table.columns {
        column_text(&mut out, column, limit);
    }
    for (which, keys) in [("a", &table.only_a), ("b", &table.only_b)] {
        if let Some(first) = keys.first() {
            let count = keys.len();
            writeln!(out, "only in {which}: {count} points, such as {first}")
                .expect("a string takes any text");
        }
    }
    out
}

fn column_text(out: &mut String, column: &DiffColumn, limit: usize) {
    let mut lines = vec![[&column.column, "a", "b", "change", ""].map(str::to_owned)];
    lines.extend(
        column
            .rows
            .iter()
            .take(limit)
            .map(|row| row_cells(row, &column.unit)),
    );
    let more = column.rows.len().saturating_sub(limit);
    if more > 0 {
        lines.push([&format!("… {more} more"), "", "", "", ""].map(str::to_owned));
    }
    if let (Some(mean), true) = (column.geometric_mean, column.rows.len() > 1) {
        lines.push(["geometric mean", "", "", &signed(mean), ""].map(str::to_owned));
    }
    aligned(out, &lines);
    out.push('\n');
}

fn row_cells(row: &DiffRow, unit: &str) -> [String; 5] {
    [
        row.key.clone(),
        number(row.a, unit),
        number(row.b, unit),
        row.change.map_or_else(|| "—".to_owned(), signed),
        row.significance.name().to_owned(),
    ]
}

/// A value with half its interval as a share, `412 ms ± 9 %`.
fn number((value, half): (f64, Option<f64>), unit: &str) -> String {
    let text = if unit == "1" || unit == "bool" {
        crate::units::significant(value, 3)
    } else {
        si(value, unit, 3)
    };
    match half {
        Some(half) if value.abs() > 0.0 => format!("{text} ± {}", percent(half / value.abs(), 1)),
        Some(_) | None => text,
    }
}

/// The first cell to the left, the others to the right.
fn aligned(out: &mut String, lines: &[[String; 5]]) {
    let width = |index: usize| {
        let widths = lines.iter().map(|line| columns(&line[index]));
        widths.max().unwrap_or(0)
    };
    let widths = [0, 1, 2, 3, 4].map(width);
    for line in lines {
        let gap = |cell: &str, width: usize| " ".repeat(width - columns(cell));
        let mut text = line[0].clone() + &gap(&line[0], widths[0]);
        for (cell, width) in line.iter().zip(widths).skip(1) {
            text += &format!("  {}{cell}", gap(cell, width));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::super::{DiffOptions, diff};
    use super::*;
    use crate::record::sample;

    #[test]
    fn values_stand_with_half_widths_and_significance() {
        let a = sample::results(2);
        let mut b = a.clone();
        for entry in b.points[1].metrics.values_mut().flatten() {
            entry.value *= 2.0;
            entry.interval = entry
                .interval
                .map(|(lo, hi, level)| (lo * 2.0, hi * 2.0, level));
        }
        let options = DiffOptions {
            metric: Some("output_throughput".to_owned()),
            match_axes: Vec::new(),
        };
        let text = diff_text(&diff(&(&a).into(), &(&b).into(), &options), 20);
        let expected = "\
output_throughput                           a                 b  change
hardware=h100,concurrency=1  100 tok/s ± 10 %  100 tok/s ± 10 %    +0 %       =
hardware=h100,concurrency=2  201 tok/s ± 10 %  402 tok/s ± 10 %  +100 %  better
geometric mean                                                    +41 %

";
        assert_eq!(text, expected);
    }
}
