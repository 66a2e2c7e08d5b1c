//! A few rows of one's own, beside shifts that a pack has.
//!
//! Scopes that the pack has fitted may move a fifth as far as new ones: many rows stand behind them. A scope of fewer than three rows stays unknown. Nobody
//! knows how noisy a single row is, so one alone moves little, and rows that agree move their predictions by nearly all that they miss.

use std::collections::{BTreeMap, BTreeSet};

use super::super::own_points::{FEWEST, KNOWN, noise};
use super::fit::{Fitted, Runs, descend, effects};
use super::linear::{HELD, NOISE, Slopes};
use super::row::{RunRow, RunRows};
use super::scopes::{FITTED, prior};
use crate::record::{Effects, Sample};

/// Fits shifts to rows in the sample, to be added to those of a pack, under which `runs` are predicted.
pub fn fit_own(rows: &RunRows, runs: &dyn Runs, pack: &Effects) -> Fitted {
    let counts = counts(rows);
    let scopes = rows.scopes.iter().zip(&counts);
    let costs: Vec<f64> = scopes
        .map(|((key, _), count)| match pack.by_scope().get(key) {
            Some(_) => KNOWN,
            None if *count < FEWEST => HELD,
            None => 1.0,
        })
        .collect();
    descend((rows, runs), &costs, &|slopes| weights(rows, slopes))
}

/// The shifts of such a fit: of scopes that the pack has, and of others with enough rows.
pub fn own_effects(rows: &RunRows, fitted: &Fitted, pack: &Effects) -> Effects {
    let counts = counts(rows);
    let is_known =
        |(key, count): &(&String, usize)| *count >= FEWEST || pack.by_scope().contains_key(*key);
    let keys = rows.scopes.iter().map(|(key, _)| key).zip(counts);
    let all = effects(rows, &fitted.shift);
    let found = keys.filter(is_known).filter_map(|(key, count)| {
        let shifts = all.by_scope().get(key)?;
        (count > 0).then(|| (key.clone(), *shifts))
    });
    Effects::new(found.collect())
}

/// True for rows that teach.
fn is_fitted(row: &RunRow) -> bool {
    row.sample == Sample::InSample && row.quality > 0.0
}

/// Rows of each scope that teach.
fn counts(rows: &RunRows) -> Vec<usize> {
    let mut counts = vec![0; rows.scopes.len()];
    for row in rows.rows.iter().filter(|row| is_fitted(row)) {
        row.scopes.iter().for_each(|scope| counts[*scope] += 1);
    }
    counts
}

/// Weights under which a row has the [`noise`] of as many rows as its device has runs, as many times as a run has rows, since columns of
/// one run say the same; none has less than [`NOISE`], and what no shift moves says nothing.
fn weights(rows: &RunRows, slopes: &[Slopes]) -> Vec<f64> {
    let mut of_device = BTreeMap::<&str, (f64, BTreeSet<Run<'_>>)>::new();
    for (place, row) in rows.rows.iter().enumerate() {
        if is_fitted(row) {
            let (count, runs) = of_device.entry(&row.group[0]).or_default();
            *count += 1.0;
            runs.insert(run(row, place));
        }
    }
    let weight = |(row, slopes): (&RunRow, &Slopes)| {
        let variance = variance(rows, row, slopes);
        let known = of_device.get(row.group[0].as_str());
        match known {
            Some((count, runs)) if is_fitted(row) && variance > 0.0 => {
                let runs = runs.len() as f64;
                let noise = count / runs * noise(variance, runs);
                NOISE * NOISE / noise.max(NOISE * NOISE)
            }
            Some(_) | None => 0.0,
        }
    };
    rows.rows.iter().zip(slopes).map(weight).collect()
}

/// A group with a load of it; a row whose load is not stated is a run of its own.
type Run<'a> = (&'a [String; 3], &'a str, usize);

fn run(row: &RunRow, place: usize) -> Run<'_> {
    let own = if row.load.is_empty() { place } else { 0 };
    (&row.group, &row.load, own)
}

/// The variance that shifts of its scopes give the logarithm of a row before anything was measured.
fn variance(rows: &RunRows, row: &RunRow, slopes: &Slopes) -> f64 {
    let of_scope = |scope: &usize| {
        let kind = rows.scopes[*scope].1;
        let terms = FITTED.iter().zip(slopes);
        let moved = terms.map(|(term, slope)| {
            let moved = slope * prior(kind, *term);
            moved * moved
        });
        moved.sum::<f64>()
    };
    row.scopes.iter().map(of_scope).sum()
}

#[cfg(test)]
mod tests {
    use super::super::fit::tests::{CITED, Memory, place, rows};
    use super::*;
    use crate::record::{TermName, TermRange, shifted};
    use crate::stats::math::ln;

    /// What `count` rows of a device that is half as fast as cited move of its logarithm, of all that they miss.
    fn moved(count: usize, pack: &Effects) -> f64 {
        let (all, places) = rows(&[("a", 0.5 * CITED)], count);
        let found = fit_own(&all, &Memory { places: &places }, pack);
        let shift =
            own_effects(&all, &found, pack).at(place("a"))[TermName::WeightBandwidth.index()];
        ln(shifted(TermRange::Efficiency, CITED, shift) / CITED) / ln(0.5)
    }

    #[test]
    fn a_row_alone_moves_nothing_new_and_rows_that_agree_nearly_all() {
        let unknown = Effects::default();
        let shares = [1, 2, 3, 10].map(|count| moved(count, &unknown));
        assert!(
            shares[0].abs() < 1e-6 && shares[1].abs() < 1e-6,
            "{shares:?}"
        );
        assert!((0.9..1.01).contains(&shares[2]), "{shares:?}");
        assert!((0.9..1.01).contains(&shares[3]), "{shares:?}");
    }

    #[test]
    fn a_row_of_a_place_that_is_known_moves_it_little() {
        let (all, _) = rows(&[("a", 0.5 * CITED)], 1);
        let keys = all.scopes.iter().map(|(key, _)| key.clone());
        let known = Effects::new(keys.map(|key| (key, [0.0; TermName::ALL.len()])).collect());
        let shares = [1, 10].map(|count| moved(count, &known));
        assert!((0.0..0.1).contains(&shares[0]), "{shares:?}");
        assert!((0.5..1.01).contains(&shares[1]), "{shares:?}");
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
        let known = Effects::new(known);
        let found = fit_own(&all, &Memory { places: &places }, &known);
        let shifts = own_effects(&all, &found, &known);
        let of = |device| shifts.at(place(device))[TermName::WeightBandwidth.index()];
        assert!(of("a") < -0.5, "{}", of("a"));
        assert!(of("b").abs() < 0.25 * of("a").abs(), "{}", of("b"));
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
