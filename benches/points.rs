//! How many analytic points one core answers in a second, beside the parts that make one.
//!
//! `closed loop, means` is the figure that matters: points of one system with varying lengths and concurrency. The bounds
//! beside it are what one point cannot be cheaper than (two steps) and what it would cost without compiling the system once.
#![allow(missing_docs, reason = "criterion's macros define undocumented items")]

mod common;

use std::hint::black_box;

use common::{system, workload};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use phantom::ops::Step;
use phantom::perf::{EstimateOptions, Server};
use phantom::record::Calibration;
use phantom::scenario::{Lengths, LlmWorkload, LoadMode};

/// 1 000 points: ten prompt lengths, ten output lengths, ten concurrencies.
fn sweep(length: impl Fn(u64) -> Lengths, mode: impl Fn(u64) -> LoadMode) -> Vec<LlmWorkload> {
    let mut points = Vec::new();
    for isl in 1..=10 {
        for osl in 1..=10 {
            for doubling in 0..10 {
                points.push(workload(
                    length(isl * 256),
                    length(osl * 64),
                    mode(1 << doubling),
                ));
            }
        }
    }
    points
}

fn drawn(mean: u64) -> Lengths {
    Lengths::Lognormal {
        mean: mean as f64,
        std: 0.5 * mean as f64,
        min: Some(8),
        max: Some(8192),
    }
}

fn points(criterion: &mut Criterion) {
    let pack = Calibration::fitted();
    let system = system();
    let server = Server::new(&system, &pack).expect("the system is modelled");
    let mut group = criterion.benchmark_group("points");
    let asked: [f64; 4] = [50.0, 90.0, 95.0, 99.0];
    for (name, loads, percentiles) in [
        (
            "closed loop, means",
            sweep(Lengths::Fixed, LoadMode::Concurrency),
            &asked[..0],
        ),
        (
            "closed loop, percentiles",
            sweep(Lengths::Fixed, LoadMode::Concurrency),
            &asked[..],
        ),
        (
            "closed loop, drawn lengths, means",
            sweep(drawn, LoadMode::Concurrency),
            &asked[..0],
        ),
        (
            "closed loop, drawn lengths, percentiles",
            sweep(drawn, LoadMode::Concurrency),
            &asked[..],
        ),
        (
            "static batch, means",
            sweep(Lengths::Fixed, LoadMode::BatchSize),
            &asked[..0],
        ),
    ] {
        let options = EstimateOptions::new(0.95, percentiles);
        group.throughput(Throughput::Elements(loads.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                for load in &loads {
                    black_box(
                        server
                            .estimate(black_box(load), &options)
                            .expect("modelled"),
                    );
                }
            });
        });
    }
    group.finish();
}

fn parts(criterion: &mut Criterion) {
    let pack = Calibration::fitted();
    let system = system();
    let server = Server::new(&system, &pack).expect("the system is modelled");
    let options = EstimateOptions::means(0.95);
    let load = workload(
        Lengths::Fixed(1024),
        Lengths::Fixed(256),
        LoadMode::Concurrency(16),
    );
    let mut group = criterion.benchmark_group("parts");
    group.throughput(Throughput::Elements(1));
    group.bench_function("one step", |bencher| {
        bencher.iter(|| black_box(server.step(black_box(&Step::decode(16.0, 1152.0)))));
    });
    group.bench_function("compiling a system", |bencher| {
        bencher.iter(|| black_box(Server::new(black_box(&system), &pack).expect("modelled")));
    });
    group.bench_function("a point that compiles its system again", |bencher| {
        bencher.iter(|| {
            let server = Server::new(black_box(&system), &pack).expect("modelled");
            black_box(server.estimate(&load, &options).expect("modelled"))
        });
    });
    group.finish();
}

criterion_group!(benches, points, parts);
criterion_main!(benches);
