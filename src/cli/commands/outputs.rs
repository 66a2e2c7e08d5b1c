//! The files a run writes: rows as they come, documents at the end, all given their names together.

use std::error::Error;
use std::path::Path;

use super::sinks::Sinks;
use crate::cli::Exit;
use crate::cli::args::Format;
use crate::cli::choices::Also;
use crate::cli::context::{Context, Loudness};
use crate::cli::files::Batch;
use crate::golden::changed_lines;
use crate::record::{Results, results_json};
use crate::report;
use crate::scenario::{Loaded, Output, OutputKind, PdfStandard};
use crate::source::World;
use crate::units::count;

/// An error with all its causes: `reports/x.json: cannot be written: No space left on device`.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}

/// Shows why an output could not be made; files that stood there are untouched.
pub fn failed(context: &Context, error: &dyn Error) -> Exit {
    context.complain(&format!("error: {}", chain(error)));
    Exit::Failed
}

/// Adds outputs that are asked for beside those of the scenario; one that it has already stays where it is.
pub fn add(outputs: &mut Vec<Output>, also: &[Also]) {
    for wanted in also.iter().map(|also| also.output()) {
        let mut there = outputs.iter();
        if !there.any(|output| output.kind == wanted.kind || output.file == wanted.file) {
            outputs.push(wanted);
        }
    }
}

/// Everything a run writes, ready to be given names, and the view that the terminal shows.
pub struct Rendered {
    /// Files under temporary names.
    pub batch: Batch,
    /// What reports show.
    pub view: report::View,
}

/// Renders the outputs of a scenario.
///
/// # Errors
///
/// The exit code after the problem was shown: bad input for a template that is wrong, failed for a disk that refuses.
pub fn render(
    context: &Context,
    loaded: &Loaded,
    results: &Results,
    sinks: Sinks,
    folder: &Path,
) -> Result<Rendered, Exit> {
    let mut batch = Batch::default();
    let view = if shows_id(context, loaded) {
        report::view(results)
    } else {
        report::view_without_id(results)
    };
    for output in &loaded.scenario.report.outputs {
        let Some(bytes) = document(context, loaded, results, &view, output)? else {
            continue;
        };
        batch
            .add(&folder.join(&output.file), &bytes)
            .map_err(|error| failed(context, &error))?;
    }
    sinks
        .finish(&mut batch)
        .map_err(|error| failed(context, &error))?;
    Ok(Rendered { batch, view })
}

/// True where a page is made, as pages show the id of the results.
fn shows_id(context: &Context, loaded: &Loaded) -> bool {
    let pages = [OutputKind::Html, OutputKind::Pdf, OutputKind::Markdown];
    let mut outputs = loaded.scenario.report.outputs.iter();
    outputs.any(|output| pages.contains(&output.kind))
        || context.format == Format::Markdown
        || summary_page(context).is_some()
}

/// The page that GitHub shows beside a run.
fn summary_page(context: &Context) -> Option<String> {
    let page = context.world.variable("GITHUB_STEP_SUMMARY");
    page.filter(|page| !page.is_empty())
}

/// Adds text to the page that GitHub shows beside a run, where there is one; a page that cannot be written spoils no run.
pub fn add_to_summary_page(context: &Context, text: &str) {
    if let Some(page) = summary_page(context)
        && let Err(error) = crate::cli::files::append(Path::new(&page), text.as_bytes())
    {
        context.say(&format!("warning: {}", chain(&error)));
    }
}

/// The bytes of one output; `None` for those that sinks write.
///
/// # Errors
///
/// [`Exit::BadInput`] after the problem of a template was shown.
pub fn document(
    context: &Context,
    loaded: &Loaded,
    results: &Results,
    view: &report::View,
    output: &Output,
) -> Result<Option<Vec<u8>>, Exit> {
    let folder = loaded.root.join("templates");
    match output.kind {
        OutputKind::Json => Ok(Some(results_json::write(results))),
        OutputKind::Html => html(context, view, &folder, output.template.as_deref()).map(Some),
        OutputKind::Pdf => {
            let template = output.template.as_deref();
            pdf(context, view, &folder, (template, &output.standards))
        }
        OutputKind::Markdown => Ok(Some(report::markdown(view).into_bytes())),
        OutputKind::Csv | OutputKind::Parquet => Ok(None),
        OutputKind::Junit => Ok(Some(
            report::junit(results, &loaded.scenario.slos).into_bytes(),
        )),
        OutputKind::Sarif => Ok(Some(report::sarif(results).into_bytes())),
    }
}

