//! Operator models: what a fit on kernel timings has learnt, as data. `perf` evaluates them, `calibrate` makes them.

use std::collections::BTreeMap;

/// Groups of rows that have coefficients of their own, from wide to narrow; each corrects what the wider ones leave.
///
/// | Level | Rows with one |
/// |---|---|
/// | 0 | operator, format, backend |
/// | 1 | operator, format, backend, kernel |
/// | 2 | operator, format, device |
/// | 3 | operator, format, backend, kernel, version, device |
pub const OPERATOR_LEVELS: usize = 4;

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
    /// The names of its groups, one for each level.
    pub fn keys(&self) -> [String; OPERATOR_LEVELS] {
        let wide = format!("{}|{}|{}", self.op, self.format, self.backend);
        let kernel = format!("{wide}|{}", self.kernel);
        let device = format!("{}|{}|{}", self.op, self.format, self.device);
        let narrow = format!("{kernel}|{}|{}", self.version, self.device);
        [wide, kernel, device, narrow]
    }
}

/// The centre and the spread of a feature; a spread of zero switches it off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
}

impl Scale {
    /// The standardised feature, at most 4 deviations from the mean: far outside, a straight line is no longer trusted.
    pub fn of(self, feature: f64) -> f64 {
        if self.deviation > 0.0 {
            ((feature - self.mean) / self.deviation).clamp(-4.0, 4.0)
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
    /// By the widest group.
    pub wide: BTreeMap<String, f64>,
    /// Anywhere.
    pub anywhere: f64,
}

impl Floors {
    /// The floor of a call: its group's, but at most twice that of its operator, format and backend, since a group may lack small
    /// calls.
    pub fn at(&self, keys: &[String; OPERATOR_LEVELS]) -> f64 {
        let wide = self.wide.get(&keys[0]).copied().unwrap_or(self.anywhere);
        let narrow = self.narrow.get(&keys[3]).copied();
        narrow.map_or(wide, |floor| floor.min(2.0 * wide))
    }
}

/// The part of a logarithm that shapes near each other have in common, by kernel ridge regression.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Local {
    /// Distance in logarithms of sizes over which shapes lose half of their likeness, times √2.
    pub length: f64,
    /// Positions in the family's shapes, with weights, by the narrowest group.
    pub groups: BTreeMap<String, Vec<(u32, f64)>>,
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
    /// Floors.
    pub floors: Floors,
    /// Logarithms of the sizes of fitted shapes.
    pub shapes: Vec<Vec<f64>>,
    /// What near shapes have in common.
    pub local: Local,
    /// Least and largest logarithm of each size.
    pub range: Vec<(f64, f64)>,
    /// Half-widths of the interval of the logarithm at the pack's level: seen group, seen device, neither.
    pub radii: [f64; 3],
}

impl OperatorFamily {
    /// How well the place of those keys is known.
    pub fn support(&self, keys: &[String; OPERATOR_LEVELS]) -> Support {
        if self.levels[3].contains_key(&keys[3]) {
            Support::Group
        } else if self.levels[2].contains_key(&keys[2]) {
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
        assert_eq!(keys[0], "gemm|fp8|b");
        assert_eq!(keys[3], "gemm|fp8|b|k|1|d");
    }

    #[test]
    fn a_feature_that_never_varied_is_switched_off() {
        let scale = Scale {
            mean: 3.0,
            deviation: 0.0,
        };
        assert_eq!(scale.of(1e9), 0.0);
    }

    #[test]
    fn a_group_without_small_calls_has_no_huge_floor() {
        let keys = ["w", "k", "d", "n"].map(str::to_owned);
        let floors = Floors {
            narrow: BTreeMap::from([("n".to_owned(), 1e-3)]),
            wide: BTreeMap::from([("w".to_owned(), 5e-6)]),
            anywhere: 3e-6,
        };
        assert_eq!(floors.at(&keys), 1e-5);
        assert_eq!(floors.at(&["", "", "", ""].map(str::to_owned)), 3e-6);
    }
}
