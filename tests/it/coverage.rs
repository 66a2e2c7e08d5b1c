//! How often measured values lie inside of their 90 % intervals, by family of rows: a promise of the shipped pack, kept on the shipped
//! records.

use std::collections::BTreeMap;

use crate::sandbox::{Sandbox, repository};

/// The least share of rows inside.
const LEAST: f64 = 0.85;

/// Families of fewer rows are left to the sums they are part of.
const FEWEST: usize = 100;

/// Families that a row belongs to, from wide to narrow: the folder of its file, the kind of number, and for language models the column
/// and the software.
fn families(row: &BTreeMap<String, String>) -> Vec<String> {
    let folder = ["llm", "vision", "edge", "kernels"]
        .into_iter()
        .find(|folder| row["file"].contains(&format!("/{folder}/")))
        .expect("records lie in folders");
    let metric = row["metric"].as_str();
    let kind = match metric {
        "power" | "energy_per_sample" | "energy_per_output_token" | "energy_per_request" => "power",
        rate if rate.ends_with("throughput") || rate.ends_with("per_second") => "rates",
        _ => "times",
    };
    let mut families = vec![
        folder.to_owned(),
        kind.to_owned(),
        format!("{folder} {kind}"),
        format!("{folder} {metric}"),
    ];
    if folder == "llm" {
        families.push(format!("llm under {}", row["framework"]));
    }
    families
}

/// Rows and how many of them are inside, by family and sample.
fn counted() -> BTreeMap<(String, String), (usize, usize)> {
    let sandbox = Sandbox::new();
    let records = repository().join("datasets/measurements");
    let output = sandbox
        .command()
        .arg("validate")
        .arg(records)
        .args(["--rows", "rows.csv"])
        .output()
        .expect("the command starts");
    assert_eq!(output.status.code(), Some(0));
    let mut reader = csv::Reader::from_path(sandbox.path("rows.csv")).expect("rows");
    let mut counts = BTreeMap::<(String, String), (usize, usize)>::new();
    for row in reader.deserialize::<BTreeMap<String, String>>() {
        let row = row.expect("even rows");
        if !row["skipped"].is_empty() {
            continue;
        }
        let number = |column: &str| row[column].parse::<f64>().expect("a number");
        assert!((number("level") - 0.9).abs() < 1e-9);
        let inside = (number("lo")..=number("hi")).contains(&number("measured"));
        for family in families(&row) {
            let count = counts.entry((family, row["sample"].clone())).or_default();
            count.0 += 1;
            count.1 += usize::from(inside);
        }
    }
    counts
}

#[test]
fn nine_of_ten_intervals_hold_what_was_measured() {
    let mut broken = Vec::new();
    let mut judged = 0;
    for ((family, sample), (rows, inside)) in counted() {
        if rows < FEWEST {
            continue;
        }
        judged += 1;
        let share = inside as f64 / rows as f64;
        if share < LEAST {
            broken.push(format!("{family} {sample}: {share:.3} of {rows} rows"));
        }
    }
    assert!(judged > 20, "{judged} families");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
