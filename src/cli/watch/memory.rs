//! Estimates kept while a watch runs: in memory at once, on disk when there is time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::cli::cache::{Cache, Kept};
use crate::pipeline::Memo;
use crate::record::Estimate;

/// Evaluations that an estimate outlives without being asked for.
const PATIENCE: u64 = 8;

/// Estimates of this and the last evaluations, before those on disk.
pub struct Memory {
    disk: Option<Cache>,
    kept: Mutex<BTreeMap<String, Entry>>,
    closed: Closed,
    evaluation: u64,
    found: AtomicU64,
}

/// Closed forms of this and the last evaluation; they are never written to disk.
#[derive(Default)]
struct Closed {
    last: BTreeMap<String, Estimate>,
    now: Mutex<BTreeMap<String, Estimate>>,
    found: AtomicU64,
}

/// Closed forms that are kept; those of a larger plan are made anew.
const MOST_CLOSED: usize = 5_000;

struct Entry {
    estimate: Estimate,
    asked: u64,
    on_disk: bool,
}

impl Memory {
    /// An empty memory before a cache.
    pub fn new(disk: Option<Cache>) -> Self {
        Self {
            disk,
            kept: Mutex::default(),
            closed: Closed::default(),
            evaluation: 0,
            found: AtomicU64::new(0),
        }
    }

    /// Begins an evaluation: counts from zero and drops what nothing asked for lately.
    pub fn begin(&mut self) {
        self.evaluation += 1;
        self.found = AtomicU64::new(0);
        self.closed.begin();
        let evaluation = self.evaluation;
        if let Ok(kept) = self.kept.get_mut() {
            kept.retain(|_, entry| entry.asked + PATIENCE >= evaluation);
        }
    }

    /// Writes to disk what is only here.
    pub fn save(&mut self) {
        let (Some(disk), Ok(kept)) = (&self.disk, self.kept.get_mut()) else {
            return;
        };
        for (key, entry) in kept {
            if !entry.on_disk {
                disk.put(key, &entry.estimate);
                entry.on_disk = true;
            }
        }
    }

    fn keep(&self, key: &str, estimate: &Estimate, on_disk: bool) {
        let entry = Entry {
            estimate: estimate.clone(),
            asked: self.evaluation,
            on_disk,
        };
        if let Ok(mut kept) = self.kept.lock() {
            kept.insert(key.to_owned(), entry);
        }
    }

    fn recall(&self, key: &str) -> Option<Estimate> {
        let mut kept = self.kept.lock().ok()?;
        let entry = kept.get_mut(key)?;
        entry.asked = self.evaluation;
        Some(entry.estimate.clone())
    }
}

impl Memo for Memory {
    fn get(&self, key: &str) -> Option<Estimate> {
        let found = self.recall(key).or_else(|| {
            let estimate = self.disk.as_ref()?.get(key)?;
            self.keep(key, &estimate, true);
            Some(estimate)
        })?;
        self.found.fetch_add(1, Ordering::Relaxed);
        Some(found)
    }

    fn put(&self, key: &str, estimate: &Estimate) {
        self.keep(key, estimate, false);
    }

    fn closed_forms(&self) -> Option<&dyn Memo> {
        Some(&self.closed)
    }
}

impl Closed {
    /// What the evaluation before made or asked for is what is known; an evaluation that was overtaken adds to it.
    fn begin(&mut self) {
        self.found = AtomicU64::new(0);
        if let Ok(now) = self.now.get_mut()
            && !now.is_empty()
        {
            self.last = std::mem::take(now);
        }
    }
}

impl Memo for Closed {
    fn get(&self, key: &str) -> Option<Estimate> {
        // What is asked for again is known next time too.
        let found = self.last.get(key)?.clone();
        self.put(key, &found);
        self.found.fetch_add(1, Ordering::Relaxed);
        Some(found)
    }

    fn put(&self, key: &str, estimate: &Estimate) {
        if let Ok(mut now) = self.now.lock()
            && now.len() < MOST_CLOSED
        {
            now.insert(key.to_owned(), estimate.clone());
        }
    }
}

impl Kept for Memory {
    fn found(&self) -> u64 {
        self.found.load(Ordering::Relaxed) + self.closed.found.load(Ordering::Relaxed)
    }

    fn memo(&self) -> &dyn Memo {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::sample::estimate;

    #[test]
    fn what_is_kept_is_found_until_nothing_asks_for_it() {
        let mut memory = Memory::new(None);
        memory.begin();
        assert_eq!(memory.get("abc"), None);
        memory.put("abc", &estimate());
        assert_eq!(memory.get("abc"), Some(estimate()));
        assert_eq!(memory.found(), 1);
        memory.begin();
        assert_eq!(memory.found(), 0, "each evaluation counts its own");
        assert!(memory.get("abc").is_some());
        for _ in 0..=PATIENCE {
            memory.begin();
        }
        assert_eq!(memory.get("abc"), None);
    }

    #[test]
    fn closed_forms_are_kept_for_the_next_evaluation_and_never_on_disk() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut memory = Memory::new(Some(Cache::open(folder.path())));
        let get = |memory: &Memory, key: &str| memory.closed_forms()?.get(key);
        memory.begin();
        let closed = memory.closed_forms().expect("memory keeps them");
        closed.put("abc", &estimate());
        memory.begin();
        assert_eq!(get(&memory, "abc"), Some(estimate()));
        assert_eq!(memory.found(), 1);
        memory.save();
        assert_eq!(Cache::open(folder.path()).get("abc"), None);
        // An evaluation that does not ask for it, and asks for others, lets it go.
        memory.begin();
        let closed = memory.closed_forms().expect("memory keeps them");
        closed.put("def", &estimate());
        memory.begin();
        assert_eq!(get(&memory, "abc"), None);
        assert_eq!(get(&memory, "def"), Some(estimate()));
    }

    #[test]
    fn the_disk_is_asked_after_memory_and_written_when_there_is_time() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut memory = Memory::new(Some(Cache::open(folder.path())));
        memory.put("abcdef", &estimate());
        let cache = Cache::open(folder.path());
        assert_eq!(cache.get("abcdef"), None, "not yet");
        memory.save();
        assert_eq!(cache.get("abcdef"), Some(estimate()));
        let again = Memory::new(Some(cache));
        assert_eq!(again.get("abcdef"), Some(estimate()));
        assert_eq!(again.found(), 1);
    }
}
