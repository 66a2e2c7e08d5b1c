//! What fills the memory of one accelerator.

use super::axis::tick_text;
use super::bars;
use super::scale::Scale;
use super::svg::{
    Anchor, GREY, GRID, Ink, LIMIT, MUTED, SERIES, Svg, TEXT, fitted, strong_width, text_width,
};
use super::{Canvas, WIDTH};
use crate::record::{Column, Metric};
use crate::report::choice::Choice;
use crate::report::label;
use crate::report::lists::tightest;
use crate::report::number::{percent, rounded};
use crate::report::view::{Cell, ChartView, Head, Table};

const GIB: f64 = 1_073_741_824.0;
const ROW: f64 = 30.0;
/// Options that a title names.
const MOST_NAMED: usize = 2;

/// Parts from the inside out with their colours and patterns of strength.
const PARTS: [(Metric, &str, Ink, f64); 4] = [
    (Metric::MemoryWeights, "weights", SERIES[0], 1.0),
    (Metric::MemoryKv, "KV cache", SERIES[5], 1.0),
    (Metric::MemoryActivations, "activations", SERIES[4], 1.0),
    (Metric::MemoryOverhead, "runtime", GREY, 1.0),
];

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let total = Column::of(Metric::MemoryTotal);
    let options: Vec<&Choice> = bars::by_name(canvas)
        .into_iter()
        .flat_map(|(_, options)| options)
        .filter(|option| option.chosen.predicted(total).is_some())
        .collect();
    if options.is_empty() {
        return Err("no point carries memory".to_owned());
    }
    let svg = picture(&options);
    let title = title(&options);
    let alt = format!(
        "{title}. Stacked bars of weights, cache, activations and runtime with the capacity marked."
    );
    Ok(ChartView {
        id: "memory",
        section: "cost",
        subtitle: "Memory of one accelerator at the option's load".to_owned(),
        svg: svg.finish("chart-memory", &title, &alt),
        alt,
        n: options.len(),
        note: "Predicted. The bold mark is the capacity of the accelerator, the thin one what the runtime may use.".to_owned(),
        table: table(&options),
        title,
    })
}

fn part(option: &Choice, metric: Metric) -> f64 {
    option
        .chosen
        .predicted(Column::of(metric))
        .map_or(0.0, |entry| entry.value / GIB)
}

fn picture(options: &[&Choice]) -> Svg {
    let top = 34.0;
    let bottom = top + ROW * options.len() as f64;
    let mut svg = Svg::new(WIDTH, bottom + 46.0);
    legend(&mut svg);
    let names = options
        .iter()
        .map(|option| strong_width(&bars::name(&option.full_name(), &option.brief_name())));
    let left = names.fold(40.0, f64::max).min(bars::MOST_NAME) + 10.0;
    let right = WIDTH - 92.0;
    let system = |option: &&Choice| option.chosen.system.memory_capacity_b.unwrap_or(0.0) / GIB;
    let most = options
        .iter()
        .map(|option| system(option).max(part(option, Metric::MemoryTotal)))
        .fold(0.0, f64::max);
    let x = Scale::from_zero(most, left, right);
    for tick in &x.ticks {
        svg.line((x.at(*tick), top - 4.0), (x.at(*tick), bottom), GRID, 1.0);
        svg.small(
            (x.at(*tick), bottom + 15.0),
            Anchor::Middle,
            MUTED,
            &tick_text(*tick),
        );
    }
    svg.text(
        (f64::midpoint(left, right), bottom + 34.0),
        Anchor::Middle,
        MUTED,
        "Memory of one accelerator, GiB",
    );
    for (index, option) in options.iter().enumerate() {
        bar(&mut svg, option, &x, top + ROW * index as f64 + ROW / 2.0);
    }
    svg.line((left, top - 4.0), (left, bottom), MUTED, 1.0);
    svg
}

fn legend(svg: &mut Svg) {
    let mut x = 0.0;
    for (_, name, ink, opacity) in PARTS {
        svg.rect((x, 3.0), (11.0, 11.0), ink, opacity);
        svg.text((x + 16.0, 13.0), Anchor::Start, MUTED, name);
        x += 16.0 + text_width(name) + 16.0;
    }
}

