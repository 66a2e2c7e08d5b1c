//! What is said of points of one's own beside a model that is known. All numbers here are judgements.

/// The variance of the noise of a point that stands alone, over that of what it may move: it moves its own prediction by a quarter of what
/// it misses.
pub const ALONE: f64 = 3.0;

/// What a coefficient that was fitted costs over one that was not: it is known to a fifth of its reach.
pub const KNOWN: f64 = 25.0;

/// A place that fewer points are of stays unknown.
pub const FEWEST: usize = 3;

/// How many times outside of a model's interval a number may be: further off it is in another unit or column, or of a system that is not
/// the one it names.
pub const OUTSIDE: f64 = 3.0;

/// How noise falls with the points of a device that say the same: with the fourth power of their number, so that two that agree move their
/// predictions by nine tenths of what they miss.
pub fn noise(variance: f64, count: f64) -> f64 {
    let squared = count * count;
    ALONE * variance / (squared * squared)
}

/// Whether so many doubted numbers of a column of a source make the others doubtful too: half or more of them, and no fewer than
/// [`FEWEST`].
pub const fn is_doubtful(doubted: usize, all: usize) -> bool {
    doubted >= FEWEST && 2 * doubted >= all
}
