//! Scenario files named on the command line: folders opened, texts read, problems shown.

use std::path::{Path, PathBuf};

use crate::catalog::Catalog;
use crate::cli::Exit;
use crate::cli::context::{CatalogChoice, Context};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::scenario::{self, Filter, Loaded};
use crate::source::{Sources, Span, World};

/// The files meant: a folder stands for its `*.yaml`, in the order of their names.
pub fn files(context: &Context, paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in paths {
        if context.world.is_folder(path) {
            let inside = context.world.list(path);
            files.extend(
                inside
                    .into_iter()
                    .filter(|file| file.extension().is_some_and(|ending| ending == "yaml")),
            );
        } else {
            files.push(path.clone());
        }
    }
    files
}

/// Reads and resolves a scenario, showing every problem.
///
/// # Errors
///
/// [`Exit::BadInput`] after the problems were shown.
pub fn load(
    context: &Context,
    catalog: &Catalog,
    path: &Path,
    set: &[String],
) -> Result<(Sources, Loaded), Exit> {
    let mut sources = Sources::default();
    match scenario::load(
        &context.world,
        catalog,
        &mut sources,
        path,
        &context.options(set),
    ) {
        Ok(warned) => {
            context.show(warned.diagnostics, &sources);
            Ok((sources, warned.value))
        }
        Err(diagnostics) => Err(refuse(context, diagnostics, &sources)),
    }
}

/// Shows diagnostics and ends with bad input.
pub fn refuse(context: &Context, diagnostics: Diagnostics, sources: &Sources) -> Exit {
    context.show(diagnostics, sources);
    Exit::BadInput
}

/// Narrows a loaded scenario to the points a filter selects.
///
/// # Errors
///
/// [`Exit::BadInput`] for a filter that cannot be read, [`Exit::NothingSelected`] for one that matches nothing.
pub fn select(context: &Context, mut loaded: Loaded, filter: Option<&str>) -> Result<Loaded, Exit> {
    let Some(text) = filter else {
        return Ok(loaded);
    };
    let mut sources = Sources::default();
    let filter = Filter::parse(text).map_err(|error| {
        let source = sources.add("--points", text);
        let span = Span {
            source,
            start: error.place.0 as u32,
            end: error.place.1 as u32,
        };
        let diagnostic = Diagnostic::error(Code::BadValue, error.message, span);
        refuse(
            context,
            diagnostic
                .help("for example `model=llama8b,concurrency<=32`")
                .into(),
            &sources,
        )
    })?;
    filter
        .check(&loaded.plan.fields())
        .map_err(|diagnostics| refuse(context, diagnostics, &sources))?;
    loaded.plan = loaded.plan.select(&filter);
    if loaded.plan.is_empty() {
        context.complain(&format!(
            "no point of `{}` matches `{text}`",
            loaded.scenario.name
        ));
        return Err(Exit::NothingSelected);
    }
    Ok(loaded)
}

/// The catalogue, showing every problem of an overlay.
///
/// # Errors
///
/// [`Exit::BadInput`] after the problems were shown.
pub fn catalog(context: &Context) -> Result<CatalogChoice, Exit> {
    let mut sources = Sources::default();
    context
        .catalog(&mut sources)
        .map_err(|diagnostics| refuse(context, diagnostics, &sources))
}
