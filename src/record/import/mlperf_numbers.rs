//! The numbers of a run's summary, by the names that versions of the load generator give them.

use super::ImportError;
use super::mlperf_log::Summary;
use crate::record::rows::Family;

const RATE: &[&str] = &[
    "samples per second",
    "completed samples per second",
    "scheduled samples per second",
];
const TOKENS: &[&str] = &[
    "tokens per second",
    "completed tokens per second",
    "tokens per second (inferred)",
];
const STATISTICS: [(&str, &str); 4] = [
    ("mean", "mean"),
    ("50.00 percentile", "p50"),
    ("90.00 percentile", "p90"),
    ("99.00 percentile", "p99"),
];

/// Names of numbers with their values and units.
pub(super) type Numbers = Vec<(String, f64, &'static str)>;

/// Rates and latencies of a summary, in the units of our schema.
///
/// # Errors
///
/// A number that cannot be read.
pub(super) fn numbers(family: Family, summary: &Summary) -> Result<Numbers, ImportError> {
    let mut found = Numbers::new();
    let is_llm = family == Family::Llm;
    let rate = if is_llm {
        ("requests_per_s", "requests/s")
    } else {
        ("samples_per_s", "samples/s")
    };
    for (labels, (metric, unit)) in [
        (RATE, rate),
        (TOKENS, ("output_tokens_per_s_total", "tokens/s")),
    ] {
        let value = summary.number(labels)?;
        found.extend(value.map(|value| (metric.to_owned(), value, unit)));
    }
    // All requests of an offline run are there at the start, so their latencies are only its length.
    if summary.scenario().eq_ignore_ascii_case("offline") {
        return Ok(found);
    }
    let latencies: &[(&str, &[&[&'static str]; 4])] = &[
        (
            if is_llm {
                "e2e_latency_ms"
            } else {
                "latency_ms"
            },
            &WHOLE,
        ),
        ("ttft_ms", &FIRST),
        ("tpot_ms", &EACH),
    ];
    for (metric, labels) in latencies {
        for ((_, statistic), labels) in STATISTICS.iter().zip(*labels) {
            let value = summary.number(labels)?;
            found.extend(value.map(|ns| {
                let rounded = format!("{:.6}", ns * 1e-6);
                let value = rounded.parse().unwrap_or(ns * 1e-6);
                (format!("{metric}_{statistic}"), value, "ms")
            }));
        }
    }
    Ok(found)
}

const WHOLE: [&[&str]; 4] = [
    &["mean latency (ns)"],
    &["50.00 percentile latency (ns)"],
    &["90.00 percentile latency (ns)"],
    &["99.00 percentile latency (ns)"],
];
const FIRST: [&[&str]; 4] = [
    &["mean first token latency (ns)"],
    &["50.00 percentile first token latency (ns)"],
    &["90.00 percentile first token latency (ns)"],
    &["99.00 percentile first token latency (ns)"],
];
/// Versions of the load generator name it differently.
const EACH: [&[&str]; 4] = [
    &[
        "mean time per output token (ns)",
        "mean time to output token (ns)",
    ],
    &["50.00 percentile time to output token (ns)"],
    &["90.00 percentile time to output token (ns)"],
    &["99.00 percentile time to output token (ns)"],
];
