//! Gauss and Newton's method over the equations.

use std::collections::BTreeMap;

use super::linear::{ENOUGH, Linear, Shift, Slopes};
use super::row::RunRows;
use super::scopes::FITTED;
use crate::record::{Effects, Sample, Shifts, TermName};

/// What a fit asks of the equations.
pub trait Runs: Sync {
    /// Natural logarithms of what is predicted for the wanted rows under shifts; `None` for others and where there is no prediction.
    fn predict(&self, effects: &Effects, wanted: &[bool]) -> Vec<Option<f64>>;

    /// The same of all rows by the closed form, from which slopes are taken.
    fn sketch(&self, effects: &Effects) -> Vec<Option<f64>>;
}

/// How far shifts may go in each round of linearising and solving.
const REACHES: [f64; 7] = [0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0];

/// How far a term is moved to learn its slope, on its link scale.
const NUDGE: f64 = 0.1;

/// Slopes beyond this are not believed: the logarithm of a time moves at most with that of a term, but for queues near saturation.
const STEEPEST: f64 = 1.5;

/// Degrees of freedom of the t distribution that residuals are taken to have; rows far off weigh less.
const FREEDOM: f64 = 4.0;

/// What a fit ends with.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// Shifts by scope.
    pub shift: Shift,
    /// Slopes of each row at the end.
    pub slopes: Vec<Slopes>,
    /// Logarithm of measured over predicted; `None` where there is no prediction.
    pub residuals: Vec<Option<f64>>,
    /// Weights with which rows entered the last round; 0 for rows left out.
    pub weights: Vec<f64>,
}

/// Fits shifts to rows that are in the sample.
pub fn fit(rows: &RunRows, runs: &dyn Runs) -> Fitted {
    let base = rows.weights();
    let costs = vec![1.0; rows.scopes.len()];
    descend((rows, runs), &costs, &|_| base.clone())
}

/// Fits shifts that cost so many times what they cost by their priors, of rows that weigh what their slopes say.
pub(super) fn descend(
    (rows, runs): (&RunRows, &dyn Runs),
    costs: &[f64],
    weigh: &dyn Fn(&[Slopes]) -> Vec<f64>,
) -> Fitted {
    let mut shift: Shift = vec![[0.0; FITTED.len()]; rows.scopes.len()];
    let mut found = state((rows, runs), &shift, weigh);
    for reach in REACHES {
        let residuals: Vec<f64> = found.residuals.iter().map(|r| r.unwrap_or(0.0)).collect();
        let linear = Linear {
            rows: &rows.rows,
            slopes: &found.slopes,
            residuals: &residuals,
            weights: &found.weights,
            scopes: &rows.scopes,
            costs,
            reach,
            enough: ENOUGH,
        };
        let step = linear.step(&shift);
        for (shift, step) in shift.iter_mut().zip(&step) {
            for (entry, step) in shift.iter_mut().zip(step) {
                *entry += step;
            }
        }
        found = state((rows, runs), &shift, weigh);
    }
    found
}

fn state(
    (rows, runs): (&RunRows, &dyn Runs),
    shift: &Shift,
    weigh: &dyn Fn(&[Slopes]) -> Vec<f64>,
) -> Fitted {
    let effects = effects(rows, shift);
    let predicted = runs.predict(&effects, &vec![true; rows.rows.len()]);
    let residuals: Vec<Option<f64>> = rows
        .rows
        .iter()
        .zip(predicted)
        .map(|(row, predicted)| Some(row.measured - predicted?))
        .collect();
    let spread = typical(rows, &residuals);
    let slopes = slopes(runs, &effects, rows.rows.len());
    let base = weigh(&slopes);
    let weights = rows.rows.iter().zip(&residuals).zip(base);
    let weights = weights
        .map(|((row, residual), weight)| match (row.sample, residual) {
            (Sample::InSample, Some(residual)) => {
                let far = residual / spread;
                weight * (FREEDOM + 1.0) / (FREEDOM + far * far)
            }
            (Sample::InSample | Sample::HeldOut, _) => 0.0,
        })
        .collect();
    Fitted {
        slopes,
        shift: shift.clone(),
        residuals,
        weights,
    }
}

