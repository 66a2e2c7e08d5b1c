//! `phantom watch`: evaluations in a loop, and a live page of the last one.
//!
//! [`changes`] knows what an evaluation opened and wakes the loop when any of it changes; [`memory`] keeps estimates between
//! evaluations; [`server`] shows the last page on 127.0.0.1 and tells browsers of a new one, of which an open page takes the
//! [`pieces`] that changed; [`keys`] reads the terminal.
//! The loop itself is `commands/watch.rs`. Nothing here predicts, and the page that is written to disk holds nothing of it.

pub mod changes;
mod http;
pub mod keys;
pub mod memory;
mod page;
mod pieces;
pub mod screen;
pub mod server;

/// What wakes the loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Something changed in a folder that is watched.
    Files,
    /// A key was pressed.
    Key(char),
    /// A browser has painted the page of that number.
    Painted(u64),
    /// The files of the report of that number are written, or could not be.
    Written(u64),
    /// The user asks to end, or a signal does.
    Quit(crate::cli::Exit),
}
