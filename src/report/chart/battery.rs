//! Hours of a charge with each option.

use super::Canvas;
use super::bars::{self, Bar, BarPanel, Reference};
use crate::record::{Column, Metric, ValueEntry};
use crate::report::choice::Choice;
use crate::report::decision::columns_table;
use crate::report::label;
use crate::report::number::{NBSP, Shown, rounded};
use crate::report::view::{ChartView, Table};

const HOUR: f64 = 3600.0;
const LIFE: Column = Column::of(Metric::BatteryLife);

/// True where a point says how long a charge lasts.
pub fn any(canvas: &Canvas) -> bool {
    let options = &canvas.choices.options;
    options.iter().any(|option| life(option).is_some())
}

fn life<'a>(option: &'a Choice) -> Option<&'a ValueEntry> {
    option.chosen.predicted(LIFE)
}

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let limit = limit(canvas);
    let groups = bars::by_name(canvas);
    let panels: Vec<BarPanel> = groups
        .iter()
        .map(|(group, options)| BarPanel {
            group: (*group).to_owned(),
            bars: options
                .iter()
                .filter_map(|option| bar(canvas, option))
                .collect(),
            references: limit.map(reference).into_iter().collect(),
        })
        .filter(|panel| !panel.bars.is_empty())
        .collect();
    let n = panels.iter().map(|panel| panel.bars.len()).sum();
    if n == 0 {
        return Err("no point runs on a battery".to_owned());
    }
    let title = title(&groups, limit);
    let alt = format!("{title}. Bars of hours of a charge for each option with intervals.");
    Ok(ChartView {
        id: "battery",
        section: "energy",
        subtitle: subtitle(&groups),
        svg: bars::draw(&panels, "Hours of a charge").finish("chart-battery", &title, &alt),
        alt,
        n,
        note: "Predicted, at the stated requests per hour and with the stated ageing of the battery; whiskers are intervals.".to_owned(),
        table: table(&groups),
        title,
    })
}

/// The least hours that an objective asks for, in seconds.
fn limit(canvas: &Canvas) -> Option<f64> {
    let wanted = canvas.choices.objectives();
    let slos = canvas.choices.results.presentation.slos.iter();
    slos.filter(|slo| wanted.contains(&slo.name))
        .flat_map(|slo| &slo.limits)
        .find(|limit| limit.name == Metric::BatteryLife.name() && limit.comparison == ">=")
        .map(|limit| limit.limit)
}

fn reference(limit: f64) -> Reference {
    Reference {
        value: limit / HOUR,
        name: format!("asked for: {}{NBSP}h", rounded(limit / HOUR, 3)),
    }
}

fn bar(canvas: &Canvas, option: &Choice) -> Option<Bar> {
    let entry = life(option)?;
    let interval = entry.interval.map(|(lo, hi, _)| (lo / HOUR, hi / HOUR));
    let text = Shown {
        factor: HOUR,
        unit: "h".to_owned(),
    };
    Some(Bar {
        name: option.name.clone(),
        brief: option.brief.clone(),
        ink: canvas.palette.ink(&option.name),
        value: entry.value / HOUR,
        interval,
        range: None,
        text: text.text(entry.value),
        marked: option.recommended,
        point: option.chosen.id.clone(),
        tip: bars::tip(canvas, option, LIFE),
    })
}

fn title(groups: &[(&str, Vec<&Choice>)], limit: Option<f64>) -> String {
    let options = groups.iter().flat_map(|(_, options)| options);
    let lives = options.filter_map(|option| Some((option, life(option)?.value)));
    let Some((best, longest)) = lives.max_by(|(_, a), (_, b)| a.total_cmp(b)) else {
        return "Hours of a charge".to_owned();
    };
    let hours = |seconds: f64| format!("{}{NBSP}h", rounded(seconds / HOUR, 3));
    match limit {
        Some(limit) if longest < limit => format!(
            "No option lasts the {} asked for; {} comes closest with {}",
            hours(limit),
            best.full_name(),
            hours(longest)
        ),
        Some(_) | None => format!(
            "{} lasts longest on a charge: {}",
            best.full_name(),
            hours(longest)
        ),
    }
}

/// Requests per hour, where all options have the same: what a charge serves divided by the hours it lasts.
fn subtitle(groups: &[(&str, Vec<&Choice>)]) -> String {
    let mut rates = groups
        .iter()
        .flat_map(|(_, options)| options)
        .filter_map(|option| {
            let served = option
                .chosen
                .predicted(Column::of(Metric::RequestsPerCharge))?;
            Some(served.value / (life(option)?.value / HOUR))
        });
    let first = rates.next();
    match first.filter(|first| rates.all(|rate| (rate / first - 1.0).abs() < 1e-6)) {
        Some(rate) => format!("At {} requests per hour", rounded(rate, 3)),
        None => "At the requests per hour of each option".to_owned(),
    }
}

fn table(groups: &[(&str, Vec<&Choice>)]) -> Table {
    let options: Vec<&Choice> = groups
        .iter()
        .flat_map(|(_, options)| options.iter().copied())
        .filter(|option| life(option).is_some())
        .collect();
    let columns = [
        Metric::BatteryLife,
        Metric::RequestsPerCharge,
        Metric::ThrottleRatio,
        Metric::Power,
    ];
    let table = Table::new("table-battery", "Hours of a charge", Vec::new());
    let mut table = columns_table(table, &options, &columns.map(Column::of));
    for head in table.head.iter_mut().skip(1) {
        head.label = label::capitalised(&head.label);
    }
    table
}
