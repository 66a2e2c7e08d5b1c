//! Identity of a point: canonical JSON of what a prediction depends on, and the 12 hex digits made from it.
//!
//! Keys are sorted, numbers are in base units and as short as they read back, catalogue entries enter as their id and
//! local files as the hash of their content. Aliases, prices, objectives, questions and executors do not enter.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::identity_workload::workload;
use super::read::{self, Reader};
use super::schema::{Field, Shape};
use super::{
    DeviceShare, Draft, Hardware, Host, HostMemory, Link, ModelChoice, Node, OptionValue, Router,
    RunPoint, Runtime, System, Value, Workload, adapters, kv_offload,
};
use crate::units::BytesPerSec;

impl RunPoint {
    /// The point's identity: the first 12 hex digits of `blake3` over the canonical JSON of its inputs.
    ///
    /// Two points with equal inputs have equal ids, whatever their aliases and keys; axes that set where a point stands and how it
    /// is paid for tell points apart.
    pub fn id(&self) -> String {
        let mut text = self.canonical();
        for (axis, value) in &self.axes {
            let stands = ["region", "energy.region", "purchase", "pricing.purchase"];
            // A variable may stand in prices and places alone.
            if stands.contains(&axis.as_str()) || axis.starts_with("vars.") {
                let _ = write!(text, "\n{axis}={value}");
            }
        }
        let hash = blake3::hash(text.as_bytes()).to_hex();
        hash[..12].to_owned()
    }

    /// The canonical JSON of the point's inputs.
    pub fn canonical(&self) -> String {
        let mut json = system(&self.system);
        json["workload"] = workload(&self.workload);
        canonical(&json)
    }
}

/// The canonical JSON of a system.
pub(super) fn of_system(system: &System) -> String {
    canonical(&self::system(system))
}

/// The canonical JSON of a workload.
pub(super) fn of_workload(workload: &Workload) -> String {
    canonical(&self::workload(workload))
}

/// A number as the canonical form writes it: whole ones without a point.
pub(super) fn number(value: f64) -> Json {
    if value.fract() == 0.0 && value.abs() < 9.007_199_254_740_992e15 {
        json!(value as i64)
    } else {
        json!(value)
    }
}

