//! A temporary project folder in which the command runs.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;

/// A folder with scenarios, and the command run inside it.
pub struct Sandbox {
    folder: tempfile::TempDir,
}

impl Sandbox {
    /// An empty folder.
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    /// The same folder with one more file.
    pub fn with(self, path: &str, text: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("folders can be made");
        fs::write(path, text).expect("files can be written");
        self
    }

    /// The same folder with a scenario of the repository.
    pub fn with_shipped(self, name: &str) -> Self {
        let path = repository().join("scenarios").join(format!("{name}.yaml"));
        let text = fs::read(path).expect("the scenario ships");
        self.with(&format!("scenarios/{name}.yaml"), text)
    }

    /// A path inside the folder.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// The text of a file inside the folder.
    pub fn read(&self, path: &str) -> String {
        String::from_utf8_lossy(&self.bytes(path)).into_owned()
    }

    /// The bytes of a file inside the folder.
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// The command, ready to be given arguments, without the environment of the caller that would change it.
    pub fn command(&self) -> Command {
        let mut command = Command::cargo_bin("phantom").expect("the command is built");
        command
            .current_dir(self.folder.path())
            .env_remove("CI")
            .env_remove("NO_COLOR")
            .env("COLUMNS", "120");
        for name in [
            "PHANTOM_GOLDEN",
            "PHANTOM_CATALOG",
            "PHANTOM_LLM_URL",
            "GITHUB_STEP_SUMMARY",
        ] {
            command.env_remove(name);
        }
        command.env("PHANTOM_CACHE_DIR", self.folder.path());
        command
    }

    /// Runs the command and shows how it ended, what it printed and what it complained about.
    pub fn transcript(&self, arguments: &[&str]) -> String {
        let output = self
            .command()
            .args(arguments)
            .output()
            .expect("the command starts");
        let code = output.status.code().expect("the command ends by itself");
        let text = format!(
            "$ phantom {}\nexit {code}\n--- stdout\n{}--- stderr\n{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        redact(&text, self.folder.path())
    }

    /// Runs the command and returns its exit code.
    pub fn code(&self, arguments: &[&str]) -> i32 {
        let output = self
            .command()
            .args(arguments)
            .output()
            .expect("the command starts");
        output.status.code().expect("the command ends by itself")
    }
}

/// Paths and times differ between machines and runs; nothing else may.
fn redact(text: &str, folder: &Path) -> String {
    let text = text.replace(&folder.display().to_string(), "[folder]");
    let mut lines = Vec::new();
    for line in text.lines() {
        match line.rsplit_once(" in ") {
            Some((before, after)) if after.ends_with(" s") && after.len() < 12 => {
                lines.push(format!("{before} in [time]"));
            }
            Some(_) | None => lines.push(line.to_owned()),
        }
    }
    lines.join("\n") + "\n"
}

/// The folder of the repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
