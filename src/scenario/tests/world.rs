//! What the tests of whole scenarios share.

use std::fmt::Write as _;
use std::path::Path;

use crate::catalog::Catalog;
use crate::diag::{Diagnostics, Severity, Warned};
use crate::scenario::{Loaded, Options, load};
use crate::source::{Memory, Sources};

/// A scenario that is right; parts are replaced by name.
const PARTS: [(&str, &str); 6] = [
    ("schema", "schema: phantom/v1"),
    ("name", "name: x"),
    ("models", "models: {m: {catalog: llama-3.1-8b}}"),
    ("hardware", "hardware: {g: {catalog: h100-sxm5-80gb}}"),
    (
        "workload",
        "workload: {llm: {isl: 1024, osl: 256, load: {concurrency: 16}}}",
    ),
    ("rest", ""),
];

/// The right scenario with some of its parts replaced.
pub fn with(parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, right) in PARTS {
        let part = parts
            .iter()
            .find(|(part, _)| *part == name)
            .map_or(right, |(_, text)| *text);
        text.push_str(part);
        text.push('\n');
    }
    text
}

/// The right scenario with more at its end.
pub fn and(rest: &str) -> String {
    with(&[("rest", rest)])
}

/// Loads a scenario that stands at `scenarios/x.yaml`.
pub fn loaded_from(world: Memory, text: &str) -> (Result<Warned<Loaded>, Diagnostics>, Sources) {
    let world = world.with("scenarios/x.yaml", text);
    let mut sources = Sources::default();
    let path = Path::new("scenarios/x.yaml");
    let loaded = load(
        &world,
        Catalog::embedded(),
        &mut sources,
        path,
        &Options::default(),
    );
    (loaded, sources)
}

/// A scenario without errors.
pub fn good(text: &str) -> Loaded {
    match loaded_from(Memory::default(), text) {
        (Ok(loaded), _) => loaded.value,
        (Err(wrong), sources) => panic!("{}\n{text}", shown(&wrong, &sources)),
    }
}

/// Everything that is said about a scenario, one finding after the other.
pub fn said_in(world: Memory, text: &str) -> String {
    let (loaded, sources) = loaded_from(world, text);
    match loaded {
        Ok(loaded) => shown(&loaded.diagnostics, &sources),
        Err(wrong) => shown(&wrong, &sources),
    }
}

/// What is said about several scenarios.
pub fn said(cases: &[(&str, String)]) -> String {
    let mut text = String::new();
    for (name, scenario) in cases {
        let found = said_in(Memory::default(), scenario);
        assert!(!found.is_empty(), "nothing is said about: {name}");
        let _ = writeln!(text, "== {name}\n{found}");
    }
    text
}

pub fn shown(list: &Diagnostics, sources: &Sources) -> String {
    let mut text = String::new();
    for found in list.iter() {
        let severity = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let place = found.span.map_or_else(String::new, |span| {
            let place = sources.place(span);
            let text = &sources.text(span.source)[span.start as usize..span.end as usize];
            let line = text.lines().next().unwrap_or_default();
            format!(" {}:{} `{line}`", place.line, place.column)
        });
        let _ = write!(
            text,
            "{severity}[{}]{place}\n  {}\n",
            found.code, found.message
        );
        for (mark, said) in [("^", &found.label), ("=", &found.help)] {
            if let Some(said) = said {
                let _ = writeln!(text, "  {mark} {said}");
            }
        }
        for note in &found.notes {
            let _ = writeln!(text, "  # {note}");
        }
        for (span, said) in &found.related {
            let place = sources.place(*span);
            let _ = writeln!(text, "  @ {}:{} {said}", place.line, place.column);
        }
    }
    text
}
