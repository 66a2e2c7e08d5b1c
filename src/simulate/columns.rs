//! Runs as numbers: every column of an estimate with both parts of its interval.

use super::answer::Answer;
use super::backlog::{self, Offered};
use super::cluster::{Ended, Snapshot};
use super::run::Observation;
use super::tally::{Batch, Latencies};
use super::values::{self, Parts, Simulated};
use crate::diag::Code;
use crate::perf::{Observed, Spread};
use crate::record::{Attained, Column, LatencyModel, Metric, Stat};
use crate::stats::Histogram;
use crate::units::Bytes;

/// A latency: its metric, and where it stands.
type Latency = (
    Metric,
    fn(&Latencies) -> &Histogram,
    fn(&Batch) -> &Histogram,
);

const LATENCIES: [Latency; 5] = [
    (Metric::Ttft, |all| &all.ttft, |batch| &batch.latencies.ttft),
    (Metric::E2el, |all| &all.e2el, |batch| &batch.latencies.e2el),
    (Metric::Tpot, |all| &all.tpot, |batch| &batch.latencies.tpot),
    (
        Metric::Ntpot,
        |all| &all.ntpot,
        |batch| &batch.latencies.ntpot,
    ),
    (
        Metric::QueueTime,
        |all| &all.queue,
        |batch| &batch.latencies.queue,
    ),
];

const INTENDED: [Latency; 2] = [
    (
        Metric::TtftInclQueue,
        |all| &all.ttft_intended,
        |batch| &batch.latencies.ttft_intended,
    ),
    (
        Metric::E2elInclQueue,
        |all| &all.e2el_intended,
        |batch| &batch.latencies.e2el_intended,
    ),
];

/// Shares at which distributions are handed on.
const SHARES: [f64; 13] = [
    0.01, 0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.98, 0.99, 0.999,
];

