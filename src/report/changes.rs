//! What would change the answer, in sentences.

use super::choice::Choices;
use super::label;
use super::number::{NBSP, percent, rounded};
use crate::record::{BreakEven, Flip, Sensitivity, SensitivityMethod, Swing};

/// Where each headline answer changes, whether it does inside of stated ranges, and how that was found; nothing where results
/// do not say.
pub fn changes(choices: &Choices) -> Vec<String> {
    let all = &choices.results.sensitivity;
    let mut lines: Vec<String> = all.iter().flat_map(|one| of_group(choices, one)).collect();
    if all
        .iter()
        .any(|one| one.method == SensitivityMethod::Relative)
    {
        lines.push("Simulated points are moved in the proportion in which the closed form moves; moved prices are exact.".to_owned());
    }
    lines
}

fn of_group(choices: &Choices, one: &Sensitivity) -> Vec<String> {
    let name = group(one);
    let lead = if name.is_empty() {
        String::new()
    } else {
        format!("{name}: ")
    };
    let mut lines: Vec<String> = one
        .break_evens
        .iter()
        .map(|found| format!("{lead}{}", label::capitalised(&break_even(choices, found))))
        .collect();
    if lines.is_empty() {
        lines.push(format!(
            "{lead}No price, utilisation or load up to sixteen times as high or as low changes the answer by itself."
        ));
    }
    let flipping: Vec<String> = one
        .swings
        .iter()
        .filter(|swing| swing.flips())
        .map(|swing| input(&swing.input))
        .collect();
    lines.push(match flipping.as_slice() {
        [] => format!("{lead}No input alone changes the answer inside of its stated range."),
        [only] => format!("{lead}Inside of its stated range {only} alone changes the answer."),
        some => format!(
            "{lead}Inside of their stated ranges {} each change the answer.",
            label::list(some)
        ),
    });
    lines
}

/// The group in words; empty where the question is asked once.
pub fn group(one: &Sensitivity) -> String {
    let values = one.group.iter();
    let words: Vec<String> = values
        .map(|(axis, value)| label::axis_value(axis, &value.to_string()))
        .collect();
    words.join(" ")
}

/// `price of h100 above 8.1 USD/h makes l40s at concurrency 8 the answer`.
fn break_even(choices: &Choices, found: &BreakEven) -> String {
    let side = if found.at > found.base {
        "above"
    } else {
        "below"
    };
    format!(
        "{} {side} {} (now {}) {}",
        input(&found.input),
        amount(found.at, &found.unit),
        amount(found.base, &found.unit),
        match &found.flip {
            Flip::Objective(name) => format!("makes the choice miss {name}."),
            Flip::Rival(key) => format!("makes {} the answer.", option(choices, key)),
        }
    )
}

/// A point by the name of its option and its load.
pub fn option(choices: &Choices, key: &str) -> String {
    for option in &choices.options {
        let named = option.points.iter().find(|point| point.key == key);
        if let Some(point) = named {
            let load = choices.load_text(point);
            return if load.is_empty() {
                option.name.clone()
            } else {
                format!("{} at {load}", option.name)
            };
        }
    }
    key.to_owned()
}

/// An input as a reader calls it; where prices and places vary, of which of them it is.
pub fn input(name: &str) -> String {
    match name.split_once(" at ") {
        Some((path, terms)) => format!("{} in {}", stated(path), label::purchases(terms)),
        None => stated(name),
    }
}

fn stated(name: &str) -> String {
    match name.split_once('.') {
        Some(("term", term)) => term.replace('_', " "),
        Some(("pricing", "utilization")) => "utilisation".to_owned(),
        Some(("pricing", rate)) => match rate.strip_prefix("rates.") {
            Some(alias) => format!("price of {alias}"),
            None => rate.to_owned(),
        },
        Some(("energy", "pue")) => "PUE".to_owned(),
        Some(("energy", "carbon.intensity")) => "carbon of the grid".to_owned(),
        Some(("energy", "price")) => "price of electricity".to_owned(),
        Some(("load", "concurrency")) => "requests in flight".to_owned(),
        Some(("load", "request_rate")) => "requests a second".to_owned(),
        Some(_) | None => name.to_owned(),
    }
}

/// A value of an input with its unit.
pub fn amount(value: f64, unit: &str) -> String {
    match unit {
        "1" => rounded(value, 3),
        "s" | "B" | "W" => crate::units::si(value, unit, 3).replace(' ', NBSP),
        other => format!("{}{NBSP}{other}", rounded(value, 3)),
    }
}

/// The two ends of a swing in words.
pub fn ends(swing: &Swing) -> String {
    let [low, high] = &swing.ends;
    format!(
        "{} to {}",
        amount(low.at, &swing.unit),
        amount(high.at, &swing.unit)
    )
}

/// A change as a signed percentage of what it started from.
pub fn change(value: f64, base: f64) -> String {
    let share = value / base - 1.0;
    let sign = if share > 0.0 { "+" } else { "" };
    format!("{sign}{}", percent(share))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn break_evens_are_said_with_what_wins() {
        let results = fixture::results();
        let lines = changes(&Choices::of(&results));
        assert!(
            lines[0].contains("Price of h100x1 above") && lines[0].contains("the answer"),
            "{lines:?}"
        );
    }

    #[test]
    fn nothing_is_said_where_results_do_not_say() {
        let mut results = fixture::results();
        results.sensitivity.clear();
        assert!(changes(&Choices::of(&results)).is_empty());
    }
}
