//! Engines for prompts beside engines that generate, and the caches on their way between them.
//!
//! A request goes to an engine for prompts as in a [`Cluster`]; with its first token it is handed to the engine that generates for the
//! fewest, which takes blocks for it and then reads its cache. Devices of an engine read or send one cache after another: a
//! transfer begins when both ends are free. At one time steps end first, then transfers, then requests arrive, then steps start.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::cluster::{Both, Cluster, Ended, Route, Snapshot, Watch};
use super::cost::StepCost;
use super::engine::Engine;
use super::handover::Handed;
use super::request::{Finished, Observer, Request};
use super::source::Source;
use super::time::Nanos;

/// A request whose blocks are held by an engine for prompts.
#[derive(Debug, Clone, Copy)]
struct Held {
    engine: usize,
    place: u32,
    /// Tokens it generates in all.
    output: u32,
}

/// A cache on its way: when it is there, a number that orders equals, and which.
type Flight = Reverse<(Nanos, u64, Landing)>;

/// Where a cache goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Landing {
    engine: usize,
    place: u32,
    index: u64,
}

/// Seconds of a transfer of so many tokens.
type Seconds<'a> = Box<dyn Fn(f64) -> f64 + 'a>;

/// Two kinds of engines.
pub(super) struct Apart<'a, C> {
    prompts: Cluster<C>,
    generation: Cluster<C>,
    seconds: Seconds<'a>,
    /// By position in the order of arrival.
    held: BTreeMap<u64, Held>,
    flights: BinaryHeap<Flight>,
    sent: u64,
    /// Until when the devices of an engine send, and read.
    sending: Vec<Nanos>,
    reading: Vec<Nanos>,
    snapshot: Snapshot,
    events: u64,
}

impl<'a, C: StepCost> Apart<'a, C> {
    /// Idle engines of both kinds, at least one each; a transfer of so many tokens takes `seconds` of them.
    pub fn new(
        prompts: Vec<Engine<C>>,
        generation: Vec<Engine<C>>,
        route: Route,
        seconds: impl Fn(f64) -> f64 + 'a,
    ) -> Self {
        Self {
            sending: vec![Nanos::ZERO; prompts.len()],
            reading: vec![Nanos::ZERO; generation.len()],
            prompts: Cluster::new(
                prompts.into_iter().map(Engine::for_prompts).collect(),
                route,
            ),
            generation: Cluster::new(generation, Route::LeastLoaded),
            seconds: Box::new(seconds),
            held: BTreeMap::new(),
            flights: BinaryHeap::new(),
            sent: 0,
            snapshot: Snapshot::default(),
            events: 0,
        }
    }

    /// The engines for prompts.
    pub fn prompts(&self) -> &[Engine<C>] {
        self.prompts.engines()
    }

    /// The engines that generate.
    pub fn generation(&self) -> &[Engine<C>] {
        self.generation.engines()
    }

    /// Events so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The state after the last event.
    pub fn snapshot(&self) -> Snapshot {
        let (prompts, generation) = (self.prompts.snapshot(), self.generation.snapshot());
        Snapshot {
            generated: prompts.generated + generation.generated,
            load: prompts.load + generation.load,
            waiting: prompts.waiting + generation.waiting,
            ..self.snapshot
        }
    }

    /// Runs until the watch is done, nothing more can happen, or `bound` events have happened.
    pub fn run(&mut self, source: &mut impl Source, watch: &mut impl Watch, bound: u64) -> Ended {
        while !watch.is_done() {
            let lands = self.flights.peek().map(|Reverse((end, ..))| *end);
            let next = [self.next_end(), lands, source.next_arrival()];
            let Some(now) = next.into_iter().flatten().min() else {
                break;
            };
            let now = now.max(self.snapshot.at);
            self.snapshot.at = now;
            self.events += 1;
            if self.events > bound {
                return Ended::EventBound;
            }
            self.end_steps(now, source, watch);
            self.land(now);
            self.take_arrivals(now, source, watch);
            self.start_steps(now, source);
        }
        Ended::Done
    }

    fn next_end(&self) -> Option<Nanos> {
        let engines = self.prompts().iter().chain(self.generation());
        engines.filter_map(Engine::next_event).min()
    }

    fn end_steps<S: Source, W: Watch>(&mut self, now: Nanos, source: &mut S, watch: &mut W) {
        let mut both = Both {
            source,
            watch,
            snapshot: &mut self.snapshot,
        };
        let generation = self.generation.engines_mut().iter_mut();
        for engine in self.prompts.engines_mut().iter_mut().chain(generation) {
            if engine.next_event() == Some(now) {
                engine.advance(&mut both);
            }
        }
        for place in 0..self.prompts().len() {
            for handed in self.prompts.engines_mut()[place].take_handed() {
                self.hand_over(place, handed, source, watch);
            }
        }
    }

