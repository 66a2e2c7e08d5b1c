//! Where requests come from: closed loops, open loops, and lists.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::arrivals::{Rate, Times};
use super::lengths::Sampler;
use super::prefix::Span;
use super::request::{Finished, Request};
use super::time::Nanos;
use crate::scenario::Arrival;
use crate::stats::{Stream, stream};

/// Requests in the order in which schedulers see them.
pub trait Source {
    /// When the next known request reaches its scheduler; `None` where none is known.
    fn next_arrival(&self) -> Option<Nanos>;
    /// The next known request.
    fn take(&mut self) -> Request;
    /// A request has ended.
    fn finished(&mut self, finished: &Finished);
    /// A request was turned away when it arrived.
    fn rejected(&mut self, request: &Request);
    /// The earliest time at which a request that is known now may reach that engine.
    fn next_arrival_at(&self, engine: u32) -> Option<Nanos>;
    /// True where the end of a request in one engine may bring another to a different one.
    fn crosses(&self) -> bool;
}

/// Makes requests: lengths, shared prefixes, host time. Equal seeds make equal requests, whatever serves them.
#[derive(Debug, Clone)]
pub struct Maker {
    prompts: (Sampler, Stream),
    outputs: (Sampler, Stream),
    groups: Arc<[Arc<[Span]>]>,
    group: Stream,
    host: Nanos,
    made: u64,
}

impl Maker {
    /// A maker of requests with these lengths. `shared` tokens are common to each of so many groups; `host` is the time
    /// between sending a request and its scheduler.
    pub fn new(
        prompts: Sampler,
        outputs: Sampler,
        shared: (u32, u64),
        host: Nanos,
        seed: u64,
    ) -> Self {
        let (tokens, groups) = shared;
        let groups = (0..if tokens > 0 { groups } else { 0 }).map(|name| {
            let span = Span { name, tokens };
            Arc::from([span])
        });
        Self {
            prompts: (prompts, stream(seed, "prompt lengths")),
            outputs: (outputs, stream(seed, "output lengths")),
            groups: groups.collect(),
            group: stream(seed, "prefix groups"),
            host,
            made: 0,
        }
    }

    /// Requests made so far.
    pub const fn made(&self) -> u64 {
        self.made
    }

    /// When a request sent then reaches the scheduler.
    pub const fn arrival(&self, sent: Nanos) -> Nanos {
        sent.after(self.host)
    }

    /// The next request.
    pub fn make(&mut self, intended: Nanos, sent: Nanos) -> Request {
        let prompt = self.prompts.0.draw(&mut self.prompts.1);
        let output = self.outputs.0.draw(&mut self.outputs.1);
        let prefix = self.prefix(prompt);
        self.made += 1;
        Request {
            index: self.made - 1,
            home: None,
            intended,
            sent,
            arrival: self.arrival(sent),
            prompt,
            output,
            priority: 0,
            prefix,
            leaves: None,
        }
    }

    /// What a prompt of this length shares with others.
    pub fn prefix(&mut self, prompt: u32) -> Option<Arc<[Span]>> {
        if self.groups.is_empty() {
            return None;
        }
        let group = self.group.below(self.groups.len() as u64);
        let whole = &self.groups[group as usize];
        if whole[0].tokens <= prompt {
            return Some(Arc::clone(whole));
        }
        let cut = Span {
            tokens: prompt,
            ..whole[0]
        };
        Some(Arc::from([cut]))
    }
}

/// So many requests in flight, each replaced when it ends.
///
/// A request that ends is replaced in the same engine: it then has one request fewer than the others, so that is where a
/// router by load sends the next.
///
/// The first are sent at random times within `begin`, so that a steady state does not remember its start. Host times lie anywhere between
/// half and one and a half times the maker's: clients and front ends take requests one by one and are interrupted. How far they vary is a
/// judgement; equal times would keep requests of equal lengths that once started together in step forever, and every prompt would
/// wait for all of its companions.
#[derive(Debug, Clone)]
pub struct ClosedLoop {
    maker: Maker,
    ready: BinaryHeap<Reverse<Ready>>,
    /// Draws host times; `None` where one request is alone and has the mean.
    hosts: Option<Stream>,
    planned: u64,
    most: u64,
}

/// A request on its way: the first to reach its scheduler, then the first to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ready {
    arrival: Nanos,
    order: u64,
    sent: Nanos,
    home: Option<u32>,
}

