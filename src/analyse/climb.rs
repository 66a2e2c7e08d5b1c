//! The highest load that meets the objectives: loads are tried one after another on the system of a point.

use std::collections::BTreeMap;

use super::answer::{fleet, no_answer, out_of_memory, size};
use super::attainment::judged_metric;
use super::bracket::{Bracket, Standing};
use super::objective::{distance, judged};
use crate::diag::{Code, Severity};
use crate::record::{
    Answer, AnswerSize, Column, Finding, FindingClass, Metric, NearestMiss, PointResult,
    SearchStep, Searched, Verdict, VerdictEntry,
};
use crate::scenario::{
    AxisValue, Question, RunPoint, Scenario, Search, SearchedLoad, SizeFor, Slo,
};

/// The search on one system: whoever predicts asks it for the next point and tells it what came out.
#[derive(Debug, Clone)]
pub struct Climb {
    search: Search,
    base: RunPoint,
    bracket: Bracket,
    steps: Vec<SearchStep>,
    /// Points tried, with what they show; after the end only the one that answers.
    tried: Vec<(f64, RunPoint, PointResult)>,
    /// What the lowest load misses.
    miss: Option<(f64, NearestMiss)>,
}

impl Climb {
    /// Nothing tried yet. `base` is the point whose load is replaced.
    pub const fn new(search: Search, base: RunPoint) -> Self {
        Self {
            search,
            base,
            bracket: Bracket::new(search),
            steps: Vec::new(),
            tried: Vec::new(),
            miss: None,
        }
    }

    /// The point whose load is replaced.
    pub const fn base(&self) -> &RunPoint {
        &self.base
    }

    /// The next load with its point; `None` where the search has ended.
    pub fn next(&self) -> Option<(f64, RunPoint)> {
        let load = self.bracket.next()?;
        Some((load, self.base.under(self.search.load, load)?))
    }

    /// Sees what a load shows.
    pub fn observe(
        &mut self,
        (scenario, question): (&Scenario, &Question),
        (load, point): (f64, RunPoint),
        result: PointResult,
    ) {
        let held = Held::of(scenario, question, &point, &result);
        let standing = held.standing();
        self.bracket.observe(load, standing);
        if self.steps.is_empty() && standing > Standing::Likely {
            self.miss = Some(held.miss(&result));
        }
        self.steps.push(held.step(load, standing));
        self.tried.push((load, point, result));
        if self.bracket.next().is_none() {
            let best = self.bracket.edges().value;
            self.tried.retain(|(load, ..)| Some(*load) == best);
        }
    }

    fn searched(&self) -> Searched {
        Searched {
            base: self.base.key.clone(),
            from: self.search.from,
            to: self.search.to,
            tolerance: self.search.tolerance,
            end: self.bracket.end(),
            monotone: self.bracket.is_monotone(),
            steps: self.steps.clone(),
        }
    }

    /// Key of the point that answers, and its load.
    fn answer(&self) -> Option<(&RunPoint, &PointResult, f64)> {
        let value = self.bracket.edges().value?;
        let (_, point, result) = self
            .tried
            .iter()
            .find(|(load, ..)| load.total_cmp(&value).is_eq())?;
        Some((point, result, value))
    }
}

/// The limit that decides at a point, and the number held against it.
struct Held {
    slo: String,
    verdict: Verdict,
    limiting: Option<String>,
    margin: Option<f64>,
    far: f64,
    value: Option<(f64, Option<f64>, Option<f64>)>,
    unit: String,
}

