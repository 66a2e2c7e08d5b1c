//! A workload on a server, simulated with the terms' values and with all terms at either end.

use super::apart::Apart;
use super::cluster::{Cluster, Ended, Route};
use super::context::longest;
use super::cost::LaneCost;
use super::done::Done;
use super::engine::Engine;
use super::fleet::{Fleet, Phases};
use super::host::HostMemory;
use super::host_tier::Evicts;
use super::kv::{Finds, Footprint, Pool};
use super::lengths::Sampler;
use super::load::{Arrivals, in_flight, plan};
use super::replay::Replay;
use super::rules::Rules;
use super::session::Users;
use super::software::rules;
use super::source::{ClosedLoop, Maker, OpenLoop, Source};
use super::speculation::Acceptance;
use super::stand_in::stand_in;
use super::tally::{Limits, Tally};
use super::time::Nanos;
use super::watch::{Beside, Onlooker, Unwatched};
use crate::perf::{Busy, Lane, PrefixCache, Room, Server};
use crate::record::NotModelled;
use crate::scenario::{Holds, Lengths, LlmWorkload, LoadMode, Router, System, Window};

/// Events that every run may have, and more for each request: equal steps in a row are one event, so that a request brings a few. A
/// cache in which requests push each other out again and again needs far more.
const EVENT_BOUND: (u64, u64) = (300_000, 60);

/// Blocks of an engine whose device states no capacity: more than any load takes.
const BOUNDLESS: u64 = 1 << 50;

/// What is simulated.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// What serves.
    pub server: &'a Server,
    /// Of which it was compiled.
    pub system: &'a System,
    /// What is asked of it.
    pub workload: &'a LlmWorkload,
}

/// How it is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Seed of every stream.
    pub seed: u64,
    /// Level of intervals, inside (0, 1).
    pub level: f64,
    /// Percentiles that must have enough requests, in percent.
    pub percentiles: Vec<f64>,
    /// Sets of limits that are counted request by request.
    pub limits: Vec<Limits>,
    /// About how long a request takes, seconds: the warm-up of an open loop lasts several times that.
    pub expected: f64,
}

/// What one run showed.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The account of the measured requests.
    pub tally: Tally,
    /// How it ended.
    pub ended: Ended,
    /// Simulated seconds.
    pub seconds: f64,
    /// What all engines did.
    pub done: Done,
    /// Engines.
    pub engines: Phases,
    /// Seconds of steps with prompts and of the others, and seconds of all engines together, or of their devices.
    pub busy: (Busy, Busy, f64),
    /// Bytes of one block on each device.
    pub block_bytes: f64,
    /// Blocks of one engine that generates.
    pub blocks: u64,
    /// Blocks of the host memory of one of them, where caches are kept there.
    pub host_blocks: Option<u64>,
    /// Events.
    pub events: u64,
}

/// Simulates a workload with the terms of one lane; `None` where not even one request fits beside the weights.
///
/// The measured requests are those after a warm-up of twice the concurrency and a tenth of the requests (closed loops), or of
/// five times the expected stay and a tenth (open loops); the load goes on until the last of them has ended. There are ten times as many
/// as the asked percentiles need for an interval (`n ≥ ln(α/2) / ln(max(q, 1 − q))`), at least a thousand, six times the
/// concurrency and the load's `requests`. A trace and a ramp are measured whole.
///
/// # Errors
///
/// [`NotModelled::NotYet`] for static batches, which the closed form answers exactly.
pub fn observe(
    subject: Subject<'_>,
    settings: &Settings,
    lane: Lane,
) -> Result<Option<Observation>, NotModelled> {
    observe_beside(subject, settings, lane, &mut Unwatched)
}

