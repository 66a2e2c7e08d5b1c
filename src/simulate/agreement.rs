//! The closed form against the simulation, where both apply.

use super::answer::{Options, estimate};
use super::run::Subject;
use crate::perf::testing::{h100, llama_8b, llama_70b, pack, system, workload};
use crate::perf::{EstimateOptions, Server};
use crate::record::{Column, Estimate, Metric};
use crate::scenario::{Lengths, LlmWorkload, LoadMode, OptionValue, RuntimeName, System};

const METRICS: [Metric; 4] = [
    Metric::RequestThroughput,
    Metric::OutputThroughput,
    Metric::Tpot,
    Metric::E2el,
];

/// Both answers to a load of equal requests, with so many in flight.
fn both(system: &System, lengths: (u64, u64), users: u64) -> [Estimate; 2] {
    let workload = workload(lengths.0, lengths.1, LoadMode::Concurrency(users));
    answers(system, &workload)
}

fn answers(system: &System, workload: &LlmWorkload) -> [Estimate; 2] {
    let server = Server::new(system, &pack()).expect("all facts are there");
    let closed = server.estimate(workload, &EstimateOptions::new(0.95, &[50.0]));
    let options = Options {
        level: 0.95,
        percentiles: vec![50.0],
        seed: 1,
        objectives: Vec::new(),
    };
    let subject = Subject {
        server: &server,
        system,
        workload,
    };
    let simulated = estimate(subject, &options);
    [closed, simulated].map(|answer| answer.expect("both answer a closed loop"))
}

/// How far the simulation lies from the closed form, as a share.
fn off([closed, simulated]: &[Estimate; 2], metric: Metric) -> f64 {
    let value = |estimate: &Estimate| {
        let found = estimate.get(Column::of(metric));
        found.expect("both have the metric").value
    };
    value(simulated) / value(closed) - 1.0
}

fn systems() -> [(&'static str, System); 3] {
    [
        ("8B on one H100", system(llama_8b(), h100(), 1)),
        ("8B on two", system(llama_8b(), h100(), 2)),
        ("70B on four", system(llama_70b(), h100(), 4)),
    ]
}

/// One request at a time has no queue and no mix: the same steps one after another, equal but for whole nanoseconds.
#[test]
fn a_single_stream_is_the_same_both_ways() {
    for (name, system) in systems() {
        for lengths in [(1024, 256), (200, 30)] {
            let answers = both(&system, lengths, 1);
            for metric in METRICS {
                let off = off(&answers, metric);
                assert!(off.abs() < 1e-6, "{name} {lengths:?} {metric:?}: {off}");
            }
        }
    }
}

/// The closed form mixes prompts evenly into the steps, while in a simulation some steps have several and others none; so they agree to 2 % with two in flight
/// and to 10 % with more.
#[test]
fn throughput_and_pace_agree_where_requests_are_equal() {
    for (name, system) in systems() {
        for lengths in [(1024, 256), (256, 512)] {
            for (users, near) in [(2, 0.02), (8, 0.1), (32, 0.1), (128, 0.1)] {
                let answers = both(&system, lengths, users);
                for metric in METRICS {
                    let off = off(&answers, metric);
                    assert!(
                        off.abs() < near,
                        "{name} {lengths:?} {users} {metric:?}: {off}"
                    );
                }
            }
        }
    }
}

/// How much longer the first token takes with these options than without, by the closed form and simulated.
fn longer(name: RuntimeName, options: &[(&str, f64)]) -> [f64; 2] {
    let of = |options: &[(&str, f64)]| {
        let mut system = system(llama_8b(), h100(), 1);
        system.runtime.name = name;
        for (name, number) in options {
            let value = OptionValue::Float(*number);
            system.runtime.options.insert((*name).to_owned(), value);
        }
        let mut workload = workload(1024, 512, LoadMode::Concurrency(4));
        workload.osl = Lengths::Uniform { min: 256, max: 768 };
        answers(&system, &workload).map(|answer| {
            answer
                .get(Column::of(Metric::Ttft))
                .expect("it has one")
                .value
        })
    };
    let (with, without) = (of(options), of(&[]));
    [with[0] - without[0], with[1] - without[1]]
}

/// A step of generation of 8B in 16 bits takes some 6 ms on an H100.
#[test]
fn both_wait_for_schedulers_that_look_now_and_then() {
    let polled = longer(RuntimeName::Sglang, &[("scheduler_recv_interval", 30.0)]);
    let gathered = longer(
        RuntimeName::TensorrtLlm,
        &[
            ("batch_wait_timeout_iters", 20.0),
            ("batch_wait_max_tokens_ratio", 0.9),
        ],
    );
    for (name, [closed, simulated]) in [("polled", polled), ("gathered", gathered)] {
        assert!(closed > 0.05, "{name}: {closed} s");
        let off = simulated / closed - 1.0;
        assert!(off.abs() < 0.4, "{name}: {closed} s and {simulated} s");
    }
}
