//! Engines behind one address, and the loop of events.

use super::cost::StepCost;
use super::engine::Engine;
use super::request::{Finished, Observer, Request, StepSpan};
use super::source::Source;
use super::time::Nanos;

/// How a request finds its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// One after another.
    RoundRobin,
    /// The one with the fewest requests, the first of equals.
    LeastLoaded,
    /// The one that has most of the prompt in its cache if that is more than 30 %, unless loads differ by more than 64 requests and
    /// by more than half; then the one with the fewest requests (`vllm-project/router: src/policies/cache_aware.rs`, which
    /// matches text where this matches cached tokens).
    CacheAware,
}

/// Sees a whole run.
pub trait Watch: Observer {
    /// A request reaches its scheduler; `system` is the state at that time.
    fn arrived(&mut self, request: &Request, system: &Snapshot);
    /// True once nothing more is wanted.
    fn is_done(&self) -> bool;
}

/// The state of all engines together.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Snapshot {
    /// When.
    pub at: Nanos,
    /// Tokens generated since the start.
    pub generated: u64,
    /// Requests that wait or run.
    pub load: u64,
    /// Of these, requests that wait.
    pub waiting: u64,
    /// Requests that have ended.
    pub ended: u64,
    /// Prompt tokens of the requests that have ended.
    pub ended_prompts: u64,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Everything wanted was seen, or all requests are served.
    Done,
    /// So many events happened that the run was given up.
    EventBound,
}

/// Engines, and how requests are spread over them.
#[derive(Debug, Clone)]
pub struct Cluster<C> {
    engines: Vec<Engine<C>>,
    route: Route,
    turn: usize,
    snapshot: Snapshot,
    events: u64,
}

impl<C: StepCost> Cluster<C> {
    /// Idle engines, at least one.
    ///
    /// # Panics
    ///
    /// Without an engine.
    pub fn new(engines: Vec<Engine<C>>, route: Route) -> Self {
        assert!(!engines.is_empty(), "a cluster has an engine");
        Self {
            engines,
            route,
            turn: 0,
            snapshot: Snapshot::default(),
            events: 0,
        }
    }

    /// The engines.
    pub fn engines(&self) -> &[Engine<C>] {
        &self.engines
    }

    /// The engines, to be driven from outside.
    pub(super) fn engines_mut(&mut self) -> &mut [Engine<C>] {
        &mut self.engines
    }

    /// Events so far.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The state after the last event.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            generated: self
                .engines
                .iter()
                .map(|engine| engine.done().generated)
                .sum(),
            load: self.engines.iter().map(Engine::load).sum(),
            waiting: self
                .engines
                .iter()
                .map(|engine| engine.queue() as u64)
                .sum(),
            ..self.snapshot
        }
    }

    /// Runs until the watch is done, nothing more can happen, or `bound` events have happened.
    pub fn run(&mut self, source: &mut impl Source, watch: &mut impl Watch, bound: u64) -> Ended {
        while !watch.is_done() {
            let ends = self.engines.iter().filter_map(Engine::next_event).min();
            let Some(now) = [ends, source.next_arrival()].into_iter().flatten().min() else {
                break;
            };
            // An arrival that was planned before the client let it go comes now.
            let now = now.max(self.snapshot.at);
            self.snapshot.at = now;
            self.events += 1;
            if self.events > bound {
                return Ended::EventBound;
            }
            self.end_steps(now, source, watch);
            self.take_arrivals(now, source, watch);
            self.start_steps(now, source);
        }
        Ended::Done
    }

    fn end_steps<S: Source, W: Watch>(&mut self, now: Nanos, source: &mut S, watch: &mut W) {
        for engine in &mut self.engines {
            if engine.next_event() == Some(now) {
                let mut both = Both {
                    source,
                    watch,
                    snapshot: &mut self.snapshot,
                };
                engine.advance(&mut both);
            }
        }
    }

    fn take_arrivals<S: Source, W: Watch>(&mut self, now: Nanos, source: &mut S, watch: &mut W) {
        // A client whose every request is turned away at once would go on for ever.
        while !watch.is_done() && source.next_arrival().is_some_and(|arrival| arrival <= now) {
            let request = source.take();
            watch.arrived(&request, &self.snapshot());
            let engine = self.pick(&request);
            let mut both = Both {
                source,
                watch,
                snapshot: &mut self.snapshot,
            };
            self.engines[engine].submit(request, &mut both);
        }
    }

    fn start_steps(&mut self, now: Nanos, source: &impl Source) {
        for place in 0..self.engines.len() {
            if self.engines[place].is_ready() {
                let horizon = self.horizon(place, now, source);
                self.engines[place].start(now, horizon);
            }
        }
    }

    /// The earliest time at which something may reach an engine from outside.
    fn horizon(&self, place: usize, now: Nanos, source: &impl Source) -> Nanos {
        let arrival = source.next_arrival_at(place as u32).unwrap_or(Nanos::NEVER);
        if !source.crosses() {
            return arrival;
        }
        let others = self
            .engines
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != place);
        others.fold(arrival, |horizon, (_, engine)| {
            // It starts after this one at the same time and may end at any.
            if engine.is_ready() {
                return now;
            }
            engine.next_event().map_or(horizon, |end| horizon.min(end))
        })
    }

    /// The engine that a request goes to.
    pub(super) fn pick(&mut self, request: &Request) -> usize {
        if let Some(home) = request.home {
            return home as usize;
        }
        match self.route {
            _ if self.engines.len() == 1 => 0,
            Route::RoundRobin => {
                self.turn = (self.turn + 1) % self.engines.len();
                self.turn
            }
            Route::LeastLoaded => self.least_loaded(),
            Route::CacheAware => self.cache_aware(request),
        }
    }

    fn least_loaded(&self) -> usize {
        let loads = self.engines.iter().map(Engine::load).enumerate();
        loads
            .min_by_key(|(_, load)| *load)
            .map_or(0, |(place, _)| place)
    }

    fn cache_aware(&self, request: &Request) -> usize {
        let loads = || self.engines.iter().map(Engine::load);
        let (least, most) = (loads().min().unwrap_or(0), loads().max().unwrap_or(0));
        if most - least > 64 && 2 * most > 3 * least {
            return self.least_loaded();
        }
        let mut best = (0, 0);
        for (place, engine) in self.engines.iter().enumerate() {
            let found = engine.found(request);
            if found > best.0 {
                best = (found, place);
            }
        }
        if 10 * best.0 > 3 * u64::from(request.prompt) {
            best.1
        } else {
            self.least_loaded()
        }
    }
}

/// Source and watch as one observer.
pub(super) struct Both<'a, S, W> {
    pub source: &'a mut S,
    pub watch: &'a mut W,
    pub snapshot: &'a mut Snapshot,
}

impl<S: Source, W: Watch> Observer for Both<'_, S, W> {
    fn finished(&mut self, finished: &Finished) {
        self.snapshot.ended += 1;
        self.snapshot.ended_prompts += u64::from(finished.request.prompt);
        self.source.finished(finished);
        self.watch.finished(finished);
    }

    fn gap(&mut self, gap: Nanos, times: u64) {
        self.watch.gap(gap, times);
    }

    fn step(&mut self, span: &StepSpan) {
        self.watch.step(span);
    }

    fn rejected(&mut self, request: &Request) {
        self.source.rejected(request);
        self.watch.rejected(request);
    }
}
