//! What moves the answer: one bar for each input, from the deciding number at its lower end to that at its upper end.

use super::scale::Scale;
use super::svg::{Anchor, GRID, LIMIT, MUTED, SERIES, Svg, TEXT, fitted, text_width};
use super::{Canvas, WIDTH};
use crate::record::{Column, Flip, Sensitivity, Swing, SwingEnd};
use crate::report::changes::{amount, change, ends, group, input, option};
use crate::report::choice::Choices;
use crate::report::label;
use crate::report::view::{Cell, ChartView, Head, Table};

/// Height of a row.
const ROW: f64 = 21.0;
/// Thickness of a bar.
const BAR: f64 = 12.0;
/// An input that moves the deciding number by less at both ends is left to the table.
const LEAST: f64 = 0.01;
/// So many inputs are drawn however little they move.
const FEWEST: usize = 3;

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let all = canvas.choices.results.sensitivity.iter();
    let shown: Vec<&Sensitivity> = all
        .filter(|one| one.value > 0.0 && !one.swings.is_empty())
        .collect();
    let Some(first) = shown.first() else {
        return Err("results do not carry how the answer moves with each input".to_owned());
    };
    let title = title(&shown);
    let bars: Vec<Panel> = shown.iter().map(|one| Panel::of(one)).collect();
    let svg = picture(&bars);
    let drawn: usize = bars.iter().map(|panel| panel.swings.len()).sum();
    let left_out = shown.iter().map(|one| one.swings.len()).sum::<usize>() - drawn;
    let alt = format!(
        "{title}. Bars of the change of the deciding number for each input; a triangle marks ends that change the answer."
    );
    let rivals = shown.iter().flat_map(|one| &one.rivals);
    let mut against: Vec<String> = rivals
        .map(|rival| option(canvas.choices, &rival.key))
        .collect();
    against.dedup();
    Ok(ChartView {
        id: "tornado",
        section: "changes",
        subtitle: format!(
            "Change of {} with each input at both ends of its stated range",
            label::lower_first(&label::objective(&first.column))
        ),
        svg: svg.finish("chart-tornado", &title, &alt),
        alt,
        n: drawn,
        note: note(&against, left_out),
        table: table(canvas.choices, &shown),
        title,
    })
}

fn title(shown: &[&Sensitivity]) -> String {
    let said: Vec<String> = shown
        .iter()
        .filter_map(|one| {
            let widest = one.swings.first()?;
            let name = group(one);
            let of = if name.is_empty() {
                String::new()
            } else {
                format!(" for {name}")
            };
            Some(format!("{} moves it most{of}", input(&widest.input)))
        })
        .collect();
    label::capitalised(&said.join("; "))
}

fn note(against: &[String], left_out: usize) -> String {
    let mut note = "Each input is moved alone; ▲ marks an end that changes the answer.".to_owned();
    if !against.is_empty() {
        note.push_str(&format!(" Compared with {}.", label::list(against)));
    }
    if left_out > 0 {
        note.push_str(&format!(
            " {} that move it by less than {} stand in the table.",
            label::counted(left_out, "input"),
            crate::report::number::percent(LEAST)
        ));
    }
    note
}

/// The inputs of an answer that are drawn.
struct Panel<'a> {
    one: &'a Sensitivity,
    swings: Vec<&'a Swing>,
}

impl<'a> Panel<'a> {
    fn of(one: &'a Sensitivity) -> Self {
        let moves = |swing: &Swing| {
            swing.flips()
                || swing.ends.iter().any(|end| {
                    end.value
                        .is_none_or(|value| (value / one.value - 1.0).abs() >= LEAST)
                })
        };
        let swings = one.swings.iter().enumerate();
        let drawn = swings.filter(|(rank, swing)| *rank < FEWEST || moves(swing));
        Self {
            one,
            swings: drawn.map(|(_, swing)| swing).collect(),
        }
    }

    fn height(&self) -> f64 {
        head(self.one) + ROW * self.swings.len() as f64 + 28.0
    }
}

/// The widest name of an input that is told in full.
const LABEL: f64 = 200.0;

fn picture(panels: &[Panel]) -> Svg {
    let heights: Vec<f64> = panels.iter().map(Panel::height).collect();
    let mut svg = Svg::new(WIDTH, heights.iter().sum::<f64>() + 22.0);
    let swings = || panels.iter().flat_map(|panel| &panel.swings);
    let widest = |text: fn(&Swing) -> String| {
        let widths = swings().map(|swing| text_width(&text(swing)));
        widths.fold(40.0, f64::max).min(LABEL)
    };
    let left = widest(|swing| input(&swing.input)) + 10.0;
    let right = WIDTH - widest(ends) - 10.0;
    let mut top = 0.0;
    for (one, height) in panels.iter().zip(&heights) {
        panel(&mut svg, one, (left, right), top);
        top += height;
    }
    svg.text(
        (f64::midpoint(left, right), top + 12.0),
        Anchor::Middle,
        MUTED,
        "change, % of the answer's number",
    );
    svg
}

fn head(one: &Sensitivity) -> f64 {
    if one.group.is_empty() { 4.0 } else { 24.0 }
}

/// Changes in percent, placed between two edges.
struct Axis {
    lo: f64,
    hi: f64,
    left: f64,
    right: f64,
}

impl Axis {
    fn of(one: &Sensitivity, (left, right): (f64, f64)) -> Self {
        let changes = || {
            let ends = one.swings.iter().flat_map(|swing| &swing.ends);
            ends.filter_map(|end| percent(end, one.value))
        };
        let (lo, hi) = (changes().fold(0.0, f64::min), changes().fold(0.0, f64::max));
        // A single side still has room for the mark of its other end.
        let margin = ((hi - lo) * 0.06).max(0.1);
        Self {
            lo: lo - margin,
            hi: hi + margin,
            left,
            right,
        }
    }

