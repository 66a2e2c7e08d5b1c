//! Keys of `workload.kernel`: the dimension columns of each family of kernel measurements.

use super::shape::{Case, Field, Shape, Tagged};
use crate::units::Dimension;

const N: Shape = Shape::Count(1);
const N0: Shape = Shape::Count(0);
const TEXT: Shape = Shape::Text;

const BATCH: Field = Field::required("batch", &N, "Sequences.");
const HEADS: Field = Field::required("heads", &N, "Query heads of a rank.");
const KV_HEADS: Field = Field::required("kv_heads", &N, "Key and value heads of a rank.");
const HEAD_DIM: Field = Field::required("head_dim", &N, "Width of a head.");
const KV_DTYPE: Field = Field::optional("kv_dtype", &TEXT, "Type of cached keys and values.");
const WINDOW: Field = Field::optional("window", &N0, "Tokens seen; 0 is all.").or("0");
const Q_LEN: Field = Field::required("q_len", &N, "New tokens of a sequence.");
const KV_LEN: Field = Field::required("kv_len", &N, "Tokens read of a sequence.");
const ROWS: Field = Field::required("tokens", &N, "Tokens.");
const HIDDEN: Field = Field::required("hidden", &N, "Width of the residual stream.");
const TOPK: Field = Field::required("topk", &N, "Experts of a token.");
const EXPERTS: Field = Field::required("experts", &N, "Experts in all.");

/// One operator by its family's dimensions.
pub static KERNEL: Tagged = Tagged {
    tag: "op",
    doc: "The operator.",
    common: &[Field::optional("dtype", &TEXT, "Type of the operands.")],
    cases: &[
        Case {
            names: &["gemm"],
            fields: &[
                Field::required("m", &N, "Rows."),
                Field::required("n", &N, "Columns."),
                Field::required("k", &N, "Inner size."),
            ],
        },
        Case {
            names: &["attention_context"],
            fields: &[
                KV_DTYPE,
                BATCH,
                Q_LEN,
                Field::optional("prefix_len", &N0, "Cached tokens before them.").or("0"),
                HEADS,
                KV_HEADS,
                HEAD_DIM,
                WINDOW,
            ],
        },
        Case {
            names: &["attention_generation"],
            fields: &[KV_DTYPE, BATCH, KV_LEN, HEADS, KV_HEADS, HEAD_DIM, WINDOW],
        },
        Case {
            names: &["attention_encoder"],
            fields: &[BATCH, Q_LEN, HEADS, HEAD_DIM],
        },
        Case {
            names: &[
                "mla_context",
                "mla_generation",
                "mla_context_module",
                "mla_generation_module",
            ],
            fields: &[
                KV_DTYPE,
                Field::optional("gemm_dtype", &TEXT, "Type of the projections."),
                BATCH,
                Q_LEN,
                KV_LEN,
                HEADS,
            ],
        },
        Case {
            names: &["moe"],
            fields: &[
                ROWS,
                HIDDEN,
                Field::required("inter", &N, "Inner width of an expert."),
                TOPK,
                EXPERTS,
                Field::optional("tp", &N, "Tensor parallelism.").or("1"),
                Field::optional("ep", &N, "Expert parallelism.").or("1"),
                Field::optional("distribution", &TEXT, "How tokens fall on experts.")
                    .or("balanced"),
            ],
        },
        Case {
            names: &["dispatch", "combine"],
            fields: &[
                Field::required("nodes", &N, "Nodes."),
                ROWS,
                HIDDEN,
                TOPK,
                EXPERTS,
                Field::optional("sms", &N0, "Processors reserved.").or("0"),
            ],
        },
        Case {
            names: &[
                "all_reduce",
                "all_gather",
                "all_to_all",
                "reduce_scatter",
                "send_recv",
            ],
            fields: &[
                Field::optional(
                    "mode",
                    &Shape::Choice(&["graph", "eager"]),
                    "How it is launched.",
                )
                .or("graph"),
                Field::required("gpus", &N, "Devices."),
                Field::required("bytes", &Shape::Quantity(Dimension::Bytes), "Message size."),
            ],
        },
        Case {
            names: &["gdn", "mamba2"],
            fields: &[
                Field::required(
                    "phase",
                    &Shape::Choice(&["context", "generation"]),
                    "Phase.",
                ),
                BATCH,
                Field::required("seq_len", &N, "Tokens of a sequence."),
                Field::required("d_model", &N, "Width of the residual stream."),
                HEADS,
                HEAD_DIM,
                KV_HEADS,
                Field::required("kv_head_dim", &N, "Width of a value head."),
                Field::optional("d_state", &N, "Size of the state."),
                Field::optional("d_conv", &N, "Width of the short convolution."),
            ],
        },
        Case {
            names: &["add", "norm", "activation", "rope", "quantize_fp8"],
            fields: &[ROWS, Field::required("width", &N, "Elements of a token.")],
        },
    ],
};
