//! Requests in an engine, in slots that are used again, with the order in which they were admitted.

use super::request::Request;
use super::time::Nanos;

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// Where a request in an engine stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It waits, or its prompt is being processed.
    Prompt,
    /// It generates.
    Generating,
}

/// How the cache of a prompt comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// The engine processes the prompt.
    Computed,
    /// Another engine has processed it and sends the cache.
    Sent,
}

/// A request in an engine and how far it is.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub request: Request,
    pub stage: Stage,
    pub origin: Origin,
    /// Tokens that have to be in the cache before generation starts or goes on.
    pub target: u64,
    /// Of these, tokens that are there.
    pub done: u64,
    /// Tokens generated before the last interruption.
    pub generated: u64,
    /// The first time it was taken up; [`Nanos::NEVER`] before.
    pub scheduled: Nanos,
    /// When its first token was there; [`Nanos::NEVER`] before.
    pub first: Nanos,
    /// When it had its last token, known when it is interrupted.
    pub last: Nanos,
    /// Prompt tokens found in the cache at its first start.
    pub cached: u64,
    /// Of these, tokens found in host memory.
    pub hosted: u64,
    pub preemptions: u32,
    /// Blocks of it that went to host memory when it was interrupted.
    pub moved: u64,
    /// The tick after which it has all its tokens, while it generates.
    pub ends: u64,
    /// Ticks it has before it, when it starts to generate.
    pub ticks: u64,
    /// What it gets in a tick, in parts of a token.
    pub pace: u64,
    before: u32,
    after: u32,
    /// The next in its bucket of the wheel.
    pub beside: u32,
}

impl Slot {
    fn new(request: Request) -> Self {
        Self {
            target: u64::from(request.prompt),
            done: 0,
            generated: 0,
            scheduled: Nanos::NEVER,
            first: Nanos::NEVER,
            last: Nanos::ZERO,
            stage: Stage::Prompt,
            origin: Origin::Computed,
            cached: 0,
            hosted: 0,
            preemptions: 0,
            moved: 0,
            ends: 0,
            ticks: 0,
            pace: 0,
            before: NONE,
            after: NONE,
            beside: NONE,
            request,
        }
    }

    /// Prompt tokens that are left.
    pub const fn left(&self) -> u64 {
        self.target - self.done
    }

    /// Tokens in the cache when it ends: the last one generated is never written.
    pub fn final_tokens(&self) -> u64 {
        u64::from(self.request.prompt) + u64::from(self.request.output).saturating_sub(1)
    }

    /// Tokens it still has to generate once its target is in the cache; the first of them comes with the target.
    pub fn to_generate(&self) -> u64 {
        u64::from(self.request.output) - self.generated
    }
}

/// The slots, and the admitted ones in order of admission.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    places: Vec<Slot>,
    unused: Vec<u32>,
    oldest: u32,
    newest: u32,
    admitted: u32,
}

impl Slots {
    pub const fn new() -> Self {
        Self {
            places: Vec::new(),
            unused: Vec::new(),
            oldest: NONE,
            newest: NONE,
            admitted: 0,
        }
    }

    pub fn insert(&mut self, request: Request) -> u32 {
        let slot = Slot::new(request);
        if let Some(place) = self.unused.pop() {
            self.places[place as usize] = slot;
            return place;
        }
        self.places.push(slot);
        (self.places.len() - 1) as u32
    }

    /// Takes a slot that is not admitted out of use; what stood in it can be read until the next insertion.
    pub fn retire(&mut self, place: u32) {
        self.unused.push(place);
    }

    pub fn get(&self, place: u32) -> &Slot {
        &self.places[place as usize]
    }

    pub fn get_mut(&mut self, place: u32) -> &mut Slot {
        &mut self.places[place as usize]
    }

    /// Requests that were admitted and have not ended.
    pub const fn admitted(&self) -> u32 {
        self.admitted
    }

    /// The one admitted last; [`NONE`] where there is none.
    pub const fn newest(&self) -> u32 {
        self.newest
    }

    pub fn admit(&mut self, place: u32) {
        let newest = self.newest;
        let slot = self.get_mut(place);
        slot.before = newest;
        slot.after = NONE;
        if newest == NONE {
            self.oldest = place;
        } else {
            self.get_mut(newest).after = place;
        }
        self.newest = place;
        self.admitted += 1;
    }

    pub fn dismiss(&mut self, place: u32) {
        let (before, after) = (self.get(place).before, self.get(place).after);
        if before == NONE {
            self.oldest = after;
        } else {
            self.get_mut(before).after = after;
        }
        if after == NONE {
            self.newest = before;
        } else {
            self.get_mut(after).before = before;
        }
        self.admitted -= 1;
    }
}
