//! What an evaluation opened, and whether any of it has changed since.
//!
//! The system tells of changes in the folders of these files, not of the files themselves, so that an editor that renames a
//! new file over the old one is seen too. Paths that do not exist yet, and those that the system cannot watch, are looked
//! at every 300 ms. Whether something changed is decided by comparing stamps, so a read alone wakes nobody.
#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "tests set up files")
)]

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Wake;
use crate::cli::door::{Opened, Stamp};
use crate::cli::progress::Stopwatch;

/// How often paths are looked at that the system does not watch.
const POLL: Duration = Duration::from_millis(300);
/// Changes that follow each other this soon are one.
const QUIET: Duration = Duration::from_millis(5);
/// Longest time that changes are gathered for, in seconds.
const LONGEST: f64 = 0.5;
/// After a change that breaks the scenario another is waited for this long, as some editors empty a file before they fill it.
const GRACE: Duration = Duration::from_millis(100);

/// The paths whose changes are told.
#[derive(Debug, Default)]
struct Interest {
    files: BTreeSet<PathBuf>,
    folders: BTreeSet<PathBuf>,
}

impl Interest {
    fn holds(&self, path: &Path) -> bool {
        self.files.contains(path)
            || path
                .parent()
                .is_some_and(|folder| self.folders.contains(folder))
    }
}

/// Tells of changes to what was opened.
pub struct Changes {
    watcher: Option<RecommendedWatcher>,
    watched: BTreeSet<PathBuf>,
    interest: Arc<Mutex<Interest>>,
    opened: Opened,
    /// Paths that are to be looked at, as nobody tells of them.
    polled: BTreeSet<PathBuf>,
    /// Whether a path changed between its first look and its being followed, which nobody tells of, is still to be asked.
    unchecked: bool,
    dirty: Arc<AtomicBool>,
    wakes: Receiver<Wake>,
    waiting: VecDeque<Wake>,
}

impl Changes {
    /// Starts with nothing to watch; where the system tells of no changes, everything is looked at.
    pub fn new(sender: Sender<Wake>, wakes: Receiver<Wake>) -> Self {
        let interest = Arc::new(Mutex::new(Interest::default()));
        let dirty = Arc::new(AtomicBool::new(false));
        let (heard, mark) = (Arc::clone(&interest), Arc::clone(&dirty));
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let holds = |path: &PathBuf| heard.lock().is_ok_and(|interest| interest.holds(path));
            let matters = match &event {
                Ok(event) => {
                    event.need_rescan() || changes(event.kind) && event.paths.iter().any(holds)
                }
                Err(_) => true,
            };
            if matters {
                mark.store(true, Ordering::Relaxed);
                // A loop that has ended needs no news.
                let _ = sender.send(Wake::Files);
            }
        });
        Self {
            watcher: watcher.ok(),
            watched: BTreeSet::new(),
            interest,
            opened: Opened::new(),
            polled: BTreeSet::new(),
            unchecked: false,
            dirty,
            wakes,
            waiting: VecDeque::new(),
        }
    }

    /// A flag that a change, or the wish to end, raises: what is being done is out of date.
    pub fn dirty(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.dirty)
    }

    /// Follows these paths and no others.
    pub fn follow(&mut self, opened: Opened) {
        let mut interest = Interest::default();
        let mut folders = BTreeSet::new();
        self.polled.clear();
        for (path, stamp) in &opened {
            let listed = matches!(stamp, Stamp::Listed(_));
            let mut told = false;
            for real in real_paths(path) {
                let folder = if listed {
                    Some(real.as_path())
                } else {
                    real.parent()
                };
                if let Some(folder) = folder {
                    told |= self.watch(folder);
                    folders.insert(folder.to_owned());
                }
                if listed {
                    interest.folders.insert(real);
                } else {
                    interest.files.insert(real);
                }
            }
            if !told || *stamp == Stamp::Missing {
                self.polled.insert(path.clone());
            }
        }
        for folder in self.watched.difference(&folders) {
            if let Some(watcher) = &mut self.watcher {
                // A folder that is gone is not watched any more.
                let _ = watcher.unwatch(folder);
            }
        }
        self.watched.retain(|folder| folders.contains(folder));
        if let Ok(mut shared) = self.interest.lock() {
            *shared = interest;
        }
        self.opened = opened;
        self.unchecked = true;
    }

    /// True where the system tells of changes in the folder.
    fn watch(&mut self, folder: &Path) -> bool {
        if self.watched.contains(folder) && folder.is_dir() {
            return true;
        }
        let Some(watcher) = &mut self.watcher else {
            return false;
        };
        let told = watcher.watch(folder, RecursiveMode::NonRecursive).is_ok();
        if told {
            self.watched.insert(folder.to_owned());
        }
        told
    }

    /// Paths that are followed.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// The paths where something else stands than when they were opened.
    pub fn changed(&self) -> Vec<PathBuf> {
        let differing = self
            .opened
            .iter()
            .filter(|(path, stamp)| stamp.differs(path));
        differing.map(|(path, _)| path.clone()).collect()
    }

    fn polled_changed(&self) -> bool {
        let opened = |path: &PathBuf| {
            self.opened
                .get(path)
                .is_some_and(|stamp| stamp.differs(path))
        };
        self.polled.iter().any(opened)
    }

    /// Waits for the next wake; for files, with the paths that changed and the time since the first of the changes.
    pub fn wait(&mut self) -> (Wake, Vec<PathBuf>, Stopwatch) {
        loop {
            let wake = match self.waiting.pop_front() {
                Some(wake) => Ok(wake),
                None if self.missed() => Ok(Wake::Files),
                None => self.wakes.recv_timeout(POLL),
            };
            let since = Stopwatch::start();
            match wake {
                Ok(Wake::Files) => self.settle(since),
                Err(RecvTimeoutError::Timeout) if self.polled_changed() => self.settle(since),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => {
                    return (Wake::Quit(crate::cli::Exit::Done), Vec::new(), since);
                }
                Ok(wake) => return (wake, Vec::new(), since),
            }
            self.dirty.store(false, Ordering::Relaxed);
            let changed = self.changed();
            if !changed.is_empty() {
                return (Wake::Files, changed, since);
            }
        }
    }

    /// True, once for each time that paths were followed, where one changed before it was.
    fn missed(&mut self) -> bool {
        std::mem::take(&mut self.unchecked) && !self.changed().is_empty()
    }

    /// Gathers changes until there are none for a moment.
    fn settle(&mut self, since: Stopwatch) {
        while since.seconds() < LONGEST && self.files_within(QUIET) {}
    }

    /// True where another change follows soon: what has just failed was perhaps half of a file.
    pub fn another_follows(&mut self) -> bool {
        let followed = self.files_within(GRACE);
        if followed {
            self.waiting.push_front(Wake::Files);
        }
        followed
    }

    /// Waits for a change to files, keeping other wakes for later.
    fn files_within(&mut self, time: Duration) -> bool {
        let since = Stopwatch::start();
        loop {
            let left = time.saturating_sub(Duration::from_secs_f64(since.seconds()));
            match self.wakes.recv_timeout(left) {
                Ok(Wake::Files) => return true,
                Ok(other) => self.waiting.push_back(other),
                Err(_) => return false,
            }
        }
    }
}

