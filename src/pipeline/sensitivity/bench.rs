//! The points of one answer, predicted again with something moved.

use super::relative::relative;
use crate::analyse::{self, Context, Decided, decided};
use crate::perf::Server;
use crate::pipeline::estimate::{Asked, estimate};
use crate::record::{Calibration, Estimate, Flip};
use crate::scenario::{Question, RunPoint, Scenario, SearchedLoad, Workload};

/// A point with its estimate and the server it was made on.
pub struct Subject<'a> {
    /// The point.
    pub point: RunPoint,
    /// Its estimate, as in the results.
    pub estimate: Estimate,
    /// Its system, compiled.
    pub server: &'a Server,
    /// The closed form of it, where it was simulated.
    pub closed: Option<Estimate>,
}

/// The chosen point first, then those that may take its place.
pub struct Bench<'a> {
    /// Prices and facts as they stand.
    pub context: Context<'a>,
    /// What is asked.
    pub question: &'a Question,
    /// Terms as they stand.
    pub pack: &'a Calibration,
    /// The closed form, with the level and percentiles of the scenario.
    pub closed: &'a Asked,
    /// The points.
    pub subjects: Vec<Subject<'a>>,
}

/// One input moved, everything else as it stands.
pub enum Moved {
    /// Prices, utilisation, facility, grid.
    Scenario(Box<Scenario>),
    /// Efficiency terms.
    Pack(Box<Calibration>),
    /// The load of all points.
    Load(SearchedLoad, f64),
}

impl Bench<'_> {
    /// What the question makes of every point after a move; absent where a point has no such number then.
    pub fn after(&self, moved: &Moved) -> Vec<Option<Decided>> {
        let of = |subject| self.of(subject, moved);
        self.subjects.iter().map(of).collect()
    }

    /// The same with nothing moved, by the path that a move takes: the closed form has its own view of whether objectives are met.
    pub fn unmoved(&self, moved: &Moved) -> Vec<Option<Decided>> {
        let of = |subject: &Subject| {
            let closed = match (moved, &subject.closed) {
                (Moved::Pack(_) | Moved::Load(..), Some(closed)) => closed,
                (Moved::Scenario(_), _) | (Moved::Pack(_) | Moved::Load(..), None) => {
                    return self.decide(self.context, &subject.point, &subject.estimate);
                }
            };
            let same = relative(&subject.estimate, closed, closed);
            self.decide(self.context, &subject.point, &same)
        };
        self.subjects.iter().map(of).collect()
    }

    fn of(&self, subject: &Subject, moved: &Moved) -> Option<Decided> {
        match moved {
            Moved::Scenario(scenario) => {
                let context = Context {
                    scenario,
                    facts: self.context.facts,
                };
                self.decide(context, &subject.point, &subject.estimate)
            }
            Moved::Pack(pack) => {
                let server = Server::new(&subject.point.system, pack).ok()?;
                self.again(subject, &server, &subject.point)
            }
            Moved::Load(load, value) => {
                let point = subject.point.under(*load, *value)?;
                self.again(subject, subject.server, &point)
            }
        }
    }

    fn again(&self, subject: &Subject, server: &Server, point: &RunPoint) -> Option<Decided> {
        let estimate = closed_form(self.closed, server, point)?;
        let estimate = match &subject.closed {
            Some(closed) => relative(&subject.estimate, closed, &estimate),
            None => estimate,
        };
        self.decide(self.context, point, &estimate)
    }

    fn decide(
        &self,
        context: Context<'_>,
        point: &RunPoint,
        estimate: &Estimate,
    ) -> Option<Decided> {
        let result = analyse::point(context, point, String::new(), estimate);
        let pricing = context.scenario.pricing_of(point);
        decided(self.question, pricing, &result)
    }

    /// How an answer changes between two views of the points.
    pub fn flip(&self, before: &[Option<Decided>], after: &[Option<Decided>]) -> Option<Flip> {
        let chosen = after.first()?.as_ref()?;
        let met = before.first()?.as_ref()?.misses.is_none();
        if let (true, Some(missed)) = (met, &chosen.misses) {
            return Some(Flip::Objective(missed.clone()));
        }
        let goal = self.question.goal;
        let mut best: Option<(&Decided, &Subject)> = None;
        for (decided, subject) in after.iter().zip(&self.subjects).skip(1) {
            let Some(decided) = decided else { continue };
            if decided.beats(best.map_or(chosen, |(best, _)| best), goal) {
                best = Some((decided, subject));
            }
        }
        best.map(|(_, subject)| Flip::Rival(subject.point.key.clone()))
    }
}

/// The closed form of a point; `None` where there is none.
pub fn closed_form(asked: &Asked, server: &Server, point: &RunPoint) -> Option<Estimate> {
    match &point.workload {
        Workload::Llm(workload) => estimate(server, &point.system, workload, asked).ok(),
        Workload::Unmodelled(_) => None,
    }
}
