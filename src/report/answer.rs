//! The answer: one sentence, and a card for each group.

use super::choice::{Choice, Choices};
use super::knee;
use super::label;
use super::number::{self, NBSP, Shown, rounded};
use super::trust;
use super::view::{AnswerGroup, AnswerView};
use crate::record::{Answer, Column, NearestMiss, PointResult, QuestionSummary, Source, Verdict};

/// Groups that a banner has room for.
const MOST_GROUPS: usize = 3;

/// The answer to the headline question.
pub fn answer(choices: &Choices) -> AnswerView {
    let answers: Vec<&Answer> = choices.answers().collect();
    let groups: Vec<AnswerGroup> = answers
        .iter()
        .take(MOST_GROUPS)
        .map(|answer| group(choices, answer))
        .collect();
    let mut sentences: Vec<String> = answers
        .iter()
        .take(MOST_GROUPS)
        .map(|answer| sentence(choices, answer))
        .collect();
    let more = answers.len().saturating_sub(MOST_GROUPS);
    if more > 0 {
        sentences.push(format!("{} more below", label::counted(more, "answer")));
    }
    let predicted = choices
        .results
        .points
        .iter()
        .any(|point| !point.metrics.is_empty());
    let sentence = if !predicted {
        "Nothing could be predicted: this version has no model for what the scenario asks."
            .to_owned()
    } else if sentences.is_empty() {
        "The scenario asks no question that its points can answer.".to_owned()
    } else {
        match sentences.join("; ") {
            // A name keeps its spelling at the start of a sentence.
            text if text.starts_with("for ") || text.starts_with("no ") => {
                label::capitalised(&text) + "."
            }
            text => text + ".",
        }
    };
    let groups = if predicted { groups } else { Vec::new() };
    let worst = ["fail", "unsure", "pass"]
        .into_iter()
        .find(|verdict| groups.iter().any(|group| group.verdict == *verdict));
    AnswerView {
        sentence,
        verdict: worst.unwrap_or(""),
        standing: standing(choices),
        groups,
        more,
    }
}

/// How many points were measured.
fn standing(choices: &Choices) -> String {
    let points = &choices.results.points;
    let has = |point: &&PointResult, source: Source| {
        choices.carried.measured
            && point
                .metrics
                .values()
                .flatten()
                .any(|entry| entry.source == source)
    };
    let measured = points
        .iter()
        .filter(|point| has(point, Source::Measured))
        .count();
    let imported = points
        .iter()
        .filter(|point| has(point, Source::Imported))
        .count();
    let standing = match (measured, imported) {
        (0, 0) => "Prediction only, no measurement of this scenario".to_owned(),
        (0, n) => format!(
            "Predicted; measurements of {} imported",
            label::counted(n, "point")
        ),
        (n, 0) => format!("Predicted; {} measured here", label::counted(n, "point")),
        (n, m) => format!(
            "Predicted; {} measured here, {m} imported",
            label::counted(n, "point")
        ),
    };
    if trust::is_uncalibrated(choices.results) {
        format!("{standing}; datasheet values alone, so no number has an interval")
    } else {
        standing
    }
}

fn group(choices: &Choices, answer: &Answer) -> AnswerGroup {
    let option = chosen(choices, answer);
    let verdict = answer.verdict.filter(|_| answer.key.is_some());
    let subject = label::list(choices.objectives());
    AnswerGroup {
        group: group_name(answer),
        option: match (&answer.key, option) {
            (Some(_), Some(option)) => option.name.clone(),
            (Some(key), None) => key.clone(),
            (None, _) => "No option".to_owned(),
        },
        load: option
            .filter(|_| answer.key.is_some() && answer.search.is_none())
            .map_or_else(String::new, |option| choices.load_text(option.chosen)),
        column: label::capitalised(&label::objective(&answer.objective)),
        value: value(answer).unwrap_or_default(),
        interval: interval(answer).unwrap_or_default(),
        verdict: match (&answer.key, verdict) {
            (None, _) => "fail",
            (Some(_), Some(verdict)) => label::verdict_class(verdict),
            (Some(_), None) => "",
        },
        verdict_text: verdict_text(choices, answer, verdict, &subject),
        size: size(choices, answer).unwrap_or_default(),
        key: answer.key.clone(),
        anchor: option.map(|option| anchor(option.chosen)),
    }
}

/// The id of a point on the page.
pub fn anchor(point: &PointResult) -> String {
    format!("point-{}", point.id)
}

/// The group of an answer in words.
pub fn group_name(answer: &Answer) -> String {
    let names: Vec<String> = answer
        .group
        .iter()
        .map(|(axis, value)| label::axis_value(axis, &value.to_string()))
        .collect();
    names.join(" ")
}

fn chosen<'c, 'a>(choices: &'c Choices<'a>, answer: &Answer) -> Option<&'c Choice<'a>> {
    let base = answer.search.as_ref().map(|search| search.base.as_str());
    let key = base
        .or(answer.key.as_deref())
        .or_else(|| answer.nearest_miss.as_ref().map(|miss| miss.key.as_str()))?;
    let holds = |option: &&Choice| option.points.iter().any(|point| point.key == key);
    choices.options.iter().find(holds)
}

