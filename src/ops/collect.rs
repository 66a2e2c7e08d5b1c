//! The operators of a model as they are collected: what every kind of layer needs, and the ends of the model.

use super::formats::{self, Role};
use super::{
    CollectiveKind, Division, ElementwiseKind, GroupKind, LowerOptions, Op, OpGraph, OpKind,
    Parallel, Rows, width,
};
use crate::catalog::{Precision, Transformer, TransformerKind};

/// Collects operators; the methods of other files add one kind of layer each.
pub(super) struct Collector<'a> {
    pub model: &'a Transformer,
    pub precision: Precision,
    pub parallel: Parallel,
    pub options: LowerOptions,
    /// Layers of the present kind on a stage, mean over stages.
    pub count: f64,
    /// Rows of the present stack.
    pub rows: Rows,
    ops: Vec<Op>,
}

/// A matrix product before it is given weights.
#[derive(Clone, Copy)]
pub(super) struct Product {
    pub name: &'static str,
    pub role: Role,
    pub n: f64,
    pub k: f64,
}

impl<'a> Collector<'a> {
    pub fn new(
        model: &'a Transformer,
        precision: Precision,
        parallel: Parallel,
        options: LowerOptions,
    ) -> Self {
        Self {
            model,
            precision,
            parallel,
            options,
            count: 1.0 / f64::from(parallel.pp),
            rows: Rows::AllTokens,
            ops: Vec::new(),
        }
    }

    /// The next operators belong to `layers` layers of the whole model that process `rows`.
    pub fn enter(&mut self, layers: f64, rows: Rows) {
        self.count = layers / f64::from(self.parallel.pp);
        self.rows = rows;
    }

    pub fn finish(self) -> OpGraph {
        OpGraph {
            stream_bytes_per_token: self.hidden() * width::stream(self.precision),
            ops: self.ops,
            stages: self.parallel.pp,
        }
    }

    /// Ranks that divide heads and inner widths.
    pub fn head_ranks(&self) -> u32 {
        self.options.division.head_ranks(self.parallel.tp)
    }

    /// The same as a number of equations.
    pub fn tp(&self) -> f64 {
        f64::from(self.head_ranks())
    }

    pub fn hidden(&self) -> f64 {
        f64::from(self.model.hidden)
    }

    pub fn add(&mut self, name: &'static str, precision: Precision, kind: OpKind) {
        self.ops.push(Op {
            name,
            count: self.count,
            kind,
            precision,
        });
    }

    /// Ranks that divide experts: one of those that divide rows computes all of a layer.
    pub fn divided_by(&self, ranks: u32) -> f64 {
        match self.options.division {
            Division::Even | Division::Uneven => f64::from(ranks),
            Division::Rows => 1.0,
        }
    }

    pub fn gemm(&mut self, product: Product, rows: Rows) {
        let (precision, bits) = formats::product(self.model, self.precision, product.role);
        self.gemm_mixed(product, rows, (precision, bits));
        self.exchange_rows((product.n, product.k), rows);
    }

    /// A product whose weights are several tensors side by side; `parts` are their roles and outputs.
    pub fn gemm_of(&mut self, name: &'static str, k: f64, parts: &[(Role, f64)]) {
        let n: f64 = parts.iter().map(|(_, n)| n).sum();
        let role = parts[0].0;
        let bits = parts
            .iter()
            .map(|(role, n)| n * formats::stored(self.model, self.precision, *role).bits)
            .sum::<f64>()
            / n;
        let (precision, _) = formats::product(self.model, self.precision, role);
        let product = Product { name, role, n, k };
        self.gemm_mixed(product, self.rows, (precision, bits));
        for (_, n) in parts {
            self.exchange_rows((*n, k), self.rows);
        }
    }

    fn gemm_mixed(&mut self, product: Product, rows: Rows, weights: (Precision, f64)) {
        let kind = OpKind::Gemm {
            batch: 1.0,
            n: product.n / self.row_ranks(),
            k: product.k,
            rows,
            weight_bits: weights.1,
        };
        self.add(product.name, weights.0, kind);
    }

    /// Ranks that divide the rows of a matrix.
    fn row_ranks(&self) -> f64 {
        match self.options.division {
            Division::Even | Division::Uneven => 1.0,
            Division::Rows => f64::from(self.parallel.tp),
        }
    }

