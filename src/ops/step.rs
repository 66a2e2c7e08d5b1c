//! One step of a serving loop: which tokens pass through the model together.

/// Sequences that do the same in a step; all numbers may be means.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Segment {
    /// Sequences.
    pub sequences: f64,
    /// Tokens that each sequence adds in this step.
    pub new_tokens: f64,
    /// Tokens of each sequence whose keys and values are already in the cache.
    pub cached: f64,
}

impl Segment {
    /// No sequence.
    pub const NONE: Self = Self {
        sequences: 0.0,
        new_tokens: 0.0,
        cached: 0.0,
    };

    /// Tokens that pass through the model.
    pub const fn tokens(&self) -> f64 {
        self.sequences * self.new_tokens
    }

    /// Tokens that the new ones can see, themselves included, over all sequences.
    pub const fn context(&self) -> f64 {
        self.sequences * (self.cached + self.new_tokens)
    }
}

/// One step of one data-parallel group.
///
/// # Examples
///
/// A chunk of 512 prompt tokens runs beside 32 sequences that each generate one token:
///
/// ```
/// use phantom::ops::{Segment, Step};
///
/// let chunk = Segment { sequences: 1.0, new_tokens: 512.0, cached: 1536.0 };
/// let generation = Segment { sequences: 32.0, new_tokens: 1.0, cached: 900.0 };
/// let step = Step { prefill: chunk, decode: generation, ..Step::decode(32.0, 900.0) };
/// assert_eq!(step.tokens(), 544.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Step {
    /// Prompts, or parts of them. Encoders have only these.
    pub prefill: Segment,
    /// Generation; `new_tokens` is 1 without speculation.
    pub decode: Segment,
    /// Rows that pass through the output projection: a prompt needs its last token's, and only when it is complete.
    pub logits: f64,
    /// The input of the encoder in models of two stacks; what the decoder attends to is `memory`.
    pub encoder: Segment,
    /// Encoder tokens that every decoder sequence attends to, in models of two stacks.
    pub memory: f64,
}

impl Step {
    /// Every one of `sequences` generates one token after `cached` ones.
    pub const fn decode(sequences: f64, cached: f64) -> Self {
        let decode = Segment {
            sequences,
            new_tokens: 1.0,
            cached,
        };
        Self {
            prefill: Segment::NONE,
            decode,
            logits: sequences,
            encoder: Segment::NONE,
            memory: 0.0,
        }
    }

    /// Whole remaining prompts of `new_tokens` after `cached` ones; each yields its first token.
    pub const fn prefill(sequences: f64, new_tokens: f64, cached: f64) -> Self {
        let prefill = Segment {
            sequences,
            new_tokens,
            cached,
        };
        Self {
            prefill,
            decode: Segment::NONE,
            logits: sequences,
            encoder: Segment::NONE,
            memory: 0.0,
        }
    }

    /// A prompt part and generation in one step; `finishing` of the prompts end with it.
    pub const fn mixed(prefill: Segment, decode: Segment, finishing: f64) -> Self {
        Self {
            prefill,
            decode,
            logits: finishing + decode.tokens(),
            encoder: Segment::NONE,
            memory: 0.0,
        }
    }

    /// Tokens that pass through the decoder (or the only stack).
    pub const fn tokens(&self) -> f64 {
        self.prefill.tokens() + self.decode.tokens()
    }
}

/// Which tokens of a step pass through an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rows {
    /// All of the step.
    AllTokens,
    /// Those of prompts.
    Prefill,
    /// What is cached of prompts before the step.
    PrefillCached,
    /// Those of prompts and what is cached of them (the latent cache is projected up again).
    PrefillContext,
    /// Those that are generated.
    Decode,
    /// Those whose next token is sought.
    Logits,
    /// Those of the encoder, in models of two stacks.
    Encoder,
}

impl Rows {
    /// How many they are.
    pub const fn of(self, step: &Step) -> f64 {
        match self {
            Self::AllTokens => step.tokens(),
            Self::Prefill => step.prefill.tokens(),
            Self::PrefillCached => step.prefill.sequences * step.prefill.cached,
            Self::PrefillContext => step.prefill.context(),
            Self::Decode => step.decode.tokens(),
            Self::Logits => step.logits,
            Self::Encoder => step.encoder.tokens(),
        }
    }
}
