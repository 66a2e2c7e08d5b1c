//! Users who pause, and conversations whose prompts grow.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use super::arrivals::Times;
use super::lengths::Sampler;
use super::prefix::Span;
use super::request::{Finished, Request};
use super::source::{Maker, Source};
use super::time::Nanos;
use crate::stats::{Stream, stream};

/// Names of sessions in the cache stand apart from those of shared prefixes.
const SESSIONS: u64 = 1 << 63;

/// How long users wait, and how often they ask.
#[derive(Debug, Clone)]
pub struct Habits {
    /// Requests of a session; `None` where requests do not belong together.
    pub turns: Option<Sampler>,
    /// Mean pause between the turns of a session, seconds.
    pub pause: f64,
    /// Mean pause of a user between sessions, seconds.
    pub think: f64,
    /// Requests in all.
    pub most: u64,
}

/// What brings new sessions.
#[derive(Debug, Clone)]
pub enum Begin {
    /// So many users, each of whom begins another session when one has ended and they have thought.
    Users(u64),
    /// Sessions begin at these times.
    At(Times),
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Session {
    /// Its number, from zero.
    number: u64,
    /// Turns that are left, the next included.
    left: u32,
    /// Tokens of the last prompt and its output.
    context: u32,
    /// Prompt tokens that all of its turns share with other sessions.
    shared: Option<Arc<[Span]>>,
}

/// A turn that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Turn {
    at: Nanos,
    session: Session,
}

impl Ord for Turn {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.session.number).cmp(&(other.at, other.session.number))
    }
}

impl PartialOrd for Turn {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Requests of users and sessions.
///
/// The prompt of a turn is the last prompt, its output, and as many new tokens as a prompt of the workload has; what the
/// last turn left in the cache of an engine is found there. A turn that is turned away ends its session. Pauses are exponential. The first session of
/// each user begins after a pause and with as many turns as may be left of one under way, so that sessions do not go in step. A router sees
/// every turn anew.
#[derive(Debug, Clone)]
pub struct Users {
    maker: Maker,
    habits: Habits,
    turns: Stream,
    pauses: Stream,
    begun: u64,
    /// When the next session begins by itself.
    times: Option<(Times, Nanos)>,
    ready: BinaryHeap<Reverse<Turn>>,
    /// Sessions whose turn is in the server, by the number of its request.
    away: HashMap<u64, Session>,
}

impl Users {
    /// Users, or sessions at a rate.
    pub fn new(maker: Maker, habits: Habits, begin: Begin, seed: u64) -> Self {
        let mut users = Self {
            maker,
            habits,
            turns: stream(seed, "turns"),
            pauses: stream(seed, "pauses"),
            begun: 0,
            times: None,
            ready: BinaryHeap::new(),
            away: HashMap::new(),
        };
        match begin {
            Begin::Users(number) => {
                for _ in 0..number {
                    let at = users.paused(Nanos::ZERO, users.habits.think);
                    let mut session = users.session();
                    let under_way = users.turns.below(u64::from(session.left)) as u32;
                    session.left -= under_way;
                    users.ready.push(Reverse(Turn { at, session }));
                }
            }
            Begin::At(mut times) => {
                users.times = times.next().map(|first| (times, first));
            }
        }
        users
    }

    fn session(&mut self) -> Session {
        self.begun += 1;
        let turns = self.habits.turns.as_ref();
        Session {
            number: self.begun - 1,
            left: turns.map_or(1, |turns| turns.draw(&mut self.turns)),
            context: 0,
            shared: None,
        }
    }

    fn paused(&mut self, now: Nanos, mean: f64) -> Nanos {
        if mean > 0.0 {
            now.after(Nanos::from_seconds(mean * self.pauses.exponential()))
        } else {
            now
        }
    }

    /// The next session of a user whose last one has ended.
    fn again(&mut self, now: Nanos) {
        if self.times.is_none() {
            let at = self.paused(now, self.habits.think);
            let session = self.session();
            self.ready.push(Reverse(Turn { at, session }));
        }
    }

    /// The earliest turn; one of a session under way before one that begins.
    fn next(&mut self) -> Turn {
        let begins = self.times.as_ref().map(|(_, at)| *at);
        let known = self.ready.peek().map(|Reverse(turn)| turn.at);
        if let (Some(at), true) = (begins, known.is_none_or(|known| Some(known) > begins)) {
            let session = self.session();
            let (times, next) = self.times.as_mut().expect("a session begins");
            // A rate has no end, and what has one comes to `NEVER`.
            *next = times.next().unwrap_or(Nanos::NEVER);
            return Turn { at, session };
        }
        self.ready.pop().expect("a turn is known").0
    }

    /// Makes the request of a turn longer by what was said before it.
    fn grow(&self, request: Request, session: &mut Session) -> Request {
        if self.habits.turns.is_none() {
            return request;
        }
        if session.context == 0 {
            session.shared.clone_from(&request.prefix);
        }
        let shared: u32 = session
            .shared
            .iter()
            .flat_map(|spans| spans.iter())
            .map(|span| span.tokens)
            .sum();
        let name = SESSIONS | session.number;
        let prompt = session.context.saturating_add(request.prompt);
        // The last token of an output is never in the cache.
        let kept = session.context.saturating_sub(1).saturating_sub(shared);
        let mine = (kept > 0).then_some(Span { name, tokens: kept });
        let spans = session
            .shared
            .iter()
            .flat_map(|spans| spans.iter().copied());
        let spans: Vec<Span> = spans.chain(mine).collect();
        session.context = prompt.saturating_add(request.output);
        Request {
            prompt,
            prefix: (!spans.is_empty()).then(|| Arc::from(spans)),
            leaves: Some(Span {
                name,
                tokens: (session.context - 1).saturating_sub(shared),
            }),
            ..request
        }
    }
}

impl Source for Users {
    fn next_arrival(&self) -> Option<Nanos> {
        if self.maker.made() >= self.habits.most {
            return None;
        }
        let begins = self.times.as_ref().map(|(_, at)| *at);
        let known = self.ready.peek().map(|Reverse(turn)| turn.at);
        let first = [begins, known].into_iter().flatten().min();
        first
            .filter(|at| *at < Nanos::NEVER)
            .map(|at| self.maker.arrival(at))
    }

    fn take(&mut self) -> Request {
        let Turn { at, mut session } = self.next();
        let request = self.maker.make(at, at);
        let request = self.grow(request, &mut session);
        session.left -= 1;
        self.away.insert(request.index, session);
        request
    }

    fn finished(&mut self, finished: &Finished) {
        let session = self.away.remove(&finished.request.index);
        match session.filter(|session| session.left > 0) {
            Some(session) => {
                let at = self.paused(finished.last, self.habits.pause);
                self.ready.push(Reverse(Turn { at, session }));
            }
            None => self.again(finished.last),
        }
    }

    fn rejected(&mut self, request: &Request) {
        self.away.remove(&request.index);
        self.again(request.arrival);
    }

    fn next_arrival_at(&self, _: u32) -> Option<Nanos> {
        self.next_arrival()
    }

    fn crosses(&self) -> bool {
        true
    }
}
