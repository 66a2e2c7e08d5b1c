//! Prompts that pass the stages of a pipeline in parts which follow each other.

/// Stages of a pipeline through which steps of one prompt follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Relay {
    /// Stages of one copy of the model.
    pub stages: f64,
    /// Copies that share the load.
    pub copies: f64,
    /// Steps that follow each other before all stages run empty.
    pub steps: f64,
}

impl Relay {
    /// How many steps that pass all stages alone take as long as `steps` of one of `size` requests that start together; stages that other
    /// requests are in are not free.
    ///
    /// `Σ (m + S − 1) / S` over batches of `m` steps, with `S` stages of equal length: a stage begins the next step when it has handed
    /// the last one on (llama.cpp, pull request 6017, March 2024).
    pub fn passes(self, steps: f64, size: f64) -> f64 {
        let stages = (self.stages / (size / self.copies).max(1.0)).max(1.0);
        let of = |steps: f64| (steps + stages - 1.0) / stages;
        let batches = libm::floor(steps / self.steps);
        let rest = steps - batches * self.steps;
        let last = if rest > 0.0 { of(rest) } else { 0.0 };
        batches * of(self.steps) + last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_a_prompt_follow_each_other_through_stages() {
        let relay = |stages, steps| Relay {
            stages,
            copies: 1.0,
            steps,
        };
        let passes = |relay: Relay, steps| relay.passes(steps, 1.0);
        assert_eq!(passes(relay(1.0, 4.0), 7.0), 7.0);
        assert_eq!(passes(relay(4.0, 1.0), 7.0), 7.0);
        assert_eq!(passes(relay(4.0, 4.0), 1.0), 1.0);
        // Two follow each other: 5 quarters; four: 7 quarters; six: 7 and 5 quarters.
        assert_eq!(passes(relay(4.0, 4.0), 2.0), 1.25);
        assert_eq!(passes(relay(4.0, 4.0), 4.0), 1.75);
        assert_eq!(passes(relay(4.0, 4.0), 6.0), 3.0);
        assert_eq!(
            relay(4.0, 4.0).passes(4.0, 4.0),
            4.0,
            "other sequences fill the stages"
        );
    }
}
