//! Options: what a reader can choose between. The points of one option differ in load alone.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::carried::Carried;
use super::choice_names::{brief, telling_axes};
use super::decision::MOST_OPTIONS;
use super::label;
use crate::record::{
    Answer, Column, Metric, PointResult, QuestionSummary, Results, Source, Verdict,
};

/// The headline question and the options it is asked of.
pub struct Choices<'a> {
    /// The document.
    pub results: &'a Results,
    /// The headline question; `None` where results answer none.
    pub question: Option<&'a QuestionSummary>,
    /// The column it optimises, where it is one.
    pub objective: Option<Column>,
    /// Options, those of one group together, best first.
    pub options: Vec<Choice<'a>>,
    /// Groups in plan order.
    pub groups: Vec<String>,
    /// What points carry.
    pub carried: Carried<'a>,
}

/// One option.
pub struct Choice<'a> {
    /// Its group in the headline question; empty where there is one.
    pub group: String,
    /// Its name inside the group, `h100x1 fp8`.
    pub name: String,
    /// Its name without the names of axes, for where there is little room: `q4_k_m f16` of `q4_k_m cache type k f16`.
    pub brief: String,
    /// Its points by rising load.
    pub points: Vec<&'a PointResult>,
    /// The point that stands for it: the best that meets the objectives, else the nearest.
    pub chosen: &'a PointResult,
    /// Verdict of that point on the objectives of the question; `None` where there are none.
    pub verdict: Option<Verdict>,
    /// The answer names its point.
    pub recommended: bool,
    /// It is the "do nothing" option.
    pub baseline: bool,
}

impl Choice<'_> {
    /// Group and name, `llama8b h100x1 fp8`.
    pub fn full_name(&self) -> String {
        if self.group.is_empty() {
            self.name.clone()
        } else {
            format!("{} {}", self.group, self.name)
        }
    }

    /// Group and brief name.
    pub fn brief_name(&self) -> String {
        if self.group.is_empty() {
            self.brief.clone()
        } else {
            format!("{} {}", self.group, self.brief)
        }
    }

    /// True when nothing says that the chosen point must not be used.
    pub fn eligible(&self) -> bool {
        self.verdict.is_none_or(|verdict| verdict != Verdict::Fail)
    }
}

impl<'a> Choices<'a> {
    /// The options of a document.
    pub fn of(results: &'a Results) -> Self {
        Self::with(results, Carried::by(results))
    }

    fn with(results: &'a Results, carried: Carried<'a>) -> Self {
        let question = headline(results);
        let objective = question.and_then(|question| question.objective.parse().ok());
        let mut choices = Self {
            results,
            question,
            objective,
            options: Vec::new(),
            groups: Vec::new(),
            carried,
        };
        choices.options = choices.collect();
        for option in &choices.options {
            // Options of one group stand together.
            if choices.groups.last() != Some(&option.group) {
                choices.groups.push(option.group.clone());
            }
        }
        choices
    }

