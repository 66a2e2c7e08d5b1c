//! What an engine has done, in sums.

use crate::perf::Busy;

/// What an engine has done since the start.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Done {
    /// Steps.
    pub steps: u64,
    /// Tokens generated.
    pub generated: u64,
    /// Prompt tokens processed, again after interruptions.
    pub prompts: u64,
    /// Interruptions.
    pub interruptions: u64,
    /// Seconds of steps with prompts, by what they are bound by.
    pub with_prompts: Busy,
    /// Seconds of the other steps.
    pub generation: Busy,
    /// Blocks held times seconds.
    pub block_seconds: f64,
    /// Generating sequences times steps of generation.
    pub sequence_steps: u64,
    /// Tokens generated in steps without prompts.
    pub generated_alone: u64,
    /// Steps of generation.
    pub generation_steps: u64,
    /// Most blocks held.
    pub peak_blocks: u64,
    /// Blocks read from host memory.
    pub read_blocks: u64,
    /// Most blocks in host memory.
    pub peak_host: u64,
}

impl Done {
    /// What two engines did together; blocks are counted at the fuller of the two.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            steps: self.steps + other.steps,
            generated: self.generated + other.generated,
            prompts: self.prompts + other.prompts,
            interruptions: self.interruptions + other.interruptions,
            with_prompts: self.with_prompts.plus(other.with_prompts),
            generation: self.generation.plus(other.generation),
            block_seconds: self.block_seconds + other.block_seconds,
            sequence_steps: self.sequence_steps + other.sequence_steps,
            generated_alone: self.generated_alone + other.generated_alone,
            generation_steps: self.generation_steps + other.generation_steps,
            peak_blocks: self.peak_blocks.max(other.peak_blocks),
            read_blocks: self.read_blocks + other.read_blocks,
            peak_host: self.peak_host.max(other.peak_host),
        }
    }
}
