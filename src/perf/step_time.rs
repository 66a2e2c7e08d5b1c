//! The time of one step of a serving loop.

use super::collective::Wires;
use super::observed::Busy;
use super::offload::{Processor, Split};
use super::priced_op::{ByRows, PricedOp, family, price, probe};
use super::rates::UnitTimes;
use super::spread::{Lane, Spread};
use super::terms::Terms;
use crate::catalog::Device;
use crate::ops::{Kernel, Op, OpGraph, Parallel, Step};
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
    /// Operators that the host's processor computes.
    pub processor: Spread,
    /// Arithmetic behind memory traffic: no part of the whole, but it draws power.
    pub hidden_compute: Spread,
    /// Memory traffic behind arithmetic, likewise.
    pub hidden_memory: Spread,
}

impl StepTime {
    /// All parts together.
    pub fn total(&self) -> Spread {
        self.compute + self.memory + self.link + self.launch + self.host + self.processor
    }

    /// One lane of it.
    pub const fn lane(&self, lane: Lane) -> Busy {
        Busy {
            compute: self.compute.lane(lane),
            memory: self.memory.lane(lane),
            waiting: self.link.lane(lane) + self.launch.lane(lane) + self.host.lane(lane),
            processor: self.processor.lane(lane),
            hidden_compute: self.hidden_compute.lane(lane),
            hidden_memory: self.hidden_memory.lane(lane),
        }
    }

    /// What most of the time goes to.
    pub fn bound(&self) -> Bound {
        let parts = [
            (self.compute.value(), Bound::Compute),
            (self.memory.value(), Bound::MemoryBandwidth),
            (self.link.value(), Bound::Link),
            (self.launch.value(), Bound::Launch),
            (self.host.value() + self.processor.value(), Bound::Host),
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

/// An operator in host memory: computed there, or on the accelerator after its weights came over the link.
#[derive(Debug, Clone, PartialEq)]
struct Streamed {
    host: PricedOp,
    host_launch: Spread,
    accelerator: PricedOp,
    link_byte: Option<Spread>,
}

/// The operators of a device, priced: what a step takes is a pure function of the step.
#[derive(Debug, Clone, PartialEq)]
pub struct StepModel {
    pub(super) ops: Vec<PricedOp>,
    streamed: Vec<Streamed>,
    pub(super) stages: f64,
    pub(super) launch: Spread,
    pub(super) host: Spread,
    /// Host time of each sequence.
    pub(super) sequence: Spread,
    pub(super) exposed: Spread,
    /// How much longer everything on the device takes because others use it too.
    slowdown: f64,
}

impl StepModel {
    /// True where a step is more than its operators: some stand in host memory, or others share the device.
    pub(super) fn moves_operators(&self) -> bool {
        !self.streamed.is_empty() || self.slowdown > 1.0
    }

    /// Prices the operators of a graph on one device.
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
            streamed: Vec::new(),
            stages: f64::from(graph.stages),
            launch: terms.get(TermName::KernelLaunch)?,
            host: terms.get(TermName::StepOverhead)?,
            sequence: terms
                .find(TermName::SequenceOverhead)
                .unwrap_or(Spread::exact(0.0)),
            exposed: terms
                .get(TermName::CommunicationOverlap)?
                .map(|hidden| 1.0 - hidden),
            slowdown: 1.0,
        })
    }

    /// The same with this share of the device's time: everything on it takes as much longer, the host does not.
    #[must_use]
    pub(super) const fn shared(mut self, time: f64) -> Self {
        self.slowdown = 1.0 / time;
        self
    }

