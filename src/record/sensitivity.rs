//! What would change an answer: how its deciding number moves with each input, and where another option wins.

use crate::scenario::AxisValue;

/// Inputs of an answer that are kept, the largest swings first.
pub const MOST_SWINGS: usize = 8;

/// How the answer of one group moves with its inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Sensitivity {
    /// Name of the question.
    pub question: String,
    /// Values of its `per` axes.
    pub group: Vec<(String, AxisValue)>,
    /// Key of the chosen point.
    pub key: String,
    /// The column that decides.
    pub column: String,
    /// Its unit; the currency code for money.
    pub unit: String,
    /// The number of the chosen point with nothing moved.
    pub value: f64,
    /// Points that may take its place: the second best, and the best on other hardware.
    pub rivals: Vec<Rival>,
    /// How moved numbers were made.
    pub method: SensitivityMethod,
    /// The largest swings, at most [`MOST_SWINGS`].
    pub swings: Vec<Swing>,
    /// The nearest values of inputs at which the answer changes.
    pub break_evens: Vec<BreakEven>,
}

/// A point that may take the place of the chosen one.
#[derive(Debug, Clone, PartialEq)]
pub struct Rival {
    /// Its key.
    pub key: String,
    /// Its number with nothing moved.
    pub value: f64,
}

/// How the numbers of moved terms and loads are made. Those of moved prices, utilisation and grids are always exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SensitivityMethod {
    /// As the points themselves were predicted.
    Exact,
    /// The points were simulated; their numbers are changed in the proportion in which those of the closed form change.
    Relative,
}

/// One input moved alone to both ends of its stated range.
#[derive(Debug, Clone, PartialEq)]
pub struct Swing {
    /// The input, `term.weight_bandwidth`, `pricing.rates.h100`.
    pub input: String,
    /// What it is, in words.
    pub about: String,
    /// Its unit.
    pub unit: String,
    /// Where it stands.
    pub base: f64,
    /// Its lower and its upper end.
    pub ends: [SwingEnd; 2],
}

impl Swing {
    /// How far the ends lie from each other and from `base`, the deciding number with nothing moved.
    pub fn width(&self, base: f64) -> f64 {
        let values = || self.ends.iter().map(|end| end.value.unwrap_or(base));
        let (lo, hi) = values().fold((base, base), |(lo, hi), value| {
            (lo.min(value), hi.max(value))
        });
        hi - lo
    }

    /// True where an end changes the answer.
    pub fn flips(&self) -> bool {
        self.ends.iter().any(|end| end.flip.is_some())
    }
}

/// What comes of one end.
#[derive(Debug, Clone, PartialEq)]
pub struct SwingEnd {
    /// The input there.
    pub at: f64,
    /// The deciding number of the chosen point there; `None` where it has none.
    pub value: Option<f64>,
    /// How that changes the answer, if it does.
    pub flip: Option<Flip>,
}

/// How an answer changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flip {
    /// The point of this key becomes better.
    Rival(String),
    /// The chosen point no longer meets this objective.
    Objective(String),
}

/// A value of an input from which on the answer changes, all others as they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct BreakEven {
    /// The input, as in [`Swing`], and `load.concurrency` and `load.request_rate`.
    pub input: String,
    /// What it is, in words.
    pub about: String,
    /// Its unit.
    pub unit: String,
    /// Where it stands.
    pub base: f64,
    /// Where the answer changes: above it when it lies above `base`, below it when below.
    pub at: f64,
    /// How.
    pub flip: Flip,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swing_is_as_wide_as_its_ends_and_the_base_lie_apart() {
        let end = |value| SwingEnd {
            at: 1.0,
            value,
            flip: None,
        };
        let swing = |ends| Swing {
            input: "energy.pue".to_owned(),
            about: String::new(),
            unit: "1".to_owned(),
            base: 1.0,
            ends,
        };
        let both_above = swing([end(Some(3.0)), end(Some(4.0))]);
        assert!((both_above.width(2.0) - 2.0).abs() < 1e-12);
        assert!(swing([end(None), end(None)]).width(2.0).abs() < 1e-12);
        assert!(!both_above.flips());
    }
}
