//! What a fit to runs says of itself, as text.

use super::account::{PARTS, RunsAccount};
use crate::calibrate::StageErrors;

/// The table of a terminal.
pub fn runs_text(account: &RunsAccount) -> String {
    let mut text = format!(
        "{:<24}{:>8}{:>15}{:>10}{:>15}{:>15}\n",
        "runs", "fitted", "mean/median %", "held out", "mean/median %", "cited terms %"
    );
    for (column, parts) in &account.parts {
        let seen = account.in_sample.get(column).copied();
        let (first, last) = (
            parts.first().copied().flatten(),
            parts.last().copied().flatten(),
        );
        text.push_str(&format!(
            "{column:<24}{:>8}{:>15}{:>10}{:>15}{:>15}\n",
            count(seen),
            pair(seen),
            count(last),
            pair(last),
            pair(first)
        ));
    }
    text
}

/// Mean and median in percent, or a dash.
fn pair(errors: Option<StageErrors>) -> String {
    errors.map_or_else(|| "-".to_owned(), StageErrors::pair)
}

fn count(errors: Option<StageErrors>) -> usize {
    errors.map_or(0, |errors| errors.n)
}

/// The tables of the page about a pack, in Markdown.
pub fn runs_readme(account: &RunsAccount) -> String {
    let tables = [
        by_part(account),
        by_device(account),
        by_source(account),
        worst(account),
    ];
    tables.join("\n")
}

fn by_part(account: &RunsAccount) -> String {
    let mut text = String::from(
        "Errors of runs in held-out groups, mean/median absolute percentage, part by part of the model.\n\n| Column | Held-out rows |",
    );
    for (name, _) in PARTS {
        text.push_str(&format!(" {name} |"));
    }
    text.push_str(" In sample | Bias |\n|---|---|---|---|---|---|---|---|---|\n");
    for (column, parts) in &account.parts {
        let Some(last) = parts.last().copied().flatten() else {
            continue;
        };
        text.push_str(&format!("| `{column}` | {} |", last.n));
        for errors in parts {
            text.push_str(&format!(" {} |", pair(*errors)));
        }
        let seen = account.in_sample.get(column).copied();
        text.push_str(&format!(" {} | {:.1} |\n", pair(seen), 100.0 * last.bias));
    }
    text.push_str("| mean over (hardware, model, framework) of medians | |");
    for median in &account.macro_median {
        let percent =
            median.map_or_else(|| "-".to_owned(), |median| format!("{:.1}", 100.0 * median));
        text.push_str(&format!(" {percent} |"));
    }
    text.push_str(" | |\n");
    text
}

fn by_device(account: &RunsAccount) -> String {
    let mut text = String::from(
        "Errors of means on each device by a fit that has not seen it, devices of 20 rows or more.\n\n| Device | Rows | Mean/median | Bias |\n|---|---|---|---|\n",
    );
    for (device, errors) in &account.left_out {
        text.push_str(&line(device, *errors));
    }
    text.push_str("\nThe same by fits without a fifth of the devices, with rows of each given back to the fit, on rows that are never given back.\n\n| Own rows | Rows | Mean/median |\n|---|---|---|\n");
    for shots in &account.shots {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            shots.rows,
            count(shots.errors),
            pair(shots.errors)
        ));
    }
    text
}

fn by_source(account: &RunsAccount) -> String {
    let mut text = String::from(
        "Errors by source, of 20 rows or more of a column: of groups held out for good; of fitted rows, each by a fit without its group (in five parts) or without its device; of fitted rows.\n\n| Source, column | Rows held out | Held out | Rows fitted | Group left out | Device left out | Fitted |\n|---|---|---|---|---|---|---|\n",
    );
    for source in &account.sources {
        text.push_str(&format!(
            "| {}, `{}` | {} | {} | {} | {} | {} | {} |\n",
            source.source,
            source.column,
            count(source.held_out),
            pair(source.held_out),
            count(source.group_left_out),
            pair(source.group_left_out),
            pair(source.device_left_out),
            pair(source.in_sample)
        ));
    }
    text
}

fn worst(account: &RunsAccount) -> String {
    let mut text = String::from(
        "Held-out groups of 5 rows or more with the largest median error.\n\n| Device, model, software | Rows | Mean/median | Bias |\n|---|---|---|---|\n",
    );
    for (group, errors) in &account.worst {
        text.push_str(&line(group, *errors));
    }
    text
}

/// A line of errors with their bias.
fn line(name: &str, errors: StageErrors) -> String {
    format!(
        "| {name} | {} | {} | {:.1} |\n",
        errors.n,
        pair(Some(errors)),
        100.0 * errors.bias
    )
}
