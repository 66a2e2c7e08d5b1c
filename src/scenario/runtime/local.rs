//! Options of llama.cpp.
//!
//! `tools/server/README.md` and `tools/llama-bench/README.md` of ggml-org/llama.cpp: the long names with `_`; where the
//! program has a positive and a negative form (`--mmap`, `--no-mmap`) the name of llama-bench (`use_mmap`).

use super::option::{OptionKind, RuntimeOption, accepted, modelled};
use OptionKind::{Integer, Number, Switch, Text, Words, WordsOrInteger};

const CACHE_TYPES: OptionKind = Words(&[
    "f32", "f16", "bf16", "q8_0", "q4_0", "q4_1", "iq4_nl", "q5_0", "q5_1",
]);
const THREADS: OptionKind = WordsOrInteger(&["physical", "logical", "auto"]);

/// llama.cpp.
pub const LLAMA_CPP: &[RuntimeOption] = &[
    modelled("n_gpu_layers", WordsOrInteger(&["auto", "all"])),
    modelled("n_cpu_moe", Integer),
    modelled("cache_type_k", CACHE_TYPES),
    modelled("cache_type_v", CACHE_TYPES),
    modelled("n_parallel", Integer),
    modelled("parallel", Integer),
    modelled("n_ubatch", Integer),
    modelled("ubatch_size", Integer),
    modelled("cache_prompt", Switch),
    modelled("n_batch", Integer),
    modelled("batch_size", Integer),
    accepted("threads", THREADS),
    accepted("threads_batch", THREADS),
    accepted("n_threads", Integer),
    accepted("ctx_size", Integer),
    accepted("n_ctx", Integer),
    accepted("n_predict", Integer),
    accepted("flash_attn", Words(&["on", "off", "auto", "true", "false"])),
    accepted("use_mmap", Switch),
    accepted("use_direct_io", Switch),
    accepted("mlock", Switch),
    modelled("cont_batching", Switch),
    accepted("kv_unified", Switch),
    accepted("kv_offload", Switch),
    accepted("no_kv_offload", Switch),
    accepted("op_offload", Switch),
    accepted("no_op_offload", Switch),
    accepted("no_host", Switch),
    accepted("repack", Switch),
    accepted("swa_full", Switch),
    accepted("cpu_moe", Switch),
    accepted("override_tensor", Text),
    modelled("split_mode", Words(&["none", "layer", "row", "tensor"])),
    accepted("tensor_split", Text),
    accepted("main_gpu", Integer),
    accepted("device", Text),
    accepted("devices", Text),
    accepted("numa", Words(&["distribute", "isolate", "numactl"])),
    accepted("cpu_mask", Text),
    accepted("cpu_range", Text),
    accepted("cpu_strict", Switch),
    accepted("poll", Integer),
    accepted("prio", Integer),
    accepted("fit", Words(&["on", "off", "true", "false"])),
    accepted("rpc", Text),
    accepted("cache_reuse", Integer),
    accepted("slot_prompt_similarity", Number),
    accepted("rope_scaling", Words(&["none", "linear", "yarn"])),
    accepted("rope_scale", Number),
    accepted("rope_freq_base", Number),
    accepted("rope_freq_scale", Number),
    accepted("model_draft", Text),
    accepted("draft_max", Integer),
    accepted("draft_min", Integer),
    accepted("draft_p_min", Number),
    accepted("embeddings", Switch),
    accepted("pooling", Words(&["none", "mean", "cls", "last", "rank"])),
    accepted("seed", Integer),
];
