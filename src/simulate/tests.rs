//! What must hold of every run, against queueing theory and against the closed form.

use proptest::prelude::*;

use super::cluster::{Cluster, Ended, Route, Snapshot, Watch};
use super::engine::Engine;
use super::kv::{Finds, Footprint, Pool};
use super::lengths::Sampler;
use super::rules::{Admission, Compose, Prompts, Rules};
use super::source::{ClosedLoop, Maker, OpenLoop, Source};
use super::{Finished, Nanos, Observer, Request, StepCost, StepSpan};
use crate::ops::Step;
use crate::perf::Busy;
use crate::scenario::Arrival;

/// A step takes a fixed time and so much more for each prompt token and each cached token of generation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Linear {
    step: f64,
    prompt: f64,
    context: f64,
}

impl StepCost for Linear {
    fn price(&self, step: &Step) -> Busy {
        let context = step.decode.sequences * step.decode.cached;
        Busy {
            memory: self.step + self.prompt * step.prefill.tokens() + self.context * context,
            ..Busy::default()
        }
    }
}

/// Everything that happened.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Seen {
    pub finished: Vec<Finished>,
    pub gaps: u64,
    pub gap_nanos: u128,
    pub busy: u64,
    arrived: u64,
    pub rejected: u64,
    wanted: u64,
    last: (Nanos, u64),
}

impl Seen {
    pub fn wanting(requests: u64) -> Self {
        Self {
            wanted: requests,
            ..Self::default()
        }
    }

    pub fn mean(&self, of: impl Fn(&Finished) -> Nanos) -> f64 {
        let sum: f64 = self.finished.iter().map(|one| of(one).seconds()).sum();
        sum / self.finished.len() as f64
    }
}

impl Observer for Seen {
    fn finished(&mut self, finished: &Finished) {
        self.finished.push(finished.clone());
    }

    fn gap(&mut self, gap: Nanos, times: u64) {
        self.gaps += times;
        self.gap_nanos += u128::from(gap.get()) * u128::from(times);
    }

    fn step(&mut self, span: &StepSpan) {
        self.busy += span.end.since(span.start).get();
    }

    fn rejected(&mut self, _: &Request) {
        self.rejected += 1;
    }
}

impl Watch for Seen {
    fn arrived(&mut self, request: &Request, system: &Snapshot) {
        self.arrived += 1;
        assert_eq!(request.index + 1, self.arrived, "requests come in order");
        assert!(system.at >= self.last.0, "time does not run back");
        self.last = (system.at, system.load);
    }

    fn is_done(&self) -> bool {
        self.finished.len() as u64 + self.rejected >= self.wanted
    }
}

pub(super) const COST: Linear = Linear {
    step: 5e-3,
    prompt: 1e-5,
    context: 1e-8,
};

pub(super) fn engine(id: u32, rules: Rules, blocks: u64) -> Engine<Linear> {
    Engine::new(
        id,
        rules,
        Pool::new(Footprint::full(16), blocks, Finds::Content),
        COST,
    )
}

pub(super) fn maker(prompt: Sampler, output: Sampler, shared: (u32, u64)) -> Maker {
    Maker::new(prompt, output, shared, Nanos::from_seconds(1e-3), 7)
}

pub(super) fn closed(
    engines: u32,
    rules: Rules,
    blocks: u64,
    (users, requests): (u64, u64),
    shared: (u32, u64),
) -> (Seen, Cluster<Linear>) {
    let engines = (0..engines).map(|id| engine(id, rules, blocks)).collect();
    let mut cluster = Cluster::new(engines, Route::LeastLoaded);
    let made = maker(Sampler::Uniform(20, 400), Sampler::Uniform(1, 120), shared);
    let mut source = ClosedLoop::new(made, (users, Nanos::ZERO), requests, 1);
    let mut seen = Seen::wanting(requests);
    assert_eq!(cluster.run(&mut source, &mut seen, 10_000_000), Ended::Done);
    (seen, cluster)
}