impl Held {
    fn of(
        scenario: &Scenario,
        question: &Question,
        point: &RunPoint,
        result: &PointResult,
    ) -> Self {
        let entries = question.subject_to.iter().filter_map(|slo| {
            let entry = judged(result.verdicts.get(slo)?)?;
            Some((slo, entry))
        });
        let near = |entry: &VerdictEntry| entry.margin.unwrap_or(f64::NEG_INFINITY);
        let worst = entries.min_by(|a, b| {
            let by_verdict = b.1.verdict.cmp(&a.1.verdict);
            by_verdict.then(near(a.1).total_cmp(&near(b.1)))
        });
        let mut held = Self {
            slo: String::new(),
            verdict: Verdict::Pass,
            limiting: None,
            margin: None,
            far: 0.0,
            value: None,
            unit: String::new(),
        };
        if let Some((slo, entry)) = worst {
            held.slo.clone_from(slo);
            held.verdict = entry.verdict;
            held.limiting.clone_from(&entry.limiting);
            held.margin = entry.margin;
            held.far = distance(entry);
            held.number(scenario, point, result);
        }
        if held.verdict != Verdict::Fail {
            held.cannot_go_on(result);
        }
        held
    }

    /// A load that grows without end, or that memory cannot hold, meets nothing.
    fn cannot_go_on(&mut self, result: &PointResult) {
        let saturated = result.notes.contains(&Code::Saturated);
        let name = if saturated {
            Code::Saturated.name()
        } else if out_of_memory(result).is_some() {
            Metric::MemoryFits.name()
        } else {
            return;
        };
        name.clone_into(&mut self.slo);
        self.verdict = Verdict::Fail;
        self.limiting = Some(name.to_owned());
        (self.margin, self.value) = (None, None);
        self.far = f64::INFINITY;
    }

    /// The predicted column that the limit was held against, as open loops judge it.
    fn number(&mut self, scenario: &Scenario, point: &RunPoint, result: &PointResult) {
        let limiting = self.limiting.as_deref().unwrap_or_default();
        let Some(slo) = scenario.slos.iter().find(|slo| slo.name == self.slo) else {
            return;
        };
        let limited = |slo: &Slo| {
            let mut limits = slo.aggregate.iter().map(|limit| limit.column);
            limits.find(|column| column.to_string() == limiting)
        };
        let columns = match limited(slo) {
            Some(column) => {
                let metric = judged_metric(column.metric, point);
                vec![Column { metric, ..column }, column]
            }
            None => vec![Column::of(Metric::SloAttainment)],
        };
        let entry = columns
            .into_iter()
            .find_map(|column| result.predicted(column));
        if let Some(entry) = entry {
            let ends = entry.interval.map(|(lo, hi, _)| (lo, hi));
            self.value = Some((
                entry.value,
                ends.map(|ends| ends.0),
                ends.map(|ends| ends.1),
            ));
            self.unit.clone_from(&entry.unit);
        }
    }

    fn standing(&self) -> Standing {
        match self.verdict {
            Verdict::Pass => Standing::Surely,
            Verdict::Fail => Standing::Fails,
            Verdict::Inconclusive => match self.margin {
                Some(margin) if margin >= 0.0 => Standing::Likely,
                Some(_) | None => Standing::Unlikely,
            },
        }
    }

    fn miss(&self, result: &PointResult) -> (f64, NearestMiss) {
        let miss = NearestMiss {
            key: result.key.clone(),
            slo: self.slo.clone(),
            margin: self.margin,
        };
        (self.far, miss)
    }

    fn step(self, load: f64, standing: Standing) -> SearchStep {
        SearchStep {
            load,
            meets: standing <= Standing::Likely,
            verdict: self.verdict,
            limiting: self.limiting,
            margin: self.margin,
            value: self.value,
            unit: self.unit,
        }
    }
}

/// The answers to a question from the searches on all systems, one for each group, in plan order; and what is odd about them.
pub fn knees(
    scenario: &Scenario,
    question: &Question,
    climbs: &[Climb],
) -> (Vec<Answer>, Vec<Finding>) {
    let mut groups: BTreeMap<Vec<String>, Vec<&Climb>> = BTreeMap::new();
    for climb in climbs {
        let name = group(question, &climb.base).map(|(_, value)| value.to_string());
        groups.entry(name.collect()).or_default().push(climb);
    }
    let mut groups: Vec<Vec<&Climb>> = groups.into_values().collect();
    groups.sort_by_key(|climbs| climbs.iter().map(|climb| climb.base.index).min());
    let answers: Vec<Answer> = groups
        .iter()
        .map(|climbs| knee(scenario, question, climbs))
        .collect();
    let odd = answers.iter().filter_map(not_monotone).collect();
    if answers.is_empty() {
        return (vec![no_answer(question)], odd);
    }
    (answers, odd)
}

