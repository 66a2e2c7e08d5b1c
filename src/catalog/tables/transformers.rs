//! `transformers.csv`: one transformer a row, by its dimensions.

use super::super::cells::Cells;
use super::super::table::Kind;
use super::super::{
    Attention, AttentionKind, Biases, Experts, GlobalHeads, Mlp, Model, ModelKind, NormKind,
    Positional, Published, QkNorm, Recurrent, RecurrentKind, Transformer, TransformerKind,
};

const NORMS: [(&str, NormKind); 3] = [
    ("rmsnorm", NormKind::RmsNorm),
    ("layernorm", NormKind::LayerNorm),
    ("layernorm-nonparametric", NormKind::LayerNormNonparametric),
];

const POSITIONS: [(&str, Positional); 5] = [
    ("rope", Positional::Rope),
    ("learned", Positional::Learned),
    ("relative-bias", Positional::RelativeBias),
    ("alibi", Positional::Alibi),
    ("learned-decoder", Positional::LearnedDecoder),
];

pub(in super::super) const TRANSFORMERS: Kind<Model> = Kind {
    name: "transformers",
    columns: &[
        "id",
        "family",
        "hf_id",
        "license",
        "kind",
        "layers",
        "decoder_layers",
        "hidden",
        "heads",
        "kv_heads",
        "head_dim",
        "ffn",
        "mlp",
        "activation",
        "vocab",
        "embedding_size",
        "max_context",
        "tied_embeddings",
        "shared_layers",
        "attention",
        "window",
        "full_every",
        "global_kv_heads",
        "global_head_dim",
        "global_keys_are_values",
        "kv_rank",
        "q_rank",
        "rope_dim",
        "nope_dim",
        "value_dim",
        "qk_norm",
        "attention_gate",
        "experts",
        "experts_per_token",
        "expert_ffn",
        "shared_experts",
        "shared_expert_ffn",
        "first_dense",
        "expert_layer_step",
        "expert_layers",
        "expert_latent",
        "recurrent",
        "recurrent_layers",
        "attention_layers",
        "separate_mlp",
        "recurrent_key_heads",
        "recurrent_value_heads",
        "recurrent_key_dim",
        "recurrent_value_dim",
        "recurrent_conv",
        "norm",
        "norms_per_layer",
        "positional",
        "biases",
        "mtp_layers",
        "extra_params_m",
        "params_b",
        "active_params_b",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: model,
    id: |model| model.id.clone(),
    unique: |model| model.id.clone(),
};

fn model(cells: &mut Cells) -> Option<Model> {
    let id = cells.id("id");
    let family = cells.text("family").to_owned();
    let hf_id = cells.text("hf_id");
    let license = cells.text("license").to_owned();
    let transformer = transformer(cells);
    let provenance = cells.provenance();
    Some(Model {
        id: id?,
        family,
        hf_id: (!hf_id.is_empty()).then(|| hf_id.to_owned()),
        license,
        kind: ModelKind::Transformer(Box::new(transformer?)),
        provenance,
    })
}

/// The dimensions of a row. Reads on after a missing cell, so that all problems are noted.
pub(in super::super) fn transformer(cells: &mut Cells) -> Option<Transformer> {
    let kind = stacks(cells);
    let layers = cells.required_integer("layers", 1..=400);
    let hidden = cells.required_integer("hidden", 16..=65_536);
    let heads = heads(cells);
    let mlp = mlp(cells);
    let vocab = cells.required_integer("vocab", 1..=2_000_000);
    let embedding_size = cells.integer("embedding_size", 16..=65_536);
    let max_context = cells.integer("max_context", 1..=100_000_000).map(u64::from);
    let tied_embeddings = cells.flag("tied_embeddings");
    let shared_layers = cells.flag("shared_layers");
    let attention = attention(cells, heads);
    let experts = experts(cells, layers.unwrap_or(0));
    let recurrent = recurrent(cells);
    let norm = cells.required_word("norm", &NORMS);
    let norms_per_layer = cells.required_integer("norms_per_layer", 0..=8);
    let positional = cells.required_word("positional", &POSITIONS);
    let biases = biases(cells);
    let mtp_layers = cells.integer("mtp_layers", 0..=16).unwrap_or(0);
    let extra_params = cells
        .number("extra_params_m", -1000.0..=100_000.0)
        .unwrap_or(0.0)
        * 1e6;
    let mut billions = |column: &str| {
        cells
            .number(column, 0.0..=10_000.0)
            .map(|count| count * 1e9)
    };
    let published = Published {
        total_params: billions("params_b"),
        active_params: billions("active_params_b"),
    };
    Some(Transformer {
        kind: kind?,
        layers: layers?,
        hidden: hidden?,
        vocab: vocab?,
        embedding_size,
        max_context,
        tied_embeddings,
        shared_layers,
        attention: attention?,
        mlp: mlp?,
        experts,
        recurrent,
        norm: norm?,
        norms_per_layer: norms_per_layer?,
        positional: positional?,
        biases,
        extra_params,
        mtp_layers,
        published,
    })
}

fn stacks(cells: &mut Cells) -> Option<TransformerKind> {
    let word = cells.required("kind")?;
    Some(match word {
        "decoder" => TransformerKind::Decoder,
        "encoder" => TransformerKind::Encoder,
        "encoder-decoder" => TransformerKind::EncoderDecoder {
            decoder_layers: cells.required_integer("decoder_layers", 1..=400)?,
        },
        other => {
            cells.problem(
                "kind",
                &format!("is `{other}`, not decoder, encoder or encoder-decoder"),
            );
            return None;
        }
    })
}

/// Query heads, key and value heads, width of a head.
fn heads(cells: &mut Cells) -> Option<(u32, u32, u32)> {
    let heads = cells.required_integer("heads", 1..=1024);
    let kv_heads = cells.required_integer("kv_heads", 1..=1024);
    let head_dim = cells.required_integer("head_dim", 4..=4096);
    Some((heads?, kv_heads?, head_dim?))
}

fn mlp(cells: &mut Cells) -> Option<Mlp> {
    let inner = cells.required_integer("ffn", 0..=1_000_000);
    let gated = cells.required_word("mlp", &[("gated", true), ("plain", false)]);
    Some(Mlp {
        inner: inner?,
        gated: gated?,
    })
}

fn attention(cells: &mut Cells, heads: Option<(u32, u32, u32)>) -> Option<Attention> {
    const NORMS: [(&str, QkNorm); 2] = [("head", QkNorm::Head), ("full", QkNorm::Full)];
    let kind = attention_kind(cells);
    let qk_norm = cells.word("qk_norm", &NORMS).unwrap_or(QkNorm::None);
    let gated = cells.flag("attention_gate");
    let (heads, kv_heads, head_dim) = heads?;
    Some(Attention {
        heads,
        kv_heads,
        head_dim,
        kind: kind?,
        qk_norm,
        gated,
    })
}

fn global_heads(cells: &mut Cells) -> Option<GlobalHeads> {
    let kv_heads = cells.integer("global_kv_heads", 1..=1024);
    let head_dim = cells.integer("global_head_dim", 4..=4096);
    let keys_are_values = cells.flag("global_keys_are_values");
    Some(GlobalHeads {
        kv_heads: kv_heads?,
        head_dim: head_dim?,
        keys_are_values,
    })
}

fn attention_kind(cells: &mut Cells) -> Option<AttentionKind> {
    match cells.required("attention")? {
        "full" => Some(AttentionKind::Full),
        "sliding" => {
            let window = cells.required_integer("window", 1..=10_000_000);
            let full_every = cells.integer("full_every", 1..=400);
            let global = global_heads(cells);
            Some(AttentionKind::Sliding {
                window: window?,
                full_every,
                global,
            })
        }
        "latent" => {
            let kv_rank = cells.required_integer("kv_rank", 1..=65_536);
            let q_rank = cells.integer("q_rank", 1..=65_536);
            let rope_dim = cells.required_integer("rope_dim", 1..=4096);
            let nope_dim = cells.required_integer("nope_dim", 1..=4096);
            let value_dim = cells.required_integer("value_dim", 1..=4096);
            Some(AttentionKind::Latent {
                kv_rank: kv_rank?,
                q_rank,
                rope_dim: rope_dim?,
                nope_dim: nope_dim?,
                value_dim: value_dim?,
            })
        }
        other => {
            cells.problem(
                "attention",
                &format!("is `{other}`, not full, sliding or latent"),
            );
            None
        }
    }
}

fn experts(cells: &mut Cells, layers: u32) -> Option<Experts> {
    let count = cells.integer("experts", 1..=65_536)?;
    let per_token = cells.required_integer("experts_per_token", 1..=count);
    let inner = cells.required_integer("expert_ffn", 1..=1_000_000);
    let shared = cells.integer("shared_experts", 0..=1024).unwrap_or(0);
    let shared_inner = cells
        .integer("shared_expert_ffn", 0..=1_000_000)
        .unwrap_or(0);
    let first_dense = cells.integer("first_dense", 0..=layers).unwrap_or(0);
    let layer_step = cells
        .integer("expert_layer_step", 1..=layers.max(1))
        .unwrap_or(1);
    let with_experts = cells.required_integer("expert_layers", 1..=layers.max(1));
    let latent = cells.integer("expert_latent", 1..=65_536);
    Some(Experts {
        count,
        per_token: per_token?,
        inner: inner?,
        shared,
        shared_inner,
        first_dense,
        layer_step,
        layers: with_experts?,
        latent,
    })
}

fn recurrent(cells: &mut Cells) -> Option<Recurrent> {
    let kind = cells.word("recurrent", &RecurrentKind::ALL)?;
    let layers = cells.required_integer("recurrent_layers", 1..=400);
    let attention_layers = cells.required_integer("attention_layers", 0..=400);
    let separate_mlp = cells.flag("separate_mlp");
    let mut width = |column: &str| cells.required_integer(column, 1..=65_536);
    let key_heads = width("recurrent_key_heads");
    let value_heads = width("recurrent_value_heads");
    let key_dim = width("recurrent_key_dim");
    let value_dim = width("recurrent_value_dim");
    let conv = width("recurrent_conv");
    Some(Recurrent {
        kind,
        layers: layers?,
        attention_layers: attention_layers?,
        separate_mlp,
        key_heads: key_heads?,
        value_heads: value_heads?,
        key_dim: key_dim?,
        value_dim: value_dim?,
        conv: conv?,
    })
}

fn biases(cells: &mut Cells) -> Biases {
    let mut biases = Biases::default();
    for name in cells
        .text("biases")
        .split('+')
        .filter(|name| !name.is_empty())
    {
        let flag = match name {
            "q" => &mut biases.q,
            "k" => &mut biases.k,
            "v" => &mut biases.v,
            "o" => &mut biases.o,
            "mlp" => &mut biases.mlp,
            "norm" => &mut biases.norm,
            "lm_head" => &mut biases.lm_head,
            "router" => &mut biases.router,
            "experts" => &mut biases.experts,
            other => {
                cells.problem(
                    "biases",
                    &format!("names `{other}`, not q k v o mlp norm lm_head router experts"),
                );
                continue;
            }
        };
        *flag = true;
    }
    biases
}
