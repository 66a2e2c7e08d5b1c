//! The points of a scenario, with progress, rows written as they come, and a way to stop.

use super::sinks::{OutputError, Sinks};
use super::{outputs, scenarios};
use crate::catalog::Catalog;
use crate::cli::Exit;
use crate::cli::cache::Kept;
use crate::cli::context::Context;
use crate::cli::progress::Progress;
use crate::pipeline::{self, Flow, Observer, Request, Stopped};
use crate::record::{Calibration, PointResult, Results};
use crate::scenario::Loaded;
use crate::source::Sources;

/// What a scenario is predicted from.
pub struct Inputs<'a> {
    /// The scenario with its points.
    pub loaded: &'a Loaded,
    /// The texts it was read from.
    pub sources: &'a Sources,
    /// Facts.
    pub catalog: &'a Catalog,
    /// Efficiency terms.
    pub pack: &'a Calibration,
    /// Where estimates are kept, if anywhere.
    pub memo: Option<&'a dyn Kept>,
}

/// Why there are no results.
#[derive(Debug, Clone, Copy)]
pub enum Ended {
    /// For a reason that was shown.
    Refused(Exit),
    /// Somebody asked to stop, after this many points.
    Stopped {
        /// Points that were finished.
        points: u64,
    },
}

/// Predicts all points; also says how many of the points were kept from before.
///
/// # Errors
///
/// [`Ended`], after a problem was shown.
pub fn predict(
    context: &Context,
    inputs: &Inputs<'_>,
    stop: &dyn Fn() -> bool,
    sinks: Option<&mut Sinks>,
) -> Result<(Results, u64), Ended> {
    let (loaded, sources) = (inputs.loaded, inputs.sources);
    let overlay = context.overlay().map(|folder| folder.display().to_string());
    let request = Request {
        scenario: &loaded.scenario,
        plan: &loaded.plan,
        catalog: inputs.catalog,
        pack: inputs.pack,
        sources,
        overlay: overlay.as_deref(),
        memo: inputs.memo.map(Kept::memo),
    };
    let progress = Progress::new(context, loaded.plan.len(), "predicting");
    let mut observer = Recorder {
        context,
        progress: &progress,
        stop,
        sinks,
        memo: inputs.memo,
        found: 0,
        failed: None,
    };
    let outcome = pipeline::predict(request, &mut observer);
    progress.finish();
    if let Some(error) = observer.failed {
        return Err(Ended::Refused(outputs::failed(context, &error)));
    }
    match outcome {
        Ok(results) => Ok((results, observer.found)),
        Err(Stopped::NotModelled(diagnostics)) => Err(Ended::Refused(scenarios::refuse(
            context,
            diagnostics,
            sources,
        ))),
        Err(Stopped::ByObserver(points)) => Err(Ended::Stopped { points }),
    }
}

/// Passes finished points to progress and files.
struct Recorder<'a> {
    context: &'a Context,
    progress: &'a Progress,
    stop: &'a dyn Fn() -> bool,
    sinks: Option<&'a mut Sinks>,
    memo: Option<&'a dyn Kept>,
    /// Points found among what is kept; what searches find there is not counted.
    found: u64,
    failed: Option<OutputError>,
}

impl Observer for Recorder<'_> {
    fn points(&mut self, points: &[PointResult]) -> Flow {
        self.progress.advance(points.len() as u64, self.context);
        if !points.is_empty() {
            self.found = self.memo.map_or(0, Kept::found);
        }
        let written = self.sinks.as_mut().map(|sinks| sinks.points(points));
        if let Some(Err(error)) = written {
            self.failed = Some(error);
            return Flow::Stop;
        }
        if (self.stop)() {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }
}
