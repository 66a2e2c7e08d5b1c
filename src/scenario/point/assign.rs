//! Setting the values of a combination in a section of the document.

use std::collections::BTreeSet;

use crate::diag::{Code, Diagnostic};
use crate::scenario::speculation::drafts;
use crate::scenario::{Assignment, AxisTarget, Combination, Document, Entry, Node, Value};
use crate::source::Span;

/// Options of `request_rate`, which go with that mode.
const OPEN_LOOP: [&str; 2] = ["arrival", "max_in_flight"];

/// A path in the document, without aliases or `*`.
pub(super) type Path<'p> = Vec<&'p str>;

/// Where the values of a combination go.
pub(super) struct Places<'a> {
    pub document: &'a Document,
    pub combination: &'a Combination<'a>,
}

impl<'a> Places<'a> {
    /// The alias of `models` or `hardware` that the point uses: the selected one, or the only one.
    pub fn alias(&self, section: &str) -> Option<&'a str> {
        let selected = self.combination.assignments().find(|assignment| {
            matches!(assignment.target, AxisTarget::Model | AxisTarget::Hardware)
                && assignment.target.section() == section
        });
        if let Some(assignment) = selected {
            return assignment.node.scalar().map(|scalar| scalar.text.as_str());
        }
        let root = &self.document.root;
        let drafts = match section {
            "models" => drafts(root),
            _ => BTreeSet::new(),
        };
        let mut serving = root
            .get(section)?
            .entries()
            .iter()
            .map(|entry| entry.key.as_str())
            .filter(|alias| !drafts.contains(alias));
        match (serving.next(), serving.next()) {
            (Some(alias), None) => Some(alias),
            _ => only_key(root.get(section)?),
        }
    }

    /// Where a target lies for this point; `None` for a selection, and where an alias or a `*` has no single meaning.
    pub fn path(&self, target: &'a AxisTarget) -> Option<Path<'a>> {
        let field = |section: &'static str, field: &'a [String]| {
            let mut path = vec![section, self.alias(section)?];
            path.extend(field.iter().map(String::as_str));
            Some(path)
        };
        match target {
            AxisTarget::Model | AxisTarget::Hardware => None,
            AxisTarget::ModelField(rest) => field("models", rest),
            AxisTarget::HardwareField(rest) => field("hardware", rest),
            AxisTarget::LoadMode(mode) => {
                let kind = only_key(self.document.root.get("workload")?)?;
                Some(vec!["workload", kind, "load", mode])
            }
            AxisTarget::Path(segments) => self.without_star(segments),
        }
    }

    fn without_star(&self, segments: &'a [String]) -> Option<Path<'a>> {
        let mut path: Path<'a> = Vec::with_capacity(segments.len());
        for segment in segments {
            if segment == "*" {
                path.push(only_key(self.document.root.at(path.iter().copied())?)?);
            } else {
                path.push(segment);
            }
        }
        Some(path)
    }

    /// Sets one value in its section.
    pub fn assign(
        &self,
        section: &mut Node,
        assignment: &'a Assignment<'a>,
        load_modes: &[&str],
    ) -> Result<(), Diagnostic> {
        if matches!(assignment.target, AxisTarget::Model | AxisTarget::Hardware) {
            if let Some(scalar) = assignment.node.scalar() {
                keep_only(section, &scalar.text);
            }
            return Ok(());
        }
        let Some(path) = self.path(assignment.target) else {
            return Ok(());
        };
        let inner = &path[1..];
        if let (AxisTarget::LoadMode(mode), Some((_, load))) =
            (assignment.target, inner.split_last())
        {
            clear_modes(section, load, mode, load_modes);
        }
        put(section, inner, &assignment.node)
    }
}

/// The key of a map with one entry.
fn only_key(map: &Node) -> Option<&str> {
    match map.entries() {
        [entry] => Some(&entry.key),
        _ => None,
    }
}

fn entries_mut(node: &mut Node) -> Option<&mut Vec<Entry>> {
    match &mut node.value {
        Value::Map(entries) => Some(entries),
        Value::List(_) | Value::Scalar(_) => None,
    }
}

fn keep_only(section: &mut Node, alias: &str) {
    if let Some(entries) = entries_mut(section) {
        entries.retain(|entry| entry.key == alias);
    }
}

/// Removes the modes of a load other than `mode`, with the options that belong to them.
fn clear_modes(section: &mut Node, load: &[&str], mode: &str, modes: &[&str]) {
    let load = load.iter().try_fold(section, |node, key| node.get_mut(key));
    let Some(entries) = load.and_then(entries_mut) else {
        return;
    };
    let stays = |key: &str| {
        let other_mode = modes.contains(&key) && key != mode;
        let of_other_mode = OPEN_LOOP.contains(&key) && mode != "request_rate";
        !other_mode && !of_other_mode
    };
    entries.retain(|entry| stays(&entry.key));
}

/// Puts a value at a path below a section; an empty path replaces the section.
fn put(section: &mut Node, path: &[&str], value: &Node) -> Result<(), Diagnostic> {
    let Some((last, folders)) = path.split_last() else {
        *section = value.clone();
        return Ok(());
    };
    let mut node = section;
    for key in folders {
        check_map(node, key, value.span)?;
        if node.get(key).is_none() {
            node.set(key, value.span, Node::empty_map(value.span));
        }
        node = node.get_mut(key).expect("the key was just made sure of");
    }
    check_map(node, last, value.span)?;
    node.set(last, value.span, value.clone());
    Ok(())
}

fn check_map(node: &Node, key: &str, span: Span) -> Result<(), Diagnostic> {
    if matches!(node.value, Value::Map(_)) || node.is_null() {
        return Ok(());
    }
    let message = format!("`{key}` cannot be set: it lies inside {}", node.kind());
    Err(Diagnostic::error(Code::WrongType, message, span)
        .label("set by the matrix")
        .related(node.span, "this is no map"))
}
