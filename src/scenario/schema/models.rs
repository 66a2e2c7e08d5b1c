//! Keys of `models.<alias>`.

use super::shape::{Field, Map, Shape};
use crate::units::Dimension;

const N: Shape = Shape::Count(0);

/// One model.
pub static MODEL: Shape = Shape::Named(
    "model",
    &Shape::Map(&Map::with_forms(
        &[
            Field::optional("catalog", &Shape::Text, "Id or alias of a catalogue entry."),
            Field::optional(
                "hf_config",
                &Shape::Path,
                "A `config.json`, or the folder it lies in.",
            ),
            Field::optional("gguf", &Shape::Path, "A GGUF file; its header is enough."),
            Field::optional("arch", &Shape::Map(&ARCH), "The architecture in numbers."),
            Field::optional(
                "revision",
                &Shape::Text,
                "Revision of the weights, carried into results.",
            ),
            Field::optional(
                "weights_bytes",
                &Shape::Quantity(Dimension::Bytes),
                "Bytes of the stored weights; they win over the computed ones.",
            ),
            Field::optional("input", &Shape::Text, "Input of one sample, `3x224x224`."),
            Field::optional(
                "max_context",
                &Shape::Count(1),
                "A shorter context than the architecture's.",
            ),
        ],
        &["catalog", "hf_config", "gguf", "arch"],
        "the source of a model",
    )),
);

