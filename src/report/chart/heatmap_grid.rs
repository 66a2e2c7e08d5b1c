//! What a heatmap draws: the axes of the plane, and the best point of each place in each frame.

use std::collections::BTreeMap;

use super::sweep;
use crate::record::{Better, Column, PointResult};
use crate::report::choice::Choices;
use crate::report::label;
use crate::report::number::Shown;
use crate::stats::math::log2;

/// Values of each axis that a drawing has room for.
const MOST: (usize, usize, usize) = (12, 8, 6);
/// Loads that frames are drawn for.
const MOST_LOADS: usize = 16;

/// The axes of the drawing.
pub struct Plane<'a> {
    /// Its rows.
    pub rows: &'a str,
    /// Its columns.
    pub columns: &'a str,
    /// One panel for each value, where a third axis varies.
    pub panels: Option<&'a str>,
}

/// Frame, panel, row, column.
pub type Place = (usize, usize, usize, usize);

/// What is drawn: axis values and the best point of each place.
pub struct Grid<'a> {
    /// Values of the panels; one empty text where there is one panel.
    pub panels: Vec<String>,
    /// Values of the rows.
    pub rows: Vec<String>,
    /// Values of the columns.
    pub columns: Vec<String>,
    /// The best load, then each load where it varies.
    pub frames: Vec<String>,
    /// The best point of each place.
    pub cells: BTreeMap<Place, &'a PointResult>,
    /// The number shown.
    pub column: Column,
    /// Its unit.
    pub shown: Shown,
    /// Its least positive and its largest value.
    pub span: (f64, f64),
}

/// Two axes with two values each: models and hardware where both vary, else the two with most values; never the load.
pub fn plane<'a>(choices: &Choices<'a>) -> Option<Plane<'a>> {
    let results = choices.results;
    let count = |axis: &str| sweep::values(results.points.iter(), axis).len();
    let mut varying: Vec<(usize, &str)> = results
        .axes
        .iter()
        .map(String::as_str)
        .filter(|axis| Some(*axis) != choices.load_axis())
        .map(|axis| (count(axis), axis))
        .filter(|(count, _)| *count > 1)
        .collect();
    let has = |name: &str| varying.iter().any(|(_, axis)| *axis == name);
    if has("model") && has("hardware") {
        return Some(Plane {
            rows: "model",
            columns: "hardware",
            panels: has("precision").then_some("precision"),
        });
    }
    varying.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    match varying.as_slice() {
        [(_, rows), (_, columns), rest @ ..] => Some(Plane {
            rows,
            columns,
            panels: rest.first().map(|(_, axis)| *axis),
        }),
        [] | [_] => None,
    }
}

/// The grid of a column; `None` where no point carries it.
pub fn grid<'a>(choices: &Choices<'a>, plane: &Plane, column: Column) -> Option<Grid<'a>> {
    let points = || choices.results.points.iter();
    let distinct = |axis: &str, most: usize| {
        let mut values = sweep::values(points(), axis);
        values.truncate(most);
        values
    };
    let mut loads = choices
        .load_axis()
        .map_or_else(Vec::new, |axis| sweep::values(points(), axis));
    if loads.len() < 2 || loads.len() > MOST_LOADS {
        loads.clear();
    }
    let mut frames = vec!["best load".to_owned()];
    let axis = choices.load_axis().unwrap_or_default();
    frames.extend(loads.iter().map(|load| label::axis_value(axis, load)));
    let mut grid = Grid {
        panels: plane
            .panels
            .map_or_else(|| vec![String::new()], |axis| distinct(axis, MOST.2)),
        rows: distinct(plane.rows, MOST.0),
        columns: distinct(plane.columns, MOST.1),
        frames,
        cells: BTreeMap::new(),
        column,
        shown: Shown::of(column, "", 1.0),
        span: (0.0, 0.0),
    };
    let carried = points().filter(|point| point.predicted(column).is_some());
    let placed: Vec<_> = carried
        .filter_map(|point| Some((point, grid.place(plane, point)?)))
        .collect();
    for (point, place) in placed {
        let load = choices
            .load_axis()
            .and_then(|axis| position(point, axis, &loads));
        for frame in [Some(0), load.map(|load| load + 1)].into_iter().flatten() {
            let best = grid.cells.entry((frame, place.0, place.1, place.2));
            let best = best.or_insert(point);
            if choices.compare(point, best).is_lt() {
                *best = point;
            }
        }
    }
    grid.scaled()
}

fn position(point: &PointResult, axis: &str, values: &[String]) -> Option<usize> {
    let value = sweep::value(point, axis)?;
    values.iter().position(|known| *known == value)
}

impl Grid<'_> {
    /// Panel, row and column of a point.
    fn place(&self, plane: &Plane, point: &PointResult) -> Option<(usize, usize, usize)> {
        let panel = match plane.panels {
            Some(axis) => position(point, axis, &self.panels)?,
            None => 0,
        };
        let row = position(point, plane.rows, &self.rows)?;
        Some((panel, row, position(point, plane.columns, &self.columns)?))
    }

    /// With the unit and the ends of its values; `None` where it has none.
    fn scaled(mut self) -> Option<Self> {
        let entries = self
            .cells
            .values()
            .filter_map(|point| point.predicted(self.column));
        let values: Vec<f64> = entries.map(|entry| entry.value).collect();
        let positive = values.iter().copied().filter(|value| *value > 0.0);
        let lo = positive.fold(f64::INFINITY, f64::min);
        self.span = (lo, values.iter().copied().fold(0.0, f64::max));
        let unit = &self.cells.values().next()?.predicted(self.column)?.unit;
        self.shown = Shown::of(self.column, unit, if lo.is_finite() { lo } else { 1.0 });
        Some(self)
    }

    /// How good a value is among all drawn, from zero to one, by factors.
    pub fn goodness(&self, value: f64) -> f64 {
        let (lo, hi) = self.span;
        if !(lo > 0.0 && hi > lo && value > 0.0) {
            return 0.5;
        }
        let share = log2(value / lo) / log2(hi / lo);
        match self.column.metric.better() {
            Better::Lower => 1.0 - share,
            Better::Higher | Better::Neither => share,
        }
    }
}
