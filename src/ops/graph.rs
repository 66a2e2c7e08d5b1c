//! The operators of one device, with constant dimensions, waiting for a step.

use super::{
    AttentionContext, AttentionEncoder, AttentionGeneration, Collective, CollectiveKind, Cost,
    Elementwise, ElementwiseKind, Gemm, GroupKind, Heads, Kernel, KeySource, LatentDims,
    LinearAttention, MlaContext, MlaGeneration, Moe, MoeDispatch, RecurrentHeads, RecurrentPart,
    RecurrentPhase, Rows, Segment, Step, Total, width,
};
use crate::catalog::Precision;

/// What an operator does; dimensions are those of one rank.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OpKind {
    /// A product of the rows with stored weights.
    Gemm {
        /// Independent products.
        batch: f64,
        /// Outputs.
        n: f64,
        /// Inputs.
        k: f64,
        /// Rows.
        rows: Rows,
        /// Mean bits of a weight.
        weight_bits: f64,
    },
    /// Causal attention with a cache.
    Attention {
        /// Heads.
        heads: Heads,
        /// Tokens in sight.
        window: Option<f64>,
        /// Ranks that share the cache of generation (context parallel).
        cp: f64,
    },
    /// Attention without mask and cache over the prompts (`Rows::Prefill`) or the encoder's input.
    EncoderAttention {
        /// Heads.
        heads: Heads,
        /// `Prefill` or `Encoder`.
        rows: Rows,
    },
    /// Attention of all tokens to the encoder's output.
    CrossAttention {
        /// Heads.
        heads: Heads,
    },
    /// Latent attention with a cache: projected up for prompts, absorbed for generation.
    LatentAttention {
        /// Heads.
        heads: f64,
        /// Widths.
        dims: LatentDims,
        /// Ranks that share the cache of generation.
        cp: f64,
    },
    /// Routed experts; `tokens` of the template is the number of groups whose tokens meet.
    Experts(Moe),
    /// An exchange around experts; `tokens` of the template is the share of the group's tokens that this rank sends.
    Dispatch(MoeDispatch),
    /// A part of a recurrence.
    Recurrent {
        /// Part.
        part: RecurrentPart,
        /// Heads.
        heads: RecurrentHeads,
    },
    /// Numbers that only move.
    Elementwise {
        /// What is done.
        kind: ElementwiseKind,
        /// Numbers in a row.
        width: f64,
        /// Rows.
        rows: Rows,
    },
    /// An exchange.
    Collective {
        /// Pattern.
        kind: CollectiveKind,
        /// Bytes for each row.
        bytes_per_row: f64,
        /// Rows.
        rows: Rows,
        /// Ranks.
        group: u32,
        /// Which group.
        dimension: GroupKind,
    },
}

/// One operator, called `count` times in a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Op {
    /// Stable name, `attention.qkv`.
    pub name: &'static str,
    /// Calls on one pipeline stage, mean over stages.
    pub count: f64,
    /// What it does.
    pub kind: OpKind,
    /// Number formats.
    pub precision: Precision,
}

impl Op {
    /// The kernels that one call runs in a step: none when no row passes, two when prompts and generation differ.
    pub fn kernels(&self, step: &Step) -> impl Iterator<Item = Kernel> + use<> {
        self.pair(step).into_iter().flatten()
    }

    /// What one call costs in a step.
    pub fn cost(&self, step: &Step) -> Cost {
        match self.pair(step) {
            [None, None] => Cost::none(self.precision.compute),
            [Some(one), None] | [None, Some(one)] => one.cost(),
            [Some(first), Some(second)] => {
                let (first, second) = (first.cost(), second.cost());
                Cost {
                    work: first.work + second.work,
                    weight_traffic: first.weight_traffic + second.weight_traffic,
                    activation_traffic: first.activation_traffic + second.activation_traffic,
                    kv_traffic: first.kv_traffic + second.kv_traffic,
                    ..first
                }
            }
        }
    }

