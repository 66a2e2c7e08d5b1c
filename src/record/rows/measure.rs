//! The metric, value and unit of a row of the LLM family, as one of phantom's columns in base units.

use super::{Skip, positive};
use crate::record::{Column, Metric, Stat};

/// A measured number in base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// What it is.
    pub column: Column,
    /// The number.
    pub value: f64,
}

/// Reads metric, value and unit.
///
/// A statistic that the source does not state is taken as the mean.
///
/// # Errors
///
/// [`Skip::UnknownMetric`], [`Skip::UnitMismatch`], [`Skip::BadValue`], and a missing value.
pub fn measured(metric: &str, value: &str, unit: &str) -> Result<Measured, Skip> {
    let (column, expected, scale) = column(metric).ok_or(Skip::UnknownMetric)?;
    if unit != expected {
        return Err(Skip::UnitMismatch);
    }
    let value = positive(value)?.ok_or(Skip::MissingField("value"))?;
    Ok(Measured {
        column,
        value: value * scale,
    })
}

/// Latencies, without the statistic their names end in.
const LATENCIES: [(&str, Metric); 4] = [
    ("ttft_ms", Metric::Ttft),
    ("tpot_ms", Metric::Tpot),
    ("itl_ms", Metric::Itl),
    ("e2e_latency_ms", Metric::E2el),
];

/// The column of a metric, the unit it must have, and the factor to the base unit.
fn column(metric: &str) -> Option<(Column, &'static str, f64)> {
    let scalar = |metric, unit| Some((Column::of(metric), unit, 1.0));
    match metric {
        "output_tokens_per_s_total" => return scalar(Metric::OutputThroughput, "tokens/s"),
        "total_tokens_per_s" => return scalar(Metric::TotalTokenThroughput, "tokens/s"),
        "prefill_tokens_per_s" => return scalar(Metric::PrefillThroughput, "tokens/s"),
        "decode_tokens_per_s" => return scalar(Metric::DecodeThroughput, "tokens/s"),
        "requests_per_s" => return scalar(Metric::RequestThroughput, "requests/s"),
        "samples_per_s" => return scalar(Metric::SamplesPerSecond, "samples/s"),
        "energy_j_per_output_token" => return scalar(Metric::EnergyPerOutputToken, "J/token"),
        "energy_j_per_request" => return scalar(Metric::EnergyPerRequest, "J/request"),
        "power_w_avg" => return scalar(Metric::Power, "W"),
        _ => {}
    }
    LATENCIES.into_iter().find_map(|(name, latency)| {
        let stat = statistic(metric.strip_prefix(name)?)?;
        Some((Column::stat(stat, latency), "ms", 1e-3))
    })
}

/// The statistic that a latency's name ends in.
fn statistic(ending: &str) -> Option<Stat> {
    if ending.is_empty() {
        return Some(Stat::Mean);
    }
    let name = ending.strip_prefix('_')?;
    Stat::ALL.into_iter().find(|stat| stat.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_become_seconds_of_the_named_statistic() {
        let read = measured("tpot_ms_p99", "12.5", "ms").expect("a latency");
        assert_eq!(read.column.to_string(), "p99_tpot");
        assert!((read.value - 0.0125).abs() < 1e-15);
        let unstated = measured("e2e_latency_ms", "3", "ms").expect("a latency");
        assert_eq!(unstated.column.to_string(), "mean_e2el");
    }

    #[test]
    fn a_wrong_unit_is_a_mismatch_and_a_wrong_name_unknown() {
        assert_eq!(measured("ttft_ms", "1", "s"), Err(Skip::UnitMismatch));
        assert_eq!(measured("ttft_ms_p42", "1", "ms"), Err(Skip::UnknownMetric));
        assert_eq!(measured("accuracy", "1", "%"), Err(Skip::UnknownMetric));
        assert_eq!(measured("power_w_avg", "0", "W"), Err(Skip::BadValue));
        assert_eq!(
            measured("power_w_avg", "", "W"),
            Err(Skip::MissingField("value"))
        );
    }
}
