//! Where requests of one load differ: prompts, waits, and other requests' prompts between their tokens.

use super::closed_loop::{Engines, Settled};
use super::demand::Demand;
use super::latency::{Atoms, Gap, Variety};
use super::spread::Spread;
use super::static_batch::Batch;
use super::step_time::StepModel;
use crate::ops::Step;
use crate::stats::math;

impl Settled {
    /// How requests of a closed loop differ.
    pub(super) fn variety(&self, steps: &StepModel, engines: &Engines, demand: &Demand) -> Variety {
        let prompt_step = self.with_prompts.total();
        let generation = self.generation.total();
        let mix = &self.mix;
        let waits = Atoms::new(vec![
            (prompt_step * mix.wait, mix.disturbed),
            (generation * mix.wait, 1.0 - mix.disturbed),
        ]);
        let fixed = Atoms::one(engines.request + self.queue);
        let disturbance = math::sqrt(mix.disturbed * (1.0 - mix.disturbed));
        Variety {
            ttft: waits
                .plus(&fixed)
                .plus(&self.prompts(steps, engines, demand)),
            gap: (demand.decode_steps > 0.0).then(|| Gap {
                mean: self.tpot,
                deviation: prompt_step.zip(generation, |mixed, alone| {
                    (mixed - alone).abs() * disturbance
                }),
                least: generation.min(self.tpot),
            }),
        }
    }

    /// Times of prompts by their lengths, beside the generating sequences.
    fn prompts(&self, steps: &StepModel, engines: &Engines, demand: &Demand) -> Atoms {
        let prompt_step = self.with_prompts.total();
        let mix = &self.mix;
        if demand.fresh.is_fixed() {
            return Atoms::one(prompt_step * mix.chunks);
        }
        let decode = mix.with_prompts.decode;
        let free = (engines.budget - decode.tokens()).max(1.0);
        let atoms = demand.fresh.nodes.iter().map(|(length, weight)| {
            let chunks = (length / free).max(1.0);
            let time = if mix.mixed < 1.0 {
                let mut prefill = demand.prompt_segment(1.0, chunks);
                prefill.sequences = 1.0;
                prefill.new_tokens = length / chunks;
                steps
                    .time(&Step::mixed(prefill, decode, 1.0 / chunks))
                    .total()
            } else {
                prompt_step
            };
            (time * chunks, *weight)
        });
        Atoms::new(atoms.collect())
    }
}

impl Variety {
    /// With a queue that a share of requests waits in, exponentially: the wait of an M/M/c queue given that one waits.
    pub(super) fn queued(self, mean: Spread, share: f64) -> Self {
        if share < 1e-6 || mean.value() <= 0.0 {
            return self;
        }
        let share = share.min(1.0);
        // Middles of four equal parts of an exponential distribution: −ln(1 − q) at q = 1/8, 3/8, 5/8, 7/8.
        let parts = [0.125, 0.375, 0.625, 0.875];
        let mut waits = vec![(Spread::default(), 1.0 - share)];
        for q in parts {
            waits.push((mean * (-math::ln(1.0 - q) / share), 0.25 * share));
        }
        Self {
            ttft: self.ttft.plus(&Atoms::new(waits)),
            gap: self.gap,
        }
    }
}

impl Batch {
    /// Requests of a batch start together and differ by their outputs alone.
    pub(super) fn variety(&self, demand: &Demand) -> Variety {
        Variety {
            ttft: Atoms::one(self.ttft),
            gap: self.tpot(demand).map(|mean| Gap {
                mean,
                deviation: Spread::default(),
                least: mean,
            }),
        }
    }
}
