//! Every number with the equation and the facts that made it.

use super::closed_loop::Settled;
use super::demand::Demand;
use super::estimate::EstimateOptions;
use super::explain_lines::{batch_lines, host_line, memory_line, settled_lines, step_line};
use super::mix::Arriving;
use super::priced_op::{PricedOp, family};
use super::rates;
use super::server::Server;
use super::static_batch::Batch;
use crate::ops::{Cost, Kernel, Segment, Step};
use crate::record::{Metric, NotModelled, TermName};
use crate::scenario::{LlmWorkload, LoadMode};
use crate::units::{si, significant};

/// One number, how it was computed, and from what.
#[derive(Debug, Clone, PartialEq)]
pub struct ExplainLine {
    /// What it is: a column, a step, or an operator of a step.
    pub name: String,
    /// The number.
    pub value: f64,
    /// Its base unit.
    pub unit: &'static str,
    /// The equation, with the labels of the inputs as symbols.
    pub formula: String,
    /// What went in.
    pub inputs: Vec<ExplainInput>,
}

/// One input of an equation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainInput {
    /// Symbol.
    pub label: String,
    /// Value with its unit.
    pub value: String,
    /// Where it comes from: the catalogue, a term's source, or another line.
    pub source: String,
}

impl ExplainInput {
    pub(super) fn new(label: &str, value: String, source: impl Into<String>) -> Self {
        Self {
            label: label.to_owned(),
            value,
            source: source.into(),
        }
    }
}

/// Steps that stand for a load, with their names.
struct Explained {
    steps: Vec<(&'static str, Step)>,
    means: Vec<ExplainLine>,
}

impl Server {
    /// The equations behind an estimate: means, memory and power, the steps, and every operator of each step.
    ///
    /// # Errors
    ///
    /// Those of [`Server::estimate`].
    pub fn explain(&self, workload: &LlmWorkload) -> Result<Vec<ExplainLine>, NotModelled> {
        if self.disaggregated.is_some() || self.guessing.is_some() || self.adapters.is_some() {
            return Ok(self.explain_parts(workload));
        }
        let options = EstimateOptions::means(0.9);
        let estimate = self.estimate(workload, &options)?;
        let explained = self.explained_load(workload, &estimate);
        Ok(self.with_rest(explained.means, &estimate, explained.steps))
    }

    /// The same for an estimate of the same workload that was made otherwise; `lines` explain some of its numbers already.
    pub fn explain_rest(
        &self,
        workload: &LlmWorkload,
        estimate: &crate::record::Estimate,
        lines: Vec<ExplainLine>,
    ) -> Vec<ExplainLine> {
        let explained = self.explained_load(workload, estimate);
        self.with_rest(lines, estimate, explained.steps)
    }

    fn explained_load(
        &self,
        workload: &LlmWorkload,
        estimate: &crate::record::Estimate,
    ) -> Explained {
        let demand = Demand::new(workload, self.memory.scheduler());
        let inside = self.explained_number(workload, estimate);
        self.explained(&workload.load.mode, inside, &demand)
    }

