//! A trace as a source of requests.

use std::sync::Arc;

use super::prefix::Span;
use super::request::{Finished, Request};
use super::source::{Maker, Source};
use super::time::Nanos;
use crate::scenario::{Replayed, Trace, TracePrefix};

/// Every request of a trace, once, at its time, whether or not the server keeps up.
#[derive(Debug, Clone)]
pub struct Replay {
    trace: Arc<Trace>,
    speed: f64,
    /// Makes what a trace does not say: host time, and prefixes that the scenario states.
    maker: Maker,
    next: usize,
}

impl Replay {
    /// The requests of a trace.
    pub fn new(replayed: &Replayed, maker: Maker) -> Self {
        Self {
            trace: Arc::clone(&replayed.trace),
            speed: replayed.speed,
            maker,
            next: 0,
        }
    }

    fn sent(&self, place: usize) -> Nanos {
        let at = Nanos::new(self.trace.request(place).at);
        if (self.speed - 1.0).abs() < f64::EPSILON {
            at
        } else {
            Nanos::from_seconds(at.seconds() / self.speed)
        }
    }

    /// What a prompt begins with, and what the request leaves for the next of its session.
    fn shared(&mut self, place: usize, prompt: u32) -> (Option<Arc<[Span]>>, Option<Span>) {
        match self.trace.prefix(place) {
            TracePrefix::Own => (self.maker.prefix(prompt), None),
            TracePrefix::Stretches(parts) => {
                let spans = parts.iter().map(|part| Span {
                    name: u64::from(part.name),
                    tokens: part.tokens,
                });
                (Some(spans.collect()), None)
            }
            TracePrefix::Session(found) => {
                let name = u64::from(found.name);
                let begins = Span {
                    name,
                    tokens: found.tokens,
                };
                let output = self.trace.request(place).output;
                let leaves = Span {
                    name,
                    tokens: prompt.saturating_add(output - 1),
                };
                let prefix = (found.tokens > 0).then(|| Arc::from([begins]));
                (prefix, Some(leaves))
            }
        }
    }
}

impl Source for Replay {
    fn next_arrival(&self) -> Option<Nanos> {
        (self.next < self.trace.len()).then(|| self.maker.arrival(self.sent(self.next)))
    }

    fn take(&mut self) -> Request {
        let place = self.next;
        self.next += 1;
        let found = self.trace.request(place);
        let sent = self.sent(place);
        let (prefix, leaves) = self.shared(place, found.prompt);
        Request {
            index: place as u64,
            home: None,
            intended: sent,
            sent,
            arrival: self.maker.arrival(sent),
            prompt: found.prompt,
            output: found.output,
            priority: self.trace.priority(place),
            prefix,
            leaves,
        }
    }

    fn finished(&mut self, _: &Finished) {}

    fn rejected(&mut self, _: &Request) {}

    fn next_arrival_at(&self, _: u32) -> Option<Nanos> {
        self.next_arrival()
    }

    fn crosses(&self) -> bool {
        false
    }
}
