//! Groups and features of all points: which coefficients each adds up.

use std::collections::BTreeMap;

use super::NetworkPoint;
use crate::perf::{Effect, NETWORK_FEATURES, Part};
use crate::record::{EffectGroups, NetworkHead};

/// One effect over all points.
struct Grouped {
    effect: &'static Effect,
    /// Names of groups, in the order in which they first stand.
    keys: Vec<String>,
    /// The point with which each group first stands.
    firsts: Vec<usize>,
    /// The first coefficient of each point's group.
    starts: Vec<u32>,
    /// Features by position.
    features: Vec<usize>,
    /// The first coefficient of all.
    offset: usize,
}

/// Groups and features of all points.
pub(super) struct Design {
    effects: Vec<Grouped>,
    rows: Vec<[f64; NETWORK_FEATURES]>,
    /// Penalty of each coefficient: one over its variance.
    pub penalties: Vec<f64>,
}

impl Design {
    /// Every group of every effect, whether its rows are fitted or not.
    pub fn new(points: &[&NetworkPoint], effects: &'static [Effect]) -> Self {
        let mut penalties = Vec::new();
        let mut grouped = Vec::with_capacity(effects.len());
        for effect in effects {
            let offset = penalties.len();
            let mut places = BTreeMap::<String, usize>::new();
            let (mut keys, mut firsts) = (Vec::new(), Vec::new());
            let width = effect.features.len();
            let starts = points.iter().enumerate().map(|(row, point)| {
                let key = effect.key(&point.call);
                let place = *places.entry(key).or_insert_with_key(|key| {
                    keys.push(key.clone());
                    firsts.push(row);
                    keys.len() - 1
                });
                (offset + place * width) as u32
            });
            let starts: Vec<u32> = starts.collect();
            for _ in &keys {
                let variances = effect.features.iter();
                penalties.extend(variances.map(|feature| 1.0 / effect.variance(*feature)));
            }
            grouped.push(Grouped {
                effect,
                keys,
                firsts,
                starts,
                features: effect.features.iter().map(|f| *f as usize).collect(),
                offset,
            });
        }
        Self {
            effects: grouped,
            rows: points.iter().map(|point| point.shape.features).collect(),
            penalties,
        }
    }

    /// The sum of a point's coefficients.
    pub fn sum(&self, coefficients: &[f64], row: usize) -> f64 {
        let features = &self.rows[row];
        let mut sum = 0.0;
        for effect in &self.effects {
            let start = effect.starts[row] as usize;
            let own = &coefficients[start..start + effect.features.len()];
            for (coefficient, feature) in own.iter().zip(&effect.features) {
                sum += coefficient * features[*feature];
            }
        }
        sum
    }

    /// Adds a multiple of a point's features to its coefficients.
    pub fn add(&self, coefficients: &mut [f64], row: usize, factor: f64) {
        let features = &self.rows[row];
        for effect in &self.effects {
            let start = effect.starts[row] as usize;
            let own = &mut coefficients[start..start + effect.features.len()];
            for (coefficient, feature) in own.iter_mut().zip(&effect.features) {
                *coefficient += factor * features[*feature];
            }
        }
    }

    /// The same with the squares of features.
    pub fn add_squares(&self, diagonal: &mut [f64], row: usize, factor: f64) {
        let features = &self.rows[row];
        for effect in &self.effects {
            let start = effect.starts[row] as usize;
            let own = &mut diagonal[start..start + effect.features.len()];
            for (entry, feature) in own.iter_mut().zip(&effect.features) {
                *entry += factor * features[*feature] * features[*feature];
            }
        }
    }

    /// What each coefficient costs over its penalty, by its effect and a run of its group.
    pub fn costs(&self, cost: impl Fn(&Effect, usize) -> f64) -> Vec<f64> {
        let mut costs = Vec::with_capacity(self.penalties.len());
        for effect in &self.effects {
            for first in &effect.firsts {
                let cost = cost(effect.effect, *first);
                costs.extend(std::iter::repeat_n(cost, effect.features.len()));
            }
        }
        costs
    }

    /// The variance that coefficients of its device and its network give a point before anything is known.
    pub fn own_variance(&self, row: usize) -> f64 {
        let features = &self.rows[row];
        let of_effect = |grouped: &Grouped| {
            let effect = grouped.effect;
            let terms = effect.features.iter().map(|feature| {
                let value = features[*feature as usize];
                effect.variance(*feature) * value * value
            });
            terms.sum::<f64>()
        };
        let named = [Part::Device, Part::Network];
        let is_own =
            |grouped: &&Grouped| named.iter().any(|part| grouped.effect.parts.contains(part));
        self.effects.iter().filter(is_own).map(of_effect).sum()
    }

    /// Which coefficients move a point by more than `least`.
    pub fn matters(&self, coefficients: &[f64], rows: &[usize], least: f64) -> Vec<bool> {
        let mut matters = vec![false; coefficients.len()];
        for row in rows {
            for effect in &self.effects {
                let start = effect.starts[*row] as usize;
                for (place, feature) in effect.features.iter().enumerate() {
                    let moved = coefficients[start + place] * self.rows[*row][*feature];
                    matters[start + place] |= moved.abs() > least;
                }
            }
        }
        matters
    }

    /// A head of the coefficients that are not zero.
    pub fn head(&self, coefficients: &[f64]) -> NetworkHead {
        let mut head = NetworkHead::default();
        for effect in &self.effects {
            let width = effect.features.len();
            let mut groups = EffectGroups::new();
            for (place, key) in effect.keys.iter().enumerate() {
                let start = effect.offset + place * width;
                let own = &coefficients[start..start + width];
                if own.iter().any(|coefficient| *coefficient != 0.0) {
                    groups.insert(key.clone(), own.to_vec());
                }
            }
            head.effects.insert(effect.effect.name.to_owned(), groups);
        }
        head
    }
}
