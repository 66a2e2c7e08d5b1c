//! What a device can do: peaks with their fallbacks, memory rate, links.

use super::spread::Spread;
use super::terms::Terms;
use crate::catalog::{Arithmetic, Device};
use crate::ops::Cost;
use crate::record::{NotModelled, TermName};
use crate::units::{BytesPerSec, FlopsPerSec};

/// What arithmetic stands in where a device states no peak for one.
///
/// bf16 and fp16 run at the same rate on every matrix unit that has both, and where one is missing software uses the other,
/// then 32-bit arithmetic. Numbers narrower than the device's units are stored narrow and computed wide (weight-only
/// quantisation, as Marlin does for 4-bit weights: Frantar et al., arXiv 2408.11743), so fp8, fp4, int8 and int4 fall back
/// to 16 bits.
const fn stand_ins(wanted: Arithmetic) -> &'static [Arithmetic] {
    use Arithmetic::{Bf16, Fp4, Fp8, Fp16, Fp32, Fp64, Int4, Int8, Tf32};
    match wanted {
        Fp64 => &[Fp64],
        Fp32 => &[Fp32],
        Tf32 => &[Tf32, Fp32],
        Bf16 => &[Bf16, Fp16, Fp32],
        Fp16 => &[Fp16, Bf16, Fp32],
        Fp8 => &[Fp8, Bf16, Fp16, Fp32],
        Fp4 => &[Fp4, Fp8, Bf16, Fp16, Fp32],
        Int8 => &[Int8, Fp16, Bf16, Fp32],
        Int4 => &[Int4, Int8, Fp16, Bf16, Fp32],
    }
}

/// The dense peak a device computes an arithmetic at, and what it is computed in.
///
/// # Errors
///
/// [`NotModelled::MissingFact`] when neither the arithmetic nor any that may stand in has a peak.
pub fn peak(device: &Device, wanted: Arithmetic) -> Result<(Arithmetic, FlopsPerSec), NotModelled> {
    stand_ins(wanted)
        .iter()
        .find_map(|arithmetic| {
            let stated = device.peaks.stated(*arithmetic)?;
            (stated.get() > 0.0).then_some((*arithmetic, stated))
        })
        .or_else(|| microcontroller_peak(device, wanted))
        .ok_or_else(|| NotModelled::MissingFact {
            entry: device.id.clone(),
            fact: "peak rate for that arithmetic",
        })
}

/// `P = 2 · macs per cycle · clock` for microcontrollers, which state no peak; 8-bit integers only.
fn microcontroller_peak(device: &Device, wanted: Arithmetic) -> Option<(Arithmetic, FlopsPerSec)> {
    let clock = device.boost_clock.or(device.base_clock)?;
    let macs = device.mcu.int8_macs_per_cycle?;
    let narrow = matches!(wanted, Arithmetic::Int8 | Arithmetic::Int4);
    (narrow && macs > 0.0).then(|| (Arithmetic::Int8, FlopsPerSec::new(2.0 * macs * clock.get())))
}

/// The memory rate of a device.
///
/// # Errors
///
/// [`NotModelled::MissingFact`] when the catalogue states none.
pub fn memory_bandwidth(device: &Device) -> Result<BytesPerSec, NotModelled> {
    device
        .memory_bandwidth
        .filter(|rate| rate.get() > 0.0)
        .ok_or_else(|| NotModelled::MissingFact {
            entry: device.id.clone(),
            fact: "memory bandwidth",
        })
}

/// Seconds for one operation and for one byte of each kind, for the operators of one family and arithmetic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct UnitTimes {
    pub flop: Spread,
    pub weight_byte: Spread,
    pub activation_byte: Spread,
    pub kv_byte: Spread,
}

/// Which efficiency terms an operator family has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Gemm,
    Attention,
    Experts,
    Elementwise,
}

impl Family {
    /// The share of the peak that its products reach; element-wise work is not counted.
    pub const fn compute_term(self) -> Option<TermName> {
        match self {
            Self::Gemm => Some(TermName::GemmCompute),
            Self::Attention => Some(TermName::AttentionCompute),
            Self::Experts => Some(TermName::MoeCompute),
            Self::Elementwise => None,
        }
    }
}

impl Family {
    /// The share of the memory rate that its weights stream at.
    pub const fn weight_term(self) -> TermName {
        match self {
            Self::Experts => TermName::ExpertBandwidth,
            Self::Gemm | Self::Attention | Self::Elementwise => TermName::WeightBandwidth,
        }
    }
}

impl UnitTimes {
    pub fn new(
        device: &Device,
        terms: &Terms<'_>,
        family: Family,
        arithmetic: Arithmetic,
    ) -> Result<Self, NotModelled> {
        let bandwidth = memory_bandwidth(device)?.get();
        let per_byte = |name: TermName| -> Result<Spread, NotModelled> {
            Ok(terms.get(name)?.map(|share| 1.0 / (share * bandwidth)))
        };
        let flop = match family.compute_term() {
            // A device without a peak can still run what is not counted.
            None => Spread::exact(0.0),
            Some(term) => {
                let peak = peak(device, arithmetic)?.1.get();
                terms.get(term)?.map(|share| 1.0 / (share * peak))
            }
        };
        Ok(Self {
            flop,
            weight_byte: per_byte(family.weight_term())?,
            activation_byte: per_byte(TermName::ElementwiseBandwidth)?,
            kv_byte: per_byte(TermName::KvBandwidth)?,
        })
    }

    /// Seconds of arithmetic.
    pub fn compute(&self, cost: &Cost) -> Spread {
        self.flop * cost.work.get()
    }

    /// Seconds of memory traffic.
    pub fn memory(&self, cost: &Cost) -> Spread {
        self.weight_byte * cost.weight_traffic.get()
            + self.activation_byte * cost.activation_traffic.get()
            + self.kv_byte * cost.kv_traffic.get()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::h100;
    use super::*;
    use crate::catalog::Peaks;

    #[test]
    fn a_missing_bf16_peak_is_taken_from_fp16() {
        let mut device = h100();
        device.peaks.bf16 = None;
        let (arithmetic, rate) = peak(&device, Arithmetic::Bf16).expect("fp16 is stated");
        assert_eq!((arithmetic, rate.get()), (Arithmetic::Fp16, 989.5e12));
    }

    #[test]
    fn fp8_without_fp8_units_computes_in_bf16() {
        let mut device = h100();
        device.peaks.fp8 = None;
        let (arithmetic, _) = peak(&device, Arithmetic::Fp8).expect("bf16 is stated");
        assert_eq!(arithmetic, Arithmetic::Bf16);
    }

    #[test]
    fn no_peak_at_all_names_the_device() {
        let mut device = h100();
        device.peaks = Peaks::default();
        let error = peak(&device, Arithmetic::Bf16).expect_err("nothing is stated");
        assert!(error.to_string().contains("h100"), "{error}");
    }
}
