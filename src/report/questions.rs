//! Every question of the scenario with its answers.

use super::answer::{asked, group_name, interval, size, value, verdict_text};
use super::choice::Choices;
use super::label;
use super::view::{Cell, Head, Table};
use crate::record::Answer;

/// Every question with its answers.
pub fn questions(choices: &Choices) -> Table {
    let mut table = Table::new(
        "answers",
        "Every question and its answers",
        vec![
            Head::text("Question"),
            Head::text("Group"),
            Head::text("Answer"),
            Head::number("Value", ""),
            Head::text("Verdict"),
            Head::text("Runner-up"),
            Head::text("Fleet"),
        ],
    );
    for answer in &choices.results.answers {
        table.push(row(choices, answer));
    }
    table
}

fn row(choices: &Choices, answer: &Answer) -> Vec<Cell> {
    let question = asked(choices, answer);
    let words = question.map_or_else(
        || answer.question.clone(),
        |question| {
            let under = match question.subject_to.as_slice() {
                [] => String::new(),
                names => format!(", meeting {}", label::list(names)),
            };
            let objective = label::lower_first(&label::objective(&question.objective));
            format!("{} {objective}{under}", label::capitalised(&question.goal))
        },
    );
    let subject = question.map_or_else(String::new, |question| label::list(&question.subject_to));
    let verdict = answer.verdict.filter(|_| answer.key.is_some());
    vec![
        Cell::text(words),
        Cell::text(group_name(answer)),
        match &answer.search {
            Some(search) => searched(choices, answer, &search.base),
            None => point(choices, answer.key.as_deref(), "no option"),
        },
        Cell {
            text: value(answer).unwrap_or_else(|| "–".to_owned()),
            raw: answer.value.map(|(value, ..)| value),
            interval: interval(answer).unwrap_or_default(),
            verdict: "",
        },
        Cell {
            text: verdict_text(choices, answer, verdict, &subject),
            verdict: match (&answer.key, verdict) {
                (None, _) => "fail",
                (Some(_), Some(verdict)) => label::verdict_class(verdict),
                (Some(_), None) => "",
            },
            ..Cell::default()
        },
        point(choices, answer.runner_up.as_deref(), "–"),
        Cell::text(size(choices, answer).unwrap_or_else(|| "–".to_owned())),
    ]
}

/// The option on which loads were searched; the load found stands beside it.
fn searched(choices: &Choices, answer: &Answer, base: &str) -> Cell {
    let found = point(choices, Some(base), "no option");
    if answer.key.is_none() {
        return Cell::text(format!("none on {}", found.text));
    }
    Cell::text(found.text)
}

/// A point by its option and load, by its key where it belongs to no option.
fn point(choices: &Choices, key: Option<&str>, absent: &str) -> Cell {
    let Some(key) = key else {
        return Cell::text(absent);
    };
    let found = choices.options.iter().find_map(|option| {
        let point = option.points.iter().find(|point| point.key == key)?;
        Some((option, point))
    });
    found.map_or_else(
        || Cell::text(key),
        |(option, point)| Cell {
            text: option.full_name(),
            interval: choices.load_text(point),
            ..Cell::default()
        },
    )
}
