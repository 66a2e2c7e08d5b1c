//! The weights of a model, tensor by tensor: the common source of parameter counts, memory and file sizes.

use super::formats::Role;
use super::layers::{Ffn, Layers, Mixer, Stack, layers, shape};
use crate::catalog::{
    AttentionKind, Biases, NormKind, Positional, QkNorm, RecurrentKind, Transformer,
    TransformerKind,
};

/// Equal tensors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Tensor {
    pub role: Role,
    /// Numbers of one of them.
    pub elements: f64,
    /// How many layers have one; 1 outside of layers.
    pub layers: f64,
    pub place: Place,
}

/// Where in the model a tensor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Start,
    Layers,
    End,
}

impl Tensor {
    pub const fn total(&self) -> f64 {
        self.elements * self.layers
    }
}

/// All tensors. A tied output projection is not a tensor of its own.
pub(super) fn tensors(model: &Transformer) -> Vec<Tensor> {
    let mut list = List {
        model,
        tensors: Vec::new(),
        layers: 1.0,
        place: Place::Start,
    };
    list.start();
    list.place = Place::Layers;
    for group in layers(model) {
        list.layers = if model.shared_layers {
            1.0
        } else {
            group.count
        };
        list.layer(group);
    }
    list.layers = 1.0;
    list.place = Place::End;
    list.end();
    list.tensors
}

struct List<'a> {
    model: &'a Transformer,
    tensors: Vec<Tensor>,
    layers: f64,
    place: Place,
}

