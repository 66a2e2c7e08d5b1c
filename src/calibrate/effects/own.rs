//! A few rows of one's own, beside shifts that a pack has.
//!
//! Scopes that the pack has fitted hardly move: thousands of rows stand behind them. Nobody knows how noisy a single row is, so it moves
//! its own prediction by a quarter of what it misses; of rows that agree, two move it by seven tenths and three by nine.

use std::collections::BTreeMap;

use super::fit::{Fitted, Runs, descend};
use super::linear::{NOISE, Slopes};
use super::row::{RunRow, RunRows};
use super::scopes::{FITTED, prior};
use crate::record::{Column, EffectScope, Effects, Sample};

/// The variance of the noise of a row that stands alone, over that of what its shifts may be.
const ALONE: f64 = 3.0;

/// How much more a shift costs in a scope of one device or model that the pack has fitted: it is known to a fifth of its reach.
const KNOWN: f64 = 25.0;

/// The same of scopes that many devices and models share.
const WELL_KNOWN: f64 = 1000.0;

/// Fits shifts to rows in the sample, to be added to those of a pack, under which `runs` are predicted.
pub fn fit_own(rows: &RunRows, runs: &dyn Runs, pack: &Effects) -> Fitted {
    let scopes = rows.scopes.iter();
    let costs: Vec<f64> = scopes
        .map(|(key, kind)| match pack.by_scope().get(key) {
            Some(_) if is_shared(*kind) => WELL_KNOWN,
            Some(_) => KNOWN,
            None => 1.0,
        })
        .collect();
    descend((rows, runs), &costs, &|slopes| {
        weights(rows, slopes, &costs)
    })
}

/// Whether many devices and models have a scope in common.
const fn is_shared(scope: EffectScope) -> bool {
    match scope {
        EffectScope::All
        | EffectScope::Class
        | EffectScope::Architecture
        | EffectScope::Runtime
        | EffectScope::Program
        | EffectScope::ProgramVersion
        | EffectScope::Format
        | EffectScope::ClassProgram
        | EffectScope::ArchitectureProgram
        | EffectScope::ProgramFormat
        | EffectScope::ArchitectureFormat
        | EffectScope::ArchitectureProgramFormat
        | EffectScope::KindProgram
        | EffectScope::KindProgramVersion
        | EffectScope::KindProgramFormat => true,
        EffectScope::Device
        | EffectScope::DeviceProgram
        | EffectScope::DeviceBackend
        | EffectScope::DeviceProgramFormat
        | EffectScope::KindDeviceProgram
        | EffectScope::Model
        | EffectScope::ModelProgram
        | EffectScope::DeviceModelProgram => false,
    }
}

/// Weights under which a row alone has [`ALONE`] times the variance of its shifts as noise, and each of `n` rows of a device and
/// column that over `n²`, but none less than [`NOISE`].
fn weights(rows: &RunRows, slopes: &[Slopes], costs: &[f64]) -> Vec<f64> {
    let is_fitted = |row: &RunRow| row.sample == Sample::InSample && row.quality > 0.0;
    let mut counts = BTreeMap::<(&str, Column, bool), f64>::new();
    for row in rows.rows.iter().filter(|row| is_fitted(row)) {
        let kind = (row.group[0].as_str(), row.column, row.is_load);
        *counts.entry(kind).or_default() += 1.0;
    }
    let weight = |(row, slopes): (&RunRow, &Slopes)| {
        let kind = (row.group[0].as_str(), row.column, row.is_load);
        let Some(count) = counts.get(&kind).filter(|_| is_fitted(row)) else {
            return 0.0;
        };
        let noise = ALONE * variance(rows, row, slopes, costs) / (count * count);
        NOISE * NOISE / noise.max(NOISE * NOISE)
    };
    rows.rows.iter().zip(slopes).map(weight).collect()
}

/// The variance that shifts of its scopes give the logarithm of a row before anything was measured.
fn variance(rows: &RunRows, row: &RunRow, slopes: &Slopes, costs: &[f64]) -> f64 {
    let of_scope = |scope: &usize| {
        let kind = rows.scopes[*scope].1;
        let terms = FITTED.iter().zip(slopes);
        let moved = terms.map(|(term, slope)| {
            let moved = slope * prior(kind, *term);
            moved * moved
        });
        moved.sum::<f64>() / costs[*scope]
    };
    row.scopes.iter().map(of_scope).sum()
}

#[cfg(test)]
mod tests {
    use super::super::fit::effects_of;
    use super::super::fit::tests::{CITED, Memory, place, rows};
    use super::*;
    use crate::record::{TermName, TermRange, shifted};
    use crate::stats::math::ln;

    /// What `count` rows of a device that is half as fast as cited move of its logarithm, of all that they miss.
    fn moved(count: usize, pack: &Effects) -> f64 {
        let (all, places) = rows(&[("a", 0.5 * CITED)], count);
        let found = fit_own(&all, &Memory { places: &places }, pack);
        let shift = effects_of(&all, &found).at(place("a"))[TermName::WeightBandwidth.index()];
        ln(shifted(TermRange::Efficiency, CITED, shift) / CITED) / ln(0.5)
    }

    #[test]
    fn a_row_alone_moves_a_quarter_and_rows_that_agree_nearly_all() {
        let unknown = Effects::default();
        let shares = [1, 3, 10].map(|count| moved(count, &unknown));
        assert!((0.15..0.35).contains(&shares[0]), "{shares:?}");
        assert!((0.75..0.97).contains(&shares[1]), "{shares:?}");
        assert!((0.9..1.01).contains(&shares[2]), "{shares:?}");
    }

    #[test]
    fn what_a_pack_has_fitted_stays_and_what_it_has_not_moves() {
        let (all, places) = rows(&[("a", 0.5 * CITED)], 10);
        let known: BTreeMap<String, _> = all
            .scopes
            .iter()
            .filter(|(key, _)| !key.contains("device"))
            .map(|(key, _)| (key.clone(), [0.0; TermName::ALL.len()]))
            .collect();
        let found = fit_own(&all, &Memory { places: &places }, &Effects::new(known));
        let shifts = effects_of(&all, &found);
        let of = |device| shifts.at(place(device))[TermName::WeightBandwidth.index()];
        assert!(of("a") < -0.5, "{}", of("a"));
        assert!(of("b").abs() < 0.05 * of("a").abs(), "{}", of("b"));
    }

    #[test]
    fn a_row_that_says_nothing_weighs_nothing() {
        let (mut all, places) = rows(&[("a", 0.5 * CITED)], 2);
        all.rows[0].quality = 0.0;
        let found = fit_own(&all, &Memory { places: &places }, &Effects::default());
        assert_eq!(found.weights[0], 0.0);
        assert!(found.weights[1] > 0.0);
    }
}
