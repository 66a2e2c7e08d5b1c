//! `instances.csv` and `prices.csv`: what a rented machine holds and what its hour costs.

use super::super::cells::Cells;
use super::super::table::Kind;
use super::super::{Provenance, names};
use crate::units::{Bytes, Money};

/// How a machine is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PurchaseKind {
    /// By the hour, without a commitment.
    OnDemand,
    /// By the hour, may be taken back.
    Spot,
    /// Committed for a year.
    Reserved1y,
    /// Committed for three years.
    Reserved3y,
}

impl PurchaseKind {
    /// Every kind with its name in scenarios and tables.
    pub const ALL: [(&'static str, Self); 4] = [
        ("on_demand", Self::OnDemand),
        ("spot", Self::Spot),
        ("reserved_1y", Self::Reserved1y),
        ("reserved_3y", Self::Reserved3y),
    ];

    /// The name in scenarios and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnDemand => "on_demand",
            Self::Spot => "spot",
            Self::Reserved1y => "reserved_1y",
            Self::Reserved3y => "reserved_3y",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, kind)| *kind)
    }
}

/// A machine that a provider rents out.
#[derive(Debug, Clone, PartialEq)]
pub struct Instance {
    /// Provider, `gcp`.
    pub provider: String,
    /// The provider's name of it.
    pub name: String,
    /// Accelerator, an id of the catalogue.
    pub device: Option<String>,
    /// Processor as the provider names it, where there is no accelerator; the catalogue need not have it.
    pub cpu: Option<String>,
    /// Accelerators.
    pub count: u32,
    /// Virtual processors.
    pub vcpus: Option<u32>,
    /// Host memory.
    pub memory: Option<Bytes>,
    /// When it was looked up.
    pub as_of: String,
}

/// What an hour of a machine costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// Provider, `gcp`.
    pub provider: String,
    /// The provider's region.
    pub region: String,
    /// The provider's name of the machine.
    pub instance: String,
    /// How it is paid for.
    pub purchase: PurchaseKind,
    /// US dollars for an hour of the whole machine.
    pub usd_per_hour: Money,
    /// Where the price comes from and of which day it is.
    pub provenance: Provenance,
}

impl Price {
    /// `provider/region/instance`, as scenarios write it.
    pub fn path(&self) -> String {
        format!("{}/{}/{}", self.provider, self.region, self.instance)
    }
}

pub(in super::super) const INSTANCES: Kind<Instance> = Kind {
    name: "instances",
    columns: &[
        "provider",
        "instance",
        "device",
        "cpu",
        "count",
        "vcpus",
        "memory_gib",
        "as_of",
    ],
    read: |cells: &mut Cells| {
        let provider = cells.id("provider");
        let name = cells.id("instance");
        let optional = |text: &str| (!text.is_empty()).then(|| names::normal(text));
        let device = optional(cells.text("device"));
        let cpu = optional(cells.text("cpu"));
        let count = cells.required_integer("count", 0..=4096);
        let vcpus = cells.integer("vcpus", 1..=4096);
        let memory = cells
            .number("memory_gib", 0.5..=65_536.0)
            .map(|size| Bytes::new(size * 1024.0 * 1024.0 * 1024.0));
        let as_of = cells.required("as_of").map(str::to_owned);
        Some(Instance {
            provider: provider?,
            name: name?,
            device,
            cpu,
            count: count?,
            vcpus,
            memory,
            as_of: as_of?,
        })
    },
    id: |instance| format!("{}/{}", instance.provider, instance.name),
    unique: |instance| format!("{}/{}", instance.provider, instance.name),
};

pub(in super::super) const PRICES: Kind<Price> = Kind {
    name: "prices",
    columns: &[
        "provider",
        "region",
        "instance",
        "purchase",
        "usd_per_hour",
        "source",
        "as_of",
        "confidence",
        "notes",
    ],
    read: |cells: &mut Cells| {
        let provider = cells.id("provider");
        let region = cells.id("region");
        let instance = cells.id("instance");
        let purchase = cells.required_word("purchase", &PurchaseKind::ALL);
        cells.required("usd_per_hour");
        let price = cells.number("usd_per_hour", 0.01..=1000.0);
        let provenance = cells.provenance();
        Some(Price {
            provider: provider?,
            region: region?,
            instance: instance?,
            purchase: purchase?,
            usd_per_hour: Money::new(price?),
            provenance,
        })
    },
    id: Price::path,
    unique: |price| format!("{} {}", price.path(), price.purchase.name()),
};
