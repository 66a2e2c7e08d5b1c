//! Counts of whole numbers in cells of equal relative width.

use std::array;

/// Cells of one octave; a cell is at most `1 / 256` of its numbers wide.
const CELLS: usize = 256;
/// Numbers below `CELLS` have a cell each.
const EXACT_BITS: u32 = CELLS.trailing_zeros();

/// Counts of whole numbers, such as nanoseconds, with memory that does not grow with the count.
///
/// Numbers below 256 have a cell each; above, every octave has 256 cells, so that a quantile is off by less than 0.4 %.
/// Sums and extremes are exact.
///
/// ```
/// use phantom::stats::Histogram;
/// let mut latencies = Histogram::default();
/// for number in 1..=1000 {
///     latencies.add(number, 1);
/// }
/// assert_eq!(latencies.mean(), Some(500.5));
/// let p99 = latencies.quantile(0.99).expect("not empty");
/// assert!((p99 / 990.01 - 1.0).abs() < 0.004, "{p99}");
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Histogram {
    octaves: Vec<Option<Box<[u64; CELLS]>>>,
    count: u64,
    sum: u128,
    least: u64,
    most: u64,
}

impl Histogram {
    /// Counts a number so many times.
    pub fn add(&mut self, number: u64, times: u64) {
        if times == 0 {
            return;
        }
        let (octave, cell) = place(number);
        if self.octaves.len() <= octave {
            self.octaves.resize_with(octave + 1, || None);
        }
        let cells = self.octaves[octave].get_or_insert_with(|| Box::new(array::from_fn(|_| 0)));
        cells[cell] += times;
        if self.count == 0 || number < self.least {
            self.least = number;
        }
        self.most = self.most.max(number);
        self.count += times;
        self.sum += u128::from(number) * u128::from(times);
    }

    /// Adds the counts of another.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.octaves.len() < other.octaves.len() {
            self.octaves.resize_with(other.octaves.len(), || None);
        }
        for (mine, theirs) in self.octaves.iter_mut().zip(&other.octaves) {
            let Some(theirs) = theirs else { continue };
            match mine {
                Some(mine) => mine
                    .iter_mut()
                    .zip(theirs.iter())
                    .for_each(|(a, b)| *a += b),
                None => *mine = Some(theirs.clone()),
            }
        }
        self.least = if self.count == 0 {
            other.least
        } else {
            self.least.min(other.least)
        };
        self.most = self.most.max(other.most);
        self.count += other.count;
        self.sum += other.sum;
    }

    /// How many numbers were counted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The mean, exact; `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The smallest number; `None` of nothing.
    pub fn least(&self) -> Option<u64> {
        (self.count > 0).then_some(self.least)
    }

    /// The largest number; `None` of nothing.
    pub fn most(&self) -> Option<u64> {
        (self.count > 0).then_some(self.most)
    }

    /// The standard deviation of the population, from the middles of cells; `None` of nothing.
    pub fn deviation(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squares: f64 = self
            .cells()
            .map(|(low, width, count)| {
                let distance = low + 0.5 * (width - 1.0) - mean;
                distance * distance * count as f64
            })
            .sum();
        Some((squares / self.count as f64).sqrt())
    }

    /// The `q`-quantile, straight inside a cell and never outside the numbers seen; `None` of nothing.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let last = self.count.checked_sub(1)?;
        let position = q.clamp(0.0, 1.0) * last as f64;
        let mut before = 0.0;
        let mut found = self.most as f64;
        for (low, width, count) in self.cells() {
            let count = count as f64;
            if position < before + count {
                let part = (position - before + 0.5) / count;
                found = low + part * width - 0.5;
                break;
            }
            before += count;
        }
        Some(found.clamp(self.least as f64, self.most as f64))
    }

    /// The share of the numbers that are at most `limit`, straight inside a cell; `None` of nothing.
    pub fn share_within(&self, limit: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        if limit >= self.most as f64 {
            return Some(1.0);
        }
        let (octave, cell) = place(limit.max(0.0) as u64);
        let (low, width) = bounds(octave, cell);
        let part = ((limit - low + 1.0) / width).clamp(0.0, 1.0);
        let of = |octave: usize| self.octaves.get(octave).and_then(Option::as_deref);
        let below = (0..octave)
            .filter_map(of)
            .map(|cells| cells.iter().sum::<u64>());
        let here = of(octave).map_or((0, 0), |cells| {
            (cells[..cell].iter().sum::<u64>(), cells[cell])
        });
        let whole = below.sum::<u64>() + here.0;
        Some((whole as f64 + here.1 as f64 * part) / self.count as f64)
    }

    /// First number, width and count of every cell in use, rising.
    fn cells(&self) -> impl Iterator<Item = (f64, f64, u64)> {
        self.octaves.iter().enumerate().flat_map(|(octave, cells)| {
            let (first, width) = bounds(octave, 0);
            cells.iter().flat_map(move |cells| {
                let counted = cells.iter().enumerate().filter(|(_, count)| **count > 0);
                counted.map(move |(cell, count)| (first + cell as f64 * width, width, *count))
            })
        })
    }
}

