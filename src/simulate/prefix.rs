//! Parts of prompts that later requests find in the cache, evicted when others need the room.

use std::collections::{HashMap, VecDeque};

/// A stretch of a prompt with an identity: equal names are equal tokens after equal prefixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// Its name.
    pub name: u64,
    /// Its length in tokens.
    pub tokens: u32,
}

/// A span with blocks in the cache.
#[derive(Debug, Clone, Copy)]
struct Resident {
    blocks: u64,
    /// Requests that hold it.
    holders: u32,
    /// Which entry of the queue is its own; older ones are void.
    stamp: u64,
}

/// An entry of the eviction queue: a span nobody holds, unless its stamp is another by now.
#[derive(Debug, Clone, Copy)]
struct Idle {
    name: u64,
    stamp: u64,
}

/// Spans in the cache, in blocks.
///
/// Blocks of requests that ended keep their content until the room is needed, the longest idle first (least recently used: vLLM
/// `vllm/v1/core/block_pool.py`, SGLang `srt/mem_cache/radix_cache.py`); of a span the last blocks go first, so that what is
/// left is still a prefix.
#[derive(Debug, Clone, Default)]
pub struct PrefixCache {
    spans: HashMap<u64, Resident>,
    idle: VecDeque<Idle>,
    idle_blocks: u64,
    stamps: u64,
}

impl PrefixCache {
    /// Blocks that hold content and belong to nobody.
    pub const fn idle_blocks(&self) -> u64 {
        self.idle_blocks
    }

    /// Blocks of the span in the cache.
    pub fn found(&self, name: u64) -> u64 {
        self.spans.get(&name).map_or(0, |span| span.blocks)
    }

    /// True where nobody holds the span, so that holding it takes idle blocks.
    pub fn is_idle(&self, name: u64) -> bool {
        self.spans.get(&name).is_some_and(|span| span.holders == 0)
    }

    /// One more request holds a span of `blocks` blocks. The number of blocks that were idle until now, and those that are new.
    pub fn hold(&mut self, name: u64, blocks: u64) -> (u64, u64) {
        self.stamps += 1;
        let stamp = self.stamps;
        let span = self.spans.entry(name).or_insert(Resident {
            blocks: 0,
            holders: 0,
            stamp,
        });
        let was_idle = if span.holders == 0 { span.blocks } else { 0 };
        let new = blocks.saturating_sub(span.blocks);
        span.blocks = span.blocks.max(blocks);
        span.holders += 1;
        span.stamp = stamp;
        self.idle_blocks -= was_idle;
        (was_idle, new)
    }

    /// A request lets go of a span; the blocks that became idle.
    pub fn release(&mut self, name: u64) -> u64 {
        self.stamps += 1;
        let stamp = self.stamps;
        let span = self.spans.get_mut(&name).expect("what is released is held");
        span.holders -= 1;
        if span.holders > 0 {
            return 0;
        }
        span.stamp = stamp;
        let blocks = span.blocks;
        self.idle_blocks += blocks;
        self.idle.push_back(Idle { name, stamp });
        self.sweep();
        blocks
    }

    /// Drops void entries once most are, so that the queue stays as small as the cache.
    fn sweep(&mut self) {
        if self.idle.len() > 64 + 2 * self.spans.len() {
            let spans = &self.spans;
            self.idle.retain(|idle| {
                let span = spans.get(&idle.name);
                span.is_some_and(|span| span.stamp == idle.stamp)
            });
        }
    }

    /// A request that ended leaves a span of this many blocks, those that were there before included. How many of the new ones
    /// others hold now; where nobody holds the span all of it is idle.
    pub fn leave(&mut self, name: u64, blocks: u64) -> u64 {
        if blocks == 0 {
            return 0;
        }
        let (_, new) = self.hold(name, blocks);
        if self.release(name) == 0 { new } else { 0 }
    }

    /// Empties so many idle blocks, the longest idle first; fewer where fewer are idle. `gone` sees the name and the blocks
    /// `from..to` of what is emptied.
    pub fn evict(&mut self, wanted: u64, mut gone: impl FnMut(u64, u64, u64)) -> u64 {
        let mut left = wanted;
        while left > 0 {
            let Some(Idle { name, stamp }) = self.idle.front().copied() else {
                break;
            };
            let span = self.spans.get_mut(&name).filter(|span| span.stamp == stamp);
            let Some(span) = span else {
                self.idle.pop_front();
                continue;
            };
            let taken = left.min(span.blocks);
            gone(name, span.blocks - taken, span.blocks);
            span.blocks -= taken;
            left -= taken;
            if span.blocks == 0 {
                self.spans.remove(&name);
                self.idle.pop_front();
            }
        }
        self.idle_blocks -= wanted - left;
        wanted - left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_idle_goes_first_and_from_its_end() {
        let mut cache = PrefixCache::default();
        for name in [1, 2] {
            assert_eq!(cache.hold(name, 10), (0, 10));
        }
        cache.release(1);
        cache.release(2);
        assert_eq!(cache.idle_blocks(), 20);
        assert_eq!(cache.evict(4, |_, _, _| {}), 4);
        assert_eq!((cache.found(1), cache.found(2)), (6, 10));
        // Held again, it is the last to go.
        assert_eq!(cache.hold(1, 10), (6, 4));
        cache.release(1);
        assert_eq!(cache.evict(12, |_, _, _| {}), 12);
        assert_eq!((cache.found(1), cache.found(2)), (8, 0));
    }

    #[test]
    fn what_is_held_stays() {
        let mut cache = PrefixCache::default();
        cache.hold(1, 5);
        cache.hold(1, 5);
        cache.release(1);
        assert_eq!(cache.evict(5, |_, _, _| {}), 0);
        assert_eq!(cache.leave(2, 3), 0);
        assert_eq!(cache.evict(5, |_, _, _| {}), 3);
        assert_eq!(cache.found(1), 5);
    }

    #[test]
    fn a_name_that_is_left_twice_is_there_once() {
        let mut cache = PrefixCache::default();
        cache.leave(9, 4);
        cache.leave(9, 6);
        assert_eq!((cache.found(9), cache.idle_blocks()), (6, 6));
        assert_eq!(cache.evict(100, |_, _, _| {}), 6);
        assert_eq!(cache.idle_blocks(), 0);
    }

    #[test]
    fn what_is_added_to_a_held_span_is_held() {
        let mut cache = PrefixCache::default();
        cache.hold(9, 4);
        assert_eq!(cache.leave(9, 6), 2);
        assert_eq!((cache.release(9), cache.idle_blocks()), (6, 6));
    }

    #[test]
    fn the_queue_stays_as_small_as_the_cache() {
        let mut cache = PrefixCache::default();
        for _ in 0..10_000 {
            cache.hold(1, 4);
            cache.release(1);
        }
        assert!(cache.idle.len() <= 66);
        assert_eq!(cache.evict(10, |_, _, _| {}), 4);
    }
}
