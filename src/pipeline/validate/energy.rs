//! Columns that follow from an estimate's power.

use crate::record::{Column, Estimate, Estimated, Metric};
use crate::stats::independent::quotient;

/// Share of the power at the plug that a server's power supplies pass on, with the ends of its span.
///
/// 80 PLUS, 230 V internal redundant, at half and at full load: Platinum 0.94 and 0.91, Titanium 0.96 and 0.91, as quoted in
/// <https://www.tomshardware.com/uk/reviews/80-plus-psu-efficiency,4848-2.html>; the value inside that span is a judgement.
const SUPPLY: (f64, f64, f64) = (0.94, 0.91, 0.96);

/// Which power a source measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PowerScope {
    /// The sum over accelerators.
    Accelerator,
    /// At the plug.
    Wall,
    /// A whole small board.
    Board,
}

impl PowerScope {
    /// The column `power_scope` of the row, where there is one; else the plug for `mlperf-…`, the board for `mlperf-tiny…`, and
    /// the accelerators for the rest.
    pub fn of(stated: &str, source: &str) -> Self {
        match stated {
            "wall" => Self::Wall,
            "board" => Self::Board,
            "accelerator" => Self::Accelerator,
            _ if source.starts_with("mlperf-tiny") => Self::Board,
            _ if source.starts_with("mlperf") => Self::Wall,
            _ => Self::Accelerator,
        }
    }
}

/// The number of a column; power and energy are those of the scope, `None` where a part of it is not known.
///
/// Power at the plug is that of the accelerators and their hosts over [`SUPPLY`].
pub(super) fn estimated(
    estimate: &Estimate,
    column: Column,
    scope: PowerScope,
) -> Option<Estimated> {
    const OF_POWER: [(Metric, Option<Metric>); 3] = [
        (Metric::Power, None),
        (Metric::EnergyPerOutputToken, Some(Metric::OutputThroughput)),
        (Metric::EnergyPerRequest, Some(Metric::RequestThroughput)),
    ];
    let of_power = OF_POWER.iter().find(|(metric, _)| *metric == column.metric);
    let Some((_, divisor)) = of_power else {
        return estimate.get(column).copied();
    };
    let (value, lo, hi) = match scope {
        PowerScope::Accelerator => estimate.power.accelerator?,
        PowerScope::Board => estimate.power.board?,
        PowerScope::Wall => at_the_plug(estimate)?,
    };
    let (value, lo, hi) = match divisor {
        None => (value, lo, hi),
        Some(metric) => {
            let rate = estimate.get(Column::of(*metric))?;
            quotient((value, lo, hi), (rate.value, rate.lo, rate.hi))
        }
    };
    Some(Estimated {
        column,
        value,
        lo,
        hi,
    })
}

fn at_the_plug(estimate: &Estimate) -> Option<(f64, f64, f64)> {
    let (devices, hosts) = (estimate.power.accelerator?, estimate.power.host?);
    Some((
        (devices.0 + hosts.0) / SUPPLY.0,
        (devices.1 + hosts.1) / SUPPLY.2,
        (devices.2 + hosts.2) / SUPPLY.1,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_states_wins_over_its_source() {
        assert_eq!(PowerScope::of("", "mlperf-v5.1"), PowerScope::Wall);
        assert_eq!(PowerScope::of("", "mlperf-tiny-v1.0"), PowerScope::Board);
        assert_eq!(PowerScope::of("", "ml-energy"), PowerScope::Accelerator);
        assert_eq!(
            PowerScope::of("accelerator", "mlperf-v5.1"),
            PowerScope::Accelerator
        );
    }
}
