//! How far the numbers can be trusted: what was measured, what is assumed, what could go wrong.

use std::collections::BTreeSet;

use super::budgets::budgets;
use super::choice::{Choice, Choices};
use super::label;
use super::lists::tightest;
use super::number::{percent, rounded};
use super::view::{Cell, Head, Table};
use crate::diag::Code;
use crate::record::{Basis, Column, PointResult, Results, Source, ValueEntry, Verdict};

/// Memory to spare below which a recommendation is called tight.
const TIGHT: f64 = 0.1;

/// A number that was predicted and measured.
struct Pair<'a> {
    column: Column,
    predicted: &'a ValueEntry,
    measured: &'a ValueEntry,
}

fn pairs<'a>(choices: &Choices<'a>) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    if !choices.carried.measured {
        return pairs;
    }
    for point in &choices.results.points {
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
pub fn accuracy(choices: &Choices) -> Option<Table> {
    let pairs = pairs(choices);
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
    let measured = match pairs(choices).len() {
        0 => "Every number is predicted; nothing of this scenario was measured.".to_owned(),
        n => format!(
            "{} can be compared with a measurement.",
            label::counted(n, "predicted value")
        ),
    };
    let mut lines = vec![measured, ranges(choices)];
    lines.extend(assumed(choices));
    let outside = noted(results, Code::Extrapolated);
    if outside > 0 {
        let n = label::counted(results.points.len(), "point");
        lines.push(format!(
            "Outside what the calibration has seen, so extrapolated: {outside} of {n}."
        ));
    }
    lines
}

/// How many points have a note.
fn noted(results: &Results, code: Code) -> usize {
    let points = results.points.iter();
    points.filter(|point| point.notes.contains(&code)).count()
}

/// What the ranges are and how many numbers have one.
fn ranges(choices: &Choices) -> String {
    let results = choices.results;
    let (all, ranged) = (choices.carried.predicted, choices.carried.ranged);
    if ranged == 0 {
        return if is_uncalibrated(results) {
            "No number has an interval, as no calibration is used: times are lower bounds, throughputs upper bounds, and power is not known."
        } else {
            "No interval is known: no calibration data covers these points."
        }
        .to_owned();
    }
    let level = percent(results.presentation.confidence);
    let some = if ranged < all {
        let ranged = crate::units::count(ranged as u64);
        format!(
            "; {ranged} of {} have one",
            label::counted(all, "predicted number")
        )
    } else {
        String::new()
    };
    let origin = if choices.carried.by_terms {
        "the ranges that the sources of the efficiency terms state; no measurement has narrowed or checked them"
    } else {
        "how far earlier predictions missed measurements"
    };
    format!("Ranges in brackets are {level} intervals from {origin}{some}.")
}

/// True when predictions rest on datasheet values alone.
pub fn is_uncalibrated(results: &Results) -> bool {
    results.inputs.calibration_name == "none"
}

/// How many facts were assumed.
fn assumed(choices: &Choices) -> Option<String> {
    let (results, alone) = (choices.results, choices.carried.assumed);
    let facts = results.assumptions.iter();
    let stand = match facts.filter(|fact| fact.basis == Basis::Assumed).count() {
        0 => return None,
        1 => "1 assumption stands".to_owned(),
        n => format!("{n} assumptions stand"),
    };
    let carried = match alone {
        0 => String::new(),
        n => format!("; {} on one alone", label::counted(n, "number")),
    };
    Some(format!(
        "{stand} for facts that the scenario does not state{carried}."
    ))
}

/// What could go wrong with the decision.
pub fn risks(choices: &Choices) -> Vec<String> {
    let options = choices.options.iter();
    let best: Vec<&Choice> = options.filter(|option| option.recommended).collect();
    let mut risks: Vec<String> = memory_risk(&best).into_iter().collect();
    for option in &best {
        let name = option.full_name();
        if option.chosen.notes.contains(&Code::Extrapolated) {
            risks.push(extrapolated(&name, option.chosen));
        }
        if option.verdict == Some(Verdict::Inconclusive) {
            risks.push(format!(
                "{name} may miss its objective: an interval spans a limit."
            ));
        }
    }
    risks.extend(budgets(choices));
    risks.extend(vendor_risk(choices));
    risks.extend(noted_risks(choices.results));
    let pricing = choices.results.presentation.pricing.as_ref();
    if pricing.is_some_and(|pricing| pricing.utilization >= 1.0) {
        risks.push("Costs take every paid hour as fully used; lower utilisation raises them in proportion.".to_owned());
    }
    risks
}

/// What of a point is outside of what was measured, where the pack says what it was fitted on.
fn extrapolated(name: &str, point: &PointResult) -> String {
    match &point.evidence {
        Some(known) if !known.beyond.is_empty() => format!(
            "{name} is extrapolated: {}. Its ranges are wider for it.",
            known.beyond.join("; ")
        ),
        Some(_) | None => {
            format!("{name} is extrapolated: no measurement of similar points stands behind it.")
        }
    }
}

fn memory_risk(best: &[&Choice]) -> Option<String> {
    let (option, free) = tightest(best)?;
    let name = option.full_name();
    if free < 0.0 {
        return Some(format!("{name} does not fit into the usable memory."));
    }
    (free < TIGHT).then(|| {
        let free = percent(free);
        format!("Memory is tight: {name} leaves {free} of the usable memory free.")
    })
}

fn vendor_risk(choices: &Choices) -> Option<String> {
    let mut vendors = choices
        .options
        .iter()
        .map(|option| option.chosen.system.vendor.as_str());
    let first = vendors.next().filter(|vendor| !vendor.is_empty())?;
    vendors
        .all(|vendor| vendor == first)
        .then(|| format!("All options come from one vendor, {first}."))
}

/// Risks that notes of points tell of.
fn noted_risks(results: &Results) -> impl Iterator<Item = String> {
    let told = [
        (
            Code::PriceOld,
            "A price is older than 90 days at the date of the question.",
        ),
        (
            Code::PriceMissing,
            "Some purchase options have no price; their cost is absent.",
        ),
        (
            Code::OptionNotModelled,
            "A runtime option of the scenario does not change predictions.",
        ),
        (
            Code::Saturated,
            "At some points more arrives than can be answered: they have no latencies, and backlog_growth says how far beyond they are.",
        ),
        (
            Code::BacklogGrows,
            "At some points the queue grew as long as the trace or ramp lasted: their latencies are those of that length.",
        ),
        (
            Code::RequestTooLong,
            "At some points requests were turned away as too long: requests_rejected counts them, and latencies are those of the others.",
        ),
    ];
    told.into_iter()
        .filter(|(code, _)| {
            noted(results, *code) > 0
                || results.findings.iter().any(|finding| finding.code == *code)
        })
        .map(|(_, text)| text.to_owned())
}

/// How many points were simulated, and how.
fn simulation(results: &Results) -> Option<String> {
    let is_simulated = |point: &&PointResult| {
        let mut entries = point.metrics.values().flatten();
        entries.any(|entry| entry.method == "simulate")
    };
    let simulated = results.points.iter().filter(is_simulated).count();
    let share = match simulated {
        0 => return None,
        n if n == results.points.len() => "All".to_owned(),
        n => format!("{n} of {}", results.points.len()),
    };
    Some(format!(
        "{share} points are simulated, request by request; intervals hold the simulation's error."
    ))
}

/// How the numbers were made.
pub fn method(choices: &Choices) -> Vec<String> {
    let results = choices.results;
    let mut lines = vec![
        "Work, memory traffic and messages of every operator are counted from the model's architecture; the hardware's datasheet rates and efficiency terms turn them into time.".to_owned(),
        match results.inputs.calibration_name.as_str() {
            _ if is_uncalibrated(results) => "No calibration is used: datasheet rates stand for what hardware reaches, so times are lower bounds and have no intervals; power is not known.".to_owned(),
            name if choices.carried.by_terms => format!("Efficiencies come from the calibration pack {name}: cited publications, nothing fitted; an interval holds all terms at their slow and at their fast ends."),
            name => format!("Efficiencies come from the calibration pack {name}; the interval of a number comes from how far such predictions missed measurements."),
        },
    ];
    lines.extend(simulation(results));
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
