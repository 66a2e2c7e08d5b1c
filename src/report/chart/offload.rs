//! Speed by the layers that lie on the accelerator.

use std::collections::BTreeMap;

use super::axis::{AxisNames, Panel, tick_text};
use super::scale::Scale;
use super::svg::{Anchor, DASHES, SERIES, Svg};
use super::{Canvas, WIDTH, sweep};
use crate::record::{Column, Metric, PointResult};
use crate::report::label;
use crate::report::number::rounded;
use crate::report::view::{Cell, ChartView, Head, Table};

/// Lines that a drawing has room for.
const MOST_LINES: usize = 7;
const INNER: f64 = 220.0;
const SPEED: Column = Column::of(Metric::Interactivity);

/// One value of a line.
struct Step<'a> {
    layers: f64,
    speed: f64,
    band: Option<(f64, f64)>,
    point: &'a PointResult,
}

impl Step<'_> {
    /// What limits generation, in words.
    fn bound(&self) -> String {
        let bound = self.point.bound.get("decode");
        bound.map_or_else(String::new, |bound| bound.replace('-', " "))
    }
}

type Lines<'a> = BTreeMap<String, Vec<Step<'a>>>;

/// The axis that moves layers, where a sweep has one.
pub fn axis<'a>(canvas: &Canvas<'a>) -> Option<&'a str> {
    let results = canvas.choices.results;
    let moves = |axis: &&String| axis.ends_with("n_gpu_layers");
    let axis = results.axes.iter().find(moves)?;
    (sweep::values(results.points.iter(), axis).len() > 1).then_some(axis.as_str())
}

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let axis = axis(canvas).ok_or("the layers on the accelerator do not vary")?;
    let lines = lines(canvas, axis);
    if lines.is_empty() {
        return Err("fewer than two numbers of layers were predicted".to_owned());
    }
    let title = title(&lines);
    let alt = format!("{title}. Lines of output speed against layers on the accelerator.");
    let more = lines.len().saturating_sub(MOST_LINES);
    let hidden = match more {
        0 => String::new(),
        more => format!(
            " {} in the table alone.",
            label::counted(more, "further line")
        ),
    };
    Ok(ChartView {
        id: "offload",
        section: "frontier",
        subtitle: "Output speed of one user by layers on the accelerator".to_owned(),
        svg: picture(&lines).finish("chart-offload", &title, &alt),
        alt,
        n: lines.values().map(Vec::len).sum(),
        note: format!(
            "○ predicted; bands are intervals. What limits generation at each point stands in the table.{hidden}"
        ),
        table: table(&lines),
        title,
    })
}

/// A line for each combination of the other axes that vary, where at least two numbers of layers are predicted.
fn lines<'a>(canvas: &Canvas<'a>, layers: &str) -> Lines<'a> {
    let results = canvas.choices.results;
    let others: Vec<&String> = results
        .axes
        .iter()
        .filter(|axis| *axis != layers)
        .filter(|axis| sweep::values(results.points.iter(), axis).len() > 1)
        .collect();
    let mut lines = Lines::new();
    for point in &results.points {
        let Some(entry) = point.predicted(SPEED) else {
            continue;
        };
        let Some(number) = sweep::value(point, layers).and_then(|text| text.parse().ok()) else {
            continue;
        };
        let name: Vec<String> = others
            .iter()
            .filter_map(|axis| Some(label::axis_value(axis, &sweep::value(point, axis)?)))
            .collect();
        lines.entry(name.join(" ")).or_default().push(Step {
            layers: number,
            speed: entry.value,
            band: entry.interval.map(|(lo, hi, _)| (lo, hi)),
            point,
        });
    }
    lines.retain(|_, steps| steps.len() > 1);
    for steps in lines.values_mut() {
        steps.sort_by(|a, b| a.layers.total_cmp(&b.layers));
    }
    lines
}

