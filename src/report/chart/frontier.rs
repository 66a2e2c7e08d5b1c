//! Points that no other point beats both in throughput and in what one user feels.

use super::pareto_axis::First;
use crate::record::{Column, Metric, PointResult, Verdict};
use crate::report::choice::Choices;
use crate::report::view::ChartView;

/// Panels, one for each group, that a chart has room for.
const MOST_PANELS: usize = 3;

/// One point of the drawing.
pub struct Dot<'a> {
    /// What stands on the horizontal axis.
    pub x: f64,
    /// Output throughput of an accelerator, tokens per second.
    pub y: f64,
    /// Name of its option inside the group.
    pub option: &'a str,
    /// The point.
    pub point: &'a PointResult,
    /// Nothing says that it misses an objective.
    pub passes: bool,
    /// The answer names it.
    pub chosen: bool,
}

/// The points of each group that has any.
pub fn panels<'a>(choices: &'a Choices, first: First) -> Vec<(&'a String, Vec<Dot<'a>>)> {
    let groups = choices.groups.iter().take(MOST_PANELS);
    groups
        .map(|group| (group, dots(choices, first, group)))
        .filter(|(_, dots)| !dots.is_empty())
        .collect()
}

/// The points on the frontiers of charts that are drawn.
pub fn on_frontiers<'a>(choices: &'a Choices, charts: &[ChartView]) -> Vec<&'a PointResult> {
    let firsts = [First::Interactivity, First::Latency].into_iter();
    let drawn = firsts.filter(|first| charts.iter().any(|chart| chart.id == first.chart()));
    let panels = drawn.flat_map(|first| {
        panels(choices, first)
            .into_iter()
            .map(move |(_, dots)| (first, dots))
    });
    let points = panels.flat_map(|(first, dots)| {
        let frontier = frontier(first, &dots);
        frontier.iter().map(|dot| dot.point).collect::<Vec<_>>()
    });
    points.collect()
}

fn dots<'a>(choices: &'a Choices, first: First, group: &'a str) -> Vec<Dot<'a>> {
    let per_accelerator = Column::of(Metric::OutputThroughputPerAccelerator);
    let mut dots = Vec::new();
    for option in choices.of_group(group) {
        for point in &option.points {
            let (Some(x), Some(y)) = (first.value(point), point.predicted(per_accelerator)) else {
                continue;
            };
            let verdict = choices.verdict(point);
            dots.push(Dot {
                x,
                y: y.value,
                option: &option.name,
                point,
                passes: verdict.is_none_or(|verdict| verdict == Verdict::Pass),
                chosen: option.recommended && option.chosen.key == point.key,
            });
        }
    }
    dots
}

/// Passing points that no other passing point beats on both axes, from left to right.
pub fn frontier<'d, 'a>(first: First, dots: &'d [Dot<'a>]) -> Vec<&'d Dot<'a>> {
    let mut passing: Vec<&Dot> = dots.iter().filter(|dot| dot.passes).collect();
    passing.sort_by(|a, b| b.y.total_cmp(&a.y).then(a.x.total_cmp(&b.x)));
    let mut frontier: Vec<&Dot> = Vec::new();
    for dot in passing {
        let better = frontier.last().is_none_or(|last| match first {
            First::Interactivity => dot.x > last.x,
            First::Latency => dot.x < last.x,
        });
        if better {
            frontier.push(dot);
        }
    }
    frontier
}
