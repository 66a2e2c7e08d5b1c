//! The account as text for a terminal.

use std::fmt::Write;

use super::account::{Group, Tables, Tabulation, Validation};
use crate::analyse::{Accuracy, FEW};
use crate::record::rows::Skip;
use crate::units::{count, percent};

/// Groups shown of a table with more.
const SHOWN: usize = 10;

/// The account: headline, worst groups, tables, and what was skipped.
pub fn text(validation: &Validation) -> String {
    let mut out = String::new();
    headline(&mut out, validation);
    tables(&mut out, &validation.held_out);
    if validation.in_sample.rows() > 0 {
        section(
            &mut out,
            "Rows that the pack was fitted on (in sample); they say nothing of its accuracy elsewhere",
        );
        tables(&mut out, &validation.in_sample);
    }
    skipped(&mut out, validation);
    out
}

fn tables(out: &mut String, tables: &Tables) {
    let worst = worst(&tables.finest.groups);
    if !worst.is_empty() {
        section(out, "Worst groups of 5 rows or more, by median error");
        let worst: Vec<&Group> = worst.into_iter().take(SHOWN).collect();
        table(out, &tables.finest.keys, &worst);
    }
    let filled = tables.usual.iter();
    for tabulation in filled.filter(|tabulation| !tabulation.groups.is_empty()) {
        tabulated(out, tabulation);
    }
    let asked = tables.asked.iter();
    for asked in asked.filter(|asked| !asked.groups.is_empty()) {
        section(out, &format!("By {}", asked.keys.join(", ")));
        table(out, &asked.keys, &asked.groups.iter().collect::<Vec<_>>());
    }
}

/// Which of the compared rows the pack has seen.
fn seen(validation: &Validation) -> String {
    match (validation.held_out.rows(), validation.in_sample.rows()) {
        (_, 0) => "all rows held out, as no row was used in a fit".to_owned(),
        (held_out, in_sample) => format!(
            "{} rows held out, {} used in its fit and shown apart",
            number(held_out),
            number(in_sample)
        ),
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes any text");
    out.push('\n');
}

fn section(out: &mut String, title: &str) {
    line(out, format_args!("\n{title}"));
}

fn number(count_of: usize) -> String {
    count(count_of as u64)
}

fn headline(out: &mut String, validation: &Validation) {
    line(
        out,
        format_args!(
            "{} rows of {} files: {} compared, {} skipped; {} measured but predicted not to fit",
            number(validation.rows.len()),
            validation.files.len(),
            number(validation.compared()),
            number(validation.skipped_rows()),
            number(validation.wrong_fit()),
        ),
    );
    line(
        out,
        format_args!(
            "calibration {}, predictor version {}; {}",
            validation.calibration,
            validation.predictor_version,
            seen(validation)
        ),
    );
    if validation.level.is_none() {
        line(
            out,
            format_args!(
                "predictions of this pack have no intervals, so nothing is said of coverage"
            ),
        );
    }
    if let Some(all) = validation.held_out.overall {
        line(
            out,
            format_args!(
                "macro_median_ape {}: mean over (hardware, model, framework) of the group's median error",
                share(all.macro_median_ape)
            ),
        );
    }
}

fn share(value: f64) -> String {
    percent(value, if value >= 1.0 { 4 } else { 3 })
}

/// Groups that are not too small, largest median error first.
fn worst(groups: &[Group]) -> Vec<&Group> {
    let mut list: Vec<&Group> = groups
        .iter()
        .filter(|group| group.accuracy.n >= FEW)
        .collect();
    list.sort_by(|a, b| {
        let (a_error, b_error) = (a.accuracy.median_ape, b.accuracy.median_ape);
        b_error.total_cmp(&a_error).then(a.values.cmp(&b.values))
    });
    list
}

fn tabulated(out: &mut String, tabulation: &Tabulation) {
    let groups = &tabulation.groups;
    let title = format!("By {}", tabulation.keys.join(", "));
    if tabulation.keys.len() < 2 || groups.len() <= SHOWN {
        section(out, &title);
        table(out, &tabulation.keys, &groups.iter().collect::<Vec<_>>());
        return;
    }
    let few = groups.iter().filter(|group| group.accuracy.n < FEW).count();
    section(
        out,
        &format!(
            "{title}: the worst {SHOWN} of {} ({few} with fewer than {FEW} rows; all with --format json)",
            groups.len()
        ),
    );
    let mut shown = worst(groups);
    shown.truncate(SHOWN);
    table(out, &tabulation.keys, &shown);
}

const STATISTICS: [&str; 10] = [
    "n", "median", "mean", "p90", "bias", "cover 80", "90", "95", "width 90", "macro",
];

fn statistics(accuracy: &Accuracy) -> Vec<String> {
    let few = if accuracy.n < FEW { " few" } else { "" };
    let mut cells = vec![format!("{}{few}", number(accuracy.n))];
    let errors = [
        accuracy.median_ape,
        accuracy.mape,
        accuracy.p90_ape,
        accuracy.bias,
    ];
    cells.extend(errors.map(share));
    match accuracy.intervals {
        Some(intervals) => {
            cells.extend(intervals.coverage.map(|covered| percent(covered, 2)));
            cells.push(share(intervals.width_90));
        }
        None => cells.extend(["-"; 4].map(str::to_owned)),
    }
    cells.push(share(accuracy.macro_median_ape));
    cells
}

/// Aligned columns: names to the left, numbers to the right.
fn table(out: &mut String, keys: &[String], groups: &[&Group]) {
    let header = keys.iter().cloned().chain(STATISTICS.map(str::to_owned));
    let mut rows: Vec<Vec<String>> = vec![header.collect()];
    for group in groups {
        let values = group.values.iter().map(|value| match value.as_str() {
            "" => "-".to_owned(),
            value => value.to_owned(),
        });
        rows.push(values.chain(statistics(&group.accuracy)).collect());
    }
    let widths: Vec<usize> = (0..keys.len() + STATISTICS.len())
        .map(|column| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or_default()
        })
        .collect();
    for row in rows {
        let mut text = String::from(" ");
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let written = if column < keys.len() {
                write!(text, " {cell:<width$}")
            } else {
                write!(text, "  {cell:>width$}")
            };
            written.expect("a string takes any text");
        }
        line(out, format_args!("{}", text.trim_end()));
    }
}

