//! Prefill and decode of each option under the roof of its device.

use super::axis::{AxisNames, Panel};
use super::place::Places;
use super::scale::Scale;
use super::svg::{GREY, Ink, MUTED, PAPER, Svg};
use super::{Canvas, WIDTH};
use crate::record::{Roofline, RooflinePhase};
use crate::report::choice::Choice;
use crate::report::decision::MOST_OPTIONS;
use crate::report::number::{percent, rounded};
use crate::report::view::{Cell, ChartView, Head, Table};

/// Operations per second that axis and table count in.
const TERA: f64 = 1e12;

/// An option with the roof of its device.
struct Under<'a> {
    option: &'a Choice<'a>,
    roofline: &'a Roofline,
}

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let all = under(canvas);
    if all.is_empty() {
        return Err("no option has phases that the roof of one device bounds".to_owned());
    }
    let title = title(&all);
    let alt = format!(
        "{title}. Operations per second against operations per byte on logarithmic axes, under the roof of each device."
    );
    Ok(ChartView {
        id: "roofline",
        section: "frontier",
        subtitle: "What one accelerator achieves under its roof, both axes logarithmic".to_owned(),
        svg: picture(canvas, &all).finish("chart-roofline", &title, &alt),
        alt,
        n: all.iter().map(|one| one.roofline.phases.len()).sum(),
        note: "◇ prefill of one prompt, ○ decode at the load of the option, both predicted; upright bars: efficiency terms at both ends of their ranges. Dotted: what is missing to the roof of the datasheet. • ridge: right of it arithmetic bounds, left of it memory traffic.".to_owned(),
        table: table(&all),
        title,
    })
}

fn under<'a>(canvas: &'a Canvas) -> Vec<Under<'a>> {
    let rooflines = &canvas.choices.results.rooflines;
    let options = canvas.choices.shortlist(MOST_OPTIONS).into_iter();
    options
        .filter_map(|option| {
            let roofline = rooflines.iter().find(|one| one.key == option.chosen.key)?;
            Some(Under { option, roofline })
        })
        .collect()
}

/// A bound in words.
fn words(bound: &str) -> String {
    match bound {
        "compute" => "arithmetic".to_owned(),
        "launch" => "gaps between kernels".to_owned(),
        other => other.replace('-', " "),
    }
}

/// Share of what the roof allows.
fn share(roofline: &Roofline, phase: &RooflinePhase) -> f64 {
    phase.achieved().0 / roofline.attainable(phase.intensity())
}

fn title(all: &[Under]) -> String {
    let best = all.iter().find(|one| one.option.recommended);
    let one = best.unwrap_or(&all[0]);
    let said: Vec<String> = one
        .roofline
        .phases
        .iter()
        .map(|phase| {
            format!(
                "{} is bound by {} and reaches {} of its roof",
                phase.phase,
                words(&phase.bound),
                percent(share(one.roofline, phase))
            )
        })
        .collect();
    format!("{}: {}", one.option.full_name(), said.join("; "))
}

fn picture(canvas: &Canvas, all: &[Under]) -> Svg {
    let mut svg = Svg::new(WIDTH, 332.0);
    let panel = panel(all);
    let names = AxisNames {
        x: "Operations per byte of device memory",
        y: "TFLOP/s of one accelerator",
        panel: "",
    };
    panel.draw(&mut svg, &names);
    let mut places = Places::within((panel.left + 2.0, panel.top - 6.0, panel.right, panel.bottom));
    for one in all {
        for phase in &one.roofline.phases {
            places.take(at(&panel, phase), 6.0);
            let (_, lo, hi) = phase.achieved();
            let end = |rate: f64| panel.at(phase.intensity(), rate / TERA);
            places.take_line(end(lo), end(hi));
        }
    }
    roofs(&mut svg, &panel, &mut places, all);
    for one in all {
        let ink = canvas.palette.ink(&one.option.name);
        for phase in &one.roofline.phases {
            mark(&mut svg, &panel, (one, phase), ink);
        }
    }
    let mut named: Vec<&str> = Vec::new();
    for one in all {
        // Options of several groups share their names and colours.
        let name = one.option.name.as_str();
        let decode = one.roofline.phases.last();
        if let Some(phase) = decode.filter(|_| !named.contains(&name)) {
            named.push(name);
            svg.begin_series(name);
            places.label(&mut svg, at(&panel, phase), canvas.palette.ink(name), name);
            svg.end();
        }
    }
    svg
}

