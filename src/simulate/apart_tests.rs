//! What must hold where prompts and generation have engines of their own.

use proptest::prelude::*;

use super::Nanos;
use super::apart::Apart;
use super::cluster::{Ended, Route};
use super::engine::Engine;
use super::lengths::Sampler;
use super::rules::{Compose, Rules};
use super::source::ClosedLoop;
use super::speculation::Acceptance;
use super::tests::{Linear, Seen, adds_up, engine, maker, rules_with};

/// Engines for prompts, engines that generate, and the blocks of each.
#[derive(Debug, Clone, Copy)]
struct Pools {
    prompts: u32,
    generation: u32,
    blocks: (u64, u64),
}

const ROOMY: Pools = Pools {
    prompts: 8,
    generation: 8,
    blocks: (5000, 5000),
};

fn run(
    pools: Pools,
    rules: Rules,
    seconds: f64,
    output: Sampler,
    load: (u64, u64),
) -> (Seen, Apart<'static, Linear>) {
    run_of(
        pools,
        |id, blocks| engine(id, rules, blocks),
        seconds,
        output,
        load,
    )
}

/// The same with engines that `of` makes by number and blocks.
fn run_of(
    pools: Pools,
    of: impl Fn(u32, u64) -> Engine<Linear>,
    seconds: f64,
    output: Sampler,
    (users, requests): (u64, u64),
) -> (Seen, Apart<'static, Linear>) {
    let of = |count, first, blocks| (first..first + count).map(|id| of(id, blocks)).collect();
    let mut apart = Apart::new(
        of(pools.prompts, 0, pools.blocks.0),
        of(pools.generation, pools.prompts, pools.blocks.1),
        Route::LeastLoaded,
        move |tokens| seconds * f64::from(tokens > 0.0),
    );
    let made = maker(Sampler::Uniform(20, 400), output, (0, 0));
    let mut source = ClosedLoop::new(made, (users, Nanos::ZERO), requests, 1);
    let mut seen = Seen::wanting(requests);
    assert_eq!(apart.run(&mut source, &mut seen, 10_000_000), Ended::Done);
    (seen, apart)
}

#[test]
fn with_many_engines_the_first_token_takes_the_prompt_alone() {
    let rules = Rules::mixed(64, 8192);
    let (seen, _) = run(ROOMY, rules, 0.0, Sampler::Uniform(1, 60), (8, 2000));
    for one in &seen.finished {
        let step = 5e-3 + 1e-5 * f64::from(one.request.prompt);
        let took = one.first.since(one.request.arrival).seconds();
        assert!((took - step).abs() < 2e-9, "{took} {step}");
    }
}

#[test]
fn the_transfer_stands_before_the_second_token() {
    let rules = Rules::mixed(64, 8192);
    let of = |seconds| run(ROOMY, rules, seconds, Sampler::Fixed(2), (1, 200)).0;
    let (free, slow) = (of(0.0), of(0.1));
    let ttft = |seen: &Seen| seen.mean(|one| one.first.since(one.request.sent));
    let second = |seen: &Seen| seen.mean(|one| one.last.since(one.first));
    assert!((ttft(&free) - ttft(&slow)).abs() < 1e-9);
    assert!((second(&slow) - second(&free) - 0.1).abs() < 1e-9);
    assert_eq!(slow.gaps, 200);
    assert!(slow.gap_nanos >= 200 * 100_000_000, "the gap has it too");
}

#[test]
fn a_cache_that_lands_while_others_generate_joins_with_the_next_step() {
    let pools = Pools {
        generation: 1,
        ..ROOMY
    };
    let rules = Rules::mixed(64, 8192);
    let (seen, _) = run(pools, rules, 1e-3, Sampler::Uniform(1, 120), (8, 4000));
    let two = seen.finished.iter().filter(|one| one.request.output == 2);
    // The end of a step, the transfer, the end of another step, and its own: steps take 5 ms, and others may be sent before.
    let longest = two
        .map(|one| one.last.since(one.first).seconds())
        .fold(0.0, f64::max);
    assert!(longest > 0.006 && longest < 0.025, "{longest}");
}

#[test]
fn a_link_sends_one_cache_after_another() {
    let one = Pools {
        prompts: 1,
        ..ROOMY
    };
    let rules = Rules::mixed(64, 8192);
    let (_, apart) = run(one, rules, 0.1, Sampler::Fixed(2), (40, 500));
    let seconds = apart.snapshot().at.seconds();
    assert!((seconds / 50.0 - 1.0).abs() < 0.02, "{seconds}");
}

