//! `phantom diff`.

use std::path::Path;

use super::golden::parse;
use super::outputs::chain;
use crate::cli::Exit;
use crate::cli::args::Diff;
use crate::cli::context::Context;
use crate::golden::{self, DiffOptions, Side};
use crate::record::results_json;
use crate::source::World;

/// Puts two results or goldens beside each other.
pub fn diff(context: &Context, arguments: &Diff) -> Exit {
    let sides = side(context, &arguments.a).and_then(|a| Ok((a, side(context, &arguments.b)?)));
    let (a, b) = match sides {
        Ok(sides) => sides,
        Err(exit) => return exit,
    };
    let options = DiffOptions {
        metric: arguments.metric.clone(),
        match_axes: arguments.match_axes.clone(),
    };
    let table = golden::diff(&a, &b, &options);
    if table.columns.is_empty() {
        context.complain("the documents have no number in common");
        return Exit::NothingSelected;
    }
    context.print(&golden::diff_text(&table, usize::MAX));
    Exit::Done
}

/// A results document or a golden file, told apart by what they say they are.
fn side(context: &Context, path: &Path) -> Result<Side, Exit> {
    let bytes = context.world.read(path).map_err(|error| {
        context.complain(&format!("error[file-missing]: {}", chain(&error)));
        Exit::BadInput
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let read = if text.contains(&format!("\"{}\"", golden::SCHEMA)) {
        parse(&text).map(|golden| Side::from(&golden))
    } else {
        results_json::read(&text)
            .map(|results| Side::from(&results))
            .map_err(|error| chain(&error))
    };
    read.map_err(|problem| {
        context.complain(&format!(
            "error[bad-results]: {}: {problem}",
            path.display()
        ));
        Exit::BadInput
    })
}
