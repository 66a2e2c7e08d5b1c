//! The answer to one question, group by group.

use std::collections::BTreeMap;

use super::candidate::{BestTwo, Ranked};
use super::fleet::{Demand, HOURS_PER_MONTH, reference_availability, replicas};
use super::money::{SECONDS_PER_HOUR, idle_second, nodes_in_use};
use super::money::{accelerators, reference_purchase};
use super::objective::{distance, judged};
use super::ranged::Ranged;
use crate::record::{
    Answer, AnswerSize, Column, Metric, NearestMiss, PointResult, Source, ValueEntry, Verdict,
};
use crate::scenario::{AxisValue, Goal, Paid, Pricing, Question, RunPoint, SizeFor};
use crate::units::parse_any;

/// One point that may be the answer.
#[derive(Debug, Clone, PartialEq)]
struct Chosen {
    key: String,
    value: (f64, Option<f64>, Option<f64>),
    unit: String,
    size: Option<AnswerSize>,
}

/// The candidates of one group.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    /// First position in the plan; groups are answered in that order.
    first: u64,
    values: Vec<(String, AxisValue)>,
    passing: BestTwo<Chosen>,
    /// Points that cannot be judged for sure and are predicted to meet every objective.
    likely: BestTwo<Chosen>,
    /// Other points that cannot be judged for sure.
    inconclusive: BestTwo<Chosen>,
    misses: BestTwo<NearestMiss>,
}

/// What was seen for one question.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Candidates {
    groups: BTreeMap<Vec<String>, Group>,
}

impl Candidates {
    /// Sees one point.
    pub(super) fn observe(
        &mut self,
        question: &Question,
        pricing: Option<&Pricing>,
        point: &RunPoint,
        result: &PointResult,
    ) {
        let group = self.group(question, point);
        match standing(question, result) {
            Standing::Misses(distance, miss) => {
                group.misses.offer(distance, point.index, || miss);
            }
            Standing::Eligible(chance) => {
                let reference = pricing
                    .and_then(|pricing| reference_purchase(pricing, &point.system.hardware_alias));
                let Some(objective) = objective(question, result, reference) else {
                    return;
                };
                let score = match question.goal {
                    Goal::Minimize => objective.0.0,
                    Goal::Maximize => -objective.0.0,
                };
                let two = match chance {
                    Chance::Sure => &mut group.passing,
                    Chance::Likely => &mut group.likely,
                    Chance::Unlikely => &mut group.inconclusive,
                };
                two.offer(score, point.index, || Chosen {
                    key: result.key.clone(),
                    value: objective.0,
                    unit: objective.1.to_owned(),
                    size: question
                        .size_for
                        .and_then(|demand| size(demand, point, result, pricing)),
                });
            }
        }
    }

    fn group(&mut self, question: &Question, point: &RunPoint) -> &mut Group {
        let values: Vec<_> = question
            .per
            .iter()
            .filter_map(|axis| point.axes.iter().find(|(name, _)| name == axis))
            .cloned()
            .collect();
        let name = values.iter().map(|(_, value)| value.to_string()).collect();
        let group = self.groups.entry(name).or_insert_with(|| Group {
            first: point.index,
            values,
            passing: BestTwo::default(),
            likely: BestTwo::default(),
            inconclusive: BestTwo::default(),
            misses: BestTwo::default(),
        });
        group.first = group.first.min(point.index);
        group
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (name, theirs) in other.groups {
            match self.groups.get_mut(&name) {
                None => {
                    self.groups.insert(name, theirs);
                }
                Some(ours) => {
                    ours.first = ours.first.min(theirs.first);
                    ours.passing.merge(theirs.passing);
                    ours.likely.merge(theirs.likely);
                    ours.inconclusive.merge(theirs.inconclusive);
                    ours.misses.merge(theirs.misses);
                }
            }
        }
    }

    /// The points that answers name.
    pub(super) fn points(&self) -> impl Iterator<Item = (u64, &str)> {
        fn name(ranked: &Ranked<Chosen>) -> (u64, &str) {
            (ranked.index, ranked.item.key.as_str())
        }
        self.groups.values().flat_map(|group| {
            let (two, _) = group.deciding();
            let miss = group.misses.best();
            [
                two.best().map(name),
                two.second().map(name),
                miss.map(|ranked| (ranked.index, ranked.item.key.as_str())),
            ]
            .into_iter()
            .flatten()
        })
    }

