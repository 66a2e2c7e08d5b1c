//! What the fit of networks says of itself.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::calibrate::StageErrors;

/// Errors on the rows of one source, or of sources of one kind.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct SourceErrors {
    /// On rows that were fitted.
    pub in_sample: Option<StageErrors>,
    /// On rows held out.
    pub held_out: Option<StageErrors>,
    /// Share of held-out rows inside the interval.
    pub coverage: Option<f64>,
    /// Median factor by which the interval goes up and down.
    pub factor: Option<f64>,
}

/// What the fit of networks says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
pub struct NetworkAccount {
    /// Rows that were fitted.
    pub fitted: u64,
    /// By what was measured and its source.
    pub sources: BTreeMap<String, SourceErrors>,
    /// On each of the devices with most rows, by a model that has not seen it.
    pub left_out: BTreeMap<String, StageErrors>,
    /// Rows that were not fitted because they cannot be what they claim, by reason, with names of the first.
    pub suspects: BTreeMap<String, Vec<String>>,
}

fn pair(errors: Option<StageErrors>) -> String {
    errors.map_or_else(
        || "-".to_owned(),
        |errors| {
            format!(
                "{:.1}/{:.1}",
                100.0 * errors.mape,
                100.0 * errors.median_ape
            )
        },
    )
}

fn percent(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{:.0}", 100.0 * number))
}

fn factor(number: Option<f64>) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.2}"))
}

/// The table of a terminal.
pub fn networks_text(account: &NetworkAccount) -> String {
    let mut text = format!(
        "{:<36}{:>8}{:>15}{:>9}{:>15}{:>10}{:>8}\n",
        "networks", "fitted", "mean/median %", "held out", "mean/median %", "covered %", "x or /"
    );
    let count = |errors: Option<StageErrors>| errors.map_or(0, |errors| errors.n);
    for (name, errors) in &account.sources {
        text.push_str(&format!(
            "{:<36}{:>8}{:>15}{:>9}{:>15}{:>10}{:>8}\n",
            name,
            count(errors.in_sample),
            pair(errors.in_sample),
            count(errors.held_out),
            pair(errors.held_out),
            percent(errors.coverage),
            factor(errors.factor),
        ));
    }
    for (reason, rows) in &account.suspects {
        let first: Vec<&str> = rows.iter().take(5).map(String::as_str).collect();
        let (rows, first) = (rows.len(), first.join(", "));
        text.push_str(&format!("  not fitted, {reason}: {rows} rows ({first})\n"));
    }
    text
}

/// The tables of the page about a pack, in Markdown.
pub fn networks_readme(account: &NetworkAccount) -> String {
    let mut text = String::from(
        "\nErrors of networks on held-out groups (device, network, software) by source, mean/median absolute percentage.\n\n\
         | Measured, source | Fitted rows | In sample | Held-out rows | Held out | p90 | Bias | Inside the 90 % interval, % | Its median factor |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for (name, errors) in &account.sources {
        let count = |errors: Option<StageErrors>| errors.map_or(0, |errors| errors.n);
        let of = |pick: fn(StageErrors) -> f64| percent(errors.held_out.map(pick));
        text.push_str(&format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
            count(errors.in_sample),
            pair(errors.in_sample),
            count(errors.held_out),
            pair(errors.held_out),
            of(|errors| errors.p90_ape),
            of(|errors| errors.bias),
            percent(errors.coverage),
            factor(errors.factor),
        ));
    }
    text.push_str(
        "\nErrors of times on the devices with most rows, each by a model that has not seen it.\n\n| Device | Rows | Mean/median |\n|---|---|---|\n",
    );
    for (device, errors) in &account.left_out {
        text.push_str(&format!(
            "| {device} | {} | {} |\n",
            errors.n,
            pair(Some(*errors))
        ));
    }
    text
}
