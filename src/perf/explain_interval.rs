//! The interval of a number with its parts.

use super::explain::{ExplainInput, ExplainLine};
use super::server::Server;
use crate::record::{Beyond, Column, Estimate};
use crate::scenario::LlmWorkload;
use crate::stats::math;
use crate::units::{si, significant};

impl Server {
    /// Adds to the lines of columns their interval with its parts: the ends of the terms, the factor that errors of fits ask for, and
    /// what lies outside of what was fitted.
    ///
    /// `plain` is the estimate with the ends of the terms alone, where the lines do not say them yet; `last` the one that is shown.
    pub fn explain_intervals(
        &self,
        workload: &LlmWorkload,
        lines: &mut [ExplainLine],
        (plain, last): (Option<&Estimate>, &Estimate),
    ) {
        for line in lines {
            let Ok(column) = line.name.parse::<Column>() else {
                continue;
            };
            let Some(found) = last.get(column).filter(|found| found.lo < found.hi) else {
                continue;
            };
            let unit = line.unit;
            let ends = |lo: f64, hi: f64| format!("{} to {}", shown(lo, unit), shown(hi, unit));
            let outside = self.outside_width(column, workload);
            if plain.is_some() || outside > 0.0 {
                line.inputs.retain(|input| input.label != "interval");
                let factor = self.widening(column, workload, last.level).scale;
                let how = self.how(factor, outside);
                let whole = ExplainInput::new("interval", ends(found.lo, found.hi), how);
                line.inputs.insert(0, whole);
            }
            if let Some(terms) = plain.and_then(|plain| plain.get(column)) {
                let source = "all terms at their fast and at their slow ends";
                let terms = ExplainInput::new("terms' ends", ends(terms.lo, terms.hi), source);
                line.inputs.insert(1, terms);
            }
            if outside > 0.0 {
                line.inputs.push(self.outside_input(outside, workload));
            }
        }
    }

    fn how(&self, factor: f64, outside: f64) -> String {
        if self.fitted.is_none() {
            return "the terms' ends at the asked level".to_owned();
        }
        let mut how = format!(
            "logarithms of the terms' ends times {factor:.3}, from errors of fits that had not seen the rows"
        );
        if outside > 0.0 {
            how.push_str(", and in squares what is outside of what was fitted");
        }
        how
    }

    fn outside_input(&self, outside: f64, workload: &LlmWorkload) -> ExplainInput {
        let beyond: Vec<String> = self.beyond(workload).iter().map(Beyond::text).collect();
        let source = if beyond.is_empty() {
            "sizes are outside of those of the rows that measured this".to_owned()
        } else {
            beyond.join("; ")
        };
        let factor = significant(math::exp(outside), 3);
        ExplainInput::new("outside", format!("times {factor} either way"), source)
    }
}

/// A number with its unit; a number without one stays bare.
fn shown(value: f64, unit: &str) -> String {
    match unit {
        "1" | "bool" => significant(value, 3),
        unit => si(value, unit, 3),
    }
}
