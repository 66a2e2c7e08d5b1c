//! Blocks of prompts with names become the longest stretches that are always found together.

use super::json::BLOCK;
use super::replay::{Shared, TraceRequest};

/// What follows a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Unknown,
    Always(u32),
    Varies,
}

/// Names of the blocks of all requests one after another, where those of each end, and how many names there are.
pub(super) struct Blocks {
    pub names: Vec<u32>,
    pub ends: Vec<u32>,
    pub count: u32,
}

impl Blocks {
    /// Stretches of all requests one after another, and where those of each end.
    ///
    /// Two blocks become one stretch where neither is ever found without the other; so a prompt that nobody shares is one stretch,
    /// and what is found in a cache is what it would be block by block. The last block of a prompt holds what is left of it.
    pub fn stretches(self, requests: &[TraceRequest]) -> (Vec<Shared>, Vec<u32>) {
        let (seen, next) = self.follow();
        let together = |before: u32, after: u32| {
            next[before as usize] == Next::Always(after)
                && seen[before as usize] == seen[after as usize]
        };
        let mut all: Vec<Shared> = Vec::new();
        let mut ends = Vec::with_capacity(self.ends.len());
        for (own, request) in self.each().zip(requests) {
            let mut left = request.prompt;
            for (place, name) in own.iter().enumerate() {
                let tokens = left.min(BLOCK);
                if tokens == 0 {
                    break;
                }
                left -= tokens;
                match all.last_mut() {
                    Some(last) if place > 0 && together(own[place - 1], *name) => {
                        last.tokens += tokens;
                    }
                    Some(_) | None => all.push(Shared {
                        name: *name,
                        tokens,
                    }),
                }
            }
            ends.push(all.len() as u32);
        }
        all.shrink_to_fit();
        (all, ends)
    }

    fn each(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let pairs = starts.zip(&self.ends);
        pairs.map(|(start, end)| &self.names[start as usize..*end as usize])
    }

    /// How often each name is there, and what follows it.
    fn follow(&self) -> (Vec<u32>, Vec<Next>) {
        let mut seen = vec![0; self.count as usize];
        let mut next = vec![Next::Unknown; self.count as usize];
        for own in self.each() {
            for (place, name) in own.iter().enumerate() {
                seen[*name as usize] += 1;
                let after = own
                    .get(place + 1)
                    .map_or(Next::Varies, |name| Next::Always(*name));
                let known = &mut next[*name as usize];
                *known = match *known {
                    Next::Unknown => after,
                    same if same == after => same,
                    Next::Always(_) | Next::Varies => Next::Varies,
                };
            }
        }
        (seen, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_always_together_is_one_stretch() {
        let request = |prompt| TraceRequest {
            at: 0,
            prompt,
            output: 1,
        };
        let blocks = Blocks {
            names: vec![0, 1, 2, 3, 0, 1, 4, 0],
            ends: vec![4, 7, 8],
            count: 5,
        };
        let requests = [request(1800), request(1536), request(700)];
        let (all, ends) = blocks.stretches(&requests);
        let found: Vec<_> = all.iter().map(|part| (part.name, part.tokens)).collect();
        // 0 is found without 1, so the two are apart; 2 and 3 are always together, 3 with what is left.
        assert_eq!(
            found,
            [
                (0, 512),
                (1, 512),
                (2, 776),
                (0, 512),
                (1, 512),
                (4, 512),
                (0, 512)
            ]
        );
        assert_eq!(ends, [3, 6, 7]);
    }
}
