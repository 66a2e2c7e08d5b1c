//! One system: model, hardware, number formats, software and parallelism of a point.

use std::collections::BTreeSet;

use super::context::Context;
use super::deployment::{self, Purpose};
use super::kv_offload::{self, Written};
use super::lookups::Facts;
use super::schema::{self, Paths};
use super::{
    Adapters, Combination, DeviceShare, ExpressionScope, Node, Runtime, RuntimeName, Speculation,
    System, adapters, apply_section, energy, hardware, models, precision, runtime, share,
    speculation,
};
use crate::catalog::{Model, ModelKind};
use crate::diag::{Code, Diagnostic};

/// Sections that make a system.
pub(super) const SECTIONS: [&str; 6] = [
    "models",
    "hardware",
    "precision",
    "runtime",
    "deployment",
    "energy",
];

/// What is the same for every system of a scenario.
pub(super) struct Given<'a> {
    /// Facts that expressions may name.
    pub facts: &'a Facts,
    /// Whether a server or a training job is made.
    pub purpose: Purpose,
    /// True when the workload needs a model that generates text.
    pub generates: bool,
}

/// A system, and why this version cannot predict it where it cannot.
pub(super) struct Resolved {
    /// The system.
    pub system: System,
    /// What is not modelled.
    pub unmodelled: Option<Diagnostic>,
}

/// The sections of a point as they stand after its combination is applied.
struct Sections {
    models: Option<Node>,
    hardware: Option<Node>,
    precision: Option<Node>,
    runtime: Option<Node>,
    deployment: Option<Node>,
    energy: Option<Node>,
}

/// The system of a combination; `None` where something about it is wrong.
pub(super) fn resolve(
    context: &mut Context<'_>,
    combination: &Combination<'_>,
    given: &Given<'_>,
) -> Option<Resolved> {
    let sections = sections(context, combination, given)?;
    let (model_alias, model_node) = only(context, sections.models.as_ref(), &MODELS)?;
    let (hardware_alias, hardware_node) = only(context, sections.hardware.as_ref(), &HARDWARE)?;
    let model = models::read(context, model_alias, model_node);
    let hardware = hardware::read(context, hardware_alias, hardware_node);
    let software = software(context, sections.runtime.as_ref());
    let (model, hardware, software) = (model?, hardware?, software?);
    if given.generates {
        generates(context, &model, (model_alias, model_node))?;
    }
    let formats = sections.precision.as_ref();
    let formats = precision::read(context, formats, model.native, &software);
    let deployment = deployment::read(
        &mut context.reader,
        sections.deployment.as_ref(),
        given.purpose,
        (&model.choice.model, &hardware),
        hardware_node.span,
    );
    let node = sections.deployment.as_ref();
    let beside = beside(context, (combination, given), node, &model.choice.model);
    let written = Written {
        deployment: node,
        runtime: sections.runtime.as_ref(),
        hardware: hardware_node,
    };
    let offload = deployment.as_ref().and_then(|deployment| {
        kv_offload::read(context, &written, (&software, &hardware, deployment))
    });
    let thermal = sections
        .energy
        .as_ref()
        .and_then(|node| node.get("thermal"));
    let thermal = thermal.and_then(|node| energy::thermal(&mut context.reader, node));
    let (formats, deployment) = (formats?, deployment?);
    assume_of_offload(context, &software, &model);
    let unmodelled = unmodelled(&software, sections.runtime.as_ref(), hardware_node);
    let mut choice = model.choice;
    if formats.name == "gguf" {
        choice.weights_bytes = choice.weights_bytes.or(model.stored);
    }
    let system = System {
        model_alias: model_alias.to_owned(),
        model: choice,
        hardware_alias: hardware_alias.to_owned(),
        hardware,
        precision: formats.precision,
        precision_name: formats.name,
        runtime: software,
        deployment,
        thermal,
        speculation: beside.speculation,
        adapters: beside.adapters,
        kv_offload: offload,
        share: beside.share,
    };
    Some(Resolved { system, unmodelled })
}

fn sections(
    context: &mut Context<'_>,
    combination: &Combination<'_>,
    given: &Given<'_>,
) -> Option<Sections> {
    let facts = given.facts.of(combination);
    let scope = ExpressionScope {
        names: &facts,
        paths: &Paths,
    };
    let mut whole = true;
    let mut section =
        |key: &'static str| match apply_section(context.document, combination, key, &scope) {
            Ok(node) => node.inspect(|node| schema::check_section(key, node, &mut context.reader)),
            Err(problems) => {
                whole = false;
                context.reader.diagnostics.extend(problems);
                None
            }
        };
    let sections = Sections {
        models: section("models"),
        hardware: section("hardware"),
        precision: section("precision"),
        runtime: section("runtime"),
        deployment: section("deployment"),
        energy: section("energy"),
    };
    whole.then_some(sections)
}

/// What a deployment has beside its sizes; what cannot be read is absent and a finding.
struct Beside {
    speculation: Option<Speculation>,
    adapters: Option<Adapters>,
    share: DeviceShare,
}

fn beside(
    context: &mut Context<'_>,
    (combination, given): (&Combination<'_>, &Given<'_>),
    node: Option<&Node>,
    model: &Model,
) -> Beside {
    let facts = given.facts.of(combination);
    let scope = ExpressionScope {
        names: &facts,
        paths: &Paths,
    };
    let part = |key: &str| node.and_then(|node| node.get(key));
    Beside {
        speculation: part("speculative")
            .and_then(|node| speculation::read(context, (combination, &scope), node, model)),
        adapters: part("lora").and_then(|node| adapters::read(&mut context.reader, node)),
        share: share::read(context, part("share")).unwrap_or(DeviceShare::WHOLE),
    }
}

