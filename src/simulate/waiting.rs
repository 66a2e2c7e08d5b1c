//! Requests that are not yet admitted, in the order of the policy.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::rules::Order;
use super::slots::Slots;

/// Most requests that are sorted by what is found of their prompts; with more, the first to arrive is next (SGLang 0.5.23,
/// `srt/managers/schedule_policy.py`, `_determine_active_policy`).
const MOST_SORTED: usize = 128;

/// The queue of an engine.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    order: Order,
    arrived: VecDeque<u32>,
    /// Rank, order of arrival, slot.
    ranked: BinaryHeap<Reverse<(u64, u64, u32)>>,
}

impl Waiting {
    pub const fn new(order: Order) -> Self {
        Self {
            order,
            arrived: VecDeque::new(),
            ranked: BinaryHeap::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.arrived.len() + self.ranked.len()
    }

    /// A new request, behind those of its rank.
    pub fn push(&mut self, place: u32, slots: &Slots) {
        let request = &slots.get(place).request;
        let rank = match self.order {
            Order::Arrival | Order::LongestPrefix => {
                self.arrived.push_back(place);
                return;
            }
            Order::LongestOutput => u64::from(u32::MAX - request.output),
            Order::Priority => u64::from(request.priority),
            Order::ShortestFirst => u64::from(request.prompt) + u64::from(request.output),
        };
        self.ranked.push(Reverse((rank, request.index, place)));
    }

    /// One that was interrupted: before those that came later.
    pub fn push_front(&mut self, place: u32, slots: &Slots) {
        match self.order {
            Order::Arrival | Order::LongestPrefix => self.arrived.push_front(place),
            Order::Priority | Order::ShortestFirst | Order::LongestOutput => {
                self.push(place, slots);
            }
        }
    }

    /// Puts those first of whose prompts most is found, in the order they are in where that is equal.
    pub fn sort_by_found(&mut self, found: impl Fn(u32) -> u64) {
        if self.order == Order::LongestPrefix && self.arrived.len() <= MOST_SORTED {
            self.arrived
                .make_contiguous()
                .sort_by_cached_key(|place| Reverse(found(*place)));
        }
    }

    /// Those that wait, in no order.
    pub fn places(&self) -> impl Iterator<Item = u32> {
        let ranked = self.ranked.iter().map(|Reverse(entry)| entry.2);
        self.arrived.iter().copied().chain(ranked)
    }

    pub fn peek(&self) -> Option<u32> {
        match self.order {
            Order::Arrival | Order::LongestPrefix => self.arrived.front().copied(),
            Order::Priority | Order::ShortestFirst | Order::LongestOutput => {
                self.ranked.peek().map(|Reverse(entry)| entry.2)
            }
        }
    }

    pub fn pop(&mut self) -> Option<u32> {
        match self.order {
            Order::Arrival | Order::LongestPrefix => self.arrived.pop_front(),
            Order::Priority | Order::ShortestFirst | Order::LongestOutput => {
                self.ranked.pop().map(|Reverse(entry)| entry.2)
            }
        }
    }
}
