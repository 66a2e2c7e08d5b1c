//! The ridge regression of shifts, solved by conjugate gradients.

use std::collections::BTreeMap;

use super::row::RunRow;
use super::scopes::{FITTED, prior};
use crate::record::EffectScope;

/// How the logarithm of a prediction moves with each fitted term.
pub type Slopes = [f64; FITTED.len()];

/// Shifts of the fitted terms, scope by scope.
pub type Shift = Vec<Slopes>;

/// Expected deviation of a measured number from its prediction, on the logarithmic scale, that no shift explains.
pub const NOISE: f64 = 0.1;

/// Most steps of the solver, more than it needs to converge.
const STEPS: usize = 4_000;

/// Where the steps of a fit end: the squared size of what is left over that at the start.
pub const ENOUGH: f64 = 1e-14;

/// The same for steps from a fit to one that has seen less, whose shifts are not written.
pub const ENOUGH_TO_JUDGE: f64 = 1e-9;

/// How much more a scope that may not shift costs than one that may.
pub const HELD: f64 = 1e8;

/// What shifts cost where kinds of scopes may shift and the others go back to nothing.
pub fn costs(scopes: &[(String, EffectScope)], kept: &[EffectScope]) -> Vec<f64> {
    let cost = |(_, scope): &(String, EffectScope)| if kept.contains(scope) { 1.0 } else { HELD };
    scopes.iter().map(cost).collect()
}

/// One linearised problem.
pub struct Linear<'a> {
    /// Rows.
    pub rows: &'a [RunRow],
    /// Slopes of each row.
    pub slopes: &'a [Slopes],
    /// Logarithm of measured over predicted.
    pub residuals: &'a [f64],
    /// Weights; 0 leaves a row out.
    pub weights: &'a [f64],
    /// Kinds of all scopes.
    pub scopes: &'a [(String, EffectScope)],
    /// What a shift of each scope costs over what it costs by its prior.
    pub costs: &'a [f64],
    /// How far one step may take a shift, as a standard deviation; the equations bend beyond it.
    pub reach: f64,
    /// Where the steps of the solver end.
    pub enough: f64,
}

impl Linear<'_> {
    /// The step from shifts to the minimum of
    /// `Σ w (residual − slopes · step)² / NOISE² + Σ (shift + step)² / prior² + Σ step² / reach²`, the last after Levenberg and
    /// Marquardt.
    pub fn step(&self, from: &Shift) -> Shift {
        let penalties: Vec<Slopes> = self
            .scopes
            .iter()
            .zip(self.costs)
            .map(|((_, scope), cost)| {
                FITTED.map(|term| cost / (prior(*scope, term) * prior(*scope, term)))
            })
            .collect();
        let mut left = self.pulled();
        for ((left, penalty), shift) in left.iter_mut().zip(&penalties).zip(from) {
            for term in 0..FITTED.len() {
                left[term] -= penalty[term] * shift[term];
            }
        }
        let damped = 1.0 / (self.reach * self.reach);
        let penalties: Vec<Slopes> = penalties
            .into_iter()
            .map(|of| of.map(|p| p + damped))
            .collect();
        let blocks = self.blocks();
        let diagonal = diagonal(&blocks, &penalties);
        let mut step = vec![[0.0; FITTED.len()]; self.scopes.len()];
        let mut scaled = divided(&left, &diagonal);
        let mut direction = scaled.clone();
        let mut size = dot(&left, &scaled);
        let enough = self.enough * size;
        for _ in 0..STEPS {
            if size <= enough {
                break;
            }
            let image = image(&blocks, &direction, &penalties);
            let length = size / dot(&direction, &image);
            add(&mut step, length, &direction);
            add(&mut left, -length, &image);
            scaled = divided(&left, &diagonal);
            let next = dot(&left, &scaled);
            let kept = next / size;
            size = next;
            for (direction, scaled) in direction.iter_mut().zip(&scaled) {
                for (entry, fresh) in direction.iter_mut().zip(scaled) {
                    *entry = fresh + kept * *entry;
                }
            }
        }
        step
    }

    /// `Jᵀ W r`.
    fn pulled(&self) -> Shift {
        let mut sum = vec![[0.0; FITTED.len()]; self.scopes.len()];
        for (place, row) in self.rows.iter().enumerate() {
            let pull = self.weights[place] * self.residuals[place] / (NOISE * NOISE);
            spread(&mut sum, row, pull, &self.slopes[place]);
        }
        sum
    }

    /// Rows that have the same scopes as one.
    fn blocks(&self) -> Vec<Block<'_>> {
        let mut places = BTreeMap::<&[usize], usize>::new();
        let mut blocks: Vec<Block<'_>> = Vec::new();
        for (place, row) in self.rows.iter().enumerate() {
            let weight = self.weights[place] / (NOISE * NOISE);
            if weight <= 0.0 {
                continue;
            }
            let at = *places.entry(&row.scopes).or_insert_with(|| {
                blocks.push(Block {
                    scopes: &row.scopes,
                    matrix: [[0.0; FITTED.len()]; FITTED.len()],
                });
                blocks.len() - 1
            });
            let slopes = &self.slopes[place];
            for (line, left) in blocks[at].matrix.iter_mut().zip(slopes) {
                for (entry, right) in line.iter_mut().zip(slopes) {
                    *entry += weight * left * right;
                }
            }
        }
        blocks
    }
}

/// Rows with the same scopes: `Σ w j jᵀ` over their slopes `j` is all that a step asks of them again and again.
struct Block<'a> {
    scopes: &'a [usize],
    matrix: [Slopes; FITTED.len()],
}

impl Block<'_> {
    fn add_to(&self, sum: &mut Shift, moved: &Slopes) {
        for scope in self.scopes {
            for (entry, moved) in sum[*scope].iter_mut().zip(moved) {
                *entry += moved;
            }
        }
    }
}