#[test]
fn users_are_throughput_times_stay() {
    let pools = Pools {
        prompts: 1,
        generation: 1,
        ..ROOMY
    };
    let (seen, apart) = run(
        pools,
        Rules::mixed(64, 512),
        0.01,
        Sampler::Uniform(1, 120),
        (24, 6000),
    );
    let stay = seen.mean(|one| one.last.since(one.request.sent));
    let users = seen.finished.len() as f64 / apart.snapshot().at.seconds() * stay;
    assert!((users / 24.0 - 1.0).abs() < 0.02, "{users}");
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let pools = Pools {
        prompts: 2,
        generation: 3,
        blocks: (80, 90),
    };
    let of = || {
        run(
            pools,
            Rules::mixed(16, 256),
            0.003,
            Sampler::Uniform(1, 120),
            (30, 1000),
        )
        .0
    };
    assert_eq!(of(), of());
}

#[test]
fn what_the_engines_that_generate_cannot_hold_is_turned_away_when_it_comes() {
    let pools = Pools {
        blocks: (5000, 20),
        ..ROOMY
    };
    let (seen, _) = run(
        pools,
        Rules::mixed(64, 512),
        0.0,
        Sampler::Uniform(1, 120),
        (4, 500),
    );
    assert!(seen.rejected > 0 && !seen.finished.is_empty());
    assert_eq!(seen.rejected + seen.finished.len() as u64, 500);
}

/// An input on which nothing ran although a cache had been read.
#[test]
fn one_that_is_interrupted_makes_way_for_one_whose_cache_is_there() {
    let pools = Pools {
        prompts: 2,
        generation: 1,
        blocks: (75, 40),
    };
    let rules = Rules::mixed(1, 32);
    let (seen, _) = run(pools, rules, 0.025, Sampler::Uniform(1, 120), (2, 400));
    assert_eq!(seen.finished.len() as u64 + seen.rejected, 400);
}

fn rules() -> impl Strategy<Value = Rules> {
    rules_with(prop_oneof![
        Just(Compose::Mixed),
        Just(Compose::PromptsFirst)
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the rules and sizes: everybody is served once with all tokens, times add up, and all caches are empty afterwards.
    #[test]
    fn every_request_gets_all_its_tokens(
        rules in rules(), prompts in 1_u32..4, generation in 1_u32..4, small in 40_u64..400, large in 40_u64..400,
        users in 1_u64..60, seconds in 0.0f64..0.05,
    ) {
        let pools = Pools { prompts, generation, blocks: (small, large) };
        let (seen, apart) = run(pools, rules, seconds, Sampler::Uniform(1, 120), (users, 400));
        adds_up(&seen, 400, apart.snapshot().generated)?;
        for one in &seen.finished {
            let sent = if one.request.output > 1 { Nanos::from_seconds(seconds) } else { Nanos::ZERO };
            prop_assert!(one.last >= one.first.after(sent));
        }
        let engines = u64::from(prompts + generation);
        prop_assert!(seen.busy <= apart.snapshot().at.get() * engines);
        let all = apart.prompts().iter().chain(apart.generation());
        prop_assert!(all.into_iter().all(|engine| engine.pool().held() == 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// With guessed tokens and adapters on both kinds of engines: everybody gets all tokens, and no step has more adapters than it
    /// may.
    #[test]
    fn guesses_and_adapters_lose_nothing(
        chances in proptest::collection::vec(0.0f64..=1.0, 0..4), adapters in 0_u64..6, most in 1_u32..4, users in 1_u64..40,
        blocks in (45_u64..300, 45_u64..300), sequences in 1_u32..24,
    ) {
        let acceptance = Acceptance::new(&chances, 3);
        let rules = Rules::mixed(sequences, 512);
        let of = |id, blocks| engine(id, rules, blocks).speculating(acceptance.clone()).with_adapters(adapters, most, 1);
        let pools = Pools { prompts: 2, generation: 2, blocks };
        let (seen, apart) = run_of(pools, of, 1e-3, Sampler::Uniform(1, 120), (users, 300));
        prop_assert_eq!(seen.finished.len() as u64 + seen.rejected, 300);
        let tokens: u64 = seen.finished.iter().map(|one| u64::from(one.request.output)).sum();
        prop_assert_eq!(apart.snapshot().generated, tokens);
        for engine in apart.prompts().iter().chain(apart.generation()) {
            prop_assert_eq!((engine.pool().held(), engine.different_adapters()), (0, 0));
        }
    }
}

#[test]
fn guesses_shorten_the_generation_of_engines_for_it() {
    let between = |chances: &[f64]| {
        let acceptance = Acceptance::new(chances, 3);
        let of =
            |id, blocks| engine(id, Rules::mixed(64, 8192), blocks).speculating(acceptance.clone());
        let (seen, _) = run_of(ROOMY, of, 0.0, Sampler::Fixed(101), (1, 300));
        seen.mean(|one| one.last.since(one.first))
    };
    let gain = between(&[]) / between(&[0.7; 3]);
    assert!(gain > 2.3 && gain < 2.6, "{gain}");
}
