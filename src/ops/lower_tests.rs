//! What lowering promises: parts add up to the whole.

use super::{DataParallel, Division, LowerError, LowerOptions, OpGraph, Parallel, lower};
use crate::catalog::{Format, Precision, Transformer, TransformerKind};
use crate::ops::formats::Role;
use crate::ops::sample::{decoders, transformer};
use crate::ops::tensors::{Tensor, tensors};
use crate::ops::{CollectiveKind, Op, OpKind, Segment, Step, Total, kv_shape, stored};

const BF16: Precision = Precision::uniform(Format::Bf16);

fn graph(model: &Transformer, parallel: Parallel) -> OpGraph {
    lower(model, BF16, parallel, LowerOptions::default()).expect("the sizes fit")
}

fn tp(tp: u32) -> Parallel {
    Parallel {
        tp,
        ..Parallel::ONE
    }
}

fn close(left: f64, right: f64) -> bool {
    (left - right).abs() <= 1e-9 * left.abs().max(right.abs())
}

fn is_product(op: &Op) -> bool {
    matches!(op.kind, OpKind::Gemm { .. } | OpKind::Experts(_))
}

fn products(graph: &OpGraph, step: &Step) -> Total {
    let parts = graph.ops.iter().filter(|op| is_product(op));
    parts.map(|op| Total::from(op.cost(step)) * op.count).sum()
}

/// Tensors that a token is multiplied with; shared layers run as often as there are layers.
fn multiplied(model: &Transformer) -> impl Iterator<Item = Tensor> {
    let tied = model.tied_embeddings;
    tensors(model).into_iter().filter(move |tensor| {
        !matches!(tensor.role, Role::Vector | Role::ExpertBias)
            && (tied || tensor.role != Role::Embedding)
    })
}

#[test]
fn every_token_costs_two_operations_for_every_weight_it_meets() {
    let step = Step {
        logits: 48.0,
        ..Step::prefill(3.0, 16.0, 0.0)
    };
    for (id, model) in decoders() {
        let met: f64 = multiplied(model)
            .map(|tensor| match model.experts {
                Some(experts) if tensor.role.is_routed() => {
                    tensor.total() * f64::from(experts.per_token) / f64::from(experts.count)
                }
                Some(_) | None => tensor.total(),
            })
            .sum();
        let projections = model.embedding_size.map_or(0.0, |width| {
            2.0 * f64::from(width) * f64::from(model.hidden)
        });
        let work = products(&graph(model, Parallel::ONE), &step).work.get();
        assert!(
            close(work, 2.0 * 48.0 * (met + projections)),
            "{id}: {work:e}"
        );
    }
}

#[test]
fn a_large_step_reads_every_weight_once() {
    let step = Step::prefill(1000.0, 1000.0, 0.0);
    for name in ["bf16", "fp8", "w4a16", "mxfp4", "q4_k_m", "q8_0", "iq4_xs"] {
        let precision = Precision::from_name(name).expect("a named precision");
        for (id, model) in decoders().filter(|(_, model)| model.embedding_size.is_none()) {
            let stored: f64 = multiplied(model)
                .map(|t| t.total() * stored(model, precision, t.role).bits / 8.0)
                .sum();
            let options = LowerOptions::default();
            let graph = lower(model, precision, Parallel::ONE, options).expect("one fits");
            let read = products(&graph, &step).weight_traffic.get();
            assert!(close(read, stored), "{id} {name}: {read:e} of {stored:e}");
        }
    }
}

#[test]
fn ranks_and_stages_share_the_work_of_one_device() {
    let model = transformer("llama-3.1-70b");
    let step = Step::mixed(
        Segment {
            sequences: 2.0,
            new_tokens: 300.0,
            cached: 700.0,
        },
        Segment {
            sequences: 40.0,
            new_tokens: 1.0,
            cached: 1234.5,
        },
        1.0,
    );
    let whole = graph(model, Parallel::ONE).cost(&step);
    for ranks in [2, 4, 8] {
        let part = graph(model, tp(ranks)).cost(&step);
        assert!(close(part.work.get() * f64::from(ranks), whole.work.get()));
        assert!(close(
            part.kv_traffic.get() * f64::from(ranks),
            whole.kv_traffic.get()
        ));
    }
    let stages = Parallel {
        pp: 3,
        ..Parallel::ONE
    };
    let part = graph(model, stages).cost(&step);
    assert!(close(part.work.get() * 3.0, whole.work.get()));
    assert!(close(
        part.weight_traffic.get() * 3.0,
        whole.weight_traffic.get()
    ));
}