/// One request at a time whose only step takes a fixed time: an M/D/1 queue.
#[test]
fn one_server_with_equal_times_waits_as_pollaczek_and_khinchine_say() {
    let service = 5e-3 + 1e-5 * 100.0;
    for load in [0.3, 0.6, 0.8] {
        let rules = Rules::mixed(1, 8192);
        let mut cluster = Cluster::new(vec![engine(0, rules, 10_000)], Route::RoundRobin);
        let made = maker(Sampler::Fixed(100), Sampler::Fixed(1), (0, 0));
        let requests = 200_000;
        let mut source = OpenLoop::new(
            made,
            load / service,
            Arrival::Poisson,
            (requests, u64::MAX),
            7,
        );
        let mut seen = Seen::wanting(requests);
        cluster.run(&mut source, &mut seen, 10_000_000);
        let waited = seen.mean(|one| one.scheduled.since(one.request.arrival));
        let expected = load * service / (2.0 * (1.0 - load));
        assert!(
            (waited / expected - 1.0).abs() < 0.05,
            "{load}: {waited} {expected}"
        );
    }
}

/// The same with times that follow lengths: an M/G/1 queue, `W = λ E[S²] / (2 (1 − ρ))`.
#[test]
fn one_server_with_different_times_waits_for_their_second_moment() {
    let time = |tokens: f64| 5e-3 + 1e-5 * tokens;
    let lengths: Vec<f64> = (1..=1000).map(f64::from).collect();
    let mean = lengths.iter().map(|x| time(*x)).sum::<f64>() / 1000.0;
    let square = lengths.iter().map(|x| time(*x) * time(*x)).sum::<f64>() / 1000.0;
    let rate = 0.7 / mean;
    let mut cluster = Cluster::new(
        vec![engine(0, Rules::mixed(1, 8192), 10_000)],
        Route::RoundRobin,
    );
    let made = maker(Sampler::Uniform(1, 1000), Sampler::Fixed(1), (0, 0));
    let mut source = OpenLoop::new(made, rate, Arrival::Poisson, (200_000, u64::MAX), 7);
    let mut seen = Seen::wanting(200_000);
    cluster.run(&mut source, &mut seen, 10_000_000);
    let waited = seen.mean(|one| one.scheduled.since(one.request.arrival));
    let expected = rate * square / (2.0 * 0.3);
    assert!(
        (waited / expected - 1.0).abs() < 0.05,
        "{waited} {expected}"
    );
}

/// Little's law in a closed loop: users = throughput times the time a request is away.
#[test]
fn users_are_throughput_times_stay() {
    let (seen, cluster) = closed(1, Rules::mixed(64, 512), 5000, (24, 6000), (0, 0));
    let end = cluster.snapshot().at.seconds();
    let stay = seen.mean(|one| one.last.since(one.request.sent));
    let users = seen.finished.len() as f64 / end * stay;
    assert!((users / 24.0 - 1.0).abs() < 0.02, "{users}");
}

#[test]
fn a_shared_prefix_makes_first_tokens_earlier() {
    let mean = |shared| {
        let (seen, _) = closed(1, Rules::mixed(64, 512), 5000, (8, 2000), shared);
        seen.mean(|one| one.first.since(one.request.sent))
    };
    assert!(mean((16, 1)) < mean((0, 0)));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || closed(3, Rules::mixed(16, 256), 300, (40, 1500), (64, 4)).0;
    assert_eq!(run(), run());
}

#[test]
fn a_small_cache_interrupts_and_still_serves_everybody() {
    let (seen, cluster) = closed(1, Rules::mixed(64, 512), 60, (30, 800), (0, 0));
    let interrupted: u32 = seen.finished.iter().map(|one| one.preemptions).sum();
    assert!(
        interrupted > 0,
        "sixty blocks are too few for thirty requests"
    );
    assert_eq!(seen.finished.len(), 800);
    assert!(cluster.engines()[0].done().peak_blocks <= 60);
}

