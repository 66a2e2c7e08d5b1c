//! The efficiency that all calls share, fitted so that it stays between 0 and 1.

use crate::perf::efficiency_cost;
use crate::stats::math::exp;
use crate::stats::symmetric::{add_penalties, add_scaled, add_square, dot, solve};

/// Steps of Newton's method; a step changes no coefficient by more than [`LONGEST_STEP`].
const STEPS: usize = 12;
const LONGEST_STEP: f64 = 3.0;

/// Residuals of the logarithm beyond this count as this (Huber, "Robust Estimation of a Location Parameter", 1964).
pub(super) const HUBER: f64 = 0.3;

/// Coefficients of `min Σ w ρ(y + ln σ(x · c)) + Σ λ c²` by Gauss and Newton, with Huber's `ρ`.
///
/// `rows` are the features with their constant, `targets` logarithms of a time over its base, `penalties` one `λ` a column. All coefficients are zero where
/// nothing can be fitted.
pub fn fit_efficiency(
    rows: &[Vec<f64>],
    targets: &[f64],
    weights: &[f64],
    penalties: &[f64],
) -> Vec<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    let mut coefficients = vec![0.0; columns];
    for _ in 0..STEPS {
        let mut matrix = vec![vec![0.0; columns]; columns];
        let shrunk = coefficients.iter().zip(penalties);
        let mut right: Vec<f64> = shrunk.map(|(c, penalty)| -penalty * c).collect();
        for ((row, target), weight) in rows.iter().zip(targets).zip(weights) {
            let score = dot(row, &coefficients);
            let slope = -1.0 / (1.0 + exp(score));
            let residual = target - efficiency_cost(score);
            let weight = weight * damped(residual, HUBER);
            add_scaled(&mut right, row, weight * slope * residual);
            add_square(&mut matrix, row, weight * slope * slope);
        }
        add_penalties(&mut matrix, penalties);
        let Some(step) = solve(&mut matrix, &right) else {
            break;
        };
        for (coefficient, step) in coefficients.iter_mut().zip(step) {
            *coefficient += step.clamp(-LONGEST_STEP, LONGEST_STEP);
        }
    }
    coefficients
}

/// The weight of a residual that counts as `limit` where it is larger.
pub(super) fn damped(residual: f64, limit: f64) -> f64 {
    if residual.abs() <= limit {
        1.0
    } else {
        limit / residual.abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_efficiency_is_found_again() {
        let rows: Vec<Vec<f64>> = (-20..=20)
            .map(|step| vec![1.0, f64::from(step) / 10.0])
            .collect();
        let truth = [0.5, -1.2];
        let targets: Vec<f64> = rows
            .iter()
            .map(|row| efficiency_cost(dot(row, &truth)))
            .collect();
        let found = fit_efficiency(&rows, &targets, &vec![1.0; rows.len()], &[1e-6; 2]);
        for (found, truth) in found.iter().zip(truth) {
            assert!((found - truth).abs() < 1e-3, "{found} {truth}");
        }
    }

    #[test]
    fn times_below_the_base_give_an_efficiency_below_one() {
        let rows = vec![vec![1.0]; 5];
        let found = fit_efficiency(&rows, &[-0.2; 5], &[1.0; 5], &[1.0]);
        assert!(found[0].is_finite() && efficiency_cost(found[0]) > 0.0);
    }

    #[test]
    fn nothing_at_all_is_no_coefficient() {
        assert!(fit_efficiency(&[], &[], &[], &[]).is_empty());
    }
}
