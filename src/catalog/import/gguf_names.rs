//! Names inside GGUF: tensor types, metadata keys, and what tensors give away about a model.

use std::collections::BTreeMap;

use super::ImportError;
use super::arch::{checked, transformer_of};
use super::gguf::{Header, Meta};
use crate::catalog::{Format, Model, ModelKind, Provenance};

/// How a tensor is stored (`enum ggml_type` of `ggml/include/ggml.h` in `ggml-org/llama.cpp`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Type {
    pub name: &'static str,
    pub format: Option<Format>,
    bits: f64,
}

impl Type {
    /// The type of a number; `None` for numbers that were never given out or were withdrawn.
    pub fn of(number: u32) -> Option<Self> {
        let known = |name, format: Format| {
            Some(Self {
                name,
                format: Some(format),
                bits: format.bits_per_weight(),
            })
        };
        let other = |name, bits| {
            Some(Self {
                name,
                format: None,
                bits,
            })
        };
        match number {
            0 => known("f32", Format::Fp32),
            1 => known("f16", Format::Fp16),
            2 => known("q4_0", Format::Q4_0),
            3 => known("q4_1", Format::Q4_1),
            6 => known("q5_0", Format::Q5_0),
            7 => known("q5_1", Format::Q5_1),
            8 => known("q8_0", Format::Q8_0),
            9 => other("q8_1", 9.0),
            10 => known("q2_k", Format::Q2K),
            11 => known("q3_k", Format::Q3K),
            12 => known("q4_k", Format::Q4K),
            13 => known("q5_k", Format::Q5K),
            14 => known("q6_k", Format::Q6K),
            15 => other("q8_k", 292.0 * 8.0 / 256.0),
            16 => known("iq2_xxs", Format::Iq2Xxs),
            17 => known("iq2_xs", Format::Iq2Xs),
            18 => known("iq3_xxs", Format::Iq3Xxs),
            19 => known("iq1_s", Format::Iq1S),
            20 => known("iq4_nl", Format::Iq4Nl),
            21 => known("iq3_s", Format::Iq3S),
            22 => known("iq2_s", Format::Iq2S),
            23 => known("iq4_xs", Format::Iq4Xs),
            24 => other("i8", 8.0),
            25 => other("i16", 16.0),
            26 => other("i32", 32.0),
            27 => other("i64", 64.0),
            28 => other("f64", 64.0),
            29 => known("iq1_m", Format::Iq1M),
            30 => known("bf16", Format::Bf16),
            34 => other("tq1_0", 54.0 * 8.0 / 256.0),
            35 => other("tq2_0", 66.0 * 8.0 / 256.0),
            39 => known("mxfp4", Format::Mxfp4),
            40 => known("nvfp4", Format::Nvfp4),
            _ => None,
        }
    }

    /// Bits a value takes, scales included.
    pub const fn bits_per_value(self) -> f64 {
        self.bits
    }
}

/// Architectures whose layers are those of a plain transformer, told apart by metadata and tensors alone.
const KNOWN: [&str; 26] = [
    "llama",
    "llama4",
    "mistral3",
    "qwen2",
    "qwen2moe",
    "qwen3",
    "qwen3moe",
    "qwen2vl",
    "qwen3vl",
    "gemma",
    "gemma2",
    "gemma3",
    "phi2",
    "phi3",
    "deepseek2",
    "gpt-oss",
    "gpt2",
    "gptneox",
    "falcon",
    "olmo",
    "olmo2",
    "granite",
    "command-r",
    "cohere2",
    "starcoder2",
    "bert",
];

/// Weights of the norms around the two halves of a layer, in all architectures of [`KNOWN`].
const NORMS: [&str; 7] = [
    "attn_norm.weight",
    "attn_norm_2.weight",
    "post_attention_norm.weight",
    "ffn_norm.weight",
    "post_ffw_norm.weight",
    "attn_output_norm.weight",
    "layer_output_norm.weight",
];

