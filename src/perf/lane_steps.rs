//! Steps with the terms of one lane, with everything computed that does not depend on the step.
//!
//! A simulation asks for the same steps over and over. Of an operator whose work and traffic are straight lines in its rows
//! the time is `max(c · r, m + w · r)`: arithmetic above some number of rows, memory below it. Sorted by that number, all
//! operators over the same rows are two sums. What sees sequences (attention, recurrences) is priced kernel by kernel.

use super::collective::Leg;
use super::observed::Busy;
use super::priced_op::{ByRows, PricedOp};
use super::spread::Lane;
use super::step_time::{StepModel, sequences};
use crate::ops::{Cost, OpKind, Routing, Rows, Step};
use crate::stats::math;

/// The steps of a server with the terms of one lane. It gives what [`super::Server::step`] gives, up to the order of sums.
#[derive(Debug, Clone)]
pub struct LaneSteps<'a> {
    lane: Lane,
    host: f64,
    sequence: f64,
    lines: Vec<Lines>,
    exchanges: Vec<Exchanged>,
    experts: Vec<Experts>,
    /// Operators priced kernel by kernel.
    others: Vec<Other<'a>>,
    /// Where operators stand in host memory, or others share the device: the model as a whole.
    whole: Option<&'a StepModel>,
}

impl<'a> LaneSteps<'a> {
    pub(super) fn new(model: &'a StepModel, lane: Lane) -> Self {
        let mut steps = Self {
            lane,
            host: model.host.lane(lane),
            sequence: model.sequence.lane(lane),
            lines: Vec::new(),
            exchanges: Vec::new(),
            experts: Vec::new(),
            others: Vec::new(),
            whole: model.moves_operators().then_some(model),
        };
        for priced in &model.ops {
            let call = Call {
                count: priced.op.count * model.stages,
                launch: model.launch.lane(lane) * priced.launches,
            };
            steps.file(priced, call, model);
        }
        for lines in &mut steps.lines {
            lines.sort();
        }
        steps
    }

    fn file(&mut self, priced: &'a PricedOp, call: Call, model: &StepModel) {
        let lane = self.lane;
        if let Some(line) = &priced.by_rows {
            let limits = Limits::of(line, lane);
            self.lines_of(line.rows).add(limits, call);
            if let Some(exchange) = &priced.exchange {
                self.exchanges.push(Exchanged {
                    rows: line.rows,
                    row_bytes: line.row_bytes,
                    legs: exchange.legs(lane),
                    count: call.count * model.exposed.lane(lane),
                });
            }
        } else if let Some(experts) = Experts::of(priced, call, lane) {
            self.experts.push(experts);
        } else {
            self.others.push(Other {
                priced,
                call,
                exposed: model.exposed.lane(lane),
            });
        }
    }

    fn lines_of(&mut self, rows: Rows) -> &mut Lines {
        let place = self.lines.iter().position(|lines| lines.rows == rows);
        let place = place.unwrap_or_else(|| {
            self.lines.push(Lines::over(rows));
            self.lines.len() - 1
        });
        &mut self.lines[place]
    }

    /// The time of one step of one engine, seconds, by what it is bound by.
    pub fn time(&self, step: &Step) -> Busy {
        if let Some(model) = self.whole {
            return model.time(step).lane(self.lane);
        }
        let mut busy = Busy {
            waiting: self.host + self.sequence * sequences(step),
            ..Busy::default()
        };
        for lines in &self.lines {
            lines.add_to(&mut busy, lines.rows.of(step));
        }
        for exchanged in &self.exchanges {
            exchanged.add_to(&mut busy, exchanged.rows.of(step));
        }
        let tokens = step.tokens();
        if tokens > 0.0 {
            for experts in &self.experts {
                experts.add_to(&mut busy, tokens);
            }
        }
        for other in &self.others {
            other.add_to(&mut busy, step, self.lane);
        }
        busy
    }
}

/// How often an operator is called, and the gap before each call.
#[derive(Debug, Clone, Copy)]
struct Call {
    count: f64,
    launch: f64,
}

/// Seconds of one call: `compute · r` of arithmetic, `once + memory · r` of memory.
#[derive(Debug, Clone, Copy)]
struct Limits {
    compute: f64,
    once: f64,
    memory: f64,
}

