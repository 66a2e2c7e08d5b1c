//! Ridge regression over groups by conjugate gradients.

use super::design::Design;

/// Points, targets and weights of a fit; all three are of one length.
pub(super) struct Equations<'a> {
    pub design: &'a Design,
    /// Positions of the points that are fitted.
    pub rows: &'a [usize],
    /// What their coefficients have to add up to.
    pub targets: &'a [f64],
    /// Their weights.
    pub weights: &'a [f64],
    /// The penalty of each coefficient.
    pub penalties: &'a [f64],
}

impl Equations<'_> {
    /// `Xᵀ W v` of values of the fitted points.
    fn gather(&self, values: impl Iterator<Item = f64>) -> Vec<f64> {
        let mut gathered = vec![0.0; self.penalties.len()];
        for ((row, weight), value) in self.rows.iter().zip(self.weights).zip(values) {
            self.design.add(&mut gathered, *row, weight * value);
        }
        gathered
    }

    /// `(Xᵀ W X + Λ) c`.
    fn apply(&self, coefficients: &[f64]) -> Vec<f64> {
        let sums = self
            .rows
            .iter()
            .map(|row| self.design.sum(coefficients, *row));
        let mut applied = self.gather(sums);
        for ((entry, penalty), c) in applied.iter_mut().zip(self.penalties).zip(coefficients) {
            *entry += penalty * c;
        }
        applied
    }

    fn diagonal(&self) -> Vec<f64> {
        let mut diagonal = self.penalties.to_vec();
        for (row, weight) in self.rows.iter().zip(self.weights) {
            self.design.add_squares(&mut diagonal, *row, *weight);
        }
        diagonal
    }

    /// `min Σ w (y − x · c)² + Σ λ c²` by conjugate gradients with the diagonal as preconditioner (Saad, "Iterative Methods for
    /// Sparse Linear Systems", 2003, algorithm 9.1), that many steps from `start`: sums run in the order of the points.
    pub fn solve(&self, start: Vec<f64>, steps: usize) -> Vec<f64> {
        let diagonal = self.diagonal();
        let right = self.gather(self.targets.iter().copied());
        let mut solution = start;
        let applied = self.apply(&solution);
        let mut residual: Vec<f64> = right.iter().zip(&applied).map(|(b, a)| b - a).collect();
        let mut scaled: Vec<f64> = residual.iter().zip(&diagonal).map(|(r, d)| r / d).collect();
        let mut direction = scaled.clone();
        let mut norm = dot(&residual, &scaled);
        let first = norm;
        for _ in 0..steps {
            // Nothing is left, or numbers are not finite.
            if norm.is_nan() || norm <= 1e-14 * first {
                break;
            }
            let applied = self.apply(&direction);
            let step = norm / dot(&direction, &applied);
            add(&mut solution, &direction, step);
            add(&mut residual, &applied, -step);
            for ((entry, r), d) in scaled.iter_mut().zip(&residual).zip(&diagonal) {
                *entry = r / d;
            }
            let next = dot(&residual, &scaled);
            for (entry, z) in direction.iter_mut().zip(&scaled) {
                *entry = z + next / norm * *entry;
            }
            norm = next;
        }
        solution
    }
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn add(vector: &mut [f64], other: &[f64], factor: f64) {
    for (entry, value) in vector.iter_mut().zip(other) {
        *entry += factor * value;
    }
}
