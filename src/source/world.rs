//! The door to files and the environment.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// What could not be had from the world.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// There is no such file.
    #[error("{}: no such file", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file exists but cannot be read.
    #[error("{}: cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's own words.
        #[source]
        source: std::io::Error,
    },
    /// The file is larger than its reader allows.
    #[error("{}: {size} bytes, more than the {limit} allowed", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
}

/// What the core may ask of the world it runs in.
pub trait World: Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// [`WorldError`] with the path.
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError>;

    /// The first `limit` bytes of a file, or all of it when it is shorter: for headers of files too large to read.
    ///
    /// # Errors
    ///
    /// [`WorldError`] with the path.
    fn read_start(&self, path: &Path, limit: u64) -> Result<Vec<u8>, WorldError> {
        let mut bytes = self.read(path)?;
        bytes.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    /// Hands the bytes of a file on in order, part by part: for files that are used up as they are read, however large.
    ///
    /// # Errors
    ///
    /// [`WorldError`] with the path; parts may have been handed on before.
    fn read_parts(&self, path: &Path, each: &mut dyn FnMut(&[u8])) -> Result<(), WorldError> {
        each(&self.read(path)?);
        Ok(())
    }

    /// The entries of a folder, sorted by name, as paths that start with `folder`; empty when there is none.
    fn list(&self, folder: &Path) -> Vec<PathBuf>;

    /// True when a file or folder stands at `path`.
    fn exists(&self, path: &Path) -> bool;

    /// True when a folder stands at `path`.
    fn is_folder(&self, path: &Path) -> bool;

    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;

    /// The folder that relative paths start from, where the world has one.
    fn folder(&self) -> Option<PathBuf> {
        None
    }
}

/// A world made of maps, for tests and for places without a disk.
#[derive(Debug, Default, Clone)]
pub struct Memory {
    /// Files by path, without `.` and `..`.
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    /// The environment.
    pub variables: BTreeMap<String, String>,
    /// The folder that relative paths start from; absolute paths are used as they are.
    pub folder: Option<PathBuf>,
}

impl Memory {
    /// The same world with one more file.
    #[must_use]
    pub fn with(mut self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(normal(path.as_ref()), bytes.into());
        self
    }
}

impl World for Memory {
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        let path = normal(path);
        self.files
            .get(&path)
            .cloned()
            .ok_or(WorldError::Missing { path })
    }

    fn list(&self, folder: &Path) -> Vec<PathBuf> {
        let inside = normal(folder);
        let mut entries: Vec<PathBuf> = self
            .files
            .keys()
            .filter_map(|path| {
                path.strip_prefix(&inside)
                    .ok()?
                    .components()
                    .next()
                    .map(|first| folder.join(first))
            })
            .collect();
        entries.dedup();
        entries
    }

    fn exists(&self, path: &Path) -> bool {
        let path = normal(path);
        self.files.keys().any(|file| file.starts_with(&path))
    }

    fn is_folder(&self, path: &Path) -> bool {
        let path = normal(path);
        !self.files.contains_key(&path) && self.files.keys().any(|file| file.starts_with(&path))
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn folder(&self) -> Option<PathBuf> {
        self.folder.clone()
    }
}

/// A path without `.` and, where a folder precedes it, without `..`; symbolic links are not followed.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if parts.file_name().is_some() => {
                parts.pop();
            }
            Component::ParentDir
            | Component::Normal(_)
            | Component::RootDir
            | Component::Prefix(_) => {
                parts.push(component);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_world_lists_like_a_disk() {
        let world = Memory::default()
            .with("a/b/c.yaml", "x")
            .with("a/d.yaml", "y");
        assert_eq!(
            world.list(Path::new("a")),
            [PathBuf::from("a/b"), PathBuf::from("a/d.yaml")]
        );
        let start = world.read_start(Path::new("a/d.yaml"), 8).expect("a file");
        assert_eq!(start, b"y");
        assert!(world.exists(Path::new("a/./b/../b")));
        assert!(world.is_folder(Path::new("a/b")) && !world.is_folder(Path::new("a/d.yaml")));
    }
}
