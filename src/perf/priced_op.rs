//! Operators with the times of their units of work on a device.

use super::collective::{Exchange, Wires};
use super::eager::Extra;
use super::rates::{Family, UnitTimes};
use super::spread::Spread;
use super::step_time::StepTime;
use super::terms::Terms;
use crate::catalog::Device;
use crate::ops::{Cost, GroupKind, Op, OpKind, Parallel, Rows, Segment, Step};
use crate::record::NotModelled;
use crate::units::Bytes;

/// An operator with the times of its units of work.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PricedOp {
    pub op: Op,
    pub times: UnitTimes,
    pub exchange: Option<Exchange>,
    pub by_rows: Option<ByRows>,
    /// Launches for each call.
    pub launches: f64,
}

/// An operator whose work and traffic are straight lines in its rows: what a row takes, and what the weights take once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ByRows {
    pub rows: Rows,
    pub row_compute: Spread,
    pub row_memory: Spread,
    pub once: Spread,
    pub row_bytes: f64,
}

impl PricedOp {
    /// The roofline of a cost.
    pub fn roofline(&self, cost: &Cost) -> StepTime {
        StepTime::of(self.times.compute(cost), self.times.memory(cost))
    }
}

impl ByRows {
    /// The line through nothing and the cost of a step with few rows; weights are read once. `None` for operators that see sequences or choose experts.
    fn new(op: &Op, times: &UnitTimes) -> Option<Self> {
        let rows = match op.kind {
            OpKind::Gemm { rows, .. }
            | OpKind::Elementwise { rows, .. }
            | OpKind::Collective { rows, .. } => rows,
            OpKind::Attention { .. }
            | OpKind::EncoderAttention { .. }
            | OpKind::CrossAttention { .. }
            | OpKind::LatentAttention { .. }
            | OpKind::Recurrent { .. }
            | OpKind::Experts(_)
            | OpKind::Dispatch(_) => return None,
        };
        let step = probe();
        let one = op.cost(&step);
        let at = rows.of(&step);
        let weights = times.weight_byte * one.weight_traffic.get();
        let moved = Cost {
            weight_traffic: Bytes::ZERO,
            ..one
        };
        Some(Self {
            rows,
            row_compute: times.compute(&one) * (1.0 / at),
            row_memory: times.memory(&moved) * (1.0 / at),
            once: weights,
            row_bytes: one.message.map_or(0.0, |message| message.bytes.get() / at),
        })
    }
}

/// An operator with the times of its units on a device.
///
/// # Errors
///
/// [`NotModelled::MissingFact`] for a rate, link or term that the equations need and nobody states.
pub(super) fn price(
    op: &Op,
    parallel: Parallel,
    device: &Device,
    terms: &Terms<'_>,
    wires: &Wires,
) -> Result<PricedOp, NotModelled> {
    let cost = op.cost(&probe());
    let exchange = cost
        .message
        .filter(|message| message.group > 1)
        .map(|message| Exchange::new(message, stride(message.dimension, parallel), wires))
        .transpose()?;
    let extra = Extra::of(terms);
    let mut times = UnitTimes::new(device, terms, family(&op.kind), cost.arithmetic)?;
    times.kv_byte = times.kv_byte * extra.cache_traffic(&op.kind);
    Ok(PricedOp {
        op: *op,
        by_rows: ByRows::new(op, &times),
        times,
        exchange,
        launches: extra.launches(&op.kind),
    })
}

/// A step in which every operator has rows, to learn its arithmetic and its message.
pub(super) const fn probe() -> Step {
    let one = Segment {
        sequences: 1.0,
        new_tokens: 1.0,
        cached: 1.0,
    };
    Step {
        encoder: one,
        memory: 1.0,
        ..Step::mixed(one, one, 1.0)
    }
}

/// How far apart the ranks of a group are: tensor-parallel ranks are neighbours, then come data-parallel groups, then stages
/// (the order of Megatron-LM, arXiv 2104.04473, which vLLM follows).
const fn stride(dimension: GroupKind, parallel: Parallel) -> u32 {
    match dimension {
        GroupKind::Tensor | GroupKind::Expert | GroupKind::Context => 1,
        GroupKind::Pipeline => parallel.tp * parallel.dp,
    }
}

/// The efficiency terms of an operator.
pub(super) const fn family(kind: &OpKind) -> Family {
    match kind {
        OpKind::Gemm { .. } => Family::Gemm,
        OpKind::Attention { .. }
        | OpKind::EncoderAttention { .. }
        | OpKind::CrossAttention { .. }
        | OpKind::LatentAttention { .. }
        | OpKind::Recurrent { .. } => Family::Attention,
        OpKind::Experts(_) => Family::Experts,
        OpKind::Dispatch(_) | OpKind::Elementwise { .. } | OpKind::Collective { .. } => {
            Family::Elementwise
        }
    }
}