impl Answer<'_> {
    /// Everything that has a number, each with both parts of its interval.
    pub fn columns(&self) -> Vec<(Column, Parts)> {
        let mut columns = self.rates();
        columns.extend(self.load_columns());
        if !self.is_saturated() && !self.offline {
            columns.extend(self.latency_columns());
            columns.extend(self.gap_columns());
        }
        columns.extend(self.engine_columns());
        columns
    }

    /// True where the terms have intervals; without them no number has one.
    pub const fn has_intervals(&self) -> bool {
        self.lanes.len() > 1
    }

    /// What is to be said of a backlog.
    fn note(&self) -> Option<Code> {
        self.open.then(|| backlog::note(&self.lanes[0])).flatten()
    }

    fn is_saturated(&self) -> bool {
        self.note() == Some(Code::Saturated)
    }

    /// What all runs together observed.
    pub fn observed(&self) -> Observed {
        let saturated = self.is_saturated();
        let columns = self.columns().into_iter();
        let first = &self.lanes[0];
        let mut notes: Vec<Code> = self.note().into_iter().collect();
        if first.ended == Ended::EventBound {
            notes.push(Code::EventBound);
        }
        if first.tally.rejected > 0 {
            notes.push(Code::RequestTooLong);
        }
        let waits = self.whole[0].queue.mean().unwrap_or(0.0)
            > 0.2 * self.whole[0].e2el.mean().unwrap_or(1.0);
        Observed {
            columns: columns
                .map(|(column, parts)| (column, parts.whole))
                .collect(),
            latencies: if saturated { Vec::new() } else { self.models() },
            attained: if saturated {
                Vec::new()
            } else {
                self.attained()
            },
            busy: first.busy,
            cache: Bytes::new(first.done.peak_blocks as f64 * first.block_bytes),
            peak: most_load(first),
            short_of_cache: first.done.interruptions > 0
                || (waits && first.done.peak_blocks * 20 > first.blocks * 19),
            notes,
        }
    }

    /// A number of all three lanes, with both parts of its interval.
    fn spread(&self, of: impl Fn(&Observation, &Latencies) -> Option<Simulated>) -> Option<Parts> {
        let at = |lane: usize| of(&self.lanes[lane], &self.whole[lane]);
        let value = at(0)?;
        if !self.has_intervals() {
            let exact = Spread::exact(value.value);
            return Some(Parts {
                whole: exact,
                simulation: value,
                terms: exact,
            });
        }
        let ends = |lane: usize| at(lane).map_or(value.value, |found| found.value);
        let terms = self.level.at(Spread::new(value.value, ends(1), ends(2)));
        Some(Parts {
            whole: value.with(terms),
            simulation: value,
            terms,
        })
    }

    fn latency_columns(&self) -> Vec<(Column, Parts)> {
        let level = self.asked.level;
        let intended: &[Latency] = if self.open { &INTENDED } else { &[] };
        let mut columns = Vec::new();
        for (metric, whole, batch) in LATENCIES.iter().chain(intended) {
            let mean = self.spread(|observed, _| values::mean(observed, level, *batch));
            columns.extend(mean.map(|mean| (Column::of(*metric), mean)));
            for stat in self.stats() {
                let q = stat.quantile().expect("a percentile has a share");
                let found = self.spread(|observed, all| {
                    values::quantile(observed, whole(all), (q, level), *batch)
                });
                columns.extend(found.map(|found| (Column::stat(stat, *metric), found)));
            }
        }
        let interactivity = columns
            .iter()
            .find(|(column, _)| *column == Column::of(Metric::Tpot));
        let interactivity = interactivity.map(|(_, gap)| gap.map(|gap| 1.0 / gap));
        columns.extend(interactivity.map(|found| (Column::of(Metric::Interactivity), found)));
        columns
    }

    fn stats(&self) -> impl Iterator<Item = Stat> {
        Stat::ALL.into_iter().filter(|stat| {
            let percent = stat.quantile().map(|q| q * 100.0);
            percent.is_some_and(|percent| {
                self.asked
                    .percentiles
                    .iter()
                    .any(|asked| (asked - percent).abs() < 1e-9)
            })
        })
    }

    /// Gaps are pooled over requests, so no batches tell their error.
    fn gap_columns(&self) -> Vec<(Column, Parts)> {
        let mean = self.spread(|observed, _| {
            observed
                .tally
                .gaps
                .mean()
                .map(|mean| Simulated::exact(mean * 1e-9))
        });
        let mut columns: Vec<_> = mean
            .map(|mean| (Column::of(Metric::Itl), mean))
            .into_iter()
            .collect();
        for stat in self.stats() {
            let q = stat.quantile().expect("a percentile has a share");
            let found = self.spread(|observed, _| {
                observed
                    .tally
                    .gaps
                    .quantile(q)
                    .map(|gap| Simulated::exact(gap * 1e-9))
            });
            columns.extend(found.map(|found| (Column::stat(stat, Metric::Itl), found)));
        }
        columns
    }

    fn rates(&self) -> Vec<(Column, Parts)> {
        let level = self.asked.level;
        let of = |count: fn(&Snapshot) -> u64| {
            self.spread(|observed, _| values::rate(observed, level, count))
        };
        let outputs = of(|system| system.generated);
        let found = [
            (Metric::RequestThroughput, of(|system| system.ended)),
            (Metric::OutputThroughput, outputs),
            (Metric::InputThroughput, of(|system| system.ended_prompts)),
            (
                Metric::TotalTokenThroughput,
                of(|system| system.generated + system.ended_prompts),
            ),
            (
                Metric::OutputThroughputPerAccelerator,
                outputs.map(|rate| rate.map(|rate| rate * (1.0 / self.accelerators))),
            ),
        ];
        found
            .into_iter()
            .filter_map(|(metric, rate)| Some((Column::of(metric), rate?)))
            .collect()
    }

    /// What arrived, what of it stayed, and what was turned away.
    fn load_columns(&self) -> Vec<(Column, Parts)> {
        let mut columns = Vec::new();
        let mut add = |metric, of: &dyn Fn(&Observation) -> Option<f64>| {
            let found = self.spread(|run, _| of(run).map(Simulated::exact));
            columns.extend(found.map(|found| (Column::of(metric), found)));
        };
        if self.open {
            add(Metric::OfferedRate, &|run| Some(Offered::of(run)?.rate));
        }
        if self.note().is_some() {
            add(Metric::BacklogGrowth, &|run| {
                Some(Offered::of(run)?.growth.max(0.0))
            });
        }
        if self.lanes[0].tally.measured_rejected > 0 {
            add(Metric::RequestsRejected, &|run| {
                Some(run.tally.measured_rejected as f64)
            });
        }
        columns
    }

    fn engine_columns(&self) -> Vec<(Column, Parts)> {
        let per = |count: f64, of: f64| (of > 0.0).then(|| Simulated::exact(count / of));
        let mut columns = Vec::new();
        let mut add = |metric, of: &dyn Fn(&Observation) -> Option<Simulated>| {
            let found = self.spread(|run, _| of(run));
            columns.extend(found.map(|found| (Column::of(metric), found)));
        };
        add(Metric::PrefillThroughput, &|run| {
            let tokens = run.done.prompts as f64 * f64::from(run.engines.prompts);
            per(tokens, run.done.with_prompts.total())
        });
        add(Metric::DecodeThroughput, &|run| {
            let tokens = run.done.generated_alone as f64 * f64::from(run.engines.generation);
            per(tokens, run.done.generation.total())
        });
        add(Metric::KvOccupancy, &|run| {
            let all = run.blocks as f64 * run.seconds * f64::from(run.engines.generation);
            per(run.done.block_seconds, all)
        });
        add(Metric::DecodeBatch, &|run| {
            let steps = run.done.generation_steps as f64;
            per(run.done.sequence_steps as f64, steps)
        });
        add(Metric::PrefixHitRate, &|run| {
            per(
                sum(run, |batch| batch.cached),
                sum(run, |batch| batch.prompts),
            )
        });
        add(Metric::PreemptionsPerRequest, &|run| {
            let requests = run.tally.finished() as f64;
            per(sum(run, |batch| batch.preemptions), requests)
        });
        if self.lanes[0].host_blocks.is_some() {
            add(Metric::HostHitRate, &|run| {
                per(
                    sum(run, |batch| batch.hosted),
                    sum(run, |batch| batch.prompts),
                )
            });
            add(Metric::SwappedBlocksPerRequest, &|run| {
                let requests = run.tally.finished() as f64;
                per(sum(run, |batch| batch.moved), requests)
            });
        }
        columns
    }

    /// Distributions of the latencies that objectives limit.
    fn models(&self) -> Vec<LatencyModel> {
        let level = self.asked.level;
        let mut models = Vec::new();
        let intended = if self.open { &INTENDED[..] } else { &[] };
        for (metric, whole, batch) in LATENCIES[..4].iter().chain(intended) {
            let mut quantiles = Vec::with_capacity(SHARES.len());
            for q in SHARES {
                let found = self.spread(|observed, all| {
                    values::quantile(observed, whole(all), (q, level), *batch)
                });
                let Some(Parts { whole: found, .. }) = found else {
                    continue;
                };
                let (value, lo, hi) = (found.value(), found.lo(), found.hi());
                let (_, v, l, h) = quantiles.last().copied().unwrap_or((0.0, 0.0, 0.0, 0.0));
                quantiles.push((q, value.max(v), lo.max(l).min(value.max(v)), hi.max(h)));
            }
            if !quantiles.is_empty() {
                models.push(LatencyModel {
                    metric: *metric,
                    quantiles,
                });
            }
        }
        models
    }

    fn attained(&self) -> Vec<Attained> {
        let level = self.asked.level;
        let objectives = self.asked.objectives.iter().enumerate();
        let found = objectives.filter_map(|(place, objective)| {
            let share = self
                .spread(|observed, _| values::share(observed, level, place))?
                .whole;
            // The slow end meets fewer.
            let (lo, hi) = (share.lo().clamp(0.0, 1.0), share.hi().clamp(0.0, 1.0));
            Some(Attained {
                slo: objective.name.clone(),
                share: (share.value(), lo, hi),
            })
        });
        found.collect()
    }
}

/// Most requests in the server when a batch began.
fn most_load(observed: &Observation) -> f64 {
    let loads = observed.tally.batches.iter().map(|batch| batch.start.load);
    loads.max().unwrap_or(1).max(1) as f64
}

fn sum(observed: &Observation, of: fn(&Batch) -> u64) -> f64 {
    observed.tally.batches.iter().map(of).sum::<u64>() as f64
}
