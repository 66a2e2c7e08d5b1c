//! The share of requests that meet their limits.

use super::columns::Columns;
use super::limits::{Judged, judge, margin};
use super::ranged::Ranged;
use crate::diag::Code;
use crate::record::{Column, Estimate, LatencyModel, Metric, Stat, Verdict};
use crate::scenario::{
    Comparison, Lengths, LlmWorkload, LoadMode, PerRequest, RunPoint, Slo, Workload,
};

/// The share of requests that meet every per-request limit of an objective; `None` where the estimate does not spread
/// one of the latencies over requests.
///
/// Only the shares of the limits taken one by one are known. The value takes them as independent, which is careful, as
/// latencies rise together; the interval holds every dependence (Fréchet: `max(0, Σ p − (n − 1)) ≤ p ≤ min p`).
///
/// Where requests were simulated one by one they were counted, and nothing has to be assumed.
pub(super) fn attainment(estimate: &Estimate, slo: &Slo, point: &RunPoint) -> Option<Ranged> {
    if slo.per_request.is_empty() {
        return None;
    }
    if let Some(counted) = estimate.attained.iter().find(|found| found.slo == slo.name) {
        let (value, lo, hi) = counted.share;
        return Some(Ranged { value, lo, hi });
    }
    let latencies = &estimate.latencies;
    let mut all = Ranged::ONE;
    for limit in &slo.per_request {
        let share = share_within(model(latencies, limit.metric, point)?, limit.limit);
        all = Ranged {
            value: all.value * share.value,
            lo: (all.lo + share.lo - 1.0).max(0.0),
            hi: all.hi.min(share.hi),
        };
    }
    Some(all)
}

/// The verdict on the per-request limits of an objective.
pub(super) fn judge_requests(
    columns: &Columns<'_>,
    estimate: &Estimate,
    slo: &Slo,
    point: &RunPoint,
) -> Vec<Judged> {
    match attainment(estimate, slo, point) {
        Some(share) => vec![judge_share(share, &estimate.latencies, slo, point)],
        None => slo
            .per_request
            .iter()
            .map(|limit| judge_metric(columns, estimate, limit, slo, point))
            .collect(),
    }
}

fn judge_share(share: Ranged, latencies: &[LatencyModel], slo: &Slo, point: &RunPoint) -> Judged {
    let verdict = judge(share, Comparison::AtLeast, slo.attainment);
    let tightest = slo
        .per_request
        .iter()
        .filter_map(|limit| {
            let latency = at_share(model(latencies, limit.metric, point)?, slo.attainment)?;
            let margin = margin(latency, Comparison::AtMost, limit.limit)?;
            Some((margin, limit.metric.name()))
        })
        .min_by(|a, b| a.0.total_cmp(&b.0));
    let of_share = margin(share.value, Comparison::AtLeast, slo.attainment);
    // Each limit alone may be met while all together are not; then the share's own distance is the honest one.
    let (margin, limit) = match tightest {
        Some((latency, name)) if (latency >= 0.0) == (share.value >= slo.attainment) => {
            (Some(latency), name)
        }
        Some((_, name)) => (of_share, name),
        None => (of_share, Metric::SloAttainment.name()),
    };
    Judged {
        verdict,
        limit: limit.to_owned(),
        margin,
        by_value_alone: slo.per_request.iter().all(|limit| {
            model(latencies, limit.metric, point).is_some_and(|model| !has_intervals(model))
        }),
    }
}

/// One limit where the estimate does not spread all latencies: its own spread, the percentile that is the attainment, or
/// the mean where requests do not vary; else nothing can be said.
fn judge_metric(
    columns: &Columns<'_>,
    estimate: &Estimate,
    limit: &PerRequest,
    slo: &Slo,
    point: &RunPoint,
) -> Judged {
    let number = match model(&estimate.latencies, limit.metric, point) {
        Some(model) => {
            let share = share_within(model, limit.limit);
            return Judged {
                verdict: judge(share, Comparison::AtLeast, slo.attainment),
                limit: limit.metric.name().to_owned(),
                margin: margin(share.value, Comparison::AtLeast, slo.attainment),
                by_value_alone: !has_intervals(model),
            };
        }
        None => latency_at_attainment(columns, limit.metric, slo, point)
            .or_else(|| endless(limit.metric, estimate)),
    };
    Judged {
        verdict: number.map_or(Verdict::Inconclusive, |number| {
            judge(number, Comparison::AtMost, limit.limit)
        }),
        limit: limit.metric.name().to_owned(),
        margin: number.and_then(|number| margin(number.value, Comparison::AtMost, limit.limit)),
        by_value_alone: number.is_some_and(Ranged::is_exact),
    }
}

