//! The different systems and workloads of a plan, each resolved once.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::context::Context;
use super::deployment::Purpose;
use super::lookups::Facts;
use super::plan::{Made, Memo, Part};
use super::resolve::Asked;
use super::schema::{self, Paths};
use super::system::{self, Given};
use super::terms;
use super::{
    Combination, Dependencies, Expansion, ExpressionScope, Pricing, Rate, System, Terms, Workload,
    apply_section, identity, workload,
};

/// The different systems, workloads and terms of a plan, and which of them each combination has.
pub(super) struct Parts {
    /// Systems.
    pub systems: Vec<Part<Arc<System>>>,
    /// Workloads.
    pub workloads: Vec<Part<Workload>>,
    /// Prices and places.
    pub terms: Vec<Terms>,
    /// System, workload and terms of every combination.
    pub of: Vec<Made>,
}

/// Resolves every different system and workload once; `None` where one of them is wrong.
pub(super) fn resolve(
    context: &mut Context<'_>,
    expansion: &Expansion,
    facts: &Facts,
    asked: Asked,
) -> Option<Parts> {
    let depends = Dependencies::of(context.document, &Paths);
    let given = Given {
        facts,
        purpose: if asked == Asked::Training {
            Purpose::Training
        } else {
            Purpose::Serving
        },
        generates: asked == Asked::Text,
    };
    let (mut systems, mut workloads) = (Vec::new(), Vec::new());
    let (mut system_memo, mut workload_memo) = (Memo::default(), Memo::default());
    let mut priced = terms::Collected::default();
    let mut of = Vec::new();
    for combination in expansion.iter() {
        let key = system_key(&depends, &combination);
        let system = system_memo.number(key).unwrap_or_else(|new| {
            systems.push(system::resolve(context, &combination, &given));
            new
        });
        let key = depends.memo_key("workload", &combination).into_iter();
        let workload = workload_memo.number(key).unwrap_or_else(|new| {
            workloads.push(one_workload(context, &combination, facts));
            new
        });
        let terms = priced.number(context, (&depends, facts), &combination);
        of.push(Made {
            system,
            workload,
            terms,
        });
    }
    let systems: Option<Vec<_>> = systems.into_iter().collect();
    let workloads: Option<Vec<_>> = workloads.into_iter().collect();
    let systems = systems?.into_iter().map(|resolved| Part {
        value: Arc::new(resolved.system),
        unmodelled: resolved.unmodelled.map(Box::new),
    });
    Some(Parts {
        systems: systems.collect(),
        workloads: workloads?,
        terms: priced.all()?,
        of,
    })
}

/// What a system depends on. Where a point stands is no part of it: heat alone is, of `energy`.
fn system_key<'c>(
    depends: &'c Dependencies,
    combination: &'c Combination<'_>,
) -> impl Iterator<Item = (&'c str, u64)> {
    let places: Vec<&str> = if depends.stands_alone("energy") {
        combination
            .assignments()
            .filter(|assignment| terms::is_place(assignment.target))
            .map(|assignment| assignment.name)
            .collect()
    } else {
        Vec::new()
    };
    system::SECTIONS.iter().flat_map(move |section| {
        let mut key = depends.memo_key(section, combination);
        if *section == "energy" {
            key.retain(|(name, _)| !places.contains(name));
        }
        key
    })
}

fn one_workload(
    context: &mut Context<'_>,
    combination: &Combination<'_>,
    facts: &Facts,
) -> Option<Part<Workload>> {
    let names = facts.of(combination);
    let scope = ExpressionScope {
        names: &names,
        paths: &Paths,
    };
    match apply_section(context.document, combination, "workload", &scope) {
        Ok(node) => {
            let node = node?;
            schema::check_section("workload", &node, &mut context.reader);
            let value = workload::read(context, &node)?;
            let unmodelled = workload::unmodelled(&node).map(Box::new);
            Some(Part { value, unmodelled })
        }
        Err(problems) => {
            context.reader.diagnostics.extend(problems);
            None
        }
    }
}

