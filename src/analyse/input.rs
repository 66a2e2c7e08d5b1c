//! Inputs that analysis adds to an estimate - prices, utilisation, facility, grid - with the ranges that are stated of them.

use super::carbon::grid_intensity;
use super::facts::Facts;
use super::point::Context;
use super::power::stated_pue;
use crate::scenario::{Energy, Paid, Pricing, RateSource, Scenario};
use crate::units::Money;

const SECONDS_PER_HOUR: f64 = 3600.0;
const JOULES_PER_KWH: f64 = 3.6e6;

/// What is taken for the range of an input that states none: a fifth of it either way.
const UNSTATED: f64 = 0.2;

/// An input that can be moved alone.
///
/// Where prices and places vary, `terms` says of which of them it is. The move then holds for all that state the same: one region
/// under several purchase options is one region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Input {
    what: What,
    terms: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
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
    /// All that may matter where points on these aliases, with these terms, are compared; each once.
    pub fn all(scenario: &Scenario, points: &[(&str, u32)]) -> Vec<Self> {
        let varied = !scenario.terms.is_empty();
        let mut all: Vec<Self> = Vec::new();
        let mut add = |what: What, terms: u32| {
            let input = Self {
                what,
                terms: varied.then_some(terms),
            };
            if all.iter().all(|known| !known.is_same(&input, scenario)) {
                all.push(input);
            }
        };
        for (alias, terms) in points {
            add(What::Price((*alias).to_owned()), *terms);
        }
        add(What::Utilization, 0);
        for what in [What::Pue, What::Grid, What::Electricity] {
            for (_, terms) in points {
                add(what.clone(), *terms);
            }
        }
        all
    }

    fn is_same(&self, other: &Self, scenario: &Scenario) -> bool {
        self.what == other.what
            && match (self.terms, other.terms) {
                (Some(one), Some(other)) => self.what.states_alike(scenario, (one, other)),
                (one, other) => one == other,
            }
    }

    /// True for the share of time that serves, which ends at one.
    pub fn is_share(&self) -> bool {
        self.what == What::Utilization
    }

    /// True for what moves costs in proportion, whatever is asked.
    pub fn is_of_money(&self) -> bool {
        match self.what {
            What::Price(_) | What::Utilization => true,
            What::Pue | What::Grid | What::Electricity => false,
        }
    }

    /// True for the carbon intensity of a grid.
    pub fn is_grid(&self) -> bool {
        self.what == What::Grid
    }

    /// Its path, as scenarios write it, and of which terms it is.
    pub fn name(&self, scenario: &Scenario) -> String {
        let path = match &self.what {
            What::Price(alias) => format!("pricing.rates.{alias}"),
            What::Utilization => "pricing.utilization".to_owned(),
            What::Pue => "energy.pue".to_owned(),
            What::Grid => "energy.carbon.intensity".to_owned(),
            What::Electricity => "energy.price".to_owned(),
        };
        path + &self.whose(scenario, " at ")
    }

    /// What it is, in words.
    pub fn about(&self, scenario: &Scenario) -> String {
        let words = match &self.what {
            What::Price(alias) => format!("price of a node of {alias}"),
            What::Utilization => "share of paid time that serves".to_owned(),
            What::Pue => "power usage effectiveness".to_owned(),
            What::Grid => "carbon intensity of the grid".to_owned(),
            What::Electricity => "price of electricity".to_owned(),
        };
        words + &self.whose(scenario, ", ")
    }

    /// The terms it is of: the region for what a place has, all their values for a price.
    fn whose(&self, scenario: &Scenario, before: &str) -> String {
        let Some(terms) = self
            .terms
            .and_then(|terms| scenario.terms.get(terms as usize))
        else {
            return String::new();
        };
        let whose = match &self.what {
            What::Utilization => return String::new(),
            What::Price(_) => &terms.name,
            What::Pue | What::Grid | What::Electricity => {
                terms.energy.region.as_ref().unwrap_or(&terms.name)
            }
        };
        format!("{before}{whose}")
    }

    /// Its unit, the currency code included.
    pub fn unit(&self, scenario: &Scenario) -> String {
        let pricing = scenario.pricing_at(self.terms.unwrap_or(0));
        let currency = pricing.map_or("", |pricing| pricing.currency.as_str());
        match &self.what {
            What::Price(alias) => match pricing.and_then(|pricing| reference(pricing, alias)) {
                Some(Paid::Owned(_)) => currency.to_owned(),
                Some(Paid::Rented(_)) | None => format!("{currency}/h"),
            },
            What::Utilization | What::Pue => "1".to_owned(),
            What::Grid => "g/kWh".to_owned(),
            What::Electricity => format!("{currency}/kWh"),
        }
    }

    /// Where it stands; `None` where the scenario does not use it.
    pub fn base(&self, context: Context<'_>) -> Option<f64> {
        let terms = self.terms.unwrap_or(0);
        let pricing = context.scenario.pricing_at(terms);
        let place = (context.scenario.energy_at(terms), context.facts);
        self.what.base(pricing, place)
    }

    /// The ends of its range: the lowest and the highest price listed for the hardware, a fifth either way for the others,
    /// never past what is possible; `None` where no range is known.
    pub fn ends(&self, context: Context<'_>) -> Option<[f64; 2]> {
        let base = self.base(context)?;
        let ends = match &self.what {
            What::Price(alias) => {
                let pricing = context.scenario.pricing_at(self.terms.unwrap_or(0))?;
                listed(pricing, alias)?
            }
            What::Utilization => [base * (1.0 - UNSTATED), (base * (1.0 + UNSTATED)).min(1.0)],
            What::Pue => [(base * (1.0 - UNSTATED)).max(1.0), base * (1.0 + UNSTATED)],
            What::Grid | What::Electricity => [base * (1.0 - UNSTATED), base * (1.0 + UNSTATED)],
        };
        (ends[0] < ends[1]).then_some(ends)
    }

    /// The scenario with this input at a value; `None` where it does not use it.
    pub fn moved(&self, context: Context<'_>, value: f64) -> Option<Scenario> {
        self.base(context)?;
        let mut scenario = context.scenario.clone();
        let source = |energy: &Energy| {
            let known = grid_intensity(energy, context.facts)?;
            Some(known.1.clone())
        };
        if scenario.terms.is_empty() {
            let source = source(&scenario.energy);
            let place = (&mut scenario.energy, source);
            self.what.set(scenario.pricing.as_mut(), place, value)?;
            return Some(scenario);
        }
        for index in 0..scenario.terms.len() {
            let moves = self.what == What::Utilization
                || self.terms.is_some_and(|terms| {
                    let both = (terms, index as u32);
                    self.what.states_alike(context.scenario, both)
                });
            if moves {
                let terms = &mut scenario.terms[index];
                let source = source(&terms.energy);
                let place = (&mut terms.energy, source);
                self.what.set(terms.pricing.as_mut(), place, value)?;
            }
        }
        Some(scenario)
    }
}

