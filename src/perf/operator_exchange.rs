//! An exchange between devices of one node as a fit sees it: the time on the wire in the place of arithmetic and memory.

use super::collective::{least_share, neighbours, ring_share};
use super::operator_shape::{Machine, OperatorShape};
use crate::catalog::{Device, Pcie};
use crate::ops::{Kernel, MoeDispatch};
use crate::record::{NotModelled, OperatorPlace};
use crate::stats::math::ln;

/// Ranks of one node that share the links between devices: eight, as in HGX and DGX boards of NVIDIA (user guides of DGX A100 and
/// DGX H100). Larger groups cross a network that kernel tables do not state.
const NODE: u32 = 8;

/// How the devices of a node are wired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wiring {
    /// As the catalogue states, every device to every other.
    Board,
    /// Cards that are bridged in pairs: more than two exchange through their hosts.
    Pairs,
}

impl Wiring {
    /// The wiring of a place.
    pub fn of(place: &OperatorPlace<'_>) -> Self {
        if place.is_paired() {
            Self::Pairs
        } else {
            Self::Board
        }
    }
}

/// The wire of an exchange.
pub(super) struct Wire {
    /// Bytes that cross one device's link in one direction.
    bytes: f64,
    /// Bytes that no algorithm can spare.
    least: f64,
    /// One direction of a device's link, bytes per second.
    rate: f64,
}

impl Wire {
    /// The wire of a kernel that is an exchange, else `None`.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] where the catalogue states no link, or a group is larger than a node.
    pub fn of(
        kernel: &Kernel,
        device: &Device,
        wiring: Wiring,
    ) -> Result<Option<Self>, NotModelled> {
        let Some(message) = kernel.cost().message else {
            return Ok(None);
        };
        let missing = |fact| NotModelled::MissingFact {
            entry: device.id.clone(),
            fact,
        };
        if message.group > NODE {
            return Err(missing("link between nodes"));
        }
        let link = match wiring {
            Wiring::Pairs if message.group > 2 => device.pcie.and_then(Pcie::rate),
            Wiring::Pairs | Wiring::Board => neighbours(device),
        };
        let rate = link.ok_or_else(|| missing("link between devices"))?;
        let ranks = f64::from(message.group);
        let size = message.bytes.get();
        let dispatch = if let Kernel::MoeDispatch(dispatch) = kernel {
            Some(dispatch)
        } else {
            None
        };
        let (bytes, least) = match dispatch {
            // Dispatch may send 8-bit numbers whatever the stream is.
            Some(dispatch) => (sent(dispatch, size), 0.5 * size),
            None => (
                ring_share(message.collective, ranks) * size,
                least_share(message.collective, ranks) * size,
            ),
        };
        Ok(Some(Self {
            bytes: bytes.max(1.0),
            least,
            rate: rate.get(),
        }))
    }

    /// The shape of the exchange. Time on the wire stands where traffic to memory stands elsewhere; arithmetic takes nothing.
    pub fn shape(self, machine: &Machine, sizes: Vec<f64>, traits: Vec<f64>) -> OperatorShape {
        OperatorShape {
            compute: 0.0,
            memory: self.bytes / self.rate,
            bound: self.least / self.rate,
            over_cache: ln(self.bytes / machine.cache),
            sizes,
            traits,
            machine: [
                0.0,
                0.0,
                0.0,
                0.0,
                ln(self.rate),
                ln(machine.memory_rate / self.rate),
            ],
        }
    }
}

/// Bytes that a rank sends. In low-latency mode every pair of a token and an expert travels for itself (`deepseek-ai/DeepEP`,
/// `low_latency_dispatch`); otherwise a token goes once to each rank, as its message counts.
fn sent(dispatch: &MoeDispatch, message: f64) -> f64 {
    if dispatch.processors.is_some() {
        return message;
    }
    let ranks = f64::from(dispatch.ep.max(1));
    let copies = crate::ops::distinct_experts(ranks, 1.0, dispatch.topk).max(1e-9);
    message * (dispatch.topk / copies).max(1.0)
}

/// The size at which the logarithm of a size starts to count.
fn beyond(log: f64, size: f64) -> f64 {
    (log - ln(size)).max(0.0)
}

