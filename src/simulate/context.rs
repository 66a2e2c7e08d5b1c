//! The longest request that a system takes.

use crate::catalog::ModelKind;
use crate::scenario::{OptionValue, RuntimeName, System};

/// Tokens of prompt and output together that a request may have: what the runtime was told (vLLM `max_model_len`, SGLang
/// `context_length`, TensorRT-LLM `max_seq_len`), else the context of the model; `u64::MAX` where nobody states one.
pub(super) fn longest(system: &System) -> u64 {
    let name = match system.runtime.name {
        RuntimeName::Generic | RuntimeName::Vllm => "max_model_len",
        RuntimeName::Sglang => "context_length",
        RuntimeName::TensorrtLlm => "max_seq_len",
        RuntimeName::LlamaCpp
        | RuntimeName::Onnxruntime
        | RuntimeName::Tensorrt
        | RuntimeName::Pytorch
        | RuntimeName::Openvino
        | RuntimeName::Ncnn => "",
    };
    let told = match system.runtime.options.get(name) {
        Some(OptionValue::Int(tokens)) => u64::try_from(*tokens).ok().filter(|tokens| *tokens > 0),
        Some(OptionValue::Bool(_) | OptionValue::Float(_) | OptionValue::Text(_)) | None => None,
    };
    let of_model = match &system.model.model.kind {
        ModelKind::Transformer(model) => model.max_context,
        ModelKind::Network(_) => None,
    };
    told.or(system.model.max_context)
        .or(of_model)
        .unwrap_or(u64::MAX)
}