fn bar(svg: &mut Svg, option: &Choice, x: &Scale, middle: f64) {
    let name = bars::name(&option.full_name(), &option.brief_name());
    let name = fitted(&name, x.at(0.0) - 10.0);
    if option.recommended {
        svg.strong((x.at(0.0) - 8.0, middle + 4.0), Anchor::End, TEXT, &name);
    } else {
        svg.text((x.at(0.0) - 8.0, middle + 4.0), Anchor::End, MUTED, &name);
    }
    let mut from = 0.0;
    // Colours are parts here, not options: the mark is of no series.
    svg.begin_mark(&tip(option), "", &[&option.chosen.id]);
    for (metric, _, ink, opacity) in PARTS {
        let size = part(option, metric);
        svg.rect(
            (x.at(from), middle - 7.0),
            (x.at(from + size) - x.at(from), 14.0),
            ink,
            opacity,
        );
        from += size;
    }
    svg.end();
    let system = &option.chosen.system;
    if let Some(usable) = system.memory_usable_b {
        let at = x.at(usable / GIB);
        svg.line((at, middle - 10.0), (at, middle + 10.0), TEXT, 1.0);
    }
    let mut behind = x.at(from);
    if let Some(capacity) = system.memory_capacity_b {
        let at = x.at(capacity / GIB);
        svg.line((at, middle - 11.0), (at, middle + 11.0), TEXT, 2.6);
        behind = behind.max(at);
    }
    if let Some((ink, text)) = spare(option) {
        svg.small((behind + 7.0, middle + 4.0), Anchor::Start, ink, &text);
    }
}

fn spare(option: &Choice) -> Option<(Ink, String)> {
    let (_, free) = tightest(&[option])?;
    Some(if free < 0.0 {
        (LIMIT, "does not fit".to_owned())
    } else {
        (MUTED, format!("{} free", percent(free)))
    })
}

fn tip(option: &Choice) -> String {
    let parts: Vec<String> = PARTS
        .iter()
        .map(|(metric, name, ..)| format!("{name} {} GiB", rounded(part(option, *metric), 3)))
        .collect();
    format!("{}: {}", option.full_name(), parts.join(", "))
}

fn title(options: &[&Choice]) -> String {
    let missing: Vec<String> = options
        .iter()
        .filter(|option| tightest(&[option]).is_some_and(|(_, free)| free < 0.0))
        .map(|option| option.full_name())
        .collect();
    if !missing.is_empty() {
        let which = if missing.len() <= MOST_NAMED {
            format!(": {}", label::list(&missing))
        } else {
            String::new()
        };
        return format!(
            "{} of {} do not fit{which}",
            missing.len(),
            label::counted(options.len(), "option"),
        );
    }
    tightest(options).map_or_else(
        || "Memory of each option".to_owned(),
        |(option, free)| {
            format!(
                "All options fit; {} has least to spare: {} of usable memory",
                option.full_name(),
                percent(free)
            )
        },
    )
}

fn table(options: &[&Choice]) -> Table {
    let mut table = Table::new(
        "table-memory",
        "Memory of one accelerator",
        vec![Head::text("Option"), Head::text("Accelerator")],
    );
    table.head.extend(
        PARTS
            .iter()
            .map(|(_, name, ..)| Head::number(label::capitalised(name), "GiB")),
    );
    table.head.extend([
        Head::number("Total", "GiB"),
        Head::number("Usable", "GiB"),
        Head::number("Capacity", "GiB"),
    ]);
    for option in options {
        let system = &option.chosen.system;
        let gib = |value: f64| Cell::number(rounded(value, 3), value * GIB);
        let optional = |value: Option<f64>| value.map_or_else(Cell::none, |value| gib(value / GIB));
        let mut cells = vec![Cell::text(option.full_name()), Cell::text(&system.device)];
        cells.extend(PARTS.iter().map(|(metric, ..)| gib(part(option, *metric))));
        cells.push(gib(part(option, Metric::MemoryTotal)));
        cells.push(optional(system.memory_usable_b));
        cells.push(optional(system.memory_capacity_b));
        table.push(cells);
    }
    table
}
