//! Statistics without a domain: quantiles, error measures, seeded streams, portable mathematics.
//!
//! Nothing here knows what a token or a device is. `exp`, `ln` and powers go through [`math`], because the standard ones
//! differ between platforms and results must not; sums run in a fixed order.

mod change;
mod draw;
mod histogram;
pub mod independent;
pub mod math;
mod quantile;
mod stream;
pub mod symmetric;

pub use change::change_points;
pub use histogram::Histogram;
pub use quantile::{mean, quantile, quantile_sorted};
pub use stream::{Stream, stream};
