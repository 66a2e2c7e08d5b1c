//! Throughput of an accelerator against what one user feels.

use std::collections::BTreeSet;

use super::axis::{AxisNames, Panel};
use super::frontier::{Dot, frontier, panels};
use super::pareto_axis::First;
use super::place::Places;
use super::scale::Scale;
use super::svg::{Anchor, GREY, LIMIT, MUTED, PAPER, REGION, Svg, TEXT};
use super::{Canvas, WIDTH};
use crate::record::{Column, Metric, Stat, Verdict};
use crate::report::label;
use crate::report::number::{rounded, trimmed};
use crate::report::view::{Cell, ChartView, Head, Table};

/// Passing points that each get a ring and a name; more are drawn as a crowd.
const MOST_RINGS: usize = 150;

/// Points of the frontier that each get their load beside them.
const MOST_LABELS: usize = 40;

/// The chart.
pub fn draw(canvas: &Canvas, first: First) -> Result<ChartView, String> {
    let panels = panels(canvas.choices, first);
    if panels.is_empty() {
        return Err("no point carries throughput per accelerator and speed per user".to_owned());
    }
    let inner = if panels.len() == 1 { 270.0 } else { 190.0 };
    let step = inner + 92.0;
    let mut svg = Svg::new(WIDTH, step * panels.len() as f64 + 4.0);
    for (index, (group, dots)) in panels.iter().enumerate() {
        draw_panel(
            canvas,
            first,
            &mut svg,
            (group, dots),
            (step * index as f64 + 30.0, inner),
        );
    }
    let n = panels.iter().map(|(_, dots)| dots.len()).sum();
    let title = title(canvas, &panels);
    let id = first.chart();
    let alt = format!(
        "{title}. Scatter of output throughput per accelerator against {}.",
        first.axis().to_lowercase()
    );
    Ok(ChartView {
        id,
        section: "frontier",
        subtitle: "Throughput of one accelerator against what one user feels".to_owned(),
        svg: svg.finish(&format!("chart-{id}"), &title, &alt),
        alt,
        n,
        note: "○ predicted. In colour: points that meet the objectives; grey: points that do not. The line joins the points that no other passing point beats on both axes.".to_owned(),
        table: table(canvas, first, &panels),
        title,
    })
}

fn draw_panel(
    canvas: &Canvas,
    first: First,
    svg: &mut Svg,
    (group, dots): (&str, &[Dot]),
    (top, inner): (f64, f64),
) {
    let most = |of: fn(&Dot) -> f64| dots.iter().map(of).fold(0.0, f64::max);
    let (left, right, bottom) = (54.0, WIDTH - 12.0, top + inner);
    let panel = Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::from_zero(most(|dot| dot.x), left, right),
        y: Scale::from_zero(most(|dot| dot.y), bottom, top),
    };
    shade(canvas, first, svg, &panel);
    let names = AxisNames {
        x: first.axis(),
        y: "Output tok/s per accelerator",
        panel: group,
    };
    panel.draw(svg, &names);
    failing(canvas, first, svg, (&panel, dots));
    let frontier = frontier(first, dots);
    let mut line: Vec<(f64, f64)> = frontier.iter().map(|dot| panel.at(dot.x, dot.y)).collect();
    line.dedup_by(|a, b| (a.0 - b.0).abs() + (a.1 - b.1).abs() < 1.0);
    svg.dashed(&line, TEXT, 1.4, "");
    let mut places = Places::within((left + 2.0, top - 4.0, right, bottom));
    if let Some(limit) = first.limit(canvas).filter(|limit| panel.x.holds(*limit)) {
        let x = panel.x.at(limit);
        places.take_line((x, top), (x, bottom));
    }
    let passing: Vec<&Dot> = dots.iter().filter(|dot| dot.passes).collect();
    if passing.len() > MOST_RINGS {
        crowd(canvas, svg, &panel, &passing);
    }
    for dot in passing
        .iter()
        .filter(|dot| dot.chosen || passing.len() <= MOST_RINGS)
    {
        let at = panel.at(dot.x, dot.y);
        let radius = if dot.chosen { 6.0 } else { 3.6 };
        places.take(at, radius);
        svg.begin_mark(&tip(canvas, first, dot), dot.option, &[&dot.point.id]);
        if dot.chosen {
            svg.disc(at, 9.5, PAPER);
        }
        svg.ring(at, radius, canvas.palette.ink(dot.option));
        svg.end();
    }
    for window in line.windows(2) {
        // A label must not lie on the frontier line either.
        let [a, b] = window else { continue };
        places.take_line(*a, *b);
    }
    labels(canvas, svg, &mut places, (&panel, dots, &frontier));
}

