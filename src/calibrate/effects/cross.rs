//! Predictions of rows by fits that have not seen them.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::{Fitted, Runs, effects};
use super::linear::{Linear, Shift};
use super::row::{RunRow, RunRows};
use crate::record::{EffectScope, Sample};

/// What is left out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folds {
    /// Loads of a group of which others are known.
    Loads,
    /// Groups of one device, model and software.
    Groups,
    /// Devices.
    Devices,
    /// Software.
    Programs,
}

/// Parts that rows are divided into; each is predicted by a fit to the others.
const PARTS: u64 = 5;

impl Folds {
    /// Which part a row belongs to.
    fn part(self, row: &RunRow) -> u64 {
        let mut hasher = blake3::Hasher::new();
        let names: &[&String] = match self {
            Self::Loads => &[&row.group[0], &row.group[1], &row.group[2], &row.load],
            Self::Groups => &[&row.group[0], &row.group[1], &row.group[2]],
            Self::Devices => &[&row.group[0]],
            Self::Programs => &[&row.group[2]],
        };
        for name in names {
            hasher.update(name.as_bytes()).update(b"\n");
        }
        let hash = *hasher.finalize().as_bytes();
        u64::from(hash[0]) % PARTS
    }
}

/// What a fit is denied.
#[derive(Debug, Clone, Copy)]
pub struct Denied<'a> {
    /// What is left out together.
    pub folds: Folds,
    /// Rows of each device that are given back, by a hash; they are not predicted.
    pub shots: usize,
    /// Kinds of scopes that may shift.
    pub kept: &'a [EffectScope],
}

impl Denied<'static> {
    /// Every kind of scope may shift, and nothing is given back.
    pub const fn parts_of(folds: Folds) -> Self {
        Self {
            folds,
            shots: 0,
            kept: &EffectScope::ALL,
        }
    }
}

/// Logarithm of measured over predicted for each row in the sample, by a fit without its part; `None` where there is none.
///
/// Each fit starts from the whole one and takes one step without the part, with the slopes of the whole: what a part alone
/// taught is taken back, the equations are not asked anew for slopes. Scopes that only the part has shift nothing.
pub fn cross_fit(
    rows: &RunRows,
    runs: &dyn Runs,
    whole: &Fitted,
    denied: Denied<'_>,
) -> Vec<Option<f64>> {
    let parts: Vec<u64> = rows.rows.iter().map(|row| denied.folds.part(row)).collect();
    let given = given(rows, whole, denied.shots);
    let lonely = match denied.folds {
        Folds::Loads => lonely(rows, &whole.weights, &parts),
        Folds::Groups | Folds::Devices | Folds::Programs => vec![false; parts.len()],
    };
    let mut found = vec![None; rows.rows.len()];
    for part in 0..PARTS {
        let wanted: Vec<bool> = rows
            .rows
            .iter()
            .enumerate()
            .map(|(place, row)| {
                let is_left = parts[place] == part && given[place].is_none();
                let is_told = row.sample == Sample::InSample && !row.is_load;
                is_left && is_told && !lonely[place]
            })
            .collect();
        let weights = whole.weights.iter().enumerate();
        let weights: Vec<f64> = weights
            .map(
                |(place, weight)| match (parts[place] == part, given[place]) {
                    (true, None) => 0.0,
                    (true, Some(alone)) => weight * alone,
                    (false, _) => *weight,
                },
            )
            .collect();
        let shift = restricted(rows, whole, &weights, denied.kept);
        let predicted = runs.predict(&effects(rows, &shift), &wanted);
        for (place, row) in rows
            .rows
            .iter()
            .enumerate()
            .filter(|(place, _)| wanted[*place])
        {
            found[place] = predicted[place].map(|predicted| row.measured - predicted);
        }
    }
    found
}

/// True for rows whose group has rows of their part alone, so that without the part nothing of the group is known, and for rows whose
/// load is not stated.
fn lonely(rows: &RunRows, weights: &[f64], parts: &[u64]) -> Vec<bool> {
    let mut of_group = BTreeMap::<&[String; 3], BTreeSet<u64>>::new();
    let places = rows.rows.iter().zip(weights).zip(parts);
    for ((row, _), part) in places.filter(|((_, weight), _)| **weight > 0.0) {
        of_group.entry(&row.group).or_default().insert(*part);
    }
    let others = |row: &RunRow, part: u64| {
        let seen = of_group.get(&row.group);
        seen.is_some_and(|seen| seen.iter().any(|other| *other != part))
    };
    let rows = rows.rows.iter().zip(parts);
    rows.map(|(row, part)| row.load.is_empty() || !others(row, *part))
        .collect()
}