/// The model a header describes.
pub(super) fn model(header: &Header) -> Result<Model, ImportError> {
    let Some(Meta::Text(architecture)) = header.meta.get("general.architecture") else {
        return Err(ImportError::NoArchitecture);
    };
    if !KNOWN.contains(&architecture.as_str()) {
        return Err(ImportError::UnknownArchitecture(
            architecture.clone(),
            KNOWN.join(" "),
        ));
    }
    let mut names = Names {
        header,
        architecture,
        columns: BTreeMap::new(),
        missing: Vec::new(),
    };
    names.dimensions();
    names.attention();
    names.experts();
    names.forms();
    if !names.missing.is_empty() {
        return Err(ImportError::Missing(names.missing));
    }
    let mut transformer = transformer_of(names.columns)?;
    let total: f64 = header
        .tensors
        .iter()
        .map(|tensor| tensor.values as f64)
        .sum();
    transformer.published.total_params = (total > 0.0).then_some(total);
    let text = |key: &str| match header.meta.get(key) {
        Some(Meta::Text(text)) => text.clone(),
        Some(Meta::Int(_) | Meta::Float(_) | Meta::Bool(_) | Meta::Array { .. }) | None => {
            String::new()
        }
    };
    let name = text("general.name");
    checked(Model {
        id: if name.is_empty() {
            architecture.clone()
        } else {
            name
        },
        family: architecture.clone(),
        hf_id: None,
        license: text("general.license"),
        kind: ModelKind::Transformer(Box::new(transformer)),
        provenance: Provenance {
            source: "GGUF header".to_owned(),
            ..Provenance::default()
        },
    })
}

/// Metadata being translated into the columns of the catalogue.
struct Names<'a> {
    header: &'a Header,
    architecture: &'a str,
    columns: BTreeMap<String, String>,
    missing: Vec<String>,
}