impl ClosedLoop {
    /// `concurrency` requests in flight, the first of which are sent within `begin`; `most` in all.
    pub fn new(maker: Maker, (concurrency, begin): (u64, Nanos), most: u64, seed: u64) -> Self {
        let mut started = Self {
            maker,
            ready: BinaryHeap::new(),
            hosts: (concurrency > 1).then(|| stream(seed, "host times")),
            planned: 0,
            most,
        };
        let mut phases = stream(seed, "phases");
        for _ in 0..concurrency {
            let sent = Nanos::from_seconds(begin.seconds() * phases.next_f64());
            started.replace(sent, None);
        }
        started
    }

    fn replace(&mut self, sent: Nanos, home: Option<u32>) {
        if self.planned == self.most {
            return;
        }
        let share = self
            .hosts
            .as_mut()
            .map_or(1.0, |hosts| 0.5 + hosts.next_f64());
        let host = self.maker.host.seconds() * share;
        self.ready.push(Reverse(Ready {
            arrival: sent.after(Nanos::from_seconds(host)),
            order: self.planned,
            sent,
            home,
        }));
        self.planned += 1;
    }
}

impl Source for ClosedLoop {
    fn next_arrival(&self) -> Option<Nanos> {
        self.ready.peek().map(|Reverse(first)| first.arrival)
    }

    fn take(&mut self) -> Request {
        let Reverse(ready) = self.ready.pop().expect("a request is ready");
        Request {
            home: ready.home,
            arrival: ready.arrival,
            ..self.maker.make(ready.sent, ready.sent)
        }
    }

    fn finished(&mut self, finished: &Finished) {
        self.replace(finished.last, Some(finished.engine));
    }

    fn rejected(&mut self, request: &Request) {
        self.replace(request.arrival, request.home);
    }

    fn next_arrival_at(&self, engine: u32) -> Option<Nanos> {
        let here = |ready: &&Reverse<Ready>| ready.0.home.is_none_or(|home| home == engine);
        let arrivals = self.ready.iter().filter(here);
        arrivals.map(|Reverse(ready)| ready.arrival).min()
    }

    fn crosses(&self) -> bool {
        false
    }
}

/// Requests at a rate, whether or not the server keeps up.
#[derive(Debug, Clone)]
pub struct OpenLoop {
    maker: Maker,
    times: Times,
    most: u64,
    next: Option<Nanos>,
    /// Requests in flight, and how many there may be.
    flight: (u64, u64),
    /// When the client last could send again after it could not.
    freed: Nanos,
}

impl OpenLoop {
    /// `rate` requests a second, `most` in all, at most `cap` in flight: beyond that they wait at the client.
    pub fn new(
        maker: Maker,
        rate: f64,
        arrival: Arrival,
        (most, cap): (u64, u64),
        seed: u64,
    ) -> Self {
        let times = Times::new(Rate::Steady(rate), arrival, seed);
        Self::at(maker, times, (most, cap))
    }

    /// Requests at these times, `most` in all, at most `cap` in flight.
    pub fn at(maker: Maker, times: Times, (most, cap): (u64, u64)) -> Self {
        let mut open = Self {
            maker,
            times,
            most,
            next: None,
            flight: (0, cap.max(1)),
            freed: Nanos::ZERO,
        };
        open.plan();
        open
    }

    /// Draws the next intended time.
    fn plan(&mut self) {
        self.next = if self.maker.made() < self.most {
            self.times.next()
        } else {
            None
        };
    }

    fn leaves(&mut self, now: Nanos) {
        if self.flight.0 == self.flight.1 {
            self.freed = now;
        }
        self.flight.0 -= 1;
    }
}

impl Source for OpenLoop {
    fn next_arrival(&self) -> Option<Nanos> {
        if self.flight.0 >= self.flight.1 {
            return None;
        }
        // One that was held back is sent when its turn comes.
        self.next
            .map(|intended| self.maker.arrival(intended.max(self.freed)))
    }

    fn take(&mut self) -> Request {
        let intended = self.next.expect("a request is known");
        let request = self.maker.make(intended, intended.max(self.freed));
        self.flight.0 += 1;
        self.plan();
        request
    }

    fn finished(&mut self, finished: &Finished) {
        self.leaves(finished.last);
    }

    fn rejected(&mut self, request: &Request) {
        self.leaves(request.arrival);
    }

    fn next_arrival_at(&self, _: u32) -> Option<Nanos> {
        self.next_arrival()
    }

    fn crosses(&self) -> bool {
        self.flight.1 != u64::MAX
    }
}
