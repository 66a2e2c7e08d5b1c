//! What of a line that cannot be used is wrong.

use super::field::{number, whole};
use super::{Family, Table};

/// Columns of runs that hold numbers.
const NUMBERS: [&str; 18] = [
    "value",
    "device_count",
    "batch_size",
    "concurrency",
    "input_tokens",
    "output_tokens",
    "context_tokens",
    "threads",
    "tp",
    "pp",
    "ep",
    "dp",
    "power_w_limit",
    "model_params_b",
    "model_params_m",
    "gmacs",
    "mactivations",
    "quality",
];

/// Says what is wrong with a line that was skipped as a bad value: the fault of the line, the first column that is no
/// number, or no size, or the first number that is zero and may not be; `None` where neither is.
pub fn blame(table: &Table, place: usize) -> Option<String> {
    if let Some(fault) = table.fault(place) {
        return Some(fault.to_owned());
    }
    let line = &table.lines[place];
    let columns: Vec<&str> = match table.family {
        Family::Llm | Family::Vision => NUMBERS.to_vec(),
        Family::Kernel(family) => ["latency_us"]
            .into_iter()
            .chain(family.dimensions().iter().copied())
            .filter(|column| !is_word(column))
            .collect(),
    };
    let stated = columns
        .into_iter()
        .map(|column| (column, table.field(line, column)))
        .filter(|(_, text)| !text.is_empty());
    let (words, numbers): (Vec<_>, Vec<_>) = stated.partition(|(column, _)| *column == "quality");
    let no_number = numbers.iter().find(|(_, text)| number(text).is_err());
    let no_size = || {
        numbers
            .iter()
            .find(|(column, text)| is_size(table.family, column) && whole(text).is_err())
    };
    let zero = || {
        numbers
            .iter()
            .find(|(_, text)| number(text) == Ok(Some(0.0)))
    };
    let no_quality = || {
        words
            .iter()
            .find(|(_, text)| !["audited", "vendor", "community", "unverified"].contains(text))
    };
    let found = no_number.or_else(no_size).or_else(no_quality);
    let (column, text) = found.or_else(zero)?;
    let why = fault(text);
    let text: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    Some(format!("{column} `{text}`{why}"))
}

/// What is wrong with a number above zero.
fn fault(text: &str) -> &'static str {
    match text.parse::<f64>() {
        Ok(value) if !value.is_finite() || value <= 0.0 => "",
        Ok(_) if number(text).is_err() => ", which nothing measured is",
        Ok(_) => ", which is no count",
        Err(_) => "",
    }
}

/// Whether a column counts something: all of an operator's do but its time.
fn is_size(family: Family, column: &str) -> bool {
    match family {
        Family::Kernel(_) => column != "latency_us",
        Family::Llm | Family::Vision => false,
    }
}

/// Dimensions of operators that are words.
fn is_word(column: &str) -> bool {
    ["kv_dtype", "gemm_dtype", "distribution", "mode", "phase"].contains(&column)
}

#[cfg(test)]
mod tests {
    use super::super::llm::tests::{STATIC, table};
    use super::*;

    #[test]
    fn the_column_to_blame_is_named() {
        for (from, to, expected) in [
            ("2500", "NaN", "value `NaN`"),
            ("2500", "0", "value `0`"),
            (
                "2500",
                "1e-320",
                "value `1e-320`, which nothing measured is",
            ),
            (",,8,,1024", ",,many,,1024", "batch_size `many`"),
            ("vendor", "rumour", "quality `rumour`"),
            (",src=x#1", "", "29 fields instead of 30"),
        ] {
            let table = table(&[&STATIC.replace(from, to)]);
            assert_eq!(blame(&table, 0).as_deref(), Some(expected));
        }
        assert_eq!(blame(&table(&[STATIC]), 0), None);
    }

    #[test]
    fn a_size_with_a_fraction_is_named() {
        let header =
            "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id";
        let of = |m: &str, time: &str| {
            let text = format!("{header}\nh100,vllm,1,gemm,x,fp8,{m},64,64,{time},,k\n");
            blame(&Table::read(text.as_bytes()).expect("a table"), 0)
        };
        let swapped = of("29.78", "64");
        assert_eq!(swapped.as_deref(), Some("m `29.78`, which is no count"));
        assert_eq!(of("64", "29.78"), None);
    }
}
