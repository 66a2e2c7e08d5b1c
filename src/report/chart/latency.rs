//! Latency under load, of the recommended option of each group.

use super::axis::{AxisNames, Panel};
use super::scale::Scale;
use super::svg::{Anchor, Ink, LIMIT, MUTED, Svg};
use super::{Canvas, WIDTH};
use crate::record::{Column, Metric, PointResult, Stat, Verdict};
use crate::report::choice::Choice;
use crate::report::label;
use crate::report::number::Shown;
use crate::report::view::{Cell, ChartView, Head, Table};

/// Statistics drawn, from the weakest line to the strongest.
const STATS: [Stat; 4] = [Stat::P50, Stat::Mean, Stat::P95, Stat::P99];

/// Points of a line that each get a ring and a name.
const MOST_RINGS: usize = 64;

const INNER: f64 = 150.0;
const STEP: f64 = INNER + 80.0;

/// One panel: a metric of an option.
struct Cells<'a> {
    option: &'a Choice<'a>,
    metric: Metric,
    stats: Vec<Stat>,
}

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let options: Vec<&Choice> = canvas
        .choices
        .groups
        .iter()
        .filter_map(|group| canvas.choices.of_group(group).next())
        .filter(|option| {
            option
                .points
                .iter()
                .filter(|point| point.system.load.is_some_and(|load| load > 0.0))
                .count()
                > 1
        })
        .take(3)
        .collect();
    let mut panels: Vec<Vec<Cells>> = Vec::new();
    for option in options {
        let row: Vec<Cells> = metrics(canvas)
            .into_iter()
            .map(|metric| Cells {
                option,
                metric,
                stats: carried(option, metric),
            })
            .filter(|cells| !cells.stats.is_empty())
            .collect();
        if !row.is_empty() {
            panels.push(row);
        }
    }
    if panels.is_empty() {
        return Err("the load does not vary, or no point carries latencies".to_owned());
    }
    let mut svg = Svg::new(WIDTH, STEP * panels.len() as f64 + 6.0);
    for (row, cells) in panels.iter().enumerate() {
        let width = WIDTH / cells.len() as f64;
        for (column, cells) in cells.iter().enumerate() {
            draw_panel(
                canvas,
                &mut svg,
                cells,
                (width * column as f64, STEP * row as f64 + 32.0, width),
            );
        }
    }
    let n = panels
        .iter()
        .flatten()
        .map(|cells| cells.option.points.len())
        .sum();
    let title = title(canvas, &panels);
    let alt =
        format!("{title}. Lines of latency against load on logarithmic axes, with limits dashed.");
    Ok(ChartView {
        id: "latency_load",
        section: "frontier",
        subtitle: "Latency of the recommended option by load, logarithmic".to_owned(),
        svg: svg.finish("chart-latency_load", &title, &alt),
        alt,
        n,
        note: "○ predicted; the band is the interval of the strongest line. Dashed: the limit. Upright line: the recommended load.".to_owned(),
        table: table(canvas, &panels),
        title,
    })
}

/// The latencies that objectives limit, else first token and time per token.
fn metrics(canvas: &Canvas) -> Vec<Metric> {
    let wanted = canvas.choices.objectives();
    let slos = canvas
        .choices
        .results
        .presentation
        .slos
        .iter()
        .filter(|slo| wanted.contains(&slo.name));
    let mut metrics: Vec<Metric> = slos
        .flat_map(|slo| &slo.limits)
        .filter_map(|limit| limit.name.parse::<Column>().ok())
        .map(|column| column.metric)
        .filter(|metric| metric.unit() == "s")
        .collect();
    metrics.extend([Metric::Ttft, Metric::Tpot]);
    let mut kept: Vec<Metric> = Vec::new();
    for metric in metrics {
        if kept.len() < 2 && !kept.contains(&metric) {
            kept.push(metric);
        }
    }
    kept
}

/// The statistics that the points of an option carry; the mean only where there is no median.
fn carried(option: &Choice, metric: Metric) -> Vec<Stat> {
    let has = |stat: Stat| {
        option
            .points
            .iter()
            .any(|point| point.predicted(Column::stat(stat, metric)).is_some())
    };
    let mut stats: Vec<Stat> = STATS.into_iter().filter(|stat| has(*stat)).collect();
    if stats.contains(&Stat::P50) {
        stats.retain(|stat| *stat != Stat::Mean);
    }
    stats
}

fn series(option: &Choice, column: Column) -> Vec<(f64, f64, Option<(f64, f64)>)> {
    let at = |point: &&PointResult| {
        let load = point.system.load.filter(|load| *load > 0.0)?;
        let entry = point.predicted(column)?;
        let band = entry.interval.map(|(lo, hi, _)| (lo, hi));
        (entry.value > 0.0).then_some((load, entry.value, band))
    };
    option.points.iter().filter_map(at).collect()
}

/// The lowest value, and the highest of values and limits.
fn range(lines: &[Vec<(f64, f64, Option<(f64, f64)>)>], limits: &[(f64, String)]) -> (f64, f64) {
    let values = || lines.iter().flatten().map(|(_, value, _)| *value);
    let limits = limits.iter().map(|(limit, _)| *limit);
    let lowest = values().fold(f64::INFINITY, f64::min);
    (lowest, values().chain(limits).fold(0.0, f64::max))
}

