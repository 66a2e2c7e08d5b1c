//! Kernel tables filled line by line, one file for each operator.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use super::files::{Batch, Stream, WriteError};
use crate::record::import::kernel_header;
use crate::record::rows::KernelFamily;

/// Tables that get their names when all are complete; dropped before, they leave nothing.
#[derive(Debug)]
pub struct KernelFiles {
    folder: PathBuf,
    open: BTreeMap<KernelFamily, (Stream, BufWriter<File>)>,
    /// The first write that failed; nothing is written after it.
    failed: Option<WriteError>,
}

impl KernelFiles {
    /// Tables in a folder; none is opened before it has a line.
    pub fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            open: BTreeMap::new(),
            failed: None,
        }
    }

    /// Adds a line, with its end, to the table of a family.
    pub fn line(&mut self, family: KernelFamily, line: &str) {
        if self.failed.is_none() {
            self.failed = self.add(family, line).err();
        }
    }

    fn add(&mut self, family: KernelFamily, line: &str) -> Result<(), WriteError> {
        let path = self.folder.join(format!("{}.csv", family.name()));
        let failed = |source| WriteError {
            path: path.clone(),
            source,
        };
        let (_, writer) = match self.open.entry(family) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(new) => {
                let stream = Stream::open(&path)?;
                let mut writer = BufWriter::new(stream.handle()?);
                let header = kernel_header(family);
                writer.write_all(header.as_bytes()).map_err(failed)?;
                new.insert((stream, writer))
            }
        };
        writer.write_all(line.as_bytes()).map_err(failed)
    }

    /// Gives the tables their names, with a file of sources.
    ///
    /// # Errors
    ///
    /// The first write that failed.
    pub fn finish(mut self, sources: &str) -> Result<(), WriteError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut batch = Batch::default();
        for (_, (stream, writer)) in self.open {
            let path = stream.path().to_owned();
            writer.into_inner().map_err(|error| WriteError {
                path,
                source: error.into_error(),
            })?;
            batch.add_stream(stream);
        }
        batch.add(&self.folder.join("sources-kernels.csv"), sources.as_bytes())?;
        batch.commit().map(|_| ())
    }
}
