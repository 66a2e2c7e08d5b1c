//! What the page promises to every reader: contrast in both themes, order, names, and charts by their ids.

use std::collections::{BTreeMap, BTreeSet};

use super::{fixture, html, view};
use crate::record::Results;
use crate::scenario::Chart;

const STYLE: &str = include_str!("../../templates/report.css");
const README: &str = include_str!("../../templates/README.md");

fn page(results: &Results) -> String {
    let page = html(&view(results), None).expect("the built-in template is right");
    String::from_utf8(page).expect("the page is text")
}

/// The values of an attribute.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    page.split(&format!(" {attribute}=\""))
        .skip(1)
        .map(|part| part.split('"').next().unwrap_or_default())
        .collect()
}

/// The colours of a block of the style sheet.
fn colours(block: &str) -> BTreeMap<&str, &str> {
    block
        .split(';')
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": "))
        .collect()
}

/// The colours in light, then in dark by the system, then in dark by choice.
fn themes() -> [BTreeMap<&'static str, &'static str>; 3] {
    let block = |start: &str| {
        let from = STYLE.find(start).expect("the theme is there") + start.len();
        let end = STYLE[from..].find('}').expect("the block ends");
        colours(&STYLE[from..from + end])
    };
    [
        block(":root {"),
        block(":root:not([data-theme=\"light\"]) {"),
        block(":root[data-theme=\"dark\"] {"),
    ]
}

/// Red, green and blue of `#rrggbb`, from zero to one.
fn parts(colour: &str) -> [f64; 3] {
    [1, 3, 5].map(|at| {
        let byte = u8::from_str_radix(&colour[at..at + 2], 16).expect("a colour has hex digits");
        f64::from(byte) / 255.0
    })
}

