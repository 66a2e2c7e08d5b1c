//! From a model, its number formats and its parallel sizes to the operators of one device.

use super::collect::Collector;
use super::layers::{Ffn, Layers, Mixer, Stack, layers};
use super::{OpGraph, Parallel, Rows};
use crate::catalog::{AttentionKind, Precision, Transformer};

/// What the groups of data parallelism share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum DataParallel {
    /// Nothing: each group holds the whole model.
    #[default]
    Replicas,
    /// Experts: attention is data parallel, the tokens of all groups meet in expert layers.
    SharedExperts,
}

/// How the ranks of tensor parallelism divide a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Division {
    /// Whole heads, as many on every rank.
    #[default]
    Even,
    /// Heads with others added until they divide: every rank has its share.
    Uneven,
    /// Rows of every matrix, as `--split-mode row` of llama.cpp does. All else of a layer, its attention and its experts among it, is
    /// one rank's, which sends the input of each product to the others and gathers its output. Layers and their caches are divided
    /// among ranks (those of 2023 had all caches on one).
    Rows,
}

impl Division {
    /// Of so many tensor-parallel ranks, those that divide heads, inner widths and the cache.
    pub const fn head_ranks(self, tp: u32) -> u32 {
        match self {
            Self::Even | Self::Uneven => tp,
            Self::Rows => 1,
        }
    }
}

/// Choices that change which operators run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LowerOptions {
    /// What the groups of data parallelism share.
    pub data_parallel: DataParallel,
    /// How the model is divided.
    pub division: Division,
}

/// Why a model cannot be divided as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LowerError {
    /// A size is zero.
    #[error("a parallel size is zero")]
    ZeroSize,
    /// Query heads do not divide.
    #[error("{heads} query heads do not divide among {tp} tensor-parallel ranks")]
    Heads {
        /// Query heads.
        heads: u32,
        /// Tensor-parallel ranks.
        tp: u32,
    },
    /// Key and value heads neither divide nor repeat evenly.
    #[error(
        "{kv_heads} key-value heads neither divide among nor repeat over {tp} tensor-parallel ranks"
    )]
    KvHeads {
        /// Key and value heads.
        kv_heads: u32,
        /// Tensor-parallel ranks.
        tp: u32,
    },
    /// More stages than layers.
    #[error("{layers} layers do not fill {pp} pipeline stages")]
    Stages {
        /// Layers.
        layers: u32,
        /// Stages.
        pp: u32,
    },
    /// Experts do not divide.
    #[error("{experts} experts do not divide among {ep} expert-parallel ranks")]
    Experts {
        /// Experts of a layer.
        experts: u32,
        /// Expert-parallel ranks.
        ep: u32,
    },
    /// Expert parallelism of a model without experts.
    #[error("the model has no experts to divide among {ep} expert-parallel ranks")]
    NoExperts {
        /// Expert-parallel ranks.
        ep: u32,
    },
    /// Expert-parallel ranks do not divide the ranks of the group.
    #[error("{ep} expert-parallel ranks do not divide the {ranks} ranks of a stage")]
    ExpertRanks {
        /// Expert-parallel ranks.
        ep: u32,
        /// Ranks that hold one copy of the experts of a stage.
        ranks: u32,
    },
    /// Context parallelism beyond the copies of the cache.
    #[error("{cp} context-parallel ranks do not divide the {copies} copies of the cache")]
    Context {
        /// Context-parallel ranks.
        cp: u32,
        /// Ranks that would hold the same keys and values.
        copies: u32,
    },
}

/// The operators of one device of one replica.
///
/// # Errors
///
/// [`LowerError`] when the parallel sizes do not fit the model.
pub fn lower(
    model: &Transformer,
    precision: Precision,
    parallel: Parallel,
    options: LowerOptions,
) -> Result<OpGraph, LowerError> {
    check(model, parallel, options)?;
    let mut collector = Collector::new(model, precision, parallel, options);
    collector.embedding();
    for group in layers(model) {
        layer(&mut collector, group);
    }
    collector.output();
    collector.pipeline();
    Ok(collector.finish())
}

fn layer(collector: &mut Collector<'_>, group: Layers) {
    let rows = match group.stack {
        Stack::Decoder | Stack::CrossDecoder | Stack::Encoder => Rows::AllTokens,
        Stack::BeforeDecoder => Rows::Encoder,
    };
    collector.enter(group.count, rows);
    match group.mixer {
        Mixer::Attention { window } => collector.attention(group.stack, window),
        Mixer::Recurrent => collector.recurrent(),
        Mixer::None => {}
    }
    if group.stack == Stack::CrossDecoder {
        collector.cross_attention();
    }
    match group.ffn {
        Ffn::Dense => collector.mlp(),
        Ffn::Experts => collector.experts(),
        Ffn::None => {}
    }
}

/// Ranks that together hold one copy of the experts of a stage.
pub(super) const fn expert_ranks(parallel: Parallel, options: LowerOptions) -> u32 {
    match options.data_parallel {
        DataParallel::Replicas => parallel.tp,
        DataParallel::SharedExperts => parallel.tp * parallel.dp,
    }
}

/// Tensor-parallel ranks that hold the same keys and values.
pub(super) fn cache_copies(model: &Transformer, tp: u32) -> u32 {
    match model.attention.kind {
        AttentionKind::Latent { .. } => tp,
        AttentionKind::Full | AttentionKind::Sliding { .. } => {
            (tp / model.attention.kv_heads.max(1)).max(1)
        }
    }
}

/// Whether the parallel sizes fit the model.
pub(super) fn check(
    model: &Transformer,
    parallel: Parallel,
    options: LowerOptions,
) -> Result<(), LowerError> {
    let Parallel { tp, pp, dp, ep, cp } = parallel;
    if [tp, pp, dp, ep, cp].contains(&0) {
        return Err(LowerError::ZeroSize);
    }
    let (heads, kv_heads) = (model.attention.heads, model.attention.kv_heads.max(1));
    let even = options.division == Division::Even;
    if even && !heads.is_multiple_of(tp) {
        return Err(LowerError::Heads { heads, tp });
    }
    let latent = matches!(model.attention.kind, AttentionKind::Latent { .. });
    if even && !latent && !kv_heads.is_multiple_of(tp) && !tp.is_multiple_of(kv_heads) {
        return Err(LowerError::KvHeads { kv_heads, tp });
    }
    if pp > model.layers {
        let layers = model.layers;
        return Err(LowerError::Stages { layers, pp });
    }
    let copies = cache_copies(model, tp);
    if !copies.is_multiple_of(cp) {
        return Err(LowerError::Context { cp, copies });
    }
    check_experts(model, parallel, options)
}

fn check_experts(
    model: &Transformer,
    parallel: Parallel,
    options: LowerOptions,
) -> Result<(), LowerError> {
    let ep = parallel.ep;
    match model.experts {
        None if ep > 1 => Err(LowerError::NoExperts { ep }),
        None => Ok(()),
        Some(experts) => {
            let ranks = expert_ranks(parallel, options);
            if !experts.count.is_multiple_of(ep) {
                let experts = experts.count;
                Err(LowerError::Experts { experts, ep })
            } else if !ranks.is_multiple_of(ep) {
                Err(LowerError::ExpertRanks { ep, ranks })
            } else {
                Ok(())
            }
        }
    }
}
