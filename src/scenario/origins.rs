//! What `phantom plan --yaml` prints: the document after each stage, each value with the line it comes from.

use std::collections::BTreeMap;

use super::document::relative;
use super::overrides::is_override;
use super::write::{Context, key, scalar};
use super::{Document, Entry, Node, Value};
use crate::source::{SourceId, Sources, Span};

/// The document after each stage that changed it, as YAML documents with origins in comments.
///
/// ```text
/// # read
/// schema: phantom/v1  # scenarios/hello.yaml:2
/// ```
pub fn staged_yaml(document: &Document, sources: &Sources) -> String {
    let stages: Vec<String> = document
        .stages
        .iter()
        .map(|stage| {
            format!(
                "# {}\n{}",
                stage.name,
                yaml_with_origins(&stage.root, document, sources)
            )
        })
        .collect();
    stages.join("---\n")
}

/// One tree as YAML with origins in comments: the document of a point, or a part of it.
pub fn yaml_with_origins(node: &Node, document: &Document, sources: &Sources) -> String {
    let mut writer = Writer {
        document,
        sources,
        lines: BTreeMap::new(),
        text: String::new(),
    };
    writer.block(node, 0);
    writer.text
}

struct Writer<'d> {
    document: &'d Document,
    sources: &'d Sources,
    /// Where the lines of each source start.
    lines: BTreeMap<SourceId, Vec<usize>>,
    text: String,
}

impl Writer<'_> {
    /// Writes a node on lines of its own.
    fn block(&mut self, node: &Node, indent: usize) {
        match &node.value {
            Value::Map(entries) if !entries.is_empty() => {
                for entry in entries {
                    self.pad(indent);
                    self.entry(entry, indent);
                }
            }
            Value::List(items) if !items.is_empty() => {
                for item in items {
                    self.pad(indent);
                    self.item(item, indent);
                }
            }
            Value::Map(_) | Value::List(_) | Value::Scalar(_) => {
                self.pad(indent);
                self.inline(node);
            }
        }
    }

    fn pad(&mut self, indent: usize) {
        self.text.extend(std::iter::repeat_n(' ', indent));
    }

    fn entry(&mut self, entry: &Entry, indent: usize) {
        self.text.push_str(&key(&entry.key));
        self.text.push(':');
        if has_children(&entry.node) {
            self.text.push('\n');
            self.block(&entry.node, indent + 2);
        } else {
            self.text.push(' ');
            self.inline(&entry.node);
        }
    }

    fn item(&mut self, item: &Node, indent: usize) {
        self.text.push_str("- ");
        match &item.value {
            Value::Map(entries) if !entries.is_empty() => {
                for (index, entry) in entries.iter().enumerate() {
                    if index > 0 {
                        self.pad(indent + 2);
                    }
                    self.entry(entry, indent + 2);
                }
            }
            Value::List(items) if !items.is_empty() => {
                for (index, inner) in items.iter().enumerate() {
                    if index > 0 {
                        self.pad(indent + 2);
                    }
                    self.item(inner, indent + 2);
                }
            }
            Value::Map(_) | Value::List(_) | Value::Scalar(_) => self.inline(item),
        }
    }

    /// Writes a scalar or an empty collection, its origin, and the end of the line.
    fn inline(&mut self, node: &Node) {
        let value = match &node.value {
            Value::Scalar(text) => scalar(text, Context::Block),
            Value::Map(_) => "{}".to_owned(),
            Value::List(_) => "[]".to_owned(),
        };
        let origin = self.origin(node.span);
        for part in [value.as_str(), "  # ", &origin, "\n"] {
            self.text.push_str(part);
        }
    }

    fn origin(&mut self, span: Span) -> String {
        let path = self.sources.path(span.source);
        if is_override(path) {
            return path.display().to_string();
        }
        let text = self.sources.text(span.source);
        let lines = self
            .lines
            .entry(span.source)
            .or_insert_with(|| text.match_indices('\n').map(|(at, _)| at).collect());
        let line = lines.partition_point(|newline| *newline < span.start as usize) + 1;
        format!("{}:{line}", relative(path, &self.document.folder))
    }
}

fn has_children(node: &Node) -> bool {
    !node.entries().is_empty() || !node.items().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::sample::read;
    use crate::source::Memory;

    #[test]
    fn every_stage_shows_where_its_values_come_from() {
        let world = Memory::default()
            .with("scenarios/x.yaml", "extends: [base.yaml]\nname: x\nlist:\n  - {a: 1, b: [2, 3]}\n  - - y\n    - z: {}\n")
            .with("scenarios/base.yaml", "# base\nname: base\nurl: ${URL:-http://localhost}\nprecision: bf16\nlabels: {note: \"a: b\", n: ''}\n");
        let (sources, document) = read(&world, &["precision=fp8"]);
        insta::assert_snapshot!(staged_yaml(&document.expect("good"), &sources));
    }

    #[test]
    fn what_is_printed_reads_back() {
        let text = "a: 'x: y'\nb: \"$$\"\nc: [1, {d: e, 'f g': [[]]}]\n\"-\": \"\"\ng: >\n  folded\n  text\nh: \"\\t\\x07\"\n";
        let (sources, document) = read(&Memory::default().with("scenarios/x.yaml", text), &[]);
        let document = document.expect("good");
        let printed = yaml_with_origins(&document.root, &document, &sources);
        let (_, again) = read(&Memory::default().with("scenarios/x.yaml", printed), &[]);
        assert_eq!(again.expect("good").root.flow(), document.root.flow());
    }
}
