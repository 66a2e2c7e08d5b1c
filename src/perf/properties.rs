//! What holds for every load and every device.

use proptest::prelude::*;

use super::testing::{h100, llama_8b, llama_70b, pack, system, workload};
use super::{EstimateOptions, Server};
use crate::catalog::{Device, Fabric};
use crate::record::{Column, Estimate, Metric};
use crate::scenario::{Arrival, Lengths, LlmWorkload, LoadMode};
use crate::units::{BytesPerSec, FlopsPerSec};

fn ask(server: &Server, load: &LlmWorkload) -> Estimate {
    server
        .estimate(load, &EstimateOptions::new(0.95, &[50.0, 90.0, 99.0]))
        .expect("the load is modelled")
}

fn compile(device: Device, count: u32) -> Server {
    let model = if count == 1 { llama_8b() } else { llama_70b() };
    Server::new(&system(model, device, count), &pack()).expect("all facts are there")
}

fn value(estimate: &Estimate, metric: Metric) -> Option<f64> {
    estimate.get(Column::of(metric)).map(|found| found.value)
}

fn lengths() -> impl Strategy<Value = Lengths> {
    prop_oneof![
        (1u64..20_000).prop_map(Lengths::Fixed),
        (1u64..4000, 0u64..4000).prop_map(|(min, more)| Lengths::Uniform {
            min,
            max: min + more
        }),
        (2.0f64..4000.0, 0.0f64..2.0).prop_map(|(mean, cv)| Lengths::Lognormal {
            mean,
            std: cv * mean,
            min: Some(1),
            max: Some(16_384)
        }),
        (2.0f64..4000.0, 0.0f64..2.0).prop_map(|(mean, cv)| Lengths::Normal {
            mean,
            std: cv * mean,
            min: None,
            max: None
        }),
    ]
}

fn modes() -> impl Strategy<Value = LoadMode> {
    prop_oneof![
        (1u64..5000).prop_map(LoadMode::Concurrency),
        (1u64..2000).prop_map(LoadMode::BatchSize),
        Just(LoadMode::SingleStream),
        (1u64..16).prop_map(LoadMode::MultiStream),
        Just(LoadMode::Offline),
        (0.001f64..500.0, 0.1f64..4.0).prop_map(|(rate, burstiness)| LoadMode::RequestRate {
            rate,
            arrival: Arrival::Gamma { burstiness },
            max_in_flight: None
        }),
    ]
}

fn scaled(device: &Device, compute: f64, memory: f64, link: f64) -> Device {
    let mut faster = device.clone();
    let peak = |peak: Option<FlopsPerSec>| peak.map(|peak| peak * compute);
    faster.peaks.bf16 = peak(device.peaks.bf16);
    faster.peaks.fp16 = peak(device.peaks.fp16);
    faster.memory_bandwidth = device.memory_bandwidth.map(|rate| rate * memory);
    faster.fabric = device.fabric.map(|fabric| Fabric {
        bandwidth_per_direction: BytesPerSec::new(fabric.bandwidth_per_direction.get() * link),
        ..fabric
    });
    faster
}

/// At most equal, but for rounding.
fn at_most(a: f64, b: f64) -> bool {
    a <= b * (1.0 + 1e-9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_number_is_finite_and_inside_its_interval(
        isl in lengths(), osl in lengths(), mode in modes(), eight in any::<bool>(),
    ) {
        let server = compile(h100(), if eight { 8 } else { 1 });
        let mut load = workload(1, 1, mode);
        (load.isl, load.osl) = (isl, osl);
        let found = ask(&server, &load);
        for number in &found.values {
            prop_assert!(number.value.is_finite() && number.lo.is_finite() && number.hi.is_finite());
            prop_assert!(number.value >= 0.0, "{number:?}");
            prop_assert!(number.lo <= number.value && number.value <= number.hi, "{number:?}");
        }
        for model in &found.latencies {
            for pair in model.quantiles.windows(2) {
                prop_assert!(pair[0].1 <= pair[1].1 && pair[0].2 <= pair[1].2 && pair[0].3 <= pair[1].3);
            }
            for (_, value, lo, hi) in &model.quantiles {
                prop_assert!(hi.is_finite() && lo <= value && value <= hi && *lo >= 0.0);
            }
        }
        let (watts, lo, hi) = found.power.accelerator.expect("TDP is stated");
        prop_assert!(lo <= watts && watts <= hi && hi <= 700.0 * f64::from(found.accelerators) + 1e-6);
    }

    #[test]
    fn more_compute_memory_or_links_never_slow_anything(
        isl in 1u64..20_000, osl in 1u64..2000, mode in modes(), eight in any::<bool>(),
        compute in 1.0f64..4.0, memory in 1.0f64..4.0, link in 1.0f64..4.0,
    ) {
        let count = if eight { 8 } else { 1 };
        let load = workload(isl, osl, mode);
        let before = ask(&compile(h100(), count), &load);
        let after = ask(&compile(scaled(&h100(), compute, memory, link), count), &load);
        for metric in [Metric::Ttft, Metric::Tpot, Metric::E2el] {
            if let (Some(old), Some(new)) = (value(&before, metric), value(&after, metric)) {
                prop_assert!(new <= old * (1.0 + 1e-6), "{} {old} {new}", metric.name());
            }
        }
        if let (Some(old), Some(new)) = (
            value(&before, Metric::OutputThroughput),
            value(&after, Metric::OutputThroughput),
        ) {
            prop_assert!(old <= new * (1.0 + 1e-6), "throughput {old} {new}");
        }
    }

    #[test]
    fn more_concurrency_lowers_neither_throughput_nor_ttft(
        isl in 1u64..20_000, osl in 1u64..2000, few in 1u64..2000, more in 1u64..200,
    ) {
        let server = compile(h100(), 1);
        let at = |number| ask(&server, &workload(isl, osl, LoadMode::Concurrency(number)));
        let (before, after) = (at(few), at(few + more));
        for metric in [Metric::RequestThroughput, Metric::Ttft] {
            if let (Some(old), Some(new)) = (value(&before, metric), value(&after, metric)) {
                // Where prompts fill the steps, one request more can cost a ten-thousandth: its cache is read while they are processed.
                prop_assert!(at_most(old, new * 1.001), "{} {old} {new}", metric.name());
            }
        }
    }

    #[test]
    fn littles_law_holds_in_a_closed_loop(isl in lengths(), osl in lengths(), number in 1u64..5000) {
        let server = compile(h100(), 1);
        let mut load = workload(1, 1, LoadMode::Concurrency(number));
        (load.isl, load.osl) = (isl, osl);
        let found = ask(&server, &load);
        if let (Some(rate), Some(time)) =
            (value(&found, Metric::RequestThroughput), value(&found, Metric::E2el))
        {
            prop_assert!((rate * time / number as f64 - 1.0).abs() < 1e-6);
        }
    }

    #[test]
    fn latencies_add_up(isl in lengths(), osl in lengths(), mode in modes()) {
        let server = compile(h100(), 1);
        let mut load = workload(1, 1, mode);
        (load.isl, load.osl) = (isl, osl);
        let outputs = super::LengthGrid::new(&load.osl).mean;
        let found = ask(&server, &load);
        if let (Some(first), Some(gap), Some(whole)) = (
            value(&found, Metric::Ttft), value(&found, Metric::Tpot), value(&found, Metric::E2el),
        ) {
            prop_assert!(((first + gap * (outputs - 1.0)) / whole - 1.0).abs() < 1e-6);
        }
    }
}
