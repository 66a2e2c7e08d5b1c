//! Rows become what phantom predicts: names bound to the catalogue, formats and devices resolved.

use std::sync::Arc;

use super::devices::{Groups, StatedDevices};
use super::inference_max::Server;
use super::notes::Speculation as Stated;
use super::precision::{Around, UnstatedCache, precision};
use super::software::{Software, program};
use super::started::{is_row_split, link, runtime};
use super::suite;
use super::{GivenRates, LlmRow, Measured, Skip};
use crate::catalog::{Catalog, Device, DeviceClass, Format, Model, ModelKind, Precision};
use crate::record::Metric;
use crate::scenario::{
    Deployment, DeviceShare, Hardware, Interconnect, LlmWorkload, ModelChoice, System,
};
use crate::units::Bytes;

/// A row of the LLM family as a system with a workload, and what was measured of it.
#[derive(Debug, Clone)]
pub struct LlmCase {
    /// The server.
    pub system: System,
    /// What was asked of it.
    pub workload: LlmWorkload,
    /// What was measured.
    pub measured: Measured,
}

/// Resolves a row; `run_rate` is the request rate that another row of its run states.
///
/// # Errors
///
/// The reason why the row cannot be compared.
pub fn llm_case(
    row: &LlmRow<'_>,
    catalog: &Catalog,
    run_rate: Option<f64>,
) -> Result<LlmCase, Skip> {
    let device = device(catalog, row).ok_or(Skip::UnknownHardware)?;
    let row = &counted(catalog, row);
    let model = catalog.model(row.model).ok_or(Skip::UnknownModel)?;
    let software = Software::of(row.framework)?;
    let transformer = matches!(model.kind, ModelKind::Transformer(_));
    if !transformer {
        return Err(Skip::UnsupportedModel);
    }
    let server = served(row, software, device, model);
    let around = Around {
        default: software.weights,
        fp4: fp4(device),
        published: published(model),
        cache: cache(row, server),
    };
    let formats = precision(row.precision, around)?;
    let column = row.measured.column;
    let counts = suite::counts(row.suite, model, row.counts);
    given(row)?;
    let workload = row.load.workload(column, counts, row.suite, run_rate)?;
    let deployment = deployment(row, software, device, model, formats)?;
    let (count, nodes) = row.devices.nodes(in_a_node(device))?;
    Ok(LlmCase {
        system: System {
            model_alias: model.id.clone(),
            model: ModelChoice {
                model: Arc::clone(model),
                identity: format!("catalog:{}", model.id),
                weights_bytes: row.notes.file_size(),
                max_context: None,
            },
            hardware_alias: device.id.clone(),
            hardware: Hardware {
                device: Arc::clone(device),
                identity: format!("catalog:{}", device.id),
                count,
                nodes,
                interconnect: Interconnect {
                    intra: link(row, device),
                    inter: None,
                    rails: 1,
                },
                host: None,
                power_limit: row.power_limit,
                power_mode: None,
            },
            precision: formats,
            precision_name: formats.weights.name().to_owned(),
            runtime: runtime(row, software, server),
            deployment,
            thermal: None,
            speculation: (row.notes.speculation() == Stated::Layers).then(|| server.guesses()),
            kv_offload: None,
            adapters: None,
            share: DeviceShare::WHOLE,
        },
        workload,
        measured: row.measured,
    })
}

/// Refuses a rate that the run was given, unless it is asked for to say that the server kept up.
fn given(row: &LlmRow<'_>) -> Result<(), Skip> {
    let metric = row.measured.column.metric;
    let is_asked_for = row.given_rates == GivenRates::KeptUp && metric == Metric::RequestThroughput;
    if row.load.is_input(metric) && !is_asked_for {
        return Err(Skip::LoadInput);
    }
    Ok(())
}

/// The row with its devices as the catalogue counts them.
fn counted<'a>(catalog: &Catalog, row: &LlmRow<'a>) -> LlmRow<'a> {
    let mut row = *row;
    let each = catalog.devices_of_one(row.hardware);
    row.devices.count = row.devices.count.saturating_mul(each);
    row
}

/// The format of a cache that the row does not state.
fn cache(row: &LlmRow<'_>, server: Server<'_>) -> UnstatedCache {
    if program(row.framework) == "optimum-habana" {
        UnstatedCache::OfFp8
    } else {
        suite::cache(row.suite, server)
    }
}

/// The server of a row as suites know theirs.
fn served<'a>(
    row: &LlmRow<'a>,
    software: Software,
    device: &'a Device,
    model: &'a Model,
) -> Server<'a> {
    Server {
        runtime: software.runtime,
        version: row.version,
        device: &device.id,
        model: &model.id,
        weights: row.precision.weights,
        tp: row.devices.tp,
        dp: row.devices.dp,
        counts: row.counts,
    }
}

