//! `config.json` of Hugging Face transformers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ImportError;
use super::arch::{checked, transformer_of};
use super::hf_families::{FAMILIES, NESTED};
use crate::catalog::{Model, ModelKind, Provenance};

/// A configuration being translated into the columns of the catalogue.
pub(super) struct Config<'a> {
    /// The keys as written.
    pub map: &'a Map<String, Value>,
    /// Columns filled so far.
    pub columns: BTreeMap<String, String>,
    /// Keys that are needed and absent.
    pub missing: Vec<String>,
}

impl Config<'_> {
    /// The first of several keys that has a value.
    pub fn value(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter()
            .filter_map(|key| self.map.get(*key))
            .find(|value| !value.is_null())
    }

    /// The first of several keys, as a count.
    pub fn count(&self, keys: &[&str]) -> Option<u64> {
        self.value(keys)?.as_u64()
    }

    /// A switch, or what the architecture does when it is absent.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.map.get(key)?.as_bool()
    }

    /// Fills a column.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "counts, words and switches are given as they are"
    )]
    pub fn put(&mut self, column: &str, value: impl ToString) {
        self.columns.insert(column.to_owned(), value.to_string());
    }

    /// Fills a column from the first of several keys, if there is one.
    pub fn copy(&mut self, column: &str, keys: &[&str]) -> Option<u64> {
        let count = self.count(keys)?;
        self.put(column, count);
        Some(count)
    }

    /// Fills a column from the first of several keys; its absence is noted under the first name.
    pub fn need(&mut self, column: &str, keys: &[&str]) -> u64 {
        let copied = self.copy(column, keys);
        if copied.is_none() {
            self.missing.push(keys[0].to_owned());
        }
        copied.unwrap_or(0)
    }
}

/// The model that a `config.json` describes.
///
/// Values that a configuration leaves to its class are those of `src/transformers/models/*/configuration_*.py`
/// (`huggingface/transformers`). Of a multimodal model the language part is read.
///
/// # Errors
///
/// [`ImportError::UnknownArchitecture`] names the `model_type`; [`ImportError::Missing`] names the keys that are needed.
///
/// ```
/// use phantom::catalog::hf_config;
/// let error = hf_config(r#"{"model_type": "rwkv"}"#).unwrap_err();
/// assert!(error.to_string().starts_with("the architecture `rwkv` is not known"));
/// ```
pub fn hf_config(text: &str) -> Result<Model, ImportError> {
    let document: Value = serde_json::from_str(text).map_err(ImportError::Json)?;
    let outer = document.as_object().ok_or(ImportError::NoArchitecture)?;
    let map = language_part(outer);
    let model_type = text_of(map, "model_type")
        .or_else(|| text_of(outer, "model_type"))
        .ok_or(ImportError::NoArchitecture)?;
    let family = FAMILIES
        .iter()
        .find(|(names, _)| names.contains(&model_type))
        .ok_or_else(|| {
            let known: Vec<&str> = FAMILIES
                .iter()
                .flat_map(|(names, _)| names.iter().copied())
                .collect();
            ImportError::UnknownArchitecture(model_type.to_owned(), known.join(" "))
        })?;
    let mut config = Config {
        map,
        columns: BTreeMap::new(),
        missing: Vec::new(),
    };
    if let Some(tied) = outer.get("tie_word_embeddings").and_then(Value::as_bool) {
        config.put("tied_embeddings", tied);
    }
    (family.1)(&mut config);
    predicts_ahead(&mut config);
    if !config.missing.is_empty() {
        return Err(ImportError::Missing(config.missing));
    }
    let transformer = transformer_of(config.columns)?;
    checked(Model {
        id: text_of(outer, "_name_or_path")
            .unwrap_or(model_type)
            .to_owned(),
        family: model_type.to_owned(),
        hf_id: text_of(outer, "_name_or_path").map(str::to_owned),
        license: String::new(),
        kind: ModelKind::Transformer(Box::new(transformer)),
        provenance: Provenance {
            source: "config.json".to_owned(),
            ..Provenance::default()
        },
    })
}

/// Layers behind the model that predict tokens further ahead: `DeepSeek` and GLM name them one way, Qwen another.
fn predicts_ahead(config: &mut Config<'_>) {
    let keys = ["num_nextn_predict_layers", "mtp_num_hidden_layers"];
    let layers = keys.iter().find_map(|key| config.map.get(*key)?.as_u64());
    if let Some(layers) = layers.filter(|layers| *layers > 0) {
        config.put("mtp_layers", layers);
    }
}

/// The part of a multimodal configuration that describes its language model.
fn language_part(outer: &Map<String, Value>) -> &Map<String, Value> {
    NESTED
        .iter()
        .filter_map(|key| outer.get(*key)?.as_object())
        .find(|inner| inner.contains_key("hidden_size"))
        .unwrap_or(outer)
}

