//! Traces, ramps, users and sessions: what is read, and what is said where it cannot be.

use super::world::{good, loaded_from, said, said_in, with};
use crate::scenario::{LoadMode, Router, Workload};
use crate::source::Memory;
use crate::units::Seconds;

fn llm(inside: &str) -> String {
    with(&[("workload", &format!("workload: {{llm: {{{inside}}}}}"))])
}

/// A scenario that replays a file.
fn replay() -> String {
    llm("load: {trace: day.csv}")
}

fn world(trace: impl Into<Vec<u8>>) -> Memory {
    Memory::default().with("scenarios/day.csv", trace)
}

#[test]
fn traces_that_cannot_be_replayed() {
    let azure = "TIMESTAMP,ContextTokens,GeneratedTokens\n";
    let cases: [(&str, Vec<u8>); 13] = [
        ("empty", b"".to_vec()),
        ("empty lines", b"\n\n".to_vec()),
        ("a header alone", b"arrival_s,isl,osl\n".to_vec()),
        ("no header", b"0,100,10\n".to_vec()),
        (
            "another layout",
            b"Timestamp,Request tokens\n0,1\n".to_vec(),
        ),
        ("a missing column", b"arrival_s,isl\n0,5\n".to_vec()),
        (
            "a column too many",
            b"arrival_s,isl,osl,sesion\n0,5,5,a\n".to_vec(),
        ),
        (
            "unsorted",
            b"arrival_s,isl,osl\n0,5,5\n3,5,5\n2,5,5\n".to_vec(),
        ),
        (
            "unsorted dates",
            format!("{azure}2023-11-16 18:15:46.5,5,5\n2023-11-16 18:15:46.4,5,5\n").into_bytes(),
        ),
        (
            "negative, NaN and infinite",
            b"arrival_s,isl,osl\n-1,5,5\nNaN,5,5\ninf,5,5\n0,-5,5\n0,5,1.5\n0,5,5\n".to_vec(),
        ),
        (
            "a row too short",
            b"arrival_s,isl,osl\n0,5,5\n1,5\n".to_vec(),
        ),
        (
            "no date",
            format!("{azure}2023-02-30 18:15:46.5,5,5\n").into_bytes(),
        ),
        (
            "longer than any context",
            b"arrival_s,isl,osl\n0,99999999999,5\n".to_vec(),
        ),
    ];
    insta::assert_snapshot!(said_of(&cases));
}

#[test]
fn files_that_are_no_traces() {
    let long = format!("arrival_s,isl,osl\n0,{}", "9".repeat(5 << 20));
    let cases: [(&str, Vec<u8>); 7] = [
        ("binary", b"arrival_s,isl,osl\n\0\x01\xff".to_vec()),
        ("packed", b"\x1f\x8b\x08\x00\x01".to_vec()),
        ("a line without end", long.into_bytes()),
        (
            "half an object",
            b"{\"timestamp\": 0, \"input_length\"\n".to_vec(),
        ),
        (
            "an object without lengths",
            b"{\"timestamp\": 0, \"input_length\": 5}\n".to_vec(),
        ),
        (
            "negative tokens",
            b"{\"timestamp\": 0, \"input_length\": -5, \"output_length\": 5}\n".to_vec(),
        ),
        (
            "lengths of zero",
            b"arrival_s,isl,osl\n0,5,5\n1,5,0\n2,0,0\n".to_vec(),
        ),
    ];
    insta::assert_snapshot!(said_of(&cases));
}

/// What is said about files that a scenario replays.
fn said_of(cases: &[(&str, Vec<u8>)]) -> String {
    let mut text = String::new();
    for (name, trace) in cases {
        let found = said_in(world(trace.clone()), &replay());
        assert!(!found.is_empty(), "nothing is said about: {name}");
        text.push_str(&format!("== {name}\n{found}\n"));
    }
    text
}

