//! The verdict of an objective at a point.

use super::attainment::{endless, judge_requests, judged_metric};
use super::columns::Columns;
use super::limits::{Judged, judge, margin};
use crate::diag::Code;
use crate::record::{Column, Estimate, Metric, Source, Verdict, VerdictEntry};
use crate::scenario::{Aggregate, Comparison, RunPoint, Slo};

/// Judges one objective; `None` when none of its limits concerns predictions.
///
/// A point whose weights do not fit fails every objective: nothing would run there. Where only the load exceeds the memory,
/// requests queue for the room there is, and the latencies decide.
pub(super) fn verdict(
    columns: &Columns<'_>,
    estimate: &Estimate,
    slo: &Slo,
    point: &RunPoint,
) -> Option<VerdictEntry> {
    let mut judged = judge_requests(columns, estimate, slo, point);
    judged.extend(
        slo.aggregate
            .iter()
            .filter(|limit| limit.column.metric != Metric::ErrorRate)
            .map(|limit| judge_aggregate(columns, estimate, limit, point)),
    );
    if nothing_runs(estimate) {
        judged.push(out_of_memory(estimate));
    }
    let by_value_alone = judged.iter().any(|one| one.by_value_alone);
    let deciding = judged.into_iter().min_by(|a, b| {
        let distance = |one: &Judged| one.margin.unwrap_or(f64::NEG_INFINITY);
        b.verdict
            .cmp(&a.verdict)
            .then(distance(a).total_cmp(&distance(b)))
    })?;
    Some(VerdictEntry {
        source: Source::Predicted,
        verdict: deciding.verdict,
        limiting: Some(deciding.limit),
        margin: deciding.margin,
        by_value_alone,
    })
}

/// A limit on a column; an absent number cannot be judged, except a latency without end.
fn judge_aggregate(
    columns: &Columns<'_>,
    estimate: &Estimate,
    limit: &Aggregate,
    point: &RunPoint,
) -> Judged {
    let from_intention = Column {
        metric: judged_metric(limit.column.metric, point),
        ..limit.column
    };
    let number = columns
        .column(from_intention)
        .or_else(|| columns.column(limit.column))
        .or_else(|| endless(limit.column.metric, estimate));
    Judged {
        verdict: number.map_or(Verdict::Inconclusive, |number| {
            judge(number, limit.comparison, limit.limit)
        }),
        limit: limit.column.to_string(),
        margin: number.and_then(|number| margin(number.value, limit.comparison, limit.limit)),
        by_value_alone: number.is_some_and(|number| number.is_exact() && !is_certain(limit)),
    }
}

/// Whether memory fits needs no interval to be judged.
fn is_certain(limit: &Aggregate) -> bool {
    limit.column.metric == Metric::MemoryFits
}

fn nothing_runs(estimate: &Estimate) -> bool {
    let runs = estimate
        .get(Column::of(Metric::RequestThroughput))
        .is_some();
    estimate.notes.contains(&Code::DoesNotFit) && !runs
}

fn out_of_memory(estimate: &Estimate) -> Judged {
    let (total, usable) = (estimate.memory.total(), estimate.memory.usable);
    Judged {
        verdict: Verdict::Fail,
        limit: Metric::MemoryFits.name().to_owned(),
        margin: margin(total.get(), Comparison::AtMost, usable.get()),
        by_value_alone: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyse::columns::MoneyNames;
    use crate::analyse::sample;
    use crate::units::Bytes;

    fn judged(estimate: &Estimate, limits: Vec<Aggregate>) -> Option<VerdictEntry> {
        let mut slo = sample::slo("chat");
        slo.aggregate = limits;
        let point = sample::point(0, "h", 8);
        verdict(
            &Columns::new(estimate, MoneyNames::default()),
            estimate,
            &slo,
            &point,
        )
    }

    #[test]
    fn the_worst_limit_decides() {
        let estimate = sample::estimate(100.0);
        let at_least = |limit| sample::limit(Metric::OutputThroughput, Comparison::AtLeast, limit);
        let entry = judged(&estimate, vec![at_least(50.0), at_least(95.0)]).expect("judged");
        assert_eq!(
            entry.verdict,
            Verdict::Inconclusive,
            "90 to 110 straddles 95"
        );
        let entry = judged(&estimate, vec![at_least(50.0), at_least(80.0)]).expect("judged");
        assert_eq!(
            (entry.verdict, entry.margin),
            (Verdict::Pass, Some(0.25)),
            "the smallest margin is shown"
        );
    }

    #[test]
    fn an_absent_number_is_inconclusive_and_error_rate_is_not_judged() {
        let estimate = sample::estimate(100.0);
        let of = |metric| vec![sample::limit(metric, Comparison::AtMost, 1.0)];
        let entry = judged(&estimate, of(Metric::Mfu)).expect("judged");
        assert_eq!(entry.verdict, Verdict::Inconclusive);
        assert_eq!(judged(&estimate, of(Metric::ErrorRate)), None);
    }

    #[test]
    fn a_point_that_does_not_fit_fails_every_objective() {
        let mut estimate = sample::estimate(100.0);
        estimate.memory.weights = Bytes::new(144e9);
        estimate.notes.push(Code::DoesNotFit);
        let limit = || sample::limit(Metric::OutputThroughput, Comparison::AtLeast, 1.0);
        let queued = judged(&estimate, vec![limit()]).expect("judged");
        assert_eq!(queued.verdict, Verdict::Pass, "requests queue for the room");
        estimate
            .values
            .retain(|estimated| estimated.column.metric == Metric::OutputThroughput);
        let entry = judged(&estimate, vec![limit()]).expect("judged");
        assert_eq!(entry.verdict, Verdict::Fail);
        assert_eq!(entry.limiting.as_deref(), Some("memory_fits"));
        assert_eq!(entry.margin, Some(-1.0));
    }

    #[test]
    fn a_saturated_server_fails_every_latency_limit() {
        let mut estimate = sample::estimate(100.0);
        estimate.notes.push(Code::Saturated);
        let of = |metric| vec![sample::limit(metric, Comparison::AtMost, 1.0)];
        let entry = judged(&estimate, of(Metric::Ttft)).expect("judged");
        assert_eq!((entry.verdict, entry.margin), (Verdict::Fail, None));
    }
}
