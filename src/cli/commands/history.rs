//! `phantom history`: runs that were kept, and how a number moved over them.

use std::collections::BTreeSet;

use glob::Pattern;
use serde_json::{Value, json};

use super::table;
use crate::cli::Exit;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::cli::history::{self, folder};
use crate::cli::history_args::History;
use crate::record::history::{KeptRun, Subject};
use crate::report::rounded;
use crate::stats::change_points;
use crate::units::{count, percent, si};

/// Level of the tests for changes of measured values.
const ALPHA: f64 = 0.05;
/// A prediction does not scatter: every change by more than this share is a change of what it rests on. It is the tolerance
/// of a golden where a scenario states none.
const STEP: f64 = 0.005;
/// Series that a terminal shows, those with changes first.
const SHOWN: usize = 20;
/// Seed of the shuffles.
const SEED: u64 = 1;

/// Lists runs, or shows how a column moved.
pub fn history(context: &Context, arguments: &History) -> Exit {
    let root = context.root();
    let Some(name) = &arguments.name else {
        return all(context, &root);
    };
    let column = arguments.metric.as_deref();
    let (mut runs, broken) = history::runs(context, &folder(&root).join(name), column);
    for (path, problem) in broken {
        context.say(&format!("warning: {}: {problem}", path.display()));
    }
    if let Some(last) = arguments.last {
        runs.drain(..runs.len().saturating_sub(last));
    }
    if runs.is_empty() {
        context.complain(&format!(
            "no run of `{name}` is kept below {}; `phantom run` keeps one each time",
            folder(&root).display()
        ));
        return Exit::NothingSelected;
    }
    match column {
        Some(column) => trends(context, arguments, (&runs, column)),
        None => list(context, &runs),
    }
}

fn all(context: &Context, root: &std::path::Path) -> Exit {
    let mut lines = table::new(&["Scenario", "Runs", "First", "Last"]);
    let mut documents = Vec::new();
    for name in history::names(context, root) {
        let (runs, _) = history::runs(context, &folder(root).join(&name), None);
        let (Some(first), Some(last)) = (runs.first(), runs.last()) else {
            continue;
        };
        lines.add_row([
            name.clone(),
            count(runs.len() as u64),
            first.stamp.started.clone(),
            last.stamp.started.clone(),
        ]);
        documents.push(json!({
            "scenario": name, "runs": runs.len(), "first": first.stamp.started, "last": last.stamp.started,
        }));
    }
    show(context, &format!("{lines}\n"), documents);
    Exit::Done
}

/// Prints text for people, or documents for programs.
fn show(context: &Context, text: &str, documents: Vec<Value>) {
    match context.format {
        Format::Json => context.print(&format!("{}\n", Value::Array(documents))),
        Format::Jsonl => {
            for document in documents {
                context.print(&format!("{document}\n"));
            }
        }
        Format::Human | Format::Markdown | Format::Github => {
            let lines = text.lines().map(str::trim_end);
            context.print(&(lines.collect::<Vec<_>>().join("\n") + "\n"));
        }
    }
}

/// One line for each run, with what is another than in the run before.
fn list(context: &Context, runs: &[KeptRun]) -> Exit {
    let mut lines = table::new(&[
        "Run",
        "Started",
        "Points",
        "Commit",
        "Changed since the run before",
    ]);
    let mut documents = Vec::new();
    let mut before: Option<&KeptRun> = None;
    for run in runs {
        let stamp = &run.stamp;
        let changed = before.map_or_else(Vec::new, |before| differences(before, run));
        let commit = stamp.commit.get(..10).unwrap_or("–");
        let words = match (&before, changed.is_empty()) {
            (None, _) => String::new(),
            (Some(_), true) => "nothing".to_owned(),
            (Some(_), false) => changed.join(", "),
        };
        lines.add_row([
            stamp.run.as_str(),
            &stamp.started,
            &count(run.points as u64),
            commit,
            &words,
        ]);
        documents.push(json!({
            "run": stamp.run, "started": stamp.started, "results_id": stamp.results_id, "points": run.points,
            "phantom_version": stamp.phantom_version, "predictor_version": stamp.predictor_version,
            "calibration": stamp.calibration, "catalog": stamp.catalog, "scenario_blake3": stamp.scenario_blake3,
            "commit": if stamp.commit.is_empty() { Value::Null } else { stamp.commit.clone().into() }, "changed": changed,
        }));
        before = Some(run);
    }
    show(context, &format!("{lines}\n"), documents);
    Exit::Done
}

