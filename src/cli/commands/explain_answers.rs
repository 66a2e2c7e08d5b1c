//! `phantom explain <scenario> answer`: how the answers came about, and what would change them.

use super::predict::Ended;
use super::scenarios;
use crate::catalog::Catalog;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::pipeline::{self, Flow, Observer, Request, Stopped};
use crate::record::{
    Answer, Calibration, Flip, PointResult, QuestionSummary, Results, Sensitivity,
    SensitivityMethod, Swing, Verdict,
};
use crate::scenario::Loaded;
use crate::source::Sources;
use crate::units::{count, percent, significant};

/// What the user types in the place of a point.
pub const NAMES: [&str; 2] = ["answer", "answers"];

struct Silent;

impl Observer for Silent {
    fn points(&mut self, _: &[PointResult]) -> Flow {
        Flow::Continue
    }
}

/// All answers, or those of one question, with the number that decided, whom it beat, and what would change it.
///
/// # Errors
///
/// [`Ended::Refused`] after the problem was shown.
pub fn answers(
    context: &Context,
    (loaded, sources): (&Loaded, &Sources),
    (catalog, pack): (&Catalog, &Calibration),
    question: Option<&str>,
) -> Result<String, Ended> {
    let request = Request {
        scenario: &loaded.scenario,
        plan: &loaded.plan,
        catalog,
        pack,
        sources,
        overlay: None,
        memo: None,
    };
    let results = pipeline::predict(request, &mut Silent).map_err(|stopped| match stopped {
        Stopped::NotModelled(diagnostics) => {
            Ended::Refused(scenarios::refuse(context, diagnostics, sources))
        }
        Stopped::ByObserver(points) => Ended::Stopped { points },
    })?;
    let wanted = |answer: &&Answer| question.is_none_or(|name| answer.question == name);
    let chosen: Vec<&Answer> = results.answers.iter().filter(wanted).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = results
            .answers
            .iter()
            .map(|one| one.question.as_str())
            .collect();
        let known = if names.is_empty() {
            "it answers none".to_owned()
        } else {
            format!("it answers {}", names.join(", "))
        };
        context.complain(&format!(
            "no such question of `{}`; {known}",
            loaded.scenario.name
        ));
        return Err(Ended::Refused(Exit::NothingSelected));
    }
    let texts = chosen.iter().map(|answer| text(&results, answer));
    Ok(texts.collect::<Vec<_>>().join("\n"))
}

fn text(results: &Results, answer: &Answer) -> String {
    let mut questions = results.presentation.questions.iter();
    let question = questions.find(|question| question.name == answer.question);
    let mut text = format!("answer {}{}\n", answer.question, group(answer));
    if let Some((value, lo, hi)) = answer.value {
        let range = match (lo, hi) {
            (None, None) => String::new(),
            (lo, hi) => {
                let end = |end: Option<f64>| {
                    end.map_or_else(|| "…".to_owned(), |end| significant(end, 3))
                };
                format!(" [{}, {}]", end(lo), end(hi))
            }
        };
        let unit = if answer.unit == "1" {
            ""
        } else {
            answer.unit.as_str()
        };
        text += &format!(
            "  {}  {}{range} {unit}\n",
            answer.objective,
            significant(value, 3)
        );
    }
    if let Some(question) = question {
        text += &format!("  = {}\n", rule(question));
        text += &considered(results, answer, question);
    }
    text += &rows(results, answer);
    let mut moved = results.sensitivity.iter();
    let moved = moved.find(|one| one.question == answer.question && one.group == answer.group);
    text + &moved.map_or_else(String::new, sensitivity)
}