/// Columns of `transformers.csv`, and the totals of other networks.
static ARCH: Map = Map::of(&[
    Field::optional(
        "kind",
        &Shape::Choice(&["decoder", "encoder", "encoder-decoder"]),
        "Which stacks.",
    )
    .or("decoder"),
    Field::optional("layers", &Shape::Count(1), "Layers of all kinds."),
    Field::optional(
        "decoder_layers",
        &Shape::Count(1),
        "Layers of the decoder, where there are two stacks.",
    ),
    Field::optional("hidden", &Shape::Count(1), "Width of the residual stream."),
    Field::optional("heads", &Shape::Count(1), "Query heads."),
    Field::optional("kv_heads", &Shape::Count(1), "Key and value heads.").or("as many as `heads`"),
    Field::optional("head_dim", &Shape::Count(1), "Width of a head.").or("hidden / heads"),
    Field::optional("ffn", &N, "Inner width of the dense feed-forward network."),
    Field::optional(
        "mlp",
        &Shape::Choice(&["gated", "plain"]),
        "Three matrices (gate, up, down) or two.",
    )
    .or("gated"),
    Field::optional("activation", &Shape::Text, "Activation function."),
    Field::optional("vocab", &Shape::Count(1), "Vocabulary."),
    Field::optional(
        "embedding_size",
        &Shape::Count(1),
        "Width of the token embedding where it differs from `hidden`.",
    ),
    Field::optional(
        "max_context",
        &Shape::Count(1),
        "Longest context the architecture bounds.",
    ),
    Field::optional(
        "tied_embeddings",
        &Shape::Bool,
        "The input embedding is also the output projection.",
    )
    .or("false"),
    Field::optional(
        "shared_layers",
        &Shape::Bool,
        "All layers share one set of weights.",
    )
    .or("false"),
    Field::optional(
        "attention",
        &Shape::Choice(&["full", "sliding", "latent"]),
        "Span and form of attention.",
    )
    .or("full"),
    Field::optional(
        "window",
        &Shape::Count(1),
        "Tokens seen by a windowed layer.",
    ),
    Field::optional(
        "full_every",
        &Shape::Count(1),
        "Every how many layers one attends to all tokens.",
    ),
    Field::optional("kv_rank", &Shape::Count(1), "Rank of the cached latent."),
    Field::optional("q_rank", &Shape::Count(1), "Rank of the query latent."),
    Field::optional(
        "rope_dim",
        &Shape::Count(1),
        "Width of the rotary part of a latent head.",
    ),
    Field::optional(
        "nope_dim",
        &Shape::Count(1),
        "Width of the part of a latent head without position.",
    ),
    Field::optional(
        "value_dim",
        &Shape::Count(1),
        "Width of a value head of latent attention.",
    ),
    Field::optional(
        "qk_norm",
        &Shape::Choice(&["head", "full"]),
        "Norms on queries and keys.",
    )
    .or("none"),
    Field::optional(
        "attention_gate",
        &Shape::Bool,
        "The query projection also yields an output gate.",
    )
    .or("false"),
    Field::optional("experts", &Shape::Count(1), "Routed experts in a layer."),
    Field::optional(
        "experts_per_token",
        &Shape::Count(1),
        "Experts a token is routed to.",
    ),
    Field::optional(
        "expert_ffn",
        &Shape::Count(1),
        "Inner width of a routed expert.",
    ),
    Field::optional("shared_experts", &N, "Experts every token passes.").or("0"),
    Field::optional("shared_expert_ffn", &N, "Inner width of a shared expert."),
    Field::optional("first_dense", &N, "Leading layers without experts.").or("0"),
    Field::optional(
        "expert_layer_step",
        &Shape::Count(1),
        "Every how many layers experts stand.",
    )
    .or("1"),
    Field::optional(
        "expert_layers",
        &Shape::Count(1),
        "Layers with experts in all.",
    ),
    Field::optional(
        "expert_latent",
        &Shape::Count(1),
        "Width to which experts project first.",
    ),
    Field::optional(
        "recurrent",
        &Shape::Choice(&["gated-delta-net", "mamba-2"]),
        "Recurrence of a hybrid model.",
    ),
    Field::optional("recurrent_layers", &Shape::Count(1), "Recurrent layers."),
    Field::optional(
        "attention_layers",
        &N,
        "Layers with attention in a hybrid model.",
    ),
    Field::optional(
        "separate_mlp",
        &Shape::Bool,
        "A layer is either a mixer or a feed-forward network.",
    )
    .or("false"),
    Field::optional(
        "recurrent_key_heads",
        &Shape::Count(1),
        "Key heads or groups of the recurrence.",
    ),
    Field::optional(
        "recurrent_value_heads",
        &Shape::Count(1),
        "Value heads of the recurrence.",
    ),
    Field::optional(
        "recurrent_key_dim",
        &Shape::Count(1),
        "Width of a key head, or the size of the state.",
    ),
    Field::optional(
        "recurrent_value_dim",
        &Shape::Count(1),
        "Width of a value head of the recurrence.",
    ),
    Field::optional(
        "recurrent_conv",
        &Shape::Count(1),
        "Width of the short convolution.",
    ),
    Field::optional(
        "norm",
        &Shape::Choice(&["rmsnorm", "layernorm", "layernorm-nonparametric"]),
        "Normalisation.",
    )
    .or("rmsnorm"),
    Field::optional("norms_per_layer", &N, "Norms in a layer.").or("2"),
    Field::optional(
        "positional",
        &Shape::Choice(&[
            "rope",
            "learned",
            "relative-bias",
            "alibi",
            "learned-decoder",
        ]),
        "How positions enter.",
    )
    .or("rope"),
    Field::optional(
        "biases",
        &Shape::Text,
        "Which biases exist: `q+k+v+o+mlp+norm+lm_head+router+experts`.",
    )
    .or("none"),
    Field::optional(
        "mtp_layers",
        &N,
        "Layers behind the model that predict tokens further ahead.",
    )
    .or("0"),
    Field::optional(
        "extra_params_m",
        &Shape::Number,
        "Parameters outside the pattern, in millions.",
    )
    .or("0"),
    Field::optional(
        "params_b",
        &Shape::Number,
        "Published parameters, in billions.",
    ),
    Field::optional(
        "active_params_b",
        &Shape::Number,
        "Published parameters that a token uses, in billions.",
    ),
    Field::optional(
        "params",
        &Shape::Quantity(Dimension::Count),
        "Parameters of a network known by its totals.",
    ),
    Field::optional(
        "macs",
        &Shape::Quantity(Dimension::Count),
        "Multiply-adds of one forward pass of one sample.",
    ),
    Field::optional(
        "activations",
        &Shape::Quantity(Dimension::Count),
        "Activations of one forward pass of one sample.",
    ),
    Field::optional("input", &Shape::Text, "Input of one sample, `3x224x224`."),
    Field::optional("task", &Shape::Text, "What the network does."),
]);
