//! The cache of one engine, in blocks.

use std::sync::Arc;

use super::host_tier::HostTier;
use super::prefix::{PrefixCache, Span};

/// What a sequence keeps: blocks that grow with it, and what is set aside for it when it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Footprint {
    /// Tokens of one block.
    pub block: u32,
    /// Layers that keep their window: blocks for each token, and the window in tokens.
    pub windows: Vec<(f64, f64)>,
    /// Recurrent states, in blocks.
    pub state: f64,
    /// Blocks for each `block` tokens: 1, or 0 for models whose cache does not grow.
    pub growing: u64,
}

impl Footprint {
    /// Blocks of full attention alone.
    pub const fn full(block: u32) -> Self {
        Self {
            block,
            windows: Vec::new(),
            state: 0.0,
            growing: 1,
        }
    }

    /// Blocks that hold so many tokens in the layers that see everything.
    pub fn blocks(&self, tokens: u64) -> u64 {
        tokens.div_ceil(u64::from(self.block)) * self.growing
    }

    /// Whole blocks in so many tokens: what the cache can find again.
    pub fn whole_blocks(&self, tokens: u64) -> u64 {
        tokens / u64::from(self.block) * self.growing
    }

    /// Blocks for windows and states of a sequence that ends with so many tokens.
    pub fn fixed(&self, tokens: u64) -> u64 {
        let windows: f64 = self
            .windows
            .iter()
            .map(|(blocks, window)| blocks * window.min(tokens as f64))
            .sum();
        libm::ceil(windows + self.state) as u64
    }

    /// Everything a sequence of so many tokens needs at its end.
    pub fn whole(&self, tokens: u64) -> u64 {
        self.blocks(tokens) + self.fixed(tokens)
    }
}

/// The blocks of an engine: free, held by requests, or idle with content that may be found again.
#[derive(Debug, Clone)]
pub struct Pool {
    /// What a sequence keeps.
    pub footprint: Footprint,
    capacity: u64,
    held: u64,
    cache: Option<PrefixCache>,
    /// Where evicted blocks go.
    host: Option<Box<HostTier>>,
}

/// What a prompt has in the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hit {
    /// Tokens that need not be processed.
    pub tokens: u64,
    /// Of these, tokens that are in host memory and have to be read.
    pub host: u64,
    /// Blocks of the prompt that belong to named spans.
    pub named: u64,
    /// Of these, blocks that have to be taken: those not there, and those that are idle.
    pub to_take: u64,
}

impl Pool {
    /// An empty cache of so many blocks; `finds` says whether content may be found again.
    pub fn new(footprint: Footprint, capacity: u64, finds: Finds) -> Self {
        Self {
            footprint,
            capacity,
            held: 0,
            cache: (finds == Finds::Content).then(PrefixCache::default),
            host: None,
        }
    }

    /// Puts host memory beside it, where evicted blocks go from now on.
    pub(super) fn add_host(&mut self, host: HostTier) {
        self.host = Some(Box::new(host));
    }

    /// Blocks of the host memory beside it; `None` where there is none.
    pub fn host_capacity(&self) -> Option<u64> {
        self.host.as_ref().map(|host| host.capacity())
    }

    /// The host memory beside it.
    pub(super) fn host(&self) -> Option<&HostTier> {
        self.host.as_deref()
    }

    /// Takes so many blocks of an interrupted request to host memory; false where there is no room.
    pub(super) fn keep_on_host(&mut self, blocks: u64) -> bool {
        self.host.as_mut().is_some_and(|host| host.keep(blocks))
    }

    /// An interrupted request has its blocks again.
    pub(super) fn give_back_to_host(&mut self, blocks: u64) {
        if let Some(host) = &mut self.host {
            host.give_back(blocks);
        }
    }

    /// Blocks in all.
    pub const fn capacity(&self) -> u64 {
        self.capacity
    }

    /// Blocks that requests hold.
    pub const fn held(&self) -> u64 {
        self.held
    }

    /// Blocks that may be taken, idle ones included.
    pub const fn free(&self) -> u64 {
        self.capacity - self.held
    }

    /// Takes nameless blocks, which are free.
    ///
    /// # Panics
    ///
    /// Where they are not.
    pub fn take(&mut self, blocks: u64) {
        assert!(
            blocks <= self.free(),
            "blocks are taken where they are free"
        );
        self.held += blocks;
        self.make_room();
    }

    /// Gives blocks back. Where what they end with may be found again they stay with what was there before, as that span; its last
    /// part of a block is lost. The others are reused first (vLLM `block_pool.py`, `free_blocks`): they count as never used.
    pub fn give(&mut self, blocks: u64, leaves: Option<Span>) {
        self.held -= blocks;
        if let (Some(cache), Some(span)) = (&mut self.cache, leaves) {
            let whole = self.footprint.whole_blocks(u64::from(span.tokens));
            let whole = whole.min(cache.found(span.name) + blocks);
            self.held += cache.leave(span.name, whole);
            if let Some(host) = &mut self.host {
                host.covered(span.name, cache.found(span.name));
            }
        }
        self.make_room();
    }

