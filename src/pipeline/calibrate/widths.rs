//! Widths of intervals from errors of fits that had not seen the rows.

use std::collections::{BTreeMap, BTreeSet};

use crate::calibrate::effects::{RunRow, RunRows};
use crate::record::{Column, EffectSupport, Metric, Sample, Widening, Widths};
use crate::stats::math;

/// Share of errors that an interval is to hold.
const HELD: f64 = super::run::LEVEL;

/// Fewer rows than this say nothing of a metric; it is then as wide as the steps make it.
const FEWEST: usize = 30;

/// Software measured in fewer groups than this has no widths of its own.
const FEWEST_GROUPS: usize = 10;

/// The smallest half-width of a logarithm: numbers are not known closer than this.
const FINEST: f64 = 0.02;

/// A number whose interval is narrower than this share of that of steps does not follow from steps: under an open loop that is
/// kept up with, throughput is what arrives.
const OF_STEPS: f64 = 0.25;

/// A prediction with its ends; `None` where there is none.
type Ends = Option<(f64, f64, f64)>;

/// Errors of rows that a fit had not seen, by what it had seen of the place instead.
pub(super) struct Left {
    by_support: [(EffectSupport, Vec<Option<f64>>); 4],
}

impl Left {
    /// Errors with loads, groups, devices and software left out. Without the load its group is known from other loads, without the
    /// group its pair of device and software from other models, without the device its family, without the software the device under
    /// other software.
    pub fn new([loads, groups, devices, programs]: [Vec<Option<f64>>; 4]) -> Self {
        Self {
            by_support: [
                (EffectSupport::Group, loads),
                (EffectSupport::Pair, groups),
                (EffectSupport::Device, programs),
                (EffectSupport::Family, devices),
            ],
        }
    }
}

/// The widths; `ends` predicts all rows under widths. `None` where too few rows say how far steps may be off: the terms then keep the
/// intervals that documents state.
pub(super) fn widths(
    rows: &RunRows,
    left: &Left,
    ends: impl Fn(Widths) -> Vec<Ends>,
) -> Option<Widths> {
    let programs = programs(rows);
    let everyone = |_: &RunRow| true;
    let mut widths = Widths::default();
    widths.everywhere.pace = paces(rows, left, everyone);
    let unknown = *widths.everywhere.pace.get(&EffectSupport::Nothing)?;
    for program in &programs {
        let of = widths.programs.entry(program.clone()).or_default();
        of.pace = paces(rows, left, |row| row.program == *program);
    }
    widths.programs.retain(|_, of| !of.pace.is_empty());
    for of in widths.programs.values_mut() {
        let own = of.pace.entry(EffectSupport::Nothing).or_default();
        *own = own.max(unknown);
    }
    let ends = ends(widths.clone());
    widths.everywhere.scale = scales(rows, left, (&ends, &widths, ""), everyone);
    for program in &programs {
        let scale = scales(rows, left, (&ends, &widths, program), |row| {
            row.program == *program
        });
        if let Some(of) = widths.programs.get_mut(program) {
            of.scale = scale;
        }
    }
    Some(widths)
}

/// Software with enough groups for widths of its own.
fn programs(rows: &RunRows) -> BTreeSet<String> {
    let mut groups = BTreeMap::<&str, BTreeSet<&[String; 3]>>::new();
    for row in rows
        .rows
        .iter()
        .filter(|row| row.sample == Sample::InSample)
    {
        groups
            .entry(row.program.as_str())
            .or_default()
            .insert(&row.group);
    }
    let enough = groups
        .into_iter()
        .filter(|(_, of)| of.len() >= FEWEST_GROUPS);
    enough.map(|(program, _)| program.to_owned()).collect()
}

