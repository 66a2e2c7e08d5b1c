//! Systems compiled once and shared by all of their points.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::memo;
use crate::perf::Server;
use crate::record::{Calibration, NotModelled};
use crate::scenario::{RunPoint, System};

/// A system and the server compiled of it. The system is kept beside its server, so that its address stays its own.
pub struct Compiled {
    system: Arc<System>,
    /// The server, or why there is none.
    pub server: Result<Server, NotModelled>,
    facts: OnceLock<String>,
}

impl Compiled {
    /// A digest of everything the system states, made when it is first asked for.
    pub fn facts(&self) -> &str {
        self.facts.get_or_init(|| memo::facts(&self.system))
    }
}

/// Compiled systems, by the identity of their allocation.
#[derive(Default)]
pub struct Servers {
    compiled: BTreeMap<usize, Compiled>,
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
            let compiled = Compiled {
                system: Arc::clone(&system),
                server,
                facts: OnceLock::new(),
            };
            self.compiled.insert(address(&system), compiled);
        }
    }

    /// What was compiled of a point's system.
    pub fn get(&self, point: &RunPoint) -> &Compiled {
        self.compiled
            .get(&address(&point.system))
            .expect("systems are compiled before their points")
    }
}

fn address(system: &Arc<System>) -> usize {
    Arc::as_ptr(system) as usize
}
