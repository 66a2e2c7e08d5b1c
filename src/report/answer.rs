//! The answer: one sentence, and a card for each group.

use super::choice::{Choice, Choices};
use super::label;
use super::number::{self, NBSP, Shown, rounded};
use super::view::{AnswerGroup, AnswerView, Cell, Head, Table};
use crate::record::{Answer, PointResult, Source, Verdict};

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
    let sentence = if sentences.is_empty() {
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
        point
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
    match (measured, imported) {
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
            .filter(|_| answer.key.is_some())
            .map_or_else(String::new, |option| choices.load_text(option.chosen)),
        column: label::capitalised(&label::objective(&answer.objective)),
        value: value(answer).unwrap_or_default(),
        interval: interval(answer).unwrap_or_default(),
        verdict: match (&answer.key, verdict) {
            (None, _) => "fail",
            (Some(_), Some(verdict)) => label::verdict_class(verdict),
            (Some(_), None) => "",
        },
        verdict_text: verdict_text(answer, verdict, &subject),
        size: size(choices, answer).unwrap_or_default(),
        key: answer.key.clone(),
        anchor: option.map(|option| anchor(option.chosen)),
    }
}

/// The id of a point on the page.
pub fn anchor(point: &PointResult) -> String {
    format!("point-{}", point.id)
}

fn group_name(answer: &Answer) -> String {
    let names: Vec<String> = answer
        .group
        .iter()
        .map(|(axis, value)| label::axis_value(axis, &value.to_string()))
        .collect();
    names.join(" ")
}

fn chosen<'c, 'a>(choices: &'c Choices<'a>, answer: &Answer) -> Option<&'c Choice<'a>> {
    let key = answer
        .key
        .as_deref()
        .or_else(|| answer.nearest_miss.as_ref().map(|miss| miss.key.as_str()))?;
    let holds = |option: &&Choice| option.points.iter().any(|point| point.key == key);
    choices.options.iter().find(holds)
}

fn verdict_text(answer: &Answer, verdict: Option<Verdict>, subject: &str) -> String {
    match (&answer.key, verdict, &answer.nearest_miss) {
        (Some(_), Some(Verdict::Inconclusive), _) => {
            format!("cannot tell yet whether it meets {subject}: an interval spans the limit")
        }
        (Some(_), _, _) if subject.is_empty() => "no objective to meet".to_owned(),
        (Some(_), _, _) => format!("meets {subject}"),
        (None, _, Some(miss)) => match miss.margin {
            Some(margin) => format!(
                "misses {} by {} of the limit",
                miss.slo,
                number::percent(margin.abs())
            ),
            None => format!("misses {}", miss.slo),
        },
        (None, _, None) => format!("nothing meets {subject}"),
    }
}

/// The deciding number with its unit.
fn value(answer: &Answer) -> Option<String> {
    let (value, ..) = answer.value?;
    Some(shown(answer, value).text(value))
}

/// Its interval with its unit.
fn interval(answer: &Answer) -> Option<String> {
    let (value, lo, hi) = answer.value?;
    let shown = shown(answer, value);
    Some(shown.join(&shown.interval(lo?, hi?)))
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

fn size(choices: &Choices, answer: &Answer) -> Option<String> {
    let size = answer.size.as_ref()?;
    let demand = choices.question?.demand.clone()?;
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
        "" => String::new(),
        group => format!("for {group}, "),
    };
    if answer.key.is_none() {
        let nearest = chosen(choices, answer).map_or_else(String::new, |option| {
            format!("; {} comes nearest and {}", option.name, card.verdict_text)
        });
        let subject = label::list(choices.objectives());
        return format!("{place}no option meets {subject}{nearest}");
    }
    let at = match card.load.as_str() {
        "" => String::new(),
        load => format!(" at {load}"),
    };
    let range = match card.interval.as_str() {
        "" => String::new(),
        interval => format!(" [{interval}]"),
    };
    format!(
        "{place}{}{at} {}: predicted {}{range}, {}",
        card.option,
        superlative(choices, answer),
        card.value,
        card.verdict_text
    )
}

fn superlative(choices: &Choices, answer: &Answer) -> String {
    let question = choices
        .results
        .presentation
        .questions
        .iter()
        .find(|question| question.name == answer.question);
    let maximize = question.is_some_and(|question| question.goal == "maximize");
    if !maximize && answer.objective.starts_with("cost") {
        return "is the cheapest option".to_owned();
    }
    let what = label::objective(&answer.objective);
    let first_word_is_stat =
        what.starts_with('p') && what.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    let what = if first_word_is_stat {
        what
    } else {
        lower_first(&what)
    };
    format!(
        "has the {} {what}",
        if maximize { "highest" } else { "lowest" }
    )
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    })
}

/// Every question with its answers.
pub fn answers(choices: &Choices) -> Table {
    let mut table = Table::new(
        "answers",
        "Every question and its answers",
        vec![
            Head::text("Question"),
            Head::text("Group"),
            Head::text("Answer"),
            Head::text("Decided by"),
            Head::number("Value", ""),
            Head::text("Verdict"),
            Head::text("Runner-up"),
            Head::text("Fleet"),
        ],
    );
    for answer in &choices.results.answers {
        let question = choices
            .results
            .presentation
            .questions
            .iter()
            .find(|question| question.name == answer.question);
        let asked = question.map_or_else(
            || answer.question.clone(),
            |question| {
                let under = match question.subject_to.as_slice() {
                    [] => String::new(),
                    names => format!(" meeting {}", label::list(names)),
                };
                format!(
                    "{} {}{under}",
                    label::capitalised(&question.goal),
                    label::objective(&question.objective)
                )
            },
        );
        let subject =
            question.map_or_else(String::new, |question| label::list(&question.subject_to));
        let verdict = answer.verdict.filter(|_| answer.key.is_some());
        table.push(vec![
            Cell::text(asked),
            Cell::text(group_name(answer)),
            Cell::text(answer.key.clone().unwrap_or_else(|| "no option".to_owned())),
            Cell::text(label::objective(&answer.objective)),
            Cell {
                text: value(answer).unwrap_or_else(|| "–".to_owned()),
                raw: answer.value.map(|(value, ..)| value),
                interval: interval(answer).unwrap_or_default(),
                verdict: "",
            },
            Cell {
                text: verdict_text(answer, verdict, &subject),
                verdict: match (&answer.key, verdict) {
                    (None, _) => "fail",
                    (Some(_), Some(verdict)) => label::verdict_class(verdict),
                    (Some(_), None) => "",
                },
                ..Cell::default()
            },
            Cell::text(answer.runner_up.clone().unwrap_or_else(|| "–".to_owned())),
            Cell::text(size(choices, answer).unwrap_or_else(|| "–".to_owned())),
        ]);
    }
    table
}