/// What was chosen, what came next, and what follows from it.
fn rows(results: &Results, answer: &Answer) -> String {
    let mut text = String::new();
    let mut row = |name: &str, value: &str, source: &str| {
        text += &format!("    {name:12} {value}  {source}\n");
    };
    match &answer.key {
        Some(key) => {
            let verdict = answer.verdict.map_or("no objective", Verdict::name);
            row("chosen", key, verdict);
        }
        None => row("chosen", "no point", "none is eligible"),
    }
    if let Some(key) = &answer.runner_up {
        row("runner-up", key, &decided(results, key, &answer.objective));
    }
    if let Some(miss) = &answer.nearest_miss {
        let by = miss.margin.map_or_else(String::new, |margin| {
            format!("misses {} by {}", miss.slo, percent(margin.abs(), 2))
        });
        row("nearest miss", &miss.key, &by);
    }
    if let Some(size) = &answer.size {
        let value = format!(
            "{} replicas, {} accelerators",
            count(size.replicas),
            count(size.accelerators)
        );
        row(
            "fleet",
            &value,
            "demand over the capacity of the chosen point, rounded up; a month has 730 hours",
        );
    }
    if let Some(search) = &answer.search {
        let value = format!(
            "{} loads from {} to {}",
            search.steps.len(),
            significant(search.from, 3),
            significant(search.to, 3)
        );
        row("search", &value, search.end.name());
    }
    text
}

fn group(answer: &Answer) -> String {
    let axes = answer.group.iter();
    axes.map(|(axis, value)| format!(", {axis}={value}"))
        .collect()
}

fn rule(question: &QuestionSummary) -> String {
    let end = match question.goal.as_str() {
        "maximize" => "the largest",
        // The other goal there is.
        _ => "the smallest",
    };
    let among = if question.subject_to.is_empty() {
        "of all points".to_owned()
    } else {
        format!("of the points that meet {}", question.subject_to.join(", "))
    };
    format!("{end} {} {among}", question.objective)
}

/// How many points stood for the choice.
fn considered(results: &Results, answer: &Answer, question: &QuestionSummary) -> String {
    let in_group =
        |point: &&PointResult| answer.group.iter().all(|value| point.axes.contains(value));
    let meets = |point: &&PointResult| {
        question.subject_to.iter().all(|slo| {
            let entries = point.verdicts.get(slo);
            entries
                .is_some_and(|entries| entries.iter().any(|entry| entry.verdict == Verdict::Pass))
        })
    };
    let all = results.points.iter().filter(in_group).count() as u64;
    let eligible = results.points.iter().filter(in_group).filter(meets).count() as u64;
    format!(
        "    {:12} {} of {} points\n",
        "eligible",
        count(eligible),
        count(all)
    )
}

/// The deciding number of a point.
fn decided(results: &Results, key: &str, objective: &str) -> String {
    let mut points = results.points.iter();
    let value = points.find(|point| point.key == key).and_then(|point| {
        let entry = point.predicted(objective.parse().ok()?)?;
        Some(format!("{} {}", significant(entry.value, 3), entry.unit))
    });
    value.unwrap_or_default()
}

/// The inputs that move the answer, largest first, and the values at which it changes.
fn sensitivity(one: &Sensitivity) -> String {
    let how = match one.method {
        SensitivityMethod::Exact => "predicted again with each input moved alone",
        SensitivityMethod::Relative => {
            "the points were simulated; moved in the proportion in which the closed form moves"
        }
    };
    let mut text = format!("  moved by its inputs: {how}\n");
    for swing in &one.swings {
        text += &format!("    {}\n", moved(swing, &one.unit));
    }
    for even in &one.break_evens {
        let side = if even.at > even.base {
            "above"
        } else {
            "below"
        };
        text += &format!(
            "    {side} {} {} ({}, now {}): {}\n",
            significant(even.at, 3),
            even.unit,
            even.input,
            significant(even.base, 3),
            flip(&even.flip)
        );
    }
    text
}

fn moved(swing: &Swing, unit: &str) -> String {
    let ends = swing.ends.iter().map(|end| {
        let value = end
            .value
            .map_or_else(|| "nothing".to_owned(), |value| significant(value, 3));
        let flips = end
            .flip
            .as_ref()
            .map_or_else(String::new, |one| format!(", {}", flip(one)));
        format!("{} → {value}{flips}", significant(end.at, 3))
    });
    let ends: Vec<String> = ends.collect();
    format!(
        "{:32} {} {}: {} {unit}  {}",
        swing.input,
        significant(swing.base, 3),
        swing.unit,
        ends.join("; "),
        swing.about
    )
}

fn flip(flip: &Flip) -> String {
    match flip {
        Flip::Rival(key) => format!("{key} becomes better"),
        Flip::Objective(slo) => format!("the chosen point no longer meets {slo}"),
    }
}