fn picture(lines: &Lines) -> Svg {
    let (left, right, top) = (54.0, WIDTH - 14.0, 30.0);
    let bottom = top + INNER;
    let rows = lines.len().min(MOST_LINES) as f64;
    let mut svg = Svg::new(WIDTH, bottom + 50.0 + 16.0 * rows);
    let steps = || lines.values().take(MOST_LINES).flatten();
    let most = steps()
        .map(|step| step.band.map_or(step.speed, |(_, hi)| hi.max(step.speed)))
        .fold(0.0, f64::max);
    let panel = Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::from_zero(
            steps().map(|step| step.layers).fold(0.0, f64::max),
            left,
            right,
        ),
        y: Scale::from_zero(most, bottom, top),
    };
    let names = AxisNames {
        x: "Layers on the accelerator",
        y: "Output tok/s of one user",
        panel: "",
    };
    panel.draw(&mut svg, &names);
    for (index, (name, steps)) in lines.iter().take(MOST_LINES).enumerate() {
        draw_line(&mut svg, &panel, (name, steps), index);
        let y = bottom + 54.0 + 16.0 * index as f64;
        svg.begin_series(name);
        let (ink, dash) = (SERIES[index], DASHES[index % DASHES.len()]);
        svg.dashed(&[(left, y - 4.0), (left + 26.0, y - 4.0)], ink, 2.0, dash);
        svg.text((left + 34.0, y), Anchor::Start, ink, name);
        svg.end();
    }
    svg
}

fn draw_line(svg: &mut Svg, panel: &Panel, (name, steps): (&str, &[Step]), index: usize) {
    let ink = SERIES[index];
    let at = |layers: f64, speed: f64| panel.at(layers, speed);
    let banded = || {
        steps
            .iter()
            .filter_map(|step| Some((step.layers, step.band?)))
    };
    let mut edge: Vec<(f64, f64)> = banded().map(|(layers, (_, hi))| at(layers, hi)).collect();
    let lower: Vec<(f64, f64)> = banded().map(|(layers, (lo, _))| at(layers, lo)).collect();
    edge.extend(lower.into_iter().rev());
    svg.begin_series(name);
    if edge.len() > 3 {
        svg.area(&edge, ink, 0.1);
    }
    let line: Vec<(f64, f64)> = steps
        .iter()
        .map(|step| at(step.layers, step.speed))
        .collect();
    svg.dashed(&line, ink, 1.8, DASHES[index % DASHES.len()]);
    svg.end();
    for step in steps {
        let limit = match step.bound().as_str() {
            "" => String::new(),
            bound => format!(", limited by {bound}"),
        };
        let tip = format!(
            "{name}, {} layers: {} tok/s{limit}",
            tick_text(step.layers),
            rounded(step.speed, 3)
        );
        svg.begin_mark(&tip, name, &[&step.point.id]);
        svg.ring(at(step.layers, step.speed), 3.2, ink);
        svg.end();
    }
}

fn title(lines: &Lines) -> String {
    let steps = lines
        .iter()
        .flat_map(|(name, steps)| steps.iter().map(move |step| (name, step)));
    let Some((name, best)) = steps.max_by(|a, b| a.1.speed.total_cmp(&b.1.speed)) else {
        return "Speed by layers on the accelerator".to_owned();
    };
    let limit = match best.bound().as_str() {
        "" => String::new(),
        bound => format!(", still limited by {bound}"),
    };
    let of = if name.is_empty() {
        String::new()
    } else {
        format!(" of {name}")
    };
    format!(
        "{} layers on the accelerator give the most{of}: {} tok/s{limit}",
        tick_text(best.layers),
        rounded(best.speed, 3)
    )
}

fn table(lines: &Lines) -> Table {
    let mut table = Table::new(
        "table-offload",
        "Speed by layers on the accelerator",
        vec![
            Head::text("Line"),
            Head::number("Layers", ""),
            Head::number("Output speed", "tok/s of one user"),
            Head::text("Prompt limited by"),
            Head::text("Generation limited by"),
        ],
    );
    for (name, step) in lines
        .iter()
        .flat_map(|(name, steps)| steps.iter().map(move |step| (name, step)))
    {
        let interval = step.band.map_or_else(String::new, |(lo, hi)| {
            format!("{}–{}", rounded(lo, 3), rounded(hi, 3))
        });
        let prompt = step.point.bound.get("prefill");
        table.push(vec![
            Cell::text(name),
            Cell::number(tick_text(step.layers), step.layers),
            Cell {
                interval,
                ..Cell::number(rounded(step.speed, 3), step.speed)
            },
            prompt.map_or_else(Cell::none, |bound| Cell::text(bound.replace('-', " "))),
            match step.bound().as_str() {
                "" => Cell::none(),
                bound => Cell::text(bound),
            },
        ]);
    }
    table
}
