//! Measured runs as rows of a regression.

use std::collections::BTreeMap;

use crate::record::{Column, EffectScope, Sample, TermPlace};

/// One measured number.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// Positions of its scopes in [`RunRows::scopes`].
    pub scopes: Vec<usize>,
    /// Natural logarithm of what was measured.
    pub measured: f64,
    /// What it measures.
    pub column: Column,
    /// Which source, for weights.
    pub source: String,
    /// Trust in the source, relative to others.
    pub quality: f64,
    /// Device, model and software: rows that are fitted or left out together.
    pub group: [String; 3],
    /// Requests in flight and lengths, about: numbers of one group at one load are left out together, whatever else differs. Empty where
    /// requests in flight are not stated.
    pub load: String,
    /// Software as terms know it.
    pub program: String,
    /// The rate that the run was given: that the server kept up is learnt from it, and no error is told by it.
    pub is_load: bool,
    /// Whether the fit may use it.
    pub sample: Sample,
}

/// Rows with the scopes they know.
#[derive(Debug, Clone, Default)]
pub struct RunRows {
    /// Keys of scopes with their kinds, in the order first seen.
    pub scopes: Vec<(String, EffectScope)>,
    places: BTreeMap<String, usize>,
    /// Rows.
    pub rows: Vec<RunRow>,
}

impl RunRows {
    /// Positions of the scopes of a place; new ones are added.
    pub fn scopes_of(&mut self, place: TermPlace<'_>) -> Vec<usize> {
        let keys = EffectScope::ALL
            .iter()
            .filter_map(|scope| Some((scope.key(place)?, *scope)));
        keys.map(|(key, scope)| {
            let next = self.scopes.len();
            *self.places.entry(key.clone()).or_insert_with(|| {
                self.scopes.push((key, scope));
                next
            })
        })
        .collect()
    }

    /// The same rows with nothing held out; `None` where nothing is.
    pub fn all_fitted(&self) -> Option<Self> {
        let mut all = self.clone();
        let held_out = |row: &&mut RunRow| row.sample == Sample::HeldOut;
        let held_out = all.rows.iter_mut().filter(held_out);
        let count = held_out.map(|row| row.sample = Sample::InSample).count();
        (count > 0).then_some(all)
    }

    /// Weights with which the square root of a group's rows is what it has to say of a column; given rates say nothing.
    pub fn by_group(&self) -> Vec<f64> {
        let mut counts = BTreeMap::<(&[String; 3], Column), f64>::new();
        let is_told = |row: &&RunRow| row.sample == Sample::InSample && !row.is_load;
        for row in self.rows.iter().filter(is_told) {
            *counts.entry((&row.group, row.column)).or_default() += 1.0;
        }
        let weight = |row: &RunRow| match counts.get(&(&row.group, row.column)) {
            Some(count) if !row.is_load => 1.0 / f64::sqrt(*count),
            Some(_) | None => 0.0,
        };
        self.rows.iter().map(weight).collect()
    }

    /// Weights: the square root of how many rows a source has for a device and a metric is what they weigh together, times the
    /// trust in the source. A long table of one machine neither rules the fit nor counts as one row. Rows that are not fitted weigh
    /// nothing and count for nothing.
    pub fn weights(&self) -> Vec<f64> {
        let mut counts = BTreeMap::<(&str, &str, Column, bool), f64>::new();
        let is_fitted = |row: &&RunRow| row.sample == Sample::InSample && row.quality > 0.0;
        for row in self.rows.iter().filter(is_fitted) {
            *counts
                .entry((&row.source, &row.group[0], row.column, row.is_load))
                .or_default() += 1.0;
        }
        let weight = |row: &RunRow| {
            let device = row.group[0].as_str();
            let key = (row.source.as_str(), device, row.column, row.is_load);
            match counts.get(&key).filter(|_| is_fitted(&row)) {
                Some(count) => row.quality / f64::sqrt(*count),
                None => 0.0,
            }
        };
        self.rows.iter().map(weight).collect()
    }
}
