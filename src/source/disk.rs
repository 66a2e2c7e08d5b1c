//! The world of a command line: the disk and the process environment.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is the one door to the file system and the environment"
)]

use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{World, WorldError};

/// Files larger than this are refused; a scenario, a config or a CSV of measurements is far smaller.
const LIMIT: u64 = 2 << 30;

/// Bytes that are read at a time where a file is read in parts.
const PART: usize = 1 << 20;

/// The real file system and environment.
#[derive(Debug, Default, Clone, Copy)]
pub struct Disk;

/// Why a path cannot be read.
fn failure(path: &Path, source: std::io::Error) -> WorldError {
    let path = path.to_owned();
    if source.kind() == std::io::ErrorKind::NotFound {
        WorldError::Missing { path }
    } else {
        WorldError::Unreadable { path, source }
    }
}

impl World for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        let failed = |source| failure(path, source);
        let size = std::fs::metadata(path).map_err(failed)?.len();
        if size > LIMIT {
            return Err(WorldError::TooLarge {
                path: path.to_owned(),
                size,
                limit: LIMIT,
            });
        }
        std::fs::read(path).map_err(failed)
    }

    fn read_start(&self, path: &Path, limit: u64) -> Result<Vec<u8>, WorldError> {
        let mut bytes = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(limit).read_to_end(&mut bytes))
            .map_err(|source| failure(path, source))?;
        Ok(bytes)
    }

    fn read_parts(&self, path: &Path, each: &mut dyn FnMut(&[u8])) -> Result<(), WorldError> {
        let failed = |source| failure(path, source);
        let mut file = std::fs::File::open(path).map_err(failed)?;
        let mut part = vec![0; PART];
        loop {
            match file.read(&mut part).map_err(failed)? {
                0 => return Ok(()),
                size => each(&part[..size]),
            }
        }
    }

    fn list(&self, folder: &Path) -> Vec<PathBuf> {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        entries.sort();
        entries
    }

    fn exists(&self, path: &Path) -> bool {
        path.exists()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn folder(&self) -> Option<PathBuf> {
        std::env::current_dir().ok()
    }
}
