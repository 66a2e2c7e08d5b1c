//! How far off a model is, part by part, on what it has seen, on what was held out, and on devices left out; and the widths
//! of intervals that follow.

use std::collections::BTreeMap;

use super::account::{FamilyAccount, Stage, StageErrors};
use super::family::{Settings, fit_family};
use super::near::Choice;
use super::penalties::{Penalties, chosen};
use super::point::ASKED;
use super::{FitPoint, Suspect};
use crate::perf::{OperatorParts, operator_parts};
use crate::record::{OPERATOR_LEVELS, OperatorFamily, OperatorModels, Sample, Support};
use crate::stats::math::{exp, ln};
use crate::stats::quantile;

/// A model with what is known of its errors.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The model, with widths of intervals.
    pub family: OperatorFamily,
    /// Its errors.
    pub account: FamilyAccount,
}

/// Groups are left out in this many parts to learn how far off unseen groups of seen devices are.
const FOLDS: u8 = 4;

/// Errors of no group, where nothing could be left out: a factor of two either way.
const UNKNOWN_RADIUS: f64 = std::f64::consts::LN_2;

/// Fits the points that are neither held out nor suspect, and judges the model; intervals are those of `level`.
///
/// # Panics
///
/// Never for at least one point that is fitted: a fitted model reads back.
pub fn judge(name: &str, points: &[FitPoint], suspects: &[Option<Suspect>], level: f64) -> Judged {
    let sound: Vec<&FitPoint> = points
        .iter()
        .zip(suspects)
        .filter(|(_, suspect)| suspect.is_none())
        .map(|(point, _)| point)
        .collect();
    let (used, held_out): (Vec<&FitPoint>, Vec<&FitPoint>) = sound
        .iter()
        .partition(|point| point.sample == Sample::InSample);
    let chosen = chosen(&used);
    let penalties = chosen.penalties;
    let mut family = as_written(name, fit_family(&used, penalties, Settings::Whole));
    let common = Choice::of(&family.common);
    let devices = chosen.left_out(&used, common);
    let groups = without_groups(&used, penalties, common);
    let seen = parts(&family, &held_out);
    let seen_errors = held_out
        .iter()
        .zip(&seen)
        .filter(|(point, _)| family.support(&point.keys) == Support::Group)
        .map(|(point, parts)| ln(point.time / parts.time).abs());
    let device = radius(&groups, level).unwrap_or(UNKNOWN_RADIUS);
    let group = radius(&seen_errors.collect::<Vec<_>>(), level).unwrap_or(device);
    let left_out = devices
        .values()
        .flat_map(|errors| errors.iter().map(|error| error.abs()));
    let nothing = radius(&left_out.collect::<Vec<_>>(), level).unwrap_or(UNKNOWN_RADIUS);
    let device = device.max(group);
    family.radii = [group, device, nothing.max(device)];
    let account = FamilyAccount {
        family: name.to_owned(),
        in_sample: stages(&used, &parts(&family, &used)),
        held_out: stages(&held_out, &seen),
        single: single(&used, penalties),
        left_out: devices
            .into_iter()
            .filter_map(|(device, errors)| Some((device.to_owned(), relative(&errors)?)))
            .collect(),
        penalties: [penalties.shared, penalties.machine, penalties.groups],
        near: [&family.common, &family.local].map(|local| Some(Choice::of(local)?.length())),
        radii: family.radii,
        suspects: counted(suspects),
    };
    Judged { family, account }
}

/// The model with its numbers rounded as a pack holds them: what is judged is what is written.
fn as_written(name: &str, family: OperatorFamily) -> OperatorFamily {
    let models = OperatorModels {
        families: BTreeMap::from([(name.to_owned(), family)]),
    };
    let mut again = OperatorModels::of_json(models.to_json()).expect("a fitted model reads back");
    let family = again.families.remove(name);
    family.expect("it was written under its name")
}

fn counted(suspects: &[Option<Suspect>]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for suspect in suspects.iter().flatten() {
        *counts.entry(suspect.name().to_owned()).or_default() += 1;
    }
    counts
}

fn parts(family: &OperatorFamily, points: &[&FitPoint]) -> Vec<OperatorParts> {
    points
        .iter()
        .map(|point| operator_parts(family, &point.shape, &point.keys))
        .collect()
}

fn stages(points: &[&FitPoint], parts: &[OperatorParts]) -> BTreeMap<Stage, StageErrors> {
    let of = |stage: Stage| {
        let times = points.iter().zip(parts).map(|(point, parts)| {
            let time = match stage {
                Stage::Roofline => point.shape.roofline(),
                Stage::Whole => parts.whole,
                Stage::Groups => parts.levels[parts.levels.len() - 1],
                Stage::Local => parts.time,
            };
            time.max(point.shape.bound) / point.time - 1.0
        });
        Some((stage, StageErrors::of(times.collect())?))
    };
    Stage::ALL.into_iter().filter_map(of).collect()
}

/// The summary of errors of the logarithm.
fn relative(logs: &[f64]) -> Option<StageErrors> {
    StageErrors::of(logs.iter().map(|error| exp(-error) - 1.0).collect())
}

/// Errors on a fifth of single shapes of fitted layers, by a model that has seen the other four.
fn single(points: &[&FitPoint], penalties: Penalties) -> BTreeMap<Stage, StageErrors> {
    let (test, teach): (Vec<&FitPoint>, Vec<&FitPoint>) =
        points.iter().partition(|point| point.part == ASKED);
    if test.is_empty() || teach.is_empty() {
        return BTreeMap::new();
    }
    let family = fit_family(&teach, penalties, Settings::Whole);
    stages(&test, &parts(&family, &test))
}

/// Errors of groups by models that have not seen them, but their device.
fn without_groups(points: &[&FitPoint], penalties: Penalties, common: Option<Choice>) -> Vec<f64> {
    let settings = common.map_or(Settings::WithoutLocal, Settings::Common);
    let fold = |point: &FitPoint| {
        let narrowest = &point.keys[OPERATOR_LEVELS - 1];
        blake3::hash(narrowest.as_bytes()).as_bytes()[0] % FOLDS
    };
    (0..FOLDS)
        .flat_map(|number| {
            let (test, teach): (Vec<&FitPoint>, Vec<&FitPoint>) =
                points.iter().partition(|point| fold(point) == number);
            if teach.is_empty() {
                return Vec::new();
            }
            let family = fit_family(&teach, penalties, settings);
            let test: Vec<&FitPoint> = test
                .into_iter()
                .filter(|point| family.support(&point.keys) == Support::Device)
                .collect();
            let errors = logs(&family, &test).into_iter();
            errors.map(f64::abs).collect()
        })
        .collect()
}

/// `ln(measured / predicted)`.
pub(super) fn logs(family: &OperatorFamily, points: &[&FitPoint]) -> Vec<f64> {
    let predicted = parts(family, points);
    let pairs = points.iter().zip(&predicted);
    pairs
        .map(|(point, parts)| ln(point.time / parts.time))
        .collect()
}

/// The `level` quantile of absolute errors with the correction for few of them, `(n + 1) level / n` (Lei et al.,
/// "Distribution-Free Predictive Inference for Regression", 2018, section 2.2).
fn radius(errors: &[f64], level: f64) -> Option<f64> {
    let count = errors.len() as f64;
    quantile(errors, ((count + 1.0) * level / count.max(1.0)).min(1.0))
}