impl What {
    fn base(&self, pricing: Option<&Pricing>, (energy, facts): (&Energy, &Facts)) -> Option<f64> {
        match self {
            Self::Price(alias) => Some(match reference(pricing?, alias)? {
                Paid::Owned(owned) => owned.capex.get(),
                Paid::Rented(source) => hourly(source),
            }),
            Self::Utilization => Some(pricing?.utilization),
            Self::Pue => Some(stated_pue(energy, facts).unwrap_or(1.0)),
            Self::Grid => grid_intensity(energy, facts).map(|(grams, _)| grams * JOULES_PER_KWH),
            Self::Electricity => {
                let region = || facts.grid.as_ref()?.price.as_ref().map(|(price, _)| *price);
                let price = energy.price.or_else(region)?;
                Some(price.get() * JOULES_PER_KWH)
            }
        }
    }

    /// True where two terms have one input in common: the same price of the same purchase, the same region.
    fn states_alike(&self, scenario: &Scenario, (one, other): (u32, u32)) -> bool {
        if one == other {
            return true;
        }
        match self {
            Self::Price(alias) => {
                let paid = |terms| reference(scenario.pricing_at(terms)?, alias);
                paid(one) == paid(other)
            }
            Self::Utilization => true,
            Self::Pue | Self::Grid | Self::Electricity => {
                let (one, other) = (scenario.energy_at(one), scenario.energy_at(other));
                one.region == other.region
                    && one.pue == other.pue
                    && one.price == other.price
                    && one.carbon == other.carbon
            }
        }
    }