impl Limits {
    fn of(line: &ByRows, lane: Lane) -> Self {
        Self {
            compute: line.row_compute.lane(lane),
            once: line.once.lane(lane),
            memory: line.row_memory.lane(lane),
        }
    }

    /// All calls of operators together.
    fn sum(members: &[(Self, f64)]) -> Self {
        let all = |part: fn(&Self) -> f64| members.iter().map(|(one, n)| n * part(one)).sum();
        Self {
            compute: all(|one| one.compute),
            once: all(|one| one.once),
            memory: all(|one| one.memory),
        }
    }

    /// Rows above which arithmetic takes longer; infinite where it never does.
    fn crossing(&self) -> f64 {
        let slope = self.compute - self.memory;
        if slope > 0.0 {
            self.once / slope
        } else {
            f64::INFINITY
        }
    }
}

/// Sums over the operators that take the same rows.
#[derive(Debug, Clone)]
struct Lines {
    rows: Rows,
    waiting: f64,
    members: Vec<(Limits, f64)>,
    /// By the number of operators that are bound by arithmetic, those with the lowest crossing first: sums over those and over
    /// the others.
    sums: Vec<[Limits; 2]>,
    crossings: Vec<f64>,
}

impl Lines {
    const fn over(rows: Rows) -> Self {
        Self {
            rows,
            waiting: 0.0,
            members: Vec::new(),
            sums: Vec::new(),
            crossings: Vec::new(),
        }
    }

    fn add(&mut self, limits: Limits, call: Call) {
        self.waiting += call.count * call.launch;
        self.members.push((limits, call.count));
    }

    fn sort(&mut self) {
        self.members
            .sort_by(|a, b| a.0.crossing().total_cmp(&b.0.crossing()));
        self.crossings = self
            .members
            .iter()
            .map(|(limits, _)| limits.crossing())
            .collect();
        self.sums = (0..=self.members.len())
            .map(|busy| {
                let (arithmetic, memory) = self.members.split_at(busy);
                [arithmetic, memory].map(Limits::sum)
            })
            .collect();
    }

    fn add_to(&self, busy: &mut Busy, rows: f64) {
        if rows <= 0.0 {
            return;
        }
        let bound_by_arithmetic = self.crossings.partition_point(|crossing| *crossing < rows);
        let [arithmetic, memory] = self.sums[bound_by_arithmetic];
        busy.compute += arithmetic.compute * rows;
        busy.hidden_memory += arithmetic.once + arithmetic.memory * rows;
        busy.memory += memory.once + memory.memory * rows;
        busy.hidden_compute += memory.compute * rows;
        busy.waiting += self.waiting;
    }
}

/// Exchanges of messages that are straight lines in rows.
#[derive(Debug, Clone, Copy)]
struct Exchanged {
    rows: Rows,
    row_bytes: f64,
    legs: [Leg; 2],
    /// Calls times what nothing hides.
    count: f64,
}

impl Exchanged {
    fn add_to(&self, busy: &mut Busy, rows: f64) {
        if rows > 0.0 {
            let bytes = self.row_bytes * rows;
            busy.waiting += self.count * shorter(&self.legs, bytes);
        }
    }
}

fn shorter(legs: &[Leg; 2], bytes: f64) -> f64 {
    legs[0].time(bytes).min(legs[1].time(bytes))
}

/// Uniformly routed experts: arithmetic and activations are straight lines in tokens, and the share of the weights that is read
/// is `1 − (1 − k/E)^T` ([`crate::ops::distinct_experts`]).
#[derive(Debug, Clone, Copy)]
struct Experts {
    call: Call,
    /// Tokens of the group for each token of the step.
    groups: f64,
    compute: f64,
    memory: f64,
    /// Seconds of reading all weights.
    weights: f64,
    /// `ln (1 − k/E)`.
    missed: f64,
}