    /// One answer for each group, in plan order; one that says "none" where no point was seen.
    pub(super) fn answers(&self, question: &Question) -> Vec<Answer> {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by_key(|group| group.first);
        if groups.is_empty() {
            return vec![no_answer(question)];
        }
        groups
            .into_iter()
            .map(|group| group.answer(question))
            .collect()
    }
}

impl Group {
    /// Passing points decide; where there is none, those that cannot be judged for sure, and of them those that are predicted to meet
    /// the objectives before those that are predicted to miss one.
    fn deciding(&self) -> (&BestTwo<Chosen>, Verdict) {
        if self.passing.best().is_some() {
            (&self.passing, Verdict::Pass)
        } else if self.likely.best().is_some() {
            (&self.likely, Verdict::Inconclusive)
        } else {
            (&self.inconclusive, Verdict::Inconclusive)
        }
    }

    fn answer(&self, question: &Question) -> Answer {
        let (two, verdict) = self.deciding();
        let none = Answer {
            group: self.values.clone(),
            ..no_answer(question)
        };
        match two.best() {
            None => Answer {
                nearest_miss: self.misses.best().map(|ranked| ranked.item.clone()),
                ..none
            },
            Some(best) => Answer {
                key: Some(best.item.key.clone()),
                value: Some(best.item.value),
                unit: best.item.unit.clone(),
                verdict: Some(verdict),
                runner_up: two.second().map(|second| second.item.key.clone()),
                size: best.item.size.clone(),
                ..none
            },
        }
    }
}

pub(super) fn no_answer(question: &Question) -> Answer {
    Answer {
        question: question.name.clone(),
        group: Vec::new(),
        headline: question.headline,
        key: None,
        objective: question.objective.clone(),
        value: None,
        unit: String::new(),
        verdict: None,
        runner_up: None,
        size: None,
        nearest_miss: None,
        search: None,
    }
}

enum Standing {
    Eligible(Chance),
    /// With the distance to what is missed.
    Misses(f64, NearestMiss),
}

/// How sure it is that a point meets the objectives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Chance {
    /// With its whole interval.
    Sure,
    /// With its value.
    Likely,
    /// An interval reaches into what is allowed, its value does not, or nothing can be judged.
    Unlikely,
}

/// The worst verdict of the objectives that a question names; a point that does not fit is never eligible.
fn standing(question: &Question, result: &PointResult) -> Standing {
    let mut chance = Chance::Sure;
    let mut farthest: Option<(f64, NearestMiss)> = None;
    for slo in &question.subject_to {
        let Some(entry) = result.verdicts.get(slo).and_then(|entries| judged(entries)) else {
            continue;
        };
        let meets = entry.margin.is_some_and(|margin| margin >= 0.0);
        chance = match entry.verdict {
            Verdict::Pass => chance,
            Verdict::Inconclusive | Verdict::Fail if meets && chance != Chance::Unlikely => {
                Chance::Likely
            }
            Verdict::Inconclusive | Verdict::Fail => Chance::Unlikely,
        };
        let far = distance(entry);
        let is_farther = farthest.as_ref().is_none_or(|(other, _)| far > *other);
        if entry.verdict == Verdict::Fail && is_farther {
            let miss = NearestMiss {
                key: result.key.clone(),
                slo: slo.clone(),
                margin: entry.margin,
            };
            farthest = Some((far, miss));
        }
    }
    match farthest.or_else(|| out_of_memory(result)) {
        Some((distance, miss)) => Standing::Misses(distance, miss),
        None => Standing::Eligible(chance),
    }
}

/// The load's peak does not fit, although no objective fails.
pub(super) fn out_of_memory(result: &PointResult) -> Option<(f64, NearestMiss)> {
    let number = |metric| {
        result
            .predicted(Column::of(metric))
            .map(|entry| entry.value)
    };
    if number(Metric::MemoryFits)? > 0.0 {
        return None;
    }
    let share = || Some(1.0 - number(Metric::MemoryTotal)? / result.system.memory_usable_b?);
    let margin = share().filter(|share| share.is_finite());
    let miss = NearestMiss {
        key: result.key.clone(),
        slo: Metric::MemoryFits.name().to_owned(),
        margin,
    };
    Some((margin.map_or(f64::INFINITY, |margin| -margin), miss))
}

