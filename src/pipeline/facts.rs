//! What the catalogue knows of the places and devices a scenario uses.

use std::collections::BTreeMap;

use crate::analyse::{EmbodiedFact, Facts, GridFact};
use crate::catalog::{Catalog, Provenance};
use crate::scenario::{Embodied, Plan, Scenario};
use crate::units::{Joules, Money, Seconds};

/// One kilowatt-hour.
const KWH: Joules = Joules::new(3.6e6);
/// One year of 365.25 days.
const YEAR: Seconds = Seconds::new(365.25 * 86_400.0);

/// Looks up the region and the devices of a scenario.
pub fn facts(scenario: &Scenario, plan: &Plan, catalog: &Catalog) -> Facts {
    // Where places vary, each of them states its own.
    let region = scenario.energy.region.as_deref();
    let grid = region
        .filter(|_| scenario.terms.is_empty())
        .map(|region| grid(region, scenario, catalog));
    let embodied = match scenario.energy.embodied {
        Embodied::None => BTreeMap::new(),
        Embodied::Catalog => embodied(plan, catalog),
    };
    Facts { grid, embodied }
}

fn grid(region: &str, scenario: &Scenario, catalog: &Catalog) -> GridFact {
    let carbon = catalog
        .grid_carbon(region)
        .map(|grid| (grid.per_kwh.get() / KWH.get(), cite(&grid.provenance)));
    let pue = catalog
        .pue(region)
        .map(|pue| (pue.pue, cite(&pue.provenance)));
    // Catalogue prices are in US dollars, and nothing is converted.
    let dollars = scenario
        .pricing
        .as_ref()
        .is_none_or(|pricing| pricing.currency == "USD");
    let price = catalog.electricity_price(region).filter(|_| dollars);
    let price = price.map(|price| {
        (
            Money::new(price.usd_per_kwh.get() / KWH.get()),
            cite(&price.provenance),
        )
    });
    GridFact { carbon, pue, price }
}

fn embodied(plan: &Plan, catalog: &Catalog) -> BTreeMap<String, EmbodiedFact> {
    let devices = plan
        .systems()
        .map(|system| system.hardware.device.id.clone());
    let facts = devices.filter_map(|id| {
        let entry = catalog.embodied_carbon(&id)?;
        let life = YEAR * entry.lifetime_years;
        let source = cite(&entry.provenance);
        Some((
            id,
            EmbodiedFact {
                carbon: entry.carbon,
                life,
                source,
            },
        ))
    });
    facts.collect()
}

fn cite(provenance: &Provenance) -> String {
    format!("{} ({})", provenance.source, provenance.as_of)
}