fn text_of<'a>(map: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    map.get(key)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, Published, Transformer};

    fn imported(text: &str) -> Transformer {
        match hf_config(text).expect("a known architecture").kind {
            ModelKind::Transformer(transformer) => Transformer {
                published: Published::default(),
                ..*transformer
            },
            ModelKind::Network(_) => panic!("a configuration describes a transformer"),
        }
    }

    fn catalogued(id: &str) -> Transformer {
        let model = Catalog::embedded().model(id).expect("in the catalogue");
        match &model.kind {
            ModelKind::Transformer(transformer) => Transformer {
                published: Published::default(),
                ..(**transformer).clone()
            },
            ModelKind::Network(_) => panic!("{id} is a transformer"),
        }
    }

    #[test]
    fn a_configuration_reads_as_the_catalogue_has_it() {
        for (id, text) in [
            (
                "llama-3.1-8b",
                r#"{"model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096,
                "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
                "vocab_size": 128256, "max_position_embeddings": 131072}"#,
            ),
            (
                "qwen2.5-7b",
                r#"{"model_type": "qwen2", "num_hidden_layers": 28, "hidden_size": 3584,
                "num_attention_heads": 28, "num_key_value_heads": 4, "intermediate_size": 18944,
                "vocab_size": 152064, "max_position_embeddings": 131072, "tie_word_embeddings": false,
                "use_sliding_window": false, "sliding_window": 131072}"#,
            ),
            (
                "qwen3-30b-a3b",
                r#"{"model_type": "qwen3_moe", "num_hidden_layers": 48, "hidden_size": 2048,
                "num_attention_heads": 32, "num_key_value_heads": 4, "head_dim": 128,
                "intermediate_size": 6144, "vocab_size": 151936, "max_position_embeddings": 40960,
                "num_experts": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768,
                "decoder_sparse_step": 1, "mlp_only_layers": [], "tie_word_embeddings": false}"#,
            ),
            (
                "gpt-oss-120b",
                r#"{"model_type": "gpt_oss", "num_hidden_layers": 36, "hidden_size": 2880,
                "num_attention_heads": 64, "num_key_value_heads": 8, "head_dim": 64,
                "intermediate_size": 2880, "vocab_size": 201088, "max_position_embeddings": 131072,
                "num_local_experts": 128, "num_experts_per_tok": 4, "sliding_window": 128,
                "tie_word_embeddings": false}"#,
            ),
            (
                "deepseek-v3",
                r#"{"model_type": "deepseek_v3", "num_hidden_layers": 61, "hidden_size": 7168,
                "num_attention_heads": 128, "num_key_value_heads": 128, "intermediate_size": 18432,
                "vocab_size": 129280, "max_position_embeddings": 163840, "q_lora_rank": 1536,
                "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128,
                "v_head_dim": 128, "n_routed_experts": 256, "num_experts_per_tok": 8,
                "n_shared_experts": 1, "moe_intermediate_size": 2048, "first_k_dense_replace": 3,
                "moe_layer_freq": 1, "tie_word_embeddings": false, "num_nextn_predict_layers": 1}"#,
            ),
        ] {
            assert_eq!(imported(text), catalogued(id), "{id}");
        }
    }

    #[test]
    fn older_and_smaller_families_read_as_the_catalogue_has_them() {
        for (id, text) in [
            (
                "gpt2",
                r#"{"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12,
                "vocab_size": 50257, "n_positions": 1024}"#,
            ),
            (
                "falcon-7b",
                r#"{"model_type": "falcon", "num_hidden_layers": 32, "hidden_size": 4544,
                "num_attention_heads": 71, "multi_query": true, "parallel_attn": true,
                "new_decoder_architecture": false, "vocab_size": 65024, "bias": false,
                "alibi": false}"#,
            ),
            (
                "gemma-3-4b",
                r#"{"model_type": "gemma3", "text_config": {"model_type": "gemma3_text",
                "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34,
                "sliding_window": 1024}}"#,
            ),
            (
                "bert-base-uncased",
                r#"{"model_type": "bert", "num_hidden_layers": 12, "hidden_size": 768,
                "num_attention_heads": 12, "intermediate_size": 3072, "vocab_size": 30522,
                "max_position_embeddings": 512, "type_vocab_size": 2}"#,
            ),
            (
                "t5-small",
                r#"{"model_type": "t5", "num_layers": 6, "d_model": 512, "d_kv": 64, "d_ff": 2048,
                "num_heads": 8, "vocab_size": 32128, "relative_attention_num_buckets": 32}"#,
            ),
            (
                "qwen3-next-80b-a3b",
                r#"{"model_type": "qwen3_next", "num_hidden_layers": 48, "hidden_size": 2048,
                "num_attention_heads": 16, "num_key_value_heads": 2, "head_dim": 256,
                "intermediate_size": 5120, "vocab_size": 151936, "max_position_embeddings": 262144,
                "num_experts": 512, "num_experts_per_tok": 10, "moe_intermediate_size": 512,
                "shared_expert_intermediate_size": 512, "decoder_sparse_step": 1,
                "full_attention_interval": 4, "linear_num_key_heads": 16,
                "linear_num_value_heads": 32, "linear_key_head_dim": 128,
                "linear_value_head_dim": 128, "linear_conv_kernel_dim": 4,
                "tie_word_embeddings": false}"#,
            ),
        ] {
            let mut expected = catalogued(id);
            if id == "falcon-7b" || id == "t5-small" {
                expected.max_context = None;
            }
            assert_eq!(imported(text), expected, "{id}");
        }
    }

    #[test]
    fn missing_keys_are_named_together() {
        let error = hf_config(r#"{"model_type": "llama", "hidden_size": 4096}"#)
            .expect_err("most of it is missing");
        assert_eq!(
            error.to_string(),
            "missing: num_hidden_layers, num_attention_heads, vocab_size, intermediate_size"
        );
    }
}
