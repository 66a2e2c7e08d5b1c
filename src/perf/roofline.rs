//! The time of one operator from its work and its traffic.

use crate::units::{Bytes, BytesPerSec, Flops, FlopsPerSec, Seconds};

/// The time an operator takes when arithmetic and memory traffic overlap fully.
///
/// `t = max(F / P, B / W)`: Williams, Waterman, and Patterson, "Roofline" (CACM 52(4), 2009).
///
/// | Symbol | Argument | Meaning |
/// |---|---|---|
/// | `F` | `work` | operations of the operator on one device |
/// | `P` | `peak` | dense peak rate at the arithmetic, times the share of it that software reaches |
/// | `B` | `traffic` | bytes to and from device memory, each tensor counted once |
/// | `W` | `bandwidth` | peak memory rate, times the share of it that software reaches |
///
/// # Assumptions
///
/// Nothing stays in a cache between operators, and the two parts overlap perfectly; what is lost by either is in the shares.
///
/// # Examples
///
/// A `(1, k) × (k, n)` product with `k = n = 4096` in bf16 is bound by memory: 33.6 MB at 3.35 TB/s take 10 µs, the
/// arithmetic 0.03 µs.
///
/// ```
/// use phantom::perf::roofline;
/// use phantom::units::{Bytes, BytesPerSec, Flops, FlopsPerSec};
///
/// let k = 4096.0;
/// let time = roofline(
///     Flops::new(2.0 * k * k), FlopsPerSec::new(989.5e12),
///     Bytes::new(2.0 * k * k), BytesPerSec::new(3.35e12),
/// );
/// assert!((time.get() - 10.0e-6).abs() < 0.1e-6);
/// ```
pub fn roofline(work: Flops, peak: FlopsPerSec, traffic: Bytes, bandwidth: BytesPerSec) -> Seconds {
    (work / peak).max(traffic / bandwidth)
}
