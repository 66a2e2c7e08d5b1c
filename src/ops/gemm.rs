//! Matrix products with stored weights.

use super::{Cost, width};
use crate::catalog::Precision;
use crate::units::{Bytes, Flops};

/// `batch` products `(m, k) × (k, n)`; the right side is stored weights.
///
/// `F = 2 · batch · m · n · k`; traffic counts each of the three matrices once.
///
/// # Examples
///
/// ```
/// use phantom::catalog::{Arithmetic, Format, Precision};
/// use phantom::ops::Gemm;
///
/// let bf16 = Precision { weights: Format::Bf16, activations: Format::Bf16, kv_cache: Format::Bf16, compute: Arithmetic::Bf16 };
/// let cost = Gemm::new(1.0, 4096.0, 4096.0, bf16).cost();
/// assert_eq!(cost.work.get(), 2.0 * 4096.0 * 4096.0);
/// assert_eq!(cost.weight_traffic.get(), 2.0 * 4096.0 * 4096.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gemm {
    /// Independent products of the same shape, each with its own weights (heads of absorbed latent attention).
    pub batch: f64,
    /// Rows: tokens.
    pub m: f64,
    /// Outputs.
    pub n: f64,
    /// Inputs.
    pub k: f64,
    /// Number formats.
    pub precision: Precision,
    /// Mean bits of one weight; those of `precision.weights` unless layers differ (llama.cpp mixtures).
    pub weight_bits: f64,
}

impl Gemm {
    /// One product.
    pub fn new(m: f64, n: f64, k: f64, precision: Precision) -> Self {
        let weight_bits = precision.weights.bits_per_weight();
        Self {
            batch: 1.0,
            m,
            n,
            k,
            precision,
            weight_bits,
        }
    }

    /// What it costs.
    pub fn cost(&self) -> Cost {
        let weights = self.batch * self.n * self.k;
        let read = self.batch * self.m * self.k * width::input(self.precision);
        let written = self.batch * self.m * self.n * width::stream(self.precision);
        Cost {
            work: Flops::new(2.0 * self.m * weights),
            weight_traffic: Bytes::new(weights * self.weight_bits / 8.0),
            activation_traffic: Bytes::new(read + written),
            ..Cost::none(self.precision.compute)
        }
    }
}
