//! Architectures before or beside Llama: GPT-2, `NeoX`, Falcon, Cohere, BERT, T5.

use super::hf::Config;
use super::hf_families::{decoder, ffn, full_every, tied_unless_stated, window};

/// A plain feed-forward network, layer norms, and biases everywhere.
fn classic(config: &mut Config) {
    config.put("mlp", "plain");
    config.put("norm", "layernorm");
    config.put("biases", "q+k+v+o+mlp+norm");
}

pub(super) fn gpt2(config: &mut Config) {
    decoder(config);
    classic(config);
    config.put("positional", "learned");
    tied_unless_stated(config);
    let hidden = config.count(&["n_embd", "hidden_size"]).unwrap_or(0);
    config.put("ffn", config.count(&["n_inner"]).unwrap_or(4 * hidden));
}

pub(super) fn gpt_neox(config: &mut Config) {
    decoder(config);
    ffn(config);
    classic(config);
}

pub(super) fn falcon(config: &mut Config) {
    decoder(config);
    config.put("mlp", "plain");
    config.put("norm", "layernorm");
    let has_bias = config.flag("bias") == Some(true);
    config.put("biases", if has_bias { "q+k+v+o+mlp+norm" } else { "norm" });
    let hidden = config.count(&["hidden_size"]).unwrap_or(0);
    config.put(
        "ffn",
        config.count(&["ffn_hidden_size"]).unwrap_or(4 * hidden),
    );
    let is_new = config.flag("new_decoder_architecture") == Some(true);
    if is_new {
        config.need("kv_heads", &["num_kv_heads"]);
    } else if config.flag("multi_query") != Some(false) {
        config.put("kv_heads", 1);
    }
    if !is_new && config.flag("parallel_attn") != Some(false) {
        config.put("norms_per_layer", 1);
    }
    if config.flag("alibi") == Some(true) {
        config.put("positional", "alibi");
    }
    tied_unless_stated(config);
}

pub(super) fn cohere(config: &mut Config) {
    decoder(config);
    ffn(config);
    config.put("norm", "layernorm");
    config.put("norms_per_layer", 1);
    if config.flag("use_qk_norm") == Some(true) {
        config.put("qk_norm", "full");
    }
    tied_unless_stated(config);
    if config.value(&["sliding_window"]).is_some() {
        let pattern = config.count(&["sliding_window_pattern"]);
        window(
            config,
            Some(pattern.or_else(|| full_every(config)).unwrap_or(4)),
        );
    }
}

pub(super) fn bert(config: &mut Config) {
    decoder(config);
    ffn(config);
    classic(config);
    config.put("kind", "encoder");
    config.put("positional", "learned");
    tied_unless_stated(config);
    let hidden = config.count(&["hidden_size"]).unwrap_or(0);
    let types = config.count(&["type_vocab_size"]).unwrap_or(2);
    // Token types and the pooler: a square matrix with its bias.
    let extra = types * hidden + hidden * hidden + hidden;
    config.put("extra_params_m", extra as f64 / 1e6);
}

pub(super) fn t5(config: &mut Config) {
    let layers = config.need("layers", &["num_layers"]);
    let decoder_layers = config.count(&["num_decoder_layers"]).unwrap_or(layers);
    config.put("kind", "encoder-decoder");
    config.put("decoder_layers", decoder_layers);
    config.need("hidden", &["d_model"]);
    let heads = config.need("heads", &["num_heads"]);
    config.need("head_dim", &["d_kv"]);
    config.need("ffn", &["d_ff"]);
    config.need("vocab", &["vocab_size"]);
    let is_gated = config
        .value(&["feed_forward_proj"])
        .and_then(|name| name.as_str())
        .is_some_and(|name| name.starts_with("gated"));
    config.put("mlp", if is_gated { "gated" } else { "plain" });
    config.put("positional", "relative-bias");
    tied_unless_stated(config);
    let buckets = config
        .count(&["relative_attention_num_buckets"])
        .unwrap_or(32);
    config.put("extra_params_m", (2 * buckets * heads) as f64 / 1e6);
}
