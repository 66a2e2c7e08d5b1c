//! Names as people read them.

use crate::record::{Column, Metric, PointResult, Stat, Verdict};

/// `p99_ttft` is `p99 TTFT`, `cost_per_mtok_output` is `Cost per Mtok output`.
pub fn column(column: Column) -> String {
    let words = words(column.metric.name());
    match column.stat {
        None => capitalised(&words),
        Some(Stat::Mean) => format!("Mean {words}"),
        Some(Stat::P99_9) => format!("p99.9 {words}"),
        Some(stat) => format!("{} {words}", stat.name()),
    }
}

/// A column, or the last part of an axis, `replicas` of `deployment.replicas`.
pub fn objective(name: &str) -> String {
    let axis = || words(name.rsplit('.').next().unwrap_or(name));
    name.parse().map_or_else(|_| axis(), column)
}

/// A metric in words, `output throughput`.
pub fn metric(metric: Metric) -> String {
    words(metric.name())
}

/// A name with spaces, abbreviations in capitals.
fn words(name: &str) -> String {
    let words: Vec<&str> = name
        .split('_')
        .map(|word| match word {
            "ttft" => "TTFT",
            "tpot" => "TPOT",
            "ntpot" => "NTPOT",
            "itl" => "ITL",
            "e2el" => "end-to-end latency",
            "slo" => "SLO",
            "kv" => "KV",
            "mfu" => "MFU",
            "mtok" => "Mtok",
            "msample" => "Msample",
            "incl" => "incl.",
            other => other,
        })
        .collect();
    words.join(" ")
}

/// The text with its first letter in upper case.
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().collect::<String>() + letters.as_str()
    })
}

/// The text with its first letter in lower case, for the middle of a sentence.
pub fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().collect::<String>() + letters.as_str()
    })
}

/// A verdict as a report words it.
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "meets",
        Verdict::Inconclusive => "cannot tell yet",
        Verdict::Fail => "misses",
    }
}

/// A verdict as a class of the style sheet and a name in data.
pub const fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Inconclusive => "unsure",
        Verdict::Fail => "fail",
    }
}

/// A purchase option or another name with underscores, in words.
pub fn purchase(name: &str) -> String {
    match name {
        "on_demand" => "on demand".to_owned(),
        "reserved_1y" => "reserved 1 year".to_owned(),
        "reserved_3y" => "reserved 3 years".to_owned(),
        other => other.replace('_', " "),
    }
}

/// Words of which some are purchase options.
pub fn purchases(words: &str) -> String {
    let words: Vec<String> = words
        .split(' ')
        .map(|word| match crate::scenario::Purchase::from_name(word) {
            Some(_) => purchase(word),
            None => word.to_owned(),
        })
        .collect();
    words.join(" ")
}

/// Last parts of axes that say too little without the part before them.
const NEED_THEIR_OWNER: [&str; 5] = ["tokens", "memory", "speed", "size", "count"];

/// An axis in words: its last part, with the part before it where that says too little, `speculative tokens`.
pub fn axis(axis: &str) -> String {
    let mut parts = axis.rsplit('.');
    let last = parts.next().unwrap_or(axis);
    let owner = parts.next().filter(|_| NEED_THEIR_OWNER.contains(&last));
    let name = owner.map_or_else(|| last.to_owned(), |owner| format!("{owner} {last}"));
    name.replace('_', " ")
}

/// True for an axis whose values say what they are.
pub fn speaks(axis: &str) -> bool {
    matches!(
        axis,
        "model" | "hardware" | "precision" | "region" | "energy.region"
    )
}

/// An axis value in a name: bare for those that speak for themselves, else with the axis, `tp 4`.
pub fn axis_value(axis: &str, value: &str) -> String {
    match axis {
        axis if speaks(axis) => value.to_owned(),
        "purchase" | "pricing.purchase" => purchase(value),
        _ => format!("{} {value}", self::axis(axis)),
    }
}

/// The load of a point in words, `concurrency 64`; `None` where the workload has none.
pub fn load(point: &PointResult, load_axis: Option<&str>, load_unit: &str) -> Option<String> {
    let value = point.system.load?;
    let number = super::number::trimmed(value, 4);
    Some(match load_axis {
        Some(axis) => axis_value(axis, &number),
        None if number == "1" => format!("1 {}", singular(load_unit)),
        None => format!("{number} {load_unit}"),
    })
}

/// What one of a load counts: `requests per second` is `request per second`.
fn singular(unit: &str) -> String {
    match unit.split_once(' ') {
        Some((first, rest)) => format!("{} {rest}", first.trim_end_matches('s')),
        None => unit.trim_end_matches('s').to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// `1 point`, `2 points`.
pub fn counted(n: usize, noun: &str) -> String {
    let number = crate::units::count(n as u64).replace(' ', super::number::NBSP);
    let ending = if n == 1 { "" } else { "s" };
    format!("{number}{}{noun}{ending}", super::number::NBSP)
}

/// A stable id for the page: letters, digits and dashes.
pub fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter.to_ascii_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_read_as_words() {
        assert_eq!(column(Column::stat(Stat::P99, Metric::Ttft)), "p99 TTFT");
        assert_eq!(
            column(Column::of(Metric::CostPerMtokOutput)),
            "Cost per Mtok output"
        );
        assert_eq!(objective("concurrency"), "concurrency");
        assert_eq!(objective("deployment.replicas"), "replicas");
        assert_eq!(axis_value("deployment.tp", "4"), "tp 4");
        assert_eq!(
            axis_value("hardware.host.memory.speed", "5600MT/s"),
            "memory speed 5600MT/s"
        );
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(slug("p99 TTFT (s)"), "p99-ttft-s");
    }
}
