//! How far the numbers can be trusted: what was measured, what is assumed, what could go wrong.

use std::collections::BTreeSet;

use super::choice::{Choice, Choices};
use super::label;
use super::lists::tightest;
use super::number::{percent, rounded};
use super::view::{Cell, Head, Table};
use crate::diag::Code;
use crate::record::{Basis, Column, Results, Source, ValueEntry};

/// Memory to spare below which a recommendation is called tight.
const TIGHT: f64 = 0.1;

/// A number that was predicted and measured.
struct Pair<'a> {
    column: Column,
    predicted: &'a ValueEntry,
    measured: &'a ValueEntry,
}

fn pairs(results: &Results) -> Vec<Pair<'_>> {
    let mut pairs = Vec::new();
    for point in &results.points {
        for (column, entries) in &point.metrics {
            let Some(predicted) = entries
                .iter()
                .find(|entry| entry.source == Source::Predicted)
            else {
                continue;
            };
            let measured = entries
                .iter()
                .filter(|entry| entry.source != Source::Predicted);
            pairs.extend(
                measured
                    .filter(|entry| entry.value > 0.0)
                    .map(|measured| Pair {
                        column: *column,
                        predicted,
                        measured,
                    }),
            );
        }
    }
    pairs
}

/// Predicted against measured by column: n, mean absolute error, bias, coverage.
pub fn accuracy(results: &Results) -> Option<Table> {
    let pairs = pairs(results);
    let columns: BTreeSet<Column> = pairs.iter().map(|pair| pair.column).collect();
    if columns.is_empty() {
        return None;
    }
    let mut table = Table::new(
        "accuracy",
        "Predicted against measured",
        vec![
            Head::text("Value"),
            Head::number("Pairs", ""),
            Head::number("Mean absolute error", "% of measured"),
            Head::number("Bias", "% of measured"),
            Head::number("Inside the interval", ""),
        ],
    );
    for column in columns {
        let errors: Vec<(f64, bool)> = pairs
            .iter()
            .filter(|pair| pair.column == column)
            .map(|pair| {
                let (predicted, measured) = (pair.predicted.value, pair.measured.value);
                let inside = pair
                    .predicted
                    .interval
                    .is_some_and(|(lo, hi, _)| lo <= measured && measured <= hi);
                (predicted / measured - 1.0, inside)
            })
            .collect();
        let n = errors.len();
        let mape = errors.iter().map(|(error, _)| error.abs()).sum::<f64>() / n as f64;
        let bias = errors.iter().map(|(error, _)| error).sum::<f64>() / n as f64;
        let inside = errors.iter().filter(|(_, inside)| *inside).count();
        table.push(vec![
            Cell::text(label::column(column)),
            Cell::number(n.to_string(), n as f64),
            Cell::number(rounded(mape * 100.0, 2), mape),
            Cell::number(rounded(bias * 100.0, 2), bias),
            Cell::number(format!("{inside} of {n}"), inside as f64 / n as f64),
        ]);
    }
    Some(table)
}

/// How sure the numbers are.
pub fn sureness(choices: &Choices) -> Vec<String> {
    let results = choices.results;
    let mut lines = Vec::new();
    let n = pairs(results).len();
    if n == 0 {
        lines.push("Every number is predicted; nothing of this scenario was measured.".to_owned());
    } else {
        lines.push(format!(
            "{} can be compared with a measurement.",
            label::counted(n, "predicted value")
        ));
    }
    let entries = || {
        results
            .points
            .iter()
            .flat_map(|point| point.metrics.values().flatten())
    };
    let predicted = entries()
        .filter(|entry| entry.source == Source::Predicted)
        .count();
    let ranged = entries()
        .filter(|entry| entry.source == Source::Predicted && entry.interval.is_some())
        .count();
    let level = percent(results.presentation.confidence);
    lines.push(if ranged == 0 {
        "No interval is known: no calibration data covers these points.".to_owned()
    } else if ranged == predicted {
        format!("Ranges in brackets are {level} intervals from how far earlier predictions missed measurements.")
    } else {
        format!(
            "Ranges in brackets are {level} intervals from how far earlier predictions missed measurements; {} of {} have one.",
            crate::units::count(ranged as u64),
            label::counted(predicted, "predicted number")
        )
    });
    let assumed = entries()
        .filter(|entry| entry.basis == Basis::Assumed)
        .count();
    let facts = results
        .assumptions
        .iter()
        .filter(|assumption| assumption.basis == Basis::Assumed)
        .count();
    if facts > 0 {
        let carried = match assumed {
            0 => String::new(),
            n => format!("; {} on one alone", label::counted(n, "number")),
        };
        let stand = match facts {
            1 => "1 assumption stands".to_owned(),
            n => format!("{n} assumptions stand"),
        };
        lines.push(format!(
            "{stand} for facts that the scenario does not state{carried}."
        ));
    }
    let outside = results
        .points
        .iter()
        .filter(|point| point.notes.contains(&Code::Extrapolated))
        .count();
    if outside > 0 {
        let n = label::counted(results.points.len(), "point");
        lines.push(format!(
            "Outside what the calibration has seen, so extrapolated: {outside} of {n}."
        ));
    }
    lines
}

