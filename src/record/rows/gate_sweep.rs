//! Sweeps over load whose numbers cannot all hold.

use std::collections::BTreeMap;

use super::Table;
use super::gate::{Suspect, Suspicion};
use super::gate_run::runs;
use super::notes::Notes;

/// Means of the time per token of a closed loop. A median may move otherwise: requests that prompts interrupt and others are two kinds.
const TIMES: [&str; 4] = ["tpot_ms", "tpot_ms_mean", "itl_ms", "itl_ms_mean"];

/// Means of the time to the first token, in the order in which they are asked for.
const FIRST: [&str; 2] = ["ttft_ms", "ttft_ms_mean"];

/// Columns in which rows of one sweep may differ.
const OF_A_LOAD: [&str; 8] = [
    "id",
    "metric",
    "value",
    "unit",
    "concurrency",
    "batch_size",
    "date",
    "notes",
];

/// How much more than it can a time may grow, for what servers do besides: a quarter, by judgement.
const GROWS: f64 = 1.25;

/// What a time keeps at least where the load grows, by judgement: larger batches run by better kernels now and then. Of the 1 670
/// neighbouring loads of `aic-silicon`'s sweeps 17 fall, one of them below this.
const KEEPS: f64 = 0.6;

/// A server whose requests wait for this share of the time they generate is full, and may take longer than its load says.
const FULL: f64 = 0.25;

/// Rows whose neighbours in a sweep over requests in flight cannot hold beside them; both are named, since nothing says which one is
/// wrong, and all rows of a sweep with several such pairs.
///
/// With `n` requests in flight a step takes `a + b · n`, and the prompts of the others interrupt a request `n − 1` times while it
/// generates `o` tokens, for less than a time to the first token `f` each. From `n` to `m` the time per token therefore grows, and to
/// `t · m / n + (m − n) · f / o` at most. Sweeps that do not state how devices are divided, when first tokens came, or a load only once
/// are not looked at, nor are rows marked as outliers.
pub(super) fn broken_sweeps(table: &Table, lines: &[usize]) -> BTreeMap<usize, Suspect> {
    let mut found = BTreeMap::new();
    for mut sweep in sweeps(table, lines) {
        sweep.sort_by(|a, b| a.load.total_cmp(&b.load));
        let is_twice = |pair: &[Dot]| pair[0].load.to_bits() == pair[1].load.to_bits();
        if sweep.windows(2).any(is_twice) {
            continue;
        }
        let broken: Vec<&[Dot]> = sweep.windows(2).filter(|pair| is_broken(pair)).collect();
        let named = match broken[..] {
            [] => continue,
            [pair] => pair,
            _ => &sweep[..],
        };
        let details: Vec<String> = broken
            .iter()
            .map(|pair| {
                let [a, b] = [&pair[0], &pair[1]];
                format!(
                    "{} ms at {} in flight, {} at {}",
                    a.time, a.load, b.time, b.load
                )
            })
            .collect();
        for dot in named {
            let suspect = Suspect {
                why: Suspicion::ContradictsItsSweep,
                detail: details.join("; "),
            };
            found.insert(dot.place, suspect);
        }
    }
    found
}

fn is_broken(pair: &[Dot]) -> bool {
    let [a, b] = [&pair[0], &pair[1]];
    let is_full = b.first > FULL * b.time * b.tokens;
    let most = a.time * b.load / a.load + (b.load - a.load) * a.first / a.tokens;
    b.time < KEEPS * a.time || b.time > GROWS * most && !is_full
}

/// One time at one load.
struct Dot {
    load: f64,
    time: f64,
    /// To the first token.
    first: f64,
    /// Tokens that a request generates.
    tokens: f64,
    place: usize,
}

