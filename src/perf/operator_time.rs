//! The time of a kernel call by a fitted operator model.

use super::operator_exchange::Wiring;
use super::operator_shape::{OperatorShape, operator_shape};
use crate::catalog::Device;
use crate::ops::Kernel;
use crate::record::{
    Column, DEVICE_LEVEL, Estimated, Local, Metric, NARROWEST_LEVEL, OPERATOR_LEVELS,
    OperatorFamily, OperatorModels, OperatorPlace, SHARED_LEVELS, Support, kept_size,
};
use crate::stats::math::{exp, ln};

/// The time of a call after each part of a model, seconds; the last is the prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatorParts {
    /// Floor and roofline.
    pub base: f64,
    /// With the efficiency that all calls share.
    pub whole: f64,
    /// With the corrections of each group, wide to narrow.
    pub levels: [f64; OPERATOR_LEVELS],
    /// With what near shapes have in common, and never below what is possible.
    pub time: f64,
}

/// The parts of a call of a given shape in the place of given keys.
///
/// `t = max(b, base / σ(c · x) · exp(Σ g · x + Σ o · x + local))`
///
/// | Symbol | Meaning |
/// |---|---|
/// | `base` | launch floor plus roofline, [`OperatorShape::roofline`] |
/// | `σ(c · x)` | efficiency between 0 and 1, [`efficiency`] |
/// | `g` | coefficients of the groups the place belongs to |
/// | `o` | coefficients by which points of one's own move its device and its narrowest group |
/// | `local` | `Σ w ((1 + d² / 2ℓ²)⁻¹ + τ [d = 0])` over fitted shapes at distance `d`, those of all devices and those of the group |
/// | `b` | [`OperatorShape::bound`]: no correction beats it |
pub fn operator_parts(
    family: &OperatorFamily,
    shape: &OperatorShape,
    keys: &[String; OPERATOR_LEVELS],
) -> OperatorParts {
    let floor = family.floors.at(keys);
    let features = standard_features(family, shape, floor);
    let base = floor + shape.roofline();
    let score = dot(&family.whole, &features) + machine_score(family, shape);
    let mut log = ln(base) + efficiency_cost(score);
    let whole = exp(log);
    let levels: [f64; OPERATOR_LEVELS] = std::array::from_fn(|level| {
        if let Some(coefficients) = family.levels[level].get(&keys[level]) {
            log += dot(coefficients, &features);
        }
        exp(log)
    });
    log += own(family, &features, keys) + local(family, shape, keys);
    OperatorParts {
        base,
        whole,
        levels,
        time: exp(log).max(shape.bound),
    }
}

/// `−ln σ(z)`, what an efficiency of `σ(z)` adds to the logarithm of a time; never negative.
pub fn efficiency_cost(score: f64) -> f64 {
    (-score).max(0.0) + libm::log1p(exp(-score.abs()))
}

/// The standardised features of a shape.
pub fn standard_features(family: &OperatorFamily, shape: &OperatorShape, floor: f64) -> Vec<f64> {
    let features = shape.features(floor);
    let scaled = features.iter().zip(&family.features);
    scaled.map(|(feature, scale)| scale.of(*feature)).collect()
}

/// The device's standardised features, a tenth of their size: the same penalty then shrinks them a hundred times as much, as
/// ten devices do not teach four slopes.
pub fn machine_features(family: &OperatorFamily, shape: &OperatorShape) -> Vec<f64> {
    let scaled = shape.machine.iter().zip(&family.machine);
    scaled
        .map(|(feature, scale)| 0.1 * scale.of(*feature))
        .collect()
}

fn machine_score(family: &OperatorFamily, shape: &OperatorShape) -> f64 {
    let coefficients = family.whole.iter().skip(1 + family.features.len());
    let features = machine_features(family, shape);
    coefficients.zip(&features).map(|(c, x)| c * x).sum()
}

/// The constant and the features.
fn dot(coefficients: &[f64], features: &[f64]) -> f64 {
    let constant = coefficients.first().copied().unwrap_or_default();
    let slopes = coefficients.iter().skip(1).zip(features);
    constant + slopes.map(|(c, x)| c * x).sum::<f64>()
}

