//! One number over two axes of a sweep, one panel for each value of a third: models by hardware, for each precision.
//!
//! Where the load varies, further frames stand in the same place, one for each load; the script of a page plays them.

use super::heatmap_grid::{Grid, Plane, grid};
use super::svg::{Anchor, FrameOrder, GREY, MUTED, SERIES, Svg, TEXT, fitted, text_width};
use super::{Canvas, WIDTH};
use crate::record::{Better, PointResult, Verdict};
use crate::report::choice::Choices;
use crate::report::label;
use crate::report::number::{NBSP, Shown, rounded};
use crate::report::view::{Cell, ChartView, Head, Table};

const ROW: f64 = 42.0;
/// Room below the cells of a panel.
const GAP: f64 = 14.0;

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let plane = super::heatmap_grid::plane(canvas.choices)
        .ok_or("fewer than two axes vary beside the load")?;
    let keys = canvas.keys;
    let column = keys.cost.or(keys.throughput).or(keys.latency);
    let column = column.ok_or("no point carries a cost, throughput or latency")?;
    let grid = grid(canvas.choices, &plane, column).ok_or("no point carries the number")?;
    let title = title(canvas.choices, &grid);
    let name = label::column(column);
    let alt = format!(
        "{title}. Cells of {} by {} and {}.",
        name.to_lowercase(),
        label::axis(plane.rows),
        label::axis(plane.columns)
    );
    let frames = match grid.frames.len() {
        1 => String::new(),
        n => format!(
            " Further pictures show {} alone.",
            label::counted(n - 1, "load")
        ),
    };
    Ok(ChartView {
        id: "heatmap",
        section: "sweep",
        subtitle: format!("{name}, {}; below it the interval", grid.shown.unit),
        svg: picture(canvas.choices, &grid).finish("chart-heatmap", &title, &alt),
        alt,
        n: grid.cells.keys().filter(|place| place.0 == 0).count(),
        note: format!(
            "Predicted; each cell is the best point of its options. The stronger the colour, the better; ✗ misses the objectives, ? cannot tell yet, – has no prediction.{frames}"
        ),
        table: table(canvas.choices, &grid, &plane),
        title,
    })
}

fn picture(choices: &Choices, grid: &Grid) -> Svg {
    let names = grid.rows.iter().map(|name| text_width(name));
    let left = names.fold(60.0, f64::max).min(170.0) + 12.0;
    let height = |panel: &String| head(panel) + ROW * grid.rows.len() as f64 + GAP;
    let total: f64 = grid.panels.iter().map(height).sum();
    let mut svg = Svg::new(WIDTH, total + 22.0);
    let width = ((WIDTH - left) / grid.columns.len() as f64).min(170.0);
    let origins = names_of_axes(&mut svg, grid, (left, width));
    let top = total;
    for (frame, name) in grid.frames.iter().enumerate() {
        let order = if frame == 0 {
            FrameOrder::First
        } else {
            FrameOrder::Later
        };
        svg.begin_frame(name, order);
        for (panel, top) in origins.iter().enumerate() {
            draw_cells(choices, &mut svg, grid, (frame, panel), (left, *top, width));
        }
        svg.end();
    }
    scale(&mut svg, grid, (left, top));
    svg
}

/// Room above the cells of a panel.
fn head(panel: &str) -> f64 {
    if panel.is_empty() { 22.0 } else { 44.0 }
}

/// Names of panels, columns and rows; the upper edge of the cells of each panel.
fn names_of_axes(svg: &mut Svg, grid: &Grid, (left, width): (f64, f64)) -> Vec<f64> {
    let mut top = 0.0;
    let mut origins = Vec::new();
    for panel in &grid.panels {
        if !panel.is_empty() {
            svg.strong((0.0, top + 14.0), Anchor::Start, TEXT, panel);
        }
        top += head(panel);
        for (index, name) in grid.columns.iter().enumerate() {
            let middle = left + width * (index as f64 + 0.5);
            svg.small(
                (middle, top - 7.0),
                Anchor::Middle,
                MUTED,
                &fitted(name, width - 4.0),
            );
        }
        for (index, name) in grid.rows.iter().enumerate() {
            let middle = top + ROW * (index as f64 + 0.5) + 4.0;
            let name = fitted(name, left - 10.0);
            svg.text((left - 8.0, middle), Anchor::End, TEXT, &name);
        }
        origins.push(top);
        top += ROW * grid.rows.len() as f64 + GAP;
    }
    origins
}

