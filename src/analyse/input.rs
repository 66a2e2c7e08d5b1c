//! Inputs that analysis adds to an estimate - prices, utilisation, facility, grid - with the ranges that are stated of them.

use super::carbon::grid_intensity;
use super::money::reference_purchase;
use super::point::Context;
use super::power::stated_pue;
use crate::scenario::{Pricing, Rate, RateSource, Scenario};
use crate::units::Money;

const SECONDS_PER_HOUR: f64 = 3600.0;
const JOULES_PER_KWH: f64 = 3.6e6;

/// What is taken for the range of an input that states none: a fifth of it either way.
const UNSTATED: f64 = 0.2;

/// An input that can be moved alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Input {
    /// The price of a node of a hardware alias: of an hour at the reference purchase, or of the machine where it is owned.
    Price(String),
    /// Share of paid time that serves.
    Utilization,
    /// Power usage effectiveness.
    Pue,
    /// Carbon intensity of the grid.
    Grid,
    /// Price of electricity.
    Electricity,
}

impl Input {
    /// All that may matter where these aliases are compared.
    pub fn all(aliases: &[&str]) -> Vec<Self> {
        let prices = aliases.iter().map(|alias| Self::Price((*alias).to_owned()));
        prices
            .chain([Self::Utilization, Self::Pue, Self::Grid, Self::Electricity])
            .collect()
    }

    /// Its path, as scenarios write it.
    pub fn name(&self) -> String {
        match self {
            Self::Price(alias) => format!("pricing.rates.{alias}"),
            Self::Utilization => "pricing.utilization".to_owned(),
            Self::Pue => "energy.pue".to_owned(),
            Self::Grid => "energy.carbon.intensity".to_owned(),
            Self::Electricity => "energy.price".to_owned(),
        }
    }

    /// What it is, in words.
    pub fn about(&self) -> String {
        match self {
            Self::Price(alias) => format!("price of a node of {alias}"),
            Self::Utilization => "share of paid time that serves".to_owned(),
            Self::Pue => "power usage effectiveness".to_owned(),
            Self::Grid => "carbon intensity of the grid".to_owned(),
            Self::Electricity => "price of electricity".to_owned(),
        }
    }

    /// Its unit, the currency code included.
    pub fn unit(&self, scenario: &Scenario) -> String {
        let pricing = scenario.pricing.as_ref();
        let currency = pricing.map_or("", |pricing| pricing.currency.as_str());
        match self {
            Self::Price(alias) => match pricing.and_then(|pricing| pricing.rates.get(alias)) {
                Some(Rate::Owned(_)) => currency.to_owned(),
                Some(Rate::Rented { .. }) | None => format!("{currency}/h"),
            },
            Self::Utilization | Self::Pue => "1".to_owned(),
            Self::Grid => "g/kWh".to_owned(),
            Self::Electricity => format!("{currency}/kWh"),
        }
    }

    /// Where it stands; `None` where the scenario does not use it.
    pub fn base(&self, context: Context<'_>) -> Option<f64> {
        let Context { scenario, facts } = context;
        let energy = &scenario.energy;
        match self {
            Self::Price(alias) => {
                let pricing = scenario.pricing.as_ref()?;
                match pricing.rates.get(alias)? {
                    Rate::Owned(owned) => Some(owned.capex.get()),
                    Rate::Rented { prices } => {
                        let purchase = pricing.purchase.first()?;
                        Some(hourly(prices.get(purchase)?))
                    }
                }
            }
            Self::Utilization => Some(scenario.pricing.as_ref()?.utilization),
            Self::Pue => Some(stated_pue(energy, facts).unwrap_or(1.0)),
            Self::Grid => grid_intensity(energy, facts).map(|(grams, _)| grams * JOULES_PER_KWH),
            Self::Electricity => {
                let region = || facts.grid.as_ref()?.price.as_ref().map(|(price, _)| *price);
                let price = energy.price.or_else(region)?;
                Some(price.get() * JOULES_PER_KWH)
            }
        }
    }

    /// The ends of its range: the lowest and the highest price listed for the hardware, a fifth either way for the others,
    /// never past what is possible; `None` where no range is known.
    pub fn ends(&self, context: Context<'_>) -> Option<[f64; 2]> {
        let base = self.base(context)?;
        let ends = match self {
            Self::Price(alias) => listed(context.scenario.pricing.as_ref()?, alias)?,
            Self::Utilization => [base * (1.0 - UNSTATED), (base * (1.0 + UNSTATED)).min(1.0)],
            Self::Pue => [(base * (1.0 - UNSTATED)).max(1.0), base * (1.0 + UNSTATED)],
            Self::Grid | Self::Electricity => [base * (1.0 - UNSTATED), base * (1.0 + UNSTATED)],
        };
        (ends[0] < ends[1]).then_some(ends)
    }

