//! A slice of a run as a trace that Chrome and Perfetto open.
//!
//! The JSON Object Format of the "Trace Event Format" (Google, document 1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU): complete
//! events `X` for steps and requests, counters `C`, metadata `M`. Times are microseconds from the start of the slice, with
//! three decimals, so that no nanosecond is lost. The bytes are a function of the run.

use std::fmt::Write as _;

use super::answer::{Options, settings};
use super::request::{Finished, Observer, Request, StepSpan};
use super::run::{Subject, observe_beside};
use super::tally::Measured;
use super::time::Nanos;
use super::watch::Onlooker;
use crate::perf::Lane;
use crate::record::NotModelled;
use crate::record::json::{Object, string};

/// Measured requests of a slice: the first ones after the warm-up, and every step from the sending of the first of them to the
/// end of the last.
pub const SLICE: u64 = 200;

/// Most steps of a slice; equal steps in a row are one.
const MOST_STEPS: usize = 20_000;

/// The slice of a run with the terms' values as the text of a trace; `None` where not even one request fits. `about` is written
/// beside the events: what the trace is of.
///
/// Every engine is a process with one thread of steps and counters of its batch, its queue and its cache. The requests are
/// one more process; each lies in the first lane that is free when it is sent, with its times in the queue, with its prompt and
/// with its generation inside.
///
/// # Errors
///
/// Those of [`super::estimate`].
pub fn trace(
    subject: Subject<'_>,
    options: &Options,
    about: &[(&str, &str)],
) -> Result<Option<String>, NotModelled> {
    let (settings, _) = settings(subject, options)?;
    let mut slice = Slice::default();
    let run = observe_beside(subject, &settings, Lane::Value, &mut slice)?;
    Ok(run.map(|run| slice.text(run.engines.all, about)))
}

/// What happens in a slice.
#[derive(Debug, Clone, Default)]
struct Slice {
    /// Positions of the first request and of the one behind the last.
    requests: (u64, u64),
    start: Option<Nanos>,
    left: u64,
    /// When the last of those seen so far ended.
    end: Nanos,
    steps: Vec<StepSpan>,
    finished: Vec<Finished>,
}

impl Slice {
    fn holds(&self, request: &Request) -> bool {
        (self.requests.0..self.requests.1).contains(&request.index)
    }
}

impl Observer for Slice {
    fn finished(&mut self, finished: &Finished) {
        if self.holds(&finished.request) {
            self.left -= 1;
            self.end = self.end.max(finished.last);
            self.finished.push(finished.clone());
        }
    }

    fn gap(&mut self, _: Nanos, _: u64) {}

    fn step(&mut self, span: &StepSpan) {
        let inside = self.start.is_some_and(|start| span.start >= start);
        // The last request leaves before its last step is seen.
        let lasts = self.left > 0 || span.end <= self.end;
        if inside && lasts && self.steps.len() < MOST_STEPS {
            self.steps.push(*span);
        }
    }

    fn rejected(&mut self, request: &Request) {
        self.left -= u64::from(self.holds(request));
    }
}

impl Onlooker for Slice {
    fn begins(&mut self, measured: Measured) {
        self.left = SLICE.min(measured.requests);
        self.requests = (measured.warmup, measured.warmup + self.left);
    }

    fn arrived(&mut self, request: &Request) {
        if self.holds(request) {
            self.start.get_or_insert(request.intended);
        }
    }
}

/// The thread of an engine's steps.
const STEPS: u32 = 0;

impl Slice {
    fn text(mut self, engines: u32, about: &[(&str, &str)]) -> String {
        let zero = self.start.unwrap_or_default();
        let mut out = Events::new(zero);
        let requests = engines + 1;
        for engine in 0..engines {
            out.name(engine + 1, None, &format!("engine {engine}"));
            out.name(engine + 1, Some(STEPS), "steps");
        }
        out.name(requests, None, "requests");
        self.finished
            .sort_by_key(|one| (one.request.intended, one.request.index));
        let mut lanes: Vec<Nanos> = Vec::new();
        let placed: Vec<u32> = self
            .finished
            .iter()
            .map(|one| lane(&mut lanes, one))
            .collect();
        for place in 0..lanes.len() as u32 {
            out.name(requests, Some(place), &format!("lane {place:03}"));
        }
        for span in &self.steps {
            step(&mut out, span);
        }
        for (one, place) in self.finished.iter().zip(placed) {
            request(&mut out, (requests, place), one);
        }
        out.finish(about)
    }
}

