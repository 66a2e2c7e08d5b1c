//! A folder of the user's own entries over the embedded ones.

use std::borrow::Cow;
use std::path::Path;

use super::Device;
use super::check::device_problems;
use super::embedded;
use super::lookup::Catalog;
use super::table::{Kind, Problem, Syntax, Table, Text};
use super::tables::HARDWARE;
use crate::diag::{Code, Diagnostic, Diagnostics, suggest};
use crate::source::{SourceId, Sources, Span, World};

impl Catalog {
    /// The embedded catalogue with the tables of a folder over it.
    ///
    /// The folder holds files named like the tables, `hardware.csv` or `hardware.yaml` (a list of maps), with the same
    /// columns; blank and absent ones are unknown. An entry replaces the embedded one of the same id as a whole.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the folder, each with its line, as `catalog-invalid`.
    pub fn overlay(
        world: &dyn World,
        folder: &Path,
        sources: &mut Sources,
    ) -> Result<Self, Diagnostics> {
        let mut texts = Self::embedded_texts();
        let mut wrong = Diagnostics::default();
        if !world.is_folder(folder) {
            let message = format!("no catalogue folder stands at `{}`", folder.display());
            return Err(Diagnostic::error(Code::CatalogInvalid, message, None).into());
        }
        for path in world.list(folder) {
            let Some(syntax) = syntax_of(&path) else {
                continue;
            };
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let table = embedded::TABLES
                .iter()
                .find(|(name, _)| Some(*name) == stem);
            let Some((name, _)) = table else {
                wrong.push(unknown_table(&path));
                continue;
            };
            match text_of(world, &path, syntax, sources) {
                Ok(text) => texts.entry(name).or_default().push(text),
                Err(diagnostic) => wrong.push(*diagnostic),
            }
        }
        let catalog = Self::of(texts);
        let of_the_user = catalog.problems().into_iter();
        wrong.extend(
            of_the_user
                .filter(|problem| problem.source.is_some())
                .map(diagnostic),
        );
        if wrong.is_empty() {
            Ok(catalog)
        } else {
            Err(wrong)
        }
    }

    /// The device of a file in the form of the catalogue: one map of YAML, or a CSV with one row.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the file, each with its line, as `catalog-invalid`.
    pub fn device_file(source: SourceId, sources: &Sources) -> Result<Device, Diagnostics> {
        let mut devices = read_file(&HARDWARE, source, sources)?;
        let mut wrong = Diagnostics::default();
        if devices.len() != 1 {
            let message = format!("expected one device, found {}", devices.len());
            wrong.push(Diagnostic::error(
                Code::CatalogInvalid,
                message,
                whole(source, sources),
            ));
        }
        for device in &devices {
            for words in device_problems(device) {
                wrong.push(Diagnostic::error(
                    Code::CatalogInvalid,
                    words,
                    whole(source, sources),
                ));
            }
        }
        match devices.pop() {
            Some(device) if wrong.is_empty() => Ok(device),
            Some(_) | None => Err(wrong),
        }
    }
}

/// The entries of a user's file.
fn read_file<T: Clone>(
    kind: &Kind<T>,
    source: SourceId,
    sources: &Sources,
) -> Result<Vec<T>, Diagnostics> {
    let path = sources.path(source);
    let text = Text {
        path: path.display().to_string().into(),
        source: Some(source),
        content: Cow::Owned(sources.text(source).to_owned()),
        syntax: syntax_of(path).unwrap_or(Syntax::Yaml),
    };
    let table = Table::read(kind, &[text], &std::collections::BTreeMap::new());
    let problems = table.problems(kind);
    if problems.is_empty() {
        Ok(table.iter().map(|entry| (*entry.value).clone()).collect())
    } else {
        let mut wrong = Diagnostics::default();
        wrong.extend(problems.into_iter().map(diagnostic));
        Err(wrong)
    }
}

fn whole(source: SourceId, sources: &Sources) -> Span {
    let end = sources.text(source).lines().next().map_or(0, str::len);
    Span {
        source,
        start: 0,
        end: end as u32,
    }
}

fn syntax_of(path: &Path) -> Option<Syntax> {
    match path.extension()?.to_str()? {
        "csv" => Some(Syntax::Csv),
        "yaml" | "yml" => Some(Syntax::Yaml),
        _ => None,
    }
}

