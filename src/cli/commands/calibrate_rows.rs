//! What `phantom calibrate` says of rows that were left out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::context::Loudness;
use crate::pipeline::calibrate::{Calibrated, UnusedRow, UnusedRows};

/// Rows of one file and reason that are named where nobody asked for more.
const FIRST: usize = 5;

/// Every row that was left out, by file and reason: the first of each, or all of them where notes are wanted too.
pub(super) fn left_out(files: &BTreeMap<String, UnusedRows>, loudness: Loudness) -> String {
    let most = match loudness {
        Loudness::Quiet | Loudness::Normal => FIRST,
        Loudness::Verbose => usize::MAX,
    };
    let mut text = String::new();
    for (path, unused) in files {
        for (reason, rows) in unused.by_reason() {
            text.push_str(&format!("{path}: {} rows skipped, {reason}\n", rows.len()));
            for row in rows.iter().take(most) {
                text.push_str(&named(path, row));
            }
            if rows.len() > most {
                text.push_str(&format!("  … and {} more\n", rows.len() - most));
            }
        }
    }
    text
}

/// `  m.csv:5 r-3: e2e_latency_ms 2.8 ms`
fn named(path: &str, row: &UnusedRow) -> String {
    let id = if row.id.is_empty() {
        String::new()
    } else {
        format!(" {}", row.id)
    };
    let detail = if row.detail.is_empty() {
        String::new()
    } else {
        format!(": {}", row.detail)
    };
    format!("  {path}:{}{id}{detail}\n", row.line)
}

/// Files and families of which nothing was fitted.
pub(super) fn unused(skipped: &[(String, String)]) -> String {
    let lines = skipped
        .iter()
        .map(|(what, reason)| format!("{what}: skipped, {reason}\n"));
    lines.collect()
}

/// Everything that came of a fit beside the pack itself, as one object.
pub(super) fn document(found: &Calibrated) -> Value {
    let skipped = found
        .skipped
        .iter()
        .map(|(what, reason)| json!({"what": what, "reason": reason}));
    json!({
        "accounts": found.accounts,
        "inputs": found.inputs,
        "left_out": found.left_out,
        "networks": found.networks,
        "notes": found.notes,
        "rows_fitted": found.rows_used(),
        "runs": found.runs,
        "skipped": skipped.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::rows::{Skip, Table};

    #[test]
    fn the_first_rows_are_named_and_the_others_counted() {
        let row = "h1,vllm,1,gemm,x,fp8,64,64,64,5,,k\n";
        let text = format!(
            "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id\n{}",
            row.repeat(7)
        );
        let table = Table::read(text.as_bytes()).expect("a table");
        let mut rows = UnusedRows::default();
        for place in 0..7 {
            rows.skip((&table, place), &Skip::UnknownHardware);
        }
        let files = BTreeMap::from([("g.csv".to_owned(), rows)]);
        let said = left_out(&files, Loudness::Normal);
        assert!(
            said.starts_with("g.csv: 7 rows skipped, unknown-hardware\n  g.csv:2: hardware `h1`\n"),
            "{said}"
        );
        assert!(
            said.ends_with("  g.csv:6: hardware `h1`\n  … and 2 more\n"),
            "{said}"
        );
        assert_eq!(left_out(&files, Loudness::Verbose).lines().count(), 8);
    }
}
