//! What must hold of traces, ramps, users and sessions.

use std::sync::Arc;

use proptest::prelude::*;

use super::arrivals::{Rate, Times};
use super::cluster::{Cluster, Ended, Route};
use super::lengths::Sampler;
use super::replay::Replay;
use super::rules::{Order, Rules};
use super::session::{Begin, Habits, Users};
use super::source::{OpenLoop, Source};
use super::tests::{Linear, Seen, closed, engine, maker, rules};
use super::{Finished, Nanos};
use crate::scenario::{Arrival, Replayed, Trace};

/// Runs a source until so many requests have ended.
fn run(
    engines: u32,
    (rules, blocks): (Rules, u64),
    route: Route,
    source: &mut impl Source,
    requests: u64,
) -> (Seen, Cluster<Linear>) {
    let engines = (0..engines).map(|id| engine(id, rules, blocks)).collect();
    let mut cluster = Cluster::new(engines, route);
    let mut seen = Seen::wanting(requests);
    assert_eq!(cluster.run(source, &mut seen, 20_000_000), Ended::Done);
    (seen, cluster)
}

fn replay(text: &str, speed: f64) -> (Replay, u64) {
    let trace = Arc::new(Trace::read(text.as_bytes()).expect("a trace"));
    let requests = trace.len() as u64;
    let replayed = Replayed {
        file: "x".to_owned(),
        speed,
        trace,
    };
    let made = maker(Sampler::Fixed(1), Sampler::Fixed(1), (0, 0));
    (Replay::new(&replayed, made), requests)
}

const VLLM: (Rules, u64) = (Rules::mixed(64, 512), 5000);

#[test]
fn every_request_of_a_trace_comes_at_its_time() {
    let text = "arrival_s,isl,osl\n10,100,5\n11.5,200,7\n11.5,50,1\n";
    for speed in [1.0, 2.0] {
        let (mut source, requests) = replay(text, speed);
        let (mut seen, _) = run(1, VLLM, Route::LeastLoaded, &mut source, requests);
        seen.finished.sort_by_key(|one| one.request.index);
        let sent: Vec<f64> = seen
            .finished
            .iter()
            .map(|one| one.request.sent.seconds() * speed)
            .collect();
        assert_eq!(sent, [0.0, 1.5, 1.5]);
        let outputs: Vec<u32> = seen.finished.iter().map(|one| one.request.output).collect();
        assert_eq!(outputs, [5, 7, 1]);
    }
}

#[test]
fn hit_rates_come_from_the_hash_ids_of_a_trace() {
    let line = |at: u64, ids: &str| {
        format!(
            "{{\"timestamp\": {at}, \"input_length\": 1300, \"output_length\": 3, \"hash_ids\": [{ids}]}}\n"
        )
    };
    let text = line(0, "1, 2, 3") + &line(5000, "1, 2, 4") + &line(9000, "1, 5, 6");
    let (mut source, requests) = replay(&text, 1.0);
    let (seen, cluster) = run(1, VLLM, Route::LeastLoaded, &mut source, requests);
    let cached: Vec<u32> = seen.finished.iter().map(|one| one.cached).collect();
    // Blocks of 512 tokens are 32 of 16 each.
    assert_eq!(cached, [0, 1024, 512]);
    assert_eq!(cluster.engines()[0].pool().held(), 0);
}

#[test]
fn a_session_of_a_trace_finds_what_it_said() {
    let text = "arrival_s,isl,osl,session\n0,100,60,a\n5,300,10,a\n9,310,10,a\n9.1,200,10,b\n";
    let (mut source, requests) = replay(text, 1.0);
    let (mut seen, _) = run(1, VLLM, Route::LeastLoaded, &mut source, requests);
    seen.finished.sort_by_key(|one| one.request.index);
    let cached: Vec<u32> = seen.finished.iter().map(|one| one.cached).collect();
    // 159 tokens are 9 whole blocks of 16, 309 are 19.
    assert_eq!(cached, [0, 144, 304, 0]);
}

fn chat(turns: Sampler, pause: f64) -> Habits {
    Habits {
        turns: Some(turns),
        pause,
        think: 0.0,
        most: u64::MAX,
    }
}

