//! `phantom watch`: `run` in a loop, with a live page.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use super::outputs::{self, chain, failed};
use super::predict::{self, Ended, Inputs};
use super::run::output_folder;
use super::sinks::Sinks;
use super::watch_files::{Files, Order, When};
use super::{calibration, compare, redact, scenarios};
use crate::cli::Exit;
use crate::cli::args::Run;
use crate::cli::cache::{Cache, Kept};
use crate::cli::context::Context;
use crate::cli::door::Opened;
use crate::cli::progress::Stopwatch;
use crate::cli::watch::Wake;
use crate::cli::watch::changes::Changes;
use crate::cli::watch::keys::Terminal;
use crate::cli::watch::memory::Memory;
use crate::cli::watch::screen::{Screen, Status, plain};
use crate::cli::watch::server::Server;
use crate::cli::watch_args::{Live, Watch};
use crate::pipeline;
use crate::record::Results;
use crate::report;
use crate::scenario::{self, Loaded, OutputKind};

/// Predicts again whenever a file changes, until the user ends it.
pub fn watch(context: &Context, arguments: &Watch) -> Exit {
    follow(context, &arguments.as_run(), arguments.live).unwrap_or_else(|exit| exit)
}

/// `phantom run --watch`.
pub fn run(context: &Context, arguments: &Run) -> Exit {
    follow(context, arguments, Live::default()).unwrap_or_else(|exit| exit)
}

fn follow(context: &Context, arguments: &Run, live: Live) -> Result<Exit, Exit> {
    let files = scenarios::files(context, &arguments.scenarios);
    let [scenario] = &files[..] else {
        context.complain("error: one scenario is watched at a time");
        return Err(Exit::BadInput);
    };
    pipeline::use_threads(arguments.jobs);
    let (sender, wakes) = mpsc::channel();
    let server =
        Server::start(live.port, sender.clone()).map_err(|error| failed(context, &error))?;
    let changes = Changes::new(sender.clone(), wakes);
    let terminal = Terminal::open(&sender);
    let stop = Arc::new(AtomicBool::new(false));
    terminal.heed_signals(&sender, &stop).map_err(|error| {
        context.complain(&format!("error: signals cannot be handled: {error}"));
        Exit::Failed
    })?;
    let disk = context.cache().filter(|_| !arguments.no_cache);
    let mut session = Session {
        context,
        arguments,
        scenario,
        screen: Screen::new(context),
        memory: Memory::new(disk.map(|folder| Cache::open(&folder))),
        server,
        changes,
        stop,
        files: Files::new(sender),
        pack: calibration::BuiltIn::default(),
        since: Stopwatch::start(),
    };
    Ok(session.run(live))
}

/// One watch from its start to its end.
struct Session<'a> {
    context: &'a Context,
    arguments: &'a Run,
    scenario: &'a Path,
    screen: Screen<'a>,
    memory: Memory,
    server: Server,
    changes: Changes,
    stop: Arc<AtomicBool>,
    /// Written while the next change is waited for.
    files: Files,
    pack: calibration::BuiltIn,
    /// Since the change that the last evaluation answers.
    since: Stopwatch,
}

/// What an evaluation came to.
enum Attempt {
    /// A page that is shown.
    Shown,
    /// Something changed meanwhile, or the user wants to end.
    Overtaken,
    /// A problem, which was said.
    Refused,
}

/// What an evaluation shows.
struct Evaluated {
    loaded: Loaded,
    results: Results,
    view: report::View,
    page: Vec<u8>,
    found: u64,
    folder: PathBuf,
    sinks: Option<Sinks>,
    golden: compare::Pending,
}

/// Whether the results are taken as accepted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Golden {
    /// As the flags say.
    AsAsked,
    /// Yes.
    Accept,
}

