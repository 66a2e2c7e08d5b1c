//! A whole document: parse, extends, environment, matrix, the first and last points.
#![no_main]

mod paths;

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use paths::Paths;
use phantom::scenario::{ExpressionScope, Options, apply, expand, read_document, staged_yaml};
use phantom::source::{Memory, Sources};

fuzz_target!(|bytes: &[u8]| {
    let world = Memory::default()
        .with("scenarios/x.yaml", bytes)
        .with("scenarios/base.yaml", "runtime: {threads: 1}\n");
    let mut sources = Sources::default();
    let options = Options::default();
    let Ok(document) = read_document(&world, &mut sources, Path::new("scenarios/x.yaml"), &options) else {
        return;
    };
    let _ = staged_yaml(&document, &sources);
    let Ok(expansion) = expand(&document, &Paths) else {
        return;
    };
    let scope = ExpressionScope { names: &Paths, paths: &Paths };
    for index in [0, expansion.len() - 1] {
        let _ = apply(&document, &expansion.combination(index), &scope);
    }
});
