//! The document of a scenario after the stages that look at text alone.

use std::path::{Path, PathBuf};

use super::{InputFile, Node, environment, extends, overrides};
use crate::diag::Diagnostics;
use crate::source::{Sources, Span, World, normal};

/// How a scenario is read.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `a.b.c=value`, in the order given; later ones win.
    pub set: Vec<String>,
    /// Files outside the root may be named.
    pub allow_outside: bool,
    /// The root; `None`: the parent of the nearest ancestor folder named `scenarios`, else the scenario's own folder.
    pub root: Option<PathBuf>,
}

/// A scenario with `extends`, `--set` and the environment applied; the matrix and expressions are still as written.
#[derive(Debug, Clone)]
pub struct Document {
    /// The tree. A scalar that contains `$(` waits for its point; every other scalar is final.
    pub root: Node,
    /// Every file that was read: the scenario first, then what it extends, in the order of merging.
    pub files: Vec<InputFile>,
    /// The root folder, as far as the path of the scenario shows it.
    pub folder: PathBuf,
    /// Path of the scenario, relative to the root where it is below it, with `/` between folders.
    pub path: String,
    /// The tree after each stage that changed it, in order.
    pub stages: Vec<Stage>,
}

/// The tree after one stage, for `phantom plan --yaml`.
#[derive(Debug, Clone)]
pub struct Stage {
    /// `read`, `extends`, `set`, `environment`.
    pub name: &'static str,
    /// The tree after it.
    pub root: Node,
}

impl Document {
    /// The folder that paths in a part of the document are relative to: that of the file the part was written in; for
    /// `--set` that of the scenario.
    pub fn folder_of(&self, sources: &Sources, span: Span) -> PathBuf {
        let written_in = sources.path(span.source);
        let path = if overrides::is_override(written_in) {
            self.folder.join(&self.path)
        } else {
            written_in.to_owned()
        };
        path.parent().unwrap_or(Path::new("")).to_owned()
    }
}

/// Reads a scenario: `path` → `extends` → `--set` → environment.
///
/// # Errors
///
/// Every problem of the first stage that has one.
pub fn read_document(
    world: &dyn World,
    sources: &mut Sources,
    path: &Path,
    options: &Options,
) -> Result<Document, Diagnostics> {
    let (path, folder) = located(world, path, options.root.as_deref());
    let path = path.as_path();
    let reach = if options.allow_outside {
        extends::Reach::Anywhere
    } else {
        extends::Reach::Root
    };
    let read = extends::Reader::new(world, sources, &folder, reach).read(path)?;
    let mut stages = vec![Stage {
        name: "read",
        root: read.own,
    }];
    let mut enter = |name: &'static str, root: &Node| {
        if stages.last().is_some_and(|stage| stage.root != *root) {
            stages.push(Stage {
                name,
                root: root.clone(),
            });
        }
    };
    let mut root = read.merged;
    enter("extends", &root);
    overrides::apply(&mut root, sources, &options.set)?;
    enter("set", &root);
    environment::substitute(&mut root, world)?;
    enter("environment", &root);
    Ok(Document {
        root,
        files: read.files,
        path: relative(path, &folder),
        folder,
        stages,
    })
}

/// The path of the scenario and its root. Both stay as short as they were given, unless the root lies above the current
/// folder, as it does inside `scenarios`: then both are absolute.
fn located(world: &dyn World, path: &Path, root: Option<&Path>) -> (PathBuf, PathBuf) {
    let shown = root.map_or_else(|| root_of(path), Path::to_owned);
    let short = (path.to_owned(), shown.clone());
    let found = match root {
        Some(root) => extends::is_below(path, root),
        None => normal(path) != shown.join(path.file_name().unwrap_or_default()),
    };
    let Some(current) = world.folder().filter(|_| !found) else {
        return short;
    };
    let full = normal(&current.join(path));
    match root {
        Some(root) => (full, normal(&current.join(root))),
        None if below_scenarios(&full) => {
            let root = root_of(&full);
            (full, root)
        }
        None => short,
    }
}

fn below_scenarios(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(Path::new(""));
    folder.iter().any(|name| name == "scenarios")
}

/// The parent of the nearest ancestor folder named `scenarios`, else the scenario's own folder.
pub fn root_of(path: &Path) -> PathBuf {
    let path = normal(path);
    path.ancestors()
        .skip(1)
        .find(|folder| folder.file_name().is_some_and(|name| name == "scenarios"))
        .or(Some(path.as_path()))
        .and_then(Path::parent)
        .unwrap_or(Path::new(""))
        .to_owned()
}

/// `path` relative to the root where it is below it, with `/` between folders.
pub(super) fn relative(path: &Path, root: &Path) -> String {
    let path = normal(path);
    let shown = path.strip_prefix(normal(root)).unwrap_or(&path);
    shown.display().to_string().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inside_the_scenarios_folder_the_root_lies_above() {
        let read = |folder: &str, path: &str, root: Option<&str>| {
            let mut world = crate::source::Memory::default()
                .with("/a/scenarios/x.yaml", "extends: [../base.yaml]\n")
                .with("/a/base.yaml", "name: x\n")
                .with("x.yaml", "name: x\n")
                .with("scenarios/x.yaml", "name: x\n");
            world.folder = Some(PathBuf::from(folder));
            let options = Options {
                root: root.map(PathBuf::from),
                ..Options::default()
            };
            let document =
                read_document(&world, &mut Sources::default(), Path::new(path), &options);
            let document = document.expect("the scenario is good");
            (document.path, document.folder.display().to_string())
        };
        let above = ("scenarios/x.yaml".to_owned(), "/a".to_owned());
        assert_eq!(read("/a/scenarios", "x.yaml", None), above);
        assert_eq!(read("/a/scenarios", "x.yaml", Some("..")), above);
        let here = ("scenarios/x.yaml".to_owned(), String::new());
        assert_eq!(read("/a", "scenarios/x.yaml", None), here);
        assert_eq!(
            read("/b", "x.yaml", None),
            ("x.yaml".to_owned(), String::new())
        );
    }

    #[test]
    fn the_root_is_the_parent_of_the_nearest_scenarios_folder() {
        let root = |path: &str| root_of(Path::new(path)).display().to_string();
        assert_eq!(root("/a/scenarios/b/scenarios/c/x.yaml"), "/a/scenarios/b");
        assert_eq!(root("/a/scenarios/b/x.yaml"), "/a");
        assert_eq!(root("scenarios/x.yaml"), "");
        assert_eq!(root("/a/b/x.yaml"), "/a/b");
        assert_eq!(root("x.yaml"), "");
    }
}
