//! (in work)

mod parallel;
pub mod validate;
