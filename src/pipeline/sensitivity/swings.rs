//! Every input with a stated range, moved alone to both ends.

use std::collections::BTreeMap;

use super::bench::{Bench, Moved};
use crate::analyse::Input;
use crate::perf::Terms;
use crate::pipeline::parallel;
use crate::record::{
    Calibration, EffectScope, Effects, MOST_SWINGS, Swing, SwingEnd, TermName, TermPlace,
    TermRange, shift_between,
};

/// An input with its range.
struct Movable {
    name: String,
    about: String,
    unit: String,
    base: f64,
    ends: [f64; 2],
    what: What,
}

enum What {
    Term(TermName),
    Input(Input),
}

/// The largest swings, largest first; those that change the answer are kept before others.
pub fn swings(bench: &Bench<'_>, inputs: &[Input], value: f64) -> Vec<Swing> {
    let mut movables = terms(bench);
    movables.extend(inputs.iter().filter_map(|input| of_input(bench, input)));
    let swings = parallel::map(&movables, |movable| movable.swing(bench));
    let mut swings: Vec<Swing> = swings
        .into_iter()
        .filter(|swing| swing.flips() || swing.width(value) > 0.0)
        .collect();
    // Sorting is stable, so equal swings stay in the order of inputs.
    swings.sort_by(|a, b| {
        let by_width = b.width(value).total_cmp(&a.width(value));
        b.flips().cmp(&a.flips()).then(by_width)
    });
    swings.truncate(MOST_SWINGS);
    swings.sort_by(|a, b| b.width(value).total_cmp(&a.width(value)));
    swings
}

/// The terms that hold at the chosen point and have a range there.
fn terms(bench: &Bench<'_>) -> Vec<Movable> {
    let Some(chosen) = bench.subjects.first() else {
        return Vec::new();
    };
    let system = &chosen.point.system;
    let terms = Terms::under(bench.pack, &system.hardware.device, system);
    let of = |name: &TermName| {
        let term = terms.term(*name).ok()?;
        let ends = [term.value.lower, term.value.upper];
        (ends[0] < ends[1]).then(|| Movable {
            name: format!("term.{}", name.name()),
            about: name.meaning().to_owned(),
            unit: unit(*name).to_owned(),
            base: term.value.value,
            ends,
            what: What::Term(*name),
        })
    };
    TermName::ALL.iter().filter_map(of).collect()
}

/// The base unit of a term.
const fn unit(name: TermName) -> &'static str {
    match (name.range(), name) {
        (TermRange::Efficiency | TermRange::Share, _) | (_, TermName::PowerTop) => "1",
        (TermRange::Amount, TermName::ContextMemory) => "B",
        (TermRange::Amount, TermName::HostPower) => "W",
        (TermRange::Amount, _) => "s",
    }
}

fn of_input(bench: &Bench<'_>, input: &Input) -> Option<Movable> {
    Some(Movable {
        name: input.name(bench.context.scenario),
        about: input.about(bench.context.scenario),
        unit: input.unit(bench.context.scenario),
        base: input.base(bench.context)?,
        ends: input.ends(bench.context)?,
        what: What::Input(input.clone()),
    })
}

impl Movable {
    fn swing(&self, bench: &Bench<'_>) -> Swing {
        let ends = self.ends.map(|at| {
            let moved = self.moved(bench, at);
            let outcome = moved.map(|moved| (bench.unmoved(&moved), bench.after(&moved)));
            let value = outcome.as_ref().and_then(|(_, after)| {
                let chosen = after.first()?.as_ref()?;
                Some(chosen.value)
            });
            SwingEnd {
                at,
                value,
                flip: outcome.and_then(|(before, after)| bench.flip(&before, &after)),
            }
        });
        Swing {
            input: self.name.clone(),
            about: self.about.clone(),
            unit: self.unit.clone(),
            base: self.base,
            ends,
        }
    }

    fn moved(&self, bench: &Bench<'_>, at: f64) -> Option<Moved> {
        match &self.what {
            What::Input(input) => {
                let scenario = input.moved(bench.context, at)?;
                Some(Moved::Scenario(Box::new(scenario)))
            }
            What::Term(name) => {
                let shift = shift_between(name.range(), self.base, at)?;
                Some(Moved::Pack(Box::new(shifted_pack(
                    bench.pack, *name, shift,
                ))))
            }
        }
    }
}

/// The pack with one term shifted everywhere.
fn shifted_pack(pack: &Calibration, name: TermName, shift: f64) -> Calibration {
    let everywhere = EffectScope::All
        .key(TermPlace::ANY)
        .expect("the widest scope holds everywhere");
    let mut shifts = [0.0; TermName::ALL.len()];
    shifts[name.index()] = shift;
    let effects = pack
        .effects
        .plus(&Effects::new(BTreeMap::from([(everywhere, shifts)])));
    Calibration {
        effects: std::sync::Arc::new(effects),
        ..pack.clone()
    }
}
