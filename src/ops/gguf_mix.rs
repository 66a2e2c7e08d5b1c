//! Which block format llama.cpp gives each tensor.
//!
//! The rules are those of `llama_tensor_get_type` in `src/llama-quant.cpp` of `ggml-org/llama.cpp` (as of 2025-11), for models
//! whose query, key and value tensors are stored apart. An importance matrix is assumed for the `IQ` types, which need one,
//! and not for the others. Falcon's own exceptions and fused `attn_qkv` tensors are not modelled.
//!
//! What becomes what: a file type, a role and a layer become a block format; the mean over the layers that have such a
//! tensor is what sizes and traffic need.

use super::formats::{Role, Stored};
use super::layers::{Ffn, Mixer, parts};
use crate::catalog::{Format, Transformer};

/// A file type of llama.cpp.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rule {
    kind: Kind,
    base: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `Q4_0`, `Q8_0`, `Q6_K`, `Q3_K_S`, `Q5_K_S`, `IQ3_S`: only the output projection differs.
    Plain,
    Q2K,
    Q2KS,
    Q3KM,
    Q3KL,
    Q4KS,
    Q4KM,
    Q5KM,
    /// `IQ1_S`, `IQ1_M`, `IQ2_XXS`, `IQ2_XS`.
    Tiny,
    Iq2S,
    Iq3Xxs,
    Iq3S,
    /// `IQ4_NL`, `IQ4_XS`.
    Iq4,
}

/// The rule behind a format, when it is one of llama.cpp's. A bare `Q3_K`, `Q4_K` or `Q5_K` means the `M` mixture, as
/// `llama-quantize` reads it.
pub(super) const fn rule(format: Format) -> Option<Rule> {
    let (kind, base) = match format {
        Format::Q4_0 | Format::Q4_1 | Format::Q5_0 | Format::Q5_1 | Format::Q8_0 | Format::Q6K => {
            (Kind::Plain, format)
        }
        Format::Q3KS => (Kind::Plain, Format::Q3K),
        Format::Q5KS => (Kind::Plain, Format::Q5K),
        Format::Q2K | Format::Q2KM => (Kind::Q2K, Format::Q2K),
        Format::Q2KS => (Kind::Q2KS, Format::Q2K),
        Format::Q3K | Format::Q3KM => (Kind::Q3KM, Format::Q3K),
        Format::Q3KL => (Kind::Q3KL, Format::Q3K),
        Format::Q4KS => (Kind::Q4KS, Format::Q4K),
        Format::Q4K | Format::Q4KM => (Kind::Q4KM, Format::Q4K),
        Format::Q5K | Format::Q5KM => (Kind::Q5KM, Format::Q5K),
        Format::Iq1S | Format::Iq1M | Format::Iq2Xxs | Format::Iq2Xs => (Kind::Tiny, format),
        Format::Iq2S => (Kind::Iq2S, Format::Iq2Xs),
        Format::Iq3Xxs => (Kind::Iq3Xxs, format),
        Format::Iq3S => (Kind::Iq3S, format),
        Format::Iq4Nl | Format::Iq4Xs => (Kind::Iq4, format),
        Format::Fp32
        | Format::Tf32
        | Format::Bf16
        | Format::Fp16
        | Format::Fp8
        | Format::Fp8Block
        | Format::Int8
        | Format::W8A8Int8
        | Format::Int6
        | Format::Int5
        | Format::Int4
        | Format::Int3
        | Format::Int2
        | Format::Nvfp4
        | Format::Mxfp4
        | Format::Ternary
        | Format::Binary => return None,
    };
    Some(Rule { kind, base })
}

/// How the tensors of a role are stored under a rule; the format named is that of most layers.
pub(super) fn stored(model: &Transformer, rule: Rule, role: Role) -> Stored {
    let row = row_length(model, role);
    let fitted = |format| fit(format, row);
    let small = match role {
        Role::Vector | Role::ExpertBias | Role::Router => Some(Format::Fp32),
        Role::Head => Some(fitted(output(rule, row))),
        Role::Embedding if model.tied_embeddings => Some(fitted(output(rule, row))),
        Role::Embedding => Some(fitted(embedding(rule))),
        Role::AttentionQ
        | Role::AttentionK
        | Role::AttentionV
        | Role::AttentionOut
        | Role::LatentQDown
        | Role::LatentQUp
        | Role::LatentKvDown
        | Role::LatentKUp
        | Role::LatentVUp
        | Role::RecurrentIn
        | Role::RecurrentOut
        | Role::MlpGate
        | Role::MlpUp
        | Role::MlpDown
        | Role::ExpertGate
        | Role::ExpertUp
        | Role::ExpertDown
        | Role::SharedGate
        | Role::SharedUp
        | Role::SharedDown => None,
    };
    if let Some(format) = small {
        return Stored::uniform(format);
    }
    let places = places(model, role);
    let bits: f64 = places
        .iter()
        .map(|place| fitted(in_layer(model, rule, role, *place)).bits_per_weight())
        .sum();
    Stored {
        format: fitted(rule.base),
        bits: bits / (places.len() as f64).max(1.0),
    }
}

