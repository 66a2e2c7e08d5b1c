//! Options of runtimes for networks of one pass. None is modelled in this version: nothing here is predicted yet.
//!
//! ONNX Runtime: `SessionOptions` and execution provider options (onnxruntime.ai/docs). TensorRT: `trtexec --help` and
//! `IBuilderConfig`. PyTorch: `torch.compile`, `torch.backends`, autocast. OpenVINO: `ov::hint` and device properties.
//! ncnn: `src/option.h` and `benchncnn`.

use super::option::{OptionKind, RuntimeOption, accepted};
use OptionKind::{Integer, Number, Switch, Text, Words, WordsOrInteger};

const THREADS: OptionKind = WordsOrInteger(&["physical", "logical", "auto"]);

/// ONNX Runtime.
pub const ONNXRUNTIME: &[RuntimeOption] = &[
    accepted(
        "graph_optimization",
        Words(&["disabled", "basic", "extended", "layout", "all"]),
    ),
    accepted("execution_provider", Text),
    accepted("execution_mode", Words(&["sequential", "parallel"])),
    accepted("intra_op_num_threads", THREADS),
    accepted("inter_op_num_threads", THREADS),
    accepted("enable_cpu_mem_arena", Switch),
    accepted("enable_mem_pattern", Switch),
    accepted("enable_mem_reuse", Switch),
    accepted("use_deterministic_compute", Switch),
    accepted("io_binding", Switch),
    accepted("enable_cuda_graph", Switch),
    accepted(
        "cudnn_conv_algo_search",
        Words(&["DEFAULT", "EXHAUSTIVE", "HEURISTIC"]),
    ),
    accepted("cudnn_conv_use_max_workspace", Switch),
    accepted("do_copy_in_default_stream", Switch),
    accepted("use_tf32", Switch),
    accepted("prefer_nhwc", Switch),
    accepted("gpu_mem_limit", Integer),
    accepted(
        "arena_extend_strategy",
        Words(&["kNextPowerOfTwo", "kSameAsRequested"]),
    ),
    accepted("trt_fp16_enable", Switch),
    accepted("trt_int8_enable", Switch),
    accepted("trt_engine_cache_enable", Switch),
    accepted("trt_max_workspace_size", Integer),
    accepted("allow_spinning", Switch),
];

/// TensorRT.
pub const TENSORRT: &[RuntimeOption] = &[
    accepted("builder_optimization_level", Integer),
    accepted("fp16", Switch),
    accepted("bf16", Switch),
    accepted("int8", Switch),
    accepted("fp8", Switch),
    accepted("best", Switch),
    accepted("strongly_typed", Switch),
    accepted("tf32", Switch),
    accepted("sparsity", Words(&["disable", "enable", "force"])),
    accepted("use_cuda_graph", Switch),
    accepted("use_spin_wait", Switch),
    accepted("no_data_transfers", Switch),
    accepted("infer_streams", Integer),
    accepted("max_aux_streams", Integer),
    accepted("mem_pool_size", Text),
    accepted("timing_cache", Text),
    accepted("tactic_sources", Text),
    accepted("use_dla_core", Integer),
    accepted("allow_gpu_fallback", Switch),
    accepted("hardware_compatibility_level", Text),
    accepted("version_compatible", Switch),
    accepted("refit", Switch),
];

/// PyTorch.
pub const PYTORCH: &[RuntimeOption] = &[
    accepted("compile", Switch),
    accepted(
        "compile_mode",
        Words(&[
            "default",
            "reduce-overhead",
            "max-autotune",
            "max-autotune-no-cudagraphs",
        ]),
    ),
    accepted("compile_backend", Text),
    accepted("dynamic", Switch),
    accepted("fullgraph", Switch),
    accepted("channels_last", Switch),
    accepted("cudnn_benchmark", Switch),
    accepted("allow_tf32", Switch),
    accepted(
        "float32_matmul_precision",
        Words(&["highest", "high", "medium"]),
    ),
    accepted("autocast", Switch),
    accepted("autocast_dtype", Words(&["float16", "bfloat16"])),
    accepted("cuda_graphs", Switch),
    accepted(
        "attn_implementation",
        Words(&[
            "eager",
            "sdpa",
            "flash_attention_2",
            "flash_attention_3",
            "flex_attention",
        ]),
    ),
    accepted("num_threads", THREADS),
    accepted("num_interop_threads", THREADS),
    accepted("inference_mode", Switch),
    accepted("fsdp", Text),
    accepted("gradient_checkpointing", Switch),
];

/// OpenVINO.
pub const OPENVINO: &[RuntimeOption] = &[
    accepted("device", Text),
    accepted(
        "performance_hint",
        Words(&["LATENCY", "THROUGHPUT", "CUMULATIVE_THROUGHPUT"]),
    ),
    accepted("performance_hint_num_requests", Integer),
    accepted("execution_mode_hint", Words(&["PERFORMANCE", "ACCURACY"])),
    accepted(
        "inference_precision_hint",
        Words(&["f32", "f16", "bf16", "i8"]),
    ),
    accepted("num_streams", WordsOrInteger(&["auto"])),
    accepted("inference_num_threads", THREADS),
    accepted(
        "scheduling_core_type",
        Words(&["ANY_CORE", "PCORE_ONLY", "ECORE_ONLY"]),
    ),
    accepted("enable_hyper_threading", Switch),
    accepted("enable_cpu_pinning", Switch),
    accepted(
        "kv_cache_precision",
        Words(&["f32", "f16", "bf16", "u8", "u4"]),
    ),
    accepted("dynamic_quantization_group_size", Integer),
    accepted("cache_dir", Text),
    accepted("enable_mmap", Switch),
];

/// ncnn.
pub const NCNN: &[RuntimeOption] = &[
    accepted("num_threads", THREADS),
    accepted("lightmode", Switch),
    accepted("powersave", Integer),
    accepted("use_vulkan_compute", Switch),
    accepted("vulkan_device_index", Integer),
    accepted("openmp_blocktime", Integer),
    accepted("use_winograd_convolution", Switch),
    accepted("use_winograd23_convolution", Switch),
    accepted("use_winograd43_convolution", Switch),
    accepted("use_winograd63_convolution", Switch),
    accepted("use_sgemm_convolution", Switch),
    accepted("use_int8_inference", Switch),
    accepted("use_bf16_storage", Switch),
    accepted("use_bf16_packed", Switch),
    accepted("use_fp16_packed", Switch),
    accepted("use_fp16_storage", Switch),
    accepted("use_fp16_arithmetic", Switch),
    accepted("use_int8_packed", Switch),
    accepted("use_int8_storage", Switch),
    accepted("use_int8_arithmetic", Switch),
    accepted("use_packing_layout", Switch),
    accepted("use_tensor_storage", Switch),
    accepted("use_weights_in_host_memory", Switch),
    accepted("use_mapped_model_loading", Switch),
    accepted("use_local_pool_allocator", Switch),
    accepted("use_shader_local_memory", Switch),
    accepted("use_cooperative_matrix", Switch),
    accepted("use_subgroup_ops", Switch),
    accepted("use_a53_a55_optimized_kernel", Switch),
    accepted("use_fp16_uniform", Switch),
    accepted("use_int8_uniform", Switch),
    accepted("flush_denormals", Integer),
    accepted("vk_fast_math_flag", Integer),
    accepted("gpu_device", Integer),
    accepted("cooling_down", Number),
];
