//! Which measurements stand behind the options that a decision is made between.

use std::collections::{BTreeMap, BTreeSet};

use super::choice::{Choice, Choices};
use super::decision::MOST_OPTIONS;
use super::label;
use super::number::rounded;
use super::rests;
use super::view::{Cell, Head, Row, Table};
use crate::record::{EvidenceAxis, EvidenceGroup, PointResult};

/// Rows of further points that a page has room for.
const MOST_FURTHER: usize = 120;

/// The measured rows nearest to the recommended options and the baseline, with their source and distance; of all options, best first,
/// where none is recommended. No rows where the pack does not say what it was fitted on.
pub fn evidence(choices: &Choices) -> Table {
    let mut table = Table::new(
        "evidence",
        "Measured rows nearest to the recommended options and the baseline",
        head(),
    );
    for option in named(choices) {
        let Some(known) = &option.chosen.evidence else {
            continue;
        };
        for near in &known.nearest {
            let Some(group) = choices.results.evidence.get(near.group) else {
                continue;
            };
            // Every row says what it belongs to, as a page sorts them.
            let rests = rests_on(&[option.chosen]);
            let mut cells = vec![Cell::text(option.full_name()), Cell::text(rests)];
            cells.extend(measured(group));
            cells.push(Cell::number(rounded(near.distance, 2), near.distance));
            table.rows.push(Row {
                cells,
                mark: if option.recommended {
                    "recommended"
                } else {
                    ""
                },
                ..Row::default()
            });
        }
    }
    "Distance counts what differs (device, software, model, number format) and how far the load is outside of what was measured; zero is the same place and load."
        .clone_into(&mut table.note);
    table
}

fn named<'c, 'a>(choices: &'c Choices<'a>) -> Vec<&'c Choice<'a>> {
    let is_named = |option: &&Choice<'a>| option.recommended || option.baseline;
    let mut named: Vec<&Choice> = choices.options.iter().filter(is_named).collect();
    if named.is_empty() {
        named = choices.options.iter().collect();
    }
    named.truncate(MOST_OPTIONS);
    named
}

fn head() -> Vec<Head> {
    vec![
        Head::text("Option"),
        Head::text("Rests on"),
        Head::text("Nearest measured"),
        Head::number("Rows", ""),
        Head::text("Sizes they span"),
        Head::text("Source"),
        Head::text("Latest"),
        Head::number("Distance", ""),
    ]
}

/// The measured rows nearest to the other points that answers, options of the decision and frontiers name; the points of an option
/// together, each group of rows once. No rows where the pack does not say what it was fitted on.
pub fn further(choices: &Choices, frontiers: &[&PointResult]) -> Table {
    let mut table = Table::new(
        "further-evidence",
        "Measured rows nearest to the other points that answers, options and frontiers name",
        head(),
    );
    let told: Vec<&str> = named(choices)
        .iter()
        .map(|option| option.chosen.key.as_str())
        .collect();
    let answers = choices.results.answers.iter();
    let answered = answers.flat_map(|answer| [answer.point(), answer.runner_up.as_deref()]);
    let shortlist = choices.shortlist(MOST_OPTIONS).into_iter();
    let wanted: BTreeSet<&str> = answered
        .flatten()
        .chain(shortlist.map(|option| option.chosen.key.as_str()))
        .chain(frontiers.iter().map(|point| point.key.as_str()))
        .filter(|key| !told.contains(key))
        .collect();
    for option in &choices.options {
        let points = option.points.iter().copied();
        let points: Vec<&PointResult> = points
            .filter(|point| wanted.contains(point.key.as_str()))
            .collect();
        table.rows.extend(of_points(choices, option, &points));
    }
    let more = table.rows.len().saturating_sub(MOST_FURTHER);
    table.rows.truncate(MOST_FURTHER);
    if more > 0 {
        let more = crate::units::count(more as u64);
        table.note = format!("{more} further rows are in results.json.");
    }
    table
}

/// A row for each group of measured rows that is nearest to one of the points of an option, nearest first.
fn of_points(choices: &Choices, option: &Choice, points: &[&PointResult]) -> Vec<Row> {
    let known = points.iter().filter_map(|point| point.evidence.as_ref());
    let mut groups = BTreeMap::<usize, [f64; 2]>::new();
    for near in known.flat_map(|known| &known.nearest) {
        let far = near.distance;
        let range = groups.entry(near.group).or_insert([far, far]);
        *range = [range[0].min(far), range[1].max(far)];
    }
    let mut groups: Vec<(usize, [f64; 2])> = groups.into_iter().collect();
    groups.sort_by(|(_, a), (_, b)| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    let row = |(at, [least, most]): (usize, [f64; 2])| {
        let group = choices.results.evidence.get(at)?;
        let name = Cell {
            text: option.full_name(),
            interval: loads(choices, points),
            ..Cell::default()
        };
        let mut cells = vec![name, Cell::text(rests_on(points))];
        cells.extend(measured(group));
        let (first, last) = (rounded(least, 2), rounded(most, 2));
        let distance = if first == last {
            first
        } else {
            format!("{first} to {last}")
        };
        cells.push(Cell::number(distance, least));
        Some(Row {
            cells,
            ..Row::default()
        })
    };
    groups.into_iter().filter_map(row).collect()
}

/// `concurrency 8`, or `concurrency 8 to 64, 4 points`.
fn loads(choices: &Choices, points: &[&PointResult]) -> String {
    let texts: Vec<String> = points
        .iter()
        .map(|point| choices.load_text(point))
        .collect();
    match texts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first, .., last] if first == last => first.clone(),
        [first, .., last] => {
            // The words stand once, before the numbers or behind them.
            let (first, last) = if last.starts_with(|c: char| c.is_ascii_digit()) {
                (first.split(' ').next().unwrap_or(first), last.as_str())
            } else {
                (first.as_str(), last.rsplit(' ').next().unwrap_or(last))
            };
            format!(
                "{first} to {last}, {}",
                label::counted(points.len(), "point")
            )
        }
    }
}

