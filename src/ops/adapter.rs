//! Low-rank adapters beside the matrix products of a model.

use super::{Op, OpGraph, OpKind, width};
use crate::units::Bytes;

/// Products that adapters stand beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AdapterTargets {
    /// Queries, keys, values and the output of attention.
    Attention,
    /// The dense feed-forward network.
    Mlp,
    /// Both.
    All,
}

/// Names of the products, and how many projections each computes at once.
const ATTENTION: [(&str, f64); 2] = [("attention.qkv", 3.0), ("attention.o", 1.0)];
const MLP: [(&str, f64); 2] = [("mlp.up", 2.0), ("mlp.down", 1.0)];

impl AdapterTargets {
    fn slices(self, name: &str) -> Option<f64> {
        let tables: &[&[(&str, f64)]] = match self {
            Self::Attention => &[&ATTENTION],
            Self::Mlp => &[&MLP],
            Self::All => &[&ATTENTION, &MLP],
        };
        let found = tables.iter().flat_map(|table| table.iter());
        found
            .copied()
            .find(|(known, _)| *known == name)
            .map(|(_, slices)| slices)
    }
}

/// The two thin products that adapters of one rank add to each product of a model: `y = W x + B (A x)`.
///
/// `A` is `(r, k)` for each projection and `B` is `(n, r)`: Hu et al., "`LoRA`: Low-Rank Adaptation of Large Language Models", arXiv
/// 2106.09685, section 4.1. Where a step has tokens of several adapters each token meets its own, and the weights of all of
/// them are read once (Chen et al., "Punica", arXiv 2310.18547). On tensor-parallel ranks `B` is divided where outputs are, and `A`
/// where inputs are; the other is copied (vLLM, `vllm/lora/layers`, without `fully_sharded_loras`).
///
/// # Assumptions
///
/// Adapters are stored as the activations are. Experts and latent projections have none.
pub fn adapter_graph(
    graph: &OpGraph,
    rank: f64,
    adapters: f64,
    targets: AdapterTargets,
) -> OpGraph {
    let pairs = graph.ops.iter().filter_map(|op| {
        let slices = targets.slices(op.name)?;
        let slices = slices.min(projections(graph, op));
        thin_products(op, rank * slices, rank, adapters)
    });
    OpGraph {
        ops: pairs.flatten().collect(),
        stages: graph.stages,
        stream_bytes_per_token: graph.stream_bytes_per_token,
    }
}

/// Projections that a product of the feed-forward network computes at once: two where it is gated.
fn projections(graph: &OpGraph, op: &Op) -> f64 {
    let down = graph.ops.iter().find(|other| other.name == "mlp.down");
    if let (OpKind::Gemm { n, .. }, Some(OpKind::Gemm { k, .. })) =
        (op.kind, down.map(|down| down.kind))
        && op.name == "mlp.up"
    {
        return n / k;
    }
    f64::MAX
}

fn thin_products(op: &Op, inner: f64, rank: f64, adapters: f64) -> Option<[Op; 2]> {
    let OpKind::Gemm { n, k, rows, .. } = op.kind else {
        return None;
    };
    let bits = 8.0 * width::stream(op.precision) * adapters;
    let precision = crate::catalog::Precision {
        compute: width::stream_arithmetic(op.precision),
        ..op.precision
    };
    let thin = |name, n, k| Op {
        name,
        precision,
        kind: OpKind::Gemm {
            batch: 1.0,
            n,
            k,
            rows,
            weight_bits: bits,
        },
        ..*op
    };
    Some([thin("adapter.a", inner, k), thin("adapter.b", n, rank)])
}

/// Bytes of one adapter on each device of a stage.
pub fn adapter_bytes(graph: &OpGraph, rank: f64, targets: AdapterTargets) -> Bytes {
    let ops = adapter_graph(graph, rank, 1.0, targets).ops;
    let bytes = ops.iter().map(|op| match op.kind {
        OpKind::Gemm {
            n, k, weight_bits, ..
        } => op.count * n * k * weight_bits / 8.0,
        OpKind::Attention { .. }
        | OpKind::EncoderAttention { .. }
        | OpKind::CrossAttention { .. }
        | OpKind::LatentAttention { .. }
        | OpKind::Experts(_)
        | OpKind::Dispatch(_)
        | OpKind::Recurrent { .. }
        | OpKind::Elementwise { .. }
        | OpKind::Collective { .. } => 0.0,
    });
    Bytes::new(bytes.sum())
}

#[cfg(test)]
mod tests {
    use super::super::sample::transformer;
    use super::super::{LowerOptions, Parallel, Segment, Step, lower};
    use super::*;
    use crate::catalog::{Arithmetic, Format, Precision};

    const BF16: Precision = Precision {
        weights: Format::Bf16,
        activations: Format::Bf16,
        kv_cache: Format::Bf16,
        compute: Arithmetic::Bf16,
    };

    fn graph(tp: u32) -> OpGraph {
        let parallel = Parallel {
            tp,
            ..Parallel::ONE
        };
        let model = transformer("llama-3.1-8b");
        lower(model, BF16, parallel, LowerOptions::default()).expect("it can be divided")
    }

    #[test]
    fn an_adapter_has_the_published_size() {
        // r = 16 on all linear layers of Llama 3.1 8B: 41,943,040 parameters, as PEFT counts them.
        let bytes = adapter_bytes(&graph(1), 16.0, AdapterTargets::All);
        assert!((bytes.get() / 2.0 - 41_943_040.0).abs() < 1.0, "{bytes:?}");
        // Queries and values alone would be 6.8 M of them; attention has keys and the output too.
        let attention = adapter_bytes(&graph(1), 16.0, AdapterTargets::Attention);
        assert!((attention.get() / 2.0 - 13_631_488.0).abs() < 1.0);
    }

    #[test]
    fn ranks_divide_one_side_and_copy_the_other() {
        let (one, four) = (graph(1), graph(4));
        let bytes = |graph| adapter_bytes(graph, 16.0, AdapterTargets::All).get();
        assert!(bytes(&four) > 0.25 * bytes(&one) && bytes(&four) < bytes(&one));
    }

    #[test]
    fn work_follows_tokens_and_weights_follow_adapters() {
        let base = graph(1);
        let step = |tokens| {
            let prompt = Segment {
                sequences: 1.0,
                new_tokens: tokens,
                cached: 0.0,
            };
            Step::mixed(prompt, Segment::NONE, 1.0)
        };
        let cost = |adapters, tokens| {
            adapter_graph(&base, 16.0, adapters, AdapterTargets::All).cost(&step(tokens))
        };
        let (one, four) = (cost(1.0, 100.0), cost(4.0, 100.0));
        assert!((one.work.get() - 2.0 * 100.0 * 41_943_040.0).abs() < 1.0);
        assert_eq!(one.work, four.work);
        assert_eq!(four.weight_traffic.get(), 4.0 * one.weight_traffic.get());
    }
}
