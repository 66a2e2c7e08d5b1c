//! Rows that cannot be what they claim, told by the rows beside them and by no prediction. Which are beyond what datasheets allow is told
//! where systems are known.
//!
//! A number in a wrong unit, tokens per second in a column of milliseconds, or lengths that were swapped make a row
//! contradict its own run or its neighbours. Such rows are named and left out; a row that is merely surprising stays. What
//! a row has nothing to be compared with cannot be told: a whole file in wrong units passes.

use std::collections::BTreeMap;
use std::fmt;

use super::field::number;
use super::gate_run::contradictions;
use super::gate_sweep::broken_sweeps;
use super::{Family, KernelFamily, Table};
use crate::stats::math::{exp, ln};

/// Why a row is not believed; the names are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suspicion {
    /// It differs from all its neighbours by more than [`FAR`], beyond what their loads differ by: as a wrong unit does.
    FarFromNeighbours,
    /// A higher percentile of its run is lower.
    PercentilesOutOfOrder,
    /// Its run's numbers cannot all hold.
    ContradictsItsRun,
    /// Its sweep over requests in flight has a neighbour that cannot hold beside it.
    ContradictsItsSweep,
    /// More sequences in a mean batch than requests in flight.
    MoreInBatchThanInFlight,
    /// The client kept most of the stated requests to itself.
    HeldBackByTheClient,
    /// Better than the rates of datasheets allow.
    FasterThanPossible,
    /// Far worse than cited terms say.
    SlowerThanPlausible,
    /// The calls of its operator and software are, in the middle, far off what datasheets and a launch allow: a whole table in another unit.
    ImplausibleAsAWhole,
}

impl Suspicion {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FarFromNeighbours => "far-from-neighbours",
            Self::PercentilesOutOfOrder => "percentiles-out-of-order",
            Self::ContradictsItsRun => "contradicts-its-run",
            Self::ContradictsItsSweep => "contradicts-its-sweep",
            Self::MoreInBatchThanInFlight => "more-in-batch-than-in-flight",
            Self::HeldBackByTheClient => "held-back-by-the-client",
            Self::FasterThanPossible => "faster-than-possible",
            Self::SlowerThanPlausible => "slower-than-plausible",
            Self::ImplausibleAsAWhole => "implausible-as-a-whole",
        }
    }
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A row that is not believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// Why.
    pub why: Suspicion,
    /// What exactly, for people.
    pub detail: String,
}

/// How far is far: a hundred times. A wrong unit is off by a thousand; of 255,000 published rows none is this far off.
const FAR: f64 = 100.0;

/// Neighbours that a row is compared with, and the most on either side of it in the order of the load.
const BESIDE: usize = 3;

/// Columns that say nothing of what was run; rows that differ in them alone can be neighbours.
const REMARKS: [&str; 12] = [
    "id",
    "hardware_detail",
    "value",
    "notes",
    "date",
    "quality",
    "model_params_b",
    "model_params_m",
    "gmacs",
    "mactivations",
    "power_w_limit",
    "unit",
];

/// Sizes of a load: measured numbers grow or fall with them by no more than in proportion to their product.
const LOAD: [&str; 5] = [
    "concurrency",
    "batch_size",
    "input_tokens",
    "output_tokens",
    "context_tokens",
];

/// Columns in which neighbouring calls of an operator agree.
const SAME_CALL: [&str; 11] = [
    "hardware",
    "backend",
    "backend_version",
    "op",
    "kernel",
    "dtype",
    "kv_dtype",
    "gemm_dtype",
    "mode",
    "phase",
    "gpus",
];

/// Columns that name a network; networks are neighbours by their work.
const NETWORK: [&str; 3] = ["model", "input_size", "task"];

/// Rows among `lines` that are not believed, by their position in the table.
pub fn suspects(table: &Table, lines: &[usize]) -> BTreeMap<usize, Suspect> {
    let mut found = BTreeMap::new();
    let passes: &[Pass] = match table.family {
        Family::Llm => {
            found.extend(contradictions(table, lines));
            for (place, suspect) in broken_sweeps(table, lines) {
                found.entry(place).or_insert(suspect);
            }
            &[Pass::Loads]
        }
        Family::Vision => {
            found.extend(contradictions(table, lines));
            &[Pass::Loads, Pass::Networks]
        }
        Family::Kernel(_) => &[Pass::Shapes],
    };
    for pass in passes {
        for (place, suspect) in far(table, lines, *pass) {
            found.entry(place).or_insert(suspect);
        }
    }
    found
}