    /// What ranks that divide the rows of a matrix exchange around its product: the first sends the input to the others and gets their
    /// parts of the output, as numbers of four bytes (`ggml_cuda_op_mul_mat`; products of few rows send inputs of 36 bytes for 32 numbers,
    /// where start-ups decide). `n` numbers pass its link once but for its own part, `k` once for each other rank, which is counted as an
    /// all-gather of `n + ranks · k`.
    fn exchange_rows(&mut self, (n, k): (f64, f64), rows: Rows) {
        const NUMBER: f64 = 4.0;
        if self.options.division == Division::Rows {
            let bytes_per_row = NUMBER * (n + self.row_ranks() * k);
            self.exchange("rows.exchange", CollectiveKind::Star, bytes_per_row, rows);
        }
    }

    pub fn elementwise(&mut self, name: &'static str, kind: ElementwiseKind, width: f64) {
        let rows = self.rows;
        self.add(
            name,
            self.precision,
            OpKind::Elementwise { kind, width, rows },
        );
    }

    /// The sum over tensor-parallel ranks of what each adds to the stream; ranks that divide rows have no part of it.
    pub fn all_reduce(&mut self, name: &'static str) {
        if self.options.division == Division::Rows {
            return;
        }
        let bytes_per_row = self.hidden() * width::stream(self.precision);
        let rows = self.rows;
        self.exchange(name, CollectiveKind::AllReduce, bytes_per_row, rows);
    }

    /// An exchange among tensor-parallel ranks, where there are several.
    pub fn exchange(
        &mut self,
        name: &'static str,
        kind: CollectiveKind,
        bytes_per_row: f64,
        rows: Rows,
    ) {
        if self.parallel.tp > 1 {
            let kind = OpKind::Collective {
                kind,
                bytes_per_row,
                rows,
                group: self.parallel.tp,
                dimension: GroupKind::Tensor,
            };
            self.add(name, self.precision, kind);
        }
    }

    /// Rows of the embedding table; the table is divided by vocabulary, so that ranks add up what they find.
    pub fn embedding(&mut self) {
        let table = Precision {
            weights: formats::stored(self.model, self.precision, Role::Embedding).format,
            ..self.precision
        };
        let width = f64::from(self.model.embedding_size.unwrap_or(self.model.hidden));
        let kind = OpKind::Elementwise {
            kind: ElementwiseKind::Lookup,
            width,
            rows: Rows::AllTokens,
        };
        self.add("embedding", table, kind);
        self.all_reduce("embedding.all_reduce");
        if self.model.embedding_size.is_some() {
            let product = Product {
                name: "embedding.project",
                role: Role::Vector,
                n: self.hidden(),
                k: width,
            };
            self.gemm(product, Rows::AllTokens);
        }
    }

    /// The last norm, and in models that generate the output projection and the choice of a token.
    pub fn output(&mut self) {
        self.enter(1.0, Rows::AllTokens);
        let hidden = self.hidden();
        self.elementwise("final.norm", ElementwiseKind::Norm, hidden);
        if self.model.kind == TransformerKind::Encoder {
            return;
        }
        self.rows = Rows::Logits;
        let vocab = f64::from(self.model.vocab);
        let width = f64::from(self.model.embedding_size.unwrap_or(self.model.hidden));
        if self.model.embedding_size.is_some() {
            let product = Product {
                name: "lm_head.project",
                role: Role::Vector,
                n: width,
                k: hidden,
            };
            self.gemm(product, Rows::Logits);
        }
        let product = Product {
            name: "lm_head",
            role: Role::Head,
            n: vocab / self.tp(),
            k: width,
        };
        self.gemm(product, Rows::Logits);
        if self.options.division != Division::Rows {
            let gathered = vocab * width::stream(self.precision);
            let kind = CollectiveKind::AllGather;
            self.exchange("lm_head.all_gather", kind, gathered, Rows::Logits);
        }
        self.elementwise("sample", ElementwiseKind::Sample, vocab);
    }

    /// The stream moves from stage to stage.
    pub fn pipeline(&mut self) {
        let stages = f64::from(self.parallel.pp);
        if self.parallel.pp > 1 {
            self.count = (stages - 1.0) / stages;
            let kind = OpKind::Collective {
                kind: CollectiveKind::SendRecv,
                bytes_per_row: self.hidden() * width::stream(self.precision),
                rows: Rows::AllTokens,
                group: 2,
                dimension: GroupKind::Pipeline,
            };
            self.add("pipeline.send", self.precision, kind);
        }
    }
}