/// Combinations that differ from all before them, and the first pair that does not; `None` where all differ. Points on
/// hardware of another price are different points, although they are predicted alike.
pub(super) fn without_repeats(
    parts: &Parts,
    prices: Option<&Pricing>,
) -> Option<(Vec<u32>, (u32, u32))> {
    let no_prices = BTreeMap::new();
    let rates = prices.map_or(&no_prices, |prices| &prices.rates);
    // Where prices and places vary, each of them makes points of its own.
    let mut priced: Vec<Option<&Rate>> = Vec::new();
    let mut classes = HashMap::new();
    let systems: Vec<(u32, usize)> = parts
        .systems
        .iter()
        .map(|part| {
            let rate = rates.get(&part.value.hardware_alias);
            let price = priced
                .iter()
                .position(|known| *known == rate)
                .unwrap_or_else(|| {
                    priced.push(rate);
                    priced.len() - 1
                });
            (
                class(&mut classes, &identity::of_system(&part.value)),
                price,
            )
        })
        .collect();
    let mut classes = HashMap::new();
    let workloads: Vec<u32> = parts
        .workloads
        .iter()
        .map(|part| class(&mut classes, &identity::of_workload(&part.value)))
        .collect();
    let mut seen = Seen::of(&systems, &workloads, &parts.of);
    let (mut kept, mut pair) = (Vec::new(), None);
    for (index, made) in parts.of.iter().enumerate() {
        let index = index as u32;
        let inputs = (
            systems[made.system as usize],
            workloads[made.workload as usize],
            made.terms,
        );
        match seen.first(inputs, index) {
            Some(first) => pair = pair.or(Some((first, index))),
            None => kept.push(index),
        }
    }
    pair.map(|pair| (kept, pair))
}

/// The first combination with the same inputs, for each that was seen.
enum Seen {
    /// By place, where most places are taken: a sweep of millions is not hashed.
    Placed {
        counts: (usize, usize, usize),
        first: Vec<u32>,
    },
    /// By inputs.
    Hashed(HashMap<Inputs, u32>),
}

/// Class and price of a system, class of a workload, terms.
type Inputs = ((u32, usize), u32, u32);

impl Seen {
    /// Stands for no combination.
    const FREE: u32 = u32::MAX;

    fn of(systems: &[(u32, usize)], workloads: &[u32], made: &[Made]) -> Self {
        let classes = systems.iter().map(|(class, _)| *class as usize + 1).max();
        let prices = systems.iter().map(|(_, price)| price + 1).max();
        let workloads = workloads.iter().map(|class| *class as usize + 1).max();
        let terms = made.iter().map(|made| made.terms as usize + 1).max();
        let (Some(classes), Some(prices), Some(workloads), Some(terms)) =
            (classes, prices, workloads, terms)
        else {
            return Self::Hashed(HashMap::new());
        };
        let places = [prices, workloads, terms]
            .into_iter()
            .try_fold(classes, usize::checked_mul)
            .filter(|places| *places <= made.len().saturating_mul(4));
        places.map_or_else(
            || Self::Hashed(HashMap::new()),
            |places| Self::Placed {
                counts: (prices, workloads, terms),
                first: vec![Self::FREE; places],
            },
        )
    }

    /// The first combination with these inputs; `None` where this is the first.
    fn first(&mut self, inputs: Inputs, index: u32) -> Option<u32> {
        match self {
            Self::Placed {
                counts: (prices, workloads, terms),
                first,
            } => {
                let ((class, price), workload, term) = inputs;
                let system = class as usize * *prices + price;
                let place = (system * *workloads + workload as usize) * *terms + term as usize;
                let found = first[place];
                if found == Self::FREE {
                    first[place] = index;
                    None
                } else {
                    Some(found)
                }
            }
            Self::Hashed(known) => match known.entry(inputs) {
                Entry::Occupied(first) => Some(*first.get()),
                Entry::Vacant(free) => {
                    free.insert(index);
                    None
                }
            },
        }
    }
}

/// The class of a canonical text; its hash stands for it, so that a million texts stay small.
fn class(known: &mut HashMap<blake3::Hash, u32>, canonical: &str) -> u32 {
    let next = known.len() as u32;
    *known
        .entry(blake3::hash(canonical.as_bytes()))
        .or_insert(next)
}
