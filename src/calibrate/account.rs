//! What a fit says of itself, as a table and as a page.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stats::{mean, quantile};

/// How much of a model predicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Datasheet rates and the cache alone.
    Roofline,
    /// With floors and the efficiency that all calls share.
    Whole,
    /// With corrections by group.
    Groups,
    /// With what near shapes have in common: the prediction.
    Local,
}

impl Stage {
    /// All, in order.
    pub const ALL: [Self; 4] = [Self::Roofline, Self::Whole, Self::Groups, Self::Local];
}

/// Errors `(predicted − measured) / measured` of a set of points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct StageErrors {
    /// Points.
    pub n: usize,
    /// Mean of absolute errors.
    pub mape: f64,
    /// Their median.
    pub median_ape: f64,
    /// Their 90th percentile.
    pub p90_ape: f64,
    /// Mean error.
    pub bias: f64,
}

impl StageErrors {
    /// The summary of relative errors; `None` of nothing.
    pub fn of(errors: Vec<f64>) -> Option<Self> {
        let bias = mean(&errors)?;
        let absolute: Vec<f64> = errors.into_iter().map(f64::abs).collect();
        let rounded = |number: f64| (number * 1e4).round() / 1e4;
        Some(Self {
            n: absolute.len(),
            mape: rounded(mean(&absolute)?),
            median_ape: rounded(quantile(&absolute, 0.5)?),
            p90_ape: rounded(quantile(&absolute, 0.9)?),
            bias: rounded(bias),
        })
    }

    /// Mean and median in percent, `7.8/5.4`.
    pub(super) fn pair(self) -> String {
        format!("{:.1}/{:.1}", 100.0 * self.mape, 100.0 * self.median_ape)
    }
}

/// Errors of the model of one family.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FamilyAccount {
    /// Its name.
    pub family: String,
    /// On points it was fitted on.
    pub in_sample: BTreeMap<Stage, StageErrors>,
    /// On points held out.
    pub held_out: BTreeMap<Stage, StageErrors>,
    /// On single shapes of fitted layers, by a model that has not seen them.
    pub single: BTreeMap<Stage, StageErrors>,
    /// On each device, by a model that has not seen it.
    pub left_out: BTreeMap<String, StageErrors>,
    /// Penalties of the shared efficiency, of the device's features, and of corrections that devices share.
    pub penalties: [f64; 3],
    /// Lengths of the likeness of near shapes, of all devices and of a narrowest group; `None` where they do not help.
    pub near: [Option<f64>; 2],
    /// Half-widths of intervals of the logarithm: seen group, seen device, neither.
    pub radii: [f64; 3],
    /// Points that were not fitted because they cannot be what they claim, by reason.
    pub suspects: BTreeMap<String, u64>,
}

/// The table of a terminal: rows fitted and held out, errors of both.
pub fn accounts_text(accounts: &[FamilyAccount]) -> String {
    let mut text = format!(
        "{:<22}{:>8}{:>15}{:>9}{:>15}{:>8}{:>8}\n",
        "family", "fitted", "mean/median %", "held out", "mean/median %", "p90 %", "bias %"
    );
    for account in accounts {
        let find = |stages: &BTreeMap<Stage, StageErrors>| stages.get(&Stage::Local).copied();
        let (seen, unseen) = (find(&account.in_sample), find(&account.held_out));
        let pair =
            |errors: Option<StageErrors>| errors.map_or_else(|| "-".to_owned(), StageErrors::pair);
        let count = |errors: Option<StageErrors>| errors.map_or(0, |errors| errors.n);
        let percent = |number: Option<f64>| {
            number.map_or_else(|| "-".to_owned(), |n| format!("{:.1}", 100.0 * n))
        };
        text.push_str(&format!(
            "{:<22}{:>8}{:>15}{:>9}{:>15}{:>8}{:>8}\n",
            account.family,
            count(seen),
            pair(seen),
            count(unseen),
            pair(unseen),
            percent(unseen.map(|errors| errors.p90_ape)),
            percent(unseen.map(|errors| errors.bias)),
        ));
        for (reason, rows) in &account.suspects {
            text.push_str(&format!("  not fitted, {reason}: {rows} rows\n"));
        }
    }
    text
}

/// The tables of the page about a pack, in Markdown: parts of the model, and devices left out.
pub fn readme(accounts: &[FamilyAccount]) -> String {
    let mut text = String::from(
        "Errors on held-out layer shapes, mean/median absolute percentage, after each part of the model; then on single shapes of \
         fitted layers that a fit has not seen. Penalties are those of the shared efficiency, of the device's features, and of \
         corrections that devices share; `Near` are the lengths of the likeness of near shapes, of all \
         devices and of a narrowest group.\n\n\
         | Family | Held-out rows | Roofline | + shared efficiency | + groups | + near shapes | Single shapes | In sample | p90 | Bias | 90 % interval, seen group | Penalties | Near |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for account in accounts {
        let at = |stage: Stage| {
            let errors = account.held_out.get(&stage).copied();
            errors.map_or_else(|| "-".to_owned(), StageErrors::pair)
        };
        let last = account.held_out.get(&Stage::Local);
        let seen = account.in_sample.get(&Stage::Local).copied();
        let alone = account.single.get(&Stage::Local).copied();
        let [shared, machine, groups] = account.penalties;
        let near = account
            .near
            .map(|length| length.map_or_else(|| "off".to_owned(), |length| length.to_string()))
            .join(", ");
        let percent = |number: Option<f64>| {
            number.map_or_else(|| "-".to_owned(), |n| format!("{:.1}", 100.0 * n))
        };
        text.push_str(&format!(
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | × or ÷ {:.2} | {shared}, {machine}, {groups} | {} |\n",
            account.family,
            last.map_or(0, |errors| errors.n),
            at(Stage::Roofline),
            at(Stage::Whole),
            at(Stage::Groups),
            at(Stage::Local),
            alone.map_or_else(|| "-".to_owned(), StageErrors::pair),
            seen.map_or_else(|| "-".to_owned(), StageErrors::pair),
            percent(last.map(|errors| errors.p90_ape)),
            percent(last.map(|errors| errors.bias)),
            crate::stats::math::exp(account.radii[0]),
            near,
        ));
    }
    text.push_str(&devices(accounts));
    text
}

/// The table of devices left out.
fn devices(accounts: &[FamilyAccount]) -> String {
    let mut text = String::from(
        "\nErrors on each device by a model that has not seen it, mean/median.\n\n| Device |",
    );
    for account in accounts {
        text.push_str(&format!(" {} |", account.family));
    }
    text.push_str(&format!("\n|---|{}\n", "---|".repeat(accounts.len())));
    let mut devices: Vec<&String> = accounts
        .iter()
        .flat_map(|account| account.left_out.keys())
        .collect();
    devices.sort();
    devices.dedup();
    for device in devices {
        text.push_str(&format!("| {device} |"));
        for account in accounts {
            let errors = account.left_out.get(device).copied();
            text.push_str(&format!(
                " {} |",
                errors.map_or_else(|| "-".to_owned(), StageErrors::pair)
            ));
        }
        text.push('\n');
    }
    text
}
