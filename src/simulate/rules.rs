//! How an engine composes its steps.

use crate::perf::Intake;

/// Which requests share a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compose {
    /// Every generating sequence, then prompts or parts of them within the budget (vLLM V1, TensorRT-LLM with chunked context,
    /// llama.cpp server).
    Mixed,
    /// Prompts alone while there are any, else the generating sequences (SGLang without mixed chunks).
    PromptsFirst,
    /// Every generating sequence, and prompts only where none generates.
    GenerationFirst,
    /// So many start together and none is added until all have ended (software without a scheduler).
    Batchwise,
}

/// What must be free before a request is taken up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Admission {
    /// Blocks of its prompt; generation takes more as it goes on and may interrupt others.
    Prompt,
    /// Blocks of its prompt and of all it may generate, which are set aside: nobody is ever interrupted.
    ToTheEnd,
    /// Its prompt and outputs beside a share of what running requests may still generate; the share falls from `first` to
    /// `least` in `steps` steps of generation and rises when somebody is interrupted.
    Expected {
        /// Share at the start.
        first: f64,
        /// Share it falls to.
        least: f64,
        /// Generation steps it takes.
        steps: f64,
    },
}

/// Which waiting request is taken up next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The first to arrive.
    Arrival,
    /// The smallest priority number, then the first to arrive.
    Priority,
    /// The one with the fewest tokens of prompt and output, then the first to arrive.
    ShortestFirst,
    /// The one with the most tokens to generate, then the first to arrive.
    LongestOutput,
    /// The one of whose prompt most is in the cache, then the first to arrive; the first to arrive where many wait.
    LongestPrefix,
}

/// Where an interrupted request waits; its cache is dropped, and prompt and output so far are processed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// Before all others.
    Front,
    /// Behind all others.
    Back,
}

/// Whether a prompt may be processed in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompts {
    /// In parts that fill the budget.
    Cut,
    /// Whole, or not in this step.
    Whole,
}

/// The rules of one engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rules {
    /// Sequences at once.
    pub max_sequences: u32,
    /// Tokens of prompt and output together that a request may have.
    pub max_context: u64,
    /// Tokens in a step.
    pub max_tokens: u64,
    /// Tokens that pass through the model together; a larger step is computed in several of them.
    pub micro_batch: u64,
    /// Which requests share a step.
    pub compose: Compose,
    /// What must be free.
    pub admission: Admission,
    /// Which is next.
    pub order: Order,
    /// Where an interrupted request waits.
    pub interrupted: Interrupted,
    /// Whether prompts are cut.
    pub prompts: Prompts,
    /// When waiting requests are taken up.
    pub intake: Intake,
}

impl Rules {
    /// Chunked prompts beside generation, first come first served: vLLM's.
    pub const fn mixed(max_sequences: u32, max_tokens: u64) -> Self {
        Self {
            max_sequences,
            max_context: u64::MAX,
            max_tokens,
            micro_batch: u64::MAX,
            compose: Compose::Mixed,
            admission: Admission::Prompt,
            order: Order::Arrival,
            interrupted: Interrupted::Front,
            prompts: Prompts::Cut,
            intake: Intake::EachStep,
        }
    }
}
