//! The time of one kernel call, as kernel tables measure it.

use super::collective::{Exchange, Topology, Wires};
use super::rates::{Family, UnitTimes};
use super::spread::Spread;
use super::terms::Terms;
use crate::catalog::Device;
use crate::ops::{Cost, Kernel};
use crate::record::{Calibration, Column, Estimated, Metric, NotModelled, TermName};

/// The time of one call of a kernel on one device; of an exchange, on devices of one node.
///
/// `t = max(F / P, B / W) + gap + message`: the roofline of its cost ([`super::roofline`]), the gap before a kernel, and the
/// alpha-beta time of its message. The interval is that of the pack's terms, at the pack's level.
///
/// # Assumptions
///
/// Operands come from device memory; a benchmark that repeats a call on small operands reads them from the cache.
///
/// # Errors
///
/// [`NotModelled::MissingFact`] for a rate, link or term that the equations need and nobody states.
///
/// # Examples
///
/// A `(1, k) × (k, n)` product with `k = n = 8192` in bf16 moves 134 MB: 49 µs at 82 % of 3.35 TB/s, and 1 µs of launch.
///
/// ```
/// use phantom::catalog::{Arithmetic, Catalog, Format, Precision};
/// use phantom::ops::{Gemm, Kernel};
/// use phantom::perf::kernel_time;
/// use phantom::record::Calibration;
///
/// let device = Catalog::embedded().device("h100-sxm5-80gb").expect("it is in the catalogue");
/// let bf16 = Precision { weights: Format::Bf16, activations: Format::Bf16, kv_cache: Format::Bf16, compute: Arithmetic::Bf16 };
/// let kernel = Kernel::Gemm(Gemm::new(1.0, 8192.0, 8192.0, bf16));
/// let time = kernel_time(&kernel, device, &Calibration::embedded())?;
/// assert!((time.value - 49.9e-6).abs() < 0.1e-6, "{}", time.value);
/// # Ok::<(), phantom::record::NotModelled>(())
/// ```
pub fn kernel_time(
    kernel: &Kernel,
    device: &Device,
    pack: &Calibration,
) -> Result<Estimated, NotModelled> {
    let terms = Terms::new(pack, device);
    let cost = kernel.cost();
    let body = match family(kernel) {
        Some(family) => on_device(
            &cost,
            &UnitTimes::new(device, &terms, family, cost.arithmetic)?,
        ),
        None => exchange(&cost, device, &terms)?,
    };
    let time = body + terms.get(TermName::KernelLaunch)?;
    Ok(Estimated {
        column: Column::of(Metric::KernelLatency),
        value: time.value(),
        lo: time.lo(),
        hi: time.hi(),
    })
}

/// The roofline of a cost under three sets of terms.
fn on_device(cost: &Cost, times: &UnitTimes) -> Spread {
    times.compute(cost).max(times.memory(cost))
}

fn exchange(cost: &Cost, device: &Device, terms: &Terms<'_>) -> Result<Spread, NotModelled> {
    let Some(message) = cost.message.filter(|message| message.group > 1) else {
        return Ok(Spread::default());
    };
    let topology = Topology::of_device(device, message.group);
    let wires = Wires::new(topology, device, terms)?;
    Ok(Exchange::new(message, 1, &wires)?.time(message.bytes.get()))
}

/// The efficiency terms of a kernel; `None` for an exchange.
const fn family(kernel: &Kernel) -> Option<Family> {
    match kernel {
        Kernel::Gemm(_) => Some(Family::Gemm),
        Kernel::AttentionContext(_)
        | Kernel::AttentionGeneration(_)
        | Kernel::AttentionEncoder(_)
        | Kernel::MlaContext(_)
        | Kernel::MlaGeneration(_)
        | Kernel::MlaModule(_)
        | Kernel::LinearAttention(_) => Some(Family::Attention),
        Kernel::Moe(_) => Some(Family::Experts),
        Kernel::Elementwise(_) => Some(Family::Elementwise),
        Kernel::MoeDispatch(_) | Kernel::Collective(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{BF16, h100, pack};
    use super::*;
    use crate::ops::{Collective, CollectiveKind, Gemm, GroupKind};

    fn time(kernel: &Kernel) -> Estimated {
        kernel_time(kernel, &h100(), &pack()).expect("all facts are there")
    }

    #[test]
    fn a_large_product_runs_at_the_reached_share_of_the_peak() {
        let found = time(&Kernel::Gemm(Gemm::new(8192.0, 8192.0, 8192.0, BF16)));
        // 2 · 8192³ operations at 70 % of 989.5 TFLOP/s.
        let body = 2.0 * 8192f64 * 8192.0 * 8192.0 / (0.7 * 989.5e12);
        assert!((found.value / body - 1.0).abs() < 0.01, "{}", found.value);
        assert!(found.lo < found.value && found.value < found.hi);
    }

    #[test]
    fn an_exchange_takes_longer_with_more_bytes() {
        let all_reduce = |bytes| {
            time(&Kernel::Collective(Collective {
                kind: CollectiveKind::AllReduce,
                bytes,
                group: 8,
                dimension: GroupKind::Tensor,
            }))
            .value
        };
        assert!(all_reduce(1e3) < all_reduce(1e6) && all_reduce(1e6) < all_reduce(1e9));
    }
}
