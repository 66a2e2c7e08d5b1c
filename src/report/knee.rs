//! Answers that were searched: the highest load that meets the objectives, and the loads that were tried.

use super::choice::Choices;
use super::label;
use super::number::{self, Shown, rounded};
use super::view::{Cell, Head, Table};
use crate::record::{Answer, Column, Metric, SearchEnd, SearchStep, Searched, Verdict};

/// How loads of a search are shown: requests a second, or requests in flight.
fn shown(answer: &Answer) -> Shown {
    Shown {
        factor: 1.0,
        unit: if answer.objective == "request_rate" {
            "req/s".to_owned()
        } else {
            "requests in flight".to_owned()
        },
    }
}

/// A load as it was tried: to four digits, without zeros behind them.
fn digits(load: f64) -> String {
    rounded(load, 4).split_once('.').map_or_else(
        || rounded(load, 4),
        |(whole, rest)| match rest.trim_end_matches('0') {
            "" => whole.to_owned(),
            rest => format!("{whole}.{rest}"),
        },
    )
}

/// The load found, with its unit.
pub fn value(answer: &Answer) -> Option<String> {
    let (value, ..) = answer.value?;
    Some(shown(answer).join(&digits(value)))
}

/// From the highest load that surely meets the objectives to the lowest that surely does not, where both were seen.
pub fn interval(answer: &Answer) -> Option<String> {
    let (_, lo, hi) = answer.value?;
    Some(format!("{}–{}", digits(lo?), digits(hi?)))
}

/// What was found, in words.
pub fn verdict_text(answer: &Answer, search: &Searched, subject: &str) -> String {
    let unit = shown(answer);
    let text = |load: f64| unit.join(&digits(load));
    let Some((_, lo, hi)) = answer.value else {
        let miss = answer.nearest_miss.as_ref();
        let far = miss
            .and_then(|miss| miss.margin)
            .map_or_else(String::new, |margin| {
                format!(" by {} of the limit", number::percent(margin.abs()))
            });
        let what = miss.map_or(subject, |miss| miss.slo.as_str());
        let limit = search
            .steps
            .first()
            .and_then(|step| step.limiting.as_deref());
        let limit = limit
            .filter(|limit| *limit != what)
            .map_or_else(String::new, |limit| format!(" ({limit})"));
        return format!(
            "misses {what}{limit}{far} at {}, the lowest load of the search",
            text(search.from)
        );
    };
    let sure = match (lo, hi) {
        (None, Some(hi)) => format!(
            "; not even {} is sure, and {} surely fails",
            text(search.from),
            text(hi)
        ),
        (None, None) => format!("; not even {} is sure", text(search.from)),
        (Some(_), None) => format!("; even {} may meet it", text(search.to)),
        (Some(_), Some(_)) => String::new(),
    };
    match search.end {
        SearchEnd::PassesAtTo => {
            let sure = lo.filter(|lo| *lo < search.to);
            let sure = sure.map_or_else(String::new, |lo| format!("; sure up to {}", text(lo)));
            format!(
                "meets {subject} at {}, the highest load of the search{sure}",
                text(search.to)
            )
        }
        SearchEnd::Crossed => format!("the highest load that meets {subject}{sure}"),
        SearchEnd::FailsAtFrom | SearchEnd::GaveUp => {
            format!("meets {subject}; the search ended at the most loads it may try{sure}")
        }
    }
}

/// `h100x1 bf16 meets chat up to 6.31 req/s [4.2–7.9]`.
pub fn sentence(answer: &Answer, option: &str, subject: &str) -> Option<String> {
    let search = answer.search.as_ref()?;
    let value = value(answer)?;
    let range = interval(answer).map_or_else(String::new, |range| format!(" [{range}]"));
    let end = match search.end {
        SearchEnd::PassesAtTo => ", the highest load of the search",
        SearchEnd::Crossed | SearchEnd::FailsAtFrom | SearchEnd::GaveUp => "",
    };
    // The lower end is the highest load that surely meets it; without one no load tried does.
    let (meets, sure) = match answer.value {
        Some((_, None, _)) => ("may meet", ", surely at no load tried"),
        Some((_, Some(_), _)) | None => ("meets", ""),
    };
    Some(format!(
        "{option} {meets} {subject} up to {value}{range}{end}{sure}"
    ))
}

/// Every load that searches tried; no rows where nothing was searched.
pub fn steps(choices: &Choices) -> Table {
    let mut table = Table::new(
        "searches",
        "Loads that were tried, in that order",
        vec![
            Head::text("Question"),
            Head::text("On"),
            Head::text("Load"),
            Head::text("Verdict"),
            Head::text("Limit"),
            Head::text("Value"),
            Head::text("Margin"),
        ],
    );
    for answer in &choices.results.answers {
        let Some(search) = &answer.search else {
            continue;
        };
        for step in &search.steps {
            table.push(row(answer, search, step));
        }
    }
    if !table.rows.is_empty() {
        table.note = note(choices);
    }
    table
}

fn note(choices: &Choices) -> String {
    let searches = choices.results.answers.iter();
    let mut searches = searches.filter_map(|answer| answer.search.as_ref());
    let odd = if searches.all(|search| search.monotone) {
        "What was tried agrees with that."
    } else {
        "Some loads tried contradict that; there the highest load below the first that fails is the answer."
    };
    format!(
        "Every load serves the same requests with the same seed; in open loops the gaps are the same in units of their mean. The value \
         is the highest load tried that meets the objectives by its predicted value. Its range goes from the highest load whose whole \
         interval, of simulation and of terms, meets them to the lowest whose whole interval does not. The search assumes that more load \
         is never better. {odd}"
    )
}

fn row(answer: &Answer, search: &Searched, step: &SearchStep) -> Vec<Cell> {
    // A limit on each request is held against the share of requests that meet it.
    let share = Column::of(Metric::SloAttainment);
    let column: Option<Column> = step.limiting.as_deref().and_then(|name| name.parse().ok());
    let column = column.filter(|column| column.metric.unit() == step.unit);
    let number = |value: f64| Shown::of(column.unwrap_or(share), &step.unit, value);
    let value = step.value.map_or_else(Cell::none, |(value, lo, hi)| {
        let shown = number(value);
        Cell {
            text: shown.text(value),
            raw: Some(value),
            interval: lo
                .zip(hi)
                .filter(|(lo, hi)| lo < hi)
                .map_or_else(String::new, |(lo, hi)| shown.interval(lo, hi)),
            verdict: "",
        }
    });
    let margin = step.margin.map_or_else(
        || "–".to_owned(),
        |margin| {
            let sign = if margin < 0.0 { "−" } else { "+" };
            format!("{sign}{}", number::percent(margin.abs()))
        },
    );
    let verdict = match (step.meets, step.verdict) {
        (true, Verdict::Inconclusive) => "meets, not surely",
        (false, Verdict::Inconclusive) => "misses, not surely",
        (true, Verdict::Pass | Verdict::Fail) => "meets",
        (false, Verdict::Pass | Verdict::Fail) => "misses",
    };
    vec![
        Cell::text(&answer.question),
        Cell::text(&search.base),
        Cell::number(shown(answer).join(&digits(step.load)), step.load),
        Cell {
            text: verdict.to_owned(),
            verdict: label::verdict_class(step.verdict),
            ..Cell::default()
        },
        Cell::text(step.limiting.clone().unwrap_or_else(|| "–".to_owned())),
        value,
        Cell::text(margin),
    ]
}