#[test]
fn a_prompt_is_all_that_was_said_before_and_a_new_one() {
    let made = maker(Sampler::Fixed(100), Sampler::Fixed(20), (40, 1));
    let times = Times::new(Rate::Steady(0.1), Arrival::Constant, 7);
    let habits = chat(Sampler::Fixed(3), 0.0);
    let mut source = Users::new(made, habits, Begin::At(times), 7);
    let (seen, _) = run(1, VLLM, Route::LeastLoaded, &mut source, 6);
    let of = |get: fn(&Finished) -> u32| seen.finished.iter().map(get).collect::<Vec<_>>();
    assert_eq!(of(|one| one.request.prompt), [100, 220, 340, 100, 220, 340]);
    // Forty shared tokens are two blocks; 119 − 40 tokens of the first turn are four, 239 − 40 of the second twelve.
    assert_eq!(of(|one| one.cached), [0, 96, 224, 32, 96, 224]);
}

#[test]
fn users_who_think_ask_as_the_interactive_law_says() {
    // Throughput = users / (stay + pause): the interactive response time law (Lazowska et al., 1984, section 3.5).
    let made = maker(Sampler::Uniform(20, 400), Sampler::Uniform(1, 120), (0, 0));
    let habits = Habits {
        turns: None,
        pause: 0.0,
        think: 2.0,
        most: u64::MAX,
    };
    let mut source = Users::new(made, habits, Begin::Users(24), 7);
    let (seen, cluster) = run(1, VLLM, Route::LeastLoaded, &mut source, 6000);
    let end = cluster.snapshot().at.seconds();
    let stay = seen.mean(|one| one.last.since(one.request.sent));
    let found = seen.finished.len() as f64 / end * (stay + 2.0);
    assert!((found / 24.0 - 1.0).abs() < 0.03, "{found}");
}

#[test]
fn a_router_that_knows_the_cache_finds_more_of_it() {
    let found = |route| {
        let made = maker(Sampler::Uniform(20, 200), Sampler::Uniform(1, 60), (0, 0));
        let habits = chat(Sampler::Fixed(6), 0.5);
        let mut source = Users::new(made, habits, Begin::Users(40), 7);
        let (seen, _) = run(4, VLLM, route, &mut source, 3000);
        let sum = |of: fn(&Finished) -> u32| {
            seen.finished
                .iter()
                .map(|one| f64::from(of(one)))
                .sum::<f64>()
        };
        sum(|one| one.cached) / sum(|one| one.request.prompt)
    };
    let (turn, aware) = (found(Route::RoundRobin), found(Route::CacheAware));
    assert!(aware > 0.6 && turn < 0.5 * aware, "{turn} {aware}");
}

#[test]
fn short_requests_first_makes_the_mean_shorter_and_priorities_go_first() {
    let mut text = "arrival_s,isl,osl,priority\n".to_owned();
    for place in 0..400 {
        let (isl, priority) = if place % 4 == 0 { (1000, 1) } else { (50, 2) };
        text.push_str(&format!("{},{isl},4,{priority}\n", place / 100));
    }
    let waited = |order, long: bool| {
        let rules = Rules {
            order,
            ..Rules::mixed(2, 512)
        };
        let (mut source, requests) = replay(&text, 1.0);
        let (mut seen, _) = run(1, (rules, 5000), Route::LeastLoaded, &mut source, requests);
        seen.finished
            .retain(|one| !long || one.request.prompt == 1000);
        seen.mean(|one| one.last.since(one.request.sent))
    };
    assert!(waited(Order::ShortestFirst, false) < 0.8 * waited(Order::Arrival, false));
    assert!(waited(Order::Priority, true) < 0.7 * waited(Order::Arrival, true));
}

#[test]
fn a_ramp_ends_by_itself() {
    let ramp = Rate::Ramp {
        from: 1.0,
        to: 5.0,
        over: 60.0,
    };
    let times = Times::new(ramp, Arrival::Poisson, 7);
    let requests = times.left();
    let made = maker(Sampler::Fixed(100), Sampler::Fixed(5), (0, 0));
    let mut source = OpenLoop::at(made, times, (u64::MAX, u64::MAX));
    let (seen, _) = run(1, VLLM, Route::LeastLoaded, &mut source, u64::MAX);
    assert_eq!(seen.finished.len() as u64, requests);
}

