//! Ends of an estimate as wide as the fit found errors to be.

use std::sync::{Arc, OnceLock};

use super::explain::{ExplainInput, ExplainLine};
use super::server::Server;
use super::terms::place;
use crate::diag::Code;
use crate::record::{
    Calibration, Column, EffectSupport, Estimate, Metric, Sizes, Widening, Widths,
};
use crate::scenario::{LlmWorkload, System};

/// The widths that hold for a system, and why.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fitted {
    widths: Arc<Widths>,
    program: String,
    support: EffectSupport,
    /// Of the columns that the first estimate had, in their order, for a known group and for the place: every estimate of a system
    /// asks for the same ones.
    known: OnceLock<Vec<(Column, [Widening; 2])>>,
}

impl Fitted {
    /// `None` under a pack whose terms bring their own intervals.
    pub fn new(system: &System, pack: &Calibration) -> Option<Self> {
        let at = place(&system.hardware.device, system);
        Some(Self {
            widths: Arc::clone(pack.widths.as_ref()?),
            program: at.program.to_owned(),
            support: pack.effects.support(at),
            known: OnceLock::new(),
        })
    }

    /// How a column's ends move at the pack's level, where its group is known and where the place alone is.
    fn both(&self, column: Column) -> [Widening; 2] {
        [EffectSupport::Group, self.support]
            .map(|support| self.widths.widening(&self.program, column, support))
    }
}

impl Server {
    /// How much of what a column of a workload depends on the pack's fit has seen; `None` under a pack that was not fitted on runs.
    pub fn support(&self, column: Column, workload: &LlmWorkload) -> Option<EffectSupport> {
        let region = self.region.as_ref();
        let sizes = region.map(|region| region.sizes(workload));
        self.support_at(column, sizes.as_ref())
    }

    fn support_at(&self, column: Column, sizes: Option<&Sizes>) -> Option<EffectSupport> {
        let place = self.fitted.as_ref()?.support;
        Some(match self.region.as_ref().zip(sizes) {
            Some((region, sizes)) if region.holds(column, sizes) => EffectSupport::Group,
            Some(_) | None => place,
        })
    }

    /// How the ends of a column at a level move, that the terms' ends gave; not at all under a pack that was not fitted on runs.
    pub fn widening(&self, column: Column, workload: &LlmWorkload, level: f64) -> Widening {
        let Some(fitted) = &self.fitted else {
            return Widening::NONE;
        };
        let known = self.support(column, workload) == Some(EffectSupport::Group);
        let [of_group, of_place] = fitted.both(column);
        let widening = if known { of_group } else { of_place };
        widening.at(self.level_ratio(level))
    }

    /// The ratio of half-widths at a level to those at the pack's.
    pub(super) fn level_ratio(&self, level: f64) -> f64 {
        self.pack_z
            .map_or(1.0, |pack_z| super::Level::z(level) / pack_z)
    }

    /// What the pack knows of this place, and how wide that makes intervals; `None` under a pack that was not fitted on runs.
    pub fn explain_widths(&self, workload: &LlmWorkload) -> Option<ExplainLine> {
        let Fitted {
            widths,
            program,
            support,
            ..
        } = self.fitted.as_ref()?;
        let mut inputs = vec![ExplainInput::new(
            "support",
            support.name().to_owned(),
            support.meaning(),
        )];
        for metric in [Metric::Tpot, Metric::Ttft, Metric::OutputThroughput] {
            let column = Column::of(metric);
            let support = self.support(column, workload)?;
            let scale = widths.scale(program, column, support);
            inputs.push(ExplainInput::new(
                &column.to_string(),
                format!("{scale:.3}"),
                format!(
                    "factor on the half-width that steps give, from errors of fits that had not seen the rows; {}",
                    support.meaning()
                ),
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

    /// An estimate with the ends of each metric as far away as the fit found errors to be where it knew as much of the place and the
    /// load, wider where the load is outside of what was fitted, and those of power between rest and the limit.
    ///
    /// Ends that coincide with their number stay: what is exact is exact. A place that nothing like it was fitted for is noted.
    #[must_use]
    pub fn as_known(&self, workload: &LlmWorkload, estimate: Estimate) -> Estimate {
        let mut known = self.extrapolated(workload, self.widened(workload, estimate));
        for power in [&mut known.power.accelerator, &mut known.power.board] {
            *power = power.map(|ends| self.power.between_rest_and_limit(ends));
        }
        known
    }

    fn widened(&self, workload: &LlmWorkload, mut estimate: Estimate) -> Estimate {
        let Some(fitted) = &self.fitted else {
            return estimate;
        };
        let ratio = self.level_ratio(estimate.level);
        let region = self.region.as_ref();
        let sizes = region.map(|region| region.sizes(workload));
        let chosen = |column: Column, [of_group, of_place]: [Widening; 2]| {
            let known = self.support_at(column, sizes.as_ref()) == Some(EffectSupport::Group);
            if known { of_group } else { of_place }.at(ratio)
        };
        let widening = |column: Column| chosen(column, fitted.both(column));
        let known = fitted.known.get_or_init(|| {
            let columns = estimate.values.iter().map(|number| number.column);
            columns
                .map(|column| (column, fitted.both(column)))
                .collect()
        });
        for (position, number) in estimate.values.iter_mut().enumerate() {
            let (column, ends) = (number.column, (number.value, number.lo, number.hi));
            let found = known.get(position).filter(|(known, _)| *known == column);
            let both = found.map_or_else(|| fitted.both(column), |(_, both)| *both);
            (_, number.lo, number.hi) = chosen(column, both).of(ends);
        }
        for model in &mut estimate.latencies {
            let widening = widening(Column::of(model.metric));
            for (_, value, lo, hi) in &mut model.quantiles {
                (_, *lo, *hi) = widening.of((*value, *lo, *hi));
            }
        }
        if fitted.support == EffectSupport::Nothing {
            estimate.notes.push(Code::Extrapolated);
            estimate.notes.sort_unstable();
            estimate.notes.dedup();
        }
        let of_power = widening(Column::of(Metric::Power));
        for power in [&mut estimate.power.accelerator, &mut estimate.power.board] {
            *power = power.map(|ends| of_power.of(ends));
        }
        estimate
    }
}
