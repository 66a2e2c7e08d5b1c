//! One pass over all points, in bounded memory.

use std::collections::BTreeMap;
use std::fmt;

use super::answer::Candidates;
use super::frontier::Frontier;
use super::objective::Objective;
use crate::diag::Code;
use crate::record::{Answer, Finding, PointResult, Verdict};
use crate::scenario::{MustHold, RunPoint, Scenario, SloSeverity};
use crate::source::Sources;

/// Whether a filter, as `must_hold` writes it, selects a point.
pub type Matches<'a> = &'a (dyn Fn(&str, &RunPoint) -> bool + Sync);

/// What remains of all points.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// One for each question and group; none for questions that search.
    pub answers: Vec<Answer>,
    /// Objectives that do not hold where they must.
    pub findings: Vec<Finding>,
    /// Positions and keys of the points that answers, findings and frontiers name: what is kept of a sweep too large to
    /// keep whole.
    pub kept: BTreeMap<u64, String>,
}

/// Sees every point once and keeps what answers need.
///
/// The outcome depends on the set of points alone: not on their order, nor on how they were split over ledgers that
/// [`Ledger::merge`] joins. Every point must be seen by exactly one of them.
#[derive(Clone)]
pub struct Ledger<'a> {
    scenario: &'a Scenario,
    matches: Matches<'a>,
    questions: Vec<Candidates>,
    objectives: Vec<Objective>,
    frontiers: BTreeMap<String, Frontier>,
}

impl<'a> Ledger<'a> {
    /// An empty one.
    pub fn new(scenario: &'a Scenario, matches: Matches<'a>) -> Self {
        Self {
            scenario,
            matches,
            questions: vec![Candidates::default(); scenario.questions.len()],
            objectives: vec![Objective::default(); scenario.slos.len()],
            frontiers: BTreeMap::new(),
        }
    }

    /// Sees one point.
    pub fn observe(&mut self, point: &RunPoint, result: &PointResult) {
        let pricing = self.scenario.pricing_of(point);
        let questions = self.questions.iter_mut().zip(&self.scenario.questions);
        // What is searched is not among the points.
        for (candidates, question) in questions.filter(|(_, question)| question.search.is_none()) {
            candidates.observe(question, pricing, point, result);
        }
        for (objective, slo) in self.objectives.iter_mut().zip(&self.scenario.slos) {
            let concerns = match &slo.must_hold {
                MustHold::Any | MustHold::All => true,
                MustHold::Points(filter) => (self.matches)(filter, point),
            };
            if let (true, Some(entries)) = (concerns, result.verdicts.get(&slo.name)) {
                objective.observe(point.index, &result.key, entries);
            }
        }
        if self.may_serve(result) {
            self.frontiers
                .entry(result.system.model.clone())
                .or_default()
                .observe(point.index, result);
        }
    }

    /// Adds what another ledger has seen.
    pub fn merge(&mut self, other: Self) {
        for (ours, theirs) in self.questions.iter_mut().zip(other.questions) {
            ours.merge(theirs);
        }
        for (ours, theirs) in self.objectives.iter_mut().zip(other.objectives) {
            ours.merge(theirs);
        }
        for (model, theirs) in other.frontiers {
            self.frontiers.entry(model).or_default().merge(theirs);
        }
    }

    /// The answers and findings, once all points were seen.
    pub fn finish(self, sources: &Sources) -> Outcome {
        let scenario = self.scenario;
        let answers = self
            .questions
            .iter()
            .zip(&scenario.questions)
            .filter(|(_, question)| question.search.is_none())
            .flat_map(|(candidates, question)| candidates.answers(question))
            .collect();
        let findings = self
            .objectives
            .iter()
            .zip(&scenario.slos)
            .flat_map(|(objective, slo)| objective.findings(slo, &sources.place(slo.span)))
            .collect();
        let named = self
            .questions
            .iter()
            .flat_map(Candidates::points)
            .chain(self.objectives.iter().flat_map(Objective::points))
            .chain(self.frontiers.values().flat_map(Frontier::points));
        Outcome {
            answers,
            findings,
            kept: named.map(|(index, key)| (index, key.to_owned())).collect(),
        }
    }

    /// True where the point fits and fails no objective of severity `error`.
    fn may_serve(&self, result: &PointResult) -> bool {
        let fails = |name: &String| {
            result
                .verdicts
                .get(name)
                .is_some_and(|entries| entries.iter().any(|entry| entry.verdict == Verdict::Fail))
        };
        !result.notes.contains(&Code::DoesNotFit)
            && !self
                .scenario
                .slos
                .iter()
                .any(|slo| slo.severity == SloSeverity::Error && fails(&slo.name))
    }
}

