//! One `$( … )`, one filter, one quantity.
#![no_main]

mod paths;

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use paths::Paths;
use phantom::scenario::{Combination, ExpressionScope, Filter, Options, apply, read_document};
use phantom::source::{Memory, Sources};
use phantom::units::parse_any;

fuzz_target!(|text: &str| {
    let _ = parse_any(text);
    if let Ok(filter) = Filter::parse(text) {
        assert!(Filter::parse(&filter.to_string()).is_ok(), "a printed filter reads");
    }
    let world = Memory::default().with("x.yaml", format!("vars: {{n: 8}}\nx: $({text})\n"));
    let options = Options::default();
    let mut sources = Sources::default();
    if let Ok(document) = read_document(&world, &mut sources, Path::new("x.yaml"), &options) {
        let scope = ExpressionScope { names: &Paths, paths: &Paths };
        let _ = apply(&document, &Combination::empty(), &scope);
    }
});
