//! Rows and tables that are far worse than cited terms say, or far off what datasheets allow, as those in other units are. Nothing fitted
//! takes part, so that a pack decides nothing of what it is judged by.

use std::collections::BTreeMap;

use super::llm_cases::{Impossible, LlmCases, Resolved};
use crate::catalog::Catalog;
use crate::perf::{IMPLAUSIBLE, Wiring, operator_shape};
use crate::pipeline::parallel;
use crate::record::rows::{KernelFamily, Line, Suspicion, Table, kernel_row, operator_place};
use crate::record::{Better, Calibration, Estimate, Metric, NotModelled};
use crate::scenario::Method;
use crate::stats::{math, quantile};

/// How many times worse than cited terms a number may be. Of 13 400 published rows the worst is 49 times.
const FAR: f64 = 100.0;

impl LlmCases<'_> {
    /// Rows that are not believed, with why and the number that cannot be: those whose runs are faster than possible, and those that are
    /// themselves slower than plausible.
    pub fn doubts(&self) -> Vec<Option<(Suspicion, Impossible)>> {
        let bounds = self.bounds();
        let faster = self.faster_than(&bounds);
        let both = faster.into_iter().zip(self.slower_than_plausible(&bounds));
        both.map(|(faster, slower)| {
            let faster = faster.map(|found| (Suspicion::FasterThanPossible, found));
            faster.or(slower.map(|found| (Suspicion::SlowerThanPlausible, found)))
        })
        .collect()
    }

    /// Rows that are worse than cited terms say by more than [`FAR`]. Times to first tokens and sums of prompt and output tokens may wait
    /// in any queue, and are left alone. Cited terms are slower than datasheets, so only rows that are as far from those are looked at.
    fn slower_than_plausible(
        &self,
        bounds: &[Result<Estimate, NotModelled>],
    ) -> Vec<Option<Impossible>> {
        let is_wanted = |row: &Resolved<'_>| {
            let bound = row.estimate(bounds).as_ref().ok();
            let bound = bound.and_then(|bound| row.answer(bound));
            bound.is_none_or(|bound| slower(row, bound.value).is_some())
        };
        let rows = self.rows.iter();
        let wanted: Vec<bool> = rows.map(|row| row.as_ref().is_ok_and(is_wanted)).collect();
        if !wanted.contains(&true) {
            return vec![None; self.rows.len()];
        }
        let pack = Calibration {
            level: None,
            ..Calibration::cited()
        };
        let expected = self.estimates_of(&pack, &Self::asked(&pack, Method::Analytic), &wanted);
        let rows = self.rows.iter().zip(wanted);
        rows.map(|(row, wanted)| {
            let row = row.as_ref().ok().filter(|_| wanted)?;
            let expected = row.wanted_estimate(&expected)?;
            slower(row, row.answer(expected)?.value)
        })
        .collect()
    }
}

/// The number of a row, where it is worse than another by more than [`FAR`].
fn slower(row: &Resolved<'_>, bound: f64) -> Option<Impossible> {
    let measured = &row.case.measured;
    let metric = measured.column.metric;
    if matches!(metric, Metric::Ttft | Metric::TotalTokenThroughput) {
        return None;
    }
    let worse = match metric.better() {
        Better::Lower => measured.value / bound,
        Better::Higher => bound / measured.value,
        Better::Neither => return None,
    };
    (math::ln(worse) > math::ln(FAR)).then_some(Impossible {
        column: measured.column,
        measured: measured.value,
        bound,
    })
}

/// Lines of a kernel table, by position, whose operator and software are in the middle more than [`IMPLAUSIBLE`] times off a usual launch
/// and the roofline, with that factor.
pub(super) fn implausible_calls(
    catalog: &Catalog,
    table: &Table,
    family: KernelFamily,
) -> BTreeMap<usize, f64> {
    if looks_plausible(catalog, table, family) {
        return BTreeMap::new();
    }
    let all: Vec<usize> = (0..table.lines.len()).collect();
    let found = parallel::map(&all, |place| {
        over(catalog, table, (&table.lines[*place], family))
    });
    let mut groups = BTreeMap::<_, Vec<(usize, f64)>>::new();
    for (place, found) in found.into_iter().enumerate() {
        if let Some((key, over)) = found {
            groups.entry(key).or_default().push((place, over));
        }
    }
    let mut implausible = BTreeMap::new();
    for calls in groups.into_values() {
        let over: Vec<f64> = calls.iter().map(|(_, over)| *over).collect();
        let middle = quantile(&over, 0.5).unwrap_or_default();
        if middle.abs() > math::ln(IMPLAUSIBLE) {
            implausible.extend(calls.iter().map(|(place, _)| (*place, math::exp(middle))));
        }
    }
    implausible
}

/// Lines of a device, operator, format and software that are looked at first.
const SAMPLE: usize = 50;

/// True where a sample of the lines of every device, operator, format and software is in the middle within the root of [`IMPLAUSIBLE`] of a usual
/// launch and the roofline, so that the middle of all of them is not looked for.
fn looks_plausible(catalog: &Catalog, table: &Table, family: KernelFamily) -> bool {
    let mut groups = BTreeMap::<[&str; 4], Vec<usize>>::new();
    for (place, line) in table.lines.iter().enumerate() {
        let key = ["hardware", "op", "dtype", "backend"].map(|column| table.field(line, column));
        groups.entry(key).or_default().push(place);
    }
    groups.into_values().all(|places| {
        let step = places.len().div_ceil(SAMPLE);
        let sample = places.iter().step_by(step);
        let over: Vec<f64> = sample
            .filter_map(|place| over(catalog, table, (&table.lines[*place], family)))
            .map(|(_, over)| over)
            .collect();
        quantile(&over, 0.5).is_some_and(|middle| middle.abs() < 0.5 * math::ln(IMPLAUSIBLE))
    })
}

/// Operator, format and software of a call.
type Key<'a> = (&'a str, String, &'a str);

/// The logarithm of a call's time over a usual launch and its roofline.
fn over<'a>(
    catalog: &'a Catalog,
    table: &'a Table,
    (line, family): (&'a Line, KernelFamily),
) -> Option<(Key<'a>, f64)> {
    let row = kernel_row(table, line, family).ok()?;
    let device = catalog.device(row.hardware)?;
    let place = operator_place(table, line, &device.id);
    let shape = operator_shape(&row.kernel, device, Wiring::of(&place)).ok()?;
    let over = math::ln(row.time.get() / shape.plain());
    Some(((place.op, place.format, place.backend), over))
}
