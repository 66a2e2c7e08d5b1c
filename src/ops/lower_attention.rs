//! Attention layers as operators.

use super::collect::{Collector, Product};
use super::formats::Role;
use super::layers::{AttentionShape, Stack, shape};
use super::{CollectiveKind, ElementwiseKind, GroupKind, Heads, LatentDims, OpKind, Rows, width};
use crate::catalog::{AttentionKind, Positional, QkNorm};

impl Collector<'_> {
    /// Self-attention of a layer.
    pub fn attention(&mut self, stack: Stack, window: Option<u32>) {
        let hidden = self.hidden();
        self.elementwise("attention.norm", ElementwiseKind::AddNorm, hidden);
        if let Some(dims) = self.latent_dims() {
            self.latent_attention(dims);
        } else {
            let shape = shape(self.model, window);
            let heads = self.heads(shape);
            self.projections(&heads, shape);
            self.attention_core(stack, heads, window);
            self.attention_out("attention.o", heads.queries * heads.value_dim);
        }
        self.all_reduce("attention.all_reduce");
        self.norm_after("attention.post_norm");
    }

    /// The norm of a branch before it joins the stream, in models that have four in a layer.
    pub fn norm_after(&mut self, name: &'static str) {
        if self.model.norms_per_layer > 2 {
            let hidden = self.hidden();
            self.elementwise(name, ElementwiseKind::Norm, hidden);
        }
    }

    /// The norm before the feed-forward network; models with one norm in a layer feed both branches from it.
    pub fn norm_before_ffn(&mut self, name: &'static str) {
        let hidden = self.hidden();
        let kind = if self.model.norms_per_layer == 1 {
            ElementwiseKind::Add
        } else {
            ElementwiseKind::AddNorm
        };
        self.elementwise(name, kind, hidden);
    }

    /// Heads of one rank; fewer key-value heads than ranks are repeated.
    fn heads(&self, shape: AttentionShape) -> Heads {
        Heads::new(
            f64::from(shape.heads) / self.tp(),
            (f64::from(shape.kv_heads) / self.tp()).max(1.0),
            f64::from(shape.head_dim),
        )
    }

    fn projections(&mut self, heads: &Heads, shape: AttentionShape) {
        let gate = if self.model.attention.gated { 2.0 } else { 1.0 };
        let queries = heads.queries * heads.head_dim;
        let keys = heads.kv * heads.head_dim;
        let parts = [
            (Role::AttentionQ, gate * queries),
            (Role::AttentionK, keys),
            (Role::AttentionV, heads.kv * heads.value_dim),
        ];
        let parts = if shape.keys_are_values {
            &parts[..2]
        } else {
            &parts[..]
        };
        let hidden = self.hidden();
        self.gemm_of("attention.qkv", hidden, parts);
        match self.model.attention.qk_norm {
            QkNorm::None => {}
            QkNorm::Head | QkNorm::Full => {
                self.elementwise("attention.qk_norm", ElementwiseKind::Norm, queries + keys);
            }
        }
        if self.model.positional == Positional::Rope {
            self.elementwise("attention.rope", ElementwiseKind::Rotary, queries + keys);
        }
    }

    fn attention_core(&mut self, stack: Stack, heads: Heads, window: Option<u32>) {
        let kind = match stack {
            Stack::Decoder | Stack::CrossDecoder => OpKind::Attention {
                heads,
                window: window.map(f64::from),
                cp: f64::from(self.parallel.cp),
            },
            Stack::Encoder => OpKind::EncoderAttention {
                heads,
                rows: Rows::Prefill,
            },
            Stack::BeforeDecoder => OpKind::EncoderAttention {
                heads,
                rows: Rows::Encoder,
            },
        };
        self.add("attention.core", self.precision, kind);
        if self.model.attention.gated {
            let width = heads.queries * heads.value_dim;
            self.elementwise("attention.gate", ElementwiseKind::GatedActivation, width);
        }
        let kv = heads.cached_numbers() * width::bytes(self.precision.kv_cache);
        let queries = heads.queries * (heads.head_dim + heads.value_dim);
        self.context_parallel(kv, queries);
    }

    /// Ranks that share the cache of generation gather the queries and scatter the sum of outputs; for prompts they gather
    /// what is cached.
    fn context_parallel(&mut self, kv_bytes: f64, query_numbers: f64) {
        let group = self.parallel.cp;
        if group == 1 {
            return;
        }
        let queries = query_numbers * f64::from(group) * width::stream(self.precision);
        let exchanges = [
            ("attention.gather_kv", kv_bytes, Rows::PrefillCached),
            ("attention.gather_queries", queries / 2.0, Rows::Decode),
            ("attention.scatter_outputs", queries / 2.0, Rows::Decode),
        ];
        for (name, bytes_per_row, rows) in exchanges {
            let kind = OpKind::Collective {
                kind: if name == "attention.scatter_outputs" {
                    CollectiveKind::ReduceScatter
                } else {
                    CollectiveKind::AllGather
                },
                bytes_per_row,
                rows,
                group,
                dimension: GroupKind::Context,
            };
            self.add(name, self.precision, kind);
        }
    }

    fn attention_out(&mut self, name: &'static str, k: f64) {
        let product = Product {
            name,
            role: Role::AttentionOut,
            n: self.hidden(),
            k,
        };
        self.gemm(product, self.rows);
    }

    pub(super) fn latent_dims(&self) -> Option<LatentDims> {
        match self.model.attention.kind {
            AttentionKind::Latent {
                kv_rank,
                q_rank,
                rope_dim,
                nope_dim,
                value_dim,
            } => Some(LatentDims {
                hidden: self.hidden(),
                q_rank: q_rank.map(f64::from),
                kv_rank: f64::from(kv_rank),
                rope_dim: f64::from(rope_dim),
                nope_dim: f64::from(nope_dim),
                value_dim: f64::from(value_dim),
            }),
            AttentionKind::Full | AttentionKind::Sliding { .. } => None,
        }
    }

    /// The down projections are whole on every rank, the rest is divided by heads.
    fn latent_attention(&mut self, dims: LatentDims) {
        let heads = f64::from(self.model.attention.heads) / self.tp();
        let queries = heads * (dims.nope_dim + dims.rope_dim);
        let cached = dims.cached_numbers();
        let hidden = dims.hidden;
        let query_in = dims.q_rank.unwrap_or(queries);
        let query_role = dims.q_rank.map_or(Role::AttentionQ, |_| Role::LatentQDown);
        let down = [(query_role, query_in), (Role::LatentKvDown, cached)];
        self.gemm_of("attention.down", hidden, &down);
        let norms = dims.q_rank.unwrap_or(0.0) + dims.kv_rank;
        self.elementwise("attention.latent_norm", ElementwiseKind::Norm, norms);
        if let Some(rank) = dims.q_rank {
            self.gemm_of("attention.q_up", rank, &[(Role::LatentQUp, queries)]);
        }
        let rotary = (heads + 1.0) * dims.rope_dim;
        self.elementwise("attention.rope", ElementwiseKind::Rotary, rotary);
        self.latent_core(dims, heads);
        self.attention_out("attention.o", heads * dims.value_dim);
    }

    fn latent_core(&mut self, dims: LatentDims, heads: f64) {
        let up = [
            (Role::LatentKUp, heads * dims.nope_dim),
            (Role::LatentVUp, heads * dims.value_dim),
        ];
        let rows = std::mem::replace(&mut self.rows, Rows::PrefillContext);
        self.gemm_of("attention.kv_up", dims.kv_rank, &up);
        self.rows = rows;
        self.absorbed(
            "attention.absorb_k",
            Role::LatentKUp,
            (heads, dims.kv_rank, dims.nope_dim),
        );
        let kind = OpKind::LatentAttention {
            heads,
            dims,
            cp: f64::from(self.parallel.cp),
        };
        self.add("attention.core", self.precision, kind);
        self.absorbed(
            "attention.absorb_v",
            Role::LatentVUp,
            (heads, dims.value_dim, dims.kv_rank),
        );
        let kv = dims.cached_numbers() * width::bytes(self.precision.kv_cache);
        let queries = heads * (2.0 * dims.kv_rank + dims.rope_dim);
        self.context_parallel(kv, queries);
    }

    /// One product for each head, with a part of the up projection as its weights.
    fn absorbed(&mut self, name: &'static str, role: Role, shape: (f64, f64, f64)) {
        let (precision, weight_bits) = super::formats::product(self.model, self.precision, role);
        let (batch, n, k) = shape;
        let kind = OpKind::Gemm {
            batch,
            n,
            k,
            rows: Rows::Decode,
            weight_bits,
        };
        self.add(name, precision, kind);
    }

    /// Attention to the encoder's output, whose keys and values are projected once.
    pub fn cross_attention(&mut self) {
        let heads = self.heads(shape(self.model, None));
        let hidden = self.hidden();
        self.elementwise("cross.norm", ElementwiseKind::AddNorm, hidden);
        let queries = heads.queries * heads.head_dim;
        self.gemm_of("cross.q", hidden, &[(Role::AttentionQ, queries)]);
        let keys = [
            (Role::AttentionK, heads.kv * heads.head_dim),
            (Role::AttentionV, heads.kv * heads.value_dim),
        ];
        let rows = std::mem::replace(&mut self.rows, Rows::Encoder);
        self.gemm_of("cross.kv", hidden, &keys);
        self.rows = rows;
        self.add(
            "cross.core",
            self.precision,
            OpKind::CrossAttention { heads },
        );
        self.attention_out("cross.o", heads.queries * heads.value_dim);
        self.all_reduce("cross.all_reduce");
    }
}
