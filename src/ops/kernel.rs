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
