//! Rows of the vision and edge family resolved with the catalogue.

use std::sync::Arc;

use super::network_machine::{machine, names_another, slices};
use super::network_names::{network_family, one_network};
use super::network_part::{RanOn, software};
use super::network_remarks::{precision, remarks};
use super::{NetworkRow, Skip};
use crate::catalog::{Catalog, DeviceClass, Model, ModelKind, Network, normal_name};
use crate::record::{
    Column, Metric, NetworkCall, NetworkFacts, NetworkLoad, NetworkNames, NetworkStat, NetworkTask,
    Stat,
};

/// Resolves a row: facts of the row win over those of the catalogue, which lacks some networks.
///
/// # Errors
///
/// [`Skip::UnknownHardware`].
pub fn network_call(row: &NetworkRow<'_>, catalog: &Catalog) -> Result<NetworkCall, Skip> {
    let device = catalog.device(row.hardware).ok_or(Skip::UnknownHardware)?;
    let found = catalog
        .model_at(row.model, row.input)
        .or_else(|| catalog.model(row.model));
    let id = found.map_or(row.model, |model| model.id.as_str());
    if names_another(row.detail, device) {
        return Err(Skip::UnknownHardware);
    }
    let software = software(row, device);
    let part = RanOn::of(row, device, &software);
    let network = one_network(id);
    let names = NetworkNames {
        precision: precision(row, &network),
        network,
        family: network_family(id),
        input: normal_name(row.input),
        task: task(row.task, id),
        mode: mode(row, &software, part),
        version: format!("{}/{}", row.framework, row.version),
        machine: machine(row, device),
        software,
    };
    let stated = facts(row, found.map(Arc::as_ref), &names);
    Ok(NetworkCall {
        engine: part.engine(row, device, &names.software),
        device: Arc::clone(device),
        facts: stated,
        macs_are_exact: !row.input.contains("<="),
        load: NetworkLoad {
            scenario: row.scenario,
            batch: row.batch,
            devices: slices(row.notes).unwrap_or(row.devices),
            threads: row.threads,
            steps: steps(row, names.task),
            power_limit: row.power_limit,
        },
        names,
        stat: stat(row.measured.column),
        cards_alone: row.cards_alone && is_gpu_card(device.class),
    })
}

/// How a network was compiled, the layout of its tensors, what ran it where a device has several parts for the same software, and what remarks say. Diffusers
/// compiles nothing and keeps channels first unless told otherwise.
fn mode(row: &NetworkRow<'_>, software: &str, part: RanOn<'_>) -> String {
    let or = |stated: &str, usual: &str| {
        let unstated = stated.is_empty() && software == "diffusers";
        if unstated { usual } else { stated }.to_owned()
    };
    let compiled = format!("{}/{}", or(row.compile, "eager"), or(row.layout, "nchw"));
    let how = part.names().chain(remarks(row).map(str::to_owned));
    how.fold(compiled, |mode, word| format!("{mode}/{word}"))
}

/// Steps of a diffusion model; MLPerf's rule of steps says nothing of other networks.
fn steps(row: &NetworkRow<'_>, task: NetworkTask) -> f64 {
    match task {
        NetworkTask::Diffusion => row.steps.unwrap_or(1.0),
        NetworkTask::Classification
        | NetworkTask::Detection
        | NetworkTask::Segmentation
        | NetworkTask::Language
        | NetworkTask::Speech
        | NetworkTask::Recommendation
        | NetworkTask::Other
        | NetworkTask::Unstated => 1.0,
    }
}

/// Whether devices of a class are GPUs in a host that draws power beside them; power of no other cards was measured alone.
const fn is_gpu_card(class: DeviceClass) -> bool {
    match class {
        DeviceClass::DatacenterGpu | DeviceClass::WorkstationGpu | DeviceClass::ConsumerGpu => true,
        DeviceClass::AppleSoc
        | DeviceClass::Cpu
        | DeviceClass::EdgeSoc
        | DeviceClass::Mcu
        | DeviceClass::Npu
        | DeviceClass::Asic
        | DeviceClass::Tpu => false,
    }
}

/// The statistic of a row; of what follows from the mean, the mean.
fn stat(column: Column) -> NetworkStat {
    match (column.metric, column.stat) {
        (Metric::SamplesPerSecond, _) => NetworkStat::Rate,
        (_, Some(Stat::P50)) => NetworkStat::P50,
        (_, Some(Stat::P90)) => NetworkStat::P90,
        (_, Some(Stat::P99)) => NetworkStat::P99,
        (_, _) => NetworkStat::Mean,
    }
}

