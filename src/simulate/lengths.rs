//! Lengths of prompts and outputs, drawn.

use std::sync::Arc;

use crate::scenario::Lengths;
use crate::stats::{Stream, math};

/// Draws outside a cut before the nearest end is taken.
const TRIES: u32 = 1000;

/// A distribution of lengths with what drawing needs computed.
#[derive(Debug, Clone, PartialEq)]
pub enum Sampler {
    /// Always the same.
    Fixed(u32),
    /// Every length from the first to the second.
    Uniform(u32, u32),
    /// Of the lengths themselves: mean, deviation, and the cut.
    Normal(f64, f64, (f64, f64)),
    /// Of their logarithms: mean, deviation, and the cut of the lengths.
    Lognormal(f64, f64, (f64, f64)),
    /// Lengths with the sums of weights up to each.
    Listed(Arc<[(u32, f64)]>),
    /// Parts with the sums of weights up to each.
    Mixture(Arc<[(f64, Self)]>),
}

impl Sampler {
    /// The sampler of a distribution. Lengths below one count as one.
    pub fn new(lengths: &Lengths) -> Self {
        match lengths {
            Lengths::Fixed(tokens) => Self::Fixed(count(*tokens as f64)),
            Lengths::Uniform { min, max } => {
                let low = count(*min as f64);
                Self::Uniform(low, count(*max as f64).max(low))
            }
            Lengths::Normal {
                mean,
                std,
                min,
                max,
            } => Self::Normal(*mean, *std, cut(*min, *max)),
            Lengths::Lognormal {
                mean,
                std,
                min,
                max,
            } => {
                // σ² = ln(1 + cv²), μ = ln(mean) − σ²/2: moments of the lengths themselves.
                let variation = std / mean;
                let variance = math::ln(1.0 + variation * variation);
                let location = math::ln(*mean) - 0.5 * variance;
                Self::Lognormal(location, math::sqrt(variance), cut(*min, *max))
            }
            Lengths::Empirical(values) => {
                let values = values
                    .iter()
                    .map(|(length, weight)| (count(*length as f64), *weight));
                Self::Listed(summed(values))
            }
            Lengths::Mixture(parts) => {
                let mut sum = 0.0;
                let parts = parts.iter().map(|(weight, part)| {
                    sum += weight;
                    (sum, Self::new(part))
                });
                Self::Mixture(parts.collect())
            }
        }
    }

    /// True where all lengths are equal.
    pub const fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }

    /// A length, at least one.
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        match self {
            Self::Fixed(tokens) => *tokens,
            Self::Uniform(low, high) => low + stream.below(u64::from(high - low) + 1) as u32,
            Self::Normal(mean, deviation, ends) => {
                within(*ends, || mean + deviation * stream.normal())
            }
            Self::Lognormal(location, deviation, ends) => {
                within(*ends, || math::exp(location + deviation * stream.normal()))
            }
            Self::Listed(values) => {
                let (last, total) = values.last().copied().unwrap_or((1, 1.0));
                let at = stream.next_f64() * total;
                let place = values.partition_point(|(_, sum)| *sum <= at);
                values.get(place).map_or(last, |(length, _)| *length)
            }
            Self::Mixture(parts) => {
                let at = stream.next_f64() * parts.last().map_or(1.0, |part| part.0);
                let place = parts.partition_point(|(sum, _)| *sum <= at);
                let part = parts.get(place).or(parts.last());
                part.map_or(1, |(_, part)| part.draw(stream))
            }
        }
    }
}

/// A draw inside the cut; the nearest end where none is found.
fn within((low, high): (f64, f64), mut draw: impl FnMut() -> f64) -> u32 {
    let mut drawn = low;
    for _ in 0..TRIES {
        drawn = libm::round(draw());
        if drawn >= low && drawn <= high {
            break;
        }
    }
    count(drawn.clamp(low, high))
}

fn cut(min: Option<u64>, max: Option<u64>) -> (f64, f64) {
    let low = min.map_or(1.0, |min| (min as f64).max(1.0));
    (
        low,
        max.map_or(f64::from(MOST), |max| (max as f64).max(low)),
    )
}

/// Longer than any context.
const MOST: u32 = 1 << 26;

fn count(tokens: f64) -> u32 {
    (tokens as u32).clamp(1, MOST)
}

fn summed(values: impl Iterator<Item = (u32, f64)>) -> Arc<[(u32, f64)]> {
    let mut sum = 0.0;
    values
        .map(|(length, weight)| {
            sum += weight;
            (length, sum)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perf::LengthGrid;
    use crate::stats::stream;

    #[test]
    fn draws_have_the_moments_that_the_closed_form_uses() {
        let lengths = [
            Lengths::Uniform { min: 10, max: 500 },
            Lengths::Normal {
                mean: 400.0,
                std: 150.0,
                min: Some(100),
                max: Some(900),
            },
            Lengths::Lognormal {
                mean: 1024.0,
                std: 512.0,
                min: Some(32),
                max: Some(8192),
            },
            Lengths::Empirical(vec![(10, 0.25), (100, 0.5), (1000, 0.25)].into()),
            Lengths::Mixture(
                vec![
                    (0.7, Lengths::Fixed(50)),
                    (0.3, Lengths::Uniform { min: 100, max: 900 }),
                ]
                .into(),
            ),
        ];
        for lengths in lengths {
            let grid = LengthGrid::new(&lengths);
            let sampler = Sampler::new(&lengths);
            let mut numbers = stream(11, "lengths");
            let drawn: Vec<f64> = (0..200_000)
                .map(|_| f64::from(sampler.draw(&mut numbers)))
                .collect();
            let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let square = drawn.iter().map(|x| x * x).sum::<f64>() / drawn.len() as f64;
            assert!(
                (mean / grid.mean - 1.0).abs() < 0.01,
                "{lengths:?}: {mean} {}",
                grid.mean
            );
            assert!(
                (square / grid.square - 1.0).abs() < 0.03,
                "{lengths:?}: {square} {}",
                grid.square
            );
        }
    }

    #[test]
    fn an_impossible_cut_is_its_nearest_end() {
        let lengths = Lengths::Normal {
            mean: 10.0,
            std: 0.1,
            min: Some(1000),
            max: Some(2000),
        };
        assert_eq!(Sampler::new(&lengths).draw(&mut stream(1, "cut")), 1000);
    }
}
