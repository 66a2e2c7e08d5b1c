//! One number over two axes of numbers, drawn as a surface seen from above one corner.

use std::collections::BTreeMap;

use super::svg::{Anchor, GRID, MUTED, SERIES, Svg, TEXT};
use super::{Canvas, WIDTH, sweep};
use crate::record::{Column, PointResult};
use crate::report::choice::Choices;
use crate::report::label;
use crate::report::number::Shown;
use crate::report::view::{Cell, ChartView, Head, Table};
use crate::stats::math::log2;

/// Values of an axis that make a surface rather than a line.
const LEAST: usize = 3;
/// Values of an axis that a drawing has room for.
const MOST: usize = 24;
/// Heights that differ by more than this factor are drawn by factors.
const WIDE: f64 = 20.0;
const HEIGHT: f64 = 130.0;

/// The axes of a surface and what stands on them.
struct Surface<'a> {
    axes: [&'a str; 2],
    values: [Vec<String>; 2],
    points: BTreeMap<(usize, usize), &'a PointResult>,
    /// The other axes, as the slice fixes them.
    slice: String,
    column: Column,
}

/// True where two axes of numbers have three values each.
pub fn any(canvas: &Canvas) -> bool {
    surface(canvas).is_some()
}

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let surface = surface(canvas).ok_or("no two axes of numbers have three values each")?;
    let entries = || {
        surface
            .points
            .values()
            .filter_map(|point| point.predicted(surface.column))
    };
    let smallest = entries()
        .map(|entry| entry.value)
        .fold(f64::INFINITY, f64::min);
    let unit = entries().next().map_or("", |entry| entry.unit.as_str());
    let shown = Shown::of(surface.column, unit, smallest);
    let name = label::column(surface.column);
    let axes = surface.axes.map(label::axis);
    let title = format!("{name} over {} and {}", axes[0], axes[1]);
    let alt = format!(
        "{title}. A surface seen from above one corner; the same numbers stand in the table."
    );
    let slice = match surface.slice.as_str() {
        "" => String::new(),
        slice => format!(" for {slice}"),
    };
    Ok(ChartView {
        id: "surface",
        section: "sweep",
        subtitle: format!("{name}, {}{slice}", shown.unit),
        svg: picture(&surface, &shown).finish("chart-surface", &title, &alt),
        alt,
        n: surface.points.len(),
        note: "Predicted values; intervals stand in the table. Steps of both axes are drawn equally wide.".to_owned(),
        table: table(&surface, &shown),
        title,
    })
}

/// The largest full plane of numbers through a recommended point, or through the best of a group.
fn surface<'a>(canvas: &Canvas<'a>) -> Option<Surface<'a>> {
    const MOST_BASES: usize = 8;
    let choices = canvas.choices;
    let keys = canvas.keys;
    let column = choices.objective.or(keys.latency).or(keys.throughput)?;
    let firsts = choices
        .groups
        .iter()
        .filter_map(|group| choices.of_group(group).next());
    let mut best: Option<Surface> = None;
    for base in firsts.take(MOST_BASES).map(|option| option.chosen) {
        let axes = &choices.results.axes;
        for (index, first) in axes.iter().enumerate() {
            for second in &axes[index + 1..] {
                let size = best.as_ref().map_or(0, |best| best.points.len());
                let found = slice(choices, base, [first, second], column);
                best = found.filter(|found| found.points.len() > size).or(best);
            }
        }
    }
    best
}

