//! What one device holds: weights, caches, and the largest tensors of a step.

use super::formats::{Role, stored};
use super::layers::{Mixer, Stack, layers};
use super::lower::{cache_copies, check, expert_ranks};
use super::tensors::{Place, Tensor, tensors};
use super::{
    Division, LowerError, LowerOptions, OpGraph, Parallel, RecurrentHeads, Step, Total, width,
};
use crate::catalog::{AttentionKind, Format, Precision, Transformer};
use crate::units::Bytes;

/// Bytes of all weights of a model, stored once.
pub fn weight_bytes(model: &Transformer, precision: Precision) -> Bytes {
    let bytes = tensors(model)
        .iter()
        .map(|tensor| tensor_bytes(model, precision, tensor))
        .sum::<f64>();
    Bytes::new(bytes)
}

/// Bytes of the weights that one device holds, of the stage that holds most.
///
/// Heads, inner widths and the vocabulary are divided over tensor-parallel ranks, experts over the ranks that share them.
/// Norms, biases, routers, latent down projections and key-value heads beyond the given ones are copied. Stages hold
/// `⌈layers / pp⌉` layers; the first has the embedding, the last the output projection (a tied one is then stored twice).
///
/// # Errors
///
/// [`LowerError`] when the parallel sizes do not fit the model.
pub fn weight_bytes_per_device(
    model: &Transformer,
    precision: Precision,
    parallel: Parallel,
    options: LowerOptions,
) -> Result<Bytes, LowerError> {
    check(model, parallel, options)?;
    let (mut start, mut inside, mut end, mut tied) = (0.0, 0.0, 0.0, 0.0);
    for tensor in tensors(model) {
        let bytes =
            tensor_bytes(model, precision, &tensor) / shards(model, tensor.role, parallel, options);
        match tensor.place {
            Place::Start => start += bytes,
            Place::Layers => inside += bytes,
            Place::End => end += bytes,
        }
        if tensor.role == Role::Embedding && model.tied_embeddings {
            tied = bytes;
        }
    }
    let ends = if parallel.pp == 1 {
        start + end
    } else {
        f64::max(start, end + tied)
    };
    Ok(Bytes::new(inside * stage_share(model, parallel) + ends))
}

fn tensor_bytes(model: &Transformer, precision: Precision, tensor: &Tensor) -> f64 {
    tensor.total() * stored(model, precision, tensor.role).bits / 8.0
}

/// Largest share of the layers that a stage holds.
fn stage_share(model: &Transformer, parallel: Parallel) -> f64 {
    f64::from(model.layers.div_ceil(parallel.pp)) / f64::from(model.layers)
}

/// Over how many devices of a stage the tensors of a role are divided.
fn shards(model: &Transformer, role: Role, parallel: Parallel, options: LowerOptions) -> f64 {
    let tp = parallel.tp;
    if options.division == Division::Rows {
        return f64::from(tp);
    }
    let ranks = match role {
        Role::Embedding
        | Role::Head
        | Role::AttentionQ
        | Role::AttentionOut
        | Role::LatentQUp
        | Role::LatentKUp
        | Role::LatentVUp
        | Role::RecurrentIn
        | Role::RecurrentOut
        | Role::MlpGate
        | Role::MlpUp
        | Role::MlpDown
        | Role::SharedGate
        | Role::SharedUp
        | Role::SharedDown => tp,
        Role::AttentionK | Role::AttentionV => tp / cache_copies(model, tp),
        Role::LatentQDown | Role::LatentKvDown | Role::Router | Role::Vector => 1,
        Role::ExpertGate | Role::ExpertUp | Role::ExpertDown | Role::ExpertBias => {
            expert_ranks(parallel, options)
        }
    };
    f64::from(ranks)
}

/// Layers whose caches grow alike.
#[derive(Debug, Clone, Copy, PartialEq)]
struct KvGroup {
    bytes_per_token: f64,
    window: Option<f64>,
}

/// What the sequences of one device keep in memory between steps.
///
/// Windowed layers keep at most their window (a runtime that does not free older tokens keeps more; that is its business).
#[derive(Debug, Clone, PartialEq)]
pub struct KvShape {
    groups: Vec<KvGroup>,
    state: f64,
    memory: f64,
}

impl KvShape {
    /// Bytes that one sequence of `context` tokens keeps, recurrent states included.
    pub fn bytes(&self, context: f64) -> Bytes {
        let grown: f64 = self
            .groups
            .iter()
            .map(|g| g.bytes_per_token * g.window.map_or(context, |window| window.min(context)))
            .sum();
        Bytes::new(grown + self.state)
    }

