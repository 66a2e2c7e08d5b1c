//! The options that reports show, under the roofs of their devices.

use super::predict::Request;
use super::servers::Servers;
use crate::record::{Column, Metric, PointResult, Results, Roofline};
use crate::report;
use crate::scenario::{LoadMode, RunPoint, Workload};

/// The rooflines of the shown options in their order; none for options that one device's roof does not bound.
pub fn rooflines(
    request: Request<'_>,
    servers: &mut Servers,
    results: &Results,
    indices: &[u64],
) -> Vec<Roofline> {
    let shown = report::shortlisted(results);
    let find = |key: &String| results.points.iter().position(|point| point.key == *key);
    let places: Vec<usize> = shown.iter().filter_map(find).collect();
    let points: Vec<RunPoint> = places
        .iter()
        .map(|place| request.plan.at(indices[*place]))
        .collect();
    servers.compile(&points, request.pack);
    let made = points.iter().zip(&places).filter_map(|(point, place)| {
        let result = &results.points[*place];
        let Workload::Llm(workload) = &point.workload else {
            return None;
        };
        let server = servers.get(point).server.as_ref().ok()?;
        server.roofline(
            &result.key,
            workload,
            in_flight(&workload.load.mode, result),
        )
    });
    made.collect()
}

/// Requests in the server: as stated, else by Little's law (rate times time); `None` where they are as many as fit.
fn in_flight(mode: &LoadMode, result: &PointResult) -> Option<f64> {
    match mode {
        LoadMode::Concurrency(number)
        | LoadMode::BatchSize(number)
        | LoadMode::MultiStream(number) => Some(*number as f64),
        LoadMode::SingleStream => Some(1.0),
        LoadMode::Offline => None,
        LoadMode::RequestRate { .. } | LoadMode::Ramp { .. } | LoadMode::Trace(_) => {
            let mean = |metric| Some(result.predicted(Column::of(metric))?.value);
            let number = mean(Metric::RequestThroughput)? * mean(Metric::E2el)?;
            Some(number.max(1.0))
        }
    }
}