fn text_of(
    world: &dyn World,
    path: &Path,
    syntax: Syntax,
    sources: &mut Sources,
) -> Result<Text, Box<Diagnostic>> {
    let bytes = world
        .read(path)
        .map_err(|error| Diagnostic::error(Code::CatalogInvalid, error.to_string(), None))?;
    let content = String::from_utf8(bytes).map_err(|_| {
        let message = format!("{} is not UTF-8 text", path.display());
        Diagnostic::error(Code::CatalogInvalid, message, None)
    })?;
    let source = sources.add(path, content.clone());
    Ok(Text {
        path: path.display().to_string().into(),
        source: Some(source),
        content: Cow::Owned(content),
        syntax,
    })
}

fn unknown_table(path: &Path) -> Diagnostic {
    let names = || embedded::TABLES.iter().map(|(name, _)| *name);
    let stem = path
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    let message = format!("{}: no table is named `{stem}`", path.display());
    let help = match suggest(stem, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the tables are {}", names().collect::<Vec<_>>().join(", ")),
    };
    Diagnostic::error(Code::CatalogInvalid, message, None).help(help)
}

fn diagnostic(problem: Problem) -> Diagnostic {
    let span = problem.source.map(|source| Span {
        source,
        start: problem.bytes.0,
        end: problem.bytes.1,
    });
    Diagnostic::error(Code::CatalogInvalid, problem.message, span)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Memory;

    const ROW: &str = "- id: my-card\n  name: My card\n  class: consumer-gpu\n  memory_gib: 16\n  \
                       bandwidth_gb_s: 500\n  source: quote\n  as_of: 2026-10\n";

    fn overlay(files: &[(&str, &str)]) -> Result<Catalog, Vec<(usize, String)>> {
        let mut world = Memory::default();
        for (path, text) in files {
            world = world.with(path, *text);
        }
        let mut sources = Sources::default();
        Catalog::overlay(&world, Path::new("mine"), &mut sources).map_err(|wrong| {
            wrong
                .into_iter()
                .map(|one| {
                    let line = one.span.map_or(0, |span| sources.place(span).line);
                    (line, one.message)
                })
                .collect()
        })
    }

    #[test]
    fn an_entry_of_the_user_stands_beside_the_embedded_ones() {
        let catalog = overlay(&[("mine/hardware.yaml", ROW)]).expect("well formed");
        assert_eq!(catalog.device("My_Card").expect("added").id, "my-card");
        assert!(catalog.device("h100-sxm5-80gb").is_some());
        assert_ne!(catalog.hash(), Catalog::embedded().hash());
    }

    #[test]
    fn an_entry_of_the_same_id_replaces_the_embedded_one_as_a_whole() {
        let csv = "id,name,class,source,as_of\nl4-24gb,Other,cpu,me,2026\n";
        let catalog = overlay(&[("mine/hardware.csv", csv)]).expect("well formed");
        let device = catalog.device("l4-24gb").expect("replaced");
        assert_eq!((device.name.as_str(), device.memory), ("Other", None));
    }

    #[test]
    fn all_problems_are_told_with_their_lines() {
        let yaml = ROW
            .replace("500", "fast")
            .replace("16", "99999")
            .replace("  source: quote\n", "");
        let wrong = overlay(&[("mine/hardware.yaml", &yaml), ("mine/hardwear.csv", "id\n")])
            .expect_err("three problems in the row, one in the name of a file");
        assert_eq!(
            wrong,
            [
                (
                    0,
                    "mine/hardwear.csv: no table is named `hardwear`".to_owned()
                ),
                (1, "hardware my-card: `source` is missing".to_owned()),
                (
                    4,
                    "hardware my-card: `memory_gib` is 99999, outside 0 to 8192".to_owned()
                ),
                (
                    5,
                    "hardware my-card: `bandwidth_gb_s` `fast` is not a number".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn an_alias_must_name_an_entry() {
        let csv = "kind,alias,id\nhardware,big,h1000\n";
        let wrong = overlay(&[("mine/aliases.csv", csv)]).expect_err("no such device");
        assert_eq!(
            wrong,
            [(2, "aliases big: no entry is named `h1000`".to_owned())]
        );
    }

    #[test]
    fn a_device_file_is_one_map() {
        let mut sources = Sources::default();
        let map = ROW.replace("- id", "id").replace("\n  ", "\n");
        let good = sources.add("card.yaml", map);
        let device = Catalog::device_file(good, &sources).expect("well formed");
        assert_eq!(device.id, "my-card");
        let bad = sources.add("card.yaml", "id: x\nclass: gpu\n");
        let wrong = Catalog::device_file(bad, &sources).expect_err("much is missing");
        assert_eq!(wrong.len(), 4);
    }
}