/// What the numbers of points rest on, how well their places are known, and what of them is outside.
fn rests_on(points: &[&PointResult]) -> String {
    let said = points.iter().map(|point| match &point.evidence {
        Some(known) => format!("{}: {}", rests::text(point), known.support.meaning()),
        None => rests::text(point),
    });
    let mut texts: Vec<String> = said.collect();
    let known = points.iter().filter_map(|point| point.evidence.as_ref());
    texts.extend(known.flat_map(|known| known.beyond.iter().cloned()));
    let mut seen = BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    texts.join("; ")
}

fn measured(group: &EvidenceGroup) -> [Cell; 5] {
    [
        Cell::text(group.text()),
        Cell::number(
            crate::units::count(u64::from(group.rows)),
            f64::from(group.rows),
        ),
        Cell::text(sizes(group)),
        Cell::text(match &*group.example {
            "" => group.source.to_string(),
            example => format!("{}, such as {example}", group.source),
        }),
        Cell::text(match &*group.date {
            "" => "–",
            date => date,
        }),
    ]
}

/// `1 to 512 sequences at once, 128 prompt tokens`.
fn sizes(group: &EvidenceGroup) -> String {
    let shown = EvidenceAxis::ALL[..4].iter();
    let parts: Vec<String> = shown.filter_map(|axis| group.span(*axis)).collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn recommended_options_name_their_rows() {
        let results = fixture::results();
        let table = evidence(&Choices::of(&results));
        let first: Vec<&str> = table.rows[0]
            .cells
            .iter()
            .map(|cell| cell.text.as_str())
            .collect();
        assert_eq!(
            first[1],
            "fitted · pair: fitted on this device under this software"
        );
        assert_eq!(first[2], "llama-3.1-8b fp8 on h100-sxm5-80gb under vllm");
        assert_eq!(
            first[4],
            "1 to 512 sequences at once, 128 to 4 096 prompt tokens, 1 accelerator"
        );
        assert_eq!(first[5], "public-bench, such as public-bench-1");
        assert!(table.rows.iter().any(|row| row.mark == "recommended"));
    }

    #[test]
    fn without_evidence_there_are_no_rows() {
        let mut results = fixture::results();
        for point in &mut results.points {
            point.evidence = None;
        }
        let choices = Choices::of(&results);
        assert!(evidence(&choices).rows.is_empty());
        let all: Vec<&PointResult> = results.points.iter().collect();
        assert!(further(&choices, &all).rows.is_empty());
    }

    #[test]
    fn other_points_that_are_named_stand_by_their_options() {
        let mut results = fixture::results();
        let far = results.points[1].evidence.as_mut().expect("it is known");
        far.nearest[0].distance = 1.4;
        far.beyond = vec!["256 sequences at once, beyond 128 fitted".to_owned()];
        let choices = Choices::of(&results);
        let told: BTreeSet<&str> = named(&choices)
            .iter()
            .map(|option| option.chosen.key.as_str())
            .collect();
        assert!(!told.contains(results.points[0].key.as_str()));
        let frontier = [&results.points[0], &results.points[1], &results.points[2]];
        let table = further(&choices, &frontier);
        let name = |point: &PointResult| {
            let has = |option: &&Choice| option.points.iter().any(|one| one.key == point.key);
            choices
                .options
                .iter()
                .find(has)
                .expect("an option")
                .full_name()
        };
        let row = table
            .rows
            .iter()
            .find(|row| row.cells[0].text == name(frontier[0]));
        let row = row.expect("the option is there");
        let texts: Vec<&str> = row.cells.iter().map(|cell| cell.text.as_str()).collect();
        assert!(row.cells[0].interval.starts_with("concurrency 1 to "));
        assert!(
            texts[1].ends_with("under this software; 256 sequences at once, beyond 128 fitted")
        );
        assert_eq!(texts[5], "public-bench, such as public-bench-1");
        assert_eq!(texts[7], "1 to 1.4");
        let names: Vec<&str> = table
            .rows
            .iter()
            .map(|row| row.cells[0].text.as_str())
            .collect();
        let once: BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(
            names.len(),
            once.len(),
            "one group of rows, so one row an option"
        );
    }
}