    fn pair(&self, step: &Step) -> [Option<Kernel>; 2] {
        match &self.kind {
            OpKind::Attention { .. }
            | OpKind::LatentAttention { .. }
            | OpKind::CrossAttention { .. }
            | OpKind::Recurrent { .. } => [
                has_tokens(&step.prefill).then(|| self.over_prefill(step)),
                has_tokens(&step.decode).then(|| self.over_decode(step)),
            ],
            OpKind::EncoderAttention { heads, rows } => {
                let segment = match rows {
                    Rows::Encoder => &step.encoder,
                    Rows::AllTokens
                    | Rows::Prefill
                    | Rows::PrefillCached
                    | Rows::PrefillContext
                    | Rows::Decode
                    | Rows::Logits => &step.prefill,
                };
                let kernel =
                    || self.unmasked(*heads, segment, segment.new_tokens, KeySource::Fresh);
                [has_tokens(segment).then(kernel), None]
            }
            OpKind::Gemm { rows, .. }
            | OpKind::Elementwise { rows, .. }
            | OpKind::Collective { rows, .. } => {
                let count = rows.of(step);
                [(count > 0.0).then(|| self.over_rows(count)), None]
            }
            OpKind::Experts(_) | OpKind::Dispatch(_) => {
                let tokens = step.tokens();
                [(tokens > 0.0).then(|| self.over_rows(tokens)), None]
            }
        }
    }

    fn over_rows(&self, rows: f64) -> Kernel {
        let precision = self.precision;
        match self.kind {
            OpKind::Gemm {
                batch,
                n,
                k,
                weight_bits,
                ..
            } => Kernel::Gemm(Gemm {
                batch,
                m: rows,
                n,
                k,
                precision,
                weight_bits,
            }),
            OpKind::Experts(moe) => Kernel::Moe(Moe {
                tokens: moe.tokens * rows,
                ..moe
            }),
            OpKind::Dispatch(dispatch) => Kernel::MoeDispatch(MoeDispatch {
                tokens: dispatch.tokens * rows,
                ..dispatch
            }),
            OpKind::Elementwise { kind, width, .. } => Kernel::Elementwise(Elementwise {
                kind,
                tokens: rows,
                width,
                precision,
            }),
            OpKind::Collective {
                kind,
                bytes_per_row,
                group,
                dimension,
                ..
            } => Kernel::Collective(Collective {
                kind,
                bytes: rows * bytes_per_row,
                group,
                dimension,
            }),
            OpKind::Attention { .. }
            | OpKind::EncoderAttention { .. }
            | OpKind::CrossAttention { .. }
            | OpKind::LatentAttention { .. }
            | OpKind::Recurrent { .. } => unreachable!("operators of sequences have no row count"),
        }
    }

    fn over_prefill(&self, step: &Step) -> Kernel {
        let segment = &step.prefill;
        let precision = self.attention_precision();
        match self.kind {
            OpKind::Attention { heads, window, .. } => Kernel::AttentionContext(AttentionContext {
                batch: segment.sequences,
                q_len: segment.new_tokens,
                prefix_len: segment.cached,
                heads,
                window,
                precision,
            }),
            OpKind::LatentAttention { heads, dims, .. } => Kernel::MlaContext(MlaContext {
                batch: segment.sequences,
                q_len: segment.new_tokens,
                prefix_len: segment.cached,
                heads,
                dims,
                precision,
            }),
            OpKind::Gemm { .. }
            | OpKind::EncoderAttention { .. }
            | OpKind::CrossAttention { .. }
            | OpKind::Experts(_)
            | OpKind::Dispatch(_)
            | OpKind::Recurrent { .. }
            | OpKind::Elementwise { .. }
            | OpKind::Collective { .. } => {
                self.either(segment, step.memory, RecurrentPhase::Context)
            }
        }
    }