fn skipped(out: &mut String, validation: &Validation) {
    const DETAILS: usize = 3;
    if !validation.skipped.is_empty() {
        section(out, "Skipped rows");
    }
    for skipped in &validation.skipped {
        // Such rows are named one by one.
        let is_named = matches!(skipped.reason, Skip::Suspect(_) | Skip::BadValue);
        let details: Vec<String> = skipped
            .details
            .iter()
            .take(DETAILS)
            .map(|(what, rows)| {
                if is_named {
                    what.clone()
                } else {
                    format!("{what} {}", number(*rows))
                }
            })
            .collect();
        let details = if details.is_empty() {
            format!("such as {}", skipped.examples.join(", "))
        } else {
            details.join("; ")
        };
        let (rows, reason) = (number(skipped.rows), skipped.reason.to_string());
        line(out, format_args!("  {rows:>8}  {reason:<34}  {details}"));
    }
    let families = validation
        .skipped
        .iter()
        .any(|skipped| skipped.reason == Skip::UnsupportedFamily);
    if families {
        line(
            out,
            format_args!(
                "            rows of networks need a pack with models of networks, such as `default`"
            ),
        );
    }
    if !validation.skipped_files.is_empty() {
        section(out, "Skipped files");
        for file in &validation.skipped_files {
            line(out, format_args!("  {}: {}", file.path, file.reason));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation;
    use super::*;

    #[test]
    fn the_headline_counts_rows_and_small_groups_are_marked() {
        let validation = validation();
        let text = text(&validation);
        let first = text.lines().next().expect("a headline");
        assert!(
            first.starts_with(&format!("{} rows of", validation.rows.len())),
            "{first}"
        );
        assert!(text.contains("macro_median_ape"));
        assert!(text.contains(" few "), "{text}");
        assert!(text.contains("rows/sources.csv: the header is of no family"));
        assert!(text.contains("rows of networks need a pack with models of networks"));
    }
}
