//! One model: a transformer with its dimensions, or another network with its totals.

use super::Provenance;

/// A model of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Catalogue id, lower case.
    pub id: String,
    /// Family, `llama3`, `qwen2`, `vit`.
    pub family: String,
    /// Hugging Face id, where weights are published.
    pub hf_id: Option<String>,
    /// Licence of the weights.
    pub license: String,
    /// What it is.
    pub kind: ModelKind,
    /// Where the facts come from.
    pub provenance: Provenance,
}

/// What is known of a model's inside.
#[derive(Debug, Clone, PartialEq)]
pub enum ModelKind {
    /// A transformer described by its dimensions.
    Transformer(Box<Transformer>),
    /// A network described by its totals.
    Network(Network),
}

/// A network known by its totals (vision, detection, speech, diffusion).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// What it does, `image-classification`.
    pub task: String,
    /// Parameters.
    pub params: Option<f64>,
    /// Multiply-adds of one forward pass of one sample.
    pub macs: Option<f64>,
    /// Activations (elements) of one forward pass of one sample.
    pub activations: Option<f64>,
    /// Input, `3x224x224`.
    pub input_size: String,
}

/// Which stacks a transformer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransformerKind {
    /// Causal decoder.
    Decoder,
    /// Bidirectional encoder.
    Encoder,
    /// Encoder of `layers` and decoder of `decoder_layers` with cross attention.
    EncoderDecoder {
        /// Layers of the decoder.
        decoder_layers: u32,
    },
}

/// Dimensions of a transformer.
#[derive(Debug, Clone, PartialEq)]
pub struct Transformer {
    /// Stacks.
    pub kind: TransformerKind,
    /// Layers (of the encoder, where there are two stacks), all kinds of them.
    pub layers: u32,
    /// Width of the residual stream.
    pub hidden: u32,
    /// Vocabulary.
    pub vocab: u32,
    /// Width of the token embedding where it differs from `hidden` (ALBERT, ELECTRA small).
    pub embedding_size: Option<u32>,
    /// Longest context the architecture bounds.
    pub max_context: Option<u64>,
    /// True when the input embedding is also the output projection.
    pub tied_embeddings: bool,
    /// True when all layers share one set of weights (ALBERT).
    pub shared_layers: bool,
    /// Attention of the layers that attend.
    pub attention: Attention,
    /// Dense feed-forward network.
    pub mlp: Mlp,
    /// Experts, in the layers that have them.
    pub experts: Option<Experts>,
    /// Layers that replace attention by a recurrence, in hybrid models.
    pub recurrent: Option<Recurrent>,
    /// Normalisation.
    pub norm: NormKind,
    /// Norms in a layer.
    pub norms_per_layer: u32,
    /// Positions.
    pub positional: Positional,
    /// Which biases exist.
    pub biases: Biases,
    /// Parameters outside the pattern (token types, pooler, convolution stem).
    pub extra_params: f64,
    /// Layers behind the model that predict tokens further ahead, in no other count (multi-token prediction: DeepSeek-V3, arXiv
    /// 2412.19437, section 2.2).
    pub mtp_layers: u32,
    /// What the maker publishes.
    pub published: Published,
}

/// Attention of one layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attention {
    /// Query heads.
    pub heads: u32,
    /// Key and value heads: `heads` for MHA, 1 for MQA.
    pub kv_heads: u32,
    /// Width of a query and key head (of MLA: `nope_dim + rope_dim`).
    pub head_dim: u32,
    /// Span and form.
    pub kind: AttentionKind,
    /// Norms on queries and keys.
    pub qk_norm: QkNorm,
    /// True when the query projection also yields an output gate (twice as wide, Qwen3-Next).
    pub gated: bool,
}

