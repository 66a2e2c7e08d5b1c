//! A static batch: requests that start together, the next batch when all have ended.

use super::closed_loop::Engines;
use super::demand::Demand;
use super::lengths::LengthGrid;
use super::spread::Spread;
use super::step_time::{StepModel, StepTime};
use crate::ops::{Segment, Step};

/// The times of a batch, seconds, all engines together.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// One step with prompts.
    pub with_prompts: StepTime,
    /// A generation step half way; that with prompts where nothing is generated.
    pub generation: StepTime,
    /// From the start to the first token.
    pub ttft: Spread,
    /// All prompts.
    pub prefill: Spread,
    /// Generation of the whole batch, to its longest output.
    pub decode: Spread,
    /// From the start to the end of a mean request.
    pub e2el: Spread,
    /// From the start to the end of the batch, all waves.
    pub whole: Spread,
    /// Tokens generated after the first, all sequences.
    pub decoded: f64,
    /// Waves that run one after another because not all sequences fit at once.
    pub waves: f64,
}

impl Batch {
    /// The times of `size` requests that start together.
    ///
    /// `T = z + m t_p + Σ_j t_g(n_j, I + j)`: all prompts in `m = ⌈b I / B⌉` steps of equal size, fewer where they follow each other
    /// through the stages of a pipeline ([`Relay`](super::relay::Relay)), then one step for each
    /// further token, in which the `n_j` sequences that are not done see `I + j` tokens. With fixed lengths the sum is exact;
    /// with drawn lengths it is a 16-point quadrature, and the batch ends at the expected longest output, the
    /// `b / (b + 1)` quantile.
    pub fn new(steps: &StepModel, engines: &Engines, demand: &Demand, size: f64) -> Self {
        let plan = Plan::new(engines, demand, size);
        let (waves, sequences, prompt_steps) = (plan.waves, plan.sequences, plan.prompt_steps);
        let with_prompts = steps.time(&plan.prompts);
        let passes = engines.relay.passes(prompt_steps, size);
        let prefill = with_prompts.total() * passes;
        let generation = Generation::new(steps, demand, sequences);
        let wave = prefill + generation.batch;
        let before = wave * (0.5 * (waves - 1.0));
        let ttft = engines.request + before + prefill;
        Self {
            ttft,
            e2el: ttft + generation.request,
            whole: engines.request + wave * waves,
            prefill: prefill * waves,
            decode: generation.batch * waves,
            decoded: size * demand.decode_steps,
            generation: generation.half_way.unwrap_or(with_prompts),
            with_prompts,
            waves,
        }
    }

    /// The steps that stand for a batch, by name.
    pub(super) fn steps(
        engines: &Engines,
        demand: &Demand,
        size: f64,
    ) -> Vec<(&'static str, Step)> {
        let plan = Plan::new(engines, demand, size);
        let mut steps = vec![("step with prompts", plan.prompts)];
        if demand.decode_steps > 0.0 {
            steps.push(("generation step", half_way(demand, plan.sequences)));
        }
        steps
    }

    /// Mean time between tokens of a mean request.
    pub fn tpot(&self, demand: &Demand) -> Option<Spread> {
        (demand.decode_steps > 0.0).then(|| {
            self.e2el
                .zip(self.ttft, |end, first| (end - first) / demand.decode_steps)
        })
    }
}

/// The steps of a batch before they are priced.
struct Plan {
    waves: f64,
    sequences: f64,
    prompt_steps: f64,
    prompts: Step,
}

impl Plan {
    fn new(engines: &Engines, demand: &Demand, size: f64) -> Self {
        let each = (size / engines.count).max(1.0);
        let waves = libm::ceil(each / engines.room.max(1.0)).max(1.0);
        let sequences = each / waves;
        let prompt_steps = libm::ceil(sequences * demand.fresh.mean / engines.budget).max(1.0);
        let tokens = sequences * demand.fresh.mean / prompt_steps;
        // A prompt longer than its step is cut.
        let chunks = (demand.long_prompt / tokens).max(1.0);
        let segment = demand.prompt_segment(tokens, chunks);
        Self {
            waves,
            sequences,
            prompt_steps,
            prompts: Step::mixed(segment, Segment::NONE, segment.sequences / chunks),
        }
    }
}

