//! Simulated time.

/// Whole nanoseconds since the start of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Nanos(u64);

impl Nanos {
    /// The start.
    pub const ZERO: Self = Self(0);
    /// After everything.
    pub const NEVER: Self = Self(u64::MAX);

    /// So many nanoseconds.
    pub const fn new(nanos: u64) -> Self {
        Self(nanos)
    }

    /// The nearest nanosecond; what is negative or no number is zero, what is beyond 584 years is [`Self::NEVER`].
    ///
    /// ```
    /// use phantom::simulate::Nanos;
    /// assert_eq!(Nanos::from_seconds(1.5e-9), Nanos::new(2));
    /// assert_eq!(Nanos::from_seconds(f64::NAN), Nanos::ZERO);
    /// ```
    pub fn from_seconds(seconds: f64) -> Self {
        // The cast saturates at both ends and takes NaN to zero.
        Self((seconds * 1e9 + 0.5) as u64)
    }

    /// Nanoseconds.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Seconds.
    pub fn seconds(self) -> f64 {
        self.0 as f64 * 1e-9
    }

    /// Later by so much.
    #[must_use]
    pub const fn after(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// From an earlier time to this one; zero where it is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }
}
