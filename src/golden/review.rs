//! A review: changes one by one, a decision for each, and what is accepted and what still waits afterwards.

use std::collections::BTreeMap;

use super::compare::{Strictness, changes};
use super::document::{Golden, GoldenPoint};
use super::exact::{answers, files, missing_points, new_points};
use super::glob::matches;
use crate::record::GoldenChange;
use crate::scenario::{GoldenRules, OnMissing, OnNew};

/// What a reviewer says to one change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Take the new value.
    Accept,
    /// Keep the accepted value and drop the new one.
    Reject,
    /// Decide another time.
    Skip,
    /// Take this and all that follow.
    AcceptRest,
    /// Drop this and all that follow.
    RejectRest,
}

impl Answer {
    /// The answer of a key: `a`, `r`, `s`, and `A` and `R` for all that follow.
    pub const fn of_key(key: char) -> Option<Self> {
        match key {
            'a' => Some(Self::Accept),
            'r' => Some(Self::Reject),
            's' => Some(Self::Skip),
            'A' => Some(Self::AcceptRest),
            'R' => Some(Self::RejectRest),
            _ => None,
        }
    }

    /// What it does, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Reject => "rejected",
            Self::Skip => "skipped",
            Self::AcceptRest => "accepted with all that follow",
            Self::RejectRest => "rejected with all that follow",
        }
    }

    /// True when no further change is asked about.
    pub const fn ends(self) -> bool {
        matches!(self, Self::AcceptRest | Self::RejectRest)
    }
}

/// Which part of a golden a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Value,
    Point,
    Answer,
    File,
}

/// One change to decide on.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewItem {
    /// What differs, as a comparison shows it.
    pub change: GoldenChange,
    part: Part,
}

/// What a review leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Reviewed {
    /// What is accepted now.
    pub accepted: Golden,
    /// What waits for another review; `None` when everything was decided.
    pub waiting: Option<Golden>,
}

/// The changes between accepted and waiting results: values beyond their tolerance, worst first, then points, answers and
/// files. A renamed axis shows as points that are gone and points that are new.
pub fn review_items(new: &Golden, accepted: &Golden, rules: &GoldenRules) -> Vec<ReviewItem> {
    let values = changes(new, accepted, rules);
    let mut items: Vec<ReviewItem> = values
        .iter()
        .map(|change| ReviewItem {
            change: change.row(),
            part: Part::Value,
        })
        .collect();
    let mut add = |part, rows: Vec<GoldenChange>| {
        items.extend(rows.into_iter().map(|change| ReviewItem { change, part }));
    };
    let mut rows = Vec::new();
    new_points(new, accepted, OnNew::Warn, Strictness::Desk, &mut rows);
    missing_points(new, accepted, OnMissing::Warn, &mut rows);
    add(Part::Point, std::mem::take(&mut rows));
    answers(new, accepted, &mut rows);
    add(Part::Answer, std::mem::take(&mut rows));
    files(new, accepted, &mut rows);
    add(Part::File, rows);
    items
}

/// Carries a review out; changes without an answer are skipped.
///
/// Accepting every change accepts the new results as a whole, what moved within its tolerance too; rejecting every change
/// leaves the accepted ones as they are. Otherwise the accepted results take the accepted changes, and what waits loses
/// what was accepted or rejected.
pub fn reviewed(
    new: &Golden,
    accepted: &Golden,
    items: &[ReviewItem],
    said: &[Answer],
) -> Reviewed {
    let decisions = decisions(items.len(), said);
    let all = |wanted| decisions.iter().all(|decision| *decision == wanted);
    if all(Answer::Accept) {
        return Reviewed {
            accepted: new.clone(),
            waiting: None,
        };
    }
    let mut result = accepted.clone();
    let mut waiting = new.clone();
    for (item, decision) in items.iter().zip(&decisions) {
        match decision {
            Answer::Accept | Answer::AcceptRest => item.copy(new, &mut result),
            Answer::Reject | Answer::RejectRest => item.copy(accepted, &mut waiting),
            Answer::Skip => {}
        }
    }
    if decisions.contains(&Answer::Accept) {
        let units = new.units.iter();
        result
            .units
            .extend(units.map(|(name, unit)| (name.clone(), unit.clone())));
        result.made_by = new.made_by.clone();
        result.scenario.clone_from(&new.scenario);
        result.scenario_blake3.clone_from(&new.scenario_blake3);
    }
    Reviewed {
        accepted: result,
        waiting: decisions.contains(&Answer::Skip).then_some(waiting),
    }
}

/// One decision for each change: accept, reject or skip.
fn decisions(changes: usize, said: &[Answer]) -> Vec<Answer> {
    let mut rest = Answer::Skip;
    let mut decisions = Vec::with_capacity(changes);
    for answer in said.iter().take(changes) {
        decisions.push(match answer {
            Answer::Accept | Answer::Reject | Answer::Skip => *answer,
            Answer::AcceptRest => Answer::Accept,
            Answer::RejectRest => Answer::Reject,
        });
        if answer.ends() {
            rest = *decisions.last().expect("one was pushed");
            break;
        }
    }
    decisions.resize(changes, rest);
    decisions
}

impl ReviewItem {
    /// True where a glob over keys or columns means the change.
    pub fn matches(&self, glob: &str) -> bool {
        matches(glob, &self.change.key) || matches(glob, &self.change.column)
    }

