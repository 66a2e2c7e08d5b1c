//! The expanded matrix: an ordered list of points that are made when they are asked for.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::{Expansion, Filter, RunPoint, System, Workload, key};
use crate::diag::Diagnostic;

/// A system or workload, and why this version cannot predict it where it cannot.
#[derive(Debug, Clone)]
pub(super) struct Part<T> {
    /// What points share.
    pub value: T,
    /// What is not modelled. Boxed, as a plan may hold a million parts and hardly ever one of these.
    pub unmodelled: Option<Box<Diagnostic>>,
}

/// Which system, workload and terms a combination has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made {
    /// Position of its system.
    pub system: u32,
    /// Position of its workload.
    pub workload: u32,
    /// Position of its prices and place.
    pub terms: u32,
}

/// The points of a scenario, in order.
///
/// Systems and workloads are kept once each, however many points share them; a point costs twelve bytes until it is asked
/// for. A selection shares everything with the plan it was made from.
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) expansion: Arc<Expansion>,
    pub(super) systems: Arc<[Part<Arc<System>>]>,
    pub(super) workloads: Arc<[Part<Workload>]>,
    /// System, workload and terms of every combination.
    pub(super) parts: Arc<[Made]>,
    /// Combinations that are points, in order; `None`: all.
    pub(super) chosen: Option<Arc<[u32]>>,
}

impl Plan {
    /// How many points there are.
    pub fn len(&self) -> u64 {
        self.chosen
            .as_ref()
            .map_or(self.parts.len(), |chosen| chosen.len()) as u64
    }

    /// True when a selection left nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The point at a position of this plan. Its `index` is its position in the whole plan.
    ///
    /// # Panics
    ///
    /// When `position` is not below [`Plan::len`].
    pub fn point(&self, position: u64) -> RunPoint {
        let index = self.index(position);
        let combination = self.expansion.combination(u64::from(index));
        let axes = key::axes(&combination);
        let Made {
            system,
            workload,
            terms,
        } = self.parts[index as usize];
        RunPoint {
            index: u64::from(index),
            key: key::key(&axes),
            axes,
            system: Arc::clone(&self.systems[system as usize].value),
            workload: self.workloads[workload as usize].value.clone(),
            terms,
        }
    }

    /// [`RunPoint::terms`] of the point with that [`RunPoint::index`].
    pub fn terms(&self, index: u64) -> u32 {
        self.parts[index as usize].terms
    }

    /// The point with that [`RunPoint::index`], whether or not this selection holds it.
    pub fn at(&self, index: u64) -> RunPoint {
        let whole = Self {
            chosen: None,
            ..self.clone()
        };
        whole.point(index)
    }

    /// The points at these positions, in order.
    pub fn points(&self, positions: Range<u64>) -> impl Iterator<Item = RunPoint> + '_ {
        positions.map(|position| self.point(position))
    }

    /// All points, in order.
    pub fn iter(&self) -> impl Iterator<Item = RunPoint> + '_ {
        self.points(0..self.len())
    }

    /// The points that a filter chooses, in order.
    #[must_use]
    pub fn select(&self, filter: &Filter) -> Self {
        let chosen: Vec<u32> = (0..self.len())
            .map(|position| self.index(position))
            .filter(|index| {
                filter.matches(&key::axes(&self.expansion.combination(u64::from(*index))))
            })
            .collect();
        Self {
            chosen: Some(chosen.into()),
            ..self.clone()
        }
    }

    /// The different systems of the whole plan.
    pub fn systems(&self) -> impl Iterator<Item = &Arc<System>> {
        self.systems.iter().map(|part| &part.value)
    }

    /// Names that filters may use: the axes, and fields that entries of `include` name.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields: Vec<&str> = self
            .expansion
            .axes()
            .iter()
            .map(|axis| axis.name.as_str())
            .collect();
        for name in self.expansion.created_fields() {
            if !fields.contains(&name) {
                fields.push(name);
            }
        }
        fields
    }

    fn index(&self, position: u64) -> u32 {
        self.chosen
            .as_ref()
            .map_or(position as u32, |chosen| chosen[position as usize])
    }
}

/// What this version has no model for, where the points of a plan ask for it: one finding for the scenario.
///
/// Reading, checking and planning do not fail on it; predicting must ask first.
pub fn not_modelled(plan: &Plan) -> Option<Diagnostic> {
    (0..plan.len()).find_map(|position| {
        let Made {
            system, workload, ..
        } = plan.parts[plan.index(position) as usize];
        let workload = &plan.workloads[workload as usize];
        let system = &plan.systems[system as usize];
        workload
            .unmodelled
            .as_ref()
            .or(system.unmodelled.as_ref())
            .map(|why| (**why).clone())
    })
}

/// Numbers for things that are equal, in the order they were first seen.
#[derive(Debug, Default)]
pub(super) struct Memo {
    names: BTreeMap<String, u32>,
    seen: HashMap<Vec<(u32, u64)>, u32>,
}

impl Memo {
    /// The number of what depends on these assignments; `Err` with the number it gets when it is new.
    pub fn number<'k>(&mut self, key: impl Iterator<Item = (&'k str, u64)>) -> Result<u32, u32> {
        let mut short = Vec::new();
        for (name, level) in key {
            let next = self.names.len() as u32;
            let number = match self.names.get(name) {
                Some(number) => *number,
                None => *self.names.entry(name.to_owned()).or_insert(next),
            };
            short.push((number, level));
        }
        short.sort_unstable();
        short.dedup();
        let next = self.seen.len() as u32;
        match self.seen.entry(short) {
            std::collections::hash_map::Entry::Occupied(known) => Ok(*known.get()),
            std::collections::hash_map::Entry::Vacant(free) => Err(*free.insert(next)),
        }
    }
}
