//! Diagnostics: what is wrong with the user's text, where, and what would be right. Never draws anything.
//!
//! A [`Diagnostic`] names a stable [`Code`]; all problems of a text are reported together through [`Diagnostics`];
//! a result that is usable although something was odd is a [`Warned`].

mod code;
mod diagnostic;
mod suggest;

pub use code::{Code, Group};
pub use diagnostic::{Diagnostic, Diagnostics, Severity, Warned};
pub use suggest::suggest;
