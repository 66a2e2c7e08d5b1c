//! What arrives, what leaves, and who watches.

use std::sync::Arc;

use super::prefix::Span;
use super::time::Nanos;

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// Position in the order of arrival, from zero.
    pub index: u64,
    /// When it was meant to be sent.
    pub intended: Nanos,
    /// When it was sent: later where the client holds requests back.
    pub sent: Nanos,
    /// When the scheduler sees it: after its host time.
    pub arrival: Nanos,
    /// Prompt tokens.
    pub prompt: u32,
    /// Tokens to generate, at least one.
    pub output: u32,
    /// The engine it goes to, where its place in the load belongs to one.
    pub home: Option<u32>,
    /// Smaller goes first where the policy is by priority.
    pub priority: u32,
    /// What the prompt shares with others, in order from its first token.
    pub prefix: Option<Arc<[Span]>>,
    /// What it leaves in the cache for later requests behind the other spans of its prefix; none where nobody looks for it.
    pub leaves: Option<Span>,
}

/// A request that has all its tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The request.
    pub request: Request,
    /// Which engine served it.
    pub engine: u32,
    /// When the scheduler first took it up.
    pub scheduled: Nanos,
    /// When its first token was there.
    pub first: Nanos,
    /// When its last token was there.
    pub last: Nanos,
    /// How often it was taken from the engine and began again.
    pub preemptions: u32,
    /// Prompt tokens found in the cache at its first start.
    pub cached: u32,
    /// Of these, tokens found in host memory.
    pub hosted: u32,
    /// Blocks of it that went to host memory when it was interrupted.
    pub moved: u64,
}

/// One step, or equal steps in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StepSpan {
    /// Which engine.
    pub engine: u32,
    /// When it began.
    pub start: Nanos,
    /// When it ended.
    pub end: Nanos,
    /// Steps in a row.
    pub steps: u64,
    /// Generating sequences.
    pub generating: u32,
    /// Prompt tokens processed.
    pub prompt_tokens: u64,
    /// Requests that waited.
    pub waiting: u32,
    /// Share of the cache in use.
    pub occupancy: f64,
}

/// Sees what happens in an engine, in the order of events.
pub trait Observer {
    /// A request has all its tokens.
    fn finished(&mut self, finished: &Finished);
    /// So many pairs of consecutive tokens were so far apart.
    fn gap(&mut self, gap: Nanos, times: u64);
    /// A step, or several alike, has ended.
    fn step(&mut self, span: &StepSpan);
    /// A request can never be served: it needs more cache than the engine has.
    fn rejected(&mut self, request: &Request);
}
