//! How the software of a row was started: its version, its options, and the links it used.

use std::collections::BTreeMap;

use super::inference_max::Server;
use super::load::LoadRule;
use super::software::{Software, program, stack};
use super::{LlmRow, suite};
use crate::catalog::Device;
use crate::scenario::{Link, OptionValue, Runtime, RuntimeName};

/// What stands for the version of software that ran one batch without a server and states none.
const IN_PROCESS: &str = "in-process";

/// The software of a row with what it was started with.
pub(super) fn runtime(row: &LlmRow<'_>, software: Software, server: Server<'_>) -> Runtime {
    Runtime {
        name: software.runtime,
        program: stack(&program(row.framework), row.suite),
        version: version(row, software),
        options: options(row, software, server),
    }
}

/// The version; of llama.cpp, whose builds are numbered by the day, the backend it computes with and the year where it is stated, in
/// which its kernels for AMD's GPUs became up to five times as fast on prompts, and of `AutoAWQ`, whose two
/// kernels are chosen by the caller, the kernel: `gemv` of `awq-gemv`. Where none is stated and one batch ran in the process of the
/// benchmark, without a server, that is what tells it apart: [`IN_PROCESS`].
fn version(row: &LlmRow<'_>, software: Software) -> Option<String> {
    if software.runtime == RuntimeName::LlamaCpp {
        let backend = row.notes.backend()?;
        return Some(match year(row.date) {
            Some(year) => format!("{backend}-{year}"),
            None => backend,
        });
    }
    if program(row.framework) == "autoawq"
        && let Some((_, kernel)) = row.precision.scheme.split_once('-')
    {
        return Some(kernel.to_owned());
    }
    match (row.version, row.load) {
        ("", LoadRule::Batch) => Some(IN_PROCESS.to_owned()),
        ("", _) => None,
        (version, _) => Some(version.to_owned()),
    }
}

/// `2025` of `2025-08` and `2025-08-31`.
fn year(date: &str) -> Option<&str> {
    let year = date.get(..4)?;
    year.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(year)
}

/// llama.cpp divided the rows of matrices: as a row states, or on several devices before it could divide layers (January 2024).
pub(super) fn is_row_split(row: &LlmRow<'_>, software: Software) -> bool {
    let is_early = year(row.date).is_some_and(|year| year < "2024");
    let is_llama = software.runtime == RuntimeName::LlamaCpp;
    is_llama && row.devices.count > 1 && (is_early || row.notes.is_row_split())
}

/// The link between devices, where a row says that it is not that of the catalogue.
pub(super) fn link(row: &LlmRow<'_>, device: &Device) -> Option<Link> {
    let bandwidth = device.pcie.filter(|_| row.notes.is_over_pcie())?.rate()?;
    let name = "pcie".to_owned();
    Some(Link { name, bandwidth })
}

/// Options that the suite gives a server; early builds of llama.cpp took 512 tokens at once, not 2048 in four parts, which cards in a row
/// work at together (`n_batch`; pull request 6017, build 2418).
fn options(
    row: &LlmRow<'_>,
    software: Software,
    server: Server<'_>,
) -> BTreeMap<String, OptionValue> {
    const WITH_PARTS: u32 = 2418;
    let mut options = suite::options(row.suite, server);
    if is_row_split(row, software) {
        let mode = OptionValue::Text("row".to_owned());
        options.insert("split_mode".to_owned(), mode);
    }
    let build = row.version.strip_prefix('b').and_then(|version| {
        let end = version.find(|c: char| !c.is_ascii_digit());
        version[..end.unwrap_or(version.len())].parse::<u32>().ok()
    });
    if server.runtime == RuntimeName::LlamaCpp
        && build.is_some_and(|build| (1..WITH_PARTS).contains(&build))
    {
        options.insert("n_batch".to_owned(), OptionValue::Int(512));
    }
    let micro_batch = row.notes.micro_batch();
    if let Some(tokens) = micro_batch.filter(|_| server.runtime == RuntimeName::LlamaCpp) {
        options.insert("n_ubatch".to_owned(), OptionValue::Int(tokens.into()));
    }
    options
}
