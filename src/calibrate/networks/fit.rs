//! The fit of one head: coefficients, noise of sources, and points that do not belong.

use std::collections::BTreeMap;

use super::NetworkPoint;
use super::design::Design;
use super::solve::Equations;
use crate::perf::{NetworkHeadName, network_effects_of};
use crate::record::NetworkHead;
use crate::stats::math::{exp, pow};
use crate::stats::quantile;

/// Degrees of freedom of the noise (Lange, Little, and Taylor, "Robust Statistical Modeling Using the t Distribution", 1989):
/// few, since some rows are wrong.
const FREEDOM: f64 = 5.0;

/// No source is more exact than 2 %, which is how far runs of one machine differ.
const LEAST_NOISE: f64 = 0.02;

/// Points whose weight the noise of a source is worth before it was seen.
const NOISE_POINTS: f64 = 10.0;

/// How often weights and noise follow from residuals.
const ROUNDS: usize = 4;

/// Steps of one solution. Few steps shrink too: what takes more of them to tell apart rests on little.
const STEPS: usize = 60;

/// Coefficients that move no fitted point by more are not kept.
const LEAST_MOVE: f64 = 0.01;

/// A penalty that no coefficient overcomes.
const NEVER: f64 = 1e12;

/// The noise and weights that a fit has found, for fits of parts of its points.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// One for each point; zero for those that are not fitted.
    pub of_points: Vec<f64>,
}

/// The fit of one head over a list of points.
pub struct HeadFit<'a> {
    points: Vec<&'a NetworkPoint>,
    design: Design,
    targets: Vec<f64>,
    /// One over the square root of the square root of the rows of a source on a device: equal rows repeat each other, but less
    /// and less.
    shares: Vec<f64>,
}

impl<'a> HeadFit<'a> {
    /// Groups and targets of all points of a head.
    pub fn new(head: NetworkHeadName, points: Vec<&'a NetworkPoint>) -> Self {
        let mut counts = BTreeMap::<(&str, &str), f64>::new();
        for point in &points {
            let place = (point.source.as_str(), point.call.device.id.as_str());
            *counts.entry(place).or_default() += 1.0;
        }
        let share = |point: &&NetworkPoint| {
            let place = (point.source.as_str(), point.call.device.id.as_str());
            pow(counts[&place], -0.25)
        };
        let shares: Vec<f64> = points.iter().map(share).collect();
        let middle = quantile(&shares, 0.5).unwrap_or(1.0);
        Self {
            design: Design::new(&points, network_effects_of(head)),
            targets: points.iter().map(|point| point.target()).collect(),
            shares: shares.iter().map(|share| share / middle).collect(),
            points,
        }
    }

    /// The points.
    pub fn points(&self) -> &[&'a NetworkPoint] {
        &self.points
    }

    fn solve(&self, rows: &[usize], weights: &[f64], start: Vec<f64>, steps: usize) -> Vec<f64> {
        let penalties = &self.design.penalties;
        self.solve_under(penalties, (rows, weights), start, steps)
    }

    fn solve_under(
        &self,
        penalties: &[f64],
        (rows, weights): (&[usize], &[f64]),
        start: Vec<f64>,
        steps: usize,
    ) -> Vec<f64> {
        let pick = |from: &[f64]| -> Vec<f64> { rows.iter().map(|row| from[*row]).collect() };
        let (targets, weights) = (pick(&self.targets), pick(weights));
        let equations = Equations {
            design: &self.design,
            rows,
            targets: &targets,
            weights: &weights,
            penalties,
        };
        equations.solve(start, steps)
    }

    fn nothing(&self) -> Vec<f64> {
        vec![0.0; self.design.penalties.len()]
    }

    /// Coefficients of the fitted points, with weights that follow from what is left.
    pub fn fit(&self, rows: &[usize]) -> (Vec<f64>, Weights) {
        let mut weights: Vec<f64> = self.shares.iter().map(|share| share / 0.02).collect();
        let mut coefficients = self.nothing();
        for _ in 0..ROUNDS {
            coefficients = self.solve(rows, &weights, coefficients, STEPS);
            weights = self.weights(rows, &coefficients);
        }
        (coefficients, Weights { of_points: weights })
    }

    /// Weights by the noise of each source and the residual of each point.
    fn weights(&self, rows: &[usize], coefficients: &[f64]) -> Vec<f64> {
        let squares: Vec<f64> = rows
            .iter()
            .map(|row| {
                let left = self.residual(coefficients, *row);
                (left * left).min(1.0)
            })
            .collect();
        let usual = quantile(&squares, 0.5).unwrap_or(0.02) * 2.2;
        let mut sums = BTreeMap::<&str, (f64, f64)>::new();
        for (row, square) in rows.iter().zip(&squares) {
            let sum = sums
                .entry(&self.points[*row].source)
                .or_insert((NOISE_POINTS * usual, NOISE_POINTS));
            sum.0 += square;
            sum.1 += 1.0;
        }
        let mut weights = vec![0.0; self.points.len()];
        for (row, square) in rows.iter().zip(&squares) {
            let (sum, count) = sums[self.points[*row].source.as_str()];
            let noise = (sum / count).max(LEAST_NOISE * LEAST_NOISE);
            let robust = (FREEDOM + 1.0) / (FREEDOM + square / noise);
            weights[*row] = self.shares[*row] * robust / noise;
        }
        weights
    }

    /// Coefficients of a part of the points under weights that are known.
    pub fn refit(&self, rows: &[usize], weights: &Weights) -> Vec<f64> {
        self.solve(rows, &weights.of_points, self.nothing(), 2 * STEPS)
    }

    /// `ln(measured / predicted)`.
    pub fn residual(&self, coefficients: &[f64], row: usize) -> f64 {
        self.targets[row] - self.design.sum(coefficients, row)
    }

    /// `(predicted − measured) / measured`.
    pub fn error(&self, coefficients: &[f64], row: usize) -> f64 {
        exp(-self.residual(coefficients, row)) - 1.0
    }

    /// The head as a pack holds it: what hardly matters is left out, and the others take over what it did. It has no radii yet.
    pub fn head(&self, coefficients: &[f64], rows: &[usize], weights: &Weights) -> NetworkHead {
        let matters = self.design.matters(coefficients, rows, LEAST_MOVE);
        let or_zero = |coefficients: &[f64]| -> Vec<f64> {
            let kept = coefficients.iter().zip(&matters);
            kept.map(|(c, matters)| if *matters { *c } else { 0.0 })
                .collect()
        };
        let penalties = self.design.penalties.iter().zip(&matters);
        let penalties: Vec<f64> = penalties
            .map(|(penalty, matters)| if *matters { *penalty } else { NEVER })
            .collect();
        let start = or_zero(coefficients);
        let weighed = (rows, weights.of_points.as_slice());
        let again = self.solve_under(&penalties, weighed, start, STEPS);
        let mut head = self.design.head(&or_zero(&again));
        for row in rows {
            let target = self.targets[*row];
            let engine = self.points[*row].call.engine.name();
            for key in [engine, ""] {
                let range = head.range.entry(key.to_owned()).or_insert([target; 2]);
                *range = [range[0].min(target), range[1].max(target)];
            }
        }
        head
    }
}
