//! A part of a device.

/// What a model has of its devices where other models use them too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeviceShare {
    /// Of the memory.
    pub memory: f64,
    /// Of the time.
    pub time: f64,
}

impl DeviceShare {
    /// The whole device.
    pub const WHOLE: Self = Self {
        memory: 1.0,
        time: 1.0,
    };
}
