//! Throughput and tail latency by the size of a batch.

use super::axis::{AxisNames, Panel, tick_text};
use super::place::Places;
use super::scale::Scale;
use super::svg::{Anchor, LIMIT, Svg};
use super::{Canvas, WIDTH};
use crate::record::{Column, Metric, PointResult, Stat, Verdict};
use crate::report::choice::Choice;
use crate::report::decision::MOST_OPTIONS;
use crate::report::label;
use crate::report::number::{Shown, rounded};
use crate::report::view::{Cell, ChartView, Head, Table};

/// Height inside a panel, and of a panel with its names.
const INNER: f64 = 150.0;
const STEP: f64 = INNER + 82.0;

/// What a panel shows: a column in the scale of its smallest value.
struct Shows {
    column: Column,
    shown: Shown,
}

/// A point of a line.
struct Sample<'a> {
    batch: f64,
    value: f64,
    band: Option<(f64, f64)>,
    point: &'a PointResult,
}

/// True where batches of several sizes are asked.
pub fn any(canvas: &Canvas) -> bool {
    !swept(canvas).is_empty()
}

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let options = swept(canvas);
    let panels = panels(canvas, &options);
    if options.is_empty() || panels.is_empty() {
        return Err("batches of one size alone, or none, are asked".to_owned());
    }
    let mut svg = Svg::new(WIDTH, STEP * panels.len() as f64 + 4.0);
    for (row, shows) in panels.iter().enumerate() {
        panel(
            canvas,
            &mut svg,
            (shows, &options),
            STEP * row as f64 + 30.0,
        );
    }
    let title = title(canvas, &options, &panels);
    let alt = format!("{title}. Lines of throughput and of latency against the size of a batch.");
    Ok(ChartView {
        id: "batch_sweep",
        section: "frontier",
        subtitle: "Throughput and latency by batch size, logarithmic".to_owned(),
        svg: svg.finish("chart-batch_sweep", &title, &alt),
        alt,
        n: options.iter().map(|option| option.points.len()).sum(),
        note: "○ predicted; bands are intervals. Dashed: limits, and upright the first batch that does not fit into memory.".to_owned(),
        table: table(&options, &panels),
        title,
    })
}

fn swept<'a>(canvas: &'a Canvas) -> Vec<&'a Choice<'a>> {
    let axis = canvas.choices.load_axis();
    if axis.is_none_or(|axis| axis.rsplit('.').next() != Some("batch_size")) {
        return Vec::new();
    }
    let mut options = canvas.choices.shortlist(MOST_OPTIONS);
    options.retain(|option| option.points.len() > 1);
    options
}

/// The throughput, and the latency of a batch, that the options carry.
fn panels(canvas: &Canvas, options: &[&Choice]) -> Vec<Shows> {
    let rates = [Metric::SamplesPerSecond, Metric::OutputThroughput].map(Column::of);
    let tails = [Metric::Latency, Metric::E2el];
    let tails = tails.map(|metric| Column::stat(Stat::P99, metric));
    let means = [Metric::Latency, Metric::E2el].map(Column::of);
    let first = |columns: &[Column]| {
        let has = |column: &&Column| {
            options
                .iter()
                .any(|option| !line(option, **column).is_empty())
        };
        columns.iter().find(has).copied()
    };
    let latency = first(&tails).or_else(|| first(&means));
    let kept = first(&rates).into_iter().chain(latency);
    kept.map(|column| {
        let typical = canvas.choices.carried.typical(column);
        let smallest = typical.smallest.unwrap_or(1.0);
        Shows {
            column,
            shown: Shown::of(column, typical.unit, smallest),
        }
    })
    .collect()
}

fn line<'a>(option: &Choice<'a>, column: Column) -> Vec<Sample<'a>> {
    let sample = |point: &&'a PointResult| {
        let batch = point.system.load.filter(|batch| *batch > 0.0)?;
        let entry = point.predicted(column).filter(|entry| entry.value > 0.0)?;
        Some(Sample {
            batch,
            value: entry.value,
            band: entry.interval.map(|(lo, hi, _)| (lo, hi)),
            point,
        })
    };
    option.points.iter().filter_map(sample).collect()
}

