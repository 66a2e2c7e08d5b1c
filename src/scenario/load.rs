//! Reads `load`: how requests arrive.

use super::context::Context;
use super::{Arrival, Load, LoadMode, Node, Replayed, Window};
use crate::diag::{Code, Diagnostic};
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
    let think_time = context.reader.field(node, "think_time", |reader, node| {
        reader.amount(node, Dimension::Time)
    });
    belongs(context, node);
    Some(Load {
        mode: mode?,
        requests,
        duration: duration.map(Seconds::new),
        warmup: warmup.map(Seconds::new),
        window: window?,
        think_time: Seconds::new(think_time.unwrap_or(0.0)),
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
        return replayed(context, trace).map(LoadMode::Trace);
    }
    if let Some(inner) = node.get("ramp") {
        return ramp(context, node, inner);
    }
    if node.get("single_stream").is_some() {
        return Some(LoadMode::SingleStream);
    }
    node.get("offline").map(|_| LoadMode::Offline)
}

fn replayed(context: &mut Context<'_>, node: &Node) -> Option<Replayed> {
    let file = node.get("file").unwrap_or(node);
    let speed = node.get("speed").map(|node| {
        let speed = context.reader.number(node)?;
        if speed <= 0.0 {
            let message = "a speed of zero never comes to its end";
            context
                .reader
                .bad_value(node.span, message, "must be more than 0");
            return None;
        }
        Some(speed)
    });
    let found = context.trace(file)?;
    let hash = &found.file.blake3[..12];
    Some(Replayed {
        file: format!("{}@{hash}", found.file.path),
        speed: speed.unwrap_or(Some(1.0))?,
        trace: found.trace,
    })
}

/// More requests of a ramp than a run would ever end with.
const MOST_OF_RAMP: f64 = 5e7;

fn ramp(context: &mut Context<'_>, node: &Node, ramp: &Node) -> Option<LoadMode> {
    let arrival = arrival(context, node);
    let reader = &mut context.reader;
    let max_in_flight = reader.field(node, "max_in_flight", |reader, node| reader.count(node, 1));
    let mut rate = |key: &str| {
        reader.field(ramp, key, |reader, node| {
            reader.amount(node, Dimension::RequestRate)
        })
    };
    let (from, to) = (rate("from"), rate("to"));
    let over = reader.field(ramp, "over", |reader, node| {
        reader.positive(node, Dimension::Time)
    });
    let (from, to, over) = (from?, to?, over?);
    let requests = 0.5 * (from + to) * over;
    if !(1.0..=MOST_OF_RAMP).contains(&requests) {
        let message = format!("about {requests:.0} requests arrive in this ramp");
        reader.bad_value(
            ramp.span,
            message,
            "between 1 and 50 million can be replayed",
        );
        return None;
    }
    Some(LoadMode::Ramp {
        from,
        to,
        over: Seconds::new(over),
        arrival: arrival?,
        max_in_flight,
    })
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

/// Keys that say something of some loads alone.
const BELONGS: [(&str, &[&str]); 7] = [
    ("arrival", &["request_rate", "ramp"]),
    ("max_in_flight", &["request_rate", "ramp"]),
    ("think_time", &["concurrency"]),
    ("requests", UNENDING),
    ("duration", UNENDING),
    ("warmup", UNENDING),
    ("window", UNENDING),
];

/// Loads that have no end of their own.
const UNENDING: &[&str] = &[
    "concurrency",
    "request_rate",
    "batch_size",
    "single_stream",
    "multi_stream",
    "offline",
];

fn belongs(context: &mut Context<'_>, node: &Node) {
    for (key, modes) in BELONGS {
        let Some(value) = node.get(key) else { continue };
        let has = |modes: &[&str]| modes.iter().any(|mode| node.get(mode).is_some());
        if has(modes) || (modes == UNENDING && !has(&["trace", "ramp"])) {
            continue;
        }
        let (message, label) = if modes == UNENDING {
            (
                format!(
                    "`{key}` says when a load ends, and this one ends by itself and is measured whole"
                ),
                "not with `trace` or `ramp`",
            )
        } else {
            let listed: Vec<String> = modes.iter().map(|mode| format!("`{mode}`")).collect();
            (
                format!(
                    "`{key}` belongs to {}, and this load has none",
                    listed.join(" and ")
                ),
                if key == "think_time" {
                    "no closed loop here"
                } else {
                    "no open loop here"
                },
            )
        };
        context.reader.bad_value(value.span, message, label);
    }
}

/// A trace has its own lengths, and every other load needs them.
pub(super) fn lengths_fit(context: &mut Context<'_>, workload: &Node) {
    let Some(load) = workload.get("load") else {
        return;
    };
    let trace = load.get("trace");
    let keys: &[&str] = if trace.is_some() {
        &["isl", "osl", "sessions"]
    } else {
        &["isl", "osl"]
    };
    for key in keys {
        match (workload.get(key), trace) {
            (Some(given), Some(trace)) => context.reader.push(
                Diagnostic::error(
                    Code::TwoForms,
                    format!("`{key}` stands beside a trace, which has its own"),
                    given.span,
                )
                .label("leave it out, or the trace")
                .related(trace.span, "the trace"),
            ),
            (None, None) => context.reader.push(
                Diagnostic::error(
                    Code::MissingKey,
                    format!("the key `{key}` is missing"),
                    workload.span,
                )
                .label(format!("needs `{key}`"))
                .help("only a trace has lengths of its own"),
            ),
            (Some(_), None) | (None, Some(_)) => {}
        }
    }
}

/// Sessions go with users and with rates.
pub(super) fn sessions_fit(context: &mut Context<'_>, workload: &Node) {
    let (Some(sessions), Some(load)) = (workload.get("sessions"), workload.get("load")) else {
        return;
    };
    let fits = ["concurrency", "request_rate", "trace"];
    if !fits.iter().any(|mode| load.get(mode).is_some()) {
        context.reader.bad_value(
            sessions.span,
            "sessions belong to `concurrency` and `request_rate`, and this load has none",
            "no sessions here",
        );
    }
    if let Some(cap) = load.get("max_in_flight") {
        context.reader.bad_value(
            cap.span,
            "`max_in_flight` counts single requests, and these come in sessions",
            "not with `sessions`",
        );
    }
}
