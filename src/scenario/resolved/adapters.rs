//! Adapters beside a model.

use crate::ops::AdapterTargets;

/// Low-rank adapters of one rank; each request uses one of them, all equally often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Adapters {
    /// Different adapters.
    pub adapters: u32,
    /// Their rank.
    pub rank: u32,
    /// Most different ones in a step; as many are kept in device memory.
    pub max_loras: u32,
    /// What they stand beside.
    pub targets: AdapterTargets,
}
