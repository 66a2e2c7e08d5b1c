//! Exchanges between ranks as stand-alone operators.

use super::{CollectiveKind, Cost, GroupKind, Message};
use crate::catalog::Arithmetic;
use crate::units::Bytes;

/// One exchange; see [`Message`] for what `bytes` counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Collective {
    /// Pattern.
    pub kind: CollectiveKind,
    /// Size.
    pub bytes: f64,
    /// Ranks.
    pub group: u32,
    /// Which group.
    pub dimension: GroupKind,
}

impl Collective {
    /// What it costs: a message, nothing else.
    pub fn cost(&self) -> Cost {
        let message = Message {
            collective: self.kind,
            bytes: Bytes::new(self.bytes),
            group: self.group,
            dimension: self.dimension,
        };
        Cost {
            message: Some(message),
            ..Cost::none(Arithmetic::Bf16)
        }
    }
}
