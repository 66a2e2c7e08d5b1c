//! Writing files so that a failure never leaves half of one: everything goes to temporary names first, then all are renamed.
#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "tests set up and read files")
)]

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that could not be written; the old one, if any, is untouched.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be written", path.display())]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// The system's own words.
    #[source]
    pub source: io::Error,
}

/// Files being written together; none replaces an old one before [`Batch::commit`].
#[derive(Debug, Default)]
pub struct Batch {
    pending: Vec<(NamedTempFile, PathBuf)>,
}

impl Batch {
    /// Writes `bytes` under a temporary name beside `path`.
    ///
    /// # Errors
    ///
    /// [`WriteError`] when the folder or the file cannot be made or the disk is full.
    pub fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
        let failed = |source| WriteError {
            path: path.to_owned(),
            source,
        };
        let mut file = temporary(path).map_err(failed)?;
        file.write_all(bytes)
            .and_then(|()| file.flush())
            .map_err(failed)?;
        self.pending.push((file, path.to_owned()));
        Ok(())
    }

    /// Adds a file that a stream has filled.
    pub fn add_stream(&mut self, stream: Stream) {
        self.pending.push((stream.file, stream.path));
    }

    /// Gives all files their names, in the order they were added.
    ///
    /// # Errors
    ///
    /// [`WriteError`] when a rename fails; files already renamed stay.
    pub fn commit(self) -> Result<Vec<PathBuf>, WriteError> {
        let mut written = Vec::with_capacity(self.pending.len());
        for (file, path) in self.pending {
            file.persist(&path).map_err(|error| WriteError {
                path: path.clone(),
                source: error.error,
            })?;
            written.push(path);
        }
        Ok(written)
    }
}

/// A file that is filled piece by piece before it joins a [`Batch`].
#[derive(Debug)]
pub struct Stream {
    file: NamedTempFile,
    path: PathBuf,
}

impl Stream {
    /// Opens a temporary file beside `path`.
    ///
    /// # Errors
    ///
    /// [`WriteError`] when the folder or the file cannot be made.
    pub fn open(path: &Path) -> Result<Self, WriteError> {
        let file = temporary(path).map_err(|source| WriteError {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// The file that will be replaced.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A handle to write to.
    ///
    /// # Errors
    ///
    /// [`WriteError`] when the system gives no second handle.
    pub fn handle(&self) -> Result<fs::File, WriteError> {
        self.file
            .as_file()
            .try_clone()
            .map_err(|source| WriteError {
                path: self.path.clone(),
                source,
            })
    }
}

fn temporary(path: &Path) -> io::Result<NamedTempFile> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".phantom-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

/// Adds bytes to the end of a file.
///
/// # Errors
///
/// [`WriteError`] when the system refuses.
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let opened = fs::OpenOptions::new().append(true).create(true).open(path);
    opened
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|source| WriteError {
            path: path.to_owned(),
            source,
        })
}

/// Removes a file; one that is not there is removed already.
///
/// # Errors
///
/// [`WriteError`] when the system refuses.
pub fn remove(path: &Path) -> Result<(), WriteError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(WriteError {
            path: path.to_owned(),
            source,
        }),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_before_commit() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("a.json");
        fs::write(&path, "old").expect("written");
        let mut batch = Batch::default();
        batch.add(&path, b"new").expect("a temporary file");
        assert_eq!(fs::read_to_string(&path).expect("readable"), "old");
        drop(batch);
        assert_eq!(
            fs::read_dir(folder.path()).expect("readable").count(),
            1,
            "an abandoned batch leaves nothing behind"
        );
        let mut batch = Batch::default();
        batch.add(&path, b"new").expect("a temporary file");
        batch.commit().expect("renamed");
        assert_eq!(fs::read_to_string(&path).expect("readable"), "new");
    }
}
