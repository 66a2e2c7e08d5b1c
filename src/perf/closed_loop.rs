//! A closed loop: so many requests in flight, each replaced when it ends.

use super::demand::Demand;
use super::intake::Intake;
use super::mix::{Arriving, Mix};
use super::relay::Relay;
use super::spread::Spread;
use super::step_time::{StepModel, StepTime};

/// The engines behind one address, all alike, and what they may hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Engines {
    /// Micro-batches that run at the same time: replicas, data-parallel groups and pipeline stages.
    pub count: f64,
    /// Sequences in one of them at most.
    pub room: f64,
    /// Tokens in a step.
    pub budget: f64,
    /// When waiting requests are taken up.
    pub intake: Intake,
    /// Stages of a pipeline that one request may have to itself, and steps of its prompt that follow each other through them.
    pub relay: Relay,
    /// Host time of a request before the scheduler sees it.
    pub request: Spread,
}

/// What a load settles to; times in seconds, rates of all engines together.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// How the steps are shared.
    pub mix: Mix,
    /// A step with prompts.
    pub with_prompts: StepTime,
    /// A step that only generates; the other where there is none.
    pub generation: StepTime,
    /// Time to the first token.
    pub ttft: Spread,
    /// Time between tokens.
    pub tpot: Spread,
    /// Time of a whole request.
    pub e2el: Spread,
    /// Requests per second.
    pub rate: Spread,
    /// Time that a request waits for a place in the engine.
    pub queue: Spread,
    /// Requests in the engines.
    pub inside: f64,
}

impl Settled {
    /// What `concurrency` requests in flight settle to.
    ///
    /// A request takes `T = z + w t' + k t_p + D t'` with `t' = (1 − d) t_g + d t_p`, and by Little's law
    /// `X = N / T` requests end per second ([`Mix`] has the symbols). Beyond the engines' room requests queue: throughput
    /// stays at that of full engines and the queue is what Little's law leaves.
    ///
    /// | Symbol | Meaning |
    /// |---|---|
    /// | `z` | host time of a request |
    /// | `t_p`, `t_g` | time of a step with prompts, and of one that only generates |
    /// | `d` | share of a request's other steps that carry prompts |
    pub fn closed(
        steps: &StepModel,
        engines: &Engines,
        demand: &Demand,
        concurrency: f64,
        arriving: Arriving,
    ) -> Self {
        let each = (concurrency / engines.count).max(1.0);
        let inside = each.min(engines.room.max(1.0));
        let mix = Mix::new(inside, demand, (engines.budget, engines.intake), arriving);
        let with_prompts = steps.time(&mix.with_prompts);
        let generation = mix
            .generation
            .map_or(with_prompts, |step| steps.time(&step));
        let prompt_step = with_prompts.total();
        let tpot = generation.total().zip(prompt_step, |alone, mixed| {
            alone + mix.disturbed * (mixed - alone)
        });
        let engine = tpot * (mix.wait + demand.decode_steps) + prompt_step * mix.chunks;
        let unqueued = (engine + engines.request).map(|time| concurrency / time);
        let full = engine.map(|time| engines.count * inside / time);
        let rate = if each > inside {
            unqueued.min(full)
        } else {
            unqueued
        };
        let e2el = rate.map(|rate| concurrency / rate);
        Self {
            ttft: e2el.zip(tpot, |whole, gap| {
                (whole - gap * demand.decode_steps).max(0.0)
            }),
            queue: e2el.zip(engine + engines.request, |whole, served| {
                (whole - served).max(0.0)
            }),
            inside: concurrency.min(engines.count * inside),
            mix,
            with_prompts,
            generation,
            tpot,
            e2el,
            rate,
        }
    }
}
