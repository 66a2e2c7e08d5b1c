//! Ctrl-C and termination: the first asks to stop, the second stops at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

use super::Exit;

/// Whether and how the user asked to stop.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    received: Arc<AtomicUsize>,
    again: Arc<AtomicBool>,
}

impl Signals {
    /// Starts listening.
    ///
    /// # Errors
    ///
    /// The system's error when a handler cannot be installed.
    pub fn listen() -> std::io::Result<Self> {
        let signals = Self::default();
        for (signal, exit) in [(SIGINT, Exit::Interrupted), (SIGTERM, Exit::Terminated)] {
            let number = usize::try_from(signal).expect("signal numbers are positive");
            flag::register_conditional_shutdown(
                signal,
                i32::from(exit.code()),
                Arc::clone(&signals.again),
            )?;
            flag::register(signal, Arc::clone(&signals.again))?;
            flag::register_usize(signal, Arc::clone(&signals.received), number)?;
        }
        Ok(signals)
    }

    /// How the invocation ends when a signal was received.
    pub fn exit(&self) -> Option<Exit> {
        let received =
            i32::try_from(self.received.load(Ordering::Relaxed)).expect("signal numbers are small");
        match received {
            0 => None,
            SIGTERM => Some(Exit::Terminated),
            _ => Some(Exit::Interrupted),
        }
    }
}
