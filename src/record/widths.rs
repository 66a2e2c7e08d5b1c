//! How wide the intervals of a fitted pack are.

use std::collections::BTreeMap;

use super::effect_support::EffectSupport;
use super::metric::{Column, Metric};

/// Widths of intervals at the pack's level, by how much of a place the fit has seen.
///
/// Two parts. Every time of a step is taken longer and shorter by `exp(pace)`, which moves whatever follows from steps: rates,
/// queues, cost, energy. Then the ends of each column are moved on the logarithmic scale by `scale` ([`Widening`]), so that the
/// interval covers as much of what the fit had not seen as it says (split conformal on the ratio of error to width).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Widths {
    /// Where nothing closer is stated.
    pub everywhere: WidthsOf,
    /// Under software that enough groups were measured with.
    pub programs: BTreeMap<String, WidthsOf>,
}

/// Widths of one software, or of all.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WidthsOf {
    /// Half-width of the logarithm of step times.
    pub pace: BTreeMap<EffectSupport, f64>,
    /// Factor on the half-width of the logarithm of a column.
    pub scale: BTreeMap<(Column, EffectSupport), f64>,
}

impl Widths {
    /// The half-width of the logarithm of step times. Whether a group was measured at loads like the asked one is not known when
    /// steps are compiled, so they are as wide as those of its pair of device and software.
    pub fn pace(&self, program: &str, support: EffectSupport) -> f64 {
        let support = support.max(EffectSupport::Pair);
        let stated = |of: &WidthsOf| of.pace.get(&support).copied();
        let closer = self.programs.get(program).and_then(stated);
        closer.or_else(|| stated(&self.everywhere)).unwrap_or(0.0)
    }

    /// True where the ends of a column move with the pace of steps; those of power and energy move with the terms of power.
    pub const fn follows_steps(column: Column) -> bool {
        !matches!(
            column.metric,
            Metric::Power | Metric::EnergyPerOutputToken | Metric::EnergyPerRequest
        )
    }

    /// The factor on the half-width of a column: that of the software; else that of its mean, times what all software says a statistic
    /// needs more than the mean; else that of all with their pace in place of its own; of gaps between tokens that of the same statistic of `tpot`; each for the column before the metric's mean; of a group at most that of its
    /// pair; else 1.
    pub fn scale(&self, program: &str, column: Column, support: EffectSupport) -> f64 {
        let mean = Column::of(column.metric);
        let alike = Column {
            metric: if column.metric == Metric::Itl {
                Metric::Tpot
            } else {
                column.metric
            },
            ..column
        };
        let own = |column| {
            let of = self.programs.get(program)?;
            of.scale.get(&(column, support)).copied()
        };
        let of_all = |column: Column| {
            let scale = *self.everywhere.scale.get(&(column, support))?;
            if !Self::follows_steps(column) {
                return Some(scale);
            }
            let everyone = self
                .everywhere
                .pace
                .get(&support.max(EffectSupport::Pair))?;
            let pace = self.pace(program, support);
            (pace > 0.0).then(|| scale * everyone / pace)
        };
        // How much less the tail is known than the mean is what all software says, how well the mean is known the software itself.
        let tail = |column: Column| {
            let of = |column| self.everywhere.scale.get(&(column, support));
            Some(own(mean)? * of(column)? / of(mean)?)
        };
        let stated = |column| {
            own(column)
                .or_else(|| tail(column))
                .or_else(|| of_all(column))
        };
        let closest = stated(column).or_else(|| stated(alike));
        let closest = closest.or_else(|| stated(mean));
        if support == EffectSupport::Group {
            // Whoever knows the group knows the pair too.
            let of_pair = self.scale(program, column, EffectSupport::Pair);
            closest.map_or(of_pair, |scale| scale.min(of_pair))
        } else {
            closest.unwrap_or(1.0)
        }
    }

    /// How the ends of a column move that were drawn with [`Self::pace`].
    pub fn widening(&self, program: &str, column: Column, support: EffectSupport) -> Widening {
        let pace = self.pace(program, support);
        Widening {
            scale: self.scale(program, column, support),
            direct: if Self::follows_steps(column) && pace > 0.0 {
                pace
            } else {
                f64::INFINITY
            },
        }
    }
}

/// How the ends of a number move.
///
/// `h' = s min(h, d) + min(s, 1) max(h − d, 0)`, with `h` the half-width of the logarithm, `s` the scale and `d` the direct part: what
/// a number moves with steps is scaled; what a queue near its limit makes of slower steps has its own reasons and is never made more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Widening {
    /// Factor on the direct part of a half-width.
    pub scale: f64,
    /// The half-width that is direct; infinite where all of it is.
    pub direct: f64,
}

impl Widening {
    /// Leaves ends where they are.
    pub const NONE: Self = Self {
        scale: 1.0,
        direct: f64::INFINITY,
    };

    /// The same for ends whose half-widths are `ratio` times those of the pack's level.
    #[must_use]
    pub fn at(self, ratio: f64) -> Self {
        Self {
            direct: self.direct * ratio,
            ..self
        }
    }

    /// The scale with which a half-width just holds an error, both of the logarithm.
    pub fn needed(direct: f64, half: f64, error: f64) -> f64 {
        if error <= half {
            error / half
        } else {
            (error - (half - direct).max(0.0)) / half.min(direct)
        }
    }

    /// A half-width of the logarithm as it is shown.
    fn widened(self, half: f64) -> f64 {
        self.scale * half.min(self.direct) + self.scale.min(1.0) * (half - self.direct).max(0.0)
    }

