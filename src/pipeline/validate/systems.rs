//! Equal systems of many rows, once each.

use std::collections::HashMap;

use crate::catalog::Precision;
use crate::scenario::{Deployment, LlmWorkload, RuntimeName, System};

/// What of a system decides its predictions, as rows can state it.
#[derive(Debug, PartialEq, Eq, Hash)]
struct SystemKey {
    model: String,
    weights_bits: Option<u64>,
    hardware: String,
    count: u32,
    nodes: u32,
    power_limit_bits: Option<u64>,
    precision: Precision,
    runtime: RuntimeName,
    program: String,
    version: Option<String>,
    options: String,
    deployment: Deployment,
}

/// Different systems in the order they were first seen.
#[derive(Default)]
pub(super) struct Systems {
    places: HashMap<SystemKey, usize>,
    list: Vec<System>,
}

impl Systems {
    /// The position of an equal system; a new one is added.
    pub fn place(&mut self, system: &System) -> usize {
        let key = SystemKey {
            model: system.model.identity.clone(),
            weights_bits: system
                .model
                .weights_bytes
                .map(|bytes| bytes.get().to_bits()),
            hardware: system.hardware.identity.clone(),
            count: system.hardware.count,
            nodes: system.hardware.nodes,
            power_limit_bits: system
                .hardware
                .power_limit
                .map(|limit| limit.get().to_bits()),
            precision: system.precision,
            runtime: system.runtime.name,
            program: system.runtime.program.clone(),
            version: system.runtime.version.clone(),
            options: format!("{:?}", system.runtime.options),
            deployment: system.deployment,
        };
        let next = self.list.len();
        *self.places.entry(key).or_insert_with(|| {
            self.list.push(system.clone());
            next
        })
    }

    /// All of them.
    pub fn list(&self) -> &[System] {
        &self.list
    }
}

/// A text that equal workloads share; floats print so that they read back.
pub(super) fn workload_key(workload: &LlmWorkload) -> String {
    format!("{workload:?}")
}
