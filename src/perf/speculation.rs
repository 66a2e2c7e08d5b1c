//! Steps in which several guessed tokens are checked together.

use std::borrow::Cow;

use super::collective::Wires;
use super::explain::{ExplainInput, ExplainLine};
use super::server::Server;
use super::step_time::{StepModel, StepTime};
use super::terms::Terms;
use crate::catalog::{ModelKind, Transformer};
use crate::ops::{LowerError, LowerOptions, OpGraph, Segment, Step, lower, mtp_graph, mtp_layers};
use crate::record::NotModelled;
use crate::scenario::{Draft, Speculation, System};

/// How a server guesses.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Guessing {
    given: Speculation,
    /// The model that guesses; `None` where a look-up does.
    draft: Option<StepModel>,
}

/// What guesses for a system, as a transformer whose weights and caches are kept beside the model's; `None` where nothing is.
///
/// # Errors
///
/// [`NotModelled::NotYet`] where it is no transformer.
pub(super) fn draft_of(system: &System) -> Result<Option<Cow<'_, Transformer>>, NotModelled> {
    let given = system.speculation.as_ref().map(|given| &given.draft);
    let (model, layers) = match given {
        None | Some(Draft::LookUp) => return Ok(None),
        Some(Draft::Layers) => (&system.model.model, true),
        Some(Draft::Model(draft)) => (&draft.model, false),
    };
    match &model.kind {
        ModelKind::Transformer(model) if layers => Ok(mtp_layers(model).map(Cow::Owned)),
        ModelKind::Transformer(draft) => Ok(Some(Cow::Borrowed(draft))),
        ModelKind::Network(_) => Err(NotModelled::NotYet {
            what: "guessing by a network known by its totals".to_owned(),
        }),
    }
}

/// The operators of one guess on the devices of the model itself; `None` where a look-up guesses, or nothing.
///
/// # Errors
///
/// [`NotModelled::NotYet`] where what guesses is no transformer, or does not fit the parallel sizes.
fn guess_of(system: &System, options: LowerOptions) -> Result<Option<OpGraph>, NotModelled> {
    let parallel = system.deployment.parallel;
    let undivided = |error: LowerError| NotModelled::NotYet {
        what: error.to_string(),
    };
    let own = matches!(&system.speculation, Some(given) if given.draft == Draft::Layers);
    if let (true, ModelKind::Transformer(model)) = (own, &system.model.model.kind) {
        if parallel.pp > 1 {
            return Err(NotModelled::NotYet {
                what: "layers that predict ahead behind several pipeline stages".to_owned(),
            });
        }
        let graph = mtp_graph(model, system.precision, parallel, options);
        return graph.map(Some).map_err(undivided);
    }
    let Some(draft) = draft_of(system)? else {
        return Ok(None);
    };
    let graph = lower(&draft, system.precision, parallel, options);
    graph.map(Some).map_err(undivided)
}

impl Guessing {
    /// Compiles what guesses, on the devices of the model itself; `None` where nothing does.
    ///
    /// # Errors
    ///
    /// Those of [`Server::new`].
    pub fn new(
        system: &System,
        options: LowerOptions,
        terms: &Terms<'_>,
        wires: &Wires,
    ) -> Result<Option<Self>, NotModelled> {
        let Some(given) = &system.speculation else {
            return Ok(None);
        };
        let (parallel, device) = (system.deployment.parallel, &system.hardware.device);
        let draft = match guess_of(system, options)? {
            Some(graph) => {
                let steps = StepModel::new(&graph, parallel, device, terms, wires)?;
                Some(steps.shared(system.share.time))
            }
            None => None,
        };
        Ok(Some(Self {
            given: given.clone(),
            draft,
        }))
    }

    /// A step of the model, in which each generating sequence has its guessed tokens and one more, and the guesses before it.
    ///
    /// `t = t_m(n (k + 1)) + k t_d(n)`: the model checks `k + 1` tokens of each of `n` sequences at once, and the draft guesses
    /// one after another (Leviathan et al., arXiv 2211.17192, section 3.4). The draft processes prompts as the model does, with its
    /// first guess. Layers behind the model do the same, but see all checked tokens again with their first guess, as their caches lack
    /// them (vLLM, `vllm/v1/spec_decode/eagle.py`, `propose`). A look-up (n-grams) takes no time on the accelerator.
    ///
    /// # Assumptions
    ///
    /// The host's time is that of one step: all passes of the draft belong to one call of the scheduler.
    fn time(&self, model: &StepModel, step: &Step) -> StepTime {
        let mut time = model.time(step);
        let Some(draft) = &self.draft else {
            return time;
        };
        let one = Segment {
            new_tokens: step.decode.new_tokens.min(1.0),
            ..step.decode
        };
        let finishing = step.logits - step.decode.tokens();
        let seen = match &self.given.draft {
            Draft::Layers => step.decode,
            Draft::Model(_) | Draft::LookUp => one,
        };
        let first = Step {
            logits: finishing + one.tokens(),
            ..Step::mixed(step.prefill, seen, finishing)
        };
        time.add(1.0, &draft.time(&first));
        if one.sequences > 0.0 {
            let more = f64::from(self.given.tokens) - 1.0;
            let guess = Step::mixed(Segment::NONE, one, 0.0);
            time.add(more, &draft.time(&guess));
        }
        time
    }
}