/// Half-widths of steps of places, whatever the load; of a place like none that was fitted, the largest.
fn paces(
    rows: &RunRows,
    left: &Left,
    is_of: impl Fn(&RunRow) -> bool,
) -> BTreeMap<EffectSupport, f64> {
    let of_steps = |row: &RunRow| {
        let rates = [
            Metric::Tpot,
            Metric::DecodeThroughput,
            Metric::OutputThroughput,
        ];
        rates.map(Column::of).contains(&row.column) && is_of(row)
    };
    let mut paces = BTreeMap::new();
    let places = left.by_support.iter();
    for (support, errors) in places.filter(|(support, _)| *support != EffectSupport::Group) {
        let sizes = sized(rows, errors, of_steps, |_, error| Some(error.abs()));
        if let Some(size) = held(sizes) {
            paces.insert(*support, size.max(FINEST));
        }
    }
    let widest = paces.values().copied().fold(0.0, f64::max);
    if widest > 0.0 {
        paces.insert(EffectSupport::Nothing, widest);
    }
    paces
}

/// Factors on the half-widths that steps give.
fn scales(
    rows: &RunRows,
    left: &Left,
    (ends, widths, program): (&[Ends], &Widths, &str),
    is_of: impl Fn(&RunRow) -> bool,
) -> BTreeMap<(Column, EffectSupport), f64> {
    let columns: BTreeSet<Column> = rows.rows.iter().map(|row| row.column).collect();
    let mut scales = BTreeMap::new();
    let mut of_nothing = BTreeMap::<Column, f64>::new();
    let most = widths.pace(program, EffectSupport::Nothing);
    for (support, errors) in &left.by_support {
        let pace = widths.pace(program, *support);
        for column in &columns {
            let score = |place: usize, error: f64| {
                let (value, lo, hi) = ends[place].unwrap_or((1.0, 1.0, 1.0));
                let end = if error > 0.0 { hi / value } else { value / lo };
                let drawn = widths.pace(&rows.rows[place].program, EffectSupport::Pair);
                if !Widths::follows_steps(*column) {
                    return Some(error.abs() / math::ln(end).max(FINEST));
                }
                let width = math::ln(end) / drawn;
                // What the load decides says nothing of how far steps may be off.
                let is_of_steps = drawn > 0.0 && pace > 0.0 && width >= OF_STEPS;
                is_of_steps.then(|| Widening::needed(pace, pace * width, error.abs()))
            };
            let is_wanted = |row: &RunRow| row.column == *column && is_of(row);
            if let Some(scale) = held(sized(rows, errors, is_wanted, score)) {
                scales.insert((*column, *support), scale);
                let widest = of_nothing.entry(*column).or_default();
                let there = if Widths::follows_steps(*column) {
                    pace / most
                } else {
                    1.0
                };
                *widest = widest.max(scale * there);
            }
        }
    }
    for (column, scale) in of_nothing {
        scales.insert((column, EffectSupport::Nothing), scale);
    }
    scales
}

/// Sizes of errors with their weights, of rows with a metric. All of a software weighs the square root of what its groups weigh: what is
/// read where software has no widths of its own must not be that of the largest.
fn sized(
    rows: &RunRows,
    errors: &[Option<f64>],
    is_wanted: impl Fn(&RunRow) -> bool,
    size: impl Fn(usize, f64) -> Option<f64>,
) -> Vec<(f64, f64)> {
    let weights = rows.by_group();
    let wanted = rows
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| is_wanted(row));
    let sizes: Vec<(f64, f64, &str)> = wanted
        .filter_map(|(place, row)| {
            let size = size(place, errors[place]?)?;
            Some((size, weights[place], row.program.as_str()))
        })
        .collect();
    let mut programs = BTreeMap::<&str, f64>::new();
    for (_, weight, program) in &sizes {
        *programs.entry(program).or_default() += weight;
    }
    sizes
        .into_iter()
        .map(|(size, weight, program)| (size, weight / programs[program].sqrt().max(1e-9)))
        .collect()
}

