//! The files of a report that is watched: everything that `run` writes, on a thread of its own.
//!
//! A browser that shows the page has the machine for itself until it has painted it. Of two reports in quick succession the
//! older one's files are not written, unless it was to be accepted.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use super::compare;
use super::outputs::{self, failed};
use super::sinks::Sinks;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::door::Opened;
use crate::cli::watch::Wake;
use crate::record::Results;
use crate::scenario::Loaded;

/// A browser that has not painted the page by then is not waited for any longer.
const PATIENCE: Duration = Duration::from_millis(300);

/// What is to be written.
pub struct Order {
    /// The scenario.
    pub loaded: Loaded,
    /// Its results.
    pub results: Results,
    /// Where rows went already, of a plan that is not kept.
    pub sinks: Option<Sinks>,
    /// The folder of the report.
    pub folder: PathBuf,
    /// The golden file.
    pub golden: compare::Pending,
}

/// When it is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// After that version of the page was painted, unless another report overtakes it.
    Painted(u64),
    /// When the last files are, unless another report overtakes it.
    Next,
    /// When the last files are, whatever comes.
    Certainly,
}

/// How the files of a report were written.
pub struct Written {
    /// Why they were not.
    pub exit: Option<Exit>,
    /// What they were made of.
    pub opened: Opened,
    /// What was said.
    pub heard: String,
}

/// Files that are being written.
struct Writing {
    number: u64,
    version: Option<u64>,
    /// Tells that the page was painted; gone, that nobody waits for it.
    painted: Sender<()>,
    thread: JoinHandle<Written>,
}

/// Writes the files of one report after another.
pub struct Files {
    wakes: Sender<Wake>,
    latest: Arc<AtomicU64>,
    writing: Option<Writing>,
}

impl Files {
    /// Nothing is written yet; the loop is woken when something is.
    pub fn new(wakes: Sender<Wake>) -> Self {
        Self {
            wakes,
            latest: Arc::new(AtomicU64::new(0)),
            writing: None,
        }
    }

    /// Writes what was ordered, after what was ordered before.
    pub fn write(&mut self, context: Context, order: Order, when: When) {
        let number = self.latest.fetch_add(1, Ordering::Relaxed) + 1;
        let before = self.writing.take();
        let (painted, paint) = mpsc::channel();
        let (wakes, latest) = (self.wakes.clone(), Arc::clone(&self.latest));
        let thread = std::thread::spawn(move || {
            let before = before.and_then(Writing::end);
            let written = turn(&context, order, when, (number, &latest, &paint));
            // A loop that has ended joins by itself.
            let _ = wakes.send(Wake::Written(number));
            Written {
                exit: written.err(),
                opened: both(context.world.opened(), before),
                heard: context.heard(),
            }
        });
        self.writing = Some(Writing {
            number,
            version: match when {
                When::Painted(version) => Some(version),
                When::Next | When::Certainly => None,
            },
            painted,
            thread,
        });
    }

    /// Tells that a version of the page was painted.
    pub fn painted(&self, version: u64) {
        if let Some(writing) = &self.writing
            && writing.version == Some(version)
        {
            // Files that are written already wait for nothing.
            let _ = writing.painted.send(());
        }
    }

    /// True for the number of the files that were ordered last and not yet taken.
    pub fn is_last(&self, number: u64) -> bool {
        let last = self.writing.as_ref();
        last.is_some_and(|last| last.number == number)
    }

    /// Waits for the files that are being written, if any.
    pub fn join(&mut self) -> Option<Result<Written, Lost>> {
        let writing = self.writing.take()?;
        Some(writing.end().ok_or(Lost))
    }
}

/// The writer ended in a panic.
#[derive(Debug, Clone, Copy)]
pub struct Lost;

impl Writing {
    /// Waits for the end, and no longer for a browser.
    fn end(self) -> Option<Written> {
        drop(self.painted);
        self.thread.join().ok()
    }
}

/// Waits for the turn of these files and writes them, if they are still wanted.
fn turn(
    context: &Context,
    order: Order,
    when: When,
    (number, latest, paint): (u64, &AtomicU64, &Receiver<()>),
) -> Result<(), Exit> {
    let is_last = || latest.load(Ordering::Relaxed) == number;
    let wanted = match when {
        When::Painted(_) => {
            // Painted, overtaken or waited for long enough: it is written all the same.
            let _ = paint.recv_timeout(PATIENCE);
            is_last()
        }
        When::Next => is_last(),
        When::Certainly => true,
    };
    if wanted {
        write(context, order)
    } else {
        Ok(())
    }
}

fn write(context: &Context, order: Order) -> Result<(), Exit> {
    let fail = |error: &dyn std::error::Error| failed(context, error);
    let (loaded, results, folder) = (&order.loaded, &order.results, Path::new(&order.folder));
    let sinks = if let Some(sinks) = order.sinks {
        sinks
    } else {
        let mut sinks = Sinks::open(&loaded.scenario, folder).map_err(|error| fail(&error))?;
        let rows = sinks.points(&results.points);
        rows.map_err(|error| fail(&error))?;
        sinks
    };
    let batch = outputs::render(context, loaded, results, sinks, folder)?.batch;
    order.golden.write(batch).map_err(|error| fail(&error))?;
    Ok(())
}

/// What was opened for these files, and for those before them.
fn both(mut opened: Opened, before: Option<Written>) -> Opened {
    for (path, stamp) in before.map(|before| before.opened).unwrap_or_default() {
        opened.entry(path).or_insert(stamp);
    }
    opened
}
