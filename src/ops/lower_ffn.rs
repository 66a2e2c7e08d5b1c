//! Feed-forward networks, experts and recurrences as operators.

use super::collect::{Collector, Product};
use super::formats::{self, Role};
use super::lower::expert_ranks;
use super::{
    CollectiveKind, DispatchKind, ElementwiseKind, GroupKind, Moe, MoeDispatch, OpKind,
    RecurrentHeads, RecurrentPart, Routing, Rows, width,
};
use crate::catalog::{Experts, RecurrentKind};

/// Names and roles of a feed-forward network, and its inner width on one rank.
struct Network {
    up: &'static str,
    act: &'static str,
    down: &'static str,
    roles: [Role; 3],
    inner: f64,
}

impl Collector<'_> {
    /// The dense network of a layer.
    pub fn mlp(&mut self) {
        self.norm_before_ffn("mlp.norm");
        self.network(&Network {
            up: "mlp.up",
            act: "mlp.act",
            down: "mlp.down",
            roles: [Role::MlpGate, Role::MlpUp, Role::MlpDown],
            inner: f64::from(self.model.mlp.inner) / self.tp(),
        });
        self.all_reduce("mlp.all_reduce");
        self.norm_after("mlp.post_norm");
    }

    fn network(&mut self, network: &Network) {
        let [gate, up, down] = network.roles;
        let inner = network.inner;
        let hidden = self.hidden();
        let (parts, act) = if self.model.mlp.gated {
            let parts = vec![(gate, inner), (up, inner)];
            (parts, ElementwiseKind::GatedActivation)
        } else {
            (vec![(up, inner)], ElementwiseKind::Activation)
        };
        self.gemm_of(network.up, hidden, &parts);
        self.elementwise(network.act, act, inner);
        let product = Product {
            name: network.down,
            role: down,
            n: hidden,
            k: inner,
        };
        self.gemm(product, self.rows);
    }

    /// The expert layer: router, routed experts, and those that every token passes.
    ///
    /// Where several data-parallel groups share the experts, tokens go to them and come back; else every rank has all tokens
    /// and the results are summed.
    pub fn experts(&mut self) {
        let Some(experts) = self.model.experts else {
            return;
        };
        let hidden = self.hidden();
        self.norm_before_ffn("moe.norm");
        let count = f64::from(experts.count);
        self.gemm_of("moe.router", hidden, &[(Role::Router, count)]);
        self.elementwise("moe.route", ElementwiseKind::Route, count);
        if let Some(latent) = experts.latent {
            self.latent_projection(
                "moe.latent_down",
                Role::SharedUp,
                (f64::from(latent), hidden),
            );
        }
        self.meet("moe.dispatch", DispatchKind::Dispatch, &experts);
        self.routed(&experts);
        self.meet("moe.combine", DispatchKind::Combine, &experts);
        if let Some(latent) = experts.latent {
            self.latent_projection(
                "moe.latent_up",
                Role::SharedDown,
                (hidden, f64::from(latent)),
            );
        }
        if experts.shared > 0 {
            self.shared(&experts);
        }
        self.all_reduce("moe.all_reduce");
        self.norm_after("moe.post_norm");
    }

    fn routed(&mut self, experts: &Experts) {
        let ranks = self.divided_by(expert_ranks(self.parallel, self.options));
        let roles = [Role::ExpertGate, Role::ExpertUp, Role::ExpertDown];
        let roles = if self.model.mlp.gated {
            &roles[..]
        } else {
            &roles[1..]
        };
        let bits = |role: &Role| formats::stored(self.model, self.precision, *role).bits;
        let weight_bits = roles.iter().map(bits).sum::<f64>() / roles.len() as f64;
        let (precision, _) = formats::product(self.model, self.precision, Role::ExpertUp);
        let ep = self.divided_by(self.parallel.ep);
        let moe = Moe {
            tokens: ranks / self.tp(),
            hidden: experts.latent.map_or(self.hidden(), f64::from),
            inter: f64::from(experts.inner),
            topk: f64::from(experts.per_token),
            experts: f64::from(experts.count),
            tp: ranks / ep,
            ep,
            matrices: roles.len() as f64,
            routing: Routing::Uniform,
            precision,
            weight_bits,
        };
        self.add("moe.experts", precision, OpKind::Experts(moe));
    }

    /// A projection between the stream and the width the experts work in, whole on every rank.
    fn latent_projection(&mut self, name: &'static str, role: Role, shape: (f64, f64)) {
        let (n, k) = shape;
        self.gemm(Product { name, role, n, k }, self.rows);
    }

    /// Where data-parallel groups share the experts, their tokens meet before and part after: each goes to the ranks of its
    /// experts, or, when every rank holds a slice of every expert, to all of them.
    fn meet(&mut self, name: &'static str, kind: DispatchKind, experts: &Experts) {
        let ranks = expert_ranks(self.parallel, self.options);
        if ranks == self.parallel.tp {
            return;
        }
        let hidden = experts.latent.map_or(self.hidden(), f64::from);
        if self.parallel.ep > 1 {
            let dispatch = MoeDispatch {
                kind,
                tokens: 1.0 / f64::from(self.parallel.tp),
                hidden,
                topk: f64::from(experts.per_token),
                experts: f64::from(experts.count),
                ep: self.parallel.ep,
                processors: None,
                precision: self.precision,
            };
            return self.add(name, self.precision, OpKind::Dispatch(dispatch));
        }
        let kind = OpKind::Collective {
            kind: match kind {
                DispatchKind::Dispatch => CollectiveKind::AllGather,
                DispatchKind::Combine => CollectiveKind::ReduceScatter,
            },
            bytes_per_row: f64::from(self.parallel.dp) * hidden * width::stream(self.precision),
            rows: self.rows,
            group: ranks,
            dimension: GroupKind::Expert,
        };
        self.add(name, self.precision, kind);
    }

    fn shared(&mut self, experts: &Experts) {
        self.network(&Network {
            up: "moe.shared_up",
            act: "moe.shared_act",
            down: "moe.shared_down",
            roles: [Role::SharedGate, Role::SharedUp, Role::SharedDown],
            inner: f64::from(experts.shared) * f64::from(experts.shared_inner) / self.tp(),
        });
    }

    /// A recurrent layer: projections in, short convolution, recurrence, gated norm, projection out.
    pub fn recurrent(&mut self) {
        let Some(recurrent) = self.model.recurrent else {
            return;
        };
        let heads = RecurrentHeads::of_rank(&recurrent, self.head_ranks());
        let hidden = self.hidden();
        let inner = heads.values * heads.value_dim;
        let scalars = match recurrent.kind {
            RecurrentKind::GatedDeltaNet => 2.0 * heads.values,
            RecurrentKind::Mamba2 => heads.values,
        };
        self.elementwise("recurrent.norm", ElementwiseKind::AddNorm, hidden);
        let projected = heads.channels() + inner + scalars;
        self.gemm_of("recurrent.in", hidden, &[(Role::RecurrentIn, projected)]);
        for (name, part) in [
            ("recurrent.conv", RecurrentPart::Convolution),
            ("recurrent.core", RecurrentPart::Core),
        ] {
            self.add(name, self.precision, OpKind::Recurrent { part, heads });
        }
        self.elementwise(
            "recurrent.gate_norm",
            ElementwiseKind::GatedActivation,
            inner,
        );
        let product = Product {
            name: "recurrent.out",
            role: Role::RecurrentOut,
            n: hidden,
            k: inner,
        };
        self.gemm(product, Rows::AllTokens);
        self.all_reduce("recurrent.all_reduce");
    }
}
