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
#[derive(Default)]
pub struct Written {
    /// Why they were not, or those before them that were to be written in any case.
    pub exit: Option<Exit>,
    /// What they were made of.
    pub opened: Opened,
    /// What was said.
    pub heard: String,
    /// What must be said whatever comes after these files.
    owed: Option<(Exit, String)>,
}

/// Files that are being written.
struct Writing {
    number: u64,
    version: Option<u64>,
    /// To be written in any case.
    certain: bool,
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
        self.start(when, move |turn| {
            let exit = turn.comes(when).then(|| write(&context, order));
            Written {
                exit: exit.and_then(Result::err),
                opened: context.world.opened(),
                heard: context.heard(),
                owed: None,
            }
        });
    }

    /// Starts a thread that does so, once that before it has ended.
    fn start(&mut self, when: When, write: impl FnOnce(&Turn) -> Written + Send + 'static) {
        let number = self.latest.fetch_add(1, Ordering::Relaxed) + 1;
        let before = self.writing.take();
        let (painted, paint) = mpsc::channel();
        let wakes = self.wakes.clone();
        let turn = Turn {
            number,
            latest: Arc::clone(&self.latest),
            paint,
        };
        let thread = std::thread::spawn(move || {
            let before = before.and_then(Writing::end_before);
            let written = write(&turn);
            // A loop that has ended joins by itself.
            let _ = wakes.send(Wake::Written(number));
            after(before, written, when)
        });
        self.writing = Some(Writing {
            number,
            version: match when {
                When::Painted(version) => Some(version),
                When::Next | When::Certainly => None,
            },
            certain: when == When::Certainly,
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
    /// The same where other files follow: a panic of what was to be written in any case is owed to the reader.
    fn end_before(self) -> Option<Written> {
        let certain = self.certain;
        self.end().or_else(|| {
            let words = "internal error: the accepted results are not written\n".to_owned();
            certain.then(|| Written {
                owed: Some((Exit::Internal, words)),
                ..Written::default()
            })
        })
    }

    /// Waits for the end, and no longer for a browser.
    fn end(self) -> Option<Written> {
        drop(self.painted);
        self.thread.join().ok()
    }
}

/// Whose turn it is.
struct Turn {
    number: u64,
    latest: Arc<AtomicU64>,
    paint: Receiver<()>,
}

impl Turn {
    /// Waits for the turn of these files; false where they are not wanted any more.
    fn comes(&self, when: When) -> bool {
        let is_last = || self.latest.load(Ordering::Relaxed) == self.number;
        match when {
            When::Painted(_) => {
                // Painted, overtaken or waited for long enough: it is written all the same.
                let _ = self.paint.recv_timeout(PATIENCE);
                is_last()
            }
            When::Next => is_last(),
            When::Certainly => true,
        }
    }
}

/// How these files were written after those before them. What was to be written in any case and was not is told with them, as
/// nobody asks for the files before the last.
fn after(before: Option<Written>, mut written: Written, when: When) -> Written {
    let owed = before.as_ref().and_then(|before| before.owed.clone());
    written.opened = both(written.opened, before);
    let own = (written.exit, written.heard.clone());
    if let Some((exit, heard)) = &owed {
        written.exit = Some(*exit);
        written.heard = format!("{heard}{}", written.heard);
    }
    written.owed = match (when, own) {
        (When::Certainly, (Some(exit), heard)) => {
            let before = owed.map_or_else(String::new, |(_, heard)| heard);
            Some((exit, before + &heard))
        }
        (When::Certainly | When::Painted(_) | When::Next, _) => owed,
    };
    written
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

#[cfg(test)]
mod tests {
    use super::*;

    fn done() -> Written {
        Written::default()
    }

    fn failed() -> Written {
        Written {
            exit: Some(Exit::Failed),
            heard: "error: the disk is full\n".to_owned(),
            ..Written::default()
        }
    }

    /// What is heard after one report and two more in quick succession.
    fn heard(first: When, written: fn() -> Written) -> (Option<Exit>, String) {
        let mut files = Files::new(mpsc::channel().0);
        files.start(first, move |_| written());
        files.start(When::Next, |_| done());
        files.start(When::Next, |_| done());
        let written = files.join().expect("files are written");
        let written = written.unwrap_or_else(|_| panic!("no writer panicked"));
        (written.exit, written.heard)
    }

    #[test]
    fn an_acceptance_that_failed_is_told_with_the_files_that_overtook_it() {
        let (exit, words) = heard(When::Certainly, failed);
        assert_eq!(exit, Some(Exit::Failed));
        assert!(words.contains("disk is full"), "{words}");
        assert_eq!(heard(When::Certainly, done).0, None);
    }

    #[test]
    fn of_an_overtaken_report_nobody_needs_to_know() {
        assert_eq!(heard(When::Next, failed), (None, String::new()));
    }
}
