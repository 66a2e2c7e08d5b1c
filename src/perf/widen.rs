//! Ends of an estimate as wide as the fit found errors to be.

use std::sync::Arc;

use super::explain::{ExplainInput, ExplainLine};
use super::server::Server;
use super::terms::place;
use crate::diag::Code;
use crate::record::{Calibration, Column, EffectSupport, Estimate, Metric, Widths};
use crate::scenario::System;

/// The widths that hold for a system, and why.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fitted {
    widths: Arc<Widths>,
    program: String,
    support: EffectSupport,
}

impl Fitted {
    /// `None` under a pack whose terms bring their own intervals.
    pub fn new(system: &System, pack: &Calibration) -> Option<Self> {
        let at = place(&system.hardware.device, system);
        Some(Self {
            widths: Arc::clone(pack.widths.as_ref()?),
            program: at.program.to_owned(),
            support: pack.effects.support(at),
        })
    }
}

impl Server {
    /// How much of this place the pack's fit has seen; `None` under a pack that was not fitted on runs.
    pub fn support(&self) -> Option<EffectSupport> {
        self.fitted.as_ref().map(|fitted| fitted.support)
    }

    /// The factor on the half-width of a column, on the logarithmic scale; 1 under a pack that was not fitted on runs.
    pub fn width_factor(&self, column: Column) -> f64 {
        self.fitted.as_ref().map_or(1.0, |fitted| {
            fitted.widths.scale(&fitted.program, column, fitted.support)
        })
    }

    /// What the pack knows of this place, and how wide that makes intervals; `None` under a pack that was not fitted on runs.
    pub fn explain_widths(&self) -> Option<ExplainLine> {
        let Fitted {
            widths,
            program,
            support,
        } = self.fitted.as_ref()?;
        let mut inputs = vec![ExplainInput::new(
            "support",
            support.name().to_owned(),
            support.meaning(),
        )];
        for metric in [Metric::Tpot, Metric::Ttft, Metric::OutputThroughput] {
            let column = Column::of(metric);
            let scale = widths.scale(program, column, *support);
            inputs.push(ExplainInput::new(
                &column.to_string(),
                format!("{scale:.3}"),
                "factor on the half-width that steps give, from errors of fits that had not seen the rows",
            ));
        }
        Some(ExplainLine {
            name: "calibration".to_owned(),
            value: widths.pace(program, *support),
            unit: "",
            formula: "half-width of the logarithm of step times".to_owned(),
            inputs,
        })
    }

    /// An estimate with the ends of each metric as far away as the fit found errors to be where it knew as much of the place.
    ///
    /// Ends that coincide with their number stay: what is exact is exact. A place that nothing like it was fitted for is noted.
    pub fn widened(&self, mut estimate: Estimate) -> Estimate {
        let Some(Fitted {
            widths,
            program,
            support,
        }) = &self.fitted
        else {
            return estimate;
        };
        let scale = |column: Column| widths.scale(program, column, *support);
        for number in &mut estimate.values {
            let ends = (number.value, number.lo, number.hi);
            (_, number.lo, number.hi) = Widths::widened(scale(number.column), ends);
        }
        for model in &mut estimate.latencies {
            let scale = scale(Column::of(model.metric));
            for (_, value, lo, hi) in &mut model.quantiles {
                (_, *lo, *hi) = Widths::widened(scale, (*value, *lo, *hi));
            }
        }
        if *support == EffectSupport::Nothing {
            estimate.notes.push(Code::Extrapolated);
            estimate.notes.sort_unstable();
            estimate.notes.dedup();
        }
        for power in [&mut estimate.power.accelerator, &mut estimate.power.board] {
            *power = power.map(|ends| Widths::widened(scale(Column::of(Metric::Power)), ends));
        }
        estimate
    }
}