/// The whole fit moved by one step to other weights and fewer kinds of scopes.
pub fn restricted(rows: &RunRows, whole: &Fitted, weights: &[f64], kept: &[EffectScope]) -> Shift {
    let residuals: Vec<f64> = whole.residuals.iter().map(|r| r.unwrap_or(0.0)).collect();
    let linear = Linear {
        rows: &rows.rows,
        slopes: &whole.slopes,
        residuals: &residuals,
        weights,
        scopes: &rows.scopes,
        kept,
        reach: f64::INFINITY,
    };
    let mut shift = whole.shift.clone();
    for (shift, step) in shift.iter_mut().zip(linear.step(&whole.shift)) {
        for (entry, step) in shift.iter_mut().zip(step) {
            *entry += step;
        }
    }
    shift
}

/// The fitted rows of each device that are given back, with how much more they weigh alone than among all of the device.
fn given(rows: &RunRows, whole: &Fitted, shots: usize) -> Vec<Option<f64>> {
    let mut order: Vec<usize> = (0..rows.rows.len()).collect();
    order.retain(|place| whole.weights[*place] > 0.0);
    order.sort_by_cached_key(|place| *blake3::hash(&place.to_le_bytes()).as_bytes());
    let mut of_device = BTreeMap::<&str, Vec<usize>>::new();
    for place in order {
        let device = rows.rows[place].group[0].as_str();
        of_device.entry(device).or_default().push(place);
    }
    let mut given = vec![None; rows.rows.len()];
    for places in of_device.into_values() {
        let alone = f64::sqrt(places.len() as f64 / shots.max(1) as f64).max(1.0);
        for place in places.into_iter().take(shots) {
            given[place] = Some(alone);
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::super::fit::fit;
    use super::super::fit::tests::{Memory, rows};
    use super::*;

    #[test]
    fn a_device_left_out_is_predicted_as_one_of_the_others() {
        let reached: Vec<(&'static str, f64)> = ["a", "b", "c", "d", "e", "f", "g", "h"]
            .into_iter()
            .map(|device| (device, if device == "a" { 0.2 } else { 0.7 }))
            .collect();
        let (rows, places) = rows(&reached, 20);
        let runs = Memory { places: &places };
        let whole = fit(&rows, &runs);
        let left = cross_fit(&rows, &runs, &whole, Denied::parts_of(Folds::Devices));
        let seen = cross_fit(&rows, &runs, &whole, Denied::parts_of(Folds::Groups));
        let few = Denied {
            shots: 10,
            ..Denied::parts_of(Folds::Devices)
        };
        let few = cross_fit(&rows, &runs, &whole, few);
        let worst = |errors: &[Option<f64>]| {
            let of_a = errors.iter().take(20).flatten();
            of_a.fold(0.0, |most: f64, error| most.max(error.abs()))
        };
        assert!(worst(&left) > 0.9, "{}", worst(&left));
        assert!(worst(&seen) < 0.3, "{}", worst(&seen));
        assert!(worst(&few) < 0.3, "{}", worst(&few));
        assert_eq!(few.iter().take(20).flatten().count(), 10);
    }

    #[test]
    fn a_load_is_left_out_of_groups_that_keep_others() {
        let reached = [("a", 0.2), ("b", 0.7), ("c", 0.7), ("d", 0.7)];
        let (mut rows, places) = rows(&reached, 20);
        for (place, row) in rows.rows.iter_mut().enumerate() {
            // Each load has two rows; the second device was measured at one load.
            let load = if row.group[0] == "b" { 0 } else { place / 2 };
            row.load = load.to_string();
            row.group[1] = "m".to_owned();
        }
        let runs = Memory { places: &places };
        let whole = fit(&rows, &runs);
        let left = cross_fit(&rows, &runs, &whole, Denied::parts_of(Folds::Loads));
        assert_eq!(left[20..40].iter().flatten().count(), 0);
        assert_eq!(left[..20].iter().flatten().count(), 20);
        let worst = left.iter().flatten();
        let worst = worst.fold(0.0, |most: f64, error| most.max(error.abs()));
        assert!(worst < 0.1, "the rest of the group tells: {worst}");
    }
}
