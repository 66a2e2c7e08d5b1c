//! Reads `load`: how requests arrive.

use super::context::Context;
use super::{Arrival, Load, LoadMode, Node, Window};
use crate::units::{Dimension, Seconds};

/// The load of a point; `None` where its mode cannot be read.
pub(super) fn read(context: &mut Context<'_>, node: &Node) -> Option<Load> {
    let mode = mode(context, node);
    let reader = &mut context.reader;
    let requests = reader.field(node, "requests", |reader, node| reader.count(node, 1));
    let duration = reader.field(node, "duration", |reader, node| {
        reader.positive(node, Dimension::Time)
    });
    let warmup = reader.field(node, "warmup", |reader, node| {
        reader.amount(node, Dimension::Time)
    });
    let window = window(context, node);
    only_open_loop(context, node);
    Some(Load {
        mode: mode?,
        requests,
        duration: duration.map(Seconds::new),
        warmup: warmup.map(Seconds::new),
        window: window?,
    })
}

/// A whole run has a number of requests.
fn window(context: &mut Context<'_>, node: &Node) -> Option<Window> {
    let Some(window) = node.get("window") else {
        return Some(Window::Steady);
    };
    let known = [("steady", Window::Steady), ("whole", Window::Whole)];
    let chosen = context.reader.choice(window, &known)?;
    if chosen == Window::Whole && node.get("requests").is_none() {
        context.reader.bad_value(
            window.span,
            "a whole run needs `requests`: how many there are",
            "of how many requests?",
        );
        return None;
    }
    Some(chosen)
}

fn mode(context: &mut Context<'_>, node: &Node) -> Option<LoadMode> {
    let reader = &mut context.reader;
    if let Some(count) = node.get("concurrency") {
        return reader.count(count, 1).map(LoadMode::Concurrency);
    }
    if let Some(rate) = node.get("request_rate") {
        let rate = reader.positive(rate, Dimension::RequestRate);
        let arrival = arrival(context, node);
        let max_in_flight = context
            .reader
            .field(node, "max_in_flight", |reader, node| reader.count(node, 1));
        return Some(LoadMode::RequestRate {
            rate: rate?,
            arrival: arrival?,
            max_in_flight,
        });
    }
    if let Some(count) = node.get("batch_size") {
        return reader.count(count, 1).map(LoadMode::BatchSize);
    }
    if let Some(count) = node.get("multi_stream") {
        return reader.count(count, 1).map(LoadMode::MultiStream);
    }
    if let Some(trace) = node.get("trace") {
        return context.file(trace).map(|(_, file)| {
            let hash = &file.listed.blake3[..12];
            LoadMode::Trace(format!("{}@{hash}", file.listed.path))
        });
    }
    if node.get("single_stream").is_some() {
        return Some(LoadMode::SingleStream);
    }
    node.get("offline").map(|_| LoadMode::Offline)
}

fn arrival(context: &mut Context<'_>, node: &Node) -> Option<Arrival> {
    let Some(arrival) = node.get("arrival") else {
        return Some(Arrival::Poisson);
    };
    if let Some(gamma) = arrival.get("gamma") {
        let burstiness = gamma.get("burstiness")?;
        let shape = context.reader.number(burstiness)?;
        if shape <= 0.0 {
            context.reader.bad_value(
                burstiness.span,
                "a burstiness of zero",
                "must be more than 0",
            );
            return None;
        }
        return Some(Arrival::Gamma { burstiness: shape });
    }
    let known = [
        ("poisson", Arrival::Poisson),
        ("constant", Arrival::Constant),
    ];
    context.reader.choice(arrival, &known)
}

/// `arrival` and `max_in_flight` say something of an open loop alone.
fn only_open_loop(context: &mut Context<'_>, node: &Node) {
    if node.get("request_rate").is_some() {
        return;
    }
    for key in ["arrival", "max_in_flight"] {
        if let Some(value) = node.get(key) {
            let message = format!("`{key}` belongs to `request_rate`, and this load has none");
            context
                .reader
                .bad_value(value.span, message, "no open loop here");
        }
    }
}
