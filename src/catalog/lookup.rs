//! The catalogue: tables that are read when they are first asked for, and look-ups by name.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::embedded;
use super::names::normal;
use super::table::{Entry, Kind, Problem, Table, Text};
use super::tables::{
    ALIASES, Alias, AliasKind, ELECTRICITY, EMBODIED, ElectricityPrice, EmbodiedCarbon, GRID,
    GridCarbon, HARDWARE, INSTANCES, Instance, LINKS, NETWORKS, NamedLink, POWER_MODES, PRICES,
    PUE, PowerMode, Price, Pue, PurchaseKind, REGIONS, Region, SOURCES, TRANSFORMERS, VISION,
    alias_id,
};
use super::{Device, Model, ModelKind};

/// All facts, by name.
///
/// Ids and aliases match in lower case with `_` read as `-`. A table is read when it is first asked for, so that a small
/// run never reads the large tables.
#[derive(Debug)]
pub struct Catalog {
    texts: BTreeMap<&'static str, Vec<Text>>,
    sources: OnceLock<BTreeMap<String, String>>,
    hardware: OnceLock<Table<Device>>,
    transformers: OnceLock<Table<Model>>,
    networks: OnceLock<Table<Model>>,
    vision: OnceLock<Table<Model>>,
    aliases: OnceLock<Table<Alias>>,
    instances: OnceLock<Table<Instance>>,
    prices: OnceLock<Table<Price>>,
    pue_table: OnceLock<Table<Pue>>,
    regions: OnceLock<Table<Region>>,
    electricity: OnceLock<Table<ElectricityPrice>>,
    grid: OnceLock<Table<GridCarbon>>,
    embodied: OnceLock<Table<EmbodiedCarbon>>,
    links: OnceLock<Table<NamedLink>>,
    power_modes: OnceLock<Table<PowerMode>>,
}

/// A table read once, and its shape.
macro_rules! tables {
    ($($field:ident: $entry:ty = $kind:ident;)+) => {
        impl Catalog {
            $(pub(super) fn $field(&self) -> &Table<$entry> {
                self.$field.get_or_init(|| self.read(&$kind))
            })+

            /// What is wrong with the form of the tables and with names that stand twice.
            pub(super) fn problems_of_form(&self) -> Vec<Problem> {
                let mut problems = Table::read(&SOURCES, self.texts_of(SOURCES.name), &BTreeMap::new())
                    .problems(&SOURCES);
                $(problems.extend(self.$field().problems(&$kind));)+
                problems
            }
        }
    };
}

tables! {
    hardware: Device = HARDWARE;
    transformers: Model = TRANSFORMERS;
    networks: Model = NETWORKS;
    vision: Model = VISION;
    aliases: Alias = ALIASES;
    instances: Instance = INSTANCES;
    prices: Price = PRICES;
    pue_table: Pue = PUE;
    regions: Region = REGIONS;
    electricity: ElectricityPrice = ELECTRICITY;
    grid: GridCarbon = GRID;
    embodied: EmbodiedCarbon = EMBODIED;
    links: NamedLink = LINKS;
    power_modes: PowerMode = POWER_MODES;
}

