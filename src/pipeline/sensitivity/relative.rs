//! A simulated estimate after a move, in the proportion in which the closed form moves.

use crate::record::{Column, Estimate, LatencyModel, Metric};

/// `simulated · moved / closed`, column by column; what the closed form does not know stays.
///
/// Shares of requests that were counted in the simulation are left out, so that objectives are judged by the moved quantiles of
/// their latencies.
pub fn relative(simulated: &Estimate, closed: &Estimate, moved: &Estimate) -> Estimate {
    let factor = |column: Column| {
        let of = |estimate: &Estimate| {
            let exact = estimate.get(column);
            let mean = || estimate.get(Column::of(column.metric));
            exact.or_else(mean).map(|number| number.value)
        };
        proportion(of(closed), of(moved))
    };
    let mut estimate = simulated.clone();
    for number in &mut estimate.values {
        if number.column.metric == Metric::MemoryFits {
            // A verdict has no proportion; memory is counted alike in both.
            if let Some(now) = moved.get(number.column) {
                (number.value, number.lo, number.hi) = (now.value, now.lo, now.hi);
            }
            continue;
        }
        let factor = factor(number.column);
        for part in [&mut number.value, &mut number.lo, &mut number.hi] {
            *part *= factor;
        }
    }
    for LatencyModel { metric, quantiles } in &mut estimate.latencies {
        let factor = factor(Column::of(*metric));
        for (_, value, lo, hi) in quantiles {
            for part in [value, lo, hi] {
                *part *= factor;
            }
        }
    }
    scale_power(&mut estimate, closed, moved);
    estimate.memory = moved.memory;
    estimate.notes.clone_from(&moved.notes);
    estimate.attained.clear();
    estimate
}

fn scale_power(estimate: &mut Estimate, closed: &Estimate, moved: &Estimate) {
    type Part = Option<(f64, f64, f64)>;
    let scale = |part: &mut Part, closed: Part, moved: Part| {
        let value = |part: Part| part.map(|(value, ..)| value);
        let factor = proportion(value(closed), value(moved));
        *part = part.map(|(value, lo, hi)| (value * factor, lo * factor, hi * factor));
    };
    let (power, before, after) = (&mut estimate.power, closed.power, moved.power);
    scale(
        &mut power.accelerator,
        before.accelerator,
        after.accelerator,
    );
    scale(&mut power.host, before.host, after.host);
    scale(&mut power.network, before.network, after.network);
    scale(&mut power.board, before.board, after.board);
    scale(&mut power.idle, before.idle, after.idle);
}

fn proportion(before: Option<f64>, after: Option<f64>) -> f64 {
    let factor = before.zip(after).map(|(before, after)| after / before);
    factor.filter(|factor| factor.is_finite()).unwrap_or(1.0)
}
