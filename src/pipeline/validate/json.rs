//! The account as `phantom.validation/v1`: sorted keys, one group on a line.

use std::collections::BTreeMap;

use serde::Serialize;

use super::account::{Group, Tables, Tabulation, Validation};
use crate::record::Sample;

/// Name of the format.
const SCHEMA: &str = "phantom.validation/v1";

// Fields stand in the order of their names, which is the order in which they are written.
#[derive(Serialize)]
struct FileEntry<'a> {
    blake3: &'a str,
    family: &'static str,
    path: &'a str,
    rows: usize,
}

#[derive(Serialize)]
struct SkippedFileEntry<'a> {
    path: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct DetailEntry<'a> {
    rows: usize,
    what: &'a str,
}

#[derive(Serialize)]
struct SkippedEntry<'a> {
    details: Vec<DetailEntry<'a>>,
    examples: &'a [String],
    reason: String,
    rows: usize,
}

#[derive(Serialize)]
struct GroupEntry<'a> {
    bias: f64,
    by: BTreeMap<&'a str, &'a str>,
    coverage_80: Option<f64>,
    coverage_90: Option<f64>,
    coverage_95: Option<f64>,
    few: bool,
    macro_median_ape: f64,
    mape: f64,
    median_ape: f64,
    median_width_90: Option<f64>,
    n: usize,
    p90_ape: f64,
    sample: &'static str,
}

/// The document, ending in a line break.
pub fn json(validation: &Validation) -> String {
    let files = validation.files.iter().map(|file| {
        one(&FileEntry {
            blake3: &file.blake3,
            family: file.table.family.name(),
            path: &file.path,
            rows: file.table.lines.len(),
        })
    });
    let skipped_files = validation.skipped_files.iter().map(|file| {
        one(&SkippedFileEntry {
            path: &file.path,
            reason: &file.reason,
        })
    });
    let headline = validation.held_out.overall;
    let headline = headline.map(|all| all.macro_median_ape);
    let groups = groups(&validation.held_out, Sample::HeldOut)
        .into_iter()
        .chain(groups(&validation.in_sample, Sample::InSample));
    let members = [
        ("calibration", one(&validation.calibration)),
        ("compared", one(&validation.compared())),
        ("files", lines(files)),
        ("groups", lines(groups)),
        ("held_out", one(&validation.held_out.rows())),
        ("in_sample", one(&validation.in_sample.rows())),
        ("macro_median_ape", one(&headline)),
        ("predictor_version", one(&validation.predictor_version)),
        ("rows", one(&validation.rows.len())),
        ("schema", one(&SCHEMA)),
        ("skipped", lines(skipped(validation))),
        ("skipped_files", lines(skipped_files)),
        ("wrong_fit", one(&validation.wrong_fit())),
    ];
    let members: Vec<String> = members
        .into_iter()
        .map(|(key, value)| format!("\"{key}\":{value}"))
        .collect();
    format!("{{\n{}\n}}\n", members.join(",\n"))
}

fn one(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data has a JSON form")
}

fn lines(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    if items.is_empty() {
        "[]".to_owned()
    } else {
        format!("[\n{}]", items.join(",\n"))
    }
}

fn skipped(validation: &Validation) -> impl Iterator<Item = String> {
    validation.skipped.iter().map(|skipped| {
        let details = skipped
            .details
            .iter()
            .map(|(what, rows)| DetailEntry { rows: *rows, what });
        one(&SkippedEntry {
            details: details.collect(),
            examples: &skipped.examples,
            reason: skipped.reason.to_string(),
            rows: skipped.rows,
        })
    })
}

/// All groups of a sample: the whole, the tables, and the finest.
fn groups(tables: &Tables, sample: Sample) -> Vec<String> {
    let whole = tables.overall.map(|accuracy| Tabulation {
        keys: Vec::new(),
        groups: vec![Group {
            values: Vec::new(),
            accuracy,
        }],
    });
    let wide = tables.usual.iter().chain(&tables.asked);
    let tables = wide.chain([&tables.finest]);
    whole
        .iter()
        .chain(tables)
        .flat_map(|tabulation| entries(tabulation, sample))
        .collect()
}

fn entries(tabulation: &Tabulation, sample: Sample) -> Vec<String> {
    let entry = |group: &Group| {
        let keys = tabulation.keys.iter().map(String::as_str);
        let accuracy = &group.accuracy;
        let coverage = |level: usize| Some(accuracy.intervals?.coverage[level]);
        one(&GroupEntry {
            bias: accuracy.bias,
            by: keys.zip(group.values.iter().map(String::as_str)).collect(),
            coverage_80: coverage(0),
            coverage_90: coverage(1),
            coverage_95: coverage(2),
            few: accuracy.n < crate::analyse::FEW,
            macro_median_ape: accuracy.macro_median_ape,
            mape: accuracy.mape,
            median_ape: accuracy.median_ape,
            median_width_90: accuracy.intervals.map(|intervals| intervals.width_90),
            n: accuracy.n,
            p90_ape: accuracy.p90_ape,
            sample: sample.name(),
        })
    };
    tabulation.groups.iter().map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::super::sample::validation;
    use super::*;

    #[test]
    fn the_document_adds_up_and_repeats() {
        let text = json(&validation());
        assert_eq!(text, json(&validation()));
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["schema"], SCHEMA);
        let skipped = read["skipped"].as_array().expect("a list");
        let skipped: u64 = skipped.iter().filter_map(|one| one["rows"].as_u64()).sum();
        let compared = read["compared"].as_u64().expect("a count");
        assert_eq!(read["rows"].as_u64(), Some(compared + skipped));
        let groups = read["groups"].as_array().expect("a list");
        assert_eq!(groups[0]["n"].as_u64(), Some(compared));
        assert_eq!(groups[0]["sample"], "held_out");
    }
}