/// `(Jᵀ W J + P) x`.
fn image(blocks: &[Block<'_>], at: &Shift, penalties: &[Slopes]) -> Shift {
    let mut sum: Shift = at
        .iter()
        .zip(penalties)
        .map(|(at, penalty)| std::array::from_fn(|term| at[term] * penalty[term]))
        .collect();
    for block in blocks {
        let mut shift = [0.0; FITTED.len()];
        for scope in block.scopes {
            for (entry, at) in shift.iter_mut().zip(&at[*scope]) {
                *entry += at;
            }
        }
        let moved: Slopes = std::array::from_fn(|term| inner(&block.matrix[term], &shift));
        block.add_to(&mut sum, &moved);
    }
    sum
}

fn diagonal(blocks: &[Block<'_>], penalties: &[Slopes]) -> Shift {
    let mut sum: Shift = penalties.to_vec();
    for block in blocks {
        let squares: Slopes = std::array::from_fn(|term| block.matrix[term][term]);
        block.add_to(&mut sum, &squares);
    }
    sum
}

fn spread(sum: &mut Shift, row: &RunRow, factor: f64, slopes: &Slopes) {
    if factor == 0.0 {
        return;
    }
    for scope in &row.scopes {
        for (entry, slope) in sum[*scope].iter_mut().zip(slopes) {
            *entry += factor * slope;
        }
    }
}

fn inner(one: &Slopes, other: &Slopes) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

fn dot(one: &Shift, other: &Shift) -> f64 {
    one.iter().zip(other).map(|(a, b)| inner(a, b)).sum()
}

fn divided(one: &Shift, other: &Shift) -> Shift {
    let pairs = one.iter().zip(other);
    pairs
        .map(|(a, b)| std::array::from_fn(|term| a[term] / b[term]))
        .collect()
}

fn add(sum: &mut Shift, factor: f64, other: &Shift) {
    for (sum, other) in sum.iter_mut().zip(other) {
        for (entry, other) in sum.iter_mut().zip(other) {
            *entry += factor * other;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fit::tests::rows;
    use super::*;

    /// The slope of the sum of squares at a step, scope by scope: nothing at its minimum.
    fn slope_at(linear: &Linear<'_>, from: &Shift, step: &Shift) -> Shift {
        let damped = 1.0 / (linear.reach * linear.reach);
        let mut sum = vec![[0.0; FITTED.len()]; linear.scopes.len()];
        for (place, row) in linear.rows.iter().enumerate() {
            let moved: f64 = row
                .scopes
                .iter()
                .map(|scope| inner(&step[*scope], &linear.slopes[place]))
                .sum();
            let left = linear.weights[place] * (linear.residuals[place] - moved) / (NOISE * NOISE);
            spread(&mut sum, row, left, &linear.slopes[place]);
        }
        for (scope, (_, kind)) in linear.scopes.iter().enumerate() {
            for (term, name) in FITTED.iter().enumerate() {
                let reach = prior(*kind, *name);
                let penalty = (from[scope][term] + step[scope][term]) / (reach * reach);
                sum[scope][term] -= penalty + damped * step[scope][term];
            }
        }
        sum
    }

    #[test]
    fn a_step_ends_where_the_sum_of_squares_is_least() {
        let (all, _) = rows(&[("a", 0.8), ("b", 0.3)], 6);
        let count = all.rows.len();
        let slopes: Vec<Slopes> = (0..count)
            .map(|row| std::array::from_fn(|term| ((row * 7 + term * 3) % 5) as f64 / 5.0 - 0.4))
            .collect();
        let residuals: Vec<f64> = (0..count).map(|row| 0.1 * row as f64 - 0.4).collect();
        let weights: Vec<f64> = (0..count).map(|row| 0.2 + 0.1 * row as f64).collect();
        let from = vec![[0.05; FITTED.len()]; all.scopes.len()];
        for reach in [0.1, f64::INFINITY] {
            let linear = Linear {
                rows: &all.rows,
                slopes: &slopes,
                residuals: &residuals,
                weights: &weights,
                scopes: &all.scopes,
                costs: &costs(&all.scopes, &EffectScope::ALL),
                reach,
                enough: ENOUGH,
            };
            let step = linear.step(&from);
            let rest = slope_at(&linear, &from, &step);
            let most = rest
                .iter()
                .flatten()
                .fold(0.0, |most: f64, x| most.max(x.abs()));
            let start = slope_at(&linear, &from, &vec![[0.0; FITTED.len()]; from.len()]);
            let before = start
                .iter()
                .flatten()
                .fold(0.0, |most: f64, x| most.max(x.abs()));
            assert!(most < 1e-5 * before, "{most} of {before}");
        }
    }

    #[test]
    fn scopes_that_may_not_shift_go_back_to_nothing() {
        let (all, _) = rows(&[("a", 0.8)], 4);
        let (slopes, ones) = (vec![[0.5; FITTED.len()]; 4], vec![1.0; 4]);
        let from = vec![[0.3; FITTED.len()]; all.scopes.len()];
        let step = Linear {
            rows: &all.rows,
            slopes: &slopes,
            residuals: &ones,
            weights: &ones,
            scopes: &all.scopes,
            costs: &costs(&all.scopes, &[EffectScope::All]),
            reach: f64::INFINITY,
            enough: ENOUGH,
        }
        .step(&from);
        for ((_, scope), (from, step)) in all.scopes.iter().zip(from.iter().zip(&step)) {
            let left = (from[0] + step[0]).abs();
            assert_eq!(left < 1e-6, *scope != EffectScope::All, "{scope:?} {left}");
        }
    }
}
