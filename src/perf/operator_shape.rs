//! A kernel call on a device as a fit sees it: its physical times, its sizes, and features of how it fills the device.

use super::operator_exchange::{Wire, Wiring};
use super::operator_traits::described;
use super::rates::{memory_bandwidth, peak};
use crate::catalog::Device;
use crate::ops::Kernel;
use crate::record::NotModelled;
use crate::stats::math::{exp, ln, pow};

/// How far the middle of all calls of an operator and a software may be from [`OperatorShape::plain`]. Of 170 000 published timings the
/// farthest are 8 times below and 7 times above.
pub const IMPLAUSIBLE: f64 = 100.0;

/// A time between a launch from a graph, 2 µs, and the host's way to an eager call, some 350 µs, seconds. It only keeps tiny calls
/// comparable.
const USUAL_LAUNCH: f64 = 20e-6;

/// A kernel call on a device.
#[derive(Debug, Clone, PartialEq)]
pub struct OperatorShape {
    /// Seconds of arithmetic at the peak.
    pub compute: f64,
    /// Seconds of traffic, mixed from device memory and cache by [`cold_share`].
    pub memory: f64,
    /// Seconds that no call of that shape can beat: arithmetic at the peak, or all traffic at the faster of cache and memory.
    pub bound: f64,
    /// Logarithm of traffic over the size of the cache.
    pub over_cache: f64,
    /// Logarithms of the sizes; likeness of shapes is measured in them.
    pub sizes: Vec<f64>,
    /// Features of the sizes and of how they fill the device.
    pub traits: Vec<f64>,
    /// Features of the device alone; see [`MACHINE_FIRST`].
    pub machine: [f64; 6],
}

/// The first feature of the device that is fitted. Those before it are read by packs that were fitted before the others were
/// there: they told devices apart, but said nothing of devices that had not been seen.
pub const MACHINE_FIRST: usize = 4;

/// What of the device the features look at.
pub(super) struct Machine {
    pub cores: f64,
    pub cache: f64,
    cache_rate: f64,
    pub memory_rate: f64,
    peak: f64,
    /// Clocks of all cores in a second.
    clocks: f64,
}

/// Bytes a core reads from the last-level cache in a clock: about 25 on dies with HBM and 10 on dies with GDDR. These are
/// starting values of the base, which the fit corrects; they are not a device's facts.
const CACHE_BYTES_PER_CLOCK: [f64; 2] = [25.0, 10.0];

/// The share of traffic that comes from device memory when a call is repeated on the same operands: little of what fits in
/// the cache, nearly all of what does not, `1 / (1 + (1.1 C / B)⁶)` for `B` bytes and a cache of `C`.
pub fn cold_share(bytes: f64, cache: f64) -> f64 {
    1.0 / (1.0 + pow(1.1 * cache / bytes.max(1.0), 6.0))
}

impl Machine {
    fn new(kernel: &Kernel, device: &Device) -> Result<Self, NotModelled> {
        let missing = |fact| NotModelled::MissingFact {
            entry: device.id.clone(),
            fact,
        };
        let cores = device.cores.filter(|cores| *cores > 0);
        let cores = f64::from(cores.ok_or_else(|| missing("number of cores"))?);
        let cache = device.l2.filter(|cache| cache.get() > 0.0);
        let cache = cache.ok_or_else(|| missing("last-level cache"))?.get();
        let memory_rate = memory_bandwidth(device)?.get();
        let stated = device.boost_clock.or(device.base_clock);
        // A core of 128 lanes does 256 operations in a clock; NVIDIA's data center dies before Hopper have 64 lanes.
        let from_peak = device.peaks.fp32.map(|peak| peak.get() / (256.0 * cores));
        let clock = stated.map(crate::units::Hertz::get).or(from_peak);
        let clock = clock
            .filter(|clock| *clock > 0.0)
            .ok_or_else(|| missing("clock"))?;
        let [hbm, gddr] = CACHE_BYTES_PER_CLOCK;
        let per_clock = if device.memory_type.starts_with("HBM") {
            hbm
        } else {
            gddr
        };
        Ok(Self {
            cores,
            cache,
            cache_rate: (per_clock * clock * cores).max(memory_rate),
            memory_rate,
            peak: peak(device, kernel.cost().arithmetic)?.1.get(),
            clocks: cores * clock,
        })
    }

    /// The device's features: beside those of earlier packs, bytes of memory and operations for each clock of a core. The
    /// wider a core's matrix unit and its share of the memory, the more has to be in flight to fill them.
    fn features(&self) -> [f64; 6] {
        [
            ln(self.peak / self.memory_rate),
            ln(self.cores),
            ln(self.cache / (1u64 << 20) as f64),
            ln(self.cache_rate / self.memory_rate),
            ln(self.memory_rate / self.clocks),
            ln(self.peak / self.clocks),
        ]
    }
}

