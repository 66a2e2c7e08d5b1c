//! Operator models: what a fit on kernel timings has learnt, as data. `perf` evaluates them, `calibrate` makes them; both hold shapes
//! against each other by [`Alike`].

use std::collections::BTreeMap;

use crate::stats::math::{exp, sqrt};

/// Groups of rows that have coefficients of their own, from wide to narrow; each corrects what the wider ones leave.
///
/// | Level | Rows with one |
/// |---|---|
/// | 0 | operator, format, backend |
/// | 1 | operator, format, backend, kernel |
/// | 2 | operator, format, backend, kernel, version |
/// | 3 | operator, format, device |
/// | 4 | operator, format, backend, kernel, version, device |
///
/// The first three are shared by devices: they are what is known of a device that was not fitted.
pub const OPERATOR_LEVELS: usize = 5;

/// Levels that are shared by devices, from wide to narrow.
pub const SHARED_LEVELS: usize = 3;

/// The level of a device.
pub const DEVICE_LEVEL: usize = SHARED_LEVELS;

/// The level of the narrowest groups.
pub const NARROWEST_LEVEL: usize = OPERATOR_LEVELS - 1;

/// What names the software and hardware of an operator call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorPlace<'a> {
    /// Catalogue id of the device.
    pub device: &'a str,
    /// The operator, as kernel tables name it.
    pub op: &'a str,
    /// Number formats and the mode of the call, joined by `/`.
    pub format: String,
    /// Software.
    pub backend: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The implementation's name.
    pub kernel: &'a str,
}

impl OperatorPlace<'_> {
    /// The word of the format of boxes whose cards are bridged in pairs.
    pub const PAIRS: &'static str = "pairs";

    /// True in a box whose cards are bridged in pairs.
    pub fn is_paired(&self) -> bool {
        self.format.rsplit('/').next() == Some(Self::PAIRS)
    }

    /// The names of its groups, one for each level.
    pub fn keys(&self) -> [String; OPERATOR_LEVELS] {
        let format = format!("{}|{}", self.op, self.format);
        let backend = format!("{format}|{}", self.backend);
        let kernel = format!("{backend}|{}", self.kernel);
        let version = format!("{kernel}|{}", self.version);
        let device = format!("{format}|{}", self.device);
        let narrow = format!("{version}|{}", self.device);
        [backend, kernel, version, device, narrow]
    }
}

/// The centre and the spread of a feature; a spread of zero switches it off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Least and largest standardised feature that was fitted.
    pub limits: (f64, f64),
}

impl Scale {
    /// Limits of a standardised feature where nothing narrower is known.
    pub const WIDEST: (f64, f64) = (-4.0, 4.0);

    /// The standardised feature, inside what was fitted: outside, a straight line is no longer trusted.
    pub fn of(self, feature: f64) -> f64 {
        let (least, most) = self.limits;
        if self.deviation > 0.0 {
            ((feature - self.mean) / self.deviation)
                .max(least)
                .min(most)
        } else {
            0.0
        }
    }
}

/// Time of a call with hardly any work, seconds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Floors {
    /// By the narrowest group.
    pub narrow: BTreeMap<String, f64>,
    /// By groups that devices share, of every level: names of different levels differ.
    pub shared: BTreeMap<String, f64>,
    /// Anywhere.
    pub anywhere: f64,
}

impl Floors {
    /// The floor of a call: its group's, but at most twice that of the narrowest group that other devices share, since a group
    /// may lack small calls. Floors differ more between kernels and versions than between devices: some launch one kernel,
    /// others a dozen.
    pub fn at(&self, keys: &[String; OPERATOR_LEVELS]) -> f64 {
        let mut shared = keys[..SHARED_LEVELS].iter().rev();
        let shared = shared.find_map(|key| self.shared.get(key)).copied();
        let shared = shared.unwrap_or(self.anywhere);
        let narrow = self.narrow.get(&keys[NARROWEST_LEVEL]).copied();
        narrow.map_or(shared, |floor| floor.min(2.0 * shared))
    }
}

