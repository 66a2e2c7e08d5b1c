//! The catalogue: typed facts about hardware, models, prices and grids, each with its source.
//!
//! What becomes what: the CSV tables of `datasets/catalog/` (embedded in the binary), and an overlay folder of the same
//! form, become [`Catalog`]. Nothing here is computed from a measurement, and no value is edited to fit one. Missing
//! facts are `None`; equations that need them say so.
//!
//! Start reading at [`Catalog`]; [`Device`] and [`Transformer`] are what the equations use.

mod cells;
mod check;
mod describe;
mod device;
mod embedded;
mod format;
mod import;
mod list;
mod lookup;
mod model;
mod names;
mod overlay;
mod places;
mod precision;
mod rows;
mod table;
mod tables;

pub use describe::{Described, Fact};
pub use device::{
    Arithmetic, Confidence, Device, DeviceClass, Fabric, FabricKind, Mcu, Pcie, Peaks, Provenance,
};
pub use format::Format;
pub use import::{Gguf, ImportError, TensorGroup, arch, gguf, hf_config};
pub use list::{Listed, Listing};
pub use lookup::Catalog;
pub use model::{
    Attention, AttentionKind, Biases, Experts, GlobalHeads, Mlp, Model, ModelKind, Network,
    NormKind, Positional, Published, QkNorm, Recurrent, RecurrentKind, Transformer,
    TransformerKind,
};
pub use names::normal as normal_name;
pub use precision::Precision;
pub use table::Problem;
pub use tables::{
    ElectricityPrice, EmbodiedCarbon, GridCarbon, Instance, NamedLink, PowerMode, Price, Pue,
    PurchaseKind, Region,
};
