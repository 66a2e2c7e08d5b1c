//! What is computed: operators with their work, traffic and messages. No hardware here.
//!
//! A transformer, its number formats and its parallel sizes become the operators of one device of one replica ([`lower`]).
//! What a step costs then depends on the [`Step`] alone: which sequences process how many new tokens after how many cached
//! ones. [`Op::cost`] and [`Op::kernels`] allocate nothing, so that a sweep can ask for millions of steps.
//!
//! Invariants: every tensor is counted once; parts add up to the whole over ranks, stages and layers; more tokens never cost
//! less. No time is computed here, and no number is measured.
//!
//! Start reading at [`OpGraph`]; equations stand with the kernels ([`Gemm`], [`AttentionContext`], [`Moe`], …).

mod adapter;
mod attention;
mod collect;
mod collective;
mod cost;
mod elementwise;
mod experts;
mod formats;
mod gemm;
mod gguf_mix;
mod gguf_rules;
mod graph;
mod kernel;
mod latent;
mod layers;
mod lower;
mod lower_attention;
mod lower_ffn;
#[cfg(test)]
mod lower_tests;
mod memory;
mod mtp;
mod parallel;
mod params;
mod recurrent;
mod routing;
#[cfg(test)]
mod sample;
mod step;
mod tensors;
mod width;

pub use adapter::{AdapterTargets, adapter_bytes, adapter_graph};
pub use attention::{
    AttentionContext, AttentionEncoder, AttentionGeneration, Heads, KeySource, causal_pairs,
};
pub use collective::Collective;
pub use cost::{CollectiveKind, Cost, GroupKind, Message, Total};
pub use elementwise::{Elementwise, ElementwiseKind};
pub use experts::{DispatchKind, Moe, MoeDispatch};
pub use formats::{Role, Stored, stored};
pub use gemm::Gemm;
pub use graph::{Op, OpGraph, OpKind};
pub use kernel::Kernel;
pub use latent::{LatentDims, MlaContext, MlaCore, MlaGeneration, MlaModule};
pub use lower::{DataParallel, Division, LowerError, LowerOptions, lower};
pub use memory::{KvShape, kv_shape, weight_bytes, weight_bytes_per_device};
pub use mtp::{mtp_graph, mtp_layers, mtp_params};
pub use parallel::Parallel;
pub use params::{Params, forward_flops, params};
pub use recurrent::{LinearAttention, RecurrentHeads, RecurrentPart, RecurrentPhase};
pub use routing::{Routing, distinct_experts};
pub use step::{Rows, Segment, Step};
