//! A collection of records becomes a smaller one that may be passed on.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::account::{Account, Written};
use super::walk::{files_below, inside, shown};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::pipeline::validate::selected;
use crate::record::import::{Choice, SourceList, select, sources_of};
use crate::record::rows::{Family, Table, csv_text};
use crate::scenario::Filter;
use crate::source::World;

/// Chooses records of the LLM, vision and edge families below a folder; their text is not changed.
///
/// Files keep their places below the folder. Kernel timings are left out: they are large, and their own sources are read
/// by [`super::kernels`].
///
/// # Errors
///
/// A folder that holds no records or no file of sources, and files that cannot be read.
pub fn measurements(
    world: &dyn World,
    folder: &Path,
    filter: Option<&Filter>,
    choice: &Choice,
) -> Result<(Vec<Written>, Account), Diagnostics> {
    let mut read = Read::default();
    for path in files_below(world, folder, &["csv"]) {
        read.file(world, folder, &path);
    }
    if read.problems.has_errors() {
        return Err(read.problems);
    }
    let lists: Vec<SourceList> = read.sources.iter().map(|(_, list)| list.clone()).collect();
    if lists.is_empty() || read.tables.is_empty() {
        let message = format!(
            "{}: no records of runs with a file of sources (`source_id,title,url,licence,date`)",
            shown(folder)
        );
        return Err(Diagnostic::error(Code::UnreadableData, message, None).into());
    }
    Ok(chosen(read, &lists, filter, choice))
}

/// Texts of the chosen rows, and of the sources that they name.
fn chosen(
    read: Read,
    lists: &[SourceList],
    filter: Option<&Filter>,
    choice: &Choice,
) -> (Vec<Written>, Account) {
    let mut account = Account {
        skipped: read.skipped,
        ..Account::default()
    };
    let mut written = Vec::new();
    let mut used: BTreeSet<String> = BTreeSet::new();
    for (path, table) in &read.tables {
        let selected = select(table, &selected(table, filter), lists, choice);
        for ((source, reason), rows) in selected.left_out {
            *account
                .left_out
                .entry(format!("{source}: {reason}"))
                .or_default() += rows;
        }
        if selected.lines.is_empty() {
            continue;
        }
        let ids = sources_of(table, &selected.lines);
        used.extend(ids.into_iter().map(str::to_owned));
        account.rows += selected.lines.len();
        written.push(Written {
            path: path.clone(),
            text: text(table, &selected.lines),
        });
    }
    let ids: BTreeSet<&str> = used.iter().map(String::as_str).collect();
    for (path, list) in &read.sources {
        written.extend(list.text_of(&ids).map(|text| Written {
            path: path.clone(),
            text,
        }));
    }
    account.sources = used.len();
    (written, account)
}

#[derive(Default)]
struct Read {
    tables: Vec<(PathBuf, Table)>,
    sources: Vec<(PathBuf, SourceList)>,
    skipped: BTreeMap<String, usize>,
    problems: Diagnostics,
}

impl Read {
    fn file(&mut self, world: &dyn World, folder: &Path, path: &Path) {
        let bytes = match world.read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.problems.push(Diagnostic::error(
                    Code::UnreadableData,
                    error.to_string(),
                    None,
                ));
                return;
            }
        };
        let place = inside(folder, path);
        match Table::read(&bytes) {
            Ok(table) => match table.family {
                Family::Llm | Family::Vision => self.tables.push((place, table)),
                Family::Kernel(_) => self.skip("kernel timings"),
            },
            Err(_) => match SourceList::read(&bytes) {
                Some(list) => self.sources.push((place, list)),
                None => self.skip("neither records nor sources"),
            },
        }
    }

    fn skip(&mut self, why: &str) {
        *self.skipped.entry(why.to_owned()).or_default() += 1;
    }
}

fn text(table: &Table, lines: &[usize]) -> String {
    let header = table.header.iter().map(|name| Cow::Borrowed(name.as_str()));
    let rows = lines.iter().filter_map(|place| {
        let fields = table.lines[*place].fields.as_ref()?;
        Some(fields.iter().map(Cow::Borrowed).collect())
    });
    csv_text([header.collect()].into_iter().chain(rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    const LLM: &str = include_str!("../../../tests/data/measurements/llm.csv");
    const SOURCES: &str =
        "source_id,title,url,licence,date\ngpt-fast,G,https://g,BSD-3-Clause,2024\n";

    fn choose(world: &Memory) -> Result<(Vec<Written>, Account), Diagnostics> {
        let choice = Choice {
            licences: vec!["BSD-3-Clause".to_owned()],
            rows_per_file: None,
        };
        measurements(world, Path::new("all"), None, &choice)
    }

    #[test]
    fn rows_with_an_allowed_source_keep_their_text() {
        let world = Memory::default()
            .with("all/llm/a.csv", LLM)
            .with("all/sources-llm.csv", SOURCES)
            .with("all/other.csv", "x,y\n");
        let (written, account) = choose(&world).expect("a collection");
        assert_eq!(account.rows, 5);
        assert_eq!(account.sources, 1);
        assert_eq!(account.skipped.len(), 1);
        let paths: Vec<String> = written.iter().map(|file| shown(&file.path)).collect();
        assert_eq!(paths, ["llm/a.csv", "sources-llm.csv"]);
        for line in written[0].text.lines() {
            assert!(LLM.contains(line), "{line}");
        }
    }

    #[test]
    fn a_folder_without_sources_is_refused() {
        let world = Memory::default().with("all/llm/a.csv", LLM);
        assert!(choose(&world).is_err());
        assert!(choose(&Memory::default()).is_err());
    }
}
