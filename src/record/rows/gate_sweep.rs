//! Sweeps over load whose numbers cannot all hold.

use std::collections::BTreeMap;

use super::Table;
use super::field::number;
use super::gate::{Suspect, Suspicion};

/// Times per token of a closed loop.
const TIMES: [&str; 6] = [
    "tpot_ms",
    "tpot_ms_mean",
    "tpot_ms_p50",
    "itl_ms",
    "itl_ms_mean",
    "itl_ms_p50",
];

/// Columns in which rows of one sweep may differ.
const OF_A_LOAD: [&str; 6] = ["id", "value", "concurrency", "batch_size", "date", "notes"];

/// How much more than in proportion to its load a time may grow: a quarter.
const GROWS: f64 = 1.25;

/// What a time keeps at least where the load grows; servers run larger batches by better kernels now and then.
const KEEPS: f64 = 0.6;

/// Rows whose neighbours in a sweep over requests in flight cannot hold beside them; both are named, since nothing says which one is
/// wrong.
///
/// A step of `n` requests takes `a + b · n` with `a` and `b` above zero, and prompts interrupt it `n` times as often: from `n` to
/// `m` requests in flight the time per token grows, and by `m / n` at most. Sweeps that do not state how devices are divided, or state a
/// load twice, are not looked at: their rows may be of different servers.
pub(super) fn broken_sweeps(table: &Table, lines: &[usize]) -> BTreeMap<usize, Suspect> {
    let mut found = BTreeMap::new();
    for mut sweep in sweeps(table, lines).into_values() {
        sweep.sort_by(|a, b| a.load.total_cmp(&b.load));
        let is_twice = |pair: &[Dot]| pair[0].load.to_bits() == pair[1].load.to_bits();
        if sweep.windows(2).any(is_twice) {
            continue;
        }
        for pair in sweep.windows(2) {
            let (load, time) = (pair[1].load / pair[0].load, pair[1].time / pair[0].time);
            if time > GROWS * load || time < KEEPS {
                let detail = format!(
                    "{} ms at {} in flight, {} at {}",
                    pair[0].time, pair[0].load, pair[1].time, pair[1].load
                );
                for dot in pair {
                    found.entry(dot.place).or_insert_with(|| Suspect {
                        why: Suspicion::ContradictsItsSweep,
                        detail: detail.clone(),
                    });
                }
            }
        }
    }
    found
}

/// One time at one load.
struct Dot {
    load: f64,
    time: f64,
    place: usize,
}

fn sweeps<'a>(table: &'a Table, lines: &[usize]) -> BTreeMap<Vec<&'a str>, Vec<Dot>> {
    let columns = table.header.iter().map(String::as_str);
    let same: Vec<&str> = columns
        .filter(|column| !OF_A_LOAD.contains(column))
        .collect();
    let mut sweeps = BTreeMap::<_, Vec<Dot>>::new();
    for place in lines {
        let line = &table.lines[*place];
        if line.fields.is_none() {
            continue;
        }
        let field = |column: &str| table.field(line, column);
        let size = |column: &str| number(field(column)).ok()?.filter(|size| *size > 0.0);
        let is_divided = !field("tp").is_empty() || field("device_count") == "1";
        let is_of_a_sweep = field("scenario") == "serving-fixed-concurrency"
            && TIMES.contains(&field("metric"))
            && is_divided;
        if let (true, Some(load), Some(time)) = (is_of_a_sweep, size("concurrency"), size("value"))
        {
            let key = same.iter().map(|column| field(column)).collect();
            let place = *place;
            sweeps
                .entry(key)
                .or_default()
                .push(Dot { load, time, place });
        }
    }
    sweeps
}

#[cfg(test)]
mod tests {
    use super::super::gate::suspects;
    use super::super::llm::tests::table;
    use super::*;

    /// Rows that are named of a sweep of times by requests in flight.
    fn named(sweep: &[(u32, f64)], tp: &str) -> Vec<usize> {
        let rows: Vec<String> = sweep
            .iter()
            .enumerate()
            .map(|(place, (flight, time))| {
                format!("a-{place},a,gb200,,2,llama-3.1-8b,8.03,tensorrt-llm,1.0,bf16,,,,{tp},,,,,{flight},1024,256,,serving-fixed-concurrency,tpot_ms,{time},ms,,2025,vendor,src=x")
            })
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let table = table(&rows);
        let lines: Vec<usize> = (0..table.lines.len()).collect();
        let found = suspects(&table, &lines);
        assert!(
            found
                .values()
                .all(|suspect| suspect.why == Suspicion::ContradictsItsSweep)
        );
        found.into_keys().collect()
    }

    #[test]
    fn a_time_grows_no_faster_than_its_load() {
        let honest = [(1, 8.0), (2, 8.4), (8, 12.0), (16, 23.9), (128, 150.0)];
        assert_eq!(named(&honest, "2"), [] as [usize; 0]);
        // 8 ms with one in flight cannot be 42 with two.
        assert_eq!(named(&[(1, 8.0), (2, 42.0), (8, 44.0)], "2"), [0, 1]);
        assert_eq!(named(&[(8, 44.0), (1, 8.0), (2, 42.0)], "2"), [1, 2]);
    }

    #[test]
    fn a_time_does_not_fall_by_half_where_the_load_doubles() {
        let sweep = [(32, 103.0), (64, 133.0), (128, 71.8)];
        assert_eq!(named(&sweep, "2"), [1, 2]);
        assert_eq!(named(&[(64, 133.0), (128, 100.0)], "2"), [] as [usize; 0]);
    }

    #[test]
    fn rows_that_may_be_of_different_servers_are_not_compared() {
        let sweep = [(1, 8.0), (2, 42.0)];
        assert_eq!(
            named(&sweep, ""),
            [] as [usize; 0],
            "nobody says how devices are divided"
        );
        let twice = [(1, 8.0), (2, 42.0), (2, 9.0)];
        assert_eq!(named(&twice, "2"), [] as [usize; 0], "a load twice");
    }
}