pub(super) type Objective<'a> = ((f64, Option<f64>, Option<f64>), &'a str);

/// The number that is sought: a column's predicted value, or a numeric axis.
pub(super) fn objective<'a>(
    question: &Question,
    result: &'a PointResult,
    reference: Option<&str>,
) -> Option<Objective<'a>> {
    if let Some(column) = question.column {
        let entry = reference_entry(result, column, reference)?;
        let (lo, hi) = entry
            .interval
            .map_or((None, None), |(lo, hi, _)| (Some(lo), Some(hi)));
        return Some(((entry.value, lo, hi), &entry.unit));
    }
    let (_, value) = result
        .axes
        .iter()
        .find(|(name, _)| *name == question.objective)?;
    let number = match value {
        AxisValue::Int(count) => *count as f64,
        AxisValue::Float(number) => *number,
        // A quantity, `4 req/s`, is kept as written.
        AxisValue::Text(text) => parse_any(text)?.1.value,
        AxisValue::Bool(_) => return None,
    };
    Some(((number, None, None), "1"))
}

/// The predicted entry of a column at the reference purchase.
fn reference_entry<'a>(
    result: &'a PointResult,
    column: Column,
    reference: Option<&str>,
) -> Option<&'a ValueEntry> {
    result.metrics.get(&column)?.iter().find(|entry| {
        entry.source == Source::Predicted
            && (entry.purchase.is_none() || entry.purchase == reference)
    })
}

/// Copies of the point's deployment for a demand.
pub(super) fn size(
    demand: SizeFor,
    point: &RunPoint,
    result: &PointResult,
    pricing: Option<&Pricing>,
) -> Option<AnswerSize> {
    let number = |metric| {
        let entry = result.predicted(Column::of(metric))?;
        Some(Ranged::exact(entry.value))
    };
    let demand = Demand::of(demand, point, &number)?;
    fleet(
        (demand.wanted, demand.capacity.value),
        point,
        result,
        pricing,
    )
}

/// Copies of the point's deployment, each of which does so much of what is wanted in the time in which it serves.
pub(super) fn fleet(
    (wanted, capacity): (f64, f64),
    point: &RunPoint,
    result: &PointResult,
    pricing: Option<&Pricing>,
) -> Option<AnswerSize> {
    let system = &point.system;
    let rate = pricing.and_then(|pricing| pricing.rates.get(&system.hardware_alias));
    let purchase = pricing
        .zip(rate)
        .and_then(|(pricing, rate)| rate.among(&pricing.purchase).next());
    let serves = reference_availability(pricing, system);
    let replicas = replicas(wanted, capacity * serves)?;
    let reference = purchase.map(|(one, _)| one.name());
    let hour = reference_entry(result, Column::of(Metric::CostPerHour), reference);
    let owned = match purchase {
        Some((_, Some(Paid::Owned(owned)))) => Some(owned),
        Some((_, Some(Paid::Rented(_)) | None)) | None => None,
    };
    // A month is one of full load, as in the column of that name.
    let idle = idle_second(owned) * nodes_in_use(system) as f64 * SECONDS_PER_HOUR;
    Some(AnswerSize {
        replicas,
        accelerators: replicas * accelerators(system),
        cost_per_month: hour.map(|hour| (hour.value - idle) * HOURS_PER_MONTH * replicas as f64),
    })
}

#[cfg(test)]
mod tests {
    use super::super::facts::Facts;
    use super::super::point::{Context, point};
    use super::super::sample;
    use super::*;

    #[test]
    fn an_axis_of_quantities_has_a_largest_value() {
        let scenario = sample::scenario();
        let context = Context {
            scenario: &scenario,
            facts: &Facts::default(),
        };
        let mut run = sample::point(0, "rented", 8);
        let rate = AxisValue::Text("4 req/s".to_owned());
        run.axes.push(("request_rate".to_owned(), rate));
        let result = point(context, &run, String::new(), &sample::estimate(100.0));
        let question = Question {
            objective: "request_rate".to_owned(),
            column: None,
            ..sample::question(Goal::Maximize, Metric::OutputThroughput)
        };
        let found = objective(&question, &result, None);
        assert_eq!(found.map(|found| found.0.0), Some(4.0));
        let words = Question {
            objective: "hardware".to_owned(),
            ..question
        };
        assert_eq!(objective(&words, &result, None), None);
    }
}
