//! A measured run of a network, ready to be fitted.

use super::NetworkSuspect;
use crate::perf::{NetworkHeadName, NetworkShape};
use crate::record::{Column, NetworkCall, Sample};

/// A measured run of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct NetworkPoint {
    /// The run.
    pub call: NetworkCall,
    /// Its features.
    pub shape: NetworkShape,
    /// What was measured.
    pub column: Column,
    /// Which head it teaches.
    pub head: NetworkHeadName,
    /// The logarithm of the number, base units.
    pub log: f64,
    /// Its source.
    pub source: String,
    /// Its name, for folds of rows.
    pub id: String,
    /// Whether it may be fitted.
    pub sample: Sample,
    /// What is wrong with it, as far as its row tells.
    pub doubt: Option<NetworkSuspect>,
}

impl NetworkPoint {
    /// What effects have to explain.
    pub fn target(&self) -> f64 {
        self.log - self.head.offset(&self.shape)
    }

    /// The part of a whole, from 0 to below `parts`, that a name falls into.
    pub fn fold(name: &str, parts: u8) -> u8 {
        blake3::hash(name.as_bytes()).as_bytes()[0] % parts
    }
}
