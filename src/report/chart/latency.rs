//! Latency under load, of the recommended option of each group.

use super::latency_panel::{Cells, INNER, draw_panel, series};
use super::svg::Svg;
use super::{Canvas, WIDTH};
use crate::record::{Column, Metric, PointResult, Stat, Verdict};
use crate::report::choice::Choice;
use crate::report::label;
use crate::report::number::Shown;
use crate::report::view::{Cell, ChartView, Head, Table};

/// Statistics drawn, from the weakest line to the strongest.
const STATS: [Stat; 4] = [Stat::P50, Stat::Mean, Stat::P95, Stat::P99];

/// Height of a row of panels.
const STEP: f64 = INNER + 80.0;

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let panels = panels(canvas);
    if panels.is_empty() {
        return Err("the load does not vary, or no point carries latencies".to_owned());
    }
    let mut svg = Svg::new(WIDTH, STEP * panels.len() as f64 + 6.0);
    for (row, cells) in panels.iter().enumerate() {
        let width = WIDTH / cells.len() as f64;
        let top = STEP * row as f64 + 32.0;
        for (column, cells) in cells.iter().enumerate() {
            draw_panel(canvas, &mut svg, cells, (width * column as f64, top, width));
        }
    }
    let cells = panels.iter().flatten();
    let n = cells.map(|cells| cells.option.points.len()).sum();
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

/// A row of panels for the best option of each group whose load varies.
fn panels<'a>(canvas: &'a Canvas) -> Vec<Vec<Cells<'a>>> {
    let loads = |option: &&Choice| {
        let loaded = |point: &&&PointResult| point.system.load.is_some_and(|load| load > 0.0);
        option.points.iter().filter(loaded).count()
    };
    let groups = canvas.choices.groups.iter();
    let options = groups
        .filter_map(|group| canvas.choices.of_group(group).next())
        .filter(|option| loads(option) > 1)
        .take(3);
    options
        .map(|option| {
            let cells = metrics(canvas).into_iter().map(|metric| Cells {
                option,
                metric,
                stats: carried(option, metric),
            });
            cells.filter(|cells| !cells.stats.is_empty()).collect()
        })
        .filter(|row: &Vec<Cells>| !row.is_empty())
        .collect()
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
                let open = cells
                    .option
                    .points
                    .iter()
                    .any(|point| canvas.choices.verdict(point) == Some(Verdict::Inconclusive));
                let sure = if open { "surely meets" } else { "meets" };
                format!("no load of {option} {sure} {subject}")
            }
        })
        .collect();
    let text = label::list(&parts);
    // A name keeps its spelling at the start of a sentence.
    if text.starts_with("no load") {
        label::capitalised(&text)
    } else {
        text
    }
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
                .map(|sample| sample.value);
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
