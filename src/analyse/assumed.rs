//! Facts that analysis takes without the user having stated them.

use super::carbon::grid_intensity;
use super::facts::Facts;
use super::power::stated_pue;
use crate::record::Basis;
use crate::scenario::{Assumption, Embodied, Energy, EnergyScope, Pricing, Scenario};
use crate::units::significant;

/// The scenario's assumptions and those that analysis makes, sorted by path, equal ones once.
pub fn assumptions(scenario: &Scenario, facts: &Facts) -> Vec<Assumption> {
    let mut all = scenario.assumptions.clone();
    let varied = scenario.terms.iter().map(|terms| &terms.energy);
    for energy in std::iter::once(&scenario.energy).chain(varied) {
        all.extend(grid(energy, facts));
        if pays_for_energy(scenario) || grid_intensity(energy, facts).is_some() {
            all.extend(overhead(energy, facts));
        }
    }
    all.extend(electricity(scenario, facts));
    if scenario.energy.embodied == Embodied::Catalog {
        all.extend(facts.embodied.iter().map(|(device, fact)| {
            let kilograms = significant(fact.carbon.get() / 1e3, 4);
            let path = format!("energy.embodied.{device}");
            datasheet(path, format!("{kilograms} kgCO2e"), &fact.source)
        }));
    }
    all.sort();
    all.dedup();
    all
}

/// True where a machine is owned: its electricity is added to its price.
fn pays_for_energy(scenario: &Scenario) -> bool {
    let owns = |pricing: &Pricing| pricing.rates.values().any(|rate| rate.owned.is_some());
    let varied = scenario
        .terms
        .iter()
        .filter_map(|terms| terms.pricing.as_ref());
    scenario.pricing.iter().chain(varied).any(owns)
}

fn grid(energy: &Energy, facts: &Facts) -> Option<Assumption> {
    if energy.carbon.is_some() {
        return None;
    }
    let (intensity, source) = grid_intensity(energy, facts)?;
    let per_kwh = significant(intensity * JOULES_PER_KWH, 4);
    let path = "energy.carbon.intensity".to_owned();
    Some(datasheet(path, format!("{per_kwh} gCO2e/kWh"), source))
}

fn overhead(energy: &Energy, facts: &Facts) -> Option<Assumption> {
    let counts_boards_alone = energy
        .scope
        .iter()
        .all(|scope| *scope == EnergyScope::Board);
    if energy.pue.is_some() || counts_boards_alone {
        return None;
    }
    let path = "energy.pue".to_owned();
    match facts.grid.as_ref().and_then(|grid| grid.pue.as_ref()) {
        Some((pue, source)) => Some(datasheet(path, significant(*pue, 3), source)),
        None if stated_pue(energy, facts).is_none() => Some(Assumption {
            path,
            value: "1".to_owned(),
            basis: Basis::Assumed,
            source: "no PUE is stated: the facility's overhead is left out".to_owned(),
            as_of: None,
        }),
        None => None,
    }
}

fn electricity(scenario: &Scenario, facts: &Facts) -> Option<Assumption> {
    let pricing = scenario.pricing.as_ref()?;
    if scenario.energy.price.is_some() || !pays_for_energy(scenario) {
        return None;
    }
    let (price, source) = facts.grid.as_ref()?.price.as_ref()?;
    let per_kwh = significant(price.get() * JOULES_PER_KWH, 3);
    let value = format!("{per_kwh} {}/kWh", pricing.currency);
    Some(datasheet("energy.price".to_owned(), value, source))
}

const JOULES_PER_KWH: f64 = 3.6e6;

fn datasheet(path: String, value: String, source: &str) -> Assumption {
    Assumption {
        path,
        value,
        basis: Basis::Datasheet,
        source: source.to_owned(),
        as_of: None,
    }
}
