//! Variants of a model: what changes, and a system with the change made.

use std::sync::Arc;

use super::point::{ModelChoice, System};
use crate::catalog::{
    Attention, Experts, Mlp, Model, ModelKind, Precision, Published, Transformer, TransformerKind,
};

/// A variant of the model of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Its name in tables.
    pub name: String,
    /// Other number formats, with their name; `None`: those of the point.
    pub precision: Option<(Precision, String)>,
    /// Another model; `None`: that of the point.
    pub model: Option<VariantModel>,
    /// A score that the user states; quality is never predicted.
    pub quality: Option<Quality>,
}

/// What becomes of a model.
#[derive(Debug, Clone, PartialEq)]
pub enum VariantModel {
    /// Shares of it are cut away.
    Pruned {
        /// Share of the layers that goes.
        layers: f64,
        /// Share of the inner width of feed-forward networks, experts included, that goes.
        ffn: f64,
    },
    /// Another model, with its alias.
    Other(String, ModelChoice),
    /// The same kind of model in other dimensions.
    Shaped(Dimensions),
}

/// Dimensions of a smaller model; what is absent stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dimensions {
    /// Layers.
    pub layers: Option<u32>,
    /// Width of the residual stream.
    pub hidden: Option<u32>,
    /// Query heads.
    pub heads: Option<u32>,
    /// Key and value heads.
    pub kv_heads: Option<u32>,
    /// Inner width of feed-forward networks.
    pub ffn: Option<u32>,
}

/// A stated score.
#[derive(Debug, Clone, PartialEq)]
pub struct Quality {
    /// The number.
    pub score: f64,
    /// What was measured, `MMLU`.
    pub metric: String,
    /// Where it was measured or read.
    pub source: String,
}

impl Variant {
    /// What it changes, in words; empty where it changes nothing and states a score of the point alone.
    pub fn about(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Some((_, name)) = &self.precision {
            parts.push(format!("weights in {name}"));
        }
        match &self.model {
            None => {}
            Some(VariantModel::Pruned { layers, ffn }) => {
                let cut = |share: f64| crate::units::percent(share, 2);
                if *layers > 0.0 {
                    parts.push(format!("{} of the layers cut", cut(*layers)));
                }
                if *ffn > 0.0 {
                    parts.push(format!("{} of the feed-forward width cut", cut(*ffn)));
                }
            }
            Some(VariantModel::Other(alias, _)) => parts.push(format!("{alias} instead")),
            Some(VariantModel::Shaped(_)) => parts.push("smaller dimensions".to_owned()),
        }
        parts.join(", ")
    }

    /// The system with this change made.
    ///
    /// Weights that were stated or read in bytes are those of the model as it is, so a variant counts its own.
    ///
    /// # Errors
    ///
    /// In words, where the model has no such parts, or they do not divide over the devices.
    pub fn applied(&self, system: &System) -> Result<System, String> {
        let mut system = system.clone();
        if let Some((precision, name)) = &self.precision {
            system.precision = *precision;
            system.precision_name.clone_from(name);
            system.model.weights_bytes = None;
        }
        match &self.model {
            None => {}
            Some(VariantModel::Other(alias, choice)) => {
                system.model_alias.clone_from(alias);
                system.model = choice.clone();
                if self.precision.is_some() {
                    system.model.weights_bytes = None;
                }
            }
            Some(VariantModel::Pruned { layers, ffn }) => {
                let tp = system.deployment.parallel.tp.max(1);
                self.change(&mut system, |model| pruned(model, (*layers, *ffn), tp))?;
            }
            Some(VariantModel::Shaped(dimensions)) => {
                self.change(&mut system, |model| shaped(model, *dimensions))?;
            }
        }
        divides(&system)?;
        Ok(system)
    }

