//! Reads `run`: the executors in order.

use std::path::{Component, Path, PathBuf};

use super::context::Context;
use super::objectives::unknown_axis;
use super::read::Reader;
use super::schema::Paths;
use super::{AxisPaths, ExecutorEntry, ExecutorKind, Filter, Method, Node, When};
use crate::diag::{Code, Diagnostic};
use crate::record::Calibration;
use crate::source::World;

/// Folders that `**` looks into before it gives up.
const MOST_FOLDERS: usize = 10_000;

/// Names that filters and `per` may use.
pub(super) struct Fields<'a> {
    /// Axes of the matrix.
    pub axes: &'a [String],
    /// Axes, and fields that only entries of `include` name.
    pub all: &'a [&'a str],
}

/// The executors, in order; a prediction where there are none.
pub(super) fn read(
    context: &mut Context<'_>,
    node: Option<&Node>,
    fields: &Fields<'_>,
) -> Vec<ExecutorEntry> {
    let Some(node) = node else {
        return vec![ExecutorEntry {
            kind: ExecutorKind::Predict {
                method: Method::Auto,
                calibration: None,
            },
            points: None,
            when: When::Always,
            span: None,
        }];
    };
    node.items()
        .iter()
        .filter_map(|item| entry(context, item, fields))
        .collect()
}

fn entry(context: &mut Context<'_>, node: &Node, fields: &Fields<'_>) -> Option<ExecutorEntry> {
    let when = context.reader.field(node, "when", |reader, node| {
        reader.choice(
            node,
            &[
                ("always", When::Always),
                ("available", When::Available),
                ("never", When::Never),
            ],
        )
    });
    let points = node
        .get("points")
        .and_then(|node| filter(&mut context.reader, node, fields.all));
    stated(context, node);
    let (kind, span, default) = kind(context, node, (when, fields))?;
    Some(ExecutorEntry {
        kind,
        points,
        when: when.unwrap_or(default),
        span: Some(span),
    })
}

/// A filter of the document in its text form.
pub(super) fn filter(reader: &mut Reader, node: &Node, known: &[&str]) -> Option<String> {
    let checked = Filter::from_node(node).and_then(|filter| filter.check(known).map(|()| filter));
    match checked {
        Ok(filter) => Some(filter.to_string()),
        Err(problems) => {
            reader.diagnostics.extend(problems);
            None
        }
    }
}

/// The names under `as` are axes.
fn stated(context: &mut Context<'_>, node: &Node) {
    for entry in node.get("as").map_or(&[][..], Node::entries) {
        if let Err(near) = Paths.resolve(&entry.key) {
            let label = near.map_or_else(
                || "not an axis or a path of the document".to_owned(),
                |near| format!("not an axis or a path of the document; did you mean `{near}`?"),
            );
            context.reader.push(
                Diagnostic::error(
                    Code::UnknownAxis,
                    format!("no scenario field is named `{}`", entry.key),
                    entry.key_span,
                )
                .label(label)
                .with_note("axis names are listed by `phantom schema --axes`"),
            );
        }
    }
}

type Kind = (ExecutorKind, crate::source::Span, When);

fn kind(
    context: &mut Context<'_>,
    node: &Node,
    (when, fields): (Option<When>, &Fields<'_>),
) -> Option<Kind> {
    let entry = node.entries().iter().find(|entry| {
        matches!(
            entry.key.as_str(),
            "predict" | "native" | "openai" | "spawn" | "import"
        )
    })?;
    let (inside, span) = (&entry.node, entry.key_span);
    let measured = |name: &'static str, target: String, default: When| {
        Some((ExecutorKind::Measured { name, target }, span, default))
    };
    match entry.key.as_str() {
        "predict" => Some((predict(context, inside), span, When::Always)),
        "native" => measured("native", "this process".to_owned(), When::Available),
        "openai" => {
            let url = context.reader.field(inside, "base_url", Reader::text);
            measured("openai", url.unwrap_or_default(), When::Available)
        }
        "spawn" => {
            for axis in inside.get("per").map_or(&[][..], Node::items) {
                if let Some(name) = context
                    .reader
                    .text(axis)
                    .filter(|name| !fields.axes.contains(name))
                {
                    context.reader.push(unknown_axis(&name, axis, fields.axes));
                }
            }
            let program = inside
                .get("command")
                .and_then(|command| command.items().first());
            let program = program
                .and_then(Node::scalar)
                .map(|scalar| scalar.text.clone());
            measured("spawn", program.unwrap_or_default(), When::Available)
        }
        _ => measured("import", import(context, inside, when), When::Always),
    }
}

