//! Reads what a server keeps of its caches in host memory: `deployment.kv_offload`, or the runtime's own options.
//!
//! | Written | Memory | Prompts there | Of interrupted requests | Source |
//! |---|---|---|---|---|
//! | `kv_offloading_size` (vLLM), GiB | of an engine | copies of those on the device, and evicted ones | whole blocks of the prompt | vLLM, `vllm/config/cache.py`, `docs/features/kv_offloading_usage.md` (`offload_prompt_only`) |
//! | `swap_space` with `preemption_mode: swap` (vLLM before V1), GiB | of a device | none | all | vLLM 0.6, `vllm/config.py`, `vllm/core/scheduler.py` (`PreemptionMode`) |
//! | `enable_hierarchical_cache` with `hicache_ratio` or `hicache_size` (SGLang), GB | times the device's cache, or of a device | copies and evicted ones; evicted ones alone with `hicache_write_policy: write_back` | nothing | SGLang, `srt/server_args.py`, `srt/mem_cache/hiradix_cache.py` |
//! | `host_cache_size` (TensorRT-LLM), bytes | of a device | evicted ones | nothing | TensorRT-LLM, `tensorrt_llm/llmapi/llm_args.py`, `docs/source/features/kvcache.md` |
//! | `deployment.kv_offload` | of an engine | as the runtime does; the generic server: evicted ones | as the runtime does, or as `interrupted` says; the generic server: all | |

use super::context::Context;
use super::disaggregation;
use super::{
    Deployment, Hardware, Holds, HostMemory, Kept, KvOffload, Node, OptionValue, Runtime,
    RuntimeName,
};
use crate::catalog::DeviceClass;
use crate::diag::{Code, Diagnostic};
use crate::units::{Bytes, Dimension, si};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// SGLang: `hicache_ratio`.
const SGLANG_RATIO: f64 = 2.0;

/// What may be kept, by name.
const KEPT: [(&str, Kept); 3] = [
    ("nothing", Kept::Nothing),
    ("prompt", Kept::Prompt),
    ("all", Kept::All),
];

/// The sections that say something of it.
pub(super) struct Written<'a> {
    /// `deployment`.
    pub deployment: Option<&'a Node>,
    /// `runtime`.
    pub runtime: Option<&'a Node>,
    /// The entry of `hardware`.
    pub hardware: &'a Node,
}

/// What a point keeps in host memory; `None` where nothing, or where it cannot be.
pub(super) fn read(
    context: &mut Context<'_>,
    written: &Written<'_>,
    (runtime, hardware, deployment): (&Runtime, &Hardware, &Deployment),
) -> Option<KvOffload> {
    let stated = written.deployment.and_then(|node| node.get("kv_offload"));
    let option = by_option(runtime);
    let (given, node) = match (stated, option) {
        (Some(node), Some((option, _))) => {
            context.reader.push(
                Diagnostic::error(
                    Code::TwoForms,
                    format!("`kv_offload` stands beside the runtime's own `{option}`"),
                    node.span,
                )
                .label("which of them?")
                .help(format!(
                    "leave one of `deployment.kv_offload` and `runtime.{option}`"
                )),
            );
            return None;
        }
        (Some(node), None) => (by_deployment(context, node, runtime)?, node),
        (None, Some((option, given))) => {
            let node = written.runtime.and_then(|node| node.get(option));
            (given, node.unwrap_or(written.hardware))
        }
        (None, None) => return None,
    };
    if matches!(given.memory, HostMemory::OfEngine(bytes) | HostMemory::OfDevice(bytes) if bytes == Bytes::ZERO)
        || given.memory == HostMemory::TimesCache(0.0)
    {
        return None;
    }
    if deployment.prefill.is_some() {
        disaggregation::apart_from(&mut context.reader, "kv_offload", node);
        return None;
    }
    has_a_way(context, (node, written.hardware), hardware)?;
    fits(context, (node, given.memory), (hardware, deployment))?;
    assume(context);
    Some(given)
}

/// What a runtime does with blocks that its device has no room for.
fn habits(runtime: RuntimeName) -> Option<(Holds, Kept)> {
    match runtime {
        RuntimeName::Generic => Some((Holds::Evicted, Kept::All)),
        RuntimeName::Vllm => Some((Holds::Copies, Kept::Prompt)),
        RuntimeName::Sglang => Some((Holds::Copies, Kept::Nothing)),
        RuntimeName::TensorrtLlm => Some((Holds::Evicted, Kept::Nothing)),
        RuntimeName::LlamaCpp
        | RuntimeName::Onnxruntime
        | RuntimeName::Tensorrt
        | RuntimeName::Pytorch
        | RuntimeName::Openvino
        | RuntimeName::Ncnn => None,
    }
}

fn by_deployment(context: &mut Context<'_>, node: &Node, runtime: &Runtime) -> Option<KvOffload> {
    let reader = &mut context.reader;
    let Some((holds, kept)) = habits(runtime.name) else {
        reader.push(
            Diagnostic::error(
                Code::NotModelledYet,
                "caches in host memory under a runtime without blocks of cache",
                node.span,
            )
            .label("not modelled yet")
            .help("generic, vllm, sglang and tensorrt-llm are"),
        );
        return None;
    };
    let memory = reader.field(node, "memory", |reader, node| {
        reader.amount(node, Dimension::Bytes)
    })?;
    let stated = reader.field(node, "interrupted", |reader, node| {
        reader.choice(node, &KEPT)
    });
    Some(KvOffload {
        memory: HostMemory::OfEngine(Bytes::new(memory)),
        holds,
        kept: stated.unwrap_or(kept),
    })
}