    /// What sequences keep in two models together.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self {
            groups: self.groups.iter().chain(&other.groups).copied().collect(),
            state: self.state + other.state,
            memory: self.memory + other.memory,
        }
    }

    /// Bytes that the token after `context` others adds.
    pub fn bytes_per_token(&self, context: f64) -> Bytes {
        let grows = |group: &&KvGroup| group.window.is_none_or(|window| context < window);
        let bytes = self.groups.iter().filter(grows);
        Bytes::new(bytes.map(|group| group.bytes_per_token).sum())
    }

    /// Bytes of each token in the layers that keep all of them.
    pub fn bytes_without_window(&self) -> Bytes {
        let whole = self.groups.iter().filter(|group| group.window.is_none());
        Bytes::new(whole.map(|group| group.bytes_per_token).sum())
    }

    /// Bytes of each token in layers that keep a window, and the window in tokens.
    pub fn windows(&self) -> impl Iterator<Item = (Bytes, f64)> {
        let windowed = self.groups.iter();
        windowed.filter_map(|group| Some((Bytes::new(group.bytes_per_token), group.window?)))
    }

    /// Bytes of recurrent states of one sequence.
    pub const fn state(&self) -> Bytes {
        Bytes::new(self.state)
    }

    /// Bytes of the keys and values of one encoder token, in models of two stacks.
    pub const fn bytes_per_encoder_token(&self) -> Bytes {
        Bytes::new(self.memory)
    }

    /// The longest sequence whose cache fits; infinite where nothing grows.
    pub fn longest(&self, room: Bytes) -> f64 {
        let room = room.get() - self.state;
        if room < 0.0 {
            return 0.0;
        }
        let mut windows: Vec<f64> = self.groups.iter().filter_map(|g| g.window).collect();
        windows.sort_by(f64::total_cmp);
        let mut length = 0.0;
        let mut left = room;
        for end in windows.into_iter().chain([f64::INFINITY]) {
            let slope = self.bytes_per_token(length).get();
            if slope * (end - length) > left {
                return length + left / slope;
            }
            if end.is_finite() {
                left -= slope * (end - length);
                length = end;
            }
        }
        f64::INFINITY
    }
}

/// The cache of one device: of the stage that holds most layers, one rank's heads, one context-parallel share.
///
/// # Errors
///
/// [`LowerError`] when the parallel sizes do not fit the model.
pub fn kv_shape(
    model: &Transformer,
    kv_cache: Format,
    parallel: Parallel,
    division: Division,
) -> Result<KvShape, LowerError> {
    let attention_only = Parallel { ep: 1, ..parallel };
    let options = LowerOptions {
        division,
        ..LowerOptions::default()
    };
    check(model, attention_only, options)?;
    let share = stage_share(model, parallel);
    let ranks = division.head_ranks(parallel.tp);
    // Ranks that do not divide heads divide layers.
    let share = share * f64::from(ranks) / f64::from(parallel.tp);
    let number = width::bytes(kv_cache) * share;
    let mut shape = KvShape {
        groups: Vec::new(),
        state: 0.0,
        memory: 0.0,
    };
    for group in layers(model) {
        match (group.stack, group.mixer) {
            (Stack::Encoder | Stack::BeforeDecoder, _) | (_, Mixer::None) => {}
            (_, Mixer::Recurrent) => {
                shape.state += group.count * share * state_bytes(model, ranks);
            }
            (stack, Mixer::Attention { window }) => {
                let token = group.count * token_numbers(model, window, ranks) * number;
                shape.groups.push(KvGroup {
                    bytes_per_token: token / f64::from(parallel.cp),
                    window: window.map(f64::from),
                });
                if stack == Stack::CrossDecoder {
                    shape.memory += token;
                }
            }
        }
    }
    Ok(shape)
}

/// Numbers that one token leaves in the cache of one layer on one rank.
fn token_numbers(model: &Transformer, window: Option<u32>, tp: u32) -> f64 {
    match model.attention.kind {
        AttentionKind::Latent {
            kv_rank, rope_dim, ..
        } => f64::from(kv_rank + rope_dim),
        AttentionKind::Full | AttentionKind::Sliding { .. } => {
            let layer = super::layers::shape(model, window);
            let heads = (f64::from(layer.kv_heads) / f64::from(tp)).max(1.0);
            2.0 * heads * f64::from(layer.head_dim)
        }
    }
}

fn state_bytes(model: &Transformer, tp: u32) -> f64 {
    let plain = Precision {
        weights: Format::Bf16,
        activations: Format::Bf16,
        kv_cache: Format::Bf16,
        compute: crate::catalog::Arithmetic::Bf16,
    };
    model.recurrent.map_or(0.0, |recurrent| {
        RecurrentHeads::of_rank(&recurrent, tp).state_bytes(plain)
    })
}

