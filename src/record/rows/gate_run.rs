//! Runs whose numbers cannot all hold.

use std::collections::BTreeMap;

use super::field::number;
use super::gate::{Suspect, Suspicion};
use super::{Family, Table};

/// Statistics from low to high.
const RISING: [&str; 5] = ["min", "p50", "p90", "p99", "max"];

/// Latencies that have statistics.
const LATENCIES: [&str; 5] = [
    "ttft_ms",
    "tpot_ms",
    "itl_ms",
    "e2e_latency_ms",
    "latency_ms",
];

/// The numbers of one run.
pub(super) struct Run<'a> {
    table: &'a Table,
    /// Its first row.
    first: usize,
    /// Value and row of each metric.
    numbers: BTreeMap<&'a str, (f64, usize)>,
}

/// Rows whose runs contradict themselves. Where two numbers cannot both hold, both rows are named: nothing says which one
/// is wrong. Runs that
/// state a metric twice, with different values, are not looked at.
pub(super) fn contradictions(table: &Table, lines: &[usize]) -> BTreeMap<usize, Suspect> {
    let mut found = BTreeMap::new();
    for run in runs(table, lines) {
        for (rows, suspect) in run.faults() {
            for row in rows {
                found.entry(row).or_insert_with(|| suspect.clone());
            }
        }
    }
    found
}

/// The runs of rows; those that state a metric twice, with different values, are left out.
pub(super) fn runs<'a>(table: &'a Table, lines: &[usize]) -> Vec<Run<'a>> {
    let mut by_key: BTreeMap<Vec<&str>, Option<Run<'a>>> = BTreeMap::new();
    for place in lines {
        let line = &table.lines[*place];
        if line.fields.is_none() {
            continue;
        }
        let run = by_key.entry(table.run(line).collect()).or_insert_with(|| {
            Some(Run {
                table,
                first: *place,
                numbers: BTreeMap::new(),
            })
        });
        let metric = table.field(line, "metric");
        let value = number(table.field(line, "value")).ok().flatten();
        if let (Some(known), Some(value)) = (run.as_mut(), value.filter(|value| *value > 0.0)) {
            let (stated, _) = *known.numbers.entry(metric).or_insert((value, *place));
            if stated.to_bits() != value.to_bits() {
                *run = None;
            }
        }
    }
    by_key.into_values().flatten().collect()
}

type Fault = (Vec<usize>, Suspect);