impl List<'_> {
    fn add(&mut self, role: Role, elements: f64) {
        if elements > 0.0 {
            self.tensors.push(Tensor {
                role,
                elements,
                layers: self.layers,
                place: self.place,
            });
        }
    }

    /// A vector that exists under a condition.
    fn vector_if(&mut self, exists: Exists, elements: f64) {
        match exists {
            Exists::Yes => self.add(Role::Vector, elements),
            Exists::No => {}
        }
    }

    fn biases(&self) -> Biases {
        self.model.biases
    }

    fn hidden(&self) -> f64 {
        f64::from(self.model.hidden)
    }

    fn norm(&mut self, width: f64) {
        let elements = match self.model.norm {
            NormKind::LayerNormNonparametric => 0.0,
            NormKind::LayerNorm if self.biases().norm => 2.0 * width,
            NormKind::LayerNorm | NormKind::RmsNorm => width,
        };
        self.add(Role::Vector, elements);
    }

    fn start(&mut self) {
        let model = self.model;
        let (hidden, vocab) = (self.hidden(), f64::from(model.vocab));
        let width = f64::from(model.embedding_size.unwrap_or(model.hidden));
        self.add(Role::Embedding, vocab * width);
        // ALBERT and ELECTRA project up once, with a bias, after positions are added; OPT projects up before and down again.
        let encoder = model.kind == TransformerKind::Encoder;
        if model.embedding_size.is_some() {
            let projections = if encoder {
                width * hidden + hidden
            } else {
                2.0 * width * hidden
            };
            self.add(Role::Vector, projections);
        }
        if model.positional == Positional::Learned {
            let positions = model.max_context.unwrap_or(0) as f64;
            self.add(
                Role::Vector,
                positions * if encoder { width } else { hidden },
            );
        }
        if model.kind == TransformerKind::Encoder {
            self.norm(width);
        }
        self.add(Role::Vector, model.extra_params);
    }

    fn end(&mut self) {
        let model = self.model;
        let (hidden, vocab) = (self.hidden(), f64::from(model.vocab));
        match model.kind {
            TransformerKind::Encoder => return,
            TransformerKind::Decoder => self.norm(hidden),
            TransformerKind::EncoderDecoder { .. } => {
                self.norm(hidden);
                self.norm(hidden);
            }
        }
        if !model.tied_embeddings {
            self.add(Role::Head, vocab * hidden);
        }
        self.vector_if(self.biases().lm_head.into(), vocab);
    }

    fn layer(&mut self, group: Layers) {
        let hidden = self.hidden();
        match group.mixer {
            Mixer::Attention { window } => self.attention(window),
            Mixer::Recurrent => self.recurrent(),
            Mixer::None => {}
        }
        if group.stack == Stack::CrossDecoder {
            self.attention(None);
            self.norm(hidden);
        }
        match group.ffn {
            Ffn::Dense => self.mlp(),
            Ffn::Experts => self.experts(),
            Ffn::None => {}
        }
        let single = group.mixer == Mixer::None || group.ffn == Ffn::None;
        let norms = if single {
            1
        } else {
            self.model.norms_per_layer
        };
        for _ in 0..norms {
            self.norm(hidden);
        }
    }

    fn attention(&mut self, window: Option<u32>) {
        let a = self.model.attention;
        let shape = shape(self.model, window);
        let b = self.biases();
        let hidden = self.hidden();
        let (heads, kv_heads) = (f64::from(shape.heads), f64::from(shape.kv_heads));
        let head_dim = f64::from(shape.head_dim);
        if let AttentionKind::Latent { .. } = a.kind {
            return self.latent();
        }
        let (queries, keys) = (heads * head_dim, kv_heads * head_dim);
        let gate = if a.gated { 2.0 } else { 1.0 };
        self.add(Role::AttentionQ, gate * hidden * queries);
        self.add(Role::AttentionK, hidden * keys);
        if !shape.keys_are_values {
            self.add(Role::AttentionV, hidden * keys);
        }
        self.add(Role::AttentionOut, hidden * queries);
        self.vector_if(b.q.into(), queries);
        self.vector_if(b.k.into(), keys);
        self.vector_if(b.v.into(), keys);
        self.vector_if(b.o.into(), hidden);
        match a.qk_norm {
            QkNorm::None => {}
            QkNorm::Head => self.add(Role::Vector, 2.0 * head_dim),
            QkNorm::Full => self.add(Role::Vector, queries + keys),
        }
    }

    fn latent(&mut self) {
        let AttentionKind::Latent {
            kv_rank,
            q_rank,
            rope_dim,
            nope_dim,
            value_dim,
        } = self.model.attention.kind
        else {
            return;
        };
        let hidden = self.hidden();
        let heads = f64::from(self.model.attention.heads);
        let (kv_rank, rope) = (f64::from(kv_rank), f64::from(rope_dim));
        let (nope, value) = (f64::from(nope_dim), f64::from(value_dim));
        let queries = heads * (nope + rope);
        match q_rank.map(f64::from) {
            Some(rank) => {
                self.add(Role::LatentQDown, hidden * rank);
                self.add(Role::LatentQUp, rank * queries);
                self.add(Role::Vector, rank);
            }
            None => self.add(Role::AttentionQ, hidden * queries),
        }
        self.add(Role::LatentKvDown, hidden * (kv_rank + rope));
        self.add(Role::Vector, kv_rank);
        self.add(Role::LatentKUp, kv_rank * heads * nope);
        self.add(Role::LatentVUp, kv_rank * heads * value);
        self.add(Role::AttentionOut, heads * value * hidden);
    }

    fn mlp(&mut self) {
        let hidden = self.hidden();
        let inner = f64::from(self.model.mlp.inner);
        let mut ups = 1.0;
        if self.model.mlp.gated {
            self.add(Role::MlpGate, hidden * inner);
            ups = 2.0;
        }
        self.add(Role::MlpUp, hidden * inner);
        self.add(Role::MlpDown, hidden * inner);
        self.vector_if(self.biases().mlp.into(), ups * inner + hidden);
    }

    fn experts(&mut self) {
        let Some(experts) = self.model.experts else {
            return;
        };
        let b = self.biases();
        let hidden = self.hidden();
        let count = f64::from(experts.count);
        let width = experts.latent.map_or(hidden, f64::from);
        let routed = count * width * f64::from(experts.inner);
        let shared = f64::from(experts.shared) * hidden * f64::from(experts.shared_inner);
        self.add(Role::Router, hidden * count);
        self.vector_if(b.router.into(), count);
        if self.model.mlp.gated {
            self.add(Role::ExpertGate, routed);
            self.add(Role::SharedGate, shared);
        }
        if experts.latent.is_some() {
            self.add(Role::SharedUp, hidden * width);
            self.add(Role::SharedDown, width * hidden);
        }
        self.add(Role::ExpertUp, routed);
        self.add(Role::ExpertDown, routed);
        self.add(Role::SharedUp, shared);
        self.add(Role::SharedDown, shared);
        let ups = if self.model.mlp.gated { 2.0 } else { 1.0 };
        let bias = ups * f64::from(experts.inner) + width;
        if b.experts {
            self.add(Role::ExpertBias, count * bias);
        }
    }

    fn recurrent(&mut self) {
        let Some(r) = self.model.recurrent else {
            return;
        };
        let hidden = self.hidden();
        let values = f64::from(r.value_heads);
        let inner = values * f64::from(r.value_dim);
        let keys = f64::from(r.key_heads) * f64::from(r.key_dim);
        let channels = 2.0 * keys + inner;
        let conv = f64::from(r.conv);
        // DeltaNet: beta and decay projections, decay and its bias, a norm of one head. Mamba-2: the step size's projection,
        // decay, its bias and the skip, a norm over all heads, and a bias of the convolution.
        let (scalars, small) = match r.kind {
            RecurrentKind::GatedDeltaNet => (2.0 * values, 2.0 * values + f64::from(r.value_dim)),
            RecurrentKind::Mamba2 => (values, 3.0 * values + inner + channels),
        };
        self.add(Role::RecurrentIn, hidden * (channels + inner + scalars));
        self.add(Role::Vector, channels * conv + small);
        self.add(Role::RecurrentOut, inner * hidden);
    }
}

#[derive(Clone, Copy)]
enum Exists {
    Yes,
    No,
}

impl From<bool> for Exists {
    fn from(flag: bool) -> Self {
        if flag { Self::Yes } else { Self::No }
    }
}
