//! One entry of the catalogue as labelled facts, for `phantom catalog show`.

use super::lookup::Catalog;
use super::{
    Attention, AttentionKind, Device, Model, ModelKind, Network, Peaks, Provenance, Transformer,
};
use crate::units::{FlopsPerSec, si, significant};

/// One fact of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// Its value with its unit.
    pub value: String,
}

/// An entry with its facts and where they come from.
#[derive(Debug, Clone, PartialEq)]
pub struct Described {
    /// Id.
    pub id: String,
    /// `hardware` or `model`.
    pub kind: &'static str,
    /// Facts that are known, in reading order.
    pub facts: Vec<Fact>,
    /// Other names.
    pub aliases: Vec<String>,
    /// Where the facts come from.
    pub provenance: Provenance,
    /// Hash of what is written of it, hex.
    pub hash: String,
}

impl Catalog {
    /// A device or a model with all that is known of it.
    pub fn describe(&self, name: &str) -> Option<Described> {
        if let Some(entry) = self.device_entry(name) {
            let device = &entry.value;
            return Some(Described {
                id: device.id.clone(),
                kind: "hardware",
                facts: device_facts(device),
                aliases: self.aliases_of(&device.id),
                provenance: device.provenance.clone(),
                hash: entry.hash(),
            });
        }
        let entry = self.model_entry(name)?;
        let model = &entry.value;
        Some(Described {
            id: model.id.clone(),
            kind: "model",
            facts: model_facts(model),
            aliases: self.aliases_of(&model.id),
            provenance: model.provenance.clone(),
            hash: entry.hash(),
        })
    }

    fn aliases_of(&self, id: &str) -> Vec<String> {
        self.aliases()
            .iter()
            .filter(|entry| entry.value.id == id)
            .map(|entry| entry.value.name.clone())
            .collect()
    }
}

pub(super) fn rate(rate: FlopsPerSec) -> String {
    si(rate.get(), "FLOP/s", 3)
}

/// Memory in binary units, as it is sold.
pub(super) fn memory(bytes: f64) -> String {
    const GIB: f64 = 1024.0 * 1024.0 * 1024.0;
    if bytes >= GIB / 16.0 {
        format!("{} GiB", trimmed(bytes / GIB))
    } else {
        format!("{} KiB", trimmed(bytes / 1024.0))
    }
}

/// Three digits without trailing zeros.
fn trimmed(value: f64) -> String {
    let text = significant(value, 3);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Facts in the order they are added; unknown ones are left out.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, label: &str, value: impl Into<Option<String>>) {
        if let Some(value) = value.into().filter(|value| !value.is_empty()) {
            self.0.push(Fact {
                label: label.to_owned(),
                value,
            });
        }
    }
}

fn device_facts(device: &Device) -> Vec<Fact> {
    let mut facts = Facts::default();
    facts.add("name", format!("{} {}", device.vendor, device.name));
    facts.add("class", device.class.name().to_owned());
    facts.add("architecture", device.architecture.clone());
    facts.add("year", device.year.map(|year| year.to_string()));
    let kind = device.memory_type.as_str();
    let size = device.memory.map(|size| memory(size.get()));
    facts.add(
        "memory",
        size.map(|size| format!("{size} {kind}").trim().to_owned()),
    );
    let bandwidth = device.memory_bandwidth;
    facts.add(
        "memory bandwidth",
        bandwidth.map(|rate| si(rate.get(), "B/s", 3)),
    );
    peak_facts(&mut facts, &device.peaks);
    core_facts(&mut facts, device);
    power_facts(&mut facts, device);
    link_facts(&mut facts, device);
    let price = device.launch_price_usd;
    facts.add("launch price", price.map(|price| format!("{price} USD")));
    facts.0
}

fn peak_facts(facts: &mut Facts, peaks: &Peaks) {
    for (label, peak) in [
        ("fp64, dense", peaks.fp64),
        ("fp32, dense", peaks.fp32),
        ("tf32, dense", peaks.tf32),
        ("bf16, dense", peaks.bf16),
        ("fp16, dense", peaks.fp16),
        ("fp16 with fp16 accumulation", peaks.fp16_acc16),
        ("fp8, dense", peaks.fp8),
        ("fp4, dense", peaks.fp4),
        ("int8, dense", peaks.int8),
        ("int4, dense", peaks.int4),
    ] {
        facts.add(label, peak.map(rate));
    }
}

fn core_facts(facts: &mut Facts, device: &Device) {
    facts.add("cores", device.cores.map(|cores| cores.to_string()));
    for (label, clock) in [
        ("boost clock", device.boost_clock),
        ("base clock", device.base_clock),
    ] {
        facts.add(label, clock.map(|clock| si(clock.get(), "Hz", 4)));
    }
    for (label, size) in [
        ("L2 cache", device.l2),
        ("L3 or Infinity Cache", device.l3),
        ("L1 cache of a core", device.l1_per_core),
        ("SRAM", device.mcu.sram),
        ("flash", device.mcu.flash),
    ] {
        facts.add(label, size.map(|size| cache(size.get())));
    }
}

