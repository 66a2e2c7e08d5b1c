//! `--set a.b.c=value`: the value is read as YAML and replaces what stands at that path.

use std::path::Path;

use super::yaml::parse_part;
use super::{Node, Value};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{SourceId, Sources, Span};

/// Keys of one path.
const MAX_KEYS: usize = 32;

/// Applies overrides in order. Each is kept in `sources` under the name `--set <its text>`, so that problems of its
/// value have a place.
pub(super) fn apply(
    root: &mut Node,
    sources: &mut Sources,
    set: &[String],
) -> Result<(), Diagnostics> {
    let mut problems = Diagnostics::default();
    for text in set {
        let source = sources.add(name(text), text.as_str());
        match read(sources, source).and_then(|setting| put(root, &setting)) {
            Ok(()) => {}
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// True for the name of an override among the sources.
pub(super) fn is_override(name: &Path) -> bool {
    name.to_str().is_some_and(|name| name.starts_with("--set "))
}

/// `--set` with its text, fit to be printed.
fn name(text: &str) -> String {
    let printable = |sign: char| if sign.is_control() { '\u{fffd}' } else { sign };
    let mut shown: String = text.chars().take(60).map(printable).collect();
    if text.chars().nth(60).is_some() {
        shown.push('…');
    }
    format!("--set {shown}")
}

struct Setting {
    /// The keys between dots, each with its place.
    path: Vec<(String, Span)>,
    value: Node,
}

fn read(sources: &Sources, source: SourceId) -> Result<Setting, Diagnostics> {
    let text = sources.text(source);
    let span = |start: usize, end: usize| Span {
        source,
        start: start as u32,
        end: end as u32,
    };
    let Some(equals) = text.find('=') else {
        let problem = Diagnostic::error(
            Code::BadValue,
            "an override needs a value",
            span(0, text.len()),
        );
        return Err(problem
            .help("write `--set key=value`, for example `--set deployment.tp=2`")
            .into());
    };
    let mut path = Vec::new();
    let mut start = 0;
    for segment in text[..equals].split('.') {
        let (end, key) = (start + segment.len(), segment.trim());
        if key.is_empty() {
            let problem = Diagnostic::error(
                Code::BadValue,
                "a key of the path is empty",
                span(start, end),
            );
            return Err(problem
                .help("write `--set key=value`, with one dot between two keys")
                .into());
        }
        path.push((key.to_owned(), span(start, end)));
        start = end + 1;
    }
    if path.len() > MAX_KEYS {
        let message = format!("a path has at most {MAX_KEYS} keys");
        return Err(Diagnostic::error(Code::TooLarge, message, span(0, equals)).into());
    }
    match parse_part(sources, source, equals + 1)? {
        Some(value) if value.span.start < value.span.end => Ok(Setting { path, value }),
        Some(_) | None => {
            let problem = Diagnostic::error(
                Code::BadValue,
                "an override needs a value",
                span(equals, equals + 1),
            );
            let help = "`null` removes the field, `\"\"` is empty text";
            Err(problem.label("nothing follows").help(help).into())
        }
    }
}

fn put(root: &mut Node, setting: &Setting) -> Result<(), Diagnostics> {
    let mut node = root;
    let mut rest = setting.path.as_slice();
    let mut walked: Vec<&str> = Vec::new();
    loop {
        let step = Step::next(node, rest, &walked);
        let (segments, after) = rest.split_at(step.segments);
        rest = after;
        walked.extend(segments.iter().map(|(key, _)| key.as_str()));
        let last = rest.is_empty();
        if matches!(node.value, Value::List(_)) {
            node = item(node, &segments[0])?;
            if last {
                *node = setting.value.clone();
                return Ok(());
            }
            continue;
        }
        if !matches!(node.value, Value::Map(_)) && !node.is_null() {
            return Err(not_a_map(node, &segments[0]).into());
        }
        if last && setting.value.is_null() {
            delete(node, &step.key);
            return Ok(());
        }
        let span = segments[0].1;
        if last {
            node.set(&step.key, span, setting.value.clone());
            return Ok(());
        }
        if node.get(&step.key).is_none() {
            node.set(&step.key, span, Node::empty_map(span));
        }
        node = node
            .get_mut(&step.key)
            .expect("the key was just made sure of");
    }
}

/// How far one key of the tree reaches into the path.
struct Step {
    key: String,
    segments: usize,
}

impl Step {
    /// Keys may hold dots (`matrix.axes` has `hardware.nodes`): the longest key that exists wins, and below
    /// `matrix.axes` the rest of the path is one key.
    fn next(node: &Node, rest: &[(String, Span)], walked: &[&str]) -> Self {
        let joined = |count: usize| {
            let keys: Vec<&str> = rest[..count].iter().map(|(key, _)| key.as_str()).collect();
            keys.join(".")
        };
        let known = (1..=rest.len())
            .rev()
            .find(|count| node.get(&joined(*count)).is_some());
        let segments = match known {
            Some(count) => count,
            None if walked == ["matrix", "axes"] => rest.len(),
            None => 1,
        };
        Self {
            key: joined(segments),
            segments,
        }
    }
}

fn item<'n>(list: &'n mut Node, (key, span): &(String, Span)) -> Result<&'n mut Node, Diagnostics> {
    let count = list.items().len();
    let problem = |message: String| {
        let help = match count {
            0 => "the list is empty".to_owned(),
            _ => format!("its items are numbered 0 to {}", count - 1),
        };
        Diagnostic::error(Code::BadValue, message, *span).help(help)
    };
    let Ok(position) = key.parse::<usize>() else {
        return Err(problem(format!("`{key}` is no position in a list")).into());
    };
    match &mut list.value {
        Value::List(items) if position < count => Ok(&mut items[position]),
        Value::List(_) | Value::Map(_) | Value::Scalar(_) => {
            Err(problem(format!("the list has no item {position}")).into())
        }
    }
}

fn not_a_map(node: &Node, (key, span): &(String, Span)) -> Diagnostic {
    let message = format!(
        "`{key}` cannot be set here: what stands at this path is {}",
        node.kind()
    );
    Diagnostic::error(Code::WrongType, message, *span)
        .label("leads into a value")
        .related(node.span, "this value")
}

fn delete(map: &mut Node, key: &str) {
    if let Value::Map(entries) = &mut map.value {
        entries.retain(|entry| entry.key != key);
    }
}

#[cfg(test)]
mod tests {
    use crate::scenario::sample::read;
    use crate::source::Memory;

    fn set(text: &str, set: &[&str]) -> String {
        let (_, document) = read(&Memory::default().with("scenarios/x.yaml", text), set);
        document.expect("the overrides are good").root.flow()
    }

    #[test]
    fn values_are_yaml_and_replace_what_stands_there() {
        let text = "deployment: {tp: 1, pp: 2}\nrun: [{predict: {}}, {native: {}}]\n";
        assert_eq!(
            set(
                text,
                &[
                    "deployment.tp=8",
                    "run.1.when=never",
                    "deployment.pp=[1, 2]",
                    "a.b.c={d: 'x y'}"
                ]
            ),
            "{deployment: {tp: 8, pp: [1, 2]}, run: [{predict: {}}, {native: {}, when: never}], a: {b: {c: {d: 'x y'}}}}"
        );
    }

    #[test]
    fn later_overrides_win_and_null_removes() {
        let text = "a: 1\nb: {c: 2, d: 3}\n";
        assert_eq!(set(text, &["a=2", "a=3", "b.c=null"]), "{a: 3, b: {d: 3}}");
    }

    #[test]
    fn keys_may_hold_dots() {
        let text = "matrix: {axes: {hardware.nodes: [1]}}\nmodels: {llama-3.1: {catalog: x}}\n";
        assert_eq!(
            set(
                text,
                &[
                    "matrix.axes.hardware.nodes=[2]",
                    "matrix.axes.runtime.threads=1..4",
                    "models.llama-3.1.catalog=y"
                ]
            ),
            "{matrix: {axes: {hardware.nodes: [2], runtime.threads: 1..4}}, models: {llama-3.1: {catalog: y}}}"
        );
    }

    #[test]
    fn the_place_is_in_the_override() {
        let (sources, document) = read(
            &Memory::default().with("scenarios/x.yaml", "a: 1\n"),
            &["b.c=  24"],
        );
        let root = document.expect("a good override").root;
        let place = sources.place(root.at(["b", "c"]).expect("set").span);
        assert_eq!(
            (place.file.as_str(), place.column, place.end_column),
            ("--set b.c=  24", 7, 9)
        );
    }
}
