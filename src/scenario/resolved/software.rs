//! The serving software of a system.

use std::collections::BTreeMap;

/// Serving software the language knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the programs")]
pub enum RuntimeName {
    Generic,
    Vllm,
    Sglang,
    TensorrtLlm,
    LlamaCpp,
    Onnxruntime,
    Tensorrt,
    Pytorch,
    Openvino,
    Ncnn,
}

/// The serving software and its options.
#[derive(Debug, Clone, PartialEq)]
pub struct Runtime {
    /// Which.
    pub name: RuntimeName,
    /// The software by name, where it is known closer than the runtime that stands for it (`transformers` runs in `pytorch`);
    /// empty for the runtime itself.
    pub program: String,
    /// Version, as written.
    pub version: Option<String>,
    /// Options by the software's own names, checked against its closed list.
    pub options: BTreeMap<String, OptionValue>,
}

/// The value of a runtime option.
#[derive(Debug, Clone, PartialEq)]
pub enum OptionValue {
    /// A switch.
    Bool(bool),
    /// A count.
    Int(i64),
    /// A share or another number.
    Float(f64),
    /// A name.
    Text(String),
}