/// The median size of residuals in the sample as a standard deviation.
fn typical(rows: &RunRows, residuals: &[Option<f64>]) -> f64 {
    let pairs = rows.rows.iter().zip(residuals);
    let sizes: Vec<f64> = pairs
        .filter(|(row, _)| row.sample == Sample::InSample)
        .filter_map(|(_, residual)| Some(residual.as_ref()?.abs()))
        .collect();
    let median = crate::stats::quantile(&sizes, 0.5).unwrap_or(0.0);
    (median / 0.6745).max(super::linear::NOISE)
}

fn slopes(runs: &dyn Runs, effects: &Effects, rows: usize) -> Vec<Slopes> {
    let here = runs.sketch(effects);
    let mut slopes = vec![[0.0; FITTED.len()]; rows];
    for (place, term) in FITTED.iter().enumerate() {
        let there = runs.sketch(&nudged(effects, *term));
        for ((slopes, here), there) in slopes.iter_mut().zip(&here).zip(there) {
            if let (Some(here), Some(there)) = (here, there) {
                let slope = (there - here) / NUDGE;
                if slope.is_finite() {
                    slopes[place] = slope.clamp(-STEEPEST, STEEPEST);
                }
            }
        }
    }
    slopes
}

fn nudged(effects: &Effects, term: TermName) -> Effects {
    let mut by_scope = effects.by_scope().clone();
    let all = by_scope
        .entry("all".to_owned())
        .or_insert([0.0; TermName::ALL.len()]);
    all[term.index()] += NUDGE;
    Effects::new(by_scope)
}

/// The shifts of a fit, of the scopes that some fitted row has: what only held-out rows have is not known.
pub fn effects_of(rows: &RunRows, fitted: &Fitted) -> Effects {
    let mut known = vec![false; rows.scopes.len()];
    for (row, weight) in rows.rows.iter().zip(&fitted.weights) {
        if *weight > 0.0 {
            row.scopes.iter().for_each(|scope| known[*scope] = true);
        }
    }
    let all = effects(rows, &fitted.shift);
    let keys = rows.scopes.iter().zip(known).filter(|(_, known)| *known);
    let by_scope = keys.filter_map(|((key, _), _)| Some((key.clone(), *all.by_scope().get(key)?)));
    Effects::new(by_scope.collect())
}

