//! Lying bars: one row for each option, one panel for each group.

use super::axis::tick_text;
use super::scale::Scale;
use super::svg::{Anchor, GRID, Ink, MUTED, Svg, TEXT, fitted, strong_width, text_width};
use super::{Canvas, WIDTH};
use crate::record::Column;
use crate::report::choice::Choice;
use crate::report::number::Shown;

/// Height of a row.
const ROW: f64 = 30.0;
/// Between a text and an upright line beside it.
const BESIDE: f64 = 5.0;
/// Thickness of a bar.
const BAR: f64 = 14.0;

/// One bar.
pub struct Bar {
    /// Name beside it.
    pub name: String,
    /// Its short form, where the name has no room.
    pub brief: String,
    /// Colour.
    pub ink: Ink,
    /// Length.
    pub value: f64,
    /// Ends of the whisker.
    pub interval: Option<(f64, f64)>,
    /// Ends of a thin line below it.
    pub range: Option<(f64, f64)>,
    /// Text behind it.
    pub text: String,
    /// Drawn in full strength; others are paler.
    pub marked: bool,
    /// Id of the point it stands for.
    pub point: String,
    /// Said when it is pointed at.
    pub tip: String,
}

/// An upright line through all bars of a panel.
pub struct Reference {
    /// Where.
    pub value: f64,
    /// Its name.
    pub name: String,
}

/// The bars of a group.
pub struct BarPanel {
    /// The group; empty where there is one.
    pub group: String,
    /// Bars from top to bottom.
    pub bars: Vec<Bar>,
    /// Lines.
    pub references: Vec<Reference>,
}

/// The options of every group in alphabetical order, which does not change with values.
pub fn by_name<'c>(canvas: &'c Canvas) -> Vec<(&'c str, Vec<&'c Choice<'c>>)> {
    let shortlist = canvas.choices.shortlist(12);
    canvas
        .choices
        .groups
        .iter()
        .map(|group| {
            let mut options: Vec<&Choice> = shortlist
                .iter()
                .copied()
                .filter(|option| option.group == *group)
                .collect();
            options.sort_by(|a, b| a.name.cmp(&b.name));
            (group.as_str(), options)
        })
        .filter(|(_, options)| !options.is_empty())
        .collect()
}

/// What comes off with the least of a column in every group, of the options that may be recommended: `name words: value`.
pub fn least(groups: &[(&str, Vec<&Choice>)], column: Column, words: &str) -> Vec<String> {
    groups
        .iter()
        .filter_map(|(group, options)| {
            let eligible = options.iter().filter(|option| option.eligible());
            let values =
                eligible.filter_map(|option| Some((option, option.chosen.predicted(column)?)));
            let values: Vec<_> = values.collect();
            let least = values
                .iter()
                .min_by(|(_, a), (_, b)| a.value.total_cmp(&b.value));
            let (option, entry) = least?;
            let of = if group.is_empty() {
                String::new()
            } else {
                format!(" for {group}")
            };
            let shown = Shown::of_entry(column, entry);
            let value = shown.text(entry.value);
            // What prints alike is not told apart.
            let alike = values
                .iter()
                .filter(|(_, one)| shown.text(one.value) == value);
            let more = match alike.count() - 1 {
                0 => String::new(),
                1 => ", as does one other".to_owned(),
                n => format!(", as do {n} others"),
            };
            Some(format!("{} {words}{of}: {value}{more}", option.name))
        })
        .collect()
}

/// What a bar says: option, load, value and interval.
pub fn tip(canvas: &Canvas, option: &Choice, column: Column) -> String {
    let load = match canvas.choices.load_text(option.chosen).as_str() {
        "" => String::new(),
        load => format!(" at {load}"),
    };
    let value = option.chosen.predicted(column).map_or_else(
        || "no value".to_owned(),
        |entry| {
            let shown = Shown::of_entry(column, entry);
            let range = entry
                .interval
                .filter(|(lo, hi, _)| lo < hi)
                .map_or_else(String::new, |(lo, hi, _)| {
                    format!(" [{}]", shown.interval(lo, hi))
                });
            format!("{}{range}", shown.text(entry.value))
        },
    );
    format!("{}{load}: {value}", option.full_name())
}

/// Room for the name of an option.
pub const MOST_NAME: f64 = 190.0;

/// The name of an option where it has room, else its brief one.
pub fn name(whole: &str, brief: &str) -> String {
    if strong_width(whole) <= MOST_NAME {
        whole.to_owned()
    } else {
        brief.to_owned()
    }
}

/// Draws all panels below each other.
pub fn draw(panels: &[BarPanel], axis: &str) -> Svg {
    let heights: Vec<f64> = panels.iter().map(height).collect();
    let mut svg = Svg::new(WIDTH, heights.iter().sum::<f64>() + 26.0);
    let names = panels
        .iter()
        .flat_map(|panel| &panel.bars)
        .map(|bar| strong_width(&name(&bar.name, &bar.brief)));
    let left = names.fold(40.0, f64::max).min(MOST_NAME) + 12.0;
    let texts = panels
        .iter()
        .flat_map(|panel| &panel.bars)
        .map(|bar| text_width(&bar.text));
    let right = WIDTH - texts.fold(20.0, f64::max).min(170.0) - 14.0;
    let mut top = 0.0;
    for (panel, height) in panels.iter().zip(&heights) {
        draw_panel(&mut svg, panel, (left, right), top);
        top += height;
    }
    svg.text(
        (f64::midpoint(left, right), top + 14.0),
        Anchor::Middle,
        MUTED,
        axis,
    );
    svg
}