/// How alike shapes are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Alike {
    /// Distance in logarithms of sizes over which shapes lose half of their likeness, times √2.
    pub length: f64,
    /// What a shape is more alike to itself.
    pub sameness: f64,
    /// Whether likeness falls at once with distance, so that steps between neighbours are followed.
    pub rough: bool,
    /// The likeness of shapes that differ in more than their first size, the rows or the batch, of that of others.
    pub across: f64,
}

impl Alike {
    /// Smooth and the same across layers: how shapes were told apart before there were choices.
    pub const fn smooth(length: f64, sameness: f64) -> Self {
        Self {
            length,
            sameness,
            rough: false,
            across: 1.0,
        }
    }

    /// The likeness of two shapes, by logarithms of their sizes as [`kept_size`](super::kept_size) has them: a rational quadratic of their distance, or an exponential
    /// where it is [rough](Self::rough), from 1 to 0, and [`Self::sameness`] where they are the same (Rasmussen and Williams, "Gaussian
    /// Processes for Machine Learning", 2006, section 4.2.1).
    pub fn of(self, one: &[f64], other: &[f64]) -> f64 {
        let square = |(a, b): (&f64, &f64)| (a - b) * (a - b);
        let mut squares = one.iter().zip(other).map(square);
        let first = squares.next().unwrap_or(0.0);
        let others = squares.sum::<f64>();
        let squares = first + others;
        let same = if squares <= 0.0 { self.sameness } else { 0.0 };
        let near = if self.rough {
            exp(-sqrt(squares) / self.length)
        } else {
            1.0 / (1.0 + squares / (2.0 * self.length * self.length))
        };
        near * if others > 0.0 { self.across } else { 1.0 } + same
    }
}

/// The part of a logarithm that shapes near each other have in common, by kernel ridge regression.
#[derive(Debug, Clone, PartialEq)]
pub struct Local {
    /// How alike shapes are.
    pub alike: Alike,
    /// The variance of noise over that of what near shapes share, of a shape that was timed once.
    pub noise: f64,
    /// Positions in the family's shapes, with weights, by group.
    pub groups: BTreeMap<String, Vec<(u32, f64)>>,
}

impl Default for Local {
    fn default() -> Self {
        Self {
            alike: Alike::smooth(1.0, 0.0),
            noise: 1.0,
            groups: BTreeMap::new(),
        }
    }
}

/// How well a place is known to a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Support {
    /// Its narrowest group was fitted.
    Group,
    /// Its device was fitted for that operator and format.
    Device,
    /// Its device was not.
    Nothing,
}

/// The model of one family of operators.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OperatorFamily {
    /// Scales of features of the call.
    pub features: Vec<Scale>,
    /// Scales of features of the device.
    pub machine: Vec<Scale>,
    /// Coefficients of the efficiency: a constant, the features, the device's features.
    pub whole: Vec<f64>,
    /// Coefficients of the logarithm by group: a constant, then the features.
    pub levels: [BTreeMap<String, Vec<f64>>; OPERATOR_LEVELS],
    /// Coefficients by which own points move groups of a device (those of its groups that were not fitted) and narrowest groups.
    pub own: BTreeMap<String, Vec<f64>>,
    /// Floors.
    pub floors: Floors,
    /// Logarithms of the sizes of fitted shapes.
    pub shapes: Vec<Vec<f64>>,
    /// What near shapes have in common on all devices, by operator, format, backend, kernel and version.
    pub common: Local,
    /// What they have in common beside it, by the narrowest group.
    pub local: Local,
    /// Least and largest logarithm of each size.
    pub range: Vec<(f64, f64)>,
    /// Half-widths of the interval of the logarithm at the pack's level: seen group, seen device, neither.
    pub radii: [f64; 3],
}