/// What could go wrong with the decision.
pub fn risks(choices: &Choices) -> Vec<String> {
    let best: Vec<&Choice> = choices
        .options
        .iter()
        .filter(|option| option.recommended)
        .collect();
    let mut risks = Vec::new();
    if let Some((option, free)) = tightest(&best) {
        if free < 0.0 {
            risks.push(format!(
                "{} does not fit into the usable memory.",
                option.full_name()
            ));
        } else if free < TIGHT {
            risks.push(format!(
                "Memory is tight: {} leaves {} of the usable memory free.",
                option.full_name(),
                percent(free)
            ));
        }
    }
    for option in &best {
        if option.chosen.notes.contains(&Code::Extrapolated) {
            risks.push(format!(
                "{} is extrapolated: no measurement of similar points stands behind it.",
                option.full_name()
            ));
        }
        if option.verdict == Some(crate::record::Verdict::Inconclusive) {
            risks.push(format!(
                "{} may miss its objective: an interval spans a limit.",
                option.full_name()
            ));
        }
    }
    let vendors: BTreeSet<&str> = choices
        .options
        .iter()
        .map(|option| option.chosen.system.vendor.as_str())
        .collect();
    if let [vendor] = vendors.into_iter().collect::<Vec<_>>().as_slice() {
        if !vendor.is_empty() {
            risks.push(format!("All options come from one vendor, {vendor}."));
        }
    }
    let has = |code: Code| {
        choices
            .results
            .points
            .iter()
            .any(|point| point.notes.contains(&code))
    };
    if has(Code::PriceOld) {
        risks.push("A price is older than 90 days at the date of the question.".to_owned());
    }
    if has(Code::PriceMissing) {
        risks.push("Some options have no price, so they cannot win on cost.".to_owned());
    }
    if choices
        .results
        .findings
        .iter()
        .any(|finding| finding.code == Code::OptionNotModelled)
        || has(Code::OptionNotModelled)
    {
        risks.push("A runtime option of the scenario does not change predictions.".to_owned());
    }
    if let Some(pricing) = &choices.results.presentation.pricing {
        if pricing.utilization >= 1.0 {
            risks.push("Costs take every paid hour as fully used; lower utilisation raises them in proportion.".to_owned());
        }
    }
    risks
}

/// How the numbers were made.
pub fn method(choices: &Choices) -> Vec<String> {
    let results = choices.results;
    let mut lines = vec![
        "Work, memory traffic and messages of every operator are counted from the model's architecture; the hardware's datasheet rates and fitted efficiencies turn them into time.".to_owned(),
        format!(
            "Efficiencies come from the calibration pack {}; the interval of a number comes from how far such predictions missed measurements.",
            results.inputs.calibration_name
        ),
    ];
    if let Some(pricing) = &results.presentation.pricing {
        lines.push(format!(
            "Cost is the price of the deployment per second, divided by utilisation ({}) and by throughput.",
            percent(pricing.utilization)
        ));
    }
    if !results.presentation.energy_scope.is_empty() {
        let pue = results
            .presentation
            .pue
            .map_or_else(String::new, |pue| format!("; PUE {}", rounded(pue, 3)));
        lines.push(format!(
            "Energy counts {}{pue}.",
            results.presentation.energy_scope
        ));
    }
    lines
}
