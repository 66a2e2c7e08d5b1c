//! Request rates that one row of a run states for the others.

use std::collections::BTreeMap;

use crate::record::rows::{Line, LoadRule, Notes, Table, positive};

/// What is known of a run's rate.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Rate {
    One(f64),
    Several,
}

/// Request rates by run.
///
/// Rows of one run agree in every column but those of one number, and in the `src=` item of the notes. Where the rows of
/// a run cite different places, the rate of the run without its place is used if it is the only one.
#[derive(Debug, Default)]
pub(super) struct RunRates {
    by_run: BTreeMap<String, Rate>,
}

impl RunRates {
    /// Collects the rates of open-loop rows.
    pub fn of(table: &Table, lines: &[usize]) -> Self {
        let mut rates = Self::default();
        for line in lines {
            let line = &table.lines[*line];
            let states_rate = matches!(
                table.field(line, "metric"),
                "requests_per_s" | "samples_per_s"
            );
            if !states_rate || !is_open_loop(table, line) {
                continue;
            }
            if let Ok(Some(rate)) = positive(table.field(line, "value")) {
                let run = run(table, line);
                rates.add(place(table, line, &run), rate);
                rates.add(run, rate);
            }
        }
        rates
    }

    fn add(&mut self, run: String, rate: f64) {
        self.by_run
            .entry(run)
            .and_modify(|known| {
                if *known != Rate::One(rate) {
                    *known = Rate::Several;
                }
            })
            .or_insert(Rate::One(rate));
    }

    /// The rate of the run a line belongs to.
    pub fn rate(&self, table: &Table, line: &Line) -> Option<f64> {
        if self.by_run.is_empty() || !is_open_loop(table, line) {
            return None;
        }
        let run = run(table, line);
        let found = self.by_run.get(&place(table, line, &run));
        match found.or_else(|| self.by_run.get(&run))? {
            Rate::One(rate) => Some(*rate),
            Rate::Several => None,
        }
    }
}

fn is_open_loop(table: &Table, line: &Line) -> bool {
    LoadRule::of(table.field(line, "scenario")) == Ok(LoadRule::RunRate)
}

fn run(table: &Table, line: &Line) -> String {
    table
        .run(line)
        .map(|field| format!("{field}\u{1f}"))
        .collect()
}

/// The run of a line with its place: what tells submitters apart who measured the same system.
pub(super) fn placed(table: &Table, line: &Line) -> String {
    place(table, line, &run(table, line))
}

fn place(table: &Table, line: &Line, run: &str) -> String {
    format!("{run}{}", Notes(table.field(line, "notes")).source())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,source_id,hardware,hardware_detail,device_count,model,model_params_b,framework,framework_version,weight_precision,activation_precision,kv_precision,quant_scheme,tp,pp,ep,dp,batch_size,concurrency,input_tokens,output_tokens,context_tokens,scenario,metric,value,unit,power_w_limit,date,quality,notes";

    /// Rows of one system: `(metric, value, place)`.
    fn table(rows: &[(&str, &str, &str)]) -> Table {
        let line = |(metric, value, place): &(&str, &str, &str)| {
            format!(
                "{metric}{place},m,h100,,8,llama-2-70b,,vllm,,fp8,,,,,,,,,,,,,mlperf-server,{metric},{value},x,,,audited,src={place}"
            )
        };
        let lines: Vec<String> = rows.iter().map(line).collect();
        Table::read(format!("{HEADER}\n{}\n", lines.join("\n")).as_bytes()).expect("a table")
    }

    fn rate(rows: &[(&str, &str, &str)]) -> Option<f64> {
        let table = table(rows);
        let all: Vec<usize> = (0..table.lines.len()).collect();
        RunRates::of(&table, &all).rate(&table, &table.lines[0])
    }

    #[test]
    fn a_run_has_the_rate_of_its_own_place() {
        let rows = [
            ("ttft_ms_p50", "1", "a"),
            ("requests_per_s", "3", "a"),
            ("requests_per_s", "5", "b"),
        ];
        assert_eq!(rate(&rows), Some(3.0));
    }

    #[test]
    fn without_a_place_only_a_single_rate_counts() {
        let one = [("ttft_ms_p50", "1", "c"), ("requests_per_s", "3", "a")];
        assert_eq!(rate(&one), Some(3.0));
        let two = [one[0], one[1], ("requests_per_s", "5", "b")];
        assert_eq!(rate(&two), None);
    }

    #[test]
    fn what_is_no_rate_counts_for_nothing() {
        assert_eq!(
            rate(&[("ttft_ms_p50", "1", "a"), ("requests_per_s", "NaN", "a")]),
            None
        );
    }
}
