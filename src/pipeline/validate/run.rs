//! The whole of a validation.

use std::collections::HashSet;

use super::account::{ReadFile, Validation, skipped_rows};
use super::groups::{Tables, seen_by_filter, tables};
use super::kernels::{self, Basis};
use super::llm;
use super::read::read;
use super::request::ValidateRequest;
use super::row::{Outcome, RowOutcome};
use crate::catalog::Catalog;
use crate::diag::Diagnostics;
use crate::record::rows::{Family, Line, Skip, Table};
use crate::record::{Calibration, PREDICTOR_VERSION};
use crate::scenario::Filter;
use crate::source::World;

/// Predicts every selected row and compares it with what was measured.
///
/// # Errors
///
/// Every file that cannot be read or is named directly and holds no measurements.
pub fn run(
    world: &dyn World,
    catalog: &Catalog,
    pack: &Calibration,
    request: &ValidateRequest,
) -> Result<Validation, Diagnostics> {
    let sources = read(world, &request.paths)?;
    let files = sources.files;
    let basis = Basis { catalog, pack };
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for (file, read) in files.iter().enumerate() {
        let selected = selected(&read.table, request.filter.as_ref());
        let (fresh, repeated): (Vec<usize>, Vec<usize>) = selected
            .into_iter()
            .partition(|line| is_new(&mut seen, &read.table, &read.table.lines[*line]));
        let outcomes = outcomes(basis, &read.table, &fresh, request);
        let repeats = repeated
            .iter()
            .map(|_| Outcome::skipped(Skip::DuplicateRow, None));
        let found = fresh
            .iter()
            .zip(outcomes)
            .chain(repeated.iter().zip(repeats));
        rows.extend(found.map(|(line, outcome)| RowOutcome {
            file,
            line: *line,
            outcome,
        }));
    }
    rows.sort_by_key(|row| (row.file, row.line));
    Ok(account(pack, files, sources.skipped, rows, &request.by))
}

fn account(
    pack: &Calibration,
    files: Vec<ReadFile>,
    skipped_files: Vec<super::SkippedFile>,
    rows: Vec<RowOutcome>,
    by: &[String],
) -> Validation {
    let Tables {
        overall,
        tables,
        finest,
    } = tables(&rows, &files, by, pack.level);
    let mut validation = Validation {
        predictor_version: PREDICTOR_VERSION,
        calibration: format!(
            "{}@{}",
            pack.name,
            pack.blake3.get(..12).unwrap_or_default()
        ),
        level: pack.level,
        files,
        skipped_files,
        rows,
        skipped: Vec::new(),
        overall,
        tables,
        finest,
    };
    validation.skipped = skipped_rows(&validation.rows, |row| validation.row_name(row));
    validation
}

/// Positions of the lines a filter selects; lines that cannot be read are selected by none but the absent filter.
fn selected(table: &Table, filter: Option<&Filter>) -> Vec<usize> {
    let matches = |line: &Line| match (filter, &line.fields) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(filter), Some(fields)) => {
            let fields: Vec<&str> = fields.iter().collect();
            filter.matches(&seen_by_filter(table.family, &table.header, &fields))
        }
    };
    let lines = table.lines.iter().enumerate();
    lines
        .filter(|(_, line)| matches(line))
        .map(|(place, _)| place)
        .collect()
}

/// True for the first of equal rows: those with one id; of kernel rows, and of lines without an id, those with one text.
/// A line that cannot be read is no repeat of another.
fn is_new(seen: &mut HashSet<blake3::Hash>, table: &Table, line: &Line) -> bool {
    let Some(fields) = &line.fields else {
        return true;
    };
    let mut hasher = blake3::Hasher::new();
    match table.field(line, "id") {
        "" => {
            hasher.update(table.family.name().as_bytes());
            for field in fields {
                hasher.update(b"\n").update(field.as_bytes());
            }
        }
        id => {
            hasher.update(b"id\n").update(id.as_bytes());
        }
    }
    seen.insert(hasher.finalize())
}

fn outcomes(
    basis: Basis<'_>,
    table: &Table,
    lines: &[usize],
    request: &ValidateRequest,
) -> Vec<Outcome> {
    match table.family {
        Family::Llm => llm::outcomes(basis, table, lines, request.include),
        Family::Kernel(family) => kernels::outcomes(basis, table, family, lines),
        Family::Vision => lines
            .iter()
            .map(|_| Outcome::skipped(Skip::UnsupportedFamily, Some("vision and edge")))
            .collect(),
    }
}