/// Relative luminance, WCAG 2.2.
fn luminance(parts: [f64; 3]) -> f64 {
    let [red, green, blue] = parts.map(|share| {
        if share <= 0.04045 {
            share / 12.92
        } else {
            crate::stats::math::pow((share + 0.055) / 1.055, 2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn dark_by_choice_is_dark_by_the_system() {
    let [light, system, choice] = themes();
    assert_eq!(system, choice);
    assert!(light.keys().eq(system.keys()), "a theme lacks a colour");
}

#[test]
fn text_stands_out_in_both_themes() {
    let [light, dark, _] = themes();
    let texts = ["ink", "muted", "accent", "pass", "fail", "unsure"];
    let series = ["t1", "t2", "t3", "t4", "t5", "t6", "t7"];
    for theme in [light, dark] {
        for text in texts.into_iter().chain(series) {
            for ground in ["paper", "ground"] {
                let contrast = contrast(parts(theme[text]), parts(theme[ground]));
                assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
            }
        }
        for (text, ground) in [
            ("pass", "pass-soft"),
            ("fail", "fail-soft"),
            ("unsure", "unsure-soft"),
            ("accent", "accent-soft"),
            ("muted", "accent-soft"),
            ("ink", "region"),
            ("fail", "region"),
        ] {
            let contrast = contrast(parts(theme[text]), parts(theme[ground]));
            assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
        }
    }
}

#[test]
fn numbers_stay_readable_on_the_strongest_cell_of_a_heatmap() {
    let [light, dark, _] = themes();
    for theme in [light, dark] {
        let (colour, paper) = (parts(theme["s1"]), parts(theme["paper"]));
        let cell = [0, 1, 2].map(|part| colour[part] * 0.45 + paper[part] * 0.55);
        let contrast = contrast(parts(theme["ink"]), cell);
        assert!(contrast >= 4.5, "{contrast:.2}");
    }
}

#[test]
fn headings_go_down_one_step_at_a_time() {
    for results in [fixture::results(), fixture::plane()] {
        let page = page(&results);
        let levels: Vec<u32> = page
            .match_indices("<h")
            .filter_map(|(at, _)| page[at + 2..].chars().next()?.to_digit(10))
            .collect();
        assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
        assert_eq!(levels[0], 1);
        let mut steps = levels.windows(2);
        assert!(steps.all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
    }
}

#[test]
fn ids_are_there_once_and_every_reference_finds_one() {
    for results in [fixture::results(), fixture::plane()] {
        let page = page(&results);
        let ids = values(&page, "id");
        let known: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), known.len(), "an id stands twice");
        let references = ["aria-labelledby", "aria-describedby", "for"];
        for attribute in references {
            for id in values(&page, attribute)
                .iter()
                .flat_map(|ids| ids.split(' '))
            {
                assert!(known.contains(id), "{attribute} names {id}");
            }
        }
        for target in values(&page, "href") {
            assert!(
                known.contains(target.trim_start_matches('#')),
                "{target} is not there"
            );
        }
    }
}

#[test]
fn headers_of_tables_say_what_they_head() {
    let page = page(&fixture::results());
    for cell in page
        .split("<th")
        .skip(1)
        .filter(|cell| !cell.starts_with("ead"))
    {
        assert!(
            cell.starts_with(" scope=\""),
            "{}",
            &cell[..40.min(cell.len())]
        );
    }
    assert_eq!(
        page.matches("<table").count(),
        page.matches("<caption>").count()
    );
}

#[test]
fn every_tabled_point_says_what_it_rests_on() {
    let results = fixture::results();
    let serving = page(&results);
    assert!(serving.contains("<th scope=\"col\">Rests on</th>"));
    let rows = serving.matches("<td>fitted · pair</td>").count();
    assert_eq!(rows, results.points.len());
    let options = serving
        .matches(", calibrated on this device and software</small>")
        .count();
    assert!(options >= view(&results).decision.rows.len());
    assert!(serving.contains("id=\"further-evidence\""));
    // A script makes larger tables of the same.
    let many = view(&fixture::many(1_000)).points;
    let data: serde_json::Value = serde_json::from_str(&many.json).expect("it is JSON");
    let values = data["rests"]["values"].as_array().expect("a list");
    assert_eq!(values.len(), 1_000);
    assert_eq!(data["rests"]["texts"][0], "fitted · pair");
    assert!(many.note.contains("pair: fitted on this device"));
}

#[test]
fn marks_name_points_that_are_there() {
    for results in [fixture::results(), fixture::plane()] {
        let known: BTreeSet<&str> = results
            .points
            .iter()
            .map(|point| point.id.as_str())
            .collect();
        for chart in view(&results).charts {
            let named = values(&chart.svg, "data-p");
            assert!(
                ["fleet_size", "tornado"].contains(&chart.id) || !named.is_empty(),
                "{} has no marks",
                chart.id
            );
            assert!(named.iter().all(|id| known.contains(id)), "{}", chart.id);
        }
    }
}

#[test]
fn one_frame_shows_without_a_script() {
    let charts = view(&fixture::results()).charts;
    let heatmap = charts
        .iter()
        .find(|chart| chart.id == "heatmap")
        .expect("models and hardware vary");
    let frames = heatmap.svg.matches("class=\"frame\"").count();
    assert_eq!(frames, 1 + 10, "the best load and each load");
    assert_eq!(heatmap.svg.matches("display=\"none\"").count(), frames - 1);
}

#[test]
fn charts_are_added_where_there_is_something_to_draw() {
    let ids = |results: &Results| -> Vec<&str> {
        view(results).charts.iter().map(|chart| chart.id).collect()
    };
    let plane = ids(&fixture::plane());
    for id in ["battery", "offload", "heatmap", "surface"] {
        assert!(plane.contains(&id), "{id} is missing of {plane:?}");
    }
    let serving = ids(&fixture::results());
    assert!(!serving.contains(&"battery") && !serving.contains(&"surface"));
}

#[test]
fn charts_asked_for_without_data_are_listed_with_the_reason() {
    let mut results = fixture::results();
    let all = Chart::ALL.iter().map(|chart| chart.name().to_owned());
    results.presentation.charts = Some(all.collect());
    let view = view(&results);
    assert_eq!(view.charts.len() + view.not_shown.len(), Chart::ALL.len());
    assert!(view.not_shown.iter().all(|omitted| !omitted.why.is_empty()));
}

#[test]
fn the_readme_of_templates_names_every_chart_and_every_field() {
    for chart in Chart::ALL {
        assert!(
            README.contains(&format!("| `{}` |", chart.name())),
            "{}",
            chart.name()
        );
    }
    let fields = serde_json::to_value(view(&fixture::results())).expect("a view is data");
    for field in fields.as_object().expect("a view has fields").keys() {
        assert!(
            README.contains(&format!("`{field}`")),
            "{field} is not explained"
        );
    }
}

#[test]
fn a_battery_shows_the_hours_asked_for() {
    let mut results = fixture::plane();
    results.presentation.slos[0]
        .limits
        .push(crate::record::LimitSummary {
            name: "battery_life".to_owned(),
            attainment: None,
            comparison: ">=".to_owned(),
            limit: 12.0 * 3600.0,
            text: "battery_life ≥ 12h".to_owned(),
        });
    let charts = view(&results).charts;
    let chart = charts
        .iter()
        .find(|chart| chart.id == "battery")
        .expect("it is drawn");
    assert!(
        chart
            .title
            .starts_with("No option lasts the 12\u{a0}h asked for"),
        "{}",
        chart.title
    );
    assert_eq!(chart.subtitle, "At 40 requests per hour");
    assert!(chart.svg.contains("asked for: 12"));
}

#[test]
fn offload_draws_a_line_for_each_speed_and_a_surface_holds_all_corners() {
    let charts = view(&fixture::plane()).charts;
    let of = |id: &str| {
        charts
            .iter()
            .find(|chart| chart.id == id)
            .expect("it is drawn")
    };
    let offload = of("offload");
    assert_eq!((offload.n, offload.table.rows.len()), (12, 12));
    assert!(
        offload.title.ends_with("limited by memory bandwidth"),
        "{}",
        offload.title
    );
    assert_eq!(offload.svg.matches("MT/s</text>").count(), 3);
    let surface = of("surface");
    assert_eq!((surface.n, surface.table.rows.len()), (12, 12));
    // Three by two tiles of four corners.
    assert_eq!(surface.svg.matches("fill-opacity").count(), 6);
}

#[test]
fn a_measured_point_is_drawn_against_its_prediction() {
    use crate::record::{Column, Metric, Source, ValueEntry};

    let mut results = fixture::results();
    let id = results.points[0].id.clone();
    let column = Column::of(Metric::OutputThroughput);
    let entries = results.points[0]
        .metrics
        .get_mut(&column)
        .expect("it is predicted");
    let predicted = entries[0].clone();
    entries.push(ValueEntry {
        value: predicted.value * 1.02,
        source: Source::Measured,
        ..predicted
    });
    let charts = view(&results).charts;
    let chart = charts
        .iter()
        .find(|chart| chart.id == "predicted_vs_measured");
    let chart = chart.expect("one point has both");
    assert_eq!(chart.n, 1);
    assert!(
        chart.title.ends_with("1 of 1 lie inside their interval"),
        "{}",
        chart.title
    );
    assert!(chart.svg.contains(&format!("data-p=\"{id}\"")));
}

#[test]
fn the_worked_example_of_a_template_renders_whole() {
    let template = super::Template {
        path: "templates/examples/house.html.j2",
        text: include_str!("../../templates/examples/house.html.j2"),
    };
    let view = view(&fixture::results());
    let page = html(&view, Some(template)).expect("the example is right");
    let page = String::from_utf8(page).expect("the page is text");
    assert!(page.contains("lang=\"de\"") && page.contains("aria-label=\"Haus AG\""));
    assert!(view.charts.iter().all(|chart| page.contains(&chart.svg)));
}
