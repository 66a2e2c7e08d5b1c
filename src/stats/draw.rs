//! Random numbers of the usual distributions.

use super::{Stream, math};

impl Stream {
    /// Exponential with mean 1, by inversion.
    pub fn exponential(&mut self) -> f64 {
        -math::ln(1.0 - self.next_f64())
    }

    /// Standard normal: Marsaglia's polar method (Marsaglia and Bray, SIAM Review 6(3), 1964); the second number is dropped so
    /// that a stream's place depends on what was drawn alone.
    pub fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.next_f64() - 1.0, 2.0 * self.next_f64() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * math::sqrt(-2.0 * math::ln(square) / square);
            }
        }
    }

    /// Gamma with this shape and scale 1: Marsaglia and Tsang, "A simple method for generating gamma variables" (ACM TOMS
    /// 26(3), 2000). The shape is above zero.
    ///
    /// ```
    /// let mut stream = phantom::stats::stream(1, "example");
    /// let mean = (0..20_000).map(|_| stream.gamma(0.5)).sum::<f64>() / 20_000.0;
    /// assert!((mean - 0.5).abs() < 0.02, "{mean}");
    /// ```
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let power = math::pow(1.0 - self.next_f64(), 1.0 / shape);
            return self.gamma(shape + 1.0) * power;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / math::sqrt(9.0 * d);
        loop {
            let x = self.normal();
            let v = 1.0 + c * x;
            if v <= 0.0 {
                continue;
            }
            let v = v * v * v;
            let u = 1.0 - self.next_f64();
            if math::ln(u) < 0.5 * x * x + d - d * v + d * math::ln(v) {
                return d * v;
            }
        }
    }

    /// A whole number uniform in `0..bound`, by multiplication (Lemire, ACM TOMACS 29(1), 2019, without the rejection, whose
    /// bias is below `bound / 2^64`).
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::super::stream;

    fn moments(mut draw: impl FnMut() -> f64) -> (f64, f64) {
        let numbers: Vec<f64> = (0..100_000).map(|_| draw()).collect();
        let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
        let squares: f64 = numbers.iter().map(|x| (x - mean) * (x - mean)).sum();
        (mean, squares / numbers.len() as f64)
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let mut numbers = stream(3, "moments");
        let close = |found: (f64, f64), mean: f64, variance: f64| {
            assert!(
                (found.0 - mean).abs() < 0.03
                    && (found.1 - variance).abs() < 0.06 * variance.max(1.0),
                "{found:?}"
            );
        };
        close(moments(|| numbers.exponential()), 1.0, 1.0);
        close(moments(|| numbers.normal()), 0.0, 1.0);
        close(moments(|| numbers.gamma(0.3)), 0.3, 0.3);
        close(moments(|| numbers.gamma(4.0)), 4.0, 4.0);
    }

    #[test]
    fn whole_numbers_stay_below_their_bound() {
        let mut numbers = stream(3, "whole");
        let drawn: Vec<u64> = (0..1000).map(|_| numbers.below(7)).collect();
        assert!(drawn.iter().all(|number| *number < 7));
        assert!((0..7).all(|number| drawn.contains(&number)));
    }
}
