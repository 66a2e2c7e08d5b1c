//! The arguments as meant: what the terminal can do, which catalogue holds, where the root is.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Mutex;

use super::args::{ColorMode, Format, Global, ProgressMode};
use super::door::Door;
use super::{cache, draw};
use crate::catalog::Catalog;
use crate::diag::{Diagnostics, Severity};
use crate::scenario::Options;
use crate::source::{Disk, Sources, World};

/// Whether to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loudness {
    /// Results and errors.
    Quiet,
    /// Warnings too.
    Normal,
    /// Notes too.
    Verbose,
}

/// The built-in catalogue, or an overlay on it.
pub enum CatalogChoice {
    /// Shared by the process.
    Embedded(&'static Catalog),
    /// Made for this invocation.
    Overlaid(Box<Catalog>),
}

impl std::ops::Deref for CatalogChoice {
    type Target = Catalog;

    fn deref(&self) -> &Catalog {
        match self {
            Self::Embedded(catalog) => catalog,
            Self::Overlaid(catalog) => catalog,
        }
    }
}

/// Where words go.
enum Voice {
    /// Results to standard output, everything else to standard error.
    Streams,
    /// Into memory, results and complaints in the order they were made.
    #[cfg_attr(
        not(feature = "watch"),
        expect(dead_code, reason = "only a watch listens")
    )]
    Memory(Mutex<String>),
}

/// What every command may use.
pub struct Context {
    /// Files and the environment.
    pub world: Door,
    /// How results are printed.
    pub format: Format,
    /// Whether standard output is coloured.
    pub colour: Colour,
    /// How progress is shown.
    pub progress: ProgressMode,
    /// How much is said.
    pub loudness: Loudness,
    /// True when `CI` is set.
    pub ci: bool,
    /// Columns of the terminal.
    pub width: usize,
    global: Global,
    voice: Voice,
}

impl Context {
    /// Reads the environment once.
    pub fn new(global: Global) -> Self {
        let world = Disk;
        let ci = world
            .variable("CI")
            .is_some_and(|value| !value.is_empty() && value != "false");
        let loudness = match (global.quiet, global.verbose) {
            (true, _) => Loudness::Quiet,
            (false, true) => Loudness::Verbose,
            (false, false) => Loudness::Normal,
        };
        let progress = global.progress.unwrap_or(if ci {
            ProgressMode::Plain
        } else {
            ProgressMode::Auto
        });
        let progress = if loudness == Loudness::Quiet {
            ProgressMode::None
        } else {
            progress
        };
        let width = world
            .variable("COLUMNS")
            .and_then(|columns| columns.parse().ok())
            .unwrap_or_else(terminal_width);
        Self {
            world: Door::default(),
            format: global.format,
            colour: colour(world, global.color),
            progress,
            loudness,
            ci,
            width,
            global,
            voice: Voice::Streams,
        }
    }

