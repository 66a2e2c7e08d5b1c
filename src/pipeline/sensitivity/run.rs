//! Which answers are asked, of which points.

use super::bench::{Bench, Subject, closed_form};
use super::{break_evens::break_evens, swings::swings};
use crate::analyse::{Context, Decided, Input, decided, stands_with};
use crate::pipeline::estimate::Asked;
use crate::pipeline::predict::{Estimates, Request};
use crate::pipeline::servers::Servers;
use crate::record::{Answer, PointResult, Rival, Sensitivity, SensitivityMethod};
use crate::scenario::{Method, Plan, Pricing, Question, RunPoint, Scenario};

/// Groups of the headline answer that are asked.
const MOST_GROUPS: usize = 3;

/// Points that are kept of the plan, with their positions.
pub type Kept<'a> = &'a [(u64, &'a PointResult)];

/// What would change the headline answers, in the order of groups; none for those without a chosen point.
pub fn sensitivity(
    request: Request<'_>,
    context: Context<'_>,
    servers: &mut Servers,
    (answers, kept): (&[Answer], Kept<'_>),
) -> Vec<Sensitivity> {
    let chosen = answers
        .iter()
        .filter(|answer| answer.headline && answer.search.is_none() && answer.key.is_some());
    chosen
        .take(MOST_GROUPS)
        .filter_map(|answer| one(request, context, servers, (answer, kept)))
        .collect()
}

fn one(
    request: Request<'_>,
    context: Context<'_>,
    servers: &mut Servers,
    (answer, kept): (&Answer, Kept<'_>),
) -> Option<Sensitivity> {
    let scenario = context.scenario;
    // The question that is asked where a scenario asks none decides nothing.
    let mut asked = scenario.questions.iter().filter(|one| !one.implied);
    let question = asked.find(|question| question.name == answer.question)?;
    let stands = Stands {
        scenario,
        plan: request.plan,
    };
    let judge = |index: u64, result: &PointResult| decided(question, stands.pricing(index), result);
    let entrants = entrants(question, (answer, kept), (&judge, &stands))?;
    let points: Vec<RunPoint> = entrants
        .iter()
        .map(|(index, _)| request.plan.at(*index))
        .collect();
    servers.compile(&points, request.pack);
    let statistics = &scenario.statistics;
    let closed = Asked::new(
        Method::Analytic,
        statistics.confidence,
        &statistics.percentiles,
        statistics.seed,
    );
    let bench = Bench {
        context,
        question,
        pack: request.pack,
        closed: &closed,
        subjects: subjects(request, servers, (&points, &closed))?,
    };
    let inputs = inputs(scenario, &points);
    let mut decided = entrants.iter().map(|(_, decided)| decided.value);
    let value = decided.next()?;
    let rivals = points[1..].iter().zip(decided);
    let is_exact = bench.subjects.iter().all(|one| one.closed.is_none());
    Some(Sensitivity {
        question: answer.question.clone(),
        group: answer.group.clone(),
        key: points[0].key.clone(),
        column: answer.objective.clone(),
        unit: answer.unit.clone(),
        value,
        rivals: rivals
            .map(|(point, value)| Rival {
                key: point.key.clone(),
                value,
            })
            .collect(),
        method: if is_exact {
            SensitivityMethod::Exact
        } else {
            SensitivityMethod::Relative
        },
        swings: swings(&bench, &inputs, value),
        break_evens: break_evens(&bench, &inputs),
    })
}

/// What a question makes of a point of the plan.
type Judge<'a> = &'a dyn Fn(u64, &PointResult) -> Option<Decided>;

/// Where points stand and what they cost.
struct Stands<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
}

impl Stands<'_> {
    fn elsewhere(&self, one: u64, other: u64) -> bool {
        let energy = |index| self.scenario.energy_at(self.plan.terms(index));
        energy(one) != energy(other)
    }

    fn pricing(&self, index: u64) -> Option<&Pricing> {
        self.scenario.pricing_at(self.plan.terms(index))
    }

    fn paid_otherwise(&self, one: u64, other: u64) -> bool {
        self.pricing(one) != self.pricing(other)
    }
}

/// The chosen point, the second best, the best on other hardware, and the best elsewhere and at other prices where those vary:
/// those of them that the chosen one beats by value.
fn entrants(
    question: &Question,
    (answer, kept): (&Answer, Kept<'_>),
    (judge, stands): (Judge<'_>, &Stands<'_>),
) -> Option<Vec<(u64, Decided)>> {
    let find = |key: Option<&str>| kept.iter().find(|(_, one)| Some(one.key.as_str()) == key);
    let (index, chosen) = find(answer.key.as_deref())?;
    let first = judge(*index, chosen)?;
    let may_enter = |(_, decided): &(u64, Decided)| {
        decided.misses.is_none() && !decided.beats(&first, question.goal)
    };
    let judged = |(index, result): &(u64, &PointResult)| Some((*index, judge(*index, result)?));
    let second = find(answer.runner_up.as_deref()).and_then(judged);
    let best = |differs: &dyn Fn(u64, &PointResult) -> bool| {
        let elsewhere = kept.iter().filter(|(index, result)| {
            let in_group = answer.group.iter().all(|value| result.axes.contains(value));
            in_group && differs(*index, result) && stands_with(question, result, answer.verdict)
        });
        let may_enter = elsewhere.filter_map(judged).filter(may_enter);
        may_enter.reduce(|best, one| {
            if one.1.beats(&best.1, question.goal) {
                one
            } else {
                best
            }
        })
    };
    let on_other = best(&|_, result| result.system.hardware != chosen.system.hardware);
    let elsewhere = best(&|other, _| stands.elsewhere(other, *index));
    let paid_otherwise = best(&|other, _| stands.paid_otherwise(other, *index));
    let mut entrants = vec![(*index, first.clone())];
    for rival in second
        .filter(may_enter)
        .into_iter()
        .chain(on_other)
        .chain(elsewhere)
        .chain(paid_otherwise)
    {
        if entrants.iter().all(|(index, _)| *index != rival.0) {
            entrants.push(rival);
        }
    }
    Some(entrants)
}

/// What may matter where these points are compared.
fn inputs(scenario: &Scenario, points: &[RunPoint]) -> Vec<Input> {
    let priced: Vec<(&str, u32)> = points
        .iter()
        .map(|point| (point.system.hardware_alias.as_str(), point.terms))
        .collect();
    Input::all(scenario, &priced)
}

fn subjects<'s>(
    request: Request<'_>,
    servers: &'s Servers,
    (points, closed): (&[RunPoint], &Asked),
) -> Option<Vec<Subject<'s>>> {
    let estimates = Estimates::new(request);
    let asked = Asked::by(request.scenario);
    let made = crate::pipeline::parallel::map(points, |point| {
        let compiled = servers.get(point);
        let estimate = estimates.of(compiled, point).ok()?;
        let server = compiled.server.as_ref().ok()?;
        let simulated = asked.simulates_point(point);
        Some(Subject {
            closed: if simulated {
                Some(closed_form(closed, server, point)?)
            } else {
                None
            },
            point: point.clone(),
            estimate,
            server,
        })
    });
    made.into_iter().collect()
}