fn at(panel: &Panel, phase: &RooflinePhase) -> (f64, f64) {
    panel.at(phase.intensity(), phase.achieved().0 / TERA)
}

fn panel(all: &[Under]) -> Panel {
    let phases = || all.iter().flat_map(|one| &one.roofline.phases);
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
    let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
    let intensities = || phases().map(RooflinePhase::intensity);
    let ridges = || all.iter().map(|one| one.roofline.ridge());
    let lowest = least(&mut phases().map(|phase| phase.achieved().1));
    let peak = most(&mut all.iter().map(|one| one.roofline.peak_flop_per_s));
    let (left, right, top, bottom) = (54.0, WIDTH - 14.0, 30.0, 290.0);
    let x = (
        least(&mut intensities()).min(least(&mut ridges())) * 0.7,
        most(&mut intensities()).max(most(&mut ridges())) * 1.4,
    );
    Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::log10(x.0, x.1, left, right),
        y: Scale::log10(lowest / TERA * 0.7, peak / TERA * 1.1, bottom, top),
    }
}

/// The roof of each device once, with its ridge.
fn roofs(svg: &mut Svg, panel: &Panel, places: &mut Places, all: &[Under]) {
    let mut drawn: Vec<(f64, f64)> = Vec::new();
    for one in all {
        let roofline = one.roofline;
        let roof = (roofline.peak_flop_per_s, roofline.bandwidth_b_per_s);
        if drawn.contains(&roof) {
            continue;
        }
        drawn.push(roof);
        let ((first, last), (low, _)) = (panel.x.ends(), panel.y.ends());
        let ridge = roofline.ridge();
        // The sloping part begins where it enters the panel.
        let from = first.max(low * TERA / roof.1);
        let corners = [from, ridge, last].map(|x| panel.at(x, roofline.attainable(x) / TERA));
        svg.dashed(&corners, GREY, 1.6, "");
        places.take_line(corners[0], corners[1]);
        places.take_line(corners[1], corners[2]);
        let device = &one.option.chosen.system.device;
        let tip = format!(
            "{device}: {} TFLOP/s in {} right of {} operations per byte, {} TB/s left of it",
            rounded(roof.0 / TERA, 3),
            roofline.arithmetic,
            rounded(ridge, 3),
            rounded(roof.1 / TERA, 3)
        );
        svg.begin_mark(&tip, "", &[]);
        svg.disc(corners[1], 3.0, MUTED);
        svg.end();
        places.take(corners[1], 3.0);
        let text = format!(
            "{device} {}, ridge {}",
            roofline.arithmetic,
            rounded(ridge, 3)
        );
        places.label(svg, (corners[1].0, corners[1].1 + 2.0), MUTED, &text);
    }
}

fn mark(svg: &mut Svg, panel: &Panel, (one, phase): (&Under, &RooflinePhase), ink: Ink) {
    let (_, lo, hi) = phase.achieved();
    let place = at(panel, phase);
    let (x, y) = place;
    svg.begin_mark(&tip(one, phase), &one.option.name, &[&one.option.chosen.id]);
    let roof = panel
        .y
        .at(one.roofline.attainable(phase.intensity()) / TERA);
    svg.dashed(
        &[(x, panel.y.at(hi / TERA)), (x, roof)],
        ink,
        1.0,
        "1.5 2.5",
    );
    svg.line(
        (x, panel.y.at(lo / TERA)),
        (x, panel.y.at(hi / TERA)),
        ink,
        1.4,
    );
    if phase.phase == "prefill" {
        let corners = [
            (x, y - 5.0),
            (x + 5.0, y),
            (x, y + 5.0),
            (x - 5.0, y),
            (x, y - 5.0),
        ];
        svg.area(&corners, PAPER, 1.0);
        svg.dashed(&corners, ink, 1.6, "");
    } else {
        svg.ring(place, 4.2, ink);
    }
    svg.end();
}

