//! What the closed form is asked where a load has none: the same requests, as far as memory and the time of one are concerned.

use std::collections::BTreeMap;

use super::lengths::Sampler;
use crate::perf::LengthGrid;
use crate::scenario::{Lengths, LlmWorkload, Load, LoadMode, Sessions};
use crate::stats::stream;
use crate::units::Seconds;

/// Turns that are drawn for the spread of prompts of a session.
const DRAWN: u64 = 20_000;

/// The workload with the prompts that its sessions come to have, without pauses; a load that ends is one request after another.
pub fn stand_in(workload: &LlmWorkload, seed: u64) -> LlmWorkload {
    let mut alone = workload.clone();
    alone.load.think_time = Seconds::ZERO;
    if let Some(sessions) = alone.sessions.take() {
        if let LoadMode::RequestRate { rate, .. } = &mut alone.load.mode {
            *rate *= turns(&sessions);
        }
        alone.isl = grown(workload, &sessions, seed);
    }
    match alone.load.mode {
        LoadMode::Trace(_) | LoadMode::Ramp { .. } => {
            alone.load = Load::of(LoadMode::Concurrency(1));
        }
        LoadMode::Concurrency(_)
        | LoadMode::RequestRate { .. }
        | LoadMode::BatchSize(_)
        | LoadMode::SingleStream
        | LoadMode::MultiStream(_)
        | LoadMode::Offline => {}
    }
    alone
}

/// Mean turns of a session.
pub(super) fn turns(sessions: &Sessions) -> f64 {
    LengthGrid::new(&sessions.turns).mean.max(1.0)
}

/// Prompts of all turns.
fn grown(workload: &LlmWorkload, sessions: &Sessions, seed: u64) -> Lengths {
    let samplers = [&sessions.turns, &workload.isl, &workload.osl].map(Sampler::new);
    let mut numbers = stream(seed, "stand-in");
    let mut counts = BTreeMap::<u64, f64>::new();
    let mut left = DRAWN;
    while left > 0 {
        let turns = u64::from(samplers[0].draw(&mut numbers)).min(left);
        let mut context = 0;
        for _ in 0..turns {
            let prompt = context + u64::from(samplers[1].draw(&mut numbers));
            *counts.entry(prompt).or_default() += 1.0 / DRAWN as f64;
            context = prompt + u64::from(samplers[2].draw(&mut numbers));
        }
        left -= turns;
    }
    Lengths::Empirical(counts.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::perf::testing::workload;

    #[test]
    fn prompts_of_a_session_grow_by_what_was_said() {
        let mut load = workload(100, 50, LoadMode::Concurrency(8));
        load.sessions = Some(Sessions {
            turns: Lengths::Fixed(4),
            pause: Seconds::ZERO,
        });
        let alone = stand_in(&load, 1);
        // 100, 250, 400 and 550 tokens.
        assert!((LengthGrid::new(&alone.isl).mean - 325.0).abs() < 1e-6);
        assert_eq!(alone.load.mode, LoadMode::Concurrency(8));
    }
}