/// The device of a row. RKLLM runs on the neural processor of the chips that its rows name (`airockchip/rknn-llm`).
fn device<'a>(catalog: &'a Catalog, row: &LlmRow<'_>) -> Option<&'a Arc<Device>> {
    let processor = (program(row.framework) == "rkllm")
        .then(|| catalog.device(&format!("{}-npu", row.hardware)))
        .flatten();
    processor.or_else(|| catalog.device(row.hardware))
}

/// Devices of the largest common node: eight GPUs of an HGX board, sixteen chips of a `trn1.32xlarge`.
const fn in_a_node(device: &Device) -> u32 {
    match device.class {
        DeviceClass::Asic | DeviceClass::Tpu => 16,
        DeviceClass::DatacenterGpu
        | DeviceClass::WorkstationGpu
        | DeviceClass::ConsumerGpu
        | DeviceClass::AppleSoc
        | DeviceClass::Cpu
        | DeviceClass::EdgeSoc
        | DeviceClass::Mcu
        | DeviceClass::Npu => 8,
    }
}

/// Four-bit floats of hardware whose rows say `fp4` only: AMD's matrix units take MXFP4 (CDNA 4 architecture white paper),
/// TensorRT-LLM and vLLM serve NVFP4 on NVIDIA's.
fn fp4(device: &Device) -> Format {
    if device.vendor.eq_ignore_ascii_case("amd") {
        Format::Mxfp4
    } else {
        Format::Nvfp4
    }
}

/// The format of the published weights, by family.
///
/// gpt-oss: MXFP4 (model card, arXiv 2508.10925, section 2.1); DeepSeek-V3 and R1: fp8 in blocks (arXiv 2412.19437, section
/// 3.3). Families without an entry are published in 16 bits.
fn published(model: &Model) -> Format {
    match model.family.as_str() {
        "gpt-oss" => Format::Mxfp4,
        "deepseek-v3" => Format::Fp8Block,
        _ => Format::Bf16,
    }
}

fn deployment(
    row: &LlmRow<'_>,
    software: Software,
    device: &Device,
    model: &Model,
    formats: Precision,
) -> Result<Deployment, Skip> {
    use super::software::Spread;
    let spread = if is_row_split(row, software) {
        Spread::Tensor
    } else {
        software.spread
    };
    let free = row.notes.is_open_division() && row.devices.count > 1;
    if free && !row.devices.says_how() {
        return Err(Skip::MissingField("tp"));
    }
    let stated = suite::devices(row.suite, row.devices, device, (model, formats));
    stated.deployment(spread, groups(stated, device, model, formats))
}

/// Data parallel groups share their experts where the row states expert parallelism, or where one group cannot hold the
/// model; else each is a server of its own.
fn groups(stated: StatedDevices, device: &Device, model: &Model, formats: Precision) -> Groups {
    let ModelKind::Transformer(transformer) = &model.kind else {
        return Groups::Replicas;
    };
    if transformer.experts.is_none() {
        return Groups::Replicas;
    }
    let ranks = f64::from(stated.tp.unwrap_or(1)) * f64::from(stated.pp.unwrap_or(1));
    let weights = weights(model, formats).unwrap_or_default();
    let memory = device.memory.unwrap_or_default() * ranks.max(1.0);
    if stated.ep.is_some() || weights > memory {
        Groups::SharedExperts
    } else {
        Groups::Replicas
    }
}

/// The weights of a model whose parameters are published.
pub(super) fn weights(model: &Model, formats: Precision) -> Option<Bytes> {
    let ModelKind::Transformer(transformer) = &model.kind else {
        return None;
    };
    let params = transformer.published.total_params?;
    Some(Bytes::new(params * formats.weights.bits_per_weight() / 8.0))
}

#[cfg(test)]
mod tests {
    use super::super::llm::tests::{STATIC, table};
    use super::super::{Include, llm_row};
    use super::*;
    use crate::scenario::{OptionValue, RuntimeName};

    fn case(row: &str) -> Result<LlmCase, Skip> {
        let table = table(&[row]);
        let row = llm_row(&table, &table.lines[0], Include::default())?;
        llm_case(&row, Catalog::embedded(), None)
    }

    #[test]
    fn names_resolve_through_aliases() {
        let found = case(&STATIC.replace("h100-sxm-80gb", "H100_SXM")).expect("resolved");
        assert_eq!(found.system.hardware.device.id, "h100-sxm5-80gb");
        assert_eq!(found.system.runtime.name, RuntimeName::Vllm);
    }

    #[test]
    fn unknown_names_have_their_own_reasons() {
        let skip = |from: &str, to: &str| case(&STATIC.replace(from, to)).err();
        assert_eq!(skip("h100-sxm-80gb", "h10"), Some(Skip::UnknownHardware));
        assert_eq!(skip("llama-3.1-8b", "llama-9"), Some(Skip::UnknownModel));
        assert_eq!(skip("vllm", "my-server"), Some(Skip::UnknownFramework));
        assert_eq!(skip("bf16", "fp13"), Some(Skip::UnknownPrecision));
    }

