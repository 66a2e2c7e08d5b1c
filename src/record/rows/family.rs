//! Which family of measurements a file holds; its header says so, never its path.

use std::borrow::Cow;

/// A family of measurement files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Text generation: serving, static batches, single streams.
    Llm,
    /// Images, detection, speech, small devices.
    Vision,
    /// Timings of one operator.
    Kernel(KernelFamily),
}

/// A family of operator timings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KernelFamily {
    /// Matrix products.
    Gemm,
    /// Causal attention over a prompt.
    AttentionContext,
    /// Attention of one new token in each sequence.
    AttentionGeneration,
    /// Attention without mask or cache.
    AttentionEncoder,
    /// Multi-head latent attention.
    Mla,
    /// The experts of one layer on one rank.
    Moe,
    /// Tokens sent to and fetched from the ranks of their experts.
    MoeDispatch,
    /// Messages between devices.
    Collective,
    /// Recurrences in the place of attention.
    LinearAttention,
    /// Norms, activations, rotary embedding, quantisation.
    Elementwise,
}

const LLM: &[&str] = &[
    "id",
    "source_id",
    "hardware",
    "hardware_detail",
    "device_count",
    "model",
    "model_params_b",
    "framework",
    "framework_version",
    "weight_precision",
    "activation_precision",
    "kv_precision",
    "quant_scheme",
    "tp",
    "pp",
    "ep",
    "dp",
    "batch_size",
    "concurrency",
    "input_tokens",
    "output_tokens",
    "context_tokens",
    "scenario",
    "metric",
    "value",
    "unit",
    "power_w_limit",
    "date",
    "quality",
    "notes",
];

const VISION: &[&str] = &[
    "id",
    "source_id",
    "hardware",
    "hardware_detail",
    "device_count",
    "model",
    "model_params_m",
    "gmacs",
    "mactivations",
    "input_size",
    "task",
    "framework",
    "framework_version",
    "precision",
    "layout",
    "compile_mode",
    "batch_size",
    "threads",
    "scenario",
    "metric",
    "value",
    "unit",
    "power_w_limit",
    "date",
    "quality",
    "notes",
];

const KERNEL: &[&str] = &[
    "hardware",
    "backend",
    "backend_version",
    "op",
    "kernel",
    "dtype",
    "latency_us",
    "power_w",
    "source_id",
];

impl KernelFamily {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Gemm,
        Self::AttentionContext,
        Self::AttentionGeneration,
        Self::AttentionEncoder,
        Self::Mla,
        Self::Moe,
        Self::MoeDispatch,
        Self::Collective,
        Self::LinearAttention,
        Self::Elementwise,
    ];

    /// The name, as files are called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gemm => "gemm",
            Self::AttentionContext => "attention_context",
            Self::AttentionGeneration => "attention_generation",
            Self::AttentionEncoder => "attention_encoder",
            Self::Mla => "mla",
            Self::Moe => "moe",
            Self::MoeDispatch => "moe_dispatch",
            Self::Collective => "collective",
            Self::LinearAttention => "linear_attention",
            Self::Elementwise => "elementwise",
        }
    }

    /// The columns that hold its sizes.
    pub const fn dimensions(self) -> &'static [&'static str] {
        match self {
            Self::Gemm => &["m", "n", "k"],
            Self::AttentionContext => &[
                "kv_dtype",
                "batch",
                "q_len",
                "prefix_len",
                "heads",
                "kv_heads",
                "head_dim",
                "window",
            ],
            Self::AttentionGeneration => &[
                "kv_dtype", "batch", "kv_len", "heads", "kv_heads", "head_dim", "window",
            ],
            Self::AttentionEncoder => &["batch", "q_len", "heads", "head_dim"],
            Self::Mla => &[
                "kv_dtype",
                "gemm_dtype",
                "batch",
                "q_len",
                "kv_len",
                "heads",
            ],
            Self::Moe => &[
                "tokens",
                "hidden",
                "inter",
                "topk",
                "experts",
                "tp",
                "ep",
                "distribution",
            ],
            Self::MoeDispatch => &["nodes", "tokens", "hidden", "topk", "experts", "sms"],
            Self::Collective => &["mode", "gpus", "bytes"],
            Self::LinearAttention => &[
                "phase",
                "batch",
                "seq_len",
                "d_model",
                "heads",
                "head_dim",
                "kv_heads",
                "kv_head_dim",
                "d_state",
                "d_conv",
            ],
            Self::Elementwise => &["tokens", "width"],
        }
    }

    /// Those of its sizes that belong to a layer of a model, not to the load.
    pub const fn layer(self) -> &'static [&'static str] {
        match self {
            Self::Gemm => &["n", "k"],
            Self::AttentionContext | Self::AttentionGeneration => {
                &["heads", "kv_heads", "head_dim", "window"]
            }
            Self::AttentionEncoder => &["heads", "head_dim"],
            Self::Mla => &["heads"],
            Self::Moe => &["hidden", "inter", "topk", "experts", "tp", "ep"],
            Self::MoeDispatch => &["hidden", "topk", "experts"],
            Self::Collective => &["gpus"],
            Self::LinearAttention => &[
                "d_model",
                "heads",
                "head_dim",
                "kv_heads",
                "kv_head_dim",
                "d_state",
                "d_conv",
            ],
            Self::Elementwise => &["width"],
        }
    }
}

impl Family {
    /// The family whose columns all stand in a header; further columns are allowed.
    ///
    /// Where several fit, the one with most columns is meant: the columns of encoder attention are a part of those of
    /// causal attention.
    pub fn of_header(header: &[&str]) -> Option<Self> {
        let holds = |columns: &[&str]| columns.iter().all(|column| header.contains(column));
        if holds(LLM) {
            return Some(Self::Llm);
        }
        if holds(VISION) {
            return Some(Self::Vision);
        }
        if !holds(KERNEL) {
            return None;
        }
        KernelFamily::ALL
            .into_iter()
            .filter(|family| holds(family.dimensions()))
            .max_by_key(|family| family.dimensions().len())
            .map(Self::Kernel)
    }

    /// The columns that a file of the family must have, in their usual order.
    pub fn columns(self) -> Vec<Cow<'static, str>> {
        let columns: Vec<&'static str> = match self {
            Self::Llm => LLM.to_vec(),
            Self::Vision => VISION.to_vec(),
            Self::Kernel(family) => [&KERNEL[..6], family.dimensions(), &KERNEL[6..]].concat(),
        };
        columns.into_iter().map(Cow::Borrowed).collect()
    }

    /// The name: `llm`, `vision`, or that of the kernel family.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Llm => "llm",
            Self::Vision => "vision",
            Self::Kernel(family) => family.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_alone_names_the_family() {
        assert_eq!(Family::of_header(LLM), Some(Family::Llm));
        assert_eq!(Family::of_header(VISION), Some(Family::Vision));
        for family in KernelFamily::ALL {
            let header = [KERNEL, family.dimensions()].concat();
            assert_eq!(Family::of_header(&header), Some(Family::Kernel(family)));
        }
    }

    #[test]
    fn further_columns_are_allowed_and_missing_ones_are_not() {
        let wider = [LLM, &["power_scope"]].concat();
        assert_eq!(Family::of_header(&wider), Some(Family::Llm));
        assert_eq!(Family::of_header(&LLM[1..]), None);
        assert_eq!(Family::of_header(&["source_id", "title", "url"]), None);
    }
}
