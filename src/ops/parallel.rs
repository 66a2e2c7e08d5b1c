//! How a model is divided over devices.

/// How many devices work together; `tp · pp · dp` is the devices of one replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Parallel {
    /// Tensor parallel.
    pub tp: u32,
    /// Pipeline parallel.
    pub pp: u32,
    /// Data parallel groups inside a replica (attention or training).
    pub dp: u32,
    /// Expert parallel.
    pub ep: u32,
    /// Context parallel.
    pub cp: u32,
}

impl Parallel {
    /// One device.
    pub const ONE: Self = Self {
        tp: 1,
        pp: 1,
        dp: 1,
        ep: 1,
        cp: 1,
    };
}
