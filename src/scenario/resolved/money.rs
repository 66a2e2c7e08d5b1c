//! Prices, energy and batteries.

use std::collections::BTreeMap;

use crate::units::{Joules, Money, Seconds, Watts};

/// Prices.
#[derive(Debug, Clone, PartialEq)]
pub struct Pricing {
    /// ISO code.
    pub currency: String,
    /// Date of the question, `YYYY-MM-DD`.
    pub as_of: Option<String>,
    /// Purchase options; the first is the reference.
    pub purchase: Vec<Purchase>,
    /// Share of paid time that serves.
    pub utilization: f64,
    /// Interruptions of a spot node in a day.
    pub spot_interruptions_per_node_day: Option<f64>,
    /// Price of one node, by hardware alias.
    pub rates: BTreeMap<String, Rate>,
    /// Hosted prices to compare with.
    pub compare_api: Vec<ApiPrice>,
}

/// How accelerators are bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum Purchase {
    OnDemand,
    Spot,
    Reserved1y,
    Reserved3y,
}

/// The price of one node of an alias.
#[derive(Debug, Clone, PartialEq)]
pub enum Rate {
    /// Rented.
    Rented {
        /// Price of a second of one node, by purchase option; a missing option has no price.
        prices: BTreeMap<Purchase, RateSource>,
    },
    /// Bought.
    Owned(OwnedRate),
}

/// One price with its source.
#[derive(Debug, Clone, PartialEq)]
pub struct RateSource {
    /// Money of one second of one node.
    pub per_second: Money,
    /// Catalogue instance or the scenario's own words.
    pub source: String,
    /// Its date.
    pub as_of: Option<String>,
}

/// A machine that was bought; electricity is added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnedRate {
    /// Price of one node.
    pub capex: Money,
    /// Years of use, as time.
    pub life: Seconds,
    /// Share of the time it is used.
    pub duty: f64,
}

/// A hosted price.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiPrice {
    /// Name.
    pub name: String,
    /// Money of one prompt token.
    pub input: Money,
    /// Money of one generated token.
    pub output: Money,
    /// Where it was read.
    pub source: String,
}

/// What energy is counted and what it costs and emits.
#[derive(Debug, Clone, PartialEq)]
pub struct Energy {
    /// Scopes that are counted together.
    pub scope: Vec<EnergyScope>,
    /// Catalogue region.
    pub region: Option<String>,
    /// Money of one joule.
    pub price: Option<Money>,
    /// Power usage effectiveness.
    pub pue: Option<f64>,
    /// Efficiency of the power supply.
    pub psu_efficiency: Option<f64>,
    /// Grams of `CO2e` of one joule, with its source.
    pub carbon: Option<(f64, String)>,
    /// Embodied carbon.
    pub embodied: Embodied,
    /// A battery.
    pub battery: Option<Battery>,
}

/// What electrical power is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum EnergyScope {
    Accelerator,
    Host,
    Network,
    Board,
    Wall,
}

/// Whether making the device counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embodied {
    /// No.
    None,
    /// As the catalogue states, spread over the device's life.
    Catalog,
}

/// A battery.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Battery {
    /// Energy when new.
    pub capacity: Joules,
    /// Share that may be drawn.
    pub usable: f64,
    /// Efficiency of the converter.
    pub converter_efficiency: f64,
    /// Share of the capacity left at the age that is judged.
    pub ageing: f64,
    /// Everything but inference.
    pub base_load: Watts,
    /// While suspended.
    pub suspend_power: Option<Watts>,
}
