//! Whether an objective holds where it must.

use std::collections::BTreeMap;

use super::candidate::BestTwo;
use crate::diag::{Code, Severity};
use crate::record::{Finding, FindingClass, Metric, Source, Verdict, VerdictEntry};
use crate::scenario::{MustHold, Slo, SloSeverity};
use crate::source::Place;
use crate::units::percent;

/// Findings of one objective that are listed one by one; the rest is counted.
const LISTED: usize = 100;

/// A point that does not meet an objective.
#[derive(Debug, Clone, PartialEq)]
struct Miss {
    key: String,
    limiting: Option<String>,
    margin: Option<f64>,
}

/// Points of one verdict: their number and the first of them.
#[derive(Debug, Clone, Default, PartialEq)]
struct Misses {
    count: u64,
    first: BTreeMap<u64, Miss>,
}

impl Misses {
    fn add(&mut self, index: u64, miss: impl FnOnce() -> Miss) {
        self.count += 1;
        self.keep(index, miss);
    }

    fn keep(&mut self, index: u64, miss: impl FnOnce() -> Miss) {
        let is_full = self.first.len() >= LISTED;
        if is_full
            && self
                .first
                .keys()
                .next_back()
                .is_none_or(|last| index > *last)
        {
            return;
        }
        self.first.insert(index, miss());
        if is_full {
            self.first.pop_last();
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        for (index, miss) in other.first {
            self.keep(index, || miss);
        }
    }
}

/// What was seen of one objective at the points where it must hold.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Objective {
    passing: u64,
    failing: Misses,
    inconclusive: Misses,
    nearest: BestTwo<Miss>,
}

