//! Numbers as a report prints them: three significant digits, one scale for a column, the interval beside the value.

use crate::record::{Column, Metric, ValueEntry};
use crate::units::significant;

/// A no-break space, so that a number never parts from its unit.
pub const NBSP: &str = "\u{a0}";

/// `value` with at most `digits` significant digits; thousands are grouped and integers rounded to them as well.
///
/// ```
/// assert_eq!(phantom::report::rounded(1234.6, 3), "1\u{a0}230");
/// assert_eq!(phantom::report::rounded(0.4123, 3), "0.412");
/// assert_eq!(phantom::report::rounded(25.0, 3), "25");
/// assert_eq!(phantom::report::rounded(0.9998, 3), "1.00");
/// ```
pub fn rounded(value: f64, digits: usize) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    let number: f64 = text.parse().unwrap_or(value);
    let plain = significant(number, digits);
    // Whole numbers have no fraction; what was rounded to one keeps its digits.
    let is_whole = value.fract() == 0.0;
    let plain = match plain.split_once('.') {
        Some((whole, fraction)) if is_whole && fraction.bytes().all(|b| b == b'0') => {
            whole.to_owned()
        }
        Some(_) | None => plain,
    };
    group_thousands(&plain)
}

/// The same without zeros at the end of a fraction: of numbers that somebody wrote, such as a load.
pub fn trimmed(value: f64, digits: usize) -> String {
    let text = rounded(value, digits);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// `1234567` becomes `1 234 567`; a fraction and a sign stay as they are.
fn group_thousands(text: &str) -> String {
    let (whole, rest) = text.find('.').map_or((text, ""), |dot| text.split_at(dot));
    let digits = whole.trim_start_matches('-');
    let mut grouped = String::with_capacity(text.len() + 4);
    if whole.len() > digits.len() {
        grouped.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            grouped.push_str(NBSP);
        }
        grouped.push(digit);
    }
    grouped + rest
}

/// An interval whose upper end is more than so many times its lower is said to be so wide.
const FARTHEST: f64 = 10_000.0;

/// `0.18–0.25`; `−16.4 to −10.6` where a dash would be read as a sign.
pub fn span(lo: &str, hi: &str) -> String {
    if lo.starts_with('−') || hi.starts_with('−') {
        format!("{lo} to {hi}")
    } else {
        format!("{lo}–{hi}")
    }
}

/// How the numbers of one column are shown: divided by `factor` and followed by `unit`.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// One shown unit in base units.
    pub factor: f64,
    /// The shown unit; empty for plain counts.
    pub unit: String,
}

impl Shown {
    /// The scale in which a column whose typical value is `typical` base units reads well.
    pub fn of(column: Column, base_unit: &str, typical: f64) -> Self {
        let (factor, unit) = match base_unit {
            "s" => prefixed(
                typical,
                &[(3600.0, "h"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs")],
                2.0,
            ),
            "B" => {
                const GIB: f64 = 1_073_741_824.0;
                prefixed(
                    typical,
                    &[(GIB, "GiB"), (GIB / 1024.0, "MiB"), (1024.0, "KiB")],
                    0.1,
                )
            }
            "J" => prefixed(
                typical,
                &[(1e6, "MJ"), (1e3, "kJ"), (1.0, "J"), (1e-3, "mJ")],
                0.1,
            ),
            "W" => prefixed(
                typical,
                &[(1e6, "MW"), (1e3, "kW"), (1.0, "W"), (1e-3, "mW")],
                1.0,
            ),
            "gCO2e" => prefixed(
                typical,
                &[(1e6, "tCO2e"), (1e3, "kgCO2e"), (1.0, "gCO2e")],
                1.0,
            ),
            "1" if is_share(column.metric) => (0.01, "%"),
            "1" | "bool" => (1.0, ""),
            other => (1.0, other),
        };
        Self {
            factor,
            unit: format!("{unit}{}", denominator(column.metric)),
        }
    }

    /// The scale of one entry.
    pub fn of_entry(column: Column, entry: &ValueEntry) -> Self {
        Self::of(column, &entry.unit, entry.value)
    }

    /// The number alone.
    pub fn number(&self, value: f64) -> String {
        rounded(value / self.factor, 3)
    }

    /// The number with its unit.
    pub fn text(&self, value: f64) -> String {
        self.join(&self.number(value))
    }

    /// The interval alone, `0.18–0.25`, without unit.
    ///
    /// Ends that are so far apart that they bound nothing a reader can use are not printed; data keeps them.
    pub fn interval(&self, lo: f64, hi: f64) -> String {
        if lo > 0.0 && hi / lo > FARTHEST {
            return format!("ends over {}-fold apart", rounded(FARTHEST, 1));
        }
        span(&self.number(lo), &self.number(hi))
    }

    /// A number already in text, with the unit.
    pub fn join(&self, number: &str) -> String {
        match self.unit.as_str() {
            "" => number.to_owned(),
            unit => format!("{number}{NBSP}{unit}"),
        }
    }
}

/// The first scale of which `typical` is at least `least` units, else the last.
fn prefixed<'a>(typical: f64, scales: &[(f64, &'a str)], least: f64) -> (f64, &'a str) {
    // Hours start at two of them, other units at the stated share of one; below a second no fraction is wanted.
    let enough = |factor: f64| match factor {
        1.0 if least > 1.0 => 1.0,
        small if small < 1.0 => small,
        _ => factor * least,
    };
    let last = scales.last().copied().expect("a scale list is never empty");
    scales
        .iter()
        .copied()
        .find(|(factor, _)| typical.abs() >= enough(*factor))
        .unwrap_or(last)
}