    /// The answers of the headline question.
    pub fn answers(&self) -> impl Iterator<Item = &'a Answer> {
        let name = self.question.map(|question| question.name.as_str());
        self.results
            .answers
            .iter()
            .filter(move |answer| Some(answer.question.as_str()) == name)
    }

    /// True where the headline question tries loads that are no points.
    pub fn searched(&self) -> bool {
        self.answers().any(|answer| answer.search.is_some())
    }

    /// True where loads were searched and the points have one load each: what is said of a point is not said of the load found.
    pub fn stands_beside_the_answer(&self) -> bool {
        self.searched() && self.load_axis().is_none()
    }

    /// The load found by a search on an option.
    pub fn found_load(&self, option: &Choice) -> Option<f64> {
        let key = Some(option.chosen.key.as_str());
        let mut searched = self.answers().filter(|answer| answer.search.is_some());
        let answer = searched.find(|answer| answer.point() == key)?;
        answer.value.map(|(load, ..)| load)
    }

    /// The options of a group.
    pub fn of_group<'s>(&'s self, group: &'s str) -> impl Iterator<Item = &'s Choice<'a>> {
        self.options
            .iter()
            .filter(move |option| option.group == group)
    }

    /// Names of the objectives of the headline question.
    pub fn objectives(&self) -> &'a [String] {
        self.question.map_or(&[], |question| &question.subject_to)
    }

    /// Name of an axis that makes no option: the load.
    pub fn load_axis(&self) -> Option<&'a str> {
        self.results.presentation.load_axis.as_deref()
    }

    /// The load of a point in words.
    pub fn load_text(&self, point: &PointResult) -> String {
        label::load(
            point,
            self.load_axis(),
            &self.results.presentation.load_unit,
        )
        .unwrap_or_default()
    }

    /// The baseline and the best options of every group in turn, `most` in all, in the order of [`Self::options`].
    pub fn shortlist(&self, most: usize) -> Vec<&Choice<'a>> {
        let mut ranked: Vec<(usize, usize)> = Vec::new();
        for group in &self.groups {
            let places = (0..self.options.len()).filter(|at| self.options[*at].group == *group);
            ranked.extend(places.enumerate().map(|(rank, at)| {
                let first = self.options[at].baseline && !self.options[at].recommended;
                // A group's best comes first, then the baseline, then the others by rank.
                (if first { 1 } else { 2 * rank }, at)
            }));
        }
        ranked.sort_unstable();
        let mut kept: Vec<usize> = ranked.into_iter().map(|(_, at)| at).take(most).collect();
        kept.sort_unstable();
        kept.into_iter().map(|at| &self.options[at]).collect()
    }

    fn collect(&self) -> Vec<Choice<'a>> {
        let varying = telling_axes(self.results);
        let per: &[String] = self.question.map_or(&[], |question| &question.per);
        // The group is made of the question's `per` axes, the name of all others that vary; an axis a name needs to be
        // read at all (hardware, precision) is taken from the point where no axis gives it.
        let in_group = |axis: &str| per.iter().any(|name| name == axis) && varying.contains(&axis);
        let mut options: Vec<((String, String), Vec<&'a PointResult>)> = Vec::new();
        let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
        let all_in_group = varying.iter().all(|axis| in_group(axis));
        for point in &self.results.points {
            let pick = |wanted: bool| -> Vec<String> {
                point
                    .axes
                    .iter()
                    .filter(|(axis, _)| {
                        varying.contains(&axis.as_str()) && in_group(axis) == wanted
                    })
                    .map(|(axis, value)| label::axis_value(axis, &value.to_string()))
                    .collect()
            };
            let group = if all_in_group {
                String::new()
            } else {
                pick(true).join(" ")
            };
            let mut name = if all_in_group {
                pick(true)
            } else {
                pick(false)
            }
            .join(" ");
            if name.is_empty() {
                name = format!("{} {}", point.system.hardware, point.system.precision);
            }
            let named = (group, name);
            let place = places.get(&named).copied().unwrap_or_else(|| {
                places.insert(named.clone(), options.len());
                options.push((named, Vec::new()));
                options.len() - 1
            });
            options[place].1.push(point);
        }
        let mut options: Vec<Choice> = options
            .into_iter()
            .filter_map(|((group, name), points)| self.choice(group, name, points))
            .collect();
        self.sort(&mut options);
        options
    }

    fn choice(
        &self,
        group: String,
        name: String,
        mut points: Vec<&'a PointResult>,
    ) -> Option<Choice<'a>> {
        points.sort_by(|a, b| {
            let load = |point: &PointResult| point.system.load.unwrap_or(0.0);
            load(a).total_cmp(&load(b))
        });
        let answered = |point: &&&PointResult| {
            self.answers()
                .any(|answer| answer.point() == Some(point.key.as_str()))
        };
        let recommended = points.iter().find(answered).copied();
        let best = points.iter().copied().min_by(|a, b| self.compare(a, b));
        let chosen = recommended.or(best)?;
        let baseline = &self.results.presentation.baseline;
        let matches = |(axis, value): (&String, &String)| {
            chosen
                .axes
                .iter()
                .any(|(name, own)| name == axis && own.to_string() == *value)
        };
        Some(Choice {
            brief: brief(&name, chosen),
            group,
            name,
            chosen,
            verdict: self.verdict(chosen),
            recommended: recommended.is_some(),
            baseline: !baseline.is_empty() && baseline.iter().all(matches),
            points,
        })
    }

    /// The worst verdict of a point on the objectives of the headline question, by predictions.
    pub fn verdict(&self, point: &PointResult) -> Option<Verdict> {
        self.objectives()
            .iter()
            .filter_map(|slo| predicted_verdict(point, slo))
            .max()
    }

    /// The number that decides between points: of the objective's column, or the load where that is the objective.
    pub fn deciding(&self, point: &PointResult) -> Option<f64> {
        match self.objective {
            Some(column) => point.predicted(column).map(|entry| entry.value),
            None => self.question.and_then(|question| {
                let axis = question.objective.as_str();
                if self.load_axis() == Some(axis) {
                    point.system.load
                } else {
                    let (_, value) = point.axes.iter().find(|(name, _)| name == axis)?;
                    value.to_string().parse().ok()
                }
            }),
        }
    }

    /// Better points come first: the verdict, the margin of points that miss, then the deciding number.
    pub fn compare(&self, a: &PointResult, b: &PointResult) -> Ordering {
        let (verdict_a, verdict_b) = (self.verdict(a), self.verdict(b));
        let by_verdict = verdict_a.cmp(&verdict_b);
        let by_margin = if verdict_a == Some(Verdict::Fail) {
            self.margin(b).total_cmp(&self.margin(a))
        } else {
            Ordering::Equal
        };
        by_verdict
            .then(by_margin)
            .then_with(|| self.by_objective(a, b))
    }

    fn by_objective(&self, a: &PointResult, b: &PointResult) -> Ordering {
        let maximize = self
            .question
            .is_some_and(|question| question.goal == "maximize");
        match (self.deciding(a), self.deciding(b)) {
            (Some(a), Some(b)) if maximize => b.total_cmp(&a),
            (Some(a), Some(b)) => a.total_cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }

    fn margin(&self, point: &PointResult) -> f64 {
        // A point that is not known to be near, such as one that does not fit, is the farthest.
        self.objectives()
            .iter()
            .filter_map(|slo| point.verdicts.get(slo)?.first())
            .map(|entry| {
                let fails = entry.verdict == Verdict::Fail;
                let memory = entry.limiting.as_deref() == Some(Metric::MemoryFits.name());
                match entry.margin {
                    Some(margin) if !(fails && memory) => margin,
                    Some(_) | None if fails => f64::NEG_INFINITY,
                    Some(_) | None => f64::INFINITY,
                }
            })
            .fold(f64::INFINITY, f64::min)
    }

    fn sort(&self, options: &mut [Choice]) {
        let mut groups: BTreeMap<String, usize> = BTreeMap::new();
        for option in options.iter() {
            let next = groups.len();
            groups.entry(option.group.clone()).or_insert(next);
        }
        let place = |group: &str| groups.get(group);
        options.sort_by(|a, b| {
            place(&a.group)
                .cmp(&place(&b.group))
                .then(b.recommended.cmp(&a.recommended))
                .then_with(|| self.compare(a.chosen, b.chosen))
        });
    }
}

/// Keys of the points that stand for the options of a decision table, in its order.
pub fn shortlisted(results: &Results) -> Vec<String> {
    // What points carry is not asked here.
    let choices = Choices::with(results, Carried::default());
    let options = choices.shortlist(MOST_OPTIONS).into_iter();
    options.map(|option| option.chosen.key.clone()).collect()
}

/// The verdict of predictions on an objective; of measurements where there are no predictions.
pub fn predicted_verdict(point: &PointResult, slo: &str) -> Option<Verdict> {
    let entries = point.verdicts.get(slo)?;
    entries
        .iter()
        .find(|entry| entry.source == Source::Predicted)
        .or_else(|| entries.first())
        .map(|entry| entry.verdict)
}

/// The question shown first.
fn headline(results: &Results) -> Option<&QuestionSummary> {
    let named = results.answers.iter().find(|answer| answer.headline);
    let questions = &results.presentation.questions;
    named
        .and_then(|answer| {
            questions
                .iter()
                .find(|question| question.name == answer.question)
        })
        .or_else(|| questions.iter().find(|question| question.headline))
        .or_else(|| questions.first())
}