/// What points of one's own move a call by: of its device where its narrowest group was not fitted, and of that group.
fn own(family: &OperatorFamily, features: &[f64], keys: &[String; OPERATOR_LEVELS]) -> f64 {
    let of = |level: usize| {
        let coefficients = family.own.get(&keys[level]);
        coefficients.map_or(0.0, |coefficients| dot(coefficients, features))
    };
    let is_fitted = family.levels[NARROWEST_LEVEL].contains_key(&keys[NARROWEST_LEVEL]);
    let of_device = if is_fitted { 0.0 } else { of(DEVICE_LEVEL) };
    of_device + of(NARROWEST_LEVEL)
}

/// What near shapes have in common on all devices and in the narrowest group.
fn local(family: &OperatorFamily, shape: &OperatorShape, keys: &[String; OPERATOR_LEVELS]) -> f64 {
    let sizes: Vec<f64> = shape.sizes.iter().map(|size| kept_size(*size)).collect();
    let near = |local: &Local, key: &str| {
        let points = local.groups.get(key).into_iter().flatten();
        let terms = points.map(|(place, weight)| {
            let other = family.shapes.get(*place as usize);
            other.map_or(0.0, |other| weight * local.alike.of(&sizes, other))
        });
        terms.sum::<f64>()
    };
    let common = near(&family.common, &keys[SHARED_LEVELS - 1]);
    let own = near(&family.local, &keys[OPERATOR_LEVELS - 1]);
    (common + own).clamp(-2.0, 2.0)
}

/// How far sizes lie outside what was fitted, in logarithms, summed.
fn outside(family: &OperatorFamily, shape: &OperatorShape) -> f64 {
    let sizes = shape.sizes.iter().zip(&family.range);
    sizes
        .map(|(size, (least, most))| (least - size).max(size - most).max(0.0))
        .sum()
}

/// The time of a call, how well its place is known, and whether its sizes are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OperatorTime {
    /// The time with its interval.
    pub time: Estimated,
    /// How well the place is known.
    pub support: Support,
    /// True outside the range of fitted sizes: the interval grows by half for each `e`-fold beyond it.
    pub extrapolated: bool,
}

