//! Which rows a fit may use: a pack's split of groups, by a seeded hash.
//!
//! Fitting and validation ask the same function, [`Split::sample`], so that what one leaves out the other counts as unseen.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calibration::TermPlace;
use super::effect_scope::EffectScope;

/// Whether a pack has seen a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sample {
    /// No: its group was left out, or its source was not used.
    HeldOut,
    /// Yes: it was used in the fit.
    InSample,
}

impl Sample {
    /// The name as validations write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HeldOut => "held_out",
            Self::InSample => "in_sample",
        }
    }
}

/// What rows have in common that are fitted or held out together: rows of one group are too alike to test each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowGroup<'a> {
    /// Rows of runs.
    Run {
        /// Catalogue id of the device.
        hardware: &'a str,
        /// Catalogue id of the model.
        model: &'a str,
        /// Software as the row names it; `unstated` where it names none.
        framework: &'a str,
    },
    /// Rows of kernels.
    Kernel {
        /// Catalogue id of the device.
        hardware: &'a str,
        /// The operator.
        op: &'a str,
        /// Sizes of the layer, of [`super::rows::KernelFamily::layer`], as the row writes them.
        shape: &'a [&'a str],
    },
}

impl<'a> RowGroup<'a> {
    /// The scopes of shifts that the group may have for itself; none for kernels, which no shift moves.
    pub fn scopes(&self) -> Vec<String> {
        match *self {
            Self::Run {
                hardware,
                model,
                framework,
            } => {
                let key = |program: String| {
                    let place = TermPlace {
                        device: hardware,
                        model,
                        program: &program,
                        ..TermPlace::ANY
                    };
                    EffectScope::DeviceModelProgram.key(place)
                };
                let stacks = super::rows::stacks(framework);
                stacks.into_iter().filter_map(key).collect()
            }
            Self::Kernel { .. } => Vec::new(),
        }
    }

    fn parts(&self) -> Vec<&'a str> {
        match *self {
            Self::Run {
                hardware,
                model,
                framework,
            } => vec!["run", hardware, model, framework],
            Self::Kernel {
                hardware,
                op,
                shape,
            } => ["kernel", hardware, op]
                .into_iter()
                .chain(shape.iter().copied())
                .collect(),
        }
    }
}

/// How a pack split the groups of its rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// Seed of the hash.
    pub seed: u64,
    /// Share of groups that the fit did not see, from 0 to below 1.
    pub holdout: f64,
    /// What makes a group; [`Split::KEYS`] in this version.
    pub group_keys: GroupKeys,
}

/// Names of what makes a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupKeys {
    /// Of rows of runs.
    pub runs: Vec<String>,
    /// Of rows of kernels.
    pub kernels: Vec<String>,
}

impl Split {
    /// What makes a group of runs, and of kernels.
    pub const KEYS: [[&'static str; 3]; 2] = [
        ["hardware", "model", "framework"],
        ["hardware", "op", "shape"],
    ];

    /// A split of the groups that this version makes.
    pub fn new(seed: u64, holdout: f64) -> Self {
        let [runs, kernels] = Self::KEYS.map(|keys| keys.map(str::to_owned).to_vec());
        Self {
            seed,
            holdout,
            group_keys: GroupKeys { runs, kernels },
        }
    }

    /// True when the share is one and the groups are those of this version.
    pub fn is_known(&self) -> bool {
        (0.0..1.0).contains(&self.holdout) && *self == Self::new(self.seed, self.holdout)
    }

    /// Whether rows of a group are fitted or held out.
    ///
    /// `u < holdout` is held out, where `u` is the first 53 bits of `blake3(seed, parts)` over 2⁵³: the seed as 8 bytes, then
    /// each part of the group as its length in 8 bytes and its text, all little-endian. `u` is even over groups and does not
    /// depend on the other rows, so a row added later moves no other.
    ///
    /// ```
    /// use phantom::record::{RowGroup, Sample, Split};
    /// let group = RowGroup::Run { hardware: "h100-sxm5-80gb", model: "llama-3.1-8b", framework: "vllm" };
    /// assert_eq!(Split::new(1, 0.0).sample(&group), Sample::InSample);
    /// assert_eq!(Split::new(1, 0.9999).sample(&group), Sample::HeldOut);
    /// ```
    pub fn sample(&self, group: &RowGroup<'_>) -> Sample {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.seed.to_le_bytes());
        for part in group.parts() {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        let share = (u64::from_le_bytes(first) >> 11) as f64 / (1_u64 << 53) as f64;
        if share < self.holdout {
            Sample::HeldOut
        } else {
            Sample::InSample
        }
    }
}

/// A file of measurements that a fit used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackInput {
    /// Its path.
    pub path: String,
    /// blake3 of its bytes, hex.
    pub blake3: String,
    /// Sources of its rows.
    pub sources: Vec<String>,
    /// Rows that were fitted.
    pub rows_used: u64,
    /// Rows that were not, by reason.
    pub skipped: BTreeMap<String, u64>,
    /// Whether every group was fitted, whatever the split says: own rows that were added to a pack.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held_out(split: &Split) -> usize {
        let names: Vec<String> = (0..1000).map(|number| format!("model-{number}")).collect();
        let sample = |model: &String| {
            let group = RowGroup::Run {
                hardware: "h",
                model,
                framework: "vllm",
            };
            split.sample(&group)
        };
        names
            .iter()
            .filter(|model| sample(model) == Sample::HeldOut)
            .count()
    }

    #[test]
    fn about_the_asked_share_is_held_out() {
        for (holdout, range) in [(0.2, 160..240), (0.5, 450..550)] {
            let found = held_out(&Split::new(7, holdout));
            assert!(range.contains(&found), "{found} of 1000 at {holdout}");
        }
    }

    #[test]
    fn another_seed_holds_out_other_groups() {
        let group = |model| RowGroup::Run {
            hardware: "h",
            model,
            framework: "vllm",
        };
        let models = ["a", "b", "c", "d", "e", "f", "g", "h"];
        let of_seed = |seed| models.map(|model| Split::new(seed, 0.5).sample(&group(model)));
        assert_ne!(of_seed(1), of_seed(2));
        assert_eq!(of_seed(1), of_seed(1));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let kernel = |op, shape: &[&str]| {
            let split = Split::new(3, 0.5);
            (0..64)
                .map(|seed| {
                    let split = Split {
                        seed,
                        ..split.clone()
                    };
                    split.sample(&RowGroup::Kernel {
                        hardware: "h",
                        op,
                        shape,
                    })
                })
                .collect::<Vec<_>>()
        };
        assert_ne!(kernel("gemm", &["12", "3"]), kernel("gemm", &["1", "23"]));
        assert_ne!(kernel("gemm", &["1"]), kernel("gemm1", &[""]));
    }

    #[test]
    fn only_the_groups_of_this_version_are_known() {
        assert!(Split::new(1, 0.2).is_known());
        assert!(!Split::new(1, 1.0).is_known());
        let mut other = Split::new(1, 0.2);
        other.group_keys.runs.pop();
        assert!(!other.is_known());
    }
}