/// The shape of a call on a device.
///
/// # Errors
///
/// [`NotModelled::MissingFact`] for a rate, a link, a cache, a clock or a count of cores that the catalogue does not state.
pub fn operator_shape(
    kernel: &Kernel,
    device: &Device,
    wiring: Wiring,
) -> Result<OperatorShape, NotModelled> {
    let machine = Machine::new(kernel, device)?;
    let (sizes, traits) = described(kernel, machine.cores);
    let sizes = sizes.into_iter().map(positive_ln).collect();
    if let Some(wire) = Wire::of(kernel, device, wiring)? {
        return Ok(wire.shape(&machine, sizes, traits));
    }
    let cost = kernel.cost();
    let bytes = cost.traffic().get().max(1.0);
    let compute = cost.work.get() / machine.peak;
    let cold = cold_share(bytes, machine.cache);
    Ok(OperatorShape {
        compute,
        memory: cold * bytes / machine.memory_rate + (1.0 - cold) * bytes / machine.cache_rate,
        bound: compute.max(bytes / machine.cache_rate),
        over_cache: ln(bytes / machine.cache),
        sizes,
        traits,
        machine: machine.features(),
    })
}

/// The logarithm of a size from 1 on; smaller ones count as 1.
fn positive_ln(size: f64) -> f64 {
    ln(size.max(1.0))
}

impl OperatorShape {
    /// `(T_c⁴ + T_m⁴)^¼`: the longer of arithmetic and traffic, with a soft corner.
    pub fn roofline(&self) -> f64 {
        let (long, short) = if self.compute > self.memory {
            (self.compute, self.memory)
        } else {
            (self.memory, self.compute)
        };
        long * pow(1.0 + pow(short / long, 4.0), 0.25)
    }

    /// Seconds of a usual launch and the roofline: about what a call takes, whoever wrote it.
    pub fn plain(&self) -> f64 {
        USUAL_LAUNCH + self.roofline()
    }

    /// The features of a call whose launch takes `floor` seconds.
    pub fn features(&self, floor: f64) -> Vec<f64> {
        let size = ln(self.roofline() / floor);
        let intensity = ln(self.compute.max(1e-30) / self.memory).clamp(-6.0, 6.0);
        let over = self.over_cache;
        let mut features = vec![
            size,
            size.max(0.0),
            (size - 2.0).max(0.0),
            (size + 2.0).min(0.0),
            intensity,
            intensity.max(0.0),
            intensity * size.clamp(-3.0, 3.0),
            exp(-0.5 * intensity * intensity),
            over,
            over.max(0.0),
            exp(-0.5 * over * over),
        ];
        features.extend(&self.traits);
        features
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{BF16, h100};
    use super::*;
    use crate::ops::Gemm;

    fn of(m: f64, n: f64, k: f64) -> OperatorShape {
        let kernel = Kernel::Gemm(Gemm::new(m, n, k, BF16));
        operator_shape(&kernel, &h100(), Wiring::Board).expect("facts are there")
    }

    #[test]
    fn what_fits_in_the_cache_is_read_faster_than_memory_and_what_does_not_is_not() {
        let small = of(1.0, 1024.0, 1024.0);
        let large = of(1.0, 32768.0, 32768.0);
        let bytes = |n: f64| 2.0 * (n * n + 2.0 * n);
        assert!(small.memory < 0.8 * bytes(1024.0) / 3.35e12);
        assert!((large.memory / (bytes(32768.0) / 3.35e12) - 1.0).abs() < 0.01);
        assert!(small.bound <= small.memory && large.bound <= large.memory);
    }

    #[test]
    fn the_corner_of_the_roofline_is_soft_and_never_below_it() {
        for size in [64.0, 512.0, 4096.0] {
            let shape = of(size, size, size);
            let hard = shape.compute.max(shape.memory);
            assert!(shape.roofline() >= hard && shape.roofline() <= 1.2 * hard);
        }
    }

    #[test]
    fn every_feature_is_finite_for_tiny_and_huge_sizes() {
        for size in [1.0, 3.0, 1e5] {
            let features = of(size, size, size).features(2e-6);
            assert!(features.iter().all(|feature| feature.is_finite()));
        }
    }

    #[test]
    fn missing_facts_are_named() {
        let mut device = h100();
        device.l2 = None;
        let gemm = Kernel::Gemm(Gemm::new(8.0, 8.0, 8.0, BF16));
        let error = operator_shape(&gemm, &device, Wiring::Board).expect_err("no cache");
        assert!(error.to_string().contains("cache"), "{error}");
    }
}