/// JSON with sorted keys and no spaces.
pub(super) fn canonical(value: &Json) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Json, text: &mut String) {
    match value {
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            text.push('{');
            for (index, (key, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                let _ = write!(text, "{}:", Json::from(key.as_str()));
                write(value, text);
            }
            text.push('}');
        }
        Json::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

fn system(system: &System) -> Json {
    let parallel = system.deployment.parallel;
    let precision = system.precision;
    let mut json = json!({
        "model": model(&system.model),
        "hardware": hardware(&system.hardware),
        "precision": {
            "weights": precision.weights.name(),
            "activations": precision.activations.name(),
            "kv_cache": precision.kv_cache.name(),
            "compute": super::precision::arithmetic_name(precision.compute),
        },
        "runtime": runtime(&system.runtime),
        "deployment": {
            "tp": parallel.tp, "pp": parallel.pp, "dp": parallel.dp, "ep": parallel.ep, "cp": parallel.cp,
            "dp_attention": system.deployment.dp_attention,
            "replicas": system.deployment.replicas,
            "zero": system.deployment.zero,
            "sequence_parallel": system.deployment.sequence_parallel,
        },
        "thermal": system.thermal.map(|heat| {
            json!({"ambient": number(heat.ambient_celsius), "sustained": heat.sustained})
        }),
    });
    some_deployments(system, &mut json["deployment"]);
    json
}

/// Keys of what only some deployments have: without it identities are as they always were.
fn some_deployments(system: &System, json: &mut Json) {
    if let Some(prefill) = system.deployment.prefill {
        let parallel = prefill.parallel;
        json["prefill"] = json!({
            "tp": parallel.tp, "pp": parallel.pp, "dp": parallel.dp, "ep": parallel.ep, "cp": parallel.cp,
            "dp_attention": prefill.dp_attention,
            "replicas": prefill.replicas,
        });
    }
    if let Some(given) = &system.speculation {
        let chances: Vec<Json> = given
            .acceptance
            .iter()
            .map(|chance| number(*chance))
            .collect();
        json["speculative"] = json!({
            "draft": match &given.draft {
                Draft::Model(draft) => model(draft),
                Draft::Layers => json!("mtp"),
                Draft::LookUp => Json::Null,
            },
            "tokens": given.tokens,
            "acceptance": chances,
        });
    }
    if system.share != DeviceShare::WHOLE {
        let share = system.share;
        json["share"] = json!([number(share.memory), number(share.time)]);
    }
    if let Some(given) = &system.kv_offload {
        let (of, size) = match given.memory {
            HostMemory::OfEngine(bytes) => ("engine", bytes.get()),
            HostMemory::OfDevice(bytes) => ("device", bytes.get()),
            HostMemory::TimesCache(times) => ("cache", times),
        };
        json["kv_offload"] = json!({
            "of": of,
            "size": number(size),
            "holds": kv_offload::holds_name(given.holds),
            "kept": kv_offload::kept_name(given.kept),
        });
    }
    if let Some(given) = &system.adapters {
        json["lora"] = json!({
            "adapters": given.adapters,
            "rank": given.rank,
            "max_loras": given.max_loras,
            "targets": adapters::name(given.targets),
        });
    }
    let router = system.deployment.router;
    if router != Router::default() {
        let name = Router::NAMES.iter().find(|(_, known)| *known == router);
        json["router"] = json!(name.map(|(name, _)| name));
    }
}

fn model(model: &ModelChoice) -> Json {
    json!({
        "source": model.identity,
        "weights_bytes": model.weights_bytes.map(|bytes| number(bytes.get())),
        "max_context": model.max_context,
    })
}

fn hardware(hardware: &Hardware) -> Json {
    let link = |link: &Option<Link>| link.as_ref().map(|link| number(link.bandwidth.get()));
    json!({
        "source": hardware.identity,
        "count": hardware.count,
        "nodes": hardware.nodes,
        "intra": link(&hardware.interconnect.intra),
        "inter": link(&hardware.interconnect.inter),
        "rails": hardware.interconnect.rails,
        "host": hardware.host.as_ref().map(host),
        "power_limit": hardware.power_limit.map(|limit| number(limit.get())),
        "power_mode": hardware.power_mode,
    })
}

fn host(host: &Host) -> Json {
    let rate = |rate: Option<BytesPerSec>| rate.map(|rate| number(rate.get()));
    json!({
        "cpu": host.cpu.as_ref().map(|cpu| cpu.id.as_str()),
        "threads": host.threads,
        "memory": host.memory_size.map(|size| number(size.get())),
        "memory_bandwidth": rate(host.memory_bandwidth),
        "link": rate(host.link),
        "storage": host.storage.as_ref().map(|disk| json!({
            "kind": disk.kind,
            "read": rate(disk.read),
            "size": disk.size.map(|size| number(size.get())),
        })),
    })
}

fn runtime(runtime: &Runtime) -> Json {
    let options: serde_json::Map<String, Json> = runtime
        .options
        .iter()
        .map(|(name, value)| {
            let value = match value {
                OptionValue::Bool(value) => json!(value),
                OptionValue::Int(value) => json!(value),
                OptionValue::Float(value) => number(*value),
                OptionValue::Text(value) => json!(value),
            };
            (name.clone(), value)
        })
        .collect();
    json!({"name": runtime.name.name(), "version": runtime.version, "options": options})
}

/// A tree as canonical JSON: scalars by YAML's core types.
pub(super) fn canonical_node(node: &Node) -> String {
    canonical(&plain(node))
}

fn plain(node: &Node) -> Json {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .map(|entry| (entry.key.clone(), plain(&entry.node)))
            .collect(),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Scalar(_) if node.is_null() => Json::Null,
        Value::Scalar(scalar) if scalar.quoted => json!(scalar.text),
        Value::Scalar(scalar) => read::boolean(&scalar.text)
            .map(Json::from)
            .or_else(|| read::number(&scalar.text).map(number))
            .unwrap_or_else(|| json!(scalar.text)),
    }
}

/// A tree as JSON by the table: quantities in base units, counts and shares as numbers, so that `4Mtok` and `4000k` agree.
pub(super) fn by_shape(node: &Node, shape: &'static Shape) -> Json {
    let mut reader = Reader::default();
    let read = match shape {
        Shape::Map(map) => return fields(node, map.fields.iter()),
        Shape::Tagged(tagged) => {
            let tag = node
                .get(tagged.tag)
                .and_then(Node::scalar)
                .map_or("", |tag| tag.text.as_str());
            let case = tagged.case(tag).map_or(&[][..], |case| case.fields);
            return fields(node, case.iter().chain(tagged.common));
        }
        Shape::List(item) => {
            return node
                .items()
                .iter()
                .map(|node| by_shape(node, item))
                .collect();
        }
        Shape::Named(_, inner) => return by_shape(node, inner),
        Shape::Either(shapes) => return either(node, shapes),
        Shape::Quantity(dimension) => reader.amount(node, *dimension).map(number),
        Shape::Count(least) => reader.count(node, *least).map(Json::from),
        Shape::Share => reader.share(node).map(number),
        Shape::Names(_)
        | Shape::Runtime
        | Shape::Text
        | Shape::Path
        | Shape::Date
        | Shape::Bool
        | Shape::Number
        | Shape::Choice(_)
        | Shape::Scalar
        | Shape::Any => None,
    };
    read.unwrap_or_else(|| plain(node))
}

fn either(node: &Node, shapes: &'static [&'static Shape]) -> Json {
    shapes
        .iter()
        .copied()
        .find(|shape| shape.fits(node))
        .map_or_else(|| plain(node), |shape| by_shape(node, shape))
}

fn fields(node: &Node, known: impl Iterator<Item = &'static Field>) -> Json {
    let shapes: std::collections::BTreeMap<&str, &'static Shape> =
        known.map(|field| (field.key, field.shape)).collect();
    node.entries()
        .iter()
        .map(|entry| {
            let value = shapes
                .get(entry.key.as_str())
                .map_or_else(|| plain(&entry.node), |shape| by_shape(&entry.node, shape));
            (entry.key.clone(), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_numbers_short() {
        let value = json!({"b": number(2.0), "a": {"z": number(0.5), "y": [true, null]}});
        assert_eq!(
            canonical(&value),
            r#"{"a":{"y":[true,null],"z":0.5},"b":2}"#
        );
    }
}