#[test]
fn loads_that_make_no_sense() {
    let cases = [
        ("no lengths", llm("load: {concurrency: 4}")),
        ("no file", llm("load: {trace: nowhere.csv}")),
        (
            "a ramp without end",
            llm("isl: 5, osl: 5, load: {ramp: {from: 1 req/s, to: 2 req/s}}"),
        ),
        (
            "a ramp of nothing",
            llm("isl: 5, osl: 5, load: {ramp: {from: 0 req/s, to: 0 req/s, over: 5 m}}"),
        ),
        (
            "an endless ramp",
            llm("isl: 5, osl: 5, load: {ramp: {from: 0 req/s, to: 1000 req/s, over: 9 d}}"),
        ),
        (
            "a ramp with requests",
            llm(
                "isl: 5, osl: 5, load: {ramp: {from: 0 req/s, to: 9 req/s, over: 9 m}, requests: 9}",
            ),
        ),
        (
            "think time of a rate",
            llm("isl: 5, osl: 5, load: {request_rate: 1 req/s, think_time: 1 s}"),
        ),
        (
            "sessions of batches",
            llm("isl: 5, osl: 5, sessions: {turns: 3}, load: {batch_size: 4}"),
        ),
        (
            "a cap on sessions",
            llm(
                "isl: 5, osl: 5, sessions: {turns: 3}, load: {request_rate: 1 req/s, max_in_flight: 4}",
            ),
        ),
        (
            "sessions without turns",
            llm("isl: 5, osl: 5, sessions: {pause: 3 s}, load: {concurrency: 4}"),
        ),
    ];
    insta::assert_snapshot!(said(&cases));
    let day = || world("arrival_s,isl,osl\n0,5,5\n");
    let both =
        llm("isl: 5, osl: 5, sessions: {turns: 3}, load: {trace: {file: day.csv, speed: 0}}");
    insta::assert_snapshot!("lengths_beside_a_trace", said_in(day(), &both));
}

#[test]
fn the_lengths_of_a_trace_are_those_of_the_workload() {
    let trace = "arrival_s,isl,osl\n0,100,5\n1,300,5\n2,300,7\n";
    let (loaded, _) = loaded_from(world(trace), &replay());
    let loaded = loaded.expect("a good scenario").value;
    let point = loaded.plan.point(0);
    let Workload::Llm(found) = &point.workload else {
        panic!("it generates text");
    };
    let LoadMode::Trace(replayed) = &found.load.mode else {
        panic!("it is a trace");
    };
    assert_eq!((replayed.trace.len(), replayed.trace.seconds()), (3, 2.0));
    assert!(replayed.file.starts_with("scenarios/day.csv@"));
    assert!(matches!(&found.isl, crate::scenario::Lengths::Empirical(values) if values.len() == 2));
    let listed: Vec<_> = loaded
        .scenario
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(listed, ["scenarios/day.csv", "scenarios/x.yaml"]);
    // Another file, or another speed, is another point.
    let id = |trace: &str, text: &str| {
        let (loaded, _) = loaded_from(world(trace), text);
        loaded.expect("a good scenario").value.plan.point(0).id()
    };
    let fast = self::llm("load: {trace: {file: day.csv, speed: 2}}");
    let ids = [
        id(trace, &replay()),
        id("arrival_s,isl,osl\n0,100,5\n", &replay()),
        id(trace, &fast),
    ];
    assert!(ids[0] != ids[1] && ids[0] != ids[2]);
    assert_eq!(ids[0], point.id());
}

#[test]
fn sessions_pauses_and_routers_are_read() {
    let text = with(&[
        (
            "workload",
            "workload: {llm: {isl: 50, osl: 20, sessions: {turns: 4, pause: 10 s}, load: {concurrency: 8, think_time: 2 s}}}",
        ),
        ("rest", "deployment: {replicas: 2, router: prefix_aware}"),
    ]);
    let point = good(&text).plan.point(0);
    let Workload::Llm(llm) = &point.workload else {
        panic!("it generates text");
    };
    let sessions = llm.sessions.as_ref().expect("there are sessions");
    assert_eq!(
        (sessions.pause, llm.load.think_time),
        (Seconds::new(10.0), Seconds::new(2.0))
    );
    assert_eq!(point.system.deployment.router, Router::PrefixAware);
    assert!(llm.repeats_prompts());
}
