//! Estimates kept on disk between runs: one small file each, found by the hash of all it depends on.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use etcetera::BaseStrategy;

use super::files::Batch;
use crate::pipeline::Memo;
use crate::record::Estimate;
use crate::source::{Disk, World};

/// Estimates of one build of phantom, below a folder that may be deleted at any time.
///
/// Another build starts anew and removes what older ones left, so that neither a forgotten version number nor an old number
/// can outlive a change of the code.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    found: AtomicU64,
}

impl Cache {
    /// The cache of this build below a folder, which need not exist.
    pub fn open(folder: &Path) -> Self {
        let all = folder.join("estimates");
        let own = all.join(build());
        for other in Disk.list(&all) {
            if other != own {
                // What cannot be removed is not read either.
                let _ = std::fs::remove_dir_all(other);
            }
        }
        Self {
            folder: own,
            found: AtomicU64::new(0),
        }
    }

    /// Estimates that were there.
    pub fn found(&self) -> u64 {
        self.found.load(Ordering::Relaxed)
    }

    /// The first two digits of the key name a folder, so that no folder grows large.
    fn path(&self, key: &str) -> PathBuf {
        let (first, rest) = key.split_at(key.len().min(2));
        self.folder.join(first).join(rest)
    }
}

/// A name for the running program that another build does not have: version, size and time of its file.
fn build() -> String {
    let file = std::env::current_exe().and_then(std::fs::File::open);
    let facts = file.and_then(|file| file.metadata()).ok();
    let size = facts.as_ref().map_or(0, std::fs::Metadata::len);
    let made = facts.and_then(|facts| facts.modified().ok());
    let made = made.and_then(|made| made.duration_since(UNIX_EPOCH).ok());
    let made = made.map_or(0, |made| made.as_nanos());
    format!("{}-{size:x}-{made:x}", env!("CARGO_PKG_VERSION"))
}

/// Estimates kept from before, and how many of them were found.
pub trait Kept: Memo {
    /// Estimates that were there.
    fn found(&self) -> u64;
    /// The same as the pipeline takes it.
    fn memo(&self) -> &dyn Memo;
}

impl Kept for Cache {
    fn found(&self) -> u64 {
        Self::found(self)
    }

    fn memo(&self) -> &dyn Memo {
        self
    }
}

impl Memo for Cache {
    fn get(&self, key: &str) -> Option<Estimate> {
        let bytes = Disk.read(&self.path(key)).ok()?;
        let estimate = Estimate::from_text(std::str::from_utf8(&bytes).ok()?)?;
        self.found.fetch_add(1, Ordering::Relaxed);
        Some(estimate)
    }

    fn put(&self, key: &str, estimate: &Estimate) {
        // A full or read-only disk costs the next run its time, nothing else.
        let mut batch = Batch::default();
        let _ = batch
            .add(&self.path(key), estimate.to_text().as_bytes())
            .and_then(|()| batch.commit());
    }
}

/// The folder that the system keeps for what can be made again; `None` for a user without a home.
pub fn folder() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.cache_dir().join("phantom"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample::estimate;

    #[test]
    fn what_is_kept_is_found_and_a_spoilt_file_is_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let cache = Cache::open(folder.path());
        assert_eq!(cache.get("abcdef"), None);
        cache.put("abcdef", &estimate());
        assert_eq!(cache.get("abcdef"), Some(estimate()));
        assert_eq!(cache.found(), 1);
        let mut batch = Batch::default();
        batch
            .add(&cache.path("abcdef"), b"{\"values\": [")
            .expect("written");
        batch.commit().expect("renamed");
        assert_eq!(cache.get("abcdef"), None);
    }

    #[test]
    fn another_build_leaves_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let old = folder.path().join("estimates/0.0.0-1-1/ab/cdef");
        let mut batch = Batch::default();
        batch.add(&old, b"{}").expect("written");
        batch.commit().expect("renamed");
        Cache::open(folder.path());
        assert!(!Disk.exists(&old));
    }
}