impl Run<'_> {
    pub(super) fn size(&self, column: &str) -> Option<f64> {
        let text = self.table.field(&self.table.lines[self.first], column);
        number(text).ok()?.filter(|size| *size > 0.0)
    }

    /// Value, row and name of the first metric there is.
    pub(super) fn first_of<'n>(&self, names: &[&'n str]) -> Option<(f64, usize, &'n str)> {
        names.iter().find_map(|name| {
            let (value, row) = self.numbers.get(name)?;
            Some((*value, *row, *name))
        })
    }

    fn faults(&self) -> Vec<Fault> {
        let mut found = self.out_of_order();
        if self.table.family == Family::Llm {
            found.extend(self.batch());
            found.extend(self.held_back());
            found.extend(self.lengths());
            found.extend(self.times());
        }
        found
    }

    /// A higher percentile that is more than 1 % lower.
    fn out_of_order(&self) -> Vec<Fault> {
        let mut found = Vec::new();
        for latency in LATENCIES {
            let stated: Vec<(f64, usize, &str)> = RISING
                .iter()
                .filter_map(|statistic| {
                    let name = format!("{latency}_{statistic}");
                    let (value, row) = self.numbers.get(name.as_str())?;
                    Some((*value, *row, *statistic))
                })
                .collect();
            for pair in stated.windows(2) {
                let ((low, low_row, low_name), (high, high_row, high_name)) = (pair[0], pair[1]);
                if low > high * 1.01 {
                    found.push((
                        vec![low_row, high_row],
                        Suspect {
                            why: Suspicion::PercentilesOutOfOrder,
                            detail: format!("{latency}: {low_name} {low} above {high_name} {high}"),
                        },
                    ));
                }
            }
        }
        found
    }

    /// A mean batch that is larger than the number of requests in flight: the columns were swapped.
    fn batch(&self) -> Option<Fault> {
        let (batch, flight) = (self.size("batch_size")?, self.size("concurrency")?);
        (batch > flight * 1.01).then(|| {
            let rows = self.numbers.values().map(|(_, row)| *row).collect();
            let suspect = Suspect {
                why: Suspicion::MoreInBatchThanInFlight,
                detail: format!("batch_size {batch}, concurrency {flight}"),
            };
            (rows, suspect)
        })
    }

    /// A closed loop of several hundred requests of which a hundred generated, as many as two common HTTP clients connect at once unless
    /// they are told otherwise (aiohttp, `TCPConnector(limit=100)`; httpx, `max_connections=100`). The others waited in the client,
    /// which counts as time to the first token: the server had another load than the one stated. A server that takes as few at once looks
    /// the same; its load was not the stated one either.
    ///
    /// Those that generated follow from Little's law, `c · g / (f + g)` with `c` requests in flight, `f` the time to the first token and
    /// `g` that of the others, and are told as closely as lengths and times are.
    fn held_back(&self) -> Option<Fault> {
        const CONNECTIONS: std::ops::RangeInclusive<f64> = 90.0..=108.0;
        let mean = |name: &str| {
            let names = [name.to_owned(), format!("{name}_mean")];
            let found = names
                .iter()
                .find_map(|name| self.numbers.get(name.as_str()));
            found.map(|(value, _)| *value)
        };
        let scenario = self.table.field(&self.table.lines[self.first], "scenario");
        if scenario != "serving-fixed-concurrency" {
            return None;
        }
        let flight = self.size("concurrency")?;
        let first = mean("ttft_ms")?;
        let others = mean("tpot_ms")? * (self.size("output_tokens")? - 1.0).max(0.0);
        let generating = flight * others / (first + others);
        (CONNECTIONS.contains(&generating) && generating < 0.5 * flight).then(|| {
            let rows = self.numbers.values().map(|(_, row)| *row).collect();
            let suspect = Suspect {
                why: Suspicion::HeldBackByTheClient,
                detail: format!("{generating:.0} of {flight} requests in flight generated"),
            };
            (rows, suspect)
        })
    }

    /// Rates that lengths turn into each other: output of all tokens, and of requests.
    fn lengths(&self) -> Vec<Fault> {
        /// Totals are counted, so they agree closely.
        const TOTAL: f64 = 2.0;
        /// Outputs of data sets differ from their nominal length.
        const OUTPUT: f64 = 3.0;
        let output = self.first_of(&["output_tokens_per_s_total"]);
        let (Some(output), Some(out)) = (output, self.size("output_tokens")) else {
            return Vec::new();
        };
        let total = self.first_of(&["total_tokens_per_s"]);
        let total = total
            .zip(self.size("input_tokens"))
            .and_then(|(total, input)| {
                let ratio = total.0 / output.0 * out / (input + out);
                apart(
                    ratio,
                    TOTAL,
                    [total, output],
                    "input_tokens and output_tokens",
                )
            });
        let requests = self.first_of(&["requests_per_s"]).and_then(|requests| {
            let ratio = requests.0 * out / output.0;
            apart(ratio, OUTPUT, [requests, output], "output_tokens")
        });
        total.into_iter().chain(requests).collect()
    }

    /// Times that contain each other, and rates that follow from them.
    fn times(&self) -> Vec<Fault> {
        /// Nominal lengths and loads differ from those of the run.
        const LOOSE: f64 = 3.0;
        /// A run's mean concurrency is often well below the nominal one, and never far above it.
        const LOAD: f64 = 10.0;
        let of = |name: &str| {
            let names = [
                name.to_owned(),
                format!("{name}_mean"),
                format!("{name}_p50"),
            ];
            let found = names
                .iter()
                .find_map(|name| self.numbers.get(name.as_str()));
            found.map(|(value, row)| (*value, *row))
        };
        let named = |found: Option<(f64, usize)>, name| found.map(|(v, row)| (v, row, name));
        let whole = named(of("e2e_latency_ms"), "e2e_latency_ms");
        let first = named(of("ttft_ms"), "ttft_ms");
        let each = named(of("tpot_ms"), "tpot_ms");
        let output = self.first_of(&["output_tokens_per_s_total"]);
        let flight = self.size("concurrency").or_else(|| self.size("batch_size"));
        let out = self.size("output_tokens");
        let mut found = Vec::new();
        if let (Some(whole), Some(first)) = (whole, first) {
            found.extend(above(
                first.0 / whole.0,
                1.5,
                [first, whole],
                "one contains the other",
            ));
        }
        if let (Some(whole), Some(each), Some(out)) = (whole, each, out) {
            let ratio = each.0 * out / whole.0;
            found.extend(above(ratio, LOOSE, [each, whole], "one contains the other"));
        }
        if let (Some(output), Some(flight)) = (output, flight) {
            if let Some(each) = each {
                let ratio = output.0 * each.0 * 1e-3 / flight;
                found.extend(above(ratio, LOAD, [output, each], "sequences in flight"));
            }
            if let (Some(whole), Some(out)) = (whole, out) {
                let ratio = output.0 * whole.0 * 1e-3 / (flight * out);
                found.extend(apart(ratio, LOAD, [output, whole], "sequences in flight"));
            }
        }
        found
    }
}

type Stated<'a> = (f64, usize, &'a str);

