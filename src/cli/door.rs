//! The disk as commands see it, and what was opened through it: that is what a result depends on.
#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "tests set up files")
)]
#![cfg_attr(
    not(any(feature = "watch", test)),
    expect(dead_code, reason = "nothing is recorded where nothing is watched")
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use crate::source::{Disk, World, WorldError};

/// What stood at a path when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stamp {
    /// Nothing.
    Missing,
    /// A folder, whatever is in it.
    Folder,
    /// A file: its size, the time of its last change, and which of all files it is where the system says so.
    There {
        /// Bytes.
        size: u64,
        /// Last change.
        changed: Option<SystemTime>,
        /// Device and number of the file.
        file: (u64, u64),
    },
    /// The names in a folder whose entries were listed.
    Listed(Vec<PathBuf>),
}

impl Stamp {
    /// What stands at a path now.
    pub fn of(path: &Path) -> Self {
        let Ok(facts) = path.metadata() else {
            return Self::Missing;
        };
        if facts.is_dir() {
            return Self::Folder;
        }
        Self::There {
            size: facts.len(),
            changed: facts.modified().ok(),
            file: identity(&facts),
        }
    }

    /// The names in a folder now.
    pub fn of_folder(path: &Path) -> Self {
        Self::Listed(Disk.list(path))
    }

    /// True where something else stands at the path now.
    pub fn differs(&self, path: &Path) -> bool {
        match self {
            Self::Missing | Self::Folder | Self::There { .. } => *self != Self::of(path),
            Self::Listed(_) => *self != Self::of_folder(path),
        }
    }
}

#[cfg(unix)]
fn identity(facts: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (facts.dev(), facts.ino())
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// Paths that were opened, each as it was just before it was first read.
pub type Opened = BTreeMap<PathBuf, Stamp>;

/// The disk; where it records, every path that is read, listed or asked for is written down.
///
/// A stamp is taken before a file is read, so that a change in between shows as a difference afterwards.
#[derive(Debug, Clone, Default)]
pub struct Door {
    opened: Option<Arc<Mutex<Opened>>>,
}

impl Door {
    /// A door that writes down what passes.
    pub fn recording() -> Self {
        Self {
            opened: Some(Arc::default()),
        }
    }

    /// What was opened so far.
    pub fn opened(&self) -> Opened {
        let opened = self.opened.as_ref().and_then(|opened| opened.lock().ok());
        opened.map_or_else(Opened::new, |opened| opened.clone())
    }

    fn record(&self, path: &Path, stamp: impl FnOnce(&Path) -> Stamp) {
        let Some(opened) = &self.opened else { return };
        if let Ok(mut opened) = opened.lock()
            && !opened.contains_key(path)
        {
            opened.insert(path.to_owned(), stamp(path));
        }
    }
}

impl World for Door {
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        self.record(path, Stamp::of);
        Disk.read(path)
    }

    fn read_start(&self, path: &Path, limit: u64) -> Result<Vec<u8>, WorldError> {
        self.record(path, Stamp::of);
        Disk.read_start(path, limit)
    }

    fn read_parts(&self, path: &Path, each: &mut dyn FnMut(&[u8])) -> Result<(), WorldError> {
        self.record(path, Stamp::of);
        Disk.read_parts(path, each)
    }

    fn list(&self, folder: &Path) -> Vec<PathBuf> {
        self.record(folder, Stamp::of_folder);
        Disk.list(folder)
    }

    fn exists(&self, path: &Path) -> bool {
        self.record(path, Stamp::of);
        Disk.exists(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.record(path, Stamp::of);
        Disk.is_folder(path)
    }

    fn variable(&self, name: &str) -> Option<String> {
        Disk.variable(name)
    }

    fn folder(&self) -> Option<PathBuf> {
        Disk.folder()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_opened_is_written_down_and_a_later_change_shows() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (file, missing) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&file, "one").expect("written");
        let door = Door::recording();
        assert!(door.read(&file).is_ok() && !door.exists(&missing));
        door.list(folder.path());
        let opened = door.opened();
        let changed = || {
            let differing = opened.iter().filter(|(path, stamp)| stamp.differs(path));
            differing.map(|(path, _)| path.clone()).collect::<Vec<_>>()
        };
        assert_eq!(opened.len(), 3);
        assert!(changed().is_empty());
        std::fs::write(&file, "three").expect("written");
        assert_eq!(changed(), std::slice::from_ref(&file));
        std::fs::write(&missing, "").expect("written");
        assert_eq!(changed(), [folder.path().to_owned(), file, missing]);
    }

    #[test]
    fn a_file_renamed_over_another_of_the_same_size_shows() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (file, other) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&file, "one").expect("written");
        std::fs::write(&other, "two").expect("written");
        let stamp = Stamp::of(&file);
        std::fs::rename(&other, &file).expect("renamed");
        assert!(stamp.differs(&file));
    }

    #[test]
    fn a_door_that_does_not_record_keeps_nothing() {
        let door = Door::default();
        assert!(!door.exists(Path::new("/there/is/nothing")));
        assert!(door.opened().is_empty());
    }
}
