//! What the benches serve.

use std::sync::Arc;

use phantom::catalog::{Arithmetic, Catalog, Format, Precision};
use phantom::ops::Parallel;
use phantom::scenario::{
    Deployment, DeviceShare, Hardware, Interconnect, Lengths, LlmWorkload, Load, LoadMode,
    ModelChoice, Router, Runtime, RuntimeName, System,
};

/// Llama 3.1 8B in bf16 on one H100, served by vLLM.
pub fn system() -> System {
    let catalog = Catalog::embedded();
    let model = catalog.model("llama-3.1-8b").expect("in the catalogue");
    let device = catalog.device("h100-sxm5-80gb").expect("in the catalogue");
    System {
        model_alias: "m".to_owned(),
        model: ModelChoice {
            model: Arc::clone(model),
            identity: String::new(),
            weights_bytes: None,
            max_context: None,
        },
        hardware_alias: "g".to_owned(),
        hardware: Hardware {
            device: Arc::clone(device),
            identity: String::new(),
            count: 1,
            nodes: 1,
            interconnect: Interconnect::default(),
            host: None,
            power_limit: None,
            power_mode: None,
        },
        precision: Precision {
            weights: Format::Bf16,
            activations: Format::Bf16,
            kv_cache: Format::Bf16,
            compute: Arithmetic::Bf16,
        },
        precision_name: "bf16".to_owned(),
        runtime: Runtime {
            name: RuntimeName::Vllm,
            program: String::new(),
            version: None,
            options: std::collections::BTreeMap::new(),
        },
        deployment: Deployment {
            parallel: Parallel::ONE,
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

/// Text generation with these lengths under this load.
pub fn workload(isl: Lengths, osl: Lengths, mode: LoadMode) -> LlmWorkload {
    LlmWorkload {
        isl,
        osl,
        shared_prefix: None,
        sessions: None,
        streaming: true,
        ignore_eos: true,
        load: Load::of(mode),
        duty: None,
    }
}