    /// Ends of a number moved on the logarithmic scale; what is not above zero stays.
    pub fn of(self, (value, lo, hi): (f64, f64, f64)) -> (f64, f64, f64) {
        let moved = |end: f64| {
            if value > 0.0 && end > 0.0 {
                let half = crate::stats::math::ln(end / value);
                value * crate::stats::math::exp(half.signum() * self.widened(half.abs()))
            } else {
                end
            }
        };
        (value, moved(lo), moved(hi))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Stat;
    use crate::stats::math;

    #[test]
    fn twice_the_width_is_the_ratio_squared() {
        let twice = Widening {
            scale: 2.0,
            ..Widening::NONE
        };
        let (value, lo, hi) = twice.of((10.0, 5.0, 20.0));
        assert!(
            (value - 10.0).abs() < 1e-12 && (lo - 2.5).abs() < 1e-9 && (hi - 40.0).abs() < 1e-9
        );
        assert_eq!(twice.of((0.0, 0.0, 0.0)), (0.0, 0.0, 0.0));
    }

    #[test]
    fn what_a_queue_makes_of_slower_steps_is_not_scaled_up() {
        let (direct, steps, queue) = (0.5, math::exp(0.5), math::exp(3.0));
        let wide = Widening { scale: 4.0, direct };
        let (_, lo, hi) = wide.of((1.0, 1.0 / steps, steps * queue));
        assert!((math::ln(lo) + 2.0).abs() < 1e-9);
        assert!((math::ln(hi) - (2.0 + 3.0)).abs() < 1e-9);
        let narrow = Widening { scale: 0.5, direct };
        assert!((math::ln(narrow.of((1.0, 1.0, steps * queue)).2) - 1.75).abs() < 1e-9);
    }

    #[test]
    fn the_needed_scale_just_holds_an_error() {
        for (direct, half) in [(0.5, 0.4), (0.5, 2.0), (f64::INFINITY, 0.3)] {
            for error in [0.01, 0.3, 0.45, 1.0, 5.0] {
                let scale = Widening::needed(direct, half, error);
                let (_, _, hi) = Widening { scale, direct }.of((1.0, 1.0, math::exp(half)));
                assert!(
                    (math::ln(hi) - error).abs() < 1e-9,
                    "{direct} {half} {error}"
                );
            }
        }
    }

    #[test]
    fn a_group_without_widths_of_its_own_has_those_of_its_pair() {
        let (pair, group) = (EffectSupport::Pair, EffectSupport::Group);
        let column = Column::of(Metric::Ttft);
        let mut widths = Widths::default();
        widths.everywhere.pace.insert(pair, 0.5);
        widths.everywhere.scale.insert((column, pair), 3.0);
        assert!((widths.pace("p", group) - 0.5).abs() < 1e-12);
        assert!((widths.scale("p", column, group) - 3.0).abs() < 1e-12);
        widths.everywhere.scale.insert((column, group), 2.0);
        assert!((widths.scale("p", column, group) - 2.0).abs() < 1e-12);
        widths.everywhere.scale.insert((column, group), 9.0);
        assert!((widths.scale("p", column, group) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn software_with_a_pace_of_its_own_keeps_widths_of_all() {
        let (pair, column) = (EffectSupport::Pair, Column::of(Metric::Ttft));
        let mut widths = Widths::default();
        widths.everywhere.pace.insert(pair, 0.5);
        widths.everywhere.scale.insert((column, pair), 3.0);
        let own = WidthsOf {
            pace: [(pair, 0.2)].into(),
            scale: BTreeMap::new(),
        };
        widths.programs.insert("vllm".to_owned(), own);
        assert!((widths.pace("vllm", pair) - 0.2).abs() < 1e-12);
        // Three times 0.5 over 0.2: as wide as everywhere, by its own pace.
        assert!((widths.scale("vllm", column, pair) - 7.5).abs() < 1e-12);
        assert!((widths.pace("other", pair) - 0.5).abs() < 1e-12);
        assert!((widths.scale("other", column, pair) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_tail_is_as_much_less_known_than_the_mean_as_everywhere() {
        let pair = EffectSupport::Pair;
        let (mean, p99) = (
            Column::of(Metric::Ttft),
            Column::stat(Stat::P99, Metric::Ttft),
        );
        let mut widths = Widths::default();
        widths.everywhere.pace.insert(pair, 0.5);
        widths.everywhere.scale.insert((mean, pair), 2.0);
        widths.everywhere.scale.insert((p99, pair), 3.0);
        let own = WidthsOf {
            pace: [(pair, 0.4)].into(),
            scale: [((mean, pair), 1.0)].into(),
        };
        widths.programs.insert("vllm".to_owned(), own);
        assert!((widths.scale("vllm", p99, pair) - 1.5).abs() < 1e-12);
        assert!((widths.scale("other", p99, pair) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn gaps_between_tokens_are_as_wide_as_time_per_token() {
        let pair = EffectSupport::Pair;
        let p99 = |metric| Column::stat(Stat::P99, metric);
        let mut widths = Widths::default();
        widths.everywhere.pace.insert(pair, 1.0);
        let scale = &mut widths.everywhere.scale;
        scale.insert((p99(Metric::Tpot), pair), 3.0);
        scale.insert((Column::of(Metric::Itl), pair), 2.0);
        assert!((widths.scale("p", p99(Metric::Itl), pair) - 3.0).abs() < 1e-12);
        assert!((widths.scale("p", Column::of(Metric::Itl), pair) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_stated_changes_nothing() {
        let widths = Widths::default();
        let pair = EffectSupport::Pair;
        let column = Column::of(Metric::Tpot);
        assert!((widths.scale("vllm", column, pair) - 1.0).abs() < 1e-12);
        assert!(widths.pace("vllm", pair).abs() < 1e-12);
    }
}
