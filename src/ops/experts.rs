//! Layers of routed experts.

use super::routing::{Routing, Skew, distinct_experts};
use super::{Cost, width};
use crate::catalog::Precision;
use crate::units::{Bytes, Flops};

/// One layer of routed experts on one rank of `tp × ep`.
///
/// `F = 2 · matrices · hidden · inter/tp · R` with `R` rows on this rank ([`Moe::rows`]); weights count the distinct
/// experts that are touched. Activations: rows in, the inner vectors written and read around the activation function, rows
/// out, and their weighted sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moe {
    /// Tokens of all ranks of the expert group together.
    pub tokens: f64,
    /// Width of the residual stream.
    pub hidden: f64,
    /// Inner width of a whole expert.
    pub inter: f64,
    /// Experts of a token.
    pub topk: f64,
    /// Experts of the layer, all ranks together.
    pub experts: f64,
    /// Ranks that share one expert.
    pub tp: f64,
    /// Ranks that hold different experts.
    pub ep: f64,
    /// Matrices of an expert: 3 with a gate, else 2.
    pub matrices: f64,
    /// Spread of tokens.
    pub routing: Routing,
    /// Number formats.
    pub precision: Precision,
    /// Mean bits of one weight.
    pub weight_bits: f64,
}

impl Moe {
    /// Rows that this rank computes: pairs of a token and an expert. With skewed routing those of the busiest rank, which all
    /// others wait for.
    pub fn rows(&self) -> f64 {
        let mean = self.tokens * self.topk / self.ep;
        match self.routing {
            Routing::Uniform | Routing::Balanced => mean,
            Routing::PowerLaw(exponent) => self.skew(exponent).busiest_rows(self.ep),
        }
    }

    /// Experts of this rank that are touched.
    pub fn touched(&self) -> f64 {
        match self.routing {
            Routing::Uniform => distinct_experts(self.experts, self.topk, self.tokens) / self.ep,
            Routing::Balanced => (self.tokens * self.topk).min(self.experts) / self.ep,
            Routing::PowerLaw(exponent) => self.skew(exponent).touched() / self.ep,
        }
    }

    const fn skew(&self, exponent: f64) -> Skew {
        Skew {
            experts: self.experts,
            per_token: self.topk,
            tokens: self.tokens,
            exponent,
        }
    }

    /// What it costs.
    pub fn cost(&self) -> Cost {
        let inner = self.inter / self.tp;
        let expert = self.matrices * self.hidden * inner;
        let rows = self.rows();
        let input = width::input(self.precision);
        let stream = width::stream(self.precision);
        let up = (self.matrices - 1.0) * inner;
        let moved = rows * (self.hidden * input + 2.0 * up * stream + inner * (stream + input))
            + rows * 2.0 * self.hidden * stream
            + self.tokens.min(rows) * self.hidden * stream;
        Cost {
            work: Flops::new(2.0 * expert * rows),
            weight_traffic: Bytes::new(self.touched() * expert * self.weight_bits / 8.0),
            activation_traffic: Bytes::new(moved),
            ..Cost::none(self.precision.compute)
        }
    }
}

/// Direction of an exchange around experts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DispatchKind {
    /// Tokens go to their experts.
    Dispatch,
    /// Results come back.
    Combine,
}

/// One exchange between the ranks of an expert group.
///
/// A token goes once to each rank that holds one of its experts; with random routing that is `ep (1 − (1 − 1/ep)^topk)`
/// ranks, of which the share `1/ep` is its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MoeDispatch {
    /// Direction.
    pub kind: DispatchKind,
    /// Tokens of one rank.
    pub tokens: f64,
    /// Width of the residual stream.
    pub hidden: f64,
    /// Experts of a token.
    pub topk: f64,
    /// Experts of the layer.
    pub experts: f64,
    /// Ranks.
    pub ep: u32,
    /// Processors reserved for it; `None`: low-latency mode.
    pub processors: Option<u32>,
    /// Number formats: dispatch sends what matrix products read, combine sends the stream.
    pub precision: Precision,
}

impl MoeDispatch {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        let ranks = f64::from(self.ep);
        let copies = distinct_experts(ranks, 1.0, self.topk) * (1.0 - 1.0 / ranks);
        let number = match self.kind {
            DispatchKind::Dispatch => width::input(self.precision),
            DispatchKind::Combine => width::stream(self.precision),
        };
        let bytes = self.tokens * copies * self.hidden * number;
        let message = super::Message {
            collective: super::CollectiveKind::AllToAll,
            bytes: Bytes::new(bytes),
            group: self.ep,
            dimension: super::GroupKind::Expert,
        };
        Cost {
            activation_traffic: Bytes::new(2.0 * bytes),
            message: Some(message),
            ..Cost::none(width::stream_arithmetic(self.precision))
        }
    }
}
