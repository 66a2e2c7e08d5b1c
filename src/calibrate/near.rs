//! Kernel ridge regression over shapes: what near shapes say of each other.
//!
//! `w = (K + s N⁻¹)⁻¹ r` over the distinct shapes of a group, with the likeness `K` of [`Alike`], the mean `r` of what is left at the
//! points of a shape, their numbers `N`, and the noise `s`.

use std::collections::BTreeMap;

use super::FitPoint;
use crate::record::{Alike, Local, kept_size};
use crate::stats::symmetric::solve;

/// Residuals beyond this count as this.
pub(super) const MOST_RESIDUAL: f64 = 1.0;

/// Distinct shapes, and the position of each point's shape among them.
pub(super) struct Shapes {
    pub distinct: Vec<Vec<f64>>,
    pub of_point: Vec<u32>,
}

impl Shapes {
    /// The shapes of points as a file will hold them, sorted.
    pub fn new(points: &[&FitPoint]) -> Self {
        let kept: Vec<Vec<u64>> = points
            .iter()
            .map(|point| {
                let sizes = point.shape.sizes.iter();
                sizes.map(|size| kept_size(*size).to_bits()).collect()
            })
            .collect();
        let mut places: BTreeMap<&Vec<u64>, u32> = kept.iter().map(|shape| (shape, 0)).collect();
        for (number, place) in places.values_mut().enumerate() {
            *place = number as u32;
        }
        let distinct = places.keys().map(|shape| {
            let sizes = shape.iter();
            sizes.map(|size| f64::from_bits(*size)).collect()
        });
        Self {
            distinct: distinct.collect(),
            of_point: kept.iter().map(|shape| places[shape]).collect(),
        }
    }

    /// Logarithms of the sizes of a shape.
    pub fn of(&self, shape: u32) -> &[f64] {
        &self.distinct[shape as usize]
    }
}

/// What is chosen by trials.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    pub(super) alike: Alike,
    /// The variance of noise over that of what near shapes share.
    pub(super) noise: f64,
}

impl Choice {
    /// Length of the likeness.
    pub const fn length(self) -> f64 {
        self.alike.length
    }

    /// What a part was fitted with; `None` where it is empty.
    pub fn of(local: &Local) -> Option<Self> {
        (!local.groups.is_empty()).then_some(Self {
            alike: local.alike,
            noise: local.noise,
        })
    }
}

/// What is left at one shape of a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub shape: u32,
    pub mean: f64,
    /// Points of the group with that shape.
    pub count: f64,
}

/// What is left at each shape of some points, sorted by shape.
pub(super) fn nodes(shapes: &Shapes, places: &[usize], left: &[f64]) -> Vec<Node> {
    let mut sums = BTreeMap::<u32, (f64, f64)>::new();
    for place in places {
        let sum = sums.entry(shapes.of_point[*place]).or_default();
        sum.0 += left[*place].clamp(-MOST_RESIDUAL, MOST_RESIDUAL);
        sum.1 += 1.0;
    }
    let sums = sums.into_iter();
    sums.map(|(shape, (sum, count))| Node {
        shape,
        mean: sum / count,
        count,
    })
    .collect()
}

/// The weights of nodes; `None` where the system cannot be solved.
pub(super) fn weights(shapes: &Shapes, nodes: &[Node], choice: Choice) -> Option<Vec<f64>> {
    let mut matrix: Vec<Vec<f64>> = Vec::with_capacity(nodes.len());
    for (row, node) in nodes.iter().enumerate() {
        let others = nodes[..=row].iter();
        let mut row_of: Vec<f64> = others
            .map(|other| {
                choice
                    .alike
                    .of(shapes.of(node.shape), shapes.of(other.shape))
            })
            .collect();
        row_of[row] += choice.noise / node.count;
        matrix.push(row_of);
    }
    let right: Vec<f64> = nodes.iter().map(|node| node.mean).collect();
    solve(&mut matrix, &right)
}

/// What nodes say of a shape.
pub(super) fn near(
    shapes: &Shapes,
    shape: u32,
    (nodes, weights): (&[Node], &[f64]),
    alike: Alike,
) -> f64 {
    let terms = nodes
        .iter()
        .zip(weights)
        .map(|(node, weight)| weight * alike.of(shapes.of(shape), shapes.of(node.shape)));
    terms.sum()
}
