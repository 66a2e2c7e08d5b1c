//! From the process's arguments to its exit code.

use std::io::Write;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use clap::Parser;
use clap::error::ErrorKind;

use super::Exit;
use super::args::{Arguments, Command};
use super::commands;
use super::context::Context;
use crate::source::{Disk, World};

/// Runs the command that the process's arguments name.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let asked = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion];
            let exit = if asked.contains(&error.kind()) {
                Exit::Done
            } else {
                Exit::BadInput
            };
            let _ = error.print();
            return ExitCode::from(exit.code());
        }
    };
    let last = Arc::new(Mutex::new(String::new()));
    let heard = Arc::clone(&last);
    panic::set_hook(Box::new(move |panic| {
        if let Ok(mut last) = heard.lock() {
            *last = format!("{panic}\n{}", std::backtrace::Backtrace::force_capture());
        }
    }));
    let exit = panic::catch_unwind(AssertUnwindSafe(|| dispatch(arguments))).unwrap_or_else(|_| {
        let what = last.lock().map(|text| text.clone()).unwrap_or_default();
        report_panic(&what);
        Exit::Internal
    });
    ExitCode::from(exit.code())
}

fn dispatch(arguments: Arguments) -> Exit {
    let context = Context::new(arguments.global);
    match arguments.command {
        Command::Run(run) => commands::run::run(&context, &run),
        Command::Check(check) => commands::check::check(&context, &check),
        Command::Plan(plan) => commands::plan::plan(&context, &plan),
        #[cfg(feature = "watch")]
        Command::Watch(watch) => commands::watch::watch(&context, &watch),
        Command::Explain(explain) => commands::explain::explain(&context, &explain),
        Command::Validate(validate) => commands::validate::validate(&context, &validate),
        #[cfg(feature = "calibrate")]
        Command::Calibrate(calibrate) => commands::calibrate::calibrate(&context, &calibrate),
        Command::Import(import) => commands::import::import(&context, &import),
        Command::Diff(diff) => commands::diff::diff(&context, &diff),
        Command::Golden(golden) => commands::golden::golden(&context, &golden),
        #[cfg(feature = "parquet")]
        Command::History(history) => commands::history::history(&context, &history),
        Command::Report(report) => commands::report::report(&context, &report),
        Command::Catalog(catalog) => commands::catalog::catalog(&context, &catalog),
        Command::Init(init) => commands::init::init(&context, &init),
        Command::Schema(schema) => commands::schema::schema(&context, &schema),
        Command::Completions { shell } => commands::completions::completions(&context, shell),
    }
}

/// Writes what is needed to mend a panic of ours into the cache folder, and says where; no scenario text goes in.
fn report_panic(what: &str) {
    let folder = Disk
        .variable("PHANTOM_CACHE_DIR")
        .map(std::path::PathBuf::from)
        .or_else(super::cache::folder)
        .unwrap_or_else(std::env::temp_dir);
    let path = folder.join("phantom-panic.txt");
    let command: Vec<String> = std::env::args().collect();
    let text = format!(
        "phantom {}\ncommand: {}\n{what}\n",
        env!("CARGO_PKG_VERSION"),
        command.join(" ")
    );
    let mut batch = super::files::Batch::default();
    let written = batch
        .add(&path, text.as_bytes())
        .and_then(|()| batch.commit());
    let mut stderr = std::io::stderr().lock();
    let first = what.lines().take(2).collect::<Vec<_>>().join(" ");
    let _ = match written {
        Ok(_) => writeln!(
            stderr,
            "internal error: {first}\nplease report it with {}",
            path.display()
        ),
        Err(_) => writeln!(stderr, "internal error: {first}"),
    };
}