/// What a network costs: as the row says, else as the catalogue says of the same input.
fn facts(row: &NetworkRow<'_>, model: Option<&Model>, names: &NetworkNames) -> NetworkFacts {
    let sizes = sizes(row.input);
    let network = model.and_then(|model| match &model.kind {
        ModelKind::Network(network) => Some(network),
        ModelKind::Transformer(_) => None,
    });
    let same_input = network.filter(|network| {
        let published = self::sizes(&network.input_size);
        sizes.is_empty() || published.starts_with(&sizes)
    });
    let published = model.and_then(|model| match &model.kind {
        ModelKind::Network(network) => network.params,
        ModelKind::Transformer(transformer) => transformer.published.total_params,
    });
    let params = row.params.or(published);
    let forward = same_input.and_then(|network| Some(network.macs? * passes(row, network)?));
    let macs = row.macs.or(forward).or_else(|| {
        let tokens = sizes.first().filter(|_| row.input.contains("seq"))?;
        encoder_macs(model?, *tokens)
    });
    NetworkFacts {
        params,
        macs,
        activations: row.activations.or_else(|| same_input?.activations),
        pixels: pixels(&self::sizes(without_frames(row.input)))
            .filter(|_| names.task != NetworkTask::Language),
    }
}

/// Passes of a network that a run holds. The catalogue counts one pass of a denoiser; pipelines run two for each step, with and
/// without the text (Ho and Salimans, "Classifier-Free Diffusion Guidance", 2022), but for models that were distilled to need one
/// (model cards of FLUX.1 and of Hunyuan's videos).
fn passes(row: &NetworkRow<'_>, network: &Network) -> Option<f64> {
    const ONE_PASS: [&str; 2] = ["flux", "hunyuanvideo"];
    if !network.task.ends_with("denoiser") {
        return Some(1.0);
    }
    let name = normal_name(row.model);
    let distilled = ONE_PASS.iter().any(|start| name.starts_with(start));
    Some(row.steps? * if distilled { 1.0 } else { 2.0 })
}

/// Multiply-adds of a transformer over a whole text: each weight but those of the embedding meets each token once, and each
/// token meets each in two products of attention (Kaplan et al., "Scaling Laws for Neural Language Models", 2020, table 1).
fn encoder_macs(model: &Model, tokens: f64) -> Option<f64> {
    let ModelKind::Transformer(transformer) = &model.kind else {
        return None;
    };
    let embedding = f64::from(transformer.vocab) * f64::from(transformer.hidden);
    let weights = transformer.published.total_params? - embedding;
    let attention = 2.0 * f64::from(transformer.layers) * f64::from(transformer.hidden) * tokens;
    (weights > 0.0).then_some((weights + attention) * tokens)
}

/// The whole numbers of a size such as `3x224x224`.
fn sizes(input: &str) -> Vec<f64> {
    input
        .split(|letter: char| !letter.is_ascii_digit())
        .filter_map(|digits| digits.parse::<u32>().ok())
        .map(f64::from)
        .collect()
}

/// The input without the frames of a video, `480x832` of `480x832x81f`.
fn without_frames(input: &str) -> &str {
    match input.rsplit_once('x') {
        Some((area, frames)) if frames.ends_with('f') => area,
        Some(_) | None => input,
    }
}

/// Height times width: the product of the last two numbers that are no count of channels.
fn pixels(sizes: &[f64]) -> Option<f64> {
    let mut sides = sizes.iter().rev().filter(|size| **size > 4.0);
    match (sides.next(), sides.next()) {
        (Some(one), Some(other)) => Some(one * other),
        (Some(one), None) => Some(one * one),
        (None, _) => None,
    }
}

/// Words of a task, first match first.
const TASKS: [(&str, NetworkTask); 13] = [
    ("to-image", NetworkTask::Diffusion),
    ("class", NetworkTask::Classification),
    ("detec", NetworkTask::Detection),
    ("segment", NetworkTask::Segmentation),
    ("question", NetworkTask::Language),
    ("text-to", NetworkTask::Diffusion),
    ("image-gen", NetworkTask::Diffusion),
    ("speech", NetworkTask::Speech),
    ("recomm", NetworkTask::Recommendation),
    ("keyword", NetworkTask::Classification),
    ("wake", NetworkTask::Classification),
    ("yolo", NetworkTask::Detection),
    ("bert", NetworkTask::Language),
];

