//! Rows of kernel tables: each operator is timed on its device.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::row::{Compared, Fit, Names, Outcome};
use crate::analyse::Pair;
use crate::catalog::{Catalog, Device};
use crate::perf::{kernel_time, operator_time};
use crate::pipeline::parallel;
use crate::record::rows::{KernelFamily, KernelRow, Line, Skip, Table, kernel_row, operator_place};
use crate::record::{Calibration, Column, Estimated, Metric, NotModelled};

/// Facts and terms that predictions rest on.
#[derive(Clone, Copy)]
pub(super) struct Basis<'a> {
    pub catalog: &'a Catalog,
    pub pack: &'a Calibration,
}

type Devices<'a> = BTreeMap<&'a str, Option<(Arc<str>, &'a Arc<Device>)>>;

/// Predicts the chosen lines of a kernel table, in their order.
pub(super) fn outcomes(
    basis: Basis<'_>,
    table: &Table,
    family: KernelFamily,
    lines: &[usize],
) -> Vec<Outcome> {
    let mut devices = Devices::new();
    let mut words: BTreeMap<&str, Arc<str>> = BTreeMap::new();
    for line in lines {
        let line = &table.lines[*line];
        devices
            .entry(table.field(line, "hardware"))
            .or_insert_with_key(|name| {
                let device = basis.catalog.device(name)?;
                Some((Arc::from(device.id.as_str()), device))
            });
        for column in ["op", "backend"] {
            let word = table.field(line, column);
            words.entry(word).or_insert_with(|| Arc::from(word));
        }
    }
    parallel::map(lines, |line| {
        let line = &table.lines[*line];
        outcome(basis, (table, line, family), &devices, &words)
    })
}

/// By the pack's model of the operator, else by its terms.
fn time(
    pack: &Calibration,
    (table, line): (&Table, &Line),
    row: &KernelRow<'_>,
    device: &Device,
) -> Result<Estimated, NotModelled> {
    let fitted = pack.operators.as_ref().and_then(|models| {
        let place = operator_place(table, line, &device.id);
        operator_time(models.models().ok()?, &row.kernel, device, &place)
    });
    match fitted {
        Some(fitted) => Ok(fitted.time),
        None => kernel_time(&row.kernel, device, pack),
    }
}

fn outcome(
    basis: Basis<'_>,
    (table, line, family): (&Table, &Line, KernelFamily),
    devices: &Devices<'_>,
    words: &BTreeMap<&str, Arc<str>>,
) -> Outcome {
    let row = match kernel_row(table, line, family) {
        Ok(row) => row,
        Err(reason) => return Outcome::skipped(reason, None),
    };
    let Some((hardware, device)) = devices.get(row.hardware).and_then(Option::as_ref) else {
        return Outcome::skipped(Skip::UnknownHardware, Some(row.hardware));
    };
    let word = |column: &str| Arc::clone(&words[table.field(line, column)]);
    let time = match time(basis.pack, (table, line), &row, device) {
        Ok(time) if time.value > 0.0 && time.value.is_finite() => time,
        Ok(_) => return Outcome::skipped(Skip::NoEstimate, Some("kernel_latency")),
        Err(missing) => return Outcome::skipped(Skip::NoEstimate, Some(&missing.to_string())),
    };
    let names = Names {
        hardware: Arc::clone(hardware),
        model: word("op"),
        framework: word("backend"),
    };
    Outcome::Compared(Box::new(Compared {
        names,
        column: Column::of(Metric::KernelLatency),
        pair: Pair {
            predicted: time.value,
            lo: time.lo,
            hi: time.hi,
            measured: row.time.get(),
        },
        bound: None,
        fit: Fit::Fits,
    }))
}