/// What the options of a runtime say, with the name of the one that decides.
fn by_option(runtime: &Runtime) -> Option<(&'static str, KvOffload)> {
    let number = |name: &str| match runtime.options.get(name)? {
        OptionValue::Int(count) => Some((*count).max(0) as f64),
        OptionValue::Float(number) => Some(number.max(0.0)),
        OptionValue::Bool(_) | OptionValue::Text(_) => None,
    };
    let is = |name: &str, word: &str| matches!(runtime.options.get(name), Some(OptionValue::Text(text)) if text == word);
    let (holds, kept) = habits(runtime.name)?;
    let of = |name, memory| {
        let given = KvOffload {
            memory,
            holds,
            kept,
        };
        Some((name, given))
    };
    match runtime.name {
        RuntimeName::Vllm => {
            if let Some(size) = number("kv_offloading_size") {
                return of(
                    "kv_offloading_size",
                    HostMemory::OfEngine(Bytes::new(size * GIB)),
                );
            }
            let swapped = number("swap_space").filter(|_| is("preemption_mode", "swap"))?;
            let given = KvOffload {
                memory: HostMemory::OfDevice(Bytes::new(swapped * GIB)),
                holds: Holds::Nothing,
                kept: Kept::All,
            };
            Some(("swap_space", given))
        }
        RuntimeName::Sglang => {
            if runtime.options.get("enable_hierarchical_cache") != Some(&OptionValue::Bool(true)) {
                return None;
            }
            let size = number("hicache_size").filter(|size| *size > 0.0);
            let ratio = number("hicache_ratio").unwrap_or(SGLANG_RATIO);
            let memory = size.map_or(HostMemory::TimesCache(ratio), |size| {
                HostMemory::OfDevice(Bytes::new(size * 1e9))
            });
            let (name, mut given) = of("enable_hierarchical_cache", memory)?;
            if is("hicache_write_policy", "write_back") {
                given.holds = Holds::Evicted;
            }
            Some((name, given))
        }
        RuntimeName::TensorrtLlm => {
            let size = number("host_cache_size")?;
            of("host_cache_size", HostMemory::OfDevice(Bytes::new(size)))
        }
        RuntimeName::Generic
        | RuntimeName::LlamaCpp
        | RuntimeName::Onnxruntime
        | RuntimeName::Tensorrt
        | RuntimeName::Pytorch
        | RuntimeName::Openvino
        | RuntimeName::Ncnn => None,
    }
}

/// The device is not the host itself, and its link to the host is known.
fn has_a_way(
    context: &mut Context<'_>,
    (node, hardware_node): (&Node, &Node),
    hardware: &Hardware,
) -> Option<()> {
    let device = &hardware.device;
    if device.class == DeviceClass::Cpu {
        context.reader.bad_value(
            node.span,
            format!("{} computes in host memory", device.id),
            "there is no other memory",
        );
        return None;
    }
    let stated = hardware.host.as_ref().and_then(|host| host.link);
    if stated.is_some() || device.pcie.is_some() {
        return Some(());
    }
    context.reader.push(
        Diagnostic::error(
            Code::MissingKey,
            format!("no link between {} and its host is known", device.id),
            node.span,
        )
        .label("caches would cross it")
        .related(hardware_node.span, "it is not stated here")
        .help("state it: `host: {link: {pcie: gen5}}`"),
    );
    None
}

/// All engines of a node find their memory in its host, where its size is stated.
fn fits(
    context: &mut Context<'_>,
    (node, memory): (&Node, HostMemory),
    (hardware, deployment): (&Hardware, &Deployment),
) -> Option<()> {
    let Some(size) = hardware.host.as_ref().and_then(|host| host.memory_size) else {
        return Some(());
    };
    let devices = deployment
        .accelerators()
        .min(u64::from(hardware.count.max(1))) as f64;
    let of_engine = f64::from(deployment.parallel.tp) * f64::from(deployment.parallel.pp);
    let needed = match memory {
        HostMemory::OfEngine(bytes) => bytes * (devices / of_engine),
        HostMemory::OfDevice(bytes) => bytes * devices,
        // How much that is only the cache tells.
        HostMemory::TimesCache(_) => return Some(()),
    };
    if needed <= size {
        return Some(());
    }
    let message = format!(
        "caches of {} on a node whose host has {}",
        si(needed.get(), "B", 3),
        si(size.get(), "B", 3)
    );
    context
        .reader
        .bad_value(node.span, message, "more than the host's memory");
    None
}

fn assume(context: &mut Context<'_>) {
    context.assume(
        "deployment.kv_offload",
        "copies to host memory wait for nothing; what is read crosses each device's link one after another, beside the steps, at \
         its rate without a time for the first byte",
        "vLLM, docs/features/kv_offloading_usage.md: transfers run beside the model, for both directions",
    );
}

/// The name of what is kept.
pub(super) fn kept_name(kept: Kept) -> &'static str {
    let found = KEPT.iter().find(|(_, known)| *known == kept);
    found.map_or("", |(name, _)| name)
}

/// The name of what is held.
pub(super) const fn holds_name(holds: Holds) -> &'static str {
    match holds {
        Holds::Nothing => "nothing",
        Holds::Evicted => "evicted",
        Holds::Copies => "copies",
    }
}
