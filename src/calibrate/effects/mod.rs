//! Measured runs become shifts of terms.
//!
//! A run says one number, such as the time of a token; how it moves with each term is learnt from the equations themselves, by
//! asking them again with the term moved a little. Shifts of all scopes are then one ridge regression on logarithms of
//! measured over predicted, shrunk to zero, solved again where the equations bend (Gauss and Newton's method). Narrow scopes
//! are shrunk to wide ones, because a shift that many devices share is cheaper in a wide scope.
//!
//! Invariants: held-out rows move nothing; sums run in the order of rows; a term without evidence stays as cited.

mod account;
mod account_text;
mod cross;
mod fit;
mod linear;
mod own;
mod row;
mod scopes;

pub use account::{ColumnErrors, LeftOut, RunsAccount, Shots};
pub use account_text::{runs_readme, runs_text};
pub use cross::{CrossFit, Denied, Folds};
pub use fit::{Fitted, Runs, effects_of, fit};
pub use own::{fit_own, own_effects};
pub use row::{RunRow, RunRows};
pub use scopes::{FITTED, prior};
