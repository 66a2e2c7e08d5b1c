//! `$( … )`: numbers, quantities, names, operators and a few functions; no loops, input, clock or randomness.
//!
//! ```text
//! or  <  and  <  not  <  == != < <= > >=  <  + -  <  * / // %  <  unary -  <  ** (to the right)
//! ```
//!
//! `//` and `%` round towards minus infinity. Quantities keep their dimension: those of one kind add and compare, a rate
//! times a time is an amount. Results that are no whole number are rounded to 15 significant digits, so that `0.1 + 0.2`
//! is `0.3`. The text between the parentheses is at most 1 000 bytes long and 64 levels deep.

mod error;
mod eval;
mod operate;
mod parse;
mod template;
mod token;
mod value;

pub(super) use error::ExprError;
pub(super) use eval::{Looked, Lookup};
pub(super) use operate::{are_equal, ordering};
pub(super) use template::{evaluate_scalar, mentions};
pub use value::ExprValue;
