//! Host memory beside the cache: nothing is lost, none of it changes nothing, and more of it does not hurt.

use proptest::prelude::*;

use super::cluster::{Cluster, Ended, Route};
use super::engine::Engine;
use super::host::HostMemory;
use super::host_tier::Evicts;
use super::lengths::Sampler;
use super::rules::{Admission, Compose, Interrupted, Prompts, Rules};
use super::session::{Begin, Habits, Users};
use super::source::ClosedLoop;
use super::tests::{Linear, Seen, engine, maker};
use super::time::Nanos;
use crate::scenario::Kept;

const KEPT: [Kept; 3] = [Kept::Nothing, Kept::Prompt, Kept::All];

fn host(blocks: u64, kept: Kept) -> HostMemory {
    HostMemory {
        blocks,
        block_seconds: 2e-6,
        kept,
        prompts: Evicts::ToHost,
    }
}

fn with(rules: Rules, blocks: u64, host: Option<HostMemory>) -> Engine<Linear> {
    let engine = engine(0, rules, blocks);
    match host {
        Some(host) => engine.with_host(host),
        None => engine,
    }
}

fn run(engines: Vec<Engine<Linear>>, users: u64, requests: u64) -> (Seen, Cluster<Linear>) {
    let mut cluster = Cluster::new(engines, Route::LeastLoaded);
    let made = maker(
        Sampler::Uniform(20, 400),
        Sampler::Uniform(1, 120),
        (64, 40),
    );
    let mut source = ClosedLoop::new(made, (users, Nanos::ZERO), requests, 1);
    let mut seen = Seen::wanting(requests);
    assert_eq!(cluster.run(&mut source, &mut seen, 10_000_000), Ended::Done);
    (seen, cluster)
}

/// Conversations whose turns come back after others have taken the cache.
fn conversations(blocks: u64, host: Option<HostMemory>) -> (Seen, Cluster<Linear>) {
    let mut cluster = Cluster::new(
        vec![with(Rules::mixed(16, 512), blocks, host)],
        Route::LeastLoaded,
    );
    let made = maker(Sampler::Uniform(300, 700), Sampler::Uniform(20, 60), (0, 0));
    let habits = Habits {
        turns: Some(Sampler::Fixed(8)),
        pause: 0.5,
        think: 0.0,
        most: 1200,
    };
    let mut source = Users::new(made, habits, Begin::Users(40), 3);
    let mut seen = Seen::wanting(1200);
    assert_eq!(cluster.run(&mut source, &mut seen, 10_000_000), Ended::Done);
    (seen, cluster)
}