fn slice<'a>(
    choices: &Choices<'a>,
    base: &PointResult,
    axes: [&'a str; 2],
    column: Column,
) -> Option<Surface<'a>> {
    let fixed = |point: &&PointResult| {
        let same = |(axis, value): &(String, crate::scenario::AxisValue)| {
            axes.contains(&axis.as_str())
                || base
                    .axes
                    .iter()
                    .any(|(name, own)| name == axis && own == value)
        };
        point
            .predicted(column)
            .is_some_and(|entry| entry.value > 0.0)
            && point.axes.iter().all(same)
    };
    let inside: Vec<&PointResult> = choices.results.points.iter().filter(fixed).collect();
    let mut values = axes.map(|axis| sweep::values(inside.iter().copied(), axis));
    // A value of the first axis that lacks one of the second is left out: a surface has no holes.
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    for value in inside
        .iter()
        .filter_map(|point| sweep::value(point, axes[0]))
    {
        *rows.entry(value).or_default() += 1;
    }
    let whole = |value: &String| rows.get(value).is_some_and(|row| *row >= values[1].len());
    let kept: Vec<String> = values[0]
        .iter()
        .filter(|value| whole(value))
        .cloned()
        .collect();
    values[0] = kept;
    let fits = |values: &Vec<String>| {
        (LEAST..=MOST).contains(&values.len()) && sweep::numbers(values).is_some()
    };
    if !values.iter().all(fits) {
        return None;
    }
    let place = |point: &PointResult, which: usize| {
        let value = sweep::value(point, axes[which])?;
        values[which].iter().position(|known| *known == value)
    };
    let points: BTreeMap<(usize, usize), &PointResult> = inside
        .iter()
        .filter_map(|point| Some(((place(point, 0)?, place(point, 1)?), *point)))
        .collect();
    let full = points.len() == values[0].len() * values[1].len();
    full.then(|| Surface {
        axes,
        values,
        points,
        slice: rest(choices, base, axes),
        column,
    })
}

/// The values of the other axes that vary, as the base has them.
fn rest(choices: &Choices, base: &PointResult, axes: [&str; 2]) -> String {
    let others = base
        .axes
        .iter()
        .filter(|(axis, _)| !axes.contains(&axis.as_str()))
        .filter(|(axis, _)| sweep::values(choices.results.points.iter(), axis).len() > 1);
    let names: Vec<String> = others
        .map(|(axis, value)| label::axis_value(axis, &value.to_string()))
        .collect();
    names.join(" ")
}

/// Where a corner of the surface lies on paper.
struct View {
    step: (f64, f64),
    origin: (f64, f64),
    lo: f64,
    hi: f64,
    by_factors: bool,
}

impl View {
    fn share(&self, value: f64) -> f64 {
        if self.hi <= self.lo {
            return 0.5;
        }
        if self.by_factors {
            log2(value / self.lo) / log2(self.hi / self.lo)
        } else {
            (value - self.lo) / (self.hi - self.lo)
        }
    }

    fn at(&self, row: f64, column: f64, share: f64) -> (f64, f64) {
        let x = self.origin.0 + (column - row) * self.step.0;
        let y = self.origin.1 + (column + row) * self.step.1 - share * HEIGHT;
        (x, y)
    }
}

fn picture(surface: &Surface, shown: &Shown) -> Svg {
    let value = |place: (usize, usize)| {
        let entry = surface
            .points
            .get(&place)
            .and_then(|point| point.predicted(surface.column));
        entry.map_or(0.0, |entry| entry.value)
    };
    let (rows, columns) = (surface.values[0].len(), surface.values[1].len());
    let steps = (rows + columns - 2) as f64;
    let width = (WIDTH - 130.0) / steps;
    let all = || surface.points.keys().map(|place| value(*place));
    let (lo, hi) = (
        all().fold(f64::INFINITY, f64::min),
        all().fold(0.0, f64::max),
    );
    let view = View {
        step: (width, (width * 0.5).min(150.0 / steps)),
        origin: (66.0 + width * (rows - 1) as f64, HEIGHT + 20.0),
        lo: if hi / lo > WIDE { lo } else { 0.0 },
        hi,
        by_factors: hi / lo > WIDE,
    };
    let floor = view.origin.1 + steps * view.step.1;
    let mut svg = Svg::new(WIDTH, floor + 44.0);
    edges(&mut svg, surface, &view);
    tiles(&mut svg, surface, &view, &value);
    corners(&mut svg, surface, &view, shown);
    ruler(&mut svg, &view, (rows - 1) as f64, shown);
    svg
}

/// The tiles between corners.
fn tiles(svg: &mut Svg, surface: &Surface, view: &View, value: &dyn Fn((usize, usize)) -> f64) {
    let (rows, columns) = (surface.values[0].len(), surface.values[1].len());
    // From the far corner to the near one, so that what is nearer covers what is farther.
    let mut order: Vec<(usize, usize)> = surface.points.keys().copied().collect();
    order.sort_by_key(|(row, column)| (row + column, *row));
    for (row, column) in order {
        if row + 1 < rows && column + 1 < columns {
            let corners = [
                (row, column),
                (row, column + 1),
                (row + 1, column + 1),
                (row + 1, column),
            ];
            let shares = corners.map(|place| view.share(value(place)));
            let mean = shares.iter().sum::<f64>() / 4.0;
            let mut at = [(0.0, 0.0); 5];
            for (index, (row, column)) in corners.into_iter().enumerate() {
                at[index] = view.at(row as f64, column as f64, shares[index]);
            }
            at[4] = at[0];
            svg.area(&at[..4], SERIES[0], 0.25 + 0.55 * mean);
            svg.dashed(&at, MUTED, 0.7, "");
        }
    }
}

