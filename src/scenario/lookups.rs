//! What expressions may ask of a point beyond its document: facts of its model and hardware after look-ups.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Combination, ExprValue, Names};
use crate::catalog::{Device, Model, ModelKind};
use crate::units::Dimension;

/// Models and devices by alias, as the document names them.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Models by alias.
    pub models: BTreeMap<String, Arc<Model>>,
    /// Devices by alias.
    pub devices: BTreeMap<String, Arc<Device>>,
}

/// The facts of one point.
pub(super) struct PointFacts<'a> {
    model: Option<&'a Model>,
    device: Option<&'a Device>,
}

impl Facts {
    /// The facts of the model and hardware that a combination chooses.
    pub fn of<'a>(&'a self, combination: &Combination<'_>) -> PointFacts<'a> {
        fn chosen<'m, T>(
            known: &'m BTreeMap<String, Arc<T>>,
            combination: &Combination<'_>,
            axis: &str,
        ) -> Option<&'m T> {
            let alias = combination.value(axis).and_then(|node| node.scalar());
            match alias {
                Some(alias) => known.get(&alias.text),
                None if known.len() == 1 => known.values().next(),
                None => None,
            }
            .map(Arc::as_ref)
        }
        PointFacts {
            model: chosen(&self.models, combination, "model"),
            device: chosen(&self.devices, combination, "hardware"),
        }
    }
}

/// Names that have a value for every catalogue entry.
const KNOWN: [&str; 18] = [
    "model.id",
    "model.layers",
    "model.hidden",
    "model.heads",
    "model.kv_heads",
    "model.head_dim",
    "model.vocab",
    "model.max_context",
    "model.params",
    "hardware.id",
    "hardware.memory",
    "hardware.memory_bandwidth",
    "hardware.tdp",
    "hardware.cores",
    "hardware.count",
    "hardware.nodes",
    "runtime.name",
    "runtime.version",
];

impl Names for PointFacts<'_> {
    fn lookup(&self, path: &str) -> Option<ExprValue> {
        match path.split_once('.')? {
            ("model", field) => model(self.model?, field),
            ("hardware", field) => device(self.device?, field),
            _ => None,
        }
    }

    fn known(&self) -> Vec<String> {
        KNOWN.map(str::to_owned).into()
    }
}

fn model(model: &Model, field: &str) -> Option<ExprValue> {
    if field == "id" {
        return Some(ExprValue::Text(model.id.clone()));
    }
    let number = match &model.kind {
        ModelKind::Transformer(transformer) => match field {
            "layers" => Some(f64::from(transformer.layers)),
            "hidden" => Some(f64::from(transformer.hidden)),
            "heads" => Some(f64::from(transformer.attention.heads)),
            "kv_heads" => Some(f64::from(transformer.attention.kv_heads)),
            "head_dim" => Some(f64::from(transformer.attention.head_dim)),
            "vocab" => Some(f64::from(transformer.vocab)),
            "max_context" => transformer.max_context.map(|tokens| tokens as f64),
            "params" => transformer.published.total_params,
            _ => None,
        },
        ModelKind::Network(network) => match field {
            "params" => network.params,
            _ => None,
        },
    };
    number.map(ExprValue::Number)
}

fn device(device: &Device, field: &str) -> Option<ExprValue> {
    let quantity = |value: f64, dimension| ExprValue::Quantity {
        value,
        dimension,
        currency: None,
    };
    match field {
        "id" => Some(ExprValue::Text(device.id.clone())),
        "memory" => device
            .memory
            .map(|size| quantity(size.get(), Dimension::Bytes)),
        "memory_bandwidth" => device
            .memory_bandwidth
            .map(|rate| quantity(rate.get(), Dimension::ByteRate)),
        "tdp" => device
            .tdp
            .map(|power| quantity(power.get(), Dimension::Power)),
        "cores" => device
            .cores
            .map(|cores| ExprValue::Number(f64::from(cores))),
        _ => None,
    }
}
