//! Scaled dot-product attention over a cache, and without one.

use super::{Cost, width};
use crate::catalog::Precision;
use crate::units::{Bytes, Flops};

/// The heads of one attention operator on one rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heads {
    /// Query heads.
    pub queries: f64,
    /// Key and value heads.
    pub kv: f64,
    /// Width of a query and key head.
    pub head_dim: f64,
    /// Width of a value head.
    pub value_dim: f64,
}

impl Heads {
    /// Heads whose keys and values have the same width.
    pub const fn new(queries: f64, kv: f64, head_dim: f64) -> Self {
        Self {
            queries,
            kv,
            head_dim,
            value_dim: head_dim,
        }
    }

    /// Numbers that one token leaves in the cache.
    pub const fn cached_numbers(&self) -> f64 {
        self.kv * (self.head_dim + self.value_dim)
    }

    const fn work(&self, pairs: f64) -> f64 {
        2.0 * pairs * self.queries * (self.head_dim + self.value_dim)
    }

    const fn query_numbers(&self) -> f64 {
        self.queries * (self.head_dim + self.value_dim)
    }
}

/// Pairs of a query and a key it may see: `q` new tokens follow `prefix` cached ones, each sees itself and what came before,
/// at most `window` tokens.
///
/// Without a window `q · prefix + q (q + 1) / 2`. Fractional lengths are means, for which the sum is a close stand-in.
///
/// ```
/// use phantom::ops::causal_pairs;
/// assert_eq!(causal_pairs(4.0, 0.0, None), 10.0);
/// assert_eq!(causal_pairs(4.0, 0.0, Some(2.0)), 7.0);
/// assert_eq!(causal_pairs(1.0, 100.0, Some(2.0)), 2.0);
/// ```
pub const fn causal_pairs(q: f64, prefix: f64, window: Option<f64>) -> f64 {
    let all = q * prefix + 0.5 * q * (q + 1.0);
    let Some(window) = window else { return all };
    // The i-th new token sees min(prefix + i, window); the first `free` of them are not yet limited.
    let room = window - prefix;
    let free = if room < 0.0 {
        0.0
    } else if room < q {
        room
    } else {
        q
    };
    free * prefix + 0.5 * free * (free + 1.0) + (q - free) * window
}

/// Cached tokens that `q` new ones still read when only the last `window` are kept in sight.
const fn visible(q: f64, prefix: f64, window: Option<f64>) -> f64 {
    let Some(window) = window else {
        return prefix + q;
    };
    let reach = window - 1.0;
    let kept = if reach < 0.0 { 0.0 } else { reach };
    (if prefix < kept { prefix } else { kept }) + q
}

/// Causal attention of `batch` sequences, each with `q_len` new tokens after `prefix_len` cached ones.
///
/// `F = 2 · batch · pairs · heads · (head_dim + value_dim)`: `Q·Kᵀ` and `P·V` over the unmasked pairs only (Dao,
/// "FlashAttention-2", arXiv 2307.08691, section 4.1, which halves the causal count). The cache is read once for each
/// sequence and the new keys and values are written to it once; queries are read and outputs written once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttentionContext {
    /// Sequences.
    pub batch: f64,
    /// New tokens of each.
    pub q_len: f64,
    /// Cached tokens of each.
    pub prefix_len: f64,
    /// Heads of this rank.
    pub heads: Heads,
    /// Tokens in sight; `None`: all.
    pub window: Option<f64>,
    /// Number formats; `compute` is the arithmetic of attention itself.
    pub precision: Precision,
}

impl AttentionContext {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        let pairs = self.batch * causal_pairs(self.q_len, self.prefix_len, self.window);
        let touched = visible(self.q_len, self.prefix_len, self.window) + self.q_len;
        cached_cost(
            &self.heads,
            self.precision,
            Touched {
                pairs,
                queries: self.batch * self.q_len,
                cache_tokens: self.batch * touched,
            },
        )
    }
}

/// Attention of `batch` sequences that each add `q_len` tokens (one without speculation) to a cache; `kv_len` counts the new
/// tokens too.
///
/// The equations are those of [`AttentionContext`]; kernels differ.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttentionGeneration {
    /// Sequences.
    pub batch: f64,
    /// New tokens of each.
    pub q_len: f64,
    /// Tokens of each after the step.
    pub kv_len: f64,
    /// Heads of this rank.
    pub heads: Heads,
    /// Tokens in sight; `None`: all.
    pub window: Option<f64>,
    /// Number formats; `compute` is the arithmetic of attention itself.
    pub precision: Precision,
}

impl AttentionGeneration {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        AttentionContext {
            batch: self.batch,
            q_len: self.q_len,
            prefix_len: (self.kv_len - self.q_len).max(0.0),
            heads: self.heads,
            window: self.window,
            precision: self.precision,
        }
        .cost()
    }
}

/// Where the keys and values of unmasked attention come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeySource {
    /// They were computed in the same step (encoders).
    Fresh,
    /// They stand in the cache (cross attention).
    Cached,
}

/// Attention without mask: `q_len` queries see all of `kv_len` keys (encoders, cross attention).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttentionEncoder {
    /// Sequences.
    pub batch: f64,
    /// Queries of each.
    pub q_len: f64,
    /// Keys of each; `q_len` in encoders.
    pub kv_len: f64,
    /// Heads of this rank.
    pub heads: Heads,
    /// Where keys and values come from.
    pub keys: KeySource,
    /// Number formats; `compute` is the arithmetic of attention itself.
    pub precision: Precision,
}

impl AttentionEncoder {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        let queries = self.batch * self.q_len * self.heads.query_numbers();
        let keys = self.batch * self.kv_len * self.heads.cached_numbers();
        let stream = width::stream(self.precision);
        let (fresh, cached) = match self.keys {
            KeySource::Fresh => (keys * stream, 0.0),
            KeySource::Cached => (0.0, keys * width::bytes(self.precision.kv_cache)),
        };
        Cost {
            work: Flops::new(self.heads.work(self.batch * self.q_len * self.kv_len)),
            activation_traffic: Bytes::new(queries * stream + fresh),
            kv_traffic: Bytes::new(cached),
            ..Cost::none(self.precision.compute)
        }
    }
}

#[derive(Clone, Copy)]
struct Touched {
    pairs: f64,
    queries: f64,
    cache_tokens: f64,
}

fn cached_cost(heads: &Heads, precision: Precision, touched: Touched) -> Cost {
    let cache = touched.cache_tokens * heads.cached_numbers() * width::bytes(precision.kv_cache);
    let stream = touched.queries * heads.query_numbers() * width::stream(precision);
    Cost {
        work: Flops::new(heads.work(touched.pairs)),
        activation_traffic: Bytes::new(stream),
        kv_traffic: Bytes::new(cache),
        ..Cost::none(precision.compute)
    }
}
