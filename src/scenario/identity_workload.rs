//! What of a workload enters the identity of a point.

use serde_json::{Value as Json, json};

use super::identity::number;
use super::{Arrival, Lengths, LlmWorkload, Load, LoadMode, Window, Workload};
use crate::units::Seconds;

/// What of a workload decides what is predicted.
pub(super) fn workload(workload: &Workload) -> Json {
    match workload {
        Workload::Llm(llm) => json!({"llm": self::llm(llm)}),
        Workload::Unmodelled(other) => json!({other.kind: other.canonical}),
    }
}

fn llm(llm: &LlmWorkload) -> Json {
    // A trace stands for its lengths.
    let own = |spread| match &llm.load.mode {
        LoadMode::Trace(_) => Json::Null,
        LoadMode::Concurrency(_)
        | LoadMode::RequestRate { .. }
        | LoadMode::Ramp { .. }
        | LoadMode::BatchSize(_)
        | LoadMode::SingleStream
        | LoadMode::MultiStream(_)
        | LoadMode::Offline => lengths(spread),
    };
    let mut json = json!({
        "isl": own(&llm.isl),
        "osl": own(&llm.osl),
        "shared_prefix": llm.shared_prefix.map(|prefix| json!([prefix.tokens, prefix.groups])),
        "streaming": llm.streaming,
        "ignore_eos": llm.ignore_eos,
        "load": load(&llm.load),
        "duty": llm.duty.map(|duty| json!({
            "requests_per_hour": number(duty.requests_per_hour),
            "suspends": duty.suspends,
            "day": duty.day.map(|day| number(day.get())),
        })),
    });
    // What is absent has no key, so that ids stay when the language grows.
    if let Some(sessions) = &llm.sessions {
        json["sessions"] = json!([lengths(&sessions.turns), number(sessions.pause.get())]);
    }
    if llm.load.think_time > Seconds::ZERO {
        json["load"]["think_time"] = number(llm.load.think_time.get());
    }
    json
}

fn lengths(lengths: &Lengths) -> Json {
    match lengths {
        Lengths::Fixed(length) => json!(length),
        Lengths::Normal {
            mean,
            std,
            min,
            max,
        } => {
            json!({"normal": [number(*mean), number(*std), min, max]})
        }
        Lengths::Lognormal {
            mean,
            std,
            min,
            max,
        } => {
            json!({"lognormal": [number(*mean), number(*std), min, max]})
        }
        Lengths::Uniform { min, max } => json!({"uniform": [min, max]}),
        Lengths::Empirical(values) => {
            let pairs: Vec<Json> = values
                .iter()
                .map(|(value, weight)| json!([value, number(*weight)]))
                .collect();
            json!({"empirical": pairs})
        }
        Lengths::Mixture(parts) => {
            let parts: Vec<Json> = parts
                .iter()
                .map(|(weight, part)| json!([number(*weight), self::lengths(part)]))
                .collect();
            json!({"mixture": parts})
        }
    }
}

fn load(load: &Load) -> Json {
    let mode = match &load.mode {
        LoadMode::Concurrency(count) => json!({"concurrency": count}),
        LoadMode::RequestRate {
            rate,
            arrival,
            max_in_flight,
        } => {
            json!({"request_rate": number(*rate), "arrival": self::arrival(*arrival), "max_in_flight": max_in_flight})
        }
        LoadMode::BatchSize(count) => json!({"batch_size": count}),
        LoadMode::SingleStream => json!({"single_stream": true}),
        LoadMode::MultiStream(count) => json!({"multi_stream": count}),
        LoadMode::Offline => json!({"offline": true}),
        LoadMode::Ramp {
            from,
            to,
            over,
            arrival,
            max_in_flight,
        } => {
            let ramp = [*from, *to, over.get()].map(number);
            json!({"ramp": ramp, "arrival": self::arrival(*arrival), "max_in_flight": max_in_flight})
        }
        LoadMode::Trace(replayed) => {
            json!({"trace": replayed.file, "speed": number(replayed.speed)})
        }
    };
    let mut all = json!({
        "mode": mode,
        "requests": load.requests,
        "duration": load.duration.map(|time| number(time.get())),
        "warmup": load.warmup.map(|time| number(time.get())),
    });
    if load.window == Window::Whole {
        all["window"] = json!("whole");
    }
    all
}

fn arrival(arrival: Arrival) -> Json {
    match arrival {
        Arrival::Poisson => json!("poisson"),
        Arrival::Constant => json!("constant"),
        Arrival::Gamma { burstiness } => json!({"gamma": number(burstiness)}),
    }
}
