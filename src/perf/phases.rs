//! The phases of a load under the roof of one device.

use std::collections::BTreeMap;

use super::demand::Demand;
use super::rates::{memory_bandwidth, peak};
use super::server::Server;
use crate::catalog::Arithmetic;
use crate::ops::Step;
use crate::record::{Roofline, RooflinePhase};
use crate::scenario::LlmWorkload;

impl Server {
    /// The roof of one device, and under it a step that processes one prompt and a step in which those that are in flight
    /// generate a token each; `None` for `in_flight`: as many as there is room for.
    ///
    /// Achieved are the operations of a step over its whole time, gaps between kernels, exchanges and the host included.
    ///
    /// # Assumptions
    ///
    /// A prompt longer than a step is processed in parts, the first of which stands for it. `None` where one device's roof does not
    /// bound a step: a part of the model in host memory, a shared device, guessed tokens or adapters; and where no
    /// request fits.
    pub fn roofline(
        &self,
        key: &str,
        workload: &LlmWorkload,
        in_flight: Option<f64>,
    ) -> Option<Roofline> {
        let first = self.prefill().unwrap_or(self);
        let is_plain = |server: &Self| {
            !server.steps.moves_operators()
                && server.guessing.is_none()
                && server.adapters.is_none()
        };
        if !is_plain(self) || !is_plain(first) {
            return None;
        }
        let demand = Demand::new(workload, self.memory.scheduler());
        let memory = self.memory(in_flight.unwrap_or(1.0), &demand);
        let engines = self.engines(&memory)?;
        let waiting = in_flight.map_or(engines.room, |number| number / engines.count);
        let sequences = waiting.clamp(1.0, engines.room.max(1.0));
        let tokens = demand.fresh.mean.min(engines.budget);
        let steps = [
            ("prefill", first, Step::prefill(1.0, tokens, demand.cached)),
            ("decode", self, Step::decode(sequences, demand.context)),
        ];
        let (mut phases, mut work_in) = (Vec::new(), BTreeMap::new());
        for (phase, server, step) in steps {
            // Without generation there is no second phase.
            if phase == "prefill" || demand.decode_steps > 0.0 {
                phases.push(server.phase(phase, &step, &mut work_in)?);
            }
        }
        let most = work_in
            .into_iter()
            .reduce(|most, one| if one.1 > most.1 { one } else { most });
        let device = &self.sources.device;
        let (arithmetic, rate) = peak(device, most?.0).ok()?;
        Some(Roofline {
            key: key.to_owned(),
            arithmetic: format!("{arithmetic:?}").to_lowercase(),
            peak_flop_per_s: rate.get(),
            bandwidth_b_per_s: memory_bandwidth(device).ok()?.get(),
            phases,
        })
    }

    fn phase(
        &self,
        phase: &str,
        step: &Step,
        work_in: &mut BTreeMap<Arithmetic, f64>,
    ) -> Option<RooflinePhase> {
        let (mut work, mut traffic) = (0.0, 0.0);
        for priced in &self.steps.ops {
            let count = priced.op.count * self.steps.stages;
            for kernel in priced.op.kernels(step) {
                let cost = kernel.cost();
                work += count * cost.work.get();
                traffic += count * cost.traffic().get();
                *work_in.entry(cost.arithmetic).or_insert(0.0) += count * cost.work.get();
            }
        }
        let time = self.step(step);
        let total = time.total();
        (work > 0.0 && traffic > 0.0 && total.lo() > 0.0).then(|| RooflinePhase {
            phase: phase.to_owned(),
            sequences: step.prefill.sequences + step.decode.sequences,
            tokens: step.tokens(),
            work_flop: work,
            traffic_b: traffic,
            time_s: total.value(),
            lo_s: total.lo(),
            hi_s: total.hi(),
            bound: time.bound().name().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, llama_8b, llama_70b, pack, system, workload};
    use super::*;
    use crate::scenario::LoadMode;

    fn of(concurrency: u64) -> Roofline {
        let server =
            Server::new(&system(llama_8b(), h100(), 1), &pack()).expect("all facts are there");
        let load = workload(1024, 256, LoadMode::Concurrency(concurrency));
        server
            .roofline("point", &load, Some(concurrency as f64))
            .expect("one device bounds it")
    }

    #[test]
    fn prompts_lie_right_of_the_ridge_and_a_single_stream_far_left_of_it() {
        let roofline = of(1);
        assert_eq!(
            (roofline.arithmetic.as_str(), roofline.peak_flop_per_s),
            ("bf16", 989.5e12)
        );
        let [prefill, decode] = &roofline.phases[..] else {
            panic!("two phases");
        };
        assert!(prefill.intensity() > roofline.ridge(), "{roofline:?}");
        // Two operations for each weight of two bytes, and a little for the cache.
        assert!(
            decode.intensity() > 0.9 && decode.intensity() < 1.1,
            "{}",
            decode.intensity()
        );
        assert_eq!(
            (prefill.bound.as_str(), decode.bound.as_str()),
            ("compute", "memory-bandwidth")
        );
        assert_eq!((prefill.tokens, decode.tokens), (1024.0, 1.0));
        // 2 · 7.5e9 weights and as many operations for each of 1 024 tokens.
        assert!(prefill.work_flop > 1.4e13 && prefill.work_flop < 1.7e13);
    }

    #[test]
    fn nothing_is_above_the_roof_and_more_in_flight_is_more_work_for_a_byte() {
        let mut last = 0.0;
        for concurrency in [1, 4, 16, 64] {
            let roofline = of(concurrency);
            for phase in &roofline.phases {
                let (_, _, hi) = phase.achieved();
                assert!(hi <= roofline.attainable(phase.intensity()), "{roofline:?}");
            }
            let intensity = roofline.phases[1].intensity();
            assert!(intensity > last);
            last = intensity;
        }
    }

    #[test]
    fn what_does_not_fit_has_no_phases() {
        let server =
            Server::new(&system(llama_70b(), h100(), 1), &pack()).expect("all facts are there");
        let load = workload(128, 128, LoadMode::SingleStream);
        assert_eq!(server.roofline("point", &load, Some(1.0)), None);
    }
}
