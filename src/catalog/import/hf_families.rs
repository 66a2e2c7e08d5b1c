//! What each architecture of Hugging Face transformers fixes, and how its keys become columns.

use super::hf::Config;
use super::hf_older::{bert, cohere, falcon, gpt_neox, gpt2, t5};

/// Keys under which a multimodal configuration holds its language model.
pub(super) const NESTED: [&str; 4] = [
    "text_config",
    "llm_config",
    "language_config",
    "thinker_config",
];

/// How a configuration of a family becomes columns.
type Translate = fn(&mut Config);

/// `model_type`s of one family, and how they read.
pub(super) const FAMILIES: &[(&[&str], Translate)] = &[
    (
        &[
            "llama",
            "mistral",
            "ministral",
            "ministral3",
            "granite",
            "olmo2",
            "olmo",
        ],
        llama,
    ),
    (&["phi3"], phi3),
    (&["mixtral"], mixtral),
    (&["qwen2"], qwen2),
    (&["qwen2_moe"], qwen2_moe),
    (&["qwen3"], qwen3),
    (&["qwen3_moe"], qwen3_moe),
    (
        &[
            "qwen3_next",
            "qwen3_5_text",
            "qwen3_5_moe_text",
            "qwen3_5",
            "qwen3_5_moe",
        ],
        qwen3_next,
    ),
    (&["gemma2"], gemma2),
    (&["gemma3_text", "gemma3"], gemma3),
    (&["deepseek_v2", "deepseek_v3", "kimi_k2"], deepseek),
    (&["gpt_oss"], gpt_oss),
    (&["gpt2"], gpt2),
    (&["gpt_neox"], gpt_neox),
    (&["falcon"], falcon),
    (&["cohere", "cohere2"], cohere),
    (&["bert", "roberta", "xlm-roberta", "camembert"], bert),
    (&["t5", "mt5"], t5),
];

/// What nearly all decoders state under the same names.
pub(super) fn decoder(config: &mut Config) {
    config.need("layers", &["num_hidden_layers", "n_layer"]);
    config.need("hidden", &["hidden_size", "n_embd"]);
    let heads = config.need("heads", &["num_attention_heads", "n_head"]);
    if config.copy("kv_heads", &["num_key_value_heads"]).is_none() {
        config.put("kv_heads", heads);
    }
    config.copy("head_dim", &["head_dim"]);
    config.need("vocab", &["vocab_size"]);
    config.copy("max_context", &["max_position_embeddings", "n_positions"]);
    if let Some(tied) = config.flag("tie_word_embeddings") {
        config.put("tied_embeddings", tied);
    }
}

/// The width of the feed-forward network.
pub(super) fn ffn(config: &mut Config) {
    config.need("ffn", &["intermediate_size"]);
}

/// Embeddings are tied in architectures whose class says so.
pub(super) fn tied_unless_stated(config: &mut Config) {
    config
        .columns
        .entry("tied_embeddings".to_owned())
        .or_insert_with(|| "true".to_owned());
}

/// A window narrower than the context, on all layers but every `full_every`-th.
pub(super) fn window(config: &mut Config, full_every: Option<u64>) {
    let Some(window) = config.count(&["sliding_window"]) else {
        return;
    };
    let context = config
        .count(&["max_position_embeddings"])
        .unwrap_or(u64::MAX);
    if window >= context {
        return;
    }
    config.put("attention", "sliding");
    config.put("window", window);
    if let Some(every) = full_every {
        config.put("full_every", every);
    }
}

/// Every how many layers one is not `sliding_attention` (or not linear), read off `layer_types`.
pub(super) fn full_every(config: &Config) -> Option<u64> {
    let types = config.value(&["layer_types"])?.as_array()?;
    let first_full = types
        .iter()
        .position(|kind| kind.as_str() == Some("full_attention"))?;
    Some(first_full as u64 + 1)
}

fn llama(config: &mut Config) {
    decoder(config);
    ffn(config);
    let model_type = config.value(&["model_type"]).and_then(|name| name.as_str());
    let (is_olmo, is_olmo2) = (model_type == Some("olmo"), model_type == Some("olmo2"));
    if is_olmo {
        config.put("norm", "layernorm-nonparametric");
    }
    if is_olmo2 {
        config.put("qk_norm", "full");
    }
    let mut biases = Vec::new();
    if config.flag("attention_bias") == Some(true) {
        biases.push("q+k+v+o");
    }
    if config.flag("mlp_bias") == Some(true) {
        biases.push("mlp");
    }
    config.put("biases", biases.join("+"));
    window(config, None);
}

fn phi3(config: &mut Config) {
    decoder(config);
    ffn(config);
    window(config, None);
}

fn mixtral(config: &mut Config) {
    decoder(config);
    ffn(config);
    config.need("experts", &["num_local_experts"]);
    config.need("experts_per_token", &["num_experts_per_tok"]);
    config.copy("expert_ffn", &["intermediate_size"]);
    window(config, None);
}

fn qwen2(config: &mut Config) {
    decoder(config);
    ffn(config);
    config.put("biases", "q+k+v");
    if config.flag("use_sliding_window") == Some(true) {
        window(config, None);
    }
}