/// The HTML of a view, with a template of the folder where there is one.
///
/// # Errors
///
/// [`Exit::BadInput`] after the problem of the template was shown.
pub fn html(
    context: &Context,
    view: &report::View,
    folder: &Path,
    name: Option<&str>,
) -> Result<Vec<u8>, Exit> {
    let file = format!("{}.html.j2", name.unwrap_or("report"));
    let own = own_template(context, folder, &file, name.is_some())?;
    let template = own
        .as_ref()
        .map(|(path, text)| report::Template { path, text });
    report::html(view, template).map_err(|error| bad_template(context, &error))
}

/// The PDF of a view by a template, by name, held to standards; `None` in a build without PDF. A file of the folder goes before a
/// built-in template of its name.
///
/// # Errors
///
/// [`Exit::BadInput`] after the problem of the template was shown.
#[cfg(feature = "pdf")]
pub fn pdf(
    context: &Context,
    view: &report::View,
    folder: &Path,
    (name, standards): (Option<&str>, &[PdfStandard]),
) -> Result<Option<Vec<u8>>, Exit> {
    let name = name.unwrap_or("executive");
    let built_in = report::PdfTemplate::built_in(name);
    let own = own_template(context, folder, &format!("{name}.typ"), built_in.is_none())?;
    let own = own
        .as_ref()
        .map(|(path, text)| report::PdfTemplate::Own(report::Template { path, text }));
    let Some(template) = own.or(built_in) else {
        return Err(Exit::BadInput);
    };
    let form = report::PdfForm {
        template,
        standards,
    };
    report::pdf(view, form)
        .map(Some)
        .map_err(|error| bad_template(context, &error))
}

/// A build without PDF says so and goes on.
#[cfg(not(feature = "pdf"))]
pub fn pdf(
    context: &Context,
    _: &report::View,
    _: &Path,
    _: (Option<&str>, &[PdfStandard]),
) -> Result<Option<Vec<u8>>, Exit> {
    context
        .say("note[pdf-not-built]: this build of phantom has no PDF support; the entry is skipped");
    Ok(None)
}

/// A template of the user: optional under a built-in name, required when the scenario names it.
fn own_template(
    context: &Context,
    folder: &Path,
    file: &str,
    required: bool,
) -> Result<Option<(String, String)>, Exit> {
    let path = folder.join(file);
    if !required && !context.world.exists(&path) {
        return Ok(None);
    }
    let shown = path.display().to_string();
    let problem = match context.world.read(&path).map(String::from_utf8) {
        Ok(Ok(text)) => return Ok(Some((shown, text))),
        Ok(Err(_)) => format!("{shown}: not UTF-8 text"),
        Err(error) => chain(&error),
    };
    context.complain(&format!("error[file-missing]: {problem}"));
    Err(Exit::BadInput)
}

fn bad_template(context: &Context, error: &report::RenderError) -> Exit {
    context.complain(&format!("error[bad-value]: {}", chain(error)));
    Exit::BadInput
}

/// How a run went.
pub struct Made<'a> {
    /// How texts that are accepted with the golden differ.
    pub differences: &'a str,
    /// Where its files are.
    pub folder: &'a Path,
    /// How long it took.
    pub seconds: f64,
    /// Points whose estimates were kept from an earlier run.
    pub from_cache: u64,
}

/// Prints the summary, or the document for programs.
pub fn announce(context: &Context, results: &Results, view: &report::View, made: &Made<'_>) {
    let points = results.planned;
    match context.format {
        Format::Json | Format::Jsonl => {
            context.print(&String::from_utf8_lossy(&results_json::write(results)));
        }
        Format::Markdown => context.print(&report::markdown(view)),
        Format::Github => context.print(&report::annotations(results)),
        Format::Human => {
            let noun = if points == 1 { "point" } else { "points" };
            let name = &results.inputs.scenario_name;
            let cached = match made.from_cache {
                0 => String::new(),
                found => format!(" ({} cached)", count(found)),
            };
            context.print(&format!(
                "{name}  {} {noun} predicted{cached} in {:.2} s\n\n",
                count(points),
                made.seconds
            ));
            context.print(&report::summary(view, context.width));
            if context.loudness == Loudness::Verbose {
                context.print(&report::searches(view, context.width));
            }
            if let Some(outcome) = &results.golden {
                context.print(&changed_lines(outcome, 20));
                context.print(made.differences);
            }
            context.print(&format!("Report    {}\n", made.folder.display()));
        }
    }
    let folder = made.folder.display().to_string();
    add_to_summary_page(context, &report::capped(&report::markdown(view), &folder));
}
