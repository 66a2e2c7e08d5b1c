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
    /// How spot nodes are taken away; `None` where nothing is stated.
    pub spot: Option<Spot>,
    /// Price of one node, by hardware alias.
    pub rates: BTreeMap<String, Rate>,
    /// Hosted prices to compare with.
    pub compare_api: Vec<ApiPrice>,
}

/// How spot nodes are taken away and come back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spot {
    /// Interruptions of a node in a day in which it runs.
    pub interruptions_per_node_day: f64,
    /// Time from an interruption until another node serves; `None` where it is not stated.
    pub restart: Option<Seconds>,
}

/// How accelerators are bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum Purchase {
    OnDemand,
    Spot,
    Reserved1y,
    Reserved3y,
    Owned,
}

impl Purchase {
    /// Those of them that are rents.
    pub const RENTED: [Self; 4] = [
        Self::OnDemand,
        Self::Spot,
        Self::Reserved1y,
        Self::Reserved3y,
    ];
}

/// The price of one node of an alias: rents, what buying it costs, or both.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rate {
    /// Price of a second of one node, by purchase option; a missing option has no price.
    pub prices: BTreeMap<Purchase, RateSource>,
    /// Bought.
    pub owned: Option<OwnedRate>,
}

/// What one purchase option of a rate comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Paid<'a> {
    /// Rented.
    Rented(&'a RateSource),
    /// Bought.
    Owned(&'a OwnedRate),
}

impl Rate {
    /// The price of a purchase option; a machine that can only be bought has one price, whatever is asked.
    pub fn paid(&self, purchase: Purchase) -> Option<Paid<'_>> {
        match (&self.owned, purchase) {
            (Some(owned), _) if self.prices.is_empty() => Some(Paid::Owned(owned)),
            (owned, Purchase::Owned) => owned.as_ref().map(Paid::Owned),
            (
                _,
                Purchase::OnDemand | Purchase::Spot | Purchase::Reserved1y | Purchase::Reserved3y,
            ) => self.prices.get(&purchase).map(Paid::Rented),
        }
    }

    /// The options of a list that this rate has a price for, each with the name it is listed under.
    pub fn among<'a>(
        &'a self,
        purchases: &'a [Purchase],
    ) -> impl Iterator<Item = (Purchase, Option<Paid<'a>>)> {
        let only_owned = self.owned.is_some() && self.prices.is_empty();
        let one = only_owned.then_some(Purchase::Owned);
        let listed = purchases.iter().copied().filter(move |_| !only_owned);
        one.into_iter()
            .chain(listed)
            .map(|purchase| (purchase, self.paid(purchase)))
    }
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
    /// What a node is sold for at the end of its life.
    pub resale: Money,
    /// Money of a second of its life for its place, staff and repairs, used or not; zero where it is not stated.
    pub upkeep: Money,
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

/// Prices and place of some points, where axes vary them.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The values that tell them apart, `aws/eu-north-1 spot`.
    pub name: String,
    /// Prices.
    pub pricing: Option<Pricing>,
    /// Energy, carbon, battery.
    pub energy: Energy,
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