/// Experts under the names of Qwen; a shared expert has a gate of its own, one weight per channel.
fn qwen_experts(config: &mut Config) {
    config.need("experts", &["num_experts"]);
    config.need("experts_per_token", &["num_experts_per_tok"]);
    config.need("expert_ffn", &["moe_intermediate_size"]);
    let layers = config.count(&["num_hidden_layers"]).unwrap_or(0);
    let step = config.count(&["decoder_sparse_step"]).unwrap_or(1).max(1);
    let dense = config
        .value(&["mlp_only_layers"])
        .and_then(|list| list.as_array())
        .map_or(0, Vec::len) as u64;
    config.put("expert_layer_step", step);
    let with_experts = (layers / step).saturating_sub(dense);
    config.put("expert_layers", with_experts);
    if config
        .copy("shared_expert_ffn", &["shared_expert_intermediate_size"])
        .is_some()
    {
        config.put("shared_experts", 1);
        let hidden = config.count(&["hidden_size"]).unwrap_or(0);
        config.put("extra_params_m", (with_experts * hidden) as f64 / 1e6);
    }
}

fn qwen2_moe(config: &mut Config) {
    qwen2(config);
    qwen_experts(config);
}

fn qwen3(config: &mut Config) {
    decoder(config);
    ffn(config);
    config.put("qk_norm", "head");
    if config.flag("attention_bias") == Some(true) {
        config.put("biases", "q+k+v+o");
    }
    if config.flag("use_sliding_window") == Some(true) {
        window(config, None);
    }
}

fn qwen3_moe(config: &mut Config) {
    qwen3(config);
    qwen_experts(config);
}

fn qwen3_next(config: &mut Config) {
    decoder(config);
    config.put("qk_norm", "head");
    config.put("attention_gate", true);
    if config.value(&["num_experts"]).is_some() {
        config.copy("ffn", &["intermediate_size", "moe_intermediate_size"]);
        qwen_experts(config);
    } else {
        ffn(config);
    }
    let every = config
        .count(&["full_attention_interval"])
        .or_else(|| full_every(config));
    let layers = config.count(&["num_hidden_layers"]).unwrap_or(0);
    match every.filter(|every| *every > 0) {
        Some(every) => {
            config.put("attention_layers", layers / every);
            config.put("recurrent_layers", layers - layers / every);
        }
        None => config.missing.push("full_attention_interval".to_owned()),
    }
    config.put("recurrent", "gated-delta-net");
    config.need("recurrent_key_heads", &["linear_num_key_heads"]);
    config.need("recurrent_value_heads", &["linear_num_value_heads"]);
    config.need("recurrent_key_dim", &["linear_key_head_dim"]);
    config.need("recurrent_value_dim", &["linear_value_head_dim"]);
    config.need("recurrent_conv", &["linear_conv_kernel_dim"]);
}

fn gemma2(config: &mut Config) {
    decoder(config);
    ffn(config);
    config.put("norms_per_layer", 4);
    tied_unless_stated(config);
    window(config, Some(2));
}

/// Text configurations of Gemma 3 leave most to the class (`configuration_gemma3.py`, `Gemma3TextConfig`).
fn gemma3(config: &mut Config) {
    config.need("layers", &["num_hidden_layers"]);
    config.need("hidden", &["hidden_size"]);
    ffn(config);
    for (column, key, of_the_class) in [
        ("heads", "num_attention_heads", 8),
        ("kv_heads", "num_key_value_heads", 4),
        ("head_dim", "head_dim", 256),
        ("vocab", "vocab_size", 262_208),
        ("max_context", "max_position_embeddings", 131_072),
        ("window", "sliding_window", 4096),
    ] {
        config.put(column, config.count(&[key]).unwrap_or(of_the_class));
    }
    config.put("attention", "sliding");
    let every = config
        .count(&["sliding_window_pattern"])
        .or_else(|| full_every(config));
    config.put("full_every", every.unwrap_or(6));
    config.put("norms_per_layer", 4);
    config.put("qk_norm", "head");
    tied_unless_stated(config);
}

fn deepseek(config: &mut Config) {
    decoder(config);
    ffn(config);
    config.put("attention", "latent");
    config.need("kv_rank", &["kv_lora_rank"]);
    config.copy("q_rank", &["q_lora_rank"]);
    let rope = config.need("rope_dim", &["qk_rope_head_dim"]);
    let nope = config.need("nope_dim", &["qk_nope_head_dim"]);
    config.need("value_dim", &["v_head_dim"]);
    config.put("head_dim", rope + nope);
    config.need("experts", &["n_routed_experts"]);
    config.need("experts_per_token", &["num_experts_per_tok"]);
    config.need("expert_ffn", &["moe_intermediate_size"]);
    let first = config
        .copy("first_dense", &["first_k_dense_replace"])
        .unwrap_or(0);
    let step = config.count(&["moe_layer_freq"]).unwrap_or(1).max(1);
    config.put("expert_layer_step", step);
    let layers = config.count(&["num_hidden_layers"]).unwrap_or(0);
    config.put("expert_layers", layers.saturating_sub(first) / step);
    if config
        .copy("shared_experts", &["n_shared_experts"])
        .is_some_and(|shared| shared > 0)
    {
        config.copy("shared_expert_ffn", &["moe_intermediate_size"]);
    }
    let model_type = config.value(&["model_type"]).and_then(|name| name.as_str());
    if model_type != Some("deepseek_v2") {
        // The correction bias of the router (`e_score_correction_bias`), one for each expert.
        config.put("biases", "router");
    }
}

fn gpt_oss(config: &mut Config) {
    decoder(config);
    ffn(config);
    config.need("experts", &["num_local_experts", "num_experts"]);
    config.need(
        "experts_per_token",
        &["num_experts_per_tok", "experts_per_token"],
    );
    config.copy("expert_ffn", &["intermediate_size"]);
    config.put("biases", "q+k+v+o+experts+router");
    window(config, Some(full_every(config).unwrap_or(2)));
    let sinks = config.count(&["num_hidden_layers"]).unwrap_or(0)
        * config.count(&["num_attention_heads"]).unwrap_or(0);
    config.put("extra_params_m", sinks as f64 / 1e6);
}
