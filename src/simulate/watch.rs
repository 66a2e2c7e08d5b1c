//! Looking on while a run is measured.

use super::cluster::{Snapshot, Watch};
use super::request::{Finished, Observer, Request, StepSpan};
use super::tally::{Measured, Tally};
use super::time::Nanos;

/// Sees a run beside its account, without a say in when it ends.
pub trait Onlooker: Observer {
    /// The run begins; these requests will be measured.
    fn begins(&mut self, measured: Measured);
    /// A request reaches its scheduler.
    fn arrived(&mut self, request: &Request);
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Observer for Unwatched {
    fn finished(&mut self, _: &Finished) {}
    fn gap(&mut self, _: Nanos, _: u64) {}
    fn step(&mut self, _: &StepSpan) {}
    fn rejected(&mut self, _: &Request) {}
}

impl Onlooker for Unwatched {
    fn begins(&mut self, _: Measured) {}
    fn arrived(&mut self, _: &Request) {}
}

/// The account of a run, and who looks on.
pub(super) struct Beside<'a, O> {
    pub tally: Tally,
    pub onlooker: &'a mut O,
}

impl<O: Onlooker> Observer for Beside<'_, O> {
    fn finished(&mut self, finished: &Finished) {
        self.onlooker.finished(finished);
        Observer::finished(&mut self.tally, finished);
    }

    fn gap(&mut self, gap: Nanos, times: u64) {
        self.onlooker.gap(gap, times);
        self.tally.gap(gap, times);
    }

    fn step(&mut self, span: &StepSpan) {
        self.onlooker.step(span);
        self.tally.step(span);
    }

    fn rejected(&mut self, request: &Request) {
        self.onlooker.rejected(request);
        self.tally.rejected(request);
    }
}

impl<O: Onlooker> Watch for Beside<'_, O> {
    fn arrived(&mut self, request: &Request, system: &Snapshot) {
        self.onlooker.arrived(request);
        self.tally.arrived(request, system);
    }

    fn is_done(&self) -> bool {
        self.tally.is_done()
    }
}