impl Session<'_> {
    fn run(&mut self, live: Live) -> Exit {
        let address = self.server.address();
        self.screen.begin(self.scenario, None, &address);
        self.evaluate(&[], Golden::AsAsked);
        if live.open {
            self.open();
        }
        loop {
            let (wake, changed, since) = self.changes.wait();
            if wake == Wake::Files || matches!(wake, Wake::Key('r' | 'a')) {
                self.since = since;
            }
            match wake {
                Wake::Files | Wake::Key('r') => self.evaluate(&changed, Golden::AsAsked),
                Wake::Key('a') => self.evaluate(&[], Golden::Accept),
                Wake::Key('o') => self.open(),
                Wake::Painted(version) => {
                    self.files.painted(version);
                    self.screen.painted(version, self.since.seconds());
                }
                Wake::Written(number) => self.written(number),
                Wake::Key('q') => return self.end(Exit::Done),
                Wake::Quit(exit) => return self.end(exit),
                Wake::Key(_) => {}
            }
        }
    }

    fn end(&mut self, exit: Exit) -> Exit {
        self.server.end();
        if let Some(words) = self.join() {
            self.screen.problem(&words, &[]);
        }
        exit
    }

    /// Says what is wrong with the files of the last report; of an older one nobody needs to know.
    fn written(&mut self, number: u64) {
        if !self.files.is_last(number) {
            return;
        }
        let problem = self.join();
        self.memory.save();
        if let Some(words) = problem {
            self.server.complain(plain(&words));
            self.screen.problem(&words, &[]);
        } else {
            self.screen.written();
        }
    }

    /// Waits for the files that are being written, and follows what they are made of; returns what is wrong with them.
    fn join(&mut self) -> Option<String> {
        let Ok(written) = self.files.join()? else {
            return Some("internal error: the files of this report are not written".to_owned());
        };
        let mut opened = self.changes.opened().clone();
        for (path, stamp) in without_own(written.opened) {
            opened.entry(path).or_insert(stamp);
        }
        self.changes.follow(opened);
        written.exit.map(|_| written.heard)
    }

    fn open(&mut self) {
        if let Err(error) = open_browser(&self.server.address()) {
            let words = format!("no browser can be opened: {error}");
            self.screen.note(&words);
        }
    }

    /// Evaluates once, again where it was overtaken, and follows what was opened.
    fn evaluate(&mut self, changed: &[PathBuf], golden: Golden) {
        loop {
            let context = self.context.listening();
            self.memory.begin();
            let attempt =
                catch_unwind(AssertUnwindSafe(|| self.attempt(&context, changed, golden)));
            let attempt = attempt.unwrap_or_else(|_| {
                context.complain("internal error: this evaluation ended in a panic of ours; the next change tries again");
                Attempt::Refused
            });
            if self.stop.load(Ordering::Relaxed) {
                return;
            }
            self.keep_following(&context, &attempt);
            match attempt {
                Attempt::Shown => return,
                Attempt::Overtaken => {}
                Attempt::Refused if self.changes.another_follows() => return,
                Attempt::Refused => {
                    let words = context.heard();
                    self.server.complain(plain(&words));
                    self.screen.problem(&words, changed);
                    return;
                }
            }
            self.changes.dirty().store(false, Ordering::Relaxed);
        }
    }

    /// What was opened is followed; after an evaluation that did not come to its end, what was opened before too.
    fn keep_following(&mut self, context: &Context, attempt: &Attempt) {
        let mut opened = context.world.opened();
        if !matches!(attempt, Attempt::Shown) {
            for (path, stamp) in self.changes.opened() {
                opened.entry(path.clone()).or_insert_with(|| stamp.clone());
            }
        }
        self.changes.follow(without_own(opened));
    }

    fn attempt(&mut self, context: &Context, changed: &[PathBuf], accepting: Golden) -> Attempt {
        let evaluated = match self.predicted(context, accepting) {
            Ok(evaluated) => evaluated,
            Err(Ended::Stopped { .. }) => return Attempt::Overtaken,
            Err(Ended::Refused(_)) => return Attempt::Refused,
        };
        let Evaluated {
            loaded,
            results,
            view,
            page,
            found,
            folder,
            sinks,
            golden,
        } = evaluated;
        let version = self.server.show(page);
        let address = self.server.address();
        self.screen.begin(self.scenario, Some(&folder), &address);
        let outcome = results.golden.as_ref();
        self.screen.report(&Status {
            version,
            points: results.planned,
            recomputed: results.planned.saturating_sub(found),
            seconds: self.since.seconds(),
            answer: &view.answer.sentence,
            golden: outcome.map(|one| (one.file.as_str(), one.compared, one.differing)),
            changed,
            heard: &context.heard(),
        });
        let when = match accepting {
            Golden::Accept => When::Certainly,
            Golden::AsAsked if self.server.is_read() => When::Painted(version),
            Golden::AsAsked => When::Next,
        };
        let order = Order {
            loaded,
            results,
            sinks,
            folder,
            golden,
        };
        self.files.write(self.context.listening(), order, when);
        Attempt::Shown
    }

    /// From the files to the page.
    fn predicted(&mut self, context: &Context, golden: Golden) -> Result<Evaluated, Ended> {
        let arguments = self.arguments;
        let catalog = scenarios::catalog(context)?;
        let (sources, loaded) =
            scenarios::load(context, &catalog, self.scenario, &arguments.overrides.set)?;
        if let Some(diagnostic) = scenario::not_modelled(&loaded.plan) {
            return Err(scenarios::refuse(context, diagnostic.into(), &sources).into());
        }
        let loaded = scenarios::select(context, loaded, arguments.points.as_deref())?;
        let named = arguments.calibration.as_deref();
        let pack = self.pack.choose(context, named, &loaded.scenario)?;
        let folder = output_folder(arguments, &loaded);
        let small = loaded.plan.len() <= pipeline::KEPT_POINTS;
        let mut sinks = None;
        if !small {
            let opened = Sinks::open(&loaded.scenario, &folder);
            sinks = Some(opened.map_err(|error| failed(context, &error))?);
        }
        let inputs = Inputs {
            loaded: &loaded,
            sources: &sources,
            catalog: &catalog,
            pack: &pack,
            memo: small.then_some(&self.memory as &dyn Kept),
        };
        let (dirty, stop) = (self.changes.dirty(), Arc::clone(&self.stop));
        let overtaken = || dirty.load(Ordering::Relaxed) || stop.load(Ordering::Relaxed);
        let (mut results, found) = predict::predict(context, &inputs, &overtaken, sinks.as_mut())?;
        let pending = match golden {
            Golden::AsAsked => {
                compare::compare(context, arguments, (&loaded, &sources), &mut results)?
            }
            Golden::Accept => compare::accept_now(context, arguments, &loaded, &mut results)?,
        };
        let results = redact::redacted(context, &loaded, results)?;
        // The id of the results costs as much as writing them; the report on disk holds it.
        let view = report::view_without_id(&results);
        let page = page(context, &loaded, &view)?;
        Ok(Evaluated {
            loaded,
            results,
            view,
            page,
            found,
            folder,
            sinks,
            golden: pending,
        })
    }
}

impl From<Exit> for Ended {
    fn from(exit: Exit) -> Self {
        Self::Refused(exit)
    }
}

/// The page of the first HTML output, or of the built-in template where there is none.
fn page(context: &Context, loaded: &Loaded, view: &report::View) -> Result<Vec<u8>, Exit> {
    let mut outputs = loaded.scenario.report.outputs.iter();
    let named = outputs
        .find(|output| output.kind == OutputKind::Html)
        .and_then(|output| output.template.as_deref());
    outputs::html(context, view, &loaded.root.join("templates"), named)
}

/// What was opened less what we write ourselves: results that wait for acceptance.
fn without_own(mut opened: Opened) -> Opened {
    opened.retain(|path, _| path.extension().is_none_or(|ending| ending != "new"));
    opened
}

/// Shows an address in the user's browser.
fn open_browser(address: &str) -> Result<(), String> {
    use std::process::{Command, Stdio};
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = Command::new(program);
    command
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command
        .spawn()
        .map_err(|error| format!("{program}: {}", chain(&error)))?;
    // The browser may outlive us; waiting for it is nobody's business here.
    std::thread::spawn(move || child.wait());
    Ok(())
}