    /// Makes `into` agree with `from` in what the change is about.
    fn copy(&self, from: &Golden, into: &mut Golden) {
        let name = &self.change.key;
        match self.part {
            Part::Value => {
                if let (Some(from), Some(into)) = (from.points.get(name), into.points.get_mut(name))
                {
                    copy_value(&self.change.column, from, into);
                }
            }
            Part::Point => copy_entry(name, &from.points, &mut into.points),
            Part::Answer => copy_entry(name, &from.answers, &mut into.answers),
            Part::File => copy_entry(name, &from.files, &mut into.files),
        }
    }
}

fn copy_value(column: &str, from: &GoldenPoint, into: &mut GoldenPoint) {
    into.id.clone_from(&from.id);
    copy_entry(column, &from.values, &mut into.values);
}

/// The entry of that name, or its absence.
fn copy_entry<V: Clone>(name: &str, from: &BTreeMap<String, V>, into: &mut BTreeMap<String, V>) {
    match from.get(name) {
        Some(value) => into.insert(name.to_owned(), value.clone()),
        None => into.remove(name),
    };
}

#[cfg(test)]
mod tests {
    use super::super::document::GoldenValue;
    use super::*;

    fn golden(ttft: [f64; 2], throughput: f64, last: &str) -> Golden {
        let point = |id: &str, ttft: f64| GoldenPoint {
            id: id.to_owned(),
            values: BTreeMap::from([
                ("mean_ttft".to_owned(), GoldenValue::rounded(ttft)),
                (
                    "output_throughput".to_owned(),
                    GoldenValue::rounded(throughput),
                ),
            ]),
        };
        let points = [("users=1", ttft[0]), ("users=2", ttft[1]), (last, 9.0)];
        Golden {
            points: points
                .into_iter()
                .map(|(key, ttft)| (key.to_owned(), point(&format!("{ttft}"), ttft)))
                .collect(),
            answers: BTreeMap::from([("best".to_owned(), last.to_owned())]),
            ..Golden::default()
        }
    }

    /// Two values that moved, one point that is new, one that is gone, one answer; a throughput moves within its tolerance.
    fn both() -> (Golden, Golden, Vec<ReviewItem>) {
        let accepted = golden([0.1, 0.2], 100.0, "users=4");
        let new = golden([0.2, 0.3], 100.1, "users=8");
        let items = review_items(&new, &accepted, &GoldenRules::sample());
        (new, accepted, items)
    }

    #[test]
    fn every_change_is_an_item_and_the_worst_value_is_first() {
        let (_, _, items) = both();
        let shown: Vec<_> = items
            .iter()
            .map(|item| (item.change.key.as_str(), item.change.column.as_str()))
            .collect();
        assert_eq!(
            shown,
            [
                ("users=1", "mean_ttft"),
                ("users=2", "mean_ttft"),
                ("users=8", "point"),
                ("users=4", "point"),
                ("best", "answer"),
            ]
        );
    }

    #[test]
    fn accepting_everything_takes_the_new_results_whole() {
        let (new, accepted, items) = both();
        let one_by_one = reviewed(&new, &accepted, &items, &[Answer::Accept; 5]);
        assert_eq!((&one_by_one.accepted, &one_by_one.waiting), (&new, &None));
        assert_eq!(
            reviewed(&new, &accepted, &items, &[Answer::AcceptRest]),
            one_by_one
        );
    }

    #[test]
    fn rejecting_everything_keeps_the_accepted_results() {
        let (new, accepted, items) = both();
        let found = reviewed(&new, &accepted, &items, &[Answer::RejectRest]);
        assert_eq!((found.accepted, found.waiting), (accepted, None));
    }

    #[test]
    fn without_answers_nothing_changes() {
        let (new, accepted, items) = both();
        let found = reviewed(&new, &accepted, &items, &[]);
        assert_eq!((found.accepted, found.waiting), (accepted, Some(new)));
    }

    #[test]
    fn each_change_goes_its_own_way() {
        let (new, accepted, items) = both();
        let said = [
            Answer::Accept,
            Answer::Skip,
            Answer::Accept,
            Answer::RejectRest,
        ];
        let found = reviewed(&new, &accepted, &items, &said);
        let ttft = |golden: &Golden, key: &str| golden.points[key].values["mean_ttft"].clone();
        assert_eq!(ttft(&found.accepted, "users=1"), GoldenValue::Number(0.2));
        assert_eq!(ttft(&found.accepted, "users=2"), GoldenValue::Number(0.2));
        assert_eq!(found.accepted.points["users=1"].id, "0.2");
        assert!(found.accepted.points.contains_key("users=8"), "accepted");
        assert!(found.accepted.points.contains_key("users=4"), "kept");
        assert_eq!(found.accepted.answers["best"], "users=4");
        let waiting = found.waiting.expect("one was skipped");
        let left = review_items(&waiting, &found.accepted, &GoldenRules::sample());
        assert_eq!(left.len(), 1, "{left:?}");
        assert_eq!(left[0].change, items[1].change);
    }

    #[test]
    fn keys_are_answers() {
        let said: Vec<_> = "arsARx".chars().map(Answer::of_key).collect();
        assert_eq!(
            said,
            [
                Some(Answer::Accept),
                Some(Answer::Reject),
                Some(Answer::Skip),
                Some(Answer::AcceptRest),
                Some(Answer::RejectRest),
                None,
            ]
        );
    }
}
