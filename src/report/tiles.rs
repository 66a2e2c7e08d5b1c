//! The tiles: cost, latency, throughput and energy of the answers.

use super::choice::{Choice, Choices};
use super::keys::KeyColumns;
use super::label;
use super::number::{Shown, percent};
use super::view::{Tile, TileLine};
use crate::record::Column;

/// Cost, latency, throughput and energy of the answers.
///
/// None where loads were searched from points of one load: a tile beside the load found would be read as its own.
pub fn tiles(choices: &Choices, keys: &KeyColumns) -> Vec<Tile> {
    if choices.stands_beside_the_answer() {
        return Vec::new();
    }
    let answered: Vec<&Choice> = choices
        .options
        .iter()
        .filter(|option| option.recommended)
        .take(3)
        .collect();
    let best: Vec<&Choice> = if answered.is_empty() {
        choices
            .groups
            .iter()
            .filter_map(|group| choices.of_group(group).next())
            .take(3)
            .collect()
    } else {
        answered
    };
    let named = [
        ("cost", keys.cost),
        ("latency", keys.latency),
        ("throughput", keys.throughput),
        ("energy", keys.energy),
    ];
    named
        .into_iter()
        .filter_map(|(id, column)| Some((id, column?)))
        .map(|(id, column)| Tile {
            id,
            label: label::column(column),
            lines: best
                .iter()
                .filter_map(|option| tile_line(option, column, best.len()))
                .collect(),
            note: tile_note(choices, &best, column),
            help: column.metric.definition().to_owned(),
        })
        .filter(|tile| !tile.lines.is_empty())
        .collect()
}

/// One of so many lines: where there are several each has a name.
fn tile_line(option: &Choice, column: Column, lines: usize) -> Option<TileLine> {
    let entry = option.chosen.predicted(column)?;
    let shown = Shown::of_entry(column, entry);
    Some(TileLine {
        group: if option.group.is_empty() && lines > 1 {
            option.name.clone()
        } else {
            option.group.clone()
        },
        value: shown.number(entry.value),
        unit: shown.unit.clone(),
        interval: entry
            .interval
            .filter(|(lo, hi, _)| lo < hi)
            .map_or_else(String::new, |(lo, hi, _)| shown.interval(lo, hi)),
    })
}

/// What a reader must know to compare the number: the limit, the utilisation, the scope.
fn tile_note(choices: &Choices, best: &[&Choice], column: Column) -> String {
    let presentation = &choices.results.presentation;
    let name = column.metric.name();
    if name.starts_with("cost") {
        return presentation
            .pricing
            .as_ref()
            .map_or_else(String::new, |pricing| {
                let purchase = super::payments::purchase_of(best, column)
                    .map_or_else(String::new, |purchase| format!("{purchase}, "));
                format!("{purchase}{} utilisation", percent(pricing.utilization))
            });
    }
    if name.starts_with("energy") {
        return presentation.energy_scope.clone();
    }
    let wanted = choices.objectives();
    let slos = presentation
        .slos
        .iter()
        .filter(|slo| wanted.contains(&slo.name));
    let column_name = column.to_string();
    let mut limits = slos.flat_map(|slo| &slo.limits);
    limits
        .find(|limit| limit.name == column_name || limit.name == name)
        .map_or_else(String::new, |limit| format!("limit: {}", limit.text))
}
