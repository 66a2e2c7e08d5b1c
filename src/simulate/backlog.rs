//! Whether a load is beyond what the server can do, and by how much.

use super::run::Observation;
use super::tally::Load;
use crate::diag::Code;

/// Share of arrivals that may be missing among those that ended before a load counts as more than the server can do.
const BACKLOG: f64 = 0.03;

/// Fewest requests of a load that ends of which this is judged: with a few, those in flight are a large share.
const FEWEST: u64 = 200;

/// What arrived in the measured window and how much of it stayed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Offered {
    /// Requests a second that arrive.
    pub rate: f64,
    /// Requests a second by which those in the server grow; of a load that ends, those that wait.
    pub growth: f64,
}

impl Offered {
    /// Of a run; `None` where all came at once.
    pub fn of(observed: &Observation) -> Option<Self> {
        let tally = &observed.tally;
        let first = tally.batches.first()?.start;
        let measured = tally.measured();
        // The window of a load that ends is that of its arrivals: the first of them begins it and the last ends it.
        let (last, arrived, grown) = match measured.load {
            Load::Steady => {
                let end = tally.end?;
                (end, measured.requests, end.load as f64 - first.load as f64)
            }
            Load::Finite => {
                let end = tally.last_arrival?;
                (end, measured.requests - 1, end.waiting as f64)
            }
        };
        let seconds = last.at.since(first.at).seconds();
        (seconds > 0.0).then(|| Self {
            rate: arrived as f64 / seconds,
            growth: grown / seconds,
        })
    }
}

