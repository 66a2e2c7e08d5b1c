//! Predictions of rows by fits that have not seen them.

use std::collections::{BTreeMap, BTreeSet};

use super::fit::{Fitted, Runs, effects};
use super::linear::{ENOUGH_TO_JUDGE, Linear, Shift, costs};
use super::row::{RunRow, RunRows};
use crate::record::{EffectScope, Sample};

/// What is left out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folds {
    /// A fifth of the loads of groups of which others are known.
    Loads,
    /// A fifth of the groups of one device, model and software.
    Groups,
    /// One device.
    Devices,
    /// A fifth of the devices.
    ManyDevices,
    /// A fifth of the software.
    Programs,
}

/// Parts that rows are divided into where not each device is one; each is predicted by a fit to the others.
const PARTS: usize = 5;

impl Folds {
    /// Which part each row belongs to, and how many there are.
    fn parts(self, rows: &[RunRow]) -> (Vec<usize>, usize) {
        let fifth = |row: &RunRow| {
            let [device, model, program] = &row.group;
            let names: &[&String] = match self {
                Self::Loads => &[device, model, program, &row.load],
                Self::Groups => &[device, model, program],
                Self::Devices | Self::ManyDevices => &[device],
                Self::Programs => &[program],
            };
            let mut hasher = blake3::Hasher::new();
            for name in names {
                hasher.update(name.as_bytes()).update(b"\n");
            }
            usize::from(hasher.finalize().as_bytes()[0]) % PARTS
        };
        match self {
            Self::Devices => {
                let devices: BTreeSet<&String> = rows.iter().map(|row| &row.group[0]).collect();
                let places: BTreeMap<&String, usize> = devices.into_iter().zip(0..).collect();
                let parts = rows.iter().map(|row| places[&row.group[0]]).collect();
                (parts, places.len())
            }
            Self::Loads | Self::Groups | Self::ManyDevices | Self::Programs => {
                (rows.iter().map(fifth).collect(), PARTS)
            }
        }
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

/// Fits that are denied a part of the rows each.
///
/// Each fit starts from the whole one and takes one step without the part, with the slopes of the whole: what a part alone
/// taught is taken back, the equations are not asked anew for slopes. Scopes that only the part has shift nothing.
pub struct CrossFit<'a> {
    rows: &'a RunRows,
    runs: &'a dyn Runs,
    whole: &'a Fitted,
    denied: Denied<'a>,
    parts: Vec<usize>,
    /// How many parts there are.
    pub count: usize,
    given: Vec<Option<f64>>,
    lonely: Vec<bool>,
}

/// Rows of a part with the logarithm of measured over predicted.
pub type LeftRows = Vec<(usize, f64)>;

impl<'a> CrossFit<'a> {
    /// Divides rows into parts.
    pub fn new(
        rows: &'a RunRows,
        runs: &'a dyn Runs,
        whole: &'a Fitted,
        denied: Denied<'a>,
    ) -> Self {
        let (parts, count) = denied.folds.parts(&rows.rows);
        let lonely = match denied.folds {
            Folds::Loads => lonely(rows, &whole.weights, &parts),
            Folds::Groups | Folds::Devices | Folds::ManyDevices | Folds::Programs => {
                vec![false; parts.len()]
            }
        };
        let given = given(rows, whole, denied.shots);
        Self {
            rows,
            runs,
            whole,
            denied,
            parts,
            count,
            given,
            lonely,
        }
    }

    /// The rows of a part that are in the sample and have a prediction, by a fit without the part.
    pub fn without(&self, part: usize) -> LeftRows {
        let rows = &self.rows.rows;
        let places = rows.iter().enumerate();
        let wanted = places.map(|(place, row)| {
            let is_left = self.parts[place] == part && self.given[place].is_none();
            let is_told = row.sample == Sample::InSample && !row.is_load;
            is_left && is_told && !self.lonely[place]
        });
        let wanted: Vec<bool> = wanted.collect();
        if !wanted.contains(&true) {
            return Vec::new();
        }
        let weights = self.whole.weights.iter().enumerate();
        let weights =
            weights.map(
                |(place, weight)| match (self.parts[place] == part, self.given[place]) {
                    (true, None) => 0.0,
                    (true, Some(alone)) => weight * alone,
                    (false, _) => *weight,
                },
            );
        let weights: Vec<f64> = weights.collect();
        let shift = restricted(self.rows, self.whole, &weights, self.denied.kept);
        let predicted = self.runs.predict(&effects(self.rows, &shift), &wanted);
        let left = rows.iter().zip(predicted).enumerate();
        left.filter(|(place, _)| wanted[*place])
            .filter_map(|(place, (row, predicted))| Some((place, row.measured - predicted?)))
            .collect()
    }

    /// What was found of all parts, row by row.
    pub fn residuals(&self, found: Vec<LeftRows>) -> Vec<Option<f64>> {
        let mut residuals = vec![None; self.rows.rows.len()];
        for (place, residual) in found.into_iter().flatten() {
            residuals[place] = Some(residual);
        }
        residuals
    }
}

/// [`CrossFit::residuals`] of all parts, one after the other.
pub(super) fn cross_fit(
    rows: &RunRows,
    runs: &dyn Runs,
    whole: &Fitted,
    denied: Denied<'_>,
) -> Vec<Option<f64>> {
    let fits = CrossFit::new(rows, runs, whole, denied);
    let found = (0..fits.count).map(|part| fits.without(part)).collect();
    fits.residuals(found)
}

/// True for rows whose group has rows of their part alone, so that without the part nothing of the group is known, and for rows whose
/// load is not stated.
fn lonely(rows: &RunRows, weights: &[f64], parts: &[usize]) -> Vec<bool> {
    let mut of_group = BTreeMap::<&[String; 3], BTreeSet<usize>>::new();
    let places = rows.rows.iter().zip(weights).zip(parts);
    for ((row, _), part) in places.filter(|((_, weight), _)| **weight > 0.0) {
        of_group.entry(&row.group).or_default().insert(*part);
    }
    let others = |row: &RunRow, part: usize| {
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
        costs: &costs(&rows.scopes, kept),
        reach: f64::INFINITY,
        enough: ENOUGH_TO_JUDGE,
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
