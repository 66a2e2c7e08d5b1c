//! The points of a matrix, computed when they are asked for.

use std::borrow::Cow;

use super::axes::{Axis, Product};
use super::entries::Include;
use super::same::same_slot;
use crate::diag::Diagnostics;
use crate::scenario::{Assignment, Combination, Origin};

/// Every point of a matrix, in order: the product first, then those that `include` creates.
#[derive(Debug, Clone)]
pub struct Expansion {
    pub(super) product: Product,
    /// Combinations of the product.
    pub(super) combinations: u64,
    /// Positions in the product that `exclude` leaves; `None`: all.
    pub(super) left: Option<Vec<u32>>,
    pub(super) includes: Vec<Include>,
    /// Entries of `include` that are points of their own.
    pub(super) created: Vec<usize>,
    /// Excludes that remove nothing.
    pub warnings: Diagnostics,
}

impl Expansion {
    /// How many points there are.
    pub fn len(&self) -> u64 {
        self.product_points() + self.created.len() as u64
    }

    /// False: a matrix without points is an error.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The axes in key order: those of `axes`, then zip fields.
    pub fn axes(&self) -> &[Axis] {
        &self.product.axes
    }

    /// What the point at a position sets.
    ///
    /// # Panics
    ///
    /// When `index` is not below [`Expansion::len`].
    pub fn combination(&self, index: u64) -> Combination<'_> {
        match index.checked_sub(self.product_points()) {
            Some(created) => self.created_by(self.created[created as usize]),
            None => self.of_product(self.position(index)),
        }
    }

    /// All points in order.
    pub fn iter(&self) -> impl Iterator<Item = Combination<'_>> {
        (0..self.len()).map(|index| self.combination(index))
    }

    /// Names of the fields that points of `include` set beside the axes.
    pub fn created_fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        for index in &self.created {
            for (name, _, _) in &self.includes[*index].extra {
                if !fields.contains(&name.as_str()) {
                    fields.push(name);
                }
            }
        }
        fields
    }

    fn product_points(&self) -> u64 {
        self.left
            .as_ref()
            .map_or(self.combinations, |left| left.len() as u64)
    }

    fn position(&self, index: u64) -> u64 {
        self.left
            .as_ref()
            .map_or(index, |left| u64::from(left[index as usize]))
    }

    fn of_product(&self, position: u64) -> Combination<'_> {
        let levels = self.product.levels(position);
        let values = self
            .axes()
            .iter()
            .map(|axis| {
                let level = levels[axis.factor];
                assign(axis, axis.value(level), level)
            })
            .collect();
        let mut extra: Vec<Assignment<'_>> = Vec::new();
        for (index, include) in self.includes.iter().enumerate() {
            if self.created.binary_search(&index).is_ok() || !include.pattern.matches(&levels) {
                continue;
            }
            for added in include.extra(index) {
                match extra
                    .iter_mut()
                    .find(|old| same_slot(old.target, added.target))
                {
                    Some(old) => *old = added,
                    None => extra.push(added),
                }
            }
        }
        Combination {
            values,
            extra,
            origin: Origin::Product,
        }
    }

    fn created_by(&self, index: usize) -> Combination<'_> {
        let include = &self.includes[index];
        let values = include
            .values
            .iter()
            .map(|(position, node)| {
                let axis = &self.axes()[*position];
                assign(axis, Cow::Borrowed(node), axis.len() + index as u64)
            })
            .collect();
        let extra = include.extra(index).collect();
        Combination {
            values,
            extra,
            origin: Origin::Include,
        }
    }
}

fn assign<'e>(axis: &'e Axis, node: Cow<'e, crate::scenario::Node>, level: u64) -> Assignment<'e> {
    Assignment {
        name: &axis.name,
        target: &axis.target,
        node,
        level,
    }
}

impl Product {
    /// The level of every factor at a position; the first factor varies slowest.
    pub fn levels(&self, position: u64) -> Vec<u64> {
        let mut levels = vec![0; self.factors.len()];
        let mut rest = position;
        for (level, factor) in levels.iter_mut().zip(&self.factors).rev() {
            *level = rest % factor.len;
            rest /= factor.len;
        }
        levels
    }
}

impl Include {
    fn extra(&self, index: usize) -> impl Iterator<Item = Assignment<'_>> {
        self.extra
            .iter()
            .map(move |(name, target, node)| Assignment {
                name,
                target,
                node: Cow::Borrowed(node),
                level: index as u64,
            })
    }
}