fn panel(canvas: &Canvas, svg: &mut Svg, (shows, options): (&Shows, &[&Choice]), top: f64) {
    let lines: Vec<(&Choice, Vec<Sample>)> = options
        .iter()
        .map(|option| (*option, line(option, shows.column)))
        .filter(|(_, line)| !line.is_empty())
        .collect();
    let limits = limits(canvas, shows.column);
    let frame = frame(&lines, &limits, (shows, options, top));
    let name = format!("{}, {}", label::column(shows.column), shows.shown.unit);
    let names = AxisNames {
        x: &canvas.choices.results.presentation.load_unit,
        y: &name,
        panel: "",
    };
    frame.draw(svg, &names);
    for limit in &limits {
        let y = frame.y.at(limit / shows.shown.factor);
        svg.dashed(&[(frame.left, y), (frame.right, y)], LIMIT, 1.2, "4 3");
        let text = format!("limit {}", shows.shown.text(*limit));
        svg.over((frame.left + 4.0, y - 4.0), Anchor::Start, LIMIT, &text);
    }
    let mut places = Places::within((frame.left, top - 4.0, frame.right, frame.bottom));
    for (option, line) in &lines {
        draw_line(canvas, svg, &frame, (shows, option, line));
    }
    for (option, line) in &lines {
        svg.begin_series(&option.name);
        if let Some(last) = line.last() {
            let at = frame.at(last.batch, last.value / shows.shown.factor);
            places.label(
                svg,
                at,
                canvas.palette.ink(&option.name),
                &option.full_name(),
            );
        }
        if let Some(batch) = first_too_large(option) {
            let x = frame.x.at(batch);
            let ink = canvas.palette.ink(&option.name);
            svg.dashed(&[(x, frame.top), (x, frame.bottom)], ink, 1.2, "4 3");
        }
        svg.end();
    }
}

/// The frame that holds all lines, limits and batches.
fn frame(
    lines: &[(&Choice, Vec<Sample>)],
    limits: &[f64],
    (shows, options, top): (&Shows, &[&Choice], f64),
) -> Panel {
    let samples = || lines.iter().flat_map(|(_, line)| line);
    let ends = |sample: &Sample| sample.band.unwrap_or((sample.value, sample.value));
    let factor = shows.shown.factor;
    let lowest = samples().map(|sample| ends(sample).0.max(0.2 * sample.value));
    let highest = samples().map(|sample| ends(sample).1.min(5.0 * sample.value));
    let (lowest, highest) = (
        lowest.fold(f64::INFINITY, f64::min),
        highest.chain(limits.iter().copied()).fold(0.0, f64::max),
    );
    let batches = || {
        let points = options.iter().flat_map(|option| &option.points);
        points.filter_map(|point| point.system.load)
    };
    let (left, right, bottom) = (54.0, WIDTH - 14.0, top + INNER);
    Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::log2(
            batches().fold(f64::INFINITY, f64::min),
            batches().fold(1.0, f64::max),
            left,
            right,
        ),
        y: Scale::log10(lowest / factor, highest * 1.15 / factor, bottom, top),
    }
}

fn draw_line(
    canvas: &Canvas,
    svg: &mut Svg,
    frame: &Panel,
    (shows, option, line): (&Shows, &Choice, &[Sample]),
) {
    let ink = canvas.palette.ink(&option.name);
    let at = |batch: f64, value: f64| frame.at(batch, value / shows.shown.factor);
    let banded = || {
        line.iter()
            .filter_map(|sample| Some((sample.batch, sample.band?)))
    };
    let mut edge: Vec<(f64, f64)> = banded().map(|(batch, (_, hi))| at(batch, hi)).collect();
    let below: Vec<(f64, f64)> = banded().map(|(batch, (lo, _))| at(batch, lo)).collect();
    edge.extend(below.into_iter().rev());
    svg.begin_series(&option.name);
    if edge.len() > 3 {
        svg.area(&edge, ink, 0.12);
    }
    let places: Vec<(f64, f64)> = line
        .iter()
        .map(|sample| at(sample.batch, sample.value))
        .collect();
    svg.dashed(&places, ink, 1.8, canvas.palette.dash(&option.name));
    svg.end();
    for (place, sample) in places.into_iter().zip(line) {
        let tip = format!(
            "{}, batch of {}: {}",
            option.full_name(),
            tick_text(sample.batch),
            shows.shown.text(sample.value)
        );
        svg.begin_mark(&tip, &option.name, &[&sample.point.id]);
        svg.ring(place, 3.0, ink);
        svg.end();
    }
}