/// Whether the chosen point meets what it must, in words.
pub fn verdict_text(
    choices: &Choices,
    answer: &Answer,
    verdict: Option<Verdict>,
    subject: &str,
) -> String {
    if let Some(search) = &answer.search {
        return knee::verdict_text(answer, search, subject);
    }
    match (&answer.key, verdict, &answer.nearest_miss) {
        (Some(_), Some(Verdict::Inconclusive), _) => {
            format!("cannot tell yet whether it meets {subject}: an interval spans the limit")
        }
        (Some(_), _, _) if subject.is_empty() => "no objective to meet".to_owned(),
        (Some(_), _, _) => format!("meets {subject}"),
        (None, _, Some(miss)) => match miss.margin {
            Some(margin) => format!(
                "misses {} by {} of the limit{}",
                miss.slo,
                number::percent(margin.abs()),
                missed(choices, miss)
            ),
            None => format!("misses {}", miss.slo),
        },
        (None, _, None) => format!("nothing meets {subject}"),
    }
}

/// The limit that a point misses by most, ` on battery life`; empty where it is not known.
fn missed(choices: &Choices, miss: &NearestMiss) -> String {
    let mut points = choices.results.points.iter();
    let limiting = points
        .find(|point| point.key == miss.key)
        .and_then(|point| point.verdicts.get(&miss.slo)?.first()?.limiting.as_deref());
    limiting
        .filter(|limiting| *limiting != miss.slo)
        .map_or_else(String::new, |limiting| {
            let name = label::objective(limiting);
            let is_word = name.chars().nth(1).is_some_and(char::is_lowercase);
            let name = if is_word {
                label::lower_first(&name)
            } else {
                name
            };
            format!(" on {name}")
        })
}

/// The deciding number with its unit.
pub fn value(answer: &Answer) -> Option<String> {
    if answer.search.is_some() {
        return knee::value(answer);
    }
    let (value, ..) = answer.value?;
    Some(shown(answer, value).text(value))
}

/// Its interval in the same unit.
pub fn interval(answer: &Answer) -> Option<String> {
    if answer.search.is_some() {
        return knee::interval(answer);
    }
    let (value, lo, hi) = answer.value?;
    let (lo, hi) = (lo?, hi?);
    (lo < hi).then(|| shown(answer, value).interval(lo, hi))
}

fn shown(answer: &Answer, typical: f64) -> Shown {
    answer.objective.parse().map_or_else(
        |_| Shown {
            factor: 1.0,
            unit: String::new(),
        },
        |column| Shown::of(column, &answer.unit, typical),
    )
}

/// The question that an answer belongs to.
pub fn asked<'a>(choices: &Choices<'a>, answer: &Answer) -> Option<&'a QuestionSummary> {
    let questions = &choices.results.presentation.questions;
    questions
        .iter()
        .find(|question| question.name == answer.question)
}

/// The fleet for the question's demand, in words.
pub fn size(choices: &Choices, answer: &Answer) -> Option<String> {
    let size = answer.size.as_ref()?;
    let demand = asked(choices, answer)?.demand.clone()?;
    let currency = choices.results.inputs.currency.as_deref().unwrap_or("");
    let cost = size.cost_per_month.map_or_else(String::new, |cost| {
        format!(", {}{NBSP}{currency} per month", rounded(cost, 3))
    });
    Some(format!(
        "{demand}: {} on {}{cost}",
        label::counted(size.replicas as usize, "replica"),
        label::counted(size.accelerators as usize, "accelerator")
    ))
}

/// `for llama8b, h100x1 fp8 at concurrency 64 is cheapest: predicted 0.21 USD/Mtok [0.18–0.25], meets chat`.
fn sentence(choices: &Choices, answer: &Answer) -> String {
    let card = group(choices, answer);
    let place = match card.group.as_str() {
        // Where each option is a group of its own its name says both.
        "" => String::new(),
        group if group == card.option => String::new(),
        group => format!("for {group}, "),
    };
    if answer.key.is_none() {
        let nearest = chosen(choices, answer).map_or_else(String::new, |option| {
            format!("; {} comes nearest and {}", option.name, card.verdict_text)
        });
        let subject = label::list(choices.objectives());
        return format!("{place}no option meets {subject}{nearest}");
    }
    let subject = label::list(choices.objectives());
    if let Some(text) = knee::sentence(answer, &card.option, &subject) {
        return format!("{place}{text}");
    }
    let at = match card.load.as_str() {
        "" => String::new(),
        load => format!(" at {load}"),
    };
    let range = match card.interval.as_str() {
        "" => String::new(),
        interval => format!(" [{interval}]"),
    };
    let predicted = if answer.objective.parse::<Column>().is_ok() {
        "predicted "
    } else {
        ""
    };
    let alone = !card.group.is_empty() && card.group == card.option;
    if alone && !at.is_empty() {
        // Of the option's own loads this is the best; other options stand beside it.
        return format!(
            "{} {}{at}: {predicted}{}{range}, {}",
            card.option,
            of_its_own(&superlative(choices, answer)),
            card.value,
            card.verdict_text
        );
    }
    format!(
        "{place}{}{at} {}: {predicted}{}{range}, {}",
        card.option,
        superlative(choices, answer),
        card.value,
        card.verdict_text
    )
}

/// What a superlative is among the loads of one option.
fn of_its_own(superlative: &str) -> String {
    match superlative.strip_suffix(" option") {
        Some(_) => "is cheapest there".to_owned(),
        None => superlative.replacen(" the ", " its ", 1),
    }
}

fn superlative(choices: &Choices, answer: &Answer) -> String {
    let maximize = asked(choices, answer).is_some_and(|question| question.goal == "maximize");
    if !maximize && answer.objective.starts_with("cost") {
        return "is the cheapest option".to_owned();
    }
    let what = label::objective(&answer.objective);
    let what = label::lower_first(&what);
    let is_counted = answer.objective.ends_with("replicas");
    let most = match (maximize, is_counted) {
        (true, false) => "highest",
        (false, false) => "lowest",
        (true, true) => "most",
        (false, true) => "fewest",
    };
    format!("has the {most} {what}")
}