impl Server {
    /// The time of one step of one engine.
    ///
    /// Where tokens are guessed, generating sequences have the guessed ones and one more in a step, and the time of guessing is
    /// part of it; so is that of adapters.
    pub fn step(&self, step: &Step) -> StepTime {
        let mut time = match &self.guessing {
            Some(guessing) => guessing.time(&self.steps, step),
            None => self.steps.time(step),
        };
        if let Some(adapters) = &self.adapters {
            time.add(1.0, &adapters.time(step));
        }
        time
    }

    /// The chances of guessed tokens, by position; none where nothing is guessed.
    pub fn chances(&self) -> &[f64] {
        self.guessing
            .as_ref()
            .map_or(&[], |guessing| &guessing.given.acceptance)
    }

    /// How many tokens a step of generation brings.
    pub(super) fn guessing_line(&self) -> Option<ExplainLine> {
        let given = &self.guessing.as_ref()?.given;
        let chances: Vec<String> = given.acceptance.iter().map(f64::to_string).collect();
        Some(ExplainLine {
            name: "tokens of a generation step".to_owned(),
            value: given.tokens_per_step(),
            unit: "",
            formula: "1 + Σ_i Π_{j ≤ i} a_j".to_owned(),
            inputs: vec![
                ExplainInput::new("k", given.tokens.to_string(), "the scenario"),
                ExplainInput::new("a", chances.join(", "), "the scenario"),
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{h100, llama_8b, llama_70b, pack, system};
    use super::*;
    use std::sync::Arc;

    use crate::catalog::Catalog;
    use crate::scenario::ModelChoice;

    fn guessing(draft: Option<ModelChoice>) -> Server {
        let mut target = system(llama_70b(), h100(), 4);
        target.speculation = Some(Speculation {
            draft: draft.map_or(Draft::LookUp, Draft::Model),
            tokens: 3,
            acceptance: vec![0.7; 3],
        });
        Server::new(&target, &pack()).expect("all facts are there")
    }

    fn checked(sequences: f64) -> Step {
        let decode = Segment {
            sequences,
            new_tokens: 4.0,
            cached: 1000.0,
        };
        Step::mixed(Segment::NONE, decode, 0.0)
    }

    #[test]
    fn a_check_of_one_sequence_takes_little_more_than_a_step() {
        let plain = Server::new(&system(llama_70b(), h100(), 4), &pack()).expect("compiles");
        let one = plain.step(&Step::decode(1.0, 1000.0)).total().value();
        let look_up = guessing(None).step(&checked(1.0)).total().value();
        assert!(look_up > one && look_up < 1.1 * one, "{look_up} {one}");
    }

    #[test]
    fn a_draft_adds_its_steps_without_the_host() {
        let draft = system(llama_8b(), h100(), 4);
        let alone = Server::new(&draft, &pack()).expect("compiles");
        let each = alone.step(&Step::decode(1.0, 1000.0));
        let each = each.total().value() - each.host.value();
        let (with, without) = (guessing(Some(draft.model)), guessing(None));
        let added =
            with.step(&checked(1.0)).total().value() - without.step(&checked(1.0)).total().value();
        assert!((added / (3.0 * each) - 1.0).abs() < 1e-9, "{added} {each}");
    }

    fn deepseek(guesses: bool) -> Server {
        let mut target = system(llama_8b(), h100(), 8);
        let model = Catalog::embedded().model("deepseek-v3");
        target.model.model = Arc::clone(model.expect("in the catalogue"));
        target.speculation = guesses.then(|| Speculation {
            draft: Draft::Layers,
            tokens: 3,
            acceptance: vec![0.7; 3],
        });
        Server::new(&target, &pack()).expect("all facts are there")
    }

    #[test]
    fn the_models_own_layers_take_a_small_part_of_a_step_and_of_memory() {
        let (with, without) = (deepseek(true), deepseek(false));
        let time = |server: &Server| server.step(&checked(8.0)).total().value();
        let added = time(&with) / time(&without) - 1.0;
        // Three times one layer of 61, and the output projection.
        assert!(added > 0.03 && added < 0.15, "{added}");
        let weights = |server: &Server| server.memory.sizes().weights.get();
        let kept = (weights(&with) - weights(&without)) * 8.0;
        // 11.5 B parameters in two bytes; some are copied to every rank.
        assert!(kept > 2.0 * 11.5e9 && kept < 2.0 * 13.5e9, "{kept}");
        let (with, without) = (with.memory.kv().0.clone(), without.memory.kv().0.clone());
        let share = with.bytes(1000.0) / without.bytes(1000.0);
        assert!((share - 62.0 / 61.0).abs() < 1e-9, "{share}");
    }

    #[test]
    fn a_draft_takes_memory_for_weights_and_cache() {
        let (with, without) = (
            guessing(Some(system(llama_8b(), h100(), 4).model)),
            guessing(None),
        );
        let (with, without) = (with.memory.kv().0.clone(), without.memory.kv().0.clone());
        // 80 layers and 32 layers of the same heads.
        let share = with.bytes(1000.0) / without.bytes(1000.0);
        assert!((share - 1.4).abs() < 1e-9, "{share}");
    }
}