/// Room above the bars: the group and the names of lines.
fn head(panel: &BarPanel) -> f64 {
    let group = if panel.group.is_empty() { 4.0 } else { 26.0 };
    group + 15.0 * panel.references.len() as f64
}

fn height(panel: &BarPanel) -> f64 {
    head(panel) + ROW * panel.bars.len() as f64 + 30.0
}

fn draw_panel(svg: &mut Svg, panel: &BarPanel, (left, right): (f64, f64), top: f64) {
    let ends = panel.bars.iter().flat_map(|bar| {
        let ends = [bar.interval, bar.range]
            .into_iter()
            .flatten()
            .map(|(_, hi)| hi);
        ends.chain([bar.value])
    });
    let lines = panel.references.iter().map(|line| line.value);
    let x = Scale::from_zero(ends.chain(lines).fold(0.0, f64::max), left, right);
    let first = top + head(panel);
    let bottom = first + ROW * panel.bars.len() as f64;
    if !panel.group.is_empty() {
        svg.strong((0.0, top + 14.0), Anchor::Start, TEXT, &panel.group);
    }
    for tick in &x.ticks {
        let at = x.at(*tick);
        svg.line((at, first - 2.0), (at, bottom), GRID, 1.0);
        svg.small(
            (at, bottom + 15.0),
            Anchor::Middle,
            MUTED,
            &tick_text(*tick),
        );
    }
    let lines: Vec<f64> = panel
        .references
        .iter()
        .map(|line| x.at(line.value))
        .collect();
    for (index, bar) in panel.bars.iter().enumerate() {
        draw_bar(svg, bar, (&x, &lines), first + ROW * index as f64);
    }
    svg.line((left, first - 2.0), (left, bottom), MUTED, 1.0);
    for (index, line) in panel.references.iter().enumerate() {
        let at = x.at(line.value);
        let y = first - 7.0 - 15.0 * (panel.references.len() - 1 - index) as f64;
        svg.dashed(&[(at, y + 3.0), (at, bottom)], TEXT, 1.2, "2 3");
        let beside = if at + 6.0 + text_width(&line.name) < WIDTH {
            Anchor::Start
        } else {
            Anchor::End
        };
        let shift = if beside == Anchor::Start { 5.0 } else { -5.0 };
        svg.small((at + shift, y + 4.0), beside, TEXT, &line.name);
    }
}

fn draw_bar(svg: &mut Svg, bar: &Bar, (x, lines): (&Scale, &[f64]), top: f64) {
    let middle = top + ROW / 2.0;
    let start = x.at(0.0);
    let name_ink = if bar.marked { TEXT } else { MUTED };
    let name = fitted(&name(&bar.name, &bar.brief), start - 10.0);
    if bar.marked {
        svg.strong((start - 8.0, middle + 4.0), Anchor::End, name_ink, &name);
    } else {
        svg.text((start - 8.0, middle + 4.0), Anchor::End, name_ink, &name);
    }
    let end = x.at(bar.value);
    svg.begin_mark(&bar.tip, &bar.name, &[&bar.point]);
    svg.rect(
        (start, middle - BAR / 2.0),
        (end - start, BAR),
        bar.ink,
        if bar.marked { 1.0 } else { 0.55 },
    );
    if let Some((lo, hi)) = bar.range {
        let below = middle + BAR / 2.0 + 4.0;
        svg.line((x.at(lo), below), (x.at(hi), below), bar.ink, 2.0);
    }
    let mut behind = bar.range.map_or(end, |(_, hi)| x.at(hi).max(end));
    if let Some((lo, hi)) = bar.interval.filter(|(lo, hi)| lo < hi) {
        let (lo, hi) = (x.at(lo), x.at(hi));
        svg.line((lo, middle), (hi, middle), TEXT, 1.3);
        svg.line((lo, middle - 4.0), (lo, middle + 4.0), TEXT, 1.3);
        svg.line((hi, middle - 4.0), (hi, middle + 4.0), TEXT, 1.3);
        behind = behind.max(hi);
    }
    svg.end();
    let left = clear_of(lines, behind + 8.0, strong_width(&bar.text));
    if bar.marked {
        svg.strong((left, middle + 4.0), Anchor::Start, TEXT, &bar.text);
    } else {
        svg.text((left, middle + 4.0), Anchor::Start, TEXT, &bar.text);
    }
}

/// Where a text that wants to begin at `left` begins so that no upright line goes through it: `left`, or right of the lines.
fn clear_of(lines: &[f64], left: f64, width: f64) -> f64 {
    let mut lines = lines.to_vec();
    lines.sort_by(f64::total_cmp);
    lines.into_iter().fold(left, |left, line| {
        if (left - BESIDE..left + width + BESIDE).contains(&line) {
            line + BESIDE
        } else {
            left
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_step_over_upright_lines() {
        let begins = |lines: &[f64], at: f64| (clear_of(lines, 100.0, 30.0) - at).abs() < 1e-9;
        assert!(begins(&[], 100.0));
        assert!(begins(&[90.0, 140.0], 100.0), "lines beside it");
        assert!(begins(&[120.0], 125.0));
        assert!(begins(&[150.0, 120.0], 155.0), "one after the other");
    }
}