/// The colours with the numbers at their ends.
fn scale(svg: &mut Svg, grid: &Grid, (left, top): (f64, f64)) {
    let (lo, hi) = grid.span;
    let (weak, strong) = match grid.column.metric.better() {
        Better::Lower => (hi, lo),
        Better::Higher | Better::Neither => (lo, hi),
    };
    let text = |value: f64| grid.shown.number(value);
    let (from, size) = (left + text_width(&text(weak)) + 6.0, 18.0);
    svg.small((left, top + 14.0), Anchor::Start, MUTED, &text(weak));
    for step in 0..6_u8 {
        let x = from + size * f64::from(step);
        svg.rect(
            (x, top + 5.0),
            (size, 11.0),
            SERIES[0],
            opacity(f64::from(step) / 5.0),
        );
    }
    svg.small(
        (from + size * 6.0 + 6.0, top + 14.0),
        Anchor::Start,
        MUTED,
        &text(strong),
    );
}

/// Strength of the colour: weak enough that text stays readable on it.
fn opacity(goodness: f64) -> f64 {
    0.05 + 0.4 * goodness
}

fn draw_cells(
    choices: &Choices,
    svg: &mut Svg,
    grid: &Grid,
    (frame, panel): (usize, usize),
    (left, top, width): (f64, f64, f64),
) {
    for row in 0..grid.rows.len() {
        for column in 0..grid.columns.len() {
            let at = (left + width * column as f64, top + ROW * row as f64);
            let middle = at.0 + width / 2.0;
            let Some(point) = grid.cells.get(&(frame, panel, row, column)) else {
                svg.text((middle, at.1 + 25.0), Anchor::Middle, MUTED, "–");
                continue;
            };
            draw_cell(choices, svg, grid, (point, at, width));
        }
    }
}

fn draw_cell(
    choices: &Choices,
    svg: &mut Svg,
    grid: &Grid,
    (point, (x, y), width): (&PointResult, (f64, f64), f64),
) {
    let Some(entry) = point.predicted(grid.column) else {
        return;
    };
    let middle = x + width / 2.0;
    let verdict = choices.verdict(point);
    let (ink, sign) = match verdict {
        Some(Verdict::Fail) => (GREY, "✗ "),
        Some(Verdict::Inconclusive) => (SERIES[0], "? "),
        Some(Verdict::Pass) | None => (SERIES[0], ""),
    };
    let strength = match verdict {
        Some(Verdict::Fail) => 0.12,
        Some(Verdict::Inconclusive | Verdict::Pass) | None => opacity(grid.goodness(entry.value)),
    };
    svg.begin_mark(&tip(choices, grid, point), "", &[&point.id]);
    svg.rect((x + 1.0, y + 1.0), (width - 2.0, ROW - 2.0), ink, strength);
    let text = format!("{sign}{}", grid.shown.number(entry.value));
    let interval = entry.interval.filter(|(lo, hi, _)| lo < hi);
    let up = if interval.is_some() { 18.0 } else { 25.0 };
    svg.strong((middle, y + up), Anchor::Middle, TEXT, &text);
    if let Some((lo, hi, _)) = interval {
        let range = grid.shown.interval(lo, hi);
        if text_width(&range) < width {
            svg.small((middle, y + 33.0), Anchor::Middle, TEXT, &range);
        }
    }
    svg.end();
}

fn tip(choices: &Choices, grid: &Grid, point: &PointResult) -> String {
    let value = point
        .predicted(grid.column)
        .map_or_else(String::new, |entry| {
            let shown = Shown::of_entry(grid.column, entry);
            let range = entry.interval.filter(|(lo, hi, _)| lo < hi);
            let range = range.map_or_else(String::new, |(lo, hi, _)| {
                format!(" [{}]", shown.interval(lo, hi))
            });
            format!("{}{range}", shown.text(entry.value))
        });
    let verdict = choices.verdict(point).map_or_else(String::new, |verdict| {
        format!(", {}", label::verdict(verdict))
    });
    format!("{}: {value}{verdict}", point.key.replace(',', ", "))
}

