//! How tokens spread over experts, and what that touches.

use crate::stats::math;

/// How tokens spread over experts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Routing {
    /// Every token picks its experts at random, all alike.
    Uniform,
    /// Tokens are dealt out in turn, so that as many experts as possible are touched.
    Balanced,
    /// Loads of experts are spread as `x^-exponent`, and the busiest rank is looked at. This is how the expert tables of
    /// `ai-dynamo/aiconfigurator` were measured (`sample_power_law` of its collector).
    PowerLaw(f64),
}

/// Experts that `tokens` tokens touch, when each of `experts` is picked by a share `per_token / experts` of them.
///
/// `E (1 − (1 − k/E)^T)`: the expected number of distinct experts under independent uniform routing.
///
/// | Symbol | Argument | Meaning |
/// |---|---|---|
/// | `E` | `experts` | experts of the layer |
/// | `k` | `per_token` | experts of one token |
/// | `T` | `tokens` | tokens |
///
/// ```
/// use phantom::ops::distinct_experts;
/// assert_eq!(distinct_experts(8.0, 2.0, 1.0), 2.0);
/// assert!((distinct_experts(256.0, 8.0, 64.0) - 222.4).abs() < 0.1);
/// ```
pub fn distinct_experts(experts: f64, per_token: f64, tokens: f64) -> f64 {
    experts * (1.0 - math::pow(1.0 - (per_token / experts).min(1.0), tokens))
}

/// Loads of experts spread as `x^-α` between 1 and `0.8 · tokens` (between 0.01 and 2 when there are fewer picks than
/// experts), scaled to `tokens · per_token` picks; here at evenly spaced quantiles instead of drawn at random.
#[derive(Debug, Clone, Copy)]
pub(super) struct Skew {
    pub experts: f64,
    pub per_token: f64,
    pub tokens: f64,
    pub exponent: f64,
}

impl Skew {
    /// Relative load at a quantile `u` in (0, 1).
    fn load(&self, u: f64) -> f64 {
        let (low, high) = if self.tokens * self.per_token > self.experts {
            (1.0, (0.8 * self.tokens).max(1.0))
        } else {
            (0.01, 2.0)
        };
        let ratio = high / low;
        let slope = 1.0 - self.exponent;
        if slope.abs() < 1e-9 {
            low * math::pow(ratio, u)
        } else {
            low * math::pow((math::pow(ratio, slope) - 1.0) * u + 1.0, 1.0 / slope)
        }
    }

    fn loads(&self) -> impl Iterator<Item = f64> {
        let count = self.experts.max(1.0) as u32;
        (0..count).map(move |i| self.load((f64::from(i) + 0.5) / f64::from(count)))
    }

    /// Picks that one unit of load stands for.
    fn scale(&self) -> f64 {
        self.tokens * self.per_token / self.loads().sum::<f64>()
    }

    /// Expected number of distinct experts that are picked.
    pub fn touched(&self) -> f64 {
        let scale = self.scale() / self.tokens;
        self.loads()
            .map(|load| 1.0 - math::pow(1.0 - (load * scale).min(1.0), self.tokens))
            .sum()
    }

    /// Picks of the busiest of `ranks` ranks that hold equally many experts.
    ///
    /// The larger of two estimates: the busiest expert among ordinary ones, and the largest of `ranks` sums that are close to
    /// normal (its mean lies near the quantile `1 − 1/(ranks + 1)`).
    pub fn busiest_rows(&self, ranks: f64) -> f64 {
        let picks = self.tokens * self.per_token;
        if ranks <= 1.0 {
            return picks;
        }
        let scale = self.scale();
        let held = self.experts / ranks;
        let mean = picks / self.experts;
        let square: f64 = self.loads().map(|load| load * load * scale * scale).sum();
        let deviation = math::sqrt((square / self.experts - mean * mean).max(0.0));
        let top = self.loads().last().unwrap_or(0.0) * scale;
        let others = (picks - top) / (self.experts - 1.0).max(1.0);
        let one_heavy = top + (held - 1.0).max(0.0) * others;
        let quantile = math::normal_quantile(1.0 - 1.0 / (ranks + 1.0));
        let many = held * mean + deviation * math::sqrt(held) * quantile;
        one_heavy.max(many).min(self.tokens * held).min(picks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skew(tokens: f64, exponent: f64) -> Skew {
        Skew {
            experts: 128.0,
            per_token: 8.0,
            tokens,
            exponent,
        }
    }

    #[test]
    fn one_token_touches_its_own_experts() {
        assert!((distinct_experts(128.0, 8.0, 1.0) - 8.0).abs() < 1e-12);
        assert!((skew(1.0, 1.2).touched() - 8.0).abs() < 1e-9);
    }

    #[test]
    fn skewed_loads_touch_fewer_experts_and_weigh_on_one_rank() {
        for tokens in [16.0, 256.0, 4096.0] {
            let skewed = skew(tokens, 1.2);
            assert!(skewed.touched() < distinct_experts(128.0, 8.0, tokens));
            for ranks in [2.0, 8.0, 128.0] {
                let mean = tokens * 8.0 / ranks;
                let busiest = skewed.busiest_rows(ranks);
                assert!(busiest >= mean && busiest <= tokens * 8.0, "{ranks}");
            }
        }
    }

    #[test]
    fn one_rank_computes_every_pick() {
        assert!((skew(100.0, 1.01).busiest_rows(1.0) - 800.0).abs() < 1e-9);
    }
}
