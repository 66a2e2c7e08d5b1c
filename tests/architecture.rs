//! The layering of `src/lib.rs` as a test: a module imports only from the layers its row names, and a crate is used only
//! by its owner.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads the sources of the repository"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Module → modules it may import.
fn allowed() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let layers: [(&str, &str); 18] = [
        ("units", ""),
        ("source", ""),
        ("diag", "source"),
        ("stats", ""),
        ("catalog", "units source diag stats"),
        ("ops", "units stats catalog"),
        // `record` names columns and bases, which limits and questions of a scenario refer to.
        ("scenario", "units source diag stats catalog ops record"),
        ("record", "units source diag stats catalog ops scenario"),
        (
            "perf",
            "units source diag stats catalog ops scenario record",
        ),
        (
            "simulate",
            "units source diag stats catalog ops scenario record perf",
        ),
        (
            "analyse",
            "units source diag stats catalog ops scenario record",
        ),
        (
            "calibrate",
            "units source diag stats catalog ops scenario record perf simulate analyse",
        ),
        (
            "golden",
            "units source diag stats catalog ops scenario record analyse",
        ),
        (
            "report",
            "units source diag stats catalog ops scenario record analyse golden",
        ),
        (
            "pipeline",
            "units source diag stats catalog ops scenario record perf simulate analyse calibrate golden report",
        ),
        (
            "cli",
            "units source diag stats catalog ops scenario record perf simulate analyse calibrate golden report pipeline",
        ),
        ("lib", ""),
        ("main", "cli"),
    ];
    layers
        .into_iter()
        .map(|(module, may)| (module, may.split_whitespace().collect()))
        .collect()
}

/// Crate → modules that may name it.
fn owners() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("annotate_snippets", ["cli"].as_slice()),
        ("anyhow", &["cli"]),
        ("clap", &["cli"]),
        ("clap_complete", &["cli"]),
        ("comfy_table", &["cli"]),
        ("csv", &["catalog", "record", "scenario", "pipeline"]),
        ("etcetera", &["cli"]),
        ("console", &["cli"]),
        ("signal_hook", &["cli"]),
        ("indicatif", &["cli"]),
        ("linfa", &["calibrate"]),
        ("minijinja", &["report"]),
        ("ndarray", &["calibrate"]),
        ("notify", &["cli"]),
        ("polars", &["record"]),
        ("polars_io", &["record"]),
        ("rayon", &["pipeline"]),
        ("rustix", &["cli"]),
        ("saphyr_parser", &["scenario"]),
        ("serde_yaml", &["catalog", "scenario"]),
        ("similar", &["golden"]),
        ("tempfile", &["cli"]),
        ("typst", &["report"]),
        ("typst_kit", &["report"]),
        ("typst_layout", &["report"]),
        ("typst_pdf", &["report"]),
    ])
}

fn sources() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("src is readable").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).expect("below src");
                let first = inside
                    .components()
                    .next()
                    .expect("a file")
                    .as_os_str()
                    .to_string_lossy();
                let module = first.trim_end_matches(".rs").to_owned();
                let text = fs::read_to_string(&path).expect("source is text");
                found.push((module, inside.to_owned(), code_only(&text)));
            }
        }
    }
    found.sort();
    found
}

/// The text without comments, so that documentation may name what it likes, and without unit tests, which may use anything.
fn code_only(text: &str) -> String {
    let code = text
        .split("\n#[cfg(test)]\nmod tests")
        .next()
        .expect("split yields one part");
    let lines = code
        .lines()
        .map(|line| line.split("//").next().expect("split yields one part"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The modules named after `crate::` in a text.
fn imports(text: &str) -> BTreeSet<String> {
    let after = text.split("crate::").skip(1);
    after
        .map(|rest| {
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect()
        })
        .collect()
}

#[test]
fn modules_import_only_from_lower_layers() {
    let allowed = allowed();
    let mut broken = Vec::new();
    for (module, path, text) in sources() {
        let may = allowed
            .get(module.as_str())
            .unwrap_or_else(|| panic!("`{module}` has a row in the table"));
        for import in imports(&text) {
            if import != module && !may.contains(import.as_str()) {
                broken.push(format!("{}: `{module}` imports `{import}`", path.display()));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "layers are broken:\n{}",
        broken.join("\n")
    );
}

#[test]
fn crates_are_used_by_their_owners() {
    let mut broken = Vec::new();
    for (module, path, text) in sources() {
        for (name, owners) in owners() {
            let named =
                text.contains(&format!("{name}::")) || text.contains(&format!("use {name};"));
            if named && !owners.contains(&module.as_str()) {
                broken.push(format!(
                    "{}: `{name}` belongs to {owners:?}",
                    path.display()
                ));
            }
        }
    }
    assert!(
        broken.is_empty(),
        "crates are used outside their owners:\n{}",
        broken.join("\n")
    );
}

#[test]
fn a_module_file_holds_only_documentation_and_names() {
    let mut broken = Vec::new();
    for (_, path, text) in sources() {
        let is_module_file = path.file_name().is_some_and(|name| name == "mod.rs");
        if is_module_file
            && (text.contains("fn ") || text.contains("struct ") || text.contains("impl "))
        {
            broken.push(path.display().to_string());
        }
    }
    assert!(
        broken.is_empty(),
        "code stands in named files, not in {broken:?}"
    );
}
