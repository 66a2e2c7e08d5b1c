//! One panel of latency under load: a metric of an option.

use super::Canvas;
use super::axis::{AxisNames, Panel, tick_text};
use super::scale::Scale;
use super::svg::{Anchor, Ink, LIMIT, MUTED, Svg};
use crate::record::{Column, Metric, PointResult, Stat};
use crate::report::choice::Choice;
use crate::report::label;
use crate::report::number::{Shown, percent};

/// Height of the drawing inside a panel.
pub const INNER: f64 = 150.0;

/// Points of a line that each get a ring and a name.
const MOST_RINGS: usize = 64;

/// What a panel shows.
pub struct Cells<'a> {
    /// The option.
    pub option: &'a Choice<'a>,
    /// The metric.
    pub metric: Metric,
    /// Its statistics, the strongest line last.
    pub stats: Vec<Stat>,
}

/// One value of a line.
pub struct Sample {
    /// The load.
    pub load: f64,
    /// The latency, seconds.
    pub value: f64,
    band: Option<(f64, f64)>,
    /// Id of its point.
    id: String,
}

/// The values of a column by load, positive ones.
pub fn series(option: &Choice, column: Column) -> Vec<Sample> {
    let at = |point: &&PointResult| {
        let load = point.system.load.filter(|load| *load > 0.0)?;
        let entry = point.predicted(column)?;
        let band = entry.interval.map(|(lo, hi, _)| (lo, hi));
        (entry.value > 0.0).then_some(Sample {
            load,
            value: entry.value,
            band,
            id: point.id.clone(),
        })
    };
    option.points.iter().filter_map(at).collect()
}

/// Draws the panel into the column at `x` with its upper edge at `top`.
pub fn draw_panel(canvas: &Canvas, svg: &mut Svg, cells: &Cells, (x, top, width): (f64, f64, f64)) {
    let stats = cells.stats.iter();
    let lines: Vec<Vec<Sample>> = stats
        .map(|stat| series(cells.option, Column::stat(*stat, cells.metric)))
        .collect();
    let limits = limits(canvas, cells.metric);
    let lowest = lines
        .iter()
        .flatten()
        .map(|sample| sample.value)
        .fold(f64::INFINITY, f64::min);
    let shown = Shown::of(
        Column::stat(Stat::P99, cells.metric),
        cells.metric.unit(),
        lowest,
    );
    let panel = frame(&lines, &limits, shown.factor, (x, top, width));
    let name = format!("{}, {}", label::metric(cells.metric), shown.unit);
    let names = AxisNames {
        x: &canvas.choices.results.presentation.load_unit,
        y: &label::capitalised(&name),
        panel: if x == 0.0 { &cells.option.group } else { "" },
    };
    panel.draw(svg, &names);
    for (limit, text) in &limits {
        let y = panel.y.at(limit / shown.factor);
        svg.dashed(&[(panel.left, y), (panel.right, y)], LIMIT, 1.2, "4 3");
        svg.over((panel.left + 4.0, y - 4.0), Anchor::Start, LIMIT, text);
    }
    let chosen = cells.option.chosen.system.load;
    if let Some(load) = chosen.filter(|_| cells.option.recommended) {
        let x = panel.x.at(load);
        svg.line((x, panel.top), (x, panel.bottom), MUTED, 1.0);
    }
    let ink = canvas.palette.ink(&cells.option.name);
    for (index, (stat, line)) in cells.stats.iter().zip(&lines).enumerate() {
        let look = Look {
            ink,
            stat: *stat,
            strongest: index + 1 == lines.len(),
        };
        draw_line(svg, &panel, (line, shown.factor), look);
    }
    let ends = cells.stats.iter().zip(&lines).filter_map(|(stat, line)| {
        let last = line.last()?;
        Some((panel.at(last.load, last.value / shown.factor), *stat))
    });
    name_ends(svg, ends.collect(), ink);
}