#[test]
fn more_ranks_than_key_heads_repeat_them() {
    let model = transformer("llama-3.1-70b");
    let step = Step::decode(1.0, 1000.0);
    let kv = |ranks| graph(model, tp(ranks)).cost(&step).kv_traffic;
    assert_eq!(kv(8), kv(16));
}

#[test]
fn a_layer_sums_its_two_branches_over_tensor_parallel_ranks() {
    let model = transformer("llama-3.1-8b");
    let step = Step::decode(10.0, 100.0);
    let graph = graph(model, tp(2));
    let reduced = |op: &&Op| op.name.ends_with(".all_reduce") && !op.name.starts_with("emb");
    let bytes: f64 = graph
        .ops
        .iter()
        .filter(reduced)
        .map(|op| op.count * Total::from(op.cost(&step)).message_bytes.get())
        .sum();
    assert!(close(bytes, 2.0 * 32.0 * 10.0 * 4096.0 * 2.0));
}

#[test]
fn a_mixed_step_does_the_work_of_its_parts_and_reads_weights_once() {
    let model = transformer("mixtral-8x7b");
    let (prefill, decode) = (Step::prefill(1.0, 512.0, 0.0), Step::decode(32.0, 800.0));
    let both = Step::mixed(prefill.prefill, decode.decode, 1.0);
    let graph = graph(model, Parallel::ONE);
    let cost = |step| graph.cost(step);
    let (first, second, mixed) = (cost(&prefill), cost(&decode), cost(&both));
    assert!(close(
        first.work.get() + second.work.get(),
        mixed.work.get()
    ));
    assert!(close(
        first.kv_traffic.get() + second.kv_traffic.get(),
        mixed.kv_traffic.get()
    ));
    assert!(mixed.weight_traffic < first.weight_traffic + second.weight_traffic);
    assert!(mixed.weight_traffic >= first.weight_traffic);
}

#[test]
fn latent_attention_reads_one_latent_for_all_heads() {
    let model = transformer("deepseek-v3");
    let step = Step::decode(1.0, 4095.0);
    let read = graph(model, Parallel::ONE).cost(&step).kv_traffic.get();
    assert!(close(read, 61.0 * (4096.0 + 1.0) * 576.0 * 2.0));
    assert!(close(
        read,
        graph(model, tp(8)).cost(&step).kv_traffic.get()
    ));
}

#[test]
fn shared_experts_of_data_parallel_groups_exchange_tokens() {
    let model = transformer("deepseek-v3");
    let parallel = Parallel {
        dp: 16,
        ep: 16,
        ..Parallel::ONE
    };
    let options = LowerOptions {
        data_parallel: DataParallel::SharedExperts,
        ..LowerOptions::default()
    };
    let graph = lower(model, BF16, parallel, options).expect("the sizes fit");
    let step = Step::decode(64.0, 1000.0);
    let named = |name: &str| graph.ops.iter().find(|op| op.name == name);
    let experts = named("moe.experts").expect("it has experts").cost(&step);
    let expert = 3.0 * 7168.0 * 2048.0;
    assert!(close(experts.work.get(), 2.0 * expert * 64.0 * 8.0));
    assert!(experts.weight_traffic.get() <= 16.0 * expert * 2.0);
    assert!(named("moe.dispatch").is_some() && named("moe.combine").is_some());
}

#[test]
fn windowed_layers_read_their_window_only() {
    let model = transformer("gemma-3-27b");
    let read = |cached| {
        let step = Step::decode(1.0, cached);
        graph(model, Parallel::ONE).cost(&step).kv_traffic.get()
    };
    let token = 2.0 * 16.0 * 128.0 * 2.0;
    assert!(close(read(9000.0) - read(8000.0), 10.0 * 1000.0 * token));
}