fn tokens(seen: &Seen) -> u64 {
    let outputs = seen.finished.iter();
    outputs.map(|one| u64::from(one.request.output)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever host memory keeps: everybody gets all tokens, and nothing is held by anybody afterwards.
    #[test]
    fn every_request_gets_all_its_tokens(
        sequences in 1_u32..40, blocks in 45_u64..400, users in 1_u64..60, on_host in 0_u64..500, kept in 0_usize..3,
        first in proptest::bool::ANY, back in proptest::bool::ANY, whole in proptest::bool::ANY,
    ) {
        let rules = Rules {
            compose: if first { Compose::PromptsFirst } else { Compose::Mixed },
            interrupted: if back { Interrupted::Back } else { Interrupted::Front },
            prompts: if whole { Prompts::Whole } else { Prompts::Cut },
            ..Rules::mixed(sequences, 1024)
        };
        let (seen, cluster) = run(vec![with(rules, blocks, Some(host(on_host, KEPT[kept])))], users, 300);
        prop_assert_eq!(seen.finished.len() as u64 + seen.rejected, 300);
        prop_assert_eq!(cluster.snapshot().generated, tokens(&seen));
        prop_assert_eq!(seen.gaps, tokens(&seen) - seen.finished.len() as u64);
        let pool = cluster.engines()[0].pool();
        prop_assert_eq!(pool.held(), 0);
        prop_assert_eq!(cluster.engines()[0].left_on_host(), 0);
        prop_assert!(pool.host().is_some_and(|host| host.most() <= on_host));
    }

    /// Without room in it host memory changes nothing at all.
    #[test]
    fn none_of_it_is_as_without(
        sequences in 1_u32..40, blocks in 45_u64..300, users in 1_u64..60, kept in 0_usize..3, ahead in proptest::bool::ANY,
    ) {
        let rules = Rules {
            admission: if ahead { Admission::ToTheEnd } else { Admission::Prompt },
            ..Rules::mixed(sequences, 512)
        };
        let (without, _) = run(vec![with(rules, blocks, None)], users, 300);
        let (empty, _) = run(vec![with(rules, blocks, Some(host(0, KEPT[kept])))], users, 300);
        prop_assert_eq!(without, empty);
    }
}

/// Up to the noise that another order of steps makes: requests are scheduled at other times.
#[test]
fn more_host_memory_is_not_slower() {
    for kept in KEPT {
        let mut best = f64::INFINITY;
        for blocks in [0, 500, 2000, 6000, 15_000] {
            let (seen, cluster) = conversations(1500, Some(host(blocks, kept)));
            assert_eq!(seen.finished.len(), 1200);
            let seconds = cluster.snapshot().at.seconds();
            assert!(seconds < 1.02 * best, "{kept:?} {blocks}: {seconds} {best}");
            best = best.min(seconds);
        }
    }
}

#[test]
fn turns_find_on_the_host_what_the_device_lost() {
    let cached = |seen: &Seen| -> (u64, u64) {
        let all = seen.finished.iter();
        all.fold((0, 0), |(cached, hosted), one| {
            (
                cached + u64::from(one.cached),
                hosted + u64::from(one.hosted),
            )
        })
    };
    let (without, first) = conversations(1500, None);
    let (with, second) = conversations(1500, Some(host(15_000, Kept::Nothing)));
    let ((few, none), (many, hosted)) = (cached(&without), cached(&with));
    assert_eq!(none, 0);
    assert!(many > 2 * few && hosted > few, "{few} {many} {hosted}");
    // What is found is not processed; requests that are interrupted are processed again.
    let saved = first.engines()[0].done().prompts - second.engines()[0].done().prompts;
    let ratio = saved as f64 / (many - few) as f64;
    assert!(ratio > 0.9 && ratio < 1.3, "{saved} {}", many - few);
    let read = second.engines()[0].done().read_blocks;
    assert!(read * 16 >= hosted, "{read} {hosted}");
}

#[test]
fn a_request_that_is_moved_is_not_processed_again() {
    let crowd = |kept| {
        run(
            vec![with(Rules::mixed(40, 512), 200, Some(host(5000, kept)))],
            40,
            300,
        )
    };
    let of = |kept| {
        let (seen, cluster) = crowd(kept);
        let done = *cluster.engines()[0].done();
        let moved: u64 = seen.finished.iter().map(|one| one.moved).sum();
        (done.interruptions, done.prompts, moved)
    };
    let ([again, prompts, all], moved) = ([of(KEPT[0]), of(KEPT[1]), of(KEPT[2])], of(KEPT[2]).2);
    assert!(again.0 > 20 && all.0 > 20, "{again:?} {all:?}");
    assert_eq!(again.2, 0);
    assert!(moved > 0 && prompts.2 > 0);
    assert!(
        all.1 < prompts.1 && prompts.1 < again.1,
        "{all:?} {prompts:?} {again:?}"
    );
}

#[test]
fn a_slow_link_makes_a_request_wait_and_nobody_else() {
    let slow = HostMemory {
        block_seconds: 1e-2,
        ..host(15_000, Kept::Nothing)
    };
    let (fast, _) = conversations(1500, Some(host(15_000, Kept::Nothing)));
    let (slow, _) = conversations(1500, Some(slow));
    let ttft = |seen: &Seen| seen.mean(|one| one.first.since(one.request.sent));
    assert!(ttft(&slow) > 2.0 * ttft(&fast));
    assert_eq!(tokens(&slow), tokens(&fast));
}
