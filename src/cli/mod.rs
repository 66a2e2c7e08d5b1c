//! The command line: arguments become requests to [`crate::pipeline`], and what comes back is printed or written.
//!
//! This is the only module that draws diagnostics, writes files, shows progress and knows exit codes. Results go to standard
//! output, everything else to standard error. Start reading at [`main`]; each command is one file of `commands/`.

mod args;
mod cache;
mod choices;
mod commands;
mod context;
mod door;
mod draw;
mod entry;
mod exit;
mod files;
mod golden_args;
#[cfg(feature = "parquet")]
mod history;
#[cfg(feature = "parquet")]
mod history_args;
mod import_args;
mod kernel_files;
mod progress;
mod signals;
#[cfg(feature = "watch")]
mod watch;
#[cfg(feature = "watch")]
mod watch_args;

pub use entry::main;
pub use exit::Exit;