struct Generation {
    batch: Spread,
    request: Spread,
    half_way: Option<StepTime>,
}

impl Generation {
    fn new(steps: &StepModel, demand: &Demand, sequences: f64) -> Self {
        if demand.decode_steps <= 0.0 {
            return Self {
                batch: Spread::default(),
                request: Spread::default(),
                half_way: None,
            };
        }
        let half_way = Some(steps.time(&half_way(demand, sequences)));
        if demand.outputs.is_fixed() {
            let at = |step: u64| {
                let cached = demand.prompts.mean + step as f64;
                steps.time(&Step::decode(sequences, cached)).total()
            };
            let batch = sum(demand.decode_steps as u64, at);
            return Self {
                batch,
                request: batch,
                half_way,
            };
        }
        let longest = (quantile(&demand.outputs, sequences / (sequences + 1.0)) - 1.0).max(1.0);
        let (mut batch, mut request) = (Spread::default(), Spread::default());
        for (position, weight) in LengthGrid::quadrature(0.0, longest) {
            let going = demand.outputs.share_above(position + 1.0);
            let active = (sequences * going).max(1.0);
            let cached = demand.prompts.mean + position;
            let time = steps.time(&Step::decode(active, cached)).total() * weight;
            batch = batch + time;
            request = request + time * going;
        }
        Self {
            batch,
            request,
            half_way,
        }
    }
}

/// A generation step in the middle of a batch.
fn half_way(demand: &Demand, sequences: f64) -> Step {
    let half = demand.prompts.mean + libm::floor(0.5 * demand.decode_steps);
    Step::decode(sequences, half)
}

/// `Σ_{j < n} f(j)` for an `f` that consists of few straight pieces: a stretch whose middle lies on its chord is summed as a
/// trapezium, others are halved.
fn sum(n: u64, at: impl Fn(u64) -> Spread) -> Spread {
    let Some(last) = n.checked_sub(1) else {
        return Spread::default();
    };
    let mut total = Spread::default();
    let mut open = vec![(0, at(0), last, at(last))];
    while let Some((from, first, to, end)) = open.pop() {
        let count = (to - from + 1) as f64;
        if to <= from + 1 {
            total = total + if from == to { first } else { first + end };
            continue;
        }
        let middle = from + (to - from) / 2;
        let found = at(middle);
        let share = (middle - from) as f64 / (to - from) as f64;
        let chord = first * (1.0 - share) + end * share;
        let straight =
            (0..3).all(|lane| (found.0[lane] - chord.0[lane]).abs() <= 1e-9 * chord.0[lane]);
        if straight {
            total = total + (first + end) * (0.5 * count);
        } else {
            open.push((middle + 1, at(middle + 1), to, end));
            open.push((from, first, middle, found));
        }
    }
    total
}

/// The length that a share of requests does not exceed.
fn quantile(lengths: &LengthGrid, share: f64) -> f64 {
    let first = lengths.nodes.first().map_or(1.0, |node| node.0);
    let last = lengths.nodes.last().map_or(1.0, |node| node.0);
    let (mut low, mut high) = (first, last);
    for _ in 0..40 {
        let middle = 0.5 * (low + high);
        if lengths.share_above(middle) > 1.0 - share {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_of_straight_pieces_is_exact() {
        let f = |j: u64| Spread::exact(f64::max(100.0, 3.0 * j as f64 - 20.0));
        let direct: f64 = (0..200).map(|j| f(j).value()).sum();
        assert!((sum(200, f).value() - direct).abs() < 1e-6);
        assert_eq!(sum(1, f).value(), 100.0);
        assert_eq!(sum(0, f).value(), 0.0);
    }
}
