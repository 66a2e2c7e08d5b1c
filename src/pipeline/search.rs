//! Searches for the highest load: on every system of the plan, loads are predicted until the edge is found.
//!
//! All loads of a search are predicted as points are, with the seed of the scenario, so that they serve the same requests and,
//! in open loops, the same gaps in units of the mean gap: what differs between two loads is the load.

use std::collections::BTreeMap;

use super::predict::{Estimates, Flow, Observer, Request, Stopped, refused};
use super::servers::Servers;
use crate::analyse::{self, Climb, Context, Outcome};
use crate::diag::{Code, Diagnostic};
use crate::record::NotModelled;
use crate::scenario::{Question, RunPoint, Scenario, Search};

/// Most systems that one question searches on.
const MOST: usize = 1000;

/// Searches between two looks at whether to go on.
const CHUNK: usize = 32;

/// The points that searches start from: for each question one for each combination of the axes that are no load.
pub struct Searches<'a> {
    questions: Vec<(&'a Question, Search, BTreeMap<String, RunPoint>)>,
}

impl<'a> Searches<'a> {
    /// The searches of a scenario.
    pub fn new(scenario: &'a Scenario) -> Self {
        let questions = scenario.questions.iter();
        Self {
            questions: questions
                .filter_map(|question| Some((question, question.search?, BTreeMap::new())))
                .collect(),
        }
    }

    /// Sees one point of the plan; the first of those that differ in load alone stands for them.
    pub fn observe(&mut self, point: &RunPoint) {
        for (_, search, bases) in &mut self.questions {
            if bases.len() > MOST {
                continue;
            }
            if let Some(tried) = point.under(search.load, search.from) {
                bases.entry(tried.key).or_insert_with(|| point.clone());
            }
        }
    }

    /// Searches, and puts the answers beside those of the other questions, in the order in which they were asked.
    ///
    /// # Errors
    ///
    /// [`Stopped`] where a load cannot be predicted, systems are too many, or the observer stops.
    pub fn run(
        self,
        request: Request<'_>,
        context: Context<'_>,
        outcome: &mut Outcome,
        (servers, observer): (&mut Servers, &mut dyn Observer),
    ) -> Result<(), Stopped> {
        for (question, search, bases) in self.questions {
            if bases.len() > MOST {
                return Err(too_many(question));
            }
            let mut bases: Vec<RunPoint> = bases.into_values().collect();
            bases.sort_by_key(|base| base.index);
            let climbs: Vec<Climb> = bases
                .into_iter()
                .map(|base| Climb::new(search, base))
                .collect();
            let mut ended = Vec::with_capacity(climbs.len());
            for climbs in climbs.chunks(CHUNK) {
                let bases: Vec<RunPoint> =
                    climbs.iter().map(|climb| climb.base().clone()).collect();
                servers.compile(&bases, request.pack);
                ended.extend(climb(request, context, question, (servers, climbs))?);
                if observer.points(&[]) == Flow::Stop {
                    return Err(Stopped::ByObserver(request.plan.len()));
                }
            }
            keep(outcome, question, (context.scenario, &ended));
        }
        Ok(())
    }
}

/// Goes on with some searches to their ends.
fn climb(
    request: Request<'_>,
    context: Context<'_>,
    question: &Question,
    (servers, climbs): (&Servers, &[Climb]),
) -> Result<Vec<Climb>, Stopped> {
    let estimates = Estimates::new(request);
    let ended = super::parallel::map(climbs, |climb| -> Result<Climb, NotModelled> {
        let mut climb = climb.clone();
        let compiled = servers.get(climb.base());
        while let Some((load, point)) = climb.next() {
            let estimate = estimates.of(compiled, &point)?;
            let result = analyse::point(context, &point, point.id(), &estimate);
            climb.observe((context.scenario, question), (load, point), result);
        }
        Ok(climb)
    });
    refused(ended).map_err(Stopped::NotModelled)
}

fn keep(outcome: &mut Outcome, question: &Question, (scenario, ended): (&Scenario, &[Climb])) {
    let (answers, odd) = analyse::knees(scenario, question, ended);
    for climb in ended {
        let base = climb.base();
        let named = |search: &crate::record::Searched| search.base == base.key;
        if answers
            .iter()
            .filter_map(|answer| answer.search.as_ref())
            .any(named)
        {
            outcome.kept.insert(base.index, base.key.clone());
        }
    }
    let position = |name: &str| scenario.questions.iter().position(|one| one.name == name);
    outcome.answers.extend(answers);
    outcome
        .answers
        .sort_by_key(|answer| position(&answer.question));
    outcome.findings.extend(odd);
}

fn too_many(question: &Question) -> Stopped {
    let message = format!(
        "`{}` would search on more than {MOST} systems; select points, or leave axes to one value",
        question.name
    );
    Stopped::NotModelled(Diagnostic::error(Code::TooManyPoints, message, None).into())
}