    /// The time of a step of one engine, through all pipeline stages.
    ///
    /// `t = stages · Σ count · (max(F / P, B / W) + gap + exposed message) + host`: the roofline of each kernel
    /// ([`super::roofline`]), a gap between kernels, exchanges that nothing hides, and the host
    /// once, with what it spends on each sequence.
    ///
    /// # Assumptions
    ///
    /// Kernels run one after another. A micro-batch passes the stages in turn; other micro-batches fill the stages meanwhile,
    /// which the load models count as engines of their own.
    pub fn time(&self, step: &Step) -> StepTime {
        let mut sum = StepTime::default();
        for priced in &self.ops {
            let count = priced.op.count * self.stages;
            match &priced.by_rows {
                Some(line) => {
                    let rows = line.rows.of(step);
                    if rows > 0.0 {
                        sum.add(count, &self.line(priced, line, rows));
                    }
                }
                None => {
                    for kernel in priced.op.kernels(step) {
                        sum.add(count, &self.kernel(priced, &kernel));
                    }
                }
            }
        }
        for streamed in &self.streamed {
            for kernel in streamed.host.op.kernels(step) {
                let one = self.streamed(streamed, &kernel);
                sum.add(streamed.host.op.count * self.stages, &one);
            }
        }
        if self.slowdown > 1.0 {
            let alone = std::mem::take(&mut sum);
            sum.add(self.slowdown, &alone);
            sum.processor = alone.processor;
        }
        sum.host = self.host + self.sequence * sequences(step);
        sum
    }

    /// Moves a share of the operators to the host.
    ///
    /// Each call takes the shorter of two ways, as llama.cpp chooses by the number of rows (`op_offload`): the processor
    /// computes it from host memory, or the accelerator does after the weights crossed the link. Activations that cross
    /// between the two are left out; they are a few kilobytes a token.
    ///
    /// # Errors
    ///
    /// [`NotModelled::MissingFact`] for what the processor lacks.
    pub(super) fn move_to_host(
        &mut self,
        split: Split,
        processor: &Processor,
        terms: &Terms<'_>,
    ) -> Result<(), NotModelled> {
        for priced in &mut self.ops {
            let share = split.share(&priced.op, self.stages);
            if share < 1.0 {
                let moved = Op {
                    count: priced.op.count * (1.0 - share),
                    ..priced.op
                };
                let cost = moved.cost(&probe());
                let family = family(&moved.kind);
                let times = UnitTimes::new(&processor.device, terms, family, cost.arithmetic)?;
                self.streamed.push(Streamed {
                    host: PricedOp {
                        op: moved,
                        by_rows: None,
                        times,
                        exchange: None,
                        launches: 1.0,
                    },
                    host_launch: terms.get(TermName::KernelLaunch)?,
                    accelerator: priced.clone(),
                    link_byte: processor.link_byte,
                });
                priced.op.count *= share;
            }
        }
        self.ops.retain(|priced| priced.op.count > 0.0);
        Ok(())
    }

