//! Which columns of `ai-dynamo/aiconfigurator` become which of ours.

use crate::record::rows::KernelFamily;

/// Where a field of ours comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Origin {
    /// The same in every row.
    Fixed(&'static str),
    /// A word of a column.
    Word(&'static str),
    /// A count of a column.
    Count(&'static str),
    /// A count of a column, zero where the table has no such column.
    OrZero(&'static str),
    /// The sum of two counts.
    Sum(&'static str, &'static str),
    /// A number of elements as bytes of the format in the second column.
    Bytes(&'static str, &'static str),
    /// `eager` where the kernel's name ends so; else `graph`.
    Launch,
    /// The name of a collective behind a prefix.
    Collective(&'static str),
}

/// How a table becomes rows of a family.
#[derive(Debug)]
pub(super) struct Recipe {
    /// Name of the file without its ending.
    pub table: &'static str,
    pub family: KernelFamily,
    pub op: Origin,
    pub dtype: Origin,
    pub sizes: &'static [Origin],
    /// Columns whose sum is the time; absent ones count nothing, but for the first.
    pub time: &'static [&'static str],
    /// Factor to µs.
    pub scale: f64,
}

/// Milliseconds of the column `latency`.
const LATENCY: (&[&str], f64) = (&["latency"], 1e3);

macro_rules! recipe {
    ($table:literal, $family:ident, $op:expr, $dtype:expr, $sizes:expr) => {
        recipe!($table, $family, $op, $dtype, $sizes, LATENCY)
    };
    ($table:literal, $family:ident, $op:expr, $dtype:expr, $sizes:expr, $time:expr) => {
        Recipe {
            table: $table,
            family: KernelFamily::$family,
            op: $op,
            dtype: $dtype,
            sizes: $sizes,
            time: $time.0,
            scale: $time.1,
        }
    };
}

use Origin::{Bytes, Collective, Count, Fixed, Launch, OrZero, Sum, Word};

const CONTEXT: &[Origin] = &[
    Word("kv_cache_dtype"),
    Count("batch_size"),
    Count("isl"),
    Count("step"),
    Count("num_heads"),
    Count("num_key_value_heads"),
    Count("head_dim"),
    OrZero("window_size"),
];
const GENERATION: &[Origin] = &[
    Word("kv_cache_dtype"),
    Count("batch_size"),
    Sum("isl", "step"),
    Count("num_heads"),
    Count("num_key_value_heads"),
    Count("head_dim"),
    OrZero("window_size"),
];
const ENCODER: &[Origin] = &[
    Count("batch_size"),
    Count("isl"),
    Count("num_heads"),
    Count("head_dim"),
];
const MLA_CONTEXT: &[Origin] = &[
    Word("kv_cache_dtype"),
    Fixed("none"),
    Count("batch_size"),
    Count("isl"),
    Sum("isl", "step"),
    Count("num_heads"),
];
const MLA_GENERATION: &[Origin] = &[
    Word("kv_cache_dtype"),
    Fixed("none"),
    Count("batch_size"),
    Fixed("1"),
    Sum("isl", "step"),
    Count("num_heads"),
];
const MLA_CONTEXT_MODULE: &[Origin] = &[
    Word("kv_cache_dtype"),
    Word("gemm_type"),
    Count("batch_size"),
    Count("isl"),
    Sum("isl", "step"),
    Count("num_heads"),
];
const MLA_GENERATION_MODULE: &[Origin] = &[
    Word("kv_cache_dtype"),
    Word("gemm_type"),
    Count("batch_size"),
    Fixed("1"),
    Sum("isl", "step"),
    Count("num_heads"),
];
const MOE: &[Origin] = &[
    Count("num_tokens"),
    Count("hidden_size"),
    Count("inter_size"),
    Count("topk"),
    Count("num_experts"),
    Count("moe_tp_size"),
    Count("moe_ep_size"),
    Word("distribution"),
];
const MESSAGE: &[Origin] = &[
    Launch,
    Count("num_gpus"),
    Bytes("message_size", "nccl_dtype"),
];
const REDUCED: &[Origin] = &[
    Launch,
    Count("num_gpus"),
    Bytes("message_size", "allreduce_dtype"),
];
const GATED_DELTA: &[Origin] = &[
    Word("phase"),
    Count("batch_size"),
    Count("seq_len"),
    Count("d_model"),
    Count("num_v_heads"),
    Count("head_v_dim"),
    Count("num_k_heads"),
    Count("head_k_dim"),
    Fixed("0"),
    Count("d_conv"),
];
const MAMBA: &[Origin] = &[
    Word("phase"),
    Count("batch_size"),
    Count("seq_len"),
    Count("d_model"),
    Count("nheads"),
    Count("head_dim"),
    Count("n_groups"),
    Fixed("0"),
    Count("d_state"),
    Count("d_conv"),
];
const LOW_LATENCY: &[Origin] = &[
    Count("node_num"),
    Count("num_token"),
    Count("hidden_size"),
    Count("num_topk"),
    Count("num_experts"),
    Fixed("0"),
];
const DISPATCH: &[Origin] = &[
    Count("node_num"),
    Count("num_token"),
    Count("hidden_size"),
    Count("num_topk"),
    Count("num_experts"),
    Count("dispatch_sms"),
];
const COMBINE: &[Origin] = &[
    Count("node_num"),
    Count("num_token"),
    Count("hidden_size"),
    Count("num_topk"),
    Count("num_experts"),
    Count("combine_sms"),
];

/// Tables of one library, which is the kernel of all their rows: some have no column `kernel_source`, and the repository's own loader
/// reads none from them.
pub(super) const LIBRARIES: [(&str, &str); 2] = [("nccl_perf", "NCCL"), ("oneccl_perf", "oneCCL")];

/// All recipes; a table may have several, one for each operator that its rows time.
pub(super) static RECIPES: &[Recipe] = &[
    recipe!(
        "gemm_perf",
        Gemm,
        Fixed("gemm"),
        Word("gemm_dtype"),
        &[Count("m"), Count("n"), Count("k")]
    ),
    recipe!(
        "context_attention_perf",
        AttentionContext,
        Fixed("attention_context"),
        Word("attn_dtype"),
        CONTEXT
    ),
    recipe!(
        "generation_attention_perf",
        AttentionGeneration,
        Fixed("attention_generation"),
        Word("attn_dtype"),
        GENERATION
    ),
    recipe!(
        "encoder_attention_perf",
        AttentionEncoder,
        Fixed("attention_encoder"),
        Word("attn_dtype"),
        ENCODER
    ),
    recipe!(
        "context_mla_perf",
        Mla,
        Fixed("mla_context"),
        Word("mla_dtype"),
        MLA_CONTEXT
    ),
    recipe!(
        "generation_mla_perf",
        Mla,
        Fixed("mla_generation"),
        Word("mla_dtype"),
        MLA_GENERATION
    ),
    recipe!(
        "mla_context_module_perf",
        Mla,
        Fixed("mla_context_module"),
        Word("mla_dtype"),
        MLA_CONTEXT_MODULE
    ),
    recipe!(
        "mla_generation_module_perf",
        Mla,
        Fixed("mla_generation_module"),
        Word("mla_dtype"),
        MLA_GENERATION_MODULE
    ),
    recipe!("moe_perf", Moe, Fixed("moe"), Word("moe_dtype"), MOE),
    recipe!(
        "nccl_perf",
        Collective,
        Collective("nccl_"),
        Word("nccl_dtype"),
        MESSAGE
    ),
    recipe!(
        "oneccl_perf",
        Collective,
        Collective("oneccl_"),
        Word("nccl_dtype"),
        MESSAGE
    ),
    recipe!(
        "custom_allreduce_perf",
        Collective,
        Fixed("custom_all_reduce"),
        Word("allreduce_dtype"),
        REDUCED
    ),
    recipe!(
        "gdn_perf",
        LinearAttention,
        Fixed("gdn"),
        Fixed("bfloat16"),
        GATED_DELTA
    ),
    recipe!(
        "mamba2_perf",
        LinearAttention,
        Fixed("mamba2"),
        Fixed("bfloat16"),
        MAMBA
    ),
    recipe!(
        "scale_matrix_perf",
        Elementwise,
        Fixed("quantize_fp8"),
        Word("quant_dtype"),
        &[Count("m"), Count("k")]
    ),
    recipe!(
        "wideep_deepep_ll_perf",
        MoeDispatch,
        Fixed("deepep_low_latency_dispatch"),
        Fixed("default"),
        LOW_LATENCY,
        (&["dispatch_avg_t_us"], 1.0)
    ),
    recipe!(
        "wideep_deepep_ll_perf",
        MoeDispatch,
        Fixed("deepep_low_latency_combine"),
        Fixed("default"),
        LOW_LATENCY,
        (&["combine_avg_t_us"], 1.0)
    ),
    recipe!(
        "wideep_deepep_normal_perf",
        MoeDispatch,
        Fixed("deepep_normal_dispatch"),
        Fixed("default"),
        DISPATCH,
        (&["dispatch_transmit_us", "dispatch_notify_us"], 1.0)
    ),
    recipe!(
        "wideep_deepep_normal_perf",
        MoeDispatch,
        Fixed("deepep_normal_combine"),
        Fixed("default"),
        COMBINE,
        (&["combine_transmit_us", "combine_notify_us"], 1.0)
    ),
];
