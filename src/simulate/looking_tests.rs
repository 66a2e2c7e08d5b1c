//! What must hold of engines that look at their queue now and then, and of closed loops that begin anywhere.

use super::cluster::{Cluster, Ended, Route};
use super::lengths::Sampler;
use super::rules::{Compose, Rules};
use super::source::ClosedLoop;
use super::tests::{COST, Seen, engine, maker};
use super::time::Nanos;
use crate::ops::{Segment, Step};
use crate::perf::Intake;
use crate::simulate::StepCost;

const REQUESTS: u64 = 600;

/// So many users with prompts of 100 tokens and outputs of so many, whose first requests come within so many seconds.
fn run(rules: Rules, users: u64, output: Sampler, begin: f64) -> Seen {
    let mut cluster = Cluster::new(vec![engine(0, rules, 100_000)], Route::LeastLoaded);
    let made = maker(Sampler::Fixed(100), output, (0, 0));
    let flight = (users, Nanos::from_seconds(begin));
    let mut source = ClosedLoop::new(made, flight, REQUESTS, 3);
    let mut seen = Seen::wanting(REQUESTS);
    assert_eq!(cluster.run(&mut source, &mut seen, 10_000_000), Ended::Done);
    seen
}

fn rules(intake: Intake, compose: Compose) -> Rules {
    Rules {
        compose,
        intake,
        ..Rules::mixed(64, 8192)
    }
}

/// Steps of generation that a mean request waits before it is taken up, one taking about `step` seconds.
fn waited(seen: &Seen, step: f64) -> f64 {
    seen.mean(|one| one.scheduled.since(one.request.arrival)) / step
}

fn generation(sequences: f64) -> f64 {
    let decode = Segment {
        sequences,
        new_tokens: 1.0,
        cached: 150.0,
    };
    COST.price(&Step::mixed(Segment::NONE, decode, 0.0)).total()
}

const LENGTHS: Sampler = Sampler::Uniform(200, 400);

#[test]
fn who_is_fetched_every_so_many_steps_waits_half_of_them() {
    let step = generation(4.0);
    let each = run(
        rules(Intake::EachStep, Compose::PromptsFirst),
        4,
        LENGTHS,
        0.0,
    );
    let thirty = run(
        rules(Intake::Every(30), Compose::PromptsFirst),
        4,
        LENGTHS,
        0.0,
    );
    let more = waited(&thirty, step) - waited(&each, step);
    assert!((more - 14.5).abs() < 2.5, "{more}");
}

#[test]
fn gathered_prompts_wait_for_all_steps_where_nobody_else_comes() {
    let gathered = Intake::Gathered {
        steps: 20,
        tokens: 4000,
    };
    let step = generation(2.0);
    let seen = run(rules(gathered, Compose::Mixed), 2, LENGTHS, 0.0);
    let steps = waited(&seen, step);
    // Now and then both come together, or the other ends first and leaves the engine idle.
    assert!((17.0..=21.0).contains(&steps), "{steps}");
}

#[test]
fn a_full_step_ends_the_gathering() {
    let gathered = Intake::Gathered {
        steps: 1000,
        tokens: 800,
    };
    let seen = run(rules(gathered, Compose::Mixed), 64, LENGTHS, 0.0);
    // Seven prompts beside 57 to 64 tokens of generation; one comes every five steps.
    let steps = waited(&seen, generation(60.0));
    assert!((10.0..=35.0).contains(&steps), "{steps}");
}

#[test]
fn an_engine_that_looks_seldom_serves_everybody() {
    for compose in [Compose::Mixed, Compose::PromptsFirst] {
        for intake in [
            Intake::Every(7),
            Intake::Gathered {
                steps: 9,
                tokens: 500,
            },
        ] {
            let seen = run(rules(intake, compose), 16, LENGTHS, 1.0);
            assert_eq!(seen.finished.len() as u64, REQUESTS);
        }
    }
}

#[test]
fn equal_requests_that_begin_anywhere_do_not_wait_for_each_other() {
    let mixed = rules(Intake::EachStep, Compose::Mixed);
    let ttft = |begin| {
        let seen = run(mixed, 32, Sampler::Fixed(300), begin);
        seen.mean(|one| one.first.since(one.request.sent))
    };
    let (together, anywhere) = (ttft(0.0), ttft(2.0));
    assert!(anywhere < 0.7 * together, "{anywhere} {together}");
}

/// Steps have room for two prompts: where prompts stop generation all 32 requests wait for each other, round after round.
#[test]
fn prompts_that_stop_generation_keep_equal_requests_in_step() {
    let ttft = |compose| {
        let small = Rules {
            compose,
            ..Rules::mixed(64, 200)
        };
        let seen = run(small, 32, Sampler::Fixed(300), 0.0);
        seen.mean(|one| one.first.since(one.request.sent))
    };
    let (stopping, mixed) = (ttft(Compose::PromptsFirst), ttft(Compose::Mixed));
    assert!(stopping > 1.5 * mixed, "{stopping} {mixed}");
}
