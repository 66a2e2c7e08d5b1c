//! What a watch says on the terminal: three lines, a status, and what is wrong; or one JSON document a line.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::args::Format;
use crate::cli::context::{Colour, Context};
use crate::units::count;

/// Where a watch speaks.
pub struct Screen<'a> {
    context: &'a Context,
    redraws: bool,
    /// The three lines.
    header: String,
    /// How long the page in the browser took, once it is known.
    status: String,
}

/// How an evaluation went.
pub struct Status<'a> {
    /// Number of the page.
    pub version: u64,
    /// Points of the plan.
    pub points: u64,
    /// Points that were predicted; the others were kept.
    pub recomputed: u64,
    /// Seconds from the change to the page.
    pub seconds: f64,
    /// The answer in one sentence.
    pub answer: &'a str,
    /// Golden file, points compared, points that differ.
    pub golden: Option<(&'a str, u64, u64)>,
    /// Files that changed.
    pub changed: &'a [PathBuf],
    /// Warnings.
    pub heard: &'a str,
}

impl<'a> Screen<'a> {
    /// Speaks through the context; a terminal is redrawn, anything else gets lines.
    pub fn new(context: &'a Context) -> Self {
        let redraws = context.format == Format::Human && std::io::stdout().is_terminal();
        Self {
            context,
            redraws,
            header: String::new(),
            status: String::new(),
        }
    }

    /// What is watched, where files go, where the page is.
    pub fn begin(&mut self, scenario: &Path, folder: Option<&Path>, address: &str) {
        let writing = folder.map_or_else(
            || "nothing yet".to_owned(),
            |folder| folder.display().to_string(),
        );
        let keys = if self.redraws {
            "\nq quit  r run  a accept golden  o open\n"
        } else {
            ""
        };
        let header = format!(
            "watching    {}\nwriting to  {writing}\nserving at  {address}\n{keys}",
            scenario.display()
        );
        if header == self.header {
            return;
        }
        self.header = header;
        let document = json!({
            "event": "watching", "scenario": path_text(scenario), "folder": folder.map(path_text), "address": address,
        });
        let words = self.header.clone();
        self.line(&document, &words);
    }

    /// An evaluation that came to its end.
    pub fn report(&mut self, status: &Status<'_>) {
        let golden = match status.golden {
            None => String::new(),
            Some((file, compared, 0)) => format!("\n{} points agree with {file}", count(compared)),
            Some((file, compared, differing)) => format!(
                "\n{} of {} points differ from {file}",
                count(differing),
                count(compared)
            ),
        };
        let words = format!(
            "{} of {} points recomputed in {:.0} ms{golden}\n{}\n{}",
            count(status.recomputed),
            count(status.points),
            status.seconds * 1e3,
            status.answer,
            status.heard
        );
        let document = json!({
            "event": "report", "version": status.version, "points": status.points, "recomputed": status.recomputed,
            "seconds": status.seconds, "answer": status.answer, "changed": names(status.changed),
            "golden": status.golden.map(|(file, compared, differing)| json!({"file": file, "compared": compared, "differing": differing})),
            "warnings": plain(status.heard),
        });
        self.line(&document, &words);
        self.status = words;
    }

    /// An evaluation that did not; the last report stands.
    pub fn problem(&mut self, words: &str, changed: &[PathBuf]) {
        let document =
            json!({ "event": "problem", "text": plain(words), "changed": names(changed) });
        self.line(&document, words);
        self.status.clear();
    }

    /// A browser shows the page.
    pub fn painted(&mut self, version: u64, seconds: f64) {
        let document = json!({ "event": "painted", "version": version, "seconds": seconds });
        if self.redraws && !self.status.is_empty() {
            let words = format!(
                "{}in the browser after {:.0} ms\n",
                self.status,
                seconds * 1e3
            );
            self.line(&document, &words);
        } else if self.context.format != Format::Human {
            self.line(&document, "");
        }
    }

    /// The files of the last report are written.
    pub fn written(&self) {
        if self.context.format != Format::Human {
            self.line(&json!({ "event": "written" }), "");
        }
    }

    /// Something to know.
    pub fn note(&mut self, words: &str) {
        let document = json!({ "event": "note", "text": words });
        let words = format!("{}{words}\n", self.status);
        self.line(&document, &words);
    }

    fn line(&self, document: &Value, words: &str) {
        match self.context.format {
            Format::Json | Format::Jsonl => self.context.print(&format!("{document}\n")),
            Format::Human | Format::Markdown | Format::Github if self.redraws => {
                // The cursor goes home and everything below it is cleared.
                let header = &self.header;
                let body = if words == header { "" } else { words };
                self.context
                    .print(&format!("\u{1b}[2J\u{1b}[H{header}\n{body}"));
            }
            Format::Human | Format::Markdown | Format::Github => {
                let words = match self.context.colour {
                    Colour::Yes => words.to_owned(),
                    Colour::No => plain(words),
                };
                self.context.print(&words);
            }
        }
    }
}

/// Words without colours.
pub fn plain(words: &str) -> String {
    console::strip_ansi_codes(words).into_owned()
}

fn path_text(path: &Path) -> String {
    path.display().to_string()
}

fn names(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path_text(path)).collect()
}
