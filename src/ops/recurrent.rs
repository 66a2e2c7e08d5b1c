//! Recurrences that stand in for attention: Gated DeltaNet and Mamba-2.

use super::{Cost, width};
use crate::catalog::{Precision, Recurrent, RecurrentKind};
use crate::units::{Bytes, Flops};

/// Bytes of one number of a recurrent state: runtimes keep it in 32 bits, as both reference implementations do
/// (state-spaces/mamba `mamba_ssm/ops/triton/ssd_combined.py`, fla-org/flash-linear-attention `gated_delta_rule/chunk.py`).
pub(super) const STATE_BYTES: f64 = 4.0;

/// Tokens of a chunk in the parallel form: 64 in flash-linear-attention's `chunk_gated_delta_rule`, 256 is Mamba-2's
/// `chunk_size` default (state-spaces/mamba `mamba_ssm/modules/mamba2.py`).
const fn chunk(kind: RecurrentKind) -> f64 {
    match kind {
        RecurrentKind::GatedDeltaNet => 64.0,
        RecurrentKind::Mamba2 => 256.0,
    }
}

/// Heads of a recurrence on one rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecurrentHeads {
    /// Which recurrence.
    pub kind: RecurrentKind,
    /// Key heads (DeltaNet) or groups (Mamba-2).
    pub keys: f64,
    /// Value heads (DeltaNet) or heads (Mamba-2).
    pub values: f64,
    /// Width of a key head, or the state size.
    pub key_dim: f64,
    /// Width of a value head.
    pub value_dim: f64,
    /// Width of the short convolution.
    pub conv: f64,
}

impl RecurrentHeads {
    /// The heads of one of `tp` ranks; fewer key heads than ranks are repeated.
    pub fn of_rank(recurrent: &Recurrent, tp: u32) -> Self {
        let ranks = f64::from(tp);
        Self {
            kind: recurrent.kind,
            keys: (f64::from(recurrent.key_heads) / ranks).max(1.0),
            values: f64::from(recurrent.value_heads) / ranks,
            key_dim: f64::from(recurrent.key_dim),
            value_dim: f64::from(recurrent.value_dim),
            conv: f64::from(recurrent.conv),
        }
    }

    /// Numbers of the state of one sequence.
    pub const fn state_numbers(&self) -> f64 {
        self.values * self.key_dim * self.value_dim
    }

    /// Channels that pass through the convolution: queries and keys (or `B` and `C`) and values.
    pub const fn channels(&self) -> f64 {
        2.0 * self.keys * self.key_dim + self.values * self.value_dim
    }

    /// Bytes that one sequence keeps in one layer: the state, and the last inputs of the convolution.
    pub fn state_bytes(&self, precision: Precision) -> f64 {
        self.state_numbers() * STATE_BYTES
            + (self.conv - 1.0) * self.channels() * width::stream(precision)
    }

    /// Operations of one token when states are updated one by one.
    ///
    /// DeltaNet (arXiv 2412.06464, equation 10): decay 1, read by key 2, rank-one update 2, read by query 2, for each number
    /// of the state. Mamba-2 (arXiv 2405.21060, section 3): decay 1, update 2, read 2.
    const fn recurrent_work(&self) -> f64 {
        let each = match self.kind {
            RecurrentKind::GatedDeltaNet => 7.0,
            RecurrentKind::Mamba2 => 5.0,
        };
        each * self.state_numbers()
    }

    /// Operations of one token in chunks of `C`: products with the state, and causal products inside the chunk.
    ///
    /// DeltaNet (arXiv 2412.06464, section 3.3): `6 d_k d_v` with the state; `Q·Kᵀ`, `K·Kᵀ`, `W` and `U`, and `P·U` inside,
    /// half of `C` on average. Mamba-2 (arXiv 2405.21060, section 6): `4 N P` with the state, `C·Bᵀ` per group, `P·X`.
    const fn chunked_work(&self, chunk: f64) -> f64 {
        match self.kind {
            RecurrentKind::GatedDeltaNet => {
                6.0 * self.state_numbers()
                    + chunk * self.values * (3.0 * self.key_dim + 2.0 * self.value_dim)
            }
            RecurrentKind::Mamba2 => {
                4.0 * self.state_numbers()
                    + chunk * (self.keys * self.key_dim + self.values * self.value_dim)
            }
        }
    }
}

/// Which part of a recurrent layer an operator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecurrentPart {
    /// The short causal convolution.
    Convolution,
    /// The recurrence.
    Core,
}

/// Whether many tokens of a sequence pass at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecurrentPhase {
    /// Prompts, in chunks.
    Context,
    /// Generation, token by token.
    Generation,
}

/// One part of a recurrent layer over `batch` sequences of `seq_len` new tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearAttention {
    /// Part.
    pub part: RecurrentPart,
    /// Phase.
    pub phase: RecurrentPhase,
    /// Sequences.
    pub batch: f64,
    /// New tokens of each.
    pub seq_len: f64,
    /// Heads of this rank.
    pub heads: RecurrentHeads,
    /// Number formats.
    pub precision: Precision,
}

impl LinearAttention {
    /// What it costs.
    pub fn cost(&self) -> Cost {
        let h = &self.heads;
        let tokens = self.batch * self.seq_len;
        let stream = width::stream(self.precision);
        let (work, moved, state, weights) = match self.part {
            RecurrentPart::Convolution => {
                let last = (h.conv - 1.0) * h.channels() * stream;
                let work = 2.0 * h.conv * h.channels();
                (work, 2.0 * h.channels(), last, h.conv * h.channels())
            }
            RecurrentPart::Core => {
                let work = match self.phase {
                    RecurrentPhase::Context => h.chunked_work(self.seq_len.min(chunk(h.kind))),
                    RecurrentPhase::Generation => h.recurrent_work(),
                };
                let moved = h.channels() + h.values * (h.value_dim + 2.0);
                (work, moved, h.state_numbers() * STATE_BYTES, 0.0)
            }
        };
        Cost {
            work: Flops::new(tokens * work),
            weight_traffic: Bytes::new(weights * stream),
            activation_traffic: Bytes::new(tokens * moved * stream),
            kv_traffic: Bytes::new(2.0 * self.batch * state),
            ..Cost::none(width::stream_arithmetic(self.precision))
        }
    }
}