/// Limits of the objectives on the metric of a column.
fn limits(canvas: &Canvas, column: Column) -> Vec<f64> {
    let wanted = canvas.choices.objectives();
    let slos = canvas.choices.results.presentation.slos.iter();
    let limits = slos
        .filter(|slo| wanted.contains(&slo.name))
        .flat_map(|slo| &slo.limits);
    let on_it = |name: &str| {
        name.parse::<Column>()
            .is_ok_and(|one| one.metric == column.metric)
    };
    limits
        .filter(|limit| on_it(&limit.name))
        .map(|limit| limit.limit)
        .collect()
}

/// The smallest batch that memory has no room for.
fn first_too_large(option: &Choice) -> Option<f64> {
    let fits = Column::of(Metric::MemoryFits);
    let too_large = |point: &&&PointResult| {
        let entry = point.predicted(fits);
        entry.is_some_and(|entry| entry.value < 0.5)
    };
    let mut points = option.points.iter();
    points.find(too_large)?.system.load
}

fn title(canvas: &Canvas, options: &[&Choice], panels: &[Shows]) -> String {
    let best = options.iter().find(|option| option.recommended);
    let option = best.unwrap_or(&options[0]);
    let rate = &panels[0];
    let meets = |point: &PointResult| {
        let verdict = canvas.choices.verdict(point);
        verdict.is_none_or(|verdict| verdict == Verdict::Pass)
    };
    let line = line(option, rate.column);
    let passing = line.iter().filter(|sample| meets(sample.point));
    let Some(most) = passing.reduce(|a, b| if b.value > a.value { b } else { a }) else {
        let subject = label::list(canvas.choices.objectives());
        return format!("{}: no size of batch meets {subject}", option.full_name());
    };
    let within = match canvas.choices.objectives() {
        [] => String::new(),
        objectives => format!(" within {}", label::list(objectives)),
    };
    format!(
        "{} yields most{within} in batches of {}: {}",
        option.full_name(),
        tick_text(most.batch),
        rate.shown.text(most.value)
    )
}

fn table(options: &[&Choice], panels: &[Shows]) -> Table {
    let mut table = Table::new(
        "table-batch-sweep",
        "Throughput and latency by batch size",
        vec![Head::text("Option"), Head::number("Batch", "requests")],
    );
    let heads = panels.iter();
    table.head.extend(
        heads.map(|shows| Head::number(label::column(shows.column), shows.shown.unit.clone())),
    );
    table.head.push(Head::text("Fits into memory"));
    for option in options {
        for point in &option.points {
            let batch = point.system.load.unwrap_or(0.0);
            let mut row = vec![
                Cell::text(option.full_name()),
                Cell::number(rounded(batch, 6), batch),
            ];
            row.extend(panels.iter().map(|shows| {
                let entry = point.predicted(shows.column);
                entry.map_or_else(Cell::none, |entry| Cell {
                    interval: entry
                        .interval
                        .map_or_else(String::new, |(lo, hi, _)| shows.shown.interval(lo, hi)),
                    ..Cell::number(shows.shown.number(entry.value), entry.value)
                })
            }));
            let fits = point.predicted(Column::of(Metric::MemoryFits));
            row.push(fits.map_or_else(Cell::none, |fits| {
                Cell::text(if fits.value < 0.5 { "no" } else { "yes" })
            }));
            table.push(row);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use crate::report::{fixture, view};

    /// The document as if its loads were batches.
    fn batches() -> crate::record::Results {
        let mut results = fixture::results();
        for axis in &mut results.axes {
            if axis == "concurrency" {
                "batch_size".clone_into(axis);
            }
        }
        for point in &mut results.points {
            for (axis, _) in &mut point.axes {
                if axis == "concurrency" {
                    "batch_size".clone_into(axis);
                }
            }
        }
        results.presentation.load_axis = Some("batch_size".to_owned());
        "requests per batch".clone_into(&mut results.presentation.load_unit);
        results
    }

    #[test]
    fn batches_have_a_chart_and_loads_in_flight_have_none() {
        let has = |results: &crate::record::Results| {
            let charts = view(results).charts;
            charts.into_iter().find(|chart| chart.id == "batch_sweep")
        };
        assert!(has(&fixture::results()).is_none());
        let chart = has(&batches()).expect("batches vary");
        assert!(chart.title.contains("in batches of "), "{}", chart.title);
        assert!(chart.svg.contains("requests per batch"));
        assert_eq!(chart.table.rows.len(), chart.n);
        insta::assert_snapshot!(chart.svg);
    }
}
