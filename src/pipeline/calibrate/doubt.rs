//! Runs that cannot be what they claim, told by what datasheets and cited terms allow, and by what a base says.

use std::collections::BTreeMap;

use super::gather::FileCases;
use super::runs::Equations;
use crate::calibrate::effects::RunRows;
use crate::calibrate::own_points::{OUTSIDE, is_doubtful};
use crate::record::rows::Suspicion;
use crate::record::{Calibration, Effects, Metric};
use crate::scenario::Method;
use crate::stats::math;

/// Rows that cannot be what they claim, counted in their files by reason.
pub(super) fn doubt(
    rows: &RunRows,
    files: &mut [FileCases<'_>],
    base: Option<&Calibration>,
) -> Vec<bool> {
    let [faster, slower] = by_bounds(rows, files);
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
    for places in files
        .iter()
        .flat_map(|file| doubtful_columns(rows, file, doubted))
    {
        for place in places {
            whole[place] = !doubted[place];
        }
    }
    whole
}

/// Rows by column and source of a file, where half or more of those that teach are doubted.
fn doubtful_columns(rows: &RunRows, file: &FileCases<'_>, doubted: &[bool]) -> Vec<Vec<usize>> {
    let mut columns = BTreeMap::<_, Vec<usize>>::new();
    for place in file.rows.iter().flatten() {
        let row = &rows.rows[*place];
        if row.quality > 0.0 {
            let column = (&row.source, row.column);
            columns.entry(column).or_default().push(*place);
        }
    }
    let is_whole = |places: &Vec<usize>| {
        let count = places.iter().filter(|place| doubted[**place]).count();
        is_doubtful(count, places.len())
    };
    columns.into_values().filter(is_whole).collect()
}

/// What is said of columns that are fitted although half of their rows or more are far from what a pack predicts: without a base
/// nothing fitted decides what may be fitted.
pub(super) fn far_columns(
    (rows, files): (&RunRows, &[FileCases<'_>]),
    pack: &Calibration,
) -> Vec<String> {
    let far = far_from_base(rows, files, pack);
    let far: Vec<bool> = far
        .into_iter()
        .zip(&rows.rows)
        .map(|(far, row)| far && row.quality > 0.0)
        .collect();
    let of_file = |file: &FileCases<'_>| -> Vec<String> {
        let columns = doubtful_columns(rows, file, &far).into_iter();
        columns
            .map(|places| {
                let row = &rows.rows[places[0]];
                let count = places.iter().filter(|place| far[**place]).count();
                let of = format!("`{}` of the source `{}`", row.column, row.source);
                far_note(&file.file.path, (count, places.len()), &of, &pack.name)
            })
            .collect()
    };
    files.iter().flat_map(of_file).collect()
}

/// That so many of so many rows are fitted although they are far from what a pack predicts.
pub(super) fn far_note(path: &str, (far, all): (usize, usize), of: &str, pack: &str) -> String {
    format!(
        "{path}: {far} of {all} rows of {of} are far from what the pack `{pack}` predicts; they are fitted: are unit and column right?"
    )
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

/// Rows that are better than datasheet rates allow, and rows that are worse than cited terms say by far, as `validate` names them.
fn by_bounds(rows: &RunRows, files: &[FileCases<'_>]) -> [Vec<bool>; 2] {
    let mut found = [
        Suspicion::FasterThanPossible,
        Suspicion::SlowerThanPlausible,
    ]
    .map(|suspicion| (suspicion, vec![false; rows.rows.len()]));
    for FileCases { cases, rows, .. } in files {
        for (place, doubt) in rows.iter().zip(cases.doubts()) {
            if let (Some(place), Some((suspicion, _))) = (place, doubt) {
                for (kind, found) in &mut found {
                    found[*place] |= *kind == suspicion;
                }
            }
        }
    }
    found.map(|(_, found)| found)
}