/// Sizes and features of an exchange of `bytes` between `ranks`. Libraries change protocol and algorithm with the size of a
/// message and the number of ranks (NCCL, `src/graph/tuning.cc`), so that a straight line bends at powers of four.
pub(super) fn of_collective(bytes: f64, ranks: f64) -> (Vec<f64>, Vec<f64>) {
    let (bytes, ranks) = (bytes.max(1.0), ranks.max(1.0));
    let (size, ways) = (ln(bytes), ln(ranks));
    let bends = [12, 14, 16, 18, 20, 22, 24].map(|power| beyond(size, f64::from(1 << power)));
    let crossed = [14, 20, 25].map(|power| ways * beyond(size, f64::from(1 << power)));
    let traits = [ways, size].into_iter().chain(bends).chain(crossed);
    // Another number of ranks is another exchange: it counts as far away.
    let sizes = vec![bytes, ranks * ranks * ranks * ranks];
    (sizes, traits.collect())
}

/// Sizes and features of an exchange around experts.
pub(super) fn of_dispatch(call: &MoeDispatch) -> (Vec<f64>, Vec<f64>) {
    let processors = f64::from(call.processors.unwrap_or(1)).max(1.0);
    let [tokens, hidden, topk, experts] =
        [call.tokens, call.hidden, call.topk, call.experts].map(|size| size.max(1.0));
    let ranks = f64::from(call.ep.max(1));
    let flag = |holds: bool| f64::from(u8::from(holds));
    let length = ln(tokens);
    let many = beyond(length, 32.0);
    let lone = flag(experts <= ranks);
    let traits = vec![
        length,
        ln(hidden),
        ln(topk),
        ln(experts),
        ln(processors),
        many,
        beyond(length, 256.0),
        beyond(length, 2048.0),
        ln(processors) * beyond(length, 64.0),
        many * ln(topk),
        many * ln(experts),
        beyond(length + ln(topk), experts),
        beyond(ln(experts), 64.0),
        ln(topk.min(ranks)),
        lone,
        lone * many,
        flag(topk <= 2.0) * many,
    ];
    (vec![tokens, hidden, topk, experts, processors], traits)
}

#[cfg(test)]
mod tests {
    use super::super::operator_shape::operator_shape;
    use super::super::testing::{BF16, h100};
    use super::*;
    use crate::ops::{Collective, CollectiveKind, DispatchKind, GroupKind};

    fn all_reduce(group: u32) -> Result<OperatorShape, NotModelled> {
        let exchange = Kernel::Collective(Collective {
            kind: CollectiveKind::AllReduce,
            bytes: 1e9,
            group,
            dimension: GroupKind::Tensor,
        });
        operator_shape(&exchange, &h100(), Wiring::Board)
    }

    #[test]
    fn a_ring_sends_nearly_twice_its_message_and_a_switch_that_adds_once() {
        let shape = all_reduce(8).expect("links are stated");
        assert!((shape.memory / (1.75e9 / 450e9) - 1.0).abs() < 1e-12);
        assert!((shape.bound / (1e9 / 450e9) - 1.0).abs() < 1e-12);
        assert!(
            shape
                .features(1e-6)
                .iter()
                .all(|feature| feature.is_finite())
        );
        let two = all_reduce(2).expect("links are stated");
        assert!((two.bound - two.memory).abs() < 1e-12);
    }

    #[test]
    fn a_group_beyond_a_node_is_not_known() {
        let error = all_reduce(16).expect_err("no network is stated");
        assert!(error.to_string().contains("between nodes"), "{error}");
    }

    #[test]
    fn pairs_of_tokens_and_experts_travel_alone_in_low_latency_mode() {
        let normal = MoeDispatch {
            kind: DispatchKind::Combine,
            tokens: 128.0,
            hidden: 7168.0,
            topk: 8.0,
            experts: 256.0,
            ep: 8,
            processors: Some(20),
            precision: BF16,
        };
        let quick = MoeDispatch {
            processors: None,
            ..normal
        };
        let time = |call| {
            let shape = operator_shape(&Kernel::MoeDispatch(call), &h100(), Wiring::Board);
            shape.expect("links are stated").memory
        };
        // 7 of 8 pairs leave the rank.
        let bytes = 128.0 * 7168.0 * 2.0 * 8.0 * 7.0 / 8.0;
        assert!((time(quick) / (bytes / 450e9) - 1.0).abs() < 1e-9);
        assert!(time(normal) < time(quick));
    }
}