/// Prompts of up to 400 tokens that may not be cut, in steps of 400: what an interruption adds must still be computed.
#[test]
fn a_prompt_that_grew_beyond_a_step_is_taken_alone() {
    let rules = Rules {
        prompts: Prompts::Whole,
        ..Rules::mixed(8, 400)
    };
    let (seen, _) = closed(1, rules, 40, (8, 400), (0, 0));
    let grown = |one: &Finished| one.preemptions > 0 && one.request.prompt > 390;
    assert!(seen.finished.iter().any(grown), "some had grown");
    assert_eq!(seen.finished.len(), 400);
}

#[test]
fn who_sets_blocks_aside_interrupts_nobody() {
    let rules = Rules {
        admission: Admission::ToTheEnd,
        ..Rules::mixed(64, 512)
    };
    let (seen, _) = closed(1, rules, 60, (30, 800), (0, 0));
    assert!(seen.finished.iter().all(|one| one.preemptions == 0));
}

#[test]
fn what_no_cache_can_hold_is_turned_away() {
    let (seen, _) = closed(1, Rules::mixed(64, 512), 20, (4, 500), (0, 0));
    assert!(seen.rejected > 0 && !seen.finished.is_empty());
    assert_eq!(seen.rejected + seen.finished.len() as u64, 500);
}

#[test]
fn prompts_first_delays_tokens_and_mixed_steps_do_not() {
    let with = |compose| {
        let rules = Rules {
            compose,
            ..Rules::mixed(64, 512)
        };
        let (seen, _) = closed(1, rules, 5000, (24, 3000), (0, 0));
        seen.mean(|one| one.first.since(one.request.sent))
    };
    assert!(with(Compose::PromptsFirst) < with(Compose::GenerationFirst));
}

/// An input on which blocks were once taken that were not free.
#[test]
fn two_requests_that_push_each_other_out_are_both_served() {
    let rules = Rules {
        compose: Compose::PromptsFirst,
        ..Rules::mixed(14, 32)
    };
    let (seen, _) = closed(1, rules, 40, (2, 400), (0, 3));
    assert_eq!(seen.finished.len(), 400);
}

/// A source that may always bring a request at once, so that no two steps are taken in a row.
struct StepByStep<S>(S);

impl<S: Source> Source for StepByStep<S> {
    fn next_arrival(&self) -> Option<Nanos> {
        self.0.next_arrival()
    }

    fn take(&mut self) -> Request {
        self.0.take()
    }

    fn finished(&mut self, finished: &Finished) {
        self.0.finished(finished);
    }

    fn rejected(&mut self, request: &Request) {
        self.0.rejected(request);
    }

    fn next_arrival_at(&self, _: u32) -> Option<Nanos> {
        Some(Nanos::ZERO)
    }

    fn crosses(&self) -> bool {
        self.0.crosses()
    }
}

/// Equal steps are one event only as a saving: one by one they give the same requests the same times.
#[test]
fn steps_in_a_row_are_the_steps_one_by_one() {
    for (compose, blocks) in [
        (Compose::Mixed, 5000),
        (Compose::PromptsFirst, 5000),
        (Compose::Mixed, 150),
    ] {
        let rules = Rules {
            compose,
            ..Rules::mixed(64, 512)
        };
        let run = |source: &mut dyn FnMut(&mut Cluster<Linear>, &mut Seen)| {
            let mut cluster = Cluster::new(vec![engine(0, rules, blocks)], Route::RoundRobin);
            let mut seen = Seen::wanting(2000);
            source(&mut cluster, &mut seen);
            (seen, cluster.events())
        };
        let open = || {
            let made = maker(Sampler::Uniform(20, 400), Sampler::Uniform(1, 120), (0, 0));
            OpenLoop::new(made, 6.0, Arrival::Poisson, (2000, u64::MAX), 7)
        };
        let (rows, few) = run(&mut |cluster, seen| {
            cluster.run(&mut open(), seen, 10_000_000);
        });
        let (single, many) = run(&mut |cluster, seen| {
            cluster.run(&mut StepByStep(open()), seen, 10_000_000);
        });
        assert!(many > 3 * few, "{many} events against {few}");
        assert_eq!((rows.gaps, rows.rejected), (single.gaps, single.rejected));
        for (a, b) in rows.finished.iter().zip(&single.finished) {
            assert_eq!(a.request, b.request);
            // A step ends at a whole nanosecond, a row of steps once for all of them.
            let apart = a.last.get().abs_diff(b.last.get());
            assert!(apart < 10_000, "{apart} ns: {a:?} {b:?}");
        }
    }
}

