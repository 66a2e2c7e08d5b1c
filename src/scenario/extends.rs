//! `extends`: files are read depth first and merged; the later one wins, the extending one last.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use super::document::relative;
use super::{Entry, InputFile, Node, Value, parse_text};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::source::{Sources, Span, World, WorldError, normal};

/// Files that extend each other in one chain.
const MAX_CHAIN: usize = 32;

/// Files that one file may list.
const MAX_LISTED: usize = 64;

/// Which files may be named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Those below the root.
    Root,
    /// Any.
    Anywhere,
}

/// What was read.
pub(super) struct Read {
    /// The scenario's own text.
    pub own: Node,
    /// With everything it extends.
    pub merged: Node,
    /// Every file, the scenario first.
    pub files: Vec<InputFile>,
}

/// Reads a scenario and what it extends.
pub(super) struct Reader<'w> {
    world: &'w dyn World,
    sources: &'w mut Sources,
    root: &'w Path,
    reach: Reach,
    /// Files whose `extends` are being read, from the scenario inwards.
    open: Vec<PathBuf>,
    /// Files that were read, with what they extend.
    merged: BTreeMap<PathBuf, Node>,
    files: Vec<InputFile>,
    problems: Diagnostics,
}

impl<'w> Reader<'w> {
    pub(super) fn new(
        world: &'w dyn World,
        sources: &'w mut Sources,
        root: &'w Path,
        reach: Reach,
    ) -> Self {
        Self {
            world,
            sources,
            root,
            reach,
            open: Vec::new(),
            merged: BTreeMap::new(),
            files: Vec::new(),
            problems: Diagnostics::default(),
        }
    }

    pub(super) fn read(mut self, path: &Path) -> Result<Read, Diagnostics> {
        let own = self.file(path, None)?;
        let extends = own.get("extends").is_some();
        self.open.push(normal(path));
        let mut merged = self.with_bases(path, own.clone());
        if extends {
            prune(&mut merged);
        }
        if self.problems.is_empty() {
            let files = self.files;
            Ok(Read { own, merged, files })
        } else {
            Err(self.problems)
        }
    }

    /// The tree of one file, and a record that it was read.
    fn file(&mut self, path: &Path, named: Option<Span>) -> Result<Node, Diagnostics> {
        let bytes = self
            .world
            .read(path)
            .map_err(|error| unreadable(&error, named))?;
        self.files.push(InputFile {
            path: relative(path, self.root),
            blake3: blake3::hash(&bytes).to_hex().to_string(),
        });
        let (_, node) = parse_text(self.sources, path, &bytes)?;
        if matches!(node.value, Value::Map(_)) {
            return Ok(node);
        }
        let problem = Diagnostic::error(Code::WrongType, "a scenario is a map of keys", node.span)
            .label(format!("found {}", node.kind()))
            .help("a scenario starts with `schema: phantom/v1`");
        Err(problem.into())
    }

    /// `own` over everything it extends.
    fn with_bases(&mut self, path: &Path, mut own: Node) -> Node {
        let Some(list) = remove(&mut own, "extends") else {
            return own;
        };
        let mut base = Node::empty_map(own.span);
        for (name, span) in self.names(&list) {
            if let Some(node) = self.base(path, &name, span) {
                base = merge(base, node);
            }
        }
        merge(base, own)
    }

    /// The paths of `extends`, each with its place.
    fn names(&mut self, list: &Node) -> Vec<(String, Span)> {
        if let Some(scalar) = list.scalar() {
            let problem =
                Diagnostic::error(Code::WrongType, "`extends` is a list of files", list.span)
                    .label(format!("found {}", list.kind()))
                    .help(format!("write `extends: [{}]`", scalar.text));
            self.problems.push(problem);
            return Vec::new();
        }
        if list.items().len() > MAX_LISTED {
            let message = format!("`extends` lists at most {MAX_LISTED} files");
            self.problems
                .push(Diagnostic::error(Code::TooLarge, message, list.span));
            return Vec::new();
        }
        let mut names = Vec::new();
        for item in list.items() {
            match item.scalar() {
                Some(scalar) if !scalar.text.is_empty() => {
                    names.push((scalar.text.clone(), item.span));
                }
                Some(_) | None => self.problems.push(
                    Diagnostic::error(Code::WrongType, "`extends` lists paths of files", item.span)
                        .label(format!("found {}", item.kind())),
                ),
            }
        }
        if matches!(list.value, Value::Map(_)) {
            let problem =
                Diagnostic::error(Code::WrongType, "`extends` is a list of files", list.span);
            self.problems.push(problem.label("found a map"));
        }
        names
    }