/// The time of a call by the pack's model of its family; `None` where the pack has none, or a fact it needs is not stated.
///
/// # Assumptions
///
/// The call is repeated on the same operands, as kernel benchmarks do, so that what fits in the cache comes from there.
pub fn operator_time(
    models: &OperatorModels,
    kernel: &Kernel,
    device: &Device,
    place: &OperatorPlace<'_>,
) -> Option<OperatorTime> {
    let family = models.families.get(kernel.family())?;
    let shape = operator_shape(kernel, device, Wiring::of(place)).ok()?;
    if shape.sizes.len() != family.range.len()
        || shape.features(1e-6).len() != family.features.len()
    {
        return None;
    }
    let keys = place.keys();
    let parts = operator_parts(family, &shape, &keys);
    let support = family.support(&keys);
    let beyond = outside(family, &shape);
    let radius = family.radius(support) * (1.0 + 0.5 * beyond);
    Some(OperatorTime {
        time: Estimated {
            column: Column::of(Metric::KernelLatency),
            value: parts.time,
            lo: (parts.time * exp(-radius)).max(shape.bound),
            hi: parts.time * exp(radius),
        },
        support,
        extrapolated: beyond > 0.02,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::testing::{BF16, h100};
    use super::*;
    use crate::ops::Gemm;
    use crate::record::{Floors, Scale};

    const FEATURES: usize = 23;

    fn models(constant: f64) -> OperatorModels {
        let off = Scale {
            mean: 0.0,
            deviation: 0.0,
            limits: Scale::WIDEST,
        };
        let family = OperatorFamily {
            features: vec![off; FEATURES],
            machine: vec![off; 4],
            whole: [vec![constant], vec![0.0; FEATURES + 4]].concat(),
            floors: Floors {
                anywhere: 2e-6,
                ..Floors::default()
            },
            range: vec![(0.0, 10.0); 3],
            radii: [0.1, 0.2, 0.5],
            ..OperatorFamily::default()
        };
        OperatorModels {
            families: BTreeMap::from([("gemm".to_owned(), family)]),
        }
    }

    fn place() -> OperatorPlace<'static> {
        OperatorPlace {
            device: "h100-sxm5-80gb",
            op: "gemm",
            format: "bfloat16".to_owned(),
            backend: "vllm",
            version: "1",
            kernel: "k",
        }
    }

    fn time(models: &OperatorModels, size: f64) -> OperatorTime {
        let kernel = Kernel::Gemm(Gemm::new(size, size, size, BF16));
        operator_time(models, &kernel, &h100(), &place()).expect("a model")
    }

    #[test]
    fn an_efficiency_of_a_half_takes_twice_the_base() {
        let found = time(&models(0.0), 8192.0).time.value;
        let base = 2e-6 + 2.0 * 8192f64 * 8192.0 * 8192.0 / 989.5e12;
        assert!((found / (2.0 * base) - 1.0).abs() < 0.01, "{found}");
    }

    #[test]
    fn no_coefficient_makes_a_call_faster_than_possible() {
        let mut models = models(30.0);
        let family = models.families.get_mut("gemm").expect("it is there");
        let mut faster = vec![0.0; FEATURES + 1];
        faster[0] = -9.0;
        family.levels[0].insert(place().keys()[0].clone(), faster);
        let found = time(&models, 8192.0).time;
        let bound = 2.0 * 8192f64 * 8192.0 * 8192.0 / 989.5e12;
        assert!(found.lo >= bound * (1.0 - 1e-12) && found.lo <= found.value);
    }

    #[test]
    fn near_shapes_move_a_time_and_far_ones_do_not() {
        let mut models = models(0.0);
        let plain = [256.0, 60000.0].map(|size| time(&models, size).time.value);
        let family = models.families.get_mut("gemm").expect("it is there");
        family.shapes = vec![vec![kept_size(ln(256.0)); 3]];
        family.local.alike.length = 0.2;
        family
            .local
            .groups
            .insert(place().keys()[4].clone(), vec![(0, 0.5)]);
        let moved = [256.0, 60000.0].map(|size| time(&models, size).time.value);
        assert!((moved[0] / plain[0] / exp(0.5) - 1.0).abs() < 1e-9);
        assert!((moved[1] / plain[1] - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_shape_that_all_devices_know_is_more_like_itself_than_its_neighbour() {
        let mut models = models(0.0);
        let sizes = [256.0, 272.0];
        let plain = sizes.map(|size| time(&models, size).time.value);
        let family = models.families.get_mut("gemm").expect("it is there");
        family.shapes = vec![vec![kept_size(ln(256.0)); 3]];
        family.common.alike.sameness = 1.0;
        family
            .common
            .groups
            .insert(place().keys()[2].clone(), vec![(0, 0.25)]);
        let moved = sizes.map(|size| time(&models, size).time.value);
        let factors = [0, 1].map(|at| ln(moved[at] / plain[at]));
        assert!((factors[0] - 0.5).abs() < 1e-9, "{factors:?}");
        assert!(factors[1] > 0.2 && factors[1] < 0.25, "{factors:?}");
    }

    #[test]
    fn less_known_places_and_sizes_have_wider_intervals() {
        let width = |found: OperatorTime| found.time.hi / found.time.value;
        let mut models = models(0.0);
        let unknown = time(&models, 512.0);
        assert_eq!(unknown.support, Support::Nothing);
        let family = models.families.get_mut("gemm").expect("it is there");
        family.levels[4].insert(place().keys()[4].clone(), vec![0.0; FEATURES + 1]);
        let known = time(&models, 512.0);
        assert_eq!(known.support, Support::Group);
        assert!(width(known) < width(unknown));
        let far = time(&models, 1e5);
        assert!(far.extrapolated && width(far) > width(known));
    }

    #[test]
    fn a_family_the_pack_lacks_has_no_time() {
        let kernel = Kernel::Gemm(Gemm::new(1.0, 1.0, 1.0, BF16));
        let none = OperatorModels::default();
        assert_eq!(operator_time(&none, &kernel, &h100(), &place()), None);
    }
}