/// The first lane that is free when a request is meant to be sent.
fn lane(lanes: &mut Vec<Nanos>, one: &Finished) -> u32 {
    let start = one.request.intended;
    let free = lanes.iter().position(|end| *end <= start);
    let place = free.unwrap_or(lanes.len());
    if free.is_none() {
        lanes.push(one.last);
    }
    lanes[place] = one.last;
    place as u32
}

fn step(out: &mut Events, span: &StepSpan) {
    let process = span.engine + 1;
    let name = match (span.prompt_tokens, span.steps) {
        (0, 1) => "generation".to_owned(),
        (0, steps) => format!("generation × {steps}"),
        (_, _) => "with prompts".to_owned(),
    };
    let arguments = [
        ("generating", span.generating.to_string()),
        ("kv_occupancy", share(span.occupancy)),
        ("prompt_tokens", span.prompt_tokens.to_string()),
        ("steps", span.steps.to_string()),
        ("waiting", span.waiting.to_string()),
    ];
    out.slice((process, STEPS), &name, (span.start, span.end), &arguments);
    let generating = span.generating.to_string();
    out.counter(process, "batch", span.start, ("generating", generating));
    out.counter(
        process,
        "KV occupancy",
        span.start,
        ("share", share(span.occupancy)),
    );
    out.counter(
        process,
        "queue",
        span.end,
        ("waiting", span.waiting.to_string()),
    );
}

fn share(share: f64) -> String {
    format!("{share:.6}")
}

fn request(out: &mut Events, thread: (u32, u32), one: &Finished) {
    let Finished {
        request,
        scheduled,
        first,
        last,
        ..
    } = one;
    let arguments = [
        ("cached_tokens", one.cached.to_string()),
        ("engine", one.engine.to_string()),
        ("output_tokens", request.output.to_string()),
        ("preemptions", one.preemptions.to_string()),
        ("prompt_tokens", request.prompt.to_string()),
    ];
    let name = format!("request {}", request.index);
    out.slice(thread, &name, (request.intended, *last), &arguments);
    let parts = [
        ("at the client", request.intended, request.sent),
        ("queue", request.sent, *scheduled),
        ("prefill", *scheduled, *first),
        ("decode", *first, *last),
    ];
    for (name, start, end) in parts {
        if start < end {
            out.slice(thread, name, (start, end), &[]);
        }
    }
}

/// Events as text, one on a line.
struct Events {
    zero: Nanos,
    text: String,
    first: bool,
}

impl Events {
    fn new(zero: Nanos) -> Self {
        Self {
            zero,
            text: String::from("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"),
            first: true,
        }
    }

