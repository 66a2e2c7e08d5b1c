//! Objectives and questions.

use crate::record::{Column, Metric};
use crate::source::Span;

/// A named objective.
#[derive(Debug, Clone)]
pub struct Slo {
    /// Name.
    pub name: String,
    /// Limits each request must meet.
    pub per_request: Vec<PerRequest>,
    /// Share of requests that must meet all of them.
    pub attainment: f64,
    /// Limits on columns.
    pub aggregate: Vec<Aggregate>,
    /// Whether a failure is a finding.
    pub severity: SloSeverity,
    /// Where it must hold.
    pub must_hold: MustHold,
    /// Where it is written.
    pub span: Span,
}

/// A limit on each request: at most `limit` base units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PerRequest {
    /// `ttft tpot ntpot e2el latency`.
    pub metric: Metric,
    /// In base units.
    pub limit: f64,
}

/// A limit on a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Aggregate {
    /// The column.
    pub column: Column,
    /// How it is compared.
    pub comparison: Comparison,
    /// In base units; booleans are 0 and 1.
    pub limit: f64,
    /// As written.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A comparison of a value with a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
}

/// Whether a failing objective is a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SloSeverity {
    /// It is.
    Error,
    /// It is shown.
    Warn,
}

/// Where an objective must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum MustHold {
    /// At some point.
    Any,
    /// At every point.
    All,
    /// At every point a filter selects.
    Points(String),
}

/// A question asked of the points.
#[derive(Debug, Clone)]
pub struct Question {
    /// Name; `1`, `2`, … where none is given.
    pub name: String,
    /// What is sought.
    pub goal: Goal,
    /// Column or numeric axis; a column where the name is one.
    pub objective: String,
    /// The column, when the objective is one.
    pub column: Option<Column>,
    /// Objectives that must hold.
    pub subject_to: Vec<String>,
    /// One answer for each value of these axes.
    pub per: Vec<String>,
    /// A demand to size a fleet for.
    pub size_for: Option<SizeFor>,
    /// Loads that are tried beside those of the points; `None` where the points alone can answer.
    pub search: Option<Search>,
    /// Shown first.
    pub headline: bool,
    /// True for the question that is asked when the scenario asks none.
    pub implied: bool,
}

/// A search for the highest load that meets the objectives, on each system of the points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// What is raised.
    pub load: SearchedLoad,
    /// The lowest load tried, more than zero: requests a second, or requests in flight.
    pub from: f64,
    /// The highest load tried, more than the lowest.
    pub to: f64,
    /// The search ends when its bracket is narrower than this share of its lower end.
    pub tolerance: f64,
}

/// What a search raises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchedLoad {
    /// Requests a second of an open loop.
    RequestRate,
    /// Requests in flight of a closed loop, whole ones.
    Concurrency,
}

/// What is sought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// The largest.
    Maximize,
    /// The smallest.
    Minimize,
}

/// A demand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SizeFor {
    /// Requests in flight.
    Concurrency(f64),
    /// Requests per second.
    RequestRate(f64),
}
