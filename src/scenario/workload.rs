//! Reads `workload` of one point.

use super::context::Context;
use super::schema;
use super::{
    Duty, LlmWorkload, LoadMode, Node, Sessions, SharedPrefix, Unmodelled, Workload, identity,
    lengths, load,
};
use crate::diag::{Code, Diagnostic};
use crate::units::{Dimension, Seconds};

/// Kinds whose place is kept and which this version does not predict.
const UNMODELLED: [&str; 4] = ["embedding", "vision", "training", "kernel"];

/// The workload of a point; `None` where it cannot be read.
pub(super) fn read(context: &mut Context<'_>, node: &Node) -> Option<Workload> {
    if let Some(llm) = node.get("llm") {
        return self::llm(context, llm).map(Workload::Llm);
    }
    let kind = UNMODELLED
        .into_iter()
        .find(|kind| node.get(kind).is_some())?;
    let inside = node.get(kind)?;
    if let Some(node) = inside.get("load") {
        load::read(context, node);
    }
    if let Some(node) = inside.get("tokens").filter(|_| kind == "embedding") {
        lengths::read(context, node);
    }
    Some(Workload::Unmodelled(Unmodelled {
        kind,
        canonical: identity::canonical(&identity::by_shape(inside, schema::workload_shape(kind))),
    }))
}

/// Why this version cannot predict a workload, where it cannot.
pub(super) fn unmodelled(node: &Node) -> Option<Diagnostic> {
    let entry = node
        .entries()
        .iter()
        .find(|entry| UNMODELLED.contains(&entry.key.as_str()))?;
    let message = format!(
        "the workload `{}` is not predicted by this version",
        entry.key
    );
    Some(
        Diagnostic::error(Code::NotModelledYet, message, entry.key_span)
            .label("not modelled yet")
            .help("this version predicts `llm`; checking and planning work for every workload"),
    )
}

fn llm(context: &mut Context<'_>, node: &Node) -> Option<LlmWorkload> {
    let isl = node
        .get("isl")
        .and_then(|node| lengths::read(context, node));
    let osl = node
        .get("osl")
        .and_then(|node| lengths::read(context, node));
    let load = node.get("load").and_then(|node| load::read(context, node));
    load::lengths_fit(context, node);
    load::sessions_fit(context, node);
    let (isl, osl) = match load.as_ref().map(|load| &load.mode) {
        Some(LoadMode::Trace(replayed)) => {
            let trace = &replayed.trace;
            (Some(trace.prompts().clone()), Some(trace.outputs().clone()))
        }
        Some(_) | None => (isl, osl),
    };
    let sessions = node
        .get("sessions")
        .and_then(|node| sessions(context, node));
    let shared_prefix = node
        .get("shared_prefix")
        .and_then(|node| shared_prefix(context, node));
    let duty = node.get("duty").and_then(|node| duty(context, node));
    let reader = &mut context.reader;
    let streaming = reader
        .field(node, "streaming", super::read::Reader::boolean)
        .unwrap_or(true);
    let ignore_eos = reader
        .field(node, "ignore_eos", super::read::Reader::boolean)
        .unwrap_or(false);
    Some(LlmWorkload {
        isl: isl?,
        osl: osl?,
        shared_prefix,
        sessions,
        streaming,
        ignore_eos,
        load: load?,
        duty,
    })
}

fn sessions(context: &mut Context<'_>, node: &Node) -> Option<Sessions> {
    let turns = node
        .get("turns")
        .and_then(|node| lengths::read(context, node));
    let pause = context.reader.field(node, "pause", |reader, node| {
        reader.amount(node, Dimension::Time)
    });
    Some(Sessions {
        turns: turns?,
        pause: Seconds::new(pause.unwrap_or(0.0)),
    })
}

fn shared_prefix(context: &mut Context<'_>, node: &Node) -> Option<SharedPrefix> {
    let reader = &mut context.reader;
    let tokens = reader.field(node, "tokens", |reader, node| reader.count(node, 0))?;
    let groups = reader
        .field(node, "groups", |reader, node| reader.count(node, 1))
        .unwrap_or(1);
    Some(SharedPrefix { tokens, groups })
}

fn duty(context: &mut Context<'_>, node: &Node) -> Option<Duty> {
    let reader = &mut context.reader;
    let requests_per_hour = reader.field(node, "requests_per_hour", super::read::Reader::number)?;
    let suspends = reader
        .field(node, "between_requests", |reader, node| {
            reader.choice(node, &[("idle", false), ("suspend", true)])
        })
        .unwrap_or(false);
    let day = reader
        .field(node, "day", |reader, node| {
            reader.push(
                Diagnostic::note(
                    Code::NotModelledYet,
                    "`duty.day` does not change predictions: a charge is used without a pause",
                    node.span,
                )
                .label("accepted and not modelled"),
            );
            reader.positive(node, Dimension::Time)
        })
        .map(Seconds::new);
    Some(Duty {
        requests_per_hour,
        suspends,
        day,
    })
}
