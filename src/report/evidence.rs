//! Which measurements stand behind the options that a decision is made between.

use super::choice::{Choice, Choices};
use super::number::rounded;
use super::view::{Cell, Head, Row, Table};
use crate::record::{EvidenceAxis, EvidenceGroup, PointEvidence};

/// Options that the table has room for.
const MOST_OPTIONS: usize = 8;

/// The measured rows nearest to the recommended options and the baseline, with their source and distance; of all options, best first,
/// where none is recommended. No rows where the pack does not say what it was fitted on.
pub fn evidence(choices: &Choices) -> Table {
    let mut table = Table::new(
        "evidence",
        "Measured rows nearest to the recommended options and the baseline",
        vec![
            Head::text("Option"),
            Head::text("Place"),
            Head::text("Nearest measured"),
            Head::number("Rows", ""),
            Head::text("Sizes they span"),
            Head::text("Source"),
            Head::text("Latest"),
            Head::number("Distance", ""),
        ],
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
            let mut cells = vec![Cell::text(option.full_name()), Cell::text(place(known))];
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

/// How well the place is known, and what of the point is outside.
fn place(known: &PointEvidence) -> String {
    let mut text = known.support.meaning().to_owned();
    if !known.beyond.is_empty() {
        text.push_str("; ");
        text.push_str(&known.beyond.join("; "));
    }
    text
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
        assert!(evidence(&Choices::of(&results)).rows.is_empty());
    }
}