    fn set(
        &self,
        pricing: Option<&mut Pricing>,
        (energy, source): (&mut Energy, Option<String>),
        value: f64,
    ) -> Option<()> {
        match self {
            Self::Price(alias) => return set_price(pricing?, alias, value),
            Self::Utilization => pricing?.utilization = value,
            Self::Pue => energy.pue = Some(value),
            Self::Grid => energy.carbon = Some((value / JOULES_PER_KWH, source?)),
            Self::Electricity => energy.price = Some(Money::new(value / JOULES_PER_KWH)),
        }
        Some(())
    }
}

fn hourly(source: &RateSource) -> f64 {
    source.per_second.get() * SECONDS_PER_HOUR
}

/// The price of a node at the reference purchase.
fn reference<'a>(pricing: &'a Pricing, alias: &str) -> Option<Paid<'a>> {
    let rate = pricing.rates.get(alias)?;
    rate.among(&pricing.purchase).next()?.1
}

/// The lowest and the highest price listed for a rented alias.
fn listed(pricing: &Pricing, alias: &str) -> Option<[f64; 2]> {
    // An alias without a reference price has no cost to move.
    match reference(pricing, alias)? {
        Paid::Owned(_) => None,
        Paid::Rented(_) => {
            let hours = || pricing.rates[alias].prices.values().map(hourly);
            Some([
                hours().fold(f64::INFINITY, f64::min),
                hours().fold(0.0, f64::max),
            ])
        }
    }
}

fn set_price(pricing: &mut Pricing, alias: &str, value: f64) -> Option<()> {
    let rate = pricing.rates.get(alias)?;
    let (purchase, paid) = rate.among(&pricing.purchase).next()?;
    let owned = matches!(paid?, Paid::Owned(_));
    let rate = pricing.rates.get_mut(alias)?;
    if owned {
        rate.owned.as_mut()?.capex = Money::new(value);
    } else {
        rate.prices.get_mut(&purchase)?.per_second = Money::new(value / SECONDS_PER_HOUR);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::scenario::{Purchase, Terms};

    fn of(what: What) -> Input {
        Input { what, terms: None }
    }

    fn price(alias: &str) -> Input {
        of(What::Price(alias.to_owned()))
    }

    #[test]
    fn a_moved_input_stands_where_it_was_moved() {
        let (scenario, facts) = (sample::scenario(), Facts::default());
        let context = Context {
            scenario: &scenario,
            facts: &facts,
        };
        for input in Input::all(&scenario, &[("rented", 0), ("owned", 0)]) {
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
        let prices = &mut rates.get_mut("rented").expect("the sample rents it").prices;
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
        assert!((ends(of(What::Pue))[0] - 1.0).abs() < 1e-12);
        assert!((ends(of(What::Utilization))[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_grid_is_moved_where_it_is_and_nowhere_else() {
        let (mut scenario, facts) = (sample::scenario(), Facts::default());
        let terms = |region: &str, grams: f64| Terms {
            name: region.to_owned(),
            pricing: scenario.pricing.clone(),
            energy: Energy {
                region: Some(region.to_owned()),
                carbon: Some((grams, "stated".to_owned())),
                ..scenario.energy.clone()
            },
        };
        scenario.terms = vec![
            terms("north", 1e-6),
            terms("south", 1e-4),
            terms("north", 1e-6),
        ];
        let context = Context {
            scenario: &scenario,
            facts: &facts,
        };
        let all = Input::all(&scenario, &[("rented", 0), ("rented", 1), ("rented", 2)]);
        let grids: Vec<&Input> = all.iter().filter(|input| input.is_grid()).collect();
        assert_eq!(grids.len(), 2, "north is one place");
        assert_eq!(grids[0].name(&scenario), "energy.carbon.intensity at north");
        let moved = grids[0].moved(context, 36.0).expect("it is used");
        let grams = |index: usize| {
            moved.terms[index]
                .energy
                .carbon
                .as_ref()
                .map(|(grams, _)| *grams)
        };
        assert_eq!(grams(0), Some(1e-5));
        assert_eq!((grams(1), grams(2)), (Some(1e-4), Some(1e-5)));
    }
}
