//! Estimates that several points of a plan share: those that differ in price and place alone.

use std::collections::BTreeMap;

use crate::record::Estimate;
use crate::scenario::RunPoint;

/// Estimates by the inputs of their points, kept from one chunk of a plan to the next.
#[derive(Default)]
pub(super) struct Shared {
    /// Which estimate belongs to the canonical inputs of that hash.
    known: BTreeMap<[u8; 32], usize>,
    made: Vec<Estimate>,
}

impl Shared {
    /// Beyond this many all are forgotten, so that a plan of millions stays bounded; they are then made again.
    const KEPT: usize = 16_384;

    /// The first of all points whose inputs are not known, and for each point the number of its estimate once theirs are added.
    pub fn alike<'p>(&mut self, points: &'p [RunPoint]) -> (Vec<&'p RunPoint>, Vec<usize>) {
        if self.made.len() > Self::KEPT {
            *self = Self::default();
        }
        let (mut firsts, mut like) = (Vec::new(), Vec::with_capacity(points.len()));
        for point in points {
            let inputs = *blake3::hash(point.canonical().as_bytes()).as_bytes();
            let next = self.made.len() + firsts.len();
            let which = *self.known.entry(inputs).or_insert_with(|| {
                firsts.push(point);
                next
            });
            like.push(which);
        }
        (firsts, like)
    }

    /// Adds the estimates of those that were first, in their order.
    pub fn add(&mut self, made: Vec<Estimate>) {
        self.made.extend(made);
    }

    /// The estimate of that number.
    pub fn get(&self, which: usize) -> &Estimate {
        &self.made[which]
    }
}
