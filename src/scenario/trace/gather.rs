//! Lines become a trace.

use std::collections::{BTreeMap, HashMap};

use super::replay::{NO_SESSION, Prefixes, Shared, Trace, TraceRequest};
use super::spans::Blocks;
use crate::scenario::Lengths;

/// Longer than any context: 2²⁶ tokens.
const MOST_TOKENS: u64 = 1 << 26;

/// More requests than a trace may have; they take 0.8 GB.
pub(super) const MOST_REQUESTS: usize = 50_000_000;

/// One request as read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line<'a> {
    /// Nanoseconds since any origin.
    pub at: u64,
    pub prompt: u64,
    pub output: u64,
    pub session: Option<&'a str>,
    pub priority: Option<u32>,
    /// Names of the prompt's blocks.
    pub blocks: Vec<u64>,
}

/// Lengths of zero, which count as one token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Zeros {
    /// How many prompts.
    pub prompts: u64,
    /// How many outputs.
    pub outputs: u64,
    /// The first line with one.
    pub first: u64,
}

/// Gathers requests in order.
#[derive(Debug, Default)]
pub(super) struct Gather {
    first: u64,
    requests: Vec<TraceRequest>,
    priorities: Vec<u32>,
    sessions: Vec<Shared>,
    /// Names of sessions, and the tokens that the last request of each left.
    session_names: HashMap<Box<str>, u32>,
    context: Vec<u32>,
    blocks: Vec<u32>,
    ends: Vec<u32>,
    block_names: HashMap<u64, u32>,
    prompts: HashMap<u32, u64>,
    outputs: HashMap<u32, u64>,
    pub zeros: Zeros,
}

impl Gather {
    pub const fn len(&self) -> usize {
        self.requests.len()
    }

    /// Adds a request, or says what is wrong with it.
    pub fn add(&mut self, line: &Line<'_>, number: u64) -> Result<(), String> {
        if self.requests.is_empty() {
            self.first = line.at;
        }
        let last = self.requests.last().map_or(0, |last| last.at);
        let Some(at) = line.at.checked_sub(self.first).filter(|at| *at >= last) else {
            return Err("its time is before that of the line above".to_owned());
        };
        if self.requests.len() == MOST_REQUESTS {
            return Err(format!("more than {MOST_REQUESTS} requests"));
        }
        let longest = line.prompt.max(line.output);
        if longest > MOST_TOKENS {
            return Err(format!("{longest} tokens are longer than any context"));
        }
        if line.prompt.min(line.output) == 0 {
            self.zero(line, number);
        }
        let request = TraceRequest {
            at,
            prompt: line.prompt.max(1) as u32,
            output: line.output.max(1) as u32,
        };
        *self.prompts.entry(request.prompt).or_default() += 1;
        *self.outputs.entry(request.output).or_default() += 1;
        self.session(line.session, request);
        self.names(&line.blocks)?;
        if let Some(priority) = line.priority {
            self.priorities.push(priority);
        }
        self.requests.push(request);
        Ok(())
    }

    fn zero(&mut self, line: &Line<'_>, number: u64) {
        if self.zeros == Zeros::default() {
            self.zeros.first = number;
        }
        self.zeros.prompts += u64::from(line.prompt == 0);
        self.zeros.outputs += u64::from(line.output == 0);
    }

    /// The session of a request and what it finds of it: all but the last token of what was there.
    fn session(&mut self, session: Option<&str>, request: TraceRequest) {
        let Some(text) = session else {
            if !self.sessions.is_empty() {
                self.sessions.push(Shared {
                    name: NO_SESSION,
                    tokens: 0,
                });
            }
            return;
        };
        if self.sessions.is_empty() {
            let none = Shared {
                name: NO_SESSION,
                tokens: 0,
            };
            self.sessions.resize(self.requests.len(), none);
        }
        let name = self.session_names.get(text).copied().unwrap_or_else(|| {
            let next = self.context.len() as u32;
            self.session_names.insert(text.into(), next);
            self.context.push(0);
            next
        });
        let context = &mut self.context[name as usize];
        self.sessions.push(Shared {
            name,
            tokens: (*context).min(request.prompt),
        });
        *context = request.prompt.saturating_add(request.output - 1);
    }

    fn names(&mut self, blocks: &[u64]) -> Result<(), String> {
        if self.ends.is_empty() {
            if blocks.is_empty() {
                return Ok(());
            }
            self.ends.resize(self.requests.len(), 0);
        }
        for block in blocks {
            let next = self.block_names.len() as u32;
            self.blocks
                .push(*self.block_names.entry(*block).or_insert(next));
        }
        let end = u32::try_from(self.blocks.len());
        self.ends
            .push(end.map_err(|_| "more than 4 billion hash ids".to_owned())?);
        Ok(())
    }

    /// The trace; `None` without a request.
    pub fn finish(mut self) -> Option<Trace> {
        if self.requests.is_empty() {
            return None;
        }
        self.requests.shrink_to_fit();
        self.priorities.shrink_to_fit();
        self.sessions.shrink_to_fit();
        let prefixes = if !self.blocks.is_empty() {
            let blocks = Blocks {
                names: self.blocks,
                ends: self.ends,
                count: self.block_names.len() as u32,
            };
            let (all, ends) = blocks.stretches(&self.requests);
            Prefixes::Stretches(all, ends)
        } else if !self.sessions.is_empty() {
            Prefixes::Sessions(self.sessions)
        } else {
            Prefixes::None
        };
        Some(Trace {
            prompts: spread(self.prompts),
            outputs: spread(self.outputs),
            requests: self.requests,
            priorities: self.priorities,
            prefixes,
        })
    }
}

/// Counted lengths as a distribution.
fn spread(counts: HashMap<u32, u64>) -> Lengths {
    let counts: BTreeMap<u32, u64> = counts.into_iter().collect();
    let total = counts.values().sum::<u64>() as f64;
    let weighted: Vec<(u64, f64)> = counts
        .into_iter()
        .map(|(length, count)| (u64::from(length), count as f64 / total))
        .collect();
    Lengths::Empirical(weighted.into())
}
