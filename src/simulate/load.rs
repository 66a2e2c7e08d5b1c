//! Which requests a load is simulated with, and which of them are measured.

use super::arrivals::{Rate, Times};
use super::lengths::Sampler;
use super::run::Settings;
use super::session::{Begin, Habits};
use super::stand_in::turns;
use super::tally::{Load, Measured};
use crate::record::NotModelled;
use crate::scenario::{LlmWorkload, LoadMode, Replayed, Router, Window};
use crate::stats::math;
use crate::units::Seconds;

/// Fewest measured requests.
const FEWEST: u64 = 1000;

/// Most requests in flight that anything is planned for.
const MOST_IN_FLIGHT: f64 = 1e6;

/// How requests come.
pub(super) enum Arrivals<'a> {
    /// So many in flight, each replaced in its engine when it ends.
    Closed(u64),
    /// Users who pause, or sessions.
    Users(Habits, Begin),
    /// At times, with a cap on those in flight.
    Open(Times, u64),
    /// Those of a trace.
    Trace(&'a Replayed),
}

/// A load as it is simulated.
pub(super) struct Planned<'a> {
    pub arrivals: Arrivals<'a>,
    pub measured: Measured,
    /// Requests in all, of a closed loop.
    pub most: u64,
}

impl<'a> Planned<'a> {
    const fn steady(arrivals: Arrivals<'a>, warmup: u64, requests: u64) -> Self {
        Self {
            arrivals,
            measured: Measured {
                warmup,
                requests,
                load: Load::Steady,
            },
            most: u64::MAX,
        }
    }

    const fn finite(arrivals: Arrivals<'a>, requests: u64) -> Self {
        Self {
            arrivals,
            measured: Measured {
                warmup: 0,
                requests,
                load: Load::Finite,
            },
            most: requests,
        }
    }
}

/// Requests in flight at most, or about so many in an open loop; one takes `expected` seconds alone.
///
/// # Errors
///
/// [`NotModelled::NotYet`] for static batches, which the closed form answers exactly.
pub(super) fn in_flight(workload: &LlmWorkload, expected: f64) -> Result<f64, NotModelled> {
    let about = |rate: f64| (rate * expected).clamp(1.0, MOST_IN_FLIGHT);
    match &workload.load.mode {
        LoadMode::Concurrency(number) => Ok(*number as f64),
        LoadMode::RequestRate { rate, .. } => {
            Ok(about(rate * workload.sessions.as_ref().map_or(1.0, turns)))
        }
        LoadMode::Ramp { from, to, .. } => Ok(about(from.max(*to))),
        LoadMode::Trace(replayed) => {
            let requests = replayed.trace.len() as f64;
            let seconds = replayed.trace.seconds() / replayed.speed;
            Ok(about(requests / seconds.max(expected)))
        }
        LoadMode::Offline => Ok(1.0),
        LoadMode::BatchSize(_) | LoadMode::MultiStream(_) | LoadMode::SingleStream => {
            Err(NotModelled::NotYet {
                what: "a static batch, request by request,".to_owned(),
            })
        }
    }
}