    /// A request with its first token goes to an engine that generates; one that wants no more has ended.
    fn hand_over<S: Source, W: Watch>(
        &mut self,
        engine: usize,
        mut handed: Handed,
        source: &mut S,
        watch: &mut W,
    ) {
        let held = self.held.get_mut(&handed.request.index);
        let held = held.expect("its output was kept when it arrived");
        held.place = handed.place;
        handed.request.output = held.output;
        if held.output > 1 {
            let to = self.generation.pick(&handed.request);
            self.generation.engines_mut()[to].accept(&handed);
            return;
        }
        self.held.remove(&handed.request.index);
        let sender = &mut self.prompts.engines_mut()[engine];
        sender.clear(handed.place);
        let finished = Finished {
            engine: engine as u32,
            scheduled: handed.scheduled,
            first: handed.first,
            last: handed.first,
            preemptions: handed.preemptions,
            cached: handed.cached as u32,
            hosted: handed.hosted as u32,
            moved: handed.moved,
            request: handed.request,
        };
        let mut both = Both {
            source,
            watch,
            snapshot: &mut self.snapshot,
        };
        both.finished(&finished);
    }

    /// Caches that are there: the sender's blocks are free, the request may join.
    fn land(&mut self, now: Nanos) {
        while let Some(Reverse((end, _, landing))) = self.flights.peek().copied() {
            if end > now {
                return;
            }
            self.flights.pop();
            let held = self.held.remove(&landing.index);
            let held = held.expect("a cache on its way is held where it comes from");
            self.prompts.engines_mut()[held.engine].clear(held.place);
            self.generation.engines_mut()[landing.engine].loaded(landing.place);
        }
    }

    fn take_arrivals<S: Source, W: Watch>(&mut self, now: Nanos, source: &mut S, watch: &mut W) {
        // A client whose every request is turned away at once would go on for ever.
        while !watch.is_done() && source.next_arrival().is_some_and(|arrival| arrival <= now) {
            let request = Request {
                home: None,
                ..source.take()
            };
            watch.arrived(&request, &self.snapshot());
            let engine = self.prompts.pick(&request);
            let alone = Request {
                output: 1,
                ..request.clone()
            };
            let served = self.generation()[0].can_serve(&request)
                && self.prompts()[engine].can_serve(&alone);
            let mut both = Both {
                source,
                watch,
                snapshot: &mut self.snapshot,
            };
            if !served {
                both.rejected(&request);
                continue;
            }
            let held = Held {
                engine,
                place: 0,
                output: request.output,
            };
            self.held.insert(request.index, held);
            self.prompts.engines_mut()[engine].submit(alone, &mut both);
        }
    }

    fn start_steps(&mut self, now: Nanos, source: &impl Source) {
        for engine in self.prompts.engines_mut() {
            if engine.is_ready() {
                engine.start(now, now);
            }
        }
        for place in 0..self.generation().len() {
            if !self.generation()[place].is_ready() {
                continue;
            }
            let prepared = self.generation.engines_mut()[place].prepare(now);
            // Caches that are read from now on may land while the step runs.
            self.read_wanted(place, now);
            if let Some(generates) = prepared {
                let horizon = self.horizon(place, now, source);
                self.generation.engines_mut()[place].launch(now, generates, horizon);
            }
        }
    }

    /// Transfers of what an engine has taken blocks for.
    fn read_wanted(&mut self, engine: usize, now: Nanos) {
        for (place, index, tokens) in self.generation.engines_mut()[engine].take_wanted() {
            let from = self.held[&index].engine;
            let begin = now.max(self.sending[from]).max(self.reading[engine]);
            let end = begin.after(Nanos::from_seconds((self.seconds)(tokens as f64)));
            self.sending[from] = end;
            self.reading[engine] = end;
            let landing = Landing {
                engine,
                place,
                index,
            };
            self.flights.push(Reverse((end, self.sent, landing)));
            self.sent += 1;
        }
    }

    /// The earliest time at which something may reach an engine that generates: a prompt or a transfer that ends, an arrival, or
    /// the end of another engine's step, which may bring one.
    fn horizon(&self, place: usize, now: Nanos, source: &impl Source) -> Nanos {
        let arrival = source.next_arrival().unwrap_or(Nanos::NEVER);
        let lands = self.flights.peek();
        let lands = lands.map_or(Nanos::NEVER, |Reverse((end, ..))| *end);
        let prompts = self.prompts().iter().filter_map(Engine::next_event);
        let horizon = prompts.fold(arrival.min(lands), Nanos::min);
        let others = self.generation().iter().enumerate();
        let others = others.filter(|(other, _)| *other != place);
        others.fold(horizon, |horizon, (_, engine)| {
            // It starts after this one at the same time and may end at any.
            if engine.is_ready() {
                return now;
            }
            engine.next_event().map_or(horizon, |end| horizon.min(end))
        })
    }
}
