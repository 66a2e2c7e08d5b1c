//! Regions side by side: the recommended option wherever the scenario may put it.

use super::choice::Choices;
use super::label;
use super::number::{Shown, rounded};
use super::rests;
use super::view::{Cell, Head, Row, Table};
use crate::record::{Column, Metric, PlaceSummary, PointResult, Verdict};
use crate::scenario::AxisValue;

/// Regions that a table has room for.
const MOST_ROWS: usize = 24;

/// True for the axis that says where a point stands.
fn is_region(axis: &str) -> bool {
    matches!(axis, "region" | "energy.region")
}

/// The region of a point, where an axis sets it.
fn region(point: &PointResult) -> Option<String> {
    let (_, value) = point.axes.iter().find(|(axis, _)| is_region(axis))?;
    Some(value.to_string())
}

/// The recommended option in every region, least carbon first; nothing where all points stand in one.
pub fn regions(choices: &Choices) -> Option<Table> {
    let places = &choices.results.presentation.places;
    if places.is_empty() {
        return None;
    }
    let stands = choices
        .options
        .iter()
        .find(|option| option.recommended)
        .or_else(|| choices.options.first())?;
    let chosen = stands.chosen;
    let rest = |point: &PointResult| -> Vec<(String, AxisValue)> {
        let axes = point.axes.iter().filter(|(axis, _)| !is_region(axis));
        axes.cloned().collect()
    };
    let wanted = rest(chosen);
    let mut points: Vec<(&PlaceSummary, &PointResult)> = choices
        .results
        .points
        .iter()
        .filter(|point| rest(point) == wanted)
        .filter_map(|point| {
            let name = crate::catalog::normal_name(&region(point)?);
            let place = places.iter().find(|place| place.region == name)?;
            Some((place, point))
        })
        .collect();
    let carbon = |point: &PointResult| {
        let entry = point.predicted(Column::of(points_carbon(point)));
        entry.map_or(f64::INFINITY, |entry| entry.value)
    };
    points.sort_by(|a, b| carbon(a.1).total_cmp(&carbon(b.1)));
    let named: Vec<String> = wanted
        .iter()
        .map(|(axis, value)| label::axis_value(axis, &value.to_string()))
        .collect();
    let mut table = Table::new(
        "regions",
        match named.join(" ").as_str() {
            "" => "Regions".to_owned(),
            name => format!("Regions for {name}"),
        },
        head(choices, chosen),
    );
    let moves = |point: &PointResult| point.key == chosen.key && stands.recommended;
    table.rows = points
        .iter()
        .map(|(place, point)| Row {
            id: format!("region-{}", label::slug(&place.region)),
            mark: if moves(point) { "recommended" } else { "" },
            rests: rests::plain(point),
            cells: cells(choices, place, (point, chosen)),
        })
        .collect();
    table.cap(MOST_ROWS);
    let note =
        "Least carbon first. The network between users and a region is not part of a prediction. ";
    table.note.insert_str(0, note);
    let shown = points.iter().take(MOST_ROWS).map(|(place, _)| *place);
    table.note.push_str(&sources(&shown.collect::<Vec<_>>()));
    Some(table)
}

/// Where the figures of the grids come from, those of one source together.
fn sources(places: &[&PlaceSummary]) -> String {
    let mut known: Vec<(&str, Vec<&str>)> = Vec::new();
    for place in places {
        let Some(source) = place.source.as_deref() else {
            continue;
        };
        match known.iter_mut().find(|(one, _)| *one == source) {
            Some((_, names)) => names.push(&place.region),
            None => known.push((source, vec![&place.region])),
        }
    }
    let said: Vec<String> = known
        .into_iter()
        .map(|(source, names)| format!("{}: {source}", label::list(&names)))
        .collect();
    match said.as_slice() {
        [] => String::new(),
        some => format!("Figures of grids: {}.", some.join("; ")),
    }
}

/// Carbon of a unit of what the point does.
fn points_carbon(point: &PointResult) -> Metric {
    let has = |metric: &Metric| point.predicted(Column::of(*metric)).is_some();
    let metrics = [
        Metric::CarbonPerMtok,
        Metric::CarbonPerMsample,
        Metric::CarbonTotal,
    ];
    metrics
        .into_iter()
        .find(has)
        .unwrap_or(Metric::CarbonPerMtok)
}

