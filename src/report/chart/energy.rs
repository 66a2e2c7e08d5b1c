//! Energy of a unit of work with each option, carbon behind the bars.

use super::Canvas;
use super::bars::{self, Bar, BarPanel};
use crate::record::{Column, Metric};
use crate::report::choice::Choice;
use crate::report::decision::columns_table;
use crate::report::label;
use crate::report::number::{Shown, rounded};
use crate::report::view::{ChartView, Table};

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let column = canvas.keys.energy.ok_or("no point carries energy")?;
    let groups = bars::by_name(canvas);
    let smallest = groups
        .iter()
        .flat_map(|(_, options)| options)
        .filter_map(|option| option.chosen.predicted(column))
        .map(|entry| entry.value)
        .fold(f64::INFINITY, f64::min);
    let shown = Shown::of(column, column.metric.unit(), smallest);
    let panels: Vec<BarPanel> = groups
        .iter()
        .map(|(group, options)| BarPanel {
            group: (*group).to_owned(),
            bars: options
                .iter()
                .filter_map(|option| bar(canvas, option, column, &shown))
                .collect(),
            references: Vec::new(),
        })
        .filter(|panel| !panel.bars.is_empty())
        .collect();
    let n = panels.iter().map(|panel| panel.bars.len()).sum();
    if n == 0 {
        return Err("no point carries energy".to_owned());
    }
    let svg = bars::draw(
        &panels,
        &format!("{}, {}", label::column(column), shown.unit),
    );
    let presentation = &canvas.choices.results.presentation;
    let pue = presentation
        .pue
        .map_or_else(String::new, |pue| format!(", PUE {}", rounded(pue, 3)));
    let title = title(&groups, column);
    let alt = format!("{title}. Bars of energy for each option with intervals.");
    Ok(ChartView {
        id: "energy",
        section: "energy",
        subtitle: match presentation.grid {
            Some(_) => format!("Scope: {}; carbon{pue}", presentation.energy_scope),
            None => format!("Scope: {}", presentation.energy_scope),
        },
        svg: svg.finish("chart-energy", &title, &alt),
        alt,
        n,
        note: presentation.grid.as_ref().map_or_else(
            || "Predicted. No grid is named, so carbon is not counted.".to_owned(),
            |grid| format!("Predicted. Grid: {grid}. PUE raises carbon, not the energy shown."),
        ),
        table: table(&groups, column),
        title,
    })
}

fn carbon(option: &Choice) -> Option<String> {
    let column = Column::of(Metric::CarbonPerMtok);
    let entry = option.chosen.predicted(column)?;
    Some(Shown::of_entry(column, entry).text(entry.value))
}

fn bar(canvas: &Canvas, option: &Choice, column: Column, shown: &Shown) -> Option<Bar> {
    let entry = option.chosen.predicted(column)?;
    let carbon = carbon(option).map_or_else(String::new, |carbon| format!(" · {carbon}"));
    Some(Bar {
        name: option.name.clone(),
        brief: option.brief.clone(),
        ink: canvas.palette.ink(&option.name),
        value: entry.value / shown.factor,
        interval: entry
            .interval
            .map(|(lo, hi, _)| (lo / shown.factor, hi / shown.factor)),
        range: None,
        text: format!("{}{carbon}", shown.number(entry.value)),
        marked: option.recommended,
        point: option.chosen.id.clone(),
        tip: bars::tip(canvas, option, column),
    })
}

fn title(groups: &[(&str, Vec<&Choice>)], column: Column) -> String {
    match bars::least(groups, column, "uses least energy").as_slice() {
        [] => "Energy of each option".to_owned(),
        some => some.join("; "),
    }
}

fn table(groups: &[(&str, Vec<&Choice>)], column: Column) -> Table {
    let options: Vec<&Choice> = groups
        .iter()
        .flat_map(|(_, options)| options.iter().copied())
        .collect();
    let columns = [
        column,
        Column::of(Metric::CarbonPerMtok),
        Column::of(Metric::Power),
    ];
    let table = Table::new("table-energy", "Energy and carbon", Vec::new());
    columns_table(table, &options, &columns)
}
