//! Files and folders become tables.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{ReadFile, SkippedFile};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::record::rows::{Table, TableError};
use crate::source::World;

/// Larger files are refused, as their rows are held in memory: about a thousand times the largest published table.
const MOST_BYTES: u64 = 512 << 20;

/// Everything that was read.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct Sources {
    pub files: Vec<ReadFile>,
    pub skipped: Vec<SkippedFile>,
}

/// Reads files and, recursively, the `.csv` files of folders; a file reached twice is read once.
///
/// # Errors
///
/// Every file that cannot be read, and every file named directly that is not of a family of measurements.
pub(in crate::pipeline) fn read(
    world: &dyn World,
    paths: &[PathBuf],
) -> Result<Sources, Diagnostics> {
    let mut sources = Sources::default();
    let mut problems = Diagnostics::default();
    let mut seen = BTreeSet::new();
    for path in paths {
        let is_folder = world.is_folder(path);
        let mut files = Vec::new();
        if is_folder {
            below(world, path, &mut files);
        } else {
            files.push(path.clone());
        }
        for file in files {
            if !seen.insert(file.clone()) {
                continue;
            }
            match table(world, &file) {
                Ok(source) => sources.files.push(source),
                Err(Unread::NotATable(reason)) if is_folder => sources.skipped.push(SkippedFile {
                    path: shown(&file),
                    reason,
                }),
                Err(Unread::NotATable(reason)) => {
                    problems.push(unreadable(format!("{}: {reason}", shown(&file))));
                }
                Err(Unread::World(reason)) => problems.push(unreadable(reason)),
            }
        }
    }
    if problems.has_errors() {
        Err(problems)
    } else {
        Ok(sources)
    }
}

fn unreadable(message: String) -> Diagnostic {
    Diagnostic::error(Code::UnreadableData, message, None)
}

/// Why there is no table; the world's words name the path already.
enum Unread {
    World(String),
    NotATable(String),
}

fn table(world: &dyn World, path: &Path) -> Result<ReadFile, Unread> {
    let bytes = world
        .read_start(path, MOST_BYTES + 1)
        .map_err(|error| Unread::World(error.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        let place = shown(path);
        let reason = format!("{place}: more than {} MiB; divide it", MOST_BYTES >> 20);
        return Err(Unread::World(reason));
    }
    let table = Table::read(&bytes).map_err(|error| match error {
        TableError::TooManyLines => Unread::World(format!("{}: {error}", shown(path))),
        TableError::Empty | TableError::UnknownHeader | TableError::NotAHeader => {
            Unread::NotATable(error.to_string())
        }
    })?;
    Ok(ReadFile {
        path: shown(path),
        blake3: blake3::hash(&bytes).to_hex().to_string(),
        table,
    })
}

fn below(world: &dyn World, folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in world.list(folder) {
        if world.is_folder(&entry) {
            below(world, &entry, files);
        } else if entry
            .extension()
            .is_some_and(|extension| extension == "csv")
        {
            files.push(entry);
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    const GEMM: &str =
        "hardware,backend,backend_version,op,kernel,dtype,m,n,k,latency_us,power_w,source_id\n";

    #[test]
    fn a_folder_lists_what_it_cannot_use_and_a_named_file_is_an_error() {
        let world = Memory::default()
            .with("data/deep/gemm.csv", GEMM)
            .with("data/sources.csv", "source_id,title\n")
            .with("data/README.md", "text");
        let read_all = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(PathBuf::from).collect();
            read(&world, &paths)
        };
        let found = read_all(&["data", "data/deep/gemm.csv"]).expect("readable");
        assert_eq!(found.files.len(), 1);
        assert_eq!(found.skipped.len(), 1);
        let problems = read_all(&["data/sources.csv", "none.csv"]).expect_err("two problems");
        assert_eq!(problems.len(), 2);
        assert!(
            problems
                .iter()
                .all(|problem| problem.code == Code::UnreadableData)
        );
    }
}