impl Catalog {
    /// The catalogue in the binary.
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Catalog> = OnceLock::new();
        EMBEDDED.get_or_init(|| Self::of(Self::embedded_texts()))
    }

    pub(super) fn embedded_texts() -> BTreeMap<&'static str, Vec<Text>> {
        embedded::TABLES
            .iter()
            .map(|(name, content)| (*name, vec![embedded::text(name, content)]))
            .collect()
    }

    pub(super) fn of(texts: BTreeMap<&'static str, Vec<Text>>) -> Self {
        Self {
            texts,
            sources: OnceLock::new(),
            hardware: OnceLock::new(),
            transformers: OnceLock::new(),
            networks: OnceLock::new(),
            vision: OnceLock::new(),
            aliases: OnceLock::new(),
            instances: OnceLock::new(),
            prices: OnceLock::new(),
            pue_table: OnceLock::new(),
            regions: OnceLock::new(),
            electricity: OnceLock::new(),
            grid: OnceLock::new(),
            embodied: OnceLock::new(),
            links: OnceLock::new(),
            power_modes: OnceLock::new(),
        }
    }

    fn texts_of(&self, name: &str) -> &[Text] {
        self.texts.get(name).map_or(&[], Vec::as_slice)
    }

    fn read<T>(&self, kind: &Kind<T>) -> Table<T> {
        let sources = self.sources.get_or_init(|| {
            Table::read(&SOURCES, self.texts_of(SOURCES.name), &BTreeMap::new())
                .iter()
                .map(|entry| (entry.value.key.clone(), entry.value.text.clone()))
                .collect()
        });
        Table::read(kind, self.texts_of(kind.name), sources)
    }

    /// The device of a name.
    ///
    /// ```
    /// use phantom::catalog::Catalog;
    /// let card = Catalog::embedded().device("H100_SXM5-80GB").expect("in the catalogue");
    /// assert_eq!(card.memory_bandwidth.map(|rate| rate.get()), Some(3.35e12));
    /// ```
    pub fn device(&self, name: &str) -> Option<&Arc<Device>> {
        self.device_entry(name).map(|entry| &entry.value)
    }

    /// A hash of what is written of a device, hex.
    pub fn device_hash(&self, name: &str) -> Option<String> {
        self.device_entry(name).map(Entry::hash)
    }

    pub(super) fn device_entry(&self, name: &str) -> Option<&Entry<Device>> {
        let name = normal(name);
        self.hardware().first(&name).or_else(|| {
            let id = self.alias(AliasKind::Hardware, &name)?;
            self.hardware().first(id)
        })
    }

    /// The model of a name. Where a network stands with several input sizes, the one with the smallest input.
    ///
    /// ```
    /// use phantom::catalog::Catalog;
    /// let model = Catalog::embedded().model("meta-llama/Llama-3.1-8B-Instruct");
    /// assert_eq!(model.expect("in the catalogue").id, "llama-3.1-8b");
    /// ```
    pub fn model(&self, name: &str) -> Option<&Arc<Model>> {
        self.model_entry(name).map(|entry| &entry.value)
    }

    /// A hash of what is written of a model, hex.
    pub fn model_hash(&self, name: &str) -> Option<String> {
        self.model_entry(name).map(Entry::hash)
    }

    /// The model of a name whose input is `input_size` (`3x640x640`; `640x640` means three channels).
    pub fn model_at(&self, name: &str, input_size: &str) -> Option<&Arc<Model>> {
        let wanted = with_channels(input_size);
        let has_size = |entry: &&Entry<Model>| match &entry.value.kind {
            ModelKind::Network(network) => with_channels(&network.input_size) == wanted,
            ModelKind::Transformer(_) => false,
        };
        let name = normal(name);
        let id = self.alias(AliasKind::Model, &name).unwrap_or(name.as_str());
        let named = self.networks().all_of(id).chain(self.vision().all_of(id));
        named.into_iter().find(has_size).map(|entry| &entry.value)
    }

    pub(super) fn model_entry(&self, name: &str) -> Option<&Entry<Model>> {
        let name = normal(name);
        self.small_model(&name)
            .or_else(|| {
                let id = self.alias(AliasKind::Model, &name)?;
                self.small_model(id).or_else(|| self.vision().first(id))
            })
            .or_else(|| self.vision().first(&name))
    }

    /// A model of the two small tables.
    fn small_model(&self, id: &str) -> Option<&Entry<Model>> {
        self.transformers()
            .first(id)
            .or_else(|| self.networks().first(id))
    }

    /// How many devices one of a name is in measurement records; 1 of names that do not say.
    pub fn devices_of_one(&self, name: &str) -> u32 {
        let alias = alias_id(AliasKind::Hardware, &normal(name));
        self.aliases()
            .first(&alias)
            .map_or(1, |entry| entry.value.devices)
    }

    fn alias(&self, kind: AliasKind, name: &str) -> Option<&str> {
        self.aliases()
            .first(&alias_id(kind, name))
            .map(|entry| entry.value.id.as_str())
    }

    /// The price of `provider/region/instance`.
    pub fn price(&self, path: &str, purchase: PurchaseKind) -> Option<&Arc<Price>> {
        self.prices()
            .all_of(&normal(path))
            .map(|entry| &entry.value)
            .find(|price| price.purchase == purchase)
    }

    /// What a rented machine holds, by `provider/instance` or `provider/region/instance`.
    pub fn instance(&self, path: &str) -> Option<&Arc<Instance>> {
        let path = normal(path);
        let (provider, rest) = path.split_once('/')?;
        let name = rest.rsplit('/').next()?;
        self.instances()
            .first(&format!("{provider}/{name}"))
            .map(|entry| &entry.value)
    }

    /// A named interconnect.
    pub fn link(&self, name: &str) -> Option<&Arc<NamedLink>> {
        self.links().first(&normal(name)).map(|entry| &entry.value)
    }

    /// A power mode of a device.
    pub fn power_mode(&self, device: &str, mode: &str) -> Option<&Arc<PowerMode>> {
        let device = &self.device(device)?.id;
        self.power_modes()
            .first(&format!("{device} {}", normal(mode)))
            .map(|entry| &entry.value)
    }

    /// blake3 of all tables, hex.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (name, texts) in &self.texts {
            for text in texts {
                hasher.update(name.as_bytes());
                hasher.update(&(text.content.len() as u64).to_le_bytes());
                hasher.update(text.content.as_bytes());
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The month the collection was checked.
    pub const fn as_of(&self) -> &'static str {
        embedded::AS_OF
    }
}

