//! Hardware, models and scenarios that tests share; facts are those of public datasheets and model cards.

use std::sync::Arc;

use crate::catalog::{
    Arithmetic, Attention, AttentionKind, Biases, Device, DeviceClass, Fabric, FabricKind, Format,
    Mcu, Mlp, Model, ModelKind, NormKind, Peaks, Positional, Precision, Provenance, Published,
    QkNorm, Transformer, TransformerKind,
};
use crate::ops::Parallel;
use crate::record::Calibration;
use crate::scenario::{
    Deployment, DeviceShare, Hardware, Interconnect, Lengths, LlmWorkload, Load, LoadMode,
    ModelChoice, Router, Runtime, RuntimeName, System,
};
use crate::units::{Bytes, BytesPerSec, FlopsPerSec, Watts};

/// The embedded pack.
pub fn pack() -> Calibration {
    Calibration::embedded()
}

/// NVIDIA H100 SXM5 (datasheet: 989.5 TFLOP/s bf16 dense, 3.35 TB/s, 80 GB, 700 W, `NVLink` 450 GB/s each way).
pub fn h100() -> Device {
    let tera = |number: f64| Some(FlopsPerSec::new(number * 1e12));
    Device {
        id: "h100-sxm5-80gb".to_owned(),
        vendor: "NVIDIA".to_owned(),
        name: "H100 SXM5 80GB".to_owned(),
        class: DeviceClass::DatacenterGpu,
        architecture: "Hopper".to_owned(),
        year: Some(2022),
        memory: Some(Bytes::new(80e9)),
        memory_type: "HBM3".to_owned(),
        memory_bandwidth: Some(BytesPerSec::new(3.35e12)),
        peaks: Peaks {
            fp32: tera(67.0),
            tf32: tera(494.5),
            bf16: tera(989.5),
            fp16: tera(989.5),
            fp8: tera(1979.0),
            int8: tera(1979.0),
            ..Peaks::default()
        },
        cores: Some(132),
        boost_clock: None,
        base_clock: None,
        l2: Some(Bytes::new(50e6)),
        l3: None,
        l1_per_core: None,
        tdp: Some(Watts::new(700.0)),
        idle_power: Some(Watts::new(70.0)),
        fabric: Some(Fabric {
            kind: FabricKind::Nvlink,
            bandwidth_per_direction: BytesPerSec::new(450e9),
        }),
        pcie: None,
        mcu: Mcu::default(),
        launch_price_usd: None,
        provenance: Provenance::default(),
    }
}

/// A Llama 3.1 text model (config.json of the model card): 8B or 70B by its sizes.
fn llama(id: &str, sizes: (u32, u32, u32, u32), params: f64) -> Model {
    let (layers, hidden, heads, inner) = sizes;
    Model {
        id: id.to_owned(),
        family: "llama3".to_owned(),
        hf_id: None,
        license: String::new(),
        kind: ModelKind::Transformer(Box::new(Transformer {
            kind: TransformerKind::Decoder,
            layers,
            hidden,
            vocab: 128_256,
            embedding_size: None,
            max_context: Some(131_072),
            tied_embeddings: false,
            shared_layers: false,
            attention: Attention {
                heads,
                kv_heads: 8,
                head_dim: 128,
                kind: AttentionKind::Full,
                qk_norm: QkNorm::None,
                gated: false,
            },
            mlp: Mlp { inner, gated: true },
            experts: None,
            recurrent: None,
            norm: NormKind::RmsNorm,
            norms_per_layer: 2,
            positional: Positional::Rope,
            biases: Biases::default(),
            extra_params: 0.0,
            mtp_layers: 0,
            published: Published {
                total_params: Some(params),
                active_params: None,
            },
        })),
        provenance: Provenance::default(),
    }
}

/// Llama 3.1 8B.
pub fn llama_8b() -> Model {
    llama("llama-3.1-8b", (32, 4096, 32, 14_336), 8.03e9)
}

/// Llama 3.1 70B.
pub fn llama_70b() -> Model {
    llama("llama-3.1-70b", (80, 8192, 64, 28_672), 70.6e9)
}

/// A runtime without options.
pub fn runtime(name: RuntimeName) -> Runtime {
    Runtime {
        name,
        program: String::new(),
        version: None,
        options: std::collections::BTreeMap::new(),
    }
}

/// bf16 throughout.
pub const BF16: Precision = Precision {
    weights: Format::Bf16,
    activations: Format::Bf16,
    kv_cache: Format::Bf16,
    compute: Arithmetic::Bf16,
};

/// A model on `count` devices of one node, tensor parallel, under vLLM.
pub fn system(model: Model, device: Device, count: u32) -> System {
    System {
        model_alias: "m".to_owned(),
        model: ModelChoice {
            model: Arc::new(model),
            identity: String::new(),
            weights_bytes: None,
            max_context: None,
        },
        hardware_alias: "g".to_owned(),
        hardware: Hardware {
            device: Arc::new(device),
            identity: String::new(),
            count,
            nodes: 1,
            interconnect: Interconnect::default(),
            host: None,
            power_limit: None,
            power_mode: None,
        },
        precision: BF16,
        precision_name: "bf16".to_owned(),
        runtime: runtime(RuntimeName::Vllm),
        deployment: Deployment {
            parallel: Parallel {
                tp: count,
                ..Parallel::ONE
            },
            dp_attention: false,
            replicas: 1,
            router: Router::LeastLoaded,
            zero: 0,
            sequence_parallel: false,
            prefill: None,
        },
        thermal: None,
        speculation: None,
        kv_offload: None,
        adapters: None,
        share: DeviceShare::WHOLE,
    }
}

/// Fixed lengths under a load.
pub fn workload(isl: u64, osl: u64, mode: LoadMode) -> LlmWorkload {
    LlmWorkload {
        isl: Lengths::Fixed(isl),
        osl: Lengths::Fixed(osl),
        shared_prefix: None,
        sessions: None,
        streaming: true,
        ignore_eos: true,
        load: Load::of(mode),
        duty: None,
    }
}
