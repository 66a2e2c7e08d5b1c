//! The time of one step of a serving loop.

use super::collective::{Exchange, Wires};
use super::rates::{Family, UnitTimes};
use super::spread::Spread;
use super::terms::Terms;
use crate::catalog::Device;
use crate::ops::{Cost, GroupKind, Kernel, Op, OpGraph, OpKind, Parallel, Segment, Step};
use crate::record::{Bound, NotModelled, TermName};

/// The time of a step by what bounds it, seconds. The parts add up to the whole.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepTime {
    /// Operators bound by arithmetic.
    pub compute: Spread,
    /// Operators bound by memory traffic.
    pub memory: Spread,
    /// Exchanges between devices.
    pub link: Spread,
    /// Gaps between kernels.
    pub launch: Spread,
    /// The host between steps.
    pub host: Spread,
}

impl StepTime {
    /// All parts together.
    pub fn total(&self) -> Spread {
        self.compute + self.memory + self.link + self.launch + self.host
    }

    /// What most of the time goes to.
    pub fn bound(&self) -> Bound {
        let parts = [
            (self.compute.value(), Bound::Compute),
            (self.memory.value(), Bound::MemoryBandwidth),
            (self.link.value(), Bound::Link),
            (self.launch.value(), Bound::Launch),
            (self.host.value(), Bound::Host),
        ];
        let mut largest = parts[0];
        for part in parts {
            if part.0 > largest.0 {
                largest = part;
            }
        }
        largest.1
    }
}

/// An operator with the times of its units of work.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PricedOp {
    pub op: Op,
    times: UnitTimes,
    exchange: Option<Exchange>,
}

/// The operators of a device, priced: what a step takes is a pure function of the step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepModel {
    pub(super) ops: Vec<PricedOp>,
    pub(super) stages: f64,
    launch: Spread,
    host: Spread,
    exposed: Spread,
}

impl StepModel {
    /// Prices the operators of a graph.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] for a rate, link or term that the equations need and nobody states.
    pub(super) fn new(
        graph: &OpGraph,
        parallel: Parallel,
        device: &Device,
        terms: &Terms<'_>,
        wires: &Wires,
    ) -> Result<Self, NotModelled> {
        let ops = graph
            .ops
            .iter()
            .map(|op| price(op, parallel, device, terms, wires))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            ops,
            stages: f64::from(graph.stages),
            launch: terms.get(TermName::KernelLaunch)?,
            host: terms.get(TermName::StepOverhead)?,
            exposed: terms
                .get(TermName::CommunicationOverlap)?
                .map(|hidden| 1.0 - hidden),
        })
    }

    /// The time of a step of one engine, through all pipeline stages.
    ///
    /// `t = stages · Σ count · (max(F / P, B / W) + gap + exposed message) + host`: the roofline of each kernel
    /// ([`super::roofline`]), a gap between kernels, exchanges that nothing hides, and the host once.
    ///
    /// # Assumptions
    ///
    /// Kernels run one after another. A micro-batch passes the stages in turn; other micro-batches fill the stages meanwhile,
    /// which the load models count as engines of their own.
    pub fn time(&self, step: &Step) -> StepTime {
        let mut sum = StepTime::default();
        for priced in &self.ops {
            let count = priced.op.count * self.stages;
            for kernel in priced.op.kernels(step) {
                let one = self.kernel(priced, &kernel);
                for lane in 0..3 {
                    sum.compute.0[lane] += count * one.compute.0[lane];
                    sum.memory.0[lane] += count * one.memory.0[lane];
                    sum.link.0[lane] += count * one.link.0[lane];
                    sum.launch.0[lane] += count * one.launch.0[lane];
                }
            }
        }
        sum.host = self.host;
        sum
    }

    /// The time of one call of one kernel, without the host.
    pub(super) fn kernel(&self, priced: &PricedOp, kernel: &Kernel) -> StepTime {
        let cost = kernel.cost();
        let mut time = priced.roofline(&cost);
        if let (Some(exchange), Some(message)) = (&priced.exchange, cost.message) {
            time.link = exchange.time(message.bytes.get()) * self.exposed;
        }
        time.launch = self.launch;
        time
    }
}

impl PricedOp {
    fn roofline(&self, cost: &Cost) -> StepTime {
        let (work, weights) = (cost.work.get(), cost.weight_traffic.get());
        let (activations, kv) = (cost.activation_traffic.get(), cost.kv_traffic.get());
        let mut time = StepTime::default();
        for lane in 0..3 {
            let compute = work * self.times.flop.0[lane];
            let memory = weights * self.times.weight_byte.0[lane]
                + activations * self.times.activation_byte.0[lane]
                + kv * self.times.kv_byte.0[lane];
            if compute > memory {
                time.compute.0[lane] = compute;
            } else {
                time.memory.0[lane] = memory;
            }
        }
        time
    }
}

fn price(
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
    Ok(PricedOp {
        op: *op,
        times: UnitTimes::new(device, terms, family(&op.kind), cost.arithmetic)?,
        exchange,
    })
}

/// A step in which every operator has rows, to learn its arithmetic and its message.
const fn probe() -> Step {
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
