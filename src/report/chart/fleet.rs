//! How many accelerators a load needs.

use super::axis::{AxisNames, Panel};
use super::scale::Scale;
use super::svg::{Anchor, MUTED, Svg};
use super::{Canvas, WIDTH};
use crate::record::{Column, Metric};
use crate::report::choice::{Choice, Choices};
use crate::report::label;
use crate::report::number::rounded;
use crate::report::view::{Cell, ChartView, Head, Table};

const INNER: f64 = 190.0;
/// Steps of load that the table lists, as shares of the demand.
const SHARES: [f64; 4] = [0.25, 0.5, 1.0, 2.0];

/// A recommended option that a fleet is made of.
struct Fleet<'a> {
    option: &'a Choice<'a>,
    /// Load of one deployment.
    capacity: f64,
    /// Accelerators of one deployment.
    accelerators: f64,
    /// Money of one deployment in an hour.
    per_hour: Option<f64>,
}

impl Fleet<'_> {
    fn replicas(&self, load: f64) -> f64 {
        libm::ceil(load / self.capacity).max(1.0)
    }
}

/// The chart.
pub fn draw(canvas: &Canvas) -> Result<ChartView, String> {
    let question = canvas.choices.question.ok_or("no question is asked")?;
    let (demand, unit) = match (question.demand_concurrency, question.demand_request_rate) {
        (Some(demand), _) => (demand, "requests in flight"),
        (None, Some(demand)) => (demand, "requests per second"),
        (None, None) => return Err("no demand is stated".to_owned()),
    };
    let recommended = canvas
        .choices
        .options
        .iter()
        .filter(|option| option.recommended)
        .take(3);
    let fleets: Vec<Fleet> = recommended
        .filter_map(|option| fleet(canvas.choices, option))
        .collect();
    if fleets.is_empty() {
        return Err("no option meets the objectives".to_owned());
    }
    let title = title(&fleets, demand, unit);
    let alt = format!("{title}. Step lines of accelerators against load.");
    Ok(ChartView {
        id: "fleet_size",
        section: "cost",
        subtitle: "Accelerators that keep the objectives, by load".to_owned(),
        svg: picture(canvas, &fleets, demand, unit).finish("chart-fleet_size", &title, &alt),
        alt,
        n: fleets.len(),
        note: "Predicted. Copies of the recommended deployment, each at its recommended load; no headroom is added. Upright line: the stated demand.".to_owned(),
        table: table(canvas, &fleets, demand, unit),
        title,
    })
}

/// The load of one deployment is the one a search found, else that of its point.
fn fleet<'a>(choices: &Choices<'_>, option: &'a Choice<'a>) -> Option<Fleet<'a>> {
    let value = |metric: Metric| {
        option
            .chosen
            .predicted(Column::of(metric))
            .map(|entry| entry.value)
    };
    let by_load = choices
        .question
        .is_some_and(|question| question.demand_concurrency.is_some());
    let capacity = if choices.searched() {
        choices.found_load(option)
    } else if by_load {
        option.chosen.system.load
    } else {
        value(Metric::RequestThroughput)
    };
    Some(Fleet {
        option,
        capacity: capacity.filter(|capacity| *capacity > 0.0)?,
        accelerators: f64::from(option.chosen.system.accelerators),
        per_hour: value(Metric::CostPerHour),
    })
}

fn picture(canvas: &Canvas, fleets: &[Fleet], demand: f64, unit: &str) -> Svg {
    let mut svg = Svg::new(WIDTH, INNER + 78.0);
    let (left, right, top) = (40.0, WIDTH - 118.0, 28.0);
    let bottom = top + INNER;
    let load = demand * 2.0;
    let most = fleets
        .iter()
        .map(|fleet| fleet.replicas(load) * fleet.accelerators)
        .fold(1.0, f64::max);
    let panel = Panel {
        left,
        top,
        right,
        bottom,
        x: Scale::from_zero(load, left, right),
        y: Scale::from_zero(most, bottom, top),
    };
    panel.draw(
        &mut svg,
        &AxisNames {
            x: &label::capitalised(unit),
            y: "Accelerators",
            panel: "",
        },
    );
    let at = panel.x.at(demand);
    svg.dashed(&[(at, top), (at, bottom)], MUTED, 1.0, "");
    svg.small((at + 5.0, top + 10.0), Anchor::Start, MUTED, "demand");
    for fleet in fleets {
        let ink = canvas.palette.ink(&fleet.option.name);
        let steps = fleet.replicas(load) as u64;
        let mut line = Vec::new();
        for replica in 1..=steps.min(2000) {
            let replica = replica as f64;
            let ends = [
                (replica - 1.0) * fleet.capacity,
                (replica * fleet.capacity).min(load),
            ];
            line.extend(ends.map(|end| panel.at(end, replica * fleet.accelerators)));
        }
        svg.begin_series(&fleet.option.name);
        let end = line.last().copied().unwrap_or((right, bottom));
        svg.dashed(&line, ink, 1.8, canvas.palette.dash(&fleet.option.name));
        svg.small(
            (end.0 + 6.0, end.1 + 4.0),
            Anchor::Start,
            ink,
            &fleet.option.full_name(),
        );
        svg.end();
    }
    svg
}

fn title(fleets: &[Fleet], demand: f64, unit: &str) -> String {
    let parts: Vec<String> = fleets
        .iter()
        .map(|fleet| {
            let accelerators = (fleet.replicas(demand) * fleet.accelerators) as usize;
            format!(
                "{} with {}",
                label::counted(accelerators, "accelerator"),
                fleet.option.full_name()
            )
        })
        .collect();
    format!("{} {unit} need {}", rounded(demand, 3), label::list(&parts))
}

fn table(canvas: &Canvas, fleets: &[Fleet], demand: f64, unit: &str) -> Table {
    let currency = canvas
        .choices
        .results
        .inputs
        .currency
        .as_deref()
        .unwrap_or("");
    let mut table = Table::new(
        "table-fleet",
        "Fleet by load",
        vec![
            Head::text("Option"),
            Head::number("Load", unit),
            Head::number("Replicas", ""),
            Head::number("Accelerators", ""),
            Head::number("Cost per month", currency),
        ],
    );
    for fleet in fleets {
        for load in SHARES.map(|share| share * demand) {
            let replicas = fleet.replicas(load);
            let cost = fleet.per_hour.map(|hour| hour * 730.0 * replicas);
            table.push(vec![
                Cell::text(fleet.option.full_name()),
                Cell::number(rounded(load, 3), load),
                Cell::number(rounded(replicas, 4), replicas),
                Cell::number(
                    rounded(replicas * fleet.accelerators, 4),
                    replicas * fleet.accelerators,
                ),
                cost.map_or_else(Cell::none, |cost| Cell::number(rounded(cost, 3), cost)),
            ]);
        }
    }
    table
}
