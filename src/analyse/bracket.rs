//! Which load a search tries next, and where it stands.

use crate::record::SearchEnd;
use crate::scenario::{Search, SearchedLoad};
use crate::stats::math;

/// Most loads that one search tries.
const MOST: usize = 64;

/// How a load that was tried stands towards the objectives, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// The whole interval meets them.
    Surely,
    /// The value meets them.
    Likely,
    /// The value does not, its interval might.
    Unlikely,
    /// The whole interval misses them.
    Fails,
}

/// Loads tried so far, by rising load.
///
/// Three edges are sought one after another: how far the value meets the objectives, how far the whole interval does, and how
/// far any of the interval does. Each is first bracketed by doubling, then halved geometrically. Every load tried serves all
/// three. More load is assumed to be never better; where the loads tried contradict that, an edge lies before the first that
/// fails.
#[derive(Debug, Clone)]
pub(super) struct Bracket {
    search: Search,
    tried: Vec<(f64, Standing)>,
}

/// Where the three edges lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edges {
    /// The highest load that surely meets the objectives.
    pub surely: Option<f64>,
    /// The highest load that meets them by value.
    pub value: Option<f64>,
    /// The lowest load that surely fails.
    pub fails: Option<f64>,
}

impl Bracket {
    /// Nothing tried.
    pub const fn new(search: Search) -> Self {
        Self {
            search,
            tried: Vec::new(),
        }
    }

    /// The next load to try; `None` where the search has ended.
    pub fn next(&self) -> Option<f64> {
        if self.tried.len() >= MOST {
            return None;
        }
        let by_value = self.next_towards(Standing::Likely);
        if by_value.is_some() || self.edge(Standing::Likely).0.is_none() {
            return by_value;
        }
        self.next_towards(Standing::Surely)
            .or_else(|| self.next_towards(Standing::Unlikely))
    }

    /// Sees how a load stands.
    pub fn observe(&mut self, load: f64, standing: Standing) {
        let place = self.tried.partition_point(|(other, _)| *other < load);
        self.tried.insert(place, (load, standing));
    }

    /// The three edges.
    pub fn edges(&self) -> Edges {
        Edges {
            surely: self.edge(Standing::Surely).0,
            value: self.edge(Standing::Likely).0,
            fails: self.edge(Standing::Unlikely).1,
        }
    }

    /// How the search by value ended.
    pub fn end(&self) -> SearchEnd {
        match self.edge(Standing::Likely) {
            (None, _) => SearchEnd::FailsAtFrom,
            (Some(good), None) if good >= self.search.to => SearchEnd::PassesAtTo,
            (Some(_), _) if self.next_towards(Standing::Likely).is_some() => SearchEnd::GaveUp,
            (Some(_), _) => SearchEnd::Crossed,
        }
    }

    /// True where no load tried stands better than a lower one.
    pub fn is_monotone(&self) -> bool {
        self.tried.is_sorted_by_key(|(_, standing)| *standing)
    }

    /// The last load before the first that stands worse than `worst`, and that one.
    fn edge(&self, worst: Standing) -> (Option<f64>, Option<f64>) {
        let stands = |tried: &(f64, Standing)| tried.1 <= worst;
        let first = self.tried.iter().position(|tried| !stands(tried));
        let good = self.tried[..first.unwrap_or(self.tried.len())].last();
        (
            good.map(|tried| tried.0),
            first.map(|place| self.tried[place].0),
        )
    }

    fn next_towards(&self, worst: Standing) -> Option<f64> {
        let Search { from, to, .. } = self.search;
        match self.edge(worst) {
            (None, None) => Some(from),
            (None, Some(_)) => None,
            (Some(good), None) => (good < to).then(|| four_digits(2.0 * good).min(to)),
            (Some(good), Some(bad)) => self.between(good, bad),
        }
    }

    /// The geometric middle of a bracket; `None` where it is narrow enough.
    fn between(&self, good: f64, bad: f64) -> Option<f64> {
        if bad <= good * (1.0 + self.search.tolerance) {
            return None;
        }
        let middle = math::sqrt(good * bad);
        let middle = match self.search.load {
            SearchedLoad::RequestRate => four_digits(middle),
            SearchedLoad::Concurrency => middle.floor().max(good + 1.0),
        };
        (good < middle && middle < bad).then_some(middle)
    }
}

/// A load as keys and reports can show it.
fn four_digits(load: f64) -> f64 {
    format!("{load:.3e}").parse().unwrap_or(load)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn search(load: SearchedLoad, from: f64, to: f64) -> Search {
        Search {
            load,
            from,
            to,
            tolerance: 0.02,
        }
    }

    /// Searches where the three edges lie at these loads.
    fn found(search: Search, [surely, likely, unlikely]: [f64; 3]) -> Bracket {
        let mut bracket = Bracket::new(search);
        while let Some(load) = bracket.next() {
            bracket.observe(
                load,
                match load {
                    load if load <= surely => Standing::Surely,
                    load if load <= likely => Standing::Likely,
                    load if load <= unlikely => Standing::Unlikely,
                    _ => Standing::Fails,
                },
            );
        }
        bracket
    }

    #[test]
    fn a_search_that_cannot_end_inside_says_how_it_ended() {
        let rates = search(SearchedLoad::RequestRate, 0.5, 64.0);
        let none = found(rates, [0.1, 0.2, 0.3]);
        assert_eq!(none.end(), SearchEnd::FailsAtFrom);
        assert_eq!((none.edges().value, none.tried.len()), (None, 1));
        let all = found(rates, [10.0, 100.0, 100.0]);
        assert_eq!(all.end(), SearchEnd::PassesAtTo);
        assert_eq!((all.edges().value, all.edges().fails), (Some(64.0), None));
    }

    #[test]
    fn whole_requests_are_found_exactly_where_they_are_few() {
        let users = search(SearchedLoad::Concurrency, 1.0, 512.0);
        let edges = found(users, [11.0, 13.0, 19.0]).edges();
        assert_eq!(edges.surely, Some(11.0));
        assert_eq!(edges.value, Some(13.0));
        assert_eq!(edges.fails, Some(20.0));
    }

    #[test]
    fn where_more_load_is_better_the_first_failure_counts_and_it_is_said() {
        let mut bracket = Bracket::new(search(SearchedLoad::RequestRate, 1.0, 64.0));
        for (load, standing) in [
            (1.0, Standing::Surely),
            (2.0, Standing::Fails),
            (4.0, Standing::Surely),
        ] {
            bracket.observe(load, standing);
        }
        assert!(!bracket.is_monotone());
        assert_eq!(bracket.edges().value, Some(1.0));
    }

    proptest! {
        #[test]
        fn every_edge_is_bracketed_to_the_tolerance(
            surely in 0.6f64..25.0, more in 1.0f64..1.5, most in 1.0f64..1.5,
        ) {
            let edges = [surely, surely * more, surely * more * most];
            let bracket = found(search(SearchedLoad::RequestRate, 0.5, 64.0), edges);
            let found = bracket.edges();
            prop_assert!(bracket.is_monotone() && bracket.tried.len() <= 32, "{}", bracket.tried.len());
            let near = |found: Option<f64>, edge: f64| {
                let found = found.expect("it lies inside");
                (found / edge - 1.0).abs() <= 0.0201
            };
            prop_assert!(near(found.surely, edges[0]));
            prop_assert!(near(found.value, edges[1]));
            prop_assert!(near(found.fails, edges[2]));
        }
    }
}