/// First number and width of a cell.
const fn bounds(octave: usize, cell: usize) -> (f64, f64) {
    if octave == 0 {
        return (cell as f64, 1.0);
    }
    let width = (1_u64 << (octave - 1)) as f64;
    (CELLS as f64 * width + cell as f64 * width, width)
}

/// Octave and cell of a number.
const fn place(number: u64) -> (usize, usize) {
    if number < CELLS as u64 {
        return (0, number as usize);
    }
    let top = number.ilog2();
    let shift = top - EXACT_BITS;
    ((shift + 1) as usize, ((number >> shift) as usize) - CELLS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::stats::quantile;

    proptest! {
        #[test]
        fn quantiles_are_those_of_the_numbers(
            numbers in prop::collection::vec(0_u64..3_000_000_000_000, 1..400), q in 0.0f64..1.0,
        ) {
            let mut histogram = Histogram::default();
            for number in &numbers {
                histogram.add(*number, 1);
            }
            let sorted = {
                let mut sorted = numbers.clone();
                sorted.sort_unstable();
                sorted
            };
            let found = histogram.quantile(q).expect("not empty");
            // The order statistics on both sides of the position bound it, widened by a cell.
            let at = q * (sorted.len() - 1) as f64;
            let (low, high) = (sorted[at.floor() as usize] as f64, sorted[at.ceil() as usize] as f64);
            prop_assert!(found >= low * (1.0 - 1.0 / 256.0) - 1.0 && found <= high * (1.0 + 1.0 / 256.0) + 1.0);
            let exact: Vec<f64> = numbers.iter().map(|number| *number as f64).collect();
            prop_assert!(quantile(&exact, q).is_some());
        }

        #[test]
        fn shares_are_those_of_the_cells(
            numbers in prop::collection::vec(0_u64..3_000_000_000, 1..200), limit in 0_i64..4_000_000_000,
        ) {
            let mut histogram = Histogram::default();
            for number in &numbers {
                histogram.add(*number, 1);
            }
            let limit = (limit - 1000) as f64;
            let counted: f64 = histogram
                .cells()
                .map(|(low, width, count)| count as f64 * ((limit - low + 1.0) / width).clamp(0.0, 1.0))
                .sum();
            let found = histogram.share_within(limit).expect("not empty");
            prop_assert!((found - counted / numbers.len() as f64).abs() < 1e-12 || found == 1.0 && limit >= *numbers.iter().max().expect("numbers") as f64);
        }

        #[test]
        fn merging_is_counting_together(a in prop::collection::vec(0_u64..1_000_000, 0..50), b in prop::collection::vec(0_u64..1_000_000, 0..50)) {
            let count = |numbers: &[u64]| {
                let mut histogram = Histogram::default();
                for number in numbers {
                    histogram.add(*number, 1);
                }
                histogram
            };
            let mut merged = count(&a);
            merged.merge(&count(&b));
            let together: Vec<u64> = a.iter().chain(&b).copied().collect();
            let together = count(&together);
            prop_assert_eq!(merged.quantile(0.5), together.quantile(0.5));
            prop_assert_eq!((merged.count(), merged.mean(), merged.least(), merged.most()), (together.count(), together.mean(), together.least(), together.most()));
        }
    }

    #[test]
    fn equal_numbers_have_themselves_as_every_quantile() {
        let mut histogram = Histogram::default();
        histogram.add(123_456_789, 10);
        assert_eq!(histogram.quantile(0.01), Some(123_456_789.0));
        assert_eq!(histogram.quantile(0.99), Some(123_456_789.0));
        assert_eq!(
            histogram
                .share_within(123_456_788.0)
                .map(|share| share < 1.0),
            Some(true)
        );
        assert_eq!(histogram.share_within(123_456_789.0), Some(1.0));
    }

    #[test]
    fn shares_and_quantiles_are_inverse() {
        let mut histogram = Histogram::default();
        (1..=100_000_u64).for_each(|number| histogram.add(number * 1000, 1));
        for q in [0.1, 0.5, 0.9, 0.99] {
            let at = histogram.quantile(q).expect("not empty");
            let share = histogram.share_within(at).expect("not empty");
            assert!((share - q).abs() < 0.002, "{q} {share}");
        }
    }
}
