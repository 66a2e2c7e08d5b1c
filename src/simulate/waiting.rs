//! Requests that are not yet admitted, in the order of the policy.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::rules::Order;
use super::slots::Slots;

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
            Order::Arrival => {
                self.arrived.push_back(place);
                return;
            }
            Order::Priority => u64::from(request.priority),
            Order::ShortestFirst => u64::from(request.prompt) + u64::from(request.output),
        };
        self.ranked.push(Reverse((rank, request.index, place)));
    }

    /// One that was interrupted: before those that came later.
    pub fn push_front(&mut self, place: u32, slots: &Slots) {
        match self.order {
            Order::Arrival => self.arrived.push_front(place),
            Order::Priority | Order::ShortestFirst => self.push(place, slots),
        }
    }

    pub fn peek(&self) -> Option<u32> {
        match self.order {
            Order::Arrival => self.arrived.front().copied(),
            Order::Priority | Order::ShortestFirst => {
                self.ranked.peek().map(|Reverse(entry)| entry.2)
            }
        }
    }

    pub fn pop(&mut self) -> Option<u32> {
        match self.order {
            Order::Arrival => self.arrived.pop_front(),
            Order::Priority | Order::ShortestFirst => {
                self.ranked.pop().map(|Reverse(entry)| entry.2)
            }
        }
    }
}