fn predict(context: &mut Context<'_>, node: &Node) -> ExecutorKind {
    let method = context.reader.field(node, "method", |reader, node| {
        reader.choice(
            node,
            &[
                ("auto", Method::Auto),
                ("analytic", Method::Analytic),
                ("simulate", Method::Simulate),
            ],
        )
    });
    ExecutorKind::Predict {
        method: method.unwrap_or(Method::Auto),
        calibration: node.get("calibration").and_then(|node| pack(context, node)),
    }
}

/// A built-in pack by its name, or the path of one, relative to the file that names it.
fn pack(context: &mut Context<'_>, node: &Node) -> Option<String> {
    let name = context.reader.text(node)?;
    if Calibration::BUILT_IN.contains(&name.as_str()) {
        return Some(name);
    }
    let path = context.path_of(node, &name);
    context.permitted(node, &path)?;
    Some(path.display().to_string())
}

/// What an import reads; one that must run and matches no file is a finding.
fn import(context: &mut Context<'_>, node: &Node, when: Option<When>) -> String {
    let format = node
        .entries()
        .iter()
        .find(|entry| entry.key != "allow_incomplete");
    let Some(format) = format else {
        return String::new();
    };
    let globs: Vec<&Node> = if format.node.scalar().is_some() {
        vec![&format.node]
    } else {
        format.node.items().iter().collect()
    };
    let mut shown = Vec::new();
    for glob in globs {
        let Some(text) = context.reader.text(glob) else {
            continue;
        };
        let path = context.path_of(glob, &text);
        let must_match = when.is_none_or(|when| when == When::Always);
        if must_match && !matches_a_file(context.world, &path) {
            let pattern = super::document::relative(&path, &context.document.folder);
            context.reader.push(
                Diagnostic::error(
                    Code::ImportNoFile,
                    format!("no file matches `{pattern}`"),
                    glob.span,
                )
                .label("must match, as this import must run")
                .help("with `when: available` a missing file is skipped visibly"),
            );
        }
        shown.push(text);
    }
    format!("{} {}", format.key, shown.join(" "))
}

/// True when a file lies where the pattern says: `*`, `?` and `[…]` inside a name, `**` for any folders.
fn matches_a_file(world: &dyn World, pattern: &Path) -> bool {
    let mut here = vec![PathBuf::new()];
    for part in pattern.components() {
        let Component::Normal(name) = part else {
            for path in &mut here {
                path.push(part);
            }
            continue;
        };
        let name = name.to_string_lossy();
        here = here
            .iter()
            .flat_map(|folder| inside(world, folder, &name))
            .take(MOST_FOLDERS)
            .collect();
        if here.is_empty() {
            return false;
        }
    }
    here.iter()
        .any(|path| world.exists(path) && !world.is_folder(path))
}

fn inside(world: &dyn World, folder: &Path, name: &str) -> Vec<PathBuf> {
    if name == "**" {
        return below(world, folder);
    }
    if !name.contains(['*', '?', '[']) {
        return vec![folder.join(name)];
    }
    let Ok(pattern) = glob::Pattern::new(name) else {
        return Vec::new();
    };
    let entries = world.list(folder).into_iter();
    let fits = |path: &PathBuf| {
        path.file_name()
            .is_some_and(|name| pattern.matches(&name.to_string_lossy()))
    };
    entries.filter(fits).collect()
}

/// A folder and every folder below it.
fn below(world: &dyn World, folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut next = 0;
    while next < found.len() && found.len() < MOST_FOLDERS {
        let folders = world
            .list(&found[next])
            .into_iter()
            .filter(|path| world.is_folder(path));
        found.extend(folders.collect::<Vec<_>>());
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn patterns_match_files_of_the_world() {
        let world = Memory::default()
            .with("a/b/c-1.json", "")
            .with("a/d/e/f.csv", "");
        let matches = |pattern: &str| matches_a_file(&world, Path::new(pattern));
        assert!(matches("a/b/*.json") && matches("a/*/c-[0-9].json") && matches("a/**/*.csv"));
        assert!(!matches("a/b/*.csv") && !matches("a/*") && !matches("x/*.json"));
    }
}
