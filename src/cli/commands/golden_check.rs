//! `phantom golden check`: predictions against accepted results, without reports.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::compare::{self, taken};
use super::golden_files::Files;
use super::outputs::add_to_summary_page;
use super::{calibration, scenarios};
use crate::catalog::Catalog;
use crate::cli::Exit;
use crate::cli::args::Format;
use crate::cli::context::Context;
use crate::diag::Severity;
use crate::golden::{self, Comparison, Strictness};
use crate::pipeline::{self, Flow, Observer, Request, Stopped};
use crate::record::PointResult;
use crate::report;
use crate::scenario;

/// Changes and findings that a terminal shows of one scenario.
const SHOWN: usize = 20;

struct Silent;

impl Observer for Silent {
    fn points(&mut self, _: &[PointResult]) -> Flow {
        Flow::Continue
    }
}

/// Checks scenarios one after another.
///
/// # Errors
///
/// The exit code after a problem was shown.
pub fn check(context: &Context, paths: &[PathBuf]) -> Result<Exit, Exit> {
    let catalog = scenarios::catalog(context)?;
    let mut exit = Exit::Done;
    let mut documents = Vec::new();
    for path in scenarios::files(context, paths) {
        let Some(compared) = compared(context, &catalog, &path)? else {
            exit = exit.and(Exit::BadInput);
            continue;
        };
        if has_errors(&compared.comparison) {
            exit = exit.and(Exit::Findings);
        }
        documents.extend(show(context, &compared));
        add_to_summary_page(context, &markdown(&compared));
    }
    if context.format == Format::Json {
        context.print(&format!("{}\n", json!({ "scenarios": documents })));
    }
    Ok(exit)
}

/// How the predictions of a scenario compare with the accepted ones.
struct Compared {
    name: String,
    comparison: Comparison,
    /// How texts that are accepted with the golden differ.
    differences: String,
}

/// The comparison of one scenario; `None` after it was said that there is no golden file.
fn compared(context: &Context, catalog: &Catalog, path: &Path) -> Result<Option<Compared>, Exit> {
    let (sources, loaded) = scenarios::load(context, catalog, path, &[])?;
    let (scenario, plan) = (&loaded.scenario, &loaded.plan);
    let file = loaded.root.join(&scenario.golden.file);
    let Some(accepted) = compare::read(context, &file)? else {
        context.complain(&format!(
            "{}: there is no {}; `phantom run --accept` makes it",
            scenario.name,
            file.display()
        ));
        return Ok(None);
    };
    if let Some(diagnostic) = scenario::not_modelled(plan) {
        return Err(scenarios::refuse(context, diagnostic.into(), &sources));
    }
    let pack = calibration::choose(context, None, scenario)?;
    let request = Request {
        scenario,
        plan,
        catalog,
        pack: &pack,
        sources: &sources,
        overlay: None,
        // A check of predictions makes them.
        memo: None,
    };
    let results = pipeline::predict(request, &mut Silent).map_err(|stopped| match stopped {
        Stopped::NotModelled(diagnostics) => scenarios::refuse(context, diagnostics, &sources),
        Stopped::ByObserver(_) => Exit::Incomplete,
    })?;
    let files = Files::of(context, &loaded, &results)?;
    let differences = files.differences(context, &file, &accepted);
    let new = golden::from_results(taken(&results, &files.hashes));
    let mut comparison = golden::compare(&new, &accepted, &scenario.golden, Strictness::Ci);
    golden::place(&mut comparison.findings, &scenario.golden, &sources);
    Ok(Some(Compared {
        name: scenario.name.clone(),
        comparison,
        differences: differences.into_values().collect(),
    }))
}

fn has_errors(comparison: &Comparison) -> bool {
    let mut findings = comparison.findings.iter();
    findings.any(|finding| finding.severity == Severity::Error)
}

/// Shows a comparison, or returns it where all are one document.
fn show(context: &Context, compared: &Compared) -> Option<Value> {
    let (name, comparison) = (&compared.name, &compared.comparison);
    let outcome = &comparison.outcome;
    match context.format {
        Format::Human => {
            context.print(&format!(
                "{name}: {} of {} points differ from {}\n",
                outcome.differing, outcome.compared, outcome.file
            ));
            if has_errors(comparison) {
                for finding in comparison.findings.iter().take(SHOWN) {
                    context.print(&format!("  {}\n", finding.message));
                }
                context.print(&golden::changed_lines(outcome, SHOWN));
                context.print(&compared.differences);
            }
        }
        Format::Markdown => context.print(&markdown(compared)),
        Format::Github => context.print(&report::annotations_of(&comparison.findings)),
        Format::Jsonl => context.print(&format!("{}\n", document(name, comparison))),
        Format::Json => return Some(document(name, comparison)),
    }
    None
}

fn document(name: &str, comparison: &Comparison) -> Value {
    let outcome = &comparison.outcome;
    let findings = comparison.findings.iter().map(|finding| {
        json!({
            "code": finding.code, "severity": finding.severity, "message": finding.message, "place": finding.place,
            "key": finding.key, "column": finding.column, "old": finding.old, "new": finding.new,
        })
    });
    let changes = outcome.changes.iter().map(|change| {
        json!({
            "key": change.key, "column": change.column, "old": change.old, "new": change.new,
            "change": change.change, "tolerance": change.tolerance,
        })
    });
    json!({
        "scenario": name, "file": outcome.file, "state": outcome.state, "compared": outcome.compared,
        "differing": outcome.differing, "findings": findings.collect::<Vec<_>>(), "changes": changes.collect::<Vec<_>>(),
    })
}

/// One section for a page: the count, and the changes as a difference.
fn markdown(compared: &Compared) -> String {
    let (name, comparison) = (&compared.name, &compared.comparison);
    let outcome = &comparison.outcome;
    let mark = if has_errors(comparison) { "✗" } else { "✓" };
    let head = format!(
        "### {mark} {name}\n\n{} of {} points differ from `{}`.\n\n",
        outcome.differing, outcome.compared, outcome.file
    );
    if outcome.changes.is_empty() {
        return head;
    }
    // A fence inside a key would end the block.
    let changes = golden::changed_lines(outcome, SHOWN) + &compared.differences;
    let changes = changes.replace("```", "'''");
    format!("{head}```diff\n{}\n```\n\n", changes.trim_end())
}