/// The same with somebody who looks on.
///
/// # Errors
///
/// Those of [`observe`].
pub fn observe_beside(
    subject: Subject<'_>,
    settings: &Settings,
    lane: Lane,
    onlooker: &mut impl Onlooker,
) -> Result<Option<Observation>, NotModelled> {
    let Subject {
        server, workload, ..
    } = subject;
    let concurrency = in_flight(workload, settings.expected)?;
    let alone = stand_in(workload, settings.seed);
    let Some(room) = server.room(&alone, concurrency) else {
        return Ok(None);
    };
    let asked = (lane, concurrency, settings.seed);
    let Some(mut fleet) = fleet(subject, (&room, &alone), asked) else {
        return Ok(None);
    };
    let offline = f64::from(room.engines) * places(&room, &alone);
    let router = subject.system.deployment.router;
    let load = plan(workload, settings, router, (concurrency, offline));
    onlooker.begins(load.measured);
    let mut tally = Beside {
        tally: Tally::new(load.measured, settings.limits.clone()),
        onlooker,
    };
    let host = Nanos::from_seconds(room.request.lane(lane));
    let maker = maker(workload, host, settings.seed);
    let ended = match load.arrivals {
        Arrivals::Closed(concurrency) => {
            let in_step = fleet.generation()[0].stops_for_prompts();
            let begin = beginning(workload, in_step, settings.expected);
            let (flight, seed) = ((concurrency, begin), settings.seed);
            let mut source = ClosedLoop::new(maker, flight, load.most, seed);
            go(&mut fleet, &mut source, &mut tally)
        }
        Arrivals::Open(times, cap) => {
            let mut source = OpenLoop::at(maker, times, (load.most, cap));
            go(&mut fleet, &mut source, &mut tally)
        }
        Arrivals::Users(habits, begin) => {
            let mut source = Users::new(maker, habits, begin, settings.seed);
            go(&mut fleet, &mut source, &mut tally)
        }
        Arrivals::Trace(replayed) => {
            let mut source = Replay::new(replayed, maker);
            go(&mut fleet, &mut source, &mut tally)
        }
    };
    let mut tally = tally.tally;
    let last = fleet.snapshot();
    tally.end.get_or_insert(last);
    Ok(Some(Observation {
        ended,
        seconds: last.at.seconds(),
        done: fleet.totals(),
        engines: fleet.phases(),
        busy: fleet.busy(last.at.seconds()),
        block_bytes: footprint(&room).1,
        blocks: fleet.generation()[0].pool().capacity(),
        host_blocks: fleet.generation()[0].pool().host_capacity(),
        events: fleet.events(),
        tally,
    }))
}

/// Within which time the first requests of a closed loop are sent, when one request takes `expected` seconds; `in_step`: prompts stop generation.
///
/// A client that reports all of its requests sends the first at once. In a steady state they are anywhere in their lives, except where
/// prompts stop generation: there requests of equal lengths that were sent together are in step for good, because whoever comes while
/// a prompt is processed begins to generate with all others.
fn beginning(workload: &LlmWorkload, in_step: bool, expected: f64) -> Nanos {
    let steady = matches!(workload.load.mode, LoadMode::Concurrency(_))
        && (workload.load.window == Window::Steady);
    Nanos::from_seconds(if steady && !in_step { expected } else { 0.0 })
}

fn go(
    fleet: &mut Fleet<'_, LaneCost<'_>>,
    source: &mut impl Source,
    tally: &mut Beside<'_, impl Onlooker>,
) -> Ended {
    let measured = tally.tally.measured();
    let (always, each) = EVENT_BOUND;
    let bound = always + each * (measured.warmup + measured.requests);
    fleet.run(source, tally, bound)
}

/// Sequences that one engine holds at once, about.
fn places(room: &Room<'_>, workload: &LlmWorkload) -> f64 {
    let lengths = |lengths| crate::perf::LengthGrid::new(lengths).mean;
    let (footprint, block_bytes) = footprint(room);
    let end = (lengths(&workload.isl) + lengths(&workload.osl)) as u64;
    let each = footprint.whole(end).max(1) as f64;
    let blocks = room
        .cache
        .map_or(f64::MAX, |cache| cache.get() / block_bytes);
    (blocks / each).min(room.sequences).clamp(1.0, 1e5)
}

fn maker(workload: &LlmWorkload, host: Nanos, seed: u64) -> Maker {
    let shared = workload
        .shared_prefix
        .map_or((0, 0), |prefix| (prefix.tokens as u32, prefix.groups));
    Maker::new(
        Sampler::new(&workload.isl),
        Sampler::new(&workload.osl),
        shared,
        host,
        seed,
    )
}