/// What makes rows neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// The same run at other loads.
    Loads,
    /// Other networks on the same system.
    Networks,
    /// The same operator with other sizes.
    Shapes,
}

/// One row on the logarithmic axes of load and value.
struct Dot {
    load: f64,
    value: f64,
    place: usize,
}

fn far(table: &Table, lines: &[usize], pass: Pass) -> Vec<(usize, Suspect)> {
    let mut groups: BTreeMap<Vec<&str>, Vec<Dot>> = BTreeMap::new();
    let common = common(table, pass);
    for place in lines {
        if let Some((key, dot)) = dot(table, *place, (pass, &common)) {
            groups.entry(key).or_default().push(dot);
        }
    }
    let mut found = Vec::new();
    for mut dots in groups.into_values() {
        dots.sort_by(|a, b| a.load.total_cmp(&b.load).then(a.place.cmp(&b.place)));
        for at in 0..dots.len() {
            if let Some(factor) = distance(&dots, at).filter(|factor| *factor > FAR) {
                let detail = format!("{factor:.0} times off every neighbour");
                let suspect = Suspect {
                    why: Suspicion::FarFromNeighbours,
                    detail,
                };
                found.push((dots[at].place, suspect));
            }
        }
    }
    found
}

/// By how much a row differs from each of the neighbours nearest in load, beyond what their loads differ by; `None` where
/// there are too few.
fn distance(dots: &[Dot], at: usize) -> Option<f64> {
    let this = &dots[at];
    // A repeat of the row says nothing of it.
    let bits = |dot: &Dot| (dot.load.to_bits(), dot.value.to_bits());
    let is_other = |other: &&Dot| bits(other) != bits(this);
    let before = dots[..at].iter().rev().filter(is_other).take(BESIDE);
    let after = dots[at + 1..].iter().filter(is_other).take(BESIDE);
    let mut beside: Vec<(f64, f64)> = before
        .chain(after)
        .map(|other| {
            (
                (this.load - other.load).abs(),
                (this.value - other.value).abs(),
            )
        })
        .collect();
    if beside.len() < BESIDE {
        return None;
    }
    beside.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let nearest = beside.into_iter().take(BESIDE);
    nearest
        .map(|(load, value)| value - load)
        .reduce(f64::min)
        .map(exp)
}

fn dot<'a>(
    table: &'a Table,
    place: usize,
    (pass, common): (Pass, &[&str]),
) -> Option<(Vec<&'a str>, Dot)> {
    let line = &table.lines[place];
    line.fields.as_ref()?;
    let field = |column: &str| table.field(line, column);
    let above_zero = |column: &str| number(field(column)).ok()?.filter(|value| *value > 0.0);
    let (load, value) = match (pass, table.family) {
        (Pass::Shapes, Family::Kernel(family)) => (work(family, above_zero)?, "latency_us"),
        (Pass::Networks, _) => {
            // A rate counts samples, a time lasts for a batch.
            let samples = match field("metric") {
                "samples_per_s" => 1.0,
                _ => above_zero("batch_size").unwrap_or(1.0),
            };
            (ln(above_zero("gmacs")? * samples), "value")
        }
        (Pass::Loads | Pass::Shapes, _) => {
            // Of a mean batch and the requests in flight one says how many sequences there are.
            let sequences = LOAD[..2].iter().find_map(|column| above_zero(column));
            let lengths = LOAD[2..].iter().filter_map(|column| above_zero(column));
            (lengths.chain(sequences).map(ln).sum(), "value")
        }
    };
    let value = ln(above_zero(value)?);
    let mut key: Vec<&str> = common.iter().map(|column| field(column)).collect();
    if pass == Pass::Shapes {
        let is_full = matches!(field("window"), "" | "0");
        key.push(if is_full { "full" } else { "window" });
    }
    Some((key, Dot { load, value, place }))
}

/// Columns in which neighbours agree.
fn common(table: &Table, pass: Pass) -> Vec<&str> {
    let others: &[&str] = match pass {
        Pass::Shapes => return SAME_CALL.to_vec(),
        Pass::Networks => &NETWORK,
        Pass::Loads => &[],
    };
    let without = [&REMARKS[..], &LOAD, others].concat();
    let columns = table.header.iter().map(String::as_str);
    columns.filter(|column| !without.contains(column)).collect()
}

