//! How well a fit knows a place.

/// How much of a place a fit has seen, most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EffectSupport {
    /// The model on the device under the program, at loads around the asked one.
    Group,
    /// The device under the program.
    Pair,
    /// The device under another program.
    Device,
    /// Another device of the architecture or class under the program.
    Family,
    /// None of these.
    Nothing,
}

impl EffectSupport {
    /// All, most first.
    pub const ALL: [Self; 5] = [
        Self::Group,
        Self::Pair,
        Self::Device,
        Self::Family,
        Self::Nothing,
    ];

    /// The name as packs write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Pair => "pair",
            Self::Device => "device",
            Self::Family => "family",
            Self::Nothing => "nothing",
        }
    }

    /// What it is, in words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Group => {
                "fitted on this model on this device under this software, at loads around this one"
            }
            Self::Pair => "fitted on this device under this software",
            Self::Device => "fitted on this device under other software",
            Self::Family => "fitted on other devices of this kind under this software",
            Self::Nothing => "not fitted on anything like it",
        }
    }
}
