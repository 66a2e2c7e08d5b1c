//! Keys of a terminal as they are pressed, and signals; the terminal is left as it was found.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use super::Wake;
use crate::cli::Exit;

/// The terminal, changed for as long as this lives: keys come without Enter and are not shown.
///
/// Everything else stays as it is: Ctrl-C is a signal, lines end as before.
pub struct Terminal(Arc<Saved>);

impl Drop for Terminal {
    fn drop(&mut self) {
        self.0.restore();
    }
}

#[cfg(unix)]
mod system {
    use std::io::{IsTerminal, Read};

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    use super::{Arc, AtomicBool, Exit, Mutex, Ordering, Sender, Terminal, Wake};

    /// The modes before.
    pub struct Saved(Mutex<Option<Termios>>);

    impl Saved {
        /// Gives the terminal its modes back, once.
        pub fn restore(&self) {
            let modes = self.0.lock().ok().and_then(|mut modes| modes.take());
            if let Some(modes) = modes {
                // Nothing more can be done where the terminal is gone.
                let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &modes);
            }
        }
    }

    impl Terminal {
        /// Reads keys from standard input where it is a terminal; otherwise nothing is changed or read.
        pub fn open(wakes: &Sender<Wake>) -> Self {
            let input = std::io::stdin();
            let modes = input
                .is_terminal()
                .then(|| tcgetattr(&input).ok())
                .flatten();
            let Some(before) = modes else {
                return Self(Arc::new(Saved(Mutex::new(None))));
            };
            let mut modes = before.clone();
            modes
                .local_modes
                .remove(LocalModes::ICANON | LocalModes::ECHO);
            modes.special_codes[SpecialCodeIndex::VMIN] = 1;
            modes.special_codes[SpecialCodeIndex::VTIME] = 0;
            let changed = tcsetattr(&input, OptionalActions::Now, &modes).is_ok();
            if changed {
                let wakes = wakes.clone();
                std::thread::spawn(move || read(&wakes));
            }
            Self(Arc::new(Saved(Mutex::new(changed.then_some(before)))))
        }

        /// Ends the loop at the first Ctrl-C or termination, and the process at the second.
        ///
        /// # Errors
        ///
        /// The system's error when a handler cannot be installed.
        pub fn heed_signals(
            &self,
            wakes: &Sender<Wake>,
            stop: &Arc<AtomicBool>,
        ) -> std::io::Result<()> {
            use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
            let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
            let (wakes, stop, saved) = (wakes.clone(), Arc::clone(stop), Arc::clone(&self.0));
            std::thread::spawn(move || {
                let mut asked = false;
                for signal in &mut signals {
                    if asked {
                        saved.restore();
                        let _ = signal_hook::low_level::emulate_default_handler(signal);
                    }
                    asked = true;
                    stop.store(true, Ordering::Relaxed);
                    let exit = if signal == SIGINT {
                        Exit::Done
                    } else {
                        Exit::Terminated
                    };
                    let _ = wakes.send(Wake::Quit(exit));
                }
            });
            Ok(())
        }
    }

    fn read(wakes: &Sender<Wake>) {
        let mut byte = [0];
        let mut input = std::io::stdin().lock();
        while input.read(&mut byte).is_ok_and(|size| size == 1) {
            if wakes.send(Wake::Key(char::from(byte[0]))).is_err() {
                return;
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Arc, AtomicBool, Exit, Ordering, Sender, Terminal, Wake};
    use crate::cli::signals::Signals;

    /// Nothing is changed here.
    pub struct Saved;

    impl Saved {
        /// Nothing was changed.
        pub fn restore(&self) {}
    }

    impl Terminal {
        /// Keys are not read here.
        pub fn open(_: &Sender<Wake>) -> Self {
            Self(Arc::new(Saved))
        }

        /// Ends the loop at the first Ctrl-C, and the process at the second.
        ///
        /// # Errors
        ///
        /// The system's error when a handler cannot be installed.
        pub fn heed_signals(
            &self,
            wakes: &Sender<Wake>,
            stop: &Arc<AtomicBool>,
        ) -> std::io::Result<()> {
            let signals = Signals::listen()?;
            let (wakes, stop) = (wakes.clone(), Arc::clone(stop));
            std::thread::spawn(move || {
                while signals.exit().is_none() {
                    std::thread::sleep(std::time::Duration::from_millis(50));
                }
                stop.store(true, Ordering::Relaxed);
                let _ = wakes.send(Wake::Quit(Exit::Done));
            });
            Ok(())
        }
    }
}

use system::Saved;