    fn over_decode(&self, step: &Step) -> Kernel {
        let segment = &step.decode;
        let precision = self.attention_precision();
        let kv_len = segment.cached + segment.new_tokens;
        match self.kind {
            OpKind::Attention { heads, window, cp } => {
                Kernel::AttentionGeneration(AttentionGeneration {
                    batch: segment.sequences,
                    q_len: segment.new_tokens,
                    kv_len: (kv_len / cp).max(segment.new_tokens),
                    heads: Heads {
                        queries: heads.queries * cp,
                        ..heads
                    },
                    window: window.map(|window| (window / cp).max(1.0)),
                    precision,
                })
            }
            OpKind::LatentAttention { heads, dims, cp } => Kernel::MlaGeneration(MlaGeneration {
                batch: segment.sequences,
                q_len: segment.new_tokens,
                kv_len: (kv_len / cp).max(segment.new_tokens),
                heads: heads * cp,
                dims,
                precision,
            }),
            OpKind::Gemm { .. }
            | OpKind::EncoderAttention { .. }
            | OpKind::CrossAttention { .. }
            | OpKind::Experts(_)
            | OpKind::Dispatch(_)
            | OpKind::Recurrent { .. }
            | OpKind::Elementwise { .. }
            | OpKind::Collective { .. } => {
                self.either(segment, step.memory, RecurrentPhase::Generation)
            }
        }
    }

    /// Operators of sequences that are alike for prompts and generation but for the phase.
    fn either(&self, segment: &Segment, memory: f64, phase: RecurrentPhase) -> Kernel {
        match self.kind {
            OpKind::Recurrent { part, heads } => Kernel::LinearAttention(LinearAttention {
                part,
                phase,
                batch: segment.sequences,
                seq_len: segment.new_tokens,
                heads,
                precision: self.precision,
            }),
            OpKind::CrossAttention { heads } => {
                self.unmasked(heads, segment, memory, KeySource::Cached)
            }
            OpKind::Gemm { .. }
            | OpKind::Attention { .. }
            | OpKind::EncoderAttention { .. }
            | OpKind::LatentAttention { .. }
            | OpKind::Experts(_)
            | OpKind::Dispatch(_)
            | OpKind::Elementwise { .. }
            | OpKind::Collective { .. } => unreachable!("only operators of sequences come here"),
        }
    }

    fn unmasked(&self, heads: Heads, segment: &Segment, kv_len: f64, keys: KeySource) -> Kernel {
        Kernel::AttentionEncoder(AttentionEncoder {
            batch: segment.sequences,
            q_len: segment.new_tokens,
            kv_len,
            heads,
            keys,
            precision: self.attention_precision(),
        })
    }

    /// Attention is computed in the arithmetic of the stream, whatever matrix products use.
    fn attention_precision(&self) -> Precision {
        Precision {
            compute: width::stream_arithmetic(self.precision),
            ..self.precision
        }
    }
}

fn has_tokens(segment: &Segment) -> bool {
    segment.tokens() > 0.0
}

/// The operators of one device of one replica, in the order they run.
///
/// Traffic of weights counts matrices and convolutions; norms, biases and other vectors are below a thousandth of it.
///
/// Layers that are alike share their operators, which say how often they run. With pipeline stages the counts are means over
/// the stages, so that `stages` times the graph is the whole model.
#[derive(Debug, Clone, PartialEq)]
pub struct OpGraph {
    /// Operators.
    pub ops: Vec<Op>,
    /// Pipeline stages.
    pub stages: u32,
    /// Bytes of one token in the residual stream.
    pub stream_bytes_per_token: f64,
}

impl OpGraph {
    /// What a step costs on one device, all calls together.
    pub fn cost(&self, step: &Step) -> Total {
        self.ops
            .iter()
            .map(|op| Total::from(op.cost(step)) * op.count)
            .sum()
    }
}
