//! Runs that cannot be what they claim, told by what datasheets and cited terms allow.

use super::gather::FileCases;
use super::runs::{Equations, start};
use crate::calibrate::effects::RunRows;
use crate::record::{Better, Effects, Metric};
use crate::scenario::Method;
use crate::stats::math;

/// How many times worse than cited terms a number may be. Of 13 400 published rows the worst is 49 times.
const FAR: f64 = 100.0;

/// Rows that cannot be what they claim, counted in their files by reason.
pub(super) fn doubt(rows: &RunRows, files: &mut [FileCases<'_>]) -> Vec<bool> {
    let faster = impossible(rows, files);
    let slower = implausible(rows, files);
    for file in files {
        file.doubt("faster-than-possible", &faster);
        file.doubt("slower-than-plausible", &slower);
    }
    let both = faster.iter().zip(&slower);
    both.map(|(faster, slower)| *faster || *slower).collect()
}

/// Rows that are better than datasheet rates allow.
fn impossible(rows: &RunRows, files: &[FileCases<'_>]) -> Vec<bool> {
    let mut found = vec![false; rows.rows.len()];
    for FileCases { cases, rows, .. } in files {
        let bounds = cases.faster_than_possible();
        for (place, bound) in rows.iter().zip(bounds) {
            if let Some(place) = place {
                found[*place] = bound.is_some();
            }
        }
    }
    found
}

/// Rows that are worse than cited terms say by more than [`FAR`], as those in other units are: of published rows none is. Times to first
/// tokens and sums of prompt and output tokens may wait in any queue, and are left alone.
fn implausible(rows: &RunRows, files: &[FileCases<'_>]) -> Vec<bool> {
    let cited = Equations {
        files,
        rows: rows.rows.len(),
        pack: start(),
        impossible: vec![false; rows.rows.len()],
    };
    let expected = cited.logs(&Effects::default(), Method::Analytic);
    let pairs = rows.rows.iter().zip(expected);
    pairs
        .map(|(row, expected)| {
            let metric = row.column.metric;
            let over = expected.map_or(0.0, |expected| row.measured - expected);
            let waits = matches!(metric, Metric::Ttft | Metric::TotalTokenThroughput);
            !waits
                && match metric.better() {
                    Better::Lower => over > math::ln(FAR),
                    Better::Higher => -over > math::ln(FAR),
                    Better::Neither => false,
                }
        })
        .collect()
}
