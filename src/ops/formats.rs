//! Which format each kind of tensor is stored in.

use super::gguf_mix;
use super::gguf_rules;
use super::width;
use crate::catalog::{Format, Precision, Transformer};

/// What a tensor is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the tensors")]
pub enum Role {
    Embedding,
    Head,
    AttentionQ,
    AttentionK,
    AttentionV,
    AttentionOut,
    LatentQDown,
    LatentQUp,
    LatentKvDown,
    LatentKUp,
    LatentVUp,
    RecurrentIn,
    RecurrentOut,
    MlpGate,
    MlpUp,
    MlpDown,
    ExpertGate,
    ExpertUp,
    ExpertDown,
    SharedGate,
    SharedUp,
    SharedDown,
    Router,
    /// Biases of routed experts.
    ExpertBias,
    /// Norms, biases, convolutions, positions and other small tensors.
    Vector,
}

impl Role {
    /// Tensors that quantised checkpoints leave as they are: `lm_head` and the embedding (llm-compressor and `AutoAWQ` ignore
    /// or never touch them), routers, and everything that is no matrix.
    const fn stays_wide(self) -> bool {
        matches!(
            self,
            Self::Embedding | Self::Head | Self::Router | Self::ExpertBias | Self::Vector
        )
    }

    const fn is_expert(self) -> bool {
        matches!(self, Self::ExpertGate | Self::ExpertUp | Self::ExpertDown)
    }

    /// Belongs to one of the experts a token may or may not be routed to.
    pub(super) const fn is_routed(self) -> bool {
        self.is_expert() || matches!(self, Self::ExpertBias)
    }

    /// Belongs to attention or a recurrence.
    pub(super) const fn is_mixer(self) -> bool {
        matches!(
            self,
            Self::AttentionQ
                | Self::AttentionK
                | Self::AttentionV
                | Self::AttentionOut
                | Self::LatentQDown
                | Self::LatentQUp
                | Self::LatentKvDown
                | Self::LatentKUp
                | Self::LatentVUp
                | Self::RecurrentIn
                | Self::RecurrentOut
        )
    }

    /// Belongs to a network that every token passes.
    pub(super) const fn is_dense(self) -> bool {
        matches!(
            self,
            Self::MlpGate
                | Self::MlpUp
                | Self::MlpDown
                | Self::SharedGate
                | Self::SharedUp
                | Self::SharedDown
        )
    }
}

/// How a tensor is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stored {
    /// Format of most of it.
    pub format: Format,
    /// Mean bits of one weight over all layers.
    pub bits: f64,
}

impl Stored {
    pub(super) fn uniform(format: Format) -> Self {
        Self {
            format,
            bits: format.bits_per_weight(),
        }
    }
}

/// The format of tensors outside the quantised ones: that of the activations when it is 16 bits or more, else bf16.
fn unquantised(precision: Precision) -> Format {
    if matches!(precision.activations, Format::Fp32 | Format::Fp16) {
        precision.activations
    } else {
        Format::Bf16
    }
}

/// How the tensors of a role are stored.
///
/// Checkpoints quantise the matrices of layers only. MXFP4 is applied to routed experts alone where there are any, as
/// gpt-oss is published (OpenAI, gpt-oss model card, arXiv 2508.10925, section 2.1). GGUF files follow llama.cpp's rules.
pub fn stored(model: &Transformer, precision: Precision, role: Role) -> Stored {
    if let Some(rule) = gguf_rules::rule(precision.weights) {
        return gguf_mix::stored(model, rule, role);
    }
    let of_weights = if is_wide(precision.weights) {
        true
    } else if precision.weights == Format::Mxfp4 && model.experts.is_some() {
        role.is_expert()
    } else {
        !role.stays_wide()
    };
    if of_weights {
        Stored::uniform(precision.weights)
    } else {
        Stored::uniform(unquantised(precision))
    }
}

/// Formats that hold 16 bits or more of each weight.
const fn is_wide(format: Format) -> bool {
    matches!(
        format,
        Format::Fp32 | Format::Tf32 | Format::Bf16 | Format::Fp16
    )
}

/// The precision of a matrix product with weights of a role.
///
/// A tensor that stays wide beside quantised ones is multiplied in the arithmetic of the stream.
pub(super) fn product(model: &Transformer, precision: Precision, role: Role) -> (Precision, f64) {
    let stored = stored(model, precision, role);
    let compute = if is_wide(stored.format) && stored.format != precision.weights {
        width::stream_arithmetic(precision)
    } else {
        precision.compute
    };
    let product = Precision {
        weights: stored.format,
        compute,
        ..precision
    };
    (product, stored.bits)
}