    fn change(
        &self,
        system: &mut System,
        change: impl FnOnce(&mut Transformer) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut model: Model = (*system.model.model).clone();
        let ModelKind::Transformer(transformer) = &mut model.kind else {
            return Err("only transformers can be changed".to_owned());
        };
        change(transformer)?;
        // What the maker publishes is the size of the model as it is.
        transformer.published = Published::default();
        model.id = format!("{}~{}", model.id, self.name);
        let hash = blake3::hash(format!("{model:?}").as_bytes()).to_hex();
        system.model.identity = format!("{}~{}", system.model.identity, &hash[..12]);
        system.model.model = Arc::new(model);
        system.model.weights_bytes = None;
        Ok(())
    }
}

/// So much of a count as is left of it, at least one.
fn left(count: u32, share: f64) -> u32 {
    (libm::round(f64::from(count) * (1.0 - share)) as u32).max(1)
}

/// So much of a width as is left of it, in whole parts for every device.
fn narrowed(width: u32, share: f64, tp: u32) -> u32 {
    if width == 0 {
        return 0;
    }
    let kept = f64::from(width) * (1.0 - share);
    ((kept / f64::from(tp)) as u32).max(1) * tp
}

fn pruned(model: &mut Transformer, (layers, ffn): (f64, f64), tp: u32) -> Result<(), String> {
    if layers > 0.0 {
        if model.recurrent.is_some() {
            return Err("layers of two kinds cannot be cut by a share".to_owned());
        }
        model.layers = left(model.layers, layers);
        if let TransformerKind::EncoderDecoder { decoder_layers } = &mut model.kind {
            *decoder_layers = left(*decoder_layers, layers);
        }
        if let Some(experts) = &mut model.experts {
            experts.first_dense = experts.first_dense.min(model.layers.saturating_sub(1));
            let behind = model.layers - experts.first_dense;
            experts.layers = behind.div_ceil(experts.layer_step.max(1));
        }
    }
    if ffn > 0.0 {
        let cut = |width: u32| narrowed(width, ffn, tp);
        let Mlp { inner, .. } = &mut model.mlp;
        *inner = cut(*inner);
        if let Some(Experts {
            inner,
            shared_inner,
            ..
        }) = &mut model.experts
        {
            *inner = cut(*inner);
            *shared_inner = cut(*shared_inner);
        }
    }
    Ok(())
}

fn shaped(model: &mut Transformer, wanted: Dimensions) -> Result<(), String> {
    if wanted.layers.is_some() && (model.recurrent.is_some() || model.experts.is_some()) {
        return Err("layers of several kinds cannot be counted anew".to_owned());
    }
    let set = |own: &mut u32, wanted: Option<u32>| *own = wanted.unwrap_or(*own);
    set(&mut model.layers, wanted.layers);
    set(&mut model.hidden, wanted.hidden);
    set(&mut model.mlp.inner, wanted.ffn);
    let Attention {
        heads, kv_heads, ..
    } = &mut model.attention;
    set(heads, wanted.heads);
    set(kv_heads, wanted.kv_heads);
    if *kv_heads > *heads || !heads.is_multiple_of(*kv_heads) {
        return Err(format!("{heads} heads do not share {kv_heads} of keys"));
    }
    Ok(())
}

/// Heads and layers divide over the devices of the deployment as it is.
fn divides(system: &System) -> Result<(), String> {
    let ModelKind::Transformer(model) = &system.model.model.kind else {
        return Ok(());
    };
    let parallel = system.deployment.parallel;
    let heads = model.attention.heads;
    if !heads.is_multiple_of(parallel.tp.max(1)) {
        return Err(format!(
            "{heads} heads do not divide over tp {}",
            parallel.tp
        ));
    }
    if !model.layers.is_multiple_of(parallel.pp.max(1)) {
        let layers = model.layers;
        return Err(format!(
            "{layers} layers do not divide over pp {}",
            parallel.pp
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_less_is_three_quarters_in_whole_parts() {
        assert_eq!(left(32, 0.25), 24);
        assert_eq!(left(1, 0.9), 1);
        assert_eq!(narrowed(14_336, 0.3, 8), 10_032);
        assert_eq!(narrowed(0, 0.3, 8), 0);
    }
}