    /// Adds the other columns, the power, and the steps with their operators.
    fn with_rest(
        &self,
        mut lines: Vec<ExplainLine>,
        estimate: &crate::record::Estimate,
        steps: Vec<(&'static str, Step)>,
    ) -> Vec<ExplainLine> {
        for found in &estimate.values {
            let known = lines
                .iter()
                .any(|line| line.name == found.column.to_string());
            if !known {
                lines.push(self.column(found.column.metric, found.value));
            }
        }
        if let Some((watts, lo, hi)) = estimate.power.accelerator {
            lines.push(self.power_line(watts, (lo, hi)));
        }
        for (name, step) in steps {
            lines.push(step_line(name, &step, &self.step(&step)));
            for op in &self.steps.ops {
                lines.extend(self.op_lines(name, op, &step));
            }
            let host = self.steps.host_times(&step);
            lines.extend(host.map(|(op, count, time)| host_line(name, op, count, &time)));
        }
        lines
    }

    /// The parts of what only a simulation answers: a prompt alone, the way of its cache, and a step of generation with the requests
    /// that are in flight.
    fn explain_parts(&self, workload: &LlmWorkload) -> Vec<ExplainLine> {
        let demand = Demand::new(workload, self.memory.scheduler());
        let inside = match &workload.load.mode {
            LoadMode::Concurrency(number)
            | LoadMode::BatchSize(number)
            | LoadMode::MultiStream(number) => *number as f64,
            LoadMode::SingleStream
            | LoadMode::Trace(_)
            | LoadMode::Ramp { .. }
            | LoadMode::Offline
            | LoadMode::RequestRate { .. } => 1.0,
        };
        let decode = Segment {
            sequences: (inside / self.groups).max(1.0),
            new_tokens: 1.0 + self.chances().len() as f64,
            cached: demand.context,
        };
        let prompt = Step::prefill(1.0, demand.fresh.mean, demand.cached);
        let generation = Step::mixed(Segment::NONE, decode, 0.0);
        let first = self.prefill().unwrap_or(self);
        let mut lines = vec![step_line("a prompt alone", &prompt, &first.step(&prompt))];
        lines.extend(self.transfer_line(demand.prompts.mean));
        lines.extend(self.host_line(demand.prompts.mean));
        lines.extend(self.guessing_line());
        let time = self.step(&generation);
        lines.push(step_line("generation step", &generation, &time));
        for (name, server) in [("prefill", self.prefill()), ("decode", Some(self))] {
            let Some(server) = server else { continue };
            let memory = server.memory(inside, &demand);
            lines.push(memory_line(name, &memory));
        }
        lines
    }

    /// Requests in the server, from Little's law.
    fn explained_number(&self, workload: &LlmWorkload, estimate: &crate::record::Estimate) -> f64 {
        let value = |metric| {
            let column = crate::record::Column::of(metric);
            estimate.get(column).map(|found| found.value)
        };
        match &workload.load.mode {
            LoadMode::Concurrency(number)
            | LoadMode::BatchSize(number)
            | LoadMode::MultiStream(number) => *number as f64,
            LoadMode::SingleStream | LoadMode::Ramp { .. } | LoadMode::Trace(_) => 1.0,
            LoadMode::Offline => {
                let demand = Demand::new(workload, self.memory.scheduler());
                let memory = self.memory(1.0, &demand);
                self.engines(&memory)
                    .map_or(1.0, |engines| engines.count * engines.room)
            }
            LoadMode::RequestRate { rate, .. } => {
                value(Metric::E2el).map_or(1.0, |time| (rate * time).max(1e-9))
            }
        }
    }

    fn explained(&self, mode: &LoadMode, number: f64, demand: &Demand) -> Explained {
        let memory = self.memory(number.max(1.0), demand);
        let Some(engines) = self.engines(&memory) else {
            return Explained {
                steps: Vec::new(),
                means: Vec::new(),
            };
        };
        match mode {
            LoadMode::BatchSize(_) | LoadMode::MultiStream(_) | LoadMode::SingleStream => {
                let batch = Batch::new(&self.steps, &engines, demand, number);
                Explained {
                    steps: Batch::steps(&engines, demand, number),
                    means: batch_lines(&batch, demand),
                }
            }
            LoadMode::Concurrency(_)
            | LoadMode::Offline
            | LoadMode::RequestRate { .. }
            | LoadMode::Ramp { .. }
            | LoadMode::Trace(_) => {
                let arriving = Arriving::WithAStep;
                let settled = Settled::closed(&self.steps, &engines, demand, number, arriving);
                let mut steps = vec![("step with prompts", settled.mix.with_prompts)];
                steps.extend(settled.mix.generation.map(|step| ("generation step", step)));
                Explained {
                    steps,
                    means: settled_lines(&settled, demand, number),
                }
            }
        }
    }

    pub(super) fn term_input(&self, label: &str, name: TermName) -> ExplainInput {
        let term = self.sources.terms.get(&name);
        let value = term.map_or(String::new(), |term| {
            let interval = &term.value;
            if interval.lower < interval.upper {
                let (lower, upper) = (interval.lower, interval.upper);
                let [value, lower, upper] =
                    [interval.value, lower, upper].map(|number| significant(number, 4));
                format!("{value} [{lower}, {upper}]")
            } else {
                significant(interval.value, 4)
            }
        });
        let source = term.map_or(String::new(), |term| {
            format!("term {}: {}", name.name(), term.source)
        });
        ExplainInput::new(label, value, source)
    }

    fn catalogue(&self) -> String {
        let device = &self.sources.device;
        format!("catalogue {}: {}", device.id, device.provenance.source)
    }

    fn column(&self, metric: Metric, value: f64) -> ExplainLine {
        let inputs = if metric == Metric::MemoryOverhead {
            vec![self.term_input("overhead", TermName::ContextMemory)]
        } else {
            Vec::new()
        };
        ExplainLine {
            name: crate::record::Column::of(metric).to_string(),
            value,
            unit: metric.unit(),
            formula: metric.definition().to_owned(),
            inputs,
        }
    }

    fn power_line(&self, watts: f64, (lo, hi): (f64, f64)) -> ExplainLine {
        let device = &self.sources.device;
        let mut inputs = Vec::new();
        if let Some(tdp) = device.tdp {
            inputs.push(ExplainInput::new(
                "TDP",
                si(tdp.get(), "W", 3),
                self.catalogue(),
            ));
        }
        inputs.push(match device.idle_power {
            Some(idle) => ExplainInput::new("idle", si(idle.get(), "W", 3), self.catalogue()),
            None => self.term_input("idle", TermName::PowerIdle),
        });
        inputs.push(self.term_input("p_c", TermName::PowerComputeBound));
        inputs.push(self.term_input("p_m", TermName::PowerMemoryBound));
        inputs.push(self.term_input("p_w", TermName::PowerWaiting));
        inputs.push(ExplainInput::new(
            "interval",
            format!("{} to {}", si(lo, "W", 3), si(hi, "W", 3)),
            "the terms' ends",
        ));
        ExplainLine {
            name: "accelerator power".to_owned(),
            value: watts,
            unit: "W",
            formula: "devices · (idle + (TDP − idle) · (u_c p_c + u_m p_m + u_w p_w))".to_owned(),
            inputs,
        }
    }

    fn op_lines(&self, step_name: &str, priced: &PricedOp, step: &Step) -> Vec<ExplainLine> {
        priced
            .op
            .kernels(step)
            .map(|kernel| self.op_line(step_name, priced, &kernel))
            .collect()
    }

    fn op_line(&self, step_name: &str, priced: &PricedOp, kernel: &Kernel) -> ExplainLine {
        let time = self.steps.kernel(priced, kernel);
        let count = priced.op.count * self.steps.stages;
        let cost = kernel.cost();
        let mut inputs = vec![ExplainInput::new(
            "count",
            count.to_string(),
            "the model's layers",
        )];
        inputs.extend(self.cost_inputs(priced, &cost));
        inputs.push(self.term_input("gap", TermName::KernelLaunch));
        inputs.push(ExplainInput::new(
            "bound",
            time.bound().name().to_owned(),
            "the largest part",
        ));
        ExplainLine {
            name: format!("{step_name}: {} ({})", priced.op.name, kernel.family()),
            value: count * time.total().value(),
            unit: "s",
            formula: if cost.message.is_some() {
                "count · (max(F / P, B / W) + gap + base + hops · α + share · n / L)".to_owned()
            } else {
                "count · (max(F / P, B / W) + gap)".to_owned()
            },
            inputs,
        }
    }

    fn cost_inputs(&self, priced: &PricedOp, cost: &Cost) -> Vec<ExplainInput> {
        let device = &self.sources.device;
        let from_model = "operator dimensions and number formats";
        let mut inputs = Vec::new();
        if let Some(term) = family(&priced.op.kind).compute_term() {
            inputs.push(ExplainInput::new(
                "F",
                si(cost.work.get(), "FLOP", 4),
                from_model,
            ));
            if let Ok((arithmetic, peak)) = rates::peak(device, cost.arithmetic) {
                let value = format!("{} ({arithmetic:?})", si(peak.get(), "FLOP/s", 4));
                inputs.push(ExplainInput::new("P", value, self.catalogue()));
                inputs.push(self.term_input("share of P", term));
            }
        }
        let parts = [
            (
                cost.weight_traffic,
                "B of weights",
                family(&priced.op.kind).weight_term(),
            ),
            (
                cost.activation_traffic,
                "B of activations",
                TermName::ElementwiseBandwidth,
            ),
            (cost.kv_traffic, "B of cache", TermName::KvBandwidth),
        ];
        for (bytes, label, term) in parts {
            if bytes.get() > 0.0 {
                inputs.push(ExplainInput::new(
                    label,
                    si(bytes.get(), "B", 4),
                    from_model,
                ));
                inputs.push(self.term_input("share of W", term));
            }
        }
        if let Some(rate) = device.memory_bandwidth {
            inputs.push(ExplainInput::new(
                "W",
                si(rate.get(), "B/s", 4),
                self.catalogue(),
            ));
        }
        if let Some(message) = cost.message {
            inputs.push(ExplainInput::new(
                "n",
                si(message.bytes.get(), "B", 4),
                from_model,
            ));
            inputs.push(self.term_input("share of L", TermName::LinkBandwidth));
            inputs.push(self.term_input("base", TermName::CollectiveBase));
            inputs.push(self.term_input("α", TermName::LinkLatency));
        }
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, llama_8b, pack, system, workload};
    use super::*;

    fn lines(mode: LoadMode) -> Vec<ExplainLine> {
        Server::new(&system(llama_8b(), h100(), 1), &pack())
            .expect("all facts are there")
            .explain(&workload(1024, 256, mode))
            .expect("the load is modelled")
    }

    #[test]
    fn the_operators_add_up_to_their_step() {
        for mode in [LoadMode::Concurrency(16), LoadMode::BatchSize(4)] {
            let lines = lines(mode);
            for step in ["step with prompts", "generation step"] {
                let whole = lines
                    .iter()
                    .find(|line| line.name == step)
                    .expect("it is there");
                let host = 1e-3;
                let parts: f64 = lines
                    .iter()
                    .filter(|line| line.name.starts_with(&format!("{step}: ")))
                    .map(|line| line.value)
                    .sum();
                assert!(((parts + host) / whole.value - 1.0).abs() < 1e-9, "{step}");
            }
        }
    }

    #[test]
    fn every_input_has_a_source() {
        for line in lines(LoadMode::Concurrency(16)) {
            for input in &line.inputs {
                assert!(
                    !input.source.is_empty() && !input.value.is_empty(),
                    "{line:?}"
                );
            }
        }
    }
}
