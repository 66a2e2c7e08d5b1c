//! A trace as it is kept.

use std::fmt;

use super::read::{TraceReader, Wrong};
use crate::scenario::Lengths;

/// One request of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceRequest {
    /// Nanoseconds after the first request.
    pub at: u64,
    /// Prompt tokens, at least one.
    pub prompt: u32,
    /// Output tokens, at least one.
    pub output: u32,
}

/// A stretch of a prompt that other prompts have too: equal names are equal tokens after equal prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    /// Its name.
    pub name: u32,
    /// Its tokens.
    pub tokens: u32,
}

/// What a prompt of a trace begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TracePrefix<'a> {
    /// Nothing that others have.
    Own,
    /// Stretches in order from the first token.
    Stretches(&'a [Shared]),
    /// So many tokens of what the last request of the same session left; zero for its first.
    Session(Shared),
}

/// What all prompts begin with.
#[derive(Clone, PartialEq)]
pub(super) enum Prefixes {
    None,
    /// Stretches of all requests one after another, and where those of each end.
    Stretches(Vec<Shared>, Vec<u32>),
    /// Session of each request; [`NO_SESSION`] for none.
    Sessions(Vec<Shared>),
}

/// Stands for a request without session.
pub(super) const NO_SESSION: u32 = u32::MAX;

/// The requests of a trace in order of arrival.
#[derive(Clone, PartialEq)]
pub struct Trace {
    pub(super) requests: Vec<TraceRequest>,
    /// Empty where all are alike.
    pub(super) priorities: Vec<u32>,
    pub(super) prefixes: Prefixes,
    pub(super) prompts: Lengths,
    pub(super) outputs: Lengths,
}

impl Trace {
    /// The trace in these bytes.
    ///
    /// # Errors
    ///
    /// What is wrong with it, a line each.
    pub fn read(bytes: &[u8]) -> Result<Self, Vec<String>> {
        let mut reader = TraceReader::default();
        reader.feed(bytes);
        let said = |wrong: Wrong| format!("line {}: {}", wrong.line, wrong.what);
        let read = reader.finish();
        read.map(|(trace, _)| trace)
            .map_err(|wrong| wrong.into_iter().map(said).collect())
    }

    /// How many requests there are; never none.
    pub const fn len(&self) -> usize {
        self.requests.len()
    }

    /// Never true: a trace without requests cannot be read.
    pub const fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// The request at a place below [`Self::len`].
    ///
    /// # Panics
    ///
    /// Beyond the end.
    pub fn request(&self, place: usize) -> TraceRequest {
        self.requests[place]
    }

    /// Its priority: smaller goes first where requests are ordered so.
    pub fn priority(&self, place: usize) -> u32 {
        self.priorities.get(place).copied().unwrap_or(0)
    }

    /// What its prompt begins with.
    pub fn prefix(&self, place: usize) -> TracePrefix<'_> {
        match &self.prefixes {
            Prefixes::None => TracePrefix::Own,
            Prefixes::Stretches(all, ends) => {
                let start = place.checked_sub(1).map_or(0, |before| ends[before]);
                TracePrefix::Stretches(&all[start as usize..ends[place] as usize])
            }
            Prefixes::Sessions(sessions) => match sessions[place] {
                Shared {
                    name: NO_SESSION, ..
                } => TracePrefix::Own,
                session => TracePrefix::Session(session),
            },
        }
    }

    /// True where prompts are known to begin alike.
    pub const fn repeats_prompts(&self) -> bool {
        !matches!(self.prefixes, Prefixes::None)
    }

    /// Seconds from the first request to the last.
    pub fn seconds(&self) -> f64 {
        self.requests
            .last()
            .map_or(0.0, |last| last.at as f64 * 1e-9)
    }

    /// How its prompt lengths are spread.
    pub const fn prompts(&self) -> &Lengths {
        &self.prompts
    }

    /// How its output lengths are spread.
    pub const fn outputs(&self) -> &Lengths {
        &self.outputs
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("requests", &self.len())
            .field("seconds", &self.seconds())
            .finish_non_exhaustive()
    }
}
