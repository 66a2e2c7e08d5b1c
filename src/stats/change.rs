//! Where a series changes.

use super::stream;

/// Values that a part of a series has at least; fewer say nothing about their spread.
const LEAST: usize = 3;
/// Shuffles of one test. The smallest p-value it can give is 1 / 200.
const SHUFFLES: u32 = 199;

/// The positions at which the distribution of a series changes, ascending: each is the first value of a new part.
///
/// E-divisive with means: Matteson and James, "A Nonparametric Approach for Multiple Change Point Analysis of Multivariate
/// Data" (JASA 109(505), 2014), with exponent 1. The position that parts a stretch best has the largest
/// `Q = m n / (m + n) · (2 Ē|x − y| − Ē|x − x′| − Ē|y − y′|)`, the energy distance of the `m` values before it and the `n`
/// values from it on, where `Ē` are means over pairs. It counts when at most a share of `alpha` of all orders of the
/// stretch, of which 199 are drawn, parts as well as the order at hand; then both parts are looked at in turn.
///
/// | Argument | Meaning |
/// |---|---|
/// | `values` | the series, oldest first |
/// | `alpha` | level of each test |
/// | `seed` | of the shuffles: equal arguments give equal positions |
///
/// # Assumptions
///
/// Values of one part are exchangeable: a slow drift shows as several changes. Parts have at least three values, so a
/// change is found after the third value at the earliest, and with fewer than eight values no test can reach a level of 5 %.
///
/// # Examples
///
/// ```
/// let series = [10.1, 9.9, 10.0, 10.2, 10.0, 12.1, 12.0, 11.9, 12.2, 12.0];
/// assert_eq!(phantom::stats::change_points(&series, 0.05, 1), [5]);
/// ```
pub fn change_points(values: &[f64], alpha: f64, seed: u64) -> Vec<usize> {
    let mut found = Vec::new();
    let mut stretches = vec![(0, values.len())];
    while let Some((start, end)) = stretches.pop() {
        let stretch = &values[start..end];
        let Some((place, parted)) = best(stretch) else {
            continue;
        };
        let seed = seed ^ (start as u64) << 32 ^ end as u64;
        if parted > 0.0 && p_value(stretch, parted, seed) <= alpha {
            found.push(start + place);
            stretches.extend([(start, start + place), (start + place, end)]);
        }
    }
    found.sort_unstable();
    found
}

/// The position that parts a stretch best, and how well.
fn best(values: &[f64]) -> Option<(usize, f64)> {
    let all = values.len();
    // Sums of distances over the pairs inside the first part, inside the second, and between them.
    let distance = |i: usize, j: usize| (values[i] - values[j]).abs();
    let pairs = |range: std::ops::Range<usize>| -> f64 {
        let of = |i: usize| (i + 1..range.end).map(|j| distance(i, j)).sum::<f64>();
        range.clone().map(of).sum()
    };
    let (mut before, mut after, mut between) = (0.0, pairs(0..all), 0.0);
    let mut best: Option<(usize, f64)> = None;
    for place in 1..all {
        let moved = place - 1;
        let to_before: f64 = (0..moved).map(|i| distance(i, moved)).sum();
        let to_after: f64 = (place..all).map(|j| distance(moved, j)).sum();
        before += to_before;
        after -= to_after;
        between += to_after - to_before;
        if place < LEAST || all - place < LEAST {
            continue;
        }
        let (m, n) = (place as f64, (all - place) as f64);
        let mean = |sum: f64, count: f64| sum / (count * (count - 1.0) / 2.0);
        let energy = 2.0 * between / (m * n) - mean(before, m) - mean(after, n);
        let parted = m * n / (m + n) * energy;
        if best.is_none_or(|(_, other)| parted > other) {
            best = Some((place, parted));
        }
    }
    best
}

/// The share of orders that part at least as well, the one at hand among them.
fn p_value(values: &[f64], parted: f64, seed: u64) -> f64 {
    let mut stream = stream(seed, "change-points");
    let mut shuffled = values.to_vec();
    // Sums in another order differ by rounding errors.
    let as_well = parted * (1.0 - 1e-9);
    let mut count = 1;
    for _ in 0..SHUFFLES {
        for last in (1..shuffled.len()).rev() {
            let other = (stream.next_f64() * (last + 1) as f64) as usize;
            shuffled.swap(last, other.min(last));
        }
        if best(&shuffled).is_some_and(|(_, other)| other >= as_well) {
            count += 1;
        }
    }
    f64::from(count) / f64::from(SHUFFLES + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A repeatable scatter of ±1.
    fn scatter(seed: u64, length: usize) -> Vec<f64> {
        let mut stream = stream(seed, "scatter");
        (0..length).map(|_| stream.next_f64() * 2.0 - 1.0).collect()
    }

    #[test]
    fn two_steps_are_found_where_they_are() {
        let mut values = scatter(3, 36);
        for (index, value) in values.iter_mut().enumerate() {
            *value += [0.0, 6.0, 2.0][index / 12];
        }
        assert_eq!(change_points(&values, 0.05, 1), [12, 24]);
    }

    #[test]
    fn a_constant_series_and_a_short_one_have_none() {
        assert!(change_points(&[1.0; 40], 0.05, 1).is_empty());
        assert!(change_points(&[1.0, 1.0, 1.0, 2.0, 2.0, 2.0], 0.05, 1).is_empty());
        assert!(change_points(&[], 0.05, 1).is_empty());
        let step: Vec<f64> = (0..10).map(|place| f64::from(place / 5)).collect();
        assert_eq!(change_points(&step, 0.05, 1), [5]);
    }

    #[test]
    fn scatter_alone_seldom_shows_a_change() {
        let wrong = (0..100).filter(|seed| !change_points(&scatter(*seed, 20), 0.05, 7).is_empty());
        let wrong = wrong.count();
        assert!(wrong <= 11, "{wrong} of 100 at a level of 5 %");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn neither_unit_nor_offset_matters(seed in any::<u64>(), scale in 0.001f64..1000.0, offset in -1e3f64..1e3) {
            let mut values = scatter(seed, 16);
            values[8..].iter_mut().for_each(|value| *value += 5.0);
            let moved: Vec<f64> = values.iter().map(|value| value * scale + offset).collect();
            prop_assert_eq!(change_points(&values, 0.05, 1), change_points(&moved, 0.05, 1));
        }
    }
}
