//! The catalogue as lists, for `phantom catalog list`.

use super::describe::{memory, rate};
use super::lookup::Catalog;
use super::{Device, Model, ModelKind};
use crate::units::{si, significant};

/// What `phantom catalog list` can list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the lists")]
pub enum Listing {
    Hardware,
    Models,
    Networks,
    Prices,
    Grids,
    Links,
}

impl Listing {
    /// Every list with its name on the command line.
    pub const ALL: [(&'static str, Self); 6] = [
        ("hardware", Self::Hardware),
        ("models", Self::Models),
        ("networks", Self::Networks),
        ("prices", Self::Prices),
        ("grids", Self::Grids),
        ("links", Self::Links),
    ];

    /// The list of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, listing)| *listing)
    }
}

/// A list: column names and one row for each entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Column names.
    pub header: &'static [&'static str],
    /// Cells in the order of the header; empty when unknown.
    pub rows: Vec<Vec<String>>,
}

impl Catalog {
    /// The rows of a list, in the order of its table.
    pub fn list(&self, listing: Listing) -> Listed {
        match listing {
            Listing::Hardware => Listed {
                header: &[
                    "id",
                    "class",
                    "year",
                    "memory",
                    "bandwidth",
                    "fp16 peak",
                    "power",
                ],
                rows: self
                    .hardware()
                    .iter()
                    .map(|entry| device_row(&entry.value))
                    .collect(),
            },
            Listing::Models => Listed {
                header: &["id", "family", "parameters", "active", "layers", "context"],
                rows: self
                    .transformers()
                    .iter()
                    .filter_map(|entry| model_row(&entry.value))
                    .collect(),
            },
            Listing::Networks => Listed {
                header: &["id", "task", "input", "parameters", "multiply-adds"],
                rows: self
                    .networks()
                    .iter()
                    .chain(self.vision().iter())
                    .filter_map(|entry| network_row(&entry.value))
                    .collect(),
            },
            Listing::Prices => self.price_list(),
            Listing::Grids => self.grid_list(),
            Listing::Links => self.link_list(),
        }
    }

    fn price_list(&self) -> Listed {
        let row = |price: &super::Price| {
            vec![
                price.path(),
                price.purchase.name().to_owned(),
                significant(price.usd_per_hour.get(), 4),
                self.accelerators_of(&price.path()),
                price.provenance.as_of.clone(),
            ]
        };
        Listed {
            header: &["instance", "purchase", "USD/h", "accelerators", "as of"],
            rows: self
                .prices()
                .iter()
                .map(|entry| row(&entry.value))
                .collect(),
        }
    }

    fn grid_list(&self) -> Listed {
        let row = |grid: &super::GridCarbon| {
            vec![
                grid.region.clone(),
                grid.name.clone(),
                significant(grid.per_kwh.get(), 3),
                grid.provenance.as_of.clone(),
                grid.license.clone(),
            ]
        };
        Listed {
            header: &["region", "name", "gCO2e/kWh", "year", "licence"],
            rows: self.grid().iter().map(|entry| row(&entry.value)).collect(),
        }
    }

    fn link_list(&self) -> Listed {
        let row = |link: &super::NamedLink| {
            vec![
                link.id.clone(),
                link.scope.clone(),
                link.per.clone(),
                si(link.bandwidth_per_direction.get(), "B/s", 3),
            ]
        };
        Listed {
            header: &["id", "scope", "per", "one direction"],
            rows: self.links().iter().map(|entry| row(&entry.value)).collect(),
        }
    }

    fn accelerators_of(&self, path: &str) -> String {
        let Some(instance) = self.instance(path) else {
            return String::new();
        };
        match &instance.device {
            Some(device) => format!("{} × {device}", instance.count),
            None => String::new(),
        }
    }

    /// How many entries each table has, for `phantom catalog verify`.
    pub fn sizes(&self) -> Vec<(&'static str, usize)> {
        vec![
            ("hardware", self.hardware().iter().count()),
            ("transformers", self.transformers().iter().count()),
            ("networks", self.networks().iter().count()),
            ("vision", self.vision().iter().count()),
            ("aliases", self.aliases().iter().count()),
            ("instances", self.instances().iter().count()),
            ("prices", self.prices().iter().count()),
            ("pue", self.pue_table().iter().count()),
            ("regions", self.regions().iter().count()),
            ("electricity", self.electricity().iter().count()),
            ("grid_carbon", self.grid().iter().count()),
            ("embodied_carbon", self.embodied().iter().count()),
            ("links", self.links().iter().count()),
            ("power_modes", self.power_modes().iter().count()),
        ]
    }
}

fn blank_or<T>(value: Option<T>, print: impl Fn(T) -> String) -> String {
    value.map(print).unwrap_or_default()
}

fn device_row(device: &Device) -> Vec<String> {
    let memory_size = device.memory.or(device.mcu.sram);
    let power = device.tdp.or(device.mcu.active_power);
    vec![
        device.id.clone(),
        device.class.name().to_owned(),
        blank_or(device.year, |year| year.to_string()),
        blank_or(memory_size, |size| memory(size.get())),
        blank_or(device.memory_bandwidth, |rate| si(rate.get(), "B/s", 3)),
        blank_or(device.peaks.fp16, rate),
        blank_or(power, |power| si(power.get(), "W", 3)),
    ]
}

fn model_row(model: &Model) -> Option<Vec<String>> {
    let ModelKind::Transformer(transformer) = &model.kind else {
        return None;
    };
    let published = &transformer.published;
    Some(vec![
        model.id.clone(),
        model.family.clone(),
        blank_or(published.total_params, |count| si(count, "", 3)),
        blank_or(published.active_params, |count| si(count, "", 3)),
        transformer.layers.to_string(),
        blank_or(transformer.max_context, |tokens| tokens.to_string()),
    ])
}

fn network_row(model: &Model) -> Option<Vec<String>> {
    match &model.kind {
        ModelKind::Transformer(_) => None,
        ModelKind::Network(network) => Some(vec![
            model.id.clone(),
            network.task.clone(),
            network.input_size.clone(),
            blank_or(network.params, |count| si(count, "", 3)),
            blank_or(network.macs, |count| si(count, "", 3)),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_rows_as_wide_as_its_header() {
        for (name, listing) in Listing::ALL {
            let list = Catalog::embedded().list(listing);
            assert!(!list.rows.is_empty(), "{name}");
            let width = list.header.len();
            assert!(list.rows.iter().all(|row| row.len() == width), "{name}");
            assert_eq!(Listing::from_name(name), Some(listing));
        }
    }
}
