//! Operators that only move numbers.

use super::{Cost, width};
use crate::catalog::Precision;
use crate::units::Bytes;

/// What an element-wise operator does; it decides how often each number moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ElementwiseKind {
    /// A norm: read, written.
    Norm,
    /// A residual sum and a norm in one: input and residual read, sum and norm written.
    AddNorm,
    /// A sum of two.
    Add,
    /// Rotary positions in place.
    Rotary,
    /// An activation function of one input.
    Activation,
    /// An activation times a gate: two inputs of `width`, one output.
    GatedActivation,
    /// A conversion to the input format of matrix products.
    Quantize,
    /// The choice of experts from router scores.
    Route,
    /// The choice of a token from logits, read as 32-bit numbers.
    Sample,
    /// Rows of a table by token.
    Lookup,
}

/// `tokens` rows of `width` numbers pass through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elementwise {
    /// What is done.
    pub kind: ElementwiseKind,
    /// Rows.
    pub tokens: f64,
    /// Numbers in a row of the output.
    pub width: f64,
    /// Number formats.
    pub precision: Precision,
}

impl Elementwise {
    /// What it costs; its arithmetic is not counted.
    pub fn cost(&self) -> Cost {
        let stream = width::stream(self.precision);
        let bytes_per_number = match self.kind {
            ElementwiseKind::Norm | ElementwiseKind::Rotary | ElementwiseKind::Activation => {
                2.0 * stream
            }
            ElementwiseKind::AddNorm => 4.0 * stream,
            ElementwiseKind::Add | ElementwiseKind::GatedActivation => 3.0 * stream,
            ElementwiseKind::Quantize => stream + width::input(self.precision),
            ElementwiseKind::Route | ElementwiseKind::Sample => 4.0,
            ElementwiseKind::Lookup => stream + width::bytes(self.precision.weights),
        };
        Cost {
            activation_traffic: Bytes::new(self.tokens * self.width * bytes_per_number),
            ..Cost::none(width::stream_arithmetic(self.precision))
        }
    }
}
