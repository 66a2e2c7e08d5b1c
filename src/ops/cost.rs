//! What an operator costs, before any hardware is known.

use std::ops::{Add, Mul};

use crate::catalog::Arithmetic;
use crate::units::{Bytes, Flops};

/// A communication pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CollectiveKind {
    /// Every rank ends with the sum of all.
    AllReduce,
    /// Every rank ends with the parts of all.
    AllGather,
    /// Every rank ends with its part of the sum.
    ReduceScatter,
    /// Every rank sends a part to every other.
    AllToAll,
    /// One rank sends to the next.
    SendRecv,
    /// One rank exchanges with each of the others in turn: what passes its link is counted as that of an all-gather.
    Star,
}

/// Which division of the model a group of ranks belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKind {
    /// Tensor parallel.
    Tensor,
    /// Expert parallel.
    Expert,
    /// Pipeline parallel.
    Pipeline,
    /// Context parallel.
    Context,
}

/// What a rank exchanges with its group.
///
/// `bytes` counts as nccl-tests does (its `doc/PERFORMANCE.md`): the whole tensor of an all-reduce, the gathered tensor of an
/// all-gather, the tensor before the scatter of a reduce-scatter, what one rank sends in all-to-all and send-receive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Message {
    /// Pattern.
    pub collective: CollectiveKind,
    /// Size.
    pub bytes: Bytes,
    /// Ranks of the group.
    pub group: u32,
    /// Which group.
    pub dimension: GroupKind,
}

/// Work, traffic and message of one call of an operator on one device.
///
/// Each tensor is counted once, as if it were read or written exactly once; caches are the business of `perf`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Operations; a multiply-add counts as two. Element-wise arithmetic is not counted, as in published FLOP counts.
    pub work: Flops,
    /// What they are computed in.
    pub arithmetic: Arithmetic,
    /// Weights that are read.
    pub weight_traffic: Bytes,
    /// Activations that are read and written.
    pub activation_traffic: Bytes,
    /// Cached keys and values, or recurrent states, that are read and written.
    pub kv_traffic: Bytes,
    /// What is exchanged.
    pub message: Option<Message>,
}

impl Cost {
    /// Nothing.
    pub const fn none(arithmetic: Arithmetic) -> Self {
        Self {
            work: Flops::ZERO,
            arithmetic,
            weight_traffic: Bytes::ZERO,
            activation_traffic: Bytes::ZERO,
            kv_traffic: Bytes::ZERO,
            message: None,
        }
    }

    /// All bytes to and from device memory.
    pub fn traffic(&self) -> Bytes {
        self.weight_traffic + self.activation_traffic + self.kv_traffic
    }
}

/// What several operators cost together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Total {
    /// Operations.
    pub work: Flops,
    /// Weights that are read.
    pub weight_traffic: Bytes,
    /// Activations that are read and written.
    pub activation_traffic: Bytes,
    /// Cached keys and values, or recurrent states, that are read and written.
    pub kv_traffic: Bytes,
    /// What is exchanged, all patterns together.
    pub message_bytes: Bytes,
}

impl Total {
    /// All bytes to and from device memory.
    pub fn traffic(&self) -> Bytes {
        self.weight_traffic + self.activation_traffic + self.kv_traffic
    }
}

impl From<Cost> for Total {
    fn from(cost: Cost) -> Self {
        Self {
            work: cost.work,
            weight_traffic: cost.weight_traffic,
            activation_traffic: cost.activation_traffic,
            kv_traffic: cost.kv_traffic,
            message_bytes: cost.message.map_or(Bytes::ZERO, |message| message.bytes),
        }
    }
}

impl Add for Total {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            work: self.work + other.work,
            weight_traffic: self.weight_traffic + other.weight_traffic,
            activation_traffic: self.activation_traffic + other.activation_traffic,
            kv_traffic: self.kv_traffic + other.kv_traffic,
            message_bytes: self.message_bytes + other.message_bytes,
        }
    }
}

impl Mul<f64> for Total {
    type Output = Self;
    fn mul(self, times: f64) -> Self {
        Self {
            work: self.work * times,
            weight_traffic: self.weight_traffic * times,
            activation_traffic: self.activation_traffic * times,
            kv_traffic: self.kv_traffic * times,
            message_bytes: self.message_bytes * times,
        }
    }
}

impl std::iter::Sum for Total {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), Add::add)
    }
}
