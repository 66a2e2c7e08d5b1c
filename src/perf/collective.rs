//! The time of an exchange between devices.

use super::spread::{Lane, Spread};
use super::terms::Terms;
use crate::catalog::{Device, FabricKind, Pcie};
use crate::ops::{CollectiveKind, Message};
use crate::record::{NotModelled, TermName};
use crate::scenario::Hardware;
use crate::units::BytesPerSec;

/// How the devices of a replica are wired.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Topology {
    /// Devices that share the links of a node.
    pub node: u32,
    /// One direction of one device's link to its neighbours; `None`: there is none.
    pub intra: Option<BytesPerSec>,
    /// One direction of all network links of a node together; `None`: there is none.
    pub inter: Option<BytesPerSec>,
}

/// How the ranks of a group lie on nodes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Placement {
    /// Nodes that the group spans.
    nodes: f64,
    /// Ranks of the group on each of them.
    local: f64,
}

impl Topology {
    /// The links of a hardware entry: as the scenario states them, else the device's fabric, else its PCI Express link.
    pub fn new(hardware: &Hardware) -> Self {
        let links = &hardware.interconnect;
        let rails = f64::from(links.rails.max(1));
        Self {
            node: hardware.count.max(1),
            intra: links
                .intra
                .as_ref()
                .map(|link| link.bandwidth)
                .or_else(|| neighbours(&hardware.device)),
            inter: links.inter.as_ref().map(|link| link.bandwidth * rails),
        }
    }

    /// Devices of one node, wired as the catalogue states.
    pub fn of_device(device: &Device, devices: u32) -> Self {
        Self {
            node: devices.max(1),
            intra: neighbours(device),
            inter: None,
        }
    }

    /// Where the ranks of a group lie that takes every `stride`-th device.
    fn place(&self, ranks: u32, stride: u32) -> Placement {
        let local = ranks.min((self.node / stride).max(1));
        Placement {
            nodes: f64::from(ranks.div_ceil(local)),
            local: f64::from(local),
        }
    }
}

/// The device's own link to its neighbours.
pub(super) fn neighbours(device: &Device) -> Option<BytesPerSec> {
    let through_host = device.pcie.and_then(Pcie::rate);
    match device.fabric {
        Some(fabric) => match fabric.kind {
            FabricKind::Nvlink | FabricKind::Xgmi | FabricKind::Other => {
                Some(fabric.bandwidth_per_direction)
            }
            FabricKind::Pcie if fabric.bandwidth_per_direction.get() > 0.0 => {
                Some(fabric.bandwidth_per_direction)
            }
            FabricKind::Pcie => through_host,
        },
        None => through_host,
    }
}

/// Start-up and per-byte time of an exchange by two algorithms; the faster one is used, as NCCL does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Exchange {
    ring: Line,
    tree: Line,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Line {
    start: Spread,
    byte: Spread,
}

impl Line {
    fn at(&self, bytes: f64) -> Spread {
        self.start
            .zip(self.byte, |start, byte| start + byte * bytes)
    }
}

/// Start-up seconds and seconds a byte of one algorithm in one lane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Leg {
    start: f64,
    byte: f64,
}

impl Leg {
    /// Seconds for a message.
    pub fn time(&self, bytes: f64) -> f64 {
        self.start + self.byte * bytes
    }
}

impl Exchange {
    /// Both algorithms in one lane; the shorter one is the time.
    pub fn legs(&self, lane: Lane) -> [Leg; 2] {
        [self.ring, self.tree].map(|line| Leg {
            start: line.start.lane(lane),
            byte: line.byte.lane(lane),
        })
    }

    /// Compiles the exchange of a message; its size is left open.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] when the group spans a link whose rate nobody states.
    pub fn new(message: Message, stride: u32, wires: &Wires) -> Result<Self, NotModelled> {
        let ranks = f64::from(message.group.max(1));
        let place = wires.topology.place(message.group.max(1), stride.max(1));
        let rate = wires.rate(message.collective, place)?;
        let pattern = pattern(message.collective, ranks);
        let far_share = (place.nodes - 1.0) / (ranks - 1.0).max(1.0);
        let start = |hops: f64| {
            let far = hops * far_share;
            let near = hops - far;
            let wait = wires
                .link_latency
                .zip(wires.network_latency, |link, network| {
                    near * link + far * network
                });
            wires.base + wait
        };
        let byte = |share: f64| wires.share.map(|reached| share / (reached * rate));
        Ok(Self {
            ring: Line {
                start: start(pattern.ring_hops),
                byte: byte(pattern.ring_share),
            },
            tree: Line {
                start: start(pattern.tree_hops),
                byte: byte(pattern.tree_share),
            },
        })
    }

    /// The time for a size.
    pub fn time(&self, bytes: f64) -> Spread {
        self.ring.at(bytes).min(self.tree.at(bytes))
    }
}

/// Start-ups and shares of the message that cross one device's link.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pattern {
    ring_hops: f64,
    ring_share: f64,
    tree_hops: f64,
    tree_share: f64,
}