    /// The scenario with this input at a value; `None` where it does not use it.
    pub fn moved(&self, context: Context<'_>, value: f64) -> Option<Scenario> {
        self.base(context)?;
        let mut scenario = context.scenario.clone();
        match self {
            Self::Price(alias) => set_price(scenario.pricing.as_mut()?, alias, value)?,
            Self::Utilization => scenario.pricing.as_mut()?.utilization = value,
            Self::Pue => scenario.energy.pue = Some(value),
            Self::Grid => {
                let (_, source) = grid_intensity(&context.scenario.energy, context.facts)?;
                scenario.energy.carbon = Some((value / JOULES_PER_KWH, source.clone()));
            }
            Self::Electricity => scenario.energy.price = Some(Money::new(value / JOULES_PER_KWH)),
        }
        Some(scenario)
    }
}

fn hourly(source: &RateSource) -> f64 {
    source.per_second.get() * SECONDS_PER_HOUR
}

/// The lowest and the highest price listed for a rented alias.
fn listed(pricing: &Pricing, alias: &str) -> Option<[f64; 2]> {
    // An alias without a reference price has no cost to move.
    reference_purchase(pricing, alias)?;
    match pricing.rates.get(alias)? {
        Rate::Owned(_) => None,
        Rate::Rented { prices } => {
            let hours = || prices.values().map(hourly);
            Some([
                hours().fold(f64::INFINITY, f64::min),
                hours().fold(0.0, f64::max),
            ])
        }
    }
}

fn set_price(pricing: &mut Pricing, alias: &str, value: f64) -> Option<()> {
    let purchase = *pricing.purchase.first()?;
    match pricing.rates.get_mut(alias)? {
        Rate::Owned(owned) => owned.capex = Money::new(value),
        Rate::Rented { prices } => {
            prices.get_mut(&purchase)?.per_second = Money::new(value / SECONDS_PER_HOUR);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::facts::Facts;
    use super::super::sample;
    use super::*;
    use crate::scenario::Purchase;

    fn price(alias: &str) -> Input {
        Input::Price(alias.to_owned())
    }

    #[test]
    fn a_moved_input_stands_where_it_was_moved() {
        let (scenario, facts) = (sample::scenario(), Facts::default());
        let context = Context {
            scenario: &scenario,
            facts: &facts,
        };
        for input in Input::all(&["rented", "owned"]) {
            let base = input.base(context).expect("the sample states all of them");
            let wanted = base * 0.9;
            let moved = input.moved(context, wanted).expect("it is used");
            let there = Context {
                scenario: &moved,
                facts: &facts,
            };
            let found = input.base(there).expect("it is still used");
            assert!((found / wanted - 1.0).abs() < 1e-12, "{input:?}");
        }
        assert_eq!(price("other").base(context), None);
    }

    #[test]
    fn a_price_ranges_over_the_purchases_that_are_listed() {
        let (mut scenario, facts) = (sample::scenario(), Facts::default());
        let ends = |scenario: &Scenario| {
            price("rented").ends(Context {
                scenario,
                facts: &facts,
            })
        };
        assert_eq!(ends(&scenario), None, "one price is no range");
        let rates = &mut scenario
            .pricing
            .as_mut()
            .expect("the sample has prices")
            .rates;
        let Some(Rate::Rented { prices }) = rates.get_mut("rented") else {
            panic!("the sample rents it");
        };
        let mut spot = prices[&Purchase::OnDemand].clone();
        spot.per_second = Money::new(0.001);
        prices.insert(Purchase::Spot, spot);
        let [lo, hi] = ends(&scenario).expect("two prices are a range");
        assert!((lo - 3.6).abs() < 1e-9 && (hi - 7.2).abs() < 1e-9);
    }

    #[test]
    fn no_range_goes_past_what_is_possible() {
        let (mut scenario, facts) = (sample::scenario(), Facts::default());
        scenario.energy.pue = Some(1.1);
        scenario
            .pricing
            .as_mut()
            .expect("the sample has prices")
            .utilization = 0.9;
        let context = Context {
            scenario: &scenario,
            facts: &facts,
        };
        let ends = |input: Input| input.ends(context).expect("a fifth either way");
        assert!((ends(Input::Pue)[0] - 1.0).abs() < 1e-12);
        assert!((ends(Input::Utilization)[1] - 1.0).abs() < 1e-12);
    }
}
