//! Points of a plan estimated and analysed some at a time, the next of them while the last are looked at.

use super::estimate::Asked;
use super::parallel;
use super::predict::{Estimates, Flow, Request, Stopped, refused};
use super::servers::Servers;
use super::shared::Shared;
use crate::analyse;
use crate::diag::Diagnostics;
use crate::record::{Estimate, PointResult};
use crate::scenario::RunPoint;

/// Points made together: enough to keep all cores busy, few enough to bound memory and to stop soon when asked to.
const CHUNK: u64 = 4_096;

/// The same where points are simulated, each of which takes as long as thousands of others.
const SIMULATED_CHUNK: u64 = 128;

/// Points with what was made of them, in plan order.
pub(super) type Chunk = (Vec<RunPoint>, Vec<PointResult>);

/// Goes through the points of a plan.
pub(super) struct Chunks<'a> {
    request: Request<'a>,
    context: analyse::Context<'a>,
    /// Systems compiled so far.
    pub servers: Servers,
    shared: Shared,
    /// How many points were made.
    made: u64,
    simulates: bool,
}

impl<'a> Chunks<'a> {
    /// At the start of the request's plan.
    pub fn new(request: Request<'a>, context: analyse::Context<'a>) -> Self {
        Self {
            request,
            context,
            servers: Servers::default(),
            shared: Shared::default(),
            made: 0,
            simulates: Asked::by(request.scenario).may_simulate(),
        }
    }

    /// The next points; `None` after the last.
    ///
    /// # Errors
    ///
    /// [`Stopped::NotModelled`] where some cannot be predicted.
    pub fn next(&mut self) -> Result<Option<Chunk>, Stopped> {
        let together = if self.simulates {
            SIMULATED_CHUNK
        } else {
            CHUNK
        };
        let end = self.request.plan.len().min(self.made + together);
        if self.made == end {
            return Ok(None);
        }
        let points: Vec<RunPoint> = self.request.plan.points(self.made..end).collect();
        let results = self.of(&points)?;
        self.made = end;
        Ok(Some((points, results)))
    }

    /// The next points, made while `see` looks at all points before them, unless those are the last.
    ///
    /// Simulated points wait until it has: whoever asks to stop then waits for no more of them.
    ///
    /// # Errors
    ///
    /// As of [`Self::next`], and [`Stopped::ByObserver`] where `see` says so.
    pub fn while_seeing(&mut self, see: impl FnOnce() -> Flow) -> Result<Option<Chunk>, Stopped> {
        let seen = self.made;
        let (flow, next) = if self.simulates || seen == self.request.plan.len() {
            let flow = see();
            let next = match flow {
                Flow::Continue => self.next(),
                Flow::Stop => Ok(None),
            };
            (flow, next)
        } else {
            parallel::beside(see, || self.next())
        };
        match flow {
            Flow::Continue => next,
            Flow::Stop => Err(Stopped::ByObserver(seen)),
        }
    }

    /// What is made of any points of the plan.
    ///
    /// # Errors
    ///
    /// As of [`Self::next`].
    pub fn of(&mut self, points: &[RunPoint]) -> Result<Vec<PointResult>, Stopped> {
        self.analysed(points).map_err(Stopped::NotModelled)
    }

    fn analysed(&mut self, points: &[RunPoint]) -> Result<Vec<PointResult>, Diagnostics> {
        self.servers.compile(points, self.request.pack);
        let (servers, context) = (&self.servers, self.context);
        let estimates = Estimates::new(self.request);
        let estimate = |point: &RunPoint| estimates.of(servers.get(point), point);
        let analysed =
            |point: &RunPoint, made: &Estimate| analyse::point(context, point, point.id(), made);
        if self.request.scenario.terms.is_empty() {
            let results = parallel::map(points, |point| Ok(analysed(point, &estimate(point)?)));
            return refused(results);
        }
        // Points that differ in price and place alone are predicted once.
        let (firsts, like) = self.shared.alike(points);
        self.shared
            .add(refused(parallel::map(&firsts, |first| estimate(first)))?);
        let numbered: Vec<(&RunPoint, usize)> = points.iter().zip(like).collect();
        Ok(parallel::map(&numbered, |(point, which)| {
            analysed(point, self.shared.get(*which))
        }))
    }
}