fn group<'p>(
    question: &'p Question,
    point: &'p RunPoint,
) -> impl Iterator<Item = &'p (String, AxisValue)> {
    let axes = move |axis: &String| point.axes.iter().find(|(name, _)| name == axis);
    question.per.iter().filter_map(axes)
}

/// The best of one group: the highest load, the first of equals.
fn knee(scenario: &Scenario, question: &Question, climbs: &[&Climb]) -> Answer {
    let mut ranked: Vec<&Climb> = climbs.to_vec();
    let load = |climb: &Climb| climb.bracket.edges().value.unwrap_or(f64::NEG_INFINITY);
    ranked.sort_by(|a, b| {
        load(b)
            .total_cmp(&load(a))
            .then(a.base.index.cmp(&b.base.index))
    });
    let first = ranked[0];
    let none = Answer {
        group: group(question, &first.base).cloned().collect(),
        ..no_answer(question)
    };
    let Some((point, result, value)) = first.answer() else {
        return nothing_meets(none, climbs);
    };
    let edges = first.bracket.edges();
    let verdict = match edges.surely {
        Some(_) => Verdict::Pass,
        None => Verdict::Inconclusive,
    };
    let second = ranked.get(1).and_then(|climb| climb.answer());
    Answer {
        key: Some(point.key.clone()),
        value: Some((value, edges.surely, edges.fails)),
        unit: first.search.load.unit().to_owned(),
        verdict: Some(verdict),
        runner_up: second.map(|(point, ..)| point.key.clone()),
        size: sized(
            scenario,
            question,
            (first.search.load, value),
            (point, result),
        ),
        search: Some(first.searched()),
        ..none
    }
}

fn nothing_meets(none: Answer, climbs: &[&Climb]) -> Answer {
    let far = |climb: &Climb| climb.miss.as_ref().map_or(f64::INFINITY, |miss| miss.0);
    let nearest = climbs.iter().min_by(|a, b| far(a).total_cmp(&far(b)));
    Answer {
        nearest_miss: nearest.and_then(|climb| Some(climb.miss.as_ref()?.1.clone())),
        search: nearest.map(|climb| climb.searched()),
        ..none
    }
}

/// The fleet for the question's demand: what one deployment does is the load found, where the demand is of the same kind.
fn sized(
    scenario: &Scenario,
    question: &Question,
    (load, value): (SearchedLoad, f64),
    (point, result): (&RunPoint, &PointResult),
) -> Option<AnswerSize> {
    let pricing = scenario.pricing_of(point);
    let demand = question.size_for?;
    match (demand, load) {
        (SizeFor::RequestRate(wanted), SearchedLoad::RequestRate)
        | (SizeFor::Concurrency(wanted), SearchedLoad::Concurrency) => {
            fleet((wanted, value), point, result, pricing)
        }
        (SizeFor::RequestRate(_), SearchedLoad::Concurrency)
        | (SizeFor::Concurrency(_), SearchedLoad::RequestRate) => {
            size(demand, point, result, pricing)
        }
    }
}

/// What was tried contradicts what the search rests on.
fn not_monotone(answer: &Answer) -> Option<Finding> {
    let search = answer.search.as_ref().filter(|search| !search.monotone)?;
    Some(Finding {
        class: FindingClass::Validity,
        code: Code::SearchNotMonotone,
        severity: Severity::Warning,
        key: answer.key.clone(),
        column: Some(answer.question.clone()),
        message: format!(
            "the search of `{}` on {} found a load that stands better than a lower one; its answer is the highest load below the first that fails",
            answer.question, search.base
        ),
        place: None,
        old: None,
        new: None,
    })
}