/// Points that miss, in grey: each with its name where they are few.
fn failing(canvas: &Canvas, first: First, svg: &mut Svg, (panel, dots): (&Panel, &[Dot])) {
    let failing: Vec<&Dot> = dots.iter().filter(|dot| !dot.passes).collect();
    if failing.len() > MOST_RINGS {
        let places = failing.iter().map(|dot| panel.at(dot.x, dot.y)).collect();
        return svg.dots(&thinned(places), GREY);
    }
    for dot in failing {
        svg.begin_mark(&tip(canvas, first, dot), dot.option, &[&dot.point.id]);
        svg.dots(&[panel.at(dot.x, dot.y)], GREY);
        svg.end();
    }
}

/// Passing points without rings and names of their own: one drawing for each option.
fn crowd(canvas: &Canvas, svg: &mut Svg, panel: &Panel, passing: &[&Dot]) {
    let names: BTreeSet<&str> = passing.iter().map(|dot| dot.option).collect();
    for name in names {
        let dots = passing.iter().filter(|dot| dot.option == name);
        let places = dots.map(|dot| panel.at(dot.x, dot.y)).collect();
        svg.begin_series(name);
        svg.dots(&thinned(places), canvas.palette.ink(name));
        svg.end();
    }
}

/// Labels: the recommended point in full, then each option once, at its best point, then the loads of the rest of the frontier.
fn labels(
    canvas: &Canvas,
    svg: &mut Svg,
    places: &mut Places,
    (panel, dots, frontier): (&Panel, &[Dot], &[&Dot]),
) {
    let load = |dot: &Dot| {
        dot.point
            .system
            .load
            .map_or_else(String::new, |load| format!(" · {}", trimmed(load, 4)))
    };
    if let Some(dot) = dots.iter().find(|dot| dot.chosen) {
        let text = format!("{}{}", dot.option, load(dot));
        places.label(svg, panel.at(dot.x, dot.y), TEXT, &text);
    }
    let chosen = || dots.iter().filter(|dot| dot.chosen);
    let mut named: Vec<&str> = chosen().map(|dot| dot.option).collect();
    let mut said: Vec<&str> = chosen().map(|dot| dot.point.id.as_str()).collect();
    let ends = frontier
        .iter()
        .copied()
        .chain(dots.iter().filter(|dot| dot.passes));
    for dot in ends {
        if !named.contains(&dot.option) {
            named.push(dot.option);
            said.push(&dot.point.id);
            let text = format!("{}{}", dot.option, load(dot));
            svg.begin_series(dot.option);
            places.label(
                svg,
                panel.at(dot.x, dot.y),
                canvas.palette.ink(dot.option),
                &text,
            );
            svg.end();
        }
    }
    let rest = frontier
        .iter()
        .filter(|dot| !said.contains(&dot.point.id.as_str()));
    for dot in rest.filter(|_| frontier.len() <= MOST_LABELS) {
        let text = load(dot).replace(" · ", "");
        svg.begin_series(dot.option);
        places.label(svg, panel.at(dot.x, dot.y), MUTED, &text);
        svg.end();
    }
}

fn shade(canvas: &Canvas, first: First, svg: &mut Svg, panel: &Panel) {
    let Some(limit) = first.limit(canvas) else {
        return;
    };
    if !panel.x.holds(limit) {
        return;
    }
    let x = panel.x.at(limit);
    let (from, to) = match first {
        First::Interactivity => (x, panel.right),
        First::Latency => (panel.left, x),
    };
    svg.rect(
        (from, panel.top),
        (to - from, panel.bottom - panel.top),
        REGION,
        1.0,
    );
    svg.dashed(&[(x, panel.top), (x, panel.bottom)], LIMIT, 1.2, "4 3");
    let text = match first {
        First::Interactivity => "TPOT limit",
        First::Latency => "limit",
    };
    svg.over((x + 5.0, panel.top + 13.0), Anchor::Start, LIMIT, text);
}

