//! A few dozen published rows, for tests.

use std::path::PathBuf;

use super::{ValidateRequest, Validation, run};
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::record::Calibration;
use crate::source::Memory;

macro_rules! fixture {
    ($name:literal) => {
        (
            concat!("rows/", $name),
            include_str!(concat!("../../../tests/data/measurements/", $name)),
        )
    };
}

const FILES: [(&str, &str); 7] = [
    fixture!("llm.csv"),
    fixture!("tiny.csv"),
    fixture!("sources.csv"),
    fixture!("kernels/gemm.csv"),
    fixture!("kernels/attention_generation.csv"),
    fixture!("kernels/moe.csv"),
    fixture!("kernels/collective.csv"),
];

/// The rows in a folder `rows`.
pub fn world() -> Memory {
    let world = Memory::default();
    FILES
        .iter()
        .fold(world, |world, (path, text)| world.with(path, *text))
}

/// Validates paths of a world.
pub fn validate(world: &Memory, paths: &[&str]) -> Result<Validation, Diagnostics> {
    let request = ValidateRequest {
        paths: paths.iter().map(PathBuf::from).collect(),
        ..ValidateRequest::default()
    };
    run(
        world,
        Catalog::embedded(),
        &Calibration::embedded(),
        &request,
    )
}

/// All of them, validated.
pub fn validation() -> Validation {
    validate(&world(), &["rows"]).expect("the folder is readable")
}
