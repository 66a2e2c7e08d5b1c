//! The serving software of a row, as phantom models it.

use super::Skip;
use super::suite::Suite;
use crate::catalog::normal_name;
use crate::scenario::RuntimeName;

/// How software uses several devices when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spread {
    /// Every product is divided.
    Tensor,
    /// Whole layers go to devices in turn.
    Layers,
}

/// Which number format weights have when nobody says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultWeights {
    /// The one the model is published in.
    Published,
    /// The model file decides, so that nothing can be said.
    Unstated,
}

/// What is known of a software.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Software {
    /// As modelled.
    pub runtime: RuntimeName,
    /// Use of several devices.
    pub spread: Spread,
    /// Format of weights.
    pub weights: DefaultWeights,
}

const fn software(runtime: RuntimeName) -> Software {
    Software {
        runtime,
        spread: Spread::Tensor,
        weights: DefaultWeights::Published,
    }
}

/// Software by the first word of its name.
///
/// What phantom has no equations of its own for is `generic`, which uses terms pooled over runtimes; the name stays the
/// key of groups. `ollama` runs llama.cpp; `transformers`, `autoawq` and `gpt-fast` run in `pytorch`. llama.cpp divides by
/// layer (`--split-mode layer`), `transformers` and `autoawq` through `device_map="auto"`, exllama by `--gpu_split`.
const KNOWN: [(&str, Software); 35] = [
    ("vllm", software(RuntimeName::Vllm)),
    ("sglang", software(RuntimeName::Sglang)),
    ("tensorrt-llm", software(RuntimeName::TensorrtLlm)),
    ("llama.cpp", GGML),
    ("ollama", GGML),
    ("onnxruntime", software(RuntimeName::Onnxruntime)),
    ("tensorrt", software(RuntimeName::Tensorrt)),
    ("pytorch", software(RuntimeName::Pytorch)),
    ("transformers", BY_LAYER),
    ("autoawq", BY_LAYER),
    ("gpt-fast", software(RuntimeName::Pytorch)),
    ("openvino", software(RuntimeName::Openvino)),
    ("ncnn", software(RuntimeName::Ncnn)),
    ("deepspeed", software(RuntimeName::Generic)),
    ("deepspeed-mii", software(RuntimeName::Generic)),
    ("fastertransformer", software(RuntimeName::Generic)),
    ("transformers-neuronx", software(RuntimeName::Generic)),
    ("jetstream-pytorch", software(RuntimeName::Generic)),
    ("optimum-habana", software(RuntimeName::Generic)),
    ("lmdeploy-turbomind", software(RuntimeName::Generic)),
    ("deepseek-internal", software(RuntimeName::Generic)),
    ("qserve", software(RuntimeName::Generic)),
    ("quarot", software(RuntimeName::Generic)),
    ("atom", software(RuntimeName::Generic)),
    // vLLM and SGLang with AMD's plugin of own models, kernels and exchanges.
    ("atom-vllm", software(RuntimeName::Generic)),
    ("atom-sglang", software(RuntimeName::Generic)),
    ("tinychat", software(RuntimeName::Generic)),
    ("exllama", OWN_FILES_BY_LAYER),
    ("exllamav2", OWN_FILES_BY_LAYER),
    ("mlc-llm", OWN_FILES),
    ("mlx-lm", OWN_FILES),
    ("rkllm", OWN_FILES),
    ("genie", OWN_FILES),
    ("litert-lm", OWN_FILES),
    ("sambaflow", OWN_FILES),
];

/// More software that is `generic` and chooses formats by itself.
const OWN: [&str; 2] = ["tt-metal", "qnn-context-binary"];

const GGML: Software = Software {
    runtime: RuntimeName::LlamaCpp,
    spread: Spread::Layers,
    weights: DefaultWeights::Unstated,
};

const BY_LAYER: Software = Software {
    spread: Spread::Layers,
    ..software(RuntimeName::Pytorch)
};

const OWN_FILES: Software = Software {
    weights: DefaultWeights::Unstated,
    ..software(RuntimeName::Generic)
};

const OWN_FILES_BY_LAYER: Software = Software {
    spread: Spread::Layers,
    ..OWN_FILES
};

/// The first word of a software's name, with the spellings of one software made one; empty where nothing is stated.
pub fn program(framework: &str) -> String {
    let name = normal_name(framework);
    let first = name.split([' ', ',']).next().unwrap_or_default();
    match first {
        "trtllm" | "trt-llm" => "tensorrt-llm".to_owned(),
        "llamacpp" | "llama-cpp" => "llama.cpp".to_owned(),
        other => other.to_owned(),
    }
}

/// What a suite makes of software: a submission to `MLPerf` is tuned for its rules, serves through the suite's own harness, and is often
/// no released version, so that it is software of its own. Rows of the two under one name pulled each other's predictions apart.
pub fn stack(program: &str, suite: Suite) -> String {
    match suite {
        Suite::MlPerf => format!("{MLPERF}{program}"),
        Suite::InferenceMax
        | Suite::Aiconfigurator
        | Suite::MlEnergy(_)
        | Suite::RandomLengths(_)
        | Suite::Unknown => program.to_owned(),
    }
}

/// Before the name of software that was submitted to `MLPerf`.
const MLPERF: &str = "mlperf/";

/// Names that terms may know software of rows by; software that rows do not state is known by that of unknown software.
pub fn stacks(framework: &str) -> [String; 2] {
    let program = match program(framework).as_str() {
        UNSTATED => String::new(),
        stated => stated.to_owned(),
    };
    let submitted = stack(&program, Suite::MlPerf);
    if program.is_empty() {
        return [submitted, "generic".to_owned()];
    }
    [submitted, program]
}

/// What groups call software that their rows do not state.
const UNSTATED: &str = "unstated";

impl Software {
    /// The software of a row; a free text such as `TensorRT 8.6.0, CUDA 12.0` is reduced to its first word, and an
    /// unstated one is `generic`.
    ///
    /// # Errors
    ///
    /// [`Skip::UnknownFramework`] where no rule says what the name is.
    pub fn of(framework: &str) -> Result<Self, Skip> {
        let name = program(framework);
        let first = name.as_str();
        if first.is_empty() {
            return Ok(software(RuntimeName::Generic));
        }
        if OWN.contains(&first) {
            return Ok(OWN_FILES);
        }
        let known = KNOWN.iter().find(|(known, _)| *known == first);
        known
            .map(|(_, software)| *software)
            .ok_or(Skip::UnknownFramework)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_is_reduced_to_the_software() {
        let of = |text| Software::of(text).map(|software| software.runtime);
        assert_eq!(of("TensorRT 8.6.0, CUDA 12.0"), Ok(RuntimeName::Tensorrt));
        assert_eq!(of("TensorRT-LLM 0.12"), Ok(RuntimeName::TensorrtLlm));
        assert_eq!(of("ollama"), Ok(RuntimeName::LlamaCpp));
        assert_eq!(of(""), Ok(RuntimeName::Generic));
        assert_eq!(of("qnn_context_binary"), Ok(RuntimeName::Generic));
        assert_eq!(of("my-server"), Err(Skip::UnknownFramework));
    }
}
