//! Caches in host memory.

use crate::units::Bytes;

/// Host memory beside the cache of each engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KvOffload {
    /// How much of it.
    pub memory: HostMemory,
    /// Which blocks of prompts it holds.
    pub holds: Holds,
    /// What it keeps of interrupted requests.
    pub kept: Kept,
}

/// How much host memory.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HostMemory {
    /// For all devices of one engine together.
    OfEngine(Bytes),
    /// For each device.
    OfDevice(Bytes),
    /// So many times the cache on the device.
    TimesCache(f64),
}

/// Which blocks of prompts are in host memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// None.
    Nothing,
    /// Those that the device evicted.
    Evicted,
    /// Copies of what the device has, and of what it evicted.
    Copies,
}

/// What is kept of the cache of an interrupted request, so that it is not processed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Nothing.
    Nothing,
    /// Whole blocks of its prompt.
    Prompt,
    /// All of it.
    All,
}