/// The percentile that is the attainment, or the mean where requests do not vary.
fn latency_at_attainment(
    columns: &Columns<'_>,
    metric: Metric,
    slo: &Slo,
    point: &RunPoint,
) -> Option<Ranged> {
    let metrics = [judged_metric(metric, point), metric];
    let stat = Stat::ALL
        .into_iter()
        .find(|stat| stat.quantile() == Some(slo.attainment))
        .or_else(|| (!requests_vary(point)).then_some(Stat::Mean))?;
    metrics
        .into_iter()
        .find_map(|metric| columns.column(Column::stat(stat, metric)))
}

/// Where more arrives than the server can do, the time to the first and to the last token grows without end.
pub(super) fn endless(metric: Metric, estimate: &Estimate) -> Option<Ranged> {
    let waits = [
        Metric::Ttft,
        Metric::TtftInclQueue,
        Metric::E2el,
        Metric::E2elInclQueue,
        Metric::Ntpot,
    ];
    let is_endless = estimate.notes.contains(&Code::Saturated) && waits.contains(&metric);
    is_endless.then_some(Ranged::exact(f64::INFINITY))
}

/// In open loops `ttft` and `e2el` count from the intended send time.
pub(super) fn judged_metric(metric: Metric, point: &RunPoint) -> Metric {
    let Workload::Llm(LlmWorkload { load, .. }) = &point.workload else {
        return metric;
    };
    match (&load.mode, metric) {
        (
            LoadMode::RequestRate { .. } | LoadMode::Ramp { .. } | LoadMode::Trace(_),
            Metric::Ttft,
        ) => Metric::TtftInclQueue,
        (
            LoadMode::RequestRate { .. } | LoadMode::Ramp { .. } | LoadMode::Trace(_),
            Metric::E2el,
        ) => Metric::E2elInclQueue,
        (_, metric) => metric,
    }
}

fn model<'a>(
    latencies: &'a [LatencyModel],
    metric: Metric,
    point: &RunPoint,
) -> Option<&'a LatencyModel> {
    let of = |metric| latencies.iter().find(|model| model.metric == metric);
    of(judged_metric(metric, point)).or_else(|| of(metric))
}

fn has_intervals(model: &LatencyModel) -> bool {
    model
        .quantiles
        .iter()
        .any(|(_, value, lo, hi)| lo < value || value < hi)
}

fn requests_vary(point: &RunPoint) -> bool {
    match &point.workload {
        Workload::Llm(llm) => {
            let fixed = |lengths: &Lengths| matches!(lengths, Lengths::Fixed(_));
            let together = match &llm.load.mode {
                LoadMode::BatchSize(_) | LoadMode::SingleStream | LoadMode::Offline => true,
                LoadMode::Concurrency(users) | LoadMode::MultiStream(users) => *users == 1,
                LoadMode::RequestRate { .. } | LoadMode::Ramp { .. } | LoadMode::Trace(_) => false,
            };
            !(together && fixed(&llm.isl) && fixed(&llm.osl))
        }
        Workload::Unmodelled(_) => true,
    }
}

/// The share of requests within `limit`, by linear interpolation on the quantile grid. The interval comes from the low
/// and high variants of the latencies; outside the grid it reaches to 0 or 1.
fn share_within(model: &LatencyModel, limit: f64) -> Ranged {
    let value = bracket(model, limit, |quantile| quantile.1);
    let pessimistic = bracket(model, limit, |quantile| quantile.3);
    let optimistic = bracket(model, limit, |quantile| quantile.2);
    Ranged {
        value: value.0,
        lo: pessimistic.0,
        hi: optimistic.1,
    }
}

type Quantile = (f64, f64, f64, f64);

