//! Maps over slices on all cores, or on one where there are no threads; the order of results is that of the inputs.

/// Applies `work` to every item.
#[cfg(feature = "parallel")]
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    use rayon::prelude::*;
    items.par_iter().map(work).collect()
}

/// Applies `work` to every item.
#[cfg(not(feature = "parallel"))]
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    items.iter().map(work).collect()
}

/// Does one thing on this thread and, where there is more than one, another on a thread beside it.
#[cfg(feature = "parallel")]
pub fn beside<T, R: Send>(here: impl FnOnce() -> T, there: impl FnOnce() -> R + Send) -> (T, R) {
    if rayon::current_num_threads() == 1 {
        let made = here();
        return (made, there());
    }
    std::thread::scope(|scope| {
        let there = scope.spawn(there);
        let made = here();
        let other = there
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (made, other)
    })
}

/// Does one thing after another.
#[cfg(not(feature = "parallel"))]
pub fn beside<T, R: Send>(here: impl FnOnce() -> T, there: impl FnOnce() -> R + Send) -> (T, R) {
    let made = here();
    (made, there())
}

/// Uses that many threads from now on, all cores where none is given; only the first call of a process has an effect.
#[cfg(feature = "parallel")]
pub fn use_threads(threads: Option<usize>) {
    if let Some(threads) = threads {
        // An error means that a pool runs already; results do not depend on its size.
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global();
    }
}

/// There are no threads in this build.
#[cfg(not(feature = "parallel"))]
pub fn use_threads(_: Option<usize>) {}
