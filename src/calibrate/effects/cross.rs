//! Predictions of rows by fits that have not seen them.

use super::fit::{Fitted, Runs, effects};
use super::linear::Linear;
use super::row::{RunRow, RunRows};
use crate::record::Sample;

/// What is left out together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folds {
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

/// Logarithm of measured over predicted for each row in the sample, by a fit without its part; `None` where there is none.
///
/// Each fit starts from the whole one and takes one step without the part, with the slopes of the whole: what a part alone
/// taught is taken back, the equations are not asked anew for slopes. Scopes that only the part has shift nothing.
pub fn cross_fit(
    rows: &RunRows,
    runs: &dyn Runs,
    whole: &Fitted,
    folds: Folds,
) -> Vec<Option<f64>> {
    let parts: Vec<u64> = rows.rows.iter().map(|row| folds.part(row)).collect();
    let residuals: Vec<f64> = whole.residuals.iter().map(|r| r.unwrap_or(0.0)).collect();
    let mut found = vec![None; rows.rows.len()];
    for part in 0..PARTS {
        let pairs = whole.weights.iter().zip(&parts);
        let weights: Vec<f64> = pairs
            .map(|(weight, of_row)| if *of_row == part { 0.0 } else { *weight })
            .collect();
        let linear = Linear {
            rows: &rows.rows,
            slopes: &whole.slopes,
            residuals: &residuals,
            weights: &weights,
            scopes: &rows.scopes,
            reach: f64::INFINITY,
        };
        let mut shift = whole.shift.clone();
        for (shift, step) in shift.iter_mut().zip(linear.step(&whole.shift)) {
            for (entry, step) in shift.iter_mut().zip(step) {
                *entry += step;
            }
        }
        let predicted = runs.predict(&effects(rows, &shift));
        for (place, row) in rows.rows.iter().enumerate() {
            if parts[place] == part && row.sample == Sample::InSample {
                found[place] = predicted[place].map(|predicted| row.measured - predicted);
            }
        }
    }
    found
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
        let left = cross_fit(&rows, &runs, &whole, Folds::Devices);
        let seen = cross_fit(&rows, &runs, &whole, Folds::Groups);
        let worst = |errors: &[Option<f64>]| {
            let of_a = errors.iter().take(20).flatten();
            of_a.fold(0.0, |most: f64, error| most.max(error.abs()))
        };
        assert!(worst(&left) > 0.9, "{}", worst(&left));
        assert!(worst(&seen) < 0.3, "{}", worst(&seen));
    }
}