/// The lowest and highest share that the grid allows for latencies within `limit`.
fn bracket(model: &LatencyModel, limit: f64, latency: impl Fn(&Quantile) -> f64) -> (f64, f64) {
    let grid = &model.quantiles;
    let (Some(first), Some(last)) = (grid.first(), grid.last()) else {
        return (0.0, 1.0);
    };
    let constant = latency(first) >= latency(last);
    if limit < latency(first) {
        return (0.0, if constant { 0.0 } else { first.0 });
    }
    let above = grid.partition_point(|quantile| latency(quantile) <= limit);
    let Some(next) = grid.get(above) else {
        return (if constant { 1.0 } else { last.0 }, 1.0);
    };
    let before = &grid[above - 1];
    let part = (limit - latency(before)) / (latency(next) - latency(before));
    let share = if part.is_finite() {
        before.0 + part * (next.0 - before.0)
    } else {
        before.0
    };
    (share, share)
}

/// The latency at a share, by linear interpolation; `None` outside the grid.
fn at_share(model: &LatencyModel, share: f64) -> Option<f64> {
    let grid = &model.quantiles;
    let above = grid.partition_point(|quantile| quantile.0 < share);
    let next = grid.get(above)?;
    let latency = match above.checked_sub(1).map(|below| &grid[below]) {
        _ if next.0 <= share => next.1,
        None => return None,
        Some(before) => before.1 + (share - before.0) / (next.0 - before.0) * (next.1 - before.1),
    };
    latency.is_finite().then_some(latency)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::sample;
    use crate::record::Attained;

    fn latencies(metric: Metric, values: [f64; 3]) -> LatencyModel {
        LatencyModel {
            metric,
            quantiles: [0.5, 0.9, 0.99]
                .into_iter()
                .zip(values)
                .map(|(share, value)| (share, value, value * 0.9, value * 1.1))
                .collect(),
        }
    }

    #[test]
    fn shares_are_interpolated_between_quantiles() {
        let model = latencies(Metric::Ttft, [1.0, 2.0, 3.0]);
        let share = share_within(&model, 1.5);
        assert!((share.value - 0.7).abs() < 1e-12);
        assert!(share.lo < share.value && share.value < share.hi);
        assert_eq!(at_share(&model, 0.9), Some(2.0));
        assert!((at_share(&model, 0.7).expect("inside") - 1.5).abs() < 1e-12);
        assert_eq!(at_share(&model, 0.999), None);
    }

    #[test]
    fn beyond_the_grid_nothing_is_invented() {
        let model = latencies(Metric::Ttft, [1.0, 2.0, 3.0]);
        assert_eq!(share_within(&model, 10.0), Ranged::from((0.99, 0.99, 1.0)));
        assert_eq!(share_within(&model, 0.1), Ranged::from((0.0, 0.0, 0.5)));
    }

    #[test]
    fn equal_requests_all_pass_or_all_fail() {
        let mut model = latencies(Metric::Tpot, [1.0; 3]);
        for quantile in &mut model.quantiles {
            (quantile.2, quantile.3) = (1.0, 1.0);
        }
        assert_eq!(share_within(&model, 1.0), Ranged::exact(1.0));
        assert_eq!(share_within(&model, 0.99), Ranged::exact(0.0));
    }

    #[test]
    fn several_limits_are_met_together_at_most_as_often_as_the_rarest() {
        let point = sample::point(0, "h", 8);
        let mut slo = sample::slo("chat");
        slo.per_request = vec![
            PerRequest {
                metric: Metric::Ttft,
                limit: 2.0,
            },
            PerRequest {
                metric: Metric::Tpot,
                limit: 2.0,
            },
        ];
        let mut estimate = sample::estimate(100.0);
        estimate.latencies = vec![
            latencies(Metric::Ttft, [1.0, 2.0, 3.0]),
            latencies(Metric::Tpot, [1.0, 2.0, 3.0]),
        ];
        let all = attainment(&estimate, &slo, &point).expect("both are spread");
        assert!((all.value - 0.81).abs() < 1e-12);
        assert!(all.lo <= 0.8 && all.hi <= 0.99);
        estimate.latencies.pop();
        let without = attainment(&estimate, &slo, &point);
        assert_eq!(without, None, "tpot is not spread");
        estimate.attained = vec![Attained {
            slo: "chat".to_owned(),
            share: (0.9, 0.88, 0.92),
        }];
        let counted = attainment(&estimate, &slo, &point);
        assert_eq!(counted, Some(Ranged::from((0.9, 0.88, 0.92))));
    }
}
