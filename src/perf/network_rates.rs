//! Rates that runs of networks are held against: how a number format computes, and what a device states for it.

use crate::catalog::{Device, Peaks};
use crate::record::{Engine, NetworkCall};
use crate::stats::math::ln;
use crate::units::FlopsPerSec;

/// How a number format computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    Eight,
    EightFloat,
    Sixteen,
    ThirtyTwo,
    TensorFloat,
}

impl Width {
    /// Of a number format's name.
    pub fn of(precision: &str) -> Self {
        let has = |word: &str| precision.contains(word);
        if has("int8") || has("w8a8") {
            Self::Eight
        } else if (has("fp16") || has("amp") || has("bf16") || has("a16")) && !has("matmul")
            || ["fp4", "fp5", "fp6"].into_iter().any(has)
        {
            // Numbers of four to six bits are weights that are widened before they are multiplied.
            Self::Sixteen
        } else if has("fp8") {
            Self::EightFloat
        } else if has("tf32") {
            Self::TensorFloat
        } else {
            Self::ThirtyTwo
        }
    }

    /// Bytes of a number.
    pub const fn bytes(self) -> f64 {
        match self {
            Self::Eight | Self::EightFloat => 1.0,
            Self::Sixteen => 2.0,
            Self::ThirtyTwo | Self::TensorFloat => 4.0,
        }
    }
}

/// The dense peak that a format is held against, operations per second; a reference, never a claim of support.
fn peak(call: &NetworkCall, width: Width) -> Option<f64> {
    let device = call.device.as_ref();
    let stated = |rate: Option<FlopsPerSec>| rate.map(FlopsPerSec::get);
    let Peaks {
        fp32,
        tf32,
        bf16,
        fp16,
        fp8,
        int8,
        ..
    } = device.peaks;
    let half = stated(fp16).or(stated(bf16));
    match call.engine {
        Engine::Mcu => {
            let clock = device.boost_clock?.get();
            return Some(2.0 * device.mcu.int8_macs_per_cycle? * clock);
        }
        Engine::MobileNpu | Engine::Npu | Engine::Asic => {
            return if width == Width::Eight {
                stated(int8).or(half.map(|rate| 2.0 * rate))
            } else {
                half.or(stated(int8).map(|rate| rate / 2.0))
            };
        }
        Engine::MobileCpu => {
            let vectors = || Some(8.0 * f64::from(device.cores?) * device.boost_clock?.get());
            let full = stated(fp32).or_else(vectors)?;
            let narrow = width == Width::Eight;
            return Some(if narrow { 2.0 * full } else { full });
        }
        Engine::MobileGpu if !is_gpu(device) => return None,
        Engine::MobileGpu
        | Engine::DatacenterGpu
        | Engine::WorkstationGpu
        | Engine::ConsumerGpu
        | Engine::IntegratedGpu
        | Engine::JetsonGpu
        | Engine::Apple
        | Engine::Cpu
        | Engine::Tpu => {}
    }
    let twice = || stated(fp32).map(|rate| 2.0 * rate);
    let found = match width {
        Width::Eight => stated(int8).or(half).or_else(twice),
        Width::Sixteen => half.or(stated(fp32)),
        Width::EightFloat => stated(fp8).or(half),
        Width::TensorFloat => stated(tf32).or(stated(fp32)),
        Width::ThirtyTwo => stated(fp32),
    };
    found
        .or(half.map(|rate| rate / 2.0))
        .or(stated(int8).map(|rate| rate / 2.0))
}

/// Whether the facts of an entry of a phone or board are those of its GPU.
fn is_gpu(device: &Device) -> bool {
    device.id.ends_with("-gpu")
        || device.architecture.contains("Mali")
        || device.architecture.contains("GPU")
}

/// Whether the peak of a format stands among those that a device states; cores whose entry lacks it may be several times as fast as their other peaks.
pub(super) fn states_format(call: &NetworkCall) -> bool {
    let peaks = call.device.peaks;
    !call.engine.is_cores()
        || match Width::of(&call.names.precision) {
            Width::Eight => peaks.int8.is_some(),
            Width::Sixteen => peaks.fp16.or(peaks.bf16).is_some(),
            Width::EightFloat => peaks.fp8.is_some(),
            Width::ThirtyTwo | Width::TensorFloat => true,
        }
}

/// The fastest dense peak a device states, operations per second.
pub(super) fn fastest(device: &Device) -> Option<f64> {
    let peaks = device.peaks;
    let all = [
        peaks.fp32,
        peaks.tf32,
        peaks.bf16,
        peaks.fp16,
        peaks.fp16_acc16,
        peaks.fp8,
        peaks.fp4,
        peaks.int8,
        peaks.int4,
    ];
    all.into_iter()
        .flatten()
        .map(FlopsPerSec::get)
        .reduce(f64::max)
}

/// What a device states, in the order of [`NetworkDefaults::engines`]: logarithms of peak, memory rate, cores and clock, and the
/// year; `None` where it is not stated.
pub fn stated_machine(call: &NetworkCall) -> [Option<f64>; 5] {
    let device = &call.device;
    [
        peak(call, Width::of(&call.names.precision)).map(ln),
        device.memory_bandwidth.map(|rate| ln(rate.get())),
        device.cores.map(|cores| ln(f64::from(cores.max(1)))),
        device.boost_clock.map(|clock| ln(clock.get())),
        device.year.map(f64::from),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::network_testing::call;
    use super::*;

    #[test]
    fn formats_are_told_apart_by_their_names() {
        for (name, width) in [
            ("int8", Width::Eight),
            ("int8+fp16", Width::Eight),
            ("w8a8", Width::Eight),
            ("w8a16", Width::Sixteen),
            ("amp-bf16", Width::Sixteen),
            ("ncnn-auto-fp16/fp32", Width::Sixteen),
            ("fp32+matmul-bf16", Width::ThirtyTwo),
            ("tf32", Width::TensorFloat),
            ("fp8", Width::EightFloat),
            ("fp6_e3m2", Width::Sixteen),
            ("", Width::ThirtyTwo),
        ] {
            assert_eq!(Width::of(name), width, "{name}");
        }
    }

    #[test]
    fn a_device_states_its_peak_and_rate() {
        let [peak, bandwidth, ..] = stated_machine(&call());
        assert!(peak.is_some_and(|peak| (peak - ln(165.2e12)).abs() < 1e-9));
        assert!(bandwidth.is_some_and(|rate| (rate - ln(1008e9)).abs() < 1e-3));
    }
}