/// A dot at every corner, which says its number.
fn corners(svg: &mut Svg, surface: &Surface, view: &View, shown: &Shown) {
    for ((row, column), point) in &surface.points {
        let Some(entry) = point.predicted(surface.column) else {
            continue;
        };
        let number = entry.value;
        let tip = format!(
            "{} {}, {} {}: {}",
            label::axis(surface.axes[0]),
            surface.values[0][*row],
            label::axis(surface.axes[1]),
            surface.values[1][*column],
            shown.text(number)
        );
        svg.begin_mark(&tip, "", &[&point.id]);
        svg.disc(
            view.at(*row as f64, *column as f64, view.share(number)),
            2.4,
            TEXT,
        );
        svg.end();
    }
}

/// The upright at the left corner with the ends of the heights.
fn ruler(svg: &mut Svg, view: &View, far: f64, shown: &Shown) {
    svg.line(view.at(far, 0.0, 0.0), view.at(far, 0.0, 1.0), MUTED, 1.0);
    for (value, share) in [(view.lo, 0.0), (view.hi, 1.0)] {
        let (x, y) = view.at(far, 0.0, share);
        let at = (x - 6.0, y - 4.0);
        // Its unit stands above the picture.
        svg.small(at, Anchor::End, TEXT, &shown.number(value));
    }
}

/// The floor and the names of the near edges.
fn edges(svg: &mut Svg, surface: &Surface, view: &View) {
    let (rows, columns) = (surface.values[0].len() - 1, surface.values[1].len() - 1);
    let (far, deep) = (rows as f64, columns as f64);
    let floor = [(0.0, 0.0), (0.0, deep), (far, deep), (far, 0.0), (0.0, 0.0)];
    svg.dashed(
        &floor.map(|(row, column)| view.at(row, column, 0.0)),
        GRID,
        1.0,
        "",
    );
    for (index, text) in surface.values[1].iter().enumerate() {
        if index == 0 || index == columns || columns < 6 {
            let (x, y) = view.at(far, index as f64, 0.0);
            svg.small((x - 4.0, y + 14.0), Anchor::End, MUTED, text);
        }
    }
    for (index, text) in surface.values[0].iter().enumerate() {
        if index == 0 || index == rows || rows < 6 {
            let (x, y) = view.at(index as f64, deep, 0.0);
            svg.small((x + 4.0, y + 14.0), Anchor::Start, MUTED, text);
        }
    }
    let (x, y) = view.at(far, deep / 2.0, 0.0);
    svg.text(
        (x - 16.0, y + 30.0),
        Anchor::End,
        MUTED,
        &label::axis(surface.axes[1]),
    );
    let (x, y) = view.at(far / 2.0, deep, 0.0);
    svg.text(
        (x + 16.0, y + 30.0),
        Anchor::Start,
        MUTED,
        &label::axis(surface.axes[0]),
    );
}

fn table(surface: &Surface, shown: &Shown) -> Table {
    let mut table = Table::new(
        "table-surface",
        "The number of every corner",
        surface
            .axes
            .iter()
            .map(|axis| Head::text(label::capitalised(&label::axis(axis))))
            .collect(),
    );
    table.head.push(Head::number(
        label::column(surface.column),
        shown.unit.clone(),
    ));
    for ((row, column), point) in &surface.points {
        let Some(entry) = point.predicted(surface.column) else {
            continue;
        };
        let interval = entry.interval.filter(|(lo, hi, _)| lo < hi);
        table.push(vec![
            Cell::text(&surface.values[0][*row]),
            Cell::text(&surface.values[1][*column]),
            Cell {
                interval: interval.map_or_else(String::new, |(lo, hi, _)| shown.interval(lo, hi)),
                ..Cell::number(shown.number(entry.value), entry.value)
            },
        ]);
    }
    table
}