/// The place of a tensor among those of its kind.
#[derive(Debug, Clone, Copy)]
struct Place {
    index: u32,
    of: u32,
}

impl Place {
    const fn first_eighth(self) -> bool {
        self.index < self.of / 8
    }

    /// The first and last eighth, and every third tensor between.
    const fn more_bits(self) -> bool {
        let eighth = self.of / 8;
        self.first_eighth() || self.index >= 7 * self.of / 8 || (self.index - eighth) % 3 == 2
    }
}

/// Attention tensors are counted among themselves, the others by layer.
fn places(model: &Transformer, role: Role) -> Vec<Place> {
    let belongs = |index: &u32| match (role, parts(model, *index)) {
        (Role::MlpGate | Role::MlpUp | Role::MlpDown, (_, ffn)) => ffn == Ffn::Dense,
        (role, (_, ffn)) if role.is_routed() || role.is_dense() => ffn == Ffn::Experts,
        (Role::RecurrentIn | Role::RecurrentOut, (mixer, _)) => mixer == Mixer::Recurrent,
        (_, (mixer, _)) => matches!(mixer, Mixer::Attention { .. }),
    };
    let layers: Vec<u32> = (0..model.layers).filter(belongs).collect();
    let by_layer = role.is_routed() || role.is_dense();
    let count = u32::try_from(layers.len()).expect("layers are counted in 32 bits");
    layers
        .into_iter()
        .zip(0..)
        .map(|(layer, rank)| Place {
            index: if by_layer { layer } else { rank },
            of: if by_layer { model.layers } else { count },
        })
        .collect()
}

fn output(rule: Rule, row: u32) -> Format {
    match rule.kind {
        _ if !row.is_multiple_of(block(rule.base)) => Format::Q8_0,
        Kind::Tiny | Kind::Iq2S | Kind::Iq3Xxs => Format::Q5K,
        Kind::Plain
        | Kind::Q2K
        | Kind::Q2KS
        | Kind::Q3KM
        | Kind::Q3KL
        | Kind::Q4KS
        | Kind::Q4KM
        | Kind::Q5KM
        | Kind::Iq3S
        | Kind::Iq4 => {
            if rule.base == Format::Q8_0 {
                Format::Q8_0
            } else {
                Format::Q6K
            }
        }
    }
}

const fn embedding(rule: Rule) -> Format {
    match rule.kind {
        Kind::Tiny => Format::Q2K,
        Kind::Iq2S | Kind::Iq3Xxs => Format::Iq3S,
        Kind::Plain
        | Kind::Q2K
        | Kind::Q2KS
        | Kind::Q3KM
        | Kind::Q3KL
        | Kind::Q4KS
        | Kind::Q4KM
        | Kind::Q5KM
        | Kind::Iq3S
        | Kind::Iq4 => rule.base,
    }
}

fn in_layer(model: &Transformer, rule: Rule, role: Role, place: Place) -> Format {
    match role {
        Role::AttentionV => value(model, rule, place),
        Role::AttentionK => key(model, rule),
        Role::AttentionQ if rule.kind == Kind::Iq3Xxs => Format::Iq2S,
        Role::AttentionOut => attention_output(model, rule),
        Role::MlpDown | Role::ExpertDown | Role::SharedDown => down(rule, place),
        Role::Embedding
        | Role::Head
        | Role::AttentionQ
        | Role::LatentQDown
        | Role::LatentQUp
        | Role::LatentKvDown
        | Role::LatentKUp
        | Role::LatentVUp
        | Role::RecurrentIn
        | Role::RecurrentOut
        | Role::MlpGate
        | Role::MlpUp
        | Role::ExpertGate
        | Role::ExpertUp
        | Role::SharedGate
        | Role::SharedUp
        | Role::Router
        | Role::ExpertBias
        | Role::Vector => rule.base,
    }
}

fn experts(model: &Transformer) -> u32 {
    model.experts.map_or(0, |experts| experts.count)
}

fn queries_per_key(model: &Transformer) -> u32 {
    model.attention.heads / model.attention.kv_heads.max(1)
}

fn value(model: &Transformer, rule: Rule, place: Place) -> Format {
    let grouped = queries_per_key(model) >= 4;
    if matches!(rule.kind, Kind::Tiny | Kind::Iq2S) {
        return match rule.kind {
            _ if grouped || experts(model) >= 4 => Format::Q4K,
            Kind::Iq2S => Format::Iq3S,
            _ => Format::Q2K,
        };
    }
    let chosen = match rule.kind {
        Kind::Q2K if grouped => Format::Q4K,
        Kind::Q2K => Format::Q3K,
        Kind::Q2KS | Kind::Iq3Xxs | Kind::Iq3S if grouped => Format::Q4K,
        Kind::Q3KM if place.index < 2 => Format::Q5K,
        Kind::Q3KM => Format::Q4K,
        Kind::Q3KL => Format::Q5K,
        Kind::Iq4 if grouped => Format::Q5K,
        Kind::Q4KM | Kind::Q5KM if place.more_bits() => Format::Q6K,
        Kind::Q4KS if place.index < 4 => Format::Q5K,
        Kind::Plain
        | Kind::Q2KS
        | Kind::Q4KS
        | Kind::Q4KM
        | Kind::Q5KM
        | Kind::Tiny
        | Kind::Iq2S
        | Kind::Iq3Xxs
        | Kind::Iq3S
        | Kind::Iq4 => rule.base,
    };
    // llama.cpp calls a model of 80 layers with grouped queries "70B" and gives its small value tensors more bits.
    let seventy = model.layers == 80 && queries_per_key(model) > 1;
    match chosen {
        _ if experts(model) == 8 => Format::Q8_0,
        Format::Q3K | Format::Q4K if seventy => Format::Q5K,
        other => other,
    }
}