/// Span and form of attention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AttentionKind {
    /// Every earlier token.
    Full,
    /// The last `window` tokens, except every `full_every`-th layer, which attends to all (`None`: no such layer).
    Sliding {
        /// Tokens seen by a windowed layer.
        window: u32,
        /// Every how many layers one is global.
        full_every: Option<u32>,
        /// Key and value heads of the layers that attend to all, where they differ.
        global: Option<GlobalHeads>,
    },
    /// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1).
    Latent {
        /// Rank of the cached key-value latent.
        kv_rank: u32,
        /// Rank of the query latent; `None`: queries are projected directly.
        q_rank: Option<u32>,
        /// Width of the rotary part, shared by all heads in the cache.
        rope_dim: u32,
        /// Width of the part without position.
        nope_dim: u32,
        /// Width of a value head.
        value_dim: u32,
    },
}

/// Heads of layers that attend to all tokens, in models whose windowed layers have others (Gemma 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GlobalHeads {
    /// Key and value heads.
    pub kv_heads: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// True when one projection yields keys and values.
    pub keys_are_values: bool,
}

/// Norms on queries and keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QkNorm {
    /// None.
    None,
    /// One weight vector of `head_dim` for all heads.
    Head,
    /// One weight vector over all heads together, or one vector per head; the counts are the same.
    Full,
}

/// Dense feed-forward network.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mlp {
    /// Inner width; 0 where every layer has experts and the config names none.
    pub inner: u32,
    /// Three matrices (gate, up, down) instead of two.
    pub gated: bool,
}

/// Mixture of experts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Experts {
    /// Routed experts in a layer.
    pub count: u32,
    /// Experts a token is routed to.
    pub per_token: u32,
    /// Inner width of a routed expert.
    pub inner: u32,
    /// Experts every token passes.
    pub shared: u32,
    /// Inner width of a shared expert.
    pub shared_inner: u32,
    /// Leading layers without experts.
    pub first_dense: u32,
    /// Every how many layers experts stand (1: all).
    pub layer_step: u32,
    /// How many layers have experts in all.
    pub layers: u32,
    /// Width the routed experts work in, where the residual stream is projected to a smaller one (Nemotron 3 Super).
    pub latent: Option<u32>,
}

/// Kinds of recurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecurrentKind {
    /// Gated DeltaNet (arXiv 2412.06464).
    GatedDeltaNet,
    /// Mamba-2 (arXiv 2405.21060).
    Mamba2,
}

impl RecurrentKind {
    /// Every kind with its name in tables.
    pub const ALL: [(&'static str, Self); 2] = [
        ("gated-delta-net", Self::GatedDeltaNet),
        ("mamba-2", Self::Mamba2),
    ];

    /// The name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GatedDeltaNet => "gated-delta-net",
            Self::Mamba2 => "mamba-2",
        }
    }
}

/// The recurrent layers of a hybrid model, and how the rest is divided.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recurrent {
    /// Which recurrence.
    pub kind: RecurrentKind,
    /// Recurrent layers.
    pub layers: u32,
    /// Layers with attention.
    pub attention_layers: u32,
    /// True when a layer is either a mixer or a feed-forward network, not both (Nemotron-H).
    pub separate_mlp: bool,
    /// Key heads (DeltaNet) or groups (Mamba-2).
    pub key_heads: u32,
    /// Value heads (DeltaNet) or heads (Mamba-2).
    pub value_heads: u32,
    /// Width of a key head, or the state size of Mamba-2.
    pub key_dim: u32,
    /// Width of a value head.
    pub value_dim: u32,
    /// Width of the short convolution.
    pub conv: u32,
}

/// Normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the norms")]
pub enum NormKind {
    RmsNorm,
    LayerNorm,
    LayerNormNonparametric,
}

/// How positions enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the schemes")]
pub enum Positional {
    Rope,
    Learned,
    RelativeBias,
    Alibi,
    LearnedDecoder,
}

/// Which biases exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(
    missing_docs,
    clippy::struct_excessive_bools,
    reason = "one flag for each tensor that may have a bias"
)]
pub struct Biases {
    pub q: bool,
    pub k: bool,
    pub v: bool,
    pub o: bool,
    pub mlp: bool,
    pub norm: bool,
    pub lm_head: bool,
    pub router: bool,
    pub experts: bool,
}

/// What the maker publishes of the size.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Published {
    /// All parameters.
    pub total_params: Option<f64>,
    /// Parameters a token uses.
    pub active_params: Option<f64>,
}
