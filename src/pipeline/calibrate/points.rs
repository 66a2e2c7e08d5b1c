//! Rows of a kernel table become points of a fit.

use std::collections::{BTreeSet, HashSet};

use super::unused::UnusedRows;
use crate::calibrate::FitPoint;
use crate::catalog::{Catalog, Device};
use crate::perf::{Wiring, operator_shape};
use crate::pipeline::parallel;
use crate::pipeline::validate::is_new;
use crate::record::rows::{KernelFamily, Line, Skip, Table, kernel_row, operator_place};
use crate::record::{RowGroup, Split};

/// Points of a table, with what was left out.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    pub points: Vec<FitPoint>,
    /// Source of each point.
    pub sources: Vec<String>,
    /// Position of each point in the table.
    pub places: Vec<usize>,
    pub skipped: UnusedRows,
}

impl Gathered {
    /// Sources of the points that a fit used.
    pub fn sources_where(&self, is_used: impl Fn(usize) -> bool) -> Vec<String> {
        let used = self.sources.iter().enumerate();
        let names: BTreeSet<&String> = used
            .filter(|(place, _)| is_used(*place))
            .map(|(_, source)| source)
            .collect();
        names.into_iter().cloned().collect()
    }
}

/// The share of fitted layer shapes that test the settings a fit chooses for itself.
const INNER: f64 = 0.25;

/// Single shapes are dealt into this many parts.
const PARTS: u8 = 5;

/// The part of a single shape of an operator on a device, whatever times it.
fn part(device: &str, op: &str, sizes: &[&str]) -> u8 {
    let mut hasher = blake3::Hasher::new();
    for word in [device, op].iter().chain(sizes) {
        hasher.update(&(word.len() as u64).to_le_bytes());
        hasher.update(word.as_bytes());
    }
    hasher.finalize().as_bytes()[0] % PARTS
}

/// A split of fitted groups into those that teach and those that test a fit's own settings; its seed is derived from the pack's.
pub(super) fn inner(split: &Split) -> Split {
    Split::new(split.seed.wrapping_add(1), INNER)
}

/// Reads the chosen lines of a table, in their order.
pub(super) fn points(
    catalog: &Catalog,
    table: &Table,
    family: KernelFamily,
    lines: &[usize],
    (split, seen): (&Split, &mut HashSet<blake3::Hash>),
) -> Gathered {
    let mut found = Gathered::default();
    let (fresh, repeated): (Vec<usize>, Vec<usize>) = lines
        .iter()
        .partition(|line| is_new(seen, table, &table.lines[**line]));
    for line in repeated {
        found.skipped.skip((table, line), &Skip::DuplicateRow);
    }
    let read = parallel::map(&fresh, |line| {
        point(catalog, table, &table.lines[*line], (family, split))
    });
    for (line, point) in fresh.iter().zip(read) {
        match point {
            Ok(point) => {
                found.points.push(point);
                let source = table.field(&table.lines[*line], "source_id");
                found.sources.push(source.to_owned());
                found.places.push(*line);
            }
            Err(reason) => found.skipped.skip((table, *line), &reason),
        }
    }
    found
}

fn point(
    catalog: &Catalog,
    table: &Table,
    line: &Line,
    (family, split): (KernelFamily, &Split),
) -> Result<FitPoint, Skip> {
    let row = kernel_row(table, line, family)?;
    let device: &Device = catalog.device(row.hardware).ok_or(Skip::UnknownHardware)?;
    let place = operator_place(table, line, &device.id);
    let shape =
        operator_shape(&row.kernel, device, Wiring::of(&place)).map_err(|_| Skip::NoEstimate)?;
    let columns = family.layer().iter();
    let layer: Vec<&str> = columns.map(|column| table.field(line, column)).collect();
    let op = table.field(line, "op");
    let group = RowGroup::Kernel {
        hardware: &device.id,
        op,
        shape: &layer,
    };
    let columns = family.dimensions().iter();
    let sizes: Vec<&str> = columns.map(|column| table.field(line, column)).collect();
    Ok(FitPoint {
        keys: place.keys(),
        device: device.id.clone(),
        shape,
        time: row.time.get(),
        sample: split.sample(&group),
        inner: inner(split).sample(&group),
        everywhere: inner(split).sample(&RowGroup::Kernel {
            hardware: "",
            op,
            shape: &layer,
        }),
        part: part(&device.id, op, &sizes),
    })
}