fn key(model: &Transformer, rule: Rule) -> Format {
    match rule.kind {
        Kind::Tiny | Kind::Iq2S if experts(model) == 8 => Format::Q4K,
        Kind::Tiny | Kind::Iq2S => rule.base,
        _ if experts(model) == 8 => Format::Q8_0,
        Kind::Iq3Xxs => Format::Iq2S,
        _ => rule.base,
    }
}

fn attention_output(model: &Transformer, rule: Rule) -> Format {
    if experts(model) == 8 {
        return match (rule.kind, rule.base) {
            (Kind::Plain, Format::Q3K) => Format::Q5K,
            (Kind::Plain | Kind::Q2KS | Kind::Q3KL | Kind::Q5KM, base) => base,
            _ => Format::Q5K,
        };
    }
    match rule.kind {
        Kind::Tiny if matches!(rule.base, Format::Iq1S | Format::Iq1M) => Format::Iq2Xxs,
        Kind::Iq2S | Kind::Iq3Xxs => Format::Iq3S,
        Kind::Q2K => Format::Q3K,
        Kind::Q3KM => Format::Q4K,
        Kind::Q3KL => Format::Q5K,
        _ => rule.base,
    }
}

const fn down(rule: Rule, place: Place) -> Format {
    match rule.kind {
        Kind::Tiny if place.first_eighth() => Format::Q2K,
        Kind::Iq2S if place.first_eighth() => Format::Iq3S,
        Kind::Q2K => Format::Q3K,
        Kind::Q2KS if place.first_eighth() => Format::Q4K,
        Kind::Q3KM if place.index < place.of / 16 => Format::Q5K,
        Kind::Q3KM => Format::Q4K,
        Kind::Q3KL => Format::Q5K,
        Kind::Q4KM | Kind::Q5KM if place.more_bits() => Format::Q6K,
        Kind::Q4KS if place.first_eighth() => Format::Q5K,
        _ => rule.base,
    }
}

/// Inputs of one output, the direction that blocks run in.
fn row_length(model: &Transformer, role: Role) -> u32 {
    use crate::catalog::AttentionKind;
    let a = &model.attention;
    let (q_rank, kv_rank, nope, value) = match a.kind {
        AttentionKind::Latent {
            kv_rank,
            q_rank,
            nope_dim,
            value_dim,
            ..
        } => (q_rank.unwrap_or(0), kv_rank, nope_dim, value_dim),
        AttentionKind::Full | AttentionKind::Sliding { .. } => (0, 0, 0, a.head_dim),
    };
    let expert = model.experts.map_or((0, 0, model.hidden), |e| {
        (
            e.inner,
            e.shared * e.shared_inner,
            e.latent.unwrap_or(model.hidden),
        )
    });
    match role {
        Role::AttentionOut => a.heads * value,
        Role::LatentQUp => q_rank,
        Role::LatentKUp => nope,
        Role::LatentVUp => kv_rank,
        Role::RecurrentOut => model.recurrent.map_or(0, |r| r.value_heads * r.value_dim),
        Role::MlpDown => model.mlp.inner,
        Role::ExpertDown => expert.0,
        Role::SharedDown => expert.1,
        Role::ExpertGate | Role::ExpertUp => expert.2,
        Role::Embedding
        | Role::Head
        | Role::AttentionQ
        | Role::AttentionK
        | Role::AttentionV
        | Role::LatentQDown
        | Role::LatentKvDown
        | Role::RecurrentIn
        | Role::MlpGate
        | Role::MlpUp
        | Role::SharedGate
        | Role::SharedUp
        | Role::Router
        | Role::ExpertBias
        | Role::Vector => model.hidden,
    }
}

/// Weights of one block.
const fn block(format: Format) -> u32 {
    match format {
        Format::Q4_0
        | Format::Q4_1
        | Format::Q5_0
        | Format::Q5_1
        | Format::Q8_0
        | Format::Iq4Nl => 32,
        _ => 256,
    }
}

/// What a tensor gets whose rows do not fill the blocks of its format.
const fn fit(format: Format, row: u32) -> Format {
    if row.is_multiple_of(block(format)) {
        return format;
    }
    let fallback = match format {
        Format::Q4K => Format::Q5_0,
        Format::Q5K => Format::Q5_1,
        Format::Q6K => Format::Q8_0,
        _ => Format::Iq4Nl,
    };
    if row.is_multiple_of(32) {
        fallback
    } else {
        Format::Fp16
    }
}
