//! What Hugging Face Transformers does beyond the operators of a model.
//!
//! Source: `huggingface/transformers` at v4.51, `cache_utils.py` and the modelling files of Qwen3, Qwen2-MoE and Mixtral.
//!
//! - `DynamicCache.update` joins old and new keys with `torch.cat`: each step reads the whole cache and writes it again.
//! - `repeat_kv` copies keys and values for every query head before attention reads them (grouped heads alone). From version 5 on
//!   `use_gqa_in_sdpa` leaves that to the kernel: 64 sequences of 1 024 tokens of Qwen3-8B take 34 ms a step under 5.17 on an H100, where
//!   the copies alone would take 40 (`datasets/measurements/tools/measure_torch.py`).
//! - A sparse block loops over all experts and computes each with kernels of its own, for few tokens as for many.

use super::terms::Terms;
use crate::ops::{Heads, OpKind};

/// Kernels of one turn of the loop over experts: `where` (three), two gathers, the product that gates, that of the other input,
/// the activation, their product, the product out, the weighting and `index_add_`.
const KERNELS_OF_AN_EXPERT: f64 = 12.0;

/// What software does beyond the operators of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    /// Nothing: kernels are written for the operators.
    Nothing,
    /// The modules of Transformers as they stand.
    Modules,
    /// The same from version 5 on, whose attention kernels take grouped heads.
    GroupedModules,
}

impl Extra {
    /// That of the software of a place.
    pub fn of(terms: &Terms<'_>) -> Self {
        let major = terms.version().split('.').next();
        let major = major.and_then(|major| major.parse::<u32>().ok());
        match (terms.program(), major) {
            ("transformers", Some(5..)) => Self::GroupedModules,
            ("transformers", _) => Self::Modules,
            (_, _) => Self::Nothing,
        }
    }

    /// Launches for each call of an operator.
    pub fn launches(self, kind: &OpKind) -> f64 {
        match (self, kind) {
            (Self::Modules | Self::GroupedModules, OpKind::Experts(moe)) => {
                KERNELS_OF_AN_EXPERT * moe.experts / moe.ep
            }
            (Self::Modules | Self::GroupedModules | Self::Nothing, _) => 1.0,
        }
    }

    /// How often keys and values cross memory for each time that attention needs them.
    pub fn cache_traffic(self, kind: &OpKind) -> f64 {
        match (self, kind) {
            (Self::Modules, OpKind::Attention { heads, .. }) => copies(heads),
            (Self::GroupedModules, OpKind::Attention { .. }) => JOINED,
            (Self::Modules | Self::GroupedModules | Self::Nothing, _) => 1.0,
        }
    }
}

/// Joining reads and writes once each, and attention reads what was joined.
const JOINED: f64 = 3.0;

/// Repeating reads once and writes a copy for each query head of a group, all of which
/// attention then reads.
fn copies(heads: &Heads) -> f64 {
    let group = heads.queries / heads.kv;
    if group > 1.0 {
        JOINED + 2.0 * group
    } else {
        JOINED
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, llama_8b, pack, system};
    use super::super::{EstimateOptions, Server};
    use crate::record::{Column, Metric, TermName, TermPlace};
    use crate::scenario::{LoadMode, System};

    fn tpot(system: &System, isl: u64) -> f64 {
        let server = Server::new(system, &pack()).expect("modelled");
        let workload = super::super::testing::workload(isl, 16, LoadMode::SingleStream);
        let options = EstimateOptions::new(0.9, &[]);
        let estimate = server.estimate(&workload, &options).expect("modelled");
        estimate.get(Column::of(Metric::Tpot)).expect("there").value
    }

    #[test]
    fn a_long_cache_costs_more_than_it_is_long() {
        let plain = system(llama_8b(), h100(), 1);
        let mut modules = plain.clone();
        modules.runtime.program = "transformers".to_owned();
        let slower = |system: &System| tpot(system, 32_768) - tpot(system, 1);
        // Four query heads share keys: three times, and eight times more for the copies.
        let ratio = slower(&modules) / slower(&plain);
        assert!((10.9..11.1).contains(&ratio), "{ratio}");
        modules.runtime.version = Some("5.17.0".to_owned());
        let ratio = slower(&modules) / slower(&plain);
        assert!((2.9..3.1).contains(&ratio), "{ratio}");
    }

    #[test]
    fn experts_one_by_one_take_a_launch_each() {
        let mut moe = system(llama_8b(), h100(), 1);
        let model = crate::catalog::Catalog::embedded().model("qwen3-30b-a3b");
        moe.model.model = std::sync::Arc::clone(model.expect("in the catalogue"));
        let fused = tpot(&moe, 1);
        moe.runtime.program = "transformers".to_owned();
        let pack = pack();
        let launch = pack.term(TermName::KernelLaunch, TermPlace::ANY);
        let launch = launch.expect("stated").value.value;
        let more = 48.0 * (128.0 * 12.0 - 1.0) * launch;
        let found = tpot(&moe, 1) - fused;
        assert!(
            launch > 0.0 && (found / more - 1.0).abs() < 0.01,
            "{found} {more}"
        );
    }
}
