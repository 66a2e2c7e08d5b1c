//! The world of a command line: the disk and the process environment.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is the one door to the file system and the environment"
)]

use std::path::{Path, PathBuf};

use super::{World, WorldError};

/// Files larger than this are refused; a scenario, a config or a CSV of measurements is far smaller.
const LIMIT: u64 = 2 << 30;

/// The real file system and environment.
#[derive(Debug, Default, Clone, Copy)]
pub struct Disk;

impl World for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        let failed = |source: std::io::Error| {
            if source.kind() == std::io::ErrorKind::NotFound {
                WorldError::Missing {
                    path: path.to_owned(),
                }
            } else {
                WorldError::Unreadable {
                    path: path.to_owned(),
                    source,
                }
            }
        };
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
}