/// What an exchange of `p` ranks costs in hops and in bytes, `t = base + hops · α + share · n / W`.
///
/// | Pattern | ring hops | ring share | tree hops | tree share |
/// |---|---|---|---|---|
/// | all-reduce | `2 (p − 1)` | `2 (p − 1) / p` | `2 ⌈log₂ p⌉` | 2 |
/// | all-gather, reduce-scatter | `p − 1` | `(p − 1) / p` | `⌈log₂ p⌉` | `(p − 1) / p` |
/// | all-to-all | 1 | `(p − 1) / p` | 1 | `(p − 1) / p` |
/// | send-receive | 1 | 1 | 1 | 1 |
/// | star | `p − 1` | `(p − 1) / p` | `p − 1` | `(p − 1) / p` |
///
/// Thakur, Rabenseifner, Gropp, "Optimization of Collective Communication Operations in MPICH" (IJHPCA 19(1), 2005), sections
/// 3 and 4 (ring, recursive doubling); trees of NCCL as in its `src/graph/tuning.cc`. Sizes are counted as nccl-tests does. In
/// an all-to-all devices behind a switch send to all others at once.
fn pattern(kind: CollectiveKind, ranks: f64) -> Pattern {
    let others = (ranks - 1.0).max(0.0);
    let depth = libm::ceil(libm::log2(ranks.max(1.0)));
    let part = others / ranks;
    let (ring_hops, ring_share, tree_hops, tree_share) = match kind {
        CollectiveKind::AllReduce => (2.0 * others, 2.0 * part, 2.0 * depth, 2.0),
        CollectiveKind::AllGather | CollectiveKind::ReduceScatter => (others, part, depth, part),
        CollectiveKind::AllToAll => (others.min(1.0), part, others.min(1.0), part),
        CollectiveKind::SendRecv => (1.0, 1.0, 1.0, 1.0),
        CollectiveKind::Star => (others, part, others, part),
    };
    Pattern {
        ring_hops,
        ring_share,
        tree_hops,
        tree_share,
    }
}

/// The share of a message that crosses one device's link in a ring of `ranks`.
pub(super) fn ring_share(kind: CollectiveKind, ranks: f64) -> f64 {
    pattern(kind, ranks).ring_share
}

/// The share that no algorithm spares: where switches add up what passes (`NVLink` SHARP), an all-reduce sends and receives its
/// message once.
pub(super) fn least_share(kind: CollectiveKind, ranks: f64) -> f64 {
    match kind {
        CollectiveKind::AllReduce => ring_share(kind, ranks).min(1.0),
        CollectiveKind::AllGather
        | CollectiveKind::ReduceScatter
        | CollectiveKind::AllToAll
        | CollectiveKind::SendRecv
        | CollectiveKind::Star => ring_share(kind, ranks),
    }
}

/// Links with the terms that say what software reaches on them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wires {
    topology: Topology,
    device: String,
    share: Spread,
    base: Spread,
    link_latency: Spread,
    network_latency: Spread,
}

impl Wires {
    pub fn new(
        topology: Topology,
        device: &Device,
        terms: &Terms<'_>,
    ) -> Result<Self, NotModelled> {
        Ok(Self {
            topology,
            device: device.id.clone(),
            share: terms.get(TermName::LinkBandwidth)?,
            base: terms.get(TermName::CollectiveBase)?,
            link_latency: terms.get(TermName::LinkLatency)?,
            network_latency: terms.get(TermName::NetworkLatency)?,
        })
    }

    /// The rate of one rank, bytes per second.
    ///
    /// A ring through whole nodes has all network links of a node for itself, since every byte crosses each node's border
    /// once; where a group has only some devices of a node, or every device sends for itself, the links are shared.
    fn rate(&self, kind: CollectiveKind, place: Placement) -> Result<f64, NotModelled> {
        let missing = |fact| NotModelled::MissingFact {
            entry: self.device.clone(),
            fact,
        };
        let intra = self.topology.intra.map(BytesPerSec::get);
        if place.nodes <= 1.0 {
            return intra.ok_or_else(|| missing("link between devices"));
        }
        let network = self
            .topology
            .inter
            .ok_or_else(|| missing("link between nodes"))?;
        let share = match kind {
            CollectiveKind::AllReduce
            | CollectiveKind::AllGather
            | CollectiveKind::ReduceScatter => place.local / f64::from(self.topology.node),
            CollectiveKind::AllToAll | CollectiveKind::SendRecv | CollectiveKind::Star => {
                1.0 / f64::from(self.topology.node)
            }
        };
        let inter = network.get() * share;
        Ok(intra.map_or(inter, |intra| {
            if place.local > 1.0 {
                intra.min(inter)
            } else {
                inter
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, pack};
    use super::*;
    use crate::ops::GroupKind;
    use crate::units::Bytes;

    fn all_reduce(group: u32, nodes: u32) -> Exchange {
        let device = h100();
        let pack = pack();
        let terms = Terms::new(&pack, &device);
        let topology = Topology {
            node: group / nodes,
            intra: Some(BytesPerSec::new(450e9)),
            inter: Some(BytesPerSec::new(400e9)),
        };
        let wires = Wires::new(topology, &device, &terms).expect("all terms are there");
        let message = Message {
            collective: CollectiveKind::AllReduce,
            bytes: Bytes::ZERO,
            group,
            dimension: GroupKind::Tensor,
        };
        Exchange::new(message, 1, &wires).expect("links are stated")
    }

    #[test]
    fn a_large_all_reduce_runs_at_bus_bandwidth() {
        // 1 GB over 8 devices: 2 · 7/8 GB cross each link of 450 GB/s times the reached share.
        let share = 0.75;
        let time = all_reduce(8, 1).time(1e9).value();
        assert!((time - (1.75e9 / (share * 450e9) + 6.6e-6 + 14.0 * 0.6e-6)).abs() < 1e-6);
    }

    #[test]
    fn a_small_all_reduce_takes_the_tree() {
        let time = all_reduce(8, 1).time(8.0).value();
        assert!((time - (6.6e-6 + 6.0 * 0.6e-6)).abs() < 1e-8, "{time}");
    }

    #[test]
    fn another_node_makes_it_slower() {
        let (one, two) = (all_reduce(8, 1).time(1e6), all_reduce(8, 2).time(1e6));
        assert!(two.value() > one.value() && two.slow() > one.slow());
    }
}
