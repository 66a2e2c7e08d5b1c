//! `phantom report`: a results document rendered again.

use std::path::{Path, PathBuf};

use super::outputs::{self, chain, failed};
use crate::cli::Exit;
use crate::cli::args::Report;
use crate::cli::context::Context;
use crate::cli::files::Batch;
use crate::record::{Results, results_json};
use crate::scenario::PdfStandard;
use crate::source::World;

/// Renders a results document; computes nothing.
pub fn report(context: &Context, arguments: &Report) -> Exit {
    render(context, arguments).unwrap_or_else(|exit| exit)
}

fn render(context: &Context, arguments: &Report) -> Result<Exit, Exit> {
    let results = read_results(context, &arguments.results)?;
    if arguments.html.is_none() && arguments.pdf.is_none() {
        let view = crate::report::view_without_id(&results);
        context.print(&crate::report::summary(&view, context.width));
        return Ok(Exit::Done);
    }
    let view = crate::report::view(&results);
    let templates = context.root().join("templates");
    let name = arguments.template.as_deref();
    let standards = standards(context, &arguments.standard)?;
    let mut batch = Batch::default();
    if let Some(path) = &arguments.html {
        let page = outputs::html(context, &view, &templates, name)?;
        batch
            .add(path, &page)
            .map_err(|error| failed(context, &error))?;
    }
    if let Some(path) = &arguments.pdf
        && let Some(document) = outputs::pdf(context, &view, &templates, (name, &standards))?
    {
        batch
            .add(path, &document)
            .map_err(|error| failed(context, &error))?;
    }
    for path in batch.commit().map_err(|error| failed(context, &error))? {
        context.print(&format!("wrote {}\n", path.display()));
    }
    Ok(Exit::Done)
}

/// The standards of these names.
///
/// # Errors
///
/// [`Exit::BadInput`] after the name was shown that is none, or that does not go with the others.
fn standards(context: &Context, names: &[String]) -> Result<Vec<PdfStandard>, Exit> {
    let mut standards = Vec::new();
    for name in names {
        let found = standard(name, &standards).map_err(|problem| {
            context.complain(&format!("error[bad-value]: {problem}"));
            Exit::BadInput
        })?;
        standards.push(found);
    }
    Ok(standards)
}

fn standard(name: &str, others: &[PdfStandard]) -> Result<PdfStandard, String> {
    let Some(found) = PdfStandard::from_name(name) else {
        let known: Vec<&str> = PdfStandard::ALL.iter().map(|one| one.name()).collect();
        return Err(PdfStandard::out_of_reach(name).map_or_else(
            || {
                format!(
                    "`{name}` is no standard of PDF; there are {}",
                    known.join(", ")
                )
            },
            |why| format!("no report can keep `{name}`: {why}"),
        ));
    };
    match PdfStandard::clash(others, found) {
        None => Ok(found),
        Some(why) => Err(format!("no PDF can keep `{name}` beside the others: {why}")),
    }
}

/// The results of a path, or of a scenario that has run.
///
/// # Errors
///
/// [`Exit::BadInput`] after the problem was shown.
pub fn read_results(context: &Context, name: &str) -> Result<Results, Exit> {
    let named = context
        .root()
        .join("reports")
        .join(name)
        .join("results.json");
    let path = if context.world.exists(&named) {
        named
    } else {
        PathBuf::from(name)
    };
    read_file(context, &path)
}

fn read_file(context: &Context, path: &Path) -> Result<Results, Exit> {
    let bytes = context.world.read(path).map_err(|error| {
        context.complain(&format!("error[file-missing]: {}", chain(&error)));
        Exit::BadInput
    })?;
    results_json::read(&String::from_utf8_lossy(&bytes)).map_err(|error| {
        context.complain(&format!(
            "error[bad-results]: {}: {}",
            path.display(),
            chain(&error)
        ));
        Exit::BadInput
    })
}
