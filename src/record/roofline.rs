//! Where the phases of an option stand under the roof of its device.

use serde::{Deserialize, Serialize};

/// The roof of one accelerator of a point, and its phases under it.
///
/// The roof is `min(P, I · W)` over the intensity `I` in operations per byte: Williams, Waterman, and Patterson, "Roofline"
/// (CACM 52(4), 2009).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roofline {
    /// Key of the point.
    pub key: String,
    /// What most of its operations are computed in.
    pub arithmetic: String,
    /// `P`: the dense peak at it, of the datasheet.
    pub peak_flop_per_s: f64,
    /// `W`: the memory rate, of the datasheet.
    pub bandwidth_b_per_s: f64,
    /// Prompt processing, then generation.
    pub phases: Vec<RooflinePhase>,
}

/// One step of a phase on one accelerator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RooflinePhase {
    /// `prefill` or `decode`.
    pub phase: String,
    /// Sequences of the step.
    pub sequences: f64,
    /// Tokens of the step that pass through the model.
    pub tokens: f64,
    /// Operations.
    pub work_flop: f64,
    /// Bytes to and from device memory.
    pub traffic_b: f64,
    /// What the step takes.
    pub time_s: f64,
    /// The same with every efficiency term at its fast end.
    pub lo_s: f64,
    /// And at its slow end.
    pub hi_s: f64,
    /// What most of the time goes to.
    pub bound: String,
}

impl Roofline {
    /// Operations per byte at which arithmetic begins to bound, `P / W`.
    pub fn ridge(&self) -> f64 {
        self.peak_flop_per_s / self.bandwidth_b_per_s
    }

    /// Operations per second that the roof allows at an intensity.
    pub fn attainable(&self, intensity: f64) -> f64 {
        self.peak_flop_per_s.min(intensity * self.bandwidth_b_per_s)
    }
}

impl RooflinePhase {
    /// Operations per byte.
    pub fn intensity(&self) -> f64 {
        self.work_flop / self.traffic_b
    }

    /// Operations per second, and both ends of their range.
    pub fn achieved(&self) -> (f64, f64, f64) {
        let rate = |seconds: f64| self.work_flop / seconds;
        (rate(self.time_s), rate(self.hi_s), rate(self.lo_s))
    }
}

#[cfg(test)]
mod tests {
    use crate::record::sample;

    #[test]
    fn the_roof_bends_at_the_ridge() {
        let roofline = sample::roofline("point");
        let ridge = roofline.ridge();
        assert!((roofline.attainable(ridge) / roofline.peak_flop_per_s - 1.0).abs() < 1e-12);
        assert!(
            (roofline.attainable(0.5 * ridge) * 2.0 / roofline.peak_flop_per_s - 1.0).abs() < 1e-12
        );
        assert!(roofline.attainable(2.0 * ridge) <= roofline.peak_flop_per_s);
        for phase in &roofline.phases {
            let (value, lo, hi) = phase.achieved();
            assert!(lo <= value && value <= hi && hi <= roofline.attainable(phase.intensity()));
        }
    }
}
