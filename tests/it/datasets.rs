//! The measurement records that ship: what may be passed on, small enough, and predicted as well as accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::sandbox::{Sandbox, repository};

/// Licences of records that are passed on.
const LICENCES: [&str; 4] = ["Apache-2.0", "MIT", "BSD-3-Clause", "MIT OR Apache-2.0"];

/// Bytes of everything in `datasets/`, with room for calibration packs to come.
const MOST_BYTES: u64 = 8_000_000;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Rows of a CSV file as maps.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("readable");
    let rows = reader.deserialize().map(|row| row.expect("even rows"));
    rows.collect()
}

#[test]
fn every_record_has_a_source_whose_licence_allows_it() {
    let folder = repository().join("datasets/measurements");
    let mut licences: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut records = Vec::new();
    for path in files(&folder) {
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        assert!(!name.contains("ml-energy"), "{name}");
        if name.starts_with("sources-") {
            for row in rows(&path) {
                // What was measured here names the program that did.
                let url = &row["url"];
                let exists = url.starts_with("https://") || repository().join(url).is_file();
                assert!(!row["title"].is_empty() && exists, "{row:?}");
                let licence = row["licence"]
                    .split(" (")
                    .next()
                    .expect("a part")
                    .to_owned();
                licences
                    .entry(row["source_id"].clone())
                    .or_default()
                    .insert(licence);
            }
        } else if path.extension().is_some_and(|ending| ending == "csv") {
            records.push(path);
        }
    }
    let mut used = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for row in records.iter().flat_map(|path| rows(path)) {
        let source = &row["source_id"];
        let allowed = |licence: &String| LICENCES.contains(&licence.as_str());
        let stated = licences.get(source);
        assert!(
            stated.is_some_and(|stated| stated.iter().all(allowed)),
            "{source}: {stated:?}"
        );
        assert!(!source.starts_with("ml-energy"));
        // Kernel tables have neither.
        if let (Some(id), Some(quality)) = (row.get("id"), row.get("quality")) {
            assert_ne!(quality, "unverified", "{id}");
            assert!(ids.insert(id.clone()), "{id} stands twice");
        }
        used.insert(source.clone());
    }
    assert!(ids.len() > 10_000, "{} records", ids.len());
    assert_eq!(used, licences.into_keys().collect(), "every source is used");
}

/// `10 752`: digits in threes.
fn spaced(count: usize) -> String {
    let digits = count.to_string();
    let head = digits.len() % 3;
    let mut parts: Vec<&str> = Vec::from_iter((head > 0).then(|| &digits[..head]));
    parts.extend(
        (head..digits.len())
            .step_by(3)
            .map(|at| &digits[at..at + 3]),
    );
    parts.join(" ")
}

#[test]
fn the_documents_count_the_records_that_are_there() {
    let folder = repository().join("datasets/measurements");
    let read = |path: PathBuf| fs::read_to_string(path).expect("readable");
    let (own, readme) = (
        read(folder.join("README.md")),
        read(repository().join("README.md")),
    );
    let mut all = 0;
    for name in ["llm", "vision", "edge", "kernels"] {
        let count = files(&folder.join(name))
            .iter()
            .map(|path| rows(path).len())
            .sum();
        all += count;
        let line = format!("| `{name}/` | {} |", spaced(count));
        assert!(own.contains(&line), "{line}");
    }
    let said = format!("holds {} published results", spaced(all));
    assert!(readme.contains(&said), "{said}");
}

#[test]
fn the_datasets_stay_small() {
    let sizes = files(&repository().join("datasets"));
    let sizes = sizes
        .iter()
        .map(|path| fs::metadata(path).expect("a file").len());
    let total: u64 = sizes.sum();
    assert!(total < MOST_BYTES, "{total} bytes");
}

#[test]
fn accuracy_on_the_shipped_records_is_what_was_accepted() {
    let sandbox = Sandbox::new();
    let (records, golden) = (
        repository().join("datasets/measurements"),
        repository().join("golden/accuracy.json"),
    );
    let output = sandbox
        .command()
        .arg("validate")
        .arg(records)
        .arg("--golden")
        .arg(golden)
        .output()
        .expect("the command starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
}
