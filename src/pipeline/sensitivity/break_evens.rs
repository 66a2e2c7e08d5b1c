//! Where the answer changes: inputs are moved outwards until it does, and the place is found by bisection.

use super::bench::{Bench, Moved};
use crate::analyse::{Decided, Input};
use crate::pipeline::parallel;
use crate::record::{BreakEven, Flip};
use crate::scenario::{LoadMode, SearchedLoad, Workload};
use crate::stats::math::sqrt;

/// An input is moved at most this many steps of a factor of `√2`: to sixteen times its value or a sixteenth of it.
const STEPS: i32 = 8;
/// Halvings of the last step; 2⁻²⁴ of it is far below what is printed.
const HALVINGS: u32 = 24;
/// Halvings for a rate, each of which predicts all points again.
const LOAD_HALVINGS: u32 = 10;

/// What is moved, and how.
enum Knob {
    Input(Input),
    Load(SearchedLoad),
}

/// The nearest break-evens of prices, utilisation and load, in that order; at most one either way for each.
pub fn break_evens(bench: &Bench<'_>, inputs: &[Input]) -> Vec<BreakEven> {
    let of_carbon = bench.question.objective.starts_with("carbon");
    let prices = inputs
        .iter()
        .filter(|input| input.is_of_money() || (of_carbon && input.is_grid()));
    let mut knobs: Vec<(Knob, f64)> = prices
        .filter_map(|input| Some((Knob::Input(input.clone()), input.base(bench.context)?)))
        .collect();
    knobs.extend(load(bench).map(|(load, value)| (Knob::Load(load), value)));
    let found = parallel::map(&knobs, |(knob, base)| {
        let side = |factor| knob.seek(bench, *base, factor);
        [side(sqrt(0.5)), side(sqrt(2.0))]
    });
    found.into_iter().flatten().flatten().collect()
}

/// The load of the chosen point, where it is a number that can be moved.
fn load(bench: &Bench<'_>) -> Option<(SearchedLoad, f64)> {
    let chosen = bench.subjects.first()?;
    let Workload::Llm(llm) = &chosen.point.workload else {
        return None;
    };
    match &llm.load.mode {
        LoadMode::Concurrency(users) => Some((SearchedLoad::Concurrency, *users as f64)),
        LoadMode::RequestRate { rate, .. } => Some((SearchedLoad::RequestRate, *rate)),
        LoadMode::BatchSize(_)
        | LoadMode::SingleStream
        | LoadMode::MultiStream(_)
        | LoadMode::Offline
        | LoadMode::Ramp { .. }
        | LoadMode::Trace(_) => None,
    }
}

/// A bench with what its points are before anything is moved, by the path that a knob takes.
struct Before<'b, 'a> {
    bench: &'b Bench<'a>,
    unmoved: Vec<Option<Decided>>,
}

impl<'b, 'a> Before<'b, 'a> {
    fn of(bench: &'b Bench<'a>, moved: &Moved) -> Self {
        Self {
            bench,
            unmoved: bench.unmoved(moved),
        }
    }
}

impl Knob {
    /// The first value on one side at which the answer changes.
    fn seek(&self, bench: &Bench<'_>, base: f64, factor: f64) -> Option<BreakEven> {
        if !base.is_finite() || base <= 0.0 {
            return None;
        }
        let bench = &Before::of(bench, &self.moved(bench, base)?);
        if self.flip(bench, base).is_some() {
            return None;
        }
        let mut kept = base;
        for _ in 0..STEPS {
            let next = self.step(kept, factor);
            if next.total_cmp(&kept).is_eq() {
                return None;
            }
            if let Some(flip) = self.flip(bench, next) {
                let (at, flip) = self.bisect(bench, (kept, next), flip);
                return Some(self.found(bench.bench, (base, at), flip));
            }
            kept = next;
        }
        None
    }

    /// The next value outwards; whole numbers go by one at least.
    fn step(&self, kept: f64, factor: f64) -> f64 {
        let next = self.held(kept * factor);
        let is_whole = match self {
            Self::Load(SearchedLoad::Concurrency) => true,
            Self::Load(SearchedLoad::RequestRate) | Self::Input(_) => false,
        };
        if is_whole && factor > 1.0 {
            next.max(kept + 1.0)
        } else {
            next
        }
    }

    /// Between a value that keeps the answer and one that changes it: the nearest found that changes it.
    fn bisect(
        &self,
        bench: &Before<'_, '_>,
        (mut kept, mut changed): (f64, f64),
        mut flip: Flip,
    ) -> (f64, Flip) {
        let halvings = match self {
            Self::Input(_) => HALVINGS,
            Self::Load(_) => LOAD_HALVINGS,
        };
        for _ in 0..halvings {
            let middle = self.held(f64::midpoint(kept, changed));
            if middle.total_cmp(&kept).is_eq() || middle.total_cmp(&changed).is_eq() {
                break;
            }
            match self.flip(bench, middle) {
                Some(found) => (changed, flip) = (middle, found),
                None => kept = middle,
            }
        }
        (changed, flip)
    }

    fn flip(&self, before: &Before<'_, '_>, value: f64) -> Option<Flip> {
        let bench = before.bench;
        let moved = self.moved(bench, value)?;
        bench.flip(&before.unmoved, &bench.after(&moved))
    }

    fn moved(&self, bench: &Bench<'_>, value: f64) -> Option<Moved> {
        Some(match self {
            Self::Input(input) => Moved::Scenario(Box::new(input.moved(bench.context, value)?)),
            Self::Load(load) => Moved::Load(*load, value),
        })
    }

    /// The value that can be taken: shares end at one, requests in flight are whole.
    fn held(&self, value: f64) -> f64 {
        match self {
            Self::Input(input) if input.is_share() => value.min(1.0),
            Self::Input(_) | Self::Load(SearchedLoad::RequestRate) => value,
            Self::Load(SearchedLoad::Concurrency) => libm::round(value).max(1.0),
        }
    }

    fn found(&self, bench: &Bench<'_>, (base, at): (f64, f64), flip: Flip) -> BreakEven {
        let (input, about, unit) = match self {
            Self::Input(input) => (
                input.name(bench.context.scenario),
                input.about(bench.context.scenario),
                input.unit(bench.context.scenario),
            ),
            Self::Load(load) => (
                format!("load.{}", load.axis()),
                match load {
                    SearchedLoad::Concurrency => "requests in flight",
                    SearchedLoad::RequestRate => "requests a second",
                }
                .to_owned(),
                load.unit().to_owned(),
            ),
        };
        BreakEven {
            input,
            about,
            unit,
            base,
            at,
            flip,
        }
    }
}
