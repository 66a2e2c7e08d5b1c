//! The programs and their lists of options.

use std::collections::BTreeMap;

use super::option::RuntimeOption;
use super::{local, networks, serving};
use crate::scenario::RuntimeName;

/// Names as scenarios write them.
pub const NAMES: &[(&str, RuntimeName)] = &[
    ("generic", RuntimeName::Generic),
    ("vllm", RuntimeName::Vllm),
    ("sglang", RuntimeName::Sglang),
    ("tensorrt-llm", RuntimeName::TensorrtLlm),
    ("llama.cpp", RuntimeName::LlamaCpp),
    ("onnxruntime", RuntimeName::Onnxruntime),
    ("tensorrt", RuntimeName::Tensorrt),
    ("pytorch", RuntimeName::Pytorch),
    ("openvino", RuntimeName::Openvino),
    ("ncnn", RuntimeName::Ncnn),
];

/// The options of a program.
pub const fn options(name: RuntimeName) -> &'static [RuntimeOption] {
    match name {
        RuntimeName::Generic => serving::GENERIC,
        RuntimeName::Vllm => serving::VLLM,
        RuntimeName::Sglang => serving::SGLANG,
        RuntimeName::TensorrtLlm => serving::TENSORRT_LLM,
        RuntimeName::LlamaCpp => local::LLAMA_CPP,
        RuntimeName::Onnxruntime => networks::ONNXRUNTIME,
        RuntimeName::Tensorrt => networks::TENSORRT,
        RuntimeName::Pytorch => networks::PYTORCH,
        RuntimeName::Openvino => networks::OPENVINO,
        RuntimeName::Ncnn => networks::NCNN,
    }
}

/// Every program with its options.
pub fn all() -> impl Iterator<Item = (&'static str, &'static [RuntimeOption])> {
    NAMES
        .iter()
        .map(|(name, runtime)| (*name, options(*runtime)))
}

/// True when some program has that option.
pub fn any_has(option: &str) -> bool {
    all().any(|(_, options)| options.iter().any(|known| known.name == option))
}

/// Every option by name, with the programs that have it.
pub fn all_options() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut by_name = BTreeMap::<_, Vec<_>>::new();
    for (program, options) in all() {
        for option in options {
            by_name.entry(option.name).or_default().push(program);
        }
    }
    by_name
}
