//! `phantom completions`.

use clap::CommandFactory;

use crate::cli::Exit;
use crate::cli::args::Arguments;
use crate::cli::context::Context;

/// Prints completions of a shell.
pub fn completions(context: &Context, shell: clap_complete::Shell) -> Exit {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "phantom", &mut bytes);
    context.print(&String::from_utf8_lossy(&bytes));
    Exit::Done
}
