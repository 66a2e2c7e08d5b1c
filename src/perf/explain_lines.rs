//! Lines that need nothing but an answer: steps and means.

use super::closed_loop::Settled;
use super::demand::Demand;
use super::explain::{ExplainInput, ExplainLine};
use super::memory::MemoryUse;
use super::static_batch::Batch;
use super::step_time::StepTime;
use crate::ops::Step;
use crate::record::{Basis, Column, Metric};
use crate::units::{Bytes, si};

impl ExplainLine {
    /// Label of the input that says what the number rests on, which every number of the results has.
    pub const BASIS: &str = "basis";

    /// What the number rests on; `None` for what is no number of the results.
    pub fn basis(&self) -> Option<Basis> {
        let mut inputs = self.inputs.iter();
        let stated = inputs.find(|input| input.label == Self::BASIS)?;
        Basis::from_name(&stated.value)
    }
}

/// A step by what bounds its operators.
pub(super) fn step_line(name: &str, step: &Step, time: &StepTime) -> ExplainLine {
    let part = |label: &str, seconds: f64| {
        ExplainInput::new(label, si(seconds, "s", 4), "the operators below")
    };
    ExplainLine {
        name: name.to_owned(),
        value: time.total().value(),
        unit: "s",
        formula: "compute + memory + link + launch + host + processor".to_owned(),
        inputs: vec![
            part("compute", time.compute.value()),
            part("memory", time.memory.value()),
            part("link", time.link.value()),
            part("launch", time.launch.value()),
            part("host", time.host.value()),
            part("processor", time.processor.value()),
            ExplainInput::new("prompt tokens", text(step.prefill.tokens()), "the load"),
            ExplainInput::new(
                "generating sequences",
                text(step.decode.sequences),
                "the load",
            ),
            ExplainInput::new(
                "cached tokens of each",
                text(step.decode.cached),
                "the load",
            ),
        ],
    }
}

/// What an accelerator of the engines of one phase holds with the requests of a load.
pub(super) fn memory_line(phase: &str, memory: &MemoryUse) -> ExplainLine {
    let parts = &memory.parts;
    let part = |label: &str, bytes: Bytes| {
        ExplainInput::new(label, si(bytes.get(), "B", 4), "the model and its load")
    };
    ExplainLine {
        name: format!("memory of an accelerator, {phase}"),
        value: parts.total().get(),
        unit: "B",
        formula: "weights + cache + activations + overhead".to_owned(),
        inputs: vec![
            part("weights", parts.weights),
            part("cache", parts.kv),
            part("activations", parts.activations),
            part("overhead", parts.overhead),
            part("usable", parts.usable),
        ],
    }
}

/// An operator that stays in host memory.
pub(super) fn host_line(step: &str, op: &str, count: f64, time: &StepTime) -> ExplainLine {
    ExplainLine {
        name: format!("{step}: {op} in host memory"),
        value: count * time.total().value(),
        unit: "s",
        formula: "count · min(processor, link + accelerator)".to_owned(),
        inputs: vec![
            ExplainInput::new("count", text(count), "the layers left on the host"),
            ExplainInput::new("bound", time.bound().name().to_owned(), "the largest part"),
        ],
    }
}

fn text(number: f64) -> String {
    format!("{number:.2}")
}

/// The means of a load that has settled.
pub(super) fn settled_lines(settled: &Settled, demand: &Demand, number: f64) -> Vec<ExplainLine> {
    let mix = &settled.mix;
    let seconds = |label, value: f64| ExplainInput::new(label, si(value, "s", 4), "another line");
    let count = |label, value: f64| ExplainInput::new(label, text(value), "the mix of steps");
    let gap = seconds("t'", settled.tpot.value());
    let with_prompts = settled.with_prompts.total().value();
    let line = |metric: Metric, value: f64, formula: &str, inputs| ExplainLine {
        name: Column::of(metric).to_string(),
        value,
        unit: metric.unit(),
        formula: formula.to_owned(),
        inputs,
    };
    vec![
        line(
            Metric::Ttft,
            settled.ttft.value(),
            "queue + z + w · t' + k · t_p",
            vec![
                seconds("queue", settled.queue.value()),
                count("w", mix.wait),
                gap.clone(),
                count("k", mix.chunks),
                seconds("t_p", with_prompts),
            ],
        ),
        line(
            Metric::Tpot,
            settled.tpot.value(),
            "(1 − d) · t_g + d · t_p",
            vec![
                count("d", mix.disturbed),
                seconds("t_g", settled.generation.total().value()),
                seconds("t_p", with_prompts),
            ],
        ),
        line(
            Metric::E2el,
            settled.e2el.value(),
            "ttft + D · t'",
            vec![count("D", demand.decode_steps), gap],
        ),
        line(
            Metric::RequestThroughput,
            settled.rate.value(),
            "N / e2el",
            vec![count("N", number), seconds("e2el", settled.e2el.value())],
        ),
    ]
}

/// The means of a static batch.
pub(super) fn batch_lines(batch: &Batch, demand: &Demand) -> Vec<ExplainLine> {
    let seconds = |label, value: f64| ExplainInput::new(label, si(value, "s", 4), "another line");
    let line = |metric: Metric, value: f64, formula: &str, inputs| ExplainLine {
        name: Column::of(metric).to_string(),
        value,
        unit: metric.unit(),
        formula: formula.to_owned(),
        inputs,
    };
    vec![
        line(
            Metric::Ttft,
            batch.ttft.value(),
            "z + m · t_p",
            vec![seconds("m · t_p", batch.prefill.value())],
        ),
        line(
            Metric::E2el,
            batch.e2el.value(),
            "ttft + Σ_j t_g(n_j, I + j)",
            vec![
                seconds("ttft", batch.ttft.value()),
                seconds("Σ t_g", batch.decode.value()),
                ExplainInput::new("D", text(demand.decode_steps), "the load"),
            ],
        ),
    ]
}
