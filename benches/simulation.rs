//! How many requests one core simulates in a second, beside what a request cannot be cheaper than.
//!
//! The load is that of the peers in `README.md`: 10 000 requests of 512/128 tokens at 10 to 40 a second. The bound beside it is
//! the price of one step: a request takes part in several events, and each prices at least one step.
#![allow(missing_docs, reason = "criterion's macros define undocumented items")]

mod common;

use std::hint::black_box;

use common::{system, workload};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use phantom::ops::Step;
use phantom::perf::{Lane, Server};
use phantom::record::Calibration;
use phantom::scenario::{Arrival, Lengths, LlmWorkload, LoadMode};
use phantom::simulate::run::{Settings, Subject, observe};

const REQUESTS: u64 = 10_000;

fn load(mode: LoadMode) -> LlmWorkload {
    let mut workload = workload(Lengths::Fixed(512), Lengths::Fixed(128), mode);
    workload.load.requests = Some(REQUESTS);
    workload
}

fn settings() -> Settings {
    Settings {
        seed: 1,
        level: 0.95,
        percentiles: vec![50.0, 99.0],
        limits: Vec::new(),
        expected: 1.0,
    }
}

fn requests(criterion: &mut Criterion) {
    let pack = Calibration::embedded();
    let system = system();
    let server = Server::new(&system, &pack).expect("the system is modelled");
    let mut group = criterion.benchmark_group("requests");
    group.sample_size(20);
    let open = [10.0, 20.0, 40.0].map(|rate| {
        let mode = LoadMode::RequestRate {
            rate,
            arrival: Arrival::Poisson,
            max_in_flight: None,
        };
        (format!("open loop, {rate}/s"), mode)
    });
    let closed = [16, 256].map(|number| {
        (
            format!("closed loop, {number}"),
            LoadMode::Concurrency(number),
        )
    });
    for (name, mode) in open.into_iter().chain(closed) {
        let workload = load(mode);
        let subject = Subject {
            server: &server,
            system: &system,
            workload: &workload,
        };
        let once = || {
            let observed = observe(subject, &settings(), Lane::Value).expect("modelled");
            observed.expect("it fits")
        };
        let measured = once().tally.measured();
        group.throughput(Throughput::Elements(measured.warmup + measured.requests));
        group.bench_function(&name, |bencher| bencher.iter(|| black_box(once())));
    }
    group.finish();
}

fn bounds(criterion: &mut Criterion) {
    let pack = Calibration::embedded();
    let server = Server::new(&system(), &pack).expect("the system is modelled");
    let steps = server.lane_steps(Lane::Value).expect("one model");
    let mut group = criterion.benchmark_group("bounds");
    group.bench_function("one step, one lane", |bencher| {
        bencher.iter(|| black_box(steps.time(black_box(&Step::decode(16.0, 1152.0)))));
    });
    group.bench_function("one step, all lanes", |bencher| {
        bencher.iter(|| black_box(server.step(black_box(&Step::decode(16.0, 1152.0)))));
    });
    group.finish();
}

criterion_group!(benches, requests, bounds);
criterion_main!(benches);