/// True for what alters files; looking at them does not.
fn changes(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

/// The path below the real path of its folder, and where it leads if it is a link.
fn real_paths(path: &Path) -> BTreeSet<PathBuf> {
    let parent = match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Some(Path::new(".")),
        parent => parent,
    };
    let folder = parent.and_then(|folder| folder.canonicalize().ok());
    let below = folder
        .zip(path.file_name())
        .map(|(folder, name)| folder.join(name));
    below.into_iter().chain(path.canonicalize()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::cli::Exit;
    use crate::cli::door::Door;
    use crate::source::World;

    fn following(paths: &[&Path]) -> (Sender<Wake>, Changes) {
        let (sender, wakes) = mpsc::channel();
        let mut changes = Changes::new(sender.clone(), wakes);
        let door = Door::recording();
        for path in paths {
            door.exists(path);
        }
        changes.follow(door.opened());
        (sender, changes)
    }

    #[test]
    fn a_change_a_rename_over_a_removal_and_a_new_file_are_seen() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| folder.path().join(name);
        let (file, later) = (path("a.yaml"), path("sub/later.yaml"));
        std::fs::write(&file, "one").expect("written");
        let (_sender, mut changes) = following(&[&file, &later]);
        let mut next = |act: &dyn Fn()| {
            act();
            let (wake, changed, _) = changes.wait();
            assert_eq!(wake, Wake::Files);
            let door = Door::recording();
            for path in [&file, &later] {
                door.exists(path);
            }
            changes.follow(door.opened());
            changed
        };
        assert_eq!(
            next(&|| std::fs::write(&file, "other").expect("written")),
            std::slice::from_ref(&file)
        );
        let rename = || {
            std::fs::write(path(".a.swp"), "third").expect("written");
            std::fs::rename(path(".a.swp"), &file).expect("renamed");
        };
        assert_eq!(next(&rename), std::slice::from_ref(&file));
        assert_eq!(
            next(&|| std::fs::remove_file(&file).expect("removed")),
            std::slice::from_ref(&file)
        );
        let make = || {
            std::fs::create_dir(path("sub")).expect("made");
            std::fs::write(&later, "x").expect("written");
        };
        assert_eq!(next(&make), std::slice::from_ref(&later));
        assert_eq!(
            next(&|| std::fs::write(&later, "xy").expect("written")),
            std::slice::from_ref(&later)
        );
    }

    #[test]
    fn a_change_between_the_look_and_the_watch_is_seen() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("a.yaml");
        std::fs::write(&file, "one").expect("written");
        let (sender, wakes) = mpsc::channel();
        let mut changes = Changes::new(sender, wakes);
        let door = Door::recording();
        door.exists(&file);
        std::fs::write(&file, "other").expect("written");
        changes.follow(door.opened());
        assert_eq!(changes.wait().1, [file]);
    }

    #[test]
    fn other_wakes_pass_in_their_order_while_changes_are_gathered() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("a.yaml");
        std::fs::write(&file, "one").expect("written");
        let (sender, mut changes) = following(&[&file]);
        std::fs::write(folder.path().join("b"), "not followed").expect("written");
        sender.send(Wake::Files).expect("heard");
        for wake in [Wake::Key('r'), Wake::Painted(2), Wake::Quit(Exit::Done)] {
            sender.send(wake).expect("heard");
        }
        for wake in [Wake::Key('r'), Wake::Painted(2), Wake::Quit(Exit::Done)] {
            assert_eq!(changes.wait().0, wake, "a wake without a change is none");
        }
    }
}