/// The engines of a load of about so many requests; `None` where prompts do not fit beside the weights.
fn fleet<'a>(
    subject: Subject<'a>,
    (room, alone): (&Room<'_>, &LlmWorkload),
    (lane, concurrency, seed): (Lane, f64, u64),
) -> Option<Fleet<'a, LaneCost<'a>>> {
    let server = subject.server;
    let route = match subject.system.deployment.router {
        Router::RoundRobin => Route::RoundRobin,
        Router::LeastLoaded => Route::LeastLoaded,
        Router::PrefixAware => Route::CacheAware,
    };
    let Some(before) = server.prefill() else {
        let engines = engines(subject, room, (lane, 0, seed));
        return Some(Fleet::Together(Cluster::new(engines, route)));
    };
    let workload = &LlmWorkload {
        osl: Lengths::Fixed(1),
        ..alone.clone()
    };
    let beside = &before.room(workload, concurrency)?;
    let prompts = Subject {
        server: before,
        ..subject
    };
    let prompts = engines(prompts, beside, (lane, 0, seed));
    let generation = engines(subject, room, (lane, prompts.len() as u32, seed));
    let pools = [
        subject.system.deployment.prefill,
        Some(subject.system.deployment.decode()),
    ];
    let [small, large] = pools.map(|pool| pool.map_or(0.0, |pool| pool.accelerators() as f64));
    let devices = (
        small / prompts.len() as f64,
        large / generation.len() as f64,
    );
    let seconds = move |tokens: f64| server.transfer(tokens, lane);
    let apart = Apart::new(prompts, generation, route, seconds);
    Some(Fleet::Apart(Box::new(apart), devices))
}

/// Engines alike, numbered from `first`.
fn engines<'a>(
    subject: Subject<'a>,
    room: &Room<'_>,
    (lane, first, seed): (Lane, u32, u64),
) -> Vec<Engine<LaneCost<'a>>> {
    let rules = Rules {
        max_context: longest(subject.system),
        ..rules(&subject.system.runtime, room.scheduler, room.sequences)
    };
    let (footprint, block_bytes) = footprint(room);
    let blocks = room
        .cache
        .map_or(BOUNDLESS, |cache| (cache.get() / block_bytes) as u64);
    let finds = match room.scheduler.prefix_cache {
        PrefixCache::Kept if subject.workload.repeats_prompts() => Finds::Content,
        PrefixCache::Kept | PrefixCache::Off => Finds::Nothing,
    };
    let cost = LaneCost::new(subject.server, lane);
    let acceptance = Acceptance::new(subject.server.chances(), seed);
    let host = host(subject, room, (lane, block_bytes));
    (first..first + room.engines)
        .map(|id| {
            let pool = Pool::new(footprint.clone(), blocks, finds);
            let mut engine =
                Engine::new(id, rules, pool, cost.clone()).speculating(acceptance.clone());
            if let Some(host) = host {
                engine = engine.with_host(host);
            }
            match subject.system.adapters {
                Some(given) => {
                    engine.with_adapters(u64::from(given.adapters), given.max_loras, seed)
                }
                None => engine,
            }
        })
        .collect()
}

/// Host memory of one engine, in blocks of so many bytes on each device.
fn host(
    subject: Subject<'_>,
    room: &Room<'_>,
    (lane, block_bytes): (Lane, f64),
) -> Option<HostMemory> {
    let host = subject.server.host_room(room, lane)?;
    Some(HostMemory {
        blocks: (host.bytes.get() / block_bytes) as u64,
        block_seconds: host.byte_seconds * block_bytes,
        kept: host.kept,
        prompts: match host.holds {
            Holds::Nothing => Evicts::ToNothing,
            Holds::Evicted | Holds::Copies => Evicts::ToHost,
        },
    })
}

/// What sequences keep, in blocks, and the bytes of a block on each device.
fn footprint(room: &Room<'_>) -> (Footprint, f64) {
    let block = room.scheduler.block.max(1.0);
    let growing = room.kv.bytes_without_window().get() * block * room.kept;
    let windowed: f64 = room
        .kv
        .windows()
        .map(|(bytes, window)| bytes.get() * window)
        .sum();
    let fixed = (windowed + room.kv.state().get()) * room.kept;
    // Without layers that keep everything a block is a small part of what is kept.
    let bytes = if growing > 0.0 {
        growing
    } else {
        (fixed / 1024.0).max(1.0)
    };
    let windows = room
        .kv
        .windows()
        .map(|(each, window)| (each.get() * room.kept / bytes, window));
    let footprint = Footprint {
        block: block as u32,
        windows: windows.collect(),
        state: room.kv.state().get() * room.kept / bytes,
        growing: u64::from(growing > 0.0),
    };
    (footprint, bytes)
}