fn tip(one: &Under, phase: &RooflinePhase) -> String {
    let (value, lo, hi) = phase.achieved();
    let step = if phase.phase == "prefill" {
        format!("{} tokens of a prompt", rounded(phase.tokens, 4))
    } else {
        format!("{} sequences", rounded(phase.sequences, 4))
    };
    format!(
        "{} {}, {step}: {} TFLOP/s ({}–{}) at {} operations per byte, {} of the roof, bound by {}",
        one.option.full_name(),
        phase.phase,
        rounded(value / TERA, 3),
        rounded(lo / TERA, 3),
        rounded(hi / TERA, 3),
        rounded(phase.intensity(), 3),
        percent(share(one.roofline, phase)),
        words(&phase.bound)
    )
}

fn table(all: &[Under]) -> Table {
    let mut table = Table::new(
        "table-roofline",
        "Phases under the roof of one accelerator",
        vec![
            Head::text("Option"),
            Head::text("Phase"),
            Head::number("Intensity", "operations per byte"),
            Head::number("Ridge", "operations per byte"),
            Head::number("Achieved", "TFLOP/s"),
            Head::number("Attainable", "TFLOP/s"),
            Head::number("Share of the roof", "%"),
            Head::text("Bound by"),
        ],
    );
    for one in all {
        for phase in &one.roofline.phases {
            let (value, lo, hi) = phase.achieved();
            let tera = |rate: f64| rounded(rate / TERA, 3);
            let number = |value: f64| Cell::number(rounded(value, 3), value);
            let attainable = one.roofline.attainable(phase.intensity());
            let share = share(one.roofline, phase);
            table.push(vec![
                Cell::text(one.option.full_name()),
                Cell::text(&phase.phase),
                number(phase.intensity()),
                number(one.roofline.ridge()),
                Cell {
                    interval: format!("{}–{}", tera(lo), tera(hi)),
                    ..Cell::number(tera(value), value)
                },
                Cell::number(tera(attainable), attainable),
                Cell::number(rounded(100.0 * share, 2), share),
                Cell::text(words(&phase.bound)),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use crate::report::{fixture, view};

    fn charts(results: &crate::record::Results) -> Vec<crate::report::view::ChartView> {
        let mut charts = view(results).charts;
        charts.retain(|chart| chart.id == "roofline");
        charts
    }

    #[test]
    fn every_phase_of_every_option_is_a_mark_with_its_bound() {
        let results = fixture::results();
        let [chart] = &charts(&results)[..] else {
            panic!("a chart");
        };
        assert_eq!(chart.n, 2 * view(&results).decision.rows.len());
        assert_eq!(chart.table.rows.len(), chart.n);
        assert!(
            chart.svg.matches("of the roof, bound by ").count() == chart.n,
            "{}",
            chart.svg
        );
        assert!(
            chart.title.contains("decode is bound by memory bandwidth"),
            "{}",
            chart.title
        );
        insta::assert_snapshot!(chart.svg);
    }

    #[test]
    fn without_phases_it_says_why_it_is_not_here() {
        let mut results = fixture::results();
        results.rooflines.clear();
        assert!(charts(&results).is_empty());
        let omitted = view(&results).not_shown;
        assert!(
            omitted
                .iter()
                .any(|one| one.id == "roofline" && one.why.contains("roof of one device"))
        );
    }
}