    /// One extended file with everything it extends itself.
    fn base(&mut self, from: &Path, name: &str, span: Span) -> Option<Node> {
        let path = normal(&from.parent().unwrap_or(Path::new("")).join(name));
        if let Some(problem) = self.refusal(&path, name, span) {
            self.problems.push(problem);
            return None;
        }
        if let Some(node) = self.merged.get(&path) {
            return Some(node.clone());
        }
        match self.file(&path, Some(span)) {
            Ok(own) => {
                self.open.push(path.clone());
                let node = self.with_bases(&path, own);
                self.open.pop();
                self.merged.insert(path, node.clone());
                Some(node)
            }
            Err(problems) => {
                self.problems.extend(problems);
                None
            }
        }
    }

    fn refusal(&self, path: &Path, name: &str, span: Span) -> Option<Diagnostic> {
        if let Some(first) = self.open.iter().position(|open| open == path) {
            let chain: Vec<String> = self.open[first..]
                .iter()
                .map(PathBuf::as_path)
                .chain([path])
                .map(|open| relative(open, self.root))
                .collect();
            let problem = Diagnostic::error(Code::ExtendsCycle, "a scenario extends itself", span);
            return Some(
                problem
                    .label("leads back here")
                    .with_note(chain.join(" → ")),
            );
        }
        if self.reach == Reach::Root && !is_below(path, self.root) {
            let message = format!("`{name}` is outside the root of the scenario");
            let shown = normal(self.root).display().to_string().replace('\\', "/");
            let root = if shown.is_empty() {
                "."
            } else {
                shown.as_str()
            };
            return Some(
                Diagnostic::error(Code::OutsideRoot, message, span)
                    .label(format!("the root is `{root}`"))
                    .help("move the file below the root, or pass `--allow-outside`"),
            );
        }
        if self.open.len() >= MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} files extend each other in one chain");
            return Some(Diagnostic::error(Code::TooLarge, message, span));
        }
        None
    }
}

fn unreadable(error: &WorldError, named: Option<Span>) -> Diagnostics {
    Diagnostic::error(Code::FileMissing, error.to_string(), named).into()
}

/// True when `path` lies in `root`; both may be relative to the same folder.
pub(super) fn is_below(path: &Path, root: &Path) -> bool {
    let (path, root) = (normal(path), normal(root));
    path.strip_prefix(&root).is_ok_and(|rest| {
        rest.components()
            .all(|part| matches!(part, Component::Normal(_)))
    })
}

fn remove(map: &mut Node, key: &str) -> Option<Node> {
    let Value::Map(entries) = &mut map.value else {
        return None;
    };
    let position = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(position).node)
}

/// `over` on top of `base`: maps merge deeply, everything else replaces. Deletions by `null` stay in the tree until
/// [`prune`], so that a later file deletes what any earlier one said.
pub(super) fn merge(base: Node, over: Node) -> Node {
    match (base.value, over.value) {
        (Value::Map(mut entries), Value::Map(above)) => {
            let mut places: BTreeMap<String, usize> = entries
                .iter()
                .enumerate()
                .map(|(place, entry)| (entry.key.clone(), place))
                .collect();
            for entry in above {
                if let Some(&place) = places.get(&entry.key) {
                    merge_entry(&mut entries[place], entry);
                } else {
                    places.insert(entry.key.clone(), entries.len());
                    entries.push(entry);
                }
            }
            Node {
                value: Value::Map(entries),
                span: over.span,
            }
        }
        (_, value) => Node {
            value,
            span: over.span,
        },
    }
}

fn merge_entry(slot: &mut Entry, over: Entry) {
    let base = std::mem::replace(&mut slot.node, Node::empty_map(over.node.span));
    slot.node = merge(base, over.node);
    slot.key_span = over.key_span;
}

