//! `phantom plan`.

use super::scenarios;
use crate::cli::Exit;
use crate::cli::args::{Format, Plan};
use crate::cli::context::Context;
use crate::scenario;
use crate::source::Sources;

/// Prints the points with keys and ids, their number, or the document after each stage.
pub fn plan(context: &Context, arguments: &Plan) -> Exit {
    if arguments.yaml {
        return origins(context, arguments);
    }
    match points(context, arguments) {
        Ok(()) => Exit::Done,
        Err(exit) => exit,
    }
}

fn points(context: &Context, arguments: &Plan) -> Result<(), Exit> {
    let catalog = scenarios::catalog(context)?;
    let (_, loaded) = scenarios::load(
        context,
        &catalog,
        &arguments.scenario,
        &arguments.overrides.set,
    )?;
    let loaded = scenarios::select(context, loaded, arguments.points.as_deref())?;
    if arguments.count {
        context.print(&format!("{}\n", loaded.plan.len()));
        return Ok(());
    }
    for point in loaded.plan.points(0..loaded.plan.len()) {
        let line = match context.format {
            Format::Json | Format::Jsonl => {
                serde_json::json!({ "id": point.id(), "key": point.key }).to_string()
            }
            Format::Human | Format::Markdown | Format::Github => {
                format!("{}  {}", point.id(), point.key)
            }
        };
        context.print(&format!("{line}\n"));
    }
    Ok(())
}

fn origins(context: &Context, arguments: &Plan) -> Exit {
    let mut sources = Sources::default();
    let options = context.options(&arguments.overrides.set);
    match scenario::read_document(&context.world, &mut sources, &arguments.scenario, &options) {
        Ok(document) => {
            context.print(&scenario::staged_yaml(&document, &sources));
            Exit::Done
        }
        Err(diagnostics) => scenarios::refuse(context, diagnostics, &sources),
    }
}
