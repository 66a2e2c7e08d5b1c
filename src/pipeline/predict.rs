//! A resolved scenario becomes results: every point estimated, analysed and handed on in plan order.

use std::collections::BTreeSet;

use super::assemble::{Beside, assemble};
use super::chunk::Chunks;
use super::estimate::{Asked, estimate};
use super::facts::facts;
use super::known::add_known;
use super::memo::{Keys, Memo};
use super::payments::payments;
use super::rooflines::rooflines;
use super::search::Searches;
use super::sensitivity::sensitivity;
use super::servers::{Compiled, Servers};
use super::what_if::what_if;
use crate::analyse::{self, Ledger};
use crate::catalog::Catalog;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::record::{Answer, Calibration, Estimate, NotModelled, PointResult, Results};
use crate::scenario::{Filter, Plan, RunPoint, Scenario, Workload};
use crate::source::Sources;

/// A plan with more points keeps only those that answers name; the others are in the columnar files.
pub const KEPT_POINTS: u64 = 20_000;

/// What to predict, and with what.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The question.
    pub scenario: &'a Scenario,
    /// The points.
    pub plan: &'a Plan,
    /// Facts.
    pub catalog: &'a Catalog,
    /// Efficiency terms.
    pub pack: &'a Calibration,
    /// Texts the scenario was read from, for the places of findings.
    pub sources: &'a Sources,
    /// Overlay folder of the catalogue, as given.
    pub overlay: Option<&'a str>,
    /// Where simulated estimates are kept between runs, if anywhere.
    pub memo: Option<&'a dyn Memo>,
}

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Yes.
    Continue,
    /// No: the user asked to stop, or an output failed.
    Stop,
}

/// Sees finished points in plan order.
pub trait Observer {
    /// Takes the next points.
    fn points(&mut self, points: &[PointResult]) -> Flow;
}

/// Why there are no results.
#[derive(Debug)]
pub enum Stopped {
    /// Some systems cannot be predicted; one diagnostic for each reason.
    NotModelled(Diagnostics),
    /// The observer said so, after this many points.
    ByObserver(u64),
}

/// Estimates and analyses every point of the plan, in order, chunk by chunk.
///
/// Results do not depend on the number of threads: a chunk is mapped in order and folded in order.
///
/// # Errors
///
/// [`Stopped`] when a system cannot be predicted or the observer stops.
pub fn predict(request: Request<'_>, observer: &mut dyn Observer) -> Result<Results, Stopped> {
    let planned = request.plan.len();
    let facts = facts(request.scenario, request.plan, request.catalog);
    let context = analyse::Context {
        scenario: request.scenario,
        facts: &facts,
    };
    let matches = |filter: &str, point: &RunPoint| {
        Filter::parse(filter).is_ok_and(|filter| filter.matches(&point.axes))
    };
    let mut ledger = Ledger::new(request.scenario, &matches);
    let mut searches = Searches::new(request.scenario);
    let mut chunks = Chunks::new(request, context);
    let (mut indices, mut kept) = (Vec::new(), Vec::new());
    let mut next = chunks.next()?;
    while let Some((points, results)) = next {
        next = chunks.while_seeing(|| {
            for (point, result) in points.iter().zip(&results) {
                ledger.observe(point, result);
                searches.observe(point);
            }
            let flow = observer.points(&results);
            if planned <= KEPT_POINTS {
                indices.extend(points.iter().map(|point| point.index));
                kept.extend(results);
            }
            flow
        })?;
    }
    let mut outcome = ledger.finish(request.sources);
    searches.run(
        request,
        context,
        &mut outcome,
        (&mut chunks.servers, observer),
    )?;
    let evidence = if planned > KEPT_POINTS {
        indices = outcome.kept.keys().copied().collect();
        let points: Vec<RunPoint> = indices
            .iter()
            .map(|index| request.plan.at(*index))
            .collect();
        kept = chunks.of(&points)?;
        add_known(request.pack, points.into_iter(), &mut kept)
    } else {
        add_known(request.pack, request.plan.points(0..planned), &mut kept)
    };
    let placed: Vec<(u64, &PointResult)> = indices.iter().copied().zip(&kept).collect();
    let beside = beside(
        request,
        context,
        &mut chunks.servers,
        (&outcome.answers, &placed),
    );
    let mut results = assemble(request, &facts, (kept, evidence), (outcome, beside));
    results.rooflines = rooflines(request, &mut chunks.servers, &results, &indices);
    Ok(results)
}

/// What is said beside the headline answers.
fn beside(
    request: Request<'_>,
    context: analyse::Context<'_>,
    servers: &mut Servers,
    answered: (&[Answer], &[(u64, &PointResult)]),
) -> Beside {
    Beside {
        sensitivity: sensitivity(request, context, servers, answered),
        payments: payments(request, context, servers, answered),
        what_if: what_if(request, context, servers, answered),
    }
}

/// All that was made, or why some was not: each reason once.
pub(super) fn refused<T>(results: Vec<Result<T, NotModelled>>) -> Result<Vec<T>, Diagnostics> {
    let mut made = Vec::with_capacity(results.len());
    let mut reasons = BTreeSet::new();
    for result in results {
        match result {
            Ok(one) => made.push(one),
            Err(reason) => {
                reasons.insert(reason);
            }
        }
    }
    if reasons.is_empty() {
        return Ok(made);
    }
    let mut diagnostics = Diagnostics::default();
    for reason in reasons {
        diagnostics.push(Diagnostic::error(
            Code::NotModelledYet,
            reason.to_string(),
            None,
        ));
    }
    Err(diagnostics)
}

/// Estimates points, or takes what was kept of them.
pub(super) struct Estimates<'a> {
    asked: Asked,
    keys: Keys,
    memo: Option<&'a dyn Memo>,
}

impl<'a> Estimates<'a> {
    /// As a request asks.
    pub fn new(request: Request<'a>) -> Self {
        let asked = Asked::by(request.scenario);
        Self {
            keys: Keys::new(request.pack, &asked),
            asked,
            memo: request.memo,
        }
    }

    /// The estimate of a point on its compiled system.
    pub fn of(&self, compiled: &Compiled, point: &RunPoint) -> Result<Estimate, NotModelled> {
        let memo = if self.asked.simulates_point(point) {
            self.memo
        } else {
            self.memo.and_then(|memo| memo.closed_forms())
        };
        match memo {
            Some(memo) => remembered(memo, &self.keys.of(point, compiled.facts()), || {
                self.make(compiled, point)
            }),
            None => self.make(compiled, point),
        }
    }

    fn make(&self, compiled: &Compiled, point: &RunPoint) -> Result<Estimate, NotModelled> {
        let server = compiled.server.as_ref().map_err(Clone::clone)?;
        match &point.workload {
            Workload::Llm(workload) => estimate(server, &point.system, workload, &self.asked),
            Workload::Unmodelled(unmodelled) => Err(NotModelled::NotYet {
                what: format!("the workload `{}`", unmodelled.kind),
            }),
        }
    }
}

/// The estimate kept under the key, or else a new one, which is kept.
fn remembered(
    memo: &dyn Memo,
    key: &str,
    make: impl FnOnce() -> Result<Estimate, NotModelled>,
) -> Result<Estimate, NotModelled> {
    if let Some(kept) = memo.get(key) {
        return Ok(kept);
    }
    let made = make()?;
    memo.put(key, &made);
    Ok(made)
}
