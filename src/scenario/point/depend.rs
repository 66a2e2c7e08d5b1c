//! What the sections of a point depend on.

use std::collections::{BTreeMap, BTreeSet};

use crate::scenario::expression::mentions;
use crate::scenario::{AxisPaths, Combination, Document, Node, Value};

/// The names that the expressions of each top-level key use, such as `vars.peak` and `point.isl`; keys without
/// expressions are absent.
pub fn sections_using(document: &Document) -> BTreeMap<String, BTreeSet<String>> {
    let mut sections = BTreeMap::new();
    for entry in document.root.entries() {
        let mut names = BTreeSet::new();
        collect(&entry.node, &mut names);
        if !names.is_empty() {
            sections.insert(entry.key.clone(), names);
        }
    }
    sections
}

fn collect(node: &Node, names: &mut BTreeSet<String>) {
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|entry| collect(&entry.node, names)),
        Value::List(items) => items.iter().for_each(|item| collect(item, names)),
        Value::Scalar(scalar) if !scalar.literal && scalar.text.contains("$(") => {
            mentions(scalar, names);
        }
        Value::Scalar(_) => {}
    }
}

/// Which sections of the document read which others through expressions.
#[derive(Debug, Clone)]
pub struct Dependencies {
    /// Every section that a section reads, itself included, also by way of others. Absent: itself alone.
    reads: BTreeMap<String, BTreeSet<String>>,
}

impl Dependencies {
    /// Finds them once for a document.
    pub fn of(document: &Document, paths: &dyn AxisPaths) -> Self {
        let direct: BTreeMap<String, BTreeSet<String>> = sections_using(document)
            .into_iter()
            .map(|(section, names)| {
                let read = names
                    .iter()
                    .flat_map(|name| sections_of(name, paths))
                    .collect();
                (section, read)
            })
            .collect();
        let reads = direct
            .keys()
            .map(|section| (section.clone(), closure(section, &direct)))
            .collect();
        Self { reads }
    }

    /// True when no expression of a section reads anything, so that only what sets the section itself changes it.
    pub fn stands_alone(&self, section: &str) -> bool {
        !self.reads.contains_key(section)
    }

    /// Names everything a section of a point depends on: points with equal keys have equal sections. Each pair is the
    /// name of an assignment and which of its values it has.
    pub fn memo_key<'c>(
        &self,
        section: &str,
        combination: &'c Combination<'_>,
    ) -> Vec<(&'c str, u64)> {
        let reads = self.reads.get(section);
        // An added field may hold an expression of its own, which reads anything.
        let reads_all = combination.extra.iter().any(|added| {
            let mut names = BTreeSet::new();
            collect(&added.node, &mut names);
            !names.is_empty()
        });
        combination
            .assignments()
            .filter(|assignment| {
                let changed = assignment.target.section();
                reads_all
                    || changed == section
                    || reads.is_some_and(|reads| reads.contains(changed))
            })
            .map(|assignment| (assignment.name, assignment.level))
            .collect()
    }
}

/// The sections that decide what a name stands for.
fn sections_of(name: &str, paths: &dyn AxisPaths) -> Vec<String> {
    match name.split_once('.') {
        Some(("point", axis)) => match paths.resolve(axis) {
            Ok(target) => vec![
                target.section().to_owned(),
                "models".to_owned(),
                "hardware".to_owned(),
            ],
            Err(_) => Vec::new(),
        },
        Some(("vars", _)) => vec!["vars".to_owned()],
        // What is known about these after look-ups may rest on each other.
        Some(("model" | "hardware" | "runtime", _)) => {
            ["models", "hardware", "runtime", "precision"]
                .map(str::to_owned)
                .to_vec()
        }
        Some(_) | None => Vec::new(),
    }
}

fn closure(section: &str, direct: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![section.to_owned()];
    while let Some(section) = open.pop() {
        if let Some(read) = direct.get(&section) {
            open.extend(read.iter().filter(|read| !found.contains(*read)).cloned());
        }
        found.insert(section);
    }
    found
}
