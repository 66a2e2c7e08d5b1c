//! The tables of the catalogue: what columns each has and how a row becomes an entry.
//!
//! A [`Kind`](super::table::Kind) names the columns of the embedded CSV in their order; `datasets/catalog/README.md` says
//! what they mean. Readers note every problem of a row and go on.

mod hardware;
mod networks;
mod places;
mod prices;
mod small;
mod transformers;

pub(super) use hardware::HARDWARE;
pub(super) use networks::{NETWORKS, VISION};
pub(super) use places::{ELECTRICITY, EMBODIED, GRID, PUE, REGIONS};
pub use places::{ElectricityPrice, EmbodiedCarbon, GridCarbon, Pue, Region};
pub(super) use prices::{INSTANCES, PRICES};
pub use prices::{Instance, Price, PurchaseKind};
pub(super) use small::{ALIASES, Alias, AliasKind, LINKS, POWER_MODES, SOURCES, alias_id};
pub use small::{NamedLink, PowerMode};
pub(super) use transformers::{TRANSFORMERS, transformer};