/// A section of aliases of which a point uses one.
struct Aliases {
    key: &'static str,
    noun: &'static str,
    axis: &'static str,
    code: Code,
}

const MODELS: Aliases = Aliases {
    key: "models",
    noun: "models",
    axis: "model",
    code: Code::AmbiguousModel,
};
const HARDWARE: Aliases = Aliases {
    key: "hardware",
    noun: "hardware entries",
    axis: "hardware",
    code: Code::AmbiguousHardware,
};

/// The one entry a point uses; several without an axis that chooses are a finding.
fn only<'n>(
    context: &mut Context<'_>,
    node: Option<&'n Node>,
    of: &Aliases,
) -> Option<(&'n str, &'n Node)> {
    let node = node?;
    let drafts = match of.key {
        "models" => speculation::drafts(&context.document.root),
        _ => BTreeSet::new(),
    };
    let one = |entry: &'n super::Entry| Some((entry.key.as_str(), &entry.node));
    let mut others = node
        .entries()
        .iter()
        .filter(|entry| !drafts.contains(entry.key.as_str()));
    if let (Some(entry), None) = (others.next(), others.next()) {
        return one(entry);
    }
    match node.entries() {
        [entry] => one(entry),
        [] => {
            let message = format!("`{}` names none", of.key);
            context.reader.push(
                Diagnostic::error(Code::MissingKey, message, node.span)
                    .label("at least one is needed"),
            );
            None
        }
        several => {
            context.reader.push(ambiguous_among(several, of));
            None
        }
    }
}

/// Keeps "several entries and nothing that chooses one" for `models` or `hardware`.
pub(super) fn ambiguous(context: &mut Context<'_>, section: &str) {
    let of = if section == MODELS.key {
        &MODELS
    } else {
        &HARDWARE
    };
    let entries = context
        .document
        .root
        .get(section)
        .map_or(&[][..], Node::entries);
    context.reader.push(ambiguous_among(entries, of));
}

fn ambiguous_among(entries: &[super::Entry], of: &Aliases) -> Diagnostic {
    let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    let message = format!(
        "{} {} and points that do not say which they use",
        entries.len(),
        of.noun
    );
    let places = entries.first().zip(entries.get(1));
    let diagnostic = Diagnostic::error(of.code, message, places.map(|(_, second)| second.key_span))
        .label("a second one")
        .help(format!(
            "add `matrix: {{axes: {{{}: [{}]}}}}`",
            of.axis,
            names.join(", ")
        ));
    match places {
        Some((first, _)) => diagnostic.related(first.key_span, "the first one"),
        None => diagnostic,
    }
}

fn software(context: &mut Context<'_>, node: Option<&Node>) -> Option<Runtime> {
    let software = match node {
        Some(node) => runtime::read(node, &mut context.reader)?,
        None => Runtime {
            name: RuntimeName::Generic,
            program: String::new(),
            version: None,
            options: std::collections::BTreeMap::new(),
        },
    };
    if software.name == RuntimeName::Generic {
        context.assume("runtime", "generic: terms pooled over runtimes", "default");
    }
    Some(software)
}

/// Text generation needs a transformer that decodes.
fn generates(
    context: &mut Context<'_>,
    model: &models::Resolved,
    (alias, node): (&str, &Node),
) -> Option<()> {
    let what = match &model.choice.model.kind {
        ModelKind::Transformer(transformer)
            if transformer.kind == crate::catalog::TransformerKind::Encoder =>
        {
            "an encoder"
        }
        ModelKind::Transformer(_) => return Some(()),
        ModelKind::Network(_) => "no transformer",
    };
    let message = format!("`{alias}` is {what} and cannot generate text");
    context.reader.push(
        Diagnostic::error(Code::BadValue, message, node.span)
            .label("the workload is `llm`")
            .help("use a model that generates text, or another workload"),
    );
    None
}

/// What is taken of a model that lies on the accelerator and in host memory.
fn assume_of_offload(context: &mut Context<'_>, software: &Runtime, model: &models::Resolved) {
    let layers = match &model.choice.model.kind {
        ModelKind::Transformer(transformer) => transformer.layers,
        ModelKind::Network(_) => return,
    };
    if let Some(option) = runtime::divides(software, layers) {
        context.assume(
            format!("runtime.{option}"),
            "embedding, output and cache lie with the layers in proportion; activations that cross the link take no time; \
             each operator on the host is computed there or on the accelerator after its weights crossed the link, whichever is faster",
            "llama.cpp, tools/server/README.md (n_gpu_layers, n_cpu_moe, op_offload)",
        );
        context.assume(
            "hardware.*.host.cpu.power",
            "a processor that computes operators draws the same shares of its range from idle to TDP as an accelerator",
            "no source states shares for processors; the terms power_memory_bound and power_compute_bound are used",
        );
    }
}

/// Why this version cannot predict a system, where it cannot.
fn unmodelled(software: &Runtime, options: Option<&Node>, hardware: &Node) -> Option<Diagnostic> {
    let probe = hardware.get("probe").map(|probe| {
        Diagnostic::error(
            Code::NotModelledYet,
            "this version cannot describe this machine by itself",
            probe.span,
        )
        .label("not modelled yet")
        .help("describe it in a file with the columns of the catalogue: `file: my-machine.yaml`")
    });
    let offload = || {
        let option = runtime::offload(software)?;
        let place = options
            .and_then(|options| options.get(option))
            .map(|node| node.span);
        let message = format!("`{option}` leaves a part of the model outside the accelerator");
        Some(
            Diagnostic::error(Code::NotModelledYet, message, place)
                .label("not modelled yet")
                .help("`n_gpu_layers` and `n_cpu_moe` of llama.cpp are predicted"),
        )
    };
    probe.or_else(offload)
}
