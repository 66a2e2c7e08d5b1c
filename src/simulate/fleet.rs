//! All engines of a run: alike, or of two kinds.

use super::apart::Apart;
use super::cluster::{Cluster, Ended, Snapshot, Watch};
use super::cost::StepCost;
use super::done::Done;
use super::engine::Engine;
use super::source::Source;
use crate::perf::Busy;

/// The engines of a run.
pub(super) enum Fleet<'a, C> {
    /// Every engine does everything.
    Together(Cluster<C>),
    /// Some process prompts, others generate; devices of one engine of either kind.
    Apart(Box<Apart<'a, C>>, (f64, f64)),
}

/// How many engines do what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phases {
    /// Engines that process prompts.
    pub prompts: u32,
    /// Engines that generate.
    pub generation: u32,
    /// Engines in all: those that do both count once.
    pub all: u32,
}

impl<C: StepCost> Fleet<'_, C> {
    pub fn run(&mut self, source: &mut impl Source, watch: &mut impl Watch, bound: u64) -> Ended {
        match self {
            Self::Together(cluster) => cluster.run(source, watch, bound),
            Self::Apart(apart, _) => apart.run(source, watch, bound),
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        match self {
            Self::Together(cluster) => cluster.snapshot(),
            Self::Apart(apart, _) => apart.snapshot(),
        }
    }

    pub fn events(&self) -> u64 {
        match self {
            Self::Together(cluster) => cluster.events(),
            Self::Apart(apart, _) => apart.events(),
        }
    }

    /// The engines that generate: their caches are those that bound a load.
    pub fn generation(&self) -> &[Engine<C>] {
        match self {
            Self::Together(cluster) => cluster.engines(),
            Self::Apart(apart, _) => apart.generation(),
        }
    }

    fn prompts(&self) -> &[Engine<C>] {
        match self {
            Self::Together(_) => &[],
            Self::Apart(apart, _) => apart.prompts(),
        }
    }

    pub fn phases(&self) -> Phases {
        let (prompts, generation) = (self.prompts().len() as u32, self.generation().len() as u32);
        Phases {
            prompts: match self {
                Self::Together(_) => generation,
                Self::Apart(..) => prompts,
            },
            generation,
            all: prompts + generation,
        }
    }

    /// What all engines did; blocks are those of the engines that generate.
    pub fn totals(&self) -> Done {
        let generation = self.generation().iter().map(|engine| *engine.done());
        let prompts = self.prompts().iter().map(|engine| Done {
            block_seconds: 0.0,
            peak_blocks: 0,
            ..*engine.done()
        });
        let all = generation.chain(prompts);
        all.fold(Done::default(), |all, done| all.plus(&done))
    }

    /// Seconds of steps with prompts, of other steps, and of all engines together in a run of so many seconds; where engines have
    /// different sizes, of their devices.
    pub fn busy(&self, seconds: f64) -> (Busy, Busy, f64) {
        let (small, large) = match self {
            Self::Together(_) => (1.0, 1.0),
            Self::Apart(_, devices) => *devices,
        };
        let engines = (self.prompts().iter().map(|engine| (engine, small)))
            .chain(self.generation().iter().map(|engine| (engine, large)));
        let mut sum = (Busy::default(), Busy::default(), 0.0);
        for (engine, devices) in engines {
            let done = engine.done();
            sum.0 = sum.0.plus(done.with_prompts.times(devices));
            sum.1 = sum.1.plus(done.generation.times(devices));
            sum.2 += devices * seconds;
        }
        sum
    }
}
