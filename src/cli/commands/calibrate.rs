//! `phantom calibrate`.

use super::calibrate_rows::{document, left_out, unused};
use super::calibration::named;
use super::outputs::failed;
use super::scenarios;
use crate::calibrate::effects::{runs_readme, runs_text};
use crate::calibrate::{accounts_text, networks_readme, networks_text, readme};
use crate::cli::Exit;
use crate::cli::args::{Calibrate, Format};
use crate::cli::context::Context;
use crate::cli::files::Batch;
use crate::diag::{Code, Diagnostic};
use crate::pipeline::calibrate::{self, CalibrateRequest, Calibrated};
use crate::scenario::Filter;
use crate::source::Sources;

/// Fits terms to runs and operator models to kernel timings, and writes a pack.
pub fn calibrate(context: &Context, arguments: &Calibrate) -> Exit {
    fitted(context, arguments).unwrap_or_else(|exit| exit)
}

fn fitted(context: &Context, arguments: &Calibrate) -> Result<Exit, Exit> {
    let catalog = scenarios::catalog(context)?;
    let none = Sources::default();
    let refuse = |diagnostics| scenarios::refuse(context, diagnostics, &none);
    let mut request = request(arguments).map_err(|diagnostic| refuse(diagnostic.into()))?;
    if arguments.base.is_some() {
        request.base = Some(named(context, arguments.base.as_deref())?);
    }
    crate::pipeline::use_threads(arguments.jobs);
    let found = calibrate::run(&context.world, &catalog, &request).map_err(refuse)?;
    if found.rows_used() == 0 {
        return Ok(nothing_fitted(context, &found));
    }
    match context.format {
        Format::Json | Format::Jsonl => context.print(&format!("{}\n", document(&found))),
        Format::Human | Format::Github => context.print(&text(context, arguments, &found)),
        Format::Markdown => {
            let runs = found.runs.as_ref().map(runs_readme);
            let networks = found.networks.as_ref().map(networks_readme);
            context.print(&runs.unwrap_or_default());
            context.print(&readme(&found.accounts));
            context.print(&networks.unwrap_or_default());
        }
    }
    let mut batch = Batch::default();
    batch
        .add(&arguments.output, found.pack.as_bytes())
        .map_err(|error| failed(context, &error))?;
    batch.commit().map_err(|error| failed(context, &error))?;
    Ok(Exit::Done)
}

/// Says why on standard error, whatever the format; programs get their document too.
fn nothing_fitted(context: &Context, found: &Calibrated) -> Exit {
    for (what, reason) in &found.skipped {
        context.complain(&format!("{what}: {reason}"));
    }
    let rows = left_out(&found.left_out, context.loudness);
    if !rows.is_empty() {
        context.complain(&rows);
    }
    context.complain("no row was fitted, and no pack is written");
    match context.format {
        Format::Json | Format::Jsonl => context.print(&format!("{}\n", document(found))),
        Format::Human | Format::Github | Format::Markdown => {}
    }
    Exit::NothingSelected
}

fn text(context: &Context, arguments: &Calibrate, found: &Calibrated) -> String {
    let mut text = if found.accounts.is_empty() {
        String::new()
    } else {
        accounts_text(&found.accounts)
    };
    text.push_str(&found.runs.as_ref().map(runs_text).unwrap_or_default());
    let networks = found.networks.as_ref().map(networks_text);
    text.push_str(&networks.unwrap_or_default());
    text.push_str(&left_out(&found.left_out, context.loudness));
    text.push_str(&unused(&found.skipped));
    for note in &found.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    let size = found.pack.len().div_ceil(1000);
    let output = arguments.output.display();
    text.push_str(&format!(
        "{} rows fitted; {output}, {size} kB\n",
        found.rows_used()
    ));
    text
}

fn request(arguments: &Calibrate) -> Result<CalibrateRequest, Diagnostic> {
    let bad = |message: String| Diagnostic::error(Code::BadValue, message, None);
    let filter = match &arguments.filter {
        Some(text) => Some(Filter::parse(text).map_err(|error| bad(error.message))?),
        None => None,
    };
    let holdout = share(&arguments.holdout).ok_or_else(|| {
        bad(format!(
            "`{}` is not a share such as 20%",
            arguments.holdout
        ))
    })?;
    let stem = arguments.output.file_stem();
    let name = stem.map_or_else(
        || "fitted".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    Ok(CalibrateRequest {
        paths: arguments.paths.clone(),
        filter,
        seed: arguments.seed,
        holdout,
        name,
        base: None,
        account: arguments.ablation,
    })
}

/// `20%` or `0.2`.
fn share(text: &str) -> Option<f64> {
    match text.strip_suffix('%') {
        Some(percent) => percent
            .trim()
            .parse::<f64>()
            .ok()
            .map(|share| share / 100.0),
        None => text.parse().ok(),
    }
}
