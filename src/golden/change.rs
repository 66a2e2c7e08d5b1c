//! One accepted value against the new one.

use super::document::GoldenValue;
use super::tolerance::{agree, rule, words};
use crate::record::{Better, Column, GoldenChange};
use crate::scenario::{GoldenRules, Tolerance};

/// A value that differs by more than its tolerance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Change {
    pub(super) key: String,
    pub(super) column: String,
    pub(super) old: Option<GoldenValue>,
    pub(super) new: Option<GoldenValue>,
    pub(super) tolerance: Tolerance,
}

impl Change {
    /// The difference of one column, where there is one; present against absent is a difference.
    pub(super) fn of(
        rules: &GoldenRules,
        key: &str,
        column: &str,
        old: Option<&GoldenValue>,
        new: Option<&GoldenValue>,
    ) -> Option<Self> {
        let tolerance = rule(rules, column, old.or(new)?);
        let differs = match (old, new) {
            (Some(old), Some(new)) => !agree(old, new, tolerance),
            (Some(_), None) | (None, Some(_)) => tolerance != Tolerance::Ignore,
            (None, None) => false,
        };
        differs.then(|| Self {
            key: key.to_owned(),
            column: column.to_owned(),
            old: old.cloned(),
            new: new.cloned(),
            tolerance,
        })
    }

    /// Change as a share of the accepted number.
    pub(super) fn relative(&self) -> Option<f64> {
        let (old, new) = (number(self.old.as_ref())?, number(self.new.as_ref())?);
        let share = (new - old) / old.abs();
        share.is_finite().then_some(share)
    }

    /// Sorts what is no number first, then the largest relative change.
    pub(super) fn rank(&self) -> f64 {
        self.relative()
            .map_or(f64::NEG_INFINITY, |share| -share.abs())
    }

    pub(super) fn row(&self) -> GoldenChange {
        GoldenChange {
            key: self.key.clone(),
            column: self.column.clone(),
            old: self.old.as_ref().map(ToString::to_string),
            new: self.new.as_ref().map(ToString::to_string),
            change: self.relative(),
            tolerance: words(self.tolerance),
        }
    }
}

pub(super) fn number(value: Option<&GoldenValue>) -> Option<f64> {
    match value? {
        GoldenValue::Number(number) => Some(*number),
        GoldenValue::Flag(_) | GoldenValue::Text(_) => None,
    }
}

/// `better` or `worse` for a change of a column by that share; nothing for columns without a good direction.
pub(super) fn direction(column: &str, change: f64) -> Option<&'static str> {
    let name = column.split('.').next()?;
    let better = name.parse::<Column>().ok()?.metric.better();
    let is_better = match better {
        Better::Lower => change < 0.0,
        Better::Higher => change > 0.0,
        Better::Neither => return None,
    };
    Some(if is_better { "better" } else { "worse" })
}