/// An image size with its channels: `224x224` is `3x224x224`.
fn with_channels(size: &str) -> String {
    let size = size.trim().to_lowercase();
    let parts: Vec<&str> = size.split('x').collect();
    let is_plane = parts.len() == 2 && parts.iter().all(|part| part.parse::<u32>().is_ok());
    if is_plane { format!("3x{size}") } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_example_scenarios_name_is_there() {
        let catalog = Catalog::embedded();
        for name in [
            "llama-3.1-8b",
            "llama-3.1-70b",
            "llama-3.3-70b",
            "gpt-oss-120b",
            "qwen2.5-3b",
            "qwen2.5-7b",
            "resnet50-v1.5",
            "vit-b16-224",
            "yolov8s",
        ] {
            assert!(catalog.model(name).is_some(), "{name}");
        }
        for name in [
            "h100-sxm5-80gb",
            "b200-sxm-180gb",
            "l40s-48gb",
            "l4-24gb",
            "t4-16gb",
            "rtx-4090-24gb",
            "ryzen-9-7950x",
            "jetson-orin-nano-8gb",
            "raspberry-pi-5-8gb",
        ] {
            assert!(catalog.device(name).is_some(), "{name}");
        }
        for name in [
            "gcp/us-central1/a3-highgpu-1g",
            "gcp/us-central1/a3-highgpu-8g",
            "gcp/us-central1/g2-standard-8",
            "aws/us-east-1/g4dn.2xlarge",
        ] {
            assert!(
                catalog.price(name, PurchaseKind::OnDemand).is_some(),
                "{name}"
            );
            assert!(catalog.instance(name).is_some(), "{name}");
        }
        for name in ["nvlink4", "nvlink5", "ib-ndr-400"] {
            assert!(catalog.link(name).is_some(), "{name}");
        }
        assert!(catalog.power_mode("jetson-orin-nano-8gb", "15W").is_some());
        assert!(catalog.power_mode("jetson-orin-nano-8gb", "7W").is_some());
        assert!(catalog.grid_carbon("gcp/us-central1").is_some());
        assert!(catalog.pue("gcp/us-central1").is_some());
        assert!(catalog.electricity_price("usa").is_some());
    }

    #[test]
    fn a_network_is_found_by_its_input_size() {
        let catalog = Catalog::embedded();
        let network = catalog
            .model_at("yolov8s", "640x640")
            .expect("in the catalogue");
        let ModelKind::Network(network) = &network.kind else {
            panic!("yolov8s is a network");
        };
        assert_eq!(network.input_size, "3x640x640");
        assert!(catalog.model_at("yolov8s", "3x641x641").is_none());
    }
}