    fn at(&self, change: f64) -> f64 {
        self.left + (change - self.lo) / (self.hi - self.lo) * (self.right - self.left)
    }

    fn ticks(&self) -> Vec<f64> {
        let ticks = Scale::from_zero(self.hi.max(-self.lo), 0.0, 1.0).ticks;
        let both = ticks.iter().rev().map(|tick| -tick);
        let mut all: Vec<f64> = both.chain(ticks.iter().copied().skip(1)).collect();
        all.retain(|tick| self.lo <= *tick && *tick <= self.hi);
        all
    }
}

fn percent(end: &SwingEnd, base: f64) -> Option<f64> {
    end.value.map(|value| (value / base - 1.0) * 100.0)
}

fn panel(svg: &mut Svg, panel: &Panel, edges: (f64, f64), top: f64) {
    let one = panel.one;
    let axis = Axis::of(one, edges);
    let first = top + head(one);
    let bottom = first + ROW * panel.swings.len() as f64;
    if !one.group.is_empty() {
        svg.strong((0.0, top + 13.0), Anchor::Start, TEXT, &group(one));
    }
    let mut last = f64::NEG_INFINITY;
    for tick in axis.ticks() {
        let x = axis.at(tick);
        svg.line((x, first - 2.0), (x, bottom), GRID, 1.0);
        let text = super::axis::tick_text(tick);
        let width = text_width(&text);
        if x - width / 2.0 > last + 6.0 {
            svg.small((x, bottom + 14.0), Anchor::Middle, MUTED, &text);
            last = x + width / 2.0;
        }
    }
    for (index, swing) in panel.swings.iter().enumerate() {
        let middle = first + ROW * (index as f64 + 0.5);
        row(svg, (one, swing), &axis, middle);
    }
    let zero = axis.at(0.0);
    svg.line((zero, first - 2.0), (zero, bottom), TEXT, 1.2);
}

fn row(svg: &mut Svg, (one, swing): (&Sensitivity, &Swing), axis: &Axis, middle: f64) {
    svg.text(
        (axis.left - 8.0, middle + 4.0),
        Anchor::End,
        TEXT,
        &fitted(&input(&swing.input), LABEL),
    );
    svg.small(
        (axis.right + 8.0, middle + 4.0),
        Anchor::Start,
        MUTED,
        &ends(swing),
    );
    let zero = axis.at(0.0);
    for (end, (ink, opacity)) in swing.ends.iter().zip([(SERIES[5], 0.9), (SERIES[0], 0.9)]) {
        let at = percent(end, one.value).map_or(zero, |change| axis.at(change));
        let told = end
            .value
            .map_or_else(|| "no number".to_owned(), |value| change(value, one.value));
        let tip = format!(
            "{} at {}: {told}",
            input(&swing.input),
            amount(end.at, &swing.unit)
        );
        svg.begin_mark(&tip, "", &[]);
        svg.rect(
            (at.min(zero), middle - BAR / 2.0),
            ((at - zero).abs(), BAR),
            ink,
            opacity,
        );
        if end.flip.is_some() {
            svg.triangle((at, middle), 5.0, LIMIT);
        }
        svg.end();
    }
}

fn table(choices: &Choices, shown: &[&Sensitivity]) -> Table {
    let mut table = Table::new(
        "table-tornado",
        "What would change the answer",
        vec![
            Head::text("Input"),
            Head::text("What it is"),
            Head::number("Stands at", ""),
            Head::number("Lower end", ""),
            Head::number("Answer there", ""),
            Head::number("Upper end", ""),
            Head::number("Answer there", ""),
            Head::text("Changes the answer"),
        ],
    );
    for one in shown {
        let name = group(one);
        for swing in &one.swings {
            let [low, high] = &swing.ends;
            let mut cells = vec![
                Cell::text(format!("{name} {}", input(&swing.input)).trim().to_owned()),
                Cell::text(swing.about.clone()),
                Cell::number(amount(swing.base, &swing.unit), swing.base),
            ];
            for end in [low, high] {
                cells.push(Cell::number(amount(end.at, &swing.unit), end.at));
                cells.push(deciding(one, end));
            }
            cells.push(flips(choices, swing));
            table.push(cells);
        }
    }
    table
}

fn deciding(one: &Sensitivity, end: &SwingEnd) -> Cell {
    let Some(value) = end.value else {
        return Cell::none();
    };
    let text = match one.column.parse::<Column>() {
        Ok(column) => crate::report::number::Shown::of(column, &one.unit, one.value).text(value),
        Err(_) => amount(value, &one.unit),
    };
    Cell::number(text, value)
}

fn flips(choices: &Choices, swing: &Swing) -> Cell {
    let names = ["lower", "upper"];
    let told: Vec<String> = swing
        .ends
        .iter()
        .zip(names)
        .filter_map(|(end, name)| {
            Some(match end.flip.as_ref()? {
                Flip::Objective(slo) => format!("{name} end: misses {slo}"),
                Flip::Rival(key) => format!("{name} end: {}", option(choices, key)),
            })
        })
        .collect();
    Cell::text(if told.is_empty() {
        "no".to_owned()
    } else {
        told.join("; ")
    })
}

#[cfg(test)]
mod tests {
    use crate::report::{fixture, view};

    #[test]
    fn ends_that_change_the_answer_are_marked_by_shape() {
        let view = view(&fixture::results());
        let chart = view.charts.iter().find(|chart| chart.id == "tornado");
        let chart = chart.expect("the fixture says what moves its answers");
        insta::assert_snapshot!(chart.svg);
    }
}