/// The numbers of a point that regions are compared by.
fn columns(point: &PointResult) -> Vec<Column> {
    let has = |column: &Column| point.predicted(*column).is_some();
    [
        points_carbon(point),
        Metric::CostPerMtokOutput,
        Metric::CostPerMsample,
        Metric::CostPerMonth,
        Metric::CarbonPerMonth,
    ]
    .into_iter()
    .map(Column::of)
    .filter(has)
    .collect()
}

fn scale(column: Column, point: &PointResult) -> Shown {
    point.predicted(column).map_or_else(
        || Shown::of(column, "", 1.0),
        |entry| Shown::of_entry(column, entry),
    )
}

fn head(choices: &Choices, chosen: &PointResult) -> Vec<Head> {
    let currency = choices.results.inputs.currency.clone().unwrap_or_default();
    let mut head = vec![Head::text("Region")];
    if !choices.objectives().is_empty() {
        let names = label::list(choices.objectives());
        head.push(Head::text(format!("Meets {names}")));
    }
    for column in columns(chosen) {
        head.push(Head::number(
            label::column(column),
            scale(column, chosen).unit,
        ));
    }
    head.push(Head::number("Grid", "gCO2e/kWh"));
    head.push(Head::number("PUE", ""));
    head.push(Head::number("Electricity", format!("{currency}/kWh")));
    head
}

/// The cells of a point, in the columns and units of the head: those of the point that the table is about.
fn cells(
    choices: &Choices,
    place: &PlaceSummary,
    (point, scaled): (&PointResult, &PointResult),
) -> Vec<Cell> {
    let mut cells = vec![Cell::text(place.region.clone())];
    if !choices.objectives().is_empty() {
        cells.push(judged(choices.verdict(point)));
    }
    for column in columns(scaled) {
        let shown = scale(column, scaled);
        cells.push(point.predicted(column).map_or_else(Cell::none, |entry| {
            let ends = entry.interval.filter(|(lo, hi, _)| lo < hi);
            Cell {
                interval: ends.map_or_else(String::new, |(lo, hi, _)| shown.interval(lo, hi)),
                ..Cell::number(shown.number(entry.value), entry.value)
            }
        }));
    }
    let number = |value: Option<f64>| {
        value.map_or_else(Cell::none, |value| Cell::number(rounded(value, 3), value))
    };
    cells.push(number(place.grams_per_kwh));
    cells.push(number(place.pue));
    cells.push(number(place.price_per_kwh));
    cells
}

fn judged(verdict: Option<Verdict>) -> Cell {
    verdict.map_or_else(Cell::none, |verdict| Cell {
        text: label::verdict(verdict).to_owned(),
        verdict: label::verdict_class(verdict),
        ..Cell::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn regions_are_listed_by_carbon_with_the_source_of_their_figure() {
        let mut results = fixture::results();
        let place = |region: &str, grams: f64| PlaceSummary {
            region: region.to_owned(),
            grams_per_kwh: Some(grams),
            source: Some(format!("made up for {region} (2025)")),
            pue: None,
            price_per_kwh: None,
        };
        results.presentation.places = vec![place("south", 400.0), place("north", 40.0)];
        results.axes.push("region".to_owned());
        let mut everywhere = Vec::new();
        for (name, factor) in [("south", 1.0), ("north", 0.1)] {
            everywhere.extend(results.points.iter().cloned().map(|mut point| {
                let value = AxisValue::Text(name.to_owned());
                point.axes.push(("region".to_owned(), value));
                point.key = format!("{},region={name}", point.key);
                for (column, entries) in &mut point.metrics {
                    if column.metric == Metric::CarbonPerMtok {
                        for entry in entries {
                            entry.value *= factor;
                        }
                    }
                }
                point
            }));
        }
        results.points = everywhere;
        for answer in &mut results.answers {
            answer.key = answer.key.as_ref().map(|key| format!("{key},region=north"));
        }
        let table = regions(&Choices::of(&results)).expect("two regions");
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.rows[0].cells[0].text, "north");
        assert_eq!(table.rows[0].mark, "recommended");
        assert!(
            table.note.contains("south: made up for south (2025)"),
            "{}",
            table.note
        );
    }
}