/// The plan of a load: `concurrency` requests are in flight, and `offline` would be if all came at once.
pub(super) fn plan<'a>(
    workload: &'a LlmWorkload,
    settings: &Settings,
    router: Router,
    (concurrency, offline): (f64, f64),
) -> Planned<'a> {
    let wanted = wanted(settings)
        .max((6.0 * concurrency) as u64)
        .max(workload.load.requests.unwrap_or(0));
    let whole = whole(&workload.load);
    let steady = |warmup: u64, arrivals: Arrivals<'a>| match whole {
        Some(requests) => Planned::finite(arrivals, requests),
        None => Planned::steady(arrivals, warmup, wanted),
    };
    match &workload.load.mode {
        LoadMode::RequestRate {
            rate,
            arrival,
            max_in_flight,
        } => {
            let stay = stay(workload, settings, *rate).max(concurrency);
            let stay = (5.0 * stay).min(20.0 * wanted as f64) as u64;
            let cap = max_in_flight.unwrap_or(u64::MAX);
            let warmup = stay + wanted / 10;
            let times = Times::new(Rate::Steady(*rate), *arrival, settings.seed);
            // Sessions begin at the rate; how many do among the measured requests is not known before.
            let times = match (&workload.sessions, whole) {
                (Some(_), _) => times,
                (None, Some(requests)) => times.exact_over(1, requests - 1),
                (None, None) => times.exact_over(warmup + 1, wanted),
            };
            steady(warmup, open(workload, times, cap))
        }
        LoadMode::Ramp {
            from,
            to,
            over,
            arrival,
            max_in_flight,
        } => {
            let (from, to, over) = (*from, *to, over.get());
            let times = Times::new(Rate::Ramp { from, to, over }, *arrival, settings.seed);
            let requests = times.left();
            let cap = max_in_flight.unwrap_or(u64::MAX);
            Planned::finite(Arrivals::Open(times, cap), requests)
        }
        LoadMode::Trace(replayed) => {
            Planned::finite(Arrivals::Trace(replayed), replayed.trace.len() as u64)
        }
        LoadMode::Offline => {
            let waiting = (2.0 * offline).clamp(64.0, 1e5) as u64;
            workload.load.requests.map_or_else(
                || steady(2 * waiting + wanted / 10, Arrivals::Closed(waiting)),
                |requests| Planned::finite(Arrivals::Closed(requests), requests),
            )
        }
        LoadMode::Concurrency(_)
        | LoadMode::BatchSize(_)
        | LoadMode::MultiStream(_)
        | LoadMode::SingleStream => {
            let number = (concurrency as u64).max(1);
            let each = workload.sessions.as_ref().map_or(1.0, turns);
            let warmup = (2.0 * each * number as f64) as u64;
            steady(warmup + wanted / 10, closed(workload, router, number))
        }
    }
}

/// Requests of a load that is measured whole by wish.
fn whole(load: &crate::scenario::Load) -> Option<u64> {
    load.requests.filter(|_| load.window == Window::Whole)
}

/// Requests that come while a session of a rate lasts.
fn stay(workload: &LlmWorkload, settings: &Settings, rate: f64) -> f64 {
    let Some(sessions) = &workload.sessions else {
        return 0.0;
    };
    let turns = turns(sessions);
    rate * turns * (turns * settings.expected + (turns - 1.0) * sessions.pause.get())
}

fn habits(workload: &LlmWorkload) -> Habits {
    let sessions = workload.sessions.as_ref();
    Habits {
        turns: sessions.map(|sessions| Sampler::new(&sessions.turns)),
        pause: sessions.map_or(0.0, |sessions| sessions.pause.get()),
        think: workload.load.think_time.get(),
        most: whole(&workload.load).unwrap_or(u64::MAX),
    }
}

fn open<'a>(workload: &LlmWorkload, times: Times, cap: u64) -> Arrivals<'a> {
    if workload.sessions.is_some() {
        Arrivals::Users(habits(workload), Begin::At(times))
    } else {
        Arrivals::Open(times, cap)
    }
}

/// Where a router does not go by load, it sees every request anew.
fn closed<'a>(workload: &LlmWorkload, router: Router, number: u64) -> Arrivals<'a> {
    let pauses = workload.load.think_time > Seconds::ZERO;
    if workload.sessions.is_some() || pauses || router != Router::LeastLoaded {
        Arrivals::Users(habits(workload), Begin::Users(number))
    } else {
        Arrivals::Closed(number)
    }
}

/// Measured requests that the asked percentiles need.
fn wanted(settings: &Settings) -> u64 {
    let tail = math::ln(0.5 * (1.0 - settings.level));
    let needed = settings.percentiles.iter().map(|percent| {
        let q = percent / 100.0;
        let rare = math::ln(q.max(1.0 - q));
        if rare < 0.0 { 10.0 * tail / rare } else { 0.0 }
    });
    (needed.fold(0.0, f64::max) as u64).clamp(FEWEST, 1_000_000)
}
