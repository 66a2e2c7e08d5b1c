//! How latencies spread over requests.

use super::columns::Level;
use super::demand::Demand;
use super::spread::Spread;
use crate::record::{Column, LatencyModel, Metric, Stat};

/// Shares at which distributions are given, with the standard normal quantile of each.
const SHARES: [(f64, f64); 13] = [
    (0.01, -2.326_347_874_040_841),
    (0.05, -1.644_853_626_951_472),
    (0.1, -1.281_551_565_544_6),
    (0.25, -0.674_489_750_196_081_7),
    (0.4, -0.253_347_103_135_799_7),
    (0.5, 0.0),
    (0.6, 0.253_347_103_135_799_7),
    (0.75, 0.674_489_750_196_081_7),
    (0.9, 1.281_551_565_544_6),
    (0.95, 1.644_853_626_951_472),
    (0.98, 2.053_748_910_631_823),
    (0.99, 2.326_347_874_040_841),
    (0.999, 3.090_232_306_167_813_5),
];

/// Weighted outcomes; the order of requests is taken from the terms' values.
#[derive(Debug, Clone, Default)]
pub(super) struct Atoms(Vec<(Spread, f64)>);

impl Atoms {
    pub fn one(time: Spread) -> Self {
        Self(vec![(time, 1.0)])
    }

    pub fn new(mut atoms: Vec<(Spread, f64)>) -> Self {
        atoms.retain(|(_, weight)| *weight > 0.0);
        atoms.sort_by(|a, b| a.0.value().total_cmp(&b.0.value()));
        Self(atoms)
    }

    /// Sums of independent outcomes.
    pub fn plus(&self, other: &Self) -> Self {
        let pairs = self.0.iter().flat_map(|(a, weight_a)| {
            other
                .0
                .iter()
                .map(move |(b, weight_b)| (*a + *b, weight_a * weight_b))
        });
        Self::new(pairs.collect())
    }

    /// The outcome that a share of requests does not exceed, straight between the middles of atoms.
    fn quantile(&self, share: f64) -> Spread {
        let mut below = 0.0;
        let mut previous: Option<(Spread, f64)> = None;
        for (time, weight) in &self.0 {
            let middle = below + 0.5 * weight;
            if middle >= share {
                return previous.map_or(*time, |(before, at)| {
                    let part = (share - at) / (middle - at);
                    before * (1.0 - part) + *time * part
                });
            }
            previous = Some((*time, middle));
            below += weight;
        }
        previous.map_or(Spread::default(), |(time, _)| time)
    }

    /// A few outcomes that stand for all, of equal weight.
    pub fn reduced(&self, count: usize) -> Self {
        if self.0.len() <= count {
            return self.clone();
        }
        let weight = 1.0 / count as f64;
        let middle = |index: usize| self.quantile((index as f64 + 0.5) * weight);
        Self((0..count).map(|index| (middle(index), weight)).collect())
    }

    fn model(&self, metric: Metric, level: Level) -> LatencyModel {
        rising(
            metric,
            &SHARES.map(|(share, _)| (share, self.quantile(share))),
            level,
        )
    }
}

/// A distribution from its quantiles; each end rises with the share too.
fn rising(metric: Metric, quantiles: &[(f64, Spread); 13], level: Level) -> LatencyModel {
    let (mut least, mut model) = ((0.0, 0.0, 0.0), Vec::with_capacity(quantiles.len()));
    for &(share, spread) in quantiles {
        let spread = level.at(spread);
        let (value, lo, hi) = (spread.value(), spread.lo(), spread.hi());
        least = (value.max(least.0), lo.max(least.1), hi.max(least.2));
        model.push((share, least.0, least.1.min(least.0), least.2.max(least.0)));
    }
    LatencyModel {
        metric,
        quantiles: model,
    }
}

/// What makes requests differ.
#[derive(Debug, Clone)]
pub(super) struct Variety {
    /// Time to the first token.
    pub ttft: Atoms,
    /// Gaps between tokens; `None` where nothing is generated.
    pub gap: Option<Gap>,
}

/// How the gaps between tokens vary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gap {
    /// Mean.
    pub mean: Spread,
    /// Standard deviation of one gap.
    pub deviation: Spread,
    /// No gap is shorter.
    pub least: Spread,
}

impl Variety {
    /// Distributions of `ttft`, `tpot` and `e2el`.
    ///
    /// The time to the first token varies with the prompt's length and with the wait. The mean gap of a request that saw `D`
    /// steps varies as `σ / √D` around its mean, normal by the central limit theorem. The whole time adds the first token's
    /// and `D` gaps, for output lengths drawn independently of prompts.
    pub fn models(&self, demand: &Demand, level: Level) -> Vec<LatencyModel> {
        let mut models = vec![self.ttft.model(Metric::Ttft, level)];
        let generation = self.gap.map_or_else(Atoms::default, |gap| {
            let lengths = demand.outputs.nodes.iter();
            Atoms::new(
                lengths
                    .map(|(o, w)| (gap.mean * (o - 1.0).max(0.0), *w))
                    .collect(),
            )
        });
        if let Some(gap) = self.gap {
            let steps = demand.outputs.mean_of(|o| 1.0 / (o - 1.0).max(1.0));
            let scale = crate::stats::math::sqrt(steps);
            let quantiles = SHARES.map(|(share, z)| {
                let at = gap.mean.zip(gap.deviation, |mean, deviation| {
                    mean + z * deviation * scale
                });
                (share, at.max(gap.least))
            });
            models.push(rising(Metric::Tpot, &quantiles, level));
            models.push(
                self.ttft
                    .reduced(8)
                    .plus(&generation)
                    .model(Metric::E2el, level),
            );
        } else {
            models.push(self.ttft.model(Metric::E2el, level));
        }
        models
    }
}

/// The asked percentiles of distributions, as columns.
pub(super) fn percentiles(models: &[LatencyModel], asked: &[f64]) -> Vec<(Column, Spread)> {
    let stats = Stat::ALL.into_iter().filter(|stat| {
        let quantile = stat.quantile();
        asked.iter().any(|percent| {
            quantile.is_some_and(|quantile| (quantile * 100.0 - percent).abs() < 1e-9)
        })
    });
    stats
        .flat_map(|stat| {
            models.iter().filter_map(move |model| {
                let share = stat.quantile()?;
                let at = model
                    .quantiles
                    .iter()
                    .find(|quantile| (quantile.0 - share).abs() < 1e-12)?;
                Some((
                    Column::stat(stat, model.metric),
                    Spread::new(at.1, at.2, at.3),
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_run_straight_between_outcomes() {
        let atoms = Atoms::new(vec![(Spread::exact(2.0), 0.5), (Spread::exact(1.0), 0.5)]);
        assert_eq!(atoms.quantile(0.5).value(), 1.5);
        assert_eq!(atoms.quantile(0.01).value(), 1.0);
        assert_eq!(atoms.quantile(0.99).value(), 2.0);
    }

    #[test]
    fn shares_and_normal_quantiles_belong_together() {
        for (share, z) in SHARES {
            assert!(
                (crate::stats::math::normal_quantile(share) - z).abs() < 1e-9,
                "{share}"
            );
        }
    }
}
