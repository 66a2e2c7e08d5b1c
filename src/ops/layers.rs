//! Which kinds of layers a model has, and how many of each.

use crate::catalog::{AttentionKind, Transformer, TransformerKind};

/// What mixes tokens in a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mixer {
    /// Attention; of the last `window` tokens where it is bounded.
    Attention { window: Option<u32> },
    /// A recurrence.
    Recurrent,
    /// Nothing: the layer is only a feed-forward network.
    None,
}

/// The feed-forward part of a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ffn {
    /// One network for all tokens.
    Dense,
    /// Routed experts.
    Experts,
    /// Nothing: the layer is only a mixer.
    None,
}

/// Where a layer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stack {
    /// Causal layers with a cache.
    Decoder,
    /// Causal layers with a cache that attend to an encoder too.
    CrossDecoder,
    /// Layers without mask and cache, the only stack.
    Encoder,
    /// Layers without mask and cache, before a decoder.
    BeforeDecoder,
}

/// Equal layers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layers {
    pub stack: Stack,
    pub mixer: Mixer,
    pub ffn: Ffn,
    pub count: f64,
}

/// The layers of a model, equal ones together.
pub(super) fn layers(model: &Transformer) -> Vec<Layers> {
    let mut groups: Vec<Layers> = Vec::new();
    for (stack, index) in positions(model) {
        let (mixer, ffn) = parts(model, index);
        match groups
            .iter_mut()
            .find(|group| (group.stack, group.mixer, group.ffn) == (stack, mixer, ffn))
        {
            Some(group) => group.count += 1.0,
            None => groups.push(Layers {
                stack,
                mixer,
                ffn,
                count: 1.0,
            }),
        }
    }
    groups
}

fn positions(model: &Transformer) -> impl Iterator<Item = (Stack, u32)> {
    let (first, second) = match model.kind {
        TransformerKind::Decoder => (Stack::Decoder, 0),
        TransformerKind::Encoder => (Stack::Encoder, 0),
        TransformerKind::EncoderDecoder { decoder_layers } => {
            (Stack::BeforeDecoder, decoder_layers)
        }
    };
    let first = (0..model.layers).map(move |index| (first, index));
    first.chain((0..second).map(|index| (Stack::CrossDecoder, index)))
}

/// What the layer at an index consists of.
pub(super) fn parts(model: &Transformer, index: u32) -> (Mixer, Ffn) {
    let Some(recurrent) = model.recurrent else {
        return (attention(model, index), ffn(model, index));
    };
    let attends = spread(index, recurrent.attention_layers, model.layers);
    if !recurrent.separate_mlp {
        let mixer = if attends {
            attention(model, index)
        } else {
            Mixer::Recurrent
        };
        return (mixer, ffn(model, index));
    }
    if attends {
        return (attention(model, index), Ffn::None);
    }
    // Among the layers that do not attend, recurrences are spread evenly; only their number matters here.
    let before = index - taken(index, recurrent.attention_layers, model.layers);
    let others = model.layers - recurrent.attention_layers;
    if spread(before, recurrent.layers, others) {
        (Mixer::Recurrent, Ffn::None)
    } else if model.experts.is_some() {
        (Mixer::None, Ffn::Experts)
    } else {
        (Mixer::None, Ffn::Dense)
    }
}

/// Heads of an attention layer, all ranks together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AttentionShape {
    pub heads: u32,
    pub kv_heads: u32,
    pub head_dim: u32,
    /// One projection yields keys and values.
    pub keys_are_values: bool,
}

/// The heads of a layer that sees `window`; layers that see all may have others.
pub(super) const fn shape(model: &Transformer, window: Option<u32>) -> AttentionShape {
    let a = &model.attention;
    match (a.kind, window) {
        (
            AttentionKind::Sliding {
                global: Some(global),
                ..
            },
            None,
        ) => AttentionShape {
            heads: a.heads,
            kv_heads: global.kv_heads,
            head_dim: global.head_dim,
            keys_are_values: global.keys_are_values,
        },
        (AttentionKind::Full | AttentionKind::Sliding { .. } | AttentionKind::Latent { .. }, _) => {
            AttentionShape {
                heads: a.heads,
                kv_heads: a.kv_heads,
                head_dim: a.head_dim,
                keys_are_values: false,
            }
        }
    }
}

/// How many of `chosen` evenly spread layers stand before `index` of `all`.
fn taken(index: u32, chosen: u32, all: u32) -> u32 {
    let taken = u64::from(index) * u64::from(chosen) / u64::from(all.max(1));
    u32::try_from(taken).expect("a share of a u32 is a u32")
}

/// True when `index` is one of `chosen` layers spread evenly, each at the end of its period (every fourth of 48: 3, 7, …).
fn spread(index: u32, chosen: u32, all: u32) -> bool {
    taken(index + 1, chosen, all) > taken(index, chosen, all)
}

fn attention(model: &Transformer, index: u32) -> Mixer {
    let window = match model.attention.kind {
        AttentionKind::Full | AttentionKind::Latent { .. } => None,
        AttentionKind::Sliding {
            window, full_every, ..
        } => {
            let global = full_every.is_some_and(|every| (index + 1).is_multiple_of(every));
            (!global).then_some(window)
        }
    };
    Mixer::Attention { window }
}

fn ffn(model: &Transformer, index: u32) -> Ffn {
    match model.experts {
        Some(experts)
            if index >= experts.first_dense
                && (index - experts.first_dense + 1).is_multiple_of(experts.layer_step.max(1)) =>
        {
            Ffn::Experts
        }
        Some(_) | None => Ffn::Dense,
    }
}
