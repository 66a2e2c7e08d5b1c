//! `phantom check`.

use super::scenarios;
use crate::cli::Exit;
use crate::cli::args::{Check, Format};
use crate::cli::context::Context;

/// Reads, resolves and plans; predicts nothing.
pub fn check(context: &Context, arguments: &Check) -> Exit {
    let catalog = match scenarios::catalog(context) {
        Ok(catalog) => catalog,
        Err(exit) => return exit,
    };
    let mut exit = Exit::Done;
    for path in scenarios::files(context, &arguments.scenarios) {
        match scenarios::load(context, &catalog, &path, &arguments.overrides.set) {
            Ok((_, loaded)) => {
                let (name, points) = (&loaded.scenario.name, loaded.plan.len());
                match context.format {
                    Format::Json | Format::Jsonl => {
                        let document =
                            serde_json::json!({ "scenario": name, "points": points, "ok": true });
                        context.print(&format!("{document}\n"));
                    }
                    Format::Human | Format::Markdown | Format::Github => {
                        let noun = if points == 1 { "point" } else { "points" };
                        context.print(&format!("{name}: {points} {noun}, no errors\n"));
                    }
                }
            }
            Err(failed) => exit = exit.and(failed),
        }
    }
    exit
}