    /// Names and times of the operators in host memory.
    pub(super) fn host_times<'a>(
        &'a self,
        step: &'a Step,
    ) -> impl Iterator<Item = (&'static str, f64, StepTime)> + 'a {
        self.streamed.iter().flat_map(move |streamed| {
            let op = &streamed.host.op;
            op.kernels(step).map(move |kernel| {
                let count = op.count * self.stages;
                (op.name, count, self.streamed(streamed, &kernel))
            })
        })
    }

    fn streamed(&self, streamed: &Streamed, kernel: &Kernel) -> StepTime {
        let cost = kernel.cost();
        let computed = streamed.host.roofline(&cost).total() + streamed.host_launch;
        let mut faster = StepTime {
            processor: computed,
            ..StepTime::default()
        };
        let Some(link_byte) = streamed.link_byte else {
            return faster;
        };
        let mut sent = self.kernel(&streamed.accelerator, kernel);
        sent.link = sent.link + link_byte * (cost.weight_traffic + cost.kv_traffic).get();
        let there = sent.total();
        for lane in 0..3 {
            if there.0[lane] < computed.0[lane] {
                faster.processor.0[lane] = 0.0;
                faster.compute.0[lane] = sent.compute.0[lane];
                faster.memory.0[lane] = sent.memory.0[lane];
                faster.hidden_compute.0[lane] = sent.hidden_compute.0[lane];
                faster.hidden_memory.0[lane] = sent.hidden_memory.0[lane];
                faster.link.0[lane] = sent.link.0[lane];
                faster.launch.0[lane] = sent.launch.0[lane];
            }
        }
        faster
    }

    /// [`Self::kernel`] of an operator whose cost is a straight line in its rows.
    fn line(&self, priced: &PricedOp, line: &ByRows, rows: f64) -> StepTime {
        let mut time = StepTime::of(line.row_compute * rows, line.once + line.row_memory * rows);
        if let Some(exchange) = &priced.exchange {
            time.link = exchange.time(line.row_bytes * rows) * self.exposed;
        }
        time.launch = self.launch;
        time
    }

    /// The time of one call of one kernel, without the host.
    pub(super) fn kernel(&self, priced: &PricedOp, kernel: &Kernel) -> StepTime {
        let cost = kernel.cost();
        let mut time = priced.roofline(&cost);
        if let (Some(exchange), Some(message)) = (&priced.exchange, cost.message) {
            time.link = exchange.time(message.bytes.get()) * self.exposed;
        }
        time.launch = self.launch * priced.launches;
        time
    }
}

/// Sequences of a step that the host has work with.
pub(super) const fn sequences(step: &Step) -> f64 {
    step.prefill.sequences + step.decode.sequences
}

impl StepTime {
    /// The roofline: the longer of the two, filed under what it is bound by.
    pub(super) fn of(compute: Spread, memory: Spread) -> Self {
        let mut time = Self::default();
        for lane in 0..3 {
            let (compute, memory) = (compute.0[lane], memory.0[lane]);
            if compute > memory {
                time.compute.0[lane] = compute;
                time.hidden_memory.0[lane] = memory;
            } else {
                time.memory.0[lane] = memory;
                time.hidden_compute.0[lane] = compute;
            }
        }
        time
    }

    /// Adds so many times what another takes, without the host.
    pub(super) fn add(&mut self, count: f64, one: &Self) {
        for lane in 0..3 {
            self.compute.0[lane] += count * one.compute.0[lane];
            self.memory.0[lane] += count * one.memory.0[lane];
            self.link.0[lane] += count * one.link.0[lane];
            self.launch.0[lane] += count * one.launch.0[lane];
            self.processor.0[lane] += count * one.processor.0[lane];
            self.hidden_compute.0[lane] += count * one.hidden_compute.0[lane];
            self.hidden_memory.0[lane] += count * one.hidden_memory.0[lane];
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Server;
    use super::super::testing::{h100, llama_70b, pack, system};
    use super::*;
    use crate::ops::Segment;

    proptest! {
        #[test]
        fn lines_are_the_kernels_they_stand_for(
            prompts in 0.0f64..8192.0, sequences in 0.0f64..512.0, cached in 0.0f64..10_000.0,
        ) {
            let server = Server::new(&system(llama_70b(), h100(), 4), &pack()).expect("modelled");
            let prefill = Segment { sequences: 1.0, new_tokens: prompts, cached: 0.0 };
            let decode = Segment { sequences, new_tokens: 1.0, cached };
            let step = Step::mixed(prefill, decode, 1.0);
            let model = &server.steps;
            let host = model.host + model.sequence * super::sequences(&step);
            let mut direct = StepTime { host, ..StepTime::default() };
            for priced in &model.ops {
                for kernel in priced.op.kernels(&step) {
                    direct.add(priced.op.count * model.stages, &model.kernel(priced, &kernel));
                }
            }
            let (fast, slow) = (model.time(&step).total(), direct.total());
            for lane in 0..3 {
                prop_assert!((fast.0[lane] / slow.0[lane] - 1.0).abs() < 1e-9, "{fast:?} {slow:?}");
            }
        }
    }
}