fn power_facts(facts: &mut Facts, device: &Device) {
    for (label, power) in [
        ("board power", device.tdp),
        ("idle power", device.idle_power),
        ("active power", device.mcu.active_power),
        ("sleep power", device.mcu.sleep_power),
    ] {
        facts.add(label, power.map(|power| si(power.get(), "W", 3)));
    }
}

fn link_facts(facts: &mut Facts, device: &Device) {
    let fabric = device.fabric.map(|fabric| {
        let rate = si(fabric.bandwidth_per_direction.get(), "B/s", 3);
        format!("{}, {rate} in one direction", fabric.kind.name())
    });
    facts.add("link to neighbours", fabric);
    let pcie = device
        .pcie
        .map(|pcie| format!("PCIe gen {} × {}", pcie.generation, pcie.lanes));
    facts.add("link to the host", pcie);
}

/// A cache in binary units.
fn cache(bytes: f64) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    if bytes >= MIB {
        format!("{} MiB", trimmed(bytes / MIB))
    } else {
        format!("{} KiB", trimmed(bytes / 1024.0))
    }
}

fn model_facts(model: &Model) -> Vec<Fact> {
    let mut facts = Facts::default();
    facts.add("family", model.family.clone());
    facts.add("Hugging Face id", model.hf_id.clone());
    facts.add("licence of the weights", model.license.clone());
    match &model.kind {
        ModelKind::Transformer(transformer) => transformer_facts(&mut facts, transformer),
        ModelKind::Network(network) => network_facts(&mut facts, network),
    }
    facts.0
}

fn network_facts(facts: &mut Facts, network: &Network) {
    facts.add("task", network.task.clone());
    facts.add("input", network.input_size.clone());
    for (label, count) in [
        ("parameters", network.params),
        ("multiply-adds of one sample", network.macs),
        ("activations of one sample", network.activations),
    ] {
        facts.add(label, count.map(|count| si(count, "", 3)));
    }
}

fn transformer_facts(facts: &mut Facts, transformer: &Transformer) {
    let published = &transformer.published;
    facts.add(
        "parameters",
        published.total_params.map(|count| si(count, "", 3)),
    );
    facts.add(
        "active parameters",
        published.active_params.map(|count| si(count, "", 3)),
    );
    facts.add("layers", transformer.layers.to_string());
    facts.add("hidden size", transformer.hidden.to_string());
    facts.add("attention", attention_text(&transformer.attention));
    if transformer.mlp.inner > 0 {
        facts.add("feed-forward width", transformer.mlp.inner.to_string());
    }
    facts.add(
        "experts",
        transformer.experts.map(|experts| {
            format!(
                "{} of width {} in {} layers, {} a token, {} shared",
                experts.count, experts.inner, experts.layers, experts.per_token, experts.shared
            )
        }),
    );
    facts.add(
        "recurrent layers",
        transformer
            .recurrent
            .map(|recurrent| format!("{} of {}", recurrent.layers, recurrent.kind.name())),
    );
    facts.add("vocabulary", transformer.vocab.to_string());
    facts.add(
        "longest context",
        transformer.max_context.map(|tokens| tokens.to_string()),
    );
    let tied = if transformer.tied_embeddings {
        "tied"
    } else {
        "separate"
    };
    facts.add("embeddings", tied.to_owned());
}

fn attention_text(attention: &Attention) -> String {
    let heads = format!(
        "{} heads, {} for keys and values, of width {}",
        attention.heads, attention.kv_heads, attention.head_dim
    );
    match attention.kind {
        AttentionKind::Full => heads,
        AttentionKind::Sliding {
            window,
            full_every: None,
            ..
        } => format!("{heads}; window of {window}"),
        AttentionKind::Sliding {
            window,
            full_every: Some(every),
            ..
        } => format!("{heads}; window of {window}, all tokens in every {every}th layer"),
        AttentionKind::Latent {
            kv_rank, rope_dim, ..
        } => format!("{heads}; latent of {kv_rank} + {rope_dim} in the cache"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_shows_its_facts_its_source_and_its_aliases() {
        let card = Catalog::embedded().describe("h100").expect("an alias");
        assert_eq!(
            (card.id.as_str(), card.kind),
            ("h100-sxm5-80gb", "hardware")
        );
        let fact = |label: &str| {
            card.facts
                .iter()
                .find(|fact| fact.label == label)
                .map(|fact| fact.value.as_str())
        };
        assert_eq!(fact("memory"), Some("80 GiB HBM3"));
        assert_eq!(fact("memory bandwidth"), Some("3.35 TB/s"));
        assert!(card.aliases.contains(&"h100".to_owned()));
        assert!(!card.provenance.source.is_empty());
        assert_eq!(card.hash.len(), 64);
    }
}