/// The size that holds [`HELD`] of the weight, counting one row more beyond it; `None` of too few rows.
fn held(mut sizes: Vec<(f64, f64)>) -> Option<f64> {
    if sizes.len() < FEWEST {
        return None;
    }
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let whole: f64 = sizes.iter().map(|(_, weight)| weight).sum();
    let wanted = HELD * whole * (1.0 + 1.0 / sizes.len() as f64);
    let mut sum = 0.0;
    for (size, weight) in &sizes {
        sum += weight;
        if sum >= wanted {
            return Some(*size);
        }
    }
    sizes.last().map(|(size, _)| *size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TermPlace;

    /// Rows of one device under one software, each of its own model.
    fn rows(column: Column, count: usize) -> RunRows {
        let mut rows = RunRows::default();
        for model in 0..count {
            let scopes = rows.scopes_of(TermPlace {
                device: "d",
                program: "p",
                ..TermPlace::ANY
            });
            rows.rows.push(RunRow {
                scopes,
                measured: 0.0,
                column,
                source: "s".to_owned(),
                quality: 1.0,
                group: ["d".to_owned(), format!("m{model}"), "p".to_owned()],
                load: String::new(),
                is_load: false,
                program: "p".to_owned(),
                sample: Sample::InSample,
            });
        }
        rows
    }

    /// Errors of 0.01, 0.02 and so on, whatever was left out.
    fn left(count: usize) -> Left {
        let errors: Vec<Option<f64>> = (1..=count).map(|n| Some(0.01 * n as f64)).collect();
        let fewer = errors.iter().map(|error| error.map(|error| 0.5 * error));
        Left::new([fewer.collect(), errors.clone(), errors.clone(), errors])
    }

    /// Ends that follow steps.
    fn ends(widths: &Widths, count: usize) -> Vec<Ends> {
        let pace = math::exp(widths.pace("p", EffectSupport::Pair));
        vec![Some((1.0, 1.0 / pace, pace)); count]
    }

    #[test]
    fn nine_of_ten_errors_are_inside() {
        let rows = rows(Column::of(Metric::Tpot), 100);
        let found = widths(&rows, &left(100), |widths| ends(&widths, 100)).expect("enough rows");
        let pace = found.pace("p", EffectSupport::Pair);
        assert!((0.9..0.93).contains(&pace), "{pace}");
        let scale = found.scale("p", Column::of(Metric::Tpot), EffectSupport::Pair);
        assert!((scale - 1.0).abs() < 1e-9, "{scale}");
        let scale = found.scale("p", Column::of(Metric::Tpot), EffectSupport::Group);
        assert!((scale - 0.5).abs() < 0.01, "other loads say more: {scale}");
        assert!(
            found.programs.contains_key("p"),
            "a hundred groups are enough"
        );
    }

    #[test]
    fn power_is_as_wide_as_its_errors_whatever_steps_are() {
        let mut all = rows(Column::of(Metric::Tpot), 100);
        let column = Column::of(Metric::Power);
        all.rows.extend(rows(column, 100).rows);
        let narrow = |_: Widths| vec![Some((1.0, math::exp(-0.1), math::exp(0.1))); 200];
        let errors: Vec<Option<f64>> = (1..=100).map(|n| Some(0.01 * f64::from(n))).collect();
        let twice = [errors.clone(), errors].concat();
        let left = Left::new([twice.clone(), twice.clone(), twice.clone(), twice]);
        let found = widths(&all, &left, narrow).expect("enough rows");
        let scale = found.scale("other", column, EffectSupport::Nothing);
        assert!((9.0..9.3).contains(&scale), "{scale}");
    }

    #[test]
    fn too_few_rates_of_tokens_leave_the_terms_their_own_intervals() {
        let rows = rows(Column::of(Metric::E2el), 100);
        assert_eq!(widths(&rows, &left(100), |widths| ends(&widths, 100)), None);
    }
}