impl Objective {
    /// Sees the verdict of one point.
    pub(super) fn observe(&mut self, index: u64, key: &str, entries: &[VerdictEntry]) {
        let Some(entry) = judged(entries) else { return };
        let miss = || Miss {
            key: key.to_owned(),
            limiting: entry.limiting.clone(),
            margin: entry.margin,
        };
        match entry.verdict {
            Verdict::Pass => self.passing += 1,
            Verdict::Inconclusive => self.inconclusive.add(index, miss),
            Verdict::Fail => {
                self.failing.add(index, miss);
                self.nearest.offer(distance(entry), index, miss);
            }
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.passing += other.passing;
        self.failing.merge(other.failing);
        self.inconclusive.merge(other.inconclusive);
        self.nearest.merge(other.nearest);
    }

    /// The points that findings name.
    pub(super) fn points(&self) -> impl Iterator<Item = (u64, &str)> {
        self.nearest
            .best()
            .map(|ranked| (ranked.index, ranked.item.key.as_str()))
            .into_iter()
    }

    /// What is wrong, once all points were seen.
    pub(super) fn findings(&self, slo: &Slo, place: &Place) -> Vec<Finding> {
        match slo.severity {
            SloSeverity::Warn => return Vec::new(),
            SloSeverity::Error => {}
        }
        let finding = |verdict, miss: Option<&Miss>, message| Finding {
            place: Some(place.clone()),
            ..finding(verdict, miss, message)
        };
        match &slo.must_hold {
            MustHold::Any => self.of_any(slo, finding),
            MustHold::All => self.of_each(slo, "every point", finding),
            MustHold::Points(filter) => {
                let mut all = self.of_each(slo, &format!("every point of `{filter}`"), finding);
                if self.passing + self.failing.count + self.inconclusive.count == 0 {
                    let text = format!("`{}` must hold at `{filter}`, which no point is", slo.name);
                    all.push(finding(Verdict::Inconclusive, None, text));
                }
                all
            }
        }
    }

    fn of_any(
        &self,
        slo: &Slo,
        finding: impl Fn(Verdict, Option<&Miss>, String) -> Finding,
    ) -> Vec<Finding> {
        if self.passing > 0 {
            return Vec::new();
        }
        if let Some(miss) = self.inconclusive.first.values().next() {
            let text = format!(
                "no point surely meets `{}`; at {} the interval of {} spans the limit",
                slo.name,
                points(self.inconclusive.count),
                limit_name(miss),
            );
            return vec![finding(Verdict::Inconclusive, Some(miss), text)];
        }
        let nearest = self.nearest.best().map(|ranked| &ranked.item);
        nearest
            .map(|miss| {
                let text = format!(
                    "no point meets `{}`; the closest, {}, misses {}{}",
                    slo.name,
                    miss.key,
                    missed(miss),
                    by(miss)
                );
                finding(Verdict::Fail, Some(miss), text)
            })
            .into_iter()
            .collect()
    }

    fn of_each(
        &self,
        slo: &Slo,
        whom: &str,
        finding: impl Fn(Verdict, Option<&Miss>, String) -> Finding,
    ) -> Vec<Finding> {
        let kinds = [
            (Verdict::Fail, &self.failing, "misses"),
            (Verdict::Inconclusive, &self.inconclusive, "cannot judge"),
        ];
        let mut all = Vec::new();
        for (verdict, misses, verb) in kinds {
            all.extend(misses.first.values().map(|miss| {
                let text = format!(
                    "`{}` must hold at {whom}; {} {verb} {}{}",
                    slo.name,
                    miss.key,
                    missed(miss),
                    by(miss)
                );
                finding(verdict, Some(miss), text)
            }));
            let listed = misses.first.len() as u64;
            if misses.count > listed {
                let rest = points(misses.count - listed);
                let text = format!("`{}` must hold at {whom}; {rest} more do not", slo.name);
                all.push(finding(verdict, None, text));
            }
        }
        all
    }
}

/// The measured verdict where there is one, else the predicted one.
pub(super) fn judged(entries: &[VerdictEntry]) -> Option<&VerdictEntry> {
    let of = |source| entries.iter().find(|entry| entry.source == source);
    of(Source::Measured).or_else(|| of(Source::Predicted))
}

/// How far a failing point is from its objective, as a share of the limit. Where nothing runs, how much memory is missing
/// says nothing about the objective: such a point is farther than any that runs.
pub(super) fn distance(entry: &VerdictEntry) -> f64 {
    const NOTHING_RUNS: f64 = 1e9;
    let missed = entry.margin.map_or(f64::INFINITY, |margin| -margin);
    if entry.limiting.as_deref() == Some(Metric::MemoryFits.name()) {
        NOTHING_RUNS + missed
    } else {
        missed
    }
}

fn finding(verdict: Verdict, miss: Option<&Miss>, message: String) -> Finding {
    let (class, code, severity) = match verdict {
        Verdict::Pass | Verdict::Inconclusive => (
            FindingClass::Inconclusive,
            Code::SloInconclusive,
            Severity::Warning,
        ),
        Verdict::Fail => (FindingClass::Slo, Code::SloFailed, Severity::Error),
    };
    Finding {
        class,
        code,
        severity,
        key: miss.map(|miss| miss.key.clone()),
        column: miss.and_then(|miss| miss.limiting.clone()),
        message,
        place: None,
        old: None,
        new: None,
    }
}

fn limit_name(miss: &Miss) -> &str {
    miss.limiting.as_deref().unwrap_or("its limits")
}

/// What is missed: a limit on what is spent, in money or carbon, is a budget.
fn missed(miss: &Miss) -> String {
    let name = limit_name(miss);
    if name.starts_with("cost_") || name.starts_with("carbon_") {
        format!("its budget of {name}")
    } else {
        name.to_owned()
    }
}

fn by(miss: &Miss) -> String {
    match miss.margin {
        Some(margin) if margin < 0.0 => format!(" by {}", percent(-margin, 2)),
        Some(_) | None => String::new(),
    }
}

fn points(count: u64) -> String {
    if count == 1 {
        "one point".to_owned()
    } else {
        format!("{count} points")
    }
}
