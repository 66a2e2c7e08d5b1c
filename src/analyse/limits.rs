//! One number, with or without an interval, against one limit.

use super::ranged::Ranged;
use crate::record::Verdict;
use crate::scenario::Comparison;

/// How one limit came out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    /// Column or metric of the limit.
    pub(super) limit: String,
    /// Signed distance to the limit, divided by the limit; positive is inside.
    pub(super) margin: Option<f64>,
    pub(super) by_value_alone: bool,
}

/// A limit passes when the whole interval is inside, fails when all of it is outside, else it is inconclusive; a number
/// without an interval decides alone.
pub(super) fn judge(number: Ranged, comparison: Comparison, limit: f64) -> Verdict {
    let (inside, outside) = match comparison {
        Comparison::AtMost => (number.hi <= limit, number.lo > limit),
        Comparison::AtLeast => (number.lo >= limit, number.hi < limit),
        Comparison::Equal => (
            number.lo >= limit && number.hi <= limit,
            number.hi < limit || number.lo > limit,
        ),
    };
    if inside {
        Verdict::Pass
    } else if outside {
        Verdict::Fail
    } else {
        Verdict::Inconclusive
    }
}

/// Distance of a number to its limit as a share of the limit, positive inside; `None` where that is no number.
pub(super) fn margin(value: f64, comparison: Comparison, limit: f64) -> Option<f64> {
    let distance = match comparison {
        Comparison::AtMost => limit - value,
        Comparison::AtLeast => value - limit,
        Comparison::Equal => -(value - limit).abs(),
    };
    let share = distance / limit.abs();
    share.is_finite().then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AROUND_ONE: Ranged = Ranged {
        value: 1.0,
        lo: 0.9,
        hi: 1.1,
    };

    #[test]
    fn an_interval_that_straddles_the_limit_is_inconclusive() {
        for comparison in [Comparison::AtMost, Comparison::AtLeast, Comparison::Equal] {
            assert_eq!(judge(AROUND_ONE, comparison, 1.0), Verdict::Inconclusive);
        }
        assert_eq!(
            judge(AROUND_ONE, Comparison::AtMost, 1.1),
            Verdict::Pass,
            "the end belongs to the limit"
        );
        assert_eq!(judge(AROUND_ONE, Comparison::AtLeast, 1.2), Verdict::Fail);
    }

    #[test]
    fn without_an_interval_the_value_decides() {
        let one = Ranged::exact(1.0);
        assert_eq!(judge(one, Comparison::Equal, 1.0), Verdict::Pass);
        assert_eq!(judge(one, Comparison::AtMost, 0.5), Verdict::Fail);
    }

    #[test]
    fn an_infinite_latency_fails_and_has_no_margin() {
        let endless = Ranged::exact(f64::INFINITY);
        assert_eq!(judge(endless, Comparison::AtMost, 1.0), Verdict::Fail);
        assert_eq!(margin(endless.value, Comparison::AtMost, 1.0), None);
    }

    #[test]
    fn margins_are_shares_of_the_limit() {
        assert_eq!(margin(0.8, Comparison::AtMost, 1.0), Some(1.0 - 0.8));
        assert_eq!(margin(3.0, Comparison::AtLeast, 2.0), Some(0.5));
        assert_eq!(margin(0.0, Comparison::AtMost, 0.0), None);
    }
}