impl Names<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture)
    }

    /// A count of the metadata; of an array of equal counts per layer, the largest.
    fn count(&self, name: &str) -> Option<u64> {
        match self.header.meta.get(&self.key(name))? {
            Meta::Int(value) => Some(*value),
            Meta::Array { integers, .. } => integers.iter().max().copied(),
            Meta::Float(_) | Meta::Bool(_) | Meta::Text(_) => None,
        }
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "counts, words and switches are given as they are"
    )]
    fn put(&mut self, column: &str, value: impl ToString) {
        self.columns.insert(column.to_owned(), value.to_string());
    }

    fn copy(&mut self, column: &str, name: &str) -> Option<u64> {
        let count = self.count(name)?;
        self.put(column, count);
        Some(count)
    }

    fn need(&mut self, column: &str, name: &str) -> Option<u64> {
        let copied = self.copy(column, name);
        if copied.is_none() {
            self.missing.push(self.key(name));
        }
        copied
    }

    /// True when a tensor has this name, or this name in the first layer that has it.
    fn has(&self, name: &str) -> bool {
        self.header.tensors.iter().any(|tensor| {
            let inner = tensor.name.strip_prefix("blk.").and_then(|rest| {
                let (_, inner) = rest.split_once('.')?;
                Some(inner)
            });
            tensor.name == name || inner == Some(name)
        })
    }

    fn dimensions(&mut self) {
        self.need("layers", "block_count");
        self.need("hidden", "embedding_length");
        self.need("heads", "attention.head_count");
        self.copy("kv_heads", "attention.head_count_kv");
        self.copy("head_dim", "attention.key_length");
        self.copy("max_context", "context_length");
        let vocab = self.count("vocab_size").or_else(|| {
            match self.header.meta.get("tokenizer.ggml.tokens") {
                Some(Meta::Array { length, .. }) => Some(*length),
                Some(Meta::Int(_) | Meta::Float(_) | Meta::Bool(_) | Meta::Text(_)) | None => None,
            }
        });
        match vocab {
            Some(vocab) => self.put("vocab", vocab),
            None => self.missing.push(self.key("vocab_size")),
        }
        if self.copy("ffn", "feed_forward_length").is_none() {
            match self.count("expert_feed_forward_length") {
                Some(_) => self.put("ffn", 0),
                None => self.missing.push(self.key("feed_forward_length")),
            }
        }
    }

    /// Window and pattern, or the latent form. Keys of `gguf-py/gguf/constants.py` in `ggml-org/llama.cpp`.
    fn attention(&mut self) {
        if let Some(rank) = self.count("attention.kv_lora_rank") {
            self.put("attention", "latent");
            self.put("kv_rank", rank);
            self.copy("q_rank", "attention.q_lora_rank");
            let rope = self.need("rope_dim", "rope.dimension_count");
            let key = self
                .count("attention.key_length_mla")
                .or_else(|| self.count("attention.key_length"));
            let value = self
                .count("attention.value_length_mla")
                .or_else(|| self.count("attention.value_length"));
            if let (Some(rope), Some(key), Some(value)) = (rope, key, value) {
                self.put("head_dim", key);
                self.put("nope_dim", key.saturating_sub(rope));
                self.put("value_dim", value);
            } else {
                self.missing.push(self.key("attention.key_length"));
            }
            // The converter writes one KV head for the cache of latents; the projections have one for each query head.
            if let Some(heads) = self.count("attention.head_count") {
                self.put("kv_heads", heads);
            }
            return;
        }
        let context = self.count("context_length").unwrap_or(u64::MAX);
        let Some(window) = self
            .count("attention.sliding_window")
            .filter(|window| *window > 0 && *window < context)
        else {
            return;
        };
        self.put("attention", "sliding");
        self.put("window", window);
        let fixed = match self.architecture {
            "gemma2" | "gpt-oss" => Some(2),
            "gemma3" => Some(6),
            "cohere2" | "llama4" => Some(4),
            _ => None,
        };
        let stated = self
            .count("attention.sliding_window_pattern")
            .filter(|every| *every > 1);
        if let Some(every) = stated.or(fixed) {
            self.put("full_every", every);
        }
    }

    fn experts(&mut self) {
        if self.count("expert_count").is_none_or(|count| count == 0) {
            return;
        }
        self.copy("experts", "expert_count");
        self.need("experts_per_token", "expert_used_count");
        if self
            .copy("expert_ffn", "expert_feed_forward_length")
            .is_none()
        {
            self.need("expert_ffn", "feed_forward_length");
        }
        self.copy("first_dense", "leading_dense_block_count");
        self.copy("expert_layer_step", "interleave_moe_layer_step");
        let shared = self.count("expert_shared_count");
        let inner = self.count("expert_shared_feed_forward_length");
        if shared.unwrap_or(0) > 0 || inner.is_some() {
            self.put("shared_experts", shared.unwrap_or(1));
            let routed = self.count("expert_feed_forward_length");
            if let Some(inner) = inner.or(routed) {
                self.put("shared_expert_ffn", inner);
            }
        }
    }

    /// Norms, biases and gates, by the tensors that exist.
    fn forms(&mut self) {
        let is_rms = self
            .header
            .meta
            .contains_key(&self.key("attention.layer_norm_rms_epsilon"));
        self.put("norm", if is_rms { "rmsnorm" } else { "layernorm" });
        if self.header.tensors.is_empty() {
            return;
        }
        let gated = ["ffn_gate.weight", "ffn_gate_exps.weight"];
        let is_gated = gated.iter().any(|name| self.has(name)) || self.architecture == "phi3";
        self.put("mlp", if is_gated { "gated" } else { "plain" });
        self.put("tied_embeddings", !self.has("output.weight"));
        if self.has("attn_q_norm.weight") {
            let is_full = matches!(self.architecture, "olmo2" | "command-r");
            self.put("qk_norm", if is_full { "full" } else { "head" });
        }
        if self.architecture == "olmo" {
            self.put("norm", "layernorm-nonparametric");
        } else {
            let norms = NORMS.iter().filter(|name| self.has(name)).count();
            self.put("norms_per_layer", norms);
        }
        if self.has("position_embd.weight") {
            self.put("positional", "learned");
        }
        if self.architecture == "bert" {
            self.put("kind", "encoder");
        }
        let biases = self.biases();
        self.put("biases", biases);
    }

    fn biases(&self) -> String {
        let fused = self.has("attn_qkv.bias");
        [
            ("q", fused || self.has("attn_q.bias")),
            ("k", fused || self.has("attn_k.bias")),
            ("v", fused || self.has("attn_v.bias")),
            ("o", self.has("attn_output.bias")),
            ("mlp", self.has("ffn_up.bias")),
            ("norm", self.has("attn_norm.bias")),
            ("lm_head", self.has("output.bias")),
            ("router", self.has("ffn_gate_inp.bias")),
            ("experts", self.has("ffn_up_exps.bias")),
        ]
        .into_iter()
        .filter(|(_, exists)| *exists)
        .map(|(name, _)| name)
        .collect::<Vec<_>>()
        .join("+")
    }
}