/// Shifts under the keys of their scopes.
pub(super) fn effects(rows: &RunRows, shift: &Shift) -> Effects {
    let scopes = rows.scopes.iter().zip(shift);
    let by_scope: BTreeMap<String, Shifts> = scopes
        .map(|((key, _), of_scope)| {
            let mut shifts = [0.0; TermName::ALL.len()];
            for (term, shift) in FITTED.iter().zip(of_scope) {
                shifts[term.index()] = *shift;
            }
            (key.clone(), shifts)
        })
        .collect();
    Effects::new(by_scope)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::record::{Column, EffectSupport, Metric, TermPlace, TermRange, shifted};
    use crate::stats::math;

    /// Every run waits for memory alone: its time is the inverse of the share of the rate that its device reaches.
    pub struct Memory<'a> {
        pub places: &'a [TermPlace<'static>],
    }

    /// What the pack states.
    pub const CITED: f64 = 0.5;

    impl Runs for Memory<'_> {
        fn predict(&self, effects: &Effects, wanted: &[bool]) -> Vec<Option<f64>> {
            let time = |(place, is_wanted): (&TermPlace<'_>, &bool)| {
                let shift = effects.at(*place)[TermName::WeightBandwidth.index()];
                is_wanted.then(|| -math::ln(shifted(TermRange::Efficiency, CITED, shift)))
            };
            self.places.iter().zip(wanted).map(time).collect()
        }

        fn sketch(&self, effects: &Effects) -> Vec<Option<f64>> {
            self.predict(effects, &vec![true; self.places.len()])
        }
    }

    pub fn place(device: &'static str) -> TermPlace<'static> {
        TermPlace {
            device,
            class: "gpu",
            program: "p",
            ..TermPlace::ANY
        }
    }

    /// Rows of devices that reach shares of the rate.
    pub fn rows(
        reached: &[(&'static str, f64)],
        each: usize,
    ) -> (RunRows, Vec<TermPlace<'static>>) {
        let (mut rows, mut places) = (RunRows::default(), Vec::new());
        for (device, share) in reached {
            for model in 0..each {
                let scopes = rows.scopes_of(place(device));
                rows.rows.push(super::super::RunRow {
                    scopes,
                    measured: -math::ln(*share),
                    column: Column::of(Metric::Tpot),
                    source: "s".to_owned(),
                    quality: 1.0,
                    group: [(*device).to_owned(), format!("m{model}"), "p".to_owned()],
                    load: String::new(),
                    is_load: false,
                    program: "p".to_owned(),
                    sample: Sample::InSample,
                });
                places.push(place(device));
            }
        }
        (rows, places)
    }

    fn reached(rows: &RunRows, places: &[TermPlace<'static>], device: &'static str) -> f64 {
        let found = fit(rows, &Memory { places });
        let shift = effects_of(rows, &found).at(place(device))[TermName::WeightBandwidth.index()];
        shifted(TermRange::Efficiency, CITED, shift)
    }

    #[test]
    fn devices_are_told_apart_and_a_new_one_is_like_the_others() {
        let (rows, places) = rows(&[("a", 0.8), ("b", 0.7), ("c", 0.75)], 40);
        for (device, share) in [("a", 0.8), ("b", 0.7), ("c", 0.75), ("new", 0.75)] {
            let found = reached(&rows, &places, device);
            assert!((found / share - 1.0).abs() < 0.04, "{device} {found}");
        }
    }

    #[test]
    fn a_term_that_no_run_depends_on_stays_as_cited() {
        let (rows, places) = rows(&[("a", 0.8)], 30);
        let found = fit(&rows, &Memory { places: &places });
        let shifts = effects_of(&rows, &found).at(place("a"));
        assert!(shifts[TermName::GemmCompute.index()].abs() < 1e-12);
    }

    #[test]
    fn held_out_rows_move_nothing_and_make_nothing_known() {
        let (mut all, places) = rows(&[("a", 0.8), ("b", 0.2), ("a", 0.3)], 10);
        for row in all.rows.iter_mut().skip(10) {
            row.sample = Sample::HeldOut;
        }
        let found = fit(&all, &Memory { places: &places });
        let known = effects_of(&all, &found);
        assert_eq!(known.support(place("a")), EffectSupport::Pair);
        assert_eq!(known.support(place("b")), EffectSupport::Family);
        let (alone, _) = rows(&[("a", 0.8)], 10);
        let with = reached(&all, &places, "a");
        let without = reached(&alone, &places[..10], "a");
        assert!((with - without).abs() < 1e-9, "{with} {without}");
    }

    #[test]
    fn one_row_moves_little_and_impossible_ones_do_not_blow_up() {
        let (one, places) = rows(&[("a", 0.9)], 1);
        let found = reached(&one, &places, "a");
        assert!(found > CITED && found < 0.9, "{found}");
        let (faster, places) = rows(&[("a", 40.0), ("b", 1e-9)], 20);
        for device in ["a", "b"] {
            let found = reached(&faster, &places, device);
            assert!(found > 0.0 && found <= 1.0, "{found}");
        }
    }

    #[test]
    fn an_outlier_weighs_less_than_a_row_among_others() {
        let (mut all, places) = rows(&[("a", 0.8)], 30);
        all.rows[0].measured = math::ln(1000.0);
        let found = reached(&all, &places, "a");
        assert!((found / 0.8 - 1.0).abs() < 0.03, "{found}");
    }
}
