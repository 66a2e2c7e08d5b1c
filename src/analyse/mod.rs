//! (in work)

mod accuracy;

pub use accuracy::{Accuracy, FEW, LEVELS, Pair, Rescaling, accuracy};
