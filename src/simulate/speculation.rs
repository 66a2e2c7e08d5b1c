//! How many tokens a tick brings where several are guessed and checked together.
//!
//! A tick checks `k` guessed tokens of every generating sequence at once and keeps those up to the first that is wrong, and one more
//! that the model itself gives: `1 + Σ_i Π_{j ≤ i} a_j` tokens on average, `(1 − a^(k + 1)) / (1 − a)` for a constant chance
//! (Leviathan, Kalman, Matias, "Fast Inference from Transformers via Speculative Decoding", ICML 2023, arXiv 2211.17192,
//! equation 1). How many ticks a request takes is drawn for each, tick by tick; inside a request tokens come evenly.
//!
//! What a tick brings arrives together, so a time between tokens (`itl`) is that between two ticks, as clients count it that
//! see one chunk for each tick (vLLM 0.33, `vllm/benchmarks/lib/endpoint_request_func.py`: one entry of `itl` for each chunk with
//! text); `tpot` divides by tokens.

use std::sync::Arc;

use super::decoding::TOKEN;
use crate::stats::stream;

/// How tokens come.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// The chance of a guessed token, by position, where all before it were right.
    chances: Arc<[f64]>,
    seed: u64,
}

impl Acceptance {
    /// One token in each tick.
    pub fn none() -> Self {
        Self::new(&[], 0)
    }

    /// Guessed tokens are accepted with these chances; `seed` is that of all draws.
    pub fn new(chances: &[f64], seed: u64) -> Self {
        Self {
            chances: chances.into(),
            seed,
        }
    }

    /// Tokens that are guessed in a tick.
    pub fn guessed(&self) -> u64 {
        self.chances.len() as u64
    }

    /// Ticks that a request takes for so many tokens, at least one, and the parts of a token ([`TOKEN`]) that it then gets in
    /// each. Equal requests draw equally under every load.
    pub(super) fn pace(&self, request: u64, tokens: u64) -> (u64, u64) {
        if self.chances.is_empty() {
            return (tokens, TOKEN);
        }
        let mut draws = stream(self.seed, &format!("accepted tokens {request}"));
        let (mut ticks, mut got) = (0, 0);
        while got < tokens {
            let right = self
                .chances
                .iter()
                .take_while(|chance| draws.next_f64() < **chance);
            got += 1 + right.count() as u64;
            ticks += 1;
        }
        // Rounded up, so that the last tick completes the last token.
        (ticks, (tokens * TOKEN).div_ceil(ticks))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cluster::{Cluster, Ended, Route};
    use super::super::lengths::Sampler;
    use super::super::rules::{Admission, Compose, Rules};
    use super::super::source::ClosedLoop;
    use super::super::tests::{Linear, Seen, engine, maker};
    use super::super::time::Nanos;
    use super::*;

    #[test]
    fn a_constant_chance_brings_the_tokens_of_equation_one() {
        let acceptance = Acceptance::new(&[0.7; 3], 1);
        let (ticks, pace) = acceptance.pace(0, 100_000);
        let each = 100_000.0 / ticks as f64;
        let expected = (1.0 - 0.7_f64 * 0.7 * 0.7 * 0.7) / 0.3;
        assert!((each / expected - 1.0).abs() < 0.01, "{each} {expected}");
        assert_eq!(ticks * pace / TOKEN, 100_000);
    }

    fn run(
        chances: &[f64],
        rules: Rules,
        blocks: u64,
        (users, requests): (u64, u64),
    ) -> (Seen, Cluster<Linear>) {
        let acceptance = Acceptance::new(chances, 3);
        let one = engine(0, rules, blocks).speculating(acceptance);
        let mut cluster = Cluster::new(vec![one], Route::LeastLoaded);
        let made = maker(Sampler::Uniform(20, 400), Sampler::Uniform(1, 120), (0, 0));
        let mut source = ClosedLoop::new(made, (users, Nanos::ZERO), requests, 1);
        let mut seen = Seen::wanting(requests);
        assert_eq!(cluster.run(&mut source, &mut seen, 10_000_000), Ended::Done);
        (seen, cluster)
    }

    #[test]
    fn one_user_is_served_faster_by_the_tokens_of_a_tick() {
        let between = |chances: &[f64]| {
            let (seen, _) = run(chances, Rules::mixed(64, 8192), 5000, (1, 2000));
            let tokens: u64 = seen
                .finished
                .iter()
                .map(|one| u64::from(one.request.output) - 1)
                .sum();
            let time: f64 = seen
                .finished
                .iter()
                .map(|one| one.last.since(one.first).seconds())
                .sum();
            time / tokens as f64
        };
        // A tick costs the same here; the last one of a request brings more than is wanted.
        let gain = between(&[]) / between(&[0.7; 3]);
        assert!(gain > 2.4 && gain < 2.533, "{gain}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is accepted: everybody gets all tokens, blocks are never overdrawn, and the cache is empty afterwards.
        #[test]
        fn every_request_gets_all_its_tokens(
            chances in proptest::collection::vec(0.0f64..=1.0, 1..6), sequences in 1_u32..40, blocks in 45_u64..400,
            users in 1_u64..60, first in proptest::bool::ANY, ahead in proptest::bool::ANY,
        ) {
            let rules = Rules {
                compose: if first { Compose::PromptsFirst } else { Compose::Mixed },
                admission: if ahead { Admission::ToTheEnd } else { Admission::Prompt },
                ..Rules::mixed(sequences, 512)
            };
            let (seen, cluster) = run(&chances, rules, blocks, (users, 400));
            prop_assert_eq!(seen.finished.len() as u64 + seen.rejected, 400);
            let tokens: u64 = seen.finished.iter().map(|one| u64::from(one.request.output)).sum();
            prop_assert_eq!(cluster.snapshot().generated, tokens);
            prop_assert!(seen.gaps <= tokens - seen.finished.len() as u64, "a gap is one tick");
            prop_assert!(cluster.engines()[0].pool().held() == 0);
        }
    }

    #[test]
    fn without_guesses_every_tick_brings_one() {
        assert_eq!(Acceptance::none().pace(3, 17), (17, TOKEN));
        let hopeless = Acceptance::new(&[0.0, 1.0], 1);
        assert_eq!(hopeless.pace(3, 17), (17, TOKEN));
        let perfect = Acceptance::new(&[1.0; 3], 1);
        assert_eq!(perfect.pace(3, 16).0, 4);
    }
}
