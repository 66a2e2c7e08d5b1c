//! What adapters add to the steps and to the memory of a model.

use super::collective::Wires;
use super::step_time::{StepModel, StepTime};
use super::terms::Terms;
use crate::ops::{OpGraph, Step, adapter_bytes, adapter_graph};
use crate::record::NotModelled;
use crate::scenario::{Adapters, System};
use crate::stats::math;
use crate::units::Bytes;

/// The products of adapters, priced for each number of different ones in a step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AdapterSteps {
    given: Adapters,
    /// By number of different adapters, from one.
    steps: Vec<StepModel>,
}

impl AdapterSteps {
    /// Prices the adapters of a system beside the operators of its model; `None` where it has none.
    ///
    /// # Errors
    ///
    /// Those of [`StepModel::new`], and [`NotModelled::NotYet`] where the model has no products that adapters stand beside.
    pub fn new(
        system: &System,
        graph: &OpGraph,
        terms: &Terms<'_>,
        wires: &Wires,
    ) -> Result<Option<Self>, NotModelled> {
        let Some(given) = system.adapters else {
            return Ok(None);
        };
        let (parallel, device) = (system.deployment.parallel, &system.hardware.device);
        let steps = (1..=given.max_loras).map(|number| {
            let rank = f64::from(given.rank);
            let graph = adapter_graph(graph, rank, f64::from(number), given.targets);
            if graph.ops.is_empty() {
                return Err(NotModelled::NotYet {
                    what: "adapters beside experts or latent projections".to_owned(),
                });
            }
            let steps = StepModel::new(&graph, parallel, device, terms, wires)?;
            Ok(steps.shared(system.share.time))
        });
        Ok(Some(Self {
            steps: steps.collect::<Result<_, _>>()?,
            given,
        }))
    }

    /// What adapters add to a step, without the host.
    ///
    /// Of `N` adapters that requests use equally often, `s` sequences use `N (1 − (1 − 1/N)^s)` different ones on average, at most
    /// as many as a step may have.
    pub fn time(&self, step: &Step) -> StepTime {
        let sequences = step.prefill.sequences + step.decode.sequences;
        let all = f64::from(self.given.adapters);
        let different = if all > 1.0 {
            let unused = math::exp(sequences * math::ln(1.0 - 1.0 / all));
            (all * (1.0 - unused)).clamp(1.0, self.steps.len() as f64)
        } else {
            1.0
        };
        let below = libm::floor(different);
        let share = different - below;
        let mut time = StepTime::default();
        time.add(1.0 - share, &self.steps[below as usize - 1].time(step));
        if share > 0.0 {
            time.add(share, &self.steps[below as usize].time(step));
        }
        time
    }
}

/// Bytes on each device of as many adapters as a step may have; their places are taken when the server starts (vLLM,
/// `vllm/lora/layers/base_linear.py`, `create_lora_weights`).
pub(super) fn kept(system: &System, graph: &OpGraph) -> Bytes {
    system.adapters.map_or(Bytes::ZERO, |given| {
        adapter_bytes(graph, f64::from(given.rank), given.targets) * f64::from(given.max_loras)
    })
}

#[cfg(test)]
mod tests {
    use super::super::Server;
    use super::super::testing::{h100, llama_8b, pack, system};
    use super::*;
    use crate::ops::AdapterTargets;

    fn server(max_loras: u32) -> Server {
        let mut one = system(llama_8b(), h100(), 1);
        one.adapters = Some(Adapters {
            adapters: 100,
            rank: 16,
            max_loras,
            targets: AdapterTargets::All,
        });
        Server::new(&one, &pack()).expect("all facts are there")
    }

    #[test]
    fn adapters_take_time_and_more_where_more_are_different() {
        let plain = Server::new(&system(llama_8b(), h100(), 1), &pack()).expect("compiles");
        let at = |server: &Server, sequences| {
            let step = Step::decode(sequences, 1000.0);
            server.step(&step).total().value()
        };
        assert!(at(&server(1), 1.0) > at(&plain, 1.0));
        assert!((at(&server(1), 1.0) - at(&server(8), 1.0)).abs() < 1e-12);
        assert!(at(&server(8), 64.0) > at(&server(1), 64.0));
    }

    #[test]
    fn their_weights_are_kept() {
        // 42 M parameters in two bytes, eight times.
        let kept = |max_loras| {
            let server = server(max_loras);
            server.memory.sizes().weights.get()
        };
        let each = (kept(9) - kept(1)) / 8.0;
        assert!((each - 2.0 * 41_943_040.0).abs() < 1.0, "{each}");
    }
}
