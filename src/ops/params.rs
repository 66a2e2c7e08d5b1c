//! Parameter counts and forward work of a model.

use super::formats::Role;
use super::tensors::{Tensor, tensors};
use super::{LowerOptions, Parallel, Step, lower};
use crate::catalog::{Arithmetic, Format, Precision, Transformer};
use crate::units::Flops;

/// Parameters of a model, exact counts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Params {
    /// All.
    pub total: f64,
    /// Those a token passes: all but the experts it is not routed to. Embedding and output projection are counted.
    pub active: f64,
    /// Input embedding; a tied output projection is the same tensor.
    pub embedding: f64,
    /// Output projection, where it is a tensor of its own.
    pub head: f64,
    /// Attention and recurrent projections.
    pub mixers: f64,
    /// Dense networks and shared experts.
    pub dense: f64,
    /// Routed experts, all of them.
    pub experts: f64,
}

/// Counts the parameters of a model.
pub fn params(model: &Transformer) -> Params {
    let tensors = tensors(model);
    let sum = |belongs: fn(Role) -> bool| -> f64 {
        tensors
            .iter()
            .filter(|tensor| belongs(tensor.role))
            .map(Tensor::total)
            .sum()
    };
    let experts = sum(Role::is_routed);
    let total = tensors.iter().map(Tensor::total).sum::<f64>();
    let idle = model.experts.map_or(0.0, |e| {
        let used = f64::from(e.per_token) / f64::from(e.count.max(1));
        experts * (1.0 - used)
    });
    Params {
        total,
        active: total - idle,
        embedding: sum(|role| role == Role::Embedding),
        head: sum(|role| role == Role::Head),
        mixers: sum(Role::is_mixer),
        dense: sum(Role::is_dense),
        experts,
    }
}

/// Operations of a step on one device that holds the whole model.
///
/// Matrix products and attention only, a multiply-add counts as two: `2 N` for each token and active parameter of a matrix
/// (Kaplan et al., arXiv 2001.08361, section 2.1) and `2 · pairs · heads · (d_k + d_v)` for attention.
///
/// # Panics
///
/// Never: one device always fits.
pub fn forward_flops(model: &Transformer, step: &Step) -> Flops {
    let plain = Precision {
        weights: Format::Bf16,
        activations: Format::Bf16,
        kv_cache: Format::Bf16,
        compute: Arithmetic::Bf16,
    };
    lower(model, plain, Parallel::ONE, LowerOptions::default())
        .expect("one device always fits")
        .cost(step)
        .work
}