    /// The same for one evaluation of many: what is said for people is kept, and what is opened is written down.
    #[cfg_attr(
        not(feature = "watch"),
        expect(dead_code, reason = "only a watch listens")
    )]
    pub fn listening(&self) -> Self {
        Self {
            world: Door::recording(),
            format: Format::Human,
            progress: ProgressMode::None,
            global: self.global.clone(),
            voice: Voice::Memory(Mutex::default()),
            ..*self
        }
    }

    /// What was said since, where it is kept.
    ///
    /// # Panics
    ///
    /// Never: nobody panics while speaking.
    #[cfg_attr(
        not(feature = "watch"),
        expect(dead_code, reason = "only a watch listens")
    )]
    pub fn heard(&self) -> String {
        match &self.voice {
            Voice::Streams => String::new(),
            Voice::Memory(heard) => std::mem::take(&mut *heard.lock().expect("nobody panics here")),
        }
    }

    /// How scenarios are read.
    pub fn options(&self, set: &[String]) -> Options {
        Options {
            set: set.to_vec(),
            allow_outside: self.global.allow_outside,
            root: self.global.root.clone(),
        }
    }

    /// The root given by a flag, or the current folder.
    pub fn root(&self) -> PathBuf {
        self.global
            .root
            .clone()
            .unwrap_or_else(|| PathBuf::from("."))
    }

    /// The overlay folder, where one was given.
    pub fn overlay(&self) -> Option<&PathBuf> {
        self.global.catalog.as_ref()
    }

    /// The folder of what can be made again: the flag or the variable, else the one that the system keeps for such.
    pub fn cache(&self) -> Option<PathBuf> {
        self.global.cache.clone().or_else(cache::folder)
    }

    /// The catalogue: the built-in one, or an overlay on it.
    ///
    /// # Errors
    ///
    /// Every problem of the overlay.
    pub fn catalog(&self, sources: &mut Sources) -> Result<CatalogChoice, Diagnostics> {
        match &self.global.catalog {
            None => Ok(CatalogChoice::Embedded(Catalog::embedded())),
            Some(folder) => Catalog::overlay(&self.world, folder, sources)
                .map(|catalog| CatalogChoice::Overlaid(Box::new(catalog))),
        }
    }

    /// Prints a result.
    pub fn print(&self, text: &str) {
        match &self.voice {
            // A closed pipe (`phantom plan … | head`) is the reader's choice, not an error.
            Voice::Streams => {
                let _ = std::io::stdout().lock().write_all(text.as_bytes());
            }
            Voice::Memory(heard) => keep(heard, text),
        }
    }

    /// Prints something about the run on standard error, unless told to be quiet.
    pub fn say(&self, text: &str) {
        if self.loudness > Loudness::Quiet {
            self.complain(text);
        }
    }

    /// Prints an error on standard error.
    pub fn complain(&self, text: &str) {
        let text = text.trim_end();
        match &self.voice {
            Voice::Streams => {
                let _ = writeln!(std::io::stderr().lock(), "{text}");
            }
            Voice::Memory(heard) => keep(heard, &format!("{text}\n")),
        }
    }

    /// Shows diagnostics in the format asked for: on standard error for people, as results for programs.
    pub fn show(&self, diagnostics: Diagnostics, sources: &Sources) {
        let mut shown = Diagnostics::default();
        for diagnostic in diagnostics.sorted(sources) {
            let wanted = match diagnostic.severity {
                Severity::Error => Loudness::Quiet,
                Severity::Warning => Loudness::Normal,
                Severity::Note => Loudness::Verbose,
            };
            if self.loudness >= wanted {
                shown.push(diagnostic);
            }
        }
        if shown.is_empty() {
            return;
        }
        match self.format {
            Format::Human | Format::Markdown => {
                self.complain(&draw::human(&shown, sources, error_colour(self)));
            }
            Format::Json => {
                let document = serde_json::json!({ "diagnostics": draw::values(&shown, sources) });
                self.complain(&document.to_string());
            }
            Format::Jsonl => {
                for value in draw::values(&shown, sources) {
                    self.complain(&value.to_string());
                }
            }
            Format::Github => self.print(&draw::github(&shown, sources)),
        }
    }
}

/// Adds to what is kept; a poisoned lock loses words, nothing else.
fn keep(heard: &Mutex<String>, text: &str) {
    if let Ok(mut heard) = heard.lock() {
        heard.push_str(text);
    }
}

fn colour(world: Disk, mode: ColorMode) -> Colour {
    let set = |name: &str| {
        world
            .variable(name)
            .is_some_and(|value| !value.is_empty() && value != "0")
    };
    let yes = match mode {
        ColorMode::Always => true,
        ColorMode::Never => false,
        ColorMode::Auto if set("NO_COLOR") => false,
        ColorMode::Auto => set("CLICOLOR_FORCE") || std::io::stdout().is_terminal(),
    };
    if yes { Colour::Yes } else { Colour::No }
}

/// Standard error may be a terminal where standard output is not, and the other way round.
fn error_colour(context: &Context) -> Colour {
    match context.global.color {
        ColorMode::Auto if !std::io::stderr().is_terminal() => Colour::No,
        ColorMode::Auto | ColorMode::Always | ColorMode::Never => context.colour,
    }
}

/// Columns of the terminal that standard output or standard error is, else 100.
fn terminal_width() -> usize {
    let term = console::Term::stdout();
    let term = if term.is_term() {
        term
    } else {
        console::Term::stderr()
    };
    term.size_checked()
        .map_or(100, |(_, columns)| usize::from(columns).clamp(40, 400))
}
