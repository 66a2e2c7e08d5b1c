//! What the catalogue knows of places and of making devices, as far as a scenario uses it.

use std::collections::BTreeMap;

use crate::units::{GramsCo2, Money, Seconds};

/// Catalogue facts beside the scenario; what the scenario states itself wins.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The region that `energy.region` names.
    pub grid: Option<GridFact>,
    /// Embodied carbon by device id.
    pub embodied: BTreeMap<String, EmbodiedFact>,
}

/// Facts of a region; each with its source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GridFact {
    /// Grams of `CO2e` of one joule.
    pub carbon: Option<(f64, String)>,
    /// Power usage effectiveness of its data centres.
    pub pue: Option<(f64, String)>,
    /// Money of one joule.
    pub price: Option<(Money, String)>,
}

/// What making one device emitted.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbodiedFact {
    /// From cradle to gate.
    pub carbon: GramsCo2,
    /// Time over which it is spread.
    pub life: Seconds,
    /// Where it comes from.
    pub source: String,
}