impl Experts {
    fn of(priced: &PricedOp, call: Call, lane: Lane) -> Option<Self> {
        let OpKind::Experts(moe) = priced.op.kind else {
            return None;
        };
        if moe.routing != Routing::Uniform || priced.exchange.is_some() {
            return None;
        }
        let one = crate::ops::Moe { tokens: 1.0, ..moe };
        let cost = one.cost();
        let read = moe.topk.min(moe.experts) / moe.experts;
        let times = &priced.times;
        Some(Self {
            call,
            groups: moe.tokens,
            compute: times.flop.lane(lane) * cost.work.get(),
            memory: times.activation_byte.lane(lane) * cost.activation_traffic.get(),
            weights: times.weight_byte.lane(lane) * cost.weight_traffic.get() / read,
            missed: math::ln(1.0 - read),
        })
    }

    fn add_to(&self, busy: &mut Busy, tokens: f64) {
        let tokens = tokens * self.groups;
        let compute = self.compute * tokens;
        let read = 1.0 - math::exp(self.missed * tokens);
        let memory = self.weights * read + self.memory * tokens;
        add(busy, self.call, (compute, memory));
    }
}

/// An operator priced kernel by kernel.
#[derive(Debug, Clone, Copy)]
struct Other<'a> {
    priced: &'a PricedOp,
    call: Call,
    exposed: f64,
}

impl Other<'_> {
    fn add_to(&self, busy: &mut Busy, step: &Step, lane: Lane) {
        for kernel in self.priced.op.kernels(step) {
            let cost = kernel.cost();
            add(busy, self.call, self.limits(&cost, lane));
            if let (Some(exchange), Some(message)) = (&self.priced.exchange, cost.message) {
                let time = shorter(&exchange.legs(lane), message.bytes.get());
                busy.waiting += self.call.count * self.exposed * time;
            }
        }
    }

    /// Seconds of arithmetic and of memory.
    fn limits(&self, cost: &Cost, lane: Lane) -> (f64, f64) {
        let times = &self.priced.times;
        let memory = times.weight_byte.lane(lane) * cost.weight_traffic.get()
            + times.activation_byte.lane(lane) * cost.activation_traffic.get()
            + times.kv_byte.lane(lane) * cost.kv_traffic.get();
        (times.flop.lane(lane) * cost.work.get(), memory)
    }
}

/// The roofline of one operator.
fn add(busy: &mut Busy, call: Call, (compute, memory): (f64, f64)) {
    if compute > memory {
        busy.compute += call.count * compute;
        busy.hidden_memory += call.count * memory;
    } else {
        busy.memory += call.count * memory;
        busy.hidden_compute += call.count * compute;
    }
    busy.waiting += call.count * call.launch;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Server;
    use super::super::testing::{h100, llama_70b, pack, system};
    use super::*;
    use crate::catalog::Catalog;
    use crate::ops::Segment;
    use crate::scenario::System;

    fn systems() -> Vec<System> {
        let named = |name: &str| {
            let model = Catalog::embedded().model(name);
            std::sync::Arc::clone(model.expect("in the catalogue"))
        };
        let mut all = vec![system(llama_70b(), h100(), 4)];
        for name in ["gpt-oss-120b", "deepseek-v3", "mixtral-8x7b"] {
            let mut other = system(llama_70b(), h100(), 8);
            other.model.model = named(name);
            all.push(other);
        }
        all
    }

    proptest! {
        #[test]
        fn a_lane_is_the_lane_of_all_three(
            prompts in 0.0f64..8192.0, length in 1.0f64..4096.0, sequences in 0.0f64..512.0, cached in 0.0f64..10_000.0,
        ) {
            let prefill = Segment { sequences: prompts / length, new_tokens: length, cached: 0.0 };
            let decode = Segment { sequences, new_tokens: 1.0, cached };
            let step = Step::mixed(prefill, decode, 1.0);
            for system in systems() {
                let server = Server::new(&system, &pack()).expect("modelled");
                for lane in Lane::ALL {
                    let (slow, fast) = (server.step(&step).lane(lane), server.lane_steps(lane).expect("one model").time(&step));
                    for (a, b) in [
                        (slow.compute, fast.compute), (slow.memory, fast.memory), (slow.waiting, fast.waiting),
                        (slow.hidden_compute, fast.hidden_compute), (slow.hidden_memory, fast.hidden_memory),
                    ] {
                        prop_assert!((a - b).abs() <= 1e-9 * slow.total(), "{lane:?} {slow:?} {fast:?}");
                    }
                }
            }
        }
    }
}
