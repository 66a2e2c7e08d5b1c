//! A second tier of a cache in host memory: what was evicted from the device, and what interrupted requests left.

use std::collections::{HashMap, VecDeque};

/// The blocks `from..to` of a span, which the device has no more.
#[derive(Debug, Clone, Copy)]
struct Evicted {
    from: u64,
    to: u64,
    /// Which entry of the queue is its own; older ones are void.
    stamp: u64,
}

/// Where the blocks of prompts go that a device evicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Evicts {
    /// To host memory.
    #[default]
    ToHost,
    /// Nowhere: host memory is for interrupted requests.
    ToNothing,
}

/// Host memory of one engine, in blocks of its cache.
///
/// Blocks that leave the device come here until others need the room, those that came longest ago first and of a span its last
/// blocks first; what the device reads back or computes again is kept there alone. What an interrupted request left stays until it
/// goes on.
///
/// | Rule | Source |
/// |---|---|
/// | a block that is evicted is copied to host memory and stays in the search tree; the oldest there goes first | TensorRT-LLM, `docs/source/features/kvcache.md` |
/// | blocks are copied as they are computed, the oldest of host memory is replaced | vLLM, `docs/features/kv_offloading_usage.md` (`cpu_bytes_to_use`, `eviction_policy`); SGLang, `srt/mem_cache/hiradix_cache.py` (`write_through`) |
///
/// # Assumptions
///
/// A runtime that copies blocks as they are computed has in host memory what is on the device too; what it holds beyond that is
/// the difference of both sizes, so its room is taken as that difference. A copy to host memory waits for nothing and makes nothing
/// wait: it goes the other way of the link, beside computing.
#[derive(Debug, Clone, Default)]
pub struct HostTier {
    capacity: u64,
    takes: Evicts,
    /// Blocks of interrupted requests.
    left: u64,
    /// Blocks of spans.
    evicted: u64,
    spans: HashMap<u64, Evicted>,
    order: VecDeque<(u64, u64)>,
    stamps: u64,
    most: u64,
}

impl HostTier {
    /// Empty host memory of so many blocks.
    pub fn new(capacity: u64, takes: Evicts) -> Self {
        Self {
            capacity,
            takes,
            ..Self::default()
        }
    }

    /// Blocks in all.
    pub const fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Blocks in use.
    pub const fn used(&self) -> u64 {
        self.left + self.evicted
    }

    /// Most blocks that were in use at once.
    pub const fn most(&self) -> u64 {
        self.most
    }

    /// Blocks of a span that go on where the device has its first `have`.
    pub fn found(&self, name: u64, have: u64) -> u64 {
        let span = self.spans.get(&name);
        let span = span.filter(|span| span.from <= have && have < span.to);
        span.map_or(0, |span| span.to - have)
    }

    /// The device evicted the blocks `from..to` of a span, its last ones.
    pub fn evicted(&mut self, name: u64, from: u64, to: u64) {
        if self.takes == Evicts::ToNothing {
            return;
        }
        self.stamps += 1;
        let stamp = self.stamps;
        let before = self.spans.get(&name).copied();
        let end = before
            .filter(|span| span.from <= to)
            .map_or(to, |span| span.to.max(to));
        let old = before.map_or(0, |span| span.to - span.from);
        self.evicted = self.evicted + (end - from) - old;
        let span = Evicted {
            from,
            to: end,
            stamp,
        };
        self.spans.insert(name, span);
        self.order.push_back((name, stamp));
        self.make_room();
        self.most = self.most.max(self.used());
    }

    /// The device has the first `have` blocks of a span.
    pub fn covered(&mut self, name: u64, have: u64) {
        let Some(span) = self.spans.get_mut(&name) else {
            return;
        };
        let gone = have.min(span.to).saturating_sub(span.from);
        span.from += gone;
        self.evicted -= gone;
        if span.from == span.to {
            self.spans.remove(&name);
        }
    }

    /// Takes so many blocks of an interrupted request; false where there is no room for them.
    pub fn keep(&mut self, blocks: u64) -> bool {
        if blocks > self.capacity - self.left {
            return false;
        }
        self.left += blocks;
        self.make_room();
        self.most = self.most.max(self.used());
        true
    }

    /// An interrupted request has its blocks again.
    pub const fn give_back(&mut self, blocks: u64) {
        self.left -= blocks;
    }

    /// Forgets spans that have no room, the oldest first and from its end.
    fn make_room(&mut self) {
        while self.used() > self.capacity {
            let Some((name, stamp)) = self.order.front().copied() else {
                break;
            };
            let span = self.spans.get_mut(&name);
            let Some(span) = span.filter(|span| span.stamp == stamp) else {
                self.order.pop_front();
                continue;
            };
            let over = self.left + self.evicted - self.capacity;
            let gone = over.min(span.to - span.from);
            span.to -= gone;
            self.evicted -= gone;
            if span.from == span.to {
                self.spans.remove(&name);
                self.order.pop_front();
            }
        }
        self.sweep();
    }

    /// Drops void entries once most are.
    fn sweep(&mut self) {
        if self.order.len() > 64 + 2 * self.spans.len() {
            let spans = &self.spans;
            self.order
                .retain(|(name, stamp)| spans.get(name).is_some_and(|span| span.stamp == *stamp));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_evicted_goes_on_where_the_device_ends() {
        let mut host = HostTier::new(100, Evicts::ToHost);
        host.evicted(7, 6, 10);
        assert_eq!((host.found(7, 6), host.found(7, 5), host.used()), (4, 0, 4));
        host.evicted(7, 2, 6);
        assert_eq!((host.found(7, 2), host.used()), (8, 8));
        // The device has five again, one of them computed anew.
        host.covered(7, 5);
        assert_eq!((host.found(7, 5), host.used()), (5, 5));
        host.covered(7, 12);
        assert_eq!((host.found(7, 12), host.used()), (0, 0));
    }

    #[test]
    fn the_oldest_goes_first_and_from_its_end() {
        let mut host = HostTier::new(10, Evicts::ToHost);
        host.evicted(1, 0, 6);
        host.evicted(2, 0, 6);
        assert_eq!((host.found(1, 0), host.found(2, 0)), (4, 6));
        assert!(host.keep(5));
        assert_eq!((host.found(1, 0), host.found(2, 0)), (0, 5));
        assert!(!host.keep(6), "what was left stays");
        host.give_back(5);
        assert_eq!((host.used(), host.most()), (5, 10));
    }

    #[test]
    fn without_room_nothing_is_kept() {
        let mut host = HostTier::new(0, Evicts::ToHost);
        host.evicted(1, 0, 6);
        assert_eq!((host.found(1, 0), host.used()), (0, 0));
        assert!(!host.keep(1));
    }
}
