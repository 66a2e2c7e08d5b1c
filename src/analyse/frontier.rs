//! The trade between speed for one user and throughput, in bounded memory.

use std::collections::BTreeMap;

use super::candidate::BestTwo;
use crate::record::{Column, Metric, PointResult};
use crate::stats::math;

/// Points of nearly equal speed share a bucket and only the one with the highest throughput is kept; 32 buckets to a
/// factor of two are finer than any chart draws.
const BUCKETS_PER_OCTAVE: f64 = 32.0;

/// For every bucket of speed the point with the highest throughput per accelerator.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Frontier {
    buckets: BTreeMap<i32, BestTwo<String>>,
}

impl Frontier {
    pub(super) fn observe(&mut self, index: u64, result: &PointResult) {
        let value = |metric| {
            result
                .predicted(Column::of(metric))
                .map(|entry| entry.value)
                .filter(|value| *value > 0.0)
        };
        let speed = value(Metric::Interactivity)
            .or_else(|| value(Metric::Tpot).map(f64::recip))
            .or_else(|| value(Metric::Latency).map(f64::recip));
        let throughput = value(Metric::OutputThroughputPerAccelerator)
            .or_else(|| value(Metric::SamplesPerSecond));
        if let (Some(speed), Some(throughput)) = (speed, throughput) {
            let bucket = (math::log2(speed) * BUCKETS_PER_OCTAVE).floor() as i32;
            self.buckets
                .entry(bucket)
                .or_default()
                .offer(-throughput, index, || result.key.clone());
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (bucket, two) in other.buckets {
            self.buckets.entry(bucket).or_default().merge(two);
        }
    }

    /// Points that no other point beats in both speed and throughput.
    pub(super) fn points(&self) -> impl Iterator<Item = (u64, &str)> {
        let mut highest = f64::INFINITY;
        self.buckets.values().rev().filter_map(move |two| {
            let best = two.best()?;
            if best.score >= highest {
                return None;
            }
            highest = best.score;
            Some((best.index, best.item.as_str()))
        })
    }
}