    fn event(&mut self, fill: impl FnOnce(&mut Object<'_>)) {
        self.text.push_str(if self.first { "" } else { ",\n" });
        self.first = false;
        let mut object = Object::open(&mut self.text);
        fill(&mut object);
        object.close();
    }

    /// Names a process, or one of its threads.
    fn name(&mut self, process: u32, thread: Option<u32>, name: &str) {
        self.event(|object| {
            let mut arguments = Object::open(object.key("args"));
            arguments.text("name", name);
            arguments.close();
            let kind = if thread.is_some() {
                "thread_name"
            } else {
                "process_name"
            };
            object.text("name", kind);
            object.text("ph", "M");
            object.count("pid", process);
            object.count("tid", thread.unwrap_or(0));
        });
    }

    fn slice(
        &mut self,
        (process, thread): (u32, u32),
        name: &str,
        (start, end): (Nanos, Nanos),
        arguments: &[(&str, String)],
    ) {
        let zero = self.zero;
        self.event(|object| {
            let mut inner = Object::open(object.key("args"));
            for (key, value) in arguments {
                inner.key(key).push_str(value);
            }
            inner.close();
            micros(object.key("dur"), end.since(start));
            object.text("name", name);
            object.text("ph", "X");
            object.count("pid", process);
            object.count("tid", thread);
            micros(object.key("ts"), start.since(zero));
        });
    }

    fn counter(&mut self, process: u32, name: &str, at: Nanos, (series, value): (&str, String)) {
        let zero = self.zero;
        self.event(|object| {
            let mut inner = Object::open(object.key("args"));
            inner.key(series).push_str(&value);
            inner.close();
            object.text("name", name);
            object.text("ph", "C");
            object.count("pid", process);
            micros(object.key("ts"), at.since(zero));
        });
    }

    fn finish(mut self, about: &[(&str, &str)]) -> String {
        self.text.push_str("\n],\"otherData\":{");
        let start = self.zero.seconds();
        let _ = write!(self.text, "\"slice_starts_at_s\":{start}");
        for (key, value) in about {
            self.text.push(',');
            string(&mut self.text, key);
            self.text.push(':');
            string(&mut self.text, value);
        }
        self.text.push_str("}}\n");
        self.text
    }
}

/// Microseconds with the nanoseconds behind the point.
fn micros(out: &mut String, time: Nanos) {
    let nanos = time.get();
    let _ = write!(out, "{}.{:03}", nanos / 1000, nanos % 1000);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::Value;

    use super::*;
    use crate::perf::Server;
    use crate::perf::testing::{h100, llama_8b, pack, system, workload};
    use crate::scenario::{Arrival, LoadMode};

    fn text(mode: LoadMode) -> String {
        let system = system(llama_8b(), h100(), 1);
        let server = Server::new(&system, &pack()).expect("all facts are there");
        let workload = workload(600, 40, mode);
        let subject = Subject {
            server: &server,
            system: &system,
            workload: &workload,
        };
        let options = Options {
            level: 0.95,
            percentiles: vec![50.0],
            seed: 1,
            objectives: Vec::new(),
        };
        let about = [("scenario", "a \"test\"")];
        let trace = trace(subject, &options, &about).expect("the load has a simulation");
        trace.expect("requests fit")
    }

    fn open() -> String {
        text(LoadMode::RequestRate {
            rate: 12.0,
            arrival: Arrival::Poisson,
            max_in_flight: None,
        })
    }

    /// Nanoseconds of a time.
    fn nanos(value: &Value) -> u64 {
        (value.as_f64().expect("a number") * 1e3).round() as u64
    }

    type Slices = BTreeMap<(u64, u64), Vec<(u64, u64, String)>>;

    fn slices(document: &Value) -> Slices {
        let mut threads = Slices::new();
        for event in document["traceEvents"].as_array().expect("a list") {
            let number = |key: &str| event[key].as_u64().expect("a whole number");
            match event["ph"].as_str().expect("a kind") {
                "X" => {
                    let start = nanos(&event["ts"]);
                    let slice = (start, start + nanos(&event["dur"]));
                    let name = event["name"].as_str().expect("a name").to_owned();
                    let thread = threads.entry((number("pid"), number("tid"))).or_default();
                    thread.push((slice.0, slice.1, name));
                }
                "C" => assert!(event["args"].is_object() && event["ts"].is_number()),
                "M" => assert!(event["args"]["name"].is_string()),
                other => panic!("no event of kind {other} is written"),
            }
        }
        threads
    }

    /// Events of one thread lie inside each other or apart; gives those that lie in no other.
    fn outermost(events: &[(u64, u64, String)]) -> Vec<(u64, u64, String)> {
        let mut sorted = events.to_vec();
        sorted.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        let (mut open, mut outer): (Vec<u64>, Vec<_>) = (Vec::new(), Vec::new());
        for event in sorted {
            open.retain(|end| *end > event.0);
            assert!(open.iter().all(|end| event.1 <= *end), "{event:?} is cut");
            if open.is_empty() {
                outer.push(event.clone());
            }
            open.push(event.1);
        }
        outer
    }

    #[test]
    fn slices_nest_and_every_request_begins_and_ends_with_a_step() {
        for text in [open(), text(LoadMode::Concurrency(32))] {
            let document: Value = serde_json::from_str(&text).expect("it is JSON");
            assert_eq!(document["otherData"]["scenario"], "a \"test\"");
            let threads = slices(&document);
            let steps = &threads[&(1, 0)];
            assert_eq!(outermost(steps).len(), steps.len(), "steps do not overlap");
            let requests = threads.iter().filter(|((process, _), _)| *process == 2);
            let mut seen = 0;
            for (_, events) in requests {
                let outer = outermost(events);
                seen += outer.len() as u64;
                for (start, end, name) in &outer {
                    assert!(name.starts_with("request "), "{name}");
                    let inside = events.iter().filter(|event| {
                        !event.2.starts_with("request") && *start <= event.0 && event.1 <= *end
                    });
                    let covered: u64 = inside.map(|(start, end, _)| end - start).sum();
                    assert_eq!(covered, end - start, "the parts of {name} fill it");
                    assert!(
                        steps.iter().any(|step| step.1 == *end),
                        "{name} ends with a step"
                    );
                }
                let prefills = events.iter().filter(|event| event.2 == "prefill");
                for (start, ..) in prefills {
                    assert!(
                        steps.iter().any(|step| step.0 == *start),
                        "a prompt begins with a step"
                    );
                }
            }
            assert_eq!(seen, SLICE);
        }
    }

    #[test]
    fn the_same_run_gives_the_same_bytes() {
        assert_eq!(open(), open());
    }

    #[test]
    fn times_keep_every_nanosecond() {
        let mut out = String::new();
        micros(&mut out, Nanos::new(1_234_005));
        assert_eq!(out, "1234.005");
    }
}
