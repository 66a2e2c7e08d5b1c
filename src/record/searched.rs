//! How a search found its answer.

use super::Verdict;

/// The search behind an answer: on which point it stood, what it tried, and how it ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Searched {
    /// Key of the point of the plan whose load was replaced.
    pub base: String,
    /// The lowest load that might be tried.
    pub from: f64,
    /// The highest.
    pub to: f64,
    /// The bracket's width at the end, as a share of its lower end.
    pub tolerance: f64,
    /// How it ended.
    pub end: SearchEnd,
    /// True where what was tried agrees with the assumption behind it: more load is never better.
    pub monotone: bool,
    /// What was tried, in that order.
    pub steps: Vec<SearchStep>,
}

/// How a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchEnd {
    /// Between a load that meets the objectives and one that does not.
    Crossed,
    /// Already the lowest load does not meet them.
    FailsAtFrom,
    /// Still the highest load meets them.
    PassesAtTo,
    /// At the most loads a search may try.
    GaveUp,
}

/// One load that was tried.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchStep {
    /// The load.
    pub load: f64,
    /// Whether the objectives are met, by value alone.
    pub meets: bool,
    /// The worst verdict of the objectives.
    pub verdict: Verdict,
    /// The limit that decided, as a column or metric name.
    pub limiting: Option<String>,
    /// Signed distance to that limit, divided by the limit; positive is inside.
    pub margin: Option<f64>,
    /// The number that was held against it, with its interval, where it is a column.
    pub value: Option<(f64, Option<f64>, Option<f64>)>,
    /// Unit of that number.
    pub unit: String,
}
