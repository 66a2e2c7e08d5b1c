//! The best and the second best of many, independent of the order in which they come.

use std::cmp::Ordering;

/// What is kept, with its score (lower is better) and its position in the plan.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranked<T> {
    pub(super) score: f64,
    pub(super) index: u64,
    pub(super) item: T,
}

impl<T> Ranked<T> {
    /// By score, then by position: a total order, as no two points share a position.
    fn order(&self, score: f64, index: u64) -> Ordering {
        self.score
            .total_cmp(&score)
            .then_with(|| self.index.cmp(&index))
    }
}

/// The two lowest scores so far.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct BestTwo<T> {
    best: Option<Ranked<T>>,
    second: Option<Ranked<T>>,
}

impl<T> Default for BestTwo<T> {
    fn default() -> Self {
        Self {
            best: None,
            second: None,
        }
    }
}

impl<T> BestTwo<T> {
    /// Looks at one; `item` is made only where it is kept.
    pub(super) fn offer(&mut self, score: f64, index: u64, item: impl FnOnce() -> T) {
        let beaten_by = |kept: &Option<Ranked<T>>| {
            kept.as_ref()
                .is_some_and(|kept| kept.order(score, index).is_lt())
        };
        if score.is_nan() || beaten_by(&self.second) {
            return;
        }
        let ranked = Ranked {
            score,
            index,
            item: item(),
        };
        if beaten_by(&self.best) {
            self.second = Some(ranked);
        } else {
            self.second = self.best.replace(ranked);
        }
    }

    /// Looks at all that another has kept.
    pub(super) fn merge(&mut self, other: Self) {
        for ranked in [other.best, other.second].into_iter().flatten() {
            self.offer(ranked.score, ranked.index, || ranked.item);
        }
    }

    pub(super) const fn best(&self) -> Option<&Ranked<T>> {
        self.best.as_ref()
    }

    pub(super) const fn second(&self) -> Option<&Ranked<T>> {
        self.second.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_of_equals_wins_in_any_order() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
            let mut two = BestTwo::default();
            for index in order {
                two.offer(1.0, index, || index);
            }
            assert_eq!(two.best().map(|ranked| ranked.item), Some(0));
            assert_eq!(two.second().map(|ranked| ranked.item), Some(1));
        }
    }
}