fn sweeps(table: &Table, lines: &[usize]) -> Vec<Vec<Dot>> {
    let columns = table.header.iter().map(String::as_str);
    let same: Vec<&str> = columns
        .filter(|column| !OF_A_LOAD.contains(column))
        .collect();
    let mut sweeps = BTreeMap::<_, Vec<Dot>>::new();
    for run in runs(table, lines) {
        let (Some((time, place, metric)), Some((first, ..))) =
            (run.first_of(&TIMES), run.first_of(&FIRST))
        else {
            continue;
        };
        let field = |column: &str| table.field(&table.lines[place], column);
        let notes = Notes(field("notes"));
        let is_divided = !field("tp").is_empty() || field("device_count") == "1";
        let is_closed = field("scenario") == "serving-fixed-concurrency";
        if !is_divided || !is_closed || notes.is_outlier() {
            continue;
        }
        if let (Some(load), Some(tokens)) = (run.size("concurrency"), run.size("output_tokens")) {
            let mut key: Vec<String> = same.iter().map(|column| field(column).to_owned()).collect();
            key.extend([metric.to_owned(), format!("{:?}", notes.speculation())]);
            sweeps.entry(key).or_default().push(Dot {
                load,
                time,
                first,
                tokens,
                place,
            });
        }
    }
    sweeps.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::super::gate::suspects;
    use super::super::llm::tests::table;
    use super::*;

    /// Lines of times per token that are named, of a sweep of 256 tokens each; first tokens stand behind them.
    fn named(sweep: &[(u32, f64, f64)], changes: &[(&str, &str)]) -> Vec<usize> {
        let row = |place: String, flight: u32, (metric, value): (&str, f64)| {
            let row = format!(
                "a-{place},a,gb200,,2,llama-3.1-8b,8.03,tensorrt-llm,1.0,bf16,,,,2,,,,,{flight},1024,256,,serving-fixed-concurrency,{metric},{value},ms,,2025,vendor,src=x"
            );
            let changes = changes.iter();
            changes.fold(row, |row, (from, to)| row.replace(from, to))
        };
        let times = sweep
            .iter()
            .map(|(flight, time, _)| (*flight, ("tpot_ms", *time)));
        let firsts = sweep
            .iter()
            .map(|(flight, _, first)| (*flight, ("ttft_ms", *first)));
        let rows: Vec<String> = times
            .chain(firsts)
            .enumerate()
            .map(|(place, (flight, value))| row(place.to_string(), flight, value))
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let table = table(&rows);
        let lines: Vec<usize> = (0..table.lines.len()).collect();
        let found = suspects(&table, &lines).into_iter();
        let found = found.filter(|(_, suspect)| suspect.why == Suspicion::ContradictsItsSweep);
        found.map(|(place, _)| place).collect()
    }

    const NONE: [usize; 0] = [];

    #[test]
    fn a_time_grows_no_faster_than_its_load_and_its_prompts() {
        let honest = [
            (1, 8.0, 100.0),
            (2, 8.4, 120.0),
            (8, 12.0, 150.0),
            (64, 90.0, 400.0),
        ];
        assert_eq!(named(&honest, &[]), NONE);
        // 8 ms with one in flight cannot be 42 with two, whichever comes first in the file.
        let broken = [(1, 8.0, 100.0), (2, 42.0, 120.0), (8, 44.0, 200.0)];
        assert_eq!(named(&broken, &[]), [0, 1]);
        let [a, b, c] = broken;
        assert_eq!(named(&[c, a, b], &[]), [1, 2]);
        // A prompt of 8 s takes 31 ms from each of 256 tokens.
        assert_eq!(named(&[(1, 8.0, 8_000.0), (2, 42.0, 9_000.0)], &[]), NONE);
    }

    #[test]
    fn a_time_does_not_fall_by_half_where_the_load_doubles() {
        let sweep = [(32, 103.0, 500.0), (64, 133.0, 600.0), (128, 71.8, 700.0)];
        assert_eq!(named(&sweep, &[]), [1, 2]);
        let sweep = [(64, 133.0, 600.0), (128, 100.0, 700.0)];
        assert_eq!(named(&sweep, &[]), NONE);
    }

    #[test]
    fn a_sweep_that_is_broken_twice_is_not_believed_at_all() {
        let sweep = [
            (1, 8.0, 100.0),
            (2, 42.0, 120.0),
            (32, 103.0, 500.0),
            (64, 133.0, 600.0),
            (128, 71.8, 700.0),
        ];
        assert_eq!(named(&sweep, &[]), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_server_that_is_full_may_take_longer() {
        let sweep = [(128, 52.0, 20.0), (288, 169.0, 80_000.0)];
        assert_eq!(named(&sweep, &[]), NONE);
        let sweep = [(128, 52.0, 20.0), (288, 169.0, 1_000.0)];
        assert_eq!(named(&sweep, &[]), [0, 1]);
    }

    #[test]
    fn rows_that_cannot_be_compared_are_left_alone() {
        let sweep = [(1, 8.0, 100.0), (2, 42.0, 120.0)];
        assert_eq!(
            named(&sweep, &[(",bf16,,,,2,", ",bf16,,,,,")]),
            NONE,
            "undivided"
        );
        assert_eq!(
            named(&sweep, &[("tpot_ms", "tpot_ms_p50")]),
            NONE,
            "medians"
        );
        assert_eq!(
            named(&sweep, &[("ttft_ms", "e2e_latency_ms")]),
            NONE,
            "no first token"
        );
        let marked = [("src=x", "src=x; outlier-in-source (why)")];
        assert_eq!(named(&sweep, &marked), NONE, "outliers");
        let twice = [(1, 8.0, 100.0), (2, 42.0, 120.0), (2, 9.0, 120.0)];
        assert_eq!(named(&twice, &[]), NONE, "a load twice");
    }
}