/// Places with those that would print on the same pixel left out.
fn thinned(mut places: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    for (x, y) in &mut places {
        (*x, *y) = (libm::round(*x), libm::round(*y));
    }
    places.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    places.dedup();
    places
}

fn tip(canvas: &Canvas, first: First, dot: &Dot) -> String {
    format!(
        "{} {}: {} tok/s per accelerator, {} {}",
        dot.option,
        canvas.choices.load_text(dot.point),
        rounded(dot.y, 3),
        rounded(dot.x, 3),
        match first {
            First::Interactivity => "tok/s per user",
            First::Latency => "s",
        }
    )
}

fn title(canvas: &Canvas, panels: &[(&String, Vec<Dot>)]) -> String {
    let subject = label::list(canvas.choices.objectives());
    let within = if subject.is_empty() {
        String::new()
    } else {
        format!("Within {subject}, ")
    };
    let best: Vec<String> = panels
        .iter()
        .filter_map(|(group, dots)| {
            let passing: Vec<&Dot> = dots.iter().filter(|dot| dot.passes).collect();
            let best = passing.iter().max_by(|a, b| a.y.total_cmp(&b.y))?;
            // What prints alike is not told apart.
            let most = rounded(best.y, 3);
            let alike = passing.iter().filter(|dot| rounded(dot.y, 3) == most);
            let mut alike: Vec<&str> = alike.map(|dot| dot.option).collect();
            alike.sort_unstable();
            alike.dedup();
            let (who, yields) = match alike.as_slice() {
                [_] | [] => (best.option.to_owned(), "yields"),
                few if few.len() <= 3 => (label::list(few), "alike yield"),
                many => (format!("{} options", many.len()), "alike yield"),
            };
            let of = if group.is_empty() {
                String::new()
            } else {
                format!(" for {group}")
            };
            Some(format!(
                "{who} {yields} most{of} ({most} tok/s per accelerator)"
            ))
        })
        .collect();
    if best.is_empty() {
        let mut dots = panels.iter().flat_map(|(_, dots)| dots);
        let open = dots.any(|dot| canvas.choices.verdict(dot.point) == Some(Verdict::Inconclusive));
        let sure = if open { "surely meets" } else { "meets" };
        return format!("No point {sure} {subject}");
    }
    format!("{within}{}", label::list(&best))
}

fn table(canvas: &Canvas, first: First, panels: &[(&String, Vec<Dot>)]) -> Table {
    let (name, unit) = first.axis().split_once(", ").unwrap_or((first.axis(), ""));
    let any_passes = panels
        .iter()
        .any(|(_, dots)| dots.iter().any(|dot| dot.passes));
    let caption = if any_passes {
        "Points that meet the objectives"
    } else {
        "Points, none of which surely meets the objectives"
    };
    let mut table = Table::new(
        "table-pareto",
        caption,
        vec![
            Head::text("Option"),
            Head::text("Load"),
            Head::number(name, unit),
            Head::number("Output throughput", "tok/s per accelerator"),
            Head::number("p99 TTFT", "ms"),
        ],
    );
    let ttft = Column::stat(Stat::P99, Metric::Ttft);
    for (group, dot) in panels
        .iter()
        .flat_map(|(group, dots)| dots.iter().map(move |dot| (group, dot)))
    {
        if any_passes && !dot.passes {
            continue;
        }
        let option = format!("{group} {}", dot.option);
        table.push(vec![
            Cell::text(option.trim()),
            Cell::text(canvas.choices.load_text(dot.point)),
            Cell::number(rounded(dot.x, 3), dot.x),
            Cell::number(rounded(dot.y, 3), dot.y),
            dot.point.predicted(ttft).map_or_else(Cell::none, |entry| {
                Cell::number(rounded(entry.value * 1e3, 3), entry.value)
            }),
        ]);
    }
    table
}