fn task(stated: &str, network: &str) -> NetworkTask {
    let stated = normal_name(stated);
    let of = |text: &str| {
        let found = TASKS.iter().find(|(word, _)| text.contains(word));
        found.map(|(_, task)| *task)
    };
    let unknown = if stated.is_empty() {
        NetworkTask::Unstated
    } else {
        NetworkTask::Other
    };
    of(&stated).or_else(|| of(network)).unwrap_or(unknown)
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::network::tests::{ROW, table};
    use super::super::{Include, network_row};
    use super::*;
    use crate::record::Engine;

    /// The call of one line.
    pub fn call(row: &str) -> Result<NetworkCall, Skip> {
        let table = table(&[row]);
        let row = network_row(&table, &table.lines[0], Include::default())?;
        network_call(&row, Catalog::embedded())
    }

    #[test]
    fn a_row_resolves_through_the_catalogue() {
        let found = call(ROW).expect("known");
        assert_eq!(found.device.id, "rtx-4090-24gb");
        assert_eq!(found.engine, Engine::ConsumerGpu);
        assert_eq!(found.names.network, "resnet50");
        assert_eq!(found.names.task, NetworkTask::Classification);
        assert_eq!(found.facts.pixels, Some(224.0 * 224.0));
        assert_eq!(
            call(&ROW.replace("rtx-4090", "rtx-9")),
            Err(Skip::UnknownHardware)
        );
    }

    #[test]
    fn what_the_row_lacks_the_catalogue_gives_for_the_same_input_alone() {
        let bare = ROW.replace(",25.56,4.11,11.11,", ",,,,");
        let known = call(&bare).expect("known").facts;
        assert!(
            known
                .macs
                .is_some_and(|macs| (macs / 4.11e9 - 1.0).abs() < 0.05)
        );
        let other = call(&bare.replace("3x224x224", "3x999x999"));
        assert_eq!(other.expect("known").facts.macs, None);
    }

    #[test]
    fn a_text_costs_its_weights_for_each_token() {
        let row = ROW.replace(
            ",resnet50,25.56,4.11,11.11,3x224x224,image-classification,",
            ",bert-large,,,,seq384,question-answering,",
        );
        let found = call(&row).expect("known");
        let macs = found.facts.macs.expect("an encoder");
        assert!((macs / 123.465e9 - 1.0).abs() < 0.05, "{macs}");
        assert!(found.macs_are_exact);
        assert!(
            !call(&row.replace("seq384", "seq<=384"))
                .expect("known")
                .macs_are_exact
        );
    }

    #[test]
    fn diffusers_is_eager_unless_told_otherwise() {
        let row = ROW
            .replace(",pytorch-timm,", ",diffusers/xDiT,")
            .replace(",nchw,eager,", ",,,");
        let found = call(&row).expect("known").names;
        assert_eq!(
            (&*found.software, &*found.mode),
            ("diffusers", "eager/nchw")
        );
        let compiled = row.replace(",amp-fp16,,,", ",amp-fp16,,compile,");
        assert_eq!(call(&compiled).expect("known").names.mode, "compile/nchw");
    }

    #[test]
    fn steps_are_those_of_diffusion_models_alone() {
        let steps = |row: &str| call(row).expect("known").load.steps;
        let mlperf = ROW.replace(",timm-x,", ",mlperf-inference-v3.0,");
        assert_eq!(steps(&mlperf), 1.0);
        let drawn = mlperf.replace(",image-classification,", ",text-to-image,");
        assert_eq!(steps(&drawn), 20.0);
        let classes = drawn.replace(",text-to-image,", ",class-to-image,");
        assert_eq!(steps(&classes), 20.0);
        let stated = ROW
            .replace(",image-classification,", ",text-to-image,")
            .replace(",2024,community,", ",2024,community,50 steps");
        assert_eq!(steps(&stated), 50.0);
    }

    #[test]
    fn power_of_a_card_is_told_from_that_of_a_system() {
        let card = |row: &str| call(row).expect("known").cards_alone;
        assert!(card(ROW));
        assert!(!card(&ROW.replace(",timm-x,", ",mlperf-inference-v3.0,")));
        assert!(!card(&ROW.replace("rtx-4090", "jetson-agx-orin-64gb")));
        let limited = ROW.replace(",samples/s,,2024", ",samples/s,300,2024");
        assert_eq!(call(&limited).expect("known").load.power_limit, Some(300.0));
    }

    #[test]
    fn frames_of_a_video_are_no_side_of_it() {
        let pixels = |input: &str| {
            let row = ROW.replace("3x224x224", input);
            call(&row).expect("known").facts.pixels
        };
        assert_eq!(pixels("480x832x81f"), Some(480.0 * 832.0));
        assert_eq!(pixels("1024x1024"), Some(1024.0 * 1024.0));
    }
}