/// Cells that differ by less than this share of the largest are not told apart in the title.
const ALIKE: f64 = 0.02;

/// The best place of each row, of those that may be chosen.
fn title(choices: &Choices, grid: &Grid) -> String {
    const MOST_ROWS: usize = 3;
    let eligible = |point: &PointResult| choices.verdict(point) != Some(Verdict::Fail);
    let mut parts = Vec::new();
    for (row, name) in grid.rows.iter().enumerate().take(MOST_ROWS) {
        let places = grid
            .cells
            .iter()
            .filter(|(place, point)| place.0 == 0 && place.2 == row && eligible(point));
        let valued = places.filter_map(|(place, point)| {
            let value = point.predicted(grid.column)?.value;
            Some((place, value, grid.goodness(value)))
        });
        if let Some((place, value, _)) = valued.max_by(|a, b| a.2.total_cmp(&b.2)) {
            let (panel, column) = (&grid.panels[place.1], &grid.columns[place.3]);
            let on = format!("{column} {panel}");
            parts.push(format!(
                "{name} on {} ({})",
                on.trim_end(),
                grid.shown.text(value)
            ));
        }
    }
    let what = label::column(grid.column);
    let values = grid
        .cells
        .iter()
        .filter(|(place, point)| place.0 == 0 && eligible(point));
    let values: Vec<f64> = values
        .filter_map(|(_, point)| Some(point.predicted(grid.column)?.value))
        .collect();
    let (least, most) = values
        .iter()
        .fold((f64::INFINITY, 0.0_f64), |(least, most), value| {
            (least.min(*value), most.max(*value))
        });
    if values.len() > 1 && most > 0.0 && (most - least) / most < ALIKE {
        let differ = super::super::number::percent((most - least) / most);
        let shown = grid.cells.keys().filter(|place| place.0 == 0).count();
        let which = if values.len() < shown {
            "every cell that meets the objectives"
        } else {
            "every cell"
        };
        return format!("{what} is nearly the same in {which}: they differ by {differ} at most");
    }
    if parts.is_empty() {
        return format!("{what}: no cell meets the objectives");
    }
    format!("{what} is best for {}", label::list(&parts))
}

fn table(choices: &Choices, grid: &Grid, plane: &Plane) -> Table {
    let name = |axis: &str| Head::text(label::capitalised(&label::axis(axis)));
    let mut table = Table::new(
        "table-heatmap",
        "The number of every cell",
        vec![name(plane.rows), name(plane.columns)],
    );
    table.head.extend(plane.panels.map(name));
    table.head.extend([
        Head::text("Load"),
        Head::number(label::column(grid.column), grid.shown.unit.clone()),
        Head::text("Verdict"),
    ]);
    for ((frame, panel, row, column), point) in &grid.cells {
        let Some(entry) = point.predicted(grid.column) else {
            continue;
        };
        let mut cells = vec![
            Cell::text(&grid.rows[*row]),
            Cell::text(&grid.columns[*column]),
        ];
        cells.extend(plane.panels.map(|_| Cell::text(&grid.panels[*panel])));
        let load = choices.load_text(point);
        cells.push(Cell::text(match (*frame, load.as_str()) {
            (_, "") => "–".to_owned(),
            (0, load) => format!("{load}{NBSP}(best)"),
            (_, load) => load.to_owned(),
        }));
        let interval = entry.interval.filter(|(lo, hi, _)| lo < hi);
        cells.push(Cell {
            interval: interval.map_or_else(String::new, |(lo, hi, _)| grid.shown.interval(lo, hi)),
            ..Cell::number(rounded(entry.value / grid.shown.factor, 3), entry.value)
        });
        cells.push(
            choices
                .verdict(point)
                .map_or_else(Cell::none, |verdict| Cell {
                    text: label::verdict(verdict).to_owned(),
                    verdict: label::verdict_class(verdict),
                    ..Cell::default()
                }),
        );
        table.push(cells);
    }
    table
}
