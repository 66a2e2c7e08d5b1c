//! From estimates to answers: cost, energy, carbon, verdicts, the chosen point, findings.
//!
//! [`point`] turns one [`Estimate`](crate::record::Estimate) into a [`PointResult`](crate::record::PointResult): every
//! estimated column, and what follows from it by the formulas of the metric table. A [`Ledger`] then sees every point
//! once, in any order and in any split, and ends with the answers to the scenario's questions and the findings about its
//! objectives; it keeps a few candidates for each group, never the points. Where a question searches for the highest load, a
//! [`Climb`] says which load to try next and what came out of it, and [`knees`] makes the answers. [`Input`] names prices and
//! factors that an answer may hang on, and [`decided`] what a question makes of a point.
//!
//! Invariants: an interval of an estimate is carried through every formula, never narrowed; a number that is not known
//! is absent with a note, never zero; NaN and infinity are never passed on; nothing here predicts.

mod accuracy;
mod answer;
mod assumed;
mod attainment;
mod battery;
mod bracket;
mod candidate;
mod carbon;
mod climb;
mod columns;
mod copies;
mod decided;
mod facts;
mod fleet;
mod frontier;
mod input;
mod ledger;
mod limits;
mod money;
mod objective;
mod point;
mod power;
mod ranged;
#[cfg(test)]
mod sample;
mod verdict;
mod ways;

pub use accuracy::{Accuracy, FEW, LEVELS, Pair, Rescaling, accuracy};
pub use assumed::assumptions;
pub use climb::{Climb, knees};
pub use copies::{Copies, copies};
pub use decided::{Decided, decided, stands_with};
pub use facts::{EmbodiedFact, Facts, GridFact};
pub use input::Input;
pub use ledger::{Ledger, Matches, Outcome};
pub use point::{Context, point};
pub use ways::payment;