/// The logarithm of a size that the work of an operator's calls is proportional to.
fn work(family: KernelFamily, size: impl Fn(&str) -> Option<f64>) -> Option<f64> {
    let (grows, falls): (&[&str], &[&str]) = match family {
        KernelFamily::Gemm => (&["m", "n", "k"], &[]),
        KernelFamily::AttentionContext | KernelFamily::AttentionEncoder => {
            (&["batch", "q_len", "q_len", "heads", "head_dim"], &[])
        }
        KernelFamily::AttentionGeneration => (&["batch", "kv_len", "heads", "head_dim"], &[]),
        KernelFamily::Mla => (&["batch", "q_len", "kv_len", "heads"], &[]),
        KernelFamily::Moe => (&["tokens", "hidden", "inter", "topk"], &["tp", "ep"]),
        KernelFamily::MoeDispatch => (&["nodes", "tokens", "hidden", "topk"], &[]),
        KernelFamily::Collective => (&["bytes"], &[]),
        KernelFamily::LinearAttention => (&["batch", "seq_len", "heads", "head_dim"], &[]),
        KernelFamily::Elementwise => (&["tokens", "width"], &[]),
    };
    let mut load = 0.0;
    for (columns, sign) in [(grows, 1.0), (falls, -1.0)] {
        for column in columns {
            load += sign * ln(size(column)?);
        }
    }
    Some(load)
}

#[cfg(test)]
mod tests {
    use super::super::llm::tests::{STATIC, table};
    use super::*;

    fn all(table: &Table) -> BTreeMap<usize, Suspect> {
        let lines: Vec<usize> = (0..table.lines.len()).collect();
        suspects(table, &lines)
    }

    /// Times of batches of 1 to 32, in proportion; each row a run of its own.
    fn batches(times: &[f64]) -> Table {
        let rows: Vec<String> = times
            .iter()
            .enumerate()
            .map(|(power, time)| {
                STATIC
                    .replace("a-1", &format!("a-{power}"))
                    .replace(",,8,,", &format!(",,{},,", 1 << power))
                    .replace("2500", &time.to_string())
            })
            .collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        table(&rows)
    }

    #[test]
    fn a_row_in_another_unit_is_far_from_its_neighbours() {
        let honest = batches(&[700.0, 720.0, 800.0, 1000.0, 1500.0, 2500.0]);
        assert_eq!(all(&honest), BTreeMap::new());
        let seconds = batches(&[700.0, 720.0, 0.8, 1000.0, 1500.0, 2500.0]);
        let found = all(&seconds);
        assert_eq!(found.keys().collect::<Vec<_>>(), [&2]);
        assert_eq!(found[&2].why, Suspicion::FarFromNeighbours);
        assert!(
            found[&2].detail.starts_with("219 times"),
            "{}",
            found[&2].detail
        );
    }

    #[test]
    fn steep_curves_and_few_rows_are_believed() {
        assert_eq!(all(&batches(&[1.0, 2.0, 900.0])), BTreeMap::new());
        let overload = batches(&[20.0, 22.0, 30.0, 800.0, 20_000.0, 60_000.0]);
        assert_eq!(all(&overload), BTreeMap::new());
    }

    #[test]
    fn kernels_are_compared_by_their_work() {
        let line = |m: u64, time: f64| format!("h100,vllm,1,gemm,x,fp8,{m},4096,4096,{time},,k");
        let text = |wrong: f64| {
            let lines: Vec<String> = (0..8)
                .map(|power| line(1 << power, if power == 3 { wrong } else { 9.0 }))
                .collect();
            format!(
                "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id\n{}\n",
                lines.join("\n")
            )
        };
        let found = |wrong| all(&Table::read(text(wrong).as_bytes()).expect("a table")).len();
        assert_eq!(found(9.5), 0);
        assert_eq!(found(9500.0), 1);
        assert_eq!(found(0.0095), 1);
    }

    #[test]
    fn lines_that_cannot_be_read_are_left_to_their_own_reason() {
        let mut rows = vec!["ragged"; 3];
        rows.push(STATIC);
        assert_eq!(all(&table(&rows)), BTreeMap::new());
    }
}
