//! Files below a folder.

use std::path::{Path, PathBuf};

use crate::source::World;

/// Folders are followed no deeper: a link to a folder above ends here.
const DEEPEST: usize = 24;

/// Files below a folder with one of the endings, in the order of their paths; the file itself where it is one.
pub(super) fn files_below(world: &dyn World, folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    if world.is_folder(folder) {
        below(world, folder, DEEPEST, &mut files);
    } else {
        files.push(folder.to_owned());
    }
    files.retain(|path| {
        let ending = path.extension().map(|ending| ending.to_string_lossy());
        ending.is_some_and(|ending| endings.contains(&ending.as_ref()))
    });
    files.sort();
    files
}

fn below(world: &dyn World, folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    for entry in world.list(folder) {
        if !world.is_folder(&entry) {
            files.push(entry);
        } else if depth > 0 {
            below(world, &entry, depth - 1, files);
        }
    }
}

/// A path below a folder, without the folder.
pub(super) fn inside(folder: &Path, path: &Path) -> PathBuf {
    path.strip_prefix(folder).unwrap_or(path).to_owned()
}

/// A path as text, with `/` between its parts.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    #[test]
    fn files_of_all_depths_come_in_order() {
        let world = Memory::default()
            .with("a/b/c.csv", "")
            .with("a/a.csv", "")
            .with("a/x.md", "");
        let found = files_below(&world, Path::new("a"), &["csv"]);
        assert_eq!(
            found,
            [PathBuf::from("a/a.csv"), PathBuf::from("a/b/c.csv")]
        );
        assert_eq!(inside(Path::new("a"), &found[1]), PathBuf::from("b/c.csv"));
    }
}