/// Removes the map entries that a `null` deletes.
pub(super) fn prune(node: &mut Node) {
    match &mut node.value {
        Value::Map(entries) => {
            entries.retain(|entry| !entry.node.is_null());
            for entry in entries {
                prune(&mut entry.node);
            }
        }
        Value::List(_) | Value::Scalar(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::sample::read;
    use crate::source::{Memory, SourceId};

    fn merged(world: &Memory) -> String {
        read(world, &[]).1.expect("the files are good").root.flow()
    }

    #[test]
    fn maps_merge_deeply_and_the_extending_file_wins() {
        let world = Memory::default()
            .with(
                "scenarios/x.yaml",
                "extends: [one.yaml, parts/two.yaml]\nc: {d: [9]}\n",
            )
            .with(
                "scenarios/one.yaml",
                "a: 1\nb: {x: 1, y: 1}\nc: {d: [1, 2], e: 1}\n",
            )
            .with(
                "scenarios/parts/two.yaml",
                "extends: [../../base.yaml]\nb: {y: 2}\n",
            )
            .with("base.yaml", "a: 0\nz: 0\n");
        assert_eq!(
            merged(&world),
            "{a: 0, b: {x: 1, y: 2}, c: {d: [9], e: 1}, z: 0}"
        );
        let files: Vec<String> = read(&world, &[])
            .1
            .expect("good")
            .files
            .into_iter()
            .map(|file| file.path)
            .collect();
        assert_eq!(
            files,
            [
                "scenarios/x.yaml",
                "scenarios/one.yaml",
                "scenarios/parts/two.yaml",
                "base.yaml"
            ]
        );
    }

    #[test]
    fn null_deletes() {
        let world = Memory::default()
            .with(
                "scenarios/x.yaml",
                "extends: [b.yaml]\na: null\nb: {x: ~, z: [null]}\nn: null\n",
            )
            .with("scenarios/b.yaml", "a: 1\nb: {x: 1, y: 1}\n");
        assert_eq!(merged(&world), "{b: {y: 1, z: [null]}}");
    }

    #[test]
    fn without_extends_a_null_stays_for_the_reader() {
        assert_eq!(
            merged(&Memory::default().with("scenarios/x.yaml", "a: 1\nslos:\n")),
            "{a: 1, slos: null}"
        );
    }

    #[test]
    fn a_file_may_be_extended_twice() {
        let mut world = Memory::default().with("scenarios/x.yaml", "extends: [l0.yaml, l0.yaml]\n");
        for level in 0..25 {
            let next = format!("extends: [l{0}.yaml, l{0}.yaml]\nk{level}: 1\n", level + 1);
            world = world.with(format!("scenarios/l{level}.yaml"), next);
        }
        world = world.with("scenarios/l25.yaml", "end: 1\n");
        assert!(merged(&world).starts_with("{end: 1, k24: 1"));
    }

    #[test]
    fn places_stay_with_their_file() {
        let world = Memory::default()
            .with("scenarios/x.yaml", "extends: [b.yaml]\na: 1\n")
            .with("scenarios/b.yaml", "# base\n\nb: {c: 7}\n");
        let (sources, document) = read(&world, &[]);
        let root = document.expect("good").root;
        let place = sources.place(root.at(["b", "c"]).expect("merged").span);
        assert_eq!(
            (place.file.as_str(), place.line, place.column),
            ("scenarios/b.yaml", 3, 8)
        );
    }

    /// A tree whose maps have keys `m…` and whose scalars have keys `s…`, so that one path is always of one kind.
    fn tree(source: SourceId) -> impl Strategy<Value = Node> {
        let span = Span {
            source,
            start: 0,
            end: 0,
        };
        let node = move |entries: BTreeMap<String, Node>| Node {
            value: Value::Map(
                entries
                    .into_iter()
                    .map(|(key, node)| Entry {
                        key,
                        key_span: span,
                        node,
                    })
                    .collect(),
            ),
            span,
        };
        let scalar =
            move || (0..100_u8).prop_map(move |number| Node::plain(number.to_string(), span));
        let leaf = prop::collection::btree_map("s[a-d]", scalar(), 0..4).prop_map(node);
        leaf.prop_recursive(3, 24, 4, move |inner| {
            let fields = (
                prop::collection::btree_map("s[a-d]", scalar(), 0..3),
                prop::collection::btree_map("m[a-c]", inner, 0..3),
            );
            fields.prop_map(move |(mut scalars, maps)| {
                scalars.extend(maps);
                node(scalars)
            })
        })
    }

    fn sorted(mut node: Node) -> Node {
        if let Value::Map(entries) = &mut node.value {
            entries.sort_by(|left, right| left.key.cmp(&right.key));
            for entry in entries {
                entry.node = sorted(entry.node.clone());
            }
        }
        node
    }

    proptest! {
        #[test]
        fn merging_is_associative_and_the_last_wins((a, b, c) in {
            let source = Sources::default().add("x", "");
            (tree(source), tree(source), tree(source))
        }) {
            let left = merge(merge(a.clone(), b.clone()), c.clone());
            let right = merge(a, merge(b, c.clone()));
            prop_assert_eq!(sorted(left.clone()), sorted(right));
            let again = merge(left.clone(), c);
            prop_assert_eq!(sorted(again), sorted(left));
        }
    }
}
