//! Layers behind a model that predict tokens further ahead (multi-token prediction).
//!
//! Each takes the stream of the token before and the embedding of the next, projects both to the width of the stream, and passes them
//! through one layer of the model and through the model's own output projection (DeepSeek-V3, arXiv 2412.19437, section 2.2).
//! Embedding and output projection are those of the model (vLLM, `vllm/model_executor/models/deepseek_mtp.py`).
//!
//! # Assumptions
//!
//! The layer is like the last one of the model; of a hybrid it attends (Qwen3.5). It has the model's number formats, except its
//! projection, which is stored as activations are and copied to every rank (`eh_proj` of vLLM).

use super::{LowerError, LowerOptions, Op, OpGraph, OpKind, Parallel, Rows, lower, params, width};
use crate::catalog::{Precision, Published, Transformer};

/// The layers as a model of their own; `None` where there are none.
///
/// Its vocabulary is one token: embedding and output projection are the model's.
pub fn mtp_layers(model: &Transformer) -> Option<Transformer> {
    (model.mtp_layers > 0).then(|| Transformer {
        vocab: 1,
        ..of(model, model.mtp_layers)
    })
}

fn of(model: &Transformer, layers: u32) -> Transformer {
    let hidden = f64::from(model.hidden);
    Transformer {
        layers,
        shared_layers: false,
        recurrent: None,
        experts: model.experts.map(|experts| crate::catalog::Experts {
            first_dense: 0,
            layer_step: 1,
            layers,
            ..experts
        }),
        // The projection of two streams to one, and a norm of each.
        extra_params: f64::from(layers) * 2.0 * hidden * (hidden + 1.0),
        mtp_layers: 0,
        published: Published::default(),
        ..model.clone()
    }
}

/// Parameters of all the layers, without embedding and output projection.
pub fn mtp_params(model: &Transformer) -> f64 {
    mtp_layers(model).map_or(0.0, |layers| {
        let counted = params(&layers);
        counted.total - counted.embedding - counted.head
    })
}

/// The operators of one guess on one device: embedding, projection, one layer, and the model's output projection.
///
/// # Errors
///
/// [`LowerError`] when the parallel sizes do not fit the layer: there is one, for one pipeline stage.
pub fn mtp_graph(
    model: &Transformer,
    precision: Precision,
    parallel: Parallel,
    options: LowerOptions,
) -> Result<OpGraph, LowerError> {
    let mut graph = lower(&of(model, 1), precision, parallel, options)?;
    let hidden = f64::from(model.hidden);
    graph.ops.push(Op {
        name: "mtp.projection",
        count: 1.0,
        kind: OpKind::Gemm {
            batch: 1.0,
            n: hidden,
            k: 2.0 * hidden,
            rows: Rows::AllTokens,
            weight_bits: 8.0 * width::stream(precision),
        },
        precision: Precision {
            compute: width::stream_arithmetic(precision),
            ..precision
        },
    });
    Ok(graph)
}

#[cfg(test)]
mod tests {
    use super::super::Step;
    use super::*;
    use crate::catalog::{Arithmetic, Catalog, Format, ModelKind};

    const BF16: Precision = Precision {
        weights: Format::Bf16,
        activations: Format::Bf16,
        kv_cache: Format::Bf16,
        compute: Arithmetic::Bf16,
    };

    fn named(name: &str) -> Transformer {
        let model = Catalog::embedded().model(name).expect("in the catalogue");
        match &model.kind {
            ModelKind::Transformer(transformer) => (**transformer).clone(),
            ModelKind::Network(_) => panic!("{name} is a transformer"),
        }
    }

    #[test]
    fn deepseek_publishes_eleven_and_a_half_billion() {
        // README_WEIGHTS.md of deepseek-ai/DeepSeek-V3: 11.5 B parameters of the MTP module beside embedding and head.
        let counted = mtp_params(&named("deepseek-v3"));
        assert!((counted / 11.5e9 - 1.0).abs() < 0.02, "{counted}");
        assert_eq!(mtp_params(&named("llama-3.1-8b")), 0.0);
    }

    #[test]
    fn a_guess_is_a_layer_its_projection_and_the_head() {
        let model = named("deepseek-v3");
        let step = Step::decode(1.0, 1000.0);
        let work = |graph: OpGraph| graph.cost(&step).work.get();
        let options = LowerOptions::default();
        let guess = work(mtp_graph(&model, BF16, Parallel::ONE, options).expect("it fits"));
        let whole = work(lower(&model, BF16, Parallel::ONE, options).expect("it fits"));
        let head = 2.0 * f64::from(model.vocab) * f64::from(model.hidden);
        let projection = 4.0 * f64::from(model.hidden) * f64::from(model.hidden);
        let layer = guess - head - projection;
        // The first three layers are dense and no larger.
        let mean = (whole - head) / 61.0;
        assert!((layer / mean - 1.0).abs() < 0.05, "{layer} {mean}");
    }

    #[test]
    fn the_layer_of_a_hybrid_attends() {
        let layer = mtp_layers(&named("qwen3.5-35b-a3b")).expect("it has one");
        assert!(layer.recurrent.is_none());
        assert_eq!(layer.experts.expect("it has experts").layers, 1);
    }
}
