//! Runs that cannot be what they claim, told by what datasheets and cited terms allow, and by what a base says.

use std::collections::BTreeMap;

use super::gather::FileCases;
use super::runs::{Equations, start};
use crate::calibrate::effects::RunRows;
use crate::record::{Better, Calibration, Effects, Metric};
use crate::scenario::Method;
use crate::stats::math;

/// How many times worse than cited terms a number may be. Of 13 400 published rows the worst is 49 times.
const FAR: f64 = 100.0;

/// How many times outside of the interval of a base a number may be: further off it is in another unit or column, or of a system that is
/// not the one it names.
const OUTSIDE: f64 = 3.0;

/// So many rows of a column of a source make it doubtful as a whole, where they are half of it or more.
const FEWEST_OF_A_COLUMN: usize = 3;

/// Rows that cannot be what they claim, counted in their files by reason.
pub(super) fn doubt(
    rows: &RunRows,
    files: &mut [FileCases<'_>],
    base: Option<&Calibration>,
) -> Vec<bool> {
    let faster = impossible(rows, files);
    let slower = implausible(rows, files);
    let outside = base.map_or_else(
        || vec![false; rows.rows.len()],
        |base| far_from_base(rows, files, base),
    );
    let mut doubted: Vec<bool> = (0..rows.rows.len())
        .map(|place| faster[place] || slower[place] || outside[place])
        .collect();
    let whole = whole_columns(rows, files, &doubted);
    // A row is named for one reason.
    let outside: Vec<bool> = outside
        .iter()
        .enumerate()
        .map(|(place, outside)| *outside && !faster[place] && !slower[place])
        .collect();
    for file in files {
        file.doubt("faster-than-possible", &faster);
        file.doubt("slower-than-plausible", &slower);
        file.doubt("far-from-the-base", &outside);
        file.doubt("implausible-as-a-whole", &whole);
    }
    for (doubted, whole) in doubted.iter_mut().zip(whole) {
        *doubted |= whole;
    }
    doubted
}

/// Rows that are not doubted themselves, of columns of a source in a file of which half or more are.
fn whole_columns(rows: &RunRows, files: &[FileCases<'_>], doubted: &[bool]) -> Vec<bool> {
    let mut whole = vec![false; rows.rows.len()];
    for file in files {
        let mut columns = BTreeMap::<_, Vec<usize>>::new();
        for place in file.rows.iter().flatten() {
            let row = &rows.rows[*place];
            let column = (&row.source, row.column);
            columns.entry(column).or_default().push(*place);
        }
        for places in columns.into_values() {
            let count = places.iter().filter(|place| doubted[**place]).count();
            if count >= FEWEST_OF_A_COLUMN && 2 * count >= places.len() {
                for place in places {
                    whole[place] = !doubted[place];
                }
            }
        }
    }
    whole
}

/// Rows that are outside of the interval of a base by more than [`OUTSIDE`]; none where the base has no intervals of its own.
fn far_from_base(rows: &RunRows, files: &[FileCases<'_>], base: &Calibration) -> Vec<bool> {
    let Some(widths) = &base.widths else {
        return vec![false; rows.rows.len()];
    };
    let all = vec![true; rows.rows.len()];
    let equations = Equations {
        files,
        rows: rows.rows.len(),
        pack: base.clone(),
        impossible: vec![false; rows.rows.len()],
    };
    let asked = (Method::Auto, all.as_slice());
    let expected = equations.ask(&Effects::default(), Some(widths.clone()), asked);
    let pairs = rows.rows.iter().zip(expected);
    pairs
        .map(|(row, expected)| {
            let Some((_, lo, hi)) = expected else {
                return false;
            };
            let above = row.measured - math::ln(hi * OUTSIDE);
            let below = math::ln(lo / OUTSIDE) - row.measured;
            !waits(row.column.metric) && (above > 0.0 || below > 0.0)
        })
        .collect()
}

/// Whether any queue may stretch a number: times to first tokens, and sums of prompt and output tokens.
const fn waits(metric: Metric) -> bool {
    matches!(metric, Metric::Ttft | Metric::TotalTokenThroughput)
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
            !waits(metric)
                && match metric.better() {
                    Better::Lower => over > math::ln(FAR),
                    Better::Higher => -over > math::ln(FAR),
                    Better::Neither => false,
                }
        })
        .collect()
}
