//! Prices and places of points, each read once: axes over `energy.region` and `pricing.purchase`, and expressions of `pricing` and
//! `energy` that name axes, make several of them.

use super::context::Context;
use super::lookups::Facts;
use super::plan::Memo;
use super::schema::Paths;
use super::{
    AxisTarget, AxisValue, Combination, Dependencies, Energy, ExpressionScope, Node, Pricing,
    Terms, apply_section, energy, pricing,
};

/// The sections of a document that say what points cost and where they stand.
const SECTIONS: [&str; 2] = ["pricing", "energy"];

/// True for what says where a point stands, which no prediction depends on.
pub(super) fn is_place(target: &AxisTarget) -> bool {
    match target {
        AxisTarget::Path(path) => path.iter().eq(["energy", "region"]),
        AxisTarget::Model
        | AxisTarget::Hardware
        | AxisTarget::ModelField(_)
        | AxisTarget::HardwareField(_)
        | AxisTarget::LoadMode(_) => false,
    }
}

/// The different prices and places seen so far.
#[derive(Default)]
pub(super) struct Collected {
    memo: Memo,
    /// Position in `terms` of each number of the memo.
    places: Vec<u32>,
    terms: Vec<Terms>,
}

impl Collected {
    /// Position of what a combination costs and where it stands; read where it is new.
    pub fn number(
        &mut self,
        context: &mut Context<'_>,
        (depends, facts): (&Dependencies, &Facts),
        combination: &Combination<'_>,
    ) -> u32 {
        let key = SECTIONS
            .iter()
            .flat_map(|section| depends.memo_key(section, combination));
        let number = match self.memo.number(key) {
            Ok(known) => known,
            Err(new) => {
                let (pricing, energy) = read(context, combination, facts);
                let place = self.place(Terms {
                    name: name(depends, combination),
                    pricing,
                    energy,
                });
                self.places.push(place);
                new
            }
        };
        self.places[number as usize]
    }

    /// Where equal terms stand already, else where these do now.
    fn place(&mut self, terms: Terms) -> u32 {
        let equal = |known: &Terms| known.pricing == terms.pricing && known.energy == terms.energy;
        let known = self.terms.iter().position(equal);
        let place = known.unwrap_or_else(|| {
            self.terms.push(terms);
            self.terms.len() - 1
        });
        place as u32
    }

    /// All of them; `None` where there are none.
    pub fn all(self) -> Option<Vec<Terms>> {
        (!self.terms.is_empty()).then_some(self.terms)
    }
}

/// The values that make these terms, in key order; a model or hardware that an expression names makes none by itself.
fn name(depends: &Dependencies, combination: &Combination<'_>) -> String {
    let mut makes: Vec<(&str, u64)> = Vec::new();
    for section in SECTIONS {
        makes.extend(depends.memo_key(section, combination));
    }
    let values = combination
        .assignments()
        .filter(|assignment| matches!(assignment.target.section(), "energy" | "pricing" | "vars"))
        .filter(|assignment| makes.contains(&(assignment.name, assignment.level)))
        .map(|assignment| AxisValue::of(&assignment.node).to_string());
    values.collect::<Vec<_>>().join(" ")
}

/// What a combination costs and where it stands.
pub(super) fn read(
    context: &mut Context<'_>,
    combination: &Combination<'_>,
    facts: &Facts,
) -> (Option<Pricing>, Energy) {
    let hardware = context
        .document
        .root
        .get("hardware")
        .map_or(&[][..], Node::entries);
    let aliases: Vec<&str> = hardware.iter().map(|entry| entry.key.as_str()).collect();
    let node = section(context, "pricing", (combination, facts));
    let pricing = pricing::read(context, node.as_ref(), &aliases);
    let currency = pricing
        .as_ref()
        .map_or("USD", |prices| prices.currency.as_str())
        .to_owned();
    let node = section(context, "energy", (combination, facts));
    let energy = energy::read(context, node.as_ref(), &currency);
    (pricing, energy)
}

/// A section of a point with its expressions evaluated.
fn section(
    context: &mut Context<'_>,
    key: &str,
    (combination, facts): (&Combination<'_>, &Facts),
) -> Option<Node> {
    let names = facts.of(combination);
    let scope = ExpressionScope {
        names: &names,
        paths: &Paths,
    };
    match apply_section(context.document, combination, key, &scope) {
        Ok(node) => node.filter(|node| !node.is_null()),
        Err(problems) => {
            context.reader.diagnostics.extend(problems);
            None
        }
    }
}