/// The note of an open loop in which more arrives than ends.
///
/// Of one without an end: the requests in the server grow from third to third of the window, by a share of all. Of a trace or a ramp,
/// where they also grow because the rate does: when the last request arrives that share of all still waits to be taken up.
pub(super) fn note(observed: &Observation) -> Option<Code> {
    let tally = &observed.tally;
    let measured = tally.measured();
    let share = BACKLOG * measured.requests as f64;
    match measured.load {
        Load::Finite => {
            let waiting = tally.last_arrival?.waiting as f64;
            (measured.requests >= FEWEST && waiting > share).then_some(Code::BacklogGrows)
        }
        Load::Steady => {
            let end = tally.end?;
            let loads: Vec<u64> = tally
                .batches
                .iter()
                .map(|batch| batch.start.load)
                .chain([end.load])
                .collect();
            let third = loads.len() / 3;
            let (first, middle, last) = (loads[0], loads[third], loads[2 * third]);
            let grown = end.load.saturating_sub(first) as f64;
            let grows = grown > share && middle > first && last > middle && end.load > last;
            grows.then_some(Code::Saturated)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::answer::{Options, estimate};
    use super::super::run::Subject;
    use super::*;
    use crate::perf::Server;
    use crate::perf::testing::{h100, llama_8b, pack, system, workload};
    use crate::record::{Column, Estimate, Metric};
    use crate::scenario::{Arrival, LlmWorkload, LoadMode, Replayed, Trace};
    use crate::units::Seconds;

    fn answer(workload: &LlmWorkload) -> Estimate {
        let system = system(llama_8b(), h100(), 1);
        let server = Server::new(&system, &pack()).expect("all facts are there");
        let subject = Subject {
            server: &server,
            system: &system,
            workload,
        };
        let options = Options {
            level: 0.9,
            percentiles: vec![50.0, 90.0],
            seed: 1,
            objectives: Vec::new(),
        };
        estimate(subject, &options).expect("the load is simulated")
    }

    fn value(estimate: &Estimate, metric: Metric) -> f64 {
        estimate
            .get(Column::of(metric))
            .unwrap_or_else(|| panic!("{} is there", metric.name()))
            .value
    }

    fn trace(text: &str) -> LlmWorkload {
        let trace = Trace::read(text.as_bytes()).expect("a trace");
        let (isl, osl) = (trace.prompts().clone(), trace.outputs().clone());
        let replayed = Replayed {
            file: "x".to_owned(),
            speed: 1.0,
            trace: Arc::new(trace),
        };
        LlmWorkload {
            isl,
            osl,
            ..workload(1, 1, LoadMode::Trace(replayed))
        }
    }

    fn regular(requests: u64, gap: f64, isl: u64) -> String {
        let lines = (0..requests).map(|place| format!("{},{isl},64\n", place as f64 * gap));
        format!("arrival_s,isl,osl\n{}", lines.collect::<String>())
    }

    #[test]
    fn a_trace_is_measured_whole() {
        let found = answer(&trace(&regular(400, 0.25, 500)));
        assert!(found.notes.is_empty(), "{:?}", found.notes);
        assert_eq!(found.method, "simulate");
        assert!((value(&found, Metric::OfferedRate) - 4.0).abs() < 1e-6);
        // 400 requests in a hundred seconds and the stay of the last.
        let rate = value(&found, Metric::RequestThroughput);
        assert!(rate > 3.9 && rate < 4.02, "{rate}");
        assert!(value(&found, Metric::Ttft) < 0.5);
    }

    #[test]
    fn a_trace_of_one_request_is_answered() {
        let found = answer(&trace("arrival_s,isl,osl\n5,500,64\n"));
        assert!(value(&found, Metric::Ttft) > 0.0);
        assert!(found.get(Column::of(Metric::OfferedRate)).is_none());
    }

    #[test]
    fn a_ramp_beyond_the_server_says_so_and_keeps_its_latencies() {
        let ramp = |to| {
            workload(
                4000,
                500,
                LoadMode::Ramp {
                    from: 1.0,
                    to,
                    over: Seconds::new(200.0),
                    arrival: Arrival::Poisson,
                    max_in_flight: None,
                },
            )
        };
        let calm = answer(&ramp(2.0));
        assert!(calm.notes.is_empty(), "{:?}", calm.notes);
        // The requests in the server grow with the rate, and nobody waits.
        let rising = answer(&ramp(4.0));
        assert!(rising.notes.is_empty(), "{:?}", rising.notes);
        let beyond = answer(&ramp(60.0));
        assert_eq!(beyond.notes, [Code::BacklogGrows]);
        let (growth, offered) = (
            value(&beyond, Metric::BacklogGrowth),
            value(&beyond, Metric::OfferedRate),
        );
        assert!(
            growth > 0.2 * offered && growth < offered,
            "{growth} {offered}"
        );
        assert!(value(&beyond, Metric::Ttft) > 5.0 * value(&calm, Metric::Ttft));
    }

    #[test]
    fn a_rate_beyond_the_server_says_how_far() {
        let rate = LoadMode::RequestRate {
            rate: 100.0,
            arrival: Arrival::Poisson,
            max_in_flight: None,
        };
        let found = answer(&workload(4000, 500, rate));
        assert!(found.notes.contains(&Code::Saturated));
        let left = value(&found, Metric::OfferedRate) - value(&found, Metric::BacklogGrowth);
        let served = value(&found, Metric::RequestThroughput);
        assert!((left / served - 1.0).abs() < 0.02, "{left} {served}");
        assert!(found.get(Column::of(Metric::Ttft)).is_none());
    }

    #[test]
    fn what_is_longer_than_the_context_is_counted() {
        let text = regular(300, 0.25, 500) + "90,131072,64\n91,200000,64\n";
        let found = answer(&trace(&text));
        assert_eq!(found.notes, [Code::RequestTooLong]);
        assert!((value(&found, Metric::RequestsRejected) - 2.0).abs() < 1e-9);
    }

    #[test]
    fn a_load_of_which_nothing_can_be_served_ends() {
        for mode in [
            LoadMode::Concurrency(8),
            LoadMode::RequestRate {
                rate: 5.0,
                arrival: Arrival::Constant,
                max_in_flight: Some(4),
            },
        ] {
            let found = answer(&workload(200_000, 64, mode));
            assert!(found.notes.contains(&Code::RequestTooLong));
            assert!(found.get(Column::of(Metric::Ttft)).is_none());
        }
    }
}
