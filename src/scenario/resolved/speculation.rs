//! Guessing tokens ahead.

use super::point::ModelChoice;

/// Tokens that are guessed and checked together.
#[derive(Debug, Clone, PartialEq)]
pub struct Speculation {
    /// Who guesses.
    pub draft: Draft,
    /// Tokens guessed in a step.
    pub tokens: u32,
    /// The chance of each guessed token where all before it were right.
    pub acceptance: Vec<f64>,
}

/// Who guesses tokens.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// A smaller model, on the same devices and in the same number formats.
    Model(ModelChoice),
    /// The model's own layers that predict further ahead.
    Layers,
    /// A look-up of what followed the same tokens before, in the prompt or the output.
    LookUp,
}

impl Speculation {
    /// Tokens that a step of generation brings on average, `1 + Σ_i Π_{j ≤ i} a_j`.
    ///
    /// Leviathan, Kalman, Matias, arXiv 2211.17192, equation 1, with a chance for each position.
    pub fn tokens_per_step(&self) -> f64 {
        let mut all_right = 1.0;
        let mut tokens = 1.0;
        for chance in &self.acceptance {
            all_right *= chance;
            tokens += all_right;
        }
        tokens
    }
}
