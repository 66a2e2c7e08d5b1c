//! What the tests of the text stages share.

use std::path::Path;

use super::{
    AxisPaths, AxisTarget, Combination, Document, ExprValue, ExpressionScope, Names, Options,
    apply, expand, read_document,
};
use crate::diag::{Diagnostics, suggest};
use crate::source::{Memory, Sources};

/// Axis names of a small schema.
pub(super) struct Paths;

const ALIASES: [&str; 8] = [
    "model",
    "hardware",
    "precision",
    "concurrency",
    "request_rate",
    "batch_size",
    "isl",
    "tp",
];
const FREE: [&str; 4] = ["runtime", "deployment", "workload", "vars"];

impl AxisPaths for Paths {
    fn resolve(&self, axis: &str) -> Result<AxisTarget, Option<String>> {
        let path = |text: &str| AxisTarget::Path(text.split('.').map(str::to_owned).collect());
        match axis {
            "model" => Ok(AxisTarget::Model),
            "hardware" => Ok(AxisTarget::Hardware),
            "precision" => Ok(path("precision")),
            "concurrency" | "request_rate" | "batch_size" => {
                Ok(AxisTarget::LoadMode(axis.to_owned()))
            }
            "isl" => Ok(path("workload.llm.isl")),
            "tp" => Ok(path("deployment.tp")),
            _ => match axis.split_once('.') {
                Some(("hardware", rest)) => Ok(AxisTarget::HardwareField(
                    rest.split('.').map(str::to_owned).collect(),
                )),
                Some(("model", rest)) => Ok(AxisTarget::ModelField(
                    rest.split('.').map(str::to_owned).collect(),
                )),
                Some((section, _)) if FREE.contains(&section) => Ok(path(axis)),
                Some(_) | None => Err(suggest(axis, ALIASES).map(str::to_owned)),
            },
        }
    }

    fn load_modes(&self) -> &[&str] {
        &["concurrency", "request_rate", "batch_size", "offline"]
    }
}

/// Names that come from outside the document.
pub(super) struct Catalogue;

impl Names for Catalogue {
    fn lookup(&self, path: &str) -> Option<ExprValue> {
        (path == "model.id").then(|| ExprValue::from("llama-3.1-8b"))
    }

    fn known(&self) -> Vec<String> {
        vec!["model.id".to_owned()]
    }
}

pub(super) const SCOPE: ExpressionScope<'static> = ExpressionScope {
    names: &Catalogue,
    paths: &Paths,
};

/// Reads `scenarios/x.yaml` of a world.
pub(super) fn read(world: &Memory, set: &[&str]) -> (Sources, Result<Document, Diagnostics>) {
    let mut sources = Sources::default();
    let options = Options {
        set: set.iter().map(|text| (*text).to_owned()).collect(),
        ..Options::default()
    };
    let document = read_document(world, &mut sources, Path::new("scenarios/x.yaml"), &options);
    (sources, document)
}

/// Reads one text.
pub(super) fn document(text: &str) -> Document {
    let (sources, document) = read(&Memory::default().with("scenarios/x.yaml", text), &[]);
    document.unwrap_or_else(|problems| panic!("{}", shown(&problems.sorted(&sources), &sources)))
}

/// The document of the only point of a text.
pub(super) fn point(text: &str) -> super::Node {
    apply(&document(text), &Combination::empty(), &SCOPE).expect("the text is good")
}

/// Everything that the text stages say about a world: reading, expanding, and the first points.
pub(super) fn complaints(world: &Memory, set: &[&str]) -> String {
    let (sources, document) = read(world, set);
    let problems = match document {
        Err(problems) => problems,
        Ok(document) => match expand(&document, &Paths) {
            Err(problems) => problems,
            Ok(expansion) => {
                let mut problems = expansion.warnings.clone();
                for combination in expansion.iter().take(4) {
                    problems.extend(
                        apply(&document, &combination, &SCOPE)
                            .err()
                            .unwrap_or_default(),
                    );
                }
                problems
            }
        },
    };
    shown(&problems.sorted(&sources), &sources)
}

/// Diagnostics as plain text, with everything they carry.
pub(super) fn shown(problems: &Diagnostics, sources: &Sources) -> String {
    let lines = problems.iter().flat_map(|problem| {
        let place = |span| {
            let place = sources.place(span);
            let (end_line, end_column) = (place.end_line, place.end_column);
            format!(
                "{}:{}:{}-{end_line}:{end_column}",
                place.file, place.line, place.column
            )
        };
        let head = format!(
            "{:?}[{}]: {}\n",
            problem.severity, problem.code, problem.message
        );
        let mut lines = vec![head];
        lines.extend(problem.span.map(|span| format!("  at {}\n", place(span))));
        lines.extend(
            problem
                .label
                .iter()
                .map(|label| format!("  label: {label}\n")),
        );
        let related = problem.related.iter();
        lines.extend(related.map(|(span, label)| format!("  related: {} {label}\n", place(*span))));
        lines.extend(problem.help.iter().map(|help| format!("  help: {help}\n")));
        lines.extend(problem.notes.iter().map(|note| format!("  note: {note}\n")));
        lines
    });
    lines.collect()
}
