//! The command line: arguments become requests to [`crate::pipeline`], and what comes back is printed or written.
//!
//! This is the only module that draws diagnostics, writes files, shows progress and knows exit codes. Results go to standard
//! output, everything else to standard error. Start reading at [`main`]; each command is one file of `commands/`.

mod args;
mod cache;
mod choices;
mod commands;
mod context;
mod draw;
mod entry;
mod exit;
mod files;
mod import_args;
mod kernel_files;
mod progress;
mod signals;

pub use entry::main;
pub use exit::Exit;
