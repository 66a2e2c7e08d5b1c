//! The fit of power of accelerators alone: two shares of their limit.

use std::collections::BTreeSet;

use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use ndarray::{Array1, Array2};

use crate::calibrate::WeightedRidge;
use crate::perf::{drawn_share, unlimited_share};
use crate::record::NetworkDraw;
use crate::stats::math::ln;
use crate::stats::quantile;

/// Fewer runs below the limit, or runs of fewer networks, tell nothing of how power rises.
const FEWEST: usize = 8;
const FEWEST_NETWORKS: usize = 4;

/// A run whose accelerators' power was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawPoint {
    /// The network.
    pub network: String,
    /// Arithmetic over the peak of its number format.
    pub utilisation: f64,
    /// Power over the limit.
    pub share: f64,
}

/// The least squares of relative errors of runs below the limit; a share below zero is none.
fn solved(points: &[&DrawPoint]) -> Option<NetworkDraw> {
    let below: Vec<(f64, f64)> = points
        .iter()
        .filter_map(|point| Some((point.utilisation, unlimited_share(point.share)?)))
        .collect();
    let networks: BTreeSet<&str> = points.iter().map(|point| point.network.as_str()).collect();
    if below.len() < FEWEST || networks.len() < FEWEST_NETWORKS {
        return None;
    }
    let of = |columns: &dyn Fn(f64, f64) -> Vec<f64>| {
        let rows: Vec<f64> = below
            .iter()
            .flat_map(|(u, share)| columns(*u, *share))
            .collect();
        let records = Array2::from_shape_vec((below.len(), rows.len() / below.len()), rows).ok()?;
        let dataset = DatasetBase::new(records, Array1::ones(below.len()));
        let ridge = WeightedRidge { penalty: 1e-9 };
        Some(ridge.fit(&dataset).ok()?.coefficients)
    };
    let both = of(&|u, share| vec![1.0 / share, u / share])?;
    let (waiting, busy) = match both[..] {
        [waiting, busy] if waiting > 0.0 && busy > 0.0 => (waiting, busy),
        [waiting, _] if waiting <= 0.0 => (0.0, of(&|u, share| vec![u / share])?[0]),
        _ => (of(&|_, share| vec![1.0 / share])?[0], 0.0),
    };
    Some(NetworkDraw {
        waiting,
        busy,
        radius: 0.0,
    })
}

/// `ln(measured / predicted)`.
fn missed(draw: NetworkDraw, point: &DrawPoint) -> f64 {
    ln(point.share / drawn_share(draw, point.utilisation))
}

/// The fit, and the half-width of its logarithm from fits of the law without the network; `None` where too little was measured. Times behind the
/// utilisation are those of a fit that has seen the network: predictions add the width of their own.
pub fn network_draw(points: &[DrawPoint], level: f64) -> Option<NetworkDraw> {
    let all: Vec<&DrawPoint> = points.iter().collect();
    let draw = solved(&all)?;
    let networks: BTreeSet<&str> = points.iter().map(|point| point.network.as_str()).collect();
    let mut errors = Vec::with_capacity(points.len());
    for network in networks {
        let (own, others): (Vec<&DrawPoint>, Vec<&DrawPoint>) =
            points.iter().partition(|point| point.network == network);
        let without = solved(&others).unwrap_or(draw);
        errors.extend(own.into_iter().map(|point| missed(without, point).abs()));
    }
    let count = errors.len() as f64;
    let radius = quantile(&errors, ((count + 1.0) * level / count).min(1.0))?;
    Some(NetworkDraw { radius, ..draw })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRUE: NetworkDraw = NetworkDraw {
        waiting: 0.15,
        busy: 3.0,
        radius: 0.0,
    };

    fn points(noise: f64) -> Vec<DrawPoint> {
        let runs = (1..=30_u32).map(|run| {
            let utilisation = 0.012 * f64::from(run);
            let wrong = if run % 2 == 0 {
                1.0 + noise
            } else {
                1.0 - noise
            };
            DrawPoint {
                network: format!("n{}", run % 6),
                utilisation,
                share: drawn_share(TRUE, utilisation) * wrong,
            }
        });
        runs.collect()
    }

    #[test]
    fn a_law_is_found_again() {
        let found = network_draw(&points(0.0), 0.9).expect("enough");
        assert!((found.waiting / TRUE.waiting - 1.0).abs() < 1e-3);
        assert!((found.busy / TRUE.busy - 1.0).abs() < 1e-3);
        assert!(found.radius < 1e-3);
    }

    #[test]
    fn the_width_is_that_of_the_noise() {
        let found = network_draw(&points(0.1), 0.9).expect("enough");
        assert!((0.05..0.25).contains(&found.radius), "{}", found.radius);
    }

    #[test]
    fn a_few_runs_of_one_network_teach_nothing() {
        let mut few = points(0.0);
        few.truncate(5);
        assert_eq!(network_draw(&few, 0.9), None);
        let mut one = points(0.0);
        for point in &mut one {
            "n".clone_into(&mut point.network);
        }
        assert_eq!(network_draw(&one, 0.9), None);
    }

    #[test]
    fn shares_are_never_negative() {
        for slope in [-1.0, 0.0, 5.0] {
            let runs = points(0.0).into_iter().map(|point| DrawPoint {
                share: (0.4 + slope * (point.utilisation - 0.2)).clamp(0.01, 0.9),
                ..point
            });
            let runs: Vec<DrawPoint> = runs.collect();
            let found = network_draw(&runs, 0.9).expect("enough");
            assert!(found.waiting >= 0.0 && found.busy >= 0.0, "{slope}");
        }
    }
}