impl OpGraph {
    /// The largest tensors that live at once in a step: the residual stream twice (before and after a layer), and the input
    /// and output of the operator that has the largest ones.
    ///
    /// Memory planners may need more (fragments, workspaces, captured graphs); that belongs to the runtime.
    pub fn activation_bytes(&self, step: &Step) -> Bytes {
        let stream = step.tokens() * self.stream_bytes_per_token;
        let largest = self
            .ops
            .iter()
            .map(|op| Total::from(op.cost(step)).activation_traffic)
            .max()
            .unwrap_or(Bytes::ZERO);
        Bytes::new(2.0 * stream) + largest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::sample::{decoders, transformer};
    use crate::ops::{DataParallel, lower};

    const BF16: Precision = Precision::uniform(Format::Bf16);

    fn held(model: &Transformer, parallel: Parallel, options: LowerOptions) -> f64 {
        weight_bytes_per_device(model, BF16, parallel, options)
            .expect("the sizes fit")
            .get()
    }

    #[test]
    fn one_device_holds_all_weights() {
        for (id, model) in decoders() {
            let all = weight_bytes(model, BF16).get();
            let one = held(model, Parallel::ONE, LowerOptions::default());
            assert!((all - one).abs() < 1.0, "{id}");
        }
    }

    #[test]
    fn ranks_together_hold_all_weights_and_copies_of_the_vectors() {
        let model = transformer("llama-3.1-70b");
        let vectors: f64 = tensors(model)
            .iter()
            .filter(|tensor| tensor.role == Role::Vector)
            .map(|tensor| 2.0 * tensor.total())
            .sum();
        let all = weight_bytes(model, BF16).get();
        for tp in [2, 4, 8] {
            let parallel = Parallel {
                tp,
                ..Parallel::ONE
            };
            let ranks = f64::from(tp);
            let together = ranks * held(model, parallel, LowerOptions::default());
            assert!((together - all - (ranks - 1.0) * vectors).abs() < 1.0);
        }
    }

    #[test]
    fn shared_experts_are_divided_over_all_groups() {
        let model = transformer("deepseek-v3");
        let parallel = Parallel {
            dp: 32,
            ep: 32,
            ..Parallel::ONE
        };
        let options = LowerOptions {
            data_parallel: DataParallel::SharedExperts,
            ..LowerOptions::default()
        };
        let experts = super::super::params(model).experts * 2.0;
        let rest = weight_bytes(model, BF16).get() - experts;
        let one = held(model, parallel, options);
        assert!((one - rest - experts / 32.0).abs() < 1.0);
    }

    #[test]
    fn stages_hold_their_layers_and_the_larger_end() {
        let model = transformer("llama-3.1-70b");
        let parallel = Parallel {
            pp: 4,
            ..Parallel::ONE
        };
        let all = weight_bytes(model, BF16).get();
        let one = held(model, parallel, LowerOptions::default());
        let head = 2.0 * 128_256.0 * 8192.0;
        let final_norm = 2.0 * 8192.0;
        let layers = all - 2.0 * head - final_norm;
        assert!((one - layers / 4.0 - head - final_norm).abs() < 1.0);
    }

    #[test]
    fn windows_bound_the_cache_and_states_do_not_grow() {
        let gemma = kv_shape(
            transformer("gemma-3-27b"),
            Format::Bf16,
            Parallel::ONE,
            Division::Even,
        );
        let gemma = gemma.expect("one device always fits");
        let token = 2.0 * 16.0 * 128.0 * 2.0;
        assert!((gemma.bytes_per_token(10.0).get() - 62.0 * token).abs() < 1e-6);
        assert!((gemma.bytes_per_token(2000.0).get() - 10.0 * token).abs() < 1e-6);
        let next = kv_shape(
            transformer("qwen3-next-80b-a3b"),
            Format::Bf16,
            Parallel::ONE,
            Division::Even,
        );
        let next = next.expect("one device always fits");
        assert!((next.bytes_per_token(0.0).get() - 12.0 * 2.0 * 2.0 * 256.0 * 2.0).abs() < 1e-6);
        assert!(next.state().get() > 36.0 * 32.0 * 128.0 * 128.0 * 4.0);
        assert_eq!(next.bytes(0.0), next.state());
    }

    #[test]
    fn the_longest_sequence_fills_the_room() {
        for (id, model) in decoders() {
            let shape =
                kv_shape(model, Format::Bf16, Parallel::ONE, Division::Even).expect("one fits");
            for length in [10.0, 700.0, 5000.0, 300_000.0] {
                let room = shape.bytes(length);
                let longest = shape.longest(room);
                let unbounded = longest.is_infinite();
                assert!(
                    unbounded || (longest - length).abs() < 1e-6 * length,
                    "{id}"
                );
                assert!(
                    !unbounded || shape.bytes_per_token(length) == Bytes::ZERO,
                    "{id}"
                );
            }
        }
    }

    #[test]
    fn latent_caches_are_copied_unless_context_is_parallel() {
        let model = transformer("deepseek-v3");
        let bytes = |tp, cp| {
            let parallel = Parallel {
                tp,
                cp,
                ..Parallel::ONE
            };
            let shape =
                kv_shape(model, Format::Bf16, parallel, Division::Even).expect("the sizes fit");
            shape.bytes(1000.0).get()
        };
        assert!((bytes(8, 1) - bytes(1, 1)).abs() < 1e-6);
        assert!((bytes(8, 8) * 8.0 - bytes(1, 1)).abs() < 1e-6);
    }

    #[test]
    fn longer_steps_have_larger_tensors() {
        for (id, model) in decoders() {
            let graph = lower(model, BF16, Parallel::ONE, LowerOptions::default());
            let graph = graph.expect("one device always fits");
            let peak = |tokens| graph.activation_bytes(&Step::prefill(1.0, tokens, 0.0));
            assert!(peak(512.0) < peak(8192.0), "{id}");
        }
    }
}
