//! Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1).
//!
//! One latent of `kv_rank` numbers and one rotary key of `rope_dim` stand in the cache for all heads. Prompts project the
//! latent up to keys and values of every head; generation moves those projections to the queries and outputs ("absorbed"),
//! so that all heads attend to the latent itself.

use super::{Cost, Gemm, causal_pairs, width};
use crate::catalog::Precision;
use crate::units::{Bytes, Flops};

/// Widths of latent attention.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatentDims {
    /// Width of the residual stream.
    pub hidden: f64,
    /// Rank of the query latent; `None`: queries are projected directly.
    pub q_rank: Option<f64>,
    /// Rank of the cached latent.
    pub kv_rank: f64,
    /// Width of the rotary part.
    pub rope_dim: f64,
    /// Width of the part without position.
    pub nope_dim: f64,
    /// Width of a value head.
    pub value_dim: f64,
}

impl LatentDims {
    /// DeepSeek-V3 (arXiv 2412.19437, section 4.2), whose widths kernel tables of MLA are measured with.
    pub const DEEPSEEK_V3: Self = Self {
        hidden: 7168.0,
        q_rank: Some(1536.0),
        kv_rank: 512.0,
        rope_dim: 64.0,
        nope_dim: 128.0,
        value_dim: 128.0,
    };

    /// Numbers that one token leaves in the cache, on every rank.
    pub const fn cached_numbers(&self) -> f64 {
        self.kv_rank + self.rope_dim
    }
}

/// Attention of prompts over keys and values that were projected up: `batch` sequences of `q_len` new tokens after
/// `prefix_len` cached ones.
///
/// `F = 2 · batch · pairs · heads · (nope_dim + rope_dim + value_dim)`. The projections are matrix products of their own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MlaContext {
    /// Sequences.
    pub batch: f64,
    /// New tokens of each.
    pub q_len: f64,
    /// Cached tokens of each.
    pub prefix_len: f64,
    /// Heads of this rank.
    pub heads: f64,
    /// Widths.
    pub dims: LatentDims,
    /// Number formats.
    pub precision: Precision,
}

impl MlaContext {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        let d = &self.dims;
        let key = d.nope_dim + d.rope_dim;
        let pairs = self.batch * causal_pairs(self.q_len, self.prefix_len, None);
        let new = self.batch * self.q_len;
        let seen = new + self.batch * self.prefix_len;
        let moved = (new + seen) * self.heads * (key + d.value_dim);
        let cache = new * d.cached_numbers() * width::bytes(self.precision.kv_cache);
        Cost {
            work: Flops::new(2.0 * pairs * self.heads * (key + d.value_dim)),
            activation_traffic: Bytes::new(moved * width::stream(self.precision)),
            kv_traffic: Bytes::new(cache),
            ..Cost::none(self.precision.compute)
        }
    }
}

/// Absorbed attention: `batch` sequences add `q_len` tokens each, all heads attend to `kv_len` latents.
///
/// `F = 2 · batch · pairs · heads · (2 · kv_rank + rope_dim)`; the cache is read once for all heads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MlaGeneration {
    /// Sequences.
    pub batch: f64,
    /// New tokens of each.
    pub q_len: f64,
    /// Tokens of each after the step.
    pub kv_len: f64,
    /// Heads of this rank.
    pub heads: f64,
    /// Widths.
    pub dims: LatentDims,
    /// Number formats.
    pub precision: Precision,
}

impl MlaGeneration {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        let d = &self.dims;
        let prefix = (self.kv_len - self.q_len).max(0.0);
        let pairs = self.batch * causal_pairs(self.q_len, prefix, None);
        let per_pair = self.heads * (2.0 * d.kv_rank + d.rope_dim);
        let new = self.batch * self.q_len;
        let cached = self.batch * self.kv_len + new;
        Cost {
            work: Flops::new(2.0 * pairs * per_pair),
            activation_traffic: Bytes::new(new * per_pair * width::stream(self.precision)),
            kv_traffic: Bytes::new(
                cached * d.cached_numbers() * width::bytes(self.precision.kv_cache),
            ),
            ..Cost::none(self.precision.compute)
        }
    }
}

/// Which form of latent attention a module runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MlaCore {
    /// Prompts.
    Context(MlaContext),
    /// Generation.
    Generation(MlaGeneration),
}

/// Latent attention with all its projections, as kernel tables measure it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MlaModule {
    /// Attention itself.
    pub core: MlaCore,
    /// Number formats of the projections.
    pub gemm: Precision,
}

impl MlaModule {
    /// What it costs: the sum of its parts.
    pub fn cost(&self) -> Cost {
        let (core, rows, seen, heads, d, absorbed) = match &self.core {
            MlaCore::Context(c) => {
                let rows = c.batch * c.q_len;
                let seen = rows + c.batch * c.prefix_len;
                (c.cost(), rows, seen, c.heads, &c.dims, 0.0)
            }
            MlaCore::Generation(g) => {
                let rows = g.batch * g.q_len;
                (g.cost(), rows, 0.0, g.heads, &g.dims, rows)
            }
        };
        let gemm = |m, n, k| Gemm::new(m, n, k, self.gemm).cost();
        let query = heads * (d.nope_dim + d.rope_dim);
        let up = heads * (d.nope_dim + d.value_dim);
        let parts = [
            core,
            gemm(rows, d.q_rank.unwrap_or(query), d.hidden),
            d.q_rank
                .map_or(Cost::none(core.arithmetic), |rank| gemm(rows, query, rank)),
            gemm(rows, d.cached_numbers(), d.hidden),
            gemm(seen + absorbed, up, d.kv_rank),
            gemm(rows, d.hidden, heads * d.value_dim),
        ];
        sum(&parts, self.gemm)
    }
}

fn sum(parts: &[Cost], gemm: Precision) -> Cost {
    Cost {
        work: parts.iter().map(|part| part.work).sum(),
        weight_traffic: parts.iter().map(|part| part.weight_traffic).sum(),
        activation_traffic: parts.iter().map(|part| part.activation_traffic).sum(),
        kv_traffic: parts.iter().map(|part| part.kv_traffic).sum(),
        ..Cost::none(gemm.compute)
    }
}
