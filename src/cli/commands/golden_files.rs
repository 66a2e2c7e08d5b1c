//! Output files that are accepted with a golden: by hash, and by text where people can read the difference.
//!
//! `golden.files` names outputs. Of a page its text and its charts are accepted, each on its own, of Markdown the text; they
//! are kept beside the golden, in `golden/<name>.golden.files/`, so that a change shows as a difference of lines. Of every
//! other file the hash alone is accepted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::compare::Pending;
use super::outputs;
use super::redact;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::golden::{self, Golden};
use crate::record::table::write_csv;
#[cfg(feature = "parquet")]
use crate::record::table::write_parquet;
use crate::record::{FindingClass, Results};
use crate::report;
use crate::scenario::{Loaded, Output, OutputKind};
use crate::source::World;

/// Lines of one file's difference that a terminal shows.
const SHOWN: usize = 40;

/// What is accepted of output files.
#[derive(Debug, Default)]
pub struct Files {
    /// blake3 of every part by name.
    pub hashes: BTreeMap<String, String>,
    /// Parts that are text.
    texts: BTreeMap<String, String>,
}

impl Files {
    /// The files that `golden.files` names, as they are without the golden comparison, which they may show.
    ///
    /// # Errors
    ///
    /// [`Exit::BadInput`] after the problem of a template or a redaction was shown.
    pub fn of(context: &Context, loaded: &Loaded, results: &Results) -> Result<Self, Exit> {
        let mut files = Self::default();
        let named = &loaded.scenario.golden.files;
        if named.is_empty() {
            return Ok(files);
        }
        let mut bare = redact::redacted(context, loaded, results.clone())?;
        bare.golden = None;
        bare.findings
            .retain(|finding| finding.class != FindingClass::Golden);
        let view = report::view(&bare);
        let outputs = loaded.scenario.report.outputs.iter();
        for output in outputs.filter(|output| named.contains(&output.file)) {
            files.add(context, loaded, (&bare, &view), output)?;
        }
        Ok(files)
    }

    fn add(
        &mut self,
        context: &Context,
        loaded: &Loaded,
        (results, view): (&Results, &report::View),
        output: &Output,
    ) -> Result<(), Exit> {
        let file = &output.file;
        let bytes = match output.kind {
            OutputKind::Csv => Some(write_csv(results)),
            #[cfg(feature = "parquet")]
            OutputKind::Parquet => {
                let written = write_parquet(results);
                Some(written.map_err(|error| outputs::failed(context, &error))?)
            }
            #[cfg(not(feature = "parquet"))]
            OutputKind::Parquet => None,
            OutputKind::Html
            | OutputKind::Pdf
            | OutputKind::Json
            | OutputKind::Markdown
            | OutputKind::Junit
            | OutputKind::Sarif => outputs::document(context, loaded, results, view, output)?,
        };
        let Some(bytes) = bytes else {
            return Ok(());
        };
        match output.kind {
            OutputKind::Html => {
                let page = report::page_text(&String::from_utf8_lossy(&bytes));
                self.text(format!("{file}.txt"), page);
                for chart in &view.charts {
                    self.text(format!("{file}.{}.svg", chart.id), chart.svg.clone());
                }
            }
            OutputKind::Markdown => {
                self.text(file.clone(), String::from_utf8_lossy(&bytes).into_owned());
            }
            OutputKind::Csv
            | OutputKind::Parquet
            | OutputKind::Pdf
            | OutputKind::Json
            | OutputKind::Junit
            | OutputKind::Sarif => {
                self.hashes.insert(file.clone(), hash(&bytes));
            }
        }
        Ok(())
    }

    fn text(&mut self, name: String, text: String) {
        self.hashes.insert(name.clone(), hash(text.as_bytes()));
        self.texts.insert(name, text);
    }

    /// What waits beside a golden file.
    pub fn waiting(context: &Context, golden: &Path) -> Self {
        let mut files = Self::default();
        for path in context.world.list(&folder(golden)) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(name) = name.strip_suffix(".new") {
                files.text(name.to_owned(), read(context, &path).unwrap_or_default());
            }
        }
        files
    }

    /// Keeps the texts that a golden accepts, drops those that it does not name, and settles those that waited for it.
    pub fn keep(&self, context: &Context, path: &Path, accepted: &Golden, pending: &mut Pending) {
        let folder = folder(path);
        for (name, text) in &self.texts {
            if accepted.files.get(name) == self.hashes.get(name) {
                pending.add(folder.join(name), text.clone());
                pending.settle(folder.join(format!("{name}.new")));
            }
        }
        for path in context.world.list(&folder) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !accepted.files.contains_key(name.trim_end_matches(".new")) {
                pending.settle(path.clone());
            }
        }
    }

    /// Writes the texts that differ from accepted ones beside these, for a review; those that agree again wait no more.
    pub fn wait(&self, path: &Path, accepted: &Golden, pending: &mut Pending) {
        for (name, text) in &self.texts {
            let waiting = folder(path).join(format!("{name}.new"));
            if accepted.files.get(name) == self.hashes.get(name) {
                pending.settle(waiting);
            } else {
                pending.add(waiting, text.clone());
            }
        }
    }

    /// Differences from the accepted texts by name, as unified differences.
    pub fn differences(
        &self,
        context: &Context,
        path: &Path,
        accepted: &Golden,
    ) -> BTreeMap<String, String> {
        let differences = self.differing(accepted).map(|name| {
            let kept = read(context, &folder(path).join(name)).unwrap_or_default();
            let lines = golden::unified(name, (&kept, &self.texts[name]), SHOWN);
            (name.clone(), lines)
        });
        differences.collect()
    }

    /// Names of texts that are not as accepted.
    fn differing<'a>(&'a self, accepted: &'a Golden) -> impl Iterator<Item = &'a String> {
        let names = self.texts.keys();
        names.filter(|name| accepted.files.get(*name) != self.hashes.get(*name))
    }
}

/// Texts that wait beside a golden file and wait no more.
pub fn settled(context: &Context, golden: &Path, pending: &mut Pending) {
    for path in context.world.list(&folder(golden)) {
        if path.extension().is_some_and(|ending| ending == "new") {
            pending.settle(path);
        }
    }
}

/// Where the texts of a golden file are kept: `golden/hello.golden.files` of `golden/hello.golden.json`.
pub fn folder(golden: &Path) -> PathBuf {
    golden.with_extension("files")
}

fn read(context: &Context, path: &Path) -> Option<String> {
    let bytes = context.world.read(path).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}