/// What two runs were not made of alike, and whether their results differ.
fn differences(old: &KeptRun, new: &KeptRun) -> Vec<&'static str> {
    let (old, new) = (&old.stamp, &new.stamp);
    let pairs = [
        ("scenario", &old.scenario_blake3, &new.scenario_blake3),
        ("calibration", &old.calibration, &new.calibration),
        ("catalogue", &old.catalog, &new.catalog),
        ("predictor", &old.predictor_version, &new.predictor_version),
        ("version", &old.phantom_version, &new.phantom_version),
        ("results", &old.results_id, &new.results_id),
    ];
    let changed = pairs.into_iter().filter(|(_, old, new)| old != new);
    changed.map(|(name, _, _)| name).collect()
}

/// One number over the runs that have it.
struct Trend {
    subject: Subject,
    unit: String,
    /// Positions of runs, with the values.
    values: Vec<(usize, f64)>,
    /// Positions in `values` at which it changed.
    changes: Vec<usize>,
}

impl Trend {
    fn of(subject: &Subject, runs: &[KeptRun]) -> Self {
        let mut unit = String::new();
        let mut values = Vec::new();
        for (index, run) in runs.iter().enumerate() {
            if let Some(reading) = run.readings.get(subject) {
                unit.clone_from(&reading.unit);
                values.push((index, reading.value));
            }
        }
        let numbers: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        let changes = if subject.1.starts_with("predicted") {
            steps(&numbers)
        } else {
            change_points(&numbers, ALPHA, SEED)
        };
        Self {
            subject: subject.clone(),
            unit,
            values,
            changes,
        }
    }

    /// The change from the first value to the last, as a share.
    fn total(&self) -> Option<f64> {
        let ((_, first), (_, last)) = (self.values.first()?, self.values.last()?);
        let share = (last - first) / first.abs();
        share.is_finite().then_some(share)
    }
}

/// Positions of predictions that differ from the one before by more than the tolerance.
fn steps(values: &[f64]) -> Vec<usize> {
    let pairs = values.windows(2).enumerate();
    let moved = pairs.filter(|(_, pair)| (pair[1] - pair[0]).abs() > STEP * pair[0].abs());
    moved.map(|(index, _)| index + 1).collect()
}

fn trends(context: &Context, arguments: &History, (runs, column): (&[KeptRun], &str)) -> Exit {
    let pattern = arguments.only.as_deref().map(Pattern::new);
    let pattern = match pattern.transpose() {
        Ok(pattern) => pattern,
        Err(error) => {
            context.complain(&format!("error[bad-value]: --only: {error}"));
            return Exit::BadInput;
        }
    };
    let wanted = |key: &str| pattern.as_ref().is_none_or(|pattern| pattern.matches(key));
    let subjects: BTreeSet<&Subject> = runs.iter().flat_map(|run| run.readings.keys()).collect();
    let subjects = subjects.into_iter().filter(|(key, _)| wanted(key));
    let mut trends: Vec<Trend> = subjects.map(|subject| Trend::of(subject, runs)).collect();
    if trends.is_empty() {
        context.complain(&format!(
            "no kept run has a number `{column}` of such a point"
        ));
        return Exit::NothingSelected;
    }
    let size = |trend: &Trend| trend.total().map_or(0.0, f64::abs);
    trends.sort_by(|a, b| {
        let (left, right) = (a.changes.is_empty(), b.changes.is_empty());
        left.cmp(&right)
            .then(size(b).total_cmp(&size(a)))
            .then_with(|| a.subject.cmp(&b.subject))
    });
    let text = text(column, &trends, runs);
    show(
        context,
        &text,
        trends
            .iter()
            .map(|trend| document(trend, column, runs))
            .collect(),
    );
    Exit::Done
}

