//! Estimates made once: what a simulation depends on as a key, and where its estimate is kept.

use super::estimate::Asked;
use crate::record::{Calibration, Estimate, PREDICTOR_VERSION};
use crate::scenario::{RunPoint, System};

/// Keeps estimates between runs.
///
/// An estimate that is kept must come back to the last bit, or not at all: results do not depend on what is kept.
pub trait Memo: Sync {
    /// What was kept under this key.
    fn get(&self, key: &str) -> Option<Estimate>;
    /// Keeps an estimate; one that cannot be kept is made again next time.
    fn put(&self, key: &str, estimate: &Estimate);

    /// Where closed forms are kept too: in memory alone, as they cost less than reading a file.
    fn closed_forms(&self) -> Option<&dyn Memo> {
        None
    }
}

/// What all points of a run share: the version of the predictor, the pack, and what is asked.
///
/// Simulated estimates are kept; closed forms where [`Memo::closed_forms`] keeps them.
pub(super) struct Keys {
    asked: String,
}

impl Keys {
    /// The shared part of the keys.
    pub fn new(pack: &Calibration, asked: &Asked) -> Self {
        Self {
            asked: format!("{PREDICTOR_VERSION} {} {asked:?}", pack.blake3.hex()),
        }
    }

    /// The key of a point: a hash of its canonical inputs, of every fact its system holds, and of the shared part.
    ///
    /// The facts are those of the resolved system, so that a corrected entry of the catalogue is another key.
    pub fn of(&self, point: &RunPoint, facts: &str) -> String {
        let mut hasher = blake3::Hasher::new();
        for part in [&self.asked, facts, &point.canonical()] {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

/// A digest of everything a system states.
pub(super) fn facts(system: &System) -> String {
    blake3::hash(format!("{system:?}").as_bytes())
        .to_hex()
        .to_string()
}
