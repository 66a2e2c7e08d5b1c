//! What the readers of sections share: the catalogue, files, findings, and the facts that were assumed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::read::Reader;
use super::{Assumption, Document, InputFile, Node};
use crate::catalog::{Catalog, Confidence, Provenance};
use crate::diag::{Code, Diagnostic};
use crate::record::Basis;
use crate::source::{Sources, World, WorldError};

/// Enough of a GGUF file for its header: metadata, vocabulary and the list of tensors.
const HEADER: u64 = 64 << 20;

/// What the readers of sections share.
pub(super) struct Context<'a> {
    /// Facts by name.
    pub catalog: &'a Catalog,
    /// Files.
    pub world: &'a dyn World,
    /// Texts read so far.
    pub sources: &'a mut Sources,
    /// The document, for its root folder.
    pub document: &'a Document,
    /// True when files outside the root may be named.
    pub allow_outside: bool,
    /// Values and findings.
    pub reader: Reader,
    /// Facts that were not stated by the user.
    pub assumptions: BTreeSet<Assumption>,
    /// Files read beside the documents.
    pub files: BTreeMap<PathBuf, ReadFile>,
    /// Models and devices by where they come from, so that equal ones are one allocation.
    pub shared: Shared,
}

/// A file as read.
#[derive(Debug, Clone)]
pub(super) struct ReadFile {
    /// Its bytes.
    pub bytes: Arc<[u8]>,
    /// Path for results and its hash.
    pub listed: InputFile,
}

/// Models and devices that were resolved already.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// By identity.
    pub models: BTreeMap<String, Arc<crate::catalog::Model>>,
    /// By identity, with overrides and power mode.
    pub devices: BTreeMap<String, Arc<crate::catalog::Device>>,
    /// Traces by path; `None` for one that cannot be replayed, which was said.
    pub traces: BTreeMap<PathBuf, Option<super::trace::Found>>,
}

impl Context<'_> {
    /// The path a node names, relative to the file that names it.
    pub fn path_of(&self, node: &Node, text: &str) -> PathBuf {
        let folder = self.document.folder_of(self.sources, node.span);
        crate::source::normal(&folder.join(text))
    }

    /// A file that a node names, read once; a missing one is a finding.
    pub fn file(&mut self, node: &Node) -> Option<(PathBuf, ReadFile)> {
        let text = self.reader.text(node)?;
        let path = self.path_of(node, &text);
        self.file_at(node, path)
    }

    /// A file at a path that a node leads to, read once.
    pub fn file_at(&mut self, node: &Node, path: PathBuf) -> Option<(PathBuf, ReadFile)> {
        self.permitted(node, &path)?;
        let bytes = self.world.read(&path);
        self.keep(node, path, bytes)
    }

    /// The beginning of a file that a node names; large files are not read to their end.
    pub fn header(&mut self, node: &Node) -> Option<(PathBuf, ReadFile)> {
        let text = self.reader.text(node)?;
        let path = self.path_of(node, &text);
        self.permitted(node, &path)?;
        let bytes = self.world.read_start(&path, HEADER);
        self.keep(node, path, bytes)
    }

    /// A file as results list it.
    pub fn listed(&self, path: &Path, hash: blake3::Hash) -> InputFile {
        InputFile {
            path: super::document::relative(path, &self.document.folder),
            blake3: hash.to_hex().to_string(),
        }
    }

    /// `None`, and a finding, for a path outside the root.
    pub fn permitted(&mut self, node: &Node, path: &Path) -> Option<()> {
        if !self.allow_outside && !super::extends::is_below(path, &self.document.folder) {
            let shown = super::document::relative(path, &self.document.folder);
            self.reader.push(
                Diagnostic::error(
                    Code::OutsideRoot,
                    format!("`{shown}` lies outside the root"),
                    node.span,
                )
                .label("outside the root")
                .help("`--allow-outside` permits it"),
            );
            return None;
        }
        Some(())
    }

    fn keep(
        &mut self,
        node: &Node,
        path: PathBuf,
        bytes: Result<Vec<u8>, WorldError>,
    ) -> Option<(PathBuf, ReadFile)> {
        match bytes {
            Ok(bytes) => {
                let listed = self.listed(&path, blake3::hash(&bytes));
                let read = ReadFile {
                    bytes: bytes.into(),
                    listed,
                };
                self.files.insert(path.clone(), read.clone());
                Some((path, read))
            }
            Err(error) => {
                self.reader.push(
                    Diagnostic::error(Code::FileMissing, error.to_string(), node.span)
                        .label("named here"),
                );
                None
            }
        }
    }

    /// Keeps a default that stands for a fact.
    pub fn assume(&mut self, path: impl Into<String>, value: impl Into<String>, source: &str) {
        self.assumptions.insert(Assumption {
            path: path.into(),
            value: value.into(),
            basis: Basis::Assumed,
            source: source.to_owned(),
            as_of: None,
        });
    }

    /// Keeps a catalogue entry that was used.
    pub fn used(
        &mut self,
        path: impl Into<String>,
        value: impl Into<String>,
        provenance: &Provenance,
    ) {
        let trust = match provenance.confidence {
            Some(Confidence::Low) => " (low confidence)",
            Some(Confidence::Medium | Confidence::High) | None => "",
        };
        self.assumptions.insert(Assumption {
            path: path.into(),
            value: value.into(),
            basis: Basis::Datasheet,
            source: format!("{}{trust}", provenance.source),
            as_of: (!provenance.as_of.is_empty()).then(|| provenance.as_of.clone()),
        });
    }
}
