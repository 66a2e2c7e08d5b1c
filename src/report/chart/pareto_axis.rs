//! What stands on the horizontal axis of a frontier.

use super::Canvas;
use crate::record::{Column, Metric, PointResult};

/// What stands on the horizontal axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// Tokens per second of one user; more is better.
    Interactivity,
    /// Time of a whole request; less is better.
    Latency,
}

impl First {
    /// The id of its chart.
    pub const fn chart(self) -> &'static str {
        match self {
            Self::Interactivity => "pareto",
            Self::Latency => "pareto_latency",
        }
    }

    /// The column drawn.
    pub const fn column(self) -> Column {
        match self {
            Self::Interactivity => Column::of(Metric::Interactivity),
            Self::Latency => Column::of(Metric::E2el),
        }
    }

    /// Its name with the unit.
    pub const fn axis(self) -> &'static str {
        match self {
            Self::Interactivity => "Interactivity, tok/s per user",
            Self::Latency => "Mean end-to-end latency, s",
        }
    }

    /// What of a point stands on the axis.
    pub fn value(self, point: &PointResult) -> Option<f64> {
        let direct = point.predicted(self.column()).map(|entry| entry.value);
        match self {
            // One over the mean time per token, where the point does not carry it itself.
            Self::Interactivity => direct.or_else(|| {
                let tpot = point.predicted(Column::of(Metric::Tpot))?.value;
                (tpot > 0.0).then(|| 1.0 / tpot)
            }),
            Self::Latency => direct,
        }
    }

    /// The part of the axis that meets the limits of objectives.
    pub fn limit(self, canvas: &Canvas) -> Option<f64> {
        let metric = match self {
            Self::Interactivity => Metric::Tpot,
            Self::Latency => Metric::E2el,
        };
        let wanted = canvas.choices.objectives();
        let slos = canvas
            .choices
            .results
            .presentation
            .slos
            .iter()
            .filter(|slo| wanted.contains(&slo.name));
        let limit = slos
            .flat_map(|slo| &slo.limits)
            .find(|limit| limit.name == metric.name())?
            .limit;
        Some(match self {
            Self::Interactivity => 1.0 / limit,
            Self::Latency => limit,
        })
    }
}
