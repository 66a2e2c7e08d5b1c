//! Transformers of the catalogue for tests.

use crate::catalog::{Catalog, ModelKind, Transformer, TransformerKind};

/// A transformer by name.
pub(super) fn transformer(name: &str) -> &'static Transformer {
    let model = Catalog::embedded().model(name).expect("a catalogue name");
    match &model.kind {
        ModelKind::Transformer(transformer) => transformer,
        ModelKind::Network(_) => panic!("`{name}` is no transformer"),
    }
}

/// Decoders of every kind: plain, grouped, windowed, latent, with experts, with recurrences, with projected embeddings.
pub(super) fn decoders() -> impl Iterator<Item = (&'static str, &'static Transformer)> {
    [
        "gpt2",
        "opt-350m",
        "gpt-j-6b",
        "falcon-7b",
        "llama-2-7b",
        "llama-3.1-70b",
        "gemma-2-9b",
        "gemma-3-27b",
        "gemma-4-26b-a4b",
        "gemma-4-31b",
        "mistral-7b-v0.1",
        "mixtral-8x7b",
        "qwen3-30b-a3b",
        "qwen3-next-80b-a3b",
        "qwen3.6-27b",
        "deepseek-v2-lite",
        "deepseek-v3",
        "gpt-oss-20b",
        "gpt-oss-120b",
        "llama-4-maverick-17b-128e",
        "nemotron-nano-9b-v2",
        "nemotron-3-super-120b-a12b",
    ]
    .into_iter()
    .map(|name| (name, transformer(name)))
    .inspect(|(_, model)| assert_eq!(model.kind, TransformerKind::Decoder))
}