/// Rules with one of these ways to compose steps.
pub(super) fn rules_with(compose: impl Strategy<Value = Compose>) -> impl Strategy<Value = Rules> {
    let admission = prop_oneof![
        Just(Admission::Prompt),
        Just(Admission::ToTheEnd),
        Just(Admission::Expected {
            first: 0.7,
            least: 0.1,
            steps: 600.0
        })
    ];
    (compose, admission, 1_u32..40, 32_u64..2048).prop_map(
        |(compose, admission, sequences, tokens)| Rules {
            compose,
            admission,
            ..Rules::mixed(sequences, tokens)
        },
    )
}

pub(super) fn rules() -> impl Strategy<Value = Rules> {
    rules_with(prop_oneof![
        Just(Compose::Mixed),
        Just(Compose::PromptsFirst),
        Just(Compose::GenerationFirst),
        Just(Compose::Batchwise)
    ])
}

/// Everybody of `wanted` is served once with all tokens, of which `generated` were counted, in times that add up.
pub(super) fn adds_up(seen: &Seen, wanted: u64, generated: u64) -> Result<(), TestCaseError> {
    prop_assert_eq!(seen.finished.len() as u64 + seen.rejected, wanted);
    let tokens: u64 = seen
        .finished
        .iter()
        .map(|one| u64::from(one.request.output))
        .sum();
    prop_assert_eq!(generated, tokens);
    // Between a request's first and last token are as many gaps as it has tokens but one.
    prop_assert_eq!(seen.gaps, tokens - seen.finished.len() as u64);
    let between: u128 = seen
        .finished
        .iter()
        .map(|one| u128::from(one.last.since(one.first).get()))
        .sum();
    let off = seen.gap_nanos.abs_diff(between) as f64;
    prop_assert!(
        off <= 1e-3 * between as f64 + 1e6,
        "{} {}",
        seen.gap_nanos,
        between
    );
    for one in &seen.finished {
        prop_assert!(
            one.request.sent <= one.scheduled && one.scheduled < one.first && one.first <= one.last
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the rules: everybody is served once with all tokens, in a time that adds up, and the cache is empty afterwards.
    #[test]
    fn every_request_gets_all_its_tokens(
        rules in rules(), engines in 1_u32..4, blocks in 40_u64..400, users in 1_u64..60, prefix in 0_u32..100,
    ) {
        let (seen, cluster) = closed(engines, rules, blocks, (users, 400), (prefix, 3));
        adds_up(&seen, 400, cluster.snapshot().generated)?;
        // An engine is never busier than always.
        prop_assert!(seen.busy <= cluster.snapshot().at.get() * u64::from(engines));
        prop_assert!(cluster.engines().iter().all(|engine| engine.pool().held() == 0));
    }

    /// More arrivals never make requests wait less, with the same requests.
    #[test]
    fn waiting_grows_with_the_rate(slow in 1.0f64..20.0, more in 1.2f64..3.0) {
        let wait = |rate: f64| {
            let mut cluster = Cluster::new(vec![engine(0, Rules::mixed(8, 512), 5000)], Route::RoundRobin);
            let made = maker(Sampler::Uniform(20, 400), Sampler::Uniform(1, 120), (0, 0));
            let mut source = OpenLoop::new(made, rate, Arrival::Poisson, (1500, u64::MAX), 7);
            let mut seen = Seen::wanting(1500);
            cluster.run(&mut source, &mut seen, 10_000_000);
            seen.mean(|one| one.first.since(one.request.sent))
        };
        prop_assert!(wait(slow * more) >= wait(slow) * 0.98);
    }
}
