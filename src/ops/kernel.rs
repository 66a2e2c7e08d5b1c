//! Stand-alone operators with their dimensions: what kernel tables measure, and what the operators of a model become once
//! a step is known.

use super::{
    AttentionContext, AttentionEncoder, AttentionGeneration, Collective, Cost, Elementwise, Gemm,
    LinearAttention, MlaContext, MlaGeneration, MlaModule, Moe, MoeDispatch,
};

/// One call of one operator on one device (collectives: of one group).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kernel {
    /// A matrix product.
    Gemm(Gemm),
    /// Causal attention of prompts.
    AttentionContext(AttentionContext),
    /// Attention of generation.
    AttentionGeneration(AttentionGeneration),
    /// Attention without mask and cache.
    AttentionEncoder(AttentionEncoder),
    /// Latent attention of prompts.
    MlaContext(MlaContext),
    /// Latent attention of generation.
    MlaGeneration(MlaGeneration),
    /// Latent attention with its projections.
    MlaModule(MlaModule),
    /// Routed experts.
    Moe(Moe),
    /// An exchange around experts.
    MoeDispatch(MoeDispatch),
    /// An exchange.
    Collective(Collective),
    /// Numbers that only move.
    Elementwise(Elementwise),
    /// A recurrence.
    LinearAttention(LinearAttention),
}

impl Kernel {
    /// What one call costs.
    pub fn cost(&self) -> Cost {
        match self {
            Self::Gemm(kernel) => kernel.cost(),
            Self::AttentionContext(kernel) => kernel.cost(),
            Self::AttentionGeneration(kernel) => kernel.cost(),
            Self::AttentionEncoder(kernel) => kernel.cost(),
            Self::MlaContext(kernel) => kernel.cost(),
            Self::MlaGeneration(kernel) => kernel.cost(),
            Self::MlaModule(kernel) => kernel.cost(),
            Self::Moe(kernel) => kernel.cost(),
            Self::MoeDispatch(kernel) => kernel.cost(),
            Self::Collective(kernel) => kernel.cost(),
            Self::Elementwise(kernel) => kernel.cost(),
            Self::LinearAttention(kernel) => kernel.cost(),
        }
    }

    /// The family whose measurements teach it, by the name of its table.
    pub const fn family(&self) -> &'static str {
        match self {
            Self::Gemm(_) => "gemm",
            Self::AttentionContext(_) => "attention_context",
            Self::AttentionGeneration(_) => "attention_generation",
            Self::AttentionEncoder(_) => "attention_encoder",
            Self::MlaContext(_) | Self::MlaGeneration(_) | Self::MlaModule(_) => "mla",
            Self::Moe(_) => "moe",
            Self::MoeDispatch(_) => "moe_dispatch",
            Self::Collective(_) => "collective",
            Self::Elementwise(_) => "elementwise",
            Self::LinearAttention(_) => "linear_attention",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::{Format, Precision, RecurrentKind};
    use crate::ops::{
        Heads, LatentDims, MlaCore, RecurrentHeads, RecurrentPart, RecurrentPhase, Routing,
    };

    const BF16: Precision = Precision::uniform(Format::Bf16);

    /// A kernel of each family from six sizes.
    #[expect(clippy::too_many_lines, reason = "one literal for each family")]
    fn kernels(s: [f64; 6]) -> Vec<Kernel> {
        let [batch, length, cached, heads, width, window] = s;
        let heads_of = Heads::new(heads, heads, width);
        let context = AttentionContext {
            batch,
            q_len: length,
            prefix_len: cached,
            heads: heads_of,
            window: None,
            precision: BF16,
        };
        let mla = MlaContext {
            batch,
            q_len: length,
            prefix_len: cached,
            heads,
            dims: LatentDims::DEEPSEEK_V3,
            precision: BF16,
        };
        let generation = MlaGeneration {
            batch,
            q_len: 1.0,
            kv_len: cached + 1.0,
            heads,
            dims: LatentDims::DEEPSEEK_V3,
            precision: BF16,
        };
        vec![
            Kernel::Gemm(Gemm::new(batch * length, width, cached + heads, BF16)),
            Kernel::AttentionContext(context),
            Kernel::AttentionContext(AttentionContext {
                window: Some(window),
                ..context
            }),
            Kernel::AttentionGeneration(AttentionGeneration {
                batch,
                q_len: 1.0,
                kv_len: cached + length,
                heads: heads_of,
                window: Some(window),
                precision: BF16,
            }),
            Kernel::MlaContext(mla),
            Kernel::MlaGeneration(generation),
            Kernel::MlaModule(MlaModule {
                core: MlaCore::Context(mla),
                gemm: BF16,
            }),
            Kernel::Moe(Moe {
                tokens: batch * length,
                hidden: width,
                inter: cached + 1.0,
                topk: 8.0,
                experts: 64.0,
                tp: 1.0,
                ep: 4.0,
                matrices: 3.0,
                routing: Routing::Uniform,
                precision: BF16,
                weight_bits: 16.0,
            }),
            Kernel::LinearAttention(LinearAttention {
                part: RecurrentPart::Core,
                phase: RecurrentPhase::Context,
                batch,
                seq_len: length,
                heads: RecurrentHeads {
                    kind: RecurrentKind::GatedDeltaNet,
                    keys: heads,
                    values: heads,
                    key_dim: width,
                    value_dim: width,
                    conv: 4.0,
                },
                precision: BF16,
            }),
        ]
    }

    proptest! {
        #[test]
        fn a_larger_size_never_costs_less(
            sizes in proptest::array::uniform6(1u32..3000),
            which in 0usize..6,
            more in 1u32..500,
        ) {
            let base = sizes.map(f64::from);
            let mut larger = base;
            larger[which] += f64::from(more);
            for (small, large) in kernels(base).iter().zip(kernels(larger)) {
                let (small, large) = (small.cost(), large.cost());
                prop_assert!(large.work.get() >= small.work.get() * (1.0 - 1e-12));
                prop_assert!(large.traffic().get() >= small.traffic().get() * (1.0 - 1e-12));
            }
        }

        #[test]
        fn pairs_of_a_window_count_each_query_once(q in 1u32..200, prefix in 0u32..200, window in 1u32..200) {
            let counted: u32 = (1..=q).map(|i| (prefix + i).min(window)).sum();
            let pairs = crate::ops::causal_pairs(q.into(), prefix.into(), Some(window.into()));
            prop_assert!((pairs - f64::from(counted)).abs() < 1e-9);
        }
    }

    #[test]
    fn a_module_is_its_attention_and_its_projections() {
        let core = MlaGeneration {
            batch: 8.0,
            q_len: 1.0,
            kv_len: 1000.0,
            heads: 128.0,
            dims: LatentDims::DEEPSEEK_V3,
            precision: BF16,
        };
        let module = MlaModule {
            core: MlaCore::Generation(core),
            gemm: BF16,
        };
        let projections = 7168.0 * 1536.0
            + 1536.0 * 128.0 * 192.0
            + 7168.0 * 576.0
            + 512.0 * 128.0 * 256.0
            + 128.0 * 128.0 * 7168.0;
        let work = core.cost().work.get() + 2.0 * 8.0 * projections;
        assert!((module.cost().work.get() - work).abs() < 1e-6 * work);
        assert!((module.cost().weight_traffic.get() - 2.0 * projections).abs() < 1.0);
    }
}