/// What a number of the metric is counted for, as it follows the unit.
fn denominator(metric: Metric) -> &'static str {
    let name = metric.name();
    let ends = [
        ("_per_mtok", "/Mtok"),
        ("_per_msample", "/Msample"),
        ("_per_hour", "/h"),
        ("_per_month", "/month"),
        ("_per_year", "/year"),
        ("energy_per_output_token", "/token"),
        ("energy_per_request", "/request"),
        ("energy_per_sample", "/sample"),
        ("_throughput_per_accelerator", " per accelerator"),
        ("_per_second_per_accelerator", " per accelerator"),
        ("interactivity", " per user"),
    ];
    ends.into_iter()
        .find(|(part, _)| name.contains(part))
        .map_or("", |(_, text)| text)
}

/// Metrics without a unit that are read as percentages.
fn is_share(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::SloAttainment | Metric::ErrorRate | Metric::Mfu | Metric::ThrottleRatio
    )
}

/// `412 ms`, of one entry.
pub fn amount(column: Column, entry: &ValueEntry) -> String {
    if entry.unit == "bool" {
        return if entry.value == 0.0 { "no" } else { "yes" }.to_owned();
    }
    Shown::of_entry(column, entry).text(entry.value)
}

/// A share as a percentage of at most two digits.
pub fn percent(share: f64) -> String {
    const LEAST: f64 = 0.001;
    if share > 0.0 && share < LEAST {
        return format!("under 0.1{NBSP}%");
    }
    format!("{}{NBSP}%", rounded(share * 100.0, 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Stat;

    #[test]
    fn a_scale_follows_the_size_and_the_metric() {
        let ttft = Column::stat(Stat::P99, Metric::Ttft);
        assert_eq!(Shown::of(ttft, "s", 0.4123).text(0.4123), "412\u{a0}ms");
        assert_eq!(Shown::of(ttft, "s", 1.4123).text(1.4123), "1.41\u{a0}s");
        let wall = Column::of(Metric::WallClock);
        assert_eq!(Shown::of(wall, "s", 7200.0).text(7200.0), "2\u{a0}h");
        let cost = Column::of(Metric::CostPerMtokOutput);
        assert_eq!(
            Shown::of(cost, "USD", 0.2134).text(0.2134),
            "0.213\u{a0}USD/Mtok"
        );
        let memory = Column::of(Metric::MemoryTotal);
        assert_eq!(Shown::of(memory, "B", 8e10).text(8e10), "74.5\u{a0}GiB");
        let share = Column::of(Metric::SloAttainment);
        assert_eq!(Shown::of(share, "1", 0.953).text(0.953), "95.3\u{a0}%");
        let energy = Column::of(Metric::EnergyPerOutputToken);
        assert_eq!(
            Shown::of(energy, "J", 0.31).text(0.31),
            "0.310\u{a0}J/token"
        );
    }

    #[test]
    fn at_most_three_digits_are_shown() {
        assert_eq!(rounded(123_456.0, 3), "123\u{a0}000");
        assert_eq!(rounded(0.000_123_4, 3), "0.000123");
        assert_eq!(rounded(-1234.0, 3), "−1\u{a0}230");
        assert_eq!(rounded(9.999, 3), "10.0");
    }

    #[test]
    fn ends_that_bound_nothing_are_not_printed_and_signs_are_no_dashes() {
        let plain = Shown {
            factor: 1.0,
            unit: String::new(),
        };
        assert_eq!(
            plain.interval(1.17, 2.17e8),
            "ends over 10\u{a0}000-fold apart"
        );
        assert_eq!(plain.interval(0.5, 2.0), "0.500–2");
        assert_eq!(plain.interval(-16.4, -10.6), "−16.4 to −10.6");
        assert_eq!(percent(0.000_067), "under 0.1\u{a0}%");
    }
}
