//! Systems compiled once and shared by all of their points.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::perf::Server;
use crate::record::{Calibration, NotModelled};
use crate::scenario::{RunPoint, System};

/// Compiled systems, by the identity of their allocation.
#[derive(Default)]
pub struct Servers {
    /// The system is kept beside its server, so that its address stays its own.
    compiled: BTreeMap<usize, (Arc<System>, Result<Server, NotModelled>)>,
}

impl Servers {
    /// Beyond this many the oldest are dropped; a plan whose every point is a system of its own stays bounded.
    const KEPT: usize = 4096;

    /// Compiles every system of `points` that is not compiled yet.
    pub fn compile(&mut self, points: &[RunPoint], pack: &Calibration) {
        if self.compiled.len() > Self::KEPT {
            self.compiled.clear();
        }
        let mut missing = BTreeMap::new();
        for point in points {
            let address = address(&point.system);
            if !self.compiled.contains_key(&address) {
                missing
                    .entry(address)
                    .or_insert_with(|| Arc::clone(&point.system));
            }
        }
        let missing: Vec<Arc<System>> = missing.into_values().collect();
        let servers = super::parallel::map(&missing, |system| Server::new(system, pack));
        for (system, server) in missing.into_iter().zip(servers) {
            self.compiled.insert(address(&system), (system, server));
        }
    }

    /// The server of a point whose system was compiled.
    pub fn get(&self, point: &RunPoint) -> &Result<Server, NotModelled> {
        &self
            .compiled
            .get(&address(&point.system))
            .expect("systems are compiled before their points")
            .1
    }
}

fn address(system: &Arc<System>) -> usize {
    Arc::as_ptr(system) as usize
}