#[test]
fn users_whose_every_request_is_turned_away_do_not_go_on_for_ever() {
    let rules = Rules {
        max_context: 50,
        ..Rules::mixed(64, 512)
    };
    let made = super::source::Maker::new(
        Sampler::Fixed(100),
        Sampler::Fixed(5),
        (0, 0),
        Nanos::ZERO,
        7,
    );
    let mut source = Users::new(made, chat(Sampler::Fixed(3), 0.0), Begin::Users(8), 7);
    let (seen, _) = run(1, (rules, 5000), Route::LeastLoaded, &mut source, 500);
    assert_eq!((seen.rejected, seen.finished.len()), (500, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Sessions under any rules and any cache: every turn is served or turned away, and the cache is empty afterwards.
    #[test]
    fn sessions_leave_nothing_held(
        rules in rules(), engines in 1_u32..4, blocks in 40_u64..400, rate in 0.5_f64..20.0, shared in 0_u32..100,
    ) {
        let made = maker(Sampler::Uniform(20, 100), Sampler::Uniform(1, 60), (shared, 3));
        let ramp = Rate::Ramp { from: rate, to: rate, over: 100.0 / rate };
        let times = Times::new(ramp, Arrival::Constant, 7);
        let mut source = Users::new(made, chat(Sampler::Uniform(1, 5), 0.2), Begin::At(times), 7);
        let (seen, cluster) = run(engines, (rules, blocks), Route::CacheAware, &mut source, u64::MAX);
        prop_assert!(seen.finished.len() as u64 + seen.rejected >= 100);
        let tokens: u64 = seen.finished.iter().map(|one| u64::from(one.request.output)).sum();
        prop_assert_eq!(cluster.snapshot().generated, tokens);
        prop_assert!(cluster.engines().iter().all(|engine| engine.pool().held() == 0));
        prop_assert!(seen.finished.iter().all(|one| one.cached < one.request.prompt));
    }

    /// The same for a trace whose sessions overlap and whose prompts do not always grow.
    #[test]
    fn overlapping_sessions_leave_nothing_held(
        rules in rules(), blocks in 40_u64..400, lines in prop::collection::vec((0_u32..2000, 1_u32..300, 0_u32..80, 0_u8..5), 1..120),
    ) {
        let mut at = 0;
        let mut text = "arrival_s,isl,osl,session\n".to_owned();
        for (gap, isl, osl, session) in lines {
            at += gap;
            text.push_str(&format!("{},{isl},{osl},{session}\n", f64::from(at) / 1000.0));
        }
        let (mut source, requests) = replay(&text, 1.0);
        let (seen, cluster) = run(2, (rules, blocks), Route::LeastLoaded, &mut source, u64::MAX);
        prop_assert_eq!(seen.finished.len() as u64 + seen.rejected, requests);
        prop_assert!(cluster.engines().iter().all(|engine| engine.pool().held() == 0));
    }
}

#[test]
fn who_finds_most_goes_first_and_more_is_found() {
    let found = |order| {
        let rules = Rules {
            order,
            ..Rules::mixed(8, 1024)
        };
        let (seen, _) = closed(1, rules, 250, (60, 2000), (320, 30));
        assert_eq!(seen.finished.len(), 2000);
        let cached = seen.finished.iter().map(|one| u64::from(one.cached));
        cached.sum::<u64>()
    };
    let (arrival, longest) = (found(Order::Arrival), found(Order::LongestPrefix));
    assert!(2 * longest > 3 * arrival, "{longest} {arrival}");
}

#[test]
fn long_outputs_first_begin_earlier_than_short_ones() {
    let waited = |order| {
        let rules = Rules {
            order,
            ..Rules::mixed(4, 1024)
        };
        let (seen, _) = closed(1, rules, 5000, (40, 2000), (0, 0));
        let long = seen.finished.iter().filter(|one| one.request.output > 100);
        let waits: Vec<f64> = long
            .map(|one| one.scheduled.since(one.request.arrival).seconds())
            .collect();
        waits.iter().sum::<f64>() / waits.len() as f64
    };
    assert!(waited(Order::LongestOutput) < 0.5 * waited(Order::Arrival));
}