fn draw_panel(canvas: &Canvas, svg: &mut Svg, cells: &Cells, (x, top, width): (f64, f64, f64)) {
    let all: Vec<_> = cells
        .stats
        .iter()
        .map(|stat| series(cells.option, Column::stat(*stat, cells.metric)))
        .collect();
    let limits = limits(canvas, cells.metric);
    let (lowest, highest) = range(&all, &limits);
    let shown = Shown::of(
        Column::stat(Stat::P99, cells.metric),
        cells.metric.unit(),
        lowest,
    );
    let (first, last) = all
        .iter()
        .flatten()
        .fold((f64::INFINITY, 0.0_f64), |(lo, hi), (load, ..)| {
            (lo.min(*load), hi.max(*load))
        });
    let (left, right, bottom) = (x + 50.0, x + width - 30.0, top + INNER);
    let panel = Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::log2(first, last, left, right),
        y: Scale::log10(
            lowest / shown.factor,
            highest * 1.25 / shown.factor,
            bottom,
            top,
        ),
    };
    let name = format!("{}, {}", label::metric(cells.metric), shown.unit);
    let names = AxisNames {
        x: &canvas.choices.results.presentation.load_unit,
        y: &label::capitalised(&name),
        panel: if x == 0.0 { &cells.option.group } else { "" },
    };
    panel.draw(svg, &names);
    for (limit, text) in &limits {
        let y = panel.y.at(limit / shown.factor);
        svg.dashed(&[(left, y), (right, y)], LIMIT, 1.2, "4 3");
        svg.over((left + 4.0, y - 4.0), Anchor::Start, LIMIT, text);
    }
    if let Some(load) = cells
        .option
        .chosen
        .system
        .load
        .filter(|_| cells.option.recommended)
    {
        let x = panel.x.at(load);
        svg.dashed(&[(x, top), (x, bottom)], MUTED, 1.0, "");
    }
    let ink = canvas.palette.ink(&cells.option.name);
    for (index, (stat, line)) in cells.stats.iter().zip(&all).enumerate() {
        let strongest = index + 1 == cells.stats.len();
        let look = Look {
            ink,
            stat: *stat,
            strongest,
        };
        draw_line(svg, &panel, (line, shown.factor), look);
    }
    let ends = cells.stats.iter().zip(&all).filter_map(|(stat, line)| {
        let (load, value, _) = line.last()?;
        Some((panel.at(*load, value / shown.factor), *stat))
    });
    name_ends(svg, ends.collect(), ink);
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

fn draw_line(
    svg: &mut Svg,
    panel: &Panel,
    (line, factor): (&[(f64, f64, Option<(f64, f64)>)], f64),
    look: Look,
) {
    let at = |load: f64, value: f64| panel.at(load, value / factor);
    if look.strongest {
        let banded: Vec<(f64, (f64, f64))> = line
            .iter()
            .filter_map(|(load, _, band)| Some((*load, (*band)?)))
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
        .map(|(load, value, _)| at(*load, *value))
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
        for (place, (load, value, _)) in places.iter().zip(line) {
            let column = Column::stat(look.stat, Metric::Ttft);
            svg.begin_tip(&format!(
                "load {}: {}",
                super::axis::tick_text(*load),
                Shown::of(column, "s", *value).text(*value)
            ));
            svg.ring(*place, 3.0, look.ink);
            svg.end_tip();
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
                    format!("{shown} for {}", crate::report::number::percent(share))
                }
                (None, Some(stat)) => format!("{} {shown}", stat.name()),
                (None, None) => shown,
            };
            (column.metric == metric).then_some((limit.limit, text))
        })
        .collect()
}

fn title(canvas: &Canvas, panels: &[Vec<Cells>]) -> String {
    let subject = label::list(canvas.choices.objectives());
    if subject.is_empty() {
        return "Latency rises with load".to_owned();
    }
    let unit = &canvas.choices.results.presentation.load_unit;
    let parts: Vec<String> = panels
        .iter()
        .filter_map(|row| row.first())
        .map(|cells| {
            let passes =
                |point: &&&PointResult| canvas.choices.verdict(point) == Some(Verdict::Pass);
            let last = cells
                .option
                .points
                .iter()
                .filter(passes)
                .filter_map(|point| point.system.load)
                .fold(0.0, f64::max);
            let option = cells.option.full_name();
            if last > 0.0 {
                format!(
                    "{option} meets {subject} up to {} {unit}",
                    super::axis::tick_text(last)
                )
            } else {
                format!("{option} never meets {subject}")
            }
        })
        .collect();
    label::list(&parts)
}

fn table(canvas: &Canvas, panels: &[Vec<Cells>]) -> Table {
    let mut table = Table::new(
        "table-latency",
        "Latency by load",
        vec![Head::text("Option"), Head::text("Load")],
    );
    let cells: Vec<&Cells> = panels.iter().flatten().collect();
    let mut columns: Vec<Column> = Vec::new();
    for cell in &cells {
        for stat in &cell.stats {
            let column = Column::stat(*stat, cell.metric);
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
    }
    let scales: Vec<Shown> = columns
        .iter()
        .map(|column| {
            let values = cells
                .iter()
                .flat_map(|cell| series(cell.option, *column))
                .map(|(_, value, _)| value);
            Shown::of(
                *column,
                column.metric.unit(),
                values.fold(f64::INFINITY, f64::min),
            )
        })
        .collect();
    table.head.extend(
        columns
            .iter()
            .zip(&scales)
            .map(|(column, shown)| Head::number(label::column(*column), shown.unit.clone())),
    );
    for option in panels
        .iter()
        .filter_map(|row| row.first())
        .map(|cells| cells.option)
    {
        for point in &option.points {
            let mut row = vec![
                Cell::text(option.full_name()),
                Cell::text(canvas.choices.load_text(point)),
            ];
            row.extend(columns.iter().zip(&scales).map(|(column, shown)| {
                point.predicted(*column).map_or_else(Cell::none, |entry| {
                    Cell::number(shown.number(entry.value), entry.value)
                })
            }));
            table.push(row);
        }
    }
    table
}