/// The frame that holds all lines and limits, with room above the highest.
fn frame(
    lines: &[Vec<Sample>],
    limits: &[(f64, String)],
    factor: f64,
    (x, top, width): (f64, f64, f64),
) -> Panel {
    const HEADROOM: f64 = 1.25;
    let samples = || lines.iter().flatten();
    let lowest = samples()
        .map(|sample| sample.value)
        .fold(f64::INFINITY, f64::min);
    let highest = samples()
        .map(|sample| sample.value)
        .chain(limits.iter().map(|(limit, _)| *limit))
        .fold(0.0, f64::max);
    let first = samples()
        .map(|sample| sample.load)
        .fold(f64::INFINITY, f64::min);
    let last = samples().map(|sample| sample.load).fold(0.0, f64::max);
    let (left, right, bottom) = (x + 50.0, x + width - 30.0, top + INNER);
    Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::log2(first, last, left, right),
        y: Scale::log10(lowest / factor, highest * HEADROOM / factor, bottom, top),
    }
}

/// Places with those left out that lie within a pixel of the one before.
fn spaced(mut places: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    places.dedup_by(|a, b| (a.0 - b.0).abs() + (a.1 - b.1).abs() < 1.0);
    places
}

/// Names of statistics behind the ends of their lines, the strongest highest, none over another.
fn name_ends(svg: &mut Svg, mut ends: Vec<((f64, f64), Stat)>, ink: Ink) {
    const LINE: f64 = 11.0;
    ends.reverse();
    let mut free = f64::NEG_INFINITY;
    for ((x, y), stat) in ends {
        let y = y.max(free);
        svg.small((x + 6.0, y + 4.0), Anchor::Start, ink, stat.name());
        free = y + LINE;
    }
}

/// How one statistic is drawn.
#[derive(Clone, Copy)]
struct Look {
    ink: Ink,
    stat: Stat,
    strongest: bool,
}

fn draw_line(svg: &mut Svg, panel: &Panel, (line, factor): (&[Sample], f64), look: Look) {
    let at = |load: f64, value: f64| panel.at(load, value / factor);
    if look.strongest {
        let banded: Vec<(f64, (f64, f64))> = line
            .iter()
            .filter_map(|sample| Some((sample.load, sample.band?)))
            .collect();
        let mut edge: Vec<(f64, f64)> = banded
            .iter()
            .map(|(load, (_, hi))| at(*load, *hi))
            .collect();
        edge.extend(banded.iter().rev().map(|(load, (lo, _))| at(*load, *lo)));
        let edge = spaced(edge);
        if edge.len() > 3 {
            svg.area(&edge, look.ink, 0.16);
        }
    }
    let places: Vec<(f64, f64)> = line
        .iter()
        .map(|sample| at(sample.load, sample.value))
        .collect();
    let dash = match look.stat {
        Stat::P50 | Stat::Mean => "1.5 2.5",
        Stat::P95 => "5 3",
        Stat::P90 | Stat::P99 | Stat::P99_9 | Stat::Min | Stat::Max | Stat::Std => "",
    };
    svg.dashed(
        &spaced(places.clone()),
        look.ink,
        if look.strongest { 2.0 } else { 1.4 },
        dash,
    );
    if look.strongest && line.len() <= MOST_RINGS {
        for (place, sample) in places.iter().zip(line) {
            let shown = Shown::of(Column::stat(look.stat, Metric::Ttft), "s", sample.value);
            let tip = format!(
                "{} at load {}: {}",
                look.stat.name(),
                tick_text(sample.load),
                shown.text(sample.value)
            );
            svg.begin_mark(&tip, "", &[&sample.id]);
            svg.ring(*place, 3.0, look.ink);
            svg.end();
        }
    }
}

/// Limits of objectives on a metric with a short text.
fn limits(canvas: &Canvas, metric: Metric) -> Vec<(f64, String)> {
    let wanted = canvas.choices.objectives();
    let slos = canvas
        .choices
        .results
        .presentation
        .slos
        .iter()
        .filter(|slo| wanted.contains(&slo.name));
    slos.flat_map(|slo| &slo.limits)
        .filter_map(|limit| {
            let column: Column = limit.name.parse().ok()?;
            let shown = Shown::of(column, metric.unit(), limit.limit).text(limit.limit);
            let text = match (limit.attainment, column.stat) {
                (Some(share), _) => {
                    format!("{shown} for {}", percent(share))
                }
                (None, Some(stat)) => format!("{} {shown}", stat.name()),
                (None, None) => shown,
            };
            (column.metric == metric).then_some((limit.limit, text))
        })
        .collect()
}