    /// What of a prompt is in the cache; the last token is always processed.
    pub fn look_up(&self, prefix: Option<&Arc<[Span]>>, prompt: u64) -> Hit {
        let (Some(cache), Some(spans)) = (&self.cache, prefix) else {
            return Hit::default();
        };
        let mut hit = Hit::default();
        let mut unbroken = true;
        for span in spans.iter() {
            let blocks = self.footprint.whole_blocks(u64::from(span.tokens));
            let found = cache.found(span.name).min(blocks);
            if unbroken {
                let more = self.on_host(span.name, found, blocks);
                hit.tokens += (found + more) * u64::from(self.footprint.block);
                hit.host += more * u64::from(self.footprint.block);
                unbroken = found + more == blocks;
            }
            hit.named += blocks;
            // Holding an idle span takes all of it, also where another prompt left more of it than this one has.
            hit.to_take += if cache.is_idle(span.name) {
                blocks.max(cache.found(span.name))
            } else {
                blocks - found
            };
        }
        hit.tokens = hit.tokens.min(prompt.saturating_sub(1));
        hit.host = hit.host.min(hit.tokens);
        hit
    }

    /// Blocks of a span behind the first `found` that are in host memory, up to `blocks` in all.
    fn on_host(&self, name: u64, found: u64, blocks: u64) -> u64 {
        let host = self.host.as_ref().filter(|_| found < blocks);
        host.map_or(0, |host| host.found(name, found).min(blocks - found))
    }

    /// Holds the named spans of a prompt; their blocks are free.
    pub fn hold(&mut self, prefix: Option<&Arc<[Span]>>) {
        let (Some(cache), Some(spans)) = (&mut self.cache, prefix) else {
            return;
        };
        for span in spans.iter() {
            let blocks = self.footprint.whole_blocks(u64::from(span.tokens));
            let (was_idle, new) = cache.hold(span.name, blocks);
            self.held += was_idle + new;
            if let Some(host) = &mut self.host {
                host.covered(span.name, cache.found(span.name));
            }
        }
        self.make_room();
    }

    /// Lets go of the named spans of a prompt.
    pub fn release(&mut self, prefix: Option<&Arc<[Span]>>) {
        let (Some(cache), Some(spans)) = (&mut self.cache, prefix) else {
            return;
        };
        for span in spans.iter().rev() {
            self.held -= cache.release(span.name);
        }
    }

    /// Evicts what no longer has room beside what is held.
    fn make_room(&mut self) {
        if let Some(cache) = &mut self.cache {
            let over = (self.held + cache.idle_blocks()).saturating_sub(self.capacity);
            if over > 0 {
                let host = &mut self.host;
                cache.evict(over, |name, from, to| {
                    if let Some(host) = host {
                        host.evicted(name, from, to);
                    }
                });
            }
        }
    }
}

/// Whether prompts that begin alike are processed once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finds {
    /// They are.
    Content,
    /// Every prompt is processed whole.
    Nothing,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(spans: &[(u64, u32)]) -> Arc<[Span]> {
        spans
            .iter()
            .map(|(name, tokens)| Span {
                name: *name,
                tokens: *tokens,
            })
            .collect()
    }

    #[test]
    fn windows_keep_their_window_and_states_do_not_grow() {
        let footprint = Footprint {
            windows: vec![(1.0 / 16.0, 128.0)],
            state: 2.5,
            ..Footprint::full(16)
        };
        assert_eq!(footprint.fixed(64), 7, "4 + 2.5, whole");
        assert_eq!(footprint.fixed(10_000), 11, "8 + 2.5, whole");
        assert_eq!(footprint.whole(1000), 63 + 11);
    }

    #[test]
    fn a_shared_prefix_is_held_once_and_found_again() {
        let mut pool = Pool::new(Footprint::full(16), 100, Finds::Content);
        let shared = prefix(&[(7, 250)]);
        let first = pool.look_up(Some(&shared), 1000);
        assert_eq!((first.tokens, first.named, first.to_take), (0, 15, 15));
        pool.hold(Some(&shared));
        let second = pool.look_up(Some(&shared), 1000);
        assert_eq!((second.tokens, second.to_take), (240, 0));
        pool.hold(Some(&shared));
        assert_eq!(pool.held(), 15);
        pool.release(Some(&shared));
        pool.release(Some(&shared));
        assert_eq!((pool.held(), pool.free()), (0, 100));
        assert_eq!(
            pool.look_up(Some(&shared), 1000).to_take,
            15,
            "idle blocks are taken again"
        );
        pool.take(100);
        assert_eq!(pool.look_up(Some(&shared), 1000).tokens, 0, "evicted");
    }

    #[test]
    fn a_prompt_that_is_all_there_has_its_last_token_processed() {
        let mut pool = Pool::new(Footprint::full(16), 100, Finds::Content);
        let shared = prefix(&[(1, 32), (2, 32)]);
        pool.hold(Some(&shared));
        assert_eq!(pool.look_up(Some(&shared), 64).tokens, 63);
    }

    #[test]
    fn what_a_turn_leaves_is_found_by_the_next() {
        let mut pool = Pool::new(Footprint::full(16), 100, Finds::Content);
        pool.take(10);
        pool.give(
            10,
            Some(Span {
                name: 5,
                tokens: 165,
            }),
        );
        assert_eq!(pool.look_up(Some(&prefix(&[(5, 160)])), 500).tokens, 160);
    }
}