impl OperatorFamily {
    /// How well the place of those keys is known.
    pub fn support(&self, keys: &[String; OPERATOR_LEVELS]) -> Support {
        if self.levels[NARROWEST_LEVEL].contains_key(&keys[NARROWEST_LEVEL]) {
            Support::Group
        } else if self.levels[DEVICE_LEVEL].contains_key(&keys[DEVICE_LEVEL]) {
            Support::Device
        } else {
            Support::Nothing
        }
    }

    /// The half-width of the interval of the logarithm.
    pub const fn radius(&self, support: Support) -> f64 {
        match support {
            Support::Group => self.radii[0],
            Support::Device => self.radii[1],
            Support::Nothing => self.radii[2],
        }
    }
}

/// The models of a pack by family, as [`crate::ops::Kernel::family`] names them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OperatorModels {
    /// By family.
    pub families: BTreeMap<String, OperatorFamily>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likeness_falls_with_distance_and_across_layers() {
        let smooth = Alike::smooth(1.0, 0.0);
        let rough = Alike {
            rough: true,
            across: 0.3,
            ..smooth
        };
        for alike in [smooth, rough] {
            assert!((alike.of(&[1.0, 2.0], &[1.0, 2.0]) - 1.0).abs() < 1e-12);
            let near = [0.1, 0.5, 1.0, 4.0].map(|rows| alike.of(&[0.0, 2.0], &[rows, 2.0]));
            assert!(near.is_sorted_by(|one, other| one > other), "{near:?}");
            assert!(near.iter().all(|near| *near > 0.0 && *near < 1.0));
        }
        // A step between neighbours is followed at once, and another width says a third of what the same says.
        assert!(rough.of(&[0.0, 2.0], &[0.1, 2.0]) < smooth.of(&[0.0, 2.0], &[0.1, 2.0]));
        let (within, beside) = ([0.5, 2.0], [0.0, 2.5]);
        let of = |other: &[f64]| rough.of(&[0.0, 2.0], other);
        assert!((of(&beside) / of(&within) - 0.3).abs() < 1e-9);
    }

    #[test]
    fn keys_go_from_wide_to_narrow() {
        let place = OperatorPlace {
            device: "d",
            op: "gemm",
            format: "fp8".to_owned(),
            backend: "b",
            version: "1",
            kernel: "k",
        };
        let keys = place.keys();
        let expected = [
            "gemm|fp8|b",
            "gemm|fp8|b|k",
            "gemm|fp8|b|k|1",
            "gemm|fp8|d",
            "gemm|fp8|b|k|1|d",
        ];
        assert_eq!(keys, expected.map(str::to_owned));
    }

    #[test]
    fn a_feature_that_never_varied_is_switched_off() {
        let scale = Scale {
            mean: 3.0,
            deviation: 0.0,
            limits: Scale::WIDEST,
        };
        assert_eq!(scale.of(1e9), 0.0);
    }

    #[test]
    fn a_feature_stays_inside_what_was_fitted() {
        let scale = Scale {
            mean: 3.0,
            deviation: 0.5,
            limits: (-1.0, 2.0),
        };
        assert_eq!(
            [0.0, 3.5, 1e9].map(|feature| scale.of(feature)),
            [-1.0, 1.0, 2.0]
        );
    }

    #[test]
    fn a_group_without_small_calls_has_no_huge_floor() {
        let keys = ["w", "k", "v", "d", "n"].map(str::to_owned);
        let floors = Floors {
            narrow: BTreeMap::from([("n".to_owned(), 1e-3)]),
            shared: BTreeMap::from([("w".to_owned(), 5e-6), ("d".to_owned(), 9e-6)]),
            anywhere: 3e-6,
        };
        assert_eq!(floors.at(&keys), 1e-5);
        assert_eq!(floors.at(&[const { String::new() }; OPERATOR_LEVELS]), 3e-6);
    }
}