#[test]
fn sizes_that_do_not_fit_say_why() {
    let refused =
        |name, parallel| lower(transformer(name), BF16, parallel, LowerOptions::default()).err();
    let sizes = Parallel { ep: 2, ..tp(2) };
    assert_eq!(
        refused("llama-3.1-8b", tp(3)),
        Some(LowerError::Heads { heads: 32, tp: 3 })
    );
    assert_eq!(
        refused("llama-3.1-8b", sizes),
        Some(LowerError::NoExperts { ep: 2 })
    );
    assert_eq!(refused("llama-3.1-8b", tp(0)), Some(LowerError::ZeroSize));
    assert_eq!(refused("mixtral-8x7b", sizes), None);
}

fn divided(model: &Transformer, ranks: u32, division: Division) -> OpGraph {
    let options = LowerOptions {
        division,
        ..LowerOptions::default()
    };
    lower(model, BF16, tp(ranks), options).expect("rows divide")
}

#[test]
fn rows_divide_among_three_where_heads_do_not() {
    let model = transformer("llama-3.1-8b");
    let step = Step::decode(4.0, 100.0);
    let work = |graph: &OpGraph| products(graph, &step).work.get();
    for division in [Division::Uneven, Division::Rows] {
        let of_three = divided(model, 3, division);
        assert!(close(3.0 * work(&of_three), work(&graph(model, tp(1)))));
    }
}

#[test]
fn ranks_that_divide_rows_exchange_around_every_product() {
    let model = transformer("llama-2-7b");
    let of_three = divided(model, 3, Division::Rows);
    let mut moved = 0.0;
    for op in &of_three.ops {
        if let OpKind::Collective {
            kind,
            bytes_per_row,
            group,
            ..
        } = op.kind
        {
            assert_eq!((kind, group), (CollectiveKind::Star, 3), "{op:?}");
            moved += op.count * bytes_per_row;
        }
    }
    // Outputs once, inputs once for each rank, four bytes a number.
    let of = |n: f64, k: f64| 4.0 * (n + 3.0 * k);
    let (hidden, inner) = (4096.0, 11_008.0);
    let layer = 4.0 * of(hidden, hidden) + 2.0 * of(inner, hidden) + of(hidden, inner);
    assert!(close(moved, 32.0 * layer + of(32_000.0, hidden)));
    let cache = |ranks: u32, division| {
        let shape = kv_shape(model, Format::Bf16, tp(ranks), division).expect("rows divide");
        shape.bytes(100.0).get()
    };
    let whole = cache(1, Division::Even);
    assert!(close(3.0 * cache(3, Division::Rows), whole));
    let attention = |graph: &OpGraph| {
        let core = graph.ops.iter().find(|op| op.name == "attention.core");
        core.expect("attention").kind
    };
    assert_eq!(attention(&of_three), attention(&graph(model, tp(1))));
}

#[test]
fn experts_are_whole_where_rows_are_divided() {
    let model = transformer("mixtral-8x7b");
    let of_two = divided(model, 2, Division::Rows);
    let experts = |graph: &OpGraph| {
        let op = graph.ops.iter().find(|op| op.name == "moe.experts");
        op.expect("experts").kind
    };
    assert_eq!(experts(&of_two), experts(&graph(model, tp(1))));
}

#[test]
fn encoders_and_pairs_of_stacks_have_operators_too() {
    let encoder = transformer("bert-base-uncased");
    assert_eq!(encoder.kind, TransformerKind::Encoder);
    let one = graph(encoder, Parallel::ONE).cost(&Step::prefill(1.0, 128.0, 0.0));
    assert!(one.work.get() > 0.0 && one.kv_traffic.get() == 0.0);
    let step = Step {
        encoder: Segment {
            sequences: 1.0,
            new_tokens: 1500.0,
            cached: 0.0,
        },
        memory: 1500.0,
        ..Step::prefill(1.0, 4.0, 0.0)
    };
    let whisper = graph(transformer("whisper-large-v3"), Parallel::ONE);
    let with_encoder = whisper.cost(&step);
    let after = whisper.cost(&Step {
        encoder: Segment::NONE,
        ..step
    });
    assert!(with_encoder.work > after.work * 10.0);
    assert!(after.kv_traffic.get() > 32.0 * 1500.0 * 2.0 * 1280.0 * 2.0);
}
