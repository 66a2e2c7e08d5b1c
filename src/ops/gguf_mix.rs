//! Which block format llama.cpp gives each tensor.
//!
//! The rules are those of `llama_tensor_get_type` in `src/llama-quant.cpp` of `ggml-org/llama.cpp` (as of 2025-11), for models
//! whose query, key and value tensors are stored apart. An importance matrix is assumed for the `IQ` types, which need one,
//! and not for the others. Falcon's own exceptions and fused `attn_qkv` tensors are not modelled.
//!
//! What becomes what: a file type, a role and a layer become a block format; the mean over the layers that have such a
//! tensor is what sizes and traffic need. The file types stand in `gguf_rules`.

use super::formats::{Role, Stored};
use super::gguf_rules::{Choice, Rule};
use super::layers::{Ffn, Mixer, parts};
use crate::catalog::{AttentionKind, Format, Transformer};

/// How the tensors of a role are stored under a rule; the format named is that of most layers.
pub(super) fn stored(model: &Transformer, rule: Rule, role: Role) -> Stored {
    let row = row_length(model, role);
    let fitted = |format| fit(format, row);
    let tied = model.tied_embeddings;
    let is_small = matches!(role, Role::Vector | Role::Router);
    match rule.beside_experts {
        Some(format) if !role.is_routed() && !is_small => {
            return Stored::uniform(fitted(format));
        }
        Some(_) | None => {}
    }
    match role {
        Role::Vector | Role::ExpertBias | Role::Router => Stored::uniform(Format::Fp32),
        Role::Embedding if !tied => Stored::uniform(fitted(rule.embedding)),
        Role::Head | Role::Embedding if !row.is_multiple_of(block(rule.base)) => {
            Stored::uniform(Format::Q8_0)
        }
        Role::Head | Role::Embedding => Stored::uniform(fitted(rule.output)),
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
        | Role::SharedDown => {
            let places = places(model, role);
            let bits =
                |place: &Place| fitted(in_layer(model, rule, role, *place)).bits_per_weight();
            Stored {
                format: fitted(rule.base),
                bits: places.iter().map(bits).sum::<f64>() / (places.len() as f64).max(1.0),
            }
        }
    }
}

/// The place of a tensor among those of its kind.
#[derive(Debug, Clone, Copy)]
struct Place {
    index: u32,
    of: u32,
    /// Four or more queries share a key.
    grouped: bool,
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
            grouped: queries_per_key(model) >= 4,
        })
        .collect()
}

impl Choice {
    fn pick(self, place: Place) -> Format {
        let (chosen, first, rest) = match self {
            Self::All(format) => (true, format, format),
            Self::First(count, first, rest) => (place.index < count, first, rest),
            Self::Sixteenth(first, rest) => (place.index < place.of / 16, first, rest),
            Self::Eighth(first, rest) => (place.first_eighth(), first, rest),
            Self::MoreBits(first, rest) => (place.more_bits(), first, rest),
            Self::Grouped(first, rest) => (place.grouped, first, rest),
        };
        if chosen { first } else { rest }
    }
}

/// The format of the tensor of a role in one layer, whose rows may still not fit it.
fn in_layer(model: &Transformer, rule: Rule, role: Role, place: Place) -> Format {
    let experts = model.experts.map_or(0, |experts| experts.count);
    // The smallest file types treat models of several experts as grouped.
    let small = rule.kv_of_eight == Format::Q4K;
    let place = Place {
        grouped: place.grouped || (small && experts >= 4),
        ..place
    };
    match role {
        Role::AttentionK | Role::AttentionV if experts == 8 => rule.kv_of_eight,
        Role::AttentionOut if experts == 8 => rule.out_of_eight,
        Role::AttentionV => {
            let chosen = rule.value.pick(place);
            // llama.cpp calls a model of 80 layers with grouped queries "70B" and gives its small value tensors more bits.
            let seventy = model.layers == 80 && queries_per_key(model) > 1 && !small;
            if seventy && matches!(chosen, Format::Q3K | Format::Q4K) {
                Format::Q5K
            } else {
                chosen
            }
        }
        Role::AttentionQ | Role::AttentionK => rule.query_key,
        Role::AttentionOut => rule.attention_out.pick(place),
        Role::MlpDown | Role::ExpertDown | Role::SharedDown => rule.down.pick(place),
        Role::Embedding
        | Role::Head
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

fn queries_per_key(model: &Transformer) -> u32 {
    model.attention.heads / model.attention.kv_heads.max(1)
}

/// Inputs of one output, the direction that blocks run in.
fn row_length(model: &Transformer, role: Role) -> u32 {
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
    let short = matches!(
        format,
        Format::Q4_0
            | Format::Q4_1
            | Format::Q5_0
            | Format::Q5_1
            | Format::Q8_0
            | Format::Iq4Nl
            | Format::Mxfp4
    );
    if short { 32 } else { 256 }
}

/// What a tensor gets whose rows do not fill the blocks of its format.
fn fit(format: Format, row: u32) -> Format {
    if row.is_multiple_of(block(format)) {
        format
    } else if !row.is_multiple_of(32) {
        Format::Fp16
    } else if format == Format::Q4K {
        Format::Q5_0
    } else if format == Format::Q5K {
        Format::Q5_1
    } else if format == Format::Q6K {
        Format::Q8_0
    } else {
        Format::Iq4Nl
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_third_tensor_between_the_outer_eighths_gets_more_bits() {
        let more = |index| {
            Place {
                index,
                of: 32,
                grouped: false,
            }
            .more_bits()
        };
        let chosen: Vec<u32> = (0..32).filter(|index| more(*index)).collect();
        assert_eq!(
            chosen,
            [0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31]
        );
    }

    #[test]
    fn a_file_of_mxfp4_experts_has_its_published_size() {
        use crate::catalog::{Catalog, ModelKind};
        let entry = Catalog::embedded().model("gpt-oss-120b").expect("known");
        let ModelKind::Transformer(model) = &entry.kind else {
            unreachable!("gpt-oss is a transformer");
        };
        let rule = super::super::gguf_rules::rule(Format::Mxfp4Moe).expect("a file type");
        let of = |role| stored(model, rule, role).format;
        assert_eq!(of(Role::ExpertUp), Format::Mxfp4);
        assert_eq!(of(Role::AttentionQ), Format::Q8_0);
        assert_eq!(of(Role::Head), Format::Q8_0);
        assert_eq!(of(Role::Router), Format::Fp32);
        let precision = crate::catalog::Precision::from_name("mxfp4_moe").expect("a precision");
        let bytes = crate::ops::weight_bytes(model, precision);
        // 59.02 GiB as llama-bench states it of `gpt-oss-120b-mxfp4` (`strix-halo-kyuz0`).
        let gibibytes = bytes.get() / 1_073_741_824.0;
        assert!((gibibytes / 59.02 - 1.0).abs() < 0.005, "{gibibytes}");
    }

    #[test]
    fn rows_that_do_not_fill_a_block_fall_back() {
        assert_eq!(fit(Format::Q4K, 896), Format::Q5_0);
        assert_eq!(fit(Format::Q6K, 896), Format::Q8_0);
        assert_eq!(fit(Format::Q4K, 1024), Format::Q4K);
        assert_eq!(fit(Format::Q4_0, 33), Format::Fp16);
    }
}