    #[test]
    fn the_layers_that_guess_are_known_of_one_suite() {
        let row = STATIC
            .replace(",,1,llama-3.1-8b", ",,8,deepseek-r1")
            .replace("vllm,0.6,bf16,,,,1", "tensorrt-llm,1.2,fp8,,,,8")
            .replace("src=x#1", "SPECULATIVE DECODING: MTP on; InferenceMAX run");
        let guesses = case(&row).expect("resolved").system.speculation;
        assert_eq!(guesses.map(|guesses| guesses.tokens), Some(3));
        let other = row.replace("; InferenceMAX run", "");
        assert_eq!(case(&other).err(), Some(Skip::SpeculativeDecoding));
    }

    #[test]
    fn groups_that_cannot_hold_a_model_share_its_experts() {
        let row = STATIC
            .replace(",,1,llama-3.1-8b", ",,8,deepseek-r1")
            .replace("bf16,,,,1,,,", "fp8,,,,1,1,,8");
        let found = case(&row).expect("resolved").system.deployment;
        assert_eq!((found.parallel.dp, found.replicas), (8, 1));
        assert!(found.dp_attention);
    }

    #[test]
    fn a_given_rate_is_compared_with_nothing_and_says_that_the_server_kept_up() {
        let row = STATIC
            .replace("static-batch", "mlperf-server")
            .replace("e2e_latency_ms,2500,ms", "requests_per_s,3,requests/s");
        let table = table(&[&row]);
        let resolved = |given_rates| {
            let include = Include {
                given_rates,
                ..Include::default()
            };
            let row = llm_row(&table, &table.lines[0], include)?;
            llm_case(&row, Catalog::embedded(), Some(3.0)).map(|case| case.measured.column)
        };
        assert_eq!(resolved(GivenRates::LeftOut), Err(Skip::LoadInput));
        let column = crate::record::Column::of(Metric::RequestThroughput);
        assert_eq!(resolved(GivenRates::KeptUp), Ok(column));
    }

    #[test]
    fn a_card_of_two_devices_counts_twice() {
        let row = STATIC
            .replace("h100-sxm-80gb", "arc-pro-b60-dual")
            .replace("bf16,,,,1,", "bf16,,,,2,");
        let found = case(&row).expect("resolved").system;
        assert_eq!(found.hardware.device.id, "arc-pro-b60-24gb");
        assert_eq!((found.hardware.count, found.deployment.parallel.tp), (2, 2));
    }

    #[test]
    fn llama_cpp_of_2023_divides_rows_and_later_builds_layers() {
        let two = STATIC.replace("h100-sxm-80gb,,1,", "rtx-3090,,2,");
        let two = two.replace("vllm,0.6", "llama.cpp,b1691");
        let two = two.replace("bf16,,,,1,", "bf16,,,,,");
        let of = |date: &str, notes: &str| {
            let row = two.replace(",2024,", &format!(",{date},"));
            let system = case(&format!("{row}{notes}")).expect("resolved").system;
            let mode = system.runtime.options.get("split_mode").cloned();
            let parallel = system.deployment.parallel;
            (
                mode,
                parallel.tp,
                parallel.pp,
                system.hardware.interconnect.intra,
            )
        };
        let row = Some(OptionValue::Text("row".to_owned()));
        assert_eq!(of("2023-11", ""), (row.clone(), 2, 1, None));
        let (mode, tp, _, link) = of("2024", "; (row split over PCIe)");
        assert_eq!((mode, tp), (row, 2));
        assert_eq!(link.map(|link| link.name), Some("pcie".to_owned()));
        assert_eq!(of("2024", ""), (None, 1, 2, None));
    }

    #[test]
    fn early_builds_of_llama_cpp_take_512_tokens_at_once() {
        let batch = |build: &str| {
            let row = STATIC.replace("vllm,0.6", &format!("llama.cpp,{build}"));
            let options = case(&row).expect("resolved").system.runtime.options;
            options.get("n_batch").cloned()
        };
        assert_eq!(batch("b1691 7082d24"), Some(OptionValue::Int(512)));
        assert_eq!(batch("b6097 9515c613"), None);
        assert_eq!(batch("May 2024 master"), None);
    }

    #[test]
    fn caches_are_fp8_where_intels_quantiser_made_the_weights_so() {
        let cache = |from: &str, to: &str| {
            let found = case(&STATIC.replace(from, to)).expect("resolved");
            found.system.precision.kv_cache
        };
        let habana = "optimum-habana,0.6,fp8";
        assert_eq!(cache("vllm,0.6,bf16", habana), crate::catalog::Format::Fp8);
        let wide = crate::catalog::Format::Bf16;
        assert_eq!(cache("vllm,0.6,bf16", "vllm,0.6,fp8"), wide);
    }

    #[test]
    fn a_stated_file_size_wins() {
        let row = STATIC.replace("src=x#1", "src=x#1; file 10 GiB");
        let size = case(&row).expect("resolved").system.model.weights_bytes;
        assert_eq!(size, Some(Bytes::new(10.0 * 1_073_741_824.0)));
    }
}