impl fmt::Debug for Ledger<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("questions", &self.questions)
            .field("objectives", &self.objectives)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::facts::Facts;
    use super::super::point::{Context, point};
    use super::super::sample;
    use super::*;
    use crate::record::Metric;
    use crate::scenario::{Comparison, Goal, SizeFor};

    /// A scenario whose objective asks for at least 80 tok/s, and points of the given throughputs.
    fn seen(throughputs: &[f64]) -> (Scenario, Vec<(RunPoint, PointResult)>) {
        let mut scenario = sample::scenario();
        scenario.slos[0].aggregate = vec![sample::limit(
            Metric::OutputThroughput,
            Comparison::AtLeast,
            80.0,
        )];
        scenario.questions[0].size_for = Some(SizeFor::Concurrency(20.0));
        let facts = Facts::default();
        let context = Context {
            scenario: &scenario,
            facts: &facts,
        };
        let results = throughputs
            .iter()
            .zip(0..)
            .map(|(throughput, index)| {
                let hardware = ["rented", "owned"][index as usize % 2];
                let run = sample::point(index, hardware, 8);
                let estimate = sample::estimate(*throughput);
                let result = point(context, &run, String::new(), &estimate);
                (run, result)
            })
            .collect();
        (scenario, results)
    }

    fn outcome(scenario: &Scenario, results: &[(RunPoint, PointResult)]) -> Outcome {
        let mut ledger = Ledger::new(scenario, &|_, _| true);
        for (run, result) in results {
            ledger.observe(run, result);
        }
        ledger.finish(&sample::sources().0)
    }

    #[test]
    fn only_passing_points_are_eligible_and_fleets_are_sized() {
        let (scenario, results) = seen(&[100.0, 60.0, 95.0, 85.0]);
        let outcome = outcome(&scenario, &results);
        let [answer] = outcome.answers.as_slice() else {
            panic!("one question without groups has one answer")
        };
        assert_eq!(answer.key.as_deref(), Some("hardware=rented,concurrency=8"));
        assert_eq!(answer.value.map(|value| value.0), Some(100.0));
        assert_eq!(answer.verdict, Some(Verdict::Pass));
        assert!(answer.runner_up.is_some());
        let size = answer.size.as_ref().expect("a demand was given");
        assert_eq!((size.replicas, size.accelerators), (3, 3));
        assert_eq!(size.cost_per_month, Some(7.2 * 730.0 * 3.0));
        assert_eq!(outcome.findings, []);
        assert!(outcome.kept.contains_key(&0) && outcome.kept.contains_key(&2));
    }

    #[test]
    fn where_none_passes_the_nearest_miss_is_named_and_found() {
        let (scenario, results) = seen(&[10.0, 60.0, 50.0]);
        let outcome = outcome(&scenario, &results);
        let miss = outcome.answers[0].nearest_miss.as_ref().expect("a miss");
        assert_eq!(miss.key, "hardware=owned,concurrency=8");
        assert_eq!(miss.margin, Some(-0.25));
        assert_eq!(outcome.answers[0].key, None);
        assert_eq!(outcome.findings.len(), 1);
        assert_eq!(outcome.findings[0].code, Code::SloFailed);
    }

    #[test]
    fn an_unsure_point_answers_only_where_no_point_passes() {
        let (scenario, results) = seen(&[85.0, 60.0]);
        let outcome = outcome(&scenario, &results);
        assert_eq!(outcome.answers[0].verdict, Some(Verdict::Inconclusive));
        assert_eq!(outcome.findings[0].code, Code::SloInconclusive);
    }

    #[test]
    fn of_unsure_points_those_that_are_predicted_to_meet_it_come_first() {
        let (mut scenario, results) = seen(&[75.0, 85.0]);
        scenario.questions[0].goal = Goal::Minimize;
        let answers = outcome(&scenario, &results).answers;
        assert_eq!(answers[0].verdict, Some(Verdict::Inconclusive));
        assert_eq!(answers[0].value.map(|value| value.0), Some(85.0));
        let (mut scenario, results) = seen(&[75.0, 78.0]);
        scenario.questions[0].goal = Goal::Minimize;
        let answers = outcome(&scenario, &results).answers;
        assert_eq!(answers[0].value.map(|value| value.0), Some(75.0));
    }

    #[test]
    fn an_objective_that_must_hold_everywhere_names_each_failing_point() {
        let (mut scenario, results) = seen(&[100.0, 60.0, 50.0]);
        scenario.slos[0].must_hold = MustHold::All;
        let outcome = outcome(&scenario, &results);
        assert_eq!(outcome.findings.len(), 2);
        assert_eq!(
            outcome.findings[0].column.as_deref(),
            Some("output_throughput")
        );
    }

    #[test]
    fn every_group_has_its_answer_in_plan_order() {
        let (mut scenario, results) = seen(&[100.0, 110.0, 120.0]);
        scenario.questions[0].per = vec!["hardware".to_owned()];
        scenario.questions[0].goal = Goal::Minimize;
        let outcome = outcome(&scenario, &results);
        let values: Vec<_> = outcome
            .answers
            .iter()
            .filter_map(|answer| Some(answer.value?.0))
            .collect();
        assert_eq!(values, [100.0, 110.0], "rented first, then owned");
    }

    proptest! {
        #[test]
        fn the_outcome_depends_on_neither_order_nor_split(
            throughputs in prop::collection::vec(prop::sample::select(vec![40.0, 85.0, 90.0, 100.0]), 1..40),
            order in any::<u64>(),
            split in 0usize..40,
        ) {
            let (mut scenario, mut results) = seen(&throughputs);
            scenario.slos[0].must_hold = MustHold::All;
            scenario.questions[0].per = vec!["hardware".to_owned()];
            let expected = outcome(&scenario, &results);
            let mut stream = crate::stats::stream(order, "shuffle");
            results.sort_by_cached_key(|_| stream.next_u64());
            let (left, right) = results.split_at(split.min(results.len()));
            let mut ledger = Ledger::new(&scenario, &|_, _| true);
            let mut other = ledger.clone();
            for (run, result) in left { ledger.observe(run, result); }
            for (run, result) in right { other.observe(run, result); }
            ledger.merge(other);
            prop_assert_eq!(ledger.finish(&sample::sources().0), expected);
        }
    }
}
