//! What would change the answer, in sentences.

use super::choice::Choices;
use super::label;
use super::number::{NBSP, percent, rounded};
use crate::record::{BreakEven, Flip, Sensitivity, SensitivityMethod, Swing};
use crate::scenario::AxisValue;

/// Where each headline answer changes, whether it does inside of stated ranges, and how that was found; nothing where results
/// do not say. What holds for every group is said once and of none.
pub fn changes(choices: &Choices) -> Vec<String> {
    let all = &choices.results.sensitivity;
    let said: Vec<(String, [String; 2])> = all
        .iter()
        .map(|one| (group(one), [break_evens(choices, one), inside(one)]))
        .collect();
    let mut lines = Vec::new();
    match said.as_slice() {
        [(_, first), others @ ..] if others.iter().all(|(_, other)| other == first) => {
            lines.extend(first.iter().cloned());
        }
        _ => lines.extend(
            said.iter()
                .map(|(name, sentences)| format!("{name}: {}", sentences.join(" "))),
        ),
    }
    if all
        .iter()
        .any(|one| one.method == SensitivityMethod::Relative)
    {
        lines.push("Simulated points are moved in the proportion in which the closed form moves; moved prices are exact.".to_owned());
    }
    lines
}

/// What each input must become to change the answer, inputs of the same outcome together.
fn break_evens(choices: &Choices, one: &Sensitivity) -> String {
    let mut outcomes: Vec<(String, Vec<String>)> = Vec::new();
    for found in &one.break_evens {
        let outcome = match &found.flip {
            Flip::Objective(name) => format!("The choice misses {name}"),
            Flip::Rival(key) => format!("{} becomes the answer", instead(choices, &one.key, key)),
        };
        let at = outcomes.iter().position(|(known, _)| *known == outcome);
        let at = at.unwrap_or_else(|| {
            outcomes.push((outcome, Vec::new()));
            outcomes.len() - 1
        });
        outcomes[at].1.push(beyond(found));
    }
    if outcomes.is_empty() {
        return "No price, utilisation or load up to sixteen times as high or as low changes the answer by itself."
            .to_owned();
    }
    let sentences: Vec<String> = outcomes
        .into_iter()
        .map(|(outcome, inputs)| format!("{outcome} with {}.", inputs.join(", or with ")))
        .collect();
    sentences.join(" ")
}

/// Which inputs change the answer at an end of their stated ranges.
fn inside(one: &Sensitivity) -> String {
    let flipping: Vec<String> = one
        .swings
        .iter()
        .filter(|swing| swing.flips())
        .map(|swing| input(&swing.input))
        .collect();
    match flipping.as_slice() {
        [] => "No input alone changes the answer inside of its stated range.".to_owned(),
        [only] => format!("Inside of its stated range {only} alone changes the answer."),
        some => format!(
            "Inside of their stated ranges {} each change the answer.",
            label::list(some)
        ),
    }
}

/// `price of h100 above 8.1 USD/h (now 6.98 USD/h)`.
fn beyond(found: &BreakEven) -> String {
    let side = if found.at > found.base {
        "above"
    } else {
        "below"
    };
    format!(
        "{} {side} {} (now {})",
        input(&found.input),
        amount(found.at, &found.unit),
        amount(found.base, &found.unit)
    )
}

/// A point by what differs from the answer alone: `l40s at concurrency 16` beside `h100x1 fp8 at concurrency 128`.
fn instead(choices: &Choices, answer: &str, rival: &str) -> String {
    let find = |key: &str| {
        let mut points = choices.results.points.iter();
        points.find(|point| point.key == key)
    };
    let (Some(answer), Some(rival)) = (find(answer), find(rival)) else {
        return option(choices, rival);
    };
    let load = choices.load_axis();
    let differs = |axis: &&(String, AxisValue)| !answer.axes.contains(axis);
    let words: Vec<String> = rival
        .axes
        .iter()
        .filter(differs)
        .filter(|(axis, _)| Some(axis.as_str()) != load)
        .map(|(axis, value)| label::axis_value(axis, &value.to_string()))
        .collect();
    let at = if answer.system.load == rival.system.load {
        String::new()
    } else {
        choices.load_text(rival)
    };
    match (words.is_empty(), at.as_str()) {
        (true, "") => option(choices, &rival.key),
        (true, at) => at.to_owned(),
        (false, "") => words.join(" "),
        (false, at) => format!("{} at {at}", words.join(" ")),
    }
}

/// The group in words; empty where the question is asked once.
pub fn group(one: &Sensitivity) -> String {
    let values = one.group.iter();
    let words: Vec<String> = values
        .map(|(axis, value)| label::axis_value(axis, &value.to_string()))
        .collect();
    words.join(" ")
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
        assert_eq!(
            lines[0].replace(NBSP, " "),
            "l40s at concurrency 16 becomes the answer with price of h100x1 above 8.54 USD/h (now 6.98 USD/h)."
        );
    }

    #[test]
    fn groups_are_named_once_and_only_where_they_differ() {
        let mut results = fixture::results();
        let mut other = results.sensitivity[0].clone();
        other.group[0].1 = AxisValue::Text("llama70b".to_owned());
        results.sensitivity.push(other.clone());
        assert!(!changes(&Choices::of(&results))[0].contains("llama"));
        other.break_evens.clear();
        results.sensitivity[1] = other;
        let lines = changes(&Choices::of(&results));
        assert!(lines[0].starts_with("llama8b: l40s at"), "{lines:?}");
        assert!(lines[1].starts_with("llama70b: No price"), "{lines:?}");
        assert_eq!(lines.concat().matches("llama").count(), 2);
    }

    #[test]
    fn nothing_is_said_where_results_do_not_say() {
        let mut results = fixture::results();
        results.sensitivity.clear();
        assert!(changes(&Choices::of(&results)).is_empty());
    }
}