fn document(trend: &Trend, column: &str, runs: &[KeptRun]) -> Value {
    let values = trend.values.iter().map(|(index, value)| {
        json!({ "run": runs[*index].stamp.run, "started": runs[*index].stamp.started, "value": value })
    });
    let changes = trend
        .changes
        .iter()
        .map(|place| &runs[trend.values[*place].0].stamp.run);
    json!({
        "column": column, "key": trend.subject.0, "source": trend.subject.1, "unit": trend.unit,
        "values": values.collect::<Vec<_>>(), "change": trend.total(), "changed_at": changes.collect::<Vec<_>>(),
    })
}

fn text(column: &str, trends: &[Trend], runs: &[KeptRun]) -> String {
    let mut text = format!(
        "{column} over {} runs, {} to {}\n",
        count(runs.len() as u64),
        runs[0].stamp.started,
        runs[runs.len() - 1].stamp.started
    );
    for trend in trends.iter().take(SHOWN) {
        let (key, source) = &trend.subject;
        let number = |value: f64| shown(value, &trend.unit);
        let first = trend.values.first().map_or(0.0, |(_, value)| *value);
        let last = trend.values.last().map_or(0.0, |(_, value)| *value);
        let total = trend
            .total()
            .map_or_else(String::new, |share| format!("  ({})", signed(share)));
        text.push_str(&format!(
            "\n{key}  {source}\n  {}  {} → {}{total}\n",
            sparkline(trend),
            number(first),
            number(last),
        ));
        for place in &trend.changes {
            let (before, after) = (trend.values[place - 1].1, trend.values[*place]);
            let (run, value) = (&runs[after.0].stamp, after.1);
            let by = (value - before) / before.abs();
            text.push_str(&format!(
                "  ▲ {}  {} → {}  {}\n",
                run.started,
                number(before),
                number(value),
                if by.is_finite() {
                    signed(by)
                } else {
                    String::new()
                }
            ));
        }
    }
    let more = trends.len().saturating_sub(SHOWN);
    if more > 0 {
        text.push_str(&format!(
            "\n… {} more; `--only GLOB` selects\n",
            count(more as u64)
        ));
    }
    text
}

/// A bar of one of eight heights for each value, and a mark before each at which it changed.
fn sparkline(trend: &Trend) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let numbers = || trend.values.iter().map(|(_, value)| *value);
    let (low, high) = numbers().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let mut line = String::new();
    for (place, value) in numbers().enumerate() {
        if trend.changes.contains(&place) {
            line.push('|');
        }
        // A series that does not move stands in the middle.
        let share = if high > low {
            (value - low) / (high - low)
        } else {
            0.5
        };
        let bar = (share * (BARS.len() - 1) as f64).round() as usize;
        line.push(BARS[bar.min(BARS.len() - 1)]);
    }
    line
}

/// A number with its unit; prefixes go with units that are not money or shares.
fn shown(value: f64, unit: &str) -> String {
    match unit {
        "s" | "B" | "W" | "J" | "B/s" => si(value, unit, 3),
        "1" | "bool" => rounded(value, 3),
        _ => format!("{} {unit}", rounded(value, 3)),
    }
}

fn signed(share: f64) -> String {
    if share == 0.0 {
        return "unchanged".to_owned();
    }
    let sign = if share < 0.0 { "−" } else { "+" };
    format!("{sign}{}", percent(share.abs(), 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(values: &[f64], changes: &[usize]) -> Trend {
        Trend {
            subject: (String::new(), "predicted".to_owned()),
            unit: "s".to_owned(),
            values: values.iter().copied().enumerate().collect(),
            changes: changes.to_vec(),
        }
    }

    #[test]
    fn a_prediction_changes_where_it_moves_by_more_than_a_golden_tolerates() {
        assert_eq!(steps(&[1.0, 1.0, 1.004, 1.02, 1.02, 0.9]), [3, 5]);
        assert_eq!(steps(&[0.0, 0.0, 1.0]), [2]);
        assert!(steps(&[1.0]).is_empty());
    }

    #[test]
    fn a_sparkline_goes_from_the_lowest_to_the_highest_and_marks_changes() {
        assert_eq!(sparkline(&trend(&[1.0, 1.0, 2.0, 1.5], &[2])), "▁▁|█▅");
        assert_eq!(sparkline(&trend(&[3.0, 3.0], &[])), "▅▅");
    }
}