/// A fault where a ratio that should be one is more than a factor away.
fn apart(ratio: f64, factor: f64, pair: [Stated<'_>; 2], by: &str) -> Option<Fault> {
    (ratio > factor || ratio < 1.0 / factor).then(|| disagree(ratio, pair, by))
}

/// A fault where a ratio that should be one at most is above a factor.
fn above(ratio: f64, factor: f64, pair: [Stated<'_>; 2], by: &str) -> Option<Fault> {
    (ratio > factor).then(|| disagree(ratio, pair, by))
}

fn disagree(ratio: f64, [a, b]: [Stated<'_>; 2], by: &str) -> Fault {
    let factor = if ratio < 1.0 { 1.0 / ratio } else { ratio };
    let suspect = Suspect {
        why: Suspicion::ContradictsItsRun,
        detail: format!("{} and {} disagree {factor:.1} times ({by})", a.2, b.2),
    };
    (vec![a.1, b.1], suspect)
}

#[cfg(test)]
mod tests {
    use super::super::gate::suspects;
    use super::super::llm::tests::{HEADER, table};
    use super::*;

    /// A run of 8 requests in flight with 1024 prompt and 256 output tokens.
    fn run(numbers: &[(&str, f64, &str)], changes: &[(&str, &str)]) -> Vec<(usize, Suspicion)> {
        let rows: Vec<String> = numbers
            .iter()
            .enumerate()
            .map(|(place, (metric, value, unit))| {
                let row = format!(
                    "a-{place},a,h100-sxm-80gb,,1,llama-3.1-8b,8.03,vllm,0.6,bf16,,,,1,,,,6,8,1024,256,,serving-fixed-concurrency,{metric},{value},{unit},,2024,vendor,src=x"
                );
                changes
                    .iter()
                    .fold(row, |row, (from, to)| row.replace(from, to))
            })
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let table = table(&rows);
        assert_eq!(table.header.len(), HEADER.matches(',').count() + 1);
        let lines: Vec<usize> = (0..table.lines.len()).collect();
        let found = suspects(&table, &lines).into_iter();
        found.map(|(row, suspect)| (row, suspect.why)).collect()
    }

    const HONEST: [(&str, f64, &str); 6] = [
        ("ttft_ms_mean", 100.0, "ms"),
        ("tpot_ms_mean", 12.0, "ms"),
        ("e2e_latency_ms_mean", 3160.0, "ms"),
        ("output_tokens_per_s_total", 640.0, "tokens/s"),
        ("total_tokens_per_s", 3200.0, "tokens/s"),
        ("requests_per_s", 2.5, "requests/s"),
    ];

    #[test]
    fn an_honest_run_is_believed() {
        assert_eq!(run(&HONEST, &[]), []);
    }

    #[test]
    fn tokens_per_second_as_milliseconds_contradict_the_run() {
        let mut numbers = HONEST;
        numbers[1].1 = 640.0;
        let rows: Vec<usize> = run(&numbers, &[]).iter().map(|(row, _)| *row).collect();
        assert!(rows.contains(&1), "{rows:?}");
    }

    #[test]
    fn seconds_as_milliseconds_contradict_the_run() {
        let mut numbers = HONEST;
        numbers[2].1 = 3.16;
        let found = run(&numbers, &[]);
        assert!(
            found.contains(&(2, Suspicion::ContradictsItsRun)),
            "{found:?}"
        );
    }

    #[test]
    fn swapped_lengths_contradict_the_rates() {
        let found = run(&HONEST, &[(",1024,256,", ",256,1024,")]);
        assert!(
            found.contains(&(4, Suspicion::ContradictsItsRun)),
            "{found:?}"
        );
    }

    #[test]
    fn a_batch_is_no_larger_than_what_is_in_flight() {
        let found = run(&HONEST, &[(",6,8,", ",8,6,")]);
        assert_eq!(found.len(), HONEST.len());
        assert_eq!(found[0].1, Suspicion::MoreInBatchThanInFlight);
    }

    #[test]
    fn a_hundred_connections_of_a_client_are_not_five_hundred_requests() {
        // 255 tokens of 12 ms are 3.06 s; with 12 s before them a fifth of the requests generates.
        let of = |first: f64, flight: &str| {
            let numbers = [("ttft_ms_mean", first, "ms"), ("tpot_ms_mean", 12.0, "ms")];
            run(&numbers, &[(",6,8,", &format!(",,{flight},"))])
        };
        let found = of(12_240.0, "500");
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1, Suspicion::HeldBackByTheClient);
        assert_eq!(of(12_240.0, "300"), [], "60 generate: something else");
        let numbers = [
            ("ttft_ms_mean", 12_240.0, "ms"),
            ("tpot_ms_mean", 12.0, "ms"),
        ];
        let open = [
            (",6,8,", ",,500,"),
            ("serving-fixed-concurrency", "serving-qps-8"),
        ];
        assert_eq!(
            run(&numbers, &open),
            [],
            "an open loop waits for other reasons"
        );
        assert_eq!(of(300.0, "110"), [], "a hundred of 110 generate");
    }

    #[test]
    fn percentiles_rise() {
        let numbers = [("tpot_ms_p50", 26.5, "ms"), ("tpot_ms_p99", 24.2, "ms")];
        let found = run(&numbers, &[]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].1, Suspicion::PercentilesOutOfOrder);
    }
}
